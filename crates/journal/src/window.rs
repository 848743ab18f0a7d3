//! Which facts were appended lately: exact de-duplication over a time window.
//!
//! New ids gather in memory; from time to time they are sealed into an
//! immutable, sorted file. A small filter per file (2 bytes an id) answers "not
//! here" for all but 1 in 500 lookups, so the files are read only for ids that
//! are really there. Cost: 16 bytes an id on disk, 2 in memory once sealed, about 48 before.
//!
//! A file is forgotten when its *newest* id has left the window, so an id is
//! remembered for at least the window, never less.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashSet;
use host::{Disk, DiskFile};
use model::{FactId, Instant};

use crate::{Error, Position};

/// How long ids are remembered, and how many are kept in memory.
#[derive(Debug, Clone, Copy)]
pub struct WindowOptions {
    /// Ids are remembered at least this long.
    pub span_ms: i64,
    /// Seal when so many gathered in memory.
    pub unsealed_ids_max: usize,
}

impl Default for WindowOptions {
    fn default() -> Self {
        Self { span_ms: Instant::DAY_MS, unsealed_ids_max: 128 << 10 }
    }
}

/// How many files of like size stand side by side before they are merged into one.
const FILES_OF_A_TIER_MAX: usize = 8;
const HEADER_BYTES: usize = 40;
const ID_BYTES: usize = 16;
/// How many ids are read at once when one is looked for.
const PIECE_IDS: usize = 256;
const MAGIC: [u8; 4] = *b"OMW1";

/// The ids of the facts appended lately.
pub struct Window {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    options: WindowOptions,
    unsealed: HashSet<u128>,
    sealed: Vec<Sealed>,
}

impl Window {
    /// Opens the window in `dir`. Facts in the journal from [`Self::sealed_to`] on must be remembered anew.
    ///
    /// # Errors
    /// [`Error::Disk`] when the disk refuses; [`Error::Corrupt`] when a file is damaged.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, options: WindowOptions) -> Result<Self, Error> {
        disk.create_dir(dir).map_err(Error::disk("make", dir))?;
        let mut sealed = Vec::new();
        for name in disk.list(dir).map_err(Error::disk("list", dir))? {
            let path = dir.join(&name);
            if name.ends_with(".ids") {
                sealed.push(Sealed::open(disk.as_ref(), &path)?);
            } else {
                disk.remove(&path).map_err(Error::disk("remove a half-made file of", &path))?;
            }
        }
        sealed.sort_by_key(|file| file.head.position);
        let mut window = Self { disk, dir: dir.to_owned(), options, unsealed: HashSet::new(), sealed };
        window.forget_merged()?;
        Ok(window)
    }

    /// The journal position up to which ids are on disk.
    pub fn sealed_to(&self) -> Position {
        Position(self.sealed.last().map_or(0, |file| file.head.position))
    }

    /// How many ids are remembered.
    pub fn len(&self) -> usize {
        self.unsealed.len() + self.sealed.iter().map(|file| file.ids).sum::<usize>()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Remembers `id`; `false` when it was known already.
    ///
    /// # Errors
    /// [`Error::Disk`] when a sealed file cannot be read; then nothing is remembered.
    pub fn insert(&mut self, id: FactId) -> Result<bool, Error> {
        Ok(self.insert_all(&[id])? == [true])
    }

    /// Remembers `ids`; says of each whether it is new. One that stands there twice is new once.
    ///
    /// File by file, so that one filter after the other is near, and the processor waits for many places of it at once.
    ///
    /// # Errors
    /// [`Error::Disk`] when a sealed file cannot be read; then nothing is remembered.
    pub fn insert_all(&mut self, ids: &[FactId]) -> Result<Vec<bool>, Error> {
        let mut new = vec![true; ids.len()];
        let bits: Vec<Bits> = ids.iter().map(|id| bits(id.0)).collect();
        for file in &self.sealed {
            for ((id, bits), new) in ids.iter().zip(&bits).zip(&mut new) {
                let is_known = file.filter.may_contain(id.0, bits)
                    && file.search(id.0).map_err(Error::disk("read", &file.path))?;
                *new &= !is_known;
            }
        }
        for (id, new) in ids.iter().zip(&mut new) {
            *new = *new && self.unsealed.insert(id.0);
        }
        Ok(new)
    }

    /// Takes back ids of facts that could not be appended after all.
    pub fn forget<'a>(&mut self, ids: impl IntoIterator<Item = &'a FactId>) {
        for id in ids {
            self.unsealed.remove(&id.0);
        }
    }

    /// Whether enough gathered in memory to seal.
    pub fn wants_sealing(&self) -> bool {
        self.unsealed.len() >= self.options.unsealed_ids_max
    }

    /// Writes what gathered in memory to disk, up to `position` of the journal, and forgets what left the window.
    ///
    /// # Errors
    /// [`Error::Disk`] when the disk refuses; everything stays remembered in memory.
    pub fn seal(&mut self, position: Position, now: Instant) -> Result<(), Error> {
        if !self.unsealed.is_empty() {
            let mut ids: Vec<u128> = self.unsealed.iter().copied().collect();
            ids.sort_unstable();
            let head = Head { position: position.0, merged_from: self.sealed_to().0, newest: now };
            self.sealed.push(Sealed::write(self.disk.as_ref(), &self.dir, head, &ids)?);
            self.unsealed = HashSet::new();
        }
        self.forget_expired(now)?;
        self.merge_tier()
    }

    fn forget_expired(&mut self, now: Instant) -> Result<(), Error> {
        let oldest = now.plus_ms(-self.options.span_ms);
        // The newest file stays even when it expired: it knows up to where the window is sealed.
        while self.sealed.len() > 1 && self.sealed[0].head.newest < oldest {
            let path = &self.sealed[0].path;
            self.disk.remove(path).map_err(Error::disk("remove a file of", path))?;
            self.sealed.remove(0);
        }
        Ok(())
    }

    /// Merges the newest [`FILES_OF_A_TIER_MAX`] files of like size, so that a lookup asks few filters.
    fn merge_tier(&mut self) -> Result<(), Error> {
        loop {
            let Some(last) = self.sealed.last() else { return Ok(()) };
            let tier = tier_of(last.ids, self.options.unsealed_ids_max);
            let alike = self
                .sealed
                .iter()
                .rev()
                .take_while(|file| tier_of(file.ids, self.options.unsealed_ids_max) == tier)
                .count();
            if alike < FILES_OF_A_TIER_MAX {
                return Ok(());
            }
            let from = self.sealed.len() - alike;
            let mut ids = Vec::new();
            for file in &self.sealed[from..] {
                file.read_into(&mut ids).map_err(Error::disk("read", &file.path))?;
            }
            // The stable sort sees the runs that the files are, and merges them.
            ids.sort();
            let newest = self.sealed[self.sealed.len() - 1].head;
            let head = Head { merged_from: self.sealed[from].head.merged_from, ..newest };
            let merged = Sealed::write(self.disk.as_ref(), &self.dir, head, &ids)?;
            self.sealed.push(merged);
            self.forget_merged()?;
        }
    }

    /// Removes files whose ids stand in a merged file too (also those a crash left behind).
    fn forget_merged(&mut self) -> Result<(), Error> {
        let spans: Vec<(u64, u64)> =
            self.sealed.iter().map(|file| (file.head.merged_from, file.head.position)).collect();
        let mut index = 0;
        for span in &spans {
            let swallowed = spans.iter().any(|other| other != span && other.0 <= span.0 && span.1 <= other.1);
            if swallowed {
                let path = self.sealed.remove(index).path;
                self.disk.remove(&path).map_err(Error::disk("remove a file of", &path))?;
            } else {
                index += 1;
            }
        }
        Ok(())
    }
}

fn tier_of(ids: usize, unsealed_ids_max: usize) -> u32 {
    (ids / unsealed_ids_max.max(1)).max(1).ilog(FILES_OF_A_TIER_MAX)
}

/// Which piece of the journal a file covers, and when its newest id came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    position: u64,
    merged_from: u64,
    newest: Instant,
}

/// One immutable, sorted file of ids with its filter in memory.
///
/// ```text
/// file := magic "OMW1" | checksum u32 | position u64 | merged_from u64 | newest i64 (ms) | ids u64 | id u128*
/// ```
struct Sealed {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    head: Head,
    ids: usize,
    filter: Filter,
}

impl Sealed {
    fn write(disk: &dyn Disk, dir: &Path, head: Head, ids: &[u128]) -> Result<Self, Error> {
        let path = dir.join(format!("{:020}-{:020}.ids", head.merged_from, head.position));
        let making = path.with_extension("making");
        let mut bytes = Vec::with_capacity(HEADER_BYTES + ids.len() * ID_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&head.position.to_le_bytes());
        bytes.extend_from_slice(&head.merged_from.to_le_bytes());
        bytes.extend_from_slice(&head.newest.ms().to_le_bytes());
        bytes.extend_from_slice(&(ids.len() as u64).to_le_bytes());
        for id in ids {
            bytes.extend_from_slice(&id.to_le_bytes());
        }
        let checksum = crc32fast::hash(&bytes[8..]);
        bytes[4..8].copy_from_slice(&checksum.to_le_bytes());
        let write = || {
            let mut file = disk.open(&making)?;
            file.truncate(0)?;
            file.append(&bytes)?;
            file.sync()?;
            disk.rename(&making, &path)?;
            disk.sync_dir(dir)?;
            disk.open(&path)
        };
        let file = write().map_err(Error::disk("write the window of", &path))?;
        Ok(Self { path, file, head, ids: ids.len(), filter: Filter::of(ids) })
    }

    fn open(disk: &dyn Disk, path: &Path) -> Result<Self, Error> {
        let file = disk.open(path).map_err(Error::disk("open", path))?;
        let len = file.len().map_err(Error::disk("measure", path))?;
        let mut bytes = vec![0; usize::try_from(len).expect("a file of ids fits in memory")];
        file.read_at(&mut bytes, 0).map_err(Error::disk("read", path))?;
        let corrupt = |reason| Error::Corrupt { path: path.to_owned(), offset: 0, reason };
        if bytes.len() < HEADER_BYTES || bytes[..4] != MAGIC {
            return Err(corrupt("this is no window file"));
        }
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            word
        };
        if bytes[4..8] != crc32fast::hash(&bytes[8..]).to_le_bytes() {
            return Err(corrupt("the checksum differs"));
        }
        let head = Head {
            position: u64::from_le_bytes(word(8)),
            merged_from: u64::from_le_bytes(word(16)),
            newest: Instant::from_ms(i64::from_le_bytes(word(24))),
        };
        let ids = ids_of(&bytes[HEADER_BYTES..]);
        if ids.len() as u64 != u64::from_le_bytes(word(32)) {
            return Err(corrupt("the ids are cut short"));
        }
        Ok(Self { path: path.to_owned(), file, head, ids: ids.len(), filter: Filter::of(&ids) })
    }

    /// Whether this id is in the file. Ids are hashes and lie evenly, so where one would stand is nearly known: a piece of
    /// the file around that place is read, and says where to look next. Every other look is in the middle, for ids that
    /// somebody made up.
    fn search(&self, id: u128) -> std::io::Result<bool> {
        let (mut from, mut to) = (0, self.ids);
        let (mut low, mut high) = (0, u128::MAX);
        let (mut bytes, mut is_guess) = ([0; PIECE_IDS * ID_BYTES], true);
        while from < to {
            let ids = PIECE_IDS.min(to - from);
            let middle =
                from + if is_guess { share(id - low, high - low, to - from) } else { (to - from) / 2 };
            let start = middle.saturating_sub(ids / 2).clamp(from, to - ids);
            let bytes = &mut bytes[..ids * ID_BYTES];
            self.file.read_at(bytes, (HEADER_BYTES + start * ID_BYTES) as u64)?;
            let (first, last) = (id_of(&bytes[..ID_BYTES]), id_of(&bytes[(ids - 1) * ID_BYTES..]));
            if id < first {
                (to, high) = (start, first);
            } else if id > last {
                (from, low) = (start + ids, last);
            } else {
                return Ok(bytes.chunks_exact(ID_BYTES).any(|chunk| id_of(chunk) == id));
            }
            is_guess = !is_guess;
        }
        Ok(false)
    }

    fn read_into(&self, ids: &mut Vec<u128>) -> std::io::Result<()> {
        let mut bytes = vec![0; self.ids * ID_BYTES];
        self.file.read_at(&mut bytes, HEADER_BYTES as u64)?;
        ids.extend(ids_of(&bytes));
        Ok(())
    }
}

fn ids_of(bytes: &[u8]) -> Vec<u128> {
    bytes.chunks_exact(ID_BYTES).map(id_of).collect()
}

fn id_of(chunk: &[u8]) -> u128 {
    let mut id = [0; ID_BYTES];
    id.copy_from_slice(chunk);
    u128::from_le_bytes(id)
}

/// As much of `count` as `part` is of `whole`.
fn share(part: u128, whole: u128, count: usize) -> usize {
    let share = (part >> 64) * count as u128 / ((whole >> 64) + 1);
    usize::try_from(share).map_or(count, |share| share.min(count))
}

/// A split-block Bloom filter (Putze, Sanders, Singler 2007: "Cache-, hash- and space-efficient Bloom filters"):
/// one 256-bit block an id, one bit in each of its eight words; 16 bits an id give about 1 false answer in 500.
struct Filter {
    blocks: Vec<Bits>,
}

/// Eight words of a block, or the bit of an id in each of them.
type Bits = [u32; 8];

impl Filter {
    fn of(ids: &[u128]) -> Self {
        let mut filter = Self { blocks: vec![[0; 8]; (ids.len() / 16).max(1)] };
        for id in ids {
            let block = filter.block(*id);
            for (word, bit) in filter.blocks[block].iter_mut().zip(bits(*id)) {
                *word |= bit;
            }
        }
        filter
    }

    /// Without a branch: blocks lie anywhere, and the processor waits for those of many ids at once.
    fn may_contain(&self, id: u128, bits: &Bits) -> bool {
        let block = &self.blocks[self.block(id)];
        block.iter().zip(bits).fold(0, |missing, (word, bit)| missing | (bit & !word)) == 0
    }

    /// The ids are hashes already: their high half picks the block, 40 bits of their low half the eight bits.
    #[expect(clippy::cast_possible_truncation, reason = "pieces of a hash are cut off on purpose")]
    fn block(&self, id: u128) -> usize {
        let high = (id >> 64) as u64;
        ((u128::from(high) * self.blocks.len() as u128) >> 64) as usize
    }
}

/// The bits of an id in the eight words of its block.
#[expect(clippy::cast_possible_truncation, reason = "pieces of a hash are cut off on purpose")]
fn bits(id: u128) -> Bits {
    std::array::from_fn(|index| 1 << ((id as u64 >> (5 * index)) as u32 & 31))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use host::MemoryDisk;
    use proptest::prelude::*;

    use super::*;

    fn id(n: u64) -> FactId {
        FactId::of(model::SourceId(1), &n.to_string())
    }

    fn open(disk: &MemoryDisk) -> Window {
        let options = WindowOptions { span_ms: 1000, unsealed_ids_max: 10 };
        Window::open(Arc::new(disk.clone()), Path::new("/window"), options).unwrap()
    }

    #[test]
    fn an_id_is_new_once() {
        let disk = MemoryDisk::default();
        let mut window = open(&disk);
        assert!(window.insert(id(1)).unwrap());
        assert!(!window.insert(id(1)).unwrap());
        window.seal(Position(5), Instant::from_ms(0)).unwrap();
        assert!(!window.insert(id(1)).unwrap());
        assert!(window.insert(id(2)).unwrap());
    }

    #[test]
    fn an_id_taken_back_is_new_again() {
        let mut window = open(&MemoryDisk::default());
        window.insert(id(1)).unwrap();
        window.forget(&[id(1)]);
        assert!(window.insert(id(1)).unwrap());
    }

    #[test]
    fn an_id_is_forgotten_only_after_the_window() {
        let disk = MemoryDisk::default();
        let mut window = open(&disk);
        window.insert(id(1)).unwrap();
        window.seal(Position(1), Instant::from_ms(0)).unwrap();
        window.insert(id(2)).unwrap();
        window.seal(Position(2), Instant::from_ms(1000)).unwrap();
        assert!(!window.insert(id(1)).unwrap(), "exactly the window old");
        window.insert(id(3)).unwrap();
        window.seal(Position(3), Instant::from_ms(1001)).unwrap();
        assert!(window.insert(id(1)).unwrap());
        assert!(!window.insert(id(2)).unwrap());
    }

    #[test]
    fn sealed_ids_survive_and_the_rest_is_asked_from_the_journal() {
        let disk = MemoryDisk::default();
        let mut window = open(&disk);
        window.insert(id(1)).unwrap();
        window.seal(Position(77), Instant::from_ms(0)).unwrap();
        window.insert(id(2)).unwrap();
        disk.crash(0);
        let mut reopened = open(&disk);
        assert_eq!(reopened.sealed_to(), Position(77));
        assert!(!reopened.insert(id(1)).unwrap());
        assert!(reopened.insert(id(2)).unwrap());
    }

    #[test]
    fn files_are_merged_and_nothing_is_lost() {
        let disk = MemoryDisk::default();
        let mut window = open(&disk);
        for n in 0..1000 {
            assert!(window.insert(id(n)).unwrap());
            if window.wants_sealing() {
                window.seal(Position(n + 1), Instant::from_ms(0)).unwrap();
            }
        }
        assert!(window.sealed.len() <= 3 * FILES_OF_A_TIER_MAX, "{} files", window.sealed.len());
        let mut reopened = open(&disk);
        assert_eq!(reopened.len(), 1000);
        assert!((0..1000).all(|n| !reopened.insert(id(n)).unwrap()));
    }

    #[test]
    fn a_damaged_file_is_named() {
        let disk = MemoryDisk::default();
        let mut window = open(&disk);
        window.insert(id(1)).unwrap();
        window.seal(Position(1), Instant::from_ms(0)).unwrap();
        let path = window.sealed[0].path.clone();
        disk.flip_bit(&path, HEADER_BYTES);
        let options = WindowOptions::default();
        let error = Window::open(Arc::new(disk), Path::new("/window"), options).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains(".ids"), "{error}");
    }

    proptest! {
        #[test]
        fn the_window_is_a_set(numbers in proptest::collection::vec(0..200_u64, 0..400), group in 1..9_usize) {
            let disk = MemoryDisk::default();
            let mut window = open(&disk);
            let mut set = BTreeSet::new();
            for (index, numbers) in numbers.chunks(group).enumerate() {
                let ids: Vec<FactId> = numbers.iter().copied().map(id).collect();
                let new: Vec<bool> = numbers.iter().map(|n| set.insert(*n)).collect();
                prop_assert_eq!(window.insert_all(&ids).unwrap(), new);
                if window.wants_sealing() {
                    window.seal(Position(index as u64 + 1), Instant::from_ms(0)).unwrap();
                }
            }
            prop_assert_eq!(window.len(), set.len());
        }

        #[test]
        fn an_id_is_found_in_a_large_file_whether_ids_lie_evenly_or_not(
            even in proptest::collection::vec(any::<u128>(), 1_500),
            bits in 0..120_u32,
            others in proptest::collection::vec(any::<u128>(), 50),
        ) {
            let options = WindowOptions::default();
            let mut window = Window::open(Arc::new(MemoryDisk::default()), Path::new("/window"), options).unwrap();
            let skewed = |(n, id): (usize, &u128)| if n % 3 == 0 { *id } else { id >> bits };
            let ids: BTreeSet<u128> = even.iter().enumerate().map(skewed).collect();
            ids.iter().for_each(|id| assert!(window.insert(FactId(*id)).unwrap()));
            window.seal(Position(1), Instant::from_ms(0)).unwrap();
            for id in ids.iter().chain(&others).flat_map(|id| [*id, id ^ 1]) {
                prop_assert_eq!(window.sealed[0].search(id).unwrap(), ids.contains(&id));
            }
        }

        #[test]
        fn the_filter_never_denies_what_is_there(numbers in proptest::collection::vec(any::<u128>(), 1..200)) {
            let filter = Filter::of(&numbers);
            prop_assert!(numbers.iter().all(|number| filter.may_contain(*number, &bits(*number))));
        }
    }
}
