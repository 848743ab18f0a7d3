//! How often somebody may try a password: ten times in a quarter of an hour for each address.

use std::collections::HashMap;
use std::sync::Mutex;

use model::Instant;

/// Wrong passwords for one address within [`WINDOW_MS`].
pub(super) const TRIES_MAX: u32 = 10;
/// How long wrong passwords are remembered.
pub(super) const WINDOW_MS: i64 = 15 * Instant::MINUTE_MS;
/// How many addresses are watched at once; beyond, old ones are forgotten first.
const ADDRESSES_MAX: usize = 10_000;

/// Wrong passwords by address. A lock, not a channel: it is held for one lookup, never across an await.
#[derive(Debug, Default)]
pub(super) struct Patience {
    tries: Mutex<HashMap<String, (u32, Instant)>>,
}

impl Patience {
    /// Counts a try for `address`; says after how many seconds to come back when there were too many.
    pub(super) fn try_once(&self, address: &str, now: Instant) -> Result<(), i64> {
        let mut tries = self.tries.lock().expect("nobody panics while holding it");
        if tries.len() >= ADDRESSES_MAX {
            tries.retain(|_, (_, first)| now.since_ms(*first) < WINDOW_MS);
        }
        if tries.len() >= ADDRESSES_MAX {
            tries.clear();
        }
        let (count, first) = tries.entry(address.to_lowercase()).or_insert((0, now));
        if now.since_ms(*first) >= WINDOW_MS {
            (*count, *first) = (0, now);
        }
        *count += 1;
        if *count <= TRIES_MAX {
            Ok(())
        } else {
            Err((WINDOW_MS - now.since_ms(*first)) / Instant::SECOND_MS + 1)
        }
    }

    /// The password was right: all is forgotten.
    pub(super) fn forget(&self, address: &str) {
        self.tries.lock().expect("nobody panics while holding it").remove(&address.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_waits_and_another_address_does_not() {
        let patience = Patience::default();
        let now = Instant::from_ms(0);
        for _ in 0..TRIES_MAX {
            assert_eq!(patience.try_once("A@example.com", now), Ok(()));
        }
        assert_eq!(patience.try_once("a@example.com", now.plus_ms(60_000)), Err(841));
        assert_eq!(patience.try_once("b@example.com", now), Ok(()));
        assert_eq!(patience.try_once("a@example.com", now.plus_ms(WINDOW_MS)), Ok(()));
    }

    #[test]
    fn a_right_password_forgets_the_wrong_ones() {
        let patience = Patience::default();
        let now = Instant::from_ms(0);
        for _ in 0..TRIES_MAX {
            assert_eq!(patience.try_once("a@example.com", now), Ok(()));
        }
        patience.forget("a@example.com");
        assert_eq!(patience.try_once("a@example.com", now), Ok(()));
    }
}
