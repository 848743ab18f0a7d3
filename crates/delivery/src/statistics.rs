//! How sure a difference is. Pure formulas with their sources.

/// The standard normal quantile of a two-sided 95 % interval.
const Z95: f64 = 1.959_963_984_540_054;

/// A value and the 95 % interval around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The value itself.
    pub value: f64,
    /// Below the true value in about 97.5 of 100 such cases.
    pub low: f64,
    /// Above it in as many.
    pub high: f64,
}

/// What an interval around a difference lets one say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// More, and chance alone is an unlikely explanation.
    More,
    /// Less, and chance alone is an unlikely explanation.
    Less,
    /// The interval holds both more and less: nobody can say yet.
    Open,
}

impl Interval {
    /// What it lets one say about a difference.
    pub fn reading(&self) -> Reading {
        if self.low > 0.0 {
            Reading::More
        } else if self.high < 0.0 {
            Reading::Less
        } else {
            Reading::Open
        }
    }
}

/// The share of `hits` in `count` with its score interval (Wilson, JASA 22, 1927).
pub(crate) fn proportion(hits: u64, count: u64) -> Option<Interval> {
    if count == 0 {
        return None;
    }
    let (hits, count) = (float(hits), float(count));
    let value = hits / count;
    let z2 = Z95 * Z95;
    let center = (value + z2 / (2.0 * count)) / (1.0 + z2 / count);
    let spread = value * (1.0 - value) / count + z2 / (4.0 * count * count);
    let half = Z95 * spread.sqrt() / (1.0 + z2 / count);
    Some(Interval { value, low: (center - half).max(0.0), high: (center + half).min(1.0) })
}

/// The difference of two independent shares: the hybrid score interval, method 10 of Newcombe
/// (Statistics in Medicine 17, 1998, 873–890). It stays honest for few hits and for none at all.
pub(crate) fn difference(one: Interval, other: Interval) -> Interval {
    let value = one.value - other.value;
    let below = (one.value - one.low).hypot(other.high - other.value);
    let above = (one.high - one.value).hypot(other.value - other.low);
    Interval { value, low: value - below, high: value + above }
}

/// Sum, sum of squares and count of something measured per person.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sample {
    pub(crate) count: u64,
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

impl Sample {
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(&self) -> f64 {
        self.sum / float(self.count)
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        let count = float(self.count);
        let variance = (self.squares - self.sum * self.sum / count) / (count - 1.0);
        variance.max(0.0) / count
    }
}

/// The difference of two means without assuming equal variances (Welch, Biometrika 34, 1947), with the
/// normal quantile: fair from about 30 people in each arm, so fewer get no interval.
pub(crate) fn mean_difference(one: &Sample, other: &Sample) -> Option<Interval> {
    const COUNT_MIN: u64 = 30;
    if one.count.min(other.count) < COUNT_MIN {
        return None;
    }
    let value = one.mean() - other.mean();
    let half = Z95 * (one.error() + other.error()).sqrt();
    Some(Interval { value, low: value - half, high: value + half })
}

#[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples (a) to (h) of table II in Newcombe's paper, method 10.
    #[track_caller]
    fn check((hits, count): (u64, u64), (other_hits, other_count): (u64, u64), low: f64, high: f64) {
        let one = proportion(hits, count).unwrap();
        let other = proportion(other_hits, other_count).unwrap();
        let interval = difference(one, other);
        assert!((interval.low - low).abs() < 5e-5, "low {} should be {low}", interval.low);
        assert!((interval.high - high).abs() < 5e-5, "high {} should be {high}", interval.high);
    }

    #[test]
    fn differences_agree_with_the_published_table() {
        check((56, 70), (48, 80), 0.0524, 0.3339);
        check((9, 10), (3, 10), 0.1705, 0.8090);
        check((6, 7), (2, 7), 0.0582, 0.8062);
        check((5, 56), (0, 29), -0.0381, 0.1926);
        check((0, 10), (0, 20), -0.1611, 0.2775);
        check((0, 10), (0, 10), -0.2775, 0.2775);
        check((10, 10), (0, 20), 0.6791, 1.0000);
        check((10, 10), (0, 10), 0.6075, 1.0000);
    }

    #[test]
    fn means_of_few_people_get_no_interval() {
        let mut few = Sample::default();
        few.add(10.0);
        assert_eq!(mean_difference(&few, &few), None);
    }

    #[test]
    fn a_clear_difference_of_means_excludes_nothing() {
        let sample = |base: u32| {
            let mut sample = Sample::default();
            (0..100).for_each(|person: u32| sample.add(f64::from(base + person % 10)));
            sample
        };
        let interval = mean_difference(&sample(50), &sample(40)).unwrap();
        assert!((interval.value - 10.0).abs() < 1e-9);
        assert!(interval.low > 9.0 && interval.high < 11.0, "{interval:?}");
    }
}
