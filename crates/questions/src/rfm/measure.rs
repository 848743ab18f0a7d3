//! R, F and M of each customer, and what they are for many together.

use columnar::{Span, View};
use model::{Instant, Lane};

use crate::rfm::groups::{Cell, Group};
use crate::rfm::{NOBODY, Rfm};
use crate::statistics::{mean, middle_two};

/// What is known of one customer of a lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buyer {
    pub(crate) ordinal: usize,
    /// When they bought last, in milliseconds.
    pub(crate) last: i64,
    /// How often they bought.
    pub(crate) count: u32,
    /// For how much.
    pub(crate) amount: f64,
}

/// R, F and M by ordinal.
#[derive(Debug)]
pub(crate) struct LaneTotals {
    last: Vec<i64>,
    count: Vec<u32>,
    amount: Vec<f64>,
}

impl LaneTotals {
    pub(crate) fn new(ordinals: usize) -> Self {
        Self { last: vec![i64::MIN; ordinals], count: vec![0; ordinals], amount: vec![0.0; ordinals] }
    }

    pub(crate) fn ordinals(&self) -> usize {
        self.count.len()
    }

    #[inline]
    fn add(&mut self, ordinal: usize, time: i64, amount: f64) {
        self.last[ordinal] = self.last[ordinal].max(time);
        self.count[ordinal] += 1;
        self.amount[ordinal] += amount;
    }

    /// Everybody who bought.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Buyer> + '_ {
        (0..self.count.len()).filter(|ordinal| self.count[*ordinal] > 0).map(|ordinal| Buyer {
            ordinal,
            last: self.last[ordinal],
            count: self.count[ordinal],
            amount: self.amount[ordinal],
        })
    }
}

/// Adds the purchases of one lane of one table; `totals` has an element for each span.
pub(crate) fn add(question: &Rfm<'_>, spans: &[Span], view: &View, lane: Lane, totals: &mut [LaneTotals]) {
    let amount = question.amount.as_deref().map(|name| view.property(name)).unwrap_or_default();
    let times = view.times();
    for (span, totals) in spans.iter().zip(totals) {
        let mut scope = question.scope.clone();
        scope.span = *span;
        scope.each_row(view, lane, |row| {
            let ordinal = view.customer(row).ordinal() as usize;
            totals.add(ordinal, times[row], amount.number(row).unwrap_or(0.0));
        });
    }
}

/// What R, F and M are for many customers together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many.
    pub customers: usize,
    /// The sum of M.
    pub revenue: f64,
    /// Of the revenue of everybody; 0 when that is 0.
    pub revenue_share: f64,
    /// When they bought last; fractions of a millisecond are cut.
    pub recency: Middle<Instant>,
    /// How often they bought.
    pub frequency: Middle<f64>,
    /// For how much.
    pub monetary: Middle<f64>,
}

/// The middle of many values, in two ways; of none it is the zero of its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Middle<T> {
    /// Their sum divided by their number.
    pub mean: T,
    /// The middle one; the mean of the two in the middle when their number is even.
    pub median: T,
}

type Summaries = (Summary, Vec<(Group, Summary)>, Vec<(Cell, Summary)>);

/// Summaries of everybody, of each group and of each cell; `codes` says who is in which cell.
pub(crate) fn summaries(totals: &[&LaneTotals], codes: &[Vec<u8>]) -> Summaries {
    let mut cells = vec![Values::default(); Cell::CODES];
    for (totals, codes) in totals.iter().zip(codes) {
        for buyer in totals.iter() {
            cells[usize::from(codes[buyer.ordinal])].push(&buyer);
        }
    }
    let everybody = Values::of(&cells);
    let revenue = everybody.revenue();
    let total = everybody.summary(revenue);
    let group_values = |group: Group| {
        let code = |code: &u8| *code != NOBODY && Cell::from_code(*code).map(Cell::group) == Some(group);
        let codes = (0_u8..).take(Cell::CODES).filter(code);
        Values::of(codes.map(|code| &cells[usize::from(code)]))
    };
    let groups = Group::ALL.map(|group| (group, group_values(group).summary(revenue))).to_vec();
    let cells =
        Cell::all().map(|cell| (cell, cells[usize::from(cell.code())].clone().summary(revenue))).collect();
    (total, groups, cells)
}

/// R, F and M of many customers.
#[derive(Debug, Clone, Default)]
struct Values {
    last: Vec<i64>,
    count: Vec<i64>,
    amount: Vec<f64>,
}

impl Values {
    fn of<'v>(parts: impl IntoIterator<Item = &'v Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.last.extend(&part.last);
            all.count.extend(&part.count);
            all.amount.extend(&part.amount);
        }
        all
    }

    fn push(&mut self, buyer: &Buyer) {
        self.last.push(buyer.last);
        self.count.push(i64::from(buyer.count));
        self.amount.push(buyer.amount);
    }

    fn revenue(&self) -> f64 {
        self.amount.iter().sum()
    }

    fn summary(mut self, revenue_of_all: f64) -> Summary {
        let customers = self.last.len();
        let revenue = self.revenue();
        let counts: i64 = self.count.iter().sum();
        Summary {
            customers,
            revenue,
            revenue_share: if revenue_of_all == 0.0 { 0.0 } else { revenue / revenue_of_all },
            recency: middle_instant(&mut self.last),
            frequency: Middle { mean: mean(float(counts), customers), median: median_count(&mut self.count) },
            monetary: Middle { mean: mean(revenue, customers), median: median_amount(&mut self.amount) },
        }
    }
}

fn middle_instant(instants: &mut [i64]) -> Middle<Instant> {
    let half = |sum: i128, number: usize| {
        let mean = sum.div_euclid(i128::try_from(number.max(1)).expect("a usize has at most 64 bits"));
        Instant::from_ms(i64::try_from(mean).expect("a mean lies between its values"))
    };
    let sum = instants.iter().copied().map(i128::from).sum();
    let (a, b) = middle_two(instants, i64::cmp).unwrap_or_default();
    Middle { mean: half(sum, instants.len()), median: half(i128::from(a) + i128::from(b), 2) }
}

fn median_count(counts: &mut [i64]) -> f64 {
    let (a, b) = middle_two(counts, i64::cmp).unwrap_or_default();
    float(a + b) / 2.0
}

fn median_amount(amounts: &mut [f64]) -> f64 {
    let (a, b) = middle_two(amounts, f64::total_cmp).unwrap_or_default();
    (a + b) / 2.0
}

#[expect(clippy::cast_precision_loss, reason = "a number of purchases is far below 2^53")]
fn float(count: i64) -> f64 {
    count as f64
}
