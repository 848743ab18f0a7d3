//! How many events one core admits: `cargo bench -p ingest`. The budget stands in `docs/performance.md`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use ingest::Desk;
use ingest::dictionary::Dictionary;
use ingest::import::{Cell, Chunk, ImportKey, Mapping, Plan, admit_rows};
use ingest::segment::{Call, admit};
use model::{Instant, SourceId};

const EVENTS: usize = 1_000;

fn main() {
    divan::main();
}

fn desk() -> Desk {
    Desk { source: SourceId(1), received_at: Instant::from_ms(1_772_366_400_000) }
}

/// An ordinary event of a server-side SDK: 400 bytes of JSON.
fn event(n: usize) -> String {
    format!(
        "{{\"timestamp\":\"2026-03-01T11:59:{:02}.375Z\",\"integrations\":{{}},\"event\":\"Product Viewed\",\"type\":\"track\",\
         \"properties\":{{\"sku\":\"SKU-{n:06}\",\"category\":\"shoes\",\"price\":1299.5,\"currency\":\"JPY\",\"quantity\":{},\"sale\":true}},\
         \"context\":{{\"library\":{{\"name\":\"@segment/analytics-node\",\"version\":\"3.1.0\"}}}},\"userId\":\"customer-{n:07}\",\
         \"messageId\":\"node-next-1795321190376-7ce953dd-fd32-45b5-847d-{n:012}\"}}",
        n % 60,
        n % 7
    )
}

/// Bodies as SDKs send them: 500 KB at most, so 1,000 events.
fn batch() -> String {
    let events: Vec<String> = (0..EVENTS).map(event).collect();
    format!("{{\"batch\":[{}],\"sentAt\":\"2026-03-01T12:00:00.000Z\"}}", events.join(","))
}

#[divan::bench]
fn segment_batch(bencher: Bencher<'_, '_>) {
    let body = batch();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .counter(BytesCount::new(body.len()))
        .bench(|| admit(Call::Batch, body.as_bytes(), &desk()));
}

#[divan::bench]
fn dictionary(bencher: Bencher<'_, '_>) {
    let facts = admit(Call::Batch, batch().as_bytes(), &desk()).expect("the batch is well formed").facts;
    let mut dictionary = Dictionary::default();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .bench_local(|| facts.iter().for_each(|fact| dictionary.learn(fact)));
}

const MAP: &str = include_str!("../../../docs/examples/online-retail.toml");
const COLUMNS: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

fn plan() -> Plan {
    let mapping = Mapping::parse(MAP).expect("the example is a mapping");
    mapping.bind(&COLUMNS.map(str::to_owned)).expect("the columns are there")
}

fn chunk(plan: &mut Plan) -> Chunk {
    let customers: Vec<String> = (0..EVENTS).map(|n| format!("{}.0", 12_000 + n)).collect();
    let row = |(line, customer): (u64, &String)| {
        let text = [
            "536365",
            "85123A",
            "WHITE HANGING HEART T-LIGHT HOLDER",
            "6",
            "2010-12-01 08:26:00",
            "2.55",
            customer,
            "United Kingdom",
        ];
        plan.row(line, &text.map(Cell::Text)).ok().flatten()
    };
    let rows = (2..).zip(&customers).filter_map(row).collect();
    Chunk { key: ImportKey(1), first_line: 2, next_line: 2 + EVENTS as u64, rows }
}

#[divan::bench]
fn import_map_rows(bencher: Bencher<'_, '_>) {
    let mut plan = plan();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| chunk(&mut plan));
}

#[divan::bench]
fn import_encode_rows(bencher: Bencher<'_, '_>) {
    let chunk = chunk(&mut plan());
    bencher.counter(ItemsCount::new(EVENTS)).bench(|| chunk.encode());
}

#[divan::bench]
fn import_admit_rows(bencher: Bencher<'_, '_>) {
    let bytes = chunk(&mut plan()).encode();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .counter(BytesCount::new(bytes.len()))
        .bench(|| admit_rows(&bytes, &desk()));
}
