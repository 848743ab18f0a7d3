//! One typed table: memory in front, the store behind.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use hashbrown::hash_table::{Entry, HashTable};
use heed::types::Bytes;
use heed::{Database, RwTxn};

use crate::key::KEY_BYTES_MAX;
use crate::record::{decode, encode};
use crate::store::{Changes, Persist, Shared, sealed};
use crate::{Error, Key, Record};

/// One typed table of a [`Store`](crate::Store).
///
/// Reads see every earlier write at once; the store behind sees it at the next checkpoint.
#[derive(Debug)]
pub struct Table<K, V> {
    name: String,
    shared: Arc<Shared>,
    database: Database<'static, Bytes, Bytes>,
    hasher: DefaultHashBuilder,
    /// Everything in memory: every change, and some values that are as in the store.
    slots: HashTable<Slot<K, V>>,
    clean_max: usize,
    /// How many slots are [`Standing::Changed`].
    dirty: usize,
    /// How many slots are [`Standing::BeingStored`].
    being_stored: usize,
    /// The keys of slots that are not [`Standing::Stored`], in order; kept only while somebody scans, until the next
    /// checkpoint.
    changed: Option<BTreeSet<K>>,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Slot<K, V> {
    key: K,
    /// `None`: taken out since the last checkpoint.
    value: Option<V>,
    standing: Standing,
    /// Asked for since the last sweep.
    used: bool,
}

/// Whether the store behind says what a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It does: the slot may be forgotten.
    Stored,
    /// It will when the checkpoint under way is written.
    BeingStored,
    /// It does not; the next checkpoint takes it.
    Changed,
}

impl<K: Key, V: Record> Table<K, V> {
    pub(crate) fn new(
        name: &str,
        shared: Arc<Shared>,
        database: Database<'static, Bytes, Bytes>,
        clean_max: usize,
    ) -> Self {
        Self {
            name: name.to_owned(),
            shared,
            database,
            hasher: DefaultHashBuilder::default(),
            slots: HashTable::new(),
            clean_max,
            dirty: 0,
            being_stored: 0,
            changed: None,
            scratch: Vec::new(),
        }
    }

    /// The value at `key`; remembered for the next time.
    pub fn get(&mut self, key: &K) -> Result<Option<&V>, Error> {
        let found = self.locate(key)?;
        Ok(found.and_then(|index| self.slots.get_bucket(index)).and_then(|slot| slot.value.as_ref()))
    }

    /// Looks for the values at `keys` that are in memory, all at once: the processor waits for many places of a large
    /// table together, where looking for one after the other it would wait for each. Nothing changes, and nothing is
    /// fetched from the store.
    pub fn glance<'t, 'k>(
        &'t self,
        keys: impl IntoIterator<Item = &'k K>,
    ) -> impl Iterator<Item = Option<&'t V>>
    where
        K: 'k,
    {
        let hashed: Vec<(u64, &K)> = keys.into_iter().map(|key| (self.hasher.hash_one(key), key)).collect();
        hashed.into_iter().map(|(hash, key)| {
            self.slots.find(hash, |slot| slot.key == *key).and_then(|slot| slot.value.as_ref())
        })
    }

    /// The value at `key`, to be changed: it counts as changed from now on.
    pub fn get_mut(&mut self, key: &K) -> Result<Option<&mut V>, Error> {
        let found = self.locate(key)?;
        let Some(slot) = found.and_then(|index| self.slots.get_bucket_mut(index)) else { return Ok(None) };
        if slot.value.is_some() {
            let before = std::mem::replace(&mut slot.standing, Standing::Changed);
            self.dirty += usize::from(before != Standing::Changed);
            self.being_stored -= usize::from(before == Standing::BeingStored);
            if before == Standing::Stored
                && let Some(changed) = &mut self.changed
            {
                changed.insert(key.clone());
            }
        }
        Ok(slot.value.as_mut())
    }

    /// The value at `key`, to be changed; `make` says what it is where nothing stood.
    pub fn get_or_put(&mut self, key: &K, make: impl FnOnce() -> V) -> Result<&mut V, Error> {
        if self.get_mut(key)?.is_none() {
            self.put(key.clone(), make());
        }
        Ok(self.get_mut(key)?.expect("just put"))
    }

    /// A copy of the value at `key`, leaving memory as it is: for those who look around.
    pub fn read(&self, key: &K) -> Result<Option<V>, Error> {
        let hash = self.hasher.hash_one(key);
        if let Some(slot) = self.slots.find(hash, |slot| slot.key == *key) {
            return Ok(slot.value.clone());
        }
        let mut bytes = Vec::new();
        key_bytes(key, &mut bytes);
        self.load(&bytes)
    }

    /// Says `value` at `key` from now on.
    pub fn put(&mut self, key: K, value: V) {
        self.set(key, Some(value));
    }

    /// Says nothing at `key` from now on.
    pub fn remove(&mut self, key: &K) {
        self.set(key.clone(), None);
    }

    /// Shows everything from `from` on in the order of the keys, as it is now, until `visit` breaks off.
    pub fn scan(
        &mut self,
        from: Bound<&K>,
        visit: impl FnMut(&K, &V) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        if self.changed.is_none() {
            let unstored = self.slots.iter().filter(|slot| slot.standing != Standing::Stored);
            self.changed = Some(unstored.map(|slot| slot.key.clone()).collect());
        }
        self.merged(from, visit)
    }

    /// How many changes the next checkpoint will write.
    pub fn dirty_len(&self) -> usize {
        self.dirty
    }

    /// How many values are in memory.
    pub fn cached_len(&self) -> usize {
        self.slots.len()
    }

    /// Where the slot of `key` is, after fetching it from the store when it is not in memory.
    fn locate(&mut self, key: &K) -> Result<Option<usize>, Error> {
        let hash = self.hasher.hash_one(key);
        if let Some(index) = self.slots.find_bucket_index(hash, |slot| slot.key == *key) {
            self.slots.get_bucket_mut(index).expect("just found").used = true;
            return Ok(Some(index));
        }
        let mut bytes = std::mem::take(&mut self.scratch);
        bytes.clear();
        key_bytes(key, &mut bytes);
        let loaded = self.load(&bytes);
        self.scratch = bytes;
        let Some(value) = loaded? else { return Ok(None) };
        if self.slots.len() - self.dirty - self.being_stored >= self.clean_max {
            self.sweep();
        }
        let hasher = &self.hasher;
        let slot = Slot { key: key.clone(), value: Some(value), standing: Standing::Stored, used: true };
        let entry = self.slots.insert_unique(hash, slot, |slot| hasher.hash_one(&slot.key));
        Ok(Some(entry.bucket_index()))
    }

    fn set(&mut self, key: K, value: Option<V>) {
        let (hash, hasher) = (self.hasher.hash_one(&key), &self.hasher);
        let mut slot = Slot { key, value, standing: Standing::Changed, used: true };
        let scanned = self.changed.as_mut();
        match self.slots.entry(hash, |it| it.key == slot.key, |it| hasher.hash_one(&it.key)) {
            Entry::Occupied(mut entry) => {
                std::mem::swap(entry.get_mut(), &mut slot);
                self.dirty += usize::from(slot.standing != Standing::Changed);
                self.being_stored -= usize::from(slot.standing == Standing::BeingStored);
                if slot.standing == Standing::Stored
                    && let Some(changed) = scanned
                {
                    changed.insert(slot.key);
                }
            }
            Entry::Vacant(entry) => {
                self.dirty += 1;
                if let Some(changed) = scanned {
                    changed.insert(slot.key.clone());
                }
                entry.insert(slot);
            }
        }
    }

    /// Reads the store behind, past what is in memory.
    fn load(&self, key: &[u8]) -> Result<Option<V>, Error> {
        let action = "reading a value";
        let transaction = self.shared.env.read_txn().map_err(Error::store(action))?;
        let Some(bytes) = self.database.get(&transaction, key).map_err(Error::store(action))? else {
            return Ok(None);
        };
        decode(&self.name, key, bytes).map(Some)
    }

    /// Forgets unchanged values: first those nobody asked for since the last sweep, then any, until a
    /// quarter of the room is free.
    fn sweep(&mut self) {
        let keep = self.clean_max - self.clean_max / 4;
        let stored = |slot: &Slot<K, V>| slot.standing == Standing::Stored;
        self.slots.retain(|slot| !stored(slot) || std::mem::take(&mut slot.used));
        let mut clean = 0;
        self.slots.retain(|slot| {
            clean += usize::from(stored(slot));
            !stored(slot) || clean <= keep
        });
    }

    fn merged(&self, from: Bound<&K>, mut visit: impl FnMut(&K, &V) -> ControlFlow<()>) -> Result<(), Error> {
        let action = "scanning a table";
        let mut bytes = Vec::new();
        let start = from.map(|key| {
            key_bytes(key, &mut bytes);
            bytes.as_slice()
        });
        let transaction = self.shared.env.read_txn().map_err(Error::store(action))?;
        let range = (start, Bound::<&[u8]>::Unbounded);
        let mut stored = self.database.range(&transaction, &range).map_err(Error::store(action))?;
        let changed = self.changed.as_ref().expect("`scan` sorted the changes");
        let mut changed = changed.range((from.cloned(), Bound::Unbounded)).peekable();
        let mut next_stored = self.next_stored(&mut stored)?;
        loop {
            let (key, value) = match (&next_stored, changed.peek()) {
                (None, None) => return Ok(()),
                (Some((stored_key, _)), changed_key) if changed_key.is_none_or(|key| stored_key < *key) => {
                    let entry = next_stored.take().expect("just seen");
                    next_stored = self.next_stored(&mut stored)?;
                    (entry.0, Some(decode(&self.name, &[], entry.1)?))
                }
                (stored_key, _) => {
                    let key = changed.next().expect("just seen");
                    if stored_key.as_ref().is_some_and(|(stored_key, _)| stored_key == key) {
                        next_stored = self.next_stored(&mut stored)?;
                    }
                    let hash = self.hasher.hash_one(key);
                    let slot = self.slots.find(hash, |slot| slot.key == *key);
                    (key.clone(), slot.and_then(|slot| slot.value.clone()))
                }
            };
            if value.is_some_and(|value| visit(&key, &value).is_break()) {
                return Ok(());
            }
        }
    }

    fn next_stored<'t>(
        &self,
        stored: &mut heed::RoRange<'t, Bytes, Bytes>,
    ) -> Result<Option<(K, &'t [u8])>, Error> {
        let Some(entry) = stored.next() else { return Ok(None) };
        let (key, value) = entry.map_err(Error::store("scanning a table"))?;
        let key = K::decode(key).ok_or_else(|| Error::unreadable(&self.name, key))?;
        Ok(Some((key, value)))
    }
}

impl<K: Key, V: Record> Persist for Table<K, V> {}

impl<K: Key, V: Record> sealed::Persist for Table<K, V> {
    fn name(&self) -> &str {
        &self.name
    }

    fn take(&mut self) -> Box<dyn Changes> {
        assert_eq!(self.being_stored, 0, "one checkpoint is under way at a time");
        let mut entries = Vec::with_capacity(self.dirty);
        for slot in self.slots.iter_mut().filter(|slot| slot.standing == Standing::Changed) {
            slot.standing = Standing::BeingStored;
            entries.push((slot.key.clone(), slot.value.clone()));
        }
        self.being_stored = std::mem::take(&mut self.dirty);
        Box::new(Taken { database: self.database, entries })
    }

    fn stored(&mut self) {
        self.slots.retain(|slot| {
            if slot.standing == Standing::BeingStored {
                slot.standing = Standing::Stored;
            }
            slot.value.is_some() || slot.standing == Standing::Changed
        });
        self.being_stored = 0;
        self.changed = None;
        if self.slots.len() - self.dirty > self.clean_max {
            self.sweep();
            let room = self.clean_max + self.dirty;
            self.slots.shrink_to(room, |slot| self.hasher.hash_one(&slot.key));
        }
    }

    fn not_stored(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.standing == Standing::BeingStored) {
            slot.standing = Standing::Changed;
        }
        self.dirty += std::mem::take(&mut self.being_stored);
    }
}

/// The changes of one table as they were at one instant.
struct Taken<K, V> {
    database: Database<'static, Bytes, Bytes>,
    entries: Vec<(K, Option<V>)>,
}

impl<K: Key, V: Record> Changes for Taken<K, V> {
    fn write(mut self: Box<Self>, transaction: &mut RwTxn<'_>) -> Result<usize, Error> {
        let action = "writing a table";
        // The order of keys is the order of their bytes: neighbours are written one after the other.
        self.entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let written = self.entries.len();
        let (mut key_bytes_of, mut bytes) = (Vec::new(), Vec::new());
        // What is written is let go at once: who changes a value that is still held here has to copy it first.
        for (key, value) in self.entries {
            key_bytes_of.clear();
            key_bytes(&key, &mut key_bytes_of);
            match value {
                Some(value) => {
                    encode(&value, &mut bytes);
                    self.database.put(transaction, &key_bytes_of, &bytes).map_err(Error::store(action))?;
                }
                None => {
                    self.database.delete(transaction, &key_bytes_of).map_err(Error::store(action))?;
                }
            }
        }
        Ok(written)
    }
}

fn key_bytes<K: Key>(key: &K, bytes: &mut Vec<u8>) {
    key.encode(bytes);
    assert!((1..=KEY_BYTES_MAX).contains(&bytes.len()), "a key has 1 to {KEY_BYTES_MAX} bytes");
}
