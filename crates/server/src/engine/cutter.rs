//! When a base is made, and from where on the journal is kept.
//!
//! It decides; the checkpoint's thread makes the base, the writer cuts the journal.

use journal::{Journal, Position};

use super::base::Base;
use super::world::Fault;

/// A base that could not be made is tried again when the journal has grown by this share of its bound.
const AGAIN_SHARE: u64 = 8;

/// When the next base is due.
pub(super) struct Cutter {
    bytes_max: u64,
    /// From here of the journal on.
    due_at: Position,
    /// Up to here nobody needs the journal any more; the writer has not heard of it yet.
    pub(super) cut: Option<Position>,
}

impl Cutter {
    pub(super) fn new(journal: &Journal, base: Option<&Base>, bytes_max: u64) -> Self {
        let from = base.map_or(journal.start(), |base| base.position);
        Self {
            bytes_max,
            due_at: Position(from.0.saturating_add(bytes_max)),
            // A process that died between the two has made the base and cut nothing.
            cut: base.map(|base| base.position),
        }
    }

    /// Whether a checkpoint at `position` should become a base.
    pub(super) fn is_due(&self, position: Position) -> bool {
        position >= self.due_at
    }

    /// Hears how a base went that was to be made at about `position`.
    pub(super) fn hear(&mut self, position: Position, based: Result<Base, Fault>) {
        match based {
            Ok(base) => {
                self.due_at = Position(base.position.0.saturating_add(self.bytes_max));
                self.cut = Some(base.position);
            }
            Err(fault) => {
                self.due_at = Position(position.0.saturating_add(self.bytes_max / AGAIN_SHARE));
                tracing::error!(fault = %super::chain(&fault), "no base was made, so the journal is not cut; it is tried again");
            }
        }
    }
}
