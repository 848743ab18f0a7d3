//! Repair: what damaged parts held is folded from the journal again, beside the world, and taken over in one checkpoint; a
//! checkpoint that cannot be read is folded anew; of a damaged journal is kept what comes after the checkpoint.
//!
//! It runs while no server does. Until the checkpoint is made nothing that counts has changed; damaged files are set
//! aside, never removed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use columnar::{Missing, Shelf};
use host::Disk;
use journal::{Journal, Position, Salvaged};
use state::Store;

use super::base::{Base, remove};
use super::entry::Entry;
use super::fold::CHECKPOINT_FACTS;
use super::open::fits;
use super::world::{self, Fault, World};

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
    /// Objects on the shelf that a process left there when it died, and that nobody names: they were removed.
    pub cleared: Vec<String>,
}

/// What an examination found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examined {
    /// What is damaged, hot parts and old ones.
    pub missing: Vec<Missing>,
    /// Objects on the shelf that nobody names.
    pub leftovers: Vec<String>,
}

/// Mends what can be mended of the engine in `dir`: a checkpoint that cannot be read, a damaged journal, damaged parts.
///
/// # Errors
/// [`Fault::Cut`] when the journal no longer reaches back to the beginning; every other [`Fault`] as at a start.
pub fn repair(dir: &Path, disk: Arc<dyn Disk>, shelf: Arc<dyn Shelf>) -> Result<Repaired, Fault> {
    let mut repaired = Repaired::default();
    let mut world = match open_world(dir, &shelf) {
        Err(fault) if fault.is_damaged_checkpoint() => {
            repaired.refolded = Some(set_checkpoint_aside(dir, Arc::clone(&disk))?);
            open_world(dir, &shelf)?
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
        // As long as anything else was amiss, what lies on the shelf may still be of use.
        if repaired == Repaired::default() {
            repaired.cleared = world.columns.clear_leftovers()?;
        }
        return Ok(repaired);
    }
    let journal = Journal::open(disk, &path, journal::Options::default())?;
    let beside = dir.join("repair");
    remove(&beside)?;
    let mut again = fold_again(&journal, (dir, &beside), world.position(), shelf)?;
    repaired.mended = world.columns.mend(&mut again.columns)?;
    world.checkpoint()?;
    drop(again);
    remove(&beside)?;
    repaired.missing = world.columns.missing().to_vec();
    Ok(repaired)
}

/// The store's lock comes first: it keeps a server out.
fn open_world(dir: &Path, shelf: &Arc<dyn Shelf>) -> Result<World, Fault> {
    let store = Store::open(&dir.join("state"), state::Options::default())?;
    World::open(store, dir, to_mend(Arc::clone(shelf)))
}

/// Sets a checkpoint aside that cannot be read, when the journal reaches back far enough to do without it: to its
/// beginning, or to the base, which takes its place.
fn set_checkpoint_aside(dir: &Path, disk: Arc<dyn Disk>) -> Result<PathBuf, Fault> {
    let base = Base::latest(dir)?;
    let from = base.as_ref().map_or(Position::START, |base| base.position);
    whole(&dir.join("journal"), Arc::clone(&disk), from)?;
    let (state, aside) = (dir.join("state"), dir.join("state.damaged"));
    disk.rename(&state, &aside).map_err(|source| Fault::Folder { path: aside.clone(), source })?;
    if let Some(base) = base {
        base.copy_to(dir)?;
    }
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

/// Reads hot parts and old ones from end to end. Changes nothing but what an opening does.
///
/// # Errors
/// [`Fault`] as at a start.
pub fn examine(dir: &Path, shelf: Arc<dyn Shelf>) -> Result<Examined, Fault> {
    let columns = open_world(dir, &shelf)?.columns;
    let missing = columns.missing().to_vec();
    // Who cannot be reached is missed already.
    let leftovers = if missing.is_empty() { columns.leftovers()? } else { Vec::new() };
    Ok(Examined { missing, leftovers })
}

fn to_mend(shelf: Arc<dyn Shelf>) -> columnar::Options {
    columnar::Options { to_mend: true, ..world::columns(Some(shelf)) }
}

/// A world in a folder of its own, folded up to a position: from the beginning of the journal, or from the base when the
/// journal was cut.
fn fold_again(
    journal: &Journal,
    (dir, beside): (&Path, &Path),
    until: Position,
    shelf: Arc<dyn Shelf>,
) -> Result<World, Fault> {
    let base = if journal.start() > Position::START { Base::latest(dir)? } else { None };
    if let Some(base) = &base {
        base.copy_to(beside)?;
    }
    let store = Store::open(&beside.join("state"), state::Options::default())?;
    let mut world = World::open(store, beside, to_mend(shelf))?;
    let is_vital = |missing: &Missing| missing.part.stream.starts_with("house:");
    if world.position() < journal.start() || world.columns.missing().iter().any(is_vital) {
        return Err(Fault::Cut { start: journal.start() });
    }
    for entry in journal.read(world.position()) {
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
