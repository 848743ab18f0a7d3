//! Lines of JSON to a Parquet file: typed columns, zstd, one group of rows in memory at a time.

use std::fs::File;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use model::Instant;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use super::columns::{Column, Columns, Kind};
use super::each_line;
use crate::remote::Lines;

/// Rows that are turned into columns at once.
const BATCH_ROWS: usize = 8_192;
/// Rows in one group of the file: readers skip and read groups.
const GROUP_ROWS: usize = 1 << 17;

/// Writes every line as a row; returns how many.
pub(super) fn write(lines: Lines, file: File, columns: Columns) -> Result<u64> {
    let fields: Vec<Field> =
        columns.all.iter().map(|column| Field::new(&column.name, data_type(column.kind), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .build();
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))?;
    let mut batch = Batch::new(&columns);
    let rows = each_line(lines, |line| {
        batch.push(&columns, &serde_json::from_slice(line).context("a line of the export is not JSON")?)?;
        if batch.rows == BATCH_ROWS {
            writer.write(&batch.finish(&schema)?)?;
        }
        Ok(())
    })?;
    writer.write(&batch.finish(&schema)?)?;
    writer.into_inner()?.sync_all()?;
    Ok(rows)
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Bool => DataType::Boolean,
        Kind::Int => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Text | Kind::Json => DataType::Utf8,
        Kind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

/// Rows on their way into columns.
struct Batch {
    builders: Vec<Builder>,
    rows: usize,
}

enum Builder {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Number(Float64Builder),
    Text(StringBuilder),
    Time(TimestampMillisecondBuilder),
    Json(StringBuilder),
}

impl Batch {
    fn new(columns: &Columns) -> Self {
        let builder = |column: &Column| match column.kind {
            Kind::Bool => Builder::Bool(BooleanBuilder::new()),
            Kind::Int => Builder::Int(Int64Builder::new()),
            Kind::Number => Builder::Number(Float64Builder::new()),
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Time => Builder::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            Kind::Json => Builder::Json(StringBuilder::new()),
        };
        Self { builders: columns.all.iter().map(builder).collect(), rows: 0 }
    }

    fn push(&mut self, columns: &Columns, line: &Value) -> Result<()> {
        if let Some(name) = columns.left_over(line) {
            bail!(
                "a property is not among those that the server lists; use `--format ndjson`. property=`{name}`"
            );
        }
        for (column, builder) in columns.all.iter().zip(&mut self.builders) {
            let value = column.value(line);
            builder.push(value).ok_or_else(|| {
                let value = value.map(ToString::to_string).unwrap_or_default();
                anyhow!(
                    "a value does not fit the type of its column; use `--format ndjson`. column=`{}`, value=`{value}`",
                    column.name
                )
            })?;
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(&mut self, schema: &SchemaRef) -> Result<RecordBatch> {
        self.rows = 0;
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
    }
}

impl Builder {
    /// `None`: the value does not fit.
    fn push(&mut self, value: Option<&Value>) -> Option<()> {
        match self {
            Self::Bool(builder) => builder.append_option(fit(value, Value::as_bool)?),
            Self::Int(builder) => builder.append_option(fit(value, Value::as_i64)?),
            Self::Number(builder) => builder.append_option(fit(value, exact)?),
            Self::Text(builder) => builder.append_option(fit(value, Value::as_str)?),
            Self::Time(builder) => {
                let ms = |value: &Value| Some(value.as_str()?.parse::<Instant>().ok()?.ms());
                builder.append_option(fit(value, ms)?);
            }
            Self::Json(builder) => builder.append_option(value.map(json)),
        }
        Some(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
            Self::Text(builder) | Self::Json(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
        }
    }
}

/// A value as the column wants it; the outer `None`: it is another type.
fn fit<'l, T>(value: Option<&'l Value>, read: impl FnOnce(&'l Value) -> Option<T>) -> Option<Option<T>> {
    value.map_or(Some(None), |value| read(value).map(Some))
}

/// A number that a column of floating-point numbers holds as it is: a whole one beyond 2⁵³ does not fit.
fn exact(value: &Value) -> Option<f64> {
    const WHOLE_MAX: u64 = 1 << 53;
    let fits = value.as_i64().is_none_or(|whole| whole.unsigned_abs() <= WHOLE_MAX);
    value.as_f64().filter(|_| fits)
}

/// JSON as text; what is JSON in a text already stays as it is.
fn json(value: &Value) -> String {
    let text = value.as_str().filter(|text| text.starts_with(['{', '[']));
    text.map_or_else(|| value.to_string(), str::to_owned)
}
