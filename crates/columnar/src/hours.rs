//! The hour in which each row of a lane happened: two bytes where an instant has eight.
//!
//! Most rows need no more to be let in or left out; of the others the instant is
//! looked at. Like a directory it says nothing that the rows do not say, and is
//! made when somebody first asks.

use std::ops::Range;

use crate::mask::row_bits;
use crate::table::Extent;

const HOUR_MS: i64 = 3_600_000;

/// The hour in which each row of a lane happened.
#[derive(Debug)]
pub struct Hours {
    /// The first row of the lane.
    start: usize,
    /// From which hour they are counted, itself counted since 1970.
    base: i32,
    /// One for each row.
    of: Vec<u16>,
}

impl Hours {
    /// Of the rows of a lane of which `start` is the first; `None`: too many hours lie between the first and the last.
    pub(crate) fn of(times: &[i64], start: usize, extent: Extent) -> Option<Self> {
        let [base, last] = [extent.first, extent.last].map(|ms| i32::try_from(ms.div_euclid(HOUR_MS)));
        let base = base.ok()?;
        u16::try_from(last.ok()?.checked_sub(base)?).ok()?;
        let first = i64::from(base) * HOUR_MS;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "every instant lies within the extent"
        )]
        let after = |time: &i64| ((time - first) / HOUR_MS) as u16;
        let of = times.iter().map(after).collect();
        Some(Self { start, base, of })
    }

    /// Which of `rows` happened from `first` to `last` (in milliseconds, both included): 64 to a word, the lowest bit
    /// first. `times` are all of the table.
    pub(crate) fn within(&self, times: &[i64], rows: Range<usize>, (first, last): (i64, i64)) -> Vec<u64> {
        let Some((from, to)) = self.between(hour(first), hour(last)) else {
            return vec![0; rows.len().div_ceil(64)];
        };
        let hours = self.rows(rows.clone());
        let mut words = row_bits(hours, |hour| (from <= *hour) & (*hour <= to));
        // Of the first and the last hour the instant decides; few words have a row of them.
        let is_edge = |hour: &u16| (*hour == from) | (*hour == to);
        for (index, (word, hours)) in words.iter_mut().zip(hours.chunks(64)).enumerate() {
            if !hours.iter().fold(false, |any, hour| any | is_edge(hour)) {
                continue;
            }
            for (bit, _) in hours.iter().enumerate().filter(|(_, hour)| is_edge(hour)) {
                let time = times[rows.start + index * 64 + bit];
                *word &= !(u64::from(time < first || last < time) << bit);
            }
        }
        words
    }

    /// From which hour [`Self::rows`] are counted, itself counted since 1970.
    pub fn base(&self) -> i32 {
        self.base
    }

    /// The hour of each of `rows`, counted from [`Self::base`].
    pub fn rows(&self, rows: Range<usize>) -> &[u16] {
        &self.of[rows.start - self.start..rows.end - self.start]
    }

    /// The hours, counted since 1970, of the first and the last of `rows`.
    #[inline]
    pub fn ends(&self, rows: Range<usize>) -> (i32, i32) {
        let hour = |row: usize| self.base + i32::from(self.of[row - self.start]);
        (hour(rows.start), hour(rows.end - 1))
    }

    /// Two hours since 1970 as they are counted here; `None`: no row is between them.
    #[inline]
    fn between(&self, first: i32, last: i32) -> Option<(u16, u16)> {
        let [from, to] = [first, last].map(|hour| hour.saturating_sub(self.base));
        let clamped = |hours: i32| u16::try_from(hours.max(0)).unwrap_or(u16::MAX);
        (from <= i32::from(u16::MAX) && to >= 0).then(|| (clamped(from), clamped(to)))
    }
}

/// The hour of an instant (in milliseconds), counted since 1970; of instants beyond all history the last there is.
#[inline]
pub fn hour(ms: i64) -> i32 {
    let hour = ms.div_euclid(HOUR_MS);
    i32::try_from(hour).unwrap_or(if hour < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instant() -> impl Strategy<Value = i64> {
        prop_oneof![-3 * HOUR_MS..300 * HOUR_MS, (-2_i64..40).prop_map(|hour| hour * HOUR_MS)]
    }

    proptest! {
        #[test]
        fn they_let_in_what_the_instants_let_in(
            mut times in proptest::collection::vec(instant(), 1..200),
            mut ends in (instant(), instant()),
            skipped in 0_usize..3,
        ) {
            times.sort_unstable();
            ends = (ends.0.min(ends.1), ends.0.max(ends.1));
            let extent = Extent { first: times[0], last: times[times.len() - 1] };
            let hours = Hours::of(&times, 0, extent).expect("they are close");
            let rows = skipped.min(times.len())..times.len();
            let words = hours.within(&times, rows.clone(), ends);
            for (place, row) in rows.enumerate() {
                let is_in = words[place / 64] >> (place % 64) & 1 == 1;
                prop_assert_eq!(is_in, (ends.0..=ends.1).contains(&times[row]));
                prop_assert_eq!(hours.ends(row..times.len()), (hour(times[row]), hour(extent.last)));
            }
        }
    }

    #[test]
    fn rows_of_a_lifetime_have_no_hours() {
        let extent = Extent { first: 0, last: 70_000 * HOUR_MS };
        assert!(Hours::of(&[extent.first, extent.last], 0, extent).is_none());
        let extent = Extent { first: i64::MIN, last: i64::MAX };
        assert!(Hours::of(&[extent.first, extent.last], 0, extent).is_none());
    }
}
