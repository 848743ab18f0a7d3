//! Retention: of those who began in a period, how many came back in the periods after.

use columnar::{CustomerSet, LaneSet, Snapshot, Span, for_each_lane};
use jiff::tz::TimeZone;
use model::{Instant, Lane};
use serde::{Deserialize, Serialize};

use crate::calendar::{Buckets, Period};
use crate::error::Error;
use crate::scope::{Chunk, Scope};

/// The question.
#[derive(Clone)]
pub struct Retention<'q> {
    /// What begins: the first such row in its range decides the cohort. The range must have two ends.
    pub start: Scope<'q>,
    /// What counts as coming back; its range may reach further.
    pub back: Scope<'q>,
    /// How long a period is.
    pub period: Period,
    /// Whose days, weeks and months.
    pub zone: TimeZone,
    /// How periods after the beginning are counted.
    pub counting: Counting,
}

/// How periods after the beginning are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// Came back in calendar period c + k.
    Calendar,
    /// Came back in calendar period c + k or any later one.
    OnOrAfter,
    /// Came back in the k-th stretch (24 hours, 7 or 30 times that) after their own first instant.
    Rolling,
}

/// An answer has at most so many periods.
pub const PERIODS_MAX: usize = 512;

/// The answer.
#[derive(Debug, Clone)]
pub struct RetentionAnswer {
    /// One for each period in which somebody could begin, in order.
    pub cohorts: Vec<Cohort>,
    counting: Counting,
    lanes: Vec<LaneReturns>,
}

/// Those who began in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// When the period begins.
    pub start: Instant,
    /// How many began.
    pub customers: usize,
    /// How many of them came back k periods later; as many places as the range has periods from here on.
    pub returned: Vec<usize>,
}

/// Asks the question.
///
/// # Errors
/// When the range is open, or has too many periods.
pub fn retention(snapshot: &Snapshot, question: &Retention<'_>) -> Result<RetentionAnswer, Error> {
    let span = question.start.span;
    if span.after == Instant::MIN || question.back.span.until == Instant::MAX || span.until == Instant::MAX {
        return Err(Error::Invalid {
            field: "range",
            expected: "closed at both ends",
            value: format!("{:?} to {:?}", span.after, question.back.span.until),
        });
    }
    let until = span.until.max(question.back.span.until);
    let periods = Buckets::new(Span { after: span.after, until }, question.period, &question.zone)?;
    if periods.len() > PERIODS_MAX {
        return Err(Error::TooLarge { what: "periods", number: periods.len(), limit: PERIODS_MAX });
    }
    let lanes = for_each_lane(|lane| {
        let returns = LaneReturns::of(snapshot, question, &periods, lane);
        let counts = returns.counts(question.counting, periods.len());
        (returns, counts)
    });
    let last = periods.index(span.until.ms());
    let starts = periods.starts();
    let mut cohorts: Vec<Cohort> = starts[..=last]
        .iter()
        .enumerate()
        .map(|(cohort, start)| Cohort {
            start: *start,
            customers: 0,
            returned: vec![0; periods.len() - cohort],
        })
        .collect();
    for (_, counts) in &lanes {
        for (cohort, (began, returned)) in cohorts.iter_mut().zip(counts) {
            cohort.customers += began;
            cohort.returned.iter_mut().zip(returned).for_each(|(all, here)| *all += here);
        }
    }
    let lanes = lanes.into_iter().map(|(returns, _)| returns).collect();
    Ok(RetentionAnswer { cohorts, counting: question.counting, lanes })
}

impl RetentionAnswer {
    /// Those who began in a period, by its place in [`Self::cohorts`].
    pub fn cohort(&self, cohort: usize) -> CustomerSet {
        self.all(|lane, ordinal| usize::from(lane.cohorts[ordinal]) == cohort)
    }

    /// Those of a cohort who came back k periods later.
    pub fn returned(&self, cohort: usize, k: usize) -> CustomerSet {
        self.all(|lane, ordinal| {
            usize::from(lane.cohorts[ordinal]) == cohort && lane.has_returned(self.counting, ordinal, k)
        })
    }

    fn all(&self, test: impl Fn(&LaneReturns, usize) -> bool + Sync) -> CustomerSet {
        CustomerSet::from_lanes(for_each_lane(|lane| {
            let lane = &self.lanes[lane.index()];
            LaneSet::from_test(lane.cohorts.len(), |ordinal| test(lane, ordinal))
        }))
    }
}

/// Who never began.
const NEVER: u16 = u16::MAX;
const WORD: usize = u64::BITS as usize;

/// For each ordinal of a lane: the cohort, and in which periods after it they came back.
#[derive(Debug, Clone)]
struct LaneReturns {
    cohorts: Vec<u16>,
    /// `words` words for each ordinal, a bit for each period since the beginning.
    bits: Vec<u64>,
    words: usize,
}

impl LaneReturns {
    fn of(snapshot: &Snapshot, question: &Retention<'_>, periods: &Buckets, lane: Lane) -> Self {
        match question.counting {
            Counting::Calendar | Counting::OnOrAfter => Self::by_calendar(snapshot, question, periods, lane),
            Counting::Rolling => Self::rolling(snapshot, question, periods, lane),
        }
    }

    /// In which periods rows of a scope lie, a bit for each period of the calendar.
    fn active(snapshot: &Snapshot, scope: &Scope<'_>, periods: &Buckets, lane: Lane) -> Self {
        let (ordinals, words) = (snapshot.ordinals(lane), periods.len().div_ceil(WORD));
        let mut bits = vec![0_u64; ordinals * words];
        for view in scope.streams(snapshot).iter().flat_map(|stream| stream.views()) {
            let (places, start) = (periods.places(), periods.start());
            let by_hour = periods.by_hour().and_then(|by_hour| by_hour.of_table(view, lane));
            match (words, view.extent(lane).first >= start, by_hour) {
                (1, true, Some((hours, places))) => scope.each_chunk_of_hours(hours, view, lane, |chunk| {
                    mark(&mut bits, chunk, |hour| places.index(hour));
                }),
                (1, true, None) => {
                    scope.each_chunk(view, lane, |chunk| mark(&mut bits, chunk, |time| places.index(time)));
                }
                _ => scope.each_chunk(view, lane, |chunk| {
                    for (time, ordinal) in chunk.events() {
                        let period = places.index(time);
                        let is_in = u64::from(time >= start);
                        bits[ordinal as usize * words + period / WORD] |= is_in << (period % WORD);
                    }
                }),
            }
        }
        let first = |bits: &[u64]| {
            let word = bits.iter().position(|word| *word != 0)?;
            u16::try_from(word * WORD + bits[word].trailing_zeros() as usize).ok()
        };
        let cohorts = bits.chunks_exact(words).map(|bits| first(bits).unwrap_or(NEVER)).collect();
        Self { cohorts, bits, words }
    }

    fn by_calendar(snapshot: &Snapshot, question: &Retention<'_>, periods: &Buckets, lane: Lane) -> Self {
        let mut returns = Self::active(snapshot, &question.back, periods, lane);
        if !question.start.is_same(&question.back) {
            returns.cohorts = Self::active(snapshot, &question.start, periods, lane).cohorts;
        }
        for (bits, cohort) in returns.bits.chunks_exact_mut(returns.words).zip(&returns.cohorts) {
            if *cohort == NEVER {
                bits.fill(0);
            } else {
                shift_down(bits, usize::from(*cohort));
            }
        }
        returns
    }

    fn rolling(snapshot: &Snapshot, question: &Retention<'_>, periods: &Buckets, lane: Lane) -> Self {
        let ordinals = snapshot.ordinals(lane);
        let mut first = vec![i64::MAX; ordinals];
        for view in question.start.streams(snapshot).iter().flat_map(|stream| stream.views()) {
            question.start.each_chunk(view, lane, |chunk| {
                for (time, ordinal) in chunk.events() {
                    let first = &mut first[ordinal as usize];
                    *first = (*first).min(time);
                }
            });
        }
        let index = |ms: i64| u16::try_from(periods.index(ms)).expect("there are few periods");
        let cohorts: Vec<u16> =
            first.iter().map(|ms| if *ms == i64::MAX { NEVER } else { index(*ms) }).collect();
        let words = periods.len().div_ceil(WORD);
        let mut returns = Self { cohorts, bits: vec![0; ordinals * words], words };
        for view in question.back.streams(snapshot).iter().flat_map(|stream| stream.views()) {
            question.back.each_chunk(view, lane, |chunk| {
                for (time, ordinal) in chunk.events() {
                    let ordinal = ordinal as usize;
                    let k = stretch(time.saturating_sub(first[ordinal]), question.period);
                    returns.mark(ordinal, k, periods.len());
                }
            });
        }
        returns
    }

    #[inline]
    fn mark(&mut self, ordinal: usize, k: Option<usize>, periods: usize) {
        let last = periods.saturating_sub(1 + usize::from(self.cohorts[ordinal]));
        if let Some(k) = k.filter(|k| self.cohorts[ordinal] != NEVER && *k <= last) {
            self.bits[ordinal * self.words + k / WORD] |= 1 << (k % WORD);
        }
    }

    /// Whether this customer counts as having come back k periods later.
    fn has_returned(&self, counting: Counting, ordinal: usize, k: usize) -> bool {
        let bits = &self.bits[ordinal * self.words..(ordinal + 1) * self.words];
        match counting {
            Counting::Calendar | Counting::Rolling => {
                bits.get(k / WORD).is_some_and(|word| word >> (k % WORD) & 1 == 1)
            }
            Counting::OnOrAfter => last_bit(bits).is_some_and(|last| k <= last),
        }
    }

    /// How many began in each cohort, and how many of them came back k periods later.
    fn counts(&self, counting: Counting, periods: usize) -> Vec<(usize, Vec<usize>)> {
        let mut counts = vec![(0, BitCounts::new(self.words)); periods];
        let mut up_to_last = vec![0; self.words];
        let customers = self.bits.chunks_exact(self.words).zip(&self.cohorts);
        for (bits, cohort) in customers.filter(|(_, cohort)| **cohort != NEVER) {
            let (began, returned) = &mut counts[usize::from(*cohort)];
            *began += 1;
            match counting {
                Counting::Calendar | Counting::Rolling => returned.add(bits),
                Counting::OnOrAfter => {
                    fill_down(bits, &mut up_to_last);
                    returned.add(&up_to_last);
                }
            }
        }
        counts.into_iter().map(|(began, returned)| (began, returned.finish())).collect()
    }
}

/// Marks the periods of some rows, all of which are within the first 64: one word for each ordinal.
#[inline]
fn mark<T: Copy>(bits: &mut [u64], chunk: &Chunk<'_, T>, period: impl Fn(T) -> usize) {
    for (time, ordinal) in chunk.events() {
        bits[ordinal as usize] |= 1 << (period(time) % WORD);
    }
}

/// For each place of a bitset, in how many of many bitsets the bit is set: counted for 64 places at once, in binary
/// numbers whose digits of one weight lie in one word.
#[derive(Debug, Clone)]
struct BitCounts {
    /// For each word of the bitset, the digits not yet added to `totals`.
    digits: Vec<[u64; DIGITS]>,
    /// How many bitsets are in `digits`.
    pending: u32,
    totals: Vec<usize>,
}

/// Digits of a number that counts up to [`PENDING_MAX`].
const DIGITS: usize = 8;
const PENDING_MAX: u32 = (1 << DIGITS) - 1;

impl BitCounts {
    fn new(words: usize) -> Self {
        Self { digits: vec![[0; DIGITS]; words], pending: 0, totals: vec![0; words * WORD] }
    }

    #[inline]
    fn add(&mut self, bits: &[u64]) {
        if self.pending == PENDING_MAX {
            self.flush();
        }
        self.pending += 1;
        for (digits, word) in self.digits.iter_mut().zip(bits) {
            let mut carry = *word;
            for digit in digits {
                let both = *digit & carry;
                *digit ^= carry;
                carry = both;
            }
        }
    }

    fn flush(&mut self) {
        for (digits, totals) in self.digits.iter_mut().zip(self.totals.chunks_exact_mut(WORD)) {
            for (weight, digit) in digits.iter_mut().enumerate() {
                let places = totals.iter_mut().enumerate();
                places.for_each(|(place, total)| *total += usize::from(*digit >> place & 1 == 1) << weight);
                *digit = 0;
            }
        }
        self.pending = 0;
    }

    fn finish(mut self) -> Vec<usize> {
        self.flush();
        self.totals
    }
}

/// Every bit up to the last one that is set.
fn fill_down(bits: &[u64], filled: &mut [u64]) {
    let mut above = 0;
    for (word, filled) in bits.iter().zip(filled).rev() {
        // All bits below the highest one; all of a word that has a later one.
        let below = u64::MAX.checked_shr(word.leading_zeros()).unwrap_or(0);
        *filled = below | above;
        above |= if *word == 0 { 0 } else { u64::MAX };
    }
}

fn last_bit(bits: &[u64]) -> Option<usize> {
    let word = bits.iter().rposition(|word| *word != 0)?;
    Some(word * WORD + bits[word].ilog2() as usize)
}

/// Bit `by` becomes the first; what was before it is gone.
fn shift_down(bits: &mut [u64], by: usize) {
    let (words, low) = (by / WORD, by % WORD);
    for index in 0..bits.len() {
        let word = |index: usize| bits.get(index).copied().unwrap_or(0);
        let (here, next) = (word(index + words), word(index + words + 1));
        bits[index] = if low == 0 { here } else { here >> low | next << (WORD - low) };
    }
}

/// In which stretch after the beginning `elapsed` milliseconds are; `None`: before it.
fn stretch(elapsed: i64, period: Period) -> Option<usize> {
    let days = match period {
        Period::Day => 1,
        Period::Week => 7,
        Period::Month => 30,
    };
    usize::try_from(elapsed.div_euclid(days * Instant::DAY_MS)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_are_counted_place_by_place(sets in proptest::collection::vec(any::<[u64; 2]>(), 0..600)) {
            let mut counts = BitCounts::new(2);
            sets.iter().for_each(|bits| counts.add(bits));
            let has = |bits: &[u64; 2], place: usize| bits[place / WORD] >> (place % WORD) & 1 == 1;
            let expected: Vec<_> =
                (0..2 * WORD).map(|place| sets.iter().filter(|bits| has(bits, place)).count()).collect();
            prop_assert_eq!(counts.finish(), expected);
        }

        #[test]
        fn a_set_is_filled_up_to_its_last_bit(bits in proptest::collection::vec(0_usize..2 * WORD, 0..4)) {
            let mut set = [0; 2];
            bits.iter().for_each(|bit| set[bit / WORD] |= 1 << (bit % WORD));
            let mut filled = [7; 2];
            fill_down(&set, &mut filled);
            let last = bits.iter().max().map_or(0, |last| last + 1);
            let expected = |word: usize| (0..WORD).fold(0_u64, |all, bit| all | u64::from(word * WORD + bit < last) << bit);
            prop_assert_eq!(filled, [expected(0), expected(1)]);
        }
    }
}
