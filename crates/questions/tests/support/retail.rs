//! A year of real purchases: the online-retail data, as columns and as a table of DuckDB.

use std::collections::BTreeMap;
use std::io::BufReader;

use columnar::{Columns, Manifest, Options, Snapshot};
use model::{CustomerId, Lane, Row};

use super::dataset;

/// The lines of the file that count: not cancelled, of a known customer, with positive quantity and price.
pub(crate) struct Retail {
    pub(crate) snapshot: Snapshot,
    pub(crate) customers: BTreeMap<String, CustomerId>,
    /// SQL that makes the table `events(customer, at_ms, amount)`.
    pub(crate) setup: Vec<String>,
    _dir: tempfile::TempDir,
}

/// `None`, with a message, where the real data is not.
pub(crate) fn retail() -> Option<Retail> {
    let path = dataset("online-retail/online_retail.csv.zst")?;
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("online_retail.csv");
    let packed = BufReader::new(std::fs::File::open(path).unwrap());
    std::fs::write(&csv, zstd::decode_all(packed).unwrap()).unwrap();
    let mut customers = BTreeMap::new();
    let mut columns =
        Columns::open(dir.path().join("parts"), &Manifest::default(), Options::default()).unwrap();
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let (quantity, price): (f64, f64) = (record[3].parse().unwrap(), record[5].parse().unwrap());
        if record[6].is_empty() || record[0].starts_with('C') || quantity <= 0.0 || price <= 0.0 {
            continue;
        }
        let next = customers.len();
        let customer = *customers.entry(record[6].to_owned()).or_insert_with(|| {
            CustomerId::new(Lane::new(next % model::LANES), u32::try_from(next / model::LANES).unwrap())
        });
        rows.push(Row {
            customer,
            at: format!("{}Z", record[4].replace(' ', "T")).parse().unwrap(),
            stream: "event:purchase".into(),
            properties: [("amount", quantity * price)].into_iter().collect(),
        });
    }
    columns.append(rows);
    columns.seal().unwrap();
    let setup = vec![format!(
        "CREATE TABLE events AS SELECT CustomerID AS customer, epoch_ms(InvoiceDate) AS at_ms, Quantity * UnitPrice AS amount
         FROM read_csv('{}', header = true, quote = '\"', types = {{InvoiceNo: 'VARCHAR', Quantity: 'DOUBLE',
             UnitPrice: 'DOUBLE', InvoiceDate: 'TIMESTAMP', CustomerID: 'VARCHAR'}})
         WHERE CustomerID IS NOT NULL AND NOT starts_with(InvoiceNo, 'C') AND Quantity > 0 AND UnitPrice > 0",
        csv.display()
    )];
    Some(Retail { snapshot: columns.snapshot(), customers, setup, _dir: dir })
}
