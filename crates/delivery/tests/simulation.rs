//! The promises about sending, under faults: crashes at every step, lost replies, late opt-outs.
//!
//! A small server drives the real engine over a journal that survives crashes
//! and a provider that remembers what reached it. One seed is one history; a
//! failure prints its seed. Planted bugs must be found, or the test proves nothing.

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]

use std::collections::{BTreeMap, BTreeSet};

use delivery::{
    Address, Campaign, Candidate, Consent, Ending, Person, Policy, Record, RenderHash, RunId, Runs, Share,
    Stage, Variant, VariantId, decide, withdrawn,
};
use model::{AddressState, CampaignId, Channel, CustomerId, Instant, MessageId, Purpose, Row};

/// Customers of the simulated shop.
const PEOPLE: u32 = 24;
const MARKETING: CampaignId = CampaignId(1);
const RECEIPT: CampaignId = CampaignId(2);

/// SplitMix64: the chance of one history.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A mistake that somebody could make in the server; each breaks a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// Hands over first and journals the attempt afterwards.
    HandOverBeforeJournal,
    /// Hands over again what the journal says was begun.
    HandOverOnReplay,
    /// Takes an unknown outcome for a failure, whatever the purpose.
    UnknownIsFailure,
    /// Does not ask again at the moment of handing over.
    ForgetOptOuts,
    /// Forgets the last page after a crash and goes on behind it.
    SkipPage,
}

/// A crash: everything but journal, checkpoint and the outside world is gone.
struct Crash;

/// What survives, and what does not.
struct World {
    chance: Chance,
    bug: Bug,
    faults: bool,
    now: Instant,
    journal: Vec<Vec<u8>>,
    checkpoint: (usize, Vec<u8>),
    runs: Runs,
    applied: usize,
    rows: Vec<Row>,
    /// Handed to the driver, not yet answered.
    flying: Vec<MessageId>,
    /// What reached people, by message.
    reached: BTreeMap<MessageId, u32>,
    people: BTreeMap<CustomerId, Person>,
    /// Those who left before their marketing message was handed over.
    left_in_time: BTreeSet<CustomerId>,
    violation: Option<String>,
}

fn campaign(id: CampaignId, purpose: Purpose) -> Campaign {
    Campaign {
        id,
        name: format!("{purpose}").into(),
        version: 1,
        purpose,
        topic: None,
        channels: vec![Channel::Email],
        variants: vec![Variant { id: VariantId(0), language: None }],
        holdout: Share::from_basis_points(1_000).unwrap(),
        throttle_per_minute: std::num::NonZeroU32::new(6_000),
        starts_at: None,
    }
}

fn person(number: u32) -> Person {
    let mut person = Person::new(CustomerId::from_number(number));
    let at = Instant::from_ms(0);
    person.consents.push(Consent {
        purpose: Purpose::Marketing,
        channel: None,
        given: !number.is_multiple_of(7),
        at,
    });
    let address = format!("p{number}@example.com").into();
    person.addresses.push(Address { channel: Channel::Email, address, state: AddressState::Live });
    person
}

impl World {
    fn new(seed: u64, bug: Bug) -> Self {
        Self {
            chance: Chance(seed),
            bug,
            faults: true,
            now: Instant::from_ms(1_700_000_000_000),
            journal: Vec::new(),
            checkpoint: (0, postcard::to_allocvec(&Runs::default()).unwrap()),
            runs: Runs::default(),
            applied: 0,
            rows: Vec::new(),
            flying: Vec::new(),
            reached: BTreeMap::new(),
            people: (0..PEOPLE).map(|number| (CustomerId::from_number(number), person(number))).collect(),
            left_in_time: BTreeSet::new(),
            violation: None,
        }
    }

    /// Everything could end here.
    fn maybe_crash(&mut self) -> Result<(), Crash> {
        if self.faults && self.chance.percent(4) { Err(Crash) } else { Ok(()) }
    }

    /// Journals a record and follows it; hands over what began with it.
    fn commit(&mut self, record: &Record) -> Result<(), Crash> {
        self.maybe_crash()?;
        self.journal.push(record.to_bytes());
        self.maybe_crash()?;
        let began = self.follow();
        self.maybe_crash()?;
        for message in began {
            self.hand_over(message)?;
        }
        Ok(())
    }

    /// Applies what the journal has and the engine has not.
    fn follow(&mut self) -> Vec<MessageId> {
        let mut began = Vec::new();
        for bytes in &self.journal[self.applied..] {
            let record = Record::from_bytes(bytes).unwrap();
            began = self.runs.apply(&record, &mut self.rows);
        }
        self.applied = self.journal.len();
        began
    }

    fn with_candidate<T>(&self, message: MessageId, ask: impl FnOnce(&Candidate<'_>, &Policy) -> T) -> T {
        let policy = Policy { salt: "sim".into(), ..Policy::default() };
        let run = self.runs.get(RunId::of(message)).unwrap();
        let candidate = Candidate {
            message,
            now: self.now,
            campaign: &run.campaign,
            person: &self.people[&message.customer],
            content: &|_, _| Ok(RenderHash(7)),
        };
        ask(&candidate, &policy)
    }

    fn hand_over(&mut self, message: MessageId) -> Result<(), Crash> {
        let Some(outgoing) = self.runs.outbox().get(message).cloned() else { return Ok(()) };
        let late =
            self.with_candidate(message, |candidate, policy| withdrawn(candidate, policy, &outgoing.route));
        if let Some((gate, reason)) = late.filter(|_| self.bug != Bug::ForgetOptOuts) {
            let endings = vec![(message, Ending::Withdrawn { gate, reason })];
            return self.commit(&Record::Ended { at: self.now, endings });
        }
        self.maybe_crash()?;
        self.flying.push(message);
        Ok(())
    }

    /// The provider answers for one message, or does not.
    fn answer(&mut self) -> Result<(), Crash> {
        if self.flying.is_empty() {
            return Ok(());
        }
        let index = usize::try_from(self.chance.below(self.flying.len() as u64)).unwrap();
        let message = self.flying.swap_remove(index);
        let drawn = if self.faults { self.chance.below(100) } else { 99 };
        let ending = match drawn {
            0..5 => Ending::Failed { reason: "554 no".into() },
            5..10 => Ending::Bounced { reason: "550 nobody".into() },
            10..20 => {
                let until = self.now.plus_ms(i64::try_from(self.chance.below(5_000)).unwrap());
                Ending::Deferred { until, reason: "450 busy".into() }
            }
            20..25 => Ending::Unknown,
            25..30 => {
                self.reach(message);
                Ending::Unknown
            }
            _ => {
                self.reach(message);
                Ending::Sent { provider_id: None }
            }
        };
        let mistaken = self.bug == Bug::UnknownIsFailure && ending == Ending::Unknown;
        let ending = if mistaken { Ending::Failed { reason: "lost".into() } } else { ending };
        self.commit(&Record::Ended { at: self.now, endings: vec![(message, ending)] })
    }

    fn reach(&mut self, message: MessageId) {
        let count = self.reached.entry(message).or_default();
        *count += 1;
        if message.campaign == MARKETING && *count > 1 {
            self.violation = Some(format!("marketing message {message} reached somebody {count} times"));
        }
    }

    fn step(&mut self) -> Result<(), Crash> {
        self.now = self.now.plus_ms(i64::try_from(self.chance.below(200)).unwrap());
        match self.chance.below(10) {
            0 | 1 => self.page(),
            2..=4 => self.begin(),
            5..=7 => self.answer(),
            8 => self.somebody_decides(),
            _ => self.tidy(),
        }
    }

    fn page(&mut self) -> Result<(), Crash> {
        let Some(run) = self.runs.wanting(self.now).next() else { return Ok(()) };
        let size = usize::try_from(1 + self.chance.below(6)).unwrap();
        let members = self.people.keys().copied();
        let Some(page) = self.runs.next_page(run, members, self.now, size) else { return Ok(()) };
        let decisions = page
            .customers
            .iter()
            .map(|customer| self.with_candidate(run.message(*customer), decide))
            .collect();
        let mut record = page.record(self.now, decisions);
        if let (Bug::SkipPage, Record::Page(page)) = (self.bug, &mut record) {
            page.decisions.pop();
        }
        self.commit(&record)
    }

    fn begin(&mut self) -> Result<(), Crash> {
        let room = usize::try_from(self.chance.below(5)).unwrap();
        let messages = self.runs.begin(self.now, room);
        if messages.is_empty() {
            return Ok(());
        }
        if self.bug == Bug::HandOverBeforeJournal {
            for message in messages.clone() {
                self.reach(message);
                self.maybe_crash()?;
            }
            return self.commit(&Record::Begun { at: self.now, messages });
        }
        self.commit(&Record::Begun { at: self.now, messages })
    }

    /// Somebody opts out, or a marketer pauses, resumes or stops.
    fn somebody_decides(&mut self) -> Result<(), Crash> {
        let run = RunId { campaign: MARKETING, occurrence: 0 };
        match self.chance.below(12) {
            0..4 => {
                let customer =
                    CustomerId::from_number(u32::try_from(self.chance.below(u64::from(PEOPLE))).unwrap());
                let at = self.now;
                let no = Consent { purpose: Purpose::Marketing, channel: None, given: false, at };
                self.people.get_mut(&customer).unwrap().consents.push(no);
                let message = run.message(customer);
                if !self.flying.contains(&message) && !self.reached.contains_key(&message) {
                    self.left_in_time.insert(customer);
                }
                Ok(())
            }
            4..7 => self.runs.pause(run, self.now).map_or(Ok(()), |record| self.commit(&record)),
            7..11 => self.runs.resume(run, self.now).map_or(Ok(()), |record| self.commit(&record)),
            _ if self.chance.percent(10) => {
                self.runs.stop(run, self.now).map_or(Ok(()), |record| self.commit(&record))
            }
            _ => Ok(()),
        }
    }

    fn tidy(&mut self) -> Result<(), Crash> {
        if let Some(record) = self.runs.cancel(self.now, 3) {
            return self.commit(&record);
        }
        if let Some(record) = self.runs.finished(self.now).pop() {
            return self.commit(&record);
        }
        if self.chance.percent(30) {
            self.checkpoint = (self.applied, postcard::to_allocvec(&self.runs).unwrap());
        }
        Ok(())
    }

    /// Starts again from what survived.
    fn recover(&mut self) -> Result<(), Crash> {
        self.flying.clear();
        let (position, state) = &self.checkpoint;
        self.runs = postcard::from_bytes(state).unwrap();
        self.applied = *position;
        self.follow();
        if self.bug == Bug::HandOverOnReplay {
            self.flying = self.runs.outbox().begun().map(|outgoing| outgoing.message).collect();
            return Ok(());
        }
        match self.runs.recover(self.now) {
            Some(record) => self.commit(&record),
            None => Ok(()),
        }
    }

    fn recover_until_up(&mut self) {
        while self.recover().is_err() {}
    }

    /// A whole history: launch, faults, then peace until everything has ended.
    fn live(&mut self) {
        for (id, purpose) in [(MARKETING, Purpose::Marketing), (RECEIPT, Purpose::Transactional)] {
            while self.runs.last_run(id).is_none() {
                let record = self.runs.launch(campaign(id, purpose), self.now).unwrap();
                if self.commit(&record).is_err() {
                    self.recover_until_up();
                }
            }
        }
        for _ in 0..600 {
            if self.step().is_err() {
                self.recover_until_up();
            }
        }
        self.faults = false;
        self.recover_until_up();
        let run = RunId { campaign: MARKETING, occurrence: 0 };
        if let Ok(record) = self.runs.resume(run, self.now) {
            let _ = self.commit(&record);
        }
        for _ in 0..4_000 {
            let _ = self.step_in_peace();
            if self.flying.is_empty()
                && self.runs.outbox().is_empty()
                && self.runs.finished(self.now).is_empty()
            {
                let wanting = self.runs.wanting(self.now).next().is_none();
                if wanting && self.runs.iter().all(|(_, run)| run.state.word() != "running") {
                    return;
                }
            }
        }
    }

    fn step_in_peace(&mut self) -> Result<(), Crash> {
        self.now = self.now.plus_ms(500);
        self.page()?;
        self.begin()?;
        self.answer()?;
        self.tidy()
    }

    /// Which promise was broken, if one was.
    fn broken_promise(&self) -> Option<String> {
        if self.violation.is_some() {
            return self.violation.clone();
        }
        let decided = self.ledger("$message_decided");
        let failed = self.ledger("$message_failed");
        let bounced = self.ledger("$message_bounced");
        for (id, run) in self.runs.iter() {
            for customer in self.people.keys() {
                let message = id.message(*customer);
                let reached = self.reached.get(&message).copied().unwrap_or_default();
                let outcome = decided.get(&message);
                if outcome.is_none() && run.state.word() != "stopped" {
                    return Some(format!("{message} was never decided"));
                }
                if reached > 0 && outcome.is_none() {
                    return Some(format!("{message} reached somebody without a decision"));
                }
                let refused = failed.contains_key(&message) || bounced.contains_key(&message);
                let wanted = outcome.is_some_and(|outcome| outcome == "send");
                if id.campaign == RECEIPT && wanted && reached == 0 && !refused {
                    return Some(format!("receipt {message} was lost"));
                }
                if id.campaign == RECEIPT && failed.get(&message).is_some_and(|reason| reason == "lost") {
                    return Some(format!("receipt {message} was given up although nobody refused it"));
                }
                let left_in_time = self.left_in_time.contains(customer);
                if id.campaign == MARKETING && reached > 0 && left_in_time {
                    return Some(format!("{message} reached somebody who had left"));
                }
            }
        }
        if !self.runs.outbox().is_empty() {
            let stuck = self.runs.outbox().iter().next()?;
            return Some(format!("{} never ended: {:?}", stuck.message, stuck.stage));
        }
        None
    }

    /// The last word of each message's rows of one name: its outcome or reason.
    fn ledger(&self, name: &str) -> BTreeMap<MessageId, String> {
        let rows = self.rows.iter().filter(|row| model::stream::event_name(&row.stream) == Some(name));
        let text =
            |row: &Row, name: &str| row.properties.get(name).and_then(model::Value::text).map(str::to_owned);
        rows.filter_map(|row| {
            let message = text(row, "message")?.parse().ok()?;
            Some((message, text(row, "outcome").or_else(|| text(row, "reason")).unwrap_or_default()))
        })
        .collect()
    }
}

fn history(seed: u64, bug: Bug) -> World {
    let mut world = World::new(seed, bug);
    world.live();
    world
}

#[test]
fn no_marketing_message_comes_twice_no_receipt_is_lost_and_everybody_has_a_decision() {
    let (mut sent, mut unknown) = (0, 0);
    for seed in 0..400 {
        let world = history(seed, Bug::None);
        if let Some(broken) = world.broken_promise() {
            panic!("seed {seed}: {broken}");
        }
        sent += world.reached.len();
        unknown += world.ledger("$message_failed").values().filter(|reason| *reason == "unknown").count();
    }
    assert!(sent > 5_000 && unknown > 200, "the faults were too tame: sent {sent}, unknown {unknown}");
}

#[test]
fn one_seed_is_one_history() {
    let (one, other) = (history(7, Bug::None), history(7, Bug::None));
    assert_eq!(one.journal, other.journal);
    assert_eq!(one.runs, other.runs);
}

#[track_caller]
fn is_found(bug: Bug) {
    let found = (0..200).find_map(|seed| history(seed, bug).broken_promise());
    assert!(found.is_some(), "{bug:?} was not found in 200 histories");
}

#[test]
fn handing_over_before_the_journal_is_found() {
    is_found(Bug::HandOverBeforeJournal);
}

#[test]
fn handing_over_again_on_replay_is_found() {
    is_found(Bug::HandOverOnReplay);
}

#[test]
fn giving_up_a_receipt_of_unknown_outcome_is_found() {
    is_found(Bug::UnknownIsFailure);
}

#[test]
fn forgetting_opt_outs_is_found() {
    is_found(Bug::ForgetOptOuts);
}

#[test]
fn leaving_somebody_out_of_a_page_is_found() {
    is_found(Bug::SkipPage);
}

#[test]
fn a_replay_from_the_beginning_gives_the_state_of_a_replay_from_a_checkpoint() {
    for seed in 0..50 {
        let world = history(seed, Bug::None);
        let mut runs = Runs::default();
        let mut rows = Vec::new();
        for bytes in &world.journal {
            runs.apply(&Record::from_bytes(bytes).unwrap(), &mut rows);
        }
        assert_eq!(runs, world.runs, "seed {seed}");
        assert!(runs.outbox().iter().all(|it| matches!(it.stage, Stage::Waiting { .. })));
    }
}
