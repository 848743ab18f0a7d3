//! The compactor: a thread that makes few large parts of many small ones and brings old rows to the shelf, beside
//! everything else.
//!
//! It reads immutable parts and writes a new file; the fold plans before and adopts after, in no time, and the next
//! checkpoint makes it so for good. A crash before leaves a file that no manifest names: it goes at the next opening.
//! It never sees the world, so neither the fold nor a question ever waits for it.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use columnar::{Columns, Compacted, Compaction};
use model::Instant;

type Outcome = Result<Compacted, columnar::Error>;

/// The fold's end of the thread. The thread ends when this is dropped, after the part it is writing.
pub(super) struct Compactor {
    plans: SyncSender<Compaction>,
    outcomes: Receiver<Outcome>,
}

impl Compactor {
    /// Starts the thread.
    pub(super) fn start() -> (Self, JoinHandle<()>) {
        // There is at most one plan at a time: `Columns` gives out no second one before the first has come back.
        let (plans, inbox) = sync_channel(1);
        let (sender, outcomes) = channel();
        let thread = super::open::spawn("compactor", move || work(&inbox, &sender));
        (Self { plans, outcomes }, thread)
    }

    /// Takes in the part that is ready, if one is. Whether it did.
    pub(super) fn adopt(&self, columns: &mut Columns) -> bool {
        match self.outcomes.try_recv() {
            Ok(Ok(compacted)) => {
                columns.adopt(compacted);
                true
            }
            Ok(Err(error)) => {
                tracing::warn!(error = %super::chain(&error), "a compaction failed; it is tried again after the next checkpoint");
                false
            }
            Err(_) => false,
        }
    }

    /// Hands out what should be compacted next, or what has become old or is forgotten, if anything should and nothing is
    /// under way.
    pub(super) fn plan(&self, columns: &mut Columns, cold_before: Instant) {
        if let Some(plan) = columns.plan_compaction().or_else(|| columns.plan_aging(cold_before)) {
            // A plan that is not taken is dropped: the thread has ended because the engine ends.
            drop(self.plans.try_send(plan));
        }
    }
}

fn work(plans: &Receiver<Compaction>, outcomes: &Sender<Outcome>) {
    while let Ok(plan) = plans.recv() {
        if outcomes.send(plan.run()).is_err() {
            return;
        }
    }
}
