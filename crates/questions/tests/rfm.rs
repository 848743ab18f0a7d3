//! RFM against DuckDB: on generated events, and on a year of real purchases.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

mod support;

use std::collections::BTreeMap;

use columnar::{Columns, Manifest, Options, Snapshot, Span};
use model::Instant;
use proptest::prelude::*;
use questions::{Cell, Group, Rfm, RfmAnswer, Scope, Summary, rfm};
use serde_json::Value as Json;
use support::retail::retail;
use support::{close, customer, duck, few, worlds};

/// Scores in whole numbers, straight from the definition.
fn scores(events: &str, Span { after, until }: Span) -> String {
    format!(
        "WITH buyers AS (
             SELECT customer, max(at_ms) AS last, count(*) AS n, coalesce(sum(amount), 0) AS m
             FROM {events} WHERE at_ms > {} AND at_ms <= {} GROUP BY customer),
         ranks AS (
             SELECT *, count(*) OVER () AS everybody,
                 rank() OVER (ORDER BY last) - 1 AS r_less, count(*) OVER (PARTITION BY last) AS r_equal,
                 rank() OVER (ORDER BY n) - 1 AS f_less, count(*) OVER (PARTITION BY n) AS f_equal
             FROM buyers)
         SELECT customer, last, n, m,
             least(5, 1 + 5 * (2 * r_less + r_equal) // (2 * everybody)) AS r,
             least(5, 1 + 5 * (2 * f_less + f_equal) // (2 * everybody)) AS f
         FROM ranks",
        after.ms(),
        until.ms()
    )
}

const MEASURES: &str =
    "count(*), sum(m), floor(avg(last)), floor(median(last)), avg(n), median(n), avg(m), median(m)";

fn number(json: &Json) -> f64 {
    json.as_f64().or_else(|| json.as_str()?.parse().ok()).unwrap_or_else(|| panic!("no number: {json}"))
}

fn score(json: &Json) -> u8 {
    u8::try_from(json.as_u64().unwrap()).unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "instants and counts of tests are below 2^53")]
fn check_summary(ours: &Summary, theirs: &[Json], what: &str) {
    let ours = [
        ours.customers as f64,
        ours.revenue,
        ours.recency.mean.ms() as f64,
        ours.recency.median.ms() as f64,
        ours.frequency.mean,
        ours.frequency.median,
        ours.monetary.mean,
        ours.monetary.median,
    ];
    for (ours, theirs) in ours.into_iter().zip(theirs.iter().map(number)) {
        assert!(close(ours, theirs), "{what}: {ours} is not {theirs}");
    }
}

/// Compares totals, cells, groups and moves with what DuckDB says about the table `events`.
fn check(answer: &RfmAnswer, setup: &[String], events: &str, span: Span) {
    let scores_now = scores(events, span);
    let total = &duck(setup, &format!("SELECT {MEASURES} FROM ({scores_now})"))[0];
    if answer.total.customers > 0 {
        check_summary(&answer.total, total, "everybody");
    }
    let cells = duck(setup, &format!("SELECT r, f, {MEASURES} FROM ({scores_now}) GROUP BY r, f"));
    for row in &cells {
        let cell = Cell { r: score(&row[0]), f: score(&row[1]) };
        let ours = answer.cells.iter().find(|(other, _)| *other == cell).unwrap();
        check_summary(&ours.1, &row[2..], &format!("{cell:?}"));
        assert_eq!(answer.in_cell(cell).len(), ours.1.customers);
    }
    assert_eq!(answer.cells.iter().filter(|(_, summary)| summary.customers > 0).count(), cells.len());
    let names = Cell::all().map(|cell| format!("({}, {}, '{}')", cell.r, cell.f, cell.group()));
    let names = format!("(VALUES {}) AS names(r, f, name)", names.collect::<Vec<_>>().join(", "));
    let query =
        format!("SELECT name, {MEASURES} FROM ({scores_now}) JOIN {names} USING (r, f) GROUP BY name");
    for row in duck(setup, &query) {
        let group = Group::from_word(row[0].as_str().unwrap()).unwrap();
        let ours = answer.groups.iter().find(|(other, _)| *other == group).unwrap();
        check_summary(&ours.1, &row[1..], &group.to_string());
        assert!(close(ours.1.revenue_share * answer.total.revenue, ours.1.revenue));
        assert_eq!(answer.in_group(group).len(), ours.1.customers);
    }
    check_moves(answer, setup, &names, [&scores_now, &scores(events, span.previous())]);
}

fn check_moves(answer: &RfmAnswer, setup: &[String], names: &str, [now, before]: [&str; 2]) {
    let named = |scores: &str| format!("(SELECT customer, name FROM ({scores}) JOIN {names} USING (r, f))");
    let query = format!(
        "SELECT b.name, a.name, count(*) FROM {} AS a FULL JOIN {} AS b USING (customer) GROUP BY ALL",
        named(now),
        named(before)
    );
    let group = |json: &Json| json.as_str().and_then(Group::from_word);
    let theirs: BTreeMap<_, _> = duck(setup, &query)
        .iter()
        .map(|row| ((group(&row[0]), group(&row[1])), usize::try_from(row[2].as_u64().unwrap()).unwrap()))
        .collect();
    let ours: BTreeMap<_, _> =
        answer.moves.iter().map(|moved| ((moved.from, moved.to), moved.customers)).collect();
    assert_eq!(ours, theirs);
    for moved in &answer.moves {
        assert_eq!(answer.moved(moved.from, moved.to).len(), moved.customers);
    }
}

fn ask(snapshot: &Snapshot, event: &str, span: Span) -> RfmAnswer {
    let scope = Scope::of(model::stream::event(event), span);
    rfm(snapshot, &Rfm { scope, amount: Some("amount".into()), transitions: true })
}

const HOUR: i64 = Instant::HOUR_MS;

proptest! {
    #![proptest_config(few())]

    #[test]
    fn generated_purchases_give_the_cells_that_duckdb_finds(world in worlds(40, 60, HOUR, 400)) {
        let dir = tempfile::tempdir().unwrap();
        let snapshot = world.snapshot(dir.path());
        let until = Instant::from_ms(support::START_MS + 50 * HOUR);
        let span = Span::last(24 * HOUR, until);
        let answer = ask(&snapshot, "a", span);
        check(&answer, &world.setup(dir.path()), "(FROM events WHERE name = 'a')", span);
    }
}

#[test]
fn a_year_of_real_purchases_gives_the_cells_that_duckdb_finds() {
    let Some(retail) = retail() else { return };
    let end: Instant = "2011-12-10T00:00:00Z".parse().unwrap();
    for span in [Span { after: Instant::from_ms(0), until: end }, Span::last(90 * Instant::DAY_MS, end)] {
        let answer = ask(&retail.snapshot, "purchase", span);
        check(&answer, &retail.setup, "events", span);
        for row in duck(&retail.setup, &format!("SELECT customer, r, f FROM ({})", scores("events", span))) {
            let customer = retail.customers[row[0].as_str().unwrap()];
            let cell = Cell { r: score(&row[1]), f: score(&row[2]) };
            assert_eq!(answer.cell_of(customer), Some(cell));
        }
    }
}

#[test]
fn a_year_of_real_purchases_has_the_published_totals() {
    let Some(retail) = retail() else { return };
    let answer = ask(&retail.snapshot, "purchase", Span::EVER);
    assert_eq!(answer.total.customers, 4_338);
    assert_eq!(format!("{:.2}", answer.total.revenue), "8911407.90");
    assert_eq!(answer.customers().len(), 4_338);
    assert_eq!(answer.moves, [], "nothing lies before all of time");
}

#[test]
fn nobody_bought_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut columns = Columns::open(dir.path(), &Manifest::default(), Options::default()).unwrap();
    let answer = ask(&columns.snapshot(), "purchase", Span::EVER);
    assert_eq!((answer.total.customers, answer.customers().len()), (0, 0));
    assert_eq!(answer.cell_of(customer(3)), None);
}
