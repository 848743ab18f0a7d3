//! The values at some ranks of several sets at once, each exact, and nothing sorted.
//!
//! A histogram over all lanes says in which of a thousand bins a rank lies; only
//! the few values of that bin are looked at again. Medians and scores of a
//! million customers cost three passes over an array, on all cores.

use columnar::for_each_lane;

const BINS: usize = 1024;

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

/// Values of one lane, and to which code each belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coded<'v, T> {
    pub(crate) codes: &'v [u8],
    pub(crate) values: &'v [T],
}

/// For each set what stands at each of its ranks. `lanes` has an element for each lane, `key` keeps the order of values,
/// and every rank is below the number of values of its set.
pub(crate) fn ranked<T: Copy + Sync>(
    lanes: &[Coded<'_, T>],
    key: impl Fn(T) -> u64 + Sync,
    wanted: &[Wanted],
) -> Vec<Vec<Found>> {
    let Some(bins) = Bins::around(lanes, &key) else { return vec![Vec::new(); wanted.len()] };
    let counts = histogram(lanes, |value| bins.of(key(value)));
    let places =
        |set: &Wanted| -> Vec<Place> { set.ranks.iter().map(|rank| place(&counts, set, *rank)).collect() };
    let places: Vec<Vec<Place>> = wanted.iter().map(places).collect();
    let near = if bins.are_values() { Vec::new() } else { near(lanes, (&bins, &key), wanted, &places) };
    let find = |set: &Wanted, place: &Place| {
        if bins.are_values() {
            return Found { key: bins.first + place.bin as u64, less: place.before, equal: place.here };
        }
        let is_here = |(code, key): &&(u8, u64)| set.codes >> code & 1 == 1 && bins.of(*key) == place.bin;
        let mut keys: Vec<u64> = near.iter().filter(is_here).map(|(_, key)| *key).collect();
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
    fn around<T: Copy + Sync>(lanes: &[Coded<'_, T>], key: &(impl Fn(T) -> u64 + Sync)) -> Option<Self> {
        let ends = for_each_lane(|lane| {
            let none = (u64::MAX, u64::MIN);
            lanes[lane.index()].values.iter().fold(none, |(first, last), value| {
                let key = key(*value);
                (first.min(key), last.max(key))
            })
        });
        let first = ends.iter().map(|(first, _)| *first).min()?;
        let last = ends.iter().map(|(_, last)| *last).max()?;
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
fn histogram<T: Copy + Sync>(lanes: &[Coded<'_, T>], bin: impl Fn(T) -> usize + Sync) -> Vec<[u32; BINS]> {
    let counted = for_each_lane(|lane| {
        let Coded { codes, values } = lanes[lane.index()];
        let mut counts: Vec<[u32; BINS]> = Vec::new();
        for (code, value) in codes.iter().zip(values) {
            let code = usize::from(*code);
            if code >= counts.len() {
                counts.resize(code + 1, [0; BINS]);
            }
            counts[code][bin(*value)] += 1;
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

/// All values, with their codes, of bins in which a rank of a set of theirs lies.
fn near<T: Copy + Sync>(
    lanes: &[Coded<'_, T>],
    (bins, key): (&Bins, &(impl Fn(T) -> u64 + Sync)),
    wanted: &[Wanted],
    places: &[Vec<Place>],
) -> Vec<(u8, u64)> {
    // For each bin the codes of which values are needed.
    let mut needed = [0_u32; BINS];
    for (set, places) in wanted.iter().zip(places) {
        places.iter().for_each(|place| needed[place.bin] |= set.codes);
    }
    let found = for_each_lane(|lane| {
        let Coded { codes, values } = lanes[lane.index()];
        let coded = codes.iter().zip(values).map(|(code, value)| (*code, key(*value)));
        coded.filter(|(code, key)| needed[bins.of(*key)] >> code & 1 == 1).collect::<Vec<_>>()
    });
    found.into_iter().flatten().collect()
}

/// The order of whole numbers as an order of keys.
#[inline]
pub(crate) fn key_of_int(value: i64) -> u64 {
    value.cast_unsigned() ^ (1 << 63)
}

/// The whole number behind a key.
pub(crate) fn int_of_key(key: u64) -> i64 {
    (key ^ (1 << 63)).cast_signed()
}

/// The order of numbers ([`f64::total_cmp`]) as an order of keys.
#[inline]
pub(crate) fn key_of_float(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits ^ (1 << 63) }
}

/// The number behind a key.
pub(crate) fn float_of_key(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key ^ (1 << 63) } else { !key })
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
            lanes.iter().map(|(codes, values)| Coded { codes, values }).collect();
        let members = |codes: u32| {
            let mut all: Vec<f64> =
                values.iter().filter(|(code, _)| codes >> code & 1 == 1).map(|(_, value)| *value).collect();
            all.sort_unstable_by(f64::total_cmp);
            all
        };
        let sets = (0..8_u32).map(|codes| Wanted { codes, ranks: (0..members(codes).len()).collect() });
        let sets: Vec<Wanted> = sets.collect();
        for (set, found) in sets.iter().zip(ranked(&coded, key_of_float, &sets)) {
            let sorted = members(set.codes);
            for (value, found) in sorted.iter().zip(&found) {
                assert!(float_of_key(found.key).total_cmp(value).is_eq(), "{found:?} is not {value}");
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
        let mut lanes = vec![Coded { codes: &[][..], values: &[][..] }; LANES];
        lanes[2] = Coded { codes: &codes, values: &numbers };
        let found = ranked(&lanes, key_of_int, &[Wanted { codes: 1, ranks: vec![0, 2, 5] }]);
        let found: Vec<_> =
            found[0].iter().map(|found| (int_of_key(found.key), found.less, found.equal)).collect();
        assert_eq!(found, [(-2, 0, 1), (3, 1, 2), (5, 3, 3)]);
    }
}
