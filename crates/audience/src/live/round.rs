//! One round of counting beside the fold: what waits is compiled, new terms are counted over a snapshot, and whoever something came
//! of meanwhile is asked anew, a few at a time. Then the edits can come into force.
//!
//! One audience comes into force after the other, so that the rows of the entries are not all told in one turn.
//!
//! Terms that are being counted are asked by no audience: nothing here is told to anybody, so nothing here needs the
//! journal. What a round found is lost with the process; the edits still wait then, and are counted again.

use std::collections::BTreeSet;
use std::sync::Arc;

use columnar::Columns;
use model::CustomerId;

use super::Live;
use super::asked::Ask;
use super::count::{Counted, Counting, Progress};
use super::define::users;
use super::record::Change;
use super::term::TermId;

/// What is being counted.
#[derive(Debug)]
pub(super) struct Round {
    /// How many of the edits that wait.
    edits: usize,
    /// What the plan after them asks: kept until they are in force.
    pub(super) terms: BTreeSet<TermId>,
    progress: Arc<Progress>,
    /// Who has still to be asked; `None`: it is still being counted.
    behind: Option<Vec<CustomerId>>,
}

impl Round {
    fn is_over(&self) -> bool {
        self.behind.as_ref().is_some_and(Vec::is_empty)
    }

    /// So many edits come into force: whether they were counted to the end, and then what is left of the round.
    pub(super) fn without(mut self, edits: usize) -> (bool, Option<Self>) {
        let left = self.edits.checked_sub(edits).filter(|_| self.is_over());
        self.edits = left.unwrap_or(0);
        (left.is_some(), left.filter(|left| *left > 0).map(|_| self))
    }
}

/// How many of these edits, which were counted together, come into force first: one, with those that belong to it. Of a name
/// that is edited twice only the last meaning was counted, and all of them by the days of the last zone.
pub(super) fn first_in_force(edits: &[Change]) -> usize {
    if edits.iter().any(|edit| edit.name().is_none()) {
        return edits.len();
    }
    let (mut together, mut index) = (edits.len().min(1), 0);
    while index < together {
        let last = edits.iter().rposition(|edit| edit.name() == edits[index].name());
        together = together.max(last.map_or(0, |last| last + 1));
        index += 1;
    }
    together
}

impl Live {
    /// What is to be counted beside, when edits wait and nothing is being counted. Its answer is brought back with
    /// [`Self::bring`].
    pub fn begin(&mut self, columns: &mut Columns) -> Option<Counting> {
        if self.round.is_some() || self.waiting.is_empty() {
            return None;
        }
        let edits = self.waiting.len();
        let plan = self.planned(edits);
        let formulas = self.compile(&plan);
        let terms = users(formulas.iter().map(|(_, formula)| formula)).0.into_keys().collect();
        let counting = self.terms.counting(columns);
        let progress = counting.as_ref().map(Counting::progress).unwrap_or_default();
        let behind = counting.is_none().then(Vec::new);
        self.round = Some(Round { edits, terms, progress, behind });
        counting
    }

    /// Takes in what was counted.
    pub fn bring(&mut self, counted: Counted) {
        if let Some(round) = &mut self.round
            && Arc::ptr_eq(&round.progress, &counted.progress)
        {
            round.behind = Some(self.terms.counted(counted));
        }
    }

    /// Asks at most `customers_max` of those anew of whom something came while it was counted. When nobody is left:
    /// what is to be decided next, so that the edits come into force.
    pub fn catch_up(&mut self, customers_max: usize, columns: &mut Columns) -> Option<Change> {
        let behind = self.round.as_mut()?.behind.as_mut()?;
        let rest = behind.len().saturating_sub(customers_max);
        for customer in behind.split_off(rest) {
            self.ask_behind(customer, columns);
        }
        let round = self.round.as_ref()?;
        if !round.is_over() {
            return None;
        }
        self.terms.caught_up();
        let edits = first_in_force(&self.waiting[..round.edits]);
        Some(Change::Counted { edits: u32::try_from(edits).unwrap_or(u32::MAX) })
    }

    /// Whether somebody is left to be asked anew.
    pub fn is_behind(&self) -> bool {
        let behind = self.round.as_ref().and_then(|round| round.behind.as_ref());
        behind.is_some_and(|behind| !behind.is_empty())
    }

    /// How much of what an audience waits for is counted, in percent; `None`: it waits for nothing.
    pub fn counted_percent(&self, name: &str) -> Option<u32> {
        let percent = || self.round.as_ref().map_or(0, |round| round.progress.percent());
        self.changing.contains(name).then(percent)
    }

    fn ask_behind(&mut self, customer: CustomerId, columns: &mut Columns) {
        let terms = self.terms.take_behind(customer);
        // Who was moved away or hidden has no rows of their own: they are forgotten already.
        if columns.present_owner(customer) != Some(customer) {
            return;
        }
        let asks: Vec<Ask> = terms.into_iter().map(|term| Ask { term, known: None }).collect();
        let story = self.terms.look_up(customer, asks.iter().copied(), columns);
        for ask in asks {
            self.terms.ask(customer, ask, &story);
        }
    }
}
