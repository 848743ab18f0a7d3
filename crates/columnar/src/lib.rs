//! Parts: rows to columns to files to scans. Knows ordinals and columns, nothing of marketing.
//!
//! The way of a row: [`Columns::append`] (recent, in memory) → [`Columns::begin_seal`]
//! (a part: a mapped Arrow file) → compaction (fewer, larger parts). Readers
//! take a [`Snapshot`] and see one thing throughout: streams made of tables
//! that are sorted by (lane, ordinal, time, arrival), read as slices.
//!
//! ```
//! use columnar::{Columns, Manifest, Options, Span};
//! use model::{CustomerId, Instant, Lane, Row, stream};
//!
//! # let dir = tempfile::tempdir().unwrap();
//! let mut columns = Columns::open(dir.path(), &Manifest::default(), Options::default())?;
//! columns.append([Row {
//!     customer: CustomerId::new(Lane::new(3), 0),
//!     at: Instant::from_ms(1_000),
//!     stream: stream::event("purchase"),
//!     properties: [("amount", 12.5)].into_iter().collect(),
//! }]);
//! let snapshot = columns.snapshot();
//! let purchases = snapshot.stream("event:purchase").unwrap();
//! let mut sum = 0.0;
//! for view in purchases.views() {
//!     let amount = view.property("amount");
//!     for row in Lane::all().flat_map(|lane| view.lane(lane)).flatten() {
//!         if Span::EVER.contains(view.times()[row]) {
//!             sum += amount.number(row).unwrap_or(0.0);
//!         }
//!     }
//! }
//! assert_eq!(sum, 12.5);
//! # Ok::<(), columnar::Error>(())
//! ```
//!
//! Invariants, and the tests that hold them (`tests/columns.rs`):
//! - A row counts in exactly one table of its stream, whatever was sealed, compacted, moved, moved back or hidden
//!   meanwhile: `every_way_of_storing_the_same_rows_answers_the_same`.
//! - A row belongs to the root above the customer it arrived for: `moves_are_taken_back_exactly`.
//! - A part is what was written, or it is missing, named, and noted by every snapshot that would have read it:
//!   `a_damaged_part_is_named_and_left_alone`.

mod build;
mod chains;
mod cold;
mod column;
mod columns;
mod compaction;
mod cursor;
mod directory;
mod error;
mod first_seen;
mod forget;
mod gather;
mod holes;
mod hours;
mod ipc;
mod lookup;
mod manifest;
mod mask;
mod mend;
mod merge;
mod missing;
mod moves;
mod named;
mod parallel;
mod part;
mod seal;
mod set;
mod snapshot;
mod span;
mod table;
mod walk;

/// One bit for each of some rows: which of them pass.
pub use arrow_buffer::BooleanBuffer as RowMask;

pub use chains::{Chains, Counts, Step};
pub use cold::{Crowded, MemoryShelf, Shelf};
pub use column::{Bits, Column, Keys, Kind, Numbers, Property, Words, json_text};
pub use columns::{Columns, Options};
pub use compaction::{Compacted, Compaction};
pub use cursor::Cursor;
pub use error::Error;
pub use forget::Forgotten;
pub use gather::{BLOCK, Members, Piles, Run, gather, who};
pub use holes::Holes;
pub use hours::{Hours, hour};
pub use lookup::Lookup;
pub use manifest::{MANIFEST_VERSION, Manifest, PartEntry};
pub use mask::{row_bits, row_mask};
pub use missing::Missing;
pub use named::Named;
pub use parallel::for_each_lane;
pub use seal::{Sealed, Sealing};
pub use set::{CustomerSet, LaneSet};
pub use snapshot::{Latest, Order, Place, Snapshot, Story, Stream, Told};
pub use span::Span;
pub use table::{Extent, RowFilter, Table, View};
pub use walk::{Hit, Walk};
