//! Files of the past: a mapping says which column means what, rows become chunks, chunks become facts.
//!
//! The client reads the file (that is I/O, so not here), binds a [`Mapping`] to
//! its columns, asks the [`Plan`] for the [`Row`] of each line and sends
//! [`Chunk`]s; the server turns a chunk into facts with [`admit_rows`]. The id of
//! a fact is made of the [`ImportKey`] and the line, so running an import again,
//! or going on where it stopped, adds nothing. Facts of an import are history
//! ([`model::SourceId::is_history`]): nobody is messaged because of them.

mod chunk;
mod expression;
mod mapping;
mod plan;
mod shape;
mod stream;

use model::Instant;

pub use chunk::{BadImportKey, Chunk, Datum, ImportKey, Row, Said, admit_rows};
pub use expression::{BadExpression, OPERATIONS_MAX};
pub use mapping::{BadMapping, Mapping};
pub use plan::{Cell, Plan};
pub use stream::{ChunkReader, ChunkWriter, Taken};

use crate::desk::Fault;

/// The row of one line of an NDJSON file in the shape of the Segment API, which needs no mapping. Its
/// `messageId`, when it has one, is the row's own id.
///
/// # Errors
/// With the field, the value and the reason, when the line cannot be imported.
pub fn segment_row(line: u64, text: &str) -> Result<Row, Fault> {
    // The clock is the server's: an event without an instant happens when the row is admitted.
    let (id, statement) = crate::segment::history_line(text, Instant::MAX)?;
    Row::of(line, id, statement)
}

#[cfg(test)]
mod tests;
