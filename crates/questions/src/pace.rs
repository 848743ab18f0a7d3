//! How far a question is, and whether anybody still waits for its answer.
//!
//! A question looks here each time it turns to the rows of one lane of one table:
//! often enough to end soon, rarely enough to cost nothing. Whoever stops it
//! throws its answer away, for rows are missing in it. Nothing here decides who
//! may stop what.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared by a question under way and whoever waits for it.
#[derive(Debug, Default)]
pub struct Pace {
    stopped: AtomicBool,
    rows: AtomicU64,
    of: AtomicU64,
}

impl Pace {
    /// Nobody waits any more: no further rows are read.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was stopped, so that an answer would lack rows.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// So many rows are going to be read on top of those that were announced.
    pub fn expect(&self, rows: usize) {
        self.of.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// How many rows were begun with, and how many are expected so far: a question of several passes announces each
    /// when it comes to it.
    pub fn progress(&self) -> (u64, u64) {
        let rows = self.rows.load(Ordering::Relaxed);
        (rows, self.of.load(Ordering::Relaxed).max(rows))
    }

    /// Counts rows that are about to be read; says whether they still should be.
    pub(crate) fn begin(&self, rows: usize) -> bool {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
        !self.is_stopped()
    }
}
