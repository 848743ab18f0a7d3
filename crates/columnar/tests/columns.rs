//! Columns against a model that is too simple to be wrong: a list of rows and a map of who was moved to whom.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use columnar::{
    Columns, Compacted, CustomerSet, Error, Lookup, Manifest, MemoryShelf, Options, Order, Place, Sealed,
    Shelf, Snapshot, Span, Story, Told, View, Walk, gather,
};
use model::{CustomerId, ErrorKind, Instant, Lane, Properties, Row, Text, Value};
use proptest::prelude::*;

const CUSTOMERS: u32 = 40;
const STREAMS: [&str; 3] = ["event:buy", "event:view", "trait:country"];

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<Row>),
    Look,
    Seal,
    /// Writes a seal beside: what follows happens before it is taken in.
    BeginSeal,
    TakeSealed,
    Unseal,
    Crash,
    Plan,
    /// Rows before this many days move to the shelf.
    Age(i64),
    Adopt,
    Move(CustomerId, CustomerId),
    Undo(usize),
    Hide(CustomerId),
    /// Events from before this many days' month are forgotten.
    Forget(i64),
}

/// What the columns should say.
#[derive(Debug, Clone, Default)]
struct Model {
    rows: Vec<(u64, Row)>,
    /// Who was seen when in rows that are forgotten.
    seen: Vec<(CustomerId, Instant)>,
    arrivals: u64,
    parents: BTreeMap<CustomerId, CustomerId>,
    hidden: BTreeSet<CustomerId>,
}

impl Model {
    fn root(&self, customer: CustomerId) -> CustomerId {
        self.parents.get(&customer).map_or(customer, |parent| self.root(*parent))
    }

    fn append(&mut self, row: Row) {
        self.rows.push((self.arrivals, row));
        self.arrivals += 1;
        self.erase();
    }

    fn erase(&mut self) {
        let is_kept = |customer| !self.hidden.contains(&self.root(customer));
        let rows = self.rows.iter().filter(|(_, row)| is_kept(row.customer)).cloned().collect();
        let seen = self.seen.iter().filter(|(customer, _)| is_kept(*customer)).copied().collect();
        (self.rows, self.seen) = (rows, seen);
    }

    fn forget(&mut self, before: Instant) {
        let is_gone = |(_, row): &mut (u64, Row)| row.stream.starts_with("event:") && row.at < before;
        self.seen.extend(self.rows.extract_if(.., is_gone).map(|(_, row)| (row.customer, row.at)));
    }

    /// When a customer was first seen.
    fn first_seen(&self, customer: CustomerId) -> Option<Instant> {
        let rows = self.rows.iter().map(|(_, row)| (row.customer, row.at));
        let seen = rows.chain(self.seen.iter().copied()).filter(|(origin, _)| self.root(*origin) == customer);
        seen.map(|(_, at)| at).min()
    }

    /// (time, arrival, stream, properties) of each row of a customer, in order. Arrivals as ranks: hidden rows and
    /// moves take numbers, too.
    fn story(&self, customer: CustomerId) -> Vec<(Instant, Text, CustomerId, Said)> {
        let mut rows: Vec<_> =
            self.rows.iter().filter(|(_, row)| self.root(row.customer) == customer).collect();
        rows.sort_by_key(|(arrival, row)| (row.at, *arrival));
        rows.into_iter()
            .map(|(_, row)| (row.at, row.stream.clone(), row.customer, said(&row.properties)))
            .collect()
    }

    fn customers(&self, as_of: Instant) -> CustomerSet {
        let rows = self.rows.iter().map(|(_, row)| (row.customer, row.at));
        let seen = rows.chain(self.seen.iter().copied()).filter(|(_, at)| *at <= as_of);
        seen.map(|(customer, _)| self.root(customer)).collect()
    }
}

/// The beginning of a day; the days of the tests lie in five months.
fn day(day: i64) -> Instant {
    Instant::from_ms(day * 7 * Instant::DAY_MS)
}

/// The first days of the months, as days of the year.
const MONTHS: [i64; 5] = [0, 31, 59, 90, 120];

fn day_of_year(day: i64) -> Instant {
    Instant::from_ms(day * Instant::DAY_MS)
}

type Said = BTreeMap<String, String>;

/// Properties without order and without nulls, which are not stored.
fn said(properties: &Properties) -> Said {
    let said = properties.iter().filter(|(_, value)| **value != Value::Null);
    said.map(|(name, value)| (format!("{name}:{}", value.type_word()), format!("{value:?}"))).collect()
}

fn story(snapshot: &Snapshot, customer: CustomerId, order: Order) -> Vec<Told> {
    snapshot.story(customer, &Story { span: Span::EVER, order, after: None, limit: usize::MAX })
}

fn everybody() -> impl Iterator<Item = CustomerId> {
    (0..CUSTOMERS).map(CustomerId::from_number)
}

fn check(model: &Model, snapshot: &Snapshot) {
    for customer in everybody() {
        let told = story(snapshot, customer, Order::OldestFirst);
        let found: Vec<_> = told
            .iter()
            .map(|told| (told.row.at, told.row.stream.clone(), told.origin, said(&told.row.properties)))
            .collect();
        assert_eq!(found, model.story(customer), "story of {customer}");
        let mut backwards = story(snapshot, customer, Order::NewestFirst);
        backwards.reverse();
        assert_eq!(told, backwards);
        assert_eq!(snapshot.first_seen(customer), model.first_seen(customer), "first seen of {customer}");
    }
    for as_of in [0, 5, 12, 100].map(day) {
        assert_eq!(snapshot.customers(as_of), model.customers(as_of), "customers as of {as_of}");
        let lane = |lane| (0..64).map(move |ordinal| CustomerId::new(lane, ordinal));
        let mut all: CustomerSet = Lane::all().flat_map(lane).collect();
        Lane::all().for_each(|lane| snapshot.keep_seen(lane, as_of, all.lane_mut(lane)));
        assert_eq!(all, model.customers(as_of), "of everybody those seen as of {as_of}");
        check_latest(model, snapshot, as_of);
    }
    let views = snapshot.streams().flat_map(|stream| stream.views().iter());
    assert_eq!(views.map(View::rows).sum::<usize>(), model.rows.len());
    check_walk(model, snapshot);
}

/// What is looked up without a snapshot is what a snapshot tells.
fn check_lookup(model: &Model, columns: &mut Columns) {
    let span = Span { after: day(2), until: day(14) };
    for customer in everybody() {
        let story = model.story(customer);
        let streams: BTreeSet<Text> = story.iter().map(|(_, stream, ..)| stream.clone()).collect();
        let found: BTreeSet<Text> = columns.streams_of(customer).into_iter().collect();
        assert!(found.is_superset(&streams), "{found:?} of {streams:?}");
        assert_eq!(columns.first_seen(customer), model.first_seen(customer));
        let owner = Some(model.root(customer)).filter(|owner| !model.hidden.contains(owner));
        assert_eq!(columns.present_owner(customer), owner);
        for stream in STREAMS {
            let lookup = Lookup { stream, span, properties: &["a".into()] };
            let rows = columns.rows_of(customer, &lookup).into_iter();
            let found: Vec<_> = rows.map(|told| (told.row.at, said(&told.row.properties))).collect();
            let here = story.iter().filter(|(at, other, ..)| other == stream && span.contains(at.ms()));
            let asked = |said: &Said| -> Said {
                let asked = said.iter().filter(|(name, _)| name.starts_with("a:"));
                asked.map(|(name, value)| (name.clone(), value.clone())).collect()
            };
            let expected: Vec<_> = here.map(|(at, .., said)| (*at, asked(said))).collect();
            assert_eq!(found, expected, "{stream} of {customer}");
        }
    }
}

fn check_walk(model: &Model, snapshot: &Snapshot) {
    let views: Vec<_> = snapshot.streams_of("event:").flat_map(|stream| stream.views().iter()).collect();
    let span = Span { after: day(3), until: day(15) };
    let mut walked: BTreeMap<CustomerId, Vec<(Instant, Said)>> = BTreeMap::new();
    for lane in Lane::all() {
        let mut walk = Walk::new(views.iter().copied(), lane, span);
        while let Some((customer, hits)) = walk.next() {
            let tell = |hit: &columnar::Hit| {
                (Instant::from_ms(hit.time), said(&views[hit.view as usize].properties(hit.row as usize)))
            };
            walked.insert(customer, hits.iter().map(tell).collect());
        }
    }
    check_gather(&walked, &views, span);
    for customer in everybody() {
        let events = model
            .story(customer)
            .into_iter()
            .filter(|(at, stream, ..)| span.contains(at.ms()) && stream.starts_with("event:"));
        let expected: Vec<_> = events.map(|(at, _, _, said)| (at, said)).collect();
        assert_eq!(walked.remove(&customer).unwrap_or_default(), expected, "walk of {customer}");
    }
}

/// Gathering shows of some customers what a walk shows of all.
fn check_gather(walked: &BTreeMap<CustomerId, Vec<(Instant, Said)>>, views: &[&View], span: Span) {
    let is_asked = |customer: &CustomerId| customer.number() % 3 != 1;
    let who: CustomerSet = everybody().filter(is_asked).collect();
    let mut gathered = BTreeMap::new();
    for lane in Lane::all() {
        gather(views.iter().copied(), lane, who.lane(lane), span, |customer, hits| {
            let tell = |hit: &columnar::Hit| {
                (Instant::from_ms(hit.time), said(&views[hit.view as usize].properties(hit.row as usize)))
            };
            gathered.insert(customer, hits.iter().map(tell).collect::<Vec<_>>());
        });
    }
    let expected = walked.iter().filter(|(customer, _)| is_asked(customer));
    assert_eq!(gathered, expected.map(|(customer, told)| (*customer, told.clone())).collect());
}

fn check_latest(model: &Model, snapshot: &Snapshot, as_of: Instant) {
    let Some(stream) = snapshot.stream("trait:country") else { return };
    for customer in everybody() {
        let mut traits = model.story(customer).into_iter();
        let expected = traits.rfind(|(at, stream, ..)| *at <= as_of && stream == "trait:country");
        let latest = stream.latest(customer.lane(), as_of);
        let found = latest.get(customer.ordinal() as usize);
        let found = found.map(|(view, row)| said(&stream.views()[view].properties(row)));
        assert_eq!(found, expected.map(|(.., said)| said));
    }
}

/// Columns, the model of them, and what both were when they were last committed.
struct Pair {
    dir: tempfile::TempDir,
    shelf: Arc<MemoryShelf>,
    columns: Columns,
    model: Model,
    committed: (Manifest, Model),
    under_way: Option<Compacted>,
    /// A seal that is written, and what the model was when it was begun.
    sealing: Option<(Sealed, Model)>,
    moves: Vec<(CustomerId, CustomerId)>,
}

impl Pair {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Arc::new(MemoryShelf::default());
        let columns = open(&dir, &shelf, &Manifest::default()).unwrap();
        let committed = (Manifest::default(), Model::default());
        Self {
            dir,
            shelf,
            columns,
            model: Model::default(),
            committed,
            under_way: None,
            sealing: None,
            moves: Vec::new(),
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Append(rows) => {
                rows.iter().for_each(|row| self.model.append(row.clone()));
                self.columns.append(rows);
            }
            Step::Look => {
                check_lookup(&self.model, &mut self.columns);
                check(&self.model, &self.columns.snapshot());
            }
            Step::Seal => self.seal(),
            Step::BeginSeal => self.begin_seal(),
            Step::TakeSealed => self.take_sealed(),
            Step::Unseal => self.unseal(),
            Step::Crash => self.crash(),
            Step::Plan => self.under_way = self.columns.plan_compaction().map(|plan| plan.run().unwrap()),
            Step::Age(days) => {
                let plan = self.columns.plan_aging(day(days));
                self.under_way = plan.map(|plan| plan.run().unwrap()).or(self.under_way.take());
            }
            Step::Adopt => {
                if let Some(compacted) = self.under_way.take() {
                    self.columns.adopt(compacted);
                }
            }
            Step::Move(from, to) => self.move_rows(from, to),
            Step::Undo(index) => self.undo(index),
            Step::Hide(customer) => {
                self.model.hidden.insert(self.model.root(customer));
                self.model.erase();
                self.columns.hide(customer);
            }
            Step::Forget(days) => self.forget(day(days)),
        }
    }

    fn seal(&mut self) {
        self.take_sealed();
        let manifest = self.columns.seal().unwrap();
        assert_eq!(self.columns.recent_rows(), 0);
        self.columns.sweep(&manifest);
        self.committed = (manifest, self.model.clone());
    }

    fn begin_seal(&mut self) {
        self.take_sealed();
        self.sealing = Some((self.columns.begin_seal().run().unwrap(), self.model.clone()));
    }

    fn take_sealed(&mut self) {
        if let Some((sealed, model)) = self.sealing.take() {
            let manifest = self.columns.take_sealed(sealed);
            self.columns.sweep(&manifest);
            self.committed = (manifest, model);
        }
    }

    fn unseal(&mut self) {
        if self.sealing.take().is_some() {
            self.columns.unseal();
        }
    }

    /// A seal that was written is committed before.
    fn crash(&mut self) {
        self.under_way = None;
        if let Some((sealed, model)) = self.sealing.take() {
            self.committed = (sealed.manifest().clone(), model);
        }
        self.columns = open(&self.dir, &self.shelf, &self.committed.0).unwrap();
        self.model = self.committed.1.clone();
        self.moves.retain(|(from, to)| self.model.parents.get(from) == Some(to));
    }

    fn move_rows(&mut self, from: CustomerId, to: CustomerId) {
        let allowed = !self.model.parents.contains_key(&from) && self.model.root(to) != from;
        let moved = self.columns.move_rows(from, to);
        assert_eq!(moved.is_ok(), allowed);
        if allowed {
            self.model.parents.insert(from, to);
            self.model.erase();
            self.moves.push((from, to));
        }
    }

    fn undo(&mut self, index: usize) {
        if self.moves.is_empty() {
            return;
        }
        let (from, to) = self.moves.swap_remove(index % self.moves.len());
        self.columns.undo_move(from, to).unwrap();
        self.model.parents.remove(&from);
        self.model.erase();
    }

    fn forget(&mut self, before: Instant) {
        let month = MONTHS.map(day_of_year).into_iter().rfind(|month| *month <= before).unwrap();
        let counted = self.columns.snapshot().rows_before(before, |stream| stream.starts_with("event:"));
        let is_old = |(_, row): &&(u64, Row)| row.stream.starts_with("event:") && row.at < month;
        let old = self.model.rows.iter().filter(is_old).count() as u64;
        assert!(counted.values().sum::<u64>() >= old, "nothing goes that was not said: {counted:?} of {old}");
        assert!(counted.keys().all(|month| MONTHS.map(day_of_year).contains(month)), "{counted:?}");
        self.model.forget(month);
        self.columns.forget(before);
        assert!(!self.columns.has_before(before));
    }
}

fn open(dir: &tempfile::TempDir, shelf: &Arc<MemoryShelf>, manifest: &Manifest) -> Result<Columns, Error> {
    let shelf: Option<Arc<dyn Shelf>> = Some(Arc::clone(shelf) as _);
    let ages = |stream: &str| stream.starts_with("event:");
    let options = Options { parts_alike_max: 2, shelf, old_rows_min: 1, ages, ..Options::default() };
    Columns::open(dir.path(), manifest, options)
}

fn customers() -> impl Strategy<Value = CustomerId> {
    (0..CUSTOMERS).prop_map(CustomerId::from_number)
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-3_i64..3).prop_map(Value::Int),
        Just(Value::Int(i64::MIN)),
        (-2.0..2.0).prop_map(Value::Float),
        "[a-c]{0,2}".prop_map(|text| Value::Text(text.into())),
        Just(Value::Text("履物 shoes".into())),
        (0_i64..9).prop_map(|ms| Value::Time(Instant::from_ms(ms))),
        Just(Value::List(vec![Value::Int(1), Value::Text("x".into())])),
    ]
}

fn rows() -> impl Strategy<Value = Row> {
    let properties = proptest::collection::vec(("[a-c]", values()), 0..4);
    (customers(), (0_i64..20).prop_map(day), proptest::sample::select(&STREAMS), properties).prop_map(
        |(customer, at, stream, properties)| Row {
            customer,
            at,
            stream: stream.into(),
            properties: properties.into_iter().collect(),
        },
    )
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => proptest::collection::vec(rows(), 1..30).prop_map(Step::Append),
        2 => Just(Step::Look),
        2 => Just(Step::Seal),
        3 => Just(Step::BeginSeal),
        2 => Just(Step::TakeSealed),
        1 => Just(Step::Unseal),
        1 => Just(Step::Crash),
        3 => Just(Step::Plan),
        3 => (0_i64..20).prop_map(Step::Age),
        3 => Just(Step::Adopt),
        4 => (customers(), customers()).prop_map(|(from, to)| Step::Move(from, to)),
        3 => any::<usize>().prop_map(Step::Undo),
        1 => customers().prop_map(Step::Hide),
        1 => (0_i64..20).prop_map(Step::Forget),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_way_of_storing_the_same_rows_answers_the_same(steps in proptest::collection::vec(steps(), 1..40)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.step(step);
        }
        check(&pair.model, &pair.columns.snapshot());
        pair.seal();
        pair.crash();
        check(&pair.model, &pair.columns.snapshot());
    }
}

fn customer(number: u32) -> CustomerId {
    CustomerId::from_number(number)
}

fn row(number: u32, ms: i64, amount: i64) -> Row {
    Row {
        customer: customer(number),
        at: Instant::from_ms(ms),
        stream: "event:buy".into(),
        properties: [("amount", amount)].into_iter().collect(),
    }
}

fn amounts(snapshot: &Snapshot, number: u32) -> Vec<i64> {
    let amount = |told: Told| match told.row.properties.get("amount") {
        Some(Value::Int(amount)) => *amount,
        other => panic!("no amount: {other:?}"),
    };
    story(snapshot, customer(number), Order::OldestFirst).into_iter().map(amount).collect()
}

#[test]
fn moves_are_taken_back_exactly() {
    let mut pair = Pair::new();
    pair.columns.append([row(1, 10, 1), row(2, 20, 2), row(3, 15, 3)]);
    pair.columns.seal().unwrap();
    pair.columns.move_rows(customer(1), customer(2)).unwrap();
    pair.columns.append([row(1, 30, 4)]);
    pair.columns.move_rows(customer(2), customer(3)).unwrap();
    pair.columns.append([row(2, 40, 5)]);
    let together = pair.columns.snapshot();
    assert_eq!(amounts(&together, 3), [1, 3, 2, 4, 5]);
    pair.columns.undo_move(customer(2), customer(3)).unwrap();
    assert_eq!(amounts(&pair.columns.snapshot(), 3), [3]);
    assert_eq!(amounts(&pair.columns.snapshot(), 2), [1, 2, 4, 5]);
    pair.columns.undo_move(customer(1), customer(2)).unwrap();
    assert_eq!(amounts(&pair.columns.snapshot(), 1), [1, 4]);
    assert_eq!(amounts(&pair.columns.snapshot(), 2), [2, 5]);
    assert_eq!(amounts(&together, 3), [1, 3, 2, 4, 5], "a snapshot never changes");
}

#[test]
fn a_move_that_makes_no_sense_is_refused() {
    let mut columns = Pair::new().columns;
    columns.move_rows(customer(1), customer(2)).unwrap();
    for refused in [
        columns.move_rows(customer(1), customer(3)),
        columns.move_rows(customer(2), customer(1)),
        columns.move_rows(customer(4), customer(4)),
        columns.undo_move(customer(1), customer(3)),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
    }
}

#[test]
fn a_story_is_told_page_by_page() {
    let mut columns = Pair::new().columns;
    columns.append((0..10).map(|n| row(7, 100 + n / 3, n)));
    let snapshot = columns.snapshot();
    let mut after: Option<Place> = None;
    let mut seen = Vec::new();
    loop {
        let story = Story { span: Span::EVER, order: Order::NewestFirst, after, limit: 4 };
        let page = snapshot.story(customer(7), &story);
        let Some(last) = page.last() else { break };
        after = Some(last.place);
        seen.extend(page.into_iter().map(|told| told.row.properties.get("amount").cloned().unwrap()));
    }
    assert_eq!(seen, (0..10).rev().map(Value::Int).collect::<Vec<_>>());
}

/// A part of event:buy with a row of each of 50 customers, and its path; beside it a part of event:view.
fn sealed() -> (Pair, std::path::PathBuf) {
    let mut pair = Pair::new();
    pair.step(Step::Append((0..50).map(|n| row(n, i64::from(n), 1)).collect()));
    pair.step(Step::Append(vec![Row { stream: "event:view".into(), ..row(7, 60, 2) }]));
    pair.seal();
    let part = pair.committed.0.parts.iter().find(|part| part.stream == "event:buy").unwrap();
    let path = pair.dir.path().join(&part.file);
    (pair, path)
}

#[test]
fn a_damaged_part_is_named_and_left_alone() {
    let (pair, path) = sealed();
    let whole = std::fs::read(&path).unwrap();
    for place in [0, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        check_missing(&pair, &path);
    }
    for len in [0, 5, whole.len() - 1] {
        std::fs::write(&path, &whole[..len]).unwrap();
        check_missing(&pair, &path);
    }
    std::fs::remove_file(&path).unwrap();
    check_missing(&pair, &path);
}

fn check_missing(pair: &Pair, path: &std::path::Path) {
    let before = std::fs::read(path).ok();
    let mut columns = open(&pair.dir, &pair.shelf, &pair.committed.0).unwrap();
    let missing = &columns.missing()[0];
    assert!(path.ends_with(&missing.part.file) && missing.rows() == 50, "{missing:?}");
    assert!(columns.seal().unwrap().parts.iter().any(|part| part.missing), "the manifest goes on naming it");
    assert_eq!(std::fs::read(path).ok(), before);
}

#[test]
fn a_snapshot_notes_which_missing_parts_were_asked_for() {
    let (pair, path) = sealed();
    std::fs::remove_file(&path).unwrap();
    let snapshot = open(&pair.dir, &pair.shelf, &pair.committed.0).unwrap().snapshot();
    let check = |expected: usize, ask: &dyn Fn(&Snapshot) -> usize| {
        let question = snapshot.for_question();
        ask(&question);
        assert_eq!(question.missed().len(), expected);
    };
    check(0, &|snapshot| snapshot.stream("event:view").map_or(0, columnar::Stream::rows));
    check(1, &|snapshot| snapshot.stream("event:buy").map_or(0, columnar::Stream::rows));
    check(1, &|snapshot| snapshot.streams_of("event:").count());
    check(0, &|snapshot| snapshot.streams_of("trait:").count());
    check(1, &|snapshot| snapshot.customers(Instant::from_ms(9)).len());
}

#[test]
fn what_is_moved_to_somebody_erased_does_not_come_back_with_them() {
    let mut pair = Pair::new();
    pair.step(Step::Append(vec![row(1, 10, 1)]));
    pair.step(Step::Hide(customer(2)));
    pair.step(Step::Move(customer(1), customer(2)));
    pair.step(Step::Move(customer(2), customer(3)));
    check_lookup(&pair.model, &mut pair.columns);
    check(&pair.model, &pair.columns.snapshot());
}

#[test]
fn what_happened_while_a_part_was_missing_holds_when_it_is_back() {
    let (mut pair, path) = sealed();
    pair.step(Step::Move(customer(4), customer(5)));
    pair.seal();
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).unwrap();
    pair.crash();
    pair.step(Step::Move(customer(1), customer(2)));
    pair.step(Step::Undo(0));
    pair.step(Step::Hide(customer(3)));
    pair.step(Step::Append(vec![row(1, 70, 7), row(4, 80, 8)]));
    pair.seal();
    std::fs::rename(&aside, &path).unwrap();
    pair.crash();
    check(&pair.model, &pair.columns.snapshot());
    pair.seal();
    pair.crash();
    check(&pair.model, &pair.columns.snapshot());
    assert!(pair.columns.missing().is_empty());
}

#[test]
fn who_is_hidden_is_never_shown_because_a_part_is_damaged() {
    let (mut pair, _) = sealed();
    pair.step(Step::Hide(customer(3)));
    pair.seal();
    let part = pair.committed.0.parts.iter().find(|part| part.stream == "house:hidden").unwrap();
    std::fs::remove_file(pair.dir.path().join(&part.file)).unwrap();
    let error = open(&pair.dir, &pair.shelf, &pair.committed.0).unwrap_err();
    assert!(error.kind() == ErrorKind::Corrupt && error.to_string().contains(&part.file), "{error}");
}

#[test]
fn what_is_missing_is_mended_out_of_columns_of_the_same_journal() {
    let ((mut pair, path), (mut other, _)) = (sealed(), sealed());
    for pair in [&mut pair, &mut other] {
        pair.step(Step::Hide(customer(3)));
        pair.step(Step::Append(vec![row(1, 90, 9)]));
    }
    pair.seal();
    let house = pair.committed.0.parts.iter().find(|part| part.stream == "house:hidden").unwrap();
    for path in [&path, &pair.dir.path().join(&house.file)] {
        std::fs::write(path, "damaged").unwrap();
    }
    let to_mend = Options { to_mend: true, ..Options::default() };
    let mut columns = Columns::open(pair.dir.path(), &pair.committed.0, to_mend).unwrap();
    assert_eq!(columns.mend(&mut other.columns).unwrap().len(), 2);
    let manifest = columns.seal().unwrap();
    columns.sweep(&manifest);
    assert_eq!(std::fs::read(path.with_extension("arrow.damaged")).unwrap(), b"damaged");
    let mut columns = open(&pair.dir, &pair.shelf, &manifest).unwrap();
    check(&pair.model, &columns.snapshot());
    assert!(columns.missing().is_empty());
}

#[test]
fn when_the_disk_says_no_the_rows_stay_in_memory() {
    let mut pair = Pair::new();
    pair.columns.append([row(1, 10, 1)]);
    let dir = pair.dir.path().to_owned();
    std::fs::remove_dir_all(&dir).unwrap();
    assert_eq!(pair.columns.seal().unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(pair.columns.recent_rows(), 1);
    std::fs::create_dir(&dir).unwrap();
    let manifest = pair.columns.seal().unwrap();
    assert_eq!(amounts(&open(&pair.dir, &pair.shelf, &manifest).unwrap().snapshot(), 1), [1]);
}

#[test]
fn what_a_crash_left_behind_goes_at_the_next_opening() {
    let mut pair = Pair::new();
    pair.columns.append([row(1, 10, 1)]);
    let committed = pair.columns.seal().unwrap();
    pair.columns.append([row(1, 20, 2)]);
    pair.columns.seal().unwrap();
    let mut columns = open(&pair.dir, &pair.shelf, &committed).unwrap();
    assert_eq!(amounts(&columns.snapshot(), 1), [1]);
    assert_eq!(std::fs::read_dir(pair.dir.path()).unwrap().count(), 1);
}

#[test]
fn the_number_of_parts_stays_small() {
    let mut pair = Pair::new();
    for n in 0..200 {
        pair.columns.append((0..20).map(|m| row(m, n, n)));
        let manifest = pair.columns.seal().unwrap();
        pair.columns.sweep(&manifest);
        while let Some(plan) = pair.columns.plan_compaction() {
            let compacted = plan.run().unwrap();
            pair.columns.adopt(compacted);
        }
    }
    let manifest = pair.columns.seal().unwrap();
    pair.columns.sweep(&manifest);
    assert!(manifest.parts.len() <= 12, "parts={}", manifest.parts.len());
    assert_eq!(std::fs::read_dir(pair.dir.path()).unwrap().count(), manifest.parts.len());
}

/// The rows of the golden part: every type, a property of two types, gaps, a tie, and a customer who was moved.
fn golden_rows() -> Vec<Row> {
    let list = Value::List(vec![Value::Int(1), Value::Text("x".into())]);
    let row = |number: u32, ms: i64, properties: Vec<(&str, Value)>| Row {
        customer: customer(number),
        at: Instant::from_ms(ms),
        stream: "event:buy".into(),
        properties: properties.into_iter().collect(),
    };
    vec![
        row(0x21, 2_000, vec![("amount", Value::Int(5)), ("gift", Value::Bool(true))]),
        row(0x10, 1_000, vec![("amount", Value::Float(12.5)), ("category", "靴".into())]),
        row(0x10, 1_000, vec![("category", "hats".into()), ("due", Value::Time(Instant::from_ms(9_000)))]),
        row(0x32, 500, vec![("tags", list)]),
    ]
}

fn golden_dir() -> std::path::PathBuf {
    std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("tests/golden/v1")
}

fn golden(dir: &std::path::Path) -> Manifest {
    let mut columns = Columns::open(dir, &Manifest::default(), Options::default()).unwrap();
    columns.append(golden_rows());
    columns.move_rows(customer(0x32), customer(0x10)).unwrap();
    columns.forget(Instant::from_ms(-1));
    columns.seal().unwrap()
}

/// `OMOTENASHI_GOLDEN=write` makes the files anew; only a new version of the format is a reason to.
#[test]
fn parts_of_version_1_are_written_and_read_byte_for_byte() {
    let path = golden_dir().join("manifest-v3.bin");
    if std::env::var_os("OMOTENASHI_GOLDEN").is_some() {
        std::fs::write(&path, golden(&golden_dir()).to_bytes()).unwrap();
    }
    let manifest = Manifest::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    for version in [1, 2] {
        let before = std::fs::read(golden_dir().join(format!("manifest-v{version}.bin"))).unwrap();
        let before = Manifest::from_bytes(&before).unwrap();
        assert_eq!(before.forgotten.kept_from(), Instant::MIN);
        let before = Manifest { forgotten: manifest.forgotten.clone(), ..before };
        assert_eq!(before, manifest, "version {version} of the manifest said the same of parts");
    }
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(golden(dir.path()), manifest);
    for part in &manifest.parts {
        let golden = std::fs::read(golden_dir().join(&part.file)).unwrap();
        assert!(
            std::fs::read(dir.path().join(&part.file)).unwrap() == golden,
            "{} is written otherwise",
            part.file
        );
    }
    let mut columns = Columns::open(golden_dir(), &manifest, Options::default()).unwrap();
    let snapshot = columns.snapshot();
    let mut expected: Vec<Row> = golden_rows();
    expected.sort_by_key(|row| row.at);
    let mut told: Vec<Told> =
        [0x10, 0x21].map(|number| story(&snapshot, customer(number), Order::OldestFirst)).concat();
    told.sort_by_key(|told| told.place);
    assert_eq!(told.len(), expected.len());
    for (told, row) in told.iter().zip(&expected) {
        assert_eq!(
            (told.origin, told.row.at, said(&told.row.properties)),
            (row.customer, row.at, said(&row.properties))
        );
    }
}
