//! What was missing comes back: by itself, or out of other columns that were folded from the same journal.

use std::fs;
use std::io;
use std::mem;
use std::sync::Arc;

use crate::cold::Old;
use crate::columns::{Columns, waiting};
use crate::error::Error;
use crate::first_seen::Firsts;
use crate::manifest::PartEntry;
use crate::missing::Missing;
use crate::part::{Part, file_name, sync_dir};
use crate::table::View;

/// What is appended to the name of a damaged part when another takes its place. Nothing removes such a file.
const SET_ASIDE: &str = ".damaged";

impl Columns {
    /// The parts that the manifest names and that cannot be read.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Takes back a part that was missing for a while: its rows go to whoever owns them now.
    pub(crate) fn welcome(&mut self, mut part: Part) {
        let (mut moved, mut firsts) = (Vec::new(), Firsts::default());
        let is_aging = (self.options.ages)(&part.entry.stream);
        let view = part.view.clone();
        let holes = Arc::make_mut(&mut part.view.holes);
        for row in view.holes.between(0..view.len()).flatten() {
            let root = self.moves.root(view.origin(row));
            let is_hidden = self.hidden.contains(root);
            if is_aging && self.forgotten.covers(view.times()[row], || view.arrival(row)) {
                holes.add(row..row + 1);
                if !is_hidden {
                    firsts.see(view.origin(row), (view.times()[row], view.arrival(row)));
                }
                continue;
            }
            if is_hidden || root != view.customer(row) {
                holes.add(row..row + 1);
            }
            if !is_hidden && root != view.customer(row) {
                moved.push(waiting(&view, row));
                self.first_seen.see(root, view.times()[row]);
            }
        }
        let stream = part.entry.stream.clone();
        self.add(part);
        self.streams.entry(stream).or_default().wait(moved);
        if let Some(seen) = firsts.into_table() {
            self.remember_seen(seen);
        }
    }

    /// Puts the streams of `other`, folded from the same journal up to the same place, in the place of those that miss
    /// a part. The damaged files are set aside under another name. Answers what is no longer missing; the caller seals
    /// and commits. What `other` holds less of than is here already stays missing.
    ///
    /// # Errors
    /// When the disk says no. Then a later try begins anew; nothing that counts has changed.
    pub fn mend(&mut self, other: &mut Self) -> Result<Vec<Missing>, Error> {
        self.seal()?;
        other.seal()?;
        let (mut mended, mut missing) = (Vec::new(), Vec::new());
        for lost in Arc::clone(&self.missing).iter() {
            let stream = &lost.part.stream;
            let is_replaced = mended.iter().any(|other: &Missing| other.part.stream == *stream);
            if !is_replaced && rows(other, stream) <= rows(self, stream) {
                missing.push(lost.clone());
                continue;
            }
            if !is_replaced {
                self.replace(stream, other)?;
            }
            self.set_aside(&lost.part.file)?;
            // It is named no longer: the manifest has to say so, even when no other part goes.
            self.retired.push(lost.part.file.clone());
            mended.push(lost.clone());
        }
        self.missing = missing.into();
        sync_dir(&self.dir)?;
        Ok(mended)
    }

    fn set_aside(&self, file: &str) -> Result<(), Error> {
        let path = self.dir.join(file);
        match fs::rename(&path, self.dir.join(format!("{file}{SET_ASIDE}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::disk("set aside", &path)(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Takes over all parts of one stream.
    fn replace(&mut self, stream: &str, other: &Self) -> Result<(), Error> {
        let mut taken = Vec::new();
        for part in other.streams.get(stream).into_iter().flat_map(|rows| &rows.parts) {
            let entry = PartEntry { file: file_name(self.part_next, stream), ..part.entry() };
            self.part_next += 1;
            let path = self.dir.join(&entry.file);
            let from = other.dir.join(&part.entry.file);
            fs::copy(&from, &path).map_err(Error::disk("copy", &from))?;
            fs::File::open(&path).and_then(|file| file.sync_all()).map_err(Error::disk("sync", &path))?;
            taken.push(Part::open(&self.dir, &entry)?);
        }
        let old: Arc<[Arc<Old>]> =
            other.streams.get(stream).map(|rows| Arc::clone(&rows.old)).unwrap_or_default();
        for part in old.iter().map(|old| &old.entry.file) {
            // They name the same object, and are the same file when both have it.
            let from = other.dir.join(part);
            fs::copy(&from, self.dir.join(part)).map_err(Error::disk("copy", &from))?;
        }
        let rows = self.streams.entry(stream.into()).or_default();
        let before = mem::replace(&mut rows.parts, taken).into_iter().map(|part| part.entry.file);
        let old_before = mem::replace(&mut rows.old, Arc::clone(&old));
        rows.changed = true;
        let is_taken = |file: &String| old.iter().any(|old| old.entry.file == *file);
        let old_before = old_before.iter().map(|old| old.entry.file.clone()).filter(|file| !is_taken(file));
        self.retired.extend(before.chain(old_before));
        Ok(())
    }
}

/// How many rows of a stream count.
fn rows(columns: &Columns, stream: &str) -> usize {
    columns.streams.get(stream).map_or(0, |rows| {
        rows.views().map(View::rows).sum::<usize>() + rows.old.iter().map(|old| old.rows()).sum::<usize>()
    })
}
