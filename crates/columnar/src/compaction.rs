//! Fewer, larger parts: planned by the owner, made on any thread, adopted by the owner.
//!
//! Neither appends nor readers wait: the plan holds the parts it reads, a
//! snapshot holds the parts it sees, and what happens to rows meanwhile (moved,
//! hidden) is carried over when the new part is adopted.

use std::path::PathBuf;
use std::sync::Arc;

use model::Text;

use crate::build::sort_key;
use crate::columns::{Columns, StreamRows};
use crate::error::Error;
use crate::holes::Holes;
use crate::merge::merge;
use crate::part::{Part, remove, sync_dir};
use crate::table::{Table, View};

/// A part is rewritten when one of so many of its rows no longer counts.
const HOLES_SHARE: usize = 8;

/// Parts of one stream that shall become one.
#[derive(Debug)]
pub struct Compaction {
    dir: PathBuf,
    id: u64,
    stream: Text,
    inputs: Vec<Part>,
    alive: Arc<()>,
}

/// A part that is ready to replace others.
#[derive(Debug)]
pub struct Compacted {
    stream: Text,
    inputs: Vec<Part>,
    /// `None` when no row was left.
    output: Option<Part>,
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
        let alive = Arc::new(());
        self.compacting = Arc::downgrade(&alive);
        let id = self.part_next;
        self.part_next += 1;
        Some(Compaction { dir: self.dir.clone(), id, stream, inputs, alive })
    }

    /// Puts the new part in the place of those it was made from. The next seal's manifest says so; the old files stay
    /// until [`Columns::sweep`].
    pub fn adopt(&mut self, compacted: Compacted) {
        let Compacted { stream, inputs, mut output, alive } = compacted;
        drop(alive);
        let Some(rows) = self.streams.get_mut(&stream) else { return };
        let is_input = |part: &Part| inputs.iter().find(|input| input.entry.file == part.entry.file);
        if let Some(output) = &mut output {
            let pairs = rows.parts.iter().filter_map(|part| Some((is_input(part)?, part)));
            let mut holes = Holes::default();
            for (before, after) in pairs {
                carry_over(before, after, &output.view.table, &mut holes);
            }
            output.view.holes = Arc::new(holes);
        }
        let place = rows.parts.iter().position(|part| is_input(part).is_some()).unwrap_or(rows.parts.len());
        rows.parts.retain(|part| is_input(part).is_none());
        rows.parts.splice(place..place, output);
        rows.changed = true;
        self.retired.extend(inputs.into_iter().map(|input| input.entry.file));
    }
}

impl Compaction {
    /// Reads the old parts and writes the new one. Takes no part in anything else, so any thread may do it.
    ///
    /// # Errors
    /// When the disk says no; nothing has changed then, and a later plan tries again.
    pub fn run(self) -> Result<Compacted, Error> {
        let Self { dir, id, stream, inputs, alive } = self;
        let views: Vec<View> = inputs.iter().map(|part| part.view.clone()).collect();
        let table = merge(&views);
        let output = if table.is_empty() { None } else { Some(Part::write(&dir, id, &stream, &table)?) };
        if let Err(error) = sync_dir(&dir) {
            output.iter().for_each(|part| remove(&dir, &part.entry.file));
            return Err(error);
        }
        Ok(Compacted { stream, inputs, output, alive })
    }
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

/// Rows that stopped counting in an old part since the plan stop counting in the new one.
fn carry_over(before: &Part, after: &Part, output: &Table, holes: &mut Holes) {
    for hole in after.view.holes.iter() {
        for row in before.view.holes.between(hole).flatten() {
            let found =
                place(output, &after.view, row).expect("a row that counted at the plan is in the new part");
            holes.add(found..found + 1);
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
