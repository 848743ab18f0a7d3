//! Parts: tables in files that are written once, named in a manifest, and removed when nobody names them any more.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use model::{Instant, Text};

use crate::cold;
use crate::error::Error;
use crate::ipc::{self, Seal};
use crate::manifest::{Manifest, PartEntry};
use crate::table::{Table, View};

/// What the name of a part ends with.
pub(crate) const SUFFIX: &str = ".arrow";
/// So many bytes of a stream's name stand in the name of the file, for people who look into the folder.
const SLUG_BYTES_MAX: usize = 40;

/// A table in a file.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Its entry in the manifest; the holes are in the view.
    pub(crate) entry: PartEntry,
    pub(crate) view: View,
}

impl Part {
    /// Writes a table to a file of its own, durably.
    pub(crate) fn write(dir: &Path, file: String, stream: &Text, table: &Table) -> Result<Self, Error> {
        let path = dir.join(&file);
        let seal = ipc::write(&path, stream, table)?;
        let times = table.times();
        let entry = PartEntry {
            file,
            stream: stream.clone(),
            rows: table.len() as u64,
            bytes: seal.bytes,
            checksum: seal.checksum,
            earliest: Instant::from_ms(times.iter().copied().min().unwrap_or(0)),
            latest: Instant::from_ms(times.iter().copied().max().unwrap_or(0)),
            holes: Arc::default(),
            missing: false,
        };
        Self::open(dir, &entry)
    }

    /// Maps a part that the manifest names, and checks it.
    pub(crate) fn open(dir: &Path, entry: &PartEntry) -> Result<Self, Error> {
        let path = dir.join(&entry.file);
        let seal = Seal { bytes: entry.bytes, checksum: entry.checksum };
        let table = ipc::open(&path, &entry.stream, seal)?;
        if table.len() as u64 != entry.rows {
            return Err(Error::damaged(
                &path,
                format!("it has {} rows instead of {}", table.len(), entry.rows),
            ));
        }
        let view = View { table: Arc::new(table), holes: Arc::clone(&entry.holes) };
        Ok(Self { entry: entry.clone(), view })
    }

    /// What the manifest says of it now.
    pub(crate) fn entry(&self) -> PartEntry {
        PartEntry { holes: Arc::clone(&self.view.holes), missing: false, ..self.entry.clone() }
    }
}

/// The name of the part with this number.
pub(crate) fn file_name(id: u64, stream: &str) -> String {
    format!("{id:08}-{}{SUFFIX}", slug(stream))
}

/// The stream's name as a file may be called.
fn slug(stream: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    stream.chars().map(plain).take(SLUG_BYTES_MAX).collect()
}

/// Removes every part in the folder that the manifest does not name: what a crash left behind.
pub(crate) fn remove_strangers(dir: &Path, manifest: &Manifest) -> Result<(), Error> {
    let named: HashSet<&str> = manifest.parts.iter().map(|part| part.file.as_str()).collect();
    for entry in fs::read_dir(dir).map_err(Error::disk("list", dir))? {
        let name = entry.map_err(Error::disk("list", dir))?.file_name();
        if let Some(name) = name
            .to_str()
            .filter(|name| (name.ends_with(SUFFIX) || name.ends_with(cold::SUFFIX)) && !named.contains(name))
        {
            let path = dir.join(name);
            fs::remove_file(&path).map_err(Error::disk("remove", &path))?;
        }
    }
    Ok(())
}

/// Removes a part that nobody names any more. If it stays, it goes at the next opening.
pub(crate) fn remove(dir: &Path, file: &str) {
    let _ = fs::remove_file(dir.join(file));
}

/// Makes the names of new files durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), Error> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(Error::disk("sync", dir))
}
