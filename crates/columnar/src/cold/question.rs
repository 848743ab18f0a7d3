//! One question's look at old parts: what it brought, whose the rows are now, and what it could not have.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock};

use model::{CustomerId, Instant, Text};
use rustc_hash::FxHashSet;

use super::erased::Erased;
use super::old::Old;
use super::owners::Owners;
use super::pool::{Crowded, Held, Lack, Pool};
use crate::build::sort_key;
use crate::column::Column;
use crate::holes::Holes;
use crate::merge::pick;
use crate::missing::Missing;
use crate::named::Named;
use crate::parallel::for_each;
use crate::table::{Arrivals, Fixed, Table, View};

/// What a question needs to know of the columns to read old parts, and what it notes meanwhile.
#[derive(Debug)]
pub(crate) struct Question {
    pub(super) pool: Arc<Pool>,
    owners: Arc<Owners>,
    erased: Arc<Erased>,
    // A lock, not a channel: the threads of one question note what they miss; it is held to push one value.
    lost: Mutex<Vec<Missing>>,
    crowded: OnceLock<Crowded>,
}

impl Question {
    pub(crate) fn new(pool: Arc<Pool>, owners: Arc<Owners>, erased: Arc<Erased>) -> Self {
        Self { pool, owners, erased, lost: Mutex::default(), crowded: OnceLock::new() }
    }

    /// The same columns; nothing is noted yet.
    pub(crate) fn fresh(&self) -> Self {
        Self::new(Arc::clone(&self.pool), Arc::clone(&self.owners), Arc::clone(&self.erased))
    }

    /// The old parts that were asked for and could not be had.
    pub(crate) fn lost(&self) -> Vec<Missing> {
        self.lost.lock().expect("no holder of this lock panics").clone()
    }

    /// Whether there was no room for something it asked for.
    pub(crate) fn crowded(&self) -> Option<Crowded> {
        self.crowded.get().copied()
    }

    fn note(&self, old: &Old, lack: Lack) {
        match lack {
            Lack::Crowded(crowded) => {
                let _ = self.crowded.set(crowded);
            }
            Lack::Lost(reason) => {
                let mut lost = self.lost.lock().expect("no holder of this lock panics");
                if !lost.iter().any(|other| other.part.file == old.entry.file) {
                    lost.push(Missing { part: old.entry.clone(), reason });
                }
            }
        }
    }

    /// What an old part says, in tables under whoever owns its rows now; nothing when it cannot be had.
    pub(crate) fn views(self: &Arc<Self>, old: &Arc<Old>) -> Vec<View> {
        let Some(table) = self.table(old) else { return Vec::new() };
        let whole = View { table: Arc::clone(&table), holes: Arc::clone(&old.entry.holes) };
        if self.owners.is_empty() && self.erased.is_empty() {
            return vec![whole];
        }
        let mut holes = Holes::default();
        old.entry.holes.iter().for_each(|hole| holes.add(hole));
        let mut moved: Vec<(CustomerId, u32)> = Vec::new();
        for row in whole.holes.between(0..table.len()).flatten() {
            let origin = table.origin(row);
            let owner = self.owners.of(origin);
            let is_erased = !self.erased.is_empty() && self.erased.contains(origin, table.arrival(row));
            if owner == table.customer(row) && !is_erased {
                continue;
            }
            holes.add(row..row + 1);
            if !is_erased {
                moved.push((owner, u32::try_from(row).expect("a table has less than 2^32 rows")));
            }
        }
        let here = View { table, holes: Arc::new(holes) };
        if moved.is_empty() {
            return vec![here];
        }
        let moved = self.moved(old, &here.table, moved);
        vec![here, moved]
    }

    /// The table of an old part as it lies there; columns are brought when they are named.
    pub(crate) fn table(self: &Arc<Self>, old: &Arc<Old>) -> Option<Arc<Table>> {
        let base = old.base(&self.pool).map_err(|lack| self.note(old, lack)).ok()?;
        let columns = (0..old.index.columns.len()).filter_map(|place| {
            let (question, part) = (Arc::clone(self), Arc::clone(old));
            let column = &old.index.columns[place];
            let bring =
                move || part.column(&question.pool, place).map_err(|lack| question.note(&part, lack)).ok();
            Some(Named::away((column.name.clone(), column.kind()?), Arc::new(bring)))
        });
        let table = base.table.with(columns.collect(), Some(Arc::clone(&base) as _));
        Some(Arc::new(table))
    }

    /// The rows of an old part that arrived for one of these, whoever they were stored under, and are not erased.
    pub(crate) fn rows_for(&self, old: &Old, origins: &FxHashSet<CustomerId>) -> Vec<usize> {
        let Ok(base) = old.base(&self.pool).map_err(|lack| self.note(old, lack)) else { return Vec::new() };
        let table = &base.table;
        let counts = |row: &usize| {
            !old.entry.holes.contains(*row) && !self.erased.contains(table.origin(*row), table.arrival(*row))
        };
        base.rows_for(origins).into_iter().filter(counts).collect()
    }

    /// A table of the rows that belong to somebody else than they are stored under.
    fn moved(
        self: &Arc<Self>,
        old: &Arc<Old>,
        table: &Arc<Table>,
        mut moved: Vec<(CustomerId, u32)>,
    ) -> View {
        moved.sort_unstable_by_key(|(owner, row)| {
            sort_key(*owner, table.times()[*row as usize], table.arrival(*row as usize))
        });
        let rows: Arc<[u32]> = moved.iter().map(|(_, row)| *row).collect();
        let each = || rows.iter().map(|row| *row as usize);
        let fixed = Fixed {
            customers: moved.iter().map(|(owner, _)| owner.number()).collect(),
            times: each().map(|row| table.times()[row]).collect(),
            arrivals: Arrivals::new(each().map(|row| table.arrival(row)).collect()),
            origins: Some(each().map(|row| table.origin(row).number()).collect()),
        };
        let columns = table.columns().iter().enumerate().map(|(place, named)| {
            let (question, part) = (Arc::clone(self), Arc::clone(old));
            let (table, rows) = (Arc::clone(table), Arc::clone(&rows));
            let bring = move || {
                let column = table.columns()[place].column()?;
                question.pick(&part, column, &rows)
            };
            Named::away((named.name.clone(), named.kind()), Arc::new(bring))
        });
        View::new(Table::new(fixed, columns.collect()))
    }

    fn pick(&self, old: &Old, column: &Column, rows: &[u32]) -> Option<Arc<Held<Column>>> {
        let share = super::object::column_bytes(column);
        self.pool.hold(share, || pick(column, rows)).map_err(|lack| self.note(old, lack)).ok()
    }
}

/// The old parts of one stream, as one question looks at them.
#[derive(Debug)]
pub(crate) struct Asked {
    old: Arc<[Arc<Old>]>,
    question: Arc<Question>,
    /// Parts that end before are not needed.
    since: Instant,
    views: OnceLock<Arc<[View]>>,
}

impl Asked {
    pub(crate) fn new(old: Arc<[Arc<Old>]>, question: Arc<Question>, since: Instant) -> Self {
        Self { old, question, since, views: OnceLock::new() }
    }

    /// The same parts for another question.
    pub(crate) fn again(&self, question: &Arc<Question>, since: Instant) -> Self {
        Self::new(Arc::clone(&self.old), Arc::clone(question), since)
    }

    /// From when on the question needs rows.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// The tables of the parts that are needed, and these after them. Brought once, several parts at a time.
    pub(crate) fn views(&self, recent: &[View]) -> &[View] {
        self.views.get_or_init(|| {
            let needed: Vec<&Arc<Old>> = self.parts().collect();
            let found = for_each(needed.len(), |place| self.question.views(needed[place]));
            let counts = |view: &View| view.rows() > 0;
            found.into_iter().flatten().filter(counts).chain(recent.iter().cloned()).collect()
        })
    }

    /// The parts that are needed.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Arc<Old>> {
        self.old.iter().filter(|old| old.entry.latest >= self.since)
    }

    /// How many rows count, as far as is known without reading them.
    pub(crate) fn rows(&self) -> usize {
        self.parts().map(|old| old.rows()).sum()
    }

    /// When the first and the last row happened, as far as is known without reading them.
    pub(crate) fn ends(&self) -> impl Iterator<Item = Range<Instant>> {
        self.parts().map(|old| old.entry.earliest..old.entry.latest)
    }

    /// The names of all properties.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Text> {
        self.old.iter().flat_map(|old| old.index.columns.iter().map(|column| &column.name))
    }
}
