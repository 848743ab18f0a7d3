//! How many anchors have each path.

use rustc_hash::FxHashMap;

/// Steps as places in the list of streams, the nearest to the anchor first; the number of anchors with them.
pub(super) type Counts = FxHashMap<Vec<u16>, u64>;

/// Paths that have a number of their own are counted in an array of at most so many places.
const PLACES_MAX: usize = 1 << 16;

/// Counts paths.
pub(super) enum Tally {
    /// A path is a number whose digits are its steps.
    Numbered { base: usize, counts: Vec<u64> },
    /// There are too many paths for that.
    Named(Counts),
}

impl Tally {
    /// Of paths of at most `steps` steps in `streams` streams.
    pub(super) fn new(streams: usize, steps: usize) -> Self {
        let base = streams + 1;
        let places = u32::try_from(steps).ok().and_then(|steps| base.checked_pow(steps));
        match places.filter(|places| *places <= PLACES_MAX) {
            Some(places) => Self::Numbered { base, counts: vec![0; places] },
            None => Self::Named(Counts::default()),
        }
    }

    /// Counts one.
    #[inline]
    pub(super) fn add(&mut self, path: &[u16]) {
        match self {
            // No digit is 0, so that a shorter path is another number.
            Self::Numbered { base, counts } => {
                counts[path.iter().rev().fold(0, |number, step| number * *base + usize::from(*step) + 1)] +=
                    1;
            }
            Self::Named(counts) => match counts.get_mut(path) {
                Some(count) => *count += 1,
                None => drop(counts.insert(path.to_vec(), 1)),
            },
        }
    }

    /// What was counted.
    pub(super) fn finish(self) -> Counts {
        match self {
            Self::Numbered { base, counts } => {
                let seen = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
                seen.map(|(number, count)| (digits(number, base), count)).collect()
            }
            Self::Named(counts) => counts,
        }
    }
}

/// The steps of a path with this number.
fn digits(mut number: usize, base: usize) -> Vec<u16> {
    let mut steps = Vec::new();
    while number > 0 {
        steps.push(u16::try_from(number % base - 1).expect("there are few streams"));
        number /= base;
    }
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_path_is_counted_by_itself(paths in proptest::collection::vec(proptest::collection::vec(0_u16..3, 0..4), 0..60)) {
            let count = |mut tally: Tally| {
                paths.iter().for_each(|path| tally.add(path));
                tally.finish()
            };
            let (numbered, named) = (Tally::new(3, 4), Tally::new(usize::from(u16::MAX), 10));
            let is_numbered = |tally: &Tally| matches!(tally, Tally::Numbered { .. });
            prop_assert!(is_numbered(&numbered) && !is_numbered(&named));
            prop_assert_eq!(count(numbered), count(named));
        }
    }
}
