//! Calendar buckets: days, weeks and months as a time zone has them, with all its jumps.

use columnar::{Hours, Span, View, hour};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use model::{Instant, Lane};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How long a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
}

/// An answer has at most so many buckets.
pub const BUCKETS_MAX: usize = 4_000;

/// Buckets that follow one another without a gap.
#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    /// Where each begins, in milliseconds, and where the last one ends.
    edges: Vec<i64>,
    /// The time from the first edge on in equal slots, none longer than a bucket: at most one edge lies in each.
    slots: Vec<Slot>,
    /// A slot is 2 to the power of this long.
    shift: u32,
    /// When all buckets are equally long.
    even: Option<Even>,
    by_hour: Option<ByHour>,
}

/// Which bucket is which side of the edge within a slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    edge: i64,
    before: u16,
    from: u16,
}

impl Buckets {
    /// The buckets of which `span` has a part. Both ends of the span must be ordinary instants.
    pub(crate) fn new(span: Span, period: Period, zone: &TimeZone) -> Result<Self, Error> {
        let first = span.after.plus_ms(1);
        let mut date = period.start(Zoned::new(first.timestamp(), zone.clone()).date());
        let mut edges = vec![edge(date, zone)];
        while edges.last().is_none_or(|last| *last <= span.until.ms()) {
            if edges.len() > BUCKETS_MAX {
                return Err(Error::TooLarge { what: "buckets", number: edges.len(), limit: BUCKETS_MAX });
            }
            date = period.next(date);
            edges.push(edge(date, zone));
        }
        let (slots, shift) = slots(&edges);
        let (even, by_hour) = (Even::of(&edges), ByHour::of(&edges));
        Ok(Self { edges, slots, shift, even, by_hour })
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.edges.len() - 1
    }

    /// Where the first one begins, in milliseconds.
    pub(crate) fn start(&self) -> i64 {
        self.edges[0]
    }

    /// Where each begins.
    pub(crate) fn starts(&self) -> Vec<Instant> {
        self.edges[..self.len()].iter().map(|ms| Instant::from_ms(*ms)).collect()
    }

    /// By the hour; `None`: some bucket does not begin on the hour, or there are too many hours.
    pub(crate) fn by_hour(&self) -> Option<&ByHour> {
        self.by_hour.as_ref()
    }

    /// The bucket of an instant (in milliseconds); the first of what lies before, the last of what lies after.
    pub(crate) fn index(&self, ms: i64) -> usize {
        self.places().index(ms)
    }

    /// The same, for many instants in a row.
    #[inline]
    pub(crate) fn places(&self) -> Places<'_> {
        match self.even {
            Some(even) => Places::Even(even),
            None => Places::Uneven { first: self.edges[0], shift: self.shift, slots: &self.slots },
        }
    }
}

/// Which instant lies in which bucket: held by value while rows go by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Places<'b> {
    /// All buckets are equally long.
    Even(Even),
    /// They are not.
    Uneven {
        /// Where the first bucket begins.
        first: i64,
        shift: u32,
        slots: &'b [Slot],
    },
}

impl Places<'_> {
    /// The bucket of an instant (in milliseconds); the first of what lies before, the last of what lies after. It costs
    /// a multiplication, or one look-up and one comparison, whatever the calendar.
    #[inline]
    pub(crate) fn index(self, ms: i64) -> usize {
        let since = |first: i64| ms.max(first).wrapping_sub(first).cast_unsigned();
        match self {
            Self::Even(even) => even.index(since(even.first)),
            Self::Uneven { first, shift, slots } => {
                let slot = usize::try_from(since(first) >> shift).unwrap_or(usize::MAX).min(slots.len() - 1);
                let Slot { edge, before, from } = slots[slot];
                usize::from(if ms < edge { before } else { from })
            }
        }
    }
}

/// Which hour lies in which bucket, where every bucket begins on the hour.
#[derive(Debug, Clone)]
pub(crate) struct ByHour {
    /// The first hour of the first bucket, counted since 1970.
    first: i32,
    /// The bucket of each hour up to the end of the last one.
    buckets: Vec<u16>,
}

/// The same for the hours of one table, which are counted from another one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HourPlaces<'b> {
    /// So many hours of the table lie before the first bucket.
    skipped: u16,
    buckets: &'b [u16],
    last: u16,
}

impl ByHour {
    /// As many hours are looked up; further buckets are found by the instant.
    const HOURS_MAX: usize = 1 << 16;

    fn of(edges: &[i64]) -> Option<Self> {
        let is_whole = edges.iter().all(|edge| edge % Instant::HOUR_MS == 0);
        let hours = usize::try_from((edges[edges.len() - 1] - edges[0]) / Instant::HOUR_MS).ok()?;
        if !is_whole || hours > Self::HOURS_MAX {
            return None;
        }
        let mut buckets = Vec::with_capacity(hours);
        for (bucket, pair) in (0..).zip(edges.windows(2)) {
            let hours = usize::try_from((pair[1] - pair[0]) / Instant::HOUR_MS).ok()?;
            buckets.resize(buckets.len() + hours, bucket);
        }
        Some(Self { first: hour(edges[0]), buckets })
    }

    /// The hours of one table, and the bucket of each; `None`: the table spans too many.
    pub(crate) fn of_table<'b>(&'b self, view: &'b View, lane: Lane) -> Option<(&'b Hours, HourPlaces<'b>)> {
        let hours = view.hours(lane)?;
        Some((hours, self.counted_from(hours.base())))
    }

    /// For hours that are counted from `base` on.
    fn counted_from(&self, base: i32) -> HourPlaces<'_> {
        let (before, after) =
            (self.first.saturating_sub(base).max(0), base.saturating_sub(self.first).max(0));
        let after = usize::try_from(after).unwrap_or(usize::MAX).min(self.buckets.len());
        let last = self.buckets.last().copied().unwrap_or(0);
        HourPlaces {
            skipped: u16::try_from(before).unwrap_or(u16::MAX),
            buckets: &self.buckets[after..],
            last,
        }
    }
}

impl HourPlaces<'_> {
    /// The bucket of an hour that does not lie before the first; the last of what lies after.
    #[inline]
    pub(crate) fn index(self, hour: u16) -> usize {
        let bucket = self.buckets.get(usize::from(hour.wrapping_sub(self.skipped)));
        usize::from(bucket.copied().unwrap_or(self.last))
    }
}

/// Buckets of one length: days and weeks of a zone whose clocks do not jump in them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Even {
    /// Where the first bucket begins.
    first: i64,
    last: u32,
    /// 2⁶⁴ divided by the length of a bucket, rounded up: a multiplication by it divides.
    inverse: u64,
}

impl Even {
    /// `None` when the buckets between these edges are not equally long, or too many for the multiplication to be exact.
    fn of(edges: &[i64]) -> Option<Self> {
        let length = u64::try_from(edges[1].checked_sub(edges[0])?).ok().filter(|length| *length > 1)?;
        let is_even =
            edges.windows(2).all(|pair| pair[1].checked_sub(pair[0]).map(i64::cast_unsigned) == Some(length));
        let inverse = u64::MAX / length + 1;
        // (q · length + r) · inverse is below (q + 1) · 2⁶⁴ for every r, as long as this is so.
        let excess = u128::from(inverse) * u128::from(length) - (1 << 64);
        let end = u128::from(length) * edges.len() as u128;
        let last = u32::try_from(edges.len() - 2).ok()?;
        (is_even && excess * end < 1 << 64).then_some(Self { first: edges[0], last, inverse })
    }

    #[inline]
    fn index(self, since: u64) -> usize {
        let (product, last) = (u128::from(since) * u128::from(self.inverse), self.last as usize);
        usize::try_from(product >> u64::BITS).unwrap_or(usize::MAX).min(last)
    }
}

/// The slots between these edges, and how long they are. What comes after the last beginning needs none.
fn slots(edges: &[i64]) -> (Vec<Slot>, u32) {
    let starts = &edges[..edges.len() - 1];
    // A day that a zone left out has no length, and its edge is the next one.
    let widths = starts.windows(2).map(|pair| pair[1] - pair[0]).filter(|width| *width > 0);
    let shift = widths.min().unwrap_or(1).unsigned_abs().ilog2();
    let mut slots = Vec::new();
    let number = |bucket: usize| u16::try_from(bucket).expect("there are few buckets");
    let (mut start, mut bucket) = (edges[0], 0);
    while bucket + 1 < starts.len() || slots.is_empty() {
        let end = start + (1 << shift);
        let from = starts.partition_point(|other| *other < end) - 1;
        slots.push(Slot { edge: starts[from], before: number(bucket), from: number(from) });
        (start, bucket) = (end, from);
    }
    (slots, shift)
}

impl Period {
    /// The first day of the bucket with this day.
    fn start(self, date: Date) -> Date {
        match self {
            Self::Day => date,
            Self::Week => date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days()),
            Self::Month => date.first_of_month(),
        }
    }

    /// The first day of the bucket after the one that begins on this day.
    fn next(self, start: Date) -> Date {
        match self {
            Self::Day => start.saturating_add(1.day()),
            Self::Week => start.saturating_add(1.week()),
            Self::Month => start.saturating_add(1.month()),
        }
    }
}

/// When a day begins: at midnight, or later where clocks jump over it.
fn edge(date: Date, zone: &TimeZone) -> i64 {
    let midnight = date.to_zoned(zone.clone()).map(|midnight| midnight.timestamp().as_millisecond());
    midnight.unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(period: Period, zone: &str, from: &str, to: &str, expected: Expect) {
        let span = Span::between(from.parse().unwrap(), to.parse().unwrap());
        let buckets = Buckets::new(span, period, &TimeZone::get(zone).unwrap()).unwrap();
        for (index, start) in buckets.starts().iter().enumerate() {
            assert_eq!(buckets.index(start.ms()), index);
            assert_eq!(buckets.index(start.ms() - 1), index.saturating_sub(1));
        }
        let starts: Vec<String> = buckets.starts().iter().map(ToString::to_string).collect();
        expected.assert_eq(&starts.join("\n"));
    }

    #[test]
    fn buckets_of_one_length_are_found_by_multiplying() {
        let span =
            Span::between("2024-01-01T00:00:00Z".parse().unwrap(), "2026-07-01T00:00:00Z".parse().unwrap());
        for (period, zone, is_even) in [
            (Period::Day, "Asia/Tokyo", true),
            (Period::Week, "UTC", true),
            (Period::Month, "UTC", false),
            (Period::Day, "Europe/Berlin", false),
        ] {
            let buckets = Buckets::new(span, period, &TimeZone::get(zone).unwrap()).unwrap();
            assert_eq!(buckets.even.is_some(), is_even, "{period:?} {zone}");
            let uneven =
                Places::Uneven { first: buckets.start(), shift: buckets.shift, slots: &buckets.slots };
            let instants =
                buckets.edges.iter().flat_map(|edge| [edge - 1, *edge, edge + 1, edge + 7_654_321]);
            for ms in instants.chain([i64::MIN, i64::MAX]) {
                assert_eq!(buckets.index(ms), uneven.index(ms), "{period:?} {zone} {ms}");
            }
        }
    }

    #[test]
    fn hours_lie_in_the_buckets_of_their_instants() {
        let span =
            Span::between("2026-03-01T00:30:00Z".parse().unwrap(), "2026-06-01T00:00:00Z".parse().unwrap());
        for (zone, has_hours) in [("UTC", true), ("Europe/Berlin", true), ("Asia/Kolkata", false)] {
            let buckets = Buckets::new(span, Period::Day, &TimeZone::get(zone).unwrap()).unwrap();
            let first = hour(buckets.start());
            assert_eq!(buckets.by_hour().is_some(), has_hours, "{zone}");
            let Some(by_hour) = buckets.by_hour() else { continue };
            for base in [first - 30, first, first + 30] {
                let places = by_hour.counted_from(base);
                for of in first.max(base)..hour(buckets.edges[buckets.len()]) {
                    let index = places.index(u16::try_from(of - base).unwrap());
                    assert_eq!(index, buckets.index(i64::from(of) * Instant::HOUR_MS), "{zone} {base} {of}");
                }
            }
        }
    }

    #[test]
    fn a_day_has_23_hours_when_clocks_go_forward() {
        check(
            Period::Day,
            "Europe/Berlin",
            "2026-03-28T12:00:00Z",
            "2026-03-30T12:00:00Z",
            expect![[r#"
                2026-03-27T23:00:00.000Z
                2026-03-28T23:00:00.000Z
                2026-03-29T22:00:00.000Z"#]],
        );
    }

    #[test]
    fn a_day_begins_after_midnight_where_clocks_jump_over_it() {
        check(
            Period::Day,
            "Africa/Cairo",
            "2026-04-23T12:00:00Z",
            "2026-04-25T00:00:00Z",
            expect![[r#"
                2026-04-22T22:00:00.000Z
                2026-04-23T22:00:00.000Z
                2026-04-24T21:00:00.000Z"#]],
        );
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        check(
            Period::Week,
            "Asia/Tokyo",
            "2026-02-01T00:00:00Z",
            "2026-02-09T00:00:00Z",
            expect![[r#"
                2026-01-25T15:00:00.000Z
                2026-02-01T15:00:00.000Z
                2026-02-08T15:00:00.000Z"#]],
        );
        check(
            Period::Month,
            "UTC",
            "2026-01-31T23:59:59.999Z",
            "2026-03-01T00:00:00Z",
            expect![[r#"
                2026-01-01T00:00:00.000Z
                2026-02-01T00:00:00.000Z"#]],
        );
    }

    #[test]
    fn too_many_buckets_are_refused() {
        let span = Span::between(Instant::from_ms(0), Instant::from_ms(1 << 42));
        let error = Buckets::new(span, Period::Day, &TimeZone::UTC).unwrap_err();
        assert_eq!(error.kind(), model::ErrorKind::TooLarge);
    }
}
