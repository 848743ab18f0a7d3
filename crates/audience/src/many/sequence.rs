//! Sequences over columns: chains of events, one for each step.

use columnar::{Chains, Hit, LaneSet, Snapshot};
use model::stream;

use super::events::{Events, LaneMask, Place, Scope, is_after};
use crate::condition::{Sequence, Step};
use crate::context::Context;

/// A sequence, made ready for the tables of a snapshot.
pub(super) struct SequenceScan<'s> {
    steps: Vec<Events<'s>>,
    without: Option<Events<'s>>,
    within_ms: i64,
}

impl<'s> SequenceScan<'s> {
    pub(super) fn bind(snapshot: &'s Snapshot, sequence: &Sequence, context: &'s Context<'s>) -> Self {
        let bind = |step: &Step| {
            let event = stream::event(&step.event);
            Events::bind(snapshot, &event, step.filter.as_ref(), &sequence.window, context)
        };
        Self {
            steps: sequence.steps.iter().map(bind).collect(),
            without: sequence.without.as_ref().map(bind),
            within_ms: sequence.within.map_or(i64::MAX, |span| span.ms()),
        }
    }

    pub(super) fn lane(&self, scope: Scope) -> LaneSet {
        let mut chains = Chains {
            steps: self.steps.iter().map(|events| step(events, scope)).collect(),
            without: self.without.as_ref().map(|events| step(events, scope)),
            within_ms: self.within_ms,
        };
        // Whoever has not done everything need not be looked at at all.
        let mut among = who(&self.steps[0], scope);
        self.steps[1..].iter().for_each(|events| among.keep(&who(events, scope)));
        let last = self.steps.len() - 1;
        let mut found = LaneSet::with_room(scope.ordinals);
        chains.each(Some(&among), |step, ordinal, _| {
            if step == last {
                found.insert(ordinal);
            }
        });
        found
    }
}

/// Everybody who may have one of these events, whenever.
fn who(events: &Events<'_>, scope: Scope) -> LaneSet {
    columnar::who(events.tables.iter().map(|table| table.view), scope.lane)
}

/// The events that can be one step, of one lane.
fn step<'e>(events: &'e Events<'_>, scope: Scope) -> columnar::Step<'e> {
    let stretch = events.period().stretch();
    let touches = |view: &columnar::View| view.extent(scope.lane).touches(stretch.span());
    let tables: Vec<_> = events.tables.iter().filter(|table| touches(table.view)).collect();
    let is_within = tables.iter().all(|table| table.view.extent(scope.lane).is_within(stretch.span()));
    let views: Vec<_> = tables.iter().map(|table| table.view).collect();
    let thresholds = events.period().thresholds(scope);
    let is_filtered = tables.iter().any(|table| table.filter.is_some());
    if is_within && !is_filtered && thresholds.is_none() {
        return columnar::Step::new(views, scope.lane, None);
    }
    let mask =
        |table: &&super::events::EventTable<'_>| LaneMask::new(table.view, scope.lane, table.filter.as_ref());
    let masks: Vec<_> = tables.iter().map(mask).collect();
    let known = views.clone();
    let counts = move |ordinal: u32, hit: &Hit| {
        let (view, row) = (hit.view as usize, hit.row as usize);
        let is_late = |thresholds| is_after(thresholds, ordinal as usize, Place::of(known[view], row));
        stretch.contains(hit.time) && masks[view].contains(row) && thresholds.as_ref().is_none_or(is_late)
    };
    columnar::Step::new(views, scope.lane, Some(Box::new(counts)))
}
