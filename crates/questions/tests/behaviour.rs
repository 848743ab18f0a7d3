//! Funnel, retention and paths against DuckDB, on events with ties, late arrivals and merged customers.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

mod support;

use std::collections::BTreeMap;

use columnar::{CustomerSet, Snapshot, Span};
use jiff::tz::TimeZone;
use model::{Instant, Text};
use proptest::prelude::*;
use questions::{
    Counting, Direction, Funnel, Occurrence, Paths, PathsAnswer, Period, Retention, Scope, StepOrder,
    Streams, funnel, path_customers, paths, retention,
};
use serde_json::Value as Json;
use support::clicks::{clicks, columns_of, setup_of};
use support::retail::retail;
use support::{START_MS, World, close, dataset, duck, few, worlds};

const HOUR: i64 = Instant::HOUR_MS;
const WINDOW: i64 = 7 * HOUR;

fn span() -> Span {
    Span { after: Instant::from_ms(START_MS + 5 * HOUR), until: Instant::from_ms(START_MS + 700 * HOUR) }
}

fn within() -> String {
    let Span { after, until } = span();
    format!("at_ms > {} AND at_ms <= {}", after.ms(), until.ms())
}

fn number(json: &Json) -> usize {
    usize::try_from(json.as_u64().unwrap()).unwrap()
}

/// The steps of the funnel: a; then a or b; then c. An event `a` matches two of them. The second step is said in two ways
/// that mean the same: one scope of two streams, two scopes of one.
const STEPS: [&str; 3] = ["('a')", "('a', 'b')", "('c')"];

fn steps<'q>(apart: bool) -> Vec<Vec<Scope<'q>>> {
    let named = |names: &[&str]| Scope {
        streams: Streams::Named(names.iter().map(|name| model::stream::event(name)).collect()),
        span: Span::EVER,
        filter: None,
        among: None,
        pace: None,
    };
    let second = if apart { vec![named(&["a"]), named(&["b"])] } else { vec![named(&["a", "b"])] };
    vec![vec![named(&["a"])], second, vec![named(&["c"])]]
}

/// Every chain of the first `length` steps, straight from the definition: strictly later events of one customer.
fn chains(length: usize, strict: bool) -> String {
    let place = |step: usize| format!("(e{step}.at_ms, e{step}.arrival)");
    let tables: Vec<String> = (0..length).map(|step| format!("rows AS e{step}")).collect();
    let mut conditions: Vec<String> =
        (0..length).map(|step| format!("e{step}.name IN {}", STEPS[step])).collect();
    for step in 1..length {
        conditions.push(format!("e{step}.customer = e0.customer AND {} > {}", place(step), place(step - 1)));
        if strict {
            let others: Vec<String> = (0..STEPS.len())
                .filter(|other| *other != step && *other != step - 1)
                .map(|other| format!("x.name IN {}", STEPS[other]))
                .collect();
            conditions.push(format!(
                "NOT EXISTS (FROM rows AS x WHERE x.customer = e0.customer AND ({}) AND (x.at_ms, x.arrival) > {} AND (x.at_ms, x.arrival) < {})",
                others.join(" OR "),
                place(step - 1),
                place(step)
            ));
        }
    }
    let last = length - 1;
    conditions.push(format!("e{last}.at_ms - e0.at_ms <= {WINDOW}"));
    format!(
        "WITH rows AS (FROM events WHERE {}),
         chains AS (SELECT e0.customer AS customer, min(e{last}.at_ms - e0.at_ms) AS elapsed FROM {} WHERE {} GROUP BY 1)
         SELECT count(*), quantile_cont(elapsed, 0.5), quantile_cont(elapsed, 0.9) FROM chains",
        within(),
        tables.join(", "),
        conditions.join(" AND ")
    )
}

fn check_funnel(snapshot: &Snapshot, setup: &[String], order: StepOrder) {
    let apart = order == StepOrder::Strict;
    let question = Funnel { steps: steps(apart), span: span(), among: None, window_ms: WINDOW, order };
    let answer = funnel(snapshot, &question).unwrap();
    let mut before = usize::MAX;
    for (index, step) in answer.steps.iter().enumerate() {
        let theirs = &duck(setup, &chains(index + 1, order == StepOrder::Strict))[0];
        assert_eq!(step.customers, number(&theirs[0]), "{order:?}, step {index}");
        for (ours, theirs) in [(step.median_ms, &theirs[1]), (step.p90_ms, &theirs[2])] {
            assert!(ours.is_none() == theirs.is_null(), "{ours:?} is not {theirs}");
            assert!(
                ours.is_none_or(|ours| close(ours, theirs.as_f64().unwrap())),
                "{ours:?} is not {theirs}"
            );
        }
        assert_eq!(answer.reached(index + 1).len(), step.customers);
        if index > 0 {
            assert_eq!(answer.dropped_after(index).len(), before - step.customers);
        }
        before = step.customers;
    }
}

fn check_retention(snapshot: &Snapshot, setup: &[String], period: Period, counting: Counting) {
    let question = Retention {
        start: Scope::of("event:a", span()),
        back: Scope::any_event(span()),
        period,
        zone: TimeZone::get("America/New_York").unwrap(),
        counting,
    };
    let answer = retention(snapshot, &question).unwrap();
    let (word, days) = match period {
        Period::Day => ("day", 1),
        Period::Week => ("week", 7),
        Period::Month => ("month", 30),
    };
    let local = "timezone('America/New_York', make_timestamptz(at_ms * 1000))";
    let k = match counting {
        Counting::Rolling => format!("(r.at_ms - s.first) // {}", days * Instant::DAY_MS),
        Counting::Calendar | Counting::OnOrAfter => format!("date_diff('{word}', s.cohort, r.period)"),
    };
    let after =
        if counting == Counting::Rolling { "AND r.at_ms >= s.first" } else { "AND r.period >= s.cohort" };
    let query = format!(
        "WITH rows AS (SELECT *, date_trunc('{word}', {local}) AS period FROM events WHERE {}),
         starts AS (SELECT customer, min(at_ms) AS first, min(period) AS cohort FROM rows WHERE name = 'a' GROUP BY 1),
         back AS (SELECT DISTINCT s.customer, s.cohort, {k} AS k FROM starts AS s JOIN rows AS r USING (customer)
                  WHERE true {after}),
         cells AS (SELECT cohort, k, count(*) AS n FROM back GROUP BY ALL)
         SELECT epoch_ms(timezone('America/New_York', cohort)), k, n FROM cells",
        within()
    );
    let mut theirs: BTreeMap<(i64, usize), usize> = BTreeMap::new();
    if counting == Counting::OnOrAfter {
        let query = query.replace(
            "SELECT cohort, k, count(*) AS n FROM back GROUP BY ALL",
            "SELECT cohort, k, count(*) AS n FROM (
                 SELECT cohort, unnest(range(0, max(k) + 1)) AS k FROM back GROUP BY customer, cohort) GROUP BY ALL",
        );
        theirs.extend(
            duck(setup, &query)
                .iter()
                .map(|row| ((row[0].as_i64().unwrap(), number(&row[1])), number(&row[2]))),
        );
    } else {
        theirs.extend(
            duck(setup, &query)
                .iter()
                .map(|row| ((row[0].as_i64().unwrap(), number(&row[1])), number(&row[2]))),
        );
    }
    let mut ours = BTreeMap::new();
    for (index, cohort) in answer.cohorts.iter().enumerate() {
        assert_eq!(answer.cohort(index).len(), cohort.customers);
        for (k, customers) in cohort.returned.iter().enumerate().filter(|(_, customers)| **customers > 0) {
            ours.insert((cohort.start.ms(), k), *customers);
            assert_eq!(answer.returned(index, k).len(), *customers);
        }
    }
    assert_eq!(ours, theirs, "{period:?} {counting:?}");
}

fn path_query(direction: Direction, occurrence: Occurrence, collapse: bool) -> String {
    let (order, beyond, turn) = match direction {
        Direction::Before => ("DESC", "<", "list_reverse"),
        Direction::After => ("ASC", ">", ""),
    };
    let anchors = match occurrence {
        Occurrence::First => "QUALIFY row_number() OVER (PARTITION BY customer ORDER BY at_ms, arrival) = 1",
        Occurrence::Last => {
            "QUALIFY row_number() OVER (PARTITION BY customer ORDER BY at_ms DESC, arrival DESC) = 1"
        }
        Occurrence::Each => "",
    };
    let repeats = if collapse { "WHERE name IS DISTINCT FROM previous" } else { "" };
    format!(
        "WITH anchors AS (SELECT customer, at_ms, arrival FROM events WHERE name = 'e' AND {} {anchors}),
         steps AS (
             SELECT a.arrival AS anchor, e.name, e.at_ms, e.arrival,
                 lag(e.name) OVER (PARTITION BY a.arrival ORDER BY e.at_ms {order}, e.arrival {order}) AS previous
             FROM anchors AS a JOIN events AS e ON e.customer = a.customer AND e.name IN ('a', 'b', 'e')
                 AND (e.at_ms, e.arrival) {beyond} (a.at_ms, a.arrival) AND abs(e.at_ms - a.at_ms) <= {WINDOW}),
         numbered AS (
             SELECT *, row_number() OVER (PARTITION BY anchor ORDER BY at_ms {order}, arrival {order}) AS n
             FROM steps {repeats}),
         paths AS (
             SELECT a.arrival, {turn}(coalesce(list(n.name ORDER BY n.n) FILTER (n.n IS NOT NULL), [])) AS path
             FROM anchors AS a LEFT JOIN numbered AS n ON n.anchor = a.arrival AND n.n <= 3 GROUP BY a.arrival)
         SELECT array_to_string(path, ' '), count(*) AS n FROM paths GROUP BY 1",
        within()
    )
}

fn told(answer: &PathsAnswer) -> BTreeMap<String, usize> {
    let steps = |path: &questions::Path| path.steps.join(" ").replace("event:", "");
    answer.paths.iter().map(|path| (steps(path), usize::try_from(path.anchors).unwrap())).collect()
}

fn check_paths(
    snapshot: &Snapshot,
    setup: &[String],
    direction: Direction,
    occurrence: Occurrence,
    collapse: bool,
) {
    let events = Streams::Named(["a", "b", "e"].map(model::stream::event).to_vec());
    let question = Paths {
        anchor: Scope::of("event:e", span()),
        occurrence,
        direction,
        events: Scope { streams: events, span: Span::EVER, filter: None, among: None, pace: None },
        steps: 3,
        within_ms: WINDOW,
        collapse,
        top: usize::MAX,
    };
    let answer = paths(snapshot, &question).unwrap();
    let query = path_query(direction, occurrence, collapse);
    let theirs: BTreeMap<String, usize> = duck(setup, &query)
        .iter()
        .map(|row| (row[0].as_str().unwrap().to_owned(), number(&row[1])))
        .collect();
    assert_eq!(told(&answer), theirs, "{direction:?} {occurrence:?} {collapse}");
    assert_eq!(usize::try_from(answer.anchors).unwrap(), theirs.values().sum::<usize>());
    let first_steps: u64 = answer.tree.iter().map(|branch| branch.anchors).sum();
    let none = theirs.get("").copied().unwrap_or(0);
    assert_eq!(usize::try_from(first_steps).unwrap() + none, theirs.values().sum::<usize>());
    let last_but_one = |path: &[&Text]| path.first().is_some_and(|step| *step == "event:a");
    let people = path_customers(snapshot, &question, last_but_one).unwrap();
    let whose = format!(
        "SELECT count(DISTINCT customer) FROM ({whose}) JOIN events USING (arrival) WHERE {end} = 'a'",
        whose = query.replace(
            "SELECT array_to_string(path, ' '), count(*) AS n FROM paths GROUP BY 1",
            "SELECT arrival, path FROM paths"
        ),
        end = if direction == Direction::Before { "path[-1]" } else { "path[1]" },
    );
    assert_eq!(people.len(), number(&duck(setup, &whose)[0][0]), "{direction:?} {occurrence:?} {collapse}");
    let frequencies: Vec<u64> = answer.paths.iter().map(|path| path.anchors).collect();
    assert!(frequencies.is_sorted_by(|a, b| a >= b));
}

#[test]
fn a_year_of_real_purchases_has_the_published_monthly_cohorts() {
    let (Some(retail), Some(path)) = (retail(), dataset("online-retail/expected_monthly_cohorts.csv")) else {
        return;
    };
    let span =
        Span::between("2010-12-01T00:00:00Z".parse().unwrap(), "2012-01-01T00:00:00Z".parse().unwrap());
    let question = Retention {
        start: Scope::of("event:purchase", span),
        back: Scope::of("event:purchase", span),
        period: Period::Month,
        zone: TimeZone::UTC,
        counting: Counting::Calendar,
    };
    let answer = retention(&retail.snapshot, &question).unwrap();
    let mut expected = csv::Reader::from_path(path).unwrap();
    let expected: Vec<Vec<usize>> = expected
        .records()
        .map(|row| {
            row.unwrap().iter().skip(1).filter_map(|cell| cell.parse::<f64>().ok()).map(whole).collect()
        })
        .collect();
    let ours: Vec<Vec<usize>> = answer.cohorts.iter().map(|cohort| cohort.returned.clone()).collect();
    assert_eq!(ours, expected);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of customers")]
fn whole(number: f64) -> usize {
    number as usize
}

fn row(person: u32, ms: i64, name: &str) -> model::Row {
    model::Row {
        customer: support::customer(person),
        at: Instant::from_ms(ms),
        stream: model::stream::event(name),
        properties: model::Properties::new(),
    }
}

#[test]
fn steps_in_any_order_need_only_be_within_the_window() {
    let dir = tempfile::tempdir().unwrap();
    let mut columns = columnar::Columns::open(dir.path(), &Default::default(), Default::default()).unwrap();
    columns.append([
        row(1, 30, "a"),
        row(1, 20, "b"),
        row(1, 10, "c"),
        row(2, 10, "c"),
        row(2, 50, "a"),
        row(2, 55, "b"),
    ]);
    let steps = ["a", "b", "c"].map(|name| vec![Scope::of(model::stream::event(name), Span::EVER)]).to_vec();
    let question = Funnel { steps, span: Span::EVER, among: None, window_ms: 20, order: StepOrder::Any };
    let answer = funnel(&columns.snapshot(), &question).unwrap();
    let customers: Vec<usize> = answer.steps.iter().map(|step| step.customers).collect();
    assert_eq!(customers, [2, 2, 1]);
    let medians: Vec<Option<f64>> = answer.steps.iter().map(|step| step.median_ms).collect();
    assert_eq!(medians, [Some(0.0), Some(7.5), Some(20.0)]);
}

#[test]
fn a_funnel_among_some_is_that_of_a_shop_that_has_nobody_else() {
    let everybody = 0..100_u32;
    let came_far = |person: &u32| !person.is_multiple_of(3);
    let funnel_of = |people: Vec<u32>, among: Option<&CustomerSet>| {
        let dir = tempfile::tempdir().unwrap();
        let mut columns =
            columnar::Columns::open(dir.path(), &Default::default(), Default::default()).unwrap();
        columns.append(people.iter().map(|person| row(*person, 10, "a")));
        columns.append(people.iter().copied().filter(came_far).map(|person| row(person, 20, "b")));
        let steps = ["a", "b"].map(|name| vec![Scope::of(model::stream::event(name), Span::EVER)]).to_vec();
        let question = Funnel { steps, span: Span::EVER, among, window_ms: 20, order: StepOrder::Ordered };
        let answer = funnel(&columns.snapshot(), &question).unwrap();
        answer.steps.iter().map(|step| step.customers).collect::<Vec<_>>()
    };
    for some in
        [vec![], vec![50], vec![0, 1, 2, 99], (0..100).step_by(9).collect::<Vec<_>>(), (30..70).collect()]
    {
        let among = some.iter().copied().chain([120]).map(support::customer).collect();
        assert_eq!(funnel_of(everybody.clone().collect(), Some(&among)), funnel_of(some, None));
    }
}

#[test]
fn a_question_without_sense_is_refused_with_the_field() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot =
        columnar::Columns::open(dir.path(), &Default::default(), Default::default()).unwrap().snapshot();
    let question =
        Funnel { steps: steps(false), span: span(), among: None, window_ms: -1, order: StepOrder::Any };
    assert_eq!(
        funnel(&snapshot, &question).unwrap_err().to_string(),
        "window_ms must be 0 or more. window_ms=`-1`"
    );
    let open = Retention {
        start: Scope::of("event:a", Span::EVER),
        back: Scope::any_event(span()),
        period: Period::Day,
        zone: TimeZone::UTC,
        counting: Counting::Calendar,
    };
    assert_eq!(retention(&snapshot, &open).unwrap_err().kind(), model::ErrorKind::Invalid);
}

fn check_world(world: &World) {
    let dir = tempfile::tempdir().unwrap();
    check(&world.snapshot(dir.path()), &world.setup(dir.path()));
}

fn check(snapshot: &Snapshot, setup: &[String]) {
    for order in [StepOrder::Ordered, StepOrder::Strict] {
        check_funnel(snapshot, setup, order);
    }
    for period in [Period::Day, Period::Week, Period::Month] {
        for counting in [Counting::Calendar, Counting::OnOrAfter, Counting::Rolling] {
            check_retention(snapshot, setup, period, counting);
        }
    }
    for direction in [Direction::Before, Direction::After] {
        for occurrence in [Occurrence::First, Occurrence::Last, Occurrence::Each] {
            for collapse in [false, true] {
                check_paths(snapshot, setup, direction, occurrence, collapse);
            }
        }
    }
}

/// The real clicks as if they had begun with the generated events, under their names.
#[test]
fn a_month_of_real_clicks_answers_as_duckdb_does() {
    let Some(mut clicks) = clicks() else { return };
    let earliest = clicks.iter().map(|click| click.at).min().unwrap();
    for click in &mut clicks {
        click.at += START_MS - earliest;
        let name = match click.name.as_str() {
            "catalog" => "a",
            "cart" => "b",
            "delivery_choice" => "c",
            "payment_done" => "e",
            _ => "d",
        };
        name.clone_into(&mut click.name);
    }
    let dir = tempfile::tempdir().unwrap();
    check(&columns_of(&clicks, dir.path()), &setup_of(&clicks, dir.path()));
}

#[test]
fn a_funnel_of_real_clicks_has_the_published_numbers() {
    let Some(clicks) = clicks() else { return };
    let dir = tempfile::tempdir().unwrap();
    let steps = ["catalog", "cart", "delivery_choice", "payment_choice", "payment_done"];
    let steps = steps.map(|name| vec![Scope::of(model::stream::event(name), Span::EVER)]).to_vec();
    let question =
        Funnel { steps, span: Span::EVER, among: None, window_ms: i64::MAX, order: StepOrder::Ordered };
    let answer = funnel(&columns_of(&clicks, dir.path()), &question).unwrap();
    let customers: Vec<usize> = answer.steps.iter().map(|step| step.customers).collect();
    assert_eq!(customers, [3_611, 1_924, 1_356, 958, 653]);
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn many_events_in_few_hours_answer_as_duckdb_does(world in worlds(12, 60, HOUR, 250)) {
        check_world(&world);
    }

    #[test]
    fn few_events_in_many_weeks_answer_as_duckdb_does(world in worlds(12, 800, HOUR, 250)) {
        check_world(&world);
    }
}
