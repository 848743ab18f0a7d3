//! Calendar buckets: days, weeks and months as a time zone has them, with all its jumps.

use columnar::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use model::Instant;
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
    /// About how long each is.
    width: i64,
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
        let buckets = i64::try_from(edges.len() - 1).expect("there are few buckets");
        let width = ((edges[edges.len() - 1] - edges[0]) / buckets.max(1)).max(1);
        Ok(Self { edges, width })
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.edges.len() - 1
    }

    /// Whether an instant (in milliseconds) lies before the first one.
    pub(crate) fn is_before(&self, ms: i64) -> bool {
        ms < self.edges[0]
    }

    /// Where each begins.
    pub(crate) fn starts(&self) -> Vec<Instant> {
        self.edges[..self.len()].iter().map(|ms| Instant::from_ms(*ms)).collect()
    }

    /// The bucket of an instant (in milliseconds) within the span: a guess by the mean width, then a step or two.
    #[inline]
    pub(crate) fn index(&self, ms: i64) -> usize {
        let last = self.len() - 1;
        let guess = usize::try_from((ms - self.edges[0]) / self.width).unwrap_or(0);
        let mut index = guess.min(last);
        while index > 0 && ms < self.edges[index] {
            index -= 1;
        }
        while index < last && ms >= self.edges[index + 1] {
            index += 1;
        }
        index
    }
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
