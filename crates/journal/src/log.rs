//! Appending groups, reading from a position, cutting a torn tail.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use host::{Disk, DiskFile};

use crate::Error;
use crate::block::{self, HEADER_BYTES, RECORD_HEADER_BYTES};

/// A place in the journal: bytes since its beginning. A record's position is the one to read from to get it and all after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before the first record.
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How a journal is kept.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// A file takes no further block once it is this large.
    pub file_bytes_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { file_bytes_max: 128 << 20 }
    }
}

/// One record as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Reading from here gives everything after this record's group.
    pub next: Position,
    /// What kind of record; the journal does not know what it means.
    pub kind: u8,
    /// What was appended.
    pub bytes: Vec<u8>,
}

/// A durable, ordered log in a folder of files. One owner appends.
pub struct Journal {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    options: Options,
    /// Starts of all files, ascending; the last one is being appended to.
    starts: Vec<u64>,
    file: Box<dyn DiskFile>,
    end: u64,
    torn_bytes: u64,
    closed: bool,
    buffer: Vec<u8>,
}

impl Journal {
    /// Opens the journal in `dir` (makes it when missing), checks every block of the last file and cuts a torn tail.
    ///
    /// # Errors
    /// [`Error::Disk`] when the disk refuses; [`Error::Corrupt`] when a block is damaged although later ones are whole.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, options: Options) -> Result<Self, Error> {
        disk.create_dir(dir).map_err(Error::disk("make", dir))?;
        let names = disk.list(dir).map_err(Error::disk("list", dir))?;
        let mut starts: Vec<u64> = names.iter().filter_map(|name| start_of(name)).collect();
        starts.sort_unstable();
        if starts.is_empty() {
            starts.push(0);
        }
        let start = *starts.last().expect("there is at least one");
        let path = dir.join(name_of(start));
        let mut file = disk.open(&path).map_err(Error::disk("open", &path))?;
        disk.sync_dir(dir).map_err(Error::disk("sync", dir))?;
        let (whole_bytes, torn_bytes) = recover(file.as_mut(), start, &path)?;
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            options,
            starts,
            file,
            end: start + whole_bytes,
            torn_bytes,
            closed: false,
            buffer: Vec::new(),
        })
    }

    /// Bytes of a torn last group that opening cut off. They were never acknowledged.
    pub fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    /// Before the first record that is kept.
    pub fn start(&self) -> Position {
        Position(self.starts[0])
    }

    /// Behind the last durable record.
    pub fn end(&self) -> Position {
        Position(self.end)
    }

    /// Appends records as one group and returns when they are on disk; the position is behind them.
    ///
    /// # Errors
    /// [`Error::TooLarge`] before anything is written; [`Error::Disk`] when the disk refuses: then nothing of
    /// the group is kept, and the journal goes on when there is room again (or is [`Error::Closed`] when the
    /// half-written group cannot be taken back).
    pub fn append_group<'a>(
        &mut self,
        records: impl IntoIterator<Item = (u8, &'a [u8])>,
    ) -> Result<Position, Error> {
        if self.closed {
            return Err(Error::Closed);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.resize(HEADER_BYTES, 0);
        let mut count = 0;
        for (kind, bytes) in records {
            let bytes_after = buffer.len() - HEADER_BYTES + RECORD_HEADER_BYTES + bytes.len();
            let too_large = bytes.len() > block::RECORD_BYTES_MAX || bytes_after > block::BLOCK_BYTES_MAX;
            if too_large {
                self.buffer = buffer;
                return Err(Error::TooLarge { bytes: bytes_after, limit_bytes: block::RECORD_BYTES_MAX });
            }
            block::push_record(&mut buffer, kind, bytes);
            count += 1;
        }
        let result = self.write_block(&mut buffer, count);
        self.buffer = buffer;
        result
    }

    fn write_block(&mut self, buffer: &mut [u8], records: u32) -> Result<Position, Error> {
        if records == 0 {
            return Ok(self.end());
        }
        self.rotate_when_full()?;
        block::seal(buffer, self.end, records);
        let start = *self.starts.last().expect("there is at least one");
        let path = self.dir.join(name_of(start));
        let written = self.file.append(buffer).and_then(|()| self.file.sync());
        if let Err(source) = written {
            // Take back what may have been written, so that the next group follows a whole block.
            let taken_back = self.file.truncate(self.end - start).and_then(|()| self.file.sync());
            self.closed = taken_back.is_err();
            return Err(Error::Disk { action: "append to", path, source });
        }
        self.end += buffer.len() as u64;
        Ok(self.end())
    }

    fn rotate_when_full(&mut self) -> Result<(), Error> {
        let start = *self.starts.last().expect("there is at least one");
        if self.end - start < self.options.file_bytes_max { Ok(()) } else { self.rotate() }
    }

    fn rotate(&mut self) -> Result<(), Error> {
        let path = self.dir.join(name_of(self.end));
        self.file = self.disk.open(&path).map_err(Error::disk("open", &path))?;
        self.disk.sync_dir(&self.dir).map_err(Error::disk("sync", &self.dir))?;
        self.starts.push(self.end);
        Ok(())
    }

    /// What is appended from now on stands in files of its own, so that what came before can go whole.
    ///
    /// # Errors
    /// [`Error::Disk`] when the disk refuses; then the journal goes on in the file it has.
    pub fn begin_file(&mut self) -> Result<(), Error> {
        let start = *self.starts.last().expect("there is at least one");
        if self.end == start { Ok(()) } else { self.rotate() }
    }

    /// Everything from `position` on that is durable now. Reading is independent of appending.
    pub fn read(&self, position: Position) -> Reader {
        Reader {
            disk: Arc::clone(&self.disk),
            dir: self.dir.clone(),
            starts: self.starts.clone(),
            next: position.0,
            end: self.end,
            open: None,
            pending: VecDeque::new(),
        }
    }

    /// Removes files that hold nothing from `position` on. Returns how many.
    ///
    /// # Errors
    /// [`Error::Disk`] when the disk refuses; files already removed stay removed.
    pub fn retain_from(&mut self, position: Position) -> Result<usize, Error> {
        let mut removed = 0;
        while self.starts.len() > 1 && self.starts[1] <= position.0 {
            let path = self.dir.join(name_of(self.starts[0]));
            self.disk.remove(&path).map_err(Error::disk("remove a file of", &path))?;
            self.starts.remove(0);
            removed += 1;
        }
        Ok(removed)
    }
}

/// Reads records in order. Ends where the journal ended when the reader was made.
pub struct Reader {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    starts: Vec<u64>,
    next: u64,
    end: u64,
    open: Option<(u64, Box<dyn DiskFile>)>,
    pending: VecDeque<Entry>,
}

impl Reader {
    fn read_block(&mut self) -> Result<(), Error> {
        let index = self.starts.partition_point(|start| *start <= self.next);
        let Some(start) = index.checked_sub(1).map(|index| self.starts[index]) else {
            return Err(Error::Corrupt {
                path: self.dir.clone(),
                offset: self.next,
                reason: "the position is older than the oldest file kept",
            });
        };
        let path = self.dir.join(name_of(start));
        let file = match &mut self.open {
            Some((open, file)) if *open == start => file,
            slot => {
                let file = self.disk.open(&path).map_err(Error::disk("open", &path))?;
                &mut slot.insert((start, file)).1
            }
        };
        let offset = self.next - start;
        let block = match read_whole(file.as_ref(), self.next, offset).map_err(Error::disk("read", &path))? {
            Ok(block) => block,
            Err(reason) => return Err(Error::Corrupt { path, offset, reason }),
        };
        let next = Position(self.next + block.len() as u64);
        let mut rest = &block[HEADER_BYTES..];
        while let Some((kind, bytes, after)) = block::next_record(rest) {
            self.pending.push_back(Entry { next, kind, bytes: bytes.to_vec() });
            rest = after;
        }
        if !rest.is_empty() {
            return Err(Error::Corrupt { path, offset, reason: "the records do not fill their block" });
        }
        self.next = next.0;
        Ok(())
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.pending.is_empty() {
            if self.next >= self.end {
                return None;
            }
            if let Err(error) = self.read_block() {
                self.next = self.end;
                return Some(Err(error));
            }
        }
        self.pending.pop_front().map(Ok)
    }
}

/// Reads the whole block at `offset`; the inner error says what does not fit.
pub(crate) fn read_whole(
    file: &dyn DiskFile,
    position: u64,
    offset: u64,
) -> std::io::Result<Result<Vec<u8>, &'static str>> {
    let file_bytes = file.len()?;
    if file_bytes < offset + HEADER_BYTES as u64 {
        return Ok(Err("the header is cut short"));
    }
    let mut head = [0; HEADER_BYTES];
    file.read_at(&mut head, offset)?;
    let Some(header) = block::header(&head) else {
        return Ok(Err("no block begins here"));
    };
    if header.position != position {
        return Ok(Err("the block belongs elsewhere"));
    }
    let payload_bytes = u64::from(header.payload_bytes);
    if payload_bytes > block::BLOCK_BYTES_MAX as u64
        || file_bytes < offset + HEADER_BYTES as u64 + payload_bytes
    {
        return Ok(Err("the records are cut short"));
    }
    let mut block = vec![0; HEADER_BYTES + header.payload_bytes as usize];
    file.read_at(&mut block, offset)?;
    Ok(if block::is_whole(&head, header, &block[HEADER_BYTES..]) {
        Ok(block)
    } else {
        Err("the checksum differs")
    })
}

/// Walks the last file, cuts a torn tail, and returns (whole bytes, torn bytes).
fn recover(file: &mut dyn DiskFile, start: u64, path: &Path) -> Result<(u64, u64), Error> {
    let file_bytes = file.len().map_err(Error::disk("measure", path))?;
    let mut whole = 0;
    while whole < file_bytes {
        match read_whole(file, start + whole, whole).map_err(Error::disk("read", path))? {
            Ok(block) => whole += block.len() as u64,
            Err(reason) => {
                if later_block_is_whole(file, start, whole + 1, file_bytes)
                    .map_err(Error::disk("read", path))?
                {
                    return Err(Error::Corrupt { path: path.to_owned(), offset: whole, reason });
                }
                file.truncate(whole).and_then(|()| file.sync()).map_err(Error::disk("cut", path))?;
                return Ok((whole, file_bytes - whole));
            }
        }
    }
    Ok((whole, 0))
}

/// Whether any whole block begins at or behind `from`: then what is before it was once durable, not torn.
fn later_block_is_whole(
    file: &dyn DiskFile,
    start: u64,
    from: u64,
    file_bytes: u64,
) -> std::io::Result<bool> {
    const WINDOW_BYTES: usize = 1 << 20;
    let mut window = vec![0; WINDOW_BYTES + block::MAGIC.len()];
    let mut at = from;
    while at < file_bytes {
        let len = usize::try_from(file_bytes - at).unwrap_or(usize::MAX).min(window.len());
        file.read_at(&mut window[..len], at)?;
        for offset in memchr_all(&window[..len], &block::MAGIC) {
            let offset = at + offset as u64;
            if read_whole(file, start + offset, offset)?.is_ok() {
                return Ok(true);
            }
        }
        at += WINDOW_BYTES as u64;
    }
    Ok(false)
}

fn memchr_all<'a>(bytes: &'a [u8], needle: &'a [u8; 4]) -> impl Iterator<Item = usize> + 'a {
    bytes
        .windows(needle.len())
        .enumerate()
        .filter(move |(_, window)| window == needle)
        .map(|(index, _)| index)
}

pub(crate) fn name_of(start: u64) -> String {
    format!("{start:020}.journal")
}

pub(crate) fn start_of(name: &str) -> Option<u64> {
    name.strip_suffix(".journal")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use host::MemoryDisk;
    use proptest::prelude::*;

    use super::*;

    const DIR: &str = "/journal";

    fn open(disk: &MemoryDisk) -> Result<Journal, Error> {
        Journal::open(Arc::new(disk.clone()), Path::new(DIR), Options { file_bytes_max: 200 })
    }

    fn texts(journal: &Journal, from: Position) -> Vec<String> {
        journal.read(from).map(|entry| String::from_utf8(entry.unwrap().bytes).unwrap()).collect()
    }

    fn append(journal: &mut Journal, texts: &[&str]) -> Result<Position, Error> {
        journal.append_group(texts.iter().map(|text| (7, text.as_bytes())))
    }

    #[test]
    fn what_was_appended_is_read_back_in_order_across_files() {
        let disk = MemoryDisk::default();
        let mut journal = open(&disk).unwrap();
        let mut positions = vec![Position::START];
        for n in 0..20 {
            positions.push(append(&mut journal, &[&format!("a{n}"), &format!("b{n}")]).unwrap());
        }
        assert!(disk.list(Path::new(DIR)).unwrap().len() > 1);
        let reopened = open(&disk).unwrap();
        assert_eq!(reopened.end(), journal.end());
        for (n, position) in positions.iter().enumerate() {
            assert_eq!(texts(&reopened, *position).len(), 2 * (20 - n));
        }
    }

    #[test]
    fn a_torn_tail_is_cut_and_reported() {
        for torn in 0..60 {
            let disk = MemoryDisk::default();
            let mut journal = open(&disk).unwrap();
            append(&mut journal, &["one"]).unwrap();
            let mut file = disk.open(&Path::new(DIR).join(name_of(0))).unwrap();
            let mut block = vec![0; HEADER_BYTES];
            block::push_record(&mut block, 7, b"a group that never became durable");
            block::seal(&mut block, journal.end().0, 1);
            file.append(&block).unwrap();
            disk.crash(torn);
            let mut reopened = open(&disk).unwrap();
            assert_eq!(reopened.torn_bytes(), torn as u64);
            assert_eq!(texts(&reopened, Position::START), ["one"]);
            append(&mut reopened, &["two"]).unwrap();
            assert_eq!(texts(&open(&disk).unwrap(), Position::START), ["one", "two"]);
        }
    }

    #[test]
    fn damage_before_whole_blocks_is_an_error_that_names_the_place() {
        let disk = MemoryDisk::default();
        let mut journal = open(&disk).unwrap();
        let second = append(&mut journal, &["one"]).unwrap();
        append(&mut journal, &["two"]).unwrap();
        append(&mut journal, &["three"]).unwrap();
        let offset = usize::try_from(second.0).unwrap() + HEADER_BYTES + 6;
        disk.flip_bit(&Path::new(DIR).join(name_of(0)), offset);
        let error = open(&disk).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), model::ErrorKind::Corrupt);
        assert!(error.to_string().contains(&format!("offset=`{}`", second.0)), "{error}");
    }

    #[test]
    fn damage_in_an_older_file_is_found_when_it_is_read() {
        let disk = MemoryDisk::default();
        let mut journal = open(&disk).unwrap();
        for n in 0..20 {
            append(&mut journal, &[&format!("record {n}")]).unwrap();
        }
        disk.flip_bit(&Path::new(DIR).join(name_of(0)), HEADER_BYTES + 6);
        let read: Result<Vec<_>, _> = open(&disk).unwrap().read(Position::START).collect();
        assert_eq!(read.unwrap_err().kind(), model::ErrorKind::Corrupt);
    }

    #[test]
    fn a_full_disk_refuses_and_the_journal_goes_on_when_there_is_room() {
        let disk = MemoryDisk::default();
        let mut journal = open(&disk).unwrap();
        append(&mut journal, &["safe"]).unwrap();
        disk.limit(Some(10));
        assert_eq!(append(&mut journal, &["lost"]).unwrap_err().kind(), model::ErrorKind::Unavailable);
        disk.limit(None);
        append(&mut journal, &["after"]).unwrap();
        assert_eq!(texts(&open(&disk).unwrap(), Position::START), ["safe", "after"]);
    }

    #[test]
    fn a_record_beyond_its_limit_is_refused_before_anything_is_written() {
        let disk = MemoryDisk::default();
        let mut journal = open(&disk).unwrap();
        let large = vec![0; block::RECORD_BYTES_MAX + 1];
        assert!(matches!(journal.append_group([(1, large.as_slice())]), Err(Error::TooLarge { .. })));
        assert_eq!(journal.end(), Position::START);
    }

    #[test]
    fn old_files_go_and_what_is_needed_stays() {
        let disk = MemoryDisk::default();
        let mut journal = open(&disk).unwrap();
        let mut middle = Position::START;
        for n in 0..20 {
            let end = append(&mut journal, &[&format!("record {n}")]).unwrap();
            middle = if n == 9 { end } else { middle };
        }
        assert!(journal.retain_from(middle).unwrap() > 0);
        assert_eq!(texts(&journal, middle).len(), 10);
        assert!(journal.read(Position::START).next().unwrap().is_err());
    }

    proptest! {
        #[test]
        fn any_crash_keeps_a_prefix_that_holds_everything_acknowledged(
            groups in proptest::collection::vec(1..5_usize, 1..12),
            torn in 0..200_usize,
        ) {
            let disk = MemoryDisk::default();
            let mut journal = open(&disk).unwrap();
            let mut expected = Vec::new();
            for (g, size) in groups.iter().enumerate() {
                let names: Vec<String> = (0..*size).map(|r| format!("{g}.{r}")).collect();
                append(&mut journal, &names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
                expected.extend(names);
            }
            drop(journal);
            disk.crash(torn);
            prop_assert_eq!(texts(&open(&disk).unwrap(), Position::START), expected);
        }
    }
}
