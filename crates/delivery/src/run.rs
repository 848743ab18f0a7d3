//! One launch of a campaign: how far it has come, how fast it may go, and what came of it so far.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use model::{CustomerId, Instant, Text};
use serde::{Deserialize, Serialize};

use crate::Campaign;
use crate::decision::Reason;

/// One launch of one campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The campaign as it was launched.
    pub campaign: Campaign,
    /// When it was launched; the audience is who met it at this instant.
    pub launched_at: Instant,
    /// Where it stands.
    pub state: RunState,
    /// The last customer decided on, in the order of customer ids.
    pub cursor: Option<CustomerId>,
    /// Everybody was decided on (some may be held).
    pub resolved: bool,
    /// Those who are decided on again later.
    pub held: Held,
    /// What came of it so far.
    pub tally: Tally,
    /// Since when a provider puts messages off, and what it said last; none: it took the last message.
    pub trouble: Option<(Instant, Text)>,
    pub(crate) pace: Pace,
}

crate::words::words! {
    /// Where a run stands.
    RunState {
        /// It decides and sends, or will from its start on.
        Running = "running",
        /// A person said: wait.
        Paused = "paused",
        /// A person said: no more.
        Stopped = "stopped",
        /// Everybody was decided on and every message has ended.
        Done = "done",
    }
}

impl Run {
    pub(crate) fn new(campaign: Campaign, launched_at: Instant) -> Self {
        let pace = Pace::new(campaign.throttle_per_minute);
        Self {
            campaign,
            launched_at,
            state: RunState::Running,
            cursor: None,
            resolved: false,
            held: Held::default(),
            tally: Tally::default(),
            trouble: None,
            pace,
        }
    }

    /// When it may decide and send.
    pub fn starts_at(&self) -> Instant {
        self.campaign.starts_at.map_or(self.launched_at, |starts_at| starts_at.max(self.launched_at))
    }

    /// `planned` before its start, else the word of its state.
    pub fn word(&self, now: Instant) -> &'static str {
        let planned = self.state == RunState::Running && now < self.starts_at();
        if planned { "planned" } else { self.state.word() }
    }

    /// Whether it decides and sends at `now`.
    pub fn is_active(&self, now: Instant) -> bool {
        self.state == RunState::Running && self.starts_at() <= now
    }
}

/// What came of a run so far. Counts of people, not of attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Decided on at least once.
    pub decided: u64,
    /// Decided to be sent.
    pub planned: u64,
    /// Suppressed, by reason; includes those who opted out between decision and handing over.
    pub suppressed: BTreeMap<Reason, u64>,
    /// Taken by a provider.
    pub sent: u64,
    /// Refused by a provider for good, put off too often, or with unknown outcome.
    pub failed: u64,
    /// Refused because the address does not exist.
    pub bounced: u64,
    /// Never begun because the run was stopped.
    pub cancelled: u64,
}

impl Tally {
    pub(crate) fn suppress(&mut self, reason: Reason) {
        *self.suppressed.entry(reason).or_default() += 1;
    }
}

/// Those who are decided on again later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(CustomerId, Instant)>", into = "Vec<(CustomerId, Instant)>")]
pub struct Held {
    until: BTreeMap<CustomerId, Instant>,
    order: BTreeSet<(Instant, CustomerId)>,
}

impl From<Vec<(CustomerId, Instant)>> for Held {
    fn from(pairs: Vec<(CustomerId, Instant)>) -> Self {
        let order = pairs.iter().map(|(customer, until)| (*until, *customer)).collect();
        Self { until: pairs.into_iter().collect(), order }
    }
}

impl From<Held> for Vec<(CustomerId, Instant)> {
    fn from(held: Held) -> Self {
        held.until.into_iter().collect()
    }
}

impl Held {
    /// How many.
    pub fn len(&self) -> usize {
        self.until.len()
    }

    /// Whether nobody is held.
    pub fn is_empty(&self) -> bool {
        self.until.is_empty()
    }

    /// Those whose time has come, the longest waiting first.
    pub fn due(&self, now: Instant) -> impl Iterator<Item = CustomerId> + '_ {
        self.order.iter().take_while(move |(until, _)| *until <= now).map(|(_, customer)| *customer)
    }

    /// All of them, in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = CustomerId> + '_ {
        self.until.keys().copied()
    }

    /// When the first is due.
    pub fn next_wake(&self) -> Option<Instant> {
        self.order.first().map(|(until, _)| *until)
    }

    pub(crate) fn contains(&self, customer: CustomerId) -> bool {
        self.until.contains_key(&customer)
    }

    pub(crate) fn put(&mut self, customer: CustomerId, until: Instant) {
        self.remove(customer);
        self.until.insert(customer, until);
        self.order.insert((until, customer));
    }

    pub(crate) fn remove(&mut self, customer: CustomerId) {
        if let Some(until) = self.until.remove(&customer) {
            self.order.remove(&(until, customer));
        }
    }
}

/// How fast a run may begin messages: a leaky bucket that forgives one second of standing still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pace {
    per_minute: Option<NonZeroU32>,
    /// Until when the messages begun so far use up the time, in microseconds since 1970.
    spent_until_us: i64,
}

/// How much standing still may be caught up at once.
const BURST_US: i64 = 1_000_000;

impl Pace {
    pub(crate) fn new(per_minute: Option<NonZeroU32>) -> Self {
        Self { per_minute, spent_until_us: i64::MIN }
    }

    /// How many may begin at `now`.
    pub(crate) fn room(self, now: Instant) -> usize {
        let Some(cost_us) = self.cost_us() else { return usize::MAX };
        let now_us = now.ms().saturating_mul(1_000);
        let burst_us = BURST_US.max(cost_us);
        let spent_until_us = self.spent_until_us.max(now_us - burst_us);
        usize::try_from((now_us - spent_until_us) / cost_us).unwrap_or(0)
    }

    /// `count` began at `now`.
    pub(crate) fn spend(&mut self, count: usize, now: Instant) {
        let Some(cost_us) = self.cost_us() else { return };
        let now_us = now.ms().saturating_mul(1_000);
        let burst_us = BURST_US.max(cost_us);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.spent_until_us =
            self.spent_until_us.max(now_us - burst_us).saturating_add(count.saturating_mul(cost_us));
    }

    /// When at least one more may begin.
    pub(crate) fn next_wake(self, now: Instant) -> Instant {
        let Some(cost_us) = self.cost_us() else { return now };
        let free_us = self.spent_until_us.saturating_add(cost_us);
        now.max(Instant::from_ms(free_us.div_euclid(1_000).saturating_add(1)))
    }

    fn cost_us(self) -> Option<i64> {
        self.per_minute.map(|per_minute| (60_000_000 / i64::from(per_minute.get())).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Instant {
        Instant::from_ms(1_700_000_000_000 + ms)
    }

    /// Begins whatever there is room for, every `step_ms`, for a minute; says how many.
    fn minute(per_minute: u32, step_ms: usize) -> usize {
        let mut pace = Pace::new(NonZeroU32::new(per_minute));
        pace.spend(pace.room(at(0)), at(0));
        let steps = (0..60_000).step_by(step_ms).map(|ms| at(i64::from(ms)));
        steps.fold(0, |sum, now| {
            let room = pace.room(now);
            pace.spend(room, now);
            sum + room
        })
    }

    #[test]
    fn a_throttled_run_begins_what_its_minute_allows_however_often_it_is_asked() {
        for (per_minute, step_ms) in [(60, 10), (600, 7), (6_000, 500), (1, 100), (1_000_000, 1)] {
            let begun = minute(per_minute, step_ms);
            let allowed = usize::try_from(per_minute).unwrap();
            assert!(begun.abs_diff(allowed) <= allowed / 50 + 1, "{begun} of {allowed} in a minute");
        }
    }

    #[test]
    fn standing_still_is_caught_up_for_one_second_only() {
        let mut pace = Pace::new(NonZeroU32::new(600));
        pace.spend(1, at(0));
        assert_eq!(pace.room(at(3_600_000)), 10);
    }
}
