//! What is known of an old part without its object: where each column lies there, and what it must be.
//!
//! It is a small file in the folder of the columns, so opening asks no shelf.

use std::fs::{self, File};
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use model::{LANES, Text};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::column::Kind;
use crate::error::Error;

/// The version of the layout that this program writes.
const VERSION: u32 = 1;
const CHECKSUM_BYTES: usize = 8;

/// Where everything lies in the object of an old part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Index {
    version: u32,
    /// Whose rows.
    pub(crate) stream: Text,
    /// XXH3 (64 bits) over the whole object.
    pub(crate) checksum: u64,
    /// The first row of each lane, and the number of rows.
    pub(crate) lanes: [u32; LANES + 1],
    /// When the first and the last row of each lane happened, in milliseconds.
    pub(crate) extents: [(i64, i64); LANES],
    /// Customer, at, arrival, and origin when there is one: the columns that every row has.
    pub(crate) fixed: Piece,
    /// How many of the object's columns those are.
    pub(crate) fixed_columns: usize,
    /// The columns of properties, in the order of the object.
    pub(crate) columns: Vec<ColumnIndex>,
    /// The metadata of the object, as Parquet encodes it.
    pub(crate) metadata: Vec<u8>,
}

/// A column of a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ColumnIndex {
    pub(crate) name: Text,
    kind: Text,
    pub(crate) piece: Piece,
}

/// Some bytes of the object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) bytes: Range<u64>,
    /// XXH3 (64 bits) over them.
    pub(crate) checksum: u64,
    /// How much memory they take when they are decoded.
    pub(crate) decoded_bytes: u64,
}

impl Index {
    /// An index of nothing yet.
    pub(super) fn new(stream: Text, checksum: u64, metadata: Vec<u8>) -> Self {
        Self {
            version: VERSION,
            stream,
            checksum,
            lanes: [0; LANES + 1],
            extents: [(i64::MAX, i64::MIN); LANES],
            fixed: Piece::default(),
            fixed_columns: 0,
            columns: Vec::new(),
            metadata,
        }
    }

    /// Writes it to a new file, durably but for the name.
    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        let mut bytes = postcard::to_allocvec(self).expect("an index has only what postcard can say");
        bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        let write = || {
            let mut file = File::create(path)?;
            file.write_all(&bytes)?;
            file.sync_all()
        };
        let written = write().map_err(Error::disk("write", path));
        if written.is_err() {
            // It is in no manifest; if it stays, it goes at the next opening.
            let _ = fs::remove_file(path);
        }
        written
    }

    /// Reads one, and checks that it is what was written.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path)
            .map_err(|source| Error::damaged(path, format!("its index cannot be read: {source}")))?;
        let damaged = || Error::damaged(path, "its index is not what was written");
        let end = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or_else(damaged)?;
        if xxh3_64(&bytes[..end]).to_le_bytes() != bytes[end..] {
            return Err(damaged());
        }
        let (version, _) = postcard::take_from_bytes::<u32>(&bytes).map_err(|_| damaged())?;
        if version != VERSION {
            return Err(Error::Version { version });
        }
        postcard::from_bytes(&bytes[..end]).map_err(|_| damaged())
    }

    /// How much memory everything in it takes when it is decoded.
    pub(super) fn decoded_bytes(&self) -> u64 {
        let columns = self.columns.iter().map(|column| column.piece.decoded_bytes);
        self.fixed.decoded_bytes + columns.sum::<u64>()
    }
}

impl ColumnIndex {
    pub(super) fn new(name: Text, kind: Kind, piece: Piece) -> Self {
        Self { name, kind: kind.word().into(), piece }
    }

    /// The type of its values; `None`: a word that this program does not know.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Kind::from_word(&self.kind)
    }
}
