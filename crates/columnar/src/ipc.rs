//! A table in a file and back: one uncompressed Arrow IPC file with one record batch, mapped into memory.
//!
//! The layout is described in `docs/formats/parts.md`. Any Arrow tool can read
//! it. Columns of a mapped part are slices of the file; nothing is copied.
#![expect(unsafe_code, reason = "mapping a file is unsafe; the one place says why it is sound here")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::types::{ArrowDictionaryKeyType, UInt8Type, UInt16Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, PrimitiveArray, RecordBatch,
    StringArray, TimestampMillisecondArray, UInt32Array, UInt64Array,
};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::writer::FileWriter;
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::{ArrowError, Field, Schema};
use model::Text;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::column::{Bits, Column, Keys, Kind, Numbers, Words};
use crate::error::Error;
use crate::named::Named;
use crate::table::{Arrivals, Fixed, Table};

/// The version of the layout that this program writes.
pub(crate) const VERSION: u32 = 1;
/// The key of the one entry of schema metadata.
const HEADER_KEY: &str = "omotenashi";
const CUSTOMER: &str = "customer";
const AT: &str = "at";
const ARRIVAL: &str = "arrival";
const ORIGIN: &str = "origin";
/// So much of a file is read at once when its checksum is verified.
const CHUNK_BYTES: usize = 1 << 18;
/// Magic number, footer length: what stands at the very end of an Arrow file.
const TRAILER_BYTES: usize = 10;

/// What a part says about itself.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
    stream: Text,
    /// The `arrival` column counts from here.
    arrival_base: u64,
}

/// What a file must be, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) bytes: u64,
    pub(crate) checksum: u64,
}

/// Writes a table to a new file and makes it durable. A file that could not be written whole is removed.
pub(crate) fn write(path: &Path, stream: &Text, table: &Table) -> Result<Seal, Error> {
    let written = write_durably(path, stream, table);
    if written.is_err() {
        // It is in no manifest, so nobody will read it; if it stays, it goes at the next opening.
        let _ = fs::remove_file(path);
    }
    written
}

fn write_durably(path: &Path, stream: &Text, table: &Table) -> Result<Seal, Error> {
    let arrow = |source: ArrowError| {
        if let ArrowError::IoError(_, source) = source {
            return Error::Disk { action: "write", path: path.to_owned(), source };
        }
        Error::Write { path: path.to_owned(), source: Box::new(source) }
    };
    let batch = to_batch(stream, table).map_err(arrow)?;
    let file = File::create(path).map_err(Error::disk("create", path))?;
    let mut sink = Summing {
        file: BufWriter::with_capacity(1 << 18, file),
        sum: Xxh3::new(),
        bytes: 0,
        synced_bytes: 0,
    };
    let mut writer = FileWriter::try_new(&mut sink, &batch.schema()).map_err(arrow)?;
    writer.write(&batch).map_err(arrow)?;
    writer.finish().map_err(arrow)?;
    drop(writer);
    let seal = Seal { bytes: sink.bytes, checksum: sink.sum.digest() };
    let file =
        sink.file.into_inner().map_err(io::IntoInnerError::into_error).map_err(Error::disk("write", path))?;
    file.sync_all().map_err(Error::disk("sync", path))?;
    Ok(seal)
}

/// A part is synced after so many bytes each time: whoever syncs something else meanwhile, as the journal is with every group,
/// waits for no more than that.
const SLICE_BYTES: u64 = 4 << 20;

/// Sums up what passes through.
struct Summing {
    file: BufWriter<File>,
    sum: Xxh3,
    bytes: u64,
    synced_bytes: u64,
}

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.bytes += u64::try_from(written).expect("a usize has at most 64 bits");
        if self.bytes - self.synced_bytes >= SLICE_BYTES {
            self.file.flush()?;
            self.file.get_ref().sync_data()?;
            self.synced_bytes = self.bytes;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Maps a part into memory and checks that it is what was written.
pub(crate) fn open(path: &Path, stream: &Text, seal: Seal) -> Result<Table, Error> {
    let mut file = File::open(path).map_err(|source| {
        let is_gone = source.kind() == io::ErrorKind::NotFound;
        if is_gone { Error::damaged(path, "the file is gone") } else { Error::disk("open", path)(source) }
    })?;
    // Read, not mapped: what the disk cannot give is an error here, and would be the end of the process there.
    let found = seal_of(&mut file)
        .map_err(|source| Error::damaged(path, format!("the disk cannot read it: {source}")))?;
    if found.bytes != seal.bytes {
        let reason = format!("it has {} bytes instead of {}", found.bytes, seal.bytes);
        return Err(Error::damaged(path, reason));
    }
    if found.checksum != seal.checksum {
        return Err(Error::damaged(path, "its checksum does not match its bytes"));
    }
    let buffer = map(&file, path)?;
    let (header, batch) = read(&buffer).map_err(|source| Error::damaged(path, source))?;
    if header.version != VERSION {
        return Err(Error::Version { version: header.version });
    }
    if header.stream != *stream {
        return Err(Error::damaged(
            path,
            format!("it belongs to the stream {}, not {stream}", header.stream),
        ));
    }
    from_batch(&header, &batch).ok_or_else(|| Error::damaged(path, "a column has an unexpected type"))
}

fn seal_of(file: &mut File) -> io::Result<Seal> {
    let (mut sum, mut bytes, mut chunk) = (Xxh3::new(), 0, vec![0; CHUNK_BYTES]);
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(Seal { bytes, checksum: sum.digest() }),
            Ok(read) => {
                sum.update(&chunk[..read]);
                bytes += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn map(file: &File, path: &Path) -> Result<Buffer, Error> {
    // SAFETY: a part is written once, under a name that is never used again, and the folder is locked by one
    // process; nobody changes or shortens a file that is mapped. Removing it leaves the mapping as it is.
    let map = unsafe { memmap2::Mmap::map(file) }.map_err(Error::disk("map", path))?;
    let map = Arc::new(map);
    let Some(start) = NonNull::new(map.as_ptr().cast_mut()) else {
        return Err(Error::damaged(path, "it is empty"));
    };
    let bytes = map.len();
    // SAFETY: the mapping starts at `start`, is `bytes` long, and lives as long as the Arc given along.
    Ok(unsafe { Buffer::from_custom_allocation(start, bytes, map) })
}

fn read(buffer: &Buffer) -> Result<(Header, RecordBatch), ArrowError> {
    let bad = |what: &str| ArrowError::ParseError(what.to_owned());
    let trailer_start = buffer.len().checked_sub(TRAILER_BYTES).ok_or_else(|| bad("it is too short"))?;
    let trailer = buffer[trailer_start..].try_into().map_err(|_| bad("it has no trailer"))?;
    let footer_start = trailer_start
        .checked_sub(read_footer_length(trailer)?)
        .ok_or_else(|| bad("its footer is too long"))?;
    let footer = root_as_footer(&buffer[footer_start..trailer_start])
        .map_err(|source| ArrowError::ParseError(source.to_string()))?;
    let schema = Arc::new(try_fb_to_schema(footer.schema().ok_or_else(|| bad("it has no schema"))?)?);
    let header = schema.metadata.get(HEADER_KEY).ok_or_else(|| bad("it is not a part"))?;
    let header = serde_json::from_str(header).map_err(|source| ArrowError::ParseError(source.to_string()))?;
    let mut decoder = FileDecoder::new(schema, footer.version()).with_require_alignment(true);
    for block in footer.dictionaries().iter().flatten() {
        decoder.read_dictionary(block, &slice(buffer, block).ok_or_else(|| bad("a block is outside"))?)?;
    }
    let block = footer.recordBatches().filter(|batches| batches.len() == 1).map(|batches| batches.get(0));
    let block = block.ok_or_else(|| bad("it has not exactly one record batch"))?;
    let bytes = slice(buffer, block).ok_or_else(|| bad("a block is outside"))?;
    let batch = decoder.read_record_batch(block, &bytes)?.ok_or_else(|| bad("it has no rows"))?;
    Ok((header, batch))
}

/// The bytes of a block; `None` when it lies outside the file.
fn slice(buffer: &Buffer, block: &Block) -> Option<Buffer> {
    let start = usize::try_from(block.offset()).ok()?;
    let head = usize::try_from(block.metaDataLength()).ok()?;
    let len = usize::try_from(block.bodyLength()).ok()?.checked_add(head)?;
    (start.checked_add(len)? <= buffer.len()).then(|| buffer.slice_with_length(start, len))
}

fn to_batch(stream: &Text, table: &Table) -> Result<RecordBatch, ArrowError> {
    let fixed = table.fixed();
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let mut push = |name: &str, array: ArrayRef| {
        fields.push(Field::new(name, array.data_type().clone(), array.null_count() > 0));
        arrays.push(array);
    };
    push(CUSTOMER, Arc::new(UInt32Array::new(fixed.customers.clone(), None)));
    push(AT, Arc::new(TimestampMillisecondArray::new(fixed.times.clone(), None).with_timezone("UTC")));
    let (base, arrivals): (u64, ArrayRef) = match &fixed.arrivals {
        Arrivals::Narrow { base, offsets } => (*base, Arc::new(UInt32Array::new(offsets.clone(), None))),
        Arrivals::Wide(arrivals) => (0, Arc::new(UInt64Array::new(arrivals.clone(), None))),
    };
    push(ARRIVAL, arrivals);
    if let Some(origins) = &fixed.origins {
        push(ORIGIN, Arc::new(UInt32Array::new(origins.clone(), None)));
    }
    for named in table.columns() {
        let Some(column) = named.column() else { continue };
        push(&format!("{}:{}", named.name, column.kind().word()), to_array(column)?);
    }
    let header = Header { version: VERSION, stream: stream.clone(), arrival_base: base };
    let header =
        serde_json::to_string(&header).map_err(|source| ArrowError::ExternalError(Box::new(source)))?;
    let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
    RecordBatch::try_new(Arc::new(Schema::new(fields).with_metadata(metadata)), arrays)
}

/// A column as an array of Arrow.
pub(crate) fn to_array(column: &Column) -> Result<ArrayRef, ArrowError> {
    Ok(match column {
        Column::Bool(bits) => Arc::new(BooleanArray::new(bits.values.clone(), bits.present.clone())),
        Column::Int(numbers) => Arc::new(Int64Array::new(numbers.values.clone(), numbers.present.clone())),
        Column::Float(numbers) => {
            Arc::new(Float64Array::new(numbers.values.clone(), numbers.present.clone()))
        }
        Column::Time(numbers) => {
            let array = TimestampMillisecondArray::new(numbers.values.clone(), numbers.present.clone());
            Arc::new(array.with_timezone("UTC"))
        }
        Column::Text(words) | Column::Json(words) => words_to_array(words)?,
    })
}

fn words_to_array(words: &Words) -> Result<ArrayRef, ArrowError> {
    fn array<K: ArrowDictionaryKeyType>(
        keys: &ScalarBuffer<K::Native>,
        words: &Words,
    ) -> Result<ArrayRef, ArrowError> {
        let keys = PrimitiveArray::<K>::new(keys.clone(), words.present.clone());
        Ok(Arc::new(DictionaryArray::try_new(keys, Arc::new(words.dictionary.clone()))?))
    }
    match &words.keys {
        Keys::Narrow(keys) => array::<UInt8Type>(keys, words),
        Keys::Middle(keys) => array::<UInt16Type>(keys, words),
        Keys::Wide(keys) => array::<UInt32Type>(keys, words),
    }
}

/// `None` when a column has a type that we never write.
fn from_batch(header: &Header, batch: &RecordBatch) -> Option<Table> {
    let numbers =
        |name: &str| cast::<UInt32Array>(batch.column_by_name(name)?).map(|array| array.values().clone());
    let times = cast::<TimestampMillisecondArray>(batch.column_by_name(AT)?)?;
    let arrivals = batch.column_by_name(ARRIVAL)?;
    let arrivals = match cast::<UInt64Array>(arrivals) {
        Some(wide) => Arrivals::Wide(wide.values().clone()),
        None => Arrivals::Narrow { base: header.arrival_base, offsets: numbers(ARRIVAL)? },
    };
    let fixed = Fixed {
        customers: numbers(CUSTOMER)?,
        times: times.values().clone(),
        arrivals,
        origins: numbers(ORIGIN),
    };
    let mut columns = Vec::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        // Only columns of properties have a type in their name.
        let Some((name, kind)) = field.name().rsplit_once(':') else { continue };
        columns.push(Named::new(name.into(), from_array(Kind::from_word(kind)?, array)?));
    }
    Some(Table::new(fixed, columns))
}

/// A column of this type; `None` when the array is none.
pub(crate) fn from_array(kind: Kind, array: &ArrayRef) -> Option<Column> {
    Some(match kind {
        Kind::Bool => {
            let array = cast::<BooleanArray>(array)?;
            Column::Bool(Bits { values: array.values().clone(), present: present(array) })
        }
        Kind::Int => {
            let array = cast::<Int64Array>(array)?;
            Column::Int(Numbers { values: array.values().clone(), present: present(array) })
        }
        Kind::Float => {
            let array = cast::<Float64Array>(array)?;
            Column::Float(Numbers { values: array.values().clone(), present: present(array) })
        }
        Kind::Time => {
            let array = cast::<TimestampMillisecondArray>(array)?;
            Column::Time(Numbers { values: array.values().clone(), present: present(array) })
        }
        Kind::Text => Column::Text(words_from_array(array)?),
        Kind::Json => Column::Json(words_from_array(array)?),
    })
}

fn words_from_array(array: &ArrayRef) -> Option<Words> {
    fn words<K: ArrowDictionaryKeyType>(
        array: &ArrayRef,
        wrap: fn(ScalarBuffer<K::Native>) -> Keys,
    ) -> Option<Words> {
        let array = cast::<DictionaryArray<K>>(array)?;
        let dictionary = cast::<StringArray>(array.values())?.clone();
        Some(Words { keys: wrap(array.keys().values().clone()), present: present(array.keys()), dictionary })
    }
    words::<UInt8Type>(array, Keys::Narrow)
        .or_else(|| words::<UInt16Type>(array, Keys::Middle))
        .or_else(|| words::<UInt32Type>(array, Keys::Wide))
}

fn cast<T: 'static>(array: &ArrayRef) -> Option<&T> {
    array.as_any().downcast_ref()
}

fn present(array: &dyn Array) -> Option<NullBuffer> {
    array.nulls().filter(|nulls| nulls.null_count() > 0).cloned()
}
