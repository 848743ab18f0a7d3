//! Counting: what new terms say of everybody, and when time may first change it, over a snapshot and beside everything
//! else.
//!
//! It changes nothing. What came while it counted is settled by whoever takes its answer in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use columnar::{CustomerSet, Hit, Property, Snapshot, Span, Stream, View, Walk};
use model::{CustomerId, Instant, Lane, Row, Text};

use super::term::{Leaf, TermId};
use super::timers::Timers;
use crate::context::Context;
use crate::many::Cores;
use crate::{many, one};

/// Terms that are to be counted: everybody is asked.
#[derive(Debug)]
pub struct Counting {
    pub(super) snapshot: Snapshot,
    pub(super) terms: Vec<(TermId, Leaf, Context<'static>)>,
    pub(super) progress: Arc<Progress>,
}

/// How far the counting has come.
#[derive(Debug, Default)]
pub struct Progress {
    counted: AtomicUsize,
    terms: usize,
    stopped: AtomicBool,
}

impl Progress {
    pub(super) fn of(terms: usize) -> Arc<Self> {
        Arc::new(Self { terms, ..Self::default() })
    }

    /// How much of it is done, in percent.
    pub(super) fn percent(&self) -> u32 {
        let percent = (100 * self.counted.load(Ordering::Relaxed)).checked_div(self.terms);
        percent.and_then(|percent| u32::try_from(percent).ok()).unwrap_or(100)
    }

    /// Nobody waits for it any more: it ends after the term that it is at.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// What was counted.
#[derive(Debug)]
pub struct Counted {
    /// Of which counting.
    pub(super) progress: Arc<Progress>,
    pub(super) terms: Vec<(TermId, Found)>,
}

/// What one term says.
#[derive(Debug)]
pub(super) struct Found {
    /// Of whom it says something else than of somebody who has no rows.
    pub(super) deviates: CustomerSet,
    pub(super) timers: Timers,
}

impl Counting {
    /// Counts on one core, so that the others are left to whatever else goes on.
    pub fn run(self) -> Counted {
        self.run_on(Cores::One)
    }

    pub(super) fn run_on(self, cores: Cores) -> Counted {
        let mut terms = Vec::new();
        for (id, leaf, context) in &self.terms {
            if self.progress.stopped.load(Ordering::Relaxed) {
                break;
            }
            terms.push((*id, count(leaf, (&self.snapshot, context), cores)));
            self.progress.counted.fetch_add(1, Ordering::Relaxed);
        }
        Counted { progress: self.progress, terms }
    }

    /// To look at how far it is, or to end it early, while it runs elsewhere.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

fn count(leaf: &Leaf, (snapshot, context): (&Snapshot, &Context<'_>), cores: Cores) -> Found {
    let holds = many::evaluate_on(cores, &leaf.condition, snapshot, context);
    let holds = holds.expect("a leaf refers to no audience");
    let ahead = Ahead::new(snapshot, context.as_of);
    let changes = first_changes(leaf, (&ahead, &holds), (snapshot, context), cores);
    let deviates = if leaf.of_nobody { snapshot.customers(context.as_of) - &holds } else { holds };
    Found { deviates, timers: changes.into_iter().collect() }
}

/// The streams in which something is dated after now: few, as a rule none.
#[derive(Debug)]
struct Ahead {
    streams: Vec<Text>,
}

impl Ahead {
    fn new(snapshot: &Snapshot, as_of: Instant) -> Self {
        let ahead = |stream: &&Stream| stream.ends().is_some_and(|(_, last)| last > as_of);
        let streams = snapshot.streams().filter(ahead);
        Self { streams: streams.map(|stream| stream.name().clone()).collect() }
    }
}

/// For each customer of whom time alone may change what `leaf`, which `holds` of these, says: when, at the earliest.
fn first_changes(
    leaf: &Leaf,
    (ahead, holds): (&Ahead, &CustomerSet),
    (snapshot, context): (&Snapshot, &Context<'_>),
    cores: Cores,
) -> Vec<(CustomerId, Instant)> {
    let is_ahead = leaf.streams.iter().any(|stream| ahead.streams.contains(stream));
    if !leaf.condition.is_timed() && !is_ahead {
        return Vec::new();
    }
    let of = (leaf.condition.waits_for_events() && !is_ahead).then_some(holds);
    let lanes = cores.each_lane(|lane| lane_changes(leaf, (lane, of), (snapshot, context)));
    lanes.into_iter().flatten().collect()
}

/// The same of one lane, of all customers in it or only `of` some.
fn lane_changes(
    leaf: &Leaf,
    (lane, of): (Lane, Option<&CustomerSet>),
    (snapshot, context): (&Snapshot, &Context<'_>),
) -> Vec<(CustomerId, Instant)> {
    let streams = leaf.streams.iter().filter_map(|name| snapshot.stream(name));
    let tables: Vec<Source<'_>> = streams
        .flat_map(|stream| stream.views().iter().map(|view| Source::new(stream.name(), view, &leaf.reads)))
        .collect();
    let since = leaf.condition.reads_since(context);
    let span = Span { after: since.plus_ms(-1), until: Instant::MAX };
    let mut walk = Walk::new(tables.iter().map(|source| source.view), lane, span);
    let mut changes = Vec::new();
    while let Some((customer, hits)) = walk.next() {
        if of.is_some_and(|of| !of.contains(customer)) {
            continue;
        }
        let rows: Vec<Row> = hits.iter().map(|hit| tables[hit.view as usize].row(customer, hit)).collect();
        let (verdict, _) = one::evaluate_leaf(&leaf.condition, rows.iter().collect(), context);
        changes.extend(verdict.changes_at.map(|at| (customer, at)));
    }
    changes
}

/// A table, and where in it stands what a leaf reads.
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
