//! Counting: one place for each (series, bucket), and one for each series as a whole.

use crate::statistics::{mean, percentile};

/// What is known of one bucket of one series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// How many events.
    pub events: u64,
    /// Of how many customers.
    pub customers: u64,
    /// How many of the events had a number.
    pub numbers: u64,
    /// Their sum.
    pub sum: f64,
    /// Their mean; `None` when no event had a number.
    pub mean: Option<f64>,
    /// The percentiles that were asked for; none when no event had a number.
    pub percentiles: Vec<f64>,
}

/// Counts of one lane, or of all.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Buckets of a series, and one for its total.
    stride: usize,
    places: Vec<Place>,
}

#[derive(Debug, Clone, Default)]
struct Place {
    events: u64,
    customers: u64,
    numbers: u64,
    sum: f64,
    /// The customer seen last, plus one: customers come one after another, so this tells a new one.
    last: u32,
    values: Vec<f64>,
}

impl Tally {
    pub(crate) fn new(series: usize, buckets: usize) -> Self {
        let stride = buckets + 1;
        Self { stride, places: vec![Place::default(); series * stride] }
    }

    /// Counts an event. All events of one customer must come before those of the next.
    #[inline]
    pub(crate) fn count(&mut self, series: usize, bucket: usize, ordinal: u32) {
        let first = series * self.stride;
        for place in [first + bucket, first + self.stride - 1] {
            let place = &mut self.places[place];
            place.events += 1;
            place.customers += u64::from(place.last != ordinal + 1);
            place.last = ordinal + 1;
        }
    }

    /// Adds the number of an event that was counted; keeps it when percentiles are wanted.
    #[inline]
    pub(crate) fn measure(&mut self, series: usize, bucket: usize, number: f64, keep: bool) {
        let first = series * self.stride;
        for place in [first + bucket, first + self.stride - 1] {
            let place = &mut self.places[place];
            place.numbers += 1;
            place.sum += number;
            if keep {
                place.values.push(number);
            }
        }
    }

    /// Adds what another lane counted.
    pub(crate) fn add(&mut self, other: Self) {
        for (place, other) in self.places.iter_mut().zip(other.places) {
            place.events += other.events;
            place.customers += other.customers;
            place.numbers += other.numbers;
            place.sum += other.sum;
            place.values.extend(other.values);
        }
    }

    /// For each series, a point for each bucket and one for the total.
    pub(crate) fn into_points(self, shares: &[f64]) -> Vec<Vec<Point>> {
        let mut places = self.places.into_iter();
        let mut series = Vec::new();
        while places.len() > 0 {
            series.push(places.by_ref().take(self.stride).map(|place| place.into_point(shares)).collect());
        }
        series
    }
}

impl Place {
    fn into_point(mut self, shares: &[f64]) -> Point {
        self.values.sort_unstable_by(f64::total_cmp);
        let numbers = usize::try_from(self.numbers).expect("a number of rows fits memory");
        Point {
            events: self.events,
            customers: self.customers,
            numbers: self.numbers,
            sum: self.sum,
            mean: (numbers > 0).then(|| mean(self.sum, numbers)),
            percentiles: shares.iter().filter_map(|share| percentile(&self.values, *share)).collect(),
        }
    }
}
