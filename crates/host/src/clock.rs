//! What time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use model::Instant;

/// What time it is.
pub trait Clock: Send + Sync {
    /// The wall clock, UTC.
    fn now(&self) -> Instant;

    /// A clock that only goes forward, in microseconds from an arbitrary start: for how long things took.
    fn elapsed_us(&self) -> u64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("the clock stands after 1970");
        Instant::from_ms(i64::try_from(since.as_millis()).expect("milliseconds fit for 292 million years"))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn elapsed_us(&self) -> u64 {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        let start = *START.get_or_init(std::time::Instant::now);
        u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A clock that moves only when told.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Instant) -> Self {
        Self(AtomicI64::new(now.ms()))
    }

    /// Moves it forward.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::from_ms(self.0.load(Ordering::SeqCst))
    }

    fn elapsed_us(&self) -> u64 {
        u64::try_from(self.now().ms()).unwrap_or(0).saturating_mul(1000)
    }
}
