//! An audience's condition as a formula over terms and other audiences.

use std::collections::BTreeMap;

use columnar::CustomerSet;
use model::{CustomerId, Text};

use super::define::Audience;
use super::term::{TermId, Terms, Zone};
use crate::condition::Condition;

/// What joins terms. Asking it of one customer is a few bits.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Formula {
    All(Vec<Formula>),
    Any(Vec<Formula>),
    Not(Box<Formula>),
    Term(TermId),
    Member(usize),
}

impl Formula {
    /// Takes a condition apart; `ranks` says where the audiences that it refers to stand.
    pub(super) fn compile(
        condition: &Condition,
        (terms, zone): (&mut Terms, Zone),
        ranks: &BTreeMap<&str, usize>,
    ) -> Self {
        let mut part = |part: &Condition| Self::compile(part, (terms, zone), ranks);
        let mut parts = |of: &[Condition]| of.iter().map(&mut part).collect();
        match condition {
            Condition::Everyone => Self::All(Vec::new()),
            Condition::All { of } => Self::All(parts(of)),
            Condition::Any { of } => Self::Any(parts(of)),
            Condition::Not { of } => Self::Not(Box::new(part(of))),
            Condition::Member { audience } => Self::Member(ranks[audience.as_str()]),
            Condition::Did(_)
            | Condition::FirstDid(_)
            | Condition::LastDid(_)
            | Condition::Sequence(_)
            | Condition::Mostly(_)
            | Condition::UsualHour(_)
            | Condition::LastPlace(_)
            | Condition::TraitPlace { .. }
            | Condition::Trait { .. }
            | Condition::Reachable { .. }
            | Condition::Consented { .. }
            | Condition::Subscribed { .. } => Self::Term(terms.get_or_add(condition, zone)),
        }
    }

    /// Whether it holds for a customer who is here.
    pub(super) fn holds(&self, customer: CustomerId, terms: &Terms, audiences: &[Audience]) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(customer, terms, audiences)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(customer, terms, audiences)),
            Self::Not(part) => !part.holds(customer, terms, audiences),
            Self::Term(term) => terms.holds(*term, customer),
            Self::Member(rank) => audiences[*rank].members.contains(customer),
        }
    }

    /// Everybody of whom it holds.
    pub(super) fn everybody(&self, terms: &Terms, audiences: &[Audience]) -> CustomerSet {
        let part = |part: &Self| part.everybody(terms, audiences);
        match self {
            Self::All(parts) => parts.iter().map(part).fold(terms.everyone().clone(), |all, it| all & &it),
            Self::Any(parts) => parts.iter().map(part).fold(CustomerSet::new(), |any, it| any | &it),
            Self::Not(of) => terms.everyone().clone() - &part(of),
            Self::Term(term) => terms.members(*term),
            Self::Member(rank) => audiences[*rank].members.clone(),
        }
    }

    /// Calls `each` with everything that it asks.
    pub(super) fn asks(&self, each: &mut impl FnMut(Asked)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.asks(each)),
            Self::Not(part) => part.asks(each),
            Self::Term(term) => each(Asked::Term(*term)),
            Self::Member(rank) => each(Asked::Member(*rank)),
        }
    }
}

/// What a formula asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Term(TermId),
    /// Another audience, by rank.
    Member(usize),
}

/// The names in `conditions` in an order in which whoever is referred to comes first.
pub(super) fn in_order(conditions: &BTreeMap<&Text, &Condition>) -> Vec<Text> {
    let mut order = Vec::new();
    for name in conditions.keys() {
        visit(name, conditions, &mut order);
    }
    order
}

/// There are no circles: each condition was resolved.
fn visit(name: &str, conditions: &BTreeMap<&Text, &Condition>, order: &mut Vec<Text>) {
    if order.iter().any(|before| before == name) {
        return;
    }
    if let Some(condition) = conditions.get(&Text::from(name)) {
        condition.members(&mut |name| visit(name, conditions, order));
        order.push(name.into());
    }
}
