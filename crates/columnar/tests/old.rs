//! Old parts: on the shelf as Parquet, read column by column, within a bound, and never lost on the way there.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

use std::sync::Arc;

use columnar::{
    Aging, Columns, Compaction, Error, Lookup, Manifest, MemoryShelf, Options, Order, Place, Shelf, Snapshot,
    Span, Story, View,
};
use model::{CustomerId, ErrorKind, Instant, Lane, Row, Value};

const STREAM: &str = "event:buy";
const CUSTOMERS: u32 = 50;
/// 2025-01-01 and 2025-07-01.
const START: Instant = Instant::from_ms(1_735_689_600_000);
const JULY: Instant = Instant::from_ms(1_751_328_000_000);
const DAYS: i64 = 360;

/// Columns with a purchase a day by each of fifty customers for most of a year, sealed.
struct House {
    dir: tempfile::TempDir,
    shelf: Arc<MemoryShelf>,
    columns: Columns,
    committed: Manifest,
    old_bytes_max: u64,
}

fn row(customer: u32, day: i64) -> Row {
    Row {
        customer: CustomerId::from_number(customer),
        at: START.plus_ms(day * Instant::DAY_MS),
        stream: STREAM.into(),
        properties: [
            ("amount", Value::Float(f64::from(customer) / 4.0)),
            ("category", Value::Text(["shoes", "hats", "belts"][usize::try_from(day).unwrap() % 3].into())),
            ("day", Value::Int(day)),
        ]
        .into_iter()
        .collect(),
    }
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Arc::new(MemoryShelf::default());
        let old_bytes_max = 1 << 20;
        let columns = open(&dir, (&shelf, old_bytes_max), &Manifest::default()).unwrap();
        let mut house = Self { dir, shelf, columns, committed: Manifest::default(), old_bytes_max };
        let days = (0..DAYS).flat_map(|day| (0..CUSTOMERS).map(move |customer| row(customer, day)));
        house.columns.append(days);
        house.seal();
        house
    }

    /// The same with everything before July on the shelf.
    fn aged() -> Self {
        let mut house = Self::new();
        house.age(JULY, Instant::MIN);
        house.seal();
        house
    }

    fn plan(&mut self, cold_before: Instant, keep_from: Instant) -> Option<Compaction> {
        let streams = |stream: &str| stream.starts_with("event:");
        self.columns.plan_aging(&Aging { cold_before, keep_from, streams })
    }

    fn age(&mut self, cold_before: Instant, keep_from: Instant) {
        while let Some(plan) = self.plan(cold_before, keep_from) {
            self.columns.adopt(plan.run().unwrap());
        }
    }

    fn seal(&mut self) {
        self.committed = self.columns.seal().unwrap();
        self.columns.sweep(&self.committed);
    }

    /// What a process that died comes back to.
    fn crash(&mut self) {
        self.columns = open(&self.dir, (&self.shelf, self.old_bytes_max), &self.committed).unwrap();
    }

    fn files(&self, suffix: &str) -> usize {
        let names = std::fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(suffix)).count()
    }
}

fn open(
    dir: &tempfile::TempDir,
    (shelf, old_bytes_max): (&Arc<MemoryShelf>, u64),
    manifest: &Manifest,
) -> Result<Columns, Error> {
    let shelf: Arc<dyn Shelf> = Arc::clone(shelf) as _;
    let options = Options { shelf: Some(shelf), old_rows_min: 100, old_bytes_max, ..Options::default() };
    Columns::open(dir.path(), manifest, options)
}

fn each(snapshot: &Snapshot, mut visit: impl FnMut(&View, usize)) {
    for view in snapshot.stream(STREAM).map_or(&[][..], |stream| stream.views()) {
        Lane::all().flat_map(|lane| view.lane(lane)).flatten().for_each(|row| visit(view, row));
    }
}

/// (rows, sum of amounts, rows in the category "hats").
fn sums(snapshot: &Snapshot) -> (usize, f64, usize) {
    let mut sums = (0, 0.0, 0);
    each(snapshot, |view, row| {
        sums.0 += 1;
        sums.1 += view.property("amount").number(row).unwrap_or(0.0);
        sums.2 += usize::from(view.property("category").text(row) == Some("hats"));
    });
    sums
}

#[test]
fn old_rows_lie_on_the_shelf_by_month_and_answer_as_before() {
    let mut house = House::new();
    let before = sums(&house.columns.snapshot());
    house.age(JULY, Instant::MIN);
    assert_eq!(sums(&house.columns.snapshot()), before);
    house.seal();
    let names = house.shelf.names();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names[0].ends_with("-event-buy-2025-01.parquet"), "{names:?}");
    assert_eq!(
        (house.files(".cold"), house.files(".arrow")),
        (6, 2),
        "the rest, and who was first seen when"
    );
    assert!(house.plan(JULY.plus_ms(20 * Instant::DAY_MS), Instant::MIN).is_none(), "July is not over");
    house.crash();
    assert_eq!(sums(&house.columns.snapshot()), before);
}

#[test]
fn opening_asks_no_shelf_and_a_question_only_for_what_it_names() {
    let mut house = House::aged();
    house.crash();
    let at_rest = house.shelf.gets();
    let count = |expected: usize, ask: &dyn Fn(&Snapshot), house: &mut House| {
        let before = house.shelf.gets();
        ask(&house.columns.snapshot());
        assert_eq!(house.shelf.gets() - before, expected);
    };
    let rows = |snapshot: &Snapshot| each(snapshot, |_, _| {});
    count(0, &|snapshot| assert_eq!(snapshot.stream(STREAM).unwrap().rows(), 50 * 360), &mut house);
    count(0, &|snapshot| assert_eq!(snapshot.stream(STREAM).unwrap().property_names().len(), 3), &mut house);
    count(0, &|snapshot| assert_eq!(snapshot.customers(START).len(), 50), &mut house);
    count(0, &|snapshot| rows(&snapshot.reading_since(JULY)), &mut house);
    count(6, &rows, &mut house);
    count(0, &rows, &mut house);
    let amounts = |snapshot: &Snapshot| {
        each(snapshot, |view, row| assert!(view.property("amount").number(row).is_some()));
    };
    count(6, &amounts, &mut house);
    assert_eq!(at_rest, 6, "each part was read back when it was written, and never since");
}

#[test]
fn a_page_of_a_story_reads_only_the_months_it_shows() {
    let mut house = House::aged();
    let before = house.shelf.gets();
    let snapshot = house.columns.snapshot();
    let customer = CustomerId::from_number(7);
    let (mut after, mut days): (Option<Place>, Vec<i64>) = (None, Vec::new());
    for (page, gets) in [(0, 0), (1, 0), (2, 4 + 4)] {
        let story = Story { span: Span::EVER, order: Order::NewestFirst, after, limit: 80 };
        let told = snapshot.story(customer, &story);
        after = told.last().map(|told| told.place);
        days.extend(told.iter().map(|told| told.row.at.since_ms(START) / Instant::DAY_MS));
        // June, May, April: to know whose rows they are; then three properties of each. The last page begins in July.
        let read = house.shelf.gets() - before;
        assert!(if gets == 0 { read == 0 } else { read > 0 && read <= 3 * 4 }, "page {page} read {read}");
    }
    assert_eq!(days, (120..360).rev().collect::<Vec<_>>());
}

#[test]
fn whoever_is_moved_or_erased_later_is_so_in_old_rows_too() {
    let mut house = House::aged();
    let [a, b, c] = [1, 2, 3].map(CustomerId::from_number);
    let count = |house: &mut House, customer: CustomerId| {
        let mut rows = 0;
        each(&house.columns.snapshot(), |view, row| rows += usize::from(view.customer(row) == customer));
        let lookup = Lookup { stream: STREAM, span: Span::EVER, properties: &["amount".into()] };
        let told = house.columns.rows_of(customer, &lookup);
        assert!(told.iter().all(|told| told.row.properties.get("amount").is_some()));
        assert_eq!(told.len(), rows, "looked up as in a snapshot");
        rows
    };
    house.columns.move_rows(a, b).unwrap();
    assert_eq!([a, b, c].map(|customer| count(&mut house, customer)), [0, 720, 360]);
    house.columns.hide(c);
    house.seal();
    house.crash();
    assert_eq!([a, b, c].map(|customer| count(&mut house, customer)), [0, 720, 0]);
    house.columns.undo_move(a, b).unwrap();
    assert_eq!([a, b, c].map(|customer| count(&mut house, customer)), [360, 360, 0]);
    let first = house.columns.snapshot().first_seen(a);
    assert_eq!(first, Some(START), "a customer was first seen in a row that is not hot any more");
}

#[test]
fn what_there_is_no_room_for_is_said_and_nothing_is_kept_of_it() {
    let mut house = House::aged();
    // A month of fifty purchases a day takes about 30 KB of what every row has.
    house.old_bytes_max = 100_000;
    house.crash();
    let snapshot = house.columns.snapshot();
    assert_eq!(snapshot.crowded(), None);
    sums(&snapshot);
    let crowded = snapshot.crowded().expect("half a year does not fit");
    assert_eq!(crowded.bytes_max, 100_000);
    let narrow = snapshot.for_question().reading_since(JULY.plus_ms(-40 * Instant::DAY_MS));
    drop(snapshot);
    each(&narrow, |_, _| {});
    assert_eq!(narrow.crowded(), None, "June and May fit when the other question is gone");
}

#[test]
fn an_object_that_is_gone_or_damaged_is_missed_by_name_and_nothing_else() {
    let mut house = House::aged();
    let whole = sums(&house.columns.snapshot());
    let names = house.shelf.names();
    house.shelf.remove(&names[0]).unwrap();
    house.shelf.damage(&names[1]);
    house.crash();
    let snapshot = house.columns.snapshot();
    assert!(snapshot.missed().is_empty(), "nobody asked yet");
    let (rows, ..) = sums(&snapshot);
    let missed = snapshot.missed();
    assert_eq!(missed.len(), 2, "{missed:?}");
    assert!(rows < whole.0 && missed.iter().all(|missed| missed.part.file.contains("2025-0")), "{missed:?}");
    assert!(missed.iter().any(|missed| missed.reason.contains(&names[0])), "{missed:?}");
    // What cannot be read now is not lost by a merge of what can.
    let error = house.plan(Instant::MIN, Instant::MIN).map(|plan| plan.run().map(drop));
    assert!(error.is_none(), "six months are no reason to merge");
}

#[test]
fn what_is_older_than_is_kept_goes_and_who_was_seen_then_stays() {
    let mut house = House::aged();
    let snapshot = house.columns.snapshot();
    house.age(JULY, JULY.plus_ms(10 * Instant::DAY_MS));
    house.seal();
    assert_eq!((house.shelf.names().len(), house.files(".cold")), (0, 0));
    let kept = 360 - (181 + 10);
    for _ in 0..2 {
        let now = house.columns.snapshot();
        assert_eq!(sums(&now).0, 50 * kept);
        assert_eq!(now.stream(STREAM).unwrap().ends().unwrap().0, JULY.plus_ms(10 * Instant::DAY_MS));
        assert_eq!(now.first_seen(CustomerId::from_number(7)), Some(START));
        assert!(now.missed().is_empty());
        house.crash();
    }
    drop(snapshot);
}

#[test]
fn a_shelf_that_refuses_changes_nothing_and_is_asked_again() {
    for puts in 0..6 {
        let mut house = House::new();
        let before = sums(&house.columns.snapshot());
        house.shelf.refuse_after(puts);
        let error = house.plan(JULY, Instant::MIN).unwrap().run().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert_eq!(sums(&house.columns.snapshot()), before);
        house.seal();
        house.crash();
        assert_eq!(sums(&house.columns.snapshot()), before);
        house.shelf.refuse_after(usize::MAX);
        house.age(JULY, Instant::MIN);
        assert_eq!(sums(&house.columns.snapshot()), before);
    }
}

#[test]
fn a_process_may_die_between_any_two_steps_on_the_way_to_the_shelf() {
    type Step = fn(&mut House);
    // On the shelf and indexed, and then: adopted; sealed without a commit; committed; swept.
    let written: Step = |house| drop(house.plan(JULY, Instant::MIN).unwrap().run().unwrap());
    let steps: [Step; 4] = [
        |house| house.age(JULY, Instant::MIN),
        |house| drop(house.columns.seal().unwrap()),
        |house| house.committed = house.columns.seal().unwrap(),
        |house| house.columns.sweep(&house.committed),
    ];
    for dies_after in 0..=steps.len() {
        let mut house = House::new();
        let before = sums(&house.columns.snapshot());
        let done = if dies_after == 0 { std::slice::from_ref(&written) } else { &steps[..dies_after] };
        done.iter().for_each(|step| step(&mut house));
        house.crash();
        assert_eq!(sums(&house.columns.snapshot()), before, "died after {dies_after} steps");
        house.age(JULY, Instant::MIN);
        house.seal();
        house.crash();
        assert_eq!(sums(&house.columns.snapshot()), before, "and went on after {dies_after} steps");
        let (names, indexes) = (house.shelf.names(), house.files(".cold"));
        assert_eq!((names.len(), indexes), (6, 6), "died after {dies_after} steps: {names:?}");
    }
}

#[test]
fn stragglers_stay_hot_until_they_are_worth_an_object_and_then_join_their_month() {
    let mut house = House::aged();
    house.columns.append((0..99).map(|customer| row(customer % CUSTOMERS, 3)));
    house.seal();
    assert!(house.plan(JULY, Instant::MIN).is_none(), "99 rows of January are no object");
    for _ in 0..4 {
        house.columns.append((0..100).map(|customer| row(customer % CUSTOMERS, 3)));
        house.seal();
        house.age(JULY, Instant::MIN);
        house.seal();
    }
    let january = house.shelf.names().iter().filter(|name| name.contains("2025-01")).count();
    assert!(january < 4, "{january} parts of January");
    assert_eq!(sums(&house.columns.snapshot()).0, 50 * 360 + 99 + 400);
}
