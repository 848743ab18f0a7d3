//! When time may first change what a term says of each customer: asked once of everybody, when a term is new.

use columnar::{Hit, Property, Snapshot, Span, Stream, View, Walk, for_each_lane};
use model::{CustomerId, Instant, Lane, Row, Text};

use super::term::Term;
use crate::context::Context;
use crate::one;

/// The streams in which something is dated after now: few, as a rule none.
#[derive(Debug)]
pub(super) struct Ahead {
    streams: Vec<Text>,
}

impl Ahead {
    pub(super) fn new(snapshot: &Snapshot, as_of: Instant) -> Self {
        let ahead = |stream: &&Stream| stream.ends().is_some_and(|(_, last)| last > as_of);
        let streams = snapshot.streams().filter(ahead);
        Self { streams: streams.map(|stream| stream.name().clone()).collect() }
    }
}

/// For each customer of whom time alone may change what `term` says: when, at the earliest.
pub(super) fn first_changes(
    term: &Term,
    ahead: &Ahead,
    (snapshot, context): (&Snapshot, &Context<'_>),
) -> Vec<(CustomerId, Instant)> {
    if !term.condition.is_timed() && !term.streams.iter().any(|stream| ahead.streams.contains(stream)) {
        return Vec::new();
    }
    for_each_lane(|lane| lane_changes(term, lane, (snapshot, context))).into_iter().flatten().collect()
}

fn lane_changes(
    term: &Term,
    lane: Lane,
    (snapshot, context): (&Snapshot, &Context<'_>),
) -> Vec<(CustomerId, Instant)> {
    let streams = term.streams.iter().filter_map(|name| snapshot.stream(name));
    let tables: Vec<Source<'_>> = streams
        .flat_map(|stream| stream.views().iter().map(|view| Source::new(stream.name(), view, &term.reads)))
        .collect();
    let since = term.condition.reads_since(context);
    let span = Span { after: since.plus_ms(-1), until: Instant::MAX };
    let mut walk = Walk::new(tables.iter().map(|source| source.view), lane, span);
    let mut changes = Vec::new();
    while let Some((customer, hits)) = walk.next() {
        let rows: Vec<Row> = hits.iter().map(|hit| tables[hit.view as usize].row(customer, hit)).collect();
        let verdict = one::evaluate_leaf(&term.condition, rows.iter().collect(), context);
        changes.extend(verdict.changes_at.map(|at| (customer, at)));
    }
    changes
}

/// A table, and where in it stands what a term reads.
struct Source<'s> {
    stream: &'s Text,
    view: &'s View,
    reads: Vec<(&'s Text, Property<'s>)>,
}

impl<'s> Source<'s> {
    fn new(stream: &'s Text, view: &'s View, reads: &'s [Text]) -> Self {
        Self { stream, view, reads: reads.iter().map(|name| (name, view.property(name))).collect() }
    }

    fn row(&self, customer: CustomerId, hit: &Hit) -> Row {
        let said = |(name, property): &(&Text, Property<'_>)| {
            Some(((*name).clone(), property.value(hit.row as usize)?))
        };
        let properties = self.reads.iter().filter_map(said).collect();
        Row { customer, at: Instant::from_ms(hit.time), stream: self.stream.clone(), properties }
    }
}
