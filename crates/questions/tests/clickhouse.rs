//! Funnels against ClickHouse's `windowFunnel`, on real clicks and on generated events.
//!
//! ClickHouse takes half a gigabyte, so measuring brings it and asks this: `scripts/bench.sh`. It knows no order of what
//! happened at one instant, so of each customer's events at one instant one is asked about; and of an event that matches two
//! steps it forgets the chain that could end with it, so no event does here. The definition in SQL, with both, is held against
//! every answer in `behaviour.rs`.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

mod support;

use std::collections::HashSet;

use columnar::Span;
use model::Instant;
use proptest::prelude::*;
use questions::{Funnel, Scope, StepOrder, Streams, funnel};
use support::clicks::{Click, clicks, columns_of};
use support::{clickhouse, customer, few, worlds};

/// Asks both for how many come how far along these steps, each of which is one of some events.
fn check(mut clicks: Vec<Click>, steps: &[&[&str]], window_ms: i64) {
    let mut seen = HashSet::new();
    clicks.retain(|click| seen.insert((click.customer, click.at)));
    let dir = tempfile::tempdir().unwrap();
    let scope = |names: &&[&str]| {
        let streams = names.iter().map(|name| model::stream::event(name)).collect();
        vec![Scope { streams: Streams::Named(streams), ..Scope::any_event(Span::EVER) }]
    };
    let question = Funnel {
        steps: steps.iter().map(scope).collect(),
        span: Span::EVER,
        among: None,
        window_ms,
        order: StepOrder::Ordered,
    };
    let answer = funnel(&columns_of(&clicks, dir.path()), &question).unwrap();
    let ours: Vec<usize> = answer.steps.iter().map(|step| step.customers).collect();
    let rows: Vec<String> = clicks
        .iter()
        .map(|click| format!("({}, {}, '{}')", click.customer.number(), click.at, click.name))
        .collect();
    let setup = [
        "CREATE TABLE events (customer UInt32, at_ms UInt64, name String) ENGINE = Memory".to_owned(),
        format!("INSERT INTO events VALUES {}", rows.join(", ")),
    ];
    let matches: Vec<String> =
        steps.iter().map(|names| format!("name IN ('{}')", names.join("', '"))).collect();
    let counts: Vec<String> =
        (1..=steps.len()).map(|step| format!("toUInt32(countIf(level >= {step}))")).collect();
    let query = format!(
        "SELECT {} FROM (SELECT windowFunnel({window_ms}, 'strict_increase')(at_ms, {}) AS level FROM events GROUP BY customer)",
        counts.join(", "),
        matches.join(", ")
    );
    let theirs: Vec<usize> = clickhouse(&setup, &query)[0]
        .iter()
        .map(|count| usize::try_from(count.as_u64().unwrap()).unwrap())
        .collect();
    assert_eq!(ours, theirs, "{window_ms} ms");
}

#[test]
#[ignore = "needs ClickHouse, which `scripts/tools.sh bench` brings"]
fn a_funnel_of_real_clicks_is_what_window_funnel_says() {
    for hours in [1, 24, 24 * 30] {
        let Some(clicks) = clicks() else { return };
        let steps: [&[&str]; 4] = [&["catalog"], &["product1", "product2"], &["cart"], &["payment_done"]];
        check(clicks, &steps, hours * Instant::HOUR_MS);
    }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    #[ignore = "needs ClickHouse, which `scripts/tools.sh bench` brings"]
    fn a_funnel_of_generated_events_is_what_window_funnel_says(
        world in worlds(12, 60, Instant::HOUR_MS, 250),
        hours in 1_i64..20,
    ) {
        let click = |event: &support::Event| Click {
            customer: customer(world.owner(event.person)),
            at: event.at,
            name: event.name.to_owned(),
        };
        let clicks = world.events.iter().map(click).collect();
        check(clicks, &[&["a"], &["b", "d"], &["c"]], hours * Instant::HOUR_MS);
    }
}
