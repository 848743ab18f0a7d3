//! What questions read: all rows appended so far, immutable, cheap to keep.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{CustomerId, Instant, Lane, Row, Text};
use serde::{Deserialize, Serialize};

use crate::first_seen::FirstSeen;
use crate::missing::{Gaps, Missing};
use crate::parallel::for_each_lane;
use crate::set::{CustomerSet, LaneSet};
use crate::span::Span;
use crate::table::View;

/// Every row that was appended before it was taken, for as long as it is kept.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) streams: Arc<BTreeMap<Text, Stream>>,
    pub(crate) first_seen: FirstSeen,
    pub(crate) gaps: Gaps,
}

/// All rows of one stream, in a few tables; each row is in exactly one.
#[derive(Debug, Clone)]
pub struct Stream {
    name: Text,
    views: Arc<[View]>,
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
        Self { gaps: self.gaps.fresh(), ..self.clone() }
    }

    /// The missing parts whose rows were asked for, through this snapshot or a clone of it.
    pub fn missed(&self) -> impl Iterator<Item = &Missing> {
        self.gaps.asked_for()
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
        let mut found: Vec<(Place, &Stream, &View, usize)> = Vec::new();
        for stream in self.streams.values() {
            for view in stream.views() {
                let rows = view.find(customer).flatten();
                let here = rows.filter(|row| story.span.contains(view.times()[*row]));
                found.extend(here.map(|row| (place(view, row), stream, view, row)));
            }
        }
        match story.order {
            Order::OldestFirst => {
                found.retain(|(place, ..)| story.after.is_none_or(|after| *place > after));
                found.sort_unstable_by_key(|(place, ..)| *place);
            }
            Order::NewestFirst => {
                found.retain(|(place, ..)| story.after.is_none_or(|after| *place < after));
                found.sort_unstable_by_key(|(place, ..)| std::cmp::Reverse(*place));
            }
        }
        found.truncate(story.limit);
        let tell = |(place, stream, view, row): (Place, &Stream, &View, usize)| Told {
            place,
            origin: view.origin(row),
            row: Row {
                customer,
                at: place.at,
                stream: stream.name.clone(),
                properties: view.properties(row),
            },
        };
        found.into_iter().map(tell).collect()
    }
}

fn place(view: &View, row: usize) -> Place {
    Place { at: view.at(row), arrival: view.arrival(row) }
}

impl Stream {
    pub(crate) fn new(name: Text, views: Vec<View>) -> Self {
        Self { name, views: views.into() }
    }

    /// Its name: see `model::stream`.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Its tables, each sorted by (lane, ordinal, time, arrival). Whoever does not care for the order of the rows of
    /// one customer goes through them one after another; [`crate::Walk`] is for those who do.
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// How many rows count.
    pub fn rows(&self) -> usize {
        self.views.iter().map(View::rows).sum()
    }

    /// The last row at or before `as_of` of each customer of this lane: what a trait, a consent, a topic says then.
    pub fn latest(&self, lane: Lane, as_of: Instant) -> Latest {
        let mut latest = Latest::default();
        for (index, view) in self.views.iter().enumerate() {
            let times = view.times();
            for row in view.lane(lane).flatten().filter(|row| times[*row] <= as_of.ms()) {
                let ordinal = view.customer(row).ordinal() as usize;
                let before = latest.get(ordinal);
                let later =
                    |(index, other): (usize, usize)| place(view, row) > place(&self.views[index], other);
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
