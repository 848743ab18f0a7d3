//! The counter: a thread that counts who is in an audience that was made or changed, beside everything else.
//!
//! It reads a snapshot and writes nothing. The fold begins it, takes its answer in, and has the journal say when the
//! audience is in force; what a crash interrupts is begun again.

use std::sync::Arc;
use std::thread::JoinHandle;

use audience::live::{Counted, Counting, Progress};

/// The thread, while it counts.
#[derive(Default)]
pub(super) struct Counter {
    under_way: Option<(JoinHandle<Counted>, Arc<Progress>)>,
}

impl Counter {
    /// Begins to count. There is at most one counting at a time: live audiences give out no second one before the first
    /// is over.
    pub(super) fn start(&mut self, counting: Counting) {
        let progress = counting.progress();
        let thread = super::open::spawn("counter", move || counting.run());
        self.under_way = Some((thread, progress));
    }

    /// What was counted, if the thread has ended.
    pub(super) fn take(&mut self) -> Option<Counted> {
        let (thread, _) = self.under_way.take_if(|(thread, _)| thread.is_finished())?;
        Some(thread.join().expect("counting does not panic"))
    }
}

/// Nobody waits for the answer any more.
impl Drop for Counter {
    fn drop(&mut self) {
        if let Some((thread, progress)) = self.under_way.take() {
            progress.stop();
            // What it counted, or why it could not, matters no longer.
            drop(thread.join());
        }
    }
}
