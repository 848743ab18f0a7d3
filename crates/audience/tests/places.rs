//! Places against DuckDB, which computes distances and rectangles by its own arithmetic.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

#[path = "../../questions/tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use audience::{Audiences, Condition, Context, many};
use columnar::{Columns, Manifest, Options, Snapshot};
use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Lane, Properties, Row, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{START_MS, duck};

/// Degrees of visits, one of each customer; half of them around Tokyo, the others anywhere.
fn visits() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let tokyo = (35.0..36.5_f64, 139.0..140.5_f64);
    vec(prop_oneof![tokyo, (-90.0..90.0_f64, -180.0..180.0_f64)], 1..60)
}

fn customer(number: usize) -> CustomerId {
    CustomerId::new(Lane::new(number % 4), u32::try_from(number).unwrap())
}

fn columns(visits: &[(f64, f64)]) -> (tempfile::TempDir, Snapshot) {
    let dir = tempfile::tempdir().unwrap();
    let mut columns = Columns::open(dir.path(), &Manifest::default(), Options::default()).unwrap();
    columns.append(visits.iter().enumerate().map(|(number, (latitude, longitude))| {
        let mut properties = Properties::new();
        properties.insert("latitude", *latitude);
        properties.insert("longitude", *longitude);
        let (at, stream) = (Instant::from_ms(START_MS), stream::event("visit"));
        Row { customer: customer(number), at, stream, properties }
    }));
    let snapshot = columns.snapshot();
    (dir, snapshot)
}

/// Both ways to ask for the place of a single visit find whoever passes `test` in SQL.
fn check(visits: &[(f64, f64)], area: &str, test: &str) {
    let values: Vec<String> = visits
        .iter()
        .enumerate()
        .map(|(number, (latitude, longitude))| format!("({number}, {latitude:?}, {longitude:?})"))
        .collect();
    let setup = format!(
        "CREATE TABLE visits AS SELECT * FROM (VALUES {}) AS it(number, latitude, longitude)",
        values.join(", ")
    );
    let found = duck(&[setup], &format!("SELECT number FROM visits WHERE {test}"));
    let expected: BTreeSet<CustomerId> =
        found.iter().map(|row| customer(usize::try_from(row[0].as_u64().unwrap()).unwrap())).collect();
    let (_dir, snapshot) = columns(visits);
    let as_of = Instant::from_ms(START_MS);
    let context = Context { as_of, zone: TimeZone::UTC, audiences: Audiences::NONE };
    for text in [format!(r#"did "visit" where {area}"#), format!(r#"last place of "visit" {area}"#)] {
        let condition: Condition = text.parse().unwrap();
        let found: BTreeSet<CustomerId> =
            many::evaluate(&condition, &snapshot, &context).unwrap().iter().collect();
        assert_eq!(found, expected, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn who_was_near_is_who_the_haversine_formula_finds(
        visits in visits(),
        (latitude, longitude) in (-90.0..90.0_f64, -180.0..180.0_f64),
        near_tokyo in any::<bool>(),
        meters in prop_oneof![1..200_000_u32, 1..20_100_000_u32],
    ) {
        let (latitude, longitude) = if near_tokyo { (35.6812, 139.7671) } else { (latitude, longitude) };
        let half = |angle: &str| format!("pow(sin(radians({angle}) / 2), 2)");
        let distance = format!(
            "2 * 6371008.8 * asin(sqrt(least(1, {} + cos(radians(latitude)) * cos(radians({latitude:?})) * {})))",
            half(&format!("latitude - {latitude:?}")),
            half(&format!("longitude - {longitude:?}")),
        );
        let area = format!("near {latitude:?}, {longitude:?} within {meters} m");
        check(&visits, &area, &format!("{distance} <= {meters}"));
    }

    #[test]
    fn who_was_inside_a_rectangle_is_who_lies_between_its_sides(
        visits in visits(),
        (south, west) in (35.0..35.7_f64, 139.0..139.7_f64),
        (height, width) in (0.01..0.8_f64, 0.01..0.8_f64),
    ) {
        let (north, east) = (south + height, west + width);
        let area = format!(
            "inside (({south:?}, {west:?}), ({south:?}, {east:?}), ({north:?}, {east:?}), ({north:?}, {west:?}))"
        );
        let between = format!(
            "latitude BETWEEN {south:?} AND {north:?} AND longitude BETWEEN {west:?} AND {east:?}"
        );
        check(&visits, &area, &between);
    }
}
