//! Retention: what happened before an instant is forgotten, in every answer at once and for good.
//!
//! ```text
//! forget ──► rows in memory and in hot parts: holes     ──► the compactions that follow write their parts without them
//!        └─► parts and old parts with nothing else: gone ──► files and objects go when a manifest without them counts
//! ```
//!
//! Only streams that age forget ([`crate::Options::ages`]). That somebody was seen is no event: when they were first
//! seen stays. What arrives later is not touched, however long ago it happened, until somebody forgets again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use model::{Instant, Lane};
use serde::{Deserialize, Serialize};

use crate::cold::{Old, month};
use crate::columns::{Columns, StreamRows};
use crate::first_seen::Firsts;
use crate::holes::Holes;
use crate::missing::Missing;
use crate::part::Part;
use crate::snapshot::Snapshot;
use crate::table::{Table, View};

/// Which rows are forgotten.
///
/// Usually it is one boundary. There are more when a later one lies before an earlier one: then what was brought
/// again in between counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten(Vec<Boundary>);

/// What happened before `before` and arrived before `arrival` is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Boundary {
    before: Instant,
    arrival: u64,
}

impl Forgotten {
    /// From when on everything that arrived is there; the beginning of time: nothing was ever forgotten.
    pub fn kept_from(&self) -> Instant {
        self.0.first().map_or(Instant::MIN, |latest| latest.before)
    }

    /// What arrived so far and happened before this is forgotten, too.
    fn add(&mut self, before: Instant, arrival: u64) {
        self.0.retain(|other| other.before > before);
        self.0.push(Boundary { before, arrival });
    }

    /// Whether a row that happened then and arrived so is forgotten.
    pub(crate) fn covers(&self, ms: i64, arrival: impl FnOnce() -> u64) -> bool {
        if ms >= self.kept_from().ms() {
            return false;
        }
        let arrival = arrival();
        self.0.iter().any(|boundary| ms < boundary.before.ms() && arrival < boundary.arrival)
    }

    /// The rows of a table, of those that `holes` leave, that are forgotten.
    fn rows_of(&self, table: &Table, holes: &Holes) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let lanes = Lane::all().filter(|lane| table.extent(*lane).first < self.kept_from().ms());
        for row in lanes.flat_map(|lane| holes.between(table.lane_rows(lane))).flatten() {
            if !self.covers(table.times()[row], || table.arrival(row)) {
                continue;
            }
            match ranges.last_mut() {
                Some(last) if last.end == row => last.end = row + 1,
                Some(_) | None => ranges.push(row..row + 1),
            }
        }
        ranges
    }

    /// Makes holes of the forgotten rows of a table.
    pub(crate) fn make_holes(&self, table: &Table, holes: &mut Holes) {
        self.rows_of(table, holes).into_iter().for_each(|rows| holes.add(rows));
    }

    /// Whether a hot part still has forgotten rows on the disk.
    pub(crate) fn lies_in(&self, part: &Part) -> bool {
        let view = &part.view;
        let mut hidden = view.holes.iter().flatten();
        part.entry.earliest < self.kept_from()
            && hidden.any(|row| self.covers(view.times()[row], || view.arrival(row)))
    }
}

impl Columns {
    /// Forgets what happened before the calendar month (UTC) in which `before` lies and has arrived so far.
    ///
    /// It looks at every hot row that is as old, so it takes about a nanosecond for each; nobody is asked on the shelf.
    pub fn forget(&mut self, before: Instant) {
        let before = month::start(before);
        self.freeze();
        self.forgotten.add(before, self.arrival_next);
        let mut firsts = Firsts::default();
        let ages = self.options.ages;
        for (_, rows) in self.streams.iter_mut().filter(|(name, _)| ages(name)) {
            self.retired.extend(rows.forget((&self.forgotten, before), &mut firsts));
        }
        let is_gone = |missing: &Missing| ages(&missing.part.stream) && missing.part.latest < before;
        let (gone, missing): (Vec<_>, Vec<_>) = self.missing.iter().cloned().partition(is_gone);
        self.retired.extend(gone.into_iter().map(|missing| missing.part.file));
        self.missing = missing.into();
        if let Some(seen) = firsts.into_table() {
            self.remember_seen(seen);
        }
    }

    /// What was forgotten so far.
    pub fn forgotten(&self) -> &Forgotten {
        &self.forgotten
    }

    /// Whether [`Self::forget`] would find anything.
    pub fn has_before(&self, before: Instant) -> bool {
        let before = month::start(before);
        let here = |rows: &StreamRows| {
            rows.old.iter().any(|old| old.entry.latest < before)
                || rows.tail.rows().iter().any(|row| row.time < before.ms())
                || rows.views().any(|view| has_before(view, before))
        };
        self.streams.iter().any(|(name, rows)| (self.options.ages)(name) && here(rows))
    }

    /// Whether forgotten rows still lie in hot parts: the compactions to come write them anew.
    pub fn holds_forgotten(&self) -> bool {
        let aging = self.streams.iter().filter(|(name, _)| (self.options.ages)(name));
        aging.flat_map(|(_, rows)| &rows.parts).any(|part| self.forgotten.lies_in(part))
    }
}

impl StreamRows {
    /// Forgets rows of one stream; answers the files that are no longer needed.
    fn forget(&mut self, (forgotten, before): (&Forgotten, Instant), firsts: &mut Firsts) -> Vec<String> {
        let mut changed = false;
        for view in self.views_mut() {
            let gone = forgotten.rows_of(view, &view.holes);
            if gone.is_empty() {
                continue;
            }
            firsts.see_all(view, gone.iter().cloned());
            let holes = Arc::make_mut(&mut view.holes);
            gone.into_iter().for_each(|rows| holes.add(rows));
            changed = true;
        }
        self.recent.retain(|view| view.rows() > 0);
        // No row of an old part was first seen in it: that was kept when it left the hot parts.
        let (old_gone, old): (Vec<_>, Vec<_>) =
            self.old.iter().cloned().partition(|old| old.entry.latest < before);
        let is_empty = |part: &mut Part| part.view.rows() == 0 && part.entry.latest < before;
        let gone: Vec<Part> = self.parts.extract_if(.., is_empty).collect();
        self.changed |= changed || !old_gone.is_empty();
        self.old = old.into();
        let old_gone = old_gone.iter().map(|old: &Arc<Old>| old.entry.file.clone());
        old_gone.chain(gone.into_iter().map(|part| part.entry.file)).collect()
    }
}

impl Snapshot {
    /// From when on everything that arrived is there; the beginning of time: nothing was ever forgotten.
    pub fn kept_from(&self) -> Instant {
        self.kept_from
    }

    /// How many rows of these streams [`Columns::forget`] would forget, by the beginning of their month (UTC). Old parts
    /// are not read for this: who was erased since they were written is counted with them.
    pub fn rows_before(&self, before: Instant, streams: impl Fn(&str) -> bool) -> BTreeMap<Instant, u64> {
        let before = month::start(before);
        let mut months: BTreeMap<Instant, u64> = BTreeMap::new();
        for stream in self.streams.values().filter(|stream| streams(stream.name())) {
            for old in stream.old().filter(|old| old.entry.latest < before) {
                *months.entry(month::start(old.entry.latest)).or_default() += old.rows() as u64;
            }
            for view in stream.near() {
                count_months(view, before, &mut months);
            }
        }
        months
    }
}

/// Whether a row that counts happened before this.
fn has_before(view: &View, before: Instant) -> bool {
    let lanes = Lane::all().filter(|lane| view.extent(*lane).first < before.ms());
    lanes.flat_map(|lane| view.lane(lane)).flatten().any(|row| view.times()[row] < before.ms())
}

/// Counts the rows before this by month.
fn count_months(view: &View, before: Instant, months: &mut BTreeMap<Instant, u64>) {
    let mut here: (Range<i64>, u64) = (0..0, 0);
    let mut settle = |(range, count): (Range<i64>, u64)| {
        if count > 0 {
            *months.entry(Instant::from_ms(range.start)).or_default() += count;
        }
    };
    let lanes = Lane::all().filter(|lane| view.extent(*lane).first < before.ms());
    for row in lanes.flat_map(|lane| view.lane(lane)).flatten() {
        let ms = view.times()[row];
        if ms >= before.ms() {
            continue;
        }
        if !here.0.contains(&ms) {
            let at = Instant::from_ms(ms);
            let month = month::start(at).ms()..month::next(at).ms();
            settle(std::mem::replace(&mut here, (month, 0)));
        }
        here.1 += 1;
    }
    settle(here);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which rows are forgotten after these boundaries, of rows that happened and arrived so.
    fn check(boundaries: &[(i64, u64)], rows: &[(i64, u64)], expected: &[bool]) {
        let mut forgotten = Forgotten::default();
        for (before, arrival) in boundaries {
            forgotten.add(Instant::from_ms(*before), *arrival);
        }
        let found: Vec<bool> = rows.iter().map(|(ms, arrival)| forgotten.covers(*ms, || *arrival)).collect();
        assert_eq!(found, expected, "{boundaries:?}");
    }

    #[test]
    fn what_arrives_later_is_kept_until_somebody_forgets_again() {
        let rows = [(9, 0), (10, 0), (9, 5), (19, 5), (20, 5)];
        check(&[], &rows, &[false; 5]);
        check(&[(10, 5)], &rows, &[true, false, false, false, false]);
        check(&[(10, 5), (20, 6)], &rows, &[true, true, true, true, false]);
    }

    #[test]
    fn who_keeps_more_again_keeps_what_is_brought_again() {
        // Before 20 was forgotten; then the boundary moved back to 10, and rows were brought again.
        let rows = [(15, 0), (15, 7), (5, 7), (5, 9)];
        check(&[(20, 5), (10, 8)], &rows, &[true, false, true, false]);
    }
}
