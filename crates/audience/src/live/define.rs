//! Audiences as they are defined: made, changed, removed, and found again after a restart.

use std::collections::{BTreeMap, BTreeSet};

use columnar::{Columns, CustomerSet};
use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Properties, Row, Text, stream};

use super::Live;
use super::formula::{Asked, Formula, in_order};
use super::record::{Because, Change, Kept, KeptAudience, Record};
use super::term::{TermId, Terms};
use crate::condition::Condition;
use crate::context::{Audiences, Context};

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
    /// Finds again in the columns what was known when they and `kept` were kept.
    pub fn open(kept: &Kept, columns: &mut Columns) -> Self {
        let mut live = Self {
            at: kept.at,
            zone: zone(&kept.zone),
            kept: kept.audiences.iter().map(|it| (it.name.clone(), it.clone())).collect(),
            zone_name: kept.zone.clone(),
            audiences: Vec::new(),
            terms: Terms::default(),
            pending: Vec::new(),
            moved: BTreeMap::new(),
        };
        let snapshot = columns.snapshot();
        live.terms.see_everybody((&snapshot, live.at));
        // Whoever is found in an audience entered it before: its rows are there.
        drop(live.redefine(columns, &Because::Definition));
        live
    }

    /// Takes in what was decided.
    pub fn take(&mut self, record: &Record, columns: &mut Columns) -> Vec<Row> {
        let mut rows = self.advance(record.at, columns);
        match &record.change {
            Change::Passed => return rows,
            Change::Defined { name, condition } => {
                let since = self.kept.get(name).map_or(self.at, |before| before.since);
                if self.kept.len() >= Self::AUDIENCES_MAX && !self.kept.contains_key(name) {
                    return rows;
                }
                let kept = KeptAudience { name: name.clone(), condition: condition.clone(), since };
                self.kept.insert(name.clone(), kept);
            }
            Change::Removed { name } => drop(self.kept.remove(name)),
            Change::Zone { zone: name } => {
                self.zone = zone(name);
                self.zone_name = name.clone();
                let snapshot = columns.snapshot();
                self.terms = Terms::default();
                self.terms.see_everybody((&snapshot, self.at));
            }
        }
        rows.extend(self.redefine(columns, &Because::Definition));
        rows
    }

    /// Events from before this are gone from the columns: what reads so far back is asked anew of everybody.
    pub fn forgot(&mut self, before: Instant, columns: &mut Columns) -> Vec<Row> {
        let context = self.context();
        self.terms.drop_reading(before, &context);
        self.redefine(columns, &Because::Retention)
    }

    /// Makes of what is kept the audiences that can be followed, and tells who is in another audience than before.
    fn redefine(&mut self, columns: &mut Columns, because: &Because) -> Vec<Row> {
        let known = self.terms.known();
        let mut before: BTreeMap<Text, Audience> =
            std::mem::take(&mut self.audiences).into_iter().map(|it| (it.name.clone(), it)).collect();
        let conditions = self.followed();
        let order = in_order(&conditions);
        let ranks: BTreeMap<&str, usize> =
            order.iter().enumerate().map(|(rank, name)| (name.as_str(), rank)).collect();
        let formulas: Vec<Formula> =
            order.iter().map(|name| Formula::compile(&conditions[name], &mut self.terms, &ranks)).collect();
        let (term_users, audience_users) = users(&formulas);
        let context = Context { as_of: self.at, zone: self.zone.clone(), audiences: Audiences::NONE };
        self.terms.used(&term_users, &known, (&columns.snapshot(), &context));
        let mut rows = Vec::new();
        for ((name, formula), users) in order.iter().zip(formulas).zip(audience_users) {
            let members = formula.everybody(&self.terms, &self.audiences);
            let kept = &self.kept[name];
            let audience = Audience {
                name: name.clone(),
                stream: stream::audience(name),
                formula,
                count: members.len(),
                members,
                since: kept.since,
                users,
            };
            let was = before.remove(name).map(|before| before.members).unwrap_or_default();
            rows.extend(audience.rows_since(was, self.at, because));
            self.audiences.push(audience);
        }
        for (_, mut gone) in before {
            let was = std::mem::take(&mut gone.members);
            rows.extend(gone.rows_since(was, self.at, because));
        }
        rows
    }

    /// The conditions that can be followed: they are read, and whatever they refer to is there.
    fn followed(&self) -> BTreeMap<Text, Condition> {
        let read = |it: &KeptAudience| Some((it.name.clone(), it.condition.parse().ok()?));
        let all: BTreeMap<Text, Condition> = self.kept.values().filter_map(read).collect();
        let named: Audiences =
            all.iter().map(|(name, condition)| (name.clone(), condition.clone())).collect();
        all.into_iter()
            .filter(|(name, _)| named.resolve(&Condition::Member { audience: name.clone() }).is_ok())
            .collect()
    }
}

/// Who asks which term, and which audience: by rank.
fn users(formulas: &[Formula]) -> (BTreeMap<TermId, BTreeSet<usize>>, Vec<BTreeSet<usize>>) {
    let mut terms: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    let mut audiences = vec![BTreeSet::new(); formulas.len()];
    for (rank, formula) in formulas.iter().enumerate() {
        formula.asks(&mut |asked| match asked {
            Asked::Term(term) => terms.entry(term).or_default().extend([rank]),
            Asked::Member(member) => audiences[member].extend([rank]),
        });
    }
    (terms, audiences)
}

/// A zone that this build does not know has the days of UTC, as everywhere else.
fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}
