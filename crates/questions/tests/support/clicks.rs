//! Half a year of real clicks in a small shop: the retentioneering data.

use std::collections::HashMap;
use std::path::Path;

use columnar::{Columns, Manifest, Options, Snapshot};
use model::{CustomerId, Instant, Lane, Properties, Row, stream};

use super::{dataset, table_of};

/// One click, in the order of the file.
pub(crate) struct Click {
    pub(crate) customer: CustomerId,
    /// In milliseconds: what the file says beyond is cut.
    pub(crate) at: i64,
    pub(crate) name: String,
}

/// `None`, with a message, where the real data is not.
pub(crate) fn clicks() -> Option<Vec<Click>> {
    let path = dataset("retentioneering-shop/simple-onlineshop.csv.zst")?;
    let csv = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
    let mut customers = HashMap::new();
    let mut click = |record: csv::StringRecord| {
        let next = customers.len();
        let customer = *customers.entry(record[0].to_owned()).or_insert_with(|| {
            CustomerId::new(Lane::new(next % model::LANES), u32::try_from(next / model::LANES).unwrap())
        });
        let at: Instant = format!("{}Z", record[2].replace(' ', "T")).parse().unwrap();
        Click { customer, at: at.ms(), name: record[1].to_owned() }
    };
    Some(csv::Reader::from_reader(&csv[..]).records().map(|record| click(record.unwrap())).collect())
}

/// Clicks as columns: a part, and recent rows beside it.
pub(crate) fn columns_of(clicks: &[Click], dir: &Path) -> Snapshot {
    let mut columns = Columns::open(dir.join("parts"), &Manifest::default(), Options::default()).unwrap();
    let row = |click: &Click| Row {
        customer: click.customer,
        at: Instant::from_ms(click.at),
        stream: stream::event(&click.name),
        properties: Properties::new(),
    };
    let (sealed, recent) = clicks.split_at(clicks.len() / 2);
    columns.append(sealed.iter().map(row));
    columns.seal().unwrap();
    columns.append(recent.iter().map(row));
    columns.snapshot()
}

/// SQL of DuckDB that makes the same table as [`super::World::setup`].
pub(crate) fn setup_of(clicks: &[Click], dir: &Path) -> Vec<String> {
    let line = |click: &Click| (click.customer.number(), click.at, click.name.clone());
    table_of(clicks.iter().map(line), dir)
}
