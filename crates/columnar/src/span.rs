//! A stretch of time, as every question means it.

use model::Instant;

/// The instants after `after` up to and including `until`: "in the last 30 days" is `(as_of − 30·24 h, as_of]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Excluded.
    pub after: Instant,
    /// Included.
    pub until: Instant,
}

impl Span {
    /// All of time.
    pub const EVER: Self = Self { after: Instant::MIN, until: Instant::MAX };

    /// Everything up to and including `until`.
    pub const fn until(until: Instant) -> Self {
        Self { after: Instant::MIN, until }
    }

    /// The last `ms` milliseconds before and including `until`.
    pub const fn last(ms: i64, until: Instant) -> Self {
        Self { after: until.plus_ms(-ms), until }
    }

    /// The calendar way: from `start` (included) to `end` (excluded).
    pub const fn between(start: Instant, end: Instant) -> Self {
        Self { after: start.plus_ms(-1), until: end.plus_ms(-1) }
    }

    /// The span of equal length right before this one; nothing lies before all of time.
    pub const fn previous(self) -> Self {
        let ms = self.until.since_ms(self.after);
        Self { after: self.after.plus_ms(-ms), until: self.after }
    }

    /// Whether an instant (in milliseconds) lies in it.
    #[inline]
    pub const fn contains(self, ms: i64) -> bool {
        self.after.ms() < ms && ms <= self.until.ms() || ms == i64::MIN && self.after.ms() == i64::MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_outside_and_the_end_inside() {
        let span = Span::last(30, Instant::from_ms(100));
        assert_eq!([70, 71, 100, 101].map(|ms| span.contains(ms)), [false, true, true, false]);
        assert_eq!(span.previous(), Span { after: Instant::from_ms(40), until: Instant::from_ms(70) });
    }

    #[test]
    fn the_calendar_way_includes_the_start() {
        let span = Span::between(Instant::from_ms(10), Instant::from_ms(20));
        assert_eq!([9, 10, 19, 20].map(|ms| span.contains(ms)), [false, true, true, false]);
    }
}
