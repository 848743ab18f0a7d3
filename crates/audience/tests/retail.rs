//! A year of real purchases: conditions find the people that DuckDB finds.
#![allow(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

#[path = "../../questions/tests/support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;

use audience::{Audiences, Condition, Context, many};
use columnar::{Columns, Manifest, Options, Snapshot};
use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Lane, Row, stream};
use support::{dataset, duck};

/// Every line of a known customer: purchases, and what was cancelled.
struct Retail {
    snapshot: Snapshot,
    customers: BTreeMap<String, CustomerId>,
    setup: Vec<String>,
    _dir: tempfile::TempDir,
}

/// The same lines as columns (two parts and recent rows) and as a table of DuckDB.
fn retail() -> Option<Retail> {
    let path = dataset("online-retail/online_retail.csv.zst")?;
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("retail.csv");
    let packed = BufReader::new(std::fs::File::open(path).unwrap());
    std::fs::write(&csv, zstd::decode_all(packed).unwrap()).unwrap();
    let mut columns =
        Columns::open(dir.path().join("parts"), &Manifest::default(), Options::default()).unwrap();
    let mut customers = BTreeMap::new();
    for (line, record) in csv::Reader::from_path(&csv).unwrap().records().enumerate() {
        let record = record.unwrap();
        if record[6].is_empty() {
            continue;
        }
        let next = customers.len();
        let customer = *customers.entry(record[6].to_owned()).or_insert_with(|| {
            CustomerId::new(Lane::new(next % model::LANES), u32::try_from(next / model::LANES).unwrap())
        });
        columns.append([row(customer, &record)]);
        if line == 200_000 || line == 400_000 {
            columns.seal().unwrap();
        }
    }
    let setup = vec![format!(
        "CREATE TABLE events AS SELECT CustomerID AS customer, epoch_ms(InvoiceDate) AS ms, InvoiceNo AS invoice,
           StockCode AS stock, Quantity AS quantity, UnitPrice AS price, Country AS country,
           row_number() OVER () AS arrival, if(starts_with(InvoiceNo, 'C'), 'cancel', 'purchase') AS name
         FROM read_csv('{}', header = true, quote = '\"', types = {{InvoiceNo: 'VARCHAR', StockCode: 'VARCHAR',
             Quantity: 'BIGINT', UnitPrice: 'DOUBLE', InvoiceDate: 'TIMESTAMP', CustomerID: 'VARCHAR'}})
         WHERE CustomerID IS NOT NULL",
        csv.display()
    )];
    Some(Retail { snapshot: columns.snapshot(), customers, setup, _dir: dir })
}

fn row(customer: CustomerId, record: &csv::StringRecord) -> Row {
    let name = if record[0].starts_with('C') { "cancel" } else { "purchase" };
    let mut properties = model::Properties::new();
    for (property, column) in [("invoice", 0), ("stock", 1), ("country", 7)] {
        properties.insert(property, &record[column]);
    }
    properties.insert("quantity", record[3].parse::<i64>().unwrap());
    properties.insert("price", record[5].parse::<f64>().unwrap());
    let at = format!("{}Z", record[4].replace(' ', "T")).parse().unwrap();
    Row { customer, at, stream: stream::event(name), properties }
}

/// The same question for DuckDB, over `seen`: what happened up to as of.
enum Sql {
    /// What must hold of all events of a customer.
    Having(&'static str),
    /// The customers.
    Customers(&'static str),
}

use Sql::{Customers, Having};

impl Sql {
    fn query(&self) -> String {
        match self {
            Having(having) => format!("SELECT customer FROM seen GROUP BY customer HAVING {having}"),
            Customers(query) => format!("SELECT customer FROM ({query})"),
        }
    }
}

/// Averages are asked of decimal numbers: where the mean is 3.5 exactly, sums of floating point that depend on the order say more.
const CASES: &[(&str, Sql)] = &[
    (
        r#"did "purchase" at least 20 times in last 30 days and did not "cancel" in last 90 days"#,
        Having("count(*) FILTER (name = 'purchase' AND ms > days(30)) >= 20
         AND count(*) FILTER (name = 'cancel' AND ms > days(90)) = 0"),
    ),
    (
        r#"did "purchase" between 5 and 10 times between 2010-12-15 and 2011-03-31"#,
        Having("count(*) FILTER (name = 'purchase' AND ms >= epoch_ms(TIMESTAMP '2010-12-15')
           AND ms < epoch_ms(TIMESTAMP '2011-04-01')) BETWEEN 5 AND 10"),
    ),
    (
        r#"did "cancel" at most 2 times and did "purchase" between 60 days ago and 30 days ago"#,
        Having("count(*) FILTER (name = 'cancel') <= 2
         AND count(*) FILTER (name = 'purchase' AND ms > days(60) AND ms <= days(30)) >= 1"),
    ),
    (
        r#"did "purchase" where quantity > 0 and price > 0 and not invoice starts with "C" with sum of quantity >= 500 in last 90 days"#,
        Having("coalesce(sum(quantity) FILTER (name = 'purchase' AND quantity > 0 AND price > 0 AND ms > days(90)), 0) >= 500"),
    ),
    (
        r#"did "purchase" with avg of price > 3.5 in last 60 days or did "purchase" with max of price >= 100"#,
        Having("coalesce(avg(price::DECIMAL(12, 3)) FILTER (name = 'purchase' AND ms > days(60)) > 3.5, false)
         OR coalesce(max(price) FILTER (name = 'purchase') >= 100, false)"),
    ),
    (
        r#"did "cancel" with min of quantity <= -100 and did "purchase" with distinct of stock >= 50"#,
        Having("min(quantity) FILTER (name = 'cancel') <= -100
         AND count(DISTINCT stock) FILTER (name = 'purchase') >= 50"),
    ),
    (
        r#"did "purchase" where (country in ("Germany", "France") or price between 10 and 20) and not stock matches "^[0-9]+$" at least 2 times"#,
        Having("count(*) FILTER (name = 'purchase' AND (country IN ('Germany', 'France') OR price BETWEEN 10 AND 20)
           AND NOT regexp_matches(stock, '^[0-9]+$')) >= 2"),
    ),
    (
        r#"did "purchase" where stock ends with "A" and country contains "land" and colour != "red" or did "purchase" where quantity = 144"#,
        Having("count(*) FILTER (name = 'purchase' AND quantity = 144) >= 1"),
    ),
    (
        r#"first did "purchase" in last 30 days"#,
        Having("min(ms) FILTER (name = 'purchase') > days(30)"),
    ),
    (
        r#"last did "purchase" where price > 5 before 30 days ago"#,
        Having("max(ms) FILTER (name = 'purchase' AND price > 5) <= days(30)"),
    ),
    (
        r#"did not "purchase" since last "cancel" and did "cancel""#,
        Customers("WITH last AS (SELECT customer, max((ms, arrival)) AS place FROM seen WHERE name = 'cancel' GROUP BY customer)
         SELECT customer FROM last WHERE NOT EXISTS (SELECT 1 FROM seen
           WHERE seen.customer = last.customer AND name = 'purchase' AND (ms, arrival) > place)"),
    ),
    (
        r#"usual hour of "purchase" between 12 and 13 where price > 0 in last 90 days"#,
        Customers("WITH hours AS (SELECT customer, hour(make_timestamp(ms * 1000)) AS hour, count(*) AS n, max((ms, arrival)) AS place
           FROM seen WHERE name = 'purchase' AND price > 0 AND ms > days(90) GROUP BY ALL)
         SELECT customer FROM hours GROUP BY customer HAVING arg_max(hour, (n, place)) BETWEEN 12 AND 13"),
    ),
    (
        r#"mostly stock of "purchase" in ("85123A", "22423", "84879") in last 90 days"#,
        Customers("WITH stocks AS (SELECT customer, stock, count(*) AS n, max((ms, arrival)) AS place
           FROM seen WHERE name = 'purchase' AND ms > days(90) GROUP BY ALL)
         SELECT customer FROM stocks GROUP BY customer
         HAVING arg_max(stock, (n, place)) IN ('85123A', '22423', '84879')"),
    ),
    (
        r#"sequence "purchase" where quantity > 50 then "cancel" within 7 days"#,
        Customers("SELECT DISTINCT a.customer FROM seen a JOIN seen b ON a.customer = b.customer AND (b.ms, b.arrival) > (a.ms, a.arrival)
             AND a.name = 'purchase' AND b.name = 'cancel' AND a.quantity > 50 AND b.ms - a.ms <= 604800000"),
    ),
    (
        r#"sequence "purchase" where quantity > 50 then "cancel" within 7 days without "purchase" where price > 4 between"#,
        Customers("SELECT DISTINCT a.customer FROM seen a JOIN seen b ON a.customer = b.customer AND (b.ms, b.arrival) > (a.ms, a.arrival)
             AND a.name = 'purchase' AND b.name = 'cancel' AND a.quantity > 50 AND b.ms - a.ms <= 604800000
           WHERE NOT EXISTS (SELECT 1 FROM seen x WHERE x.customer = a.customer AND x.name = 'purchase' AND x.price > 4
             AND (x.ms, x.arrival) > (a.ms, a.arrival) AND (x.ms, x.arrival) < (b.ms, b.arrival))"),
    ),
];

/// The customers that DuckDB finds for each case.
fn found_by_duckdb(retail: &Retail, as_of: Instant) -> Vec<BTreeSet<CustomerId>> {
    let ms = as_of.ms();
    let seen = [
        format!("CREATE MACRO days(n) AS {ms} - n * 86400000::BIGINT"),
        format!("CREATE VIEW seen AS FROM events WHERE ms <= {ms}"),
    ];
    let setup: Vec<String> = retail.setup.iter().cloned().chain(seen).collect();
    let queries = CASES
        .iter()
        .enumerate()
        .map(|(index, (_, sql))| format!("SELECT {index} AS question, customer FROM ({})", sql.query()));
    let mut found = vec![BTreeSet::new(); CASES.len()];
    for row in duck(&setup, &queries.collect::<Vec<_>>().join(" UNION ALL ")) {
        let question = usize::try_from(row[0].as_u64().unwrap()).unwrap();
        found[question].insert(retail.customers[row[1].as_str().unwrap()]);
    }
    found
}

#[test]
fn a_year_of_real_purchases_holds_the_people_that_duckdb_finds() {
    let Some(retail) = retail() else { return };
    for as_of in ["2011-12-10T00:00:00Z", "2011-06-15T12:34:00Z", "2011-01-05T09:00:00Z"] {
        let context =
            Context { as_of: as_of.parse().unwrap(), zone: TimeZone::UTC, audiences: Audiences::NONE };
        let theirs = found_by_duckdb(&retail, context.as_of);
        for ((condition, _), theirs) in CASES.iter().zip(theirs) {
            let parsed: Condition = condition.parse().unwrap_or_else(|errors| panic!("{errors}"));
            let ours: BTreeSet<CustomerId> =
                many::evaluate(&parsed, &retail.snapshot, &context).unwrap().iter().collect();
            assert_eq!(ours, theirs, "{condition} as of {as_of}: {} and {}", ours.len(), theirs.len());
        }
    }
}
