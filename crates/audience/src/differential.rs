//! Two evaluators, one language: what [`one`] says of every customer is what [`many`] finds, and `changes_at` is right.

use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Lane, Properties, Row, Text, Value, stream};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::strategies::Names;
use crate::{Audiences, Context, Unit, many, one};

const AS_OF: Instant = Names::TAME.as_of;

/// Instants that tie, and that lie on the edges of windows.
fn instants() -> BoxedStrategy<Instant> {
    let unit = proptest::sample::select(Unit::ALL);
    let past = prop_oneof![9 => Just(-1), 1 => Just(1)];
    (0..6_i64, unit, past, prop_oneof![3 => Just(0), 1 => Just(-1), 1 => Just(1_i64)])
        .prop_map(|(amount, unit, sign, jitter)| AS_OF.plus_ms(amount * unit.ms() * sign + jitter))
        .boxed()
}

fn values() -> BoxedStrategy<Value> {
    prop_oneof![
        1 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::Bool),
        4 => (-2..6_i64).prop_map(Value::Int),
        2 => proptest::sample::select(&[0.5, 5.0, 0.1, -0.0, 1e-7][..]).prop_map(Value::Float),
        4 => proptest::sample::select(Names::TAME.texts).prop_map(Value::from),
        1 => proptest::sample::select(&["2024-02-29", "1990-03-09", "2026-03-08T15:00:00Z"][..]).prop_map(Value::from),
        2 => instants().prop_map(Value::Time),
        1 => vec(proptest::sample::select(Names::TAME.texts).prop_map(Value::from), 0..3).prop_map(Value::List),
    ]
    .boxed()
}

fn properties(names: &'static [&'static str]) -> BoxedStrategy<Properties> {
    vec((proptest::sample::select(names), values()), 0..3)
        .prop_map(|pairs| pairs.into_iter().collect())
        .boxed()
}

/// What happens, without whom it happens to.
pub(crate) fn happenings() -> BoxedStrategy<(Text, Properties)> {
    let flag = |name: &'static str| {
        prop_oneof![
            4 => any::<bool>().prop_map(Value::Bool),
            1 => Just(Value::Null),
            1 => Just(Value::from("true")),
        ]
        .prop_map(move |value| Properties::from_iter([(name, value)]))
    };
    let channel = proptest::option::of(proptest::sample::select(&["email", "sms", "push"][..]));
    let consent = (flag("given"), channel).prop_map(|(mut properties, channel)| {
        if let Some(channel) = channel {
            properties.insert("channel", channel);
        }
        properties
    });
    let event = (proptest::sample::select(Names::TAME.events), properties(Names::TAME.properties));
    let told = (proptest::sample::select(Names::TAME.properties), properties(&["value"]));
    let reach = (proptest::sample::select(&["email", "sms"][..]), 0..3_i64);
    prop_oneof![
        8 => event.prop_map(|(name, properties)| (stream::event(name), properties)),
        3 => told.prop_map(|(name, properties)| (stream::r#trait(name), properties)),
        1 => reach.prop_map(|(channel, live)| {
            (format!("address:{channel}").into(), [("live", live)].into_iter().collect())
        }),
        1 => consent.prop_map(|properties| ("consent:marketing".into(), properties)),
        1 => (proptest::sample::select(Names::TAME.texts), flag("subscribed"))
            .prop_map(|(topic, properties)| (stream::topic(topic), properties)),
    ]
    .boxed()
}

/// Rows in the order of arrival, of a few customers in two lanes.
fn histories() -> BoxedStrategy<Vec<Row>> {
    let customer =
        (0..2_usize, 0..3_u32).prop_map(|(lane, number)| CustomerId::new(Lane::new(lane), number * 70));
    let row = (customer, instants(), happenings());
    vec(row.prop_map(|(customer, at, (stream, properties))| Row { customer, at, stream, properties }), 0..40)
        .boxed()
}

fn zones() -> BoxedStrategy<TimeZone> {
    proptest::sample::select(&["UTC", "Asia/Tokyo", "America/New_York"][..])
        .prop_map(|name| TimeZone::get(name).unwrap())
        .boxed()
}

fn audiences() -> BoxedStrategy<Audiences> {
    Names { audiences: &["gold"], ..Names::TAME }
        .condition()
        .prop_map(|vip| {
            let gold = r#"did "a" and trait x is set or did "b""#.parse().unwrap();
            Audiences::from_iter([("vip", vip), ("gold", gold)])
        })
        .boxed()
}

/// The rows as columns: in memory and on disk, in several tables.
fn columns(rows: &[Row], dir: &std::path::Path, sealed: bool) -> columnar::Snapshot {
    let mut columns =
        columnar::Columns::open(dir, &columnar::Manifest::default(), columnar::Options::default()).unwrap();
    for (index, chunk) in rows.chunks(7).enumerate() {
        columns.append(chunk.iter().cloned());
        if sealed && index == 2 {
            columns.seal().unwrap();
        }
        drop(columns.snapshot());
    }
    columns.snapshot()
}

fn rows_of(rows: &[Row], customer: CustomerId) -> Vec<Row> {
    rows.iter().filter(|row| row.customer == customer).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn everybody_at_once_is_everybody_one_by_one(
        rows in histories(),
        conditions in vec(Names::TAME.condition(), 1..8),
        audiences in audiences(),
        zone in zones(),
        sealed in proptest::bool::weighted(0.1),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let snapshot = columns(&rows, dir.path(), sealed);
        let context = Context { as_of: AS_OF, zone, audiences: &audiences };
        for condition in conditions {
            let found = many::evaluate(&condition, &snapshot, &context).unwrap();
            for customer in &snapshot.customers(AS_OF).iter().collect::<Vec<_>>() {
                let verdict = one::evaluate(&condition, &rows_of(&rows, *customer), &context).unwrap();
                prop_assert_eq!(found.contains(*customer), verdict.holds, "{}: {}", customer, condition);
            }
            prop_assert!(found.iter().all(|customer| snapshot.customers(AS_OF).contains(customer)));
        }
    }

    #[test]
    fn without_new_rows_a_verdict_holds_until_it_says(
        rows in histories(),
        conditions in vec(Names::TAME.condition(), 1..4),
        audiences in audiences(),
        zone in zones(),
        later in vec(instants(), 8),
    ) {
        let customer = CustomerId::new(Lane::new(0), 0);
        let rows: Vec<Row> = rows.into_iter().map(|row| Row { customer, ..row }).collect();
        let context = Context { as_of: AS_OF, zone, audiences: &audiences };
        for condition in conditions {
            let now = one::evaluate(&condition, &rows, &context).unwrap();
            let until = now.changes_at.unwrap_or(AS_OF.plus_ms(500 * Instant::DAY_MS));
            prop_assert!(until > AS_OF, "{}", condition);
            let mirrored = later.iter().map(|at| AS_OF.plus_ms(AS_OF.since_ms(*at)));
            let shifted = rows.iter().flat_map(|row| Unit::ALL.iter().flat_map(move |unit| {
                (0..6).map(move |amount| row.at.plus_ms(unit.ms() * amount))
            }));
            let samples = mirrored.chain(shifted).chain([until.plus_ms(-1)]);
            for as_of in samples.filter(|as_of| AS_OF < *as_of && *as_of < until) {
                let then = one::evaluate(&condition, &rows, &Context { as_of, ..context.clone() }).unwrap();
                prop_assert_eq!(then.holds, now.holds, "{} at {}: {}", now.changes_at.is_some(), as_of, condition);
            }
        }
    }
}
