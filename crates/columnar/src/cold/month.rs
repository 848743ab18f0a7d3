//! Calendar months in UTC: by them old rows are divided, so that a part is of one month.

use jiff::tz::TimeZone;
use model::Instant;

/// The beginning of the month in which this instant lies.
pub(crate) fn start(at: Instant) -> Instant {
    let zoned = at.timestamp().to_zoned(TimeZone::UTC);
    let start = zoned.first_of_month().and_then(|first| first.start_of_day());
    start.map_or(Instant::MIN, |start| start.timestamp().into())
}

/// The beginning of the month after the one in which this instant lies; the end of time after the last.
pub(crate) fn next(at: Instant) -> Instant {
    let zoned = at.timestamp().to_zoned(TimeZone::UTC);
    let last = zoned.last_of_month().and_then(|last| last.tomorrow()).and_then(|next| next.start_of_day());
    last.map_or(Instant::MAX, |next| next.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_of_its_first_day() {
        let instant = |text: &str| text.parse::<Instant>().unwrap();
        for (at, first, after) in [
            ("2024-02-29T23:59:59.999Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z"),
            ("1969-12-31T23:00:00Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!((start(instant(at)), next(instant(at))), (instant(first), instant(after)), "{at}");
        }
        assert_eq!(next(Instant::MAX), Instant::MAX);
    }
}
