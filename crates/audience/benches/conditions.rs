//! How long typical audiences take: `cargo bench -p audience`. The number of events is `EVENTS`, 5 million by default.

use std::sync::OnceLock;

use audience::{Audiences, Condition, Context, many, one};
use columnar::{Columns, Manifest, Options, Snapshot};
use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Row, stream};

const AS_OF: Instant = Instant::from_ms(1_772_982_000_000);
const NAMES: [&str; 10] =
    ["open", "view", "search", "open", "view", "cart", "open", "purchase", "view", "uninstall"];
const CATEGORIES: [&str; 5] = ["shoes", "shirts", "hats", "socks", "bags"];

fn main() {
    divan::main();
}

/// Numbers that look random and are the same in every run.
fn scatter(number: u64) -> u64 {
    let number = (number ^ (number >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (number ^ (number >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53) >> 8
}

fn row(number: u64, customers: u64) -> Row {
    let pick = |salt: u64, below: u64| scatter(number * 8 + salt) % below;
    let index = |value: u64| usize::try_from(value).expect("it is small");
    let name = NAMES[index(pick(0, 10))];
    let customer = u32::try_from(pick(1, customers)).expect("there are less than 2^32 customers");
    let at = AS_OF.plus_ms(-i64::try_from(pick(2, 180 * 86_400_000)).expect("180 days fit"));
    let amount = i64::try_from(pick(4, 20_000)).expect("it is small");
    let properties =
        [("category", model::Value::from(CATEGORIES[index(pick(3, 5))])), ("amount", amount.into())];
    Row {
        customer: CustomerId::from_number(customer),
        at,
        stream: stream::event(name),
        properties: properties.into_iter().collect(),
    }
}

fn snapshot() -> &'static Snapshot {
    static SNAPSHOT: OnceLock<(Snapshot, tempfile::TempDir)> = OnceLock::new();
    let build = || {
        let events = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000_000);
        let dir = tempfile::tempdir().expect("there is room for a temporary folder");
        let mut columns = Columns::open(dir.path(), &Manifest::default(), Options::default())
            .expect("an empty folder opens");
        for million in 0..events / 1_000_000 {
            let rows = million * 1_000_000..(million + 1) * 1_000_000;
            columns.append(rows.map(|number| row(number, events / 25)));
            columns.seal().expect("there is room on the disk");
        }
        (columns.snapshot(), dir)
    };
    &SNAPSHOT.get_or_init(build).0
}

#[divan::bench(args = [
    r#"did "purchase" where category = "shoes" at least 2 times in last 30 days and did not "uninstall" in last 90 days"#,
    r#"did "view" at least 5 times in last 30 days"#,
    r#"did "purchase" with sum of amount >= 10000 in last 90 days"#,
    r#"last did "open" before 30 days ago"#,
    r#"sequence "cart" then "purchase" within 1 day without "search" between"#,
    r#"mostly category of "view" = "shoes" in last 90 days"#,
    r#"usual hour of "open" between 18 and 21 in last 30 days"#,
])]
fn everybody(bencher: divan::Bencher<'_, '_>, text: &str) {
    let condition: Condition = text.parse().expect("it is a condition");
    let context = Context { as_of: AS_OF, zone: TimeZone::UTC, audiences: Audiences::NONE };
    let snapshot = snapshot();
    bencher.bench(|| many::evaluate(&condition, snapshot, &context));
}

#[divan::bench]
fn one_customer(bencher: divan::Bencher<'_, '_>) {
    let text = r#"did "purchase" where category = "shoes" at least 2 times in last 30 days"#;
    let condition: Condition = text.parse().expect("it is a condition");
    let context = Context { as_of: AS_OF, zone: TimeZone::UTC, audiences: Audiences::NONE };
    let rows: Vec<Row> = (0..25).map(|number| row(number, 1)).collect();
    bencher.bench(|| one::evaluate(&condition, &rows, &context));
}
