//! The values at some ranks of several sets at once, each exact, and nothing sorted.
//!
//! A histogram over all lanes says in which of some hundred bins a rank lies; only
//! the few values of that bin are looked at again. Medians and scores of a
//! million customers cost two passes over an array, on all cores.

use columnar::for_each_lane;

/// Those of all cells of a grid of scores together lie in the nearest memory.
const BINS: usize = 256;

/// Sets are made of codes, so they may overlap: a bit for each code that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Bit 3 is code 3.
    pub(crate) codes: u32,
    /// Places in the order of the set's values, from 0.
    pub(crate) ranks: Vec<usize>,
}

/// What stands at a rank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The key of the value.
    pub(crate) key: u64,
    /// How many values of the set are smaller.
    pub(crate) less: usize,
    /// How many are equal, itself among them.
    pub(crate) equal: usize,
}

/// A value that has a key: the order of keys is the order of values.
pub(crate) trait Keyed: Copy + Sync {
    /// The key of this value.
    fn key(self) -> u64;

    /// The value behind a key.
    fn of_key(key: u64) -> Self;
}

/// Values of one lane, and between which keys they lie.
#[derive(Debug, Clone)]
pub(crate) struct Values<T> {
    all: Vec<T>,
    ends: Ends,
}

/// The smallest and the largest of some keys.
#[derive(Debug, Clone, Copy)]
struct Ends {
    first: u64,
    last: u64,
}

impl Ends {
    const NONE: Self = Self { first: u64::MAX, last: u64::MIN };

    /// With the keys of these values.
    fn with<T: Keyed>(self, values: &[T]) -> Self {
        values.iter().fold(self, |ends, value| {
            let key = value.key();
            Self { first: ends.first.min(key), last: ends.last.max(key) }
        })
    }
}

impl<T: Keyed> Values<T> {
    /// For so many values.
    pub(crate) fn with_room(values: usize) -> Self {
        Self { all: Vec::with_capacity(values), ends: Ends::NONE }
    }

    /// Adds values: a few at a time, so that they are still near when their keys are looked at.
    pub(crate) fn extend(&mut self, values: &[T]) {
        self.all.extend_from_slice(values);
        self.ends = self.ends.with(values);
    }

    /// With a code for each.
    pub(crate) fn coded<'v>(&'v self, codes: &'v [u8]) -> Coded<'v, T> {
        Coded { codes, values: &self.all, ends: self.ends }
    }
}

impl<T> std::ops::Deref for Values<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all
    }
}

/// Values of one lane, and to which code each belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coded<'v, T> {
    codes: &'v [u8],
    pub(crate) values: &'v [T],
    ends: Ends,
}

impl<'v, T: Keyed> Coded<'v, T> {
    /// Values that nothing is known of yet.
    pub(crate) fn new(codes: &'v [u8], values: &'v [T]) -> Self {
        Self { codes, values, ends: Ends::NONE.with(values) }
    }
}

/// For each set what stands at each of its ranks. `lanes` has an element for each lane, and every rank is below the
/// number of values of its set.
pub(crate) fn ranked<T: Keyed>(lanes: &[Coded<'_, T>], wanted: &[Wanted]) -> Vec<Vec<Found>> {
    let Some(bins) = Bins::around(lanes) else { return vec![Vec::new(); wanted.len()] };
    let counts = histogram(lanes, &bins);
    let places =
        |set: &Wanted| -> Vec<Place> { set.ranks.iter().map(|rank| place(&counts, set, *rank)).collect() };
    let places: Vec<Vec<Place>> = wanted.iter().map(places).collect();
    let near = if bins.are_values() { Vec::new() } else { near(lanes, &bins, wanted, &places) };
    let find = |set: &Wanted, place: &Place| {
        if bins.are_values() {
            return Found { key: bins.first + place.bin as u64, less: place.before, equal: place.here };
        }
        let is_member = |(code, _): &&(u8, u64)| set.codes >> code & 1 == 1;
        let mut keys: Vec<u64> = near[place.bin].iter().filter(is_member).map(|(_, key)| *key).collect();
        let (below, key, above) = keys.select_nth_unstable(place.rank - place.before);
        let key = *key;
        let less = below.iter().filter(|other| **other < key).count();
        let equal = 1 + (below.len() - less) + above.iter().filter(|other| **other == key).count();
        Found { key, less: place.before + less, equal }
    };
    let found = |(set, places): (&Wanted, &Vec<Place>)| places.iter().map(|place| find(set, place)).collect();
    wanted.iter().zip(&places).map(found).collect()
}

/// Keys in bins of equal width.
struct Bins {
    first: u64,
    shift: u32,
}

impl Bins {
    /// Bins from the smallest to the largest value; `None` when there is none.
    fn around<T>(lanes: &[Coded<'_, T>]) -> Option<Self> {
        let Ends { first, last } =
            lanes.iter().map(|lane| lane.ends).fold(Ends::NONE, |all, Ends { first, last }| Ends {
                first: all.first.min(first),
                last: all.last.max(last),
            });
        let bits = u64::BITS - last.checked_sub(first)?.leading_zeros();
        Some(Self { first, shift: bits.saturating_sub(BINS.ilog2()) })
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a bin is below BINS")]
    fn of(&self, key: u64) -> usize {
        ((key - self.first) >> self.shift) as usize % BINS
    }

    /// Whether all values of a bin are equal.
    fn are_values(&self) -> bool {
        self.shift == 0
    }
}

/// How many values of each code are in each bin.
fn histogram<T: Keyed>(lanes: &[Coded<'_, T>], bins: &Bins) -> Vec<[u32; BINS]> {
    let counted = for_each_lane(|lane| {
        let Coded { codes, values, .. } = lanes[lane.index()];
        let mut counts = vec![[0; BINS]; codes.iter().max().map_or(0, |most| usize::from(*most) + 1)];
        for (code, value) in codes.iter().zip(values) {
            counts[usize::from(*code)][bins.of(value.key())] += 1;
        }
        counts
    });
    let codes = counted.iter().map(Vec::len).max().unwrap_or(0);
    let mut all = vec![[0; BINS]; codes];
    for lane in &counted {
        for (all, here) in all.iter_mut().zip(lane) {
            all.iter_mut().zip(here).for_each(|(all, here)| *all += here);
        }
    }
    all
}

/// Where a rank of a set lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    rank: usize,
    bin: usize,
    /// How many values of the set are in the bins before.
    before: usize,
    /// How many are in this bin.
    here: usize,
}

fn place(counts: &[[u32; BINS]], set: &Wanted, rank: usize) -> Place {
    let members = || counts.iter().enumerate().filter(|(code, _)| set.codes >> code & 1 == 1);
    let mut before = 0;
    for bin in 0..BINS {
        let here = members().map(|(_, counts)| counts[bin] as usize).sum();
        if rank < before + here {
            return Place { rank, bin, before, here };
        }
        before += here;
    }
    unreachable!("a rank is below the number of values")
}

/// By bin all values, with their codes, of bins in which a rank of a set of theirs lies.
fn near<T: Keyed>(
    lanes: &[Coded<'_, T>],
    bins: &Bins,
    wanted: &[Wanted],
    places: &[Vec<Place>],
) -> Vec<Vec<(u8, u64)>> {
    // For each bin the codes of which values are needed.
    let mut needed = [0_u32; BINS];
    for (set, places) in wanted.iter().zip(places) {
        places.iter().for_each(|place| needed[place.bin] |= set.codes);
    }
    let found = for_each_lane(|lane| {
        let Coded { codes, values, .. } = lanes[lane.index()];
        let coded = codes.iter().zip(values).map(|(code, value)| (*code, value.key()));
        coded.filter(|(code, key)| needed[bins.of(*key)] >> code & 1 == 1).collect::<Vec<_>>()
    });
    let mut near = vec![Vec::new(); BINS];
    found.into_iter().flatten().for_each(|(code, key)| near[bins.of(key)].push((code, key)));
    near
}

impl Keyed for i64 {
    #[inline]
    fn key(self) -> u64 {
        self.cast_unsigned() ^ (1 << 63)
    }

    fn of_key(key: u64) -> Self {
        (key ^ (1 << 63)).cast_signed()
    }
}

impl Keyed for u32 {
    #[inline]
    fn key(self) -> u64 {
        u64::from(self)
    }

    fn of_key(key: u64) -> Self {
        Self::try_from(key).expect("it is the key of such a number")
    }
}

/// The order is that of [`f64::total_cmp`].
impl Keyed for f64 {
    #[inline]
    fn key(self) -> u64 {
        let bits = self.to_bits();
        if bits >> 63 == 1 { !bits } else { bits ^ (1 << 63) }
    }

    fn of_key(key: u64) -> Self {
        Self::from_bits(if key >> 63 == 1 { key ^ (1 << 63) } else { !key })
    }
}

#[cfg(test)]
mod tests {
    use model::LANES;
    use proptest::prelude::*;

    use super::*;

    /// Values of three codes, spread over the lanes.
    fn check(values: &[(u8, f64)]) {
        let lanes: Vec<(Vec<u8>, Vec<f64>)> =
            (0..LANES).map(|lane| values.iter().skip(lane).step_by(LANES).copied().unzip()).collect();
        let coded: Vec<Coded<'_, f64>> =
            lanes.iter().map(|(codes, values)| Coded::new(codes, values)).collect();
        let members = |codes: u32| {
            let mut all: Vec<f64> =
                values.iter().filter(|(code, _)| codes >> code & 1 == 1).map(|(_, value)| *value).collect();
            all.sort_unstable_by(f64::total_cmp);
            all
        };
        let sets = (0..8_u32).map(|codes| Wanted { codes, ranks: (0..members(codes).len()).collect() });
        let sets: Vec<Wanted> = sets.collect();
        for (set, found) in sets.iter().zip(ranked(&coded, &sets)) {
            let sorted = members(set.codes);
            for (value, found) in sorted.iter().zip(&found) {
                assert!(f64::of_key(found.key).total_cmp(value).is_eq(), "{found:?} is not {value}");
                assert_eq!(found.less, sorted.iter().filter(|other| other.total_cmp(value).is_lt()).count());
                assert_eq!(found.equal, sorted.iter().filter(|other| other.total_cmp(value).is_eq()).count());
            }
            assert!(sorted.is_empty() || found.len() == sorted.len());
        }
    }

    proptest! {
        #[test]
        fn every_rank_is_what_sorting_says(
            values in proptest::collection::vec(
                (0..3_u8, prop_oneof![(-4..4_i32).prop_map(f64::from), any::<f64>(), Just(f64::INFINITY), Just(-0.0)]),
                0..60,
            ),
        ) {
            check(&values);
        }
    }

    #[test]
    fn values_close_together_are_bins_of_their_own() {
        let numbers: Vec<i64> = vec![5, 3, 3, -2, 5, 5];
        let codes = vec![0; numbers.len()];
        let mut lanes = vec![Coded::new(&[], &[]); LANES];
        lanes[2] = Coded::new(&codes, &numbers);
        let found = ranked(&lanes, &[Wanted { codes: 1, ranks: vec![0, 2, 5] }]);
        let found: Vec<_> =
            found[0].iter().map(|found| (i64::of_key(found.key), found.less, found.equal)).collect();
        assert_eq!(found, [(-2, 0, 1), (3, 1, 2), (5, 3, 3)]);
    }
}
