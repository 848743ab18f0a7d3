//! What the async world may do with an engine: bring facts, ask the world, take a snapshot.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, TrySendError};

use columnar::Snapshot;
use host::Clock;
use journal::Position;
use model::{ErrorKind, Instant};
use tokio::sync::oneshot;

use super::entry::{Entry, Facts, Submission};
use super::fold::Input;
use super::room::Room;
use super::seen::SeenReject;
use super::shared::{Counters, Shared};
use super::world::World;
use super::writer::{self, Append};

/// What became of facts that were brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// On disk, for the first time.
    pub accepted: usize,
    /// Told before; nothing was added.
    pub duplicate: usize,
    /// Where the journal ended behind them.
    pub position: Position,
}

/// Why an engine did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The inbox is full. Nothing was taken; come back a little later.
    #[error("too much at once; try again in a moment")]
    Overloaded,
    /// The journal could not take it. Nothing was taken.
    #[error("the journal did not take it: {reason}")]
    Journal {
        /// What the caller should do.
        kind: ErrorKind,
        /// What the journal said.
        reason: String,
    },
    /// The engine is going down, or has stopped after a fault that its log names.
    #[error("the workspace's engine has stopped; see the log")]
    Stopped,
}

impl Error {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Overloaded => ErrorKind::Overloaded,
            Self::Journal { kind, .. } => *kind,
            Self::Stopped => ErrorKind::Unavailable,
        }
    }
}

/// A handle to the engine of one workspace; cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(super) writer: SyncSender<writer::Input>,
    pub(super) fold: SyncSender<Input>,
    /// What may wait for the writer, in bytes.
    pub(super) inbox: Arc<Room>,
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Handle {
    /// Brings admitted facts; returns when they are on disk.
    ///
    /// # Errors
    /// [`Error`]; then none of them was taken.
    pub async fn accept(&self, facts: impl Into<Facts>) -> Result<Accepted, Error> {
        self.submit(Submission::from(facts.into())).await
    }

    /// Records what was not admitted, so that it stays visible and recoverable; returns when it is on disk.
    ///
    /// # Errors
    /// [`Error`]; then nothing was recorded.
    pub async fn reject(&self, rejects: Vec<SeenReject>) -> Result<Accepted, Error> {
        self.append(Entry::Rejects(rejects)).await
    }

    /// Brings records of delivery, such as a person's command; returns when they are on disk.
    ///
    /// # Errors
    /// [`Error`]; then nothing was recorded.
    pub async fn record(&self, records: Vec<delivery::Record>) -> Result<Accepted, Error> {
        self.append(Entry::Delivery(records)).await
    }

    /// Brings decisions about live audiences; returns when they are on disk.
    ///
    /// # Errors
    /// [`Error`]; then nothing was recorded.
    pub async fn decide(&self, records: Vec<audience::live::Record>) -> Result<Accepted, Error> {
        self.append(Entry::Audiences(records)).await
    }

    async fn append(&self, entry: Entry) -> Result<Accepted, Error> {
        self.submit(Submission::new(entry)).await
    }

    async fn submit(&self, submission: Submission) -> Result<Accepted, Error> {
        let (reply, answer) = oneshot::channel();
        let place = self.inbox.try_take(submission.len_bytes()).ok_or_else(|| self.overloaded())?;
        let append = Append { submission, reply: Some(reply), place };
        self.writer.try_send(writer::Input::Append(append)).map_err(|error| self.not_taken(&error))?;
        answer.await.map_err(|_| Error::Stopped)?
    }

    /// Runs `question` on the fold thread, between two batches, and returns its answer.
    ///
    /// Keep it short: nothing is folded meanwhile.
    ///
    /// # Errors
    /// [`Error::Overloaded`] and [`Error::Stopped`].
    pub async fn ask<R: Send + 'static>(
        &self,
        question: impl FnOnce(&mut World) -> R + Send + 'static,
    ) -> Result<R, Error> {
        let (reply, answer) = oneshot::channel();
        let ask = Input::Ask(Box::new(move |world| {
            // Whoever asked may have gone; then nobody needs the answer.
            drop(reply.send(question(world)));
        }));
        self.fold.try_send(ask).map_err(|error| self.not_taken(&error))?;
        answer.await.map_err(|_| Error::Stopped)
    }

    /// Returns when the fold has applied everything before `position`, and questions see it.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn folded(&self, position: Position) -> Result<(), Error> {
        let mut folded = self.shared.folded.subscribe();
        folded.wait_for(|folded| *folded >= position).await.map(drop).map_err(|_| Error::Stopped)
    }

    /// The columns as of the last batch (at most a quarter of a second old), and when that was: for one question,
    /// whose answer says what it missed.
    pub fn snapshot(&self) -> (Snapshot, Instant) {
        let (snapshot, at) = self.shared.snapshot();
        (snapshot.for_question(), at)
    }

    /// From now on events are kept for so many months ([`super::kept_from`]); `None`: for ever. The fold forgets earlier ones
    /// soon; what is forgotten does not come back when they are kept longer again.
    pub fn keep_events(&self, months: Option<u32>) {
        self.shared.keep_events(months);
    }

    /// Counts since the start of the process.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// The clock of this engine.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    fn overloaded(&self) -> Error {
        self.shared.counters.overloaded.fetch_add(1, Ordering::Relaxed);
        Error::Overloaded
    }

    fn not_taken<T>(&self, error: &TrySendError<T>) -> Error {
        match error {
            TrySendError::Full(_) => self.overloaded(),
            TrySendError::Disconnected(_) => Error::Stopped,
        }
    }
}
