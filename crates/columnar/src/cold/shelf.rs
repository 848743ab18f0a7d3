//! Where old parts lie: names and bytes. The seam to local folders and object stores; it knows nothing of columns.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard};

/// Where old parts lie. Objects are written whole and never changed.
///
/// A call may take as long as a network takes; the callers are threads that may wait.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// Puts an object there, in the place of any other of this name, and returns when it is durable.
    ///
    /// # Errors
    /// When it cannot be kept; then whatever had this name before may be there still.
    fn put(&self, name: &str, bytes: Vec<u8>) -> io::Result<()>;

    /// These bytes of an object.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is no such object, any other when it cannot be had.
    fn get(&self, name: &str, range: Range<u64>) -> io::Result<Vec<u8>>;

    /// Takes an object away. That there is none is no error.
    ///
    /// # Errors
    /// When it cannot be taken away.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// The names of all objects, in no order.
    ///
    /// # Errors
    /// When they cannot be had.
    fn list(&self) -> io::Result<Vec<String>>;
}

/// A shelf in memory, for tests: it can lose objects, turn bits around, and refuse.
#[derive(Debug, Default)]
pub struct MemoryShelf {
    // A lock, not a channel: the fake stands in for a service that every thread may call at once.
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<String, Vec<u8>>,
    puts_left: Option<usize>,
    gets: usize,
}

impl MemoryShelf {
    /// The names of all objects.
    pub fn names(&self) -> Vec<String> {
        self.lock().objects.keys().cloned().collect()
    }

    /// How often something was read.
    pub fn gets(&self) -> usize {
        self.lock().gets
    }

    /// After so many more objects it takes none.
    pub fn refuse_after(&self, puts: usize) {
        self.lock().puts_left = Some(puts);
    }

    /// Turns one bit of an object around, near its beginning.
    ///
    /// # Panics
    /// When there is no such object.
    pub fn damage(&self, name: &str) {
        let mut inner = self.lock();
        let bytes = inner.objects.get_mut(name).expect("the test names an object that exists");
        bytes[8] ^= 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of this lock panics")
    }
}

impl Shelf for MemoryShelf {
    fn put(&self, name: &str, bytes: Vec<u8>) -> io::Result<()> {
        let mut inner = self.lock();
        match &mut inner.puts_left {
            Some(0) => return Err(io::ErrorKind::StorageFull.into()),
            Some(left) => *left -= 1,
            None => {}
        }
        inner.objects.insert(name.to_owned(), bytes);
        Ok(())
    }

    fn get(&self, name: &str, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut inner = self.lock();
        inner.gets += 1;
        let bytes = inner.objects.get(name).ok_or(io::ErrorKind::NotFound)?;
        let place = |at: u64| usize::try_from(at).map_err(|_| io::ErrorKind::UnexpectedEof);
        let found = bytes.get(place(range.start)?..place(range.end)?);
        Ok(found.ok_or(io::ErrorKind::UnexpectedEof)?.to_vec())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.lock().objects.remove(name);
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.names())
    }
}
