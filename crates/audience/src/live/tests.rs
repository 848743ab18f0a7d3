//! A shop that lives under a seed: rows late and ahead, merges, erasures, definitions, restarts.

use columnar::{Columns, Manifest, Options, Snapshot};
use model::{CustomerId, Instant, Lane, Row, stream};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::condition::Condition;
use crate::context::{Audiences, Context};
use crate::differential::happenings;
use crate::many;
use crate::strategies::Names;

const START: Instant = Names::TAME.as_of;
const NAMES: [&str; 3] = ["vip", "gold", "own"];

#[derive(Debug, Clone)]
enum Step {
    /// So much later, these rows come, each dated so much after the moment it comes.
    Rows(i64, Vec<(CustomerId, i64, (Text, model::Properties))>),
    /// So much time passes.
    Pass(i64),
    Define(usize, Box<Condition>),
    Remove(usize),
    Zone(Text),
    /// What waits begins to be counted beside.
    Begin,
    /// What was counted is brought back.
    Bring,
    /// So many of those of whom something came meanwhile are asked.
    CatchUp(usize),
    /// What began to be counted comes into force: when the counting is over, or before, as when the journal is folded again.
    Counted {
        over: bool,
    },
    Merge(CustomerId, CustomerId),
    Unmerge(usize),
    Erase(CustomerId),
    /// Events from so much before now are forgotten.
    Forget(i64),
    /// Everything is kept, closed and opened again.
    Restart,
}

fn customers() -> impl Strategy<Value = CustomerId> {
    (0..2_usize, 0..3_u32).prop_map(|(lane, number)| CustomerId::new(Lane::new(lane), number * 70))
}

/// Milliseconds, often those on which windows begin and end.
fn spans() -> BoxedStrategy<i64> {
    let hours = (0..60_i64).prop_map(|hours| hours * Instant::HOUR_MS);
    let days = (0..40_i64).prop_map(|days| days * Instant::DAY_MS);
    prop_oneof![3 => 0..3_i64, 2 => 0..100_000_i64, 3 => hours, 2 => days].boxed()
}

fn steps() -> impl Strategy<Value = Step> {
    let dated = prop_oneof![5 => Just(0), 3 => spans().prop_map(|ms| -ms), 1 => 0..86_400_000_i64];
    let rows = vec((customers(), dated, happenings()), 1..6);
    prop_oneof![
        12 => (spans(), rows).prop_map(|(ms, rows)| Step::Rows(ms, rows)),
        5 => spans().prop_map(Step::Pass),
        3 => (0..NAMES.len(), Names::TAME.condition()).prop_map(|(name, condition)| Step::Define(name, Box::new(condition))),
        1 => (0..NAMES.len()).prop_map(Step::Remove),
        1 => proptest::sample::select(&["UTC", "Asia/Tokyo", "America/New_York"][..]).prop_map(|zone| Step::Zone(zone.into())),
        3 => Just(Step::Begin),
        2 => Just(Step::Bring),
        2 => (0..3_usize).prop_map(Step::CatchUp),
        4 => proptest::bool::weighted(0.8).prop_map(|over| Step::Counted { over }),
        2 => (customers(), customers()).prop_map(|(from, to)| Step::Merge(from, to)),
        1 => (0..9_usize).prop_map(Step::Unmerge),
        1 => customers().prop_map(Step::Erase),
        1 => spans().prop_map(Step::Forget),
        2 => Just(Step::Restart),
    ]
}

/// Conditions of which a customer can be far from what would change them, so that most rows are not looked at.
const FAR: [&str; 10] = [
    r#"did "a" at least 4 times in last 2 days"#,
    r#"did "a" where x > 0 at least 3 times"#,
    r#"did "a" at most 3 times in last 2 days"#,
    r#"did "a" exactly 4 times in last 1 day"#,
    r#"did "a" between 3 and 5 times in last 2 days"#,
    r#"did "a" with sum of x >= 12 in last 2 days"#,
    r#"did "a" with sum of x < 12 in last 2 days"#,
    r#"did "a" with sum of x = 12"#,
    r#"mostly x of "a" = 4 in last 2 days"#,
    r#"usual hour of "a" between 0 and 5 in last 9 days"#,
];

/// One customer does the same often; now and then time passes, or somebody else's rows come or go.
fn often() -> impl Strategy<Value = Step> {
    let (one, other) = (CustomerId::from_number(0), CustomerId::from_number(16));
    let happening = (-2..7_i64).prop_map(|x| {
        let mut properties = model::Properties::new();
        properties.insert("x", x.min(4));
        (stream::event("a"), properties)
    });
    let who = prop_oneof![6 => Just(one), 1 => Just(other)];
    let dated = prop_oneof![6 => Just(0), 1 => spans().prop_map(|ms| -ms), 1 => 0..86_400_000_i64];
    prop_oneof![
        12 => (0..10_000_000_i64, vec((who, dated, happening), 1..4)).prop_map(|(ms, rows)| Step::Rows(ms, rows)),
        2 => spans().prop_map(Step::Pass),
        1 => Just(Step::Merge(other, one)),
        1 => (0..2_usize).prop_map(Step::Unmerge),
        1 => Just(Step::Restart),
    ]
}

fn options() -> Options {
    Options { ages: |name| stream::event_name(name).is_some(), ..Options::default() }
}

/// A house with columns and live audiences, whose owner does what the server's fold does.
struct House {
    dir: tempfile::TempDir,
    columns: Columns,
    live: Live,
    /// What is being counted, and for how many edits.
    counting: Option<Counting>,
    begun: usize,
    merges: Vec<(CustomerId, CustomerId)>,
    /// Everything that live audiences ever said.
    said: Vec<Row>,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut columns = Columns::open(dir.path(), &Manifest::default(), options()).unwrap();
        let live = Live::open(&Kept { at: START, ..Kept::default() }, Vec::new(), &mut columns);
        Self { dir, columns, live, counting: None, begun: 0, merges: Vec::new(), said: Vec::new() }
    }

    fn step(&mut self, step: &Step) {
        let now = self.live.at();
        match step {
            Step::Rows(ms, rows) => self.rows(now.plus_ms(*ms), rows),
            Step::Pass(ms) => self.decide(now.plus_ms(*ms), Change::Passed),
            Step::Define(name, condition) => {
                let condition = condition.to_string().into();
                self.decide(now, Change::Defined { name: NAMES[*name].into(), condition });
            }
            Step::Remove(name) => self.decide(now, Change::Removed { name: NAMES[*name].into() }),
            Step::Zone(zone) => self.decide(now, Change::Zone { zone: zone.clone() }),
            Step::Begin => self.begin(),
            Step::Bring => self.bring(),
            Step::CatchUp(customers) => drop(self.live.catch_up(*customers, &mut self.columns)),
            Step::Counted { over } => self.counted(*over),
            Step::Merge(from, to) => self.merge(*from, *to),
            Step::Unmerge(index) => self.unmerge(*index),
            Step::Erase(customer) => {
                if let Some(owner) = self.columns.present_owner(*customer) {
                    self.columns.hide(owner);
                    self.live.erased(owner);
                    self.settle();
                }
            }
            Step::Forget(ms) => {
                let before = now.plus_ms(-ms);
                self.columns.forget(before);
                let rows = self.live.forgot(before, &mut self.columns);
                self.say(rows);
            }
            Step::Restart => self.restart(),
        }
    }

    fn say(&mut self, rows: Vec<Row>) {
        self.said.extend(rows.iter().cloned());
        self.columns.append(rows);
    }

    fn decide(&mut self, at: Instant, change: Change) {
        let rows = self.live.take(&Record { at, change }, &mut self.columns);
        self.say(rows);
    }

    fn begin(&mut self) {
        if self.begun == 0 {
            self.begun = self.live.waiting().len();
            self.counting = self.live.begin(&mut self.columns);
        }
    }

    fn bring(&mut self) {
        if let Some(counting) = self.counting.take() {
            self.live.bring(counting.run());
        }
    }

    fn counted(&mut self, over: bool) {
        if self.begun == 0 {
            return;
        }
        let together = round::first_in_force(&self.live.waiting()[..self.begun]);
        self.begun -= together;
        let edits = u32::try_from(together).unwrap();
        if over {
            self.bring();
            let decided = std::iter::from_fn(|| {
                let decided = self.live.catch_up(1, &mut self.columns);
                (decided.is_some() || self.live.is_behind()).then_some(decided)
            });
            // After a restart nothing is being counted, and nothing is decided anew.
            let decided = decided.flatten().next();
            assert!(decided.is_none_or(|decided| decided == Change::Counted { edits }));
        }
        self.decide(self.live.at(), Change::Counted { edits });
        if !over {
            self.counting = None;
        }
    }

    /// Everything that waits comes into force.
    fn settle_edits(&mut self) {
        self.begin();
        while self.begun > 0 {
            self.counted(true);
        }
    }

    fn rows(&mut self, now: Instant, rows: &[(CustomerId, i64, (Text, model::Properties))]) {
        let passed = self.live.advance(now, &mut self.columns);
        self.say(passed);
        for (customer, ms, (stream, properties)) in rows {
            let (stream, properties) = (stream.clone(), properties.clone());
            let row = Row { customer: *customer, at: now.plus_ms(*ms), stream, properties };
            self.live.note(&row, &self.columns);
            self.columns.append([row]);
        }
        self.settle();
    }

    fn settle(&mut self) {
        let rows = self.live.settle(&mut self.columns);
        self.say(rows);
    }

    fn merge(&mut self, from: CustomerId, to: CustomerId) {
        let roots = self.columns.present_owner(from).is_some_and(|owner| owner == from)
            && self.columns.present_owner(to).is_some_and(|owner| owner == to);
        if roots && self.columns.move_rows(from, to).is_ok() {
            self.live.merged(from, to);
            self.merges.push((from, to));
            self.settle();
        }
    }

    fn unmerge(&mut self, index: usize) {
        if self.merges.is_empty() {
            return;
        }
        let (from, to) = self.merges.swap_remove(index % self.merges.len());
        if self.columns.present_owner(to).is_some() && self.columns.undo_move(from, to).is_ok() {
            self.live.unmerged(from, to);
            self.settle();
        }
    }

    fn restart(&mut self) {
        let (manifest, kept) = (self.columns.seal().unwrap(), self.live.kept());
        let waiting = self.live.waiting().to_vec();
        self.columns = Columns::open(self.dir.path(), &manifest, options()).unwrap();
        self.live = Live::open(&kept, waiting, &mut self.columns);
        self.counting = None;
    }

    /// Who the columns say is in an audience at an instant.
    fn truth(&self, name: &str, snapshot: &Snapshot, as_of: Instant) -> Option<CustomerSet> {
        let named = self.live.plan.audiences.values();
        let named: Audiences =
            named.map(|it| (it.kept.name.clone(), it.condition.clone().unwrap())).collect();
        let context = Context { as_of, zone: self.live.plan.time_zone(), audiences: &named };
        many::evaluate(&Condition::Member { audience: name.into() }, snapshot, &context).ok()
    }

    /// Live audiences are what the columns say: now, and at every instant since `since`, in which nothing came.
    fn check(&mut self, since: Option<Instant>) {
        let snapshot = self.columns.snapshot();
        let now = self.live.at();
        for name in NAMES {
            let truth = self.truth(name, &snapshot, now);
            let followed = self.live.audiences.iter().find(|audience| audience.name == name);
            assert_eq!(followed.map(|it| &it.members), truth.as_ref(), "{name} at {now}");
            let shown = self.live.standing(name).map(|it| it.members);
            let is_shown = self.live.counted_percent(name).is_none();
            assert_eq!(shown, truth.as_ref().filter(|_| is_shown).map(CustomerSet::len));
            let Some(truth) = truth else { continue };
            let told = |as_of| {
                let rows = snapshot.stream(&stream::audience(name));
                rows.map(|rows| history::members(rows, as_of)).unwrap_or_default()
            };
            assert_eq!(told(now), truth, "{name} as told at {now}");
            for share in (1..16).filter(|_| since.is_some()) {
                let since = since.unwrap_or(now);
                let then = since.plus_ms(now.since_ms(since) * share / 16);
                assert_eq!(Some(told(then)), self.truth(name, &snapshot, then), "{name} as told at {then}");
            }
        }
    }
}

fn begin() -> Vec<Step> {
    let gold = r#"did "a" in last 2 days and not member of "own""#.parse().unwrap();
    let own = r#"did "b" at least 2 times or trait x is set"#.parse().unwrap();
    let (gold, own) = (Box::new(gold), Box::new(own));
    let counted = Step::Counted { over: true };
    vec![Step::Define(1, gold), Step::Define(2, own), Step::Begin, counted.clone(), counted]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn live_is_what_the_columns_say(steps in vec(steps(), 1..30)) {
        let mut house = House::new();
        for step in begin().iter().chain(&steps) {
            let before = house.live.at();
            house.step(step);
            let passed = matches!(step, Step::Pass(_)).then_some(before);
            house.check(passed);
        }
    }

    #[test]
    fn who_is_far_from_a_change_is_asked_when_it_comes(far in 0..FAR.len(), steps in vec(often(), 1..24)) {
        let mut house = House::new();
        house.step(&Step::Define(0, Box::new(FAR[far].parse().unwrap())));
        house.settle_edits();
        for step in &steps {
            let before = house.live.at();
            house.step(step);
            house.check(matches!(step, Step::Pass(_)).then_some(before));
        }
    }

    #[test]
    fn the_same_rows_are_told_however_often_it_was_restarted(steps in vec(steps(), 1..30)) {
        let (mut restarted, mut other) = (House::new(), House::new());
        for step in begin().iter().chain(&steps) {
            restarted.step(step);
            if !matches!(step, Step::Restart) {
                other.step(step);
            }
        }
        prop_assert_eq!(restarted.said, other.said);
    }
}

/// With `vip` and `gold` defined so, and after these steps, a customer does all this in one entry of the journal; which
/// audiences they enter, and why.
fn reasons((vip, gold): (&str, &str), steps: &[Step], events: &[&str]) -> Vec<String> {
    let mut house = House::new();
    for (name, condition) in [vip, gold].into_iter().enumerate() {
        house.step(&Step::Define(name, Box::new(condition.parse().unwrap())));
    }
    house.settle_edits();
    steps.iter().for_each(|step| house.step(step));
    let row =
        |event: &&str| (CustomerId::from_number(0), 0, (stream::event(event), model::Properties::new()));
    house.step(&Step::Rows(1, events.iter().map(row).collect()));
    let told = |row: &Row| {
        let because = row.properties.get(stream::BECAUSE).and_then(Value::text).unwrap_or_default();
        format!("{} because {because}", row.stream)
    };
    house.said.iter().map(told).collect()
}

#[test]
fn an_entry_names_what_in_the_condition_became_so() {
    assert_eq!(
        reasons((r#"did "buy""#, r#"did "look""#), &[], &["look", "buy"]),
        ["audience:gold because event:look", "audience:vip because event:buy"]
    );
}

#[test]
fn who_is_new_enters_what_holds_of_whoever_did_nothing() {
    assert_eq!(
        reasons((r#"did not "leave""#, r#"did "look" and did not "leave""#), &[], &["look"]),
        ["audience:gold because event:look", "audience:vip because "]
    );
}

#[test]
fn of_several_reasons_the_same_is_named_after_a_restart() {
    let conditions = (r#"did "buy""#, r#"did "look" or did "buy""#);
    for steps in [&[][..], &[Step::Restart]] {
        assert_eq!(
            reasons(conditions, steps, &["look", "buy"]),
            ["audience:gold because event:buy", "audience:vip because event:buy"]
        );
    }
}
