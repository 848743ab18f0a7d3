//! An immutable table of one stream's rows, sorted by (lane, ordinal, time, arrival).
//!
//! It does not know whether its columns lie on the heap (recent rows) or in a
//! mapped file (a part): both are Arrow buffers, read as slices.

use std::any::Any;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow_buffer::{BooleanBuffer as RowMask, ScalarBuffer};
use model::{CustomerId, Instant, LANES, Lane, Properties};

use crate::column::Property;
use crate::directory::Directory;
use crate::holes::Holes;
use crate::hours::Hours;
use crate::mask::row_bits;
use crate::named::Named;
use crate::span::Span;

/// Rows of one stream in columns, sorted by (lane, ordinal, time, arrival).
#[derive(Debug)]
pub struct Table {
    lanes: [usize; LANES + 1],
    extents: [Extent; LANES],
    fixed: Fixed,
    /// What else is known of each lane.
    known: Arc<[Known; LANES]>,
    columns: Vec<Named>,
    /// What has to be held as long as the columns are read.
    _held: Option<Arc<dyn Any + Send + Sync>>,
}

/// What follows from the rows of one lane, as soon as somebody asked for it.
#[derive(Debug, Default)]
struct Known {
    directory: OnceLock<Option<Directory>>,
    hours: OnceLock<Option<Hours>>,
}

/// When the rows of one lane happened, in milliseconds: none earlier than `first`, none later than `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The earliest; of no rows the end of time.
    pub first: i64,
    /// The latest; of no rows the beginning of time.
    pub last: i64,
}

impl Extent {
    fn of(times: &[i64]) -> Self {
        let none = Self { first: i64::MAX, last: i64::MIN };
        times.iter().fold(none, |all, time| Self { first: all.first.min(*time), last: all.last.max(*time) })
    }

    /// Whether every row lies within `span`.
    pub fn is_within(self, span: Span) -> bool {
        self.first > self.last || span.contains(self.first) && span.contains(self.last)
    }

    /// Whether a row may lie within `span`.
    pub fn touches(self, span: Span) -> bool {
        self.first <= span.until.ms() && (self.last > span.after.ms() || span.after == Instant::MIN)
    }
}

/// The columns that every table has.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    /// [`CustomerId::number`] of whom the row belongs to.
    pub(crate) customers: ScalarBuffer<u32>,
    /// When it happened, in milliseconds.
    pub(crate) times: ScalarBuffer<i64>,
    /// Its place in the order of arrival.
    pub(crate) arrivals: Arrivals,
    /// Whom it arrived for, when that is somebody else; `None`: everywhere the same.
    pub(crate) origins: Option<ScalarBuffer<u32>>,
}

/// Places in the order of arrival, over the whole workspace.
#[derive(Debug, Clone)]
pub(crate) enum Arrivals {
    /// Counted from a base: the ordinary case, four bytes a row.
    Narrow { base: u64, offsets: ScalarBuffer<u32> },
    /// More than 2³² arrivals lie between the first and the last.
    Wide(ScalarBuffer<u64>),
}

impl Arrivals {
    pub(crate) fn new(arrivals: Vec<u64>) -> Self {
        let base = arrivals.iter().copied().min().unwrap_or(0);
        let offsets =
            arrivals.iter().map(|arrival| u32::try_from(arrival - base)).collect::<Result<Vec<_>, _>>();
        offsets.map_or_else(
            |_| Self::Wide(arrivals.into()),
            |offsets| Self::Narrow { base, offsets: offsets.into() },
        )
    }

    #[inline]
    pub(crate) fn get(&self, row: usize) -> u64 {
        match self {
            Self::Narrow { base, offsets } => base + u64::from(offsets[row]),
            Self::Wide(arrivals) => arrivals[row],
        }
    }
}

impl Table {
    /// A table of columns that are sorted already.
    ///
    /// # Panics
    /// When the columns are not equally long.
    pub(crate) fn new(fixed: Fixed, columns: Vec<Named>) -> Self {
        assert_eq!(fixed.customers.len(), fixed.times.len(), "all columns of a table have one length");
        let lane_of = |number: &u32| CustomerId::from_number(*number).lane().index();
        let lanes: [usize; LANES + 1] =
            std::array::from_fn(|lane| fixed.customers.partition_point(|number| lane_of(number) < lane));
        let extents = std::array::from_fn(|lane| Extent::of(&fixed.times[lanes[lane]..lanes[lane + 1]]));
        Self { lanes, extents, fixed, known: Arc::default(), columns, _held: None }
    }

    /// The same rows with other columns of properties, and with something that is held as long as they are read.
    pub(crate) fn with(&self, columns: Vec<Named>, held: Option<Arc<dyn Any + Send + Sync>>) -> Self {
        let known = Arc::clone(&self.known);
        Self {
            lanes: self.lanes,
            extents: self.extents,
            fixed: self.fixed.clone(),
            known,
            columns,
            _held: held,
        }
    }

    /// How many rows, holes included.
    pub fn len(&self) -> usize {
        self.fixed.customers.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of this lane, holes included; [`View::lane`] leaves them out.
    pub fn lane_rows(&self, lane: Lane) -> Range<usize> {
        self.lanes[lane.index()]..self.lanes[lane.index() + 1]
    }

    /// When the rows of this lane happened, holes included: whoever asks about another time need not look at them.
    pub fn extent(&self, lane: Lane) -> Extent {
        self.extents[lane.index()]
    }

    /// Where the rows of each customer of this lane begin, holes included; `None`: they are too few to be worth it.
    pub(crate) fn directory(&self, lane: Lane) -> Option<&Directory> {
        let made = || Directory::of(self.customers(), self.lane_rows(lane));
        self.known[lane.index()].directory.get_or_init(made).as_ref()
    }

    /// The hours of the rows of this lane; `None`: it spans too many.
    pub fn hours(&self, lane: Lane) -> Option<&Hours> {
        let rows = self.lane_rows(lane);
        let made = || Hours::of(&self.times()[rows.clone()], rows.start, self.extent(lane));
        self.known[lane.index()].hours.get_or_init(made).as_ref()
    }

    /// Which of `rows` of this lane lie within `span`: see [`row_bits`].
    pub fn within(&self, lane: Lane, rows: Range<usize>, span: Span) -> Vec<u64> {
        let after = span.after.ms();
        let (first, last) = (after.saturating_add(i64::from(after != i64::MIN)), span.until.ms());
        let times = self.times();
        if let Some(hours) = self.hours(lane) {
            return hours.within(times, rows, (first, last));
        }
        row_bits(&times[rows], |time| (first <= *time) & (*time <= last))
    }

    /// [`CustomerId::number`] of each row.
    #[inline]
    pub fn customers(&self) -> &[u32] {
        &self.fixed.customers
    }

    /// Whose row it is.
    #[inline]
    pub fn customer(&self, row: usize) -> CustomerId {
        CustomerId::from_number(self.fixed.customers[row])
    }

    /// When each row happened, in milliseconds.
    #[inline]
    pub fn times(&self) -> &[i64] {
        &self.fixed.times
    }

    /// The place of a row in the order of arrival: decides between rows of one instant.
    #[inline]
    pub fn arrival(&self, row: usize) -> u64 {
        self.fixed.arrivals.get(row)
    }

    /// Whom the row arrived for: its customer, or one whose rows were moved to that customer.
    pub fn origin(&self, row: usize) -> CustomerId {
        self.fixed
            .origins
            .as_ref()
            .map_or_else(|| self.customer(row), |origins| CustomerId::from_number(origins[row]))
    }

    /// All columns, in the order in which they were first seen.
    pub fn columns(&self) -> &[Named] {
        &self.columns
    }

    /// All columns of this property; look it up once for a table, not once for a row.
    pub fn property(&self, name: &str) -> Property<'_> {
        let mut property = Property::default();
        let here = self.columns.iter().filter(|named| named.name == name).filter_map(Named::column);
        here.for_each(|column| property.add(column));
        property
    }

    /// Everything that is said in this row.
    pub fn properties(&self, row: usize) -> Properties {
        let said = |named: &Named| Some((named.name.clone(), named.column()?.value(row)?));
        self.columns.iter().filter_map(said).collect()
    }

    /// The rows of this customer, holes included.
    pub(crate) fn find(&self, customer: CustomerId) -> Range<usize> {
        let lane = self.lane_rows(customer.lane());
        let numbers = &self.fixed.customers[lane.clone()];
        let start = leading_below(numbers, customer.number());
        let end = start + run_length(&numbers[start..], customer.number());
        lane.start + start..lane.start + end
    }

    /// What stands where [`Self::find`] looks first, when it is to be in a near cache by then.
    pub(crate) fn glance(&self, customer: CustomerId) -> i64 {
        let lane = self.lane_rows(customer.lane());
        let numbers = &self.fixed.customers[lane.clone()];
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return 0 };
        let number = customer.number().clamp(*first, *last);
        let guess = share(number - first, last - first, numbers.len() - 1);
        i64::from(numbers[guess]) ^ self.times()[lane.start + guess]
    }

    /// The columns that every table has.
    pub(crate) fn fixed(&self) -> &Fixed {
        &self.fixed
    }
}

/// So much of `length` as `part` is of `whole`.
fn share(part: u32, whole: u32, length: usize) -> usize {
    let length = u32::try_from(length).expect("a table has less than 2^32 rows");
    let share = u64::from(part) * u64::from(length) / u64::from(whole.max(1));
    usize::try_from(share).expect("a share of a length is one")
}

/// How many of sorted `numbers` are below `number`. Numbers of one lane lie close together: it looks where `number` would
/// stand if they were spread evenly, and only goes on from there. That touches a few places of a large table instead of
/// one for each halving.
fn leading_below(numbers: &[u32], number: u32) -> usize {
    let (Some(first), Some(last)) = (numbers.first().copied(), numbers.last().copied()) else { return 0 };
    if number <= first {
        return 0;
    }
    if number > last {
        return numbers.len();
    }
    let below = |index: usize| numbers[index] < number;
    let guess = share(number - first, last - first, numbers.len() - 1);
    let mut step = 1;
    // Everything before `low` is below, `high` is not.
    let (low, high) = if below(guess) {
        let (mut low, end) = (guess + 1, numbers.len() - 1);
        while low + step < end && below(low + step) {
            (low, step) = (low + step + 1, step * 2);
        }
        (low, end.min(low + step))
    } else {
        let mut high = guess;
        while step < high && !below(high - step) {
            (high, step) = (high - step, step * 2);
        }
        (high.saturating_sub(step), high)
    };
    low + numbers[low..high].partition_point(|other| *other < number)
}

/// How many times `number` stands at the beginning of sorted `numbers`: quick when they are few.
pub(crate) fn run_length(numbers: &[u32], number: u32) -> usize {
    let mut step = 1;
    while step < numbers.len() && numbers[step] == number {
        step *= 2;
    }
    numbers[..step.min(numbers.len())].partition_point(|other| *other <= number)
}

/// Which rows of a table pass a test: asked for a range of rows, it answers with a bit for each of them.
pub type RowFilter<'f> = &'f (dyn Fn(&Table, Range<usize>) -> RowMask + Sync);

/// A table as a snapshot sees it: without the rows that were moved away or hidden.
#[derive(Debug, Clone)]
pub struct View {
    pub(crate) table: Arc<Table>,
    pub(crate) holes: Arc<Holes>,
}

impl View {
    pub(crate) fn new(table: Table) -> Self {
        Self { table: Arc::new(table), holes: Arc::default() }
    }

    /// The columns.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// How many rows count.
    pub fn rows(&self) -> usize {
        self.table.len() - self.holes.rows()
    }

    /// The rows of this lane that count: ranges of rows, in order. With nothing moved or hidden it is one.
    pub fn lane(&self, lane: Lane) -> impl Iterator<Item = Range<usize>> + '_ {
        self.holes.between(self.table.lane_rows(lane))
    }

    /// The rows of this customer that count.
    pub fn find(&self, customer: CustomerId) -> impl Iterator<Item = Range<usize>> + '_ {
        self.holes.between(self.table.find(customer))
    }

    /// When this row happened.
    pub fn at(&self, row: usize) -> Instant {
        Instant::from_ms(self.table.times()[row])
    }
}

impl std::ops::Deref for View {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.table
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_numbers_below_one_are_counted(
            mut numbers in proptest::collection::vec(prop_oneof![9 => 0_u32..200, 1 => any::<u32>()], 0..120),
            number in prop_oneof![9 => 0_u32..210, 1 => any::<u32>()],
        ) {
            numbers.sort_unstable();
            let below = numbers.iter().filter(|other| **other < number).count();
            prop_assert_eq!(leading_below(&numbers, number), below);
        }
    }
}
