//! Terms: what is asked of one customer's rows, of whom it holds, and when time may change that.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use columnar::{Columns, CustomerSet, Snapshot};
use model::{CustomerId, Instant, Row, Text, stream};
use rustc_hash::FxHashMap;

use super::asked::{Ask, Need, Story, Until};
use super::timers;
use crate::condition::Condition;
use crate::context::{Audiences, Context};
use crate::effect::Effect;
use crate::one::Verdict;
use crate::{many, one, parts};

/// Which term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TermId(u32);

/// Whether a customer is here at all: first seen, not later moved away or hidden.
pub(super) const PRESENCE: TermId = TermId(0);

/// All terms, and the timers of all of them.
#[derive(Debug)]
pub(super) struct Terms {
    slots: Vec<Option<Term>>,
    by_text: BTreeMap<String, TermId>,
    /// Who reads a stream.
    readers: FxHashMap<Text, Vec<TermId>>,
    /// When to look again. What [`Term::due`] does not know (any more) is stale.
    timers: BinaryHeap<Reverse<(Instant, CustomerId, TermId)>>,
}

/// What is asked of one customer's rows.
#[derive(Debug)]
pub(super) struct Term {
    /// A leaf; `Everyone` for [`PRESENCE`].
    pub(super) condition: Condition,
    pub(super) streams: Vec<Text>,
    /// The properties that it reads.
    pub(super) reads: Vec<Text>,
    /// What it says of somebody who has no rows.
    of_nobody: bool,
    /// Of whom it says the opposite.
    deviates: CustomerSet,
    /// The timer of each customer who has one. It may be early, never late.
    due: FxHashMap<CustomerId, Instant>,
    /// The audiences that ask it, by rank.
    users: BTreeSet<usize>,
}

impl Term {
    fn new(condition: &Condition) -> Self {
        let context =
            Context { as_of: Instant::default(), zone: jiff::tz::TimeZone::UTC, audiences: Audiences::NONE };
        let nobody = one::evaluate(condition, &[], &context).expect("a leaf refers to no audience");
        Self {
            condition: condition.clone(),
            streams: parts::touches(condition, Audiences::NONE),
            reads: parts::reads(condition),
            of_nobody: nobody.holds,
            deviates: CustomerSet::new(),
            due: FxHashMap::default(),
            users: BTreeSet::new(),
        }
    }

    fn reads_events(&self) -> bool {
        self.streams.iter().any(|name| stream::event_name(name).is_some())
    }

    fn holds(&self, customer: CustomerId) -> bool {
        self.deviates.contains(customer) != self.of_nobody
    }

    /// Whether that is news.
    fn set(&mut self, customer: CustomerId, holds: bool) -> bool {
        if holds == self.of_nobody { self.deviates.remove(customer) } else { self.deviates.insert(customer) }
    }

    /// Adds what it reads to what is needed already.
    fn need<'t>(&'t self, context: &Context<'_>, needs: &mut Vec<Need<'t>>) {
        let since = self.condition.reads_since(context);
        for stream in &self.streams {
            match needs.iter_mut().find(|need| need.stream == stream) {
                Some(need) => {
                    need.since = need.since.min(since);
                    let new = self.reads.iter().filter(|name| !need.properties.contains(name));
                    let new: Vec<Text> = new.cloned().collect();
                    need.properties.extend(new);
                }
                None => needs.push(Need { stream, since, properties: self.reads.clone() }),
            }
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        let presence = Term { of_nobody: false, ..Term::new(&Condition::Everyone) };
        Self {
            slots: vec![Some(presence)],
            by_text: BTreeMap::new(),
            readers: FxHashMap::default(),
            timers: BinaryHeap::new(),
        }
    }
}

impl Terms {
    fn term(&self, id: TermId) -> &Term {
        self.slots[id.0 as usize].as_ref().expect("a formula asks terms that are there")
    }

    fn term_mut(&mut self, id: TermId) -> &mut Term {
        self.slots[id.0 as usize].as_mut().expect("a formula asks terms that are there")
    }

    fn ids(&self) -> impl Iterator<Item = TermId> + use<> {
        let count = u32::try_from(self.slots.len()).expect("there are few terms");
        (0..count).map(TermId)
    }

    pub(super) fn is_present(&self, customer: CustomerId) -> bool {
        self.term(PRESENCE).holds(customer)
    }

    pub(super) fn everyone(&self) -> &CustomerSet {
        &self.term(PRESENCE).deviates
    }

    pub(super) fn holds(&self, id: TermId, customer: CustomerId) -> bool {
        self.term(id).holds(customer)
    }

    /// Of whom a term holds, of everyone.
    pub(super) fn members(&self, id: TermId) -> CustomerSet {
        let term = self.term(id);
        if term.of_nobody {
            self.everyone().clone() - &term.deviates
        } else {
            term.deviates.clone() & self.everyone()
        }
    }

    /// The audiences that ask a term, by rank. [`PRESENCE`] is asked by all of them, and by none in so many words.
    pub(super) fn users(&self, id: TermId) -> &BTreeSet<usize> {
        &self.term(id).users
    }

    /// Calls `each` with what has to be asked of a customer because of a new row.
    pub(super) fn concerned(
        &self,
        customer: CustomerId,
        row: &Row,
        context: &Context<'_>,
        mut each: impl FnMut(Ask),
    ) {
        if !self.is_present(customer) {
            each(Ask { term: PRESENCE, known: None });
        }
        for id in self.readers.get(&row.stream).into_iter().flatten().copied() {
            let term = self.term(id);
            let holds = term.holds(customer);
            match term.condition.effect_of(row, context) {
                Effect::Nothing => {}
                Effect::Raises if holds => {}
                Effect::Lowers if !holds => {}
                Effect::Holds(_) if holds => {}
                Effect::Holds(until) => each(Ask { term: id, known: Some(until) }),
                Effect::Raises | Effect::Lowers | Effect::Either => each(Ask { term: id, known: None }),
            }
        }
    }

    /// What has to be asked of a customer whose rows in `streams` came or went.
    pub(super) fn concerned_by_any(&self, customer: CustomerId, streams: &[Text]) -> BTreeSet<TermId> {
        let readers = streams.iter().filter_map(|stream| self.readers.get(stream)).flatten().copied();
        let deviating = self.ids().filter(|id| {
            let term = self.slots[id.0 as usize].as_ref();
            term.is_some_and(|term| term.deviates.contains(customer))
        });
        readers.chain(deviating).chain([PRESENCE]).collect()
    }

    /// Looks up what these terms read of a customer, as far as no row said it already.
    pub(super) fn look_up(
        &self,
        customer: CustomerId,
        asks: impl Iterator<Item = Ask>,
        context: &Context<'_>,
        columns: &mut Columns,
    ) -> Story {
        let mut needs = Vec::new();
        for ask in asks.filter(|ask| ask.known.is_none() && ask.term != PRESENCE) {
            self.term(ask.term).need(context, &mut needs);
        }
        Story::of(customer, &needs, columns)
    }

    /// Asks a term of a customer, whose rows are looked up; whether it says something else than before.
    pub(super) fn ask(
        &mut self,
        customer: CustomerId,
        ask: Ask,
        context: &Context<'_>,
        story: &Story,
    ) -> bool {
        let verdict = match ask.known {
            Some(until) => Verdict { holds: true, changes_at: until },
            None if ask.term == PRESENCE => presence(story.first_seen, context.as_of),
            None => {
                let term = self.term(ask.term);
                one::evaluate_leaf(&term.condition, story.rows(&term.streams), context)
            }
        };
        let news = self.term_mut(ask.term).set(customer, verdict.holds);
        self.wake(ask.term, customer, verdict.changes_at);
        news
    }

    /// Sees to it that a term is asked of a customer again at that instant or before.
    fn wake(&mut self, id: TermId, customer: CustomerId, at: Until) {
        let Some(at) = at else { return };
        let due = &mut self.term_mut(id).due;
        // An earlier timer will look and set this one then: a regular customer's timer is not set anew by every event.
        if due.get(&customer).is_none_or(|due| *due > at) {
            due.insert(customer, at);
            self.timers.push(Reverse((at, customer, id)));
        }
    }

    /// The earliest timer, without the stale ones before it.
    pub(super) fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, customer, id))) = self.timers.peek().copied() {
            if self.is_due(id, customer, at) {
                return Some(at);
            }
            self.timers.pop();
        }
        None
    }

    fn is_due(&self, id: TermId, customer: CustomerId, at: Instant) -> bool {
        let term = self.slots[id.0 as usize].as_ref();
        term.is_some_and(|term| term.due.get(&customer) == Some(&at))
    }

    /// Takes the first customer who has a timer up to `to`, and what is to be asked of them at that instant.
    pub(super) fn take_due(&mut self, to: Instant) -> Option<(Instant, CustomerId, Vec<TermId>)> {
        let at = self.next_due().filter(|at| *at <= to)?;
        let Reverse((_, customer, _)) = *self.timers.peek()?;
        let mut due = Vec::new();
        while let Some(Reverse((next, other, id))) = self.timers.peek().copied()
            && (next, other) == (at, customer)
        {
            self.timers.pop();
            if self.is_due(id, customer, at) {
                self.term_mut(id).due.remove(&customer);
                due.push(id);
            }
        }
        Some((at, customer, due))
    }

    /// Forgets what is known of a customer.
    pub(super) fn forget(&mut self, customer: CustomerId) {
        for term in self.slots.iter_mut().flatten() {
            term.deviates.remove(customer);
            term.due.remove(&customer);
        }
    }

    /// The term that asks this leaf.
    pub(super) fn get_or_add(&mut self, condition: &Condition) -> TermId {
        let text = condition.to_string();
        if let Some(id) = self.by_text.get(&text) {
            return *id;
        }
        let free = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        let id = TermId(u32::try_from(free).expect("there are few terms"));
        self.slots.resize_with(self.slots.len().max(free + 1), || None);
        self.slots[free] = Some(Term::new(condition));
        self.by_text.insert(text, id);
        id
    }

    /// These audiences (by rank) ask these terms; terms that nobody asks go, new ones are asked of everybody.
    pub(super) fn used(
        &mut self,
        users: &BTreeMap<TermId, BTreeSet<usize>>,
        known: &BTreeSet<TermId>,
        (snapshot, context): (&Snapshot, &Context<'_>),
    ) {
        self.readers.clear();
        for id in self.ids().skip(1) {
            let slot = &mut self.slots[id.0 as usize];
            let Some(users) = users.get(&id) else {
                *slot = None;
                continue;
            };
            let term = slot.as_mut().expect("a formula asks terms that are there");
            term.users.clone_from(users);
            for stream in &term.streams {
                self.readers.entry(stream.clone()).or_default().push(id);
            }
        }
        self.by_text.retain(|_, id| users.contains_key(id));
        let ahead = timers::Ahead::new(snapshot, context.as_of);
        for id in users.keys().filter(|id| !known.contains(id)) {
            self.ask_everybody(*id, &ahead, (snapshot, context));
        }
    }

    /// Drops what is known of terms that read events from before this.
    pub(super) fn drop_reading(&mut self, before: Instant, context: &Context<'_>) {
        let slots = &mut self.slots;
        self.by_text.retain(|_, id| {
            let slot = &mut slots[id.0 as usize];
            let reads = |term: &Term| term.condition.reads_since(context) < before && term.reads_events();
            let is_known = !slot.as_ref().is_some_and(reads);
            if !is_known {
                *slot = None;
            }
            is_known
        });
    }

    /// The terms that are known so far.
    pub(super) fn known(&self) -> BTreeSet<TermId> {
        self.by_text.values().copied().collect()
    }

    /// Sees who is here.
    pub(super) fn see_everybody(&mut self, (snapshot, as_of): (&Snapshot, Instant)) {
        self.term_mut(PRESENCE).deviates = snapshot.customers(as_of);
        let later = snapshot.customers(Instant::MAX) - self.everyone();
        for customer in later.iter() {
            self.wake(PRESENCE, customer, snapshot.first_seen(customer));
        }
    }

    fn ask_everybody(
        &mut self,
        id: TermId,
        ahead: &timers::Ahead,
        (snapshot, context): (&Snapshot, &Context<'_>),
    ) {
        let everyone = self.everyone().clone();
        let term = self.term_mut(id);
        let holds = many::evaluate(&term.condition, snapshot, context).expect("a leaf refers to no audience");
        term.deviates = if term.of_nobody { everyone - &holds } else { holds };
        for (customer, at) in timers::first_changes(term, ahead, (snapshot, context)) {
            self.wake(id, customer, Some(at));
        }
    }
}

fn presence(first_seen: Option<Instant>, as_of: Instant) -> Verdict {
    let holds = first_seen.is_some_and(|first| first <= as_of);
    Verdict { holds, changes_at: first_seen.filter(|_| !holds) }
}
