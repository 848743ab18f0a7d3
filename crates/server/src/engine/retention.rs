//! Retention: for how long events are kept, and the record that says that earlier ones go.
//!
//! The fold proposes, the journal remembers, and the fold forgets when it reads the record back. So whoever folds the
//! journal again forgets at the same place, and live audiences tell the same rows. It decides only when; what
//! forgetting means is said by [`columnar::Columns::forget`].

use columnar::Columns;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use model::Instant;
use serde::{Deserialize, Serialize};

/// Events are forgotten that happened before an instant and were accepted before this record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forget {
    /// When it was decided.
    pub at: Instant,
    /// The beginning of a calendar month (UTC).
    pub before: Instant,
}

/// From when on events are kept at `now`, when they are kept for so many months: the current calendar month (UTC) and so
/// many before it.
pub fn kept_from(now: Instant, months: u32) -> Instant {
    let today = now.timestamp().to_zoned(TimeZone::UTC).date();
    let first = today.first_of_month().checked_sub(i64::from(months).months());
    let first = first.and_then(|first| first.to_zoned(TimeZone::UTC));
    first.map_or(Instant::MIN, |first| first.timestamp().into())
}

/// How often the fold looks whether something has become too old.
const LOOK_MS: i64 = 10_000;
/// What arrived for a time that was forgotten already goes once a day.
const AGAIN_MS: i64 = Instant::DAY_MS;

/// What the fold remembers of retention between two turns.
#[derive(Debug, Default)]
pub(super) struct Retention {
    /// A record was proposed and not read back yet: no further one until then.
    pub(super) proposed: bool,
    looked: Option<(Instant, u32)>,
    forgot_at: Option<Instant>,
}

impl Retention {
    /// What should be forgotten now, if anything should, when events are kept for so many months.
    pub(super) fn due(&mut self, now: Instant, months: Option<u32>, columns: &Columns) -> Option<Forget> {
        let months = months.filter(|_| !self.proposed)?;
        if self.looked.is_some_and(|(at, for_months)| for_months == months && now.since_ms(at) < LOOK_MS) {
            return None;
        }
        self.looked = Some((now, months));
        let before = kept_from(now, months);
        let is_done = before <= columns.forgotten().kept_from();
        if is_done && self.forgot_at.is_some_and(|at| now.since_ms(at) < AGAIN_MS) {
            return None;
        }
        columns.has_before(before).then_some(Forget { at: now, before })
    }

    /// A record was read back.
    pub(super) fn heard(&mut self, records: &[Forget]) {
        self.proposed = false;
        self.forgot_at = records.iter().map(|record| record.at).max().max(self.forgot_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(now: &str, months: u32, expected: &str) {
        let instant = |text: &str| text.parse::<Instant>().unwrap();
        assert_eq!(kept_from(instant(now), months), instant(expected), "{months} months at {now}");
    }

    #[test]
    fn whole_months_are_kept_and_the_current_one() {
        check("2026-03-31T23:59:59Z", 1, "2026-02-01T00:00:00Z");
        check("2026-03-01T00:00:00Z", 1, "2026-02-01T00:00:00Z");
        check("2026-03-15T12:00:00Z", 13, "2025-02-01T00:00:00Z");
        check("2026-11-25T12:00:00Z", 1_200, "1926-11-01T00:00:00Z");
    }
}
