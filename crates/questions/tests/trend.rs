//! Trend and count against DuckDB: in three time zones, by event, property and trait.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

mod support;

use std::collections::BTreeMap;

use columnar::{CustomerSet, RowMask, Snapshot, Span, Table};
use jiff::tz::TimeZone;
use model::{Instant, Text, Value};
use proptest::prelude::*;
use questions::{By, Label, Measure, Period, Point, Scope, Trend, TrendAnswer, count, trend};
use serde_json::Value as Json;
use support::{START_MS, World, close, customer, duck, few, worlds};

const HOUR: i64 = Instant::HOUR_MS;
/// A point of either side: events, customers, numbers, sum, mean, percentiles.
type Numbers = Vec<Option<f64>>;

/// (series, start of the bucket; `None`: the whole range) → numbers.
type Points = BTreeMap<(String, Option<i64>), Numbers>;

fn label(label: &Label) -> String {
    match label {
        Label::All => "all".to_owned(),
        Label::Event(stream) => stream.replace("event:", ""),
        Label::Value(Value::Text(text)) => text.to_string(),
        Label::Value(other) => format!("{other:?}"),
        Label::Missing => "missing".to_owned(),
        Label::Other => "other".to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of tests are below 2^53")]
fn numbers(point: &Point) -> Numbers {
    let counts = [point.events, point.customers, point.numbers].map(|count| Some(count as f64));
    let sum = (point.numbers > 0).then_some(point.sum);
    let shares = (0..2).map(|index| point.percentiles.get(index).copied());
    counts.into_iter().chain([sum, point.mean]).chain(shares).collect()
}

fn ours(answer: &TrendAnswer) -> Points {
    let mut points = Points::new();
    for series in &answer.series {
        let starts = answer.buckets.iter().map(|start| Some(start.ms()));
        for (start, point) in starts.zip(&series.points).chain([(None, &series.total)]) {
            if point.events > 0 {
                points.insert((label(&series.label), start), numbers(point));
            }
        }
    }
    points
}

/// The same from DuckDB; `series` is SQL for the label of a row.
fn theirs(setup: &[String], series: &str, rows: &str, period: &str, zone: &str) -> Points {
    let query = format!(
        "WITH rows AS ({rows}),
         labelled AS (SELECT *, {series} AS series,
             epoch_ms(timezone('{zone}', date_trunc('{period}', timezone('{zone}', make_timestamptz(at_ms * 1000)))))
                 AS start FROM rows)
         SELECT series, start, count(*), count(DISTINCT customer), count(amount), sum(amount), avg(amount),
             quantile_cont(amount, 0.5), quantile_cont(amount, 0.9)
         FROM labelled GROUP BY GROUPING SETS ((series, start), (series))"
    );
    let number = |json: &Json| json.as_f64();
    let point = |row: Vec<Json>| {
        ((row[0].as_str().unwrap().to_owned(), row[1].as_i64()), row[2..].iter().map(number).collect())
    };
    duck(setup, &query).into_iter().map(point).collect()
}

fn check(ours: &Points, theirs: &Points) {
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (key, numbers) in ours {
        for (a, b) in numbers.iter().zip(&theirs[key]) {
            let same = match (a, b) {
                (Some(a), Some(b)) => close(*a, *b),
                (a, b) => a == b,
            };
            assert!(same, "{key:?}: {numbers:?} is not {:?}", theirs[key]);
        }
    }
}

fn ask(snapshot: &Snapshot, scope: Scope<'_>, by: By, period: Period, zone: &str) -> TrendAnswer {
    let measure = Some(Measure { property: "amount".into(), percentiles: vec![0.5, 0.9] });
    let zone = TimeZone::get(zone).unwrap();
    trend(snapshot, &Trend { scope, period, zone, measure, by }).unwrap()
}

fn span() -> Span {
    Span { after: Instant::from_ms(START_MS + 5 * HOUR), until: Instant::from_ms(START_MS + 700 * HOUR) }
}

fn rows(wanted: &str) -> String {
    let Span { after, until } = span();
    format!("SELECT * FROM events WHERE at_ms > {} AND at_ms <= {} AND {wanted}", after.ms(), until.ms())
}

const PERIODS: [(Period, &str); 3] = [(Period::Day, "day"), (Period::Week, "week"), (Period::Month, "month")];
const ZONES: [&str; 3] = ["America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"];

fn is_shoes(table: &Table, rows: std::ops::Range<usize>) -> RowMask {
    let category = table.property("category");
    RowMask::collect_bool(rows.len(), |row| category.text(rows.start + row) == Some("shoes"))
}

fn check_world(world: &World, period: usize, zone: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (snapshot, setup) = (world.snapshot(dir.path()), world.setup(dir.path()));
    let (period, sql_period) = PERIODS[period];
    let any = || Scope::any_event(span());
    let answer = ask(&snapshot, any(), By::Nothing, period, zone);
    check(&ours(&answer), &theirs(&setup, "'all'", &rows("true"), sql_period, zone));
    let answer = ask(&snapshot, any(), By::Event, period, zone);
    check(&ours(&answer), &theirs(&setup, "name", &rows("true"), sql_period, zone));
    let answer = ask(&snapshot, any().filtered(&is_shoes), By::Event, period, zone);
    check(&ours(&answer), &theirs(&setup, "name", &rows("category = 'shoes'"), sql_period, zone));
    let some: CustomerSet = (0..10).map(customer).collect();
    let answer = ask(&snapshot, any().among(&some), By::Nothing, period, zone);
    check(&ours(&answer), &theirs(&setup, "'all'", &rows("customer < 10"), sql_period, zone));
    let by = By::Property { name: "category".into(), top: 2 };
    let answer = ask(&snapshot, Scope::of("event:a", span()), by, period, zone);
    let wanted = rows("name = 'a'");
    let series = format!(
        "CASE WHEN category IS NULL THEN 'missing' WHEN category IN (
             SELECT category FROM ({wanted}) WHERE category IS NOT NULL
             GROUP BY category ORDER BY count(*) DESC, category LIMIT 2)
         THEN category ELSE 'other' END"
    );
    check(&ours(&answer), &theirs(&setup, &series, &wanted, sql_period, zone));
    let counted = count(&snapshot, &any());
    let people = duck(&setup, &format!("SELECT count(*), count(DISTINCT customer) FROM ({})", rows("true")));
    assert_eq!(people[0], [Json::from(counted.events), Json::from(counted.customers.len())]);
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn generated_events_give_the_points_that_duckdb_finds(
        world in worlds(30, 800, HOUR, 300),
        period in 0_usize..3,
        zone in proptest::sample::select(&ZONES),
    ) {
        check_world(&world, period, zone);
    }
}

fn trait_row(number: u32, ms: i64, value: Option<&str>) -> model::Row {
    model::Row {
        customer: customer(number),
        at: Instant::from_ms(ms),
        stream: model::stream::r#trait("country"),
        properties: value.map(|value| ("value", value)).into_iter().collect(),
    }
}

fn event_row(number: u32, ms: i64) -> model::Row {
    model::Row {
        customer: customer(number),
        at: Instant::from_ms(ms),
        stream: "event:a".into(),
        properties: model::Properties::new(),
    }
}

#[test]
fn a_trait_counts_as_it_is_at_the_end_of_the_range() {
    let dir = tempfile::tempdir().unwrap();
    let mut columns = columnar::Columns::open(dir.path(), &Default::default(), Default::default()).unwrap();
    columns.append([
        trait_row(1, 0, Some("JP")),
        trait_row(1, 50, Some("TW")),
        trait_row(1, 500, Some("DE")),
        trait_row(2, 0, Some("JP")),
        trait_row(3, 0, Some("JP")),
        trait_row(3, 60, None),
    ]);
    columns.append([
        event_row(1, 10),
        event_row(1, 90),
        event_row(2, 20),
        event_row(3, 30),
        event_row(4, 40),
    ]);
    let by = By::Trait { name: "country".into(), top: 5 };
    let span = Span { after: Instant::from_ms(0), until: Instant::from_ms(100) };
    let answer = ask(&columns.snapshot(), Scope::of("event:a", span), by, Period::Day, "UTC");
    let series: Vec<(String, u64, u64)> = answer
        .series
        .iter()
        .map(|series| (label(&series.label), series.total.events, series.total.customers))
        .collect();
    let expected = [("TW", 2, 1), ("JP", 1, 1), ("missing", 2, 2)];
    assert_eq!(series, expected.map(|(label, events, customers)| (label.to_owned(), events, customers)));
}

#[test]
fn an_open_range_reaches_from_the_first_to_the_last_event() {
    let dir = tempfile::tempdir().unwrap();
    let mut columns = columnar::Columns::open(dir.path(), &Default::default(), Default::default()).unwrap();
    let nothing = ask(&columns.snapshot(), Scope::of("event:a", Span::EVER), By::Nothing, Period::Day, "UTC");
    assert_eq!((nothing.buckets.len(), nothing.series.len()), (0, 0));
    columns.append([event_row(1, 0), event_row(1, 3 * 24 * HOUR)]);
    let answer = ask(&columns.snapshot(), Scope::of("event:a", Span::EVER), By::Nothing, Period::Day, "UTC");
    let events: Vec<u64> = answer.series[0].points.iter().map(|point| point.events).collect();
    assert_eq!(events, [1, 0, 0, 1]);
}

#[test]
fn a_question_that_is_too_large_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut columns = columnar::Columns::open(dir.path(), &Default::default(), Default::default()).unwrap();
    let scope = Scope::any_event(span());
    let by = By::Property { name: Text::from("amount"), top: questions::TOP_MAX + 1 };
    let question = Trend { scope, period: Period::Day, zone: TimeZone::UTC, measure: None, by };
    let error = trend(&columns.snapshot(), &question).unwrap_err();
    assert_eq!(error.kind(), model::ErrorKind::TooLarge);
}
