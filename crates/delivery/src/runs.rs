//! The campaign machine: it proposes records, and it follows the records that were journaled.
//!
//! A proposal changes nothing. The server journals it, reads it back and gives
//! it to [`Runs::apply`]; that alone changes state, live and after a crash by
//! the same code. A record that was applied before is recognised and ignored,
//! so proposing twice before the first is applied does no harm.

use std::collections::BTreeMap;

use model::{CampaignId, CustomerId, ErrorKind, Instant, MessageId, Row};
use serde::{Deserialize, Serialize};

use crate::Campaign;
use crate::campaign::BadCampaign;
use crate::decision::{Decision, Outcome};
use crate::outbox::{ATTEMPTS_MAX, OUTBOX_MAX, Outbox, Outgoing, Stage};
use crate::record::{Decided, Ending, Record, RunId};
use crate::rows;
use crate::run::{Run, RunState};

/// How many customers one page decides on at most.
pub const PAGE_MAX: usize = 2_000;

/// All launches of a workspace and the messages on their way out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    runs: BTreeMap<RunId, Run>,
    outbox: Outbox,
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The campaign itself is not fit to be launched.
    #[error(transparent)]
    Campaign(#[from] BadCampaign),
    /// There is no such launch.
    #[error("there is no such launch of a campaign. run=`{run}`")]
    NoRun {
        /// Which was asked for.
        run: RunId,
    },
    /// It does not stand where this command makes sense.
    #[error("a launch can be {command} only when it is {needed}. run=`{run}`, state=`{state}`")]
    State {
        /// Which.
        run: RunId,
        /// What was to be done with it.
        command: &'static str,
        /// Where it would have to stand.
        needed: &'static str,
        /// Where it stands.
        state: RunState,
    },
    /// The last launch of the campaign has not ended.
    #[error(
        "the campaign is still being sent: stop that launch or wait for its end. run=`{run}`, state=`{state}`"
    )]
    StillRunning {
        /// Which launch.
        run: RunId,
        /// Where it stands.
        state: RunState,
    },
}

impl Refused {
    /// What the reader of this error should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Campaign(_) => ErrorKind::Invalid,
            Self::NoRun { .. } => ErrorKind::NotFound,
            Self::State { .. } | Self::StillRunning { .. } => ErrorKind::Conflict,
        }
    }
}

/// The next customers of a run to decide on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Of which run.
    pub run: RunId,
    /// Whom, in order. May be empty when nobody is left.
    pub customers: Vec<CustomerId>,
    /// How far the run has come with them; none: they were held before.
    pub cursor: Option<CustomerId>,
    /// Nobody comes after them.
    pub last: bool,
}

impl Page {
    /// The record of this page, with one decision for each customer in order.
    ///
    /// # Panics
    /// When the decisions are not about exactly these customers.
    pub fn record(self, at: Instant, decisions: Vec<Decision>) -> Record {
        let decided = decisions.iter().map(|decision| decision.message.customer);
        assert!(decided.eq(self.customers.iter().copied()), "a page decides on each of its customers once");
        Record::Page(Decided { at, run: self.run, cursor: self.cursor, last: self.last, decisions })
    }
}

/// Reading.
impl Runs {
    /// All launches, in order.
    pub fn iter(&self) -> impl Iterator<Item = (RunId, &Run)> {
        self.runs.iter().map(|(id, run)| (*id, run))
    }

    /// One launch.
    pub fn get(&self, run: RunId) -> Option<&Run> {
        self.runs.get(&run)
    }

    /// The last launch of a campaign.
    pub fn last_run(&self, campaign: CampaignId) -> Option<(RunId, &Run)> {
        let all = RunId { campaign, occurrence: 0 }..=RunId { campaign, occurrence: u32::MAX };
        self.runs.range(all).next_back().map(|(id, run)| (*id, run))
    }

    /// The messages on their way out.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }
}

/// Commands of people: each is a record to be journaled, or the reason why not.
impl Runs {
    /// Launch `campaign` once more, from now on.
    pub fn launch(&self, campaign: Campaign, at: Instant) -> Result<Record, Refused> {
        campaign.check()?;
        let last = self.last_run(campaign.id);
        if let Some((run, Run { state: state @ (RunState::Running | RunState::Paused), .. })) = last {
            return Err(Refused::StillRunning { run, state: *state });
        }
        let occurrence = last.map_or(0, |(run, _)| run.occurrence + 1);
        Ok(Record::Launched { at, occurrence, campaign })
    }

    /// Begin nothing more until [`Self::resume`].
    pub fn pause(&self, run: RunId, at: Instant) -> Result<Record, Refused> {
        self.require(run, "paused", &[RunState::Running])?;
        Ok(Record::Paused { at, run })
    }

    /// Go on exactly where it was paused.
    pub fn resume(&self, run: RunId, at: Instant) -> Result<Record, Refused> {
        self.require(run, "resumed", &[RunState::Paused])?;
        Ok(Record::Resumed { at, run })
    }

    /// Begin nothing more, ever.
    pub fn stop(&self, run: RunId, at: Instant) -> Result<Record, Refused> {
        self.require(run, "stopped", &[RunState::Running, RunState::Paused])?;
        Ok(Record::Stopped { at, run })
    }

    fn require(&self, run: RunId, command: &'static str, states: &[RunState]) -> Result<(), Refused> {
        let state = self.get(run).ok_or(Refused::NoRun { run })?.state;
        let needed = match states {
            [RunState::Running] => "running",
            [RunState::Paused] => "paused",
            _ => "running or paused",
        };
        if states.contains(&state) { Ok(()) } else { Err(Refused::State { run, command, needed, state }) }
    }
}

/// What is to be done next. Nothing here changes state.
impl Runs {
    /// The runs that want a page decided: they are active, the outbox has room, and somebody is due.
    pub fn wanting(&self, now: Instant) -> impl Iterator<Item = RunId> + '_ {
        let room = self.outbox.len() + PAGE_MAX <= OUTBOX_MAX;
        let active = self.runs.iter().filter(move |(_, run)| room && run.is_active(now));
        active.filter(move |(_, run)| !run.resolved || run.held.due(now).next().is_some()).map(|(id, _)| *id)
    }

    /// The next customers of `run`. `members` are the audience in ascending order; those that
    /// [`Run::cursor`] has passed may be left out. Held ones whose time has come go first.
    pub fn next_page(
        &self,
        run: RunId,
        members: impl Iterator<Item = CustomerId>,
        now: Instant,
        size_max: usize,
    ) -> Option<Page> {
        let state = self.get(run).filter(|state| state.is_active(now))?;
        let size_max = size_max.clamp(1, PAGE_MAX);
        let held: Vec<CustomerId> = state.held.due(now).take(size_max).collect();
        if !held.is_empty() {
            return Some(Page { run, customers: held, cursor: None, last: false });
        }
        if state.resolved {
            return None;
        }
        let mut ahead = members.filter(|customer| state.cursor.is_none_or(|cursor| cursor < *customer));
        let customers: Vec<CustomerId> = ahead.by_ref().take(size_max).collect();
        let last = ahead.next().is_none();
        Some(Page { run, cursor: customers.last().copied(), customers, last })
    }

    /// The messages to begin now, at most `room`: due, of active runs, within each run's throttle.
    /// Journal `Record::Begun`, apply it, and hand over exactly what [`Self::apply`] returns.
    pub fn begin(&self, now: Instant, room: usize) -> Vec<MessageId> {
        let mut messages = Vec::new();
        for (id, run) in self.runs.iter().filter(|(_, run)| run.is_active(now)) {
            let room = run.pace.room(now).min(room - messages.len());
            messages.extend(self.outbox.due(*id, now).take(room).map(|outgoing| outgoing.message));
        }
        messages
    }

    /// The record that ends up to `limit` waiting messages of stopped runs, if there are any.
    pub fn cancel(&self, now: Instant, limit: usize) -> Option<Record> {
        let stopped = self.runs.iter().filter(|(_, run)| run.state == RunState::Stopped);
        let waiting = stopped.flat_map(|(id, _)| self.outbox.due(*id, Instant::MAX));
        let endings: Vec<_> =
            waiting.take(limit).map(|outgoing| (outgoing.message, Ending::Cancelled)).collect();
        (!endings.is_empty()).then_some(Record::Ended { at: now, endings })
    }

    /// After a crash: the record that says of everything begun that nobody knows how it ended.
    /// Propose it once, when the journal has been applied to its end and nothing was handed over yet.
    pub fn recover(&self, now: Instant) -> Option<Record> {
        let endings: Vec<_> =
            self.outbox.begun().map(|outgoing| (outgoing.message, Ending::Unknown)).collect();
        (!endings.is_empty()).then_some(Record::Ended { at: now, endings })
    }

    /// The records of runs that have nothing left to do.
    pub fn finished(&self, now: Instant) -> Vec<Record> {
        let running = self.runs.iter().filter(|(_, run)| run.state == RunState::Running);
        let idle = running
            .filter(|(id, run)| run.resolved && run.held.is_empty() && !self.outbox.holds(**id))
            .map(|(id, _)| Record::Finished { at: now, run: *id });
        idle.collect()
    }

    /// When there is something to do again, if time alone brings it.
    pub fn next_wake(&self, now: Instant) -> Option<Instant> {
        let running = self.runs.iter().filter(|(_, run)| run.state == RunState::Running);
        let wakes = running.filter_map(|(id, run)| {
            if now < run.starts_at() {
                return Some(run.starts_at());
            }
            let page = if run.resolved { run.held.next_wake() } else { Some(now) };
            let begin = self.outbox.next_wake(*id).map(|due| due.max(run.pace.next_wake(now)));
            page.into_iter().chain(begin).min()
        });
        wakes.min()
    }
}

/// Following the journal.
impl Runs {
    /// Makes a journaled record true, adds its ledger rows, and returns the messages that began with
    /// it. Live, hand exactly these over; on replay, do not: they were handed over, or never will be known.
    pub fn apply(&mut self, record: &Record, rows: &mut Vec<Row>) -> Vec<MessageId> {
        match record {
            Record::Launched { at, occurrence, campaign } => self.launched(*at, *occurrence, campaign),
            Record::Page(page) => self.paged(page, rows),
            Record::Begun { at, messages } => return self.begun(*at, messages),
            Record::Ended { at, endings } => {
                for (message, ending) in endings {
                    self.ended(*at, *message, ending, rows);
                }
            }
            Record::Paused { run, .. } => self.set_state(*run, RunState::Paused),
            Record::Resumed { run, .. } => self.set_state(*run, RunState::Running),
            Record::Stopped { at, run } => self.stopped(*at, *run, rows),
            Record::Finished { run, .. } => self.set_state(*run, RunState::Done),
        }
        Vec::new()
    }

    fn launched(&mut self, at: Instant, occurrence: u32, campaign: &Campaign) {
        let id = RunId { campaign: campaign.id, occurrence };
        self.runs.entry(id).or_insert_with(|| Run::new(campaign.clone(), at));
    }

    fn set_state(&mut self, id: RunId, state: RunState) {
        if let Some(run) = self.runs.get_mut(&id)
            && matches!(run.state, RunState::Running | RunState::Paused)
        {
            run.state = state;
        }
    }

    fn paged(&mut self, page: &Decided, rows: &mut Vec<Row>) {
        let Some(run) = self.runs.get_mut(&page.run) else { return };
        if page.cursor.is_some() && page.cursor <= run.cursor {
            return;
        }
        for decision in &page.decisions {
            let customer = decision.message.customer;
            let again = run.held.contains(customer);
            if page.cursor.is_none() && !again {
                continue;
            }
            run.held.remove(customer);
            run.tally.decided += u64::from(!again);
            rows.push(rows::decided(&run.campaign, decision));
            match &decision.outcome {
                Outcome::Send => {
                    run.tally.planned += 1;
                    if let Some(outgoing) = outgoing(decision, page.at) {
                        self.outbox.put(outgoing);
                    }
                }
                Outcome::Hold { until, .. } => run.held.put(customer, *until),
                Outcome::Suppress { reason, .. } => run.tally.suppress(*reason),
            }
        }
        run.cursor = page.cursor.or(run.cursor);
        run.resolved |= page.last;
    }

    fn begun(&mut self, at: Instant, messages: &[MessageId]) -> Vec<MessageId> {
        let mut began = Vec::with_capacity(messages.len());
        for message in messages {
            let waiting =
                self.outbox.get(*message).is_some_and(|it| matches!(it.stage, Stage::Waiting { .. }));
            if !waiting {
                continue;
            }
            let Some(outgoing) = self.outbox.take(*message) else { continue };
            let attempts = outgoing.attempts.saturating_add(1);
            self.outbox.put(Outgoing { attempts, stage: Stage::Begun { at }, ..outgoing });
            if let Some(run) = self.runs.get_mut(&RunId::of(*message)) {
                run.pace.spend(1, at);
            }
            began.push(*message);
        }
        began
    }

    fn ended(&mut self, at: Instant, message: MessageId, ending: &Ending, rows: &mut Vec<Row>) {
        let Some(outgoing) = self.outbox.take(message) else { return };
        let Some(run) = self.runs.get_mut(&RunId::of(message)) else { return };
        let tries_left = outgoing.attempts < ATTEMPTS_MAX;
        let again = match ending {
            Ending::Deferred { until, reason } => {
                let since = run.trouble.as_ref().map_or(at, |(since, _)| *since);
                run.trouble = Some((since, reason.clone()));
                tries_left.then_some(*until)
            }
            Ending::Unknown => outgoing.repeats_unknown().then_some(at),
            Ending::Sent { .. }
            | Ending::Failed { .. }
            | Ending::Bounced { .. }
            | Ending::Withdrawn { .. }
            | Ending::Cancelled => None,
        };
        if let Some(not_before) = again {
            self.outbox.put(Outgoing { stage: Stage::Waiting { not_before }, ..outgoing });
            return;
        }
        match ending {
            Ending::Sent { .. } => {
                run.trouble = None;
                run.tally.sent += 1;
            }
            Ending::Deferred { .. } | Ending::Failed { .. } | Ending::Unknown => run.tally.failed += 1,
            Ending::Bounced { .. } => run.tally.bounced += 1,
            Ending::Withdrawn { reason, .. } => run.tally.suppress(*reason),
            Ending::Cancelled => run.tally.cancelled += 1,
        }
        rows.push(rows::ended(&run.campaign, &outgoing, at, ending));
    }

    fn stopped(&mut self, at: Instant, id: RunId, rows: &mut Vec<Row>) {
        self.set_state(id, RunState::Stopped);
        let Some(run) = self.runs.get_mut(&id).filter(|run| run.state == RunState::Stopped) else { return };
        let held = std::mem::take(&mut run.held);
        run.tally.cancelled += u64::try_from(held.len()).expect("a count fits 64 bits");
        rows.extend(held.iter().map(|customer| rows::cancelled(&run.campaign, id.message(customer), at)));
    }
}

/// What waits in the outbox after a decision to send.
fn outgoing(decision: &Decision, at: Instant) -> Option<Outgoing> {
    let (route, variant) = (decision.route.clone()?, decision.variant()?);
    Some(Outgoing {
        message: decision.message,
        purpose: decision.purpose,
        route,
        variant,
        render_hash: decision.render_hash(),
        attempts: 0,
        stage: Stage::Waiting { not_before: at },
    })
}
