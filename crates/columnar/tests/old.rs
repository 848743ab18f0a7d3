//! Old parts: on the shelf as Parquet, read column by column, within a bound, and never lost on the way there.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

use std::sync::Arc;

use columnar::{
    Columns, Compaction, Error, Lookup, Manifest, MemoryShelf, Options, Order, Place, Shelf, Snapshot, Span,
    Story, View,
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
        house.age(JULY);
        house.seal();
        house
    }

    fn plan(&mut self, cold_before: Instant) -> Option<Compaction> {
        self.columns.plan_aging(cold_before)
    }

    fn age(&mut self, cold_before: Instant) {
        while let Some(plan) = self.plan(cold_before) {
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
    let ages = |stream: &str| stream.starts_with("event:");
    let options =
        Options { shelf: Some(shelf), old_rows_min: 100, old_bytes_max, ages, ..Options::default() };
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
    house.age(JULY);
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
    assert!(house.plan(JULY.plus_ms(20 * Instant::DAY_MS)).is_none(), "July is not over");
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
    let error = house.plan(Instant::MIN).map(|plan| plan.run().map(drop));
    assert!(error.is_none(), "six months are no reason to merge");
}

#[test]
fn what_is_forgotten_is_in_no_answer_at_once_and_on_no_disk_soon() {
    let mut house = House::aged();
    let snapshot = house.columns.snapshot();
    // The middle of August: whole months are forgotten, six of them on the shelf, one hot.
    let august = JULY.plus_ms(31 * Instant::DAY_MS);
    let months = snapshot.rows_before(august.plus_ms(15 * Instant::DAY_MS), |_| true);
    let days = [31, 28, 31, 30, 31, 30, 31];
    assert_eq!(months.values().copied().collect::<Vec<_>>(), days.map(|days| 50 * days));
    house.columns.forget(august.plus_ms(15 * Instant::DAY_MS));
    assert_eq!(sums(&snapshot).0, 50 * 360, "a snapshot never changes");
    drop(snapshot);
    let check = |house: &mut House| {
        let now = house.columns.snapshot();
        assert_eq!((sums(&now).0, now.kept_from()), (50 * (360 - 212), august));
        assert_eq!(now.first_seen(CustomerId::from_number(7)), Some(START));
        assert!(now.missed().is_empty());
    };
    check(&mut house);
    assert!(house.columns.holds_forgotten(), "a hot part has other months, too");
    house.seal();
    assert_eq!((house.shelf.names().len(), house.files(".cold")), (0, 0));
    house.crash();
    check(&mut house);
    house.age(JULY);
    assert!(!house.columns.holds_forgotten());
    house.seal();
    house.crash();
    check(&mut house);
    let lowest = house.columns.parts().filter(|part| part.stream == STREAM).map(|part| part.earliest).min();
    assert_eq!(lowest, Some(august));
}

#[test]
fn what_comes_late_stays_until_it_is_forgotten_in_its_turn() {
    let mut house = House::aged();
    house.columns.forget(JULY);
    house.columns.append([row(1, 3)]);
    assert_eq!(sums(&house.columns.snapshot()).0, 50 * 179 + 1);
    house.seal();
    house.crash();
    assert!(house.columns.has_before(JULY));
    assert!(house.plan(Instant::MIN).is_none(), "a row that counts is no reason to write its part anew");
    house.columns.forget(JULY);
    assert!(!house.columns.has_before(JULY));
    assert_eq!(sums(&house.columns.snapshot()).0, 50 * 179);
}

#[test]
fn what_is_forgotten_on_its_way_to_the_shelf_does_not_come_back_from_there() {
    let mut house = House::new();
    let compacted = house.plan(JULY).unwrap().run().unwrap();
    house.columns.forget(JULY);
    house.columns.adopt(compacted);
    house.seal();
    assert_eq!((sums(&house.columns.snapshot()).0, house.shelf.names().len()), (50 * 179, 0));
    house.crash();
    assert_eq!(sums(&house.columns.snapshot()).0, 50 * 179);
}

#[test]
fn a_shelf_that_refuses_changes_nothing_and_is_asked_again() {
    for puts in 0..6 {
        let mut house = House::new();
        let before = sums(&house.columns.snapshot());
        house.shelf.refuse_after(puts);
        let error = house.plan(JULY).unwrap().run().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert_eq!(sums(&house.columns.snapshot()), before);
        house.seal();
        house.crash();
        assert_eq!(sums(&house.columns.snapshot()), before);
        house.shelf.refuse_after(usize::MAX);
        house.age(JULY);
        assert_eq!(sums(&house.columns.snapshot()), before);
    }
}

#[test]
fn a_process_may_die_between_any_two_steps_on_the_way_to_the_shelf() {
    type Step = fn(&mut House);
    // On the shelf and indexed, and then: adopted; sealed without a commit; committed; swept.
    let written: Step = |house| drop(house.plan(JULY).unwrap().run().unwrap());
    let steps: [Step; 4] = [
        |house| house.age(JULY),
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
        house.age(JULY);
        house.seal();
        house.crash();
        assert_eq!(sums(&house.columns.snapshot()), before, "and went on after {dies_after} steps");
        let (names, indexes) = (house.shelf.names(), house.files(".cold"));
        assert_eq!((names.len(), indexes), (6, 6), "died after {dies_after} steps: {names:?}");
    }
}

#[test]
fn what_a_process_that_died_left_on_the_shelf_is_found_and_nothing_else() {
    let mut house = House::aged();
    assert_eq!(house.columns.leftovers().unwrap(), Vec::<String>::new());
    house.shelf.put("somebody-elses.parquet", vec![1]).unwrap();
    // It dies when three months more are on the shelf, before a manifest names them.
    let october = JULY.plus_ms(92 * Instant::DAY_MS);
    drop(house.plan(october).unwrap().run().unwrap());
    house.crash();
    let (before, whole) = (house.shelf.names().len(), sums(&house.columns.snapshot()));
    let leftovers = house.columns.clear_leftovers().unwrap();
    assert_eq!((before, leftovers.len(), house.shelf.names().len()), (10, 3, 7), "{leftovers:?}");
    assert!(leftovers[0].ends_with("-2025-07.parquet"), "{leftovers:?}");
    assert_eq!(sums(&house.columns.snapshot()), whole);
    // What only a base reads is nobody's leftover.
    house.columns.pin(house.columns.parts().map(|part| part.file.clone()).collect());
    house.columns.forget(JULY);
    house.seal();
    assert_eq!((house.columns.leftovers().unwrap().len(), house.shelf.names().len()), (0, 7));
}

#[test]
fn stragglers_stay_hot_until_they_are_worth_an_object_and_then_join_their_month() {
    let mut house = House::aged();
    house.columns.append((0..99).map(|customer| row(customer % CUSTOMERS, 3)));
    house.seal();
    assert!(house.plan(JULY).is_none(), "99 rows of January are no object");
    for _ in 0..4 {
        house.columns.append((0..100).map(|customer| row(customer % CUSTOMERS, 3)));
        house.seal();
        house.age(JULY);
        house.seal();
    }
    let january = house.shelf.names().iter().filter(|name| name.contains("2025-01")).count();
    assert!(january < 4, "{january} parts of January");
    assert_eq!(sums(&house.columns.snapshot()).0, 50 * 360 + 99 + 400);
}

fn golden_dir() -> std::path::PathBuf {
    std::path::PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/golden/old-v1")
}

/// Every type, a property of two types, gaps, a tie, a late row, and a customer who was moved.
fn golden_rows() -> Vec<Row> {
    let list = Value::List(vec![Value::Int(1), Value::Text("x".into())]);
    let row = |customer: u32, hour: i64, properties: Vec<(&str, Value)>| Row {
        customer: CustomerId::from_number(customer),
        at: START.plus_ms(hour * Instant::HOUR_MS),
        stream: STREAM.into(),
        properties: properties.into_iter().collect(),
    };
    vec![
        row(0x21, 20, vec![("amount", Value::Int(5)), ("gift", Value::Bool(true))]),
        row(0x10, 10, vec![("amount", Value::Float(12.5)), ("category", "靴".into())]),
        row(0x10, 10, vec![("category", "hats".into()), ("due", Value::Time(START))]),
        row(0x32, 5, vec![("tags", list), ("gift", Value::Bool(false))]),
    ]
}

fn golden_columns(dir: &tempfile::TempDir, shelf: &Arc<MemoryShelf>) -> Manifest {
    let shelf: Arc<dyn Shelf> = Arc::clone(shelf) as _;
    let options =
        Options { shelf: Some(shelf), old_rows_min: 1, ages: |name| name == STREAM, ..Options::default() };
    let mut columns = Columns::open(dir.path(), &Manifest::default(), options).unwrap();
    columns.append(golden_rows());
    columns.move_rows(CustomerId::from_number(0x32), CustomerId::from_number(0x10)).unwrap();
    let plan = |columns: &mut Columns| columns.seal().map(|_| columns.plan_aging(JULY)).unwrap();
    let compacted = plan(&mut columns).unwrap().run().unwrap();
    columns.adopt(compacted);
    columns.seal().unwrap()
}

/// `OMOTENASHI_GOLDEN=write` makes the files anew; only a new version of the format is a reason to.
#[test]
fn objects_of_version_1_are_read_with_their_index_and_without() {
    const MANIFEST: &str = "manifest.bin";
    if std::env::var_os("OMOTENASHI_GOLDEN").is_some() {
        let (dir, shelf) = (tempfile::tempdir().unwrap(), Arc::new(MemoryShelf::default()));
        let manifest = golden_columns(&dir, &shelf);
        std::fs::create_dir_all(golden_dir()).unwrap();
        std::fs::write(golden_dir().join(MANIFEST), manifest.to_bytes()).unwrap();
        for part in &manifest.parts {
            std::fs::copy(dir.path().join(&part.file), golden_dir().join(&part.file)).unwrap();
            if let Some(stem) = part.file.strip_suffix(".cold") {
                let object = format!("{stem}.parquet");
                std::fs::write(golden_dir().join(&object), shelf.get(&object, 0..part.bytes).unwrap())
                    .unwrap();
            }
        }
    }
    let manifest = Manifest::from_bytes(&std::fs::read(golden_dir().join(MANIFEST)).unwrap()).unwrap();
    for without_index in [false, true] {
        let (dir, shelf) = (tempfile::tempdir().unwrap(), Arc::new(MemoryShelf::default()));
        for path in std::fs::read_dir(golden_dir()).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            match path.extension().and_then(|it| it.to_str()) {
                Some("parquet") => shelf.put(name, std::fs::read(&path).unwrap()).unwrap(),
                Some("cold") if without_index => {}
                Some(_) | None => drop(std::fs::copy(&path, dir.path().join(name)).unwrap()),
            }
        }
        let shelf: Arc<dyn Shelf> = shelf;
        let options = Options { shelf: Some(shelf), to_mend: without_index, ..Options::default() };
        let snapshot = Columns::open(dir.path(), &manifest, options).unwrap().snapshot();
        let story = Story { span: Span::EVER, order: Order::OldestFirst, after: None, limit: 9 };
        let told =
            [0x10, 0x21].map(|number| snapshot.story(CustomerId::from_number(number), &story)).concat();
        let mut expected = golden_rows();
        expected.sort_by_key(|row| row.at);
        let said =
            |row: &Row| row.properties.iter().map(|(name, value)| format!("{name} {value:?}")).collect();
        let told: Vec<(CustomerId, Instant, std::collections::BTreeSet<String>)> =
            told.iter().map(|told| (told.origin, told.row.at, said(&told.row))).collect();
        let expected: Vec<_> = expected.iter().map(|row| (row.customer, row.at, said(row))).collect();
        assert_eq!(told, expected);
        assert!(snapshot.missed().is_empty());
    }
}
