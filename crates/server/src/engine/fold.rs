//! The fold thread: applies what became durable, answers questions, drives campaigns, makes checkpoints.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use audience::live::{Change, Record};
use host::Clock;
use journal::Position;
use model::Instant;
use tokio::sync::mpsc;

use super::campaign::{COURIER_MAX, Job};
use super::compactor::Compactor;
use super::counter::Counter;
use super::cutter::Cutter;
use super::entry::{Entry, Submission};
use super::held::Watch;
use super::retention::Retention;
use super::room::{Place, Room};
use super::shared::Shared;
use super::speed::Speed;
use super::world::{Fault, World};
use super::writer::{self, Append};

/// A checkpoint is made when so many facts were applied since the last one: it bounds what a start has to fold again.
pub(super) const CHECKPOINT_FACTS: usize = 500_000;
/// Or when this much time has gone by.
const CHECKPOINT_MS: i64 = 30_000;
/// One that failed is tried again after this much time.
const CHECKPOINT_AGAIN_MS: i64 = 5_000;
/// When so many facts wait for a checkpoint and one is still being written, the fold waits for it: this bounds memory.
const UNCOMMITTED_FACTS_MAX: usize = 1_000_000;
/// Questions see what was folded at most this long ago.
const PUBLISH_MS: i64 = 250;
/// After so many items a turn ends, so that what they lead to does not wait for what came behind them.
const ITEMS_A_TURN_MAX: usize = 10_000;
/// And after this time.
const TURN_US_MAX: u64 = 100_000;
/// And after so many inputs, whatever they hold.
const INPUTS_A_TURN_MAX: usize = 256;
/// Customers of whom something came while an audience was counted are asked anew for so long in one turn.
const CATCH_UP_US: u64 = 10_000;
/// So many of them between two looks at the clock.
const CAUGHT_UP_AT_ONCE: usize = 16;
/// How long the fold sleeps when nothing comes.
const IDLE: Duration = Duration::from_millis(100);

/// A question to the world.
pub(super) type Question = Box<dyn FnOnce(&mut World) + Send>;

/// What the fold's inbox holds.
pub(super) enum Input {
    /// What became durable together.
    Group(Group),
    /// Somebody wants to know something.
    Ask(Question),
    /// Make a checkpoint and go.
    Stop,
}

/// Entries that became durable together. They are applied together, too: a checkpoint never stands between them.
pub(super) struct Group {
    /// The journal's position behind them.
    pub(super) position: Position,
    pub(super) entries: Vec<Entry>,
    /// What they take of the backlog until they are applied.
    pub(super) place: Place,
}

pub(super) struct Fold {
    pub(super) world: World,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shared: Arc<Shared>,
    pub(super) writer: SyncSender<writer::Input>,
    /// What may wait for the writer, in bytes.
    pub(super) inbox: Arc<Room>,
    pub(super) courier: mpsc::Sender<Job>,
    pub(super) compactor: Compactor,
    pub(super) counter: Counter,
    pub(super) cutter: Cutter,
    /// Events of calendar months that ended so long ago leave the hot parts.
    pub(super) cold_after_ms: Option<i64>,
    pub(super) pace: Pace,
    pub(super) speed: Speed,
    pub(super) watch: Watch,
}

/// What the fold remembers between two turns.
#[derive(Default)]
pub(super) struct Pace {
    published_at: Instant,
    checkpoint_at: Instant,
    unpublished: bool,
    /// Delivery records that were proposed and not read back yet: no further ones until then.
    outstanding: bool,
    /// That time has passed was written down and not read back yet.
    passing: bool,
    retention: Retention,
    /// That audiences are counted was written down and not read back yet.
    counted: bool,
    /// Jobs that wait for a place with the courier.
    jobs: VecDeque<Job>,
}

impl Pace {
    /// What was written down about live audiences is read back.
    fn hear(&mut self, record: &Record) {
        match record.change {
            Change::Passed => self.passing = false,
            Change::Counted { .. } => self.counted = false,
            Change::Defined { .. } | Change::Removed { .. } | Change::Zone { .. } => {}
        }
    }
}

impl Fold {
    /// Works until it is told to stop or every sender is gone. Returns the fault that ended it, if one did.
    pub(super) fn run(mut self, inbox: &Receiver<Input>) -> Result<(), Fault> {
        self.pace.checkpoint_at = self.clock.now();
        // What became due while nobody ran.
        self.plan(self.clock.now());
        loop {
            let idle = if self.world.live.is_behind() { Duration::ZERO } else { IDLE };
            let first = match inbox.recv_timeout(idle) {
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
        let (mut next, mut inputs, mut items) = (first, 0, 0);
        let began_us = self.clock.elapsed_us();
        self.watch.start();
        while let Some(input) = next {
            match input {
                Input::Group(group) => items += self.apply(group)?,
                Input::Ask(question) => {
                    question(&mut self.world);
                    self.watch.ended("ask");
                }
                Input::Stop => return Ok(false),
            }
            inputs += 1;
            // What is taken out of the inbox is worked on: nothing is taken that this turn has no room for.
            let is_long = self.took_us(began_us) >= TURN_US_MAX;
            let more = items < ITEMS_A_TURN_MAX && inputs < INPUTS_A_TURN_MAX && !is_long;
            next = if more { inbox.try_recv().ok() } else { None };
        }
        let now = self.clock.now();
        self.deliver(now)?;
        self.watch.ended("deliver");
        self.pass(now);
        self.retain(now);
        self.count(now);
        self.watch.ended("count");
        self.compact(now);
        self.watch.ended("compact");
        self.publish(now);
        self.watch.ended("publish");
        self.checkpoint(now);
        self.watch.ended("checkpoint");
        self.speed.turned(items, self.took_us(began_us));
        Ok(true)
    }

    fn took_us(&self, since_us: u64) -> u64 {
        self.clock.elapsed_us().saturating_sub(since_us)
    }

    /// Applies a group; returns how many items it held.
    fn apply(&mut self, group: Group) -> Result<usize, Fault> {
        let Group { position, entries, place } = group;
        let mut items = 0;
        for entry in entries {
            items += entry.len();
            self.pace.outstanding &= !matches!(entry, Entry::Delivery(_));
            match &entry {
                Entry::Audiences(records) => records.iter().for_each(|record| self.pace.hear(record)),
                Entry::Forget(records) => self.pace.retention.heard(records),
                Entry::Facts(_) | Entry::Rejects(_) | Entry::Delivery(_) => {}
            }
            let kind = entry.kind_name();
            let began = self.world.apply(position, entry)?;
            self.pace.jobs.extend(self.world.jobs(&began)?);
            self.watch.ended(kind);
        }
        self.pace.unpublished = true;
        drop(place);
        Ok(items)
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
            self.pace.outstanding = self.propose(Entry::Delivery(records));
        }
        Ok(())
    }

    /// Writes down that time has passed when somebody enters or leaves a live audience by it: whoever folds the journal
    /// again lets it pass at the same place.
    fn pass(&mut self, now: Instant) {
        let due = self.world.live.next_wake().is_some_and(|wake| wake <= now);
        if due && !self.pace.passing {
            let record = Record { at: now, change: Change::Passed };
            self.pace.passing = self.propose(Entry::Audiences(vec![record]));
        }
    }

    /// Writes down that events are forgotten when some are older than the workspace keeps them.
    fn retain(&mut self, now: Instant) {
        let months = self.shared.keep_months();
        if let Some(forget) = self.pace.retention.due(now, months, &self.world.columns) {
            self.pace.retention.proposed = self.propose(Entry::Forget(vec![forget]));
        }
    }

    /// Has counted what is new in the audiences that were made or changed, and writes down when they are: whoever folds the
    /// journal again lets them come into force at the same place.
    fn count(&mut self, now: Instant) {
        let World { live, columns, .. } = &mut self.world;
        if let Some(counting) = live.begin(columns) {
            self.counter.start(counting);
        }
        if let Some(counted) = self.counter.take() {
            live.bring(counted);
        }
        let began_us = self.clock.elapsed_us();
        let mut decided = live.catch_up(CAUGHT_UP_AT_ONCE, columns);
        while live.is_behind() && self.clock.elapsed_us().saturating_sub(began_us) < CATCH_UP_US {
            decided = live.catch_up(CAUGHT_UP_AT_ONCE, columns);
        }
        if let Some(change) = decided.filter(|_| !self.pace.counted) {
            self.pace.counted = self.propose(Entry::Audiences(vec![Record { at: now, change }]));
        }
    }

    /// Brings an entry to the writer; `false`: its inbox is full, propose again at the next turn.
    fn propose(&self, entry: Entry) -> bool {
        let submission = Submission::new(entry);
        let Some(place) = self.inbox.try_take(submission.len_bytes()) else { return false };
        let append = Append { submission, reply: None, place };
        self.writer.try_send(writer::Input::Append(append)).is_ok()
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
        if let Err(error) = self.try_checkpoint(now) {
            self.pace.checkpoint_at = now.plus_ms(CHECKPOINT_AGAIN_MS);
            tracing::error!(error = %super::chain(&error), "the checkpoint failed; it is tried again, nothing is lost");
        }
    }

    fn try_checkpoint(&mut self, now: Instant) -> Result<(), Fault> {
        let mut is_ended = self.world.settle_checkpoint()?;
        self.cut();
        if self.world.uncommitted >= UNCOMMITTED_FACTS_MAX {
            self.world.await_checkpoint()?;
            is_ended = true;
        }
        if is_ended {
            // There are new parts, and perhaps too many.
            self.pace.unpublished = true;
            self.plan(now);
        }
        let since_ms = now.since_ms(self.pace.checkpoint_at);
        let many = self.world.uncommitted >= CHECKPOINT_FACTS && since_ms >= 0;
        let long_ago = self.world.is_changed() && since_ms >= CHECKPOINT_MS;
        let as_base = self.cutter.is_due(self.world.position(), self.world.forgotten_at());
        if (many || long_ago) && self.world.begin_checkpoint(as_base)? {
            self.pace.checkpoint_at = now;
        }
        Ok(())
    }

    /// Tells the writer up to where nobody needs the journal any more.
    fn cut(&mut self) {
        if let Some(based) = self.world.hear_of_base() {
            self.cutter.hear(self.world.position(), based);
        }
        if let Some(position) = self.cutter.cut.take()
            && self.writer.try_send(writer::Input::Cut(position)).is_err()
        {
            self.cutter.cut = Some(position);
        }
    }

    /// One compaction follows the other; the next checkpoint names what they made.
    fn compact(&mut self, now: Instant) {
        if self.compactor.adopt(&mut self.world.columns) {
            self.pace.unpublished = true;
            self.plan(now);
        }
    }

    fn plan(&mut self, now: Instant) {
        let cold_before = self.cold_after_ms.map_or(Instant::MIN, |ms| now.plus_ms(-ms));
        self.compactor.plan(&mut self.world.columns, cold_before);
    }
}
