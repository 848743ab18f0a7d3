//! A table as a Parquet object, and back, column by column.
//!
//! The layout is described in `docs/formats/parts.md`. Any Parquet tool can read it.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, TimestampMillisecondArray, UInt32Array};
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use arrow_schema::{Field, Schema};
use bytes::{Buf, Bytes};
use model::{Lane, Text};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::FOOTER_SIZE;
use parquet::file::metadata::{KeyValue, ParquetMetaDataReader};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::reader::{ChunkReader, Length};
use parquet::schema::types::ColumnPath;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::index::{ColumnIndex, Index, Piece};
use crate::build::narrow;
use crate::column::{Bits, Column, Kind, Numbers, Words};
use crate::ipc::{from_array, to_array};
use crate::named::Named;
use crate::table::{Arrivals, Fixed, Table};

const HEADER_KEY: &str = "omotenashi";
const CUSTOMER: &str = "customer";
const AT: &str = "at";
const ARRIVAL_STEP: &str = "arrival_step";
const ORIGIN: &str = "origin";
/// Higher levels take several times as long and save a few hundredths.
const ZSTD_LEVEL: i32 = 6;
/// Texts are written as numbers into a dictionary as long as it is smaller than this.
const DICTIONARY_BYTES_MAX: usize = 64 << 20;

/// What an object says about itself.
#[derive(Serialize)]
struct Header<'h> {
    version: u32,
    stream: &'h str,
}

/// The object of a table, and where everything lies in it.
pub(super) fn encode(stream: &Text, table: &Table) -> Result<(Vec<u8>, Index), ParquetError> {
    let batch = to_batch(table)?;
    let header = serde_json::to_string(&Header { version: 1, stream })
        .map_err(|source| ParquetError::External(Box::new(source)))?;
    let properties = properties(&batch)
        .set_key_value_metadata(Some(vec![KeyValue::new(HEADER_KEY.to_owned(), header)]))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    let bytes = writer.into_inner()?;
    let index = index(stream, table, &bytes)?;
    Ok((bytes, index))
}

/// How each column is written: what is sorted as differences, what is not byte by byte.
fn properties(batch: &RecordBatch) -> WriterPropertiesBuilder {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("the level is one that zstd knows");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(None);
    for field in batch.schema().fields() {
        let encoding = match field.name().as_str() {
            CUSTOMER | ORIGIN | AT => Encoding::DELTA_BINARY_PACKED,
            ARRIVAL_STEP => Encoding::BYTE_STREAM_SPLIT,
            _ => continue,
        };
        let path = ColumnPath::new(vec![field.name().clone()]);
        properties =
            properties.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, encoding);
    }
    properties
}

fn to_batch(table: &Table) -> Result<RecordBatch, ParquetError> {
    let fixed = table.fixed();
    let steps = steps(&fixed.times, &fixed.arrivals);
    let mut arrays: Vec<(String, ArrayRef)> = vec![
        (CUSTOMER.into(), Arc::new(UInt32Array::new(fixed.customers.clone(), None))),
        (AT.into(), Arc::new(TimestampMillisecondArray::new(fixed.times.clone(), None).with_timezone("UTC"))),
        (ARRIVAL_STEP.into(), Arc::new(Int64Array::new(steps.into(), None))),
    ];
    if let Some(origins) = &fixed.origins {
        arrays.push((ORIGIN.into(), Arc::new(UInt32Array::new(origins.clone(), None))));
    }
    for named in table.columns() {
        let Some(column) = named.column() else { continue };
        arrays.push((format!("{}:{}", named.name, column.kind().word()), to_array(column)?));
    }
    let field = |(name, array): &(String, ArrayRef)| {
        Field::new(name, array.data_type().clone(), array.null_count() > 0)
    };
    let schema = Arc::new(Schema::new(arrays.iter().map(field).collect::<Vec<_>>()));
    Ok(RecordBatch::try_new(schema, arrays.into_iter().map(|(_, array)| array).collect())?)
}

/// The rows by instant; those of one instant as they stand.
fn by_time(times: &[i64]) -> Vec<u32> {
    let rows = u32::try_from(times.len()).expect("a table has less than 2^32 rows");
    let mut order: Vec<u32> = (0..rows).collect();
    order.sort_by_key(|row| times[*row as usize]);
    order
}

/// For each row, how much later it arrived than the one before it by instant: rows arrive much as they happen, so
/// these are small where arrivals are not.
fn steps(times: &[i64], arrivals: &Arrivals) -> Vec<i64> {
    let mut steps = vec![0; times.len()];
    let mut before = 0;
    for row in by_time(times) {
        let arrival = arrivals.get(row as usize).cast_signed();
        steps[row as usize] = arrival.wrapping_sub(before);
        before = arrival;
    }
    steps
}

/// What [`steps`] was made from.
fn arrivals(times: &[i64], steps: &[i64]) -> Arrivals {
    let mut arrivals = vec![0; times.len()];
    let mut before = 0_i64;
    for row in by_time(times) {
        before = before.wrapping_add(steps[row as usize]);
        arrivals[row as usize] = before.cast_unsigned();
    }
    Arrivals::new(arrivals)
}

fn index(stream: &Text, table: &Table, object: &[u8]) -> Result<Index, ParquetError> {
    let tail: [u8; FOOTER_SIZE] =
        object[object.len() - FOOTER_SIZE..].try_into().expect("an object has a footer");
    let footer = parquet::file::metadata::FooterTail::try_new(&tail)?;
    let metadata = &object[object.len() - FOOTER_SIZE - footer.metadata_length()..object.len() - FOOTER_SIZE];
    let mut index = Index::new(stream.clone(), xxh3_64(object), metadata.to_vec());
    let decoded = ParquetMetaDataReader::decode_metadata(metadata)?;
    let ranges: Vec<Range<u64>> = decoded.row_groups()[0]
        .columns()
        .iter()
        .map(|column| column.byte_range())
        .map(|(start, len)| start..start + len)
        .collect();
    let piece = |bytes: Range<u64>, decoded_bytes| {
        let place = |at: u64| usize::try_from(at).expect("the object is in memory");
        let checksum = xxh3_64(&object[place(bytes.start)..place(bytes.end)]);
        Piece { bytes, checksum, decoded_bytes }
    };
    index.fixed_columns = if table.fixed().origins.is_some() { 4 } else { 3 };
    let (fixed, rest) = ranges.split_at(index.fixed_columns);
    index.fixed = piece(fixed[0].start..fixed[fixed.len() - 1].end, fixed_bytes(table));
    let columns = table.columns().iter().filter_map(|named| Some((&named.name, named.column()?)));
    for ((name, column), range) in columns.zip(rest) {
        let piece = piece(range.clone(), column_bytes(column));
        index.columns.push(ColumnIndex::new(name.clone(), column.kind(), piece));
    }
    let row = |row: usize| u32::try_from(row).expect("a table has less than 2^32 rows");
    for lane in Lane::all() {
        let (rows, extent) = (table.lane_rows(lane), table.extent(lane));
        index.lanes[lane.index()] = row(rows.start);
        index.lanes[lane.index() + 1] = row(rows.end);
        index.extents[lane.index()] = (extent.first, extent.last);
    }
    Ok(index)
}

/// How much memory the columns that every row has take: arrivals as if they were wide.
fn fixed_bytes(table: &Table) -> u64 {
    let a_row = size_of::<u32>() + size_of::<i64>() + size_of::<u64>();
    let origin = if table.fixed().origins.is_some() { size_of::<u32>() } else { 0 };
    (table.len() * (a_row + origin)) as u64
}

/// How much memory a column takes.
pub(super) fn column_bytes(column: &Column) -> u64 {
    let values = match column {
        Column::Bool(bits) => bits.values.len().div_ceil(8),
        Column::Int(numbers) | Column::Time(numbers) => numbers.values.inner().len(),
        Column::Float(numbers) => numbers.values.inner().len(),
        // While it is decoded, keys are four bytes wide.
        Column::Text(words) | Column::Json(words) => {
            words.keys.len() * size_of::<u32>() + words.dictionary.get_buffer_memory_size()
        }
    };
    (values + column.present().map_or(0, |present| present.len().div_ceil(8))) as u64
}

/// The index of an object of which nothing else is known.
pub(super) fn index_again(stream: &Text, object: Vec<u8>) -> Result<Index, ParquetError> {
    let object = Bytes::from(object);
    let reader = ParquetRecordBatchReaderBuilder::try_new(object.clone())?;
    let rows = usize::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0).max(1);
    let batches: Vec<RecordBatch> = reader.with_batch_size(rows).build()?.collect::<Result<_, _>>()?;
    let [batch] = <[RecordBatch; 1]>::try_from(batches)
        .map_err(|_| ParquetError::General("it has not exactly one group of rows".to_owned()))?;
    let mut columns = Vec::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let Some((name, kind)) = field.name().rsplit_once(':') else { continue };
        let column = Kind::from_word(kind).and_then(|kind| from_array(kind, array));
        columns.push(Named::new(name.into(), as_ours(column.ok_or_else(unexpected)?)));
    }
    let table = Table::new(fixed_of(&batch)?, columns);
    index(stream, &table, &object)
}

fn unexpected() -> ParquetError {
    ParquetError::General("a column has an unexpected type".to_owned())
}

/// Some bytes of an object, at their place.
struct Window {
    start: u64,
    bytes: Bytes,
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Window {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let from = self.from(start)?;
        if length > from.len() {
            return Err(outside());
        }
        Ok(from.slice(..length))
    }
}

impl Window {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let skip = start.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let skip = skip.filter(|skip| *skip <= self.bytes.len()).ok_or_else(outside)?;
        Ok(self.bytes.slice(skip..))
    }
}

fn outside() -> ParquetError {
    ParquetError::General("the metadata points outside of the bytes that were fetched".to_owned())
}

/// The columns `wanted` of an object, from the bytes at `start` that hold them.
fn read(
    metadata: &[u8],
    wanted: Range<usize>,
    (start, bytes): (u64, Vec<u8>),
) -> Result<RecordBatch, ParquetError> {
    let metadata = Arc::new(ParquetMetaDataReader::decode_metadata(metadata)?);
    let rows = usize::try_from(metadata.file_metadata().num_rows()).unwrap_or(0).max(1);
    let mask = ProjectionMask::leaves(metadata.file_metadata().schema_descr(), wanted);
    let metadata = ArrowReaderMetadata::try_new(metadata, ArrowReaderOptions::new())?;
    let window = Window { start, bytes: bytes.into() };
    let reader: ParquetRecordBatchReader =
        ParquetRecordBatchReaderBuilder::new_with_metadata(window, metadata)
            .with_projection(mask)
            .with_batch_size(rows)
            .build()?;
    let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>()?;
    match <[RecordBatch; 1]>::try_from(batches) {
        Ok([batch]) if batch.num_rows() == rows => Ok(batch),
        Ok(_) | Err(_) => Err(ParquetError::General("it has another number of rows".to_owned())),
    }
}

/// The columns that every row has.
pub(super) fn decode_fixed(index: &Index, bytes: Vec<u8>) -> Result<Fixed, ParquetError> {
    fixed_of(&read(&index.metadata, 0..index.fixed_columns, (index.fixed.bytes.start, bytes))?)
}

fn fixed_of(batch: &RecordBatch) -> Result<Fixed, ParquetError> {
    let column = |name: &str| batch.column_by_name(name).map(|array| array.as_any());
    let numbers = |name: &str| column(name)?.downcast_ref::<UInt32Array>().map(|it| it.values().clone());
    let times = column(AT).and_then(|it| it.downcast_ref::<TimestampMillisecondArray>());
    let times = times.ok_or_else(unexpected)?.values().clone();
    let steps = column(ARRIVAL_STEP).and_then(|it| it.downcast_ref::<Int64Array>());
    let arrivals = arrivals(&times, steps.ok_or_else(unexpected)?.values());
    let customers = numbers(CUSTOMER).ok_or_else(unexpected)?;
    Ok(Fixed { customers, times, arrivals, origins: numbers(ORIGIN) })
}

/// The column of a property with this place among [`Index::columns`].
pub(super) fn decode_column(index: &Index, place: usize, bytes: Vec<u8>) -> Result<Column, ParquetError> {
    let column = &index.columns[place];
    let kind = column.kind().ok_or_else(unexpected)?;
    let wanted = index.fixed_columns + place..index.fixed_columns + place + 1;
    let batch = read(&index.metadata, wanted, (column.piece.bytes.start, bytes))?;
    from_array(kind, batch.column(0)).map(as_ours).ok_or_else(unexpected)
}

/// A column as we keep it: nothing but zeros where it is missing, and a dictionary that is sorted.
fn as_ours(column: Column) -> Column {
    match column {
        Column::Bool(Bits { values, present }) => {
            let values = match &present {
                Some(present) => &values & present.inner(),
                None => values,
            };
            Column::Bool(Bits { values, present })
        }
        Column::Int(numbers) => Column::Int(zeroed(numbers)),
        Column::Float(numbers) => Column::Float(zeroed(numbers)),
        Column::Time(numbers) => Column::Time(zeroed(numbers)),
        Column::Text(words) => Column::Text(sorted(&words)),
        Column::Json(words) => Column::Json(sorted(&words)),
    }
}

fn zeroed<T: ArrowNativeType + Default>(numbers: Numbers<T>) -> Numbers<T> {
    let Numbers { values, present } = numbers;
    let Some(present) = present else { return Numbers { values, present } };
    let values: ScalarBuffer<T> = values
        .iter()
        .zip(present.iter())
        .map(|(value, here)| if here { *value } else { T::default() })
        .collect();
    Numbers { values, present: Some(present) }
}

/// The same words, their dictionary by the alphabet.
fn sorted(words: &Words) -> Words {
    let mut texts: Vec<(&str, usize)> =
        (0..words.dictionary.len()).map(|key| (words.dictionary.value(key), key)).collect();
    texts.sort_unstable();
    let (mut numbers, mut kept) = (vec![0_u32; texts.len()], Vec::<&str>::with_capacity(texts.len()));
    for (text, key) in texts {
        if kept.last() != Some(&text) {
            kept.push(text);
        }
        numbers[key] = u32::try_from(kept.len() - 1).expect("a dictionary has less than 2^32 texts");
    }
    let keys = (0..words.keys.len()).map(|row| words.key(row).map_or(0, |key| numbers[key])).collect();
    let dictionary = arrow_array::StringArray::from_iter_values(&kept);
    Words { keys: narrow(keys, kept.len()), present: words.present.clone(), dictionary }
}
