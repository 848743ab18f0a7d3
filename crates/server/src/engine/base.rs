//! Bases: copies of a checkpoint, so that the journal before them can go and what is damaged can still be folded anew.
//!
//! ```text
//! journal   |..... gone .....|--------- kept --------->
//! base                        = state and parts as of here
//! world     ───────────────────────────────────────────► now; folded again from the base when a part is damaged
//! ```
//!
//! The state is copied by the thread of a checkpoint, while the store is at rest; the parts by a thread of their own, while
//! further checkpoints are made but no part is taken away. A base counts when its folder has its name; only then may the
//! journal before it go, and only then goes the base before.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use columnar::Manifest;
use journal::Position;

use super::world::Fault;

/// What the name of a base begins with; its journal position follows.
const PREFIX: &str = "base-";
/// A base that is being made.
const MAKING: &str = "base.making";
/// The folders of a base, named like those of a workspace.
const STATE: &str = "state";
const PARTS: &str = "parts";
/// What is copied is synced after so many bytes each time: whoever syncs the journal meanwhile waits for no more than that.
const SLICE_BYTES: u64 = 4 << 20;

/// A copy of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    /// The journal position that it stands for.
    pub(super) position: Position,
    dir: PathBuf,
}

impl Base {
    /// The newest base of a workspace.
    pub(super) fn latest(workspace: &Path) -> Result<Option<Self>, Fault> {
        Ok(Self::all(workspace)?.pop())
    }

    /// All bases, the oldest first; there is more than one only after a crash.
    fn all(workspace: &Path) -> Result<Vec<Self>, Fault> {
        let mut bases = Vec::new();
        for entry in fs::read_dir(workspace).map_err(folder(workspace))? {
            let dir = entry.map_err(folder(workspace))?.path();
            let name = dir.file_name().and_then(|name| name.to_str());
            let position = name.and_then(|name| name.strip_prefix(PREFIX)?.parse().ok());
            bases.extend(position.map(|position| Self { position: Position(position), dir }));
        }
        bases.sort_by_key(|base| base.position);
        Ok(bases)
    }

    /// Takes away every base before this one.
    fn supersede(&self, workspace: &Path) -> Result<(), Fault> {
        let before = Self::all(workspace)?.into_iter().filter(|base| base.position < self.position);
        before.into_iter().try_for_each(|base| remove(&base.dir))
    }

    /// Copies it to where a world can be opened from it.
    pub(super) fn copy_to(&self, dir: &Path) -> Result<(), Fault> {
        for part in [STATE, PARTS] {
            let (from, to) = (self.dir.join(part), dir.join(part));
            fs::create_dir_all(&to).map_err(folder(&to))?;
            for entry in fs::read_dir(&from).map_err(folder(&from))? {
                let entry = entry.map_err(folder(&from))?;
                fs::copy(entry.path(), to.join(entry.file_name())).map_err(folder(&entry.path()))?;
            }
        }
        Ok(())
    }

    /// The files of its parts.
    pub(super) fn files(&self) -> Result<BTreeSet<String>, Fault> {
        let dir = self.dir.join(PARTS);
        let names = fs::read_dir(&dir).map_err(folder(&dir))?;
        names
            .map(|entry| Ok(entry.map_err(folder(&dir))?.file_name().to_string_lossy().into_owned()))
            .collect()
    }
}

/// A base whose state is copied and whose parts are not.
#[derive(Debug)]
pub(super) struct Begun {
    position: Position,
    workspace: PathBuf,
    manifest: Manifest,
}

impl Begun {
    /// Begins a base of the checkpoint that has just been written: `copy_state` copies the store into a folder, the manifest
    /// names the parts.
    pub(super) fn new(
        workspace: &Path,
        (position, manifest): (Position, Manifest),
        copy_state: impl FnOnce(&Path) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let making = workspace.join(MAKING);
        remove(&making)?;
        for part in [STATE, PARTS] {
            let dir = making.join(part);
            fs::create_dir_all(&dir).map_err(folder(&dir))?;
        }
        copy_state(&making.join(STATE))?;
        Ok(Self { position, workspace: workspace.to_owned(), manifest })
    }

    /// Copies the parts, which must stay where they are until then, and gives the base its name. Bases before it go.
    pub(super) fn finish(self) -> Result<Base, Fault> {
        let Self { position, workspace, manifest } = self;
        let making = workspace.join(MAKING);
        for part in manifest.parts.iter().filter(|part| !part.missing) {
            let (from, to) = (workspace.join(PARTS).join(&part.file), making.join(PARTS).join(&part.file));
            copy(&from, &to).map_err(folder(&from))?;
        }
        for dir in [making.join(STATE), making.join(PARTS), making.clone()] {
            sync(&dir)?;
        }
        let base = Base { position, dir: workspace.join(format!("{PREFIX}{:020}", position.0)) };
        remove(&base.dir)?;
        fs::rename(&making, &base.dir).map_err(folder(&making))?;
        sync(&workspace)?;
        base.supersede(&workspace)?;
        Ok(base)
    }
}

/// Copies a file durably.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let (mut source, mut target) = (File::open(from)?, File::create(to)?);
    while io::copy(&mut (&mut source).take(SLICE_BYTES), &mut target)? > 0 {
        target.sync_data()?;
    }
    target.sync_all()
}

/// Removes a folder, when it is there.
pub(super) fn remove(dir: &Path) -> Result<(), Fault> {
    match fs::remove_dir_all(dir) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(folder(dir)(source)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn sync(dir: &Path) -> Result<(), Fault> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(folder(dir))
}

fn folder(path: &Path) -> impl FnOnce(io::Error) -> Fault {
    move |source| Fault::Folder { path: path.to_owned(), source }
}
