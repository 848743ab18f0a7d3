//! What time does to parts: rows before one boundary go to the shelf by calendar month, rows before another go for good.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use model::{CustomerId, Instant, Properties, Text};
use rustc_hash::FxHashMap;

use super::month;
use super::old::Old;
use super::question::Question;
use crate::build::{Pending, table_of};
use crate::error::Error;
use crate::holes::Holes;
use crate::merge::merge;
use crate::part::{Part, file_name};
use crate::span::Span;
use crate::table::{Table, View};

/// From when on rows are where. Rows of one part lie on one side of each boundary, sooner or later.
#[derive(Debug, Clone, Copy)]
pub struct Aging {
    /// Rows of calendar months (UTC) that ended before this go to the shelf.
    pub cold_before: Instant,
    /// Rows before this go for good: those in hot parts up to this instant, those on the shelf month by month.
    pub keep_from: Instant,
    /// Of which streams: the others stay whole and hot, because the last row of them counts however old it is.
    pub streams: fn(&str) -> bool,
}

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
    pub(crate) keep_from: Instant,
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
    aging: &Aging,
    (rows_min, parts_max, bytes_max): (usize, usize, u64),
) -> (Vec<Part>, Vec<Arc<Old>>) {
    let expired = |old: &&Arc<Old>| old.entry.latest < aging.keep_from;
    let gone: Vec<_> = old.iter().filter(expired).cloned().collect();
    let cold_before = month::start(aging.cold_before);
    let mut chosen: Vec<Part> = Vec::new();
    let (mut rows, mut bytes) = (0, 0);
    for part in hot {
        let (leaving, going) = (before(part, cold_before), before(part, aging.keep_from));
        let fits = chosen.is_empty() || bytes + part.entry.bytes <= bytes_max;
        if (leaving > 0 || going > 0) && fits {
            rows += leaving + if going > 0 { rows_min } else { 0 };
            bytes += part.entry.bytes;
            chosen.push(part.clone());
        }
    }
    if rows < rows_min.max(1) {
        chosen.clear();
    }
    if chosen.is_empty() && gone.is_empty() {
        (chosen, of_one_month(old, parts_max, bytes_max))
    } else {
        (chosen, gone)
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
        let kept = self.old.iter().filter(|old| old.entry.latest >= self.keep_from);
        let past: Vec<View> = kept.flat_map(|old| self.question.views(old)).collect();
        self.complain()?;
        let cold_before = month::start(self.cold_before).max(self.keep_from);
        let all: Vec<View> = past.into_iter().chain(hot.iter().cloned()).collect();
        let mut old = Vec::new();
        // What was on the shelf stays there, wherever the boundary is now.
        let shelved_before = self.old.iter().map(|old| month::next(old.entry.latest)).max();
        let shelved_before = shelved_before.map_or(cold_before, |shelved| shelved.max(cold_before));
        for month in months(&all, Span::between(self.keep_from, shelved_before)) {
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

/// The months in which rows within `span` happened.
fn months(views: &[View], span: Span) -> Vec<Span> {
    let mut months: Vec<Span> = Vec::new();
    for view in views {
        let mut here: Option<Span> = None;
        for row in view.holes.between(0..view.len()).flatten() {
            let ms = view.times()[row];
            if !span.contains(ms) || here.is_some_and(|month| month.contains(ms)) {
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
    // A boundary may lie within a month: what lies before it is not meant.
    let clip = |month: Span| Span { after: month.after.max(span.after), until: month.until.min(span.until) };
    months.sort_by_key(|month| month.after);
    months.into_iter().map(clip).collect()
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
    let mut first: FxHashMap<CustomerId, (i64, u64)> = FxHashMap::default();
    for view in views {
        for row in view.holes.between(0..view.len()).flatten() {
            let place = (view.times()[row], view.arrival(row));
            if place.0 < bound.ms() {
                let first = first.entry(view.origin(row)).or_insert(place);
                *first = place.min(*first);
            }
        }
    }
    let pending = |(customer, (time, arrival))| Pending {
        customer,
        origin: customer,
        time,
        arrival,
        properties: Properties::new(),
    };
    (!first.is_empty()).then(|| table_of(first.into_iter().map(pending).collect()))
}
