//! From values to scores: percentile of v among n = (less(v) + ½·equal(v)) / n; score = min(5, 1 + ⌊5·percentile⌋).
//!
//! A score only grows with the value, so four bounds say all: each is found
//! with a selection, and nothing is sorted.

use crate::rfm::groups::SCORES;

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
    /// The scale of these values; their order changes.
    pub(crate) fn of(values: &mut [T]) -> Self {
        let steps = usize::from(SCORES);
        let bounds =
            if values.is_empty() { Vec::new() } else { (1..steps).map(|step| bound(values, step)).collect() };
        Self { bounds }
    }

    /// 1 to 5; a value larger than another never scores less.
    pub fn score(&self, value: &T) -> u8 {
        let above = |bound: &&Bound<T>| *value > bound.value || bound.included && *value == bound.value;
        1 + self.bounds.iter().map(|bound| u8::from(above(&bound))).sum::<u8>()
    }

    /// Where the scores 2, 3, 4 and 5 begin; empty when there is no value at all.
    pub fn bounds(&self) -> &[Bound<T>] {
        &self.bounds
    }
}

/// Where `5·percentile` reaches `step`. With v at place ⌊n·step/5⌋ in order, all larger values are above, all smaller
/// ones below, and v itself is above when 5·(2·less + equal) ≥ 2·n·step.
fn bound<T: Ord + Copy>(values: &mut [T], step: usize) -> Bound<T> {
    let (n, steps) = (values.len(), usize::from(SCORES));
    let (below, value, above) = values.select_nth_unstable(n * step / steps);
    let value = *value;
    let less = below.iter().filter(|other| **other < value).count();
    let equal = 1 + (below.len() - less) + above.iter().filter(|other| **other == value).count();
    Bound { value, included: steps * (2 * less + equal) >= 2 * n * step }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As it is written, in whole numbers.
    fn score(values: &[i64], value: i64) -> u8 {
        let less = values.iter().filter(|other| **other < value).count();
        let equal = values.iter().filter(|other| **other == value).count();
        let percentile_5 = 5 * (2 * less + equal) / (2 * values.len());
        u8::try_from(5.min(1 + percentile_5)).unwrap()
    }

    proptest! {
        #[test]
        fn scores_are_as_they_are_written(mut values in proptest::collection::vec(0_i64..25, 1..80)) {
            let written = values.clone();
            let scale = Scale::of(&mut values);
            for value in &written {
                prop_assert_eq!(scale.score(value), score(&written, *value));
            }
        }
    }

    #[test]
    fn whoever_is_alone_is_in_the_middle() {
        assert_eq!(Scale::of(&mut [7]).score(&7), 3);
        assert_eq!(Scale::of(&mut [7, 7, 7]).score(&7), 3);
    }
}
