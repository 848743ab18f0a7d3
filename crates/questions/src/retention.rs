//! Retention: of those who began in a period, how many came back in the periods after.

use columnar::{CustomerSet, LaneSet, Snapshot, Span, for_each_lane};
use jiff::tz::TimeZone;
use model::{Instant, Lane};
use serde::{Deserialize, Serialize};

use crate::calendar::{Buckets, Period};
use crate::error::Error;
use crate::scope::Scope;

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
    let lanes = for_each_lane(|lane| LaneReturns::of(snapshot, question, &periods, lane));
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
    for lane in &lanes {
        lane.count(question.counting, &mut cohorts);
    }
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
            usize::from(lane.cohorts[ordinal]) == cohort
                && lane.periods(self.counting, ordinal).any(|other| other == k)
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
        let ordinals = snapshot.ordinals(lane);
        let mut first = vec![i64::MAX; ordinals];
        for view in question.start.streams(snapshot).iter().flat_map(|stream| stream.views()) {
            let times = view.times();
            question.start.each_row(view, lane, |row| {
                let first = &mut first[view.customer(row).ordinal() as usize];
                *first = (*first).min(times[row]);
            });
        }
        let index = |ms: i64| u16::try_from(periods.index(ms)).expect("there are few periods");
        let cohorts: Vec<u16> =
            first.iter().map(|ms| if *ms == i64::MAX { NEVER } else { index(*ms) }).collect();
        let words = periods.len().div_ceil(u64::BITS as usize);
        let mut returns = Self { cohorts, bits: vec![0; ordinals * words], words };
        for view in question.back.streams(snapshot).iter().flat_map(|stream| stream.views()) {
            let times = view.times();
            question.back.each_row(view, lane, |row| {
                let ordinal = view.customer(row).ordinal() as usize;
                let cohort = usize::from(returns.cohorts[ordinal]);
                let k = match question.counting {
                    Counting::Calendar | Counting::OnOrAfter if periods.is_before(times[row]) => None,
                    Counting::Calendar | Counting::OnOrAfter => periods.index(times[row]).checked_sub(cohort),
                    Counting::Rolling => stretch(times[row].saturating_sub(first[ordinal]), question.period),
                };
                returns.mark(ordinal, k, periods.len());
            });
        }
        returns
    }

    #[inline]
    fn mark(&mut self, ordinal: usize, k: Option<usize>, periods: usize) {
        let last = periods.saturating_sub(1 + usize::from(self.cohorts[ordinal]));
        if let Some(k) = k.filter(|k| self.cohorts[ordinal] != NEVER && *k <= last) {
            self.bits[ordinal * self.words + k / 64] |= 1 << (k % 64);
        }
    }

    /// The periods after the beginning that count for this customer.
    fn periods(&self, counting: Counting, ordinal: usize) -> impl Iterator<Item = usize> + '_ {
        let words = &self.bits[ordinal * self.words..(ordinal + 1) * self.words];
        let has = |k: &usize| words[k / 64] >> (k % 64) & 1 == 1;
        let end = words.iter().rposition(|word| *word != 0).map_or(0, |word| 64 * (word + 1));
        let last = (0..end).rev().find(has);
        let all = (0..end).filter(move |k| match counting {
            Counting::Calendar | Counting::Rolling => words[k / 64] >> (k % 64) & 1 == 1,
            Counting::OnOrAfter => true,
        });
        all.take_while(move |k| last.is_some_and(|last| *k <= last))
    }

    fn count(&self, counting: Counting, cohorts: &mut [Cohort]) {
        for (ordinal, cohort) in self.cohorts.iter().enumerate().filter(|(_, cohort)| **cohort != NEVER) {
            let cohort = &mut cohorts[usize::from(*cohort)];
            cohort.customers += 1;
            for k in self.periods(counting, ordinal) {
                cohort.returned[k] += 1;
            }
        }
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
