//! What questions read: all rows appended so far, immutable, cheap to keep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{CustomerId, Instant, Lane, Row, Text};
use serde::{Deserialize, Serialize};

use crate::cold::{Asked, Crowded, Old, Question};
use crate::first_seen::FirstSeen;
use crate::missing::{Gaps, Missing};
use crate::parallel::for_each_lane;
use crate::set::{CustomerSet, LaneSet};
use crate::span::Span;
use crate::table::{Table, View};

/// Every row that was appended before it was taken, for as long as it is kept.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) streams: Arc<BTreeMap<Text, Stream>>,
    pub(crate) first_seen: FirstSeen,
    pub(crate) gaps: Gaps,
    pub(crate) question: Arc<Question>,
    pub(crate) kept_from: Instant,
}

/// All rows of one stream, in a few tables; each row is in exactly one.
#[derive(Debug, Clone)]
pub struct Stream {
    name: Text,
    /// The tables in memory.
    near: Arc<[View]>,
    /// The old parts; `None`: there are none.
    far: Option<Arc<Asked>>,
}

/// Which part of a customer's story to tell.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Only what happened then.
    pub span: Span,
    /// From which end.
    pub order: Order,
    /// Go on after this place, which an earlier page ended with.
    pub after: Option<Place>,
    /// At most so many rows.
    pub limit: usize,
}

/// From which end a story is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The latest first.
    NewestFirst,
    /// The earliest first.
    OldestFirst,
}

/// A place in a customer's story: rows are ordered by instant, then by arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// When it happened.
    pub at: Instant,
    /// Its place in the order of arrival.
    pub arrival: u64,
}

/// One row of a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Where it stands.
    pub place: Place,
    /// Whom it arrived for, before it was moved to this customer; the customer when it was not.
    pub origin: CustomerId,
    /// What happened.
    pub row: Row,
}

impl Snapshot {
    /// The same rows for one question, which begins to note what it misses.
    #[must_use]
    pub fn for_question(&self) -> Self {
        self.asking(Arc::new(self.question.fresh()), self.gaps.fresh(), |_| Instant::MIN)
    }

    /// The same rows for a part of the question that looks at nothing that happened before `since` in streams of old
    /// parts: these parts are then not read. It may show earlier rows all the same.
    #[must_use]
    pub fn reading_since(&self, since: Instant) -> Self {
        let later = |asked: &Asked| asked.since().max(since);
        self.asking(Arc::clone(&self.question), self.gaps.clone(), later)
    }

    fn asking(&self, question: Arc<Question>, gaps: Gaps, since: impl Fn(&Asked) -> Instant) -> Self {
        let streams = if self.streams.values().all(|stream| stream.far.is_none()) {
            Arc::clone(&self.streams)
        } else {
            let again = |(name, stream): (&Text, &Stream)| {
                let far = stream.far.as_ref().map(|asked| Arc::new(asked.again(&question, since(asked))));
                (name.clone(), Stream { far, ..stream.clone() })
            };
            Arc::new(self.streams.iter().map(again).collect())
        };
        Self { streams, first_seen: self.first_seen.clone(), gaps, question, kept_from: self.kept_from }
    }

    /// The missing parts whose rows were asked for, through this snapshot or a clone of it.
    pub fn missed(&self) -> Vec<Missing> {
        let mut missed: Vec<Missing> = self.gaps.asked_for().cloned().collect();
        missed.extend(self.question.lost());
        missed
    }

    /// Whether old rows were asked for and there was no room for them: then what was computed is no answer.
    pub fn crowded(&self) -> Option<Crowded> {
        self.question.crowded()
    }

    /// The parts that cannot be read: their rows are in no answer.
    pub fn missing(&self) -> &[Missing] {
        self.gaps.missing()
    }

    /// Every stream that has a row, by name.
    pub fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.gaps.note(|_| true);
        self.streams.values()
    }

    /// The stream of this name, when it has a row.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.gaps.note(|stream| stream == name);
        self.streams.get(name)
    }

    /// Every stream whose name begins so: `event:` for all events.
    pub fn streams_of<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = &'s Stream> {
        self.gaps.note(|stream| stream.starts_with(prefix));
        let from = self.streams.range(Text::from(prefix)..);
        from.map(|(_, stream)| stream).take_while(move |stream| stream.name.starts_with(prefix))
    }

    /// Everybody who was first seen (in any stream) at or before `as_of`, without who was moved away or hidden.
    pub fn customers(&self, as_of: Instant) -> CustomerSet {
        self.gaps.note(|_| true);
        CustomerSet::from_lanes(for_each_lane(|lane| self.first_seen.seen(lane, as_of)))
    }

    /// The part of [`Self::customers`] in one lane.
    pub fn seen(&self, lane: Lane, as_of: Instant) -> LaneSet {
        self.gaps.note(|_| true);
        self.first_seen.seen(lane, as_of)
    }

    /// Takes out of `set` whoever is not in [`Self::seen`]: quicker when few are in it.
    pub fn keep_seen(&self, lane: Lane, as_of: Instant, set: &mut LaneSet) {
        self.gaps.note(|_| true);
        self.first_seen.keep(lane, as_of, set);
    }

    /// Every ordinal of this lane is below this: the length of an array with a place for each.
    pub fn ordinals(&self, lane: Lane) -> usize {
        self.first_seen.ordinals(lane)
    }

    /// When this customer was first seen; `None`: nobody has seen them, they were moved away, or are hidden.
    pub fn first_seen(&self, customer: CustomerId) -> Option<Instant> {
        self.gaps.note(|_| true);
        self.first_seen.get(customer).map(Instant::from_ms)
    }

    /// What happened to one customer, over all streams, in order.
    pub fn story(&self, customer: CustomerId, story: &Story) -> Vec<Told> {
        self.gaps.note(|_| true);
        let mut found: Vec<Found<'_>> = Vec::new();
        for stream in self.streams.values() {
            for view in &*stream.near {
                let rows = view.find(customer).flatten();
                found.extend(rows.map(|row| (place(view, row), stream, Arc::clone(&view.table), row)));
            }
        }
        story.cut(&mut found);
        let mut old: Vec<(&Stream, &Arc<Old>)> = Vec::new();
        for stream in self.streams.values() {
            let asked = stream.far.iter().flat_map(|asked| asked.parts());
            old.extend(asked.filter(|old| old.touches(story.span)).map(|old| (stream, old)));
        }
        match story.order {
            Order::OldestFirst => old.sort_by_key(|(_, old)| old.entry.earliest),
            Order::NewestFirst => old.sort_by_key(|(_, old)| std::cmp::Reverse(old.entry.latest)),
        }
        for (stream, old) in old {
            if !story.may_need(old, &found) {
                continue;
            }
            for view in self.question.views(old) {
                let rows = view.find(customer).flatten();
                found.extend(rows.map(|row| (place(&view, row), stream, Arc::clone(&view.table), row)));
            }
            story.cut(&mut found);
        }
        let tell = |(place, stream, table, row): Found<'_>| Told {
            place,
            origin: table.origin(row),
            row: Row {
                customer,
                at: place.at,
                stream: stream.name.clone(),
                properties: table.properties(row),
            },
        };
        found.into_iter().map(tell).collect()
    }
}

/// A row of a story, before it is told.
type Found<'s> = (Place, &'s Stream, Arc<Table>, usize);

impl Story {
    /// Only the rows of this page, in order.
    fn cut(&self, found: &mut Vec<Found<'_>>) {
        found.retain(|(place, ..)| self.span.contains(place.at.ms()));
        match self.order {
            Order::OldestFirst => {
                found.retain(|(place, ..)| self.after.is_none_or(|after| *place > after));
                found.sort_unstable_by_key(|(place, ..)| *place);
            }
            Order::NewestFirst => {
                found.retain(|(place, ..)| self.after.is_none_or(|after| *place < after));
                found.sort_unstable_by_key(|(place, ..)| std::cmp::Reverse(*place));
            }
        }
        found.truncate(self.limit);
    }

    /// Whether an old part may hold a row of this page, of which `found` is known.
    fn may_need(&self, old: &Old, found: &[Found<'_>]) -> bool {
        let last = found.last().filter(|_| found.len() == self.limit).map(|(place, ..)| place.at);
        match self.order {
            Order::OldestFirst => {
                last.is_none_or(|last| old.entry.earliest <= last)
                    && self.after.is_none_or(|after| old.entry.latest >= after.at)
            }
            Order::NewestFirst => {
                last.is_none_or(|last| old.entry.latest >= last)
                    && self.after.is_none_or(|after| old.entry.earliest <= after.at)
            }
        }
    }
}

fn place(view: &View, row: usize) -> Place {
    Place { at: view.at(row), arrival: view.arrival(row) }
}

impl Stream {
    pub(crate) fn new(name: Text, near: Vec<View>, old: Arc<[Arc<Old>]>, question: &Arc<Question>) -> Self {
        let far = || Arc::new(Asked::new(old.clone(), Arc::clone(question), Instant::MIN));
        Self { name, near: near.into(), far: (!old.is_empty()).then(far) }
    }

    /// Its name: see `model::stream`.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Its tables, each sorted by (lane, ordinal, time, arrival). Whoever does not care for the order of the rows of
    /// one customer goes through them one after another; [`crate::Walk`] is for those who do.
    ///
    /// Old parts are brought from the shelf, once for a question; their properties when they are named. What cannot be
    /// had is not among them, and the snapshot notes it.
    pub fn views(&self) -> &[View] {
        self.far.as_ref().map_or(&*self.near, |asked| asked.views(&self.near))
    }

    /// The tables in memory.
    pub(crate) fn near(&self) -> &[View] {
        &self.near
    }

    /// The old parts that are needed.
    pub(crate) fn old(&self) -> impl Iterator<Item = &Arc<Old>> {
        self.far.iter().flat_map(|asked| asked.parts())
    }

    /// How many rows count. Old parts are not read for this: rows of erased customers there are counted until their
    /// part is written anew.
    pub fn rows(&self) -> usize {
        let far = self.far.as_ref().map_or(0, |asked| asked.rows());
        self.near.iter().map(View::rows).sum::<usize>() + far
    }

    /// When its first and its last row happened, holes included; `None`: it has none. Old parts are not read for this.
    pub fn ends(&self) -> Option<(Instant, Instant)> {
        let lanes = |view: &View| Lane::all().map(|lane| view.extent(lane)).collect::<Vec<_>>();
        let extents = self.near.iter().flat_map(lanes).filter(|extent| extent.first <= extent.last);
        let near = extents.map(|extent| (Instant::from_ms(extent.first), Instant::from_ms(extent.last)));
        let far = self.far.iter().flat_map(|asked| asked.ends()).map(|ends| (ends.start, ends.end));
        near.chain(far).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The names of all properties that some row may have, each once, by the alphabet. Old parts are not read for this.
    pub fn property_names(&self) -> Vec<Text> {
        let near = self.near.iter().flat_map(|view| view.columns()).map(|named| &named.name);
        let far = self.far.iter().flat_map(|asked| asked.names());
        let names: BTreeSet<&Text> = near.chain(far).collect();
        names.into_iter().cloned().collect()
    }

    /// The last row at or before `as_of` of each customer of this lane: what a trait, a consent, a topic says then.
    pub fn latest(&self, lane: Lane, as_of: Instant) -> Latest {
        let mut latest = Latest::default();
        let views = self.views();
        for (index, view) in views.iter().enumerate() {
            let times = view.times();
            for row in view.lane(lane).flatten().filter(|row| times[*row] <= as_of.ms()) {
                let ordinal = view.customer(row).ordinal() as usize;
                let before = latest.get(ordinal);
                let later = |(index, other): (usize, usize)| place(view, row) > place(&views[index], other);
                if before.is_none_or(|before| before.0 == index || later(before)) {
                    latest.set(ordinal, (index, row));
                }
            }
        }
        latest
    }
}

/// The last row of each customer of one lane: (which of [`Stream::views`], row).
#[derive(Debug, Clone, Default)]
pub struct Latest {
    places: Vec<(u32, u32)>,
}

const NOWHERE: (u32, u32) = (u32::MAX, u32::MAX);

impl Latest {
    /// The row of the customer with this ordinal: (which of [`Stream::views`], row).
    pub fn get(&self, ordinal: usize) -> Option<(usize, usize)> {
        let place = self.places.get(ordinal).copied().filter(|place| *place != NOWHERE);
        place.map(|(view, row)| (view as usize, row as usize))
    }

    /// Every ordinal with a row, and the row.
    pub fn iter(&self) -> impl Iterator<Item = (u32, (usize, usize))> + '_ {
        (0_u32..).zip(0..self.places.len()).filter_map(|(ordinal, place)| Some((ordinal, self.get(place)?)))
    }

    fn set(&mut self, ordinal: usize, (view, row): (usize, usize)) {
        if ordinal >= self.places.len() {
            self.places.resize(ordinal + 1, NOWHERE);
        }
        let number = |number: usize| u32::try_from(number).expect("a table has less than 2^32 rows");
        self.places[ordinal] = (number(view), number(row));
    }
}
