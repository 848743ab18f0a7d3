//! Terms: what is asked of one customer's rows, of whom it holds, and when time may change that.

use std::collections::{BTreeMap, BTreeSet};

use columnar::{Columns, CustomerSet, Snapshot};
use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Row, Text, stream};
use rustc_hash::FxHashMap;

use super::asked::{Ask, Need, Pending, Story, Until};
use super::count::{Counted, Counting, Found, Progress};
use super::spare::Spare;
use super::timers::Timers;
use crate::condition::Condition;
use crate::context::{Audiences, Context};
use crate::effect::Effect;
use crate::one::Verdict;
use crate::{one, parts};

/// Which term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TermId(u32);

/// Whether a customer is here at all: first seen, not later moved away or hidden.
pub(super) const PRESENCE: TermId = TermId(0);

/// All terms, at one instant.
#[derive(Debug)]
pub(super) struct Terms {
    slots: Vec<Option<Term>>,
    by_text: BTreeMap<(Zone, String), TermId>,
    /// Who reads a stream.
    readers: FxHashMap<Text, Vec<TermId>>,
    /// Against what terms are asked: by the days of one zone or another.
    contexts: Vec<Context<'static>>,
    /// For each term that has timers the first of them, or an earlier one that it had.
    agenda: BTreeSet<(Instant, CustomerId, TermId)>,
}

/// Whose days are meant: which of the contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Zone(usize);

/// What is asked of one customer's rows.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// A leaf; `Everyone` for [`PRESENCE`].
    pub(super) condition: Condition,
    pub(super) streams: Vec<Text>,
    /// The properties that it reads.
    pub(super) reads: Vec<Text>,
    /// What it says of somebody who has no rows.
    pub(super) of_nobody: bool,
}

#[derive(Debug)]
struct Term {
    leaf: Leaf,
    zone: Zone,
    stage: Stage,
    /// Of whom it says the opposite of what it says of nobody.
    deviates: CustomerSet,
    timers: Timers,
    spare: Spare,
    /// What stands for it on the agenda.
    on_agenda: Option<(Instant, CustomerId)>,
    /// The audiences that ask it, by rank.
    users: BTreeSet<usize>,
}

/// How far a term is.
#[derive(Debug)]
enum Stage {
    /// It is being counted; of these customers something came in between.
    Counting { touched: CustomerSet },
    /// It was counted; these have still to be asked.
    Behind { of: CustomerSet },
    /// It is up to date for everybody.
    Followed,
}

impl Leaf {
    fn new(condition: &Condition) -> Self {
        let context = Context { as_of: Instant::default(), zone: TimeZone::UTC, audiences: Audiences::NONE };
        let nobody = one::evaluate(condition, &[], &context).expect("a leaf refers to no audience");
        Self {
            condition: condition.clone(),
            streams: parts::touches(condition, Audiences::NONE),
            reads: parts::reads(condition),
            of_nobody: nobody.holds,
        }
    }

    fn reads_events(&self) -> bool {
        self.streams.iter().any(|name| stream::event_name(name).is_some())
    }
}

impl Term {
    fn new(leaf: Leaf, zone: Zone, stage: Stage) -> Self {
        Self {
            leaf,
            zone,
            stage,
            deviates: CustomerSet::new(),
            timers: Timers::default(),
            spare: Spare::default(),
            on_agenda: None,
            users: BTreeSet::new(),
        }
    }

    fn holds(&self, customer: CustomerId) -> bool {
        self.deviates.contains(customer) != self.leaf.of_nobody
    }

    /// Whether that is news.
    fn set(&mut self, customer: CustomerId, holds: bool) -> bool {
        if holds == self.leaf.of_nobody {
            self.deviates.remove(customer)
        } else {
            self.deviates.insert(customer)
        }
    }

    /// Whether what it says of a customer is known. If not, they will be asked before anybody relies on it.
    fn knows(&mut self, customer: CustomerId) -> bool {
        match &mut self.stage {
            Stage::Followed => true,
            Stage::Behind { of } => !of.contains(customer),
            Stage::Counting { touched } => {
                touched.insert(customer);
                false
            }
        }
    }

    /// Takes in what was counted, but for those of whom something came in between. Their timers may stay: whoever is asked
    /// anew gets an earlier one where one is needed, and one too many only looks.
    fn take(&mut self, found: Found) {
        let Stage::Counting { touched } = std::mem::replace(&mut self.stage, Stage::Followed) else { return };
        (self.deviates, self.timers) = (found.deviates - &touched, found.timers);
        self.stage = Stage::Behind { of: touched };
    }

    /// Adds what it reads to what is needed already.
    fn need<'t>(&'t self, context: &Context<'_>, needs: &mut Vec<Need<'t>>) {
        let leaf = &self.leaf;
        let since = leaf.condition.reads_since(context);
        for stream in &leaf.streams {
            match needs.iter_mut().find(|need| need.stream == stream) {
                Some(need) => {
                    need.since = need.since.min(since);
                    let new = leaf.reads.iter().filter(|name| !need.properties.contains(name));
                    let new: Vec<Text> = new.cloned().collect();
                    need.properties.extend(new);
                }
                None => needs.push(Need { stream, since, properties: leaf.reads.clone() }),
            }
        }
    }
}

impl Terms {
    /// None but [`PRESENCE`].
    pub(super) fn at(at: Instant) -> Self {
        let leaf = Leaf { of_nobody: false, ..Leaf::new(&Condition::Everyone) };
        let context = Context { as_of: at, zone: TimeZone::UTC, audiences: Audiences::NONE };
        Self {
            slots: vec![Some(Term::new(leaf, Zone(0), Stage::Followed))],
            by_text: BTreeMap::new(),
            readers: FxHashMap::default(),
            contexts: vec![context],
            agenda: BTreeSet::new(),
        }
    }

    /// At which instant they are asked.
    pub(super) fn now(&self) -> Instant {
        self.contexts[0].as_of
    }

    /// It is so late now, or later already.
    pub(super) fn advance(&mut self, at: Instant) {
        for context in &mut self.contexts {
            context.as_of = context.as_of.max(at);
        }
    }

    /// What stands for the days of a zone.
    pub(super) fn zone(&mut self, zone: &TimeZone) -> Zone {
        let known = self.contexts.iter().position(|context| context.zone == *zone);
        Zone(known.unwrap_or_else(|| {
            self.contexts.push(Context { zone: zone.clone(), ..self.contexts[0].clone() });
            self.contexts.len() - 1
        }))
    }

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
        if term.leaf.of_nobody {
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
    pub(super) fn concerned(&mut self, customer: CustomerId, row: &Row, mut each: impl FnMut(Ask)) {
        if !self.is_present(customer) {
            each(Ask { term: PRESENCE, known: None });
        }
        for id in self.readers.get(&row.stream).into_iter().flatten().copied() {
            let term = self.slots[id.0 as usize].as_mut().expect("who reads a stream is there");
            let context = &self.contexts[term.zone.0];
            let effect = term.leaf.condition.effect_of(row, context);
            // Whoever is being counted must not be asked anew for a row that says nothing of them.
            if effect == Effect::Nothing || !term.knows(customer) {
                continue;
            }
            let holds = term.holds(customer);
            match effect {
                Effect::Nothing => {}
                Effect::Raises if holds => {}
                Effect::Lowers if !holds => {}
                Effect::Holds(_) if holds => {}
                Effect::Holds(until) => each(Ask { term: id, known: Some(until) }),
                Effect::Raises | Effect::Lowers | Effect::Either => {
                    let weight = term.leaf.condition.weight_of(row, context);
                    if !weight.is_some_and(|weight| term.spare.use_up(customer, weight)) {
                        each(Ask { term: id, known: None });
                    }
                }
            }
        }
    }

    /// What has to be asked of a customer whose rows in `streams` came or went.
    pub(super) fn concerned_by_any(&mut self, customer: CustomerId, streams: &[Text]) -> BTreeSet<TermId> {
        let readers = streams.iter().filter_map(|stream| self.readers.get(stream)).flatten().copied();
        let readers: BTreeSet<TermId> = readers.chain([PRESENCE]).collect();
        let concerned = self.ids().filter(|id| {
            let Some(term) = &mut self.slots[id.0 as usize] else { return false };
            // Whoever is being counted must hear of it, whatever it reads.
            term.knows(customer) && (readers.contains(id) || term.deviates.contains(customer))
        });
        concerned.collect()
    }

    /// The streams that have to be looked up for these asks of one customer, more than once perhaps.
    pub(super) fn streams_of<'t>(
        &'t self,
        asks: &'t [Pending],
    ) -> impl Iterator<Item = (CustomerId, &'t str)> {
        let unknown = asks.iter().filter(|pending| pending.ask.known.is_none());
        let streams = unknown.flat_map(|pending| {
            let streams = self.term(pending.ask.term).leaf.streams.iter();
            streams.map(|stream| (pending.customer, stream.as_str()))
        });
        let mut before = "";
        streams.filter(move |(_, stream)| std::mem::replace(&mut before, stream) != *stream)
    }

    /// Looks up what these terms read of a customer, as far as no row said it already.
    pub(super) fn look_up(
        &self,
        customer: CustomerId,
        asks: impl Iterator<Item = Ask>,
        columns: &mut Columns,
    ) -> Story {
        let mut needs = Vec::new();
        for ask in asks.filter(|ask| ask.known.is_none() && ask.term != PRESENCE) {
            let term = self.term(ask.term);
            term.need(&self.contexts[term.zone.0], &mut needs);
        }
        Story::of(customer, &needs, columns)
    }

    /// Asks a term of a customer, whose rows are looked up; whether it says something else than before.
    pub(super) fn ask(&mut self, customer: CustomerId, ask: Ask, story: &Story) -> bool {
        let (verdict, spare) = match ask.known {
            Some(until) => (Verdict { holds: true, changes_at: until }, 0.0),
            None if ask.term == PRESENCE => (presence(story.first_seen, self.now()), 0.0),
            None => {
                let term = self.term(ask.term);
                let context = &self.contexts[term.zone.0];
                one::evaluate_leaf(&term.leaf.condition, story.rows(&term.leaf.streams), context)
            }
        };
        let term = self.term_mut(ask.term);
        let news = term.set(customer, verdict.holds);
        term.spare.set(customer, spare);
        self.wake(ask.term, customer, verdict.changes_at);
        news
    }

    /// Sees to it that a term is asked of a customer again at that instant or before.
    fn wake(&mut self, id: TermId, customer: CustomerId, at: Until) {
        let Some(at) = at else { return };
        let term = self.term_mut(id);
        if term.timers.set(customer, at) && term.on_agenda.is_none_or(|first| (at, customer) < first) {
            self.put_on_agenda(id);
        }
    }

    /// Puts the first timer of a term on the agenda.
    fn put_on_agenda(&mut self, id: TermId) {
        let term = self.slots[id.0 as usize].as_mut().expect("a formula asks terms that are there");
        let first = term.timers.first();
        if let Some((at, customer)) = std::mem::replace(&mut term.on_agenda, first) {
            self.agenda.remove(&(at, customer, id));
        }
        self.agenda.extend(first.map(|(at, customer)| (at, customer, id)));
    }

    /// The earliest timer.
    pub(super) fn next_due(&mut self) -> Option<Instant> {
        loop {
            let (at, customer, id) = *self.agenda.first()?;
            if self.term_mut(id).timers.first() == Some((at, customer)) {
                return Some(at);
            }
            self.put_on_agenda(id);
        }
    }

    /// Takes the first customer who has a timer up to `to`, and what is to be asked of them at that instant.
    pub(super) fn take_due(&mut self, to: Instant) -> Option<(Instant, CustomerId, Vec<TermId>)> {
        let at = self.next_due().filter(|at| *at <= to)?;
        let (_, customer, _) = *self.agenda.first()?;
        let mut due = Vec::new();
        while let Some((next, other, id)) = self.agenda.first().copied()
            && (next, other) == (at, customer)
        {
            if self.term_mut(id).timers.ring((at, customer)) {
                due.push(id);
            }
            self.put_on_agenda(id);
        }
        Some((at, customer, due))
    }

    /// Forgets what is known of a customer.
    pub(super) fn forget(&mut self, customer: CustomerId) {
        for term in self.slots.iter_mut().flatten() {
            term.knows(customer);
            term.deviates.remove(customer);
            term.timers.forget(customer);
            term.spare.forget(customer);
        }
    }

    /// Rows of a customer came or went: nobody knows what there is to spare.
    pub(super) fn forget_spare(&mut self, customer: CustomerId) {
        self.slots.iter_mut().flatten().for_each(|term| term.spare.forget(customer));
    }

    /// The term that asks this leaf; a new one is to be counted.
    pub(super) fn get_or_add(&mut self, condition: &Condition, zone: Zone) -> TermId {
        let text = condition.to_string();
        if let Some(id) = self.by_text.get(&(zone, text.clone())) {
            return *id;
        }
        let free = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        let id = TermId(u32::try_from(free).expect("there are few terms"));
        self.slots.resize_with(self.slots.len().max(free + 1), || None);
        let leaf = Leaf::new(condition);
        for stream in &leaf.streams {
            self.readers.entry(stream.clone()).or_default().push(id);
        }
        let stage = Stage::Counting { touched: CustomerSet::new() };
        self.slots[free] = Some(Term::new(leaf, zone, stage));
        self.by_text.insert((zone, text), id);
        id
    }

    /// These audiences (by rank) ask these terms; terms that nobody asks go.
    pub(super) fn used(&mut self, users: &BTreeMap<TermId, BTreeSet<usize>>) {
        for id in self.ids().skip(1) {
            match (users.get(&id), &mut self.slots[id.0 as usize]) {
                (Some(users), Some(term)) => term.users.clone_from(users),
                (_, slot) => {
                    if let Some((at, customer)) = slot.take().and_then(|term| term.on_agenda) {
                        self.agenda.remove(&(at, customer, id));
                    }
                }
            }
        }
        self.by_text.retain(|_, id| users.contains_key(id));
        self.readers.values_mut().for_each(|readers| readers.retain(|id| users.contains_key(id)));
        self.readers.retain(|_, readers| !readers.is_empty());
    }

    /// Drops the terms that read events from before this; who asks them adds them anew.
    pub(super) fn drop_reading(&mut self, before: Instant) {
        let stays = |id: TermId| {
            let term = self.slots[id.0 as usize].as_ref()?;
            let reads_since = term.leaf.condition.reads_since(&self.contexts[term.zone.0]);
            let stays = reads_since >= before || !term.leaf.reads_events();
            stays.then(|| (id, term.users.clone()))
        };
        let kept = self.ids().skip(1).filter_map(stays).collect();
        self.used(&kept);
    }

    /// Sees who is here.
    pub(super) fn see_everybody(&mut self, snapshot: &Snapshot) {
        let everyone = snapshot.customers(self.now());
        let later = snapshot.customers(Instant::MAX) - &everyone;
        self.term_mut(PRESENCE).deviates = everyone;
        for customer in later.iter() {
            self.wake(PRESENCE, customer, snapshot.first_seen(customer));
        }
    }

    /// The terms that are to be counted, over the columns as they are; `None`: there are none.
    pub(super) fn counting(&self, columns: &mut Columns) -> Option<Counting> {
        let new = self.ids().filter_map(|id| Some((id, self.slots[id.0 as usize].as_ref()?)));
        let new = new.filter(|(_, term)| matches!(term.stage, Stage::Counting { .. }));
        let terms: Vec<_> =
            new.map(|(id, term)| (id, term.leaf.clone(), self.contexts[term.zone.0].clone())).collect();
        let progress = Progress::of(terms.len());
        (!terms.is_empty()).then(|| Counting { snapshot: columns.snapshot(), terms, progress })
    }

    /// Takes in what was counted; who has still to be asked, because something came in between.
    pub(super) fn counted(&mut self, counted: Counted) -> Vec<CustomerId> {
        let mut behind = CustomerSet::new();
        for (id, found) in counted.terms {
            let term = self.term_mut(id);
            term.take(found);
            if let Stage::Behind { of } = &term.stage {
                behind = behind | of;
            }
            self.put_on_agenda(id);
        }
        behind.iter().collect()
    }

    /// What has still to be asked of this customer; after this, it counts as asked.
    pub(super) fn take_behind(&mut self, customer: CustomerId) -> Vec<TermId> {
        let ids = self.ids();
        let is_behind = |id: &TermId| match &mut self.slots[id.0 as usize] {
            Some(Term { stage: Stage::Behind { of }, .. }) => of.remove(customer),
            Some(_) | None => false,
        };
        ids.filter(is_behind).collect()
    }

    /// Nobody is left to be asked.
    pub(super) fn caught_up(&mut self) {
        for term in self.slots.iter_mut().flatten() {
            if matches!(term.stage, Stage::Behind { .. }) {
                term.stage = Stage::Followed;
            }
        }
    }
}

fn presence(first_seen: Option<Instant>, as_of: Instant) -> Verdict {
    let holds = first_seen.is_some_and(|first| first <= as_of);
    Verdict { holds, changes_at: first_seen.filter(|_| !holds) }
}
