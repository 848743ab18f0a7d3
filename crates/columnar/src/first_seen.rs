//! When each customer was first seen: an array per lane, in chunks that snapshots share.

use std::sync::Arc;

use model::{CustomerId, Instant, LANES, Lane};

use crate::set::LaneSet;

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

/// A bit for each of these instants: whether it was at or before `as_of`.
fn seen(firsts: &[i64], as_of: Instant) -> u64 {
    let last = as_of.ms().min(NEVER - 1);
    firsts.iter().rev().fold(0, |word, first| word << 1 | u64::from(*first <= last))
}

fn place(customer: CustomerId) -> (usize, usize) {
    let ordinal = customer.ordinal() as usize;
    (ordinal / CHUNK, ordinal % CHUNK)
}
