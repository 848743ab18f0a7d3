//! Repair: what damaged parts held is folded from the journal again, beside the world, and taken over in one checkpoint.
//!
//! It runs while no server does. Until the checkpoint is made nothing that counts has changed; damaged files are set
//! aside, never removed.

use std::path::Path;
use std::sync::Arc;

use columnar::{Missing, Shelf};
use host::Disk;
use journal::{Journal, Position};
use state::Store;

use super::base::{Base, remove};
use super::entry::Entry;
use super::fold::CHECKPOINT_FACTS;
use super::world::{Fault, World};

/// What a repair did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repaired {
    /// Parts whose rows are there again.
    pub mended: Vec<Missing>,
    /// Parts whose rows the journal does not hold.
    pub missing: Vec<Missing>,
}

/// Brings back what damaged parts of the engine in `dir` held.
///
/// # Errors
/// [`Fault::Cut`] when the journal no longer reaches back to the beginning; every other [`Fault`] as at a start.
pub fn repair(dir: &Path, disk: Arc<dyn Disk>, shelf: Arc<dyn Shelf>) -> Result<Repaired, Fault> {
    // The store's lock comes first: it keeps a server out.
    let store = Store::open(&dir.join("state"), state::Options::default())?;
    let journal = Journal::open(disk, &dir.join("journal"), journal::Options::default())?;
    let mut world = World::open(store, dir, to_mend(Arc::clone(&shelf)))?;
    if world.columns.missing().is_empty() {
        return Ok(Repaired::default());
    }
    let beside = dir.join("repair");
    remove(&beside)?;
    let mut again = fold_again(&journal, (dir, &beside), world.position(), shelf)?;
    let mended = world.columns.mend(&mut again.columns)?;
    world.checkpoint()?;
    drop(again);
    remove(&beside)?;
    Ok(Repaired { mended, missing: world.columns.missing().to_vec() })
}

/// What is damaged, hot parts and old ones, read from end to end. Changes nothing but what an opening does.
///
/// # Errors
/// [`Fault`] as at a start.
pub fn examine(dir: &Path, shelf: Arc<dyn Shelf>) -> Result<Vec<Missing>, Fault> {
    let store = Store::open(&dir.join("state"), state::Options::default())?;
    let world = World::open(store, dir, to_mend(shelf))?;
    Ok(world.columns.missing().to_vec())
}

fn to_mend(shelf: Arc<dyn Shelf>) -> columnar::Options {
    columnar::Options { shelf: Some(shelf), to_mend: true, ..columnar::Options::default() }
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
