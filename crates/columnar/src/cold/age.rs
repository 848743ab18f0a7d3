//! What time does to parts: rows before a boundary go to the shelf by calendar month. Parts of which rows were forgotten are
//! written anew without them on the same way.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use model::{Instant, Text};

use super::month;
use super::old::Old;
use super::question::Question;
use crate::error::Error;
use crate::first_seen::Firsts;
use crate::forget::Forgotten;
use crate::holes::Holes;
use crate::merge::merge;
use crate::part::{Part, file_name};
use crate::span::Span;
use crate::table::{Table, View};

/// Rows of one stream on their way.
#[derive(Debug)]
pub(crate) struct Age {
    pub(crate) dir: PathBuf,
    pub(crate) id: u64,
    pub(crate) stream: Text,
    pub(crate) hot: Vec<Part>,
    pub(crate) old: Vec<Arc<Old>>,
    /// Whose rows are whose now.
    pub(crate) question: Arc<Question>,
    pub(crate) cold_before: Instant,
}

/// What the rows became.
#[derive(Debug)]
pub(crate) struct Aged {
    pub(crate) hot: Option<Part>,
    pub(crate) old: Vec<(Old, Table)>,
    /// When each customer was first seen in rows that leave the hot parts, by whom the rows arrived for.
    pub(crate) seen: Option<Table>,
}

/// What of one stream should be moved on next.
pub(crate) fn choose(
    (hot, old): (&[Part], &[Arc<Old>]),
    (cold_before, forgotten): (Instant, &Forgotten),
    (rows_min, parts_max, bytes_max): (usize, usize, u64),
) -> (Vec<Part>, Vec<Arc<Old>>) {
    let cold_before = month::start(cold_before);
    let mut chosen: Vec<Part> = Vec::new();
    let (mut rows, mut bytes) = (0, 0);
    for part in hot {
        let (leaving, is_due) = (before(part, cold_before), forgotten.lies_in(part));
        let fits = chosen.is_empty() || bytes + part.entry.bytes <= bytes_max;
        if (leaving > 0 || is_due) && fits {
            rows += leaving + if is_due { rows_min.max(1) } else { 0 };
            bytes += part.entry.bytes;
            chosen.push(part.clone());
        }
    }
    if rows >= rows_min.max(1) {
        (chosen, Vec::new())
    } else {
        (Vec::new(), of_one_month(old, parts_max, bytes_max))
    }
}

/// How many rows of a hot part happened before this.
fn before(part: &Part, bound: Instant) -> usize {
    if part.entry.earliest >= bound {
        return 0;
    }
    let view = &part.view;
    let live = view.holes.between(0..view.len()).flatten();
    live.filter(|row| view.times()[*row] < bound.ms()).count()
}

/// Old parts of one month that should become one, when they are too many.
fn of_one_month(old: &[Arc<Old>], parts_max: usize, bytes_max: u64) -> Vec<Arc<Old>> {
    let months: BTreeSet<Instant> = old.iter().map(|old| month::start(old.entry.earliest)).collect();
    for month in months {
        let mut alike: Vec<_> =
            old.iter().filter(|old| month::start(old.entry.earliest) == month).cloned().collect();
        alike.sort_by_key(|old| old.index.decoded_bytes());
        let mut bytes = 0;
        alike.retain(|old| {
            bytes += old.index.decoded_bytes();
            bytes <= bytes_max
        });
        if alike.len() >= parts_max.max(2) {
            return alike;
        }
    }
    Vec::new()
}

impl Age {
    /// Writes what the rows become: on the shelf first, then here. Nothing is taken away.
    pub(crate) fn run(&self) -> Result<Aged, Error> {
        let hot: Vec<View> = self.hot.iter().map(|part| part.view.clone()).collect();
        let past: Vec<View> = self.old.iter().flat_map(|old| self.question.views(old)).collect();
        self.complain()?;
        let cold_before = month::start(self.cold_before);
        let all: Vec<View> = past.into_iter().chain(hot.iter().cloned()).collect();
        let mut old = Vec::new();
        // What was on the shelf stays there, wherever the boundary is now.
        let shelved_before = self.old.iter().map(|old| month::next(old.entry.latest)).max();
        let shelved_before = shelved_before.map_or(cold_before, |shelved| shelved.max(cold_before));
        for month in months(&all, shelved_before) {
            let table = self.piece(&all, month)?;
            if !table.is_empty() {
                old.push((self.shelve(month, &table)?, table));
            }
        }
        let table = self.piece(&all, Span { after: shelved_before.plus_ms(-1), until: Instant::MAX })?;
        let rest = if table.is_empty() {
            None
        } else {
            Some(Part::write(&self.dir, file_name(self.id, &self.stream), &self.stream, &table)?)
        };
        Ok(Aged { hot: rest, old, seen: seen(&hot, shelved_before) })
    }

    /// One table of the rows within `span`.
    fn piece(&self, views: &[View], span: Span) -> Result<Table, Error> {
        let table = merge(&views.iter().map(|view| within(view, span)).collect::<Vec<_>>());
        self.complain()?;
        Ok(table)
    }

    fn shelve(&self, month: Span, table: &Table) -> Result<Old, Error> {
        let name = month.until.timestamp().strftime("%Y-%m").to_string();
        let stem =
            format!("{}-{name}", file_name(self.id, &self.stream).trim_end_matches(crate::part::SUFFIX));
        Old::write((&self.dir, &self.question.pool), &stem, &self.stream, table)
    }

    /// What could not be had of old parts must not be lost by making new ones without it.
    fn complain(&self) -> Result<(), Error> {
        if let Some(crowded) = self.question.crowded() {
            return Err(Error::Crowded { bytes: crowded.bytes, bytes_max: crowded.bytes_max });
        }
        match self.question.lost().first() {
            Some(lost) => Err(Error::damaged(self.dir.join(&lost.part.file).as_path(), &lost.reason)),
            None => Ok(()),
        }
    }
}

/// The months in which rows before this, the beginning of one, happened.
fn months(views: &[View], bound: Instant) -> Vec<Span> {
    let mut months: Vec<Span> = Vec::new();
    for view in views {
        let mut here: Option<Span> = None;
        for row in view.holes.between(0..view.len()).flatten() {
            let ms = view.times()[row];
            if ms >= bound.ms() || here.is_some_and(|month| month.contains(ms)) {
                continue;
            }
            here = months.iter().find(|month| month.contains(ms)).copied();
            if here.is_none() {
                let at = Instant::from_ms(ms);
                let month = Span::between(month::start(at), month::next(at));
                months.push(month);
                here = Some(month);
            }
        }
    }
    months.sort_by_key(|month| month.after);
    months
}

/// The view without the rows outside of `span`.
fn within(view: &View, span: Span) -> View {
    let mut holes = Holes::default();
    let times = view.times();
    view.holes.iter().for_each(|hole| holes.add(hole));
    let mut start = None;
    for row in 0..=view.len() {
        let outside = times.get(row).is_some_and(|time| !span.contains(*time));
        match (outside, start) {
            (true, None) => start = Some(row),
            (false, Some(first)) => {
                holes.add(first..row);
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    View { table: Arc::clone(&view.table), holes: Arc::new(holes) }
}

/// When each customer was first seen in rows before `bound`, by whom the rows arrived for.
fn seen(views: &[View], bound: Instant) -> Option<Table> {
    let mut firsts = Firsts::default();
    for view in views {
        let old = |row: &usize| view.times()[*row] < bound.ms();
        let rows = view.holes.between(0..view.len()).flatten().filter(old);
        firsts.see_all(view, rows.map(|row| row..row + 1));
    }
    firsts.into_table()
}
