//! A chunk row by row: written while the rows are at hand, read and admitted one after the other.
//!
//! Neither side ever holds the rows of a chunk as rows: a row becomes bytes, or a fact, while it is still in the nearest
//! cache. A chunk is `OMI2` followed by one zstd frame: its head, then its rows.

use std::io::Read as _;

use serde::{Deserialize, Serialize};

use super::chunk::{ImportKey, LineNames, Row};
use super::shape::{Read, RowReader, RowWriter};
use crate::desk::{Desk, Refusal, Reject, check_size};
use crate::limits;
use model::Fact;

/// What every chunk begins with; the last byte is the version.
const MAGIC: &[u8; 4] = b"OMI2";
/// A level of zstd that is fast and still halves rows: the server is usually next door.
const LEVEL: i32 = -3;
/// The most that the fields before the rows take: one of 128 bits and three of 64, each as a varint.
const HEAD_BYTES_MAX: usize = 19 + 3 * 10;

/// What stands before the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    key: ImportKey,
    first_line: u64,
    next_line: u64,
    rows: usize,
}

/// The chunks of a file, one after the other.
pub struct ChunkWriter {
    head: Head,
    /// Room for the head, then the encoded rows.
    bytes: Vec<u8>,
    rows: RowWriter,
    compressor: zstd::bulk::Compressor<'static>,
}

impl ChunkWriter {
    /// The first chunk begins with this line.
    pub fn new(key: ImportKey, first_line: u64) -> Self {
        let head = Head { key, first_line, next_line: first_line, rows: 0 };
        let compressor = zstd::bulk::Compressor::new(LEVEL).expect("the level is one of zstd's");
        Self { head, bytes: vec![0; HEAD_BYTES_MAX], rows: RowWriter::default(), compressor }
    }

    /// Adds a row.
    pub fn push(&mut self, row: &Row) {
        self.rows.push(row, &mut self.bytes);
        self.head.rows += 1;
    }

    /// Everything before this line is settled: it is among the rows, or was filtered out or rejected.
    pub fn settle(&mut self, next_line: u64) {
        self.head.next_line = next_line;
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.head.rows
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.head.rows == 0
    }

    /// The chunk as it is sent; what is pushed from now on belongs to the next one.
    pub fn cut(&mut self) -> Vec<u8> {
        // The head stands right before the rows, so that nothing has to be moved.
        let mut head = [0; HEAD_BYTES_MAX];
        let head = postcard::to_slice(&self.head, &mut head).expect("there is room for any head");
        let start = HEAD_BYTES_MAX - head.len();
        self.bytes[start..HEAD_BYTES_MAX].copy_from_slice(head);
        let frame =
            self.compressor.compress(&self.bytes[start..]).expect("compressing into memory cannot fail");
        self.bytes.truncate(HEAD_BYTES_MAX);
        self.rows.forget();
        (self.head.first_line, self.head.rows) = (self.head.next_line, 0);
        [MAGIC, &frame[..]].concat()
    }
}

/// A chunk that was received.
#[derive(Debug)]
pub struct ChunkReader {
    head: Head,
    plain: Vec<u8>,
    /// Where the rows begin.
    rows_at: usize,
}

/// What became of the rows of a chunk beside its facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// What is no fact, and why, in the order in which it came.
    pub rejects: Vec<Reject>,
    /// How many facts said that they happen later than is believed.
    pub clamped: usize,
    /// How many rows were settled before.
    pub settled: usize,
}

impl ChunkReader {
    /// Takes in what [`ChunkWriter::cut`] made.
    ///
    /// # Errors
    /// When the bytes are too large or something else.
    pub fn open(bytes: &[u8]) -> Result<Self, Refusal> {
        check_size(bytes, limits::CHUNK_BYTES_MAX)?;
        let frame = bytes.strip_prefix(MAGIC).ok_or_else(|| unreadable("it does not begin with `OMI2`"))?;
        let plain = decompressed(frame)?;
        let (head, rest) = postcard::take_from_bytes::<Head>(&plain).map_err(unreadable)?;
        if head.rows > limits::CHUNK_ROWS_MAX {
            return Err(Refusal::TooMany { records: head.rows, limit: limits::CHUNK_ROWS_MAX });
        }
        let rows_at = plain.len() - rest.len();
        Ok(Self { head, plain, rows_at })
    }

    /// Of which import.
    pub fn key(&self) -> ImportKey {
        self.head.key
    }

    /// The lines that it settles, from the first to before the next.
    pub fn lines(&self) -> std::ops::Range<u64> {
        self.head.first_line..self.head.next_line
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.head.rows
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.head.rows == 0
    }

    /// Turns the rows after line `settled` into facts of history, told by the desk's source, and hands them over one
    /// after the other.
    ///
    /// # Errors
    /// When a row cannot be read: then the chunk is none, and what was handed over is not to be believed.
    pub fn admit(&self, settled: u64, desk: &Desk, mut take: impl FnMut(Fact)) -> Result<Taken, Refusal> {
        let mut taken = Taken::default();
        let (mut rows, mut names) = (self.reader(), LineNames::new(self.head.key));
        for _ in 0..self.head.rows {
            match rows.fact(settled, desk, &mut names)? {
                Read::Settled => taken.settled += 1,
                Read::Fact(fact, is_clamped) => {
                    taken.clamped += usize::from(is_clamped);
                    take(fact);
                }
                Read::Refused(row, fault) => {
                    let record = serde_json::to_vec(&row).unwrap_or_default();
                    taken.rejects.push(Reject::new(row.line, fault, &record));
                }
            }
        }
        Ok(taken)
    }

    /// The rows as they were sent.
    ///
    /// # Errors
    /// When one cannot be read: then the chunk is none.
    pub(super) fn rows(&self) -> Result<Vec<Row>, Refusal> {
        let mut rows = self.reader();
        (0..self.head.rows).map(|_| rows.row()).collect()
    }

    fn reader(&self) -> RowReader<'_> {
        RowReader::new(&self.plain[self.rows_at..])
    }
}

pub(super) fn unreadable(error: impl ToString) -> Refusal {
    Refusal::Chunk { reason: error.to_string() }
}

fn decompressed(frame: &[u8]) -> Result<Vec<u8>, Refusal> {
    let limit = limits::CHUNK_BYTES_MAX as u64;
    // Our client says how large it is; the limit holds whatever anybody says.
    let said = zstd::zstd_safe::get_frame_content_size(frame).ok().flatten().unwrap_or(0);
    let mut plain = Vec::with_capacity(usize::try_from(said.min(limit)).unwrap_or_default() + 1);
    let decoder = zstd::stream::read::Decoder::with_buffer(frame).map_err(unreadable)?;
    decoder.take(limit + 1).read_to_end(&mut plain).map_err(unreadable)?;
    check_size(&plain, limits::CHUNK_BYTES_MAX)?;
    Ok(plain)
}
