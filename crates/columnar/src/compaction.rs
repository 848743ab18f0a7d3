//! Fewer, larger parts: planned by the owner, made on any thread, adopted by the owner.
//!
//! Neither appends nor readers wait: the plan holds the parts it reads, a
//! snapshot holds the parts it sees, and what happens to rows meanwhile (moved,
//! hidden) is carried over when the new part is adopted.

use std::path::PathBuf;
use std::sync::Arc;

use model::{Instant, Text};

use crate::build::sort_key;
use crate::cold::{self, Age, Aged, Erased, Old};
use crate::columns::{Columns, SEEN, StreamRows, is_house};
use crate::error::Error;
use crate::holes::Holes;
use crate::merge::merge;
use crate::part::{Part, file_name, remove, sync_dir};
use crate::table::{Table, View};

/// A part is rewritten when one of so many of its rows no longer counts.
const HOLES_SHARE: usize = 8;

/// Parts of one stream that shall become one.
#[derive(Debug)]
pub struct Compaction {
    dir: PathBuf,
    id: u64,
    stream: Text,
    work: Work,
    erased: Arc<Erased>,
    alive: Arc<()>,
}

#[derive(Debug)]
enum Work {
    /// Parts of about one size become one.
    Merge(Vec<Part>),
    /// Rows that have become old move on.
    Age(Box<Age>),
}

/// Parts that are ready to replace others.
#[derive(Debug)]
pub struct Compacted {
    stream: Text,
    inputs: Vec<Part>,
    old_inputs: Vec<Arc<Old>>,
    /// `None` when no row was left.
    output: Option<Part>,
    /// Old parts, and the rows that they were made from.
    old_outputs: Vec<(Old, Table)>,
    seen: Option<Table>,
    alive: Arc<()>,
}

impl Columns {
    /// What should be compacted next, if anything should. One compaction at a time: while one is under way (neither
    /// adopted nor dropped) there is no other.
    pub fn plan_compaction(&mut self) -> Option<Compaction> {
        if self.compacting.strong_count() > 0 {
            return None;
        }
        let options = &self.options;
        let choose = |(name, rows): (&Text, &StreamRows)| {
            let inputs = choose(&rows.parts, options.parts_alike_max, options.part_bytes_max);
            (!inputs.is_empty()).then(|| (name.clone(), inputs))
        };
        let (stream, inputs) =
            self.streams.iter().filter_map(choose).max_by_key(|(_, inputs)| inputs.len())?;
        let id = self.next_part();
        Some(Compaction {
            dir: self.dir.clone(),
            id,
            stream,
            work: Work::Merge(inputs),
            erased: Arc::clone(&self.erased),
            alive: self.begin(),
        })
    }

    /// What should move on because it has become old, if anything should: rows of calendar months (UTC) that ended before
    /// this go to the shelf, parts of which rows were forgotten are written anew. It counts as a compaction.
    pub fn plan_aging(&mut self, cold_before: Instant) -> Option<Compaction> {
        if self.compacting.strong_count() > 0 {
            return None;
        }
        let options = &self.options;
        let limits = (options.old_rows_min, options.parts_alike_max, options.part_bytes_max);
        // Without a shelf nothing becomes old; what was forgotten goes all the same.
        let cold_before = options.shelf.as_ref().map_or(Instant::MIN, |_| cold_before);
        let mut streams = self.streams.iter().filter(|(name, _)| (options.ages)(name) && !is_house(name));
        let (stream, hot, old) = streams.find_map(|(name, rows)| {
            let (hot, old) = cold::choose((&rows.parts, &rows.old), (cold_before, &self.forgotten), limits);
            (!hot.is_empty() || !old.is_empty()).then(|| (name.clone(), hot, old))
        })?;
        let (dir, id, question) = (self.dir.clone(), self.next_part(), self.question());
        let age = Age { dir: dir.clone(), id, stream: stream.clone(), hot, old, question, cold_before };
        Some(Compaction {
            dir,
            id,
            stream,
            work: Work::Age(Box::new(age)),
            erased: Arc::clone(&self.erased),
            alive: self.begin(),
        })
    }

    fn begin(&mut self) -> Arc<()> {
        let alive = Arc::new(());
        self.compacting = Arc::downgrade(&alive);
        alive
    }

    fn next_part(&mut self) -> u64 {
        let id = self.part_next;
        self.part_next += 1;
        id
    }

    /// Puts the new parts in the place of those they were made from. The next seal's manifest says so; the old files
    /// stay until [`Columns::sweep`].
    pub fn adopt(&mut self, compacted: Compacted) {
        let Compacted { stream, inputs, old_inputs, mut output, old_outputs, seen, alive } = compacted;
        drop(alive);
        if let Some(seen) = seen {
            self.remember_seen(seen);
        }
        let Some(rows) = self.streams.get_mut(&stream) else { return };
        let is_input = |part: &Part| inputs.iter().find(|input| input.entry.file == part.entry.file);
        let mut tables: Vec<(&Table, Holes)> = Vec::new();
        tables.extend(output.iter().map(|part| (part.view.table(), Holes::default())));
        tables.extend(old_outputs.iter().map(|(_, table)| (table, Holes::default())));
        for (before, after) in rows.parts.iter().filter_map(|part| Some((is_input(part)?, part))) {
            carry_over(&before.view, &after.view, &mut tables);
        }
        // What was forgotten meanwhile may be in no part any more that could tell.
        if (self.options.ages)(&stream) {
            tables.iter_mut().for_each(|(table, holes)| self.forgotten.make_holes(table, holes));
        }
        let holes: Vec<_> = tables.into_iter().map(|(_, holes)| Arc::new(holes)).collect();
        let (hot_holes, old_holes) = holes.split_at(usize::from(output.is_some()));
        output.iter_mut().zip(hot_holes).for_each(|(part, holes)| part.view.holes = Arc::clone(holes));
        let place = rows.parts.iter().position(|part| is_input(part).is_some()).unwrap_or(rows.parts.len());
        rows.parts.retain(|part| is_input(part).is_none());
        rows.parts.splice(place..place, output);
        let stays = |old: &&Arc<Old>| !old_inputs.iter().any(|input| input.entry.file == old.entry.file);
        let made = old_outputs.into_iter().zip(old_holes);
        let made = made.map(|((old, _), holes)| Arc::new(old.with_holes(Arc::clone(holes))));
        let (made, empty): (Vec<_>, Vec<_>) = made.partition(|old| old.rows() > 0);
        rows.old = rows.old.iter().filter(stays).cloned().chain(made).collect();
        rows.changed = true;
        self.retired.extend(empty.into_iter().map(|old| old.entry.file.clone()));
        self.retired.extend(inputs.into_iter().map(|input| input.entry.file));
        self.retired.extend(old_inputs.iter().map(|input| input.entry.file.clone()));
    }
}

impl Compaction {
    /// Reads the old parts and writes the new ones. Takes no part in anything else, so any thread may do it.
    ///
    /// # Errors
    /// When the disk or the shelf says no; nothing has changed then, and a later plan tries again.
    pub fn run(self) -> Result<Compacted, Error> {
        let Self { dir, id, stream, work, erased, alive } = self;
        let compacted = match work {
            Work::Merge(inputs) => {
                let views: Vec<View> = inputs.iter().map(|part| part.view.clone()).collect();
                let table = firsts_only(&stream, merge(&views), &erased);
                let file = file_name(id, &stream);
                let output =
                    if table.is_empty() { None } else { Some(Part::write(&dir, file, &stream, &table)?) };
                let (old_inputs, old_outputs) = (Vec::new(), Vec::new());
                Compacted { stream, inputs, old_inputs, output, old_outputs, seen: None, alive }
            }
            Work::Age(age) => {
                let Aged { hot: output, old: old_outputs, seen } = age.run()?;
                let (inputs, old_inputs) = (age.hot, age.old);
                Compacted { stream, inputs, old_inputs, output, old_outputs, seen, alive }
            }
        };
        if let Err(error) = sync_dir(&dir) {
            compacted.output.iter().for_each(|part| remove(&dir, &part.entry.file));
            return Err(error);
        }
        Ok(compacted)
    }
}

/// Of when a customer was first seen, only the first time counts; other streams stay as they are.
fn firsts_only(stream: &str, table: Table, erased: &Erased) -> Table {
    if stream != SEEN {
        return table;
    }
    let mut view = View::new(table);
    let (mut holes, mut before) = (Holes::default(), None);
    for row in 0..view.len() {
        let customer = view.customer(row);
        let is_erased = erased.contains(customer, view.arrival(row));
        if is_erased || before == Some(customer) {
            holes.add(row..row + 1);
        } else {
            before = Some(customer);
        }
    }
    view.holes = Arc::new(holes);
    merge(&[view])
}

/// Which parts of a stream should become one: those of about one size when they are too many, else one with many holes.
fn choose(parts: &[Part], alike_max: usize, bytes_max: u64) -> Vec<Part> {
    let mut by_size: Vec<&Part> = parts.iter().filter(|part| part.entry.bytes <= bytes_max / 2).collect();
    by_size.sort_by_key(|part| part.entry.rows);
    // A part joins those below it while it is not much larger than all of them together.
    for first in 0..by_size.len() {
        let mut rows = by_size[first].entry.rows;
        let mut bytes = by_size[first].entry.bytes;
        let mut last = first + 1;
        while last < by_size.len() {
            let part = &by_size[last].entry;
            if part.rows > 2 * rows || bytes + part.bytes > bytes_max {
                break;
            }
            (rows, bytes, last) = (rows + part.rows, bytes + part.bytes, last + 1);
        }
        if last - first >= alike_max {
            let chosen = &by_size[first..last];
            let is_chosen = |part: &&Part| chosen.iter().any(|other| other.entry.file == part.entry.file);
            return parts.iter().filter(is_chosen).cloned().collect();
        }
    }
    let holey = parts.iter().find(|part| part.view.holes.rows() * HOLES_SHARE > part.view.table().len());
    holey.into_iter().cloned().collect()
}

/// Rows that stopped counting in a table since it was read stop counting in whatever was made of it.
pub(crate) fn carry_over(before: &View, after: &View, outputs: &mut [(&Table, Holes)]) {
    for hole in after.holes.iter() {
        for row in before.holes.between(hole).flatten() {
            let found =
                outputs.iter_mut().find_map(|(table, holes)| Some((place(table, after, row)?, holes)));
            if let Some((found, holes)) = found {
                holes.add(found..found + 1);
            }
        }
    }
}

/// Where a row of an old table is in the new one: an arrival is unique.
fn place(output: &Table, view: &View, row: usize) -> Option<usize> {
    let key = sort_key(view.customer(row), view.times()[row], view.arrival(row));
    let key_of = |row: usize| sort_key(output.customer(row), output.times()[row], output.arrival(row));
    let rows = output.find(view.customer(row));
    let (mut low, mut high) = (rows.start, rows.end);
    while low < high {
        let middle = low.midpoint(high);
        if key_of(middle) < key { low = middle + 1 } else { high = middle }
    }
    (low < rows.end && key_of(low) == key).then_some(low)
}
