//! When a base is made, and from where on the journal is kept: when the journal has grown, and when events were forgotten that
//! it still holds.
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
    /// What the latest base stands for.
    based_at: Position,
    /// From here of the journal on.
    due_at: Position,
    /// None before here: the last one could not be made.
    not_before: Position,
    /// Up to here nobody needs the journal any more; the writer has not heard of it yet.
    pub(super) cut: Option<Position>,
}

impl Cutter {
    pub(super) fn new(journal: &Journal, base: Option<&Base>, bytes_max: u64) -> Self {
        let from = base.map_or(journal.start(), |base| base.position);
        Self {
            bytes_max,
            based_at: base.map_or(Position::START, |base| base.position),
            due_at: Position(from.0.saturating_add(bytes_max)),
            not_before: Position::START,
            // A process that died between the two has made the base and cut nothing.
            cut: base.map(|base| base.position),
        }
    }

    /// Whether a checkpoint at `position` should become a base. No part holds what the journal before `forgotten_at` does
    /// and is forgotten; `None`: some part still does.
    pub(super) fn is_due(&self, position: Position, forgotten_at: Option<Position>) -> bool {
        let forgot = forgotten_at.is_some_and(|forgotten_at| forgotten_at > self.based_at);
        position >= self.not_before && (forgot || position >= self.due_at)
    }

    /// Hears how a base went that was to be made at about `position`.
    pub(super) fn hear(&mut self, position: Position, based: Result<Base, Fault>) {
        match based {
            Ok(base) => {
                self.based_at = base.position;
                self.due_at = Position(base.position.0.saturating_add(self.bytes_max));
                self.cut = Some(base.position);
            }
            Err(fault) => {
                self.not_before = Position(position.0.saturating_add(self.bytes_max / AGAIN_SHARE));
                tracing::error!(fault = %super::chain(&fault), "no base was made, so the journal is not cut; it is tried again");
            }
        }
    }
}
