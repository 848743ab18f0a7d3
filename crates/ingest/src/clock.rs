//! When something happened: instants on the wire, and what we believe of the sender's clock.

use model::Instant;

use crate::limits;

/// Whether the sender's clock is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// `receivedAt − (sentAt − originalTimestamp)`: what the sender's clock measured between the event
    /// and its sending is believed, what it showed is not.
    Corrected,
    /// History says when it happened.
    Believed,
}

/// An instant that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Believable {
    pub(crate) at: Instant,
    /// It was too far in the future and is now the instant at which it reached us.
    pub(crate) clamped: bool,
}

impl Clock {
    /// The instant of an event that `happened` and was `sent` by the sender's clock.
    pub(crate) fn at(
        self,
        happened: Option<Instant>,
        sent: Option<Instant>,
        received_at: Instant,
    ) -> Believable {
        let at = match (self, happened, sent) {
            (_, None, _) => received_at,
            (Self::Corrected, Some(happened), Some(sent)) => received_at.plus_ms(happened.since_ms(sent)),
            (Self::Corrected, Some(happened), None) | (Self::Believed, Some(happened), _) => happened,
        };
        believable(at, received_at)
    }
}

/// The instant, unless it is more than [`limits::FUTURE_MS_MAX`] in the future.
pub(crate) fn believable(at: Instant, received_at: Instant) -> Believable {
    if at > received_at.plus_ms(limits::FUTURE_MS_MAX) {
        Believable { at: received_at, clamped: true }
    } else {
        Believable { at, clamped: false }
    }
}

/// RFC 3339; without an offset it is UTC, as the SDKs mean it.
pub(crate) fn from_text(text: &str) -> Option<Instant> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(utc.timestamp().into())
    })
}

/// Numbers below this are seconds since 1970 (until the year 5138), others milliseconds (from 1973 on).
const SECONDS_MAX: i64 = 100_000_000_000;

/// Seconds or milliseconds since 1970, told apart by their size.
pub(crate) fn from_number(number: i64) -> Instant {
    if number.unsigned_abs() < SECONDS_MAX.unsigned_abs() {
        Instant::from_ms(number * Instant::SECOND_MS)
    } else {
        Instant::from_ms(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        from_text(text).expect("an instant")
    }

    fn check(clock: Clock, happened: Option<&str>, sent: Option<&str>, expected: &str) {
        let believed = clock.at(happened.map(at), sent.map(at), at("2026-03-01T12:00:00Z"));
        let flag = if believed.clamped { " clamped" } else { "" };
        assert_eq!(format!("{}{flag}", believed.at), expected);
    }

    #[test]
    fn a_clock_that_is_an_hour_slow_is_corrected() {
        check(
            Clock::Corrected,
            Some("2026-03-01T10:59:50Z"),
            Some("2026-03-01T11:00:00Z"),
            "2026-03-01T11:59:50.000Z",
        );
        check(
            Clock::Believed,
            Some("2026-03-01T10:59:50Z"),
            Some("2026-03-01T11:00:00Z"),
            "2026-03-01T10:59:50.000Z",
        );
    }

    #[test]
    fn without_a_sending_time_the_event_is_believed_and_without_any_it_happened_now() {
        check(Clock::Corrected, Some("2026-02-01T00:00:00Z"), None, "2026-02-01T00:00:00.000Z");
        check(Clock::Corrected, None, Some("2026-02-01T00:00:00Z"), "2026-03-01T12:00:00.000Z");
    }

    #[test]
    fn more_than_a_day_in_the_future_is_clamped_to_the_arrival() {
        check(Clock::Corrected, Some("2026-03-02T12:00:00Z"), None, "2026-03-02T12:00:00.000Z");
        check(Clock::Corrected, Some("2026-03-02T12:00:00.001Z"), None, "2026-03-01T12:00:00.000Z clamped");
        check(Clock::Believed, Some("2030-01-01T00:00:00Z"), None, "2026-03-01T12:00:00.000Z clamped");
    }

    #[test]
    fn instants_are_read_in_the_forms_that_clients_send() {
        let expected = at("2026-11-22T04:20:21.560Z");
        for text in
            ["2026-11-22T04:20:21.560+00:00", "2026-11-22T04:20:21.560", "2026-11-22 13:20:21.56+09:00"]
        {
            assert_eq!(from_text(text), Some(expected), "{text}");
        }
        assert_eq!(from_number(1_795_321_221_560), expected);
        assert_eq!(from_number(1_795_321_221), at("2026-11-22T04:20:21Z"));
        assert_eq!(from_text("yesterday"), None);
    }
}
