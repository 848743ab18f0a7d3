//! Parts that cannot be read: what is known of them, and which answers lack their rows.
//!
//! A damaged part is no reason to stand still, and no reason for a smaller
//! number without a word: columns open without it, and every snapshot
//! remembers which of the missing parts were asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::Text;

use crate::manifest::PartEntry;

/// A part that cannot be read: its rows are in no answer until it is whole again.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// What the manifest says of it.
    pub part: PartEntry,
    /// What is wrong with it.
    pub reason: Text,
}

impl Missing {
    /// How many rows are missing.
    pub fn rows(&self) -> u64 {
        self.part.rows - self.part.holes.rows() as u64
    }
}

/// The missing parts, and which of them were asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps {
    missing: Arc<[Missing]>,
    /// One for each of `missing`, shared by the clones of one snapshot.
    asked_for: Arc<[AtomicBool]>,
}

impl Gaps {
    pub(crate) fn new(missing: Arc<[Missing]>) -> Self {
        let asked_for = missing.iter().map(|_| AtomicBool::new(false)).collect();
        Self { missing, asked_for }
    }

    /// The same parts; none of them was asked for.
    pub(crate) fn fresh(&self) -> Self {
        if self.missing.is_empty() { self.clone() } else { Self::new(Arc::clone(&self.missing)) }
    }

    /// Somebody reads the streams for which `is_read` says yes.
    pub(crate) fn note(&self, is_read: impl Fn(&str) -> bool) {
        for (missing, asked_for) in self.missing.iter().zip(&*self.asked_for) {
            if is_read(&missing.part.stream) {
                asked_for.store(true, Ordering::Relaxed);
            }
        }
    }

    /// All of them.
    pub(crate) fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// The missing parts that were asked for.
    pub(crate) fn asked_for(&self) -> impl Iterator<Item = &Missing> {
        let pairs = self.missing.iter().zip(&*self.asked_for);
        pairs.filter(|(_, asked_for)| asked_for.load(Ordering::Relaxed)).map(|(missing, _)| missing)
    }
}
