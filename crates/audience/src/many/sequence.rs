//! Sequences over columns: each customer's events of several streams, in one order.

use columnar::{LaneSet, Snapshot, Stream, View, gather};
use model::stream;

use super::events::{LaneMask, Period, Place, Scope, TableFilter, is_after};
use crate::condition::{Sequence, Step};
use crate::context::Context;
use crate::fold::Chain;

/// A sequence, made ready for the tables of a snapshot.
pub(super) struct SequenceScan<'s> {
    /// The tables of all streams that it names, each once.
    tables: Vec<&'s View>,
    steps: Vec<Roles<'s>>,
    without: Option<Roles<'s>>,
    within_ms: Option<i64>,
    period: Period<'s>,
}

/// For each table whether its rows can be this step: not at all, or those that pass.
type Roles<'s> = Vec<Option<Option<TableFilter<'s>>>>;

impl<'s> SequenceScan<'s> {
    pub(super) fn bind(snapshot: &'s Snapshot, sequence: &Sequence, context: &'s Context<'s>) -> Self {
        let mut names: Vec<_> =
            sequence.steps.iter().chain(&sequence.without).map(|step| stream::event(&step.event)).collect();
        names.sort_unstable();
        names.dedup();
        let views = |name| snapshot.stream(name).map_or(&[][..], Stream::views);
        let tables: Vec<_> =
            names.iter().flat_map(|name| views(name).iter().map(move |view| (name, view))).collect();
        let roles = |step: &Step| {
            let name = stream::event(&step.event);
            let filter = |view| step.filter.as_ref().map(|filter| TableFilter::bind(view, filter, context));
            tables.iter().map(|(table, view)| (**table == name).then(|| filter(view))).collect()
        };
        Self {
            steps: sequence.steps.iter().map(roles).collect(),
            without: sequence.without.as_ref().map(roles),
            within_ms: sequence.within.map(|span| span.ms()),
            period: Period::bind(snapshot, &sequence.window, context),
            tables: tables.into_iter().map(|(_, view)| view).collect(),
        }
    }

    pub(super) fn lane(&self, scope: Scope) -> LaneSet {
        let masks = |roles: &Roles<'_>| -> Vec<Option<LaneMask>> {
            let tables = self.tables.iter().zip(roles);
            tables
                .map(|(view, role)| {
                    role.as_ref().map(|filter| LaneMask::new(view, scope.lane, filter.as_ref()))
                })
                .collect()
        };
        let steps: Vec<_> = self.steps.iter().map(masks).collect();
        let without = self.without.as_ref().map(masks).unwrap_or_default();
        let can_be = |masks: &[Option<LaneMask>], view: usize, row: usize| {
            masks.get(view).and_then(Option::as_ref).is_some_and(|mask| mask.contains(row))
        };
        let thresholds = self.period.thresholds(scope);
        let span = self.period.stretch().span();
        let who = self.candidates(scope, &steps);
        let mut chain = Chain::new(self.steps.len(), self.within_ms);
        let mut found = LaneSet::with_room(scope.ordinals);
        gather(self.tables.iter().copied(), scope.lane, &who, span, |customer, hits| {
            chain.reset();
            let ordinal = customer.ordinal() as usize;
            let complete = hits.iter().any(|hit| {
                let (view, row) = (hit.view as usize, hit.row as usize);
                let place = || Place::of(self.tables[view], row);
                thresholds.as_ref().is_none_or(|thresholds| is_after(thresholds, ordinal, place()))
                    && chain.take(
                        hit.time,
                        |step| can_be(&steps[step], view, row),
                        can_be(&without, view, row),
                    )
            });
            if complete {
                found.insert(customer.ordinal());
            }
        });
        found
    }

    /// Who has an event for each step, in whatever order: nobody else needs to be looked at.
    fn candidates(&self, scope: Scope, steps: &[Vec<Option<LaneMask>>]) -> LaneSet {
        let who = |step: &Vec<Option<LaneMask>>| {
            let mut who = LaneSet::with_room(scope.ordinals);
            for (view, mask) in
                self.tables.iter().zip(step).filter_map(|(view, mask)| Some((view, mask.as_ref()?)))
            {
                for row in view.lane(scope.lane).flatten().filter(|row| mask.contains(*row)) {
                    who.insert(view.customer(row).ordinal());
                }
            }
            who
        };
        let mut sets = steps.iter().map(who);
        let first = sets.next().unwrap_or_default();
        sets.fold(first, |mut all, next| {
            all.keep(&next);
            all
        })
    }
}
