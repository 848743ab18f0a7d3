//! Which files make up the columns: a plain value that the caller commits together with its journal position.

use std::sync::Arc;

use model::{Instant, Text};
use serde::{Deserialize, Serialize};

use crate::holes::Holes;

/// The version of [`Manifest`] that this program writes.
pub const MANIFEST_VERSION: u32 = 1;

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
}

impl Default for Manifest {
    fn default() -> Self {
        Self { version: MANIFEST_VERSION, arrival_next: 0, part_next: 0, parts: Vec::new() }
    }
}
