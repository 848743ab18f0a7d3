//! Working state: a write-back cache over an embedded store, checkpointed with its journal position.
//!
//! The fold thread keeps what it knows in typed [`Table`]s. Reads go to memory
//! first and to the store behind it second; writes go to memory only. From time
//! to time [`Store::checkpoint`] writes every change of every table, a few named
//! blobs and the journal position in *one* transaction with sync. After a crash
//! the store stands at its last checkpoint, and the journal after
//! [`Store::position`] is folded again.
//!
//! Invariants:
//! - a checkpoint is whole or absent, whatever kills the process (`tests/crash.rs`);
//! - a checkpoint that fails changes nothing: what was changed stays changed in
//!   memory and the next checkpoint writes it (`tests/full_disk.rs`);
//! - memory grows with what changed since the last checkpoint and with a bounded
//!   number of remembered values, never with what is stored;
//! - a checkpoint may be written on another thread ([`Store::begin`], [`Store::settle`]) while tables change;
//! - one process at a time: the folder is locked for as long as it is open.
//!
//! ```
//! # fn main() -> Result<(), state::Error> {
//! # let dir = tempfile::tempdir().unwrap();
//! let mut store = state::Store::open(dir.path(), state::Options::default())?;
//! let mut visits = store.table::<u32, u64>("visits")?;
//! visits.put(7, 1);
//! *visits.get_mut(&7)?.expect("just put") += 1;
//! store.checkpoint(42, &[("note", b"hello")], &mut [&mut visits])?;
//!
//! assert_eq!(store.position(), 42);
//! assert_eq!(visits.get(&7)?, Some(&2));
//! # Ok(()) }
//! ```

mod error;
mod key;
mod lock;
mod record;
mod store;
mod table;

pub use error::Error;
pub use key::{KEY_BYTES_MAX, Key};
pub use record::Record;
pub use store::{AtRest, Checkpoint, Options, Persist, Settled, Store, Written};
pub use table::Table;
