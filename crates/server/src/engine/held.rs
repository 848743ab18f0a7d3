//! What holds a thread of the engine up: steps that take long are counted, and told in the log by name.
//!
//! It only looks. Nothing that an engine does depends on it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use host::Clock;

use super::shared::Shared;

/// A step that takes so long holds its thread up: whoever waits for the thread notices.
const HELD_UP_US: u64 = 50_000;

/// A watch on one thread.
pub(super) struct Watch {
    thread: &'static str,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    since_us: u64,
}

impl Watch {
    pub(super) fn new(thread: &'static str, clock: &Arc<dyn Clock>, shared: &Arc<Shared>) -> Self {
        let since_us = clock.elapsed_us();
        Self { thread, clock: Arc::clone(clock), shared: Arc::clone(shared), since_us }
    }

    /// A step begins.
    pub(super) fn start(&mut self) {
        self.since_us = self.clock.elapsed_us();
    }

    /// A step has ended, and the next one begins.
    pub(super) fn ended(&mut self, step: &'static str) {
        let now_us = self.clock.elapsed_us();
        let took_us = now_us.saturating_sub(std::mem::replace(&mut self.since_us, now_us));
        if took_us < HELD_UP_US {
            return;
        }
        self.shared.counters.held_up_us.fetch_add(took_us, Ordering::Relaxed);
        tracing::debug!(thread = self.thread, step, took_ms = took_us / 1_000, "a step took long");
    }
}
