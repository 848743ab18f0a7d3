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
    series: Vec<Counts>,
    /// Buckets of a series, and one for its total.
    stride: usize,
    /// One for each bucket and total of each series, when something is measured.
    sums: Vec<Sum>,
}

/// What is counted in one series, block of customers by block.
#[derive(Debug, Clone)]
struct Counts {
    /// The block that is being counted.
    block: u32,
    /// What is not in `buckets` yet, of each bucket.
    recent: Vec<Recent>,
    /// How many events are in `recent`.
    recent_events: usize,
    buckets: Vec<Count>,
    total: Count,
}

/// What came lately in one bucket.
#[derive(Debug, Clone, Default)]
struct Recent {
    /// Who of the block was seen: a bit for each customer.
    seen: [u64; WORDS],
    /// How many events, and from bit 32 on how many customers: one place to write instead of two.
    count: u64,
}

/// So many customers, by ordinal, are one block.
pub(crate) const BLOCK: u32 = 512;
const WORDS: usize = (BLOCK / u64::BITS) as usize;
/// How many events may be in `recent` when more are counted.
const RECENT_MAX: usize = 1 << 31;

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    events: u64,
    customers: u64,
}

#[derive(Debug, Clone, Default)]
struct Sum {
    numbers: u64,
    sum: f64,
    values: Vec<f64>,
}

impl Counts {
    fn new(buckets: usize) -> Self {
        Self {
            block: 0,
            recent: vec![Recent::default(); buckets],
            recent_events: 0,
            buckets: vec![Count::default(); buckets],
            total: Count::default(),
        }
    }

    /// What comes now is of this block.
    #[inline]
    fn enter(&mut self, block: u32) {
        if self.block != block {
            self.leave();
            self.block = block;
        }
    }

    fn leave(&mut self) {
        let mut seen_at_all = [0; WORDS];
        for Recent { seen, .. } in &mut self.recent {
            seen_at_all.iter_mut().zip(&*seen).for_each(|(all, here)| *all |= here);
            *seen = [0; WORDS];
        }
        self.total.customers += seen_at_all.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
    }

    #[inline]
    fn see(&mut self, events: impl ExactSizeIterator<Item = (usize, u32)>) {
        self.recent_events += events.len();
        let recent = &mut self.recent[..];
        for (bucket, ordinal) in events {
            let Recent { seen, count } = &mut recent[bucket];
            let (word, bit) = ((ordinal / u64::BITS) as usize % WORDS, 1 << (ordinal % u64::BITS));
            let before = seen[word];
            seen[word] = before | bit;
            *count += 1 + (u64::from(before & bit == 0) << 32);
        }
        if self.recent_events > RECENT_MAX {
            self.settle();
        }
    }

    /// Brings what is recent to the other counts.
    fn settle(&mut self) {
        for (count, Recent { count: recent, .. }) in self.buckets.iter_mut().zip(&mut self.recent) {
            count.add(Count { events: *recent & u64::from(u32::MAX), customers: *recent >> 32 });
            *recent = 0;
        }
        self.recent_events = 0;
    }

    fn add(&mut self, mut other: Self) {
        other.leave();
        other.settle();
        let events = other.buckets.iter().map(|count| count.events).sum();
        self.total.add(Count { events, ..other.total });
        self.buckets.iter_mut().zip(other.buckets).for_each(|(count, other)| count.add(other));
    }
}

impl Count {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.customers += other.customers;
    }
}

impl Tally {
    pub(crate) fn new(series: usize, buckets: usize, is_measured: bool) -> Self {
        let stride = buckets + 1;
        let sums = if is_measured { vec![Sum::default(); series * stride] } else { Vec::new() };
        Self { series: vec![Counts::new(buckets); series], stride, sums }
    }

    /// Counts events of one series and one block of customers: in which bucket, of whom. All events of one block must
    /// come before those of another.
    #[inline]
    pub(crate) fn count(
        &mut self,
        series: usize,
        block: u32,
        events: impl ExactSizeIterator<Item = (usize, u32)>,
    ) {
        let counts = &mut self.series[series];
        counts.enter(block);
        counts.see(events);
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
        self.series.iter_mut().zip(other.series).for_each(|(counts, other)| counts.add(other));
        for (sum, other) in self.sums.iter_mut().zip(other.sums) {
            sum.numbers += other.numbers;
            sum.sum += other.sum;
            sum.values.extend(other.values);
        }
    }

    /// For each series, a point for each bucket and one for the total.
    pub(crate) fn into_points(mut self, shares: &[f64]) -> Vec<Vec<Point>> {
        self.sums.resize_with(self.series.len() * self.stride, Sum::default);
        let mut sums = self.sums.into_iter();
        let mut points = |counts: Counts| {
            let counts = counts.buckets.into_iter().chain([counts.total]);
            counts.zip(sums.by_ref()).map(|(count, sum)| sum.into_point(count, shares)).collect()
        };
        self.series.into_iter().map(&mut points).collect()
    }
}

impl Sum {
    fn into_point(mut self, count: Count, shares: &[f64]) -> Point {
        self.values.sort_unstable_by(f64::total_cmp);
        let numbers = usize::try_from(self.numbers).expect("a number of rows fits memory");
        Point {
            events: count.events,
            customers: count.customers,
            numbers: self.numbers,
            sum: self.sum,
            mean: (numbers > 0).then(|| mean(self.sum, numbers)),
            percentiles: shares.iter().filter_map(|share| percentile(&self.values, *share)).collect(),
        }
    }
}
