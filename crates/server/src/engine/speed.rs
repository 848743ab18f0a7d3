//! How fast the fold is, and so how much may wait for it.
//!
//! Answers are as old as what waits for the fold. The same item costs several times as much when a hundred audiences look at
//! it: so what may wait is bounded by time, as far as it is known.

use std::sync::Arc;

use super::room::Room;

/// What waits for the fold is to be folded within this time …
const WAIT_US: u64 = 300_000;
/// … but so many items may always wait, …
const ITEMS_MIN: u64 = 1_000;

/// How long an item takes, by the turns of late.
#[derive(Debug)]
pub(super) struct Speed {
    /// What may wait for the fold, in items of entries.
    backlog: Arc<Room>,
    /// … and never more than so many.
    items_max: usize,
    items: u64,
    took_us: u64,
}

impl Speed {
    /// Nothing is known yet.
    pub(super) fn new(backlog: Arc<Room>, items_max: usize) -> Self {
        Self { backlog, items_max, items: 0, took_us: 0 }
    }

    /// A turn with so many items took so long. Each turn counts twice as much as the one before.
    pub(super) fn turned(&mut self, items: usize, took_us: u64) {
        if items == 0 {
            return;
        }
        self.items = self.items / 2 + items as u64;
        self.took_us = self.took_us / 2 + took_us;
        let within = self.items.saturating_mul(WAIT_US) / self.took_us.max(1);
        let items_max = usize::try_from(within.max(ITEMS_MIN)).unwrap_or(usize::MAX);
        self.backlog.resize(items_max.min(self.items_max));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_the_fold_the_less_may_wait() {
        let backlog = Room::new(40_000);
        let mut speed = Speed::new(Arc::clone(&backlog), 40_000);
        for (items, took_us, may_wait) in [
            (10_000, 40_000, 40_000),
            (10_000, 400_000, 10_714),
            (0, 1_000_000, 10_714),
            (1, 10_000_000, 1_000),
            (10_000_000, 1, 40_000),
        ] {
            speed.turned(items, took_us);
            assert_eq!(backlog.max(), may_wait);
        }
    }
}
