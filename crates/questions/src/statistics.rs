//! Means, medians and percentiles, each as an analyst's tool computes them.

use std::cmp::Ordering;

/// The sum divided by the number; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a number of rows is far below 2^53")]
pub(crate) fn mean(sum: f64, number: usize) -> f64 {
    if number == 0 { 0.0 } else { sum / number as f64 }
}

/// The two values in the middle: the same one twice when their number is odd. Their order changes.
pub(crate) fn middle_two<T: Copy>(values: &mut [T], compare: fn(&T, &T) -> Ordering) -> Option<(T, T)> {
    let upper = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let odd = values.len() % 2 == 1;
    let (below, middle, _) = values.select_nth_unstable_by(upper, compare);
    let middle = *middle;
    let lower = if odd { None } else { below.iter().copied().max_by(compare) };
    Some((lower.unwrap_or(middle), middle))
}

/// The value below which this share of the values lies, between two values in proportion (`quantile_cont` in SQL).
/// `sorted` must be.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share from 0 to 1 of a number of rows far below 2^53"
)]
pub(crate) fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_even_number_is_two() {
        assert_eq!(middle_two(&mut [4, 1, 3, 2], i32::cmp), Some((2, 3)));
        assert_eq!(middle_two(&mut [4, 1, 3], i32::cmp), Some((3, 3)));
        assert_eq!(middle_two(&mut [], i32::cmp), None);
    }

    #[test]
    fn a_percentile_lies_between_two_values_in_proportion() {
        let values = [10.0, 20.0, 30.0, 40.0];
        assert_eq!(
            [0.0, 0.5, 0.9, 1.0].map(|share| percentile(&values, share).unwrap()),
            [10.0, 25.0, 37.0, 40.0]
        );
        assert_eq!(percentile(&[], 0.5), None);
    }
}
