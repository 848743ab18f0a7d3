//! The fold thread: applies what became durable, answers questions, drives campaigns, makes checkpoints.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use host::Clock;
use journal::Position;
use model::Instant;
use tokio::sync::mpsc;

use super::campaign::{COURIER_MAX, Job};
use super::entry::{Entry, Submission};
use super::shared::Shared;
use super::world::{Fault, World};
use super::writer::{self, Append};

/// A checkpoint is made when so many facts were applied since the last one: it bounds what a start has to fold again.
const CHECKPOINT_FACTS: usize = 250_000;
/// Or when this much time has gone by.
const CHECKPOINT_MS: i64 = 30_000;
/// Questions see what was folded at most this long ago.
const PUBLISH_MS: i64 = 250;
/// How long the fold sleeps when nothing comes.
const IDLE: Duration = Duration::from_millis(100);

/// A question to the world.
pub(super) type Question = Box<dyn FnOnce(&mut World) + Send>;

/// What the fold's inbox holds.
pub(super) enum Input {
    /// An entry that became durable, and the journal's position behind it.
    Entry(Position, Entry),
    /// Somebody wants to know something.
    Ask(Question),
    /// Make a checkpoint and go.
    Stop,
}

pub(super) struct Fold {
    pub(super) world: World,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shared: Arc<Shared>,
    pub(super) writer: SyncSender<writer::Input>,
    pub(super) courier: mpsc::Sender<Job>,
    pub(super) pace: Pace,
}

/// What the fold remembers between two turns.
#[derive(Default)]
pub(super) struct Pace {
    published_at: Instant,
    checkpoint_at: Instant,
    unpublished: bool,
    /// Delivery records that were proposed and not read back yet: no further ones until then.
    outstanding: bool,
    /// Jobs that wait for a place with the courier.
    jobs: VecDeque<Job>,
}

impl Fold {
    /// Works until it is told to stop or every sender is gone. Returns the fault that ended it, if one did.
    pub(super) fn run(mut self, inbox: &Receiver<Input>) -> Result<(), Fault> {
        self.pace.checkpoint_at = self.clock.now();
        loop {
            let first = match inbox.recv_timeout(IDLE) {
                Ok(input) => Some(input),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            if !self.turn(first, inbox)? {
                break;
            }
        }
        self.world.checkpoint()
    }

    /// One turn: everything that waits (up to a bound), then what follows from it. `false`: it is time to go.
    fn turn(&mut self, first: Option<Input>, inbox: &Receiver<Input>) -> Result<bool, Fault> {
        const INPUTS_MAX: usize = 256;
        let mut next = first;
        for _ in 0..INPUTS_MAX {
            match next {
                Some(Input::Entry(position, entry)) => self.apply(position, entry)?,
                Some(Input::Ask(question)) => question(&mut self.world),
                Some(Input::Stop) => return Ok(false),
                None => break,
            }
            next = inbox.try_recv().ok();
        }
        let now = self.clock.now();
        self.deliver(now)?;
        self.publish(now);
        self.checkpoint(now);
        Ok(true)
    }

    fn apply(&mut self, position: Position, entry: Entry) -> Result<(), Fault> {
        let delivery = matches!(entry, Entry::Delivery(_));
        let began = self.world.apply(position, entry)?;
        self.pace.outstanding &= !delivery;
        self.pace.unpublished = true;
        self.pace.jobs.extend(self.world.jobs(&began)?);
        Ok(())
    }

    /// Hands jobs to the courier, and proposes what delivery wants to do next.
    fn deliver(&mut self, now: Instant) -> Result<(), Fault> {
        while let Some(job) = self.pace.jobs.pop_front() {
            if let Err(error) = self.courier.try_send(job) {
                match error {
                    mpsc::error::TrySendError::Full(job) => self.pace.jobs.push_front(job),
                    mpsc::error::TrySendError::Closed(_) => {}
                }
                break;
            }
        }
        if self.pace.outstanding || !self.pace.jobs.is_empty() {
            return Ok(());
        }
        let room = self.courier.capacity().min(COURIER_MAX);
        let records = self.world.propose(now, room)?;
        if !records.is_empty() {
            let append = Append { submission: Submission::new(Entry::Delivery(records)), reply: None };
            // A full inbox: propose again at the next turn.
            self.pace.outstanding = self.writer.try_send(writer::Input::Append(append)).is_ok();
        }
        Ok(())
    }

    fn publish(&mut self, now: Instant) {
        if self.pace.unpublished && now.since_ms(self.pace.published_at) >= PUBLISH_MS {
            self.shared.publish(self.world.columns.snapshot(), now);
            self.shared.folded.send_replace(self.world.position());
            self.pace.published_at = now;
            self.pace.unpublished = false;
        } else if !self.pace.unpublished {
            self.shared.confirm(now);
        }
    }

    /// A checkpoint that fails (a full disk) is no reason to stop: everything is in the journal; it is tried again.
    fn checkpoint(&mut self, now: Instant) {
        let due = self.world.uncommitted >= CHECKPOINT_FACTS
            || (self.world.uncommitted > 0 && now.since_ms(self.pace.checkpoint_at) >= CHECKPOINT_MS);
        if !due {
            return;
        }
        self.pace.checkpoint_at = now;
        if let Err(error) = self.world.checkpoint() {
            tracing::error!(error = %super::chain(&error), "the checkpoint failed; it is tried again, nothing is lost");
        }
        self.pace.unpublished = true;
    }
}
