//! Files that are appended to, synced and read: the door the simulator breaks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// A folder tree of append-only files.
pub trait Disk: Send + Sync {
    /// Makes a folder and all above it.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// The names in a folder, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Opens a file for appending and reading; makes it when it is missing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Takes a file away.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name, replacing what stood there, atomically.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes names (creation, removal, renaming) in a folder durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// One open file.
pub trait DiskFile: Send + Sync {
    /// Appends all of `bytes`.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes everything appended so far durable.
    fn sync(&mut self) -> io::Result<()>;
    /// How long it is.
    fn len(&self) -> io::Result<u64>;
    /// Whether nothing is in it.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|bytes| bytes == 0)
    }
    /// Cuts it to `bytes`.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
    /// Reads exactly `bytes.len()` bytes from `offset`.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;
}

/// The machine's disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = fs::read_dir(dir)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = fs::OpenOptions::new().read(true).append(true).create(true).open(path)?;
        Ok(Box::new(SystemFile(file)))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        fs::File::open(dir)?.sync_all()
    }
}

struct SystemFile(fs::File);

impl DiskFile for SystemFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn len(&self) -> io::Result<u64> {
        self.0.metadata().map(|data| data.len())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(bytes, offset)
    }
}

/// A disk in memory that can be crashed and filled up.
///
/// A crash keeps what was synced and a prefix of what was not (a torn tail).
/// Names are durable at once: the callers' `sync_dir` is exercised on the real disk.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk {
    // A lock, not a channel: the fake stands in for the kernel, which every thread may call at once.
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<PathBuf, Bytes>,
    bytes_max: Option<u64>,
}

#[derive(Debug, Default, Clone)]
struct Bytes {
    written: Vec<u8>,
    synced_len: usize,
}

impl MemoryDisk {
    /// Loses what was not synced, but for the first `torn_bytes` of each file's unsynced tail.
    pub fn crash(&self, torn_bytes: usize) {
        for bytes in self.lock().files.values_mut() {
            let keep = bytes.written.len().min(bytes.synced_len + torn_bytes);
            bytes.written.truncate(keep);
            bytes.synced_len = keep;
        }
    }

    /// From now on appends fail when the files together would hold more than this.
    pub fn limit(&self, bytes_max: Option<u64>) {
        self.lock().bytes_max = bytes_max;
    }

    /// Turns one bit of a file around, as a dying disk would.
    ///
    /// # Panics
    /// When there is no such byte.
    pub fn flip_bit(&self, path: &Path, offset: usize) {
        let mut inner = self.lock();
        let bytes = inner.files.get_mut(path).expect("the test names a file that exists");
        bytes.written[offset] ^= 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of this lock panics")
    }
}

impl Disk for MemoryDisk {
    fn create_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let inner = self.lock();
        let names = inner.files.keys().filter(|path| path.parent() == Some(dir));
        Ok(names.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.lock().files.entry(path.to_owned()).or_default();
        Ok(Box::new(MemoryFile { disk: self.clone(), path: path.to_owned() }))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.lock().files.remove(path).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inner = self.lock();
        let bytes = inner.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        inner.files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }
}

struct MemoryFile {
    disk: MemoryDisk,
    path: PathBuf,
}

impl MemoryFile {
    fn with<R>(&self, change: impl FnOnce(&mut Bytes) -> io::Result<R>) -> io::Result<R> {
        change(self.disk.lock().files.get_mut(&self.path).ok_or(io::ErrorKind::NotFound)?)
    }
}

impl DiskFile for MemoryFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.disk.lock();
        let held: usize = inner.files.values().map(|file| file.written.len()).sum();
        if inner.bytes_max.is_some_and(|max| (held + bytes.len()) as u64 > max) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let file = inner.files.get_mut(&self.path).ok_or(io::ErrorKind::NotFound)?;
        file.written.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.with(|file| {
            file.synced_len = file.written.len();
            Ok(())
        })
    }

    fn len(&self) -> io::Result<u64> {
        self.with(|file| Ok(file.written.len() as u64))
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.with(|file| {
            file.written.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
            file.synced_len = file.synced_len.min(file.written.len());
            Ok(())
        })
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.with(|file| {
            let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            let stop = start.checked_add(bytes.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            bytes.copy_from_slice(file.written.get(start..stop).ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every disk does, real or not.
    fn conforms(disk: &dyn Disk, dir: &Path) {
        disk.create_dir(dir).unwrap();
        let mut file = disk.open(&dir.join("b")).unwrap();
        file.append(b"hello ").unwrap();
        file.append(b"world").unwrap();
        file.sync().unwrap();
        let mut bytes = [0; 5];
        file.read_at(&mut bytes, 6).unwrap();
        assert_eq!(&bytes, b"world");
        assert!(file.read_at(&mut bytes, 7).is_err());
        file.truncate(5).unwrap();
        file.append(b"!").unwrap();
        assert_eq!(file.len().unwrap(), 6);
        disk.open(&dir.join("a")).unwrap();
        disk.rename(&dir.join("b"), &dir.join("c")).unwrap();
        disk.sync_dir(dir).unwrap();
        assert_eq!(disk.list(dir).unwrap(), ["a", "c"]);
        disk.remove(&dir.join("a")).unwrap();
        assert!(disk.remove(&dir.join("a")).is_err());
        assert_eq!(disk.list(dir).unwrap(), ["c"]);
    }

    #[test]
    fn the_real_disk_conforms() {
        let dir = tempfile::tempdir().unwrap();
        conforms(&SystemDisk, &dir.path().join("sub"));
    }

    #[test]
    fn the_fake_disk_conforms() {
        conforms(&MemoryDisk::default(), Path::new("/disk"));
    }

    #[test]
    fn a_crash_keeps_what_was_synced_and_a_torn_tail() {
        let disk = MemoryDisk::default();
        let mut file = disk.open(Path::new("/f")).unwrap();
        file.append(b"safe").unwrap();
        file.sync().unwrap();
        file.append(b"unsafe").unwrap();
        disk.crash(2);
        assert_eq!(file.len().unwrap(), 6);
    }

    #[test]
    fn a_full_disk_says_so() {
        let disk = MemoryDisk::default();
        disk.limit(Some(4));
        let mut file = disk.open(Path::new("/f")).unwrap();
        file.append(b"1234").unwrap();
        assert_eq!(file.append(b"5").unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
