//! Audiences as they are defined: made, changed, removed, and found again after a restart.
//!
//! An edit waits until what is new in it is counted. Where this process counted it beside ([`super::round`]), it is in force in
//! no time; where the journal is folded again, it is counted on the spot. Both find the same, because what an edit does is a
//! function of the columns and the instant at which it comes into force.

use std::collections::{BTreeMap, BTreeSet};

use columnar::{Columns, CustomerSet};
use model::{CustomerId, Instant, Properties, Row, Text, stream};

use super::Live;
use super::formula::{Asked, Formula, in_order};
use super::plan::Plan;
use super::record::{Because, Change, Kept, Record};
use super::term::{TermId, Terms};
use crate::many::Cores;

/// An audience that is kept up to date.
#[derive(Debug)]
pub(super) struct Audience {
    pub(super) name: Text,
    /// Where its rows stand.
    pub(super) stream: Text,
    pub(super) formula: Formula,
    pub(super) members: CustomerSet,
    /// How many members there are.
    pub(super) count: usize,
    pub(super) since: Instant,
    /// The audiences that refer to it, by rank.
    pub(super) users: BTreeSet<usize>,
}

impl Audience {
    fn new(
        name: Text,
        formula: Formula,
        members: CustomerSet,
        since: Instant,
        users: BTreeSet<usize>,
    ) -> Self {
        let (stream, count) = (stream::audience(&name), members.len());
        Self { name, stream, formula, members, count, since, users }
    }

    pub(super) fn set(&mut self, customer: CustomerId, member: bool) {
        if member {
            self.count += usize::from(self.members.insert(customer));
        } else {
            self.count -= usize::from(self.members.remove(customer));
        }
    }

    /// What columns learn of a customer who entered or left.
    pub(super) fn row(&self, customer: CustomerId, at: Instant, because: &Because) -> Row {
        row(&self.stream, (customer, self.members.contains(customer)), at, because)
    }

    /// What columns learn when its members are no longer those of `before`.
    fn rows_since(&self, before: CustomerSet, at: Instant, because: &Because) -> Vec<Row> {
        let entered = self.members.clone() - &before;
        let left = before - &self.members;
        let said =
            |set: CustomerSet, member| set.iter().map(move |customer| (customer, member)).collect::<Vec<_>>();
        let all = said(entered, true).into_iter().chain(said(left, false));
        all.map(|said| row(&self.stream, said, at, because)).collect()
    }
}

fn row(stream: &Text, (customer, member): (CustomerId, bool), at: Instant, because: &Because) -> Row {
    let mut properties = Properties::new();
    properties.insert(stream::MEMBER, member);
    if let Some(because) = because.text() {
        properties.insert(stream::BECAUSE, because);
    }
    Row { customer, at, stream: stream.clone(), properties }
}

impl Live {
    /// Finds again in the columns what was known when they, `kept` and the edits that waited were kept.
    pub fn open(kept: &Kept, waiting: Vec<Change>, columns: &mut Columns) -> Self {
        let mut live = Self {
            plan: Plan::of(&Kept { audiences: Vec::new(), ..kept.clone() }),
            audiences: Vec::new(),
            terms: Terms::at(kept.at),
            waiting: Vec::new(),
            changing: BTreeSet::new(),
            round: None,
            pending: Vec::new(),
            moved: BTreeMap::new(),
        };
        live.terms.see_everybody(&columns.snapshot());
        // Whoever is found in an audience entered it before: its rows are there.
        drop(live.enforce(Plan::of(kept), &Because::Definition, columns));
        live.waiting = waiting;
        live.see_what_changes();
        live
    }

    /// Takes in what was decided.
    pub fn take(&mut self, record: &Record, columns: &mut Columns) -> Vec<Row> {
        let mut rows = self.advance(record.at, columns);
        match &record.change {
            Change::Passed => {}
            Change::Defined { .. } | Change::Removed { .. } | Change::Zone { .. } => {
                self.waiting.push(record.change.clone());
                self.see_what_changes();
            }
            Change::Counted { edits } => rows.extend(self.counted(*edits as usize, columns)),
        }
        rows
    }

    /// Events from before this are gone from the columns: what reads so far back is counted anew on the spot, and whoever is
    /// in another audience by it is told. What was being counted for edits that wait is counted again.
    pub fn forgot(&mut self, before: Instant, columns: &mut Columns) -> Vec<Row> {
        self.round = None;
        self.keep_terms(users(self.audiences.iter().map(|audience| &audience.formula)).0);
        self.terms.drop_reading(before);
        self.enforce(self.plan.clone(), &Because::Retention, columns)
    }

    /// So many edits are in force now. When they were not counted by this process, they are counted here.
    fn counted(&mut self, edits: usize, columns: &mut Columns) -> Vec<Row> {
        let edits = edits.min(self.waiting.len());
        let plan = self.planned(edits);
        let (is_over, round) = match self.round.take() {
            Some(round) => round.without(edits),
            None => (false, None),
        };
        self.round = round;
        if !is_over {
            // Terms that were not counted to the end go; they are counted again.
            self.keep_terms(users(self.audiences.iter().map(|audience| &audience.formula)).0);
        }
        self.waiting.drain(..edits);
        let rows = self.enforce(plan, &Because::Definition, columns);
        self.see_what_changes();
        rows
    }

    /// What will be in force after the first `edits` that wait.
    pub(super) fn planned(&self, edits: usize) -> Plan {
        self.plan.edited(self.waiting.iter().take(edits), self.at())
    }

    fn see_what_changes(&mut self) {
        self.changing = self.planned(usize::MAX).changed_since(&self.plan);
    }

    /// These audiences (by rank) ask these terms; others are kept for the round that counted them.
    fn keep_terms(&mut self, mut users: BTreeMap<TermId, BTreeSet<usize>>) {
        for term in self.round.iter().flat_map(|round| &round.terms) {
            users.entry(*term).or_default();
        }
        self.terms.used(&users);
    }

    /// The formulas of a plan, in an order in which whoever is referred to comes first. Terms that are new are
    /// to be counted.
    pub(super) fn compile(&mut self, plan: &Plan) -> Vec<(Text, Formula)> {
        let zone = self.terms.zone(&plan.time_zone());
        let conditions = plan.followed();
        let order = in_order(&conditions);
        let ranks: BTreeMap<&str, usize> =
            order.iter().enumerate().map(|(rank, name)| (name.as_str(), rank)).collect();
        let mut compile = |name: &Text| Formula::compile(conditions[name], (&mut self.terms, zone), &ranks);
        order.iter().map(|name| (name.clone(), compile(name))).collect()
    }

    /// Makes of a plan the audiences that can be followed, and tells who is in another audience than before.
    fn enforce(&mut self, plan: Plan, because: &Because, columns: &mut Columns) -> Vec<Row> {
        let changed = plan.changed_since(&self.plan);
        let forgot = *because == Because::Retention;
        let formulas = self.compile(&plan);
        if let Some(counting) = self.terms.counting(columns) {
            // Nobody counted beside: the journal is folded again.
            let behind = self.terms.counted(counting.run_on(Cores::All));
            assert!(behind.is_empty(), "nothing comes while the fold itself counts");
            self.terms.caught_up();
        }
        let (term_users, audience_users) = users(formulas.iter().map(|(_, formula)| formula));
        self.keep_terms(term_users);
        let before = std::mem::take(&mut self.audiences).into_iter();
        let mut before: BTreeMap<Text, Audience> = before.map(|it| (it.name.clone(), it)).collect();
        let mut rows = Vec::new();
        for ((name, formula), users) in formulas.into_iter().zip(audience_users) {
            let (was, is_new) = match before.remove(&name) {
                Some(before) => (before.members, forgot || changed.contains(&name)),
                None => (CustomerSet::new(), true),
            };
            let members = if is_new { formula.everybody(&self.terms, &self.audiences) } else { was.clone() };
            let since = plan.audiences[&name].kept.since;
            let audience = Audience::new(name, formula, members, since, users);
            if is_new {
                rows.extend(audience.rows_since(was, self.at(), because));
            }
            self.audiences.push(audience);
        }
        for (_, mut gone) in before {
            let was = std::mem::take(&mut gone.members);
            rows.extend(gone.rows_since(was, self.at(), because));
        }
        self.plan = plan;
        rows
    }
}

/// Who asks which term, and which audience: by rank.
pub(super) fn users<'f>(
    formulas: impl ExactSizeIterator<Item = &'f Formula>,
) -> (BTreeMap<TermId, BTreeSet<usize>>, Vec<BTreeSet<usize>>) {
    let mut terms: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    let mut audiences = vec![BTreeSet::new(); formulas.len()];
    for (rank, formula) in formulas.enumerate() {
        formula.asks(&mut |asked| match asked {
            Asked::Term(term) => terms.entry(term).or_default().extend([rank]),
            Asked::Member(member) => audiences[member].extend([rank]),
        });
    }
    (terms, audiences)
}
