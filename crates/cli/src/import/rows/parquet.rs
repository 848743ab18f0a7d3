//! Rows of a Parquet file, batch by batch.

use anyhow::{Context as _, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use ingest::import::{Cell, Mapping, Plan};
use model::Instant;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::super::named;
use super::super::source::Source;
use super::{Line, mapped};

const BATCH_ROWS: usize = 4_096;

pub(in super::super) struct ParquetRows {
    source: Source,
    reader: ParquetRecordBatchReader,
    columns: Vec<String>,
    plan: Plan,
    rows: u64,
    read: u64,
}

impl ParquetRows {
    pub(super) fn open(source: Source, mapping: &Mapping) -> Result<Self> {
        let unreadable = || named("not a Parquet file that can be read", &source.path);
        let builder = ParquetRecordBatchReaderBuilder::try_new(source.file()?).with_context(unreadable)?;
        let columns: Vec<String> =
            builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let plan = mapping.bind(&columns)?;
        let reader = builder.with_batch_size(BATCH_ROWS).build().with_context(unreadable)?;
        Ok(Self { source, reader, columns, plan, rows, read: 0 })
    }

    /// The share of the rows that is read, as a share of the file.
    pub(super) fn position(&self) -> u64 {
        let share = u128::from(self.read) * u128::from(self.source.bytes) / u128::from(self.rows.max(1));
        u64::try_from(share).unwrap_or(self.source.bytes)
    }

    pub(super) fn next(&mut self, take: &mut dyn FnMut(Line)) -> Result<bool> {
        let Some(batch) = self.reader.next() else { return Ok(false) };
        let batch = batch.with_context(|| named("cannot read on", &self.source.path))?;
        for row in 0..batch.num_rows() {
            self.read += 1;
            let cells: Vec<Cell<'_>> =
                batch.columns().iter().map(|column| cell(column.as_ref(), row)).collect();
            take(mapped(&mut self.plan, self.read, &cells, || written(&self.columns, &batch, row)));
        }
        Ok(true)
    }
}

/// The row as JSON.
fn written(columns: &[String], batch: &RecordBatch, row: usize) -> String {
    let value = |column: &dyn Array| match cell(column, row) {
        Cell::Missing => serde_json::Value::Null,
        Cell::Text(text) => text.into(),
        Cell::Bool(value) => value.into(),
        Cell::Int(value) => value.into(),
        Cell::Float(value) => value.into(),
        Cell::Time(instant) => instant.to_string().into(),
        Cell::Wall(ms) => Instant::from_ms(ms).to_string().trim_end_matches('Z').into(),
    };
    let pairs = columns.iter().cloned().zip(batch.columns().iter().map(|column| value(column.as_ref())));
    serde_json::Value::Object(pairs.collect()).to_string()
}

/// One cell. Types that no property can have (lists, structs, bytes …) are as if they were empty.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is Arrow's and grows")]
fn cell(array: &dyn Array, row: usize) -> Cell<'_> {
    if array.is_null(row) {
        return Cell::Missing;
    }
    match array.data_type() {
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Cell::Text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Cell::Text(array.as_string_view().value(row)),
        DataType::Boolean => Cell::Bool(array.as_boolean().value(row)),
        DataType::Float32 => Cell::Float(array.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => Cell::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>().value(row), *scale),
        DataType::Timestamp(unit, zone) => timestamp(array, row, *unit, zone.is_some()),
        DataType::Date32 => Cell::Wall(
            i64::from(array.as_primitive::<Date32Type>().value(row)).saturating_mul(Instant::DAY_MS),
        ),
        DataType::Date64 => Cell::Wall(array.as_primitive::<Date64Type>().value(row)),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            cell(dictionary.values().as_ref(), dictionary.normalized_keys()[row])
        }
        whole => integer(array, row, whole),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is Arrow's and grows")]
fn integer<'a>(array: &dyn Array, row: usize, data_type: &DataType) -> Cell<'a> {
    match data_type {
        DataType::Int8 => Cell::Int(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Cell::Int(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Cell::Int(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Cell::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Cell::Int(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => Cell::Int(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => Cell::Int(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => {
            i64::try_from(array.as_primitive::<UInt64Type>().value(row)).map_or(Cell::Missing, Cell::Int)
        }
        _ => Cell::Missing,
    }
}

/// With a zone it is an instant; without one it is what a clock on the wall showed.
fn timestamp<'a>(array: &dyn Array, row: usize, unit: TimeUnit, zoned: bool) -> Cell<'a> {
    let ms = match unit {
        TimeUnit::Second => {
            array.as_primitive::<TimestampSecondType>().value(row).saturating_mul(Instant::SECOND_MS)
        }
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => {
            array.as_primitive::<TimestampMicrosecondType>().value(row).div_euclid(1_000)
        }
        TimeUnit::Nanosecond => {
            array.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000_000)
        }
    };
    if zoned { Cell::Time(Instant::from_ms(ms)) } else { Cell::Wall(ms) }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "properties are floating point; money with two decimals is far inside"
)]
fn decimal<'a>(value: i128, scale: i8) -> Cell<'a> {
    Cell::Float(value as f64 / 10f64.powi(scale.into()))
}
