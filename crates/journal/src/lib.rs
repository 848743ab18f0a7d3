//! The durable, ordered log of everything that was accepted.
//!
//! A journal is a folder of append-only files made of *blocks*; a block holds
//! the records of one group and is written and synced as a whole, so a crash
//! tears at most the last block. See `docs/formats/journal.md` for the bytes.
//!
//! ```
//! use std::path::Path;
//! use journal::{Journal, Options, Position};
//!
//! let disk = std::sync::Arc::new(host::MemoryDisk::default());
//! let mut journal = Journal::open(disk, Path::new("/j"), Options::default())?;
//! journal.append_group([(1, b"hello".as_slice()), (1, b"world")])?;
//! let read: Vec<_> = journal.read(Position::START).collect::<Result<_, _>>()?;
//! assert_eq!(read[1].bytes, b"world");
//! # Ok::<(), journal::Error>(())
//! ```
//!
//! Invariants: positions only grow; what [`Journal::append_group`] returned from is on disk;
//! a block that cannot be read is either the torn tail of a crash (cut, and reported) or
//! corruption (an error that names file and offset), never skipped.
//!
//! Beside it lives the [`Window`]: which facts were appended lately, for exact de-duplication.

mod block;
mod error;
mod log;
mod salvage;
mod window;

pub use block::{BLOCK_BYTES_MAX, RECORD_BYTES_MAX};
pub use error::Error;
pub use log::{Entry, Journal, Options, Position, Reader};
pub use salvage::{Salvaged, salvage};
pub use window::{Window, WindowOptions};
