//! Events on their way in: into our columns as the server brings them in, and into a Parquet file for the others.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use columnar::{Columns, Manifest, Options};
use model::{Row, Value, stream};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use crate::generate::{END, Events, START};
use crate::measure::processor_time;

/// As many rows come in with one group of the journal, at most.
const BATCH: usize = 20_000;
/// So many recent rows make a checkpoint.
const SEAL_ROWS: usize = 1_000_000;
/// So many rows are one row group of the Parquet file.
const GROUP_ROWS: usize = 1_000_000;

/// What was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct Prepared {
    /// How many events.
    pub events: u64,
    /// How many customers they are drawn from.
    pub customers: u64,
    /// Where they begin, in milliseconds.
    pub start_ms: i64,
    /// Where they end.
    pub end_ms: i64,
    /// Whose story is told.
    pub customer: u32,
    /// Our parts.
    pub manifest: Manifest,
    /// What each step cost, in nanoseconds of processor time for each event.
    pub costs: Vec<(String, f64)>,
}

impl Prepared {
    /// What an earlier run prepared in this folder, when it has as many events.
    pub fn read(folder: &Path, events: u64) -> Option<Self> {
        let text = fs::read_to_string(folder.join("prepared.json")).ok()?;
        serde_json::from_str(&text).ok().filter(|prepared: &Self| prepared.events == events)
    }

    /// Generates so many events into this folder.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn make(folder: &Path, events: u64) -> anyhow::Result<Self> {
        let customers = events / 25;
        let mut parquet = Export::create(&folder.join("events.parquet"))?;
        let mut columns = Columns::open(folder.join("parts"), &Manifest::default(), Options::default())?;
        let mut generated = Events::new(events, customers);
        let mut costs = Costs::default();
        loop {
            let batch: Vec<Row> = generated.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            parquet.add(&batch)?;
            costs.of("append", || columns.append(batch));
            costs.of("a snapshot for each 20,000 events", || drop(columns.snapshot()));
            if columns.recent_rows() >= SEAL_ROWS {
                let manifest = costs.of("seal", || columns.seal())?;
                columns.sweep(&manifest);
            }
            while let Some(plan) = columns.plan_compaction() {
                let compacted = costs.of("compaction", || plan.run())?;
                columns.adopt(compacted);
            }
        }
        parquet.finish()?;
        let manifest = costs.of("seal", || columns.seal())?;
        columns.sweep(&manifest);
        let prepared = Self {
            events,
            customers,
            start_ms: START.ms(),
            end_ms: END.ms(),
            customer: 77,
            manifest,
            costs: costs.per_event(events),
        };
        fs::write(folder.join("prepared.json"), serde_json::to_string(&prepared)?)?;
        Ok(prepared)
    }
}

/// Processor time by step, in the order in which steps were first taken.
#[derive(Default)]
struct Costs(Vec<(&'static str, Duration)>);

impl Costs {
    fn of<T>(&mut self, step: &'static str, run: impl FnOnce() -> T) -> T {
        let before = processor_time();
        let result = run();
        let spent = processor_time().saturating_sub(before);
        match self.0.iter_mut().find(|(other, _)| *other == step) {
            Some((_, total)) => *total += spent,
            None => self.0.push((step, spent)),
        }
        result
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of events is far below 2^53")]
    fn per_event(self, events: u64) -> Vec<(String, f64)> {
        let nanos = |spent: Duration| spent.as_secs_f64() * 1e9 / events as f64;
        self.0.into_iter().map(|(step, spent)| (step.to_owned(), nanos(spent))).collect()
    }
}

/// All events in one table: `customer`, `at`, `event`, `amount`, `category`, `page`.
struct Export {
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
}

impl Export {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let schema = Arc::new(Schema::new(vec![
            Field::new("customer", DataType::UInt32, false),
            Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), false),
            Field::new("event", DataType::Utf8, false),
            Field::new("amount", DataType::Float64, true),
            Field::new("category", DataType::Utf8, true),
            Field::new("page", DataType::Utf8, true),
        ]));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP_ROWS));
        let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties.build()))?;
        Ok(Self { schema, writer })
    }

    fn add(&mut self, rows: &[Row]) -> anyhow::Result<()> {
        let text = |name: &'static str| {
            rows.iter().map(move |row| match row.properties.get(name) {
                Some(Value::Text(text)) => Some(text.as_str()),
                _ => None,
            })
        };
        let amount = rows.iter().map(|row| row.properties.get("amount").and_then(Value::number));
        let event = rows.iter().map(|row| stream::event_name(&row.stream));
        let at = TimestampMillisecondArray::from_iter_values(rows.iter().map(|row| row.at.ms()));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.customer.number()))),
            Arc::new(at.with_timezone("UTC")),
            Arc::new(StringArray::from_iter(event)),
            Arc::new(Float64Array::from_iter(amount)),
            Arc::new(StringArray::from_iter(text("category"))),
            Arc::new(StringArray::from_iter(text("page"))),
        ];
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)?;
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        self.writer.close()?;
        Ok(())
    }
}
