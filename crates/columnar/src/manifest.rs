//! Which files make up the columns: a plain value that the caller commits together with its journal position.

use std::sync::Arc;

use model::{Instant, Text};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::forget::Forgotten;
use crate::holes::Holes;

/// The version of [`Manifest`] that this program writes. It reads every earlier one.
pub const MANIFEST_VERSION: u32 = 3;

/// Which files make up the columns. Files that it does not name do not count and go at the next opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`] of the program that wrote it.
    pub version: u32,
    /// The place in the order of arrival that the next row gets.
    pub arrival_next: u64,
    /// The number that the next part gets; a number is never used twice.
    pub part_next: u64,
    /// Every part, the oldest first.
    pub parts: Vec<PartEntry>,
    /// What is no longer kept.
    pub forgotten: Forgotten,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEntry {
    /// The file, in the folder of the columns.
    pub file: String,
    /// Whose rows.
    pub stream: Text,
    /// How many rows, holes included.
    pub rows: u64,
    /// How long the file is.
    pub bytes: u64,
    /// XXH3 (64 bits) over the whole file.
    pub checksum: u64,
    /// When the earliest row happened.
    pub earliest: Instant,
    /// When the latest row happened.
    pub latest: Instant,
    /// Rows that no longer count.
    pub holes: Arc<Holes>,
    /// Whether it could not be read when the manifest was written. Rows that were moved or hidden since are looked for
    /// in it when it is whole again.
    pub missing: bool,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: MANIFEST_VERSION,
            arrival_next: 0,
            part_next: 0,
            parts: Vec::new(),
            forgotten: Forgotten::default(),
        }
    }
}

/// [`Manifest`] as version 2 had it.
#[derive(Serialize, Deserialize)]
struct ManifestV2 {
    version: u32,
    arrival_next: u64,
    part_next: u64,
    parts: Vec<PartEntry>,
}

/// [`Manifest`] as version 1 had it.
#[derive(Serialize, Deserialize)]
struct ManifestV1 {
    version: u32,
    arrival_next: u64,
    part_next: u64,
    parts: Vec<PartEntryV1>,
}

#[derive(Serialize, Deserialize)]
struct PartEntryV1 {
    file: String,
    stream: Text,
    rows: u64,
    bytes: u64,
    checksum: u64,
    earliest: Instant,
    latest: Instant,
    holes: Arc<Holes>,
}

impl Manifest {
    /// The bytes that are committed: postcard, with the version first.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a manifest has only what postcard can say")
    }

    /// Reads a manifest of this version or an earlier one.
    ///
    /// # Errors
    /// [`Error::Version`] when it is of a later one, [`Error::Manifest`] when the bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let unreadable = |source| Error::Manifest { source };
        let (version, _) = postcard::take_from_bytes::<u32>(bytes).map_err(unreadable)?;
        match version {
            1 => postcard::from_bytes::<ManifestV1>(bytes).map(Self::from).map_err(unreadable),
            2 => postcard::from_bytes::<ManifestV2>(bytes).map(Self::from).map_err(unreadable),
            MANIFEST_VERSION => postcard::from_bytes(bytes).map_err(unreadable),
            version => Err(Error::Version { version }),
        }
    }
}

impl From<ManifestV2> for Manifest {
    fn from(old: ManifestV2) -> Self {
        let ManifestV2 { version: _, arrival_next, part_next, parts } = old;
        Self { arrival_next, part_next, parts, ..Self::default() }
    }
}

impl From<ManifestV1> for Manifest {
    fn from(old: ManifestV1) -> Self {
        let part = |part: PartEntryV1| PartEntry {
            file: part.file,
            stream: part.stream,
            rows: part.rows,
            bytes: part.bytes,
            checksum: part.checksum,
            earliest: part.earliest,
            latest: part.latest,
            holes: part.holes,
            missing: false,
        };
        let parts = old.parts.into_iter().map(part).collect();
        Self { arrival_next: old.arrival_next, part_next: old.part_next, parts, ..Self::default() }
    }
}
