//! What can be kept of a damaged journal: the run of whole blocks from a position on.
//!
//! Whoever folded everything before that position needs nothing from before it. The damaged journal is set aside as it
//! is; nothing is removed, and nothing here decides that it should be done.

use std::path::{Path, PathBuf};

use host::Disk;

use crate::log::{name_of, read_whole, start_of};
use crate::{Error, Position};

/// What was kept, and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Where the damaged journal is now.
    pub set_aside: PathBuf,
    /// Where the new journal ends.
    pub end: Position,
    /// How many bytes lie behind the run that could be kept: nothing of them is in the new journal.
    pub lost_bytes: u64,
}

/// Makes a new journal of the whole blocks from `from` on, and sets the one in `dir` aside as `….damaged`.
///
/// # Errors
/// [`Error::Disk`] when the disk refuses, or something was set aside there before; then the journal is where it was.
pub fn salvage(disk: &dyn Disk, dir: &Path, from: Position) -> Result<Salvaged, Error> {
    let (beside, set_aside) = (dir.with_extension("salvaged"), dir.with_extension("damaged"));
    disk.create_dir(&beside).map_err(Error::disk("make a folder beside", &beside))?;
    let path = beside.join(name_of(from.0));
    let mut new = disk.open(&path).map_err(Error::disk("open", &path))?;
    new.truncate(0).map_err(Error::disk("empty", &path))?;
    let mut next = from.0;
    let mut lost_bytes = 0;
    for start in starts(disk, dir)? {
        let old = dir.join(name_of(start));
        let file = disk.open(&old).map_err(Error::disk("open", &old))?;
        let file_bytes = file.len().map_err(Error::disk("measure", &old))?;
        // Blocks follow one another without a gap: the first that does not fit ends the run, in this file and all later.
        while start <= next && next < start + file_bytes {
            let read = read_whole(file.as_ref(), next, next - start).map_err(Error::disk("read", &old))?;
            let Ok(block) = read else { break };
            new.append(&block).map_err(Error::disk("write", &path))?;
            next += block.len() as u64;
        }
        lost_bytes += (start + file_bytes).saturating_sub(next.max(start));
    }
    new.sync().and_then(|()| disk.sync_dir(&beside)).map_err(Error::disk("sync", &path))?;
    disk.rename(dir, &set_aside).map_err(Error::disk("set aside", &set_aside))?;
    disk.rename(&beside, dir).map_err(Error::disk("put the new one in the place of", dir))?;
    if let Some(above) = dir.parent() {
        disk.sync_dir(above).map_err(Error::disk("sync", above))?;
    }
    Ok(Salvaged { set_aside, end: Position(next), lost_bytes })
}

fn starts(disk: &dyn Disk, dir: &Path) -> Result<Vec<u64>, Error> {
    let names = disk.list(dir).map_err(Error::disk("list", dir))?;
    let mut starts: Vec<u64> = names.iter().filter_map(|name| start_of(name)).collect();
    starts.sort_unstable();
    Ok(starts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use host::SystemDisk;

    use super::*;
    use crate::{Journal, Options};

    fn open(dir: &Path, file_bytes_max: u64) -> Result<Journal, Error> {
        let options = Options { file_bytes_max };
        Journal::open(Arc::new(SystemDisk), dir, options)
    }

    /// Ten groups; where each of them ends.
    fn written(dir: &Path, file_bytes_max: u64) -> Vec<Position> {
        let mut journal = open(dir, file_bytes_max).unwrap();
        (0..10_u8).map(|n| journal.append_group([(1, &[n; 50][..])]).unwrap()).collect()
    }

    fn damage(dir: &Path, block_before: Position) {
        let starts = starts(&SystemDisk, dir).unwrap();
        let start = starts.iter().rfind(|start| **start <= block_before.0).unwrap();
        let path = dir.join(name_of(*start));
        let mut bytes = std::fs::read(&path).unwrap();
        let at = usize::try_from(block_before.0 - start).unwrap() + 40;
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }

    /// With the block behind the `damaged`-th group damaged: what is kept from the `from`-th on.
    fn check(file_bytes_max: u64, (damaged, from): (usize, usize), kept: &[u8]) {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("journal");
        let ends = written(&dir, file_bytes_max);
        damage(&dir, ends[damaged]);
        let salvaged = salvage(&SystemDisk, &dir, ends[from]).unwrap();
        assert_eq!(salvaged.lost_bytes > 0, damaged >= from, "{salvaged:?}");
        assert!(salvaged.set_aside.is_dir(), "nothing is thrown away");
        let mut journal = open(&dir, file_bytes_max).unwrap();
        assert_eq!((journal.start(), journal.end()), (ends[from], salvaged.end));
        let read: Vec<u8> = journal.read(ends[from]).map(|entry| entry.unwrap().bytes[0]).collect();
        assert_eq!(read, kept);
        journal.append_group([(1, &[99; 50][..])]).unwrap();
    }

    #[test]
    fn damage_before_the_position_costs_nothing_that_comes_after_it() {
        check(u64::MAX, (1, 4), &[5, 6, 7, 8, 9]);
        check(200, (1, 4), &[5, 6, 7, 8, 9]);
    }

    #[test]
    fn damage_behind_the_position_costs_what_comes_after_the_damage() {
        check(u64::MAX, (6, 4), &[5, 6]);
        check(200, (6, 4), &[5, 6]);
    }
}
