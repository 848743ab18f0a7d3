//! Memory for what was decoded: bounded, shared by all questions, and lent for as long as somebody reads.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use model::Text;

use super::shelf::Shelf;

/// A question needs more old rows at one time than there is memory for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowded {
    /// How many bytes it asked for when there was no room left.
    pub bytes: u64,
    /// How many there are for all questions together.
    pub bytes_max: u64,
}

/// Why something of an old part cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lack {
    /// There is no room for it.
    Crowded(Crowded),
    /// The shelf does not have it, or not as it was written.
    Lost(Text),
}

/// What was decoded, and the room that it takes until nobody holds it any more.
#[derive(Debug)]
pub(crate) struct Held<T> {
    what: T,
    _lease: Lease,
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}

/// Room that is given back when it is dropped.
#[derive(Debug)]
struct Lease {
    bytes: u64,
    used: Arc<AtomicU64>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Lease {
    fn shrink(&mut self, bytes: u64) {
        self.used.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        self.bytes = bytes;
    }
}

/// What is kept: which piece of which part.
pub(super) type Key = (String, usize);

/// The bounded memory of decoded columns, and the shelf that they come from.
#[derive(Debug)]
pub(crate) struct Pool {
    shelf: Option<Arc<dyn Shelf>>,
    bytes_max: u64,
    used: Arc<AtomicU64>,
    // A lock, not a channel: questions on many threads look up what is there; it is held to copy a pointer, never
    // while something is fetched or decoded.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    turn: u64,
    pieces: BTreeMap<Key, (u64, Arc<dyn Any + Send + Sync>)>,
}

impl Pool {
    pub(crate) fn new(shelf: Option<Arc<dyn Shelf>>, bytes_max: u64) -> Self {
        Self { shelf, bytes_max, used: Arc::default(), kept: Mutex::default() }
    }

    /// The shelf.
    pub(super) fn shelf(&self) -> Result<&dyn Shelf, Text> {
        self.shelf.as_deref().ok_or_else(|| "no place for old parts is set up".into())
    }

    /// What is kept under this key; when it is not, `load` makes it, with `while_loading` bytes on the way, and it is
    /// kept as long as there is room.
    pub(super) fn get<T: Send + Sync + 'static>(
        &self,
        key: Key,
        (bytes, while_loading): (u64, u64),
        load: impl FnOnce() -> Result<T, Text>,
    ) -> Result<Arc<Held<T>>, Lack> {
        if let Some(kept) = self.find(&key) {
            return Ok(kept);
        }
        let mut lease = self.lease(bytes + while_loading)?;
        let what = load().map_err(Lack::Lost)?;
        lease.shrink(bytes);
        let held = Arc::new(Held { what, _lease: lease });
        let mut kept = self.lock();
        let turn = kept.next();
        kept.pieces.insert(key, (turn, Arc::clone(&held) as _));
        Ok(held)
    }

    /// Makes room for what one question made for itself; it is given back with the question.
    pub(super) fn hold<T>(&self, bytes: u64, make: impl FnOnce() -> T) -> Result<Arc<Held<T>>, Lack> {
        let lease = self.lease(bytes)?;
        Ok(Arc::new(Held { what: make(), _lease: lease }))
    }

    fn find<T: Send + Sync + 'static>(&self, key: &Key) -> Option<Arc<Held<T>>> {
        let mut kept = self.lock();
        let turn = kept.next();
        let (used_at, piece) = kept.pieces.get_mut(key)?;
        *used_at = turn;
        Arc::clone(piece).downcast().ok()
    }

    /// Takes room, and lets go of what nobody reads, the longest unread first, until there is some.
    fn lease(&self, bytes: u64) -> Result<Lease, Lack> {
        let mut kept = self.lock();
        while self.used.load(Ordering::Relaxed) + bytes > self.bytes_max {
            let unread = kept.pieces.iter().filter(|(_, (_, piece))| Arc::strong_count(piece) == 1);
            let Some(key) = unread.min_by_key(|(_, (turn, _))| *turn).map(|(key, _)| key.clone()) else {
                return Err(Lack::Crowded(Crowded { bytes, bytes_max: self.bytes_max }));
            };
            kept.pieces.remove(&key);
        }
        // Only holders of the lock take room, so it is still there.
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Ok(Lease { bytes, used: Arc::clone(&self.used) })
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("no holder of this lock panics")
    }
}

impl Kept {
    fn next(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(pool: &Pool, name: &str, bytes: u64) -> Result<Arc<Held<String>>, Lack> {
        pool.get((name.to_owned(), 0), (bytes, 0), || Ok(name.to_owned()))
    }

    #[test]
    fn what_nobody_reads_makes_room_and_what_is_read_stays() {
        let pool = Pool::new(None, 10);
        let read = get(&pool, "a", 4).unwrap();
        drop(get(&pool, "b", 4).unwrap());
        drop(get(&pool, "c", 4).unwrap());
        assert_eq!(pool.used.load(Ordering::Relaxed), 8, "b went for c");
        let crowded = get(&pool, "d", 7).map(drop);
        assert_eq!(crowded, Err(Lack::Crowded(Crowded { bytes: 7, bytes_max: 10 })));
        assert_eq!(**read, "a");
        drop(read);
        drop(get(&pool, "d", 7).unwrap());
        assert_eq!(pool.used.load(Ordering::Relaxed), 7);
    }

    #[test]
    fn what_is_on_its_way_takes_room_only_until_it_is_there() {
        let pool = Pool::new(None, 10);
        let refused = pool.get(("a".to_owned(), 0), (4, 7), || Ok(())).map(drop);
        assert_eq!(refused, Err(Lack::Crowded(Crowded { bytes: 11, bytes_max: 10 })));
        let held = pool.get(("a".to_owned(), 0), (4, 6), || Ok(())).unwrap();
        assert_eq!(pool.used.load(Ordering::Relaxed), 4);
        drop((held, pool.get(("b".to_owned(), 0), (1, 0), || Err::<(), Text>("gone".into()))));
        assert_eq!(pool.used.load(Ordering::Relaxed), 4, "what was not found takes no room");
    }
}
