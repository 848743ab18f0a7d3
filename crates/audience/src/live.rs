//! Keeps audiences up to date: who enters and leaves, the moment a row or the passing of time makes them so.
//!
//! An audience is a formula over *terms*: what is asked of one customer's rows (`did "purchase" in last 30 days`).
//! Audiences that ask the same share the term. A new row is shown to the terms that read its stream; most need no look
//! (the filter says no, or the answer can only stay what it is), the others are asked anew of that one customer.
//! A term also says when time alone may change its answer: that is a timer. So nothing is ever gone through again. Only
//! new terms, of an audience that is made or changed, are counted over everybody, beside everything else ([`Counting`]);
//! and terms that read further back than events are kept, when some were forgotten ([`Live::forgot`]).
//!
//! ```text
//! row ──note──► terms that read its stream ──settle──► terms asked anew ──► formulas ──► rows: entered, left
//! time ─advance─► timers that are due ───────────────────┘
//! ```
//!
//! [`Live`] decides and appends nothing: whoever owns the columns appends the rows that it answers with, before the next
//! call. They stand in the stream `audience:NAME`, at the instant of the change, so the membership as of any past instant, the
//! size over time ([`history`]) and the story of a customer are read from the same place.
//!
//! Invariants, and the test that holds them (`tests.rs`: `live_is_what_the_columns_say`):
//! - at [`Live::at`] everybody is in exactly the audiences that [`crate::many`] finds over the same columns;
//! - the rows say so too, and they are the same rows however often it was closed and opened in between.

mod asked;
mod count;
mod define;
mod formula;
pub mod history;
mod plan;
mod record;
mod round;
mod spare;
mod term;
mod timers;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use columnar::{Columns, CustomerSet, Lookup, Span};
use model::{CustomerId, Instant, Row, Text, Value, stream};

pub use count::{Counted, Counting, Progress};
pub use record::{Because, Change, Kept, KeptAudience, Record};

use self::asked::{Ask, Pending, each_once};
use self::define::Audience;
use self::plan::Plan;
use self::round::Round;
use self::term::{PRESENCE, Terms};

/// Named audiences, kept up to date. One thread owns it, the one that owns the columns.
#[derive(Debug)]
pub struct Live {
    /// What is in force.
    plan: Plan,
    /// Of what is in force that which can be followed; whoever is referred to comes before who refers.
    audiences: Vec<Audience>,
    terms: Terms,
    /// Edits that are not in force yet, the oldest first.
    waiting: Vec<Change>,
    /// What will mean something else when they are.
    changing: BTreeSet<Text>,
    /// What is being counted for them.
    round: Option<Round>,
    pending: Vec<Pending>,
    /// Whose rows came or went in a merge or its opposite.
    moved: BTreeMap<CustomerId, Because>,
}

/// So many customers are glanced at before they are looked at: what is seen of them fits the nearest caches.
const GLANCE_CUSTOMERS: usize = 16;

/// How an audience stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many are in it.
    pub members: usize,
    /// Since when it is kept up to date.
    pub since: Instant,
}

impl Live {
    /// As many audiences are kept up to date; further ones are evaluated when somebody asks.
    pub const AUDIENCES_MAX: usize = 500;

    /// Up to when it has heard of the world.
    pub fn at(&self) -> Instant {
        self.terms.now()
    }

    /// How an audience stands; `None`: it is not kept up to date, or will mean something else once that is counted.
    pub fn standing(&self, name: &str) -> Option<Standing> {
        let audience = self.audience(name)?;
        Some(Standing { members: audience.count, since: audience.since })
    }

    /// Who is in an audience; `None`, as [`Self::standing`] says.
    pub fn members(&self, name: &str) -> Option<&CustomerSet> {
        self.audience(name).map(|audience| &audience.members)
    }

    /// What a checkpoint keeps: the definitions, and with [`Self::waiting`] those to come. Everything else is found in the
    /// columns again.
    pub fn kept(&self) -> Kept {
        self.plan.kept(self.at())
    }

    /// The edits that are not in force yet, the oldest first.
    pub fn waiting(&self) -> &[Change] {
        &self.waiting
    }

    /// What will be in force when everything that waits is counted.
    pub fn wanted(&self) -> Kept {
        self.planned(usize::MAX).kept(self.at())
    }

    /// The first instant at which time alone may change something.
    pub fn next_wake(&mut self) -> Option<Instant> {
        self.terms.next_due()
    }

    /// Time passes: whoever enters or leaves by it up to `to`, each at their own instant.
    pub fn advance(&mut self, to: Instant, columns: &mut Columns) -> Vec<Row> {
        let mut rows = Vec::new();
        while let Some((at, customer, due)) = self.terms.take_due(to) {
            self.terms.advance(at);
            let asks = due.into_iter().map(|term| (Ask { term, known: None }, Because::Time));
            self.look(customer, asks, columns, &mut rows);
        }
        self.terms.advance(to);
        rows
    }

    /// A row that is appended to the columns; its consequences follow with [`Self::settle`].
    pub fn note(&mut self, row: &Row, columns: &Columns) {
        let Some(customer) = columns.present_owner(row.customer) else { return };
        self.terms.concerned(customer, row, |ask| {
            self.pending.push(Pending { customer, ask, cause: row.stream.clone() });
        });
    }

    /// The rows of `from` belong to `to` from now on.
    pub fn merged(&mut self, from: CustomerId, to: CustomerId) {
        self.forget(from);
        for pending in self.pending.iter_mut().filter(|pending| pending.customer == from) {
            pending.customer = to;
        }
        self.moved.remove(&from);
        self.moved.insert(to, Because::Merge);
    }

    /// What arrived for `from` belongs to `from` again, not to `to`.
    pub fn unmerged(&mut self, from: CustomerId, to: CustomerId) {
        self.moved.insert(from, Because::Unmerge);
        self.moved.insert(to, Because::Unmerge);
    }

    /// This customer was erased from the columns.
    pub fn erased(&mut self, customer: CustomerId) {
        self.forget(customer);
        self.moved.remove(&customer);
    }

    /// Who enters or leaves because of what was noted since the last time.
    pub fn settle(&mut self, columns: &mut Columns) -> Vec<Row> {
        let mut rows = Vec::new();
        let moved = std::mem::take(&mut self.moved).into_iter();
        let moved: BTreeMap<CustomerId, Because> = moved
            .filter_map(|(customer, because)| Some((columns.present_owner(customer)?, because)))
            .collect();
        for (customer, because) in &moved {
            self.look_at_moved(*customer, because, columns, &mut rows);
        }
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|pending| (pending.customer, pending.ask));
        let by_customer = pending.chunk_by(|one, other| one.customer == other.customer);
        for some in by_customer.collect::<Vec<_>>().chunks(GLANCE_CUSTOMERS) {
            columns.glance_at_rows(some.iter().flat_map(|asks| self.terms.streams_of(asks)));
            for asks in some {
                let customer = asks[0].customer;
                if columns.present_owner(customer) == Some(customer) && !moved.contains_key(&customer) {
                    self.look(customer, each_once(asks), columns, &mut rows);
                }
            }
        }
        rows
    }

    fn audience(&self, name: &str) -> Option<&Audience> {
        let audience = self.audiences.iter().find(|audience| audience.name == name)?;
        (!self.changing.contains(&audience.name)).then_some(audience)
    }

    fn forget(&mut self, customer: CustomerId) {
        self.terms.forget(customer);
        self.audiences.iter_mut().for_each(|audience| audience.set(customer, false));
    }

    /// Asks some terms anew of one customer, and tells what follows.
    fn look(
        &mut self,
        customer: CustomerId,
        asks: impl Iterator<Item = (Ask, Because)>,
        columns: &mut Columns,
        rows: &mut Vec<Row>,
    ) {
        let (now, asks) = (self.at(), asks.collect::<Vec<_>>());
        let story = self.terms.look_up(customer, asks.iter().map(|(ask, _)| *ask), columns);
        // The audiences whose condition says something else in a part of it, and what made that part say so.
        let (mut open, mut appeared) = (BTreeMap::new(), false);
        for (ask, because) in asks {
            if self.terms.ask(customer, ask, &story) {
                appeared |= ask.term == PRESENCE;
                for rank in self.terms.users(ask.term) {
                    // Of several parts one is named: the same one, in whatever order terms were numbered.
                    let named = open.entry(*rank).or_insert_with(|| because.clone());
                    if because < *named {
                        named.clone_from(&because);
                    }
                }
            }
        }
        if appeared {
            for rank in 0..self.audiences.len() {
                open.entry(rank).or_insert(Because::Appearance);
            }
        }
        while let Some((rank, because)) = open.pop_first() {
            let holds = self.holds(rank, customer);
            let audience = &mut self.audiences[rank];
            if holds != audience.members.contains(customer) {
                audience.set(customer, holds);
                rows.push(audience.row(customer, now, &because));
                for user in &audience.users {
                    open.entry(*user).or_insert_with(|| because.clone());
                }
            }
        }
    }

    /// Asks everything anew of a customer whose rows came or went, and says once more what the last row of an
    /// audience no longer says.
    fn look_at_moved(
        &mut self,
        customer: CustomerId,
        because: &Because,
        columns: &mut Columns,
        rows: &mut Vec<Row>,
    ) {
        let now = self.at();
        self.terms.forget_spare(customer);
        let streams = columns.streams_of(customer);
        let asks = self.terms.concerned_by_any(customer, &streams).into_iter();
        let asks: Vec<Ask> = asks.map(|term| Ask { term, known: None }).collect();
        let story = self.terms.look_up(customer, asks.iter().copied(), columns);
        for ask in asks {
            self.terms.ask(customer, ask, &story);
        }
        for rank in 0..self.audiences.len() {
            let holds = self.holds(rank, customer);
            let audience = &mut self.audiences[rank];
            audience.set(customer, holds);
            let said = streams.contains(&audience.stream) && says_member(columns, customer, &audience.stream);
            if holds != said {
                rows.push(audience.row(customer, now, because));
            }
        }
    }

    fn holds(&self, rank: usize, customer: CustomerId) -> bool {
        self.terms.is_present(customer)
            && self.audiences[rank].formula.holds(customer, &self.terms, &self.audiences)
    }
}

/// Whether the last row of an audience's stream says that a customer is in it.
fn says_member(columns: &mut Columns, customer: CustomerId, stream: &str) -> bool {
    let properties = [Text::from(stream::MEMBER)];
    let told = columns.rows_of(customer, &Lookup { stream, span: Span::EVER, properties: &properties });
    told.last().is_some_and(|told| told.row.properties.get(stream::MEMBER) == Some(&Value::Bool(true)))
}
