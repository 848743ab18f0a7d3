//! Means, medians and percentiles, each as an analyst's tool computes them.

pub(crate) mod ranks;

use ranks::{Coded, Keyed, Wanted, ranked};

/// The sum divided by the number; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a number of rows is far below 2^53")]
pub(crate) fn mean(sum: f64, number: usize) -> f64 {
    if number == 0 { 0.0 } else { sum / number as f64 }
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

/// The same of whole numbers of all lanes, for several shares at once, without sorting; none of none.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share from 0 to 1 of a number of customers; times and numbers far below 2^53"
)]
pub(crate) fn percentiles<const N: usize>(lanes: &[&[i64]], shares: [f64; N]) -> [Option<f64>; N] {
    let number: usize = lanes.iter().map(|values| values.len()).sum();
    let Some(last) = number.checked_sub(1) else { return [None; N] };
    let places = shares.map(|share| share.clamp(0.0, 1.0) * last as f64);
    let around = |place: &f64| [place.floor() as usize, (place.floor() as usize + 1).min(last)];
    let codes: Vec<Vec<u8>> = lanes.iter().map(|values| vec![0; values.len()]).collect();
    let coded: Vec<_> = lanes.iter().zip(&codes).map(|(values, codes)| Coded::new(codes, values)).collect();
    let wanted = Wanted { codes: 1, ranks: places.iter().flat_map(around).collect() };
    let found = ranked(&coded, &[wanted]);
    let value = |index: usize| i64::of_key(found[0][index].key) as f64;
    std::array::from_fn(|index| {
        let (below, above) = (value(2 * index), value(2 * index + 1));
        Some(below + (above - below) * (places[index] - places[index].floor()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
