//! Recent rows become parts: begun by the owner, written on any thread, taken in by the owner.
//!
//! Neither appends nor readers wait: what is being written stays in memory, and in every snapshot, until its parts take its
//! place. What happens to those rows meanwhile (moved, hidden, forgotten) is carried over then.

use std::mem;
use std::path::PathBuf;

use model::Text;

use crate::columns::Columns;
use crate::compaction::carry_over;
use crate::error::Error;
use crate::holes::Holes;
use crate::manifest::Manifest;
use crate::merge::merge;
use crate::part::{Part, file_name, remove, sync_dir};
use crate::table::View;

/// Recent rows that shall become parts.
#[derive(Debug)]
pub struct Sealing {
    dir: PathBuf,
    /// What it will be with these rows in parts.
    manifest: Manifest,
    streams: Vec<Unwritten>,
}

/// The recent rows of one stream, and the number of their part.
#[derive(Debug)]
struct Unwritten {
    stream: Text,
    views: Vec<View>,
    id: u64,
}

/// Recent rows in parts, and the manifest that names these: what the columns were when it was begun.
#[derive(Debug)]
pub struct Sealed {
    manifest: Manifest,
    streams: Vec<Written>,
}

/// A stream's recent rows as they were, and their part; `None`: no row counted.
#[derive(Debug)]
struct Written {
    stream: Text,
    views: Vec<View>,
    part: Option<Part>,
}

impl Columns {
    /// Begins to write all recent rows to parts. What is appended from now on is for the next time.
    ///
    /// # Panics
    /// When what was begun before has not ended ([`Self::take_sealed`], [`Self::unseal`]).
    pub fn begin_seal(&mut self) -> Sealing {
        self.freeze();
        let mut streams = Vec::new();
        for (name, rows) in self.streams.iter_mut().filter(|(_, rows)| !rows.recent.is_empty()) {
            assert!(rows.sealing.is_empty(), "one seal is under way at a time");
            rows.sealing = mem::take(&mut rows.recent);
            let id = self.part_next + streams.len() as u64;
            streams.push(Unwritten { stream: name.clone(), views: rows.sealing.clone(), id });
        }
        self.part_next += streams.len() as u64;
        Sealing { dir: self.dir.clone(), manifest: self.manifest(), streams }
    }

    /// Puts the parts in the place of the rows that were written to them. The caller has committed their manifest, or the
    /// next one names them.
    pub fn take_sealed(&mut self, sealed: Sealed) -> Manifest {
        for Written { stream, views, part } in sealed.streams {
            let rows = self.streams.entry(stream).or_default();
            let now = mem::take(&mut rows.sealing);
            if let Some(mut part) = part {
                let mut written = [(part.view.table(), Holes::default())];
                views.iter().zip(&now).for_each(|(before, after)| carry_over(before, after, &mut written));
                let [(_, holes)] = written;
                part.view.holes = holes.into();
                rows.parts.push(part);
            }
            rows.changed = true;
        }
        sealed.manifest
    }

    /// The rows were not written: they are recent rows again, and the next seal takes them.
    pub fn unseal(&mut self) {
        for rows in self.streams.values_mut() {
            rows.recent.splice(..0, mem::take(&mut rows.sealing));
        }
    }

    /// Writes all recent rows to new parts and makes them durable. The caller commits the manifest together with the
    /// journal position; until then a restart goes back to the manifest before.
    ///
    /// # Errors
    /// When the disk says no. Then nothing has changed: rows stay in memory, and the files written so far go.
    pub fn seal(&mut self) -> Result<Manifest, Error> {
        match self.begin_seal().run() {
            Ok(sealed) => Ok(self.take_sealed(sealed)),
            Err(error) => {
                self.unseal();
                Err(error)
            }
        }
    }
}

impl Sealing {
    /// Writes the parts and makes them durable. Takes no part in anything else, so any thread may do it.
    ///
    /// # Errors
    /// When the disk says no. Then the files written so far go.
    pub fn run(self) -> Result<Sealed, Error> {
        let Self { dir, mut manifest, streams } = self;
        let mut written = Vec::with_capacity(streams.len());
        let done = streams.into_iter().try_for_each(|Unwritten { stream, views, id }| {
            let table = merge(&views);
            let write = || Part::write(&dir, file_name(id, &stream), &stream, &table);
            let part = (!table.is_empty()).then(write).transpose()?;
            written.push(Written { stream, views, part });
            Ok(())
        });
        let parts = || written.iter().filter_map(|written| written.part.as_ref());
        if let Err(error) = done.and_then(|()| sync_dir(&dir)) {
            parts().for_each(|part| remove(&dir, &part.entry.file));
            return Err(error);
        }
        manifest.parts.extend(parts().map(|part| part.entry.clone()));
        Ok(Sealed { manifest, streams: written })
    }
}

impl Sealed {
    /// Which files make up the columns as they were when it was begun.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}
