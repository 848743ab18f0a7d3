//! What a hundred live audiences cost the fold: `cargo run --release -p bench --bin live -- 2` for two million events.
//!
//! The same events go twice through what the fold does with an entry of the journal (people, live audiences, columns,
//! a snapshot a quarter of a second, a seal every quarter of a million rows): without and with the audiences. One thread, the
//! server's allocator; times are processor time.
//!
//! The first half of the events, 180 days, is there before. The second half comes once as fast as it is wanted, 50,000 for each
//! second of its own time; and once in its own time, which is months in seconds: then most of the work is what the passing
//! of time does. The audiences are defined over the first half of the events and counted on a second thread
//! while events go on; the longest that one entry took meanwhile is told by the clock on the wall.
#![expect(clippy::print_stdout, reason = "the table is the product")]

use std::time::{Duration, Instant};

use audience::live::{Change, Kept, Live, Record};
use bench::generate::{CATEGORIES, Events, NAMES, START};
use columnar::{Columns, Manifest, Options, Snapshot};
use model::{Fact, FactId, Identifier, Row, SourceId, TraitChange, TraitOperation, What, stream};
use people::People;
use state::Store;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events of one request, or of a group of requests that came together.
const ENTRY: usize = 50;
/// How many events are wanted for each millisecond of their own time.
const EVENTS_A_MS: usize = 50;
/// What comes in a quarter of a second then: questions get a new snapshot.
const SNAPSHOT: usize = 250 * EVENTS_A_MS;
/// The fold makes a checkpoint then.
const SEAL: usize = 250_000;
/// So many customers of whom something came while it was counted are asked anew between two entries.
const CAUGHT_UP: usize = 200;
/// How many customers there are.
const CUSTOMERS: u64 = 200_000;

fn main() -> anyhow::Result<()> {
    let millions: u64 = std::env::args().nth(1).map_or(Ok(2), |text| text.parse())?;
    let audiences = audiences();
    println!(
        "{millions} million events, {CUSTOMERS} customers, entries of {ENTRY}, {} audiences",
        audiences.len()
    );
    let without = run(millions, &[], Pace::Wanted)?;
    let with = run(millions, &audiences, Pace::Wanted)?;
    let months = run(millions, &audiences, Pace::OwnTime)?;
    for (what, run) in [("without", &without), ("with", &with), ("with, months in seconds", &months)] {
        let events = run.events as f64;
        println!(
            "{what:<24} {:>9.0} events/s {:>7.0} ns/event {:>9} entered or left",
            events / run.took.as_secs_f64(),
            run.took.as_secs_f64() * 1e9 / events,
            run.told
        );
    }
    println!(
        "counted beside in {:.1} s, longest entry meanwhile {:.1} ms, in force in {:.1} ms at most, found again in {:.1} s",
        with.defined.counted.as_secs_f64(),
        with.defined.longest.as_secs_f64() * 1e3,
        with.defined.in_force.as_secs_f64() * 1e3,
        with.opened.as_secs_f64()
    );
    Ok(())
}

/// How fast the second half of the events comes.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    /// [`EVENTS_A_MS`].
    Wanted,
    /// As they are dated.
    OwnTime,
}

impl Pace {
    /// Dates facts anew, from the first of them on.
    fn date(self, facts: impl Iterator<Item = Fact>) -> impl Iterator<Item = Fact> {
        let mut first = None;
        facts.enumerate().map(move |(number, fact)| {
            let first = *first.get_or_insert(fact.at);
            let at = match self {
                Self::Wanted => first.plus_ms((number / EVENTS_A_MS) as i64),
                Self::OwnTime => fact.at,
            };
            Fact { at, received_at: at.plus_ms(200), ..fact }
        })
    }
}

/// What a run took.
struct Run {
    took: Duration,
    /// How many events it took in meanwhile: those that came while audiences were counted are not among them.
    events: usize,
    /// How many entered or left, audience by audience.
    told: usize,
    /// What it took to define the audiences over half of the events.
    defined: Defined,
    /// How long it took to find everything again at the end, as a restart does.
    opened: Duration,
}

/// What it takes to define audiences while events come.
#[derive(Default)]
struct Defined {
    /// From the definition until everybody is counted.
    counted: Duration,
    /// The longest that one entry took meanwhile, with what is done between two entries.
    longest: Duration,
    /// The longest that an entry took which put one of them into force.
    in_force: Duration,
}

/// The first half of the events is there already; the audiences are defined; the second half is measured.
fn run(millions: u64, audiences: &[(String, String)], pace: Pace) -> anyhow::Result<Run> {
    let dir = tempfile::tempdir()?;
    let mut fold = Fold::open(dir.path())?;
    let events = millions * 1_000_000;
    let mut facts = Events::new(2 * events, CUSTOMERS).enumerate().map(|(number, row)| fact(number, row));
    fold.take(facts.by_ref().take(usize::try_from(events)?))?;
    let mut facts = pace.date(facts);
    let defined = fold.define(audiences, &mut facts)?;
    fold.told = 0;
    let mut taken = 0;
    let took = fold.take(facts.inspect(|_| taken += 1))?;
    let kept: Kept = fold.live.kept();
    let before = cpu();
    let found = Live::open(&kept, Vec::new(), &mut fold.columns);
    let opened = cpu() - before;
    for (name, _) in audiences {
        anyhow::ensure!(
            found.members(name) == fold.live.members(name),
            "`{name}` is not what the columns say"
        );
    }
    Ok(Run { took, events: taken, told: fold.told, defined, opened })
}

/// What the fold owns, and what it does with an entry.
struct Fold {
    people: People,
    columns: Columns,
    live: Live,
    snapshot: Snapshot,
    told: usize,
    /// Keeps the tables that people live in.
    _store: Store,
}

impl Fold {
    fn open(dir: &std::path::Path) -> anyhow::Result<Self> {
        let mut store = Store::open(&dir.join("state"), state::Options::default())?;
        let mut columns = Columns::open(dir.join("parts"), &Manifest::default(), Options::default())?;
        let live = Live::open(&Kept { at: START, ..Kept::default() }, Vec::new(), &mut columns);
        let snapshot = columns.snapshot();
        Ok(Self { people: People::open(&mut store)?, columns, live, snapshot, told: 0, _store: store })
    }

    /// Takes facts in entries; how long it took, without making them.
    fn take(&mut self, facts: impl Iterator<Item = Fact>) -> anyhow::Result<Duration> {
        let (mut took, mut facts, mut snapshot, mut seal) = (Duration::ZERO, facts.peekable(), 0, 0);
        while facts.peek().is_some() {
            let chunk: Vec<Fact> = facts.by_ref().take(SNAPSHOT).collect();
            (snapshot, seal) = (snapshot + chunk.len(), seal + chunk.len());
            let before = cpu();
            for entry in chunk.chunks(ENTRY) {
                self.entry(entry)?;
            }
            self.snapshot = self.columns.snapshot();
            if seal >= SEAL {
                let manifest = self.columns.seal()?;
                while let Some(plan) = self.columns.plan_compaction() {
                    self.columns.adopt(plan.run()?);
                }
                self.columns.sweep(&manifest);
                seal = 0;
            }
            took += cpu() - before;
        }
        Ok(took)
    }

    /// Defines audiences, and takes facts until they are in force.
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever waits for an entry waits by the clock on the wall"
    )]
    fn define(
        &mut self,
        audiences: &[(String, String)],
        facts: &mut impl Iterator<Item = Fact>,
    ) -> anyhow::Result<Defined> {
        let (began, mut defined) = (Instant::now(), Defined::default());
        for (name, condition) in audiences {
            self.decide(Change::Defined { name: name.as_str().into(), condition: condition.as_str().into() });
        }
        let Some(counting) = self.live.begin(&mut self.columns) else { return Ok(defined) };
        let mut counting = Some(std::thread::spawn(move || counting.run()));
        loop {
            let entry: Vec<Fact> = facts.by_ref().take(ENTRY).collect();
            let before = Instant::now();
            self.entry(&entry)?;
            if let Some(counted) = counting.take_if(|counting| counting.is_finished()) {
                let counted = counted.join().map_err(|_| anyhow::anyhow!("the counting panicked"))?;
                self.live.bring(counted);
            }
            let decided = self.live.catch_up(CAUGHT_UP, &mut self.columns);
            defined.longest = defined.longest.max(before.elapsed());
            if let Some(change) = decided {
                defined.counted = began.elapsed();
                let before = Instant::now();
                self.decide(change);
                defined.in_force = defined.in_force.max(before.elapsed());
                if self.live.waiting().is_empty() {
                    return Ok(defined);
                }
            }
        }
    }

    fn decide(&mut self, change: Change) {
        let rows = self.live.take(&Record { at: self.live.at(), change }, &mut self.columns);
        self.say(rows);
    }

    fn entry(&mut self, facts: &[Fact]) -> anyhow::Result<()> {
        if let Some(heard) = facts.iter().map(|fact| fact.received_at).max() {
            let rows = self.live.advance(heard, &mut self.columns);
            self.say(rows);
        }
        for fact in facts {
            let folded = self.people.fold(fact)?;
            folded.rows.iter().for_each(|row| self.live.note(row, &self.columns));
            self.columns.append(folded.rows);
        }
        let rows = self.live.settle(&mut self.columns);
        self.say(rows);
        Ok(())
    }

    fn say(&mut self, rows: Vec<Row>) {
        self.told += rows.len();
        self.columns.append(rows);
    }
}

/// The event of a row as a fact; every thirtieth says a trait as well.
fn fact(number: usize, row: Row) -> Fact {
    const COUNTRIES: [&str; 4] = ["JP", "US", "DE", "TW"];
    let name = stream::event_name(&row.stream).unwrap_or_default().into();
    let user = row.customer.number();
    let mut what = vec![What::Did { name, properties: row.properties }];
    if number.is_multiple_of(30) {
        let country = TraitOperation::Set(COUNTRIES[user as usize % 4].into());
        let age = TraitOperation::Set(i64::from(18 + user % 60).into());
        what.push(What::Traits(vec![
            TraitChange { name: "country".into(), operation: country },
            TraitChange { name: "age".into(), operation: age },
        ]));
    }
    Fact {
        id: FactId(number as u128),
        at: row.at,
        received_at: row.at.plus_ms(200),
        source: SourceId(1),
        who: vec![Identifier::user(user.to_string())],
        what,
    }
}

/// A hundred audiences as marketers make them, over all twenty events and two traits.
fn audiences() -> Vec<(String, String)> {
    let mut made = of_categories();
    made.extend(of_habits());
    made
}

/// What people buy, look at and leave.
fn of_categories() -> Vec<(String, String)> {
    let mut made = Vec::new();
    let mut add = |name: String, condition: String| made.push((name, condition));
    for category in CATEGORIES {
        let bought = format!(r#"did "purchase" where category = "{category}""#);
        add(
            format!("buys {category}"),
            format!(
                r#"{bought} at least 2 times in last 30 days and did not "app_uninstall" in last 90 days"#
            ),
        );
        add(
            format!("looks at {category}"),
            format!(
                r#"did "product_view" where category = "{category}" at least 3 times in last 7 days and not {bought} in last 7 days"#
            ),
        );
        add(
            format!("left {category}"),
            format!(
                r#"sequence "add_to_cart" where category = "{category}" then "checkout_start" within 1 day without "purchase" between in last 14 days"#
            ),
        );
        add(
            format!("taste {category}"),
            format!(
                r#"mostly category of "purchase" = "{category}" in last 90 days and trait country = "JP""#
            ),
        );
    }
    made
}

/// How often people come, from where, and when.
fn of_habits() -> Vec<(String, String)> {
    let mut made = Vec::new();
    let mut add = |name: String, condition: String| made.push((name, condition));
    for days in [7, 14, 30, 45, 60, 90] {
        add(
            format!("silent for {days}"),
            format!(r#"did "purchase" and did not "purchase" in last {days} days"#),
        );
        add(
            format!("spent in {days}"),
            format!(r#"did "purchase" with sum of amount >= 300 in last {days} days"#),
        );
        add(format!("came in {days}"), format!(r#"did "page_view" in last {days} days and trait age < 30"#));
        add(format!("searched in {days}"), format!(r#"did "search" at least 5 times in last {days} days"#));
    }
    for country in ["JP", "US", "DE", "TW"] {
        add(
            format!("new in {country}"),
            format!(r#"first did "signup" in last 14 days and trait country = "{country}""#),
        );
        add(
            format!("regulars in {country}"),
            format!(r#"did "app_open" at least 4 times in last 28 days and trait country = "{country}""#),
        );
        add(
            format!("buyers in {country}"),
            format!(r#"did "purchase" in last 60 days and trait country = "{country}""#),
        );
    }
    for (name, _) in &NAMES[6..16] {
        add(format!("lately {name}"), format!(r#"did "{name}" in last 7 days"#));
    }
    for hour in [7, 12, 20] {
        add(
            format!("at {hour}"),
            format!(r#"usual hour of "app_open" between {hour} and {} in last 30 days"#, hour + 2),
        );
    }
    for category in ["shoes", "bags", "coats"] {
        add(
            format!("silent with {category}"),
            format!(r#"member of "buys {category}" and did not "login" in last 7 days"#),
        );
    }
    made
}

/// What this process has used of all cores so far, to ten milliseconds.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}
