//! Counting: one place for each (series, bucket), and one for each series as a whole.

use crate::scope::BLOCK;
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
    counts: Vec<Count>,
    /// As many, when something is measured.
    sums: Vec<Sum>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    events: u64,
    /// Which customers of the block that was seen last were seen.
    seen: u64,
    block: u32,
    customers: u32,
}

#[derive(Debug, Clone, Default)]
struct Sum {
    numbers: u64,
    sum: f64,
    values: Vec<f64>,
}

impl Count {
    const NONE: Self = Self { events: 0, seen: 0, block: u32::MAX, customers: 0 };

    #[inline]
    fn see(&mut self, ordinal: u32) {
        let block = ordinal / BLOCK;
        let before = if self.block == block { self.seen } else { 0 };
        self.seen = before | 1 << (ordinal % BLOCK);
        self.block = block;
        self.events += 1;
        self.customers += u32::from(self.seen != before);
    }
}

impl Tally {
    pub(crate) fn new(series: usize, buckets: usize, is_measured: bool) -> Self {
        let stride = buckets + 1;
        let places = series * stride;
        let sums = if is_measured { vec![Sum::default(); places] } else { Vec::new() };
        Self { stride, counts: vec![Count::NONE; places], sums }
    }

    /// Counts events of one series.
    #[inline]
    pub(crate) fn counter(&mut self, series: usize) -> Counter<'_> {
        let counts = &mut self.counts[series * self.stride..(series + 1) * self.stride];
        let (whole, buckets) = counts.split_last_mut().expect("a series has a place for its total");
        Counter { buckets, total: *whole, whole }
    }

    /// Adds the number of an event that was counted; keeps it when percentiles are wanted.
    #[inline]
    pub(crate) fn measure(&mut self, series: usize, bucket: usize, number: f64, keep: bool) {
        let first = series * self.stride;
        for place in [first + bucket, first + self.stride - 1] {
            let sum = &mut self.sums[place];
            sum.numbers += 1;
            sum.sum += number;
            if keep {
                sum.values.push(number);
            }
        }
    }

    /// Adds what another lane counted.
    pub(crate) fn add(&mut self, other: Self) {
        for (count, other) in self.counts.iter_mut().zip(other.counts) {
            count.events += other.events;
            count.customers += other.customers;
        }
        for (sum, other) in self.sums.iter_mut().zip(other.sums) {
            sum.numbers += other.numbers;
            sum.sum += other.sum;
            sum.values.extend(other.values);
        }
    }

    /// For each series, a point for each bucket and one for the total.
    pub(crate) fn into_points(mut self, shares: &[f64]) -> Vec<Vec<Point>> {
        self.sums.resize_with(self.counts.len(), Sum::default);
        let places = self.counts.into_iter().zip(self.sums);
        let mut points = places.map(|(count, sum)| sum.into_point(count, shares));
        let mut series = Vec::new();
        while points.len() > 0 {
            series.push(points.by_ref().take(self.stride).collect());
        }
        series
    }
}

/// Counts events of one series; what it counted is in the tally when it is dropped.
pub(crate) struct Counter<'t> {
    buckets: &'t mut [Count],
    /// The total, at hand while rows go by.
    total: Count,
    whole: &'t mut Count,
}

impl Counter<'_> {
    /// Counts an event. All events of one [`BLOCK`] of customers must come before those of the next.
    #[inline]
    pub(crate) fn count(&mut self, bucket: usize, ordinal: u32) {
        self.buckets[bucket].see(ordinal);
        self.total.see(ordinal);
    }
}

impl Drop for Counter<'_> {
    fn drop(&mut self) {
        *self.whole = self.total;
    }
}

impl Sum {
    fn into_point(mut self, count: Count, shares: &[f64]) -> Point {
        self.values.sort_unstable_by(f64::total_cmp);
        let numbers = usize::try_from(self.numbers).expect("a number of rows fits memory");
        Point {
            events: count.events,
            customers: u64::from(count.customers),
            numbers: self.numbers,
            sum: self.sum,
            mean: (numbers > 0).then(|| mean(self.sum, numbers)),
            percentiles: shares.iter().filter_map(|share| percentile(&self.values, *share)).collect(),
        }
    }
}
