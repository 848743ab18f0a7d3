//! When each customer was first seen: an array per lane, in chunks that snapshots share.

use std::ops::Range;
use std::sync::Arc;

use model::{CustomerId, Instant, LANES, Lane, Properties};
use rustc_hash::FxHashMap;

use crate::build::{Tail, Waiting};
use crate::set::LaneSet;
use crate::table::{Table, View};

const CHUNK: usize = 4096;
const NEVER: i64 = i64::MAX;

/// When each customer was first seen. A clone shares every chunk; a change copies one.
#[derive(Debug, Clone, Default)]
pub(crate) struct FirstSeen {
    lanes: [Vec<Arc<[i64; CHUNK]>>; LANES],
}

impl FirstSeen {
    /// When this customer was first seen.
    pub(crate) fn get(&self, customer: CustomerId) -> Option<i64> {
        let (chunk, place) = place(customer);
        let ms = self.lanes[customer.lane().index()].get(chunk).map_or(NEVER, |chunk| chunk[place]);
        (ms != NEVER).then_some(ms)
    }

    /// This customer was seen at `ms`, and perhaps before.
    pub(crate) fn see(&mut self, customer: CustomerId, ms: i64) {
        if self.get(customer).is_none_or(|first| ms < first) {
            self.set(customer, Some(ms));
        }
    }

    /// This customer was first seen then, whatever we knew.
    pub(crate) fn set(&mut self, customer: CustomerId, ms: Option<i64>) {
        let (chunk, place) = place(customer);
        let chunks = &mut self.lanes[customer.lane().index()];
        while chunks.len() <= chunk {
            chunks.push(Arc::new([NEVER; CHUNK]));
        }
        Arc::make_mut(&mut chunks[chunk])[place] = ms.map_or(NEVER, |ms| ms.min(NEVER - 1));
    }

    /// Every ordinal of this lane is below this.
    pub(crate) fn ordinals(&self, lane: Lane) -> usize {
        self.lanes[lane.index()].len() * CHUNK
    }

    /// Who was first seen at or before `as_of`.
    pub(crate) fn seen(&self, lane: Lane, as_of: Instant) -> LaneSet {
        LaneSet::from_words(self.words(lane).map(|firsts| seen(firsts, as_of)))
    }

    /// Takes whoever was first seen after `as_of`, or never, out of `set`.
    pub(crate) fn keep(&self, lane: Lane, as_of: Instant, set: &mut LaneSet) {
        let mut words = self.words(lane);
        set.each_word(|word| {
            let firsts = words.next();
            if *word != 0 {
                *word &= firsts.map_or(0, |firsts| seen(firsts, as_of));
            }
        });
    }

    /// The instants of a lane, as many at a time as a word has bits.
    fn words(&self, lane: Lane) -> impl Iterator<Item = &[i64]> {
        self.lanes[lane.index()].iter().flat_map(|chunk| chunk.chunks_exact(u64::BITS as usize))
    }
}

/// When customers were first seen in rows that leave the hot parts, by whom the rows arrived for.
#[derive(Debug, Default)]
pub(crate) struct Firsts(FxHashMap<CustomerId, (i64, u64)>);

impl Firsts {
    /// Sees these rows of a table.
    pub(crate) fn see_all(&mut self, view: &View, rows: impl Iterator<Item = Range<usize>>) {
        let mut before = None;
        for row in rows.flatten() {
            // Rows of one customer stand together, the first one first.
            let origins = (view.customer(row), view.origin(row));
            if before.replace(origins) != Some(origins) {
                self.see(origins.1, (view.times()[row], view.arrival(row)));
            }
        }
    }

    /// Sees a row that arrived for this customer, by when it happened and arrived.
    pub(crate) fn see(&mut self, origin: CustomerId, place: (i64, u64)) {
        let first = self.0.entry(origin).or_insert(place);
        *first = place.min(*first);
    }

    /// A row for each of them; `None`: nobody was seen.
    pub(crate) fn into_table(self) -> Option<Table> {
        let mut tail = Tail::default();
        for (origin, (time, arrival)) in self.0 {
            tail.push(Waiting { origin, time, arrival }, Properties::new());
        }
        (!tail.is_empty()).then(|| tail.into_table(Some))
    }
}

/// A bit for each of these instants: whether it was at or before `as_of`.
fn seen(firsts: &[i64], as_of: Instant) -> u64 {
    let last = as_of.ms().min(NEVER - 1);
    firsts.iter().rev().fold(0, |word, first| word << 1 | u64::from(*first <= last))
}

fn place(customer: CustomerId) -> (usize, usize) {
    let ordinal = customer.ordinal() as usize;
    (ordinal / CHUNK, ordinal % CHUNK)
}
