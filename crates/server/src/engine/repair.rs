//! Repair: what damaged parts held is folded from the journal again, beside the world, and taken over in one checkpoint; a
//! checkpoint that cannot be read is folded anew; of a damaged journal is kept what comes after the checkpoint.
//!
//! It runs while no server does. Until the checkpoint is made nothing that counts has changed; damaged files are set
//! aside, never removed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use columnar::Missing;
use host::Disk;
use journal::{Journal, Position, Salvaged};
use state::Store;

use super::entry::Entry;
use super::fold::CHECKPOINT_FACTS;
use super::open::fits;
use super::world::{Fault, World};

/// What a repair did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repaired {
    /// Parts whose rows are there again.
    pub mended: Vec<Missing>,
    /// Parts whose rows the journal does not hold.
    pub missing: Vec<Missing>,
    /// The checkpoint could not be read: it was set aside there, and everything is folded from the journal again.
    pub refolded: Option<PathBuf>,
    /// The journal was damaged: what could be kept of it.
    pub salvaged: Option<Salvaged>,
}

/// Mends what can be mended of the engine in `dir`: a checkpoint that cannot be read, a damaged journal, damaged parts.
///
/// # Errors
/// [`Fault::Cut`] when the journal no longer reaches back to the beginning; every other [`Fault`] as at a start.
pub fn repair(dir: &Path, disk: Arc<dyn Disk>) -> Result<Repaired, Fault> {
    let mut repaired = Repaired::default();
    let mut world = match open_world(dir) {
        Err(fault) if fault.is_damaged_checkpoint() => {
            repaired.refolded = Some(set_checkpoint_aside(dir, Arc::clone(&disk))?);
            open_world(dir)?
        }
        Err(fault) => return Err(fault),
        Ok(world) => world,
    };
    let path = dir.join("journal");
    if let Err(fault) = whole(&path, Arc::clone(&disk), world.position()) {
        if !fault.is_damaged_journal() || world.position() == Position::START {
            return Err(fault);
        }
        repaired.salvaged = Some(journal::salvage(disk.as_ref(), &path, world.position())?);
    }
    if world.columns.missing().is_empty() {
        return Ok(repaired);
    }
    let journal = Journal::open(disk, &path, journal::Options::default())?;
    if journal.start() > Position::START {
        return Err(Fault::Cut { start: journal.start() });
    }
    let beside = dir.join("repair");
    remove(&beside)?;
    let mut again = fold_again(&journal, &beside, world.position())?;
    repaired.mended = world.columns.mend(&mut again.columns)?;
    world.checkpoint()?;
    drop(again);
    remove(&beside)?;
    repaired.missing = world.columns.missing().to_vec();
    Ok(repaired)
}

/// The store's lock comes first: it keeps a server out.
fn open_world(dir: &Path) -> Result<World, Fault> {
    let store = Store::open(&dir.join("state"), state::Options::default())?;
    let to_mend = columnar::Options { to_mend: true, ..columnar::Options::default() };
    World::open(store, &dir.join("parts"), to_mend)
}

/// Sets a checkpoint aside that cannot be read, when the journal reaches back far enough to do without it.
fn set_checkpoint_aside(dir: &Path, disk: Arc<dyn Disk>) -> Result<PathBuf, Fault> {
    let path = dir.join("journal");
    whole(&path, Arc::clone(&disk), Position::START)?;
    let (state, aside) = (dir.join("state"), dir.join("state.damaged"));
    disk.rename(&state, &aside).map_err(|source| Fault::Folder { path: aside.clone(), source })?;
    Ok(aside)
}

/// Every block of the journal is what was written, and it holds what comes after the checkpoint.
fn whole(path: &Path, disk: Arc<dyn Disk>, checkpoint: Position) -> Result<(), Fault> {
    let journal = Journal::open(disk, path, journal::Options::default())?;
    fits(&journal, path, checkpoint)?;
    for entry in journal.read(journal.start()) {
        entry?;
    }
    Ok(())
}

/// A world in a folder of its own, folded from the beginning of the journal up to a position.
fn fold_again(journal: &Journal, beside: &Path, until: Position) -> Result<World, Fault> {
    let store = Store::open(&beside.join("state"), state::Options::default())?;
    let mut world = World::open(store, &beside.join("parts"), columnar::Options::default())?;
    for entry in journal.read(Position::START) {
        let entry = entry?;
        if entry.next > until {
            break;
        }
        world.apply(entry.next, Entry::decode(entry.kind, &entry.bytes)?)?;
        if world.uncommitted >= CHECKPOINT_FACTS {
            world.checkpoint()?;
        }
    }
    Ok(world)
}

fn remove(dir: &Path) -> Result<(), Fault> {
    match std::fs::remove_dir_all(dir) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Fault::Folder { path: dir.to_owned(), source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
