//! What both threads and every handle see: counters, the latest snapshot, how far the fold has come.

use std::sync::RwLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use columnar::Snapshot;
use journal::Position;
use model::Instant;
use tokio::sync::watch;

use super::entry::Entry;

pub(super) struct Shared {
    pub(super) counters: Counters,
    /// The latest snapshot. A lock, not a channel: every question wants the latest one, whenever it
    /// comes, and it is held only to copy or replace a few pointers.
    latest: RwLock<Latest>,
    /// How far the fold has come; whoever waits for what it wrote watches this.
    pub(super) folded: watch::Sender<Position>,
    /// For how many months events are kept; 0: for ever.
    keep_months: AtomicU32,
}

/// A snapshot and what it stands for.
#[derive(Clone)]
struct Latest {
    snapshot: Snapshot,
    at: Instant,
}

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub struct Counters {
    /// Facts accepted.
    pub accepted: AtomicU64,
    /// Facts told before.
    pub duplicate: AtomicU64,
    /// Records rejected.
    pub rejected: AtomicU64,
    /// Times somebody was told to come back later.
    pub overloaded: AtomicU64,
    /// Microseconds in steps of writer and fold that took so long that somebody may have noticed.
    pub held_up_us: AtomicU64,
}

impl Shared {
    pub(super) fn new(snapshot: Snapshot, at: Instant, position: Position) -> Self {
        Self {
            counters: Counters::default(),
            latest: RwLock::new(Latest { snapshot, at }),
            folded: watch::Sender::new(position),
            keep_months: AtomicU32::new(0),
        }
    }

    pub(super) fn count(&self, entry: &Entry, duplicate: usize) {
        let add = |counter: &AtomicU64, count: usize| counter.fetch_add(count as u64, Ordering::Relaxed);
        match entry {
            Entry::Facts(facts) => add(&self.counters.accepted, facts.len()),
            Entry::Rejects(rejects) => add(&self.counters.rejected, rejects.len()),
            Entry::Delivery(_) | Entry::Audiences(_) | Entry::Forget(_) => 0,
        };
        add(&self.counters.duplicate, duplicate);
    }

    /// For how many months events are kept from now on; `None`: for ever.
    pub(super) fn keep_events(&self, months: Option<u32>) {
        self.keep_months.store(months.unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn keep_months(&self) -> Option<u32> {
        Some(self.keep_months.load(Ordering::Relaxed)).filter(|months| *months > 0)
    }

    pub(super) fn publish(&self, snapshot: Snapshot, at: Instant) {
        *self.latest.write().expect("no holder of this lock panics") = Latest { snapshot, at };
    }

    /// Nothing new came: what was published is true as of `at`, too.
    pub(super) fn confirm(&self, at: Instant) {
        self.latest.write().expect("no holder of this lock panics").at = at;
    }

    pub(super) fn snapshot(&self) -> (Snapshot, Instant) {
        let latest = self.latest.read().expect("no holder of this lock panics").clone();
        (latest.snapshot, latest.at)
    }
}
