//! R, F and M of each customer, and what they are for many together.

use columnar::{Property, Snapshot, Span, Stream, View, for_each_lane};
use model::{Instant, Lane};

use crate::rfm::Rfm;
use crate::rfm::groups::{Cell, Group};
use crate::statistics::mean;
use crate::statistics::ranks::{Coded, Found, Keyed, Values, Wanted, ranked};

/// So many customers, by ordinal, are dealt with at a time.
const BLOCK: u32 = 2048;
const PLACES: usize = BLOCK as usize;

/// Everybody of a lane who bought: R, F and M by place in these arrays.
#[derive(Debug)]
pub(crate) struct Buyers {
    pub(crate) ordinals: Vec<u32>,
    /// When they bought last, in milliseconds.
    pub(crate) last: Values<i64>,
    /// How often they bought.
    pub(crate) count: Values<u32>,
    /// For how much.
    pub(crate) amount: Values<f64>,
    /// In which cell they are; [`crate::rfm::NOBODY`] until that is known.
    pub(crate) codes: Vec<u8>,
}

/// What is known of a customer while their purchases go by.
#[derive(Debug, Clone, Copy)]
struct Total {
    last: i64,
    amount: f64,
    count: u32,
}

impl Total {
    const NONE: Self = Self { last: i64::MIN, amount: 0.0, count: 0 };

    #[inline]
    fn add(&mut self, time: i64, amount: f64) {
        self.last = self.last.max(time);
        self.amount += amount;
        self.count += 1;
    }
}

/// The totals of one block of customers.
struct Block {
    number: u32,
    totals: Box<[Total; PLACES]>,
}

impl Default for Block {
    fn default() -> Self {
        Self { number: 0, totals: Box::new([Total::NONE; PLACES]) }
    }
}

impl Buyers {
    /// Everybody of the lane with a purchase within `span`.
    pub(crate) fn of(
        snapshot: &Snapshot,
        question: &Rfm<'_>,
        (streams, span): (&[&Stream], Span),
        lane: Lane,
    ) -> Self {
        let scope = question.scope.clone().within(span);
        let views: Vec<&View> = streams.iter().flat_map(|stream| stream.views()).collect();
        let amount = question.amount.as_deref();
        let amounts: Vec<Property<'_>> =
            views.iter().map(|view| amount.map(|name| view.property(name)).unwrap_or_default()).collect();
        let rows: usize = views.iter().map(|view| view.lane_rows(lane).len()).sum();
        let mut buyers = Self::with_room(rows.min(snapshot.ordinals(lane)));
        let mut block = Block::default();
        scope.each_block::<BLOCK>(&views, lane, |number, view, rows, gate| {
            if block.number != number {
                buyers.add(&mut block);
                block.number = number;
            }
            gate.each(views[view], rows, |chunk| {
                for (row, (time, ordinal)) in chunk.rows().zip(chunk.events()) {
                    let amount = amounts[view].number(row).unwrap_or(0.0);
                    block.totals[ordinal as usize % PLACES].add(time, amount);
                }
            });
        });
        buyers.add(&mut block);
        buyers.codes = vec![crate::rfm::NOBODY; buyers.ordinals.len()];
        buyers
    }

    fn with_room(buyers: usize) -> Self {
        Self {
            ordinals: Vec::with_capacity(buyers),
            last: Values::with_room(buyers),
            count: Values::with_room(buyers),
            amount: Values::with_room(buyers),
            codes: Vec::new(),
        }
    }

    /// Adds whoever of a block has bought, and empties it.
    fn add(&mut self, block: &mut Block) {
        let mut room = (vec![0; PLACES], vec![0; PLACES], vec![0; PLACES], vec![0.0; PLACES]);
        let (ordinals, last, count, amount) =
            (&mut room.0[..], &mut room.1[..], &mut room.2[..], &mut room.3[..]);
        let mut buyers = 0;
        for (ordinal, total) in (block.number * BLOCK..).zip(&mut *block.totals) {
            // Written whether they bought or not, and kept when they did: nothing to guess for the processor.
            ordinals[buyers] = ordinal;
            last[buyers] = total.last;
            count[buyers] = total.count;
            amount[buyers] = total.amount;
            buyers += usize::from(total.count > 0);
            *total = Total::NONE;
        }
        self.ordinals.extend_from_slice(&ordinals[..buyers]);
        self.last.extend(&last[..buyers]);
        self.count.extend(&count[..buyers]);
        self.amount.extend(&amount[..buyers]);
    }
}

/// One measure of all buyers, lane by lane.
pub(crate) fn each_lane<T: Keyed>(
    buyers: &[Buyers],
    values: impl Fn(&Buyers) -> &Values<T>,
) -> Vec<Coded<'_, T>> {
    buyers.iter().map(|lane| values(lane).coded(&lane.codes)).collect()
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

/// Summaries of everybody, of each group and of each cell. Everybody is in a cell.
pub(crate) fn summaries(buyers: &[Buyers]) -> Summaries {
    let sums = sums(buyers);
    let cells: Vec<u32> = Cell::all().map(|cell| 1 << cell.code()).collect();
    let groups = Group::ALL.map(|group| {
        let members = Cell::all().filter(|cell| cell.group() == group);
        members.fold(0, |codes, cell| codes | 1 << cell.code())
    });
    let everybody = cells.iter().fold(0, |all, codes| all | codes);
    let sets: Vec<(u32, Sums)> = std::iter::once(everybody)
        .chain(groups)
        .chain(cells)
        .map(|codes| (codes, Sums::of(&sums, codes)))
        .collect();
    let wanted: Vec<Wanted> =
        sets.iter().map(|(codes, sums)| Wanted { codes: *codes, ranks: middle(sums.customers) }).collect();
    let last = ranked(&each_lane(buyers, |lane| &lane.last), &wanted);
    let count = ranked(&each_lane(buyers, |lane| &lane.count), &wanted);
    let amount = ranked(&each_lane(buyers, |lane| &lane.amount), &wanted);
    let revenue = sets[0].1.amount;
    let mut summaries =
        sets.iter().zip(last).zip(count).zip(amount).map(|((((_, sums), last), count), amount)| {
            let middles = Middles { last: two(&last), count: two(&count), amount: two(&amount) };
            sums.summary(revenue, &middles)
        });
    let total = summaries.next().expect("everybody is the first set");
    let groups = Group::ALL.into_iter().zip(summaries.by_ref().take(Group::ALL.len())).collect();
    (total, groups, Cell::all().zip(summaries).collect())
}

/// The ranks in the middle: one when their number is odd, none of none.
fn middle(number: usize) -> Vec<usize> {
    if number == 0 { Vec::new() } else { vec![(number - 1) / 2, number / 2] }
}

/// The keys of the two in the middle; `None` of none.
type Two = Option<(u64, u64)>;

fn two(found: &[Found]) -> Two {
    if let [a, b] = found { Some((a.key, b.key)) } else { None }
}

struct Middles {
    last: Two,
    count: Two,
    amount: Two,
}

/// What adds up.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    customers: usize,
    last: i128,
    count: u64,
    amount: f64,
}

/// By code, over all lanes.
fn sums(buyers: &[Buyers]) -> [Sums; Cell::CODES] {
    let lanes = for_each_lane(|lane| {
        let buyers = &buyers[lane.index()];
        let mut sums = [Sums::default(); Cell::CODES];
        for (place, code) in buyers.codes.iter().enumerate() {
            let sums = &mut sums[usize::from(*code)];
            sums.customers += 1;
            sums.last += i128::from(buyers.last[place]);
            sums.count += u64::from(buyers.count[place]);
            sums.amount += buyers.amount[place];
        }
        sums
    });
    let mut all = [Sums::default(); Cell::CODES];
    for lane in &lanes {
        all.iter_mut().zip(lane).for_each(|(all, lane)| all.add(lane));
    }
    all
}

impl Sums {
    fn of(by_code: &[Self], codes: u32) -> Self {
        let mut all = Self::default();
        let members = by_code.iter().enumerate().filter(|(code, _)| codes >> code & 1 == 1);
        members.for_each(|(_, sums)| all.add(sums));
        all
    }

    fn add(&mut self, other: &Self) {
        self.customers += other.customers;
        self.last += other.last;
        self.count += other.count;
        self.amount += other.amount;
    }

    fn summary(&self, revenue_of_all: f64, middles: &Middles) -> Summary {
        let (a, b) = middles.last.map_or((0, 0), |(a, b)| (i64::of_key(a), i64::of_key(b)));
        let (few, many) = middles.count.unwrap_or_default();
        let (less, more) = middles.amount.map_or((0.0, 0.0), |(a, b)| (f64::of_key(a), f64::of_key(b)));
        Summary {
            customers: self.customers,
            revenue: self.amount,
            revenue_share: if revenue_of_all == 0.0 { 0.0 } else { self.amount / revenue_of_all },
            recency: Middle {
                mean: instant(self.last, self.customers),
                median: instant(i128::from(a) + i128::from(b), 2),
            },
            frequency: Middle {
                mean: mean(float(self.count), self.customers),
                median: float(few + many) / 2.0,
            },
            monetary: Middle { mean: mean(self.amount, self.customers), median: (less + more) / 2.0 },
        }
    }
}

/// The sum of instants divided by their number.
fn instant(sum: i128, number: usize) -> Instant {
    let mean = sum.div_euclid(i128::try_from(number.max(1)).expect("a usize has at most 64 bits"));
    Instant::from_ms(i64::try_from(mean).expect("a mean lies between its values"))
}

#[expect(clippy::cast_precision_loss, reason = "a number of purchases is far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}
