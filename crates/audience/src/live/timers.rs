//! When time may first change what a term says of each customer: asked once of everybody, when a term is new.

use columnar::{Snapshot, Span, Stream, View, Walk, for_each_lane};
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
    let tables: Vec<(&Text, &View)> =
        streams.flat_map(|stream| stream.views().iter().map(|view| (stream.name(), view))).collect();
    let since = term.condition.reads_since(context);
    let span = Span { after: since.plus_ms(-1), until: Instant::MAX };
    let mut walk = Walk::new(tables.iter().map(|(_, view)| *view), lane, span);
    let mut changes = Vec::new();
    while let Some((customer, hits)) = walk.next() {
        let row = |hit: &columnar::Hit| {
            let (stream, view) = tables[hit.view as usize];
            let properties = view.only(hit.row as usize, &term.reads);
            Row { customer, at: Instant::from_ms(hit.time), stream: stream.clone(), properties }
        };
        let rows: Vec<Row> = hits.iter().map(row).collect();
        let verdict = one::evaluate(&term.condition, &rows, context).expect("a leaf refers to no audience");
        changes.extend(verdict.changes_at.map(|at| (customer, at)));
    }
    changes
}
