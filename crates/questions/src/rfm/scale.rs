//! From values to scores: percentile of v among n = (less(v) + ½·equal(v)) / n; score = min(5, 1 + ⌊5·percentile⌋).
//!
//! A score only grows with the value, so four bounds say all: each is found by
//! its rank, and nothing is sorted.

use crate::rfm::groups::SCORES;
use crate::statistics::ranks::{Coded, Keyed, Wanted, ranked};

/// The four bounds between five scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale<T> {
    bounds: Vec<Bound<T>>,
}

/// Where a score begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound<T> {
    /// This value …
    pub value: T,
    /// … is itself above the bound, not only larger ones.
    pub included: bool,
}

impl<T: Ord + Copy> Scale<T> {
    /// The scale of these values, all of code 0.
    pub(crate) fn of(lanes: &[Coded<'_, T>]) -> Self
    where
        T: Keyed,
    {
        let n: usize = lanes.iter().map(|lane| lane.values.len()).sum();
        if n == 0 {
            return Self { bounds: Vec::new() };
        }
        // Where 5·percentile reaches a step: with v at place ⌊n·step/5⌋ in order, all larger values are above, all smaller
        // ones below, and v itself is above when 5·(2·less + equal) ≥ 2·n·step.
        let scores = usize::from(SCORES);
        let ranks = (1..scores).map(|step| n * step / scores).collect();
        let found = ranked(lanes, &[Wanted { codes: 1, ranks }]);
        let bounds = found[0].iter().zip(1..).map(|(found, step)| Bound {
            value: T::of_key(found.key),
            included: scores * (2 * found.less + found.equal) >= 2 * n * step,
        });
        Self { bounds: bounds.collect() }
    }

    /// 1 to 5 for each value; a value larger than another never scores less.
    pub fn scores(&self, values: &[T]) -> Vec<u8> {
        let mut scores = vec![1; values.len()];
        for Bound { value: bound, included } in &self.bounds {
            let scored = scores.iter_mut().zip(values);
            if *included {
                scored.for_each(|(score, value)| *score += u8::from(value >= bound));
            } else {
                scored.for_each(|(score, value)| *score += u8::from(value > bound));
            }
        }
        scores
    }

    /// Where the scores 2, 3, 4 and 5 begin; empty when there is no value at all.
    pub fn bounds(&self) -> &[Bound<T>] {
        &self.bounds
    }
}

#[cfg(test)]
mod tests {
    use model::LANES;
    use proptest::prelude::*;

    use super::*;

    /// As it is written, in whole numbers.
    fn score(values: &[i64], value: i64) -> u8 {
        let less = values.iter().filter(|other| **other < value).count();
        let equal = values.iter().filter(|other| **other == value).count();
        let percentile_5 = 5 * (2 * less + equal) / (2 * values.len());
        u8::try_from(5.min(1 + percentile_5)).unwrap()
    }

    fn scale(values: &[i64]) -> Scale<i64> {
        let codes = vec![0; values.len()];
        let (one, other) = values.split_at(values.len() / 3);
        let mut lanes = vec![Coded::new(&[], &[]); LANES];
        lanes[0] = Coded::new(&codes[..one.len()], one);
        lanes[LANES - 1] = Coded::new(&codes[one.len()..], other);
        Scale::of(&lanes)
    }

    proptest! {
        #[test]
        fn scores_are_as_they_are_written(values in proptest::collection::vec(0_i64..25, 1..80)) {
            let scale = scale(&values);
            let scores: Vec<u8> = values.iter().map(|value| score(&values, *value)).collect();
            prop_assert_eq!(scale.scores(&values), scores);
        }
    }

    #[test]
    fn whoever_is_alone_is_in_the_middle() {
        assert_eq!(scale(&[7]).scores(&[7]), [3]);
        assert_eq!(scale(&[7, 7, 7]).scores(&[7, 7, 7]), [3, 3, 3]);
    }
}
