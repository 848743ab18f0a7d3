//! Messages that were decided to be sent and have not ended: the working state between ledger and provider.
//!
//! Plain data: the server keeps it in checkpoints as it is. Everything here
//! follows from the records applied so far.

use std::collections::{BTreeMap, BTreeSet};

use model::{Instant, MessageId, Purpose};
use serde::{Deserialize, Serialize};

use crate::purpose::rules;
use crate::record::RunId;
use crate::route::Route;
use crate::{RenderHash, VariantId};

/// How many messages may wait in the outbox before no further page is decided.
pub const OUTBOX_MAX: usize = 50_000;

/// How often a message that the provider puts off is tried before it fails: with the waits of the driver about five days,
/// as long as mail servers try.
pub const ATTEMPTS_MAX: u16 = 40;

/// One message on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Which.
    pub message: MessageId,
    /// Why it is sent; decides what an unknown outcome means.
    pub purpose: Purpose,
    /// By which channel, to which address.
    pub route: Route,
    /// In which words.
    pub variant: VariantId,
    /// What was decided on: rendering it again gives this, or the person changed in between.
    pub render_hash: Option<RenderHash>,
    /// How often it has begun.
    pub attempts: u16,
    /// Where it stands.
    pub stage: Stage,
}

/// Where an outgoing message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It waits for its turn.
    Waiting {
        /// Not before this.
        not_before: Instant,
    },
    /// It was (or is about to be) handed over; how that ended is not known yet.
    Begun {
        /// When.
        at: Instant,
    },
}

/// All messages on their way out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Outgoing>", into = "Vec<Outgoing>")]
pub struct Outbox {
    messages: BTreeMap<MessageId, Outgoing>,
    /// Those that wait, by run and by when they may begin.
    waiting: BTreeMap<RunId, BTreeSet<(Instant, MessageId)>>,
    /// Those of them that were tried before.
    put_off: BTreeMap<RunId, BTreeSet<(Instant, MessageId)>>,
    begun: BTreeSet<MessageId>,
}

/// Messages that wait for another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutOff {
    /// How many.
    pub messages: usize,
    /// When the first of them is tried again.
    pub next_attempt: Instant,
}

impl From<Vec<Outgoing>> for Outbox {
    fn from(messages: Vec<Outgoing>) -> Self {
        let mut outbox = Self::default();
        for outgoing in messages {
            outbox.put(outgoing);
        }
        outbox
    }
}

impl From<Outbox> for Vec<Outgoing> {
    fn from(outbox: Outbox) -> Self {
        outbox.messages.into_values().collect()
    }
}

impl Outbox {
    /// How many are on their way.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether none is on its way.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// One message, if it is on its way.
    pub fn get(&self, message: MessageId) -> Option<&Outgoing> {
        self.messages.get(&message)
    }

    /// All of them, in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.messages.values()
    }

    /// Those handed over whose outcome is not known yet.
    pub fn begun(&self) -> impl Iterator<Item = &Outgoing> {
        self.begun.iter().filter_map(|message| self.messages.get(message))
    }

    /// Those of a run that wait and may begin at `now`, the longest waiting first.
    pub fn due(&self, run: RunId, now: Instant) -> impl Iterator<Item = &Outgoing> {
        let waiting = self.waiting.get(&run).into_iter().flatten();
        let due = waiting.take_while(move |(not_before, _)| *not_before <= now);
        due.filter_map(|(_, message)| self.messages.get(message))
    }

    /// How many of a run wait.
    pub fn waiting_len(&self, run: RunId) -> usize {
        self.waiting.get(&run).map_or(0, BTreeSet::len)
    }

    /// Those of a run that were tried and wait for another attempt; none: there are none.
    pub fn put_off(&self, run: RunId) -> Option<PutOff> {
        let waiting = self.put_off.get(&run)?;
        let (next_attempt, _) = waiting.first()?;
        Some(PutOff { messages: waiting.len(), next_attempt: *next_attempt })
    }

    /// When the first of a run that waits may begin.
    pub fn next_wake(&self, run: RunId) -> Option<Instant> {
        self.waiting.get(&run)?.first().map(|(not_before, _)| *not_before)
    }

    /// Whether any message of a run is on its way.
    pub fn holds(&self, run: RunId) -> bool {
        self.waiting_len(run) > 0 || self.begun.iter().any(|message| RunId::of(*message) == run)
    }

    pub(crate) fn put(&mut self, outgoing: Outgoing) {
        self.take(outgoing.message);
        let message = outgoing.message;
        match outgoing.stage {
            Stage::Waiting { not_before } => {
                let run = RunId::of(message);
                self.waiting.entry(run).or_default().insert((not_before, message));
                if outgoing.attempts > 0 {
                    self.put_off.entry(run).or_default().insert((not_before, message));
                }
            }
            Stage::Begun { .. } => {
                self.begun.insert(message);
            }
        }
        self.messages.insert(message, outgoing);
    }

    pub(crate) fn take(&mut self, message: MessageId) -> Option<Outgoing> {
        let outgoing = self.messages.remove(&message)?;
        match outgoing.stage {
            Stage::Waiting { not_before } => {
                remove(&mut self.waiting, not_before, message);
                remove(&mut self.put_off, not_before, message);
            }
            Stage::Begun { .. } => {
                self.begun.remove(&message);
            }
        }
        Some(outgoing)
    }
}

fn remove(
    queues: &mut BTreeMap<RunId, BTreeSet<(Instant, MessageId)>>,
    not_before: Instant,
    message: MessageId,
) {
    let run = RunId::of(message);
    if let Some(queue) = queues.get_mut(&run) {
        queue.remove(&(not_before, message));
        if queue.is_empty() {
            queues.remove(&run);
        }
    }
}

impl Outgoing {
    /// Whether an attempt with unknown outcome is made again: the promise of its purpose.
    pub fn repeats_unknown(&self) -> bool {
        rules(self.purpose).repeats_unknown
    }
}
