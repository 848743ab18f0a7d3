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
use crate::store::{Persist, Shared, sealed};
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
    dirty: usize,
    /// The changed keys in order; kept only while somebody scans, until the next checkpoint.
    changed: Option<BTreeSet<K>>,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Slot<K, V> {
    key: K,
    /// `None`: taken out since the last checkpoint.
    value: Option<V>,
    dirty: bool,
    /// Asked for since the last sweep.
    used: bool,
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
            changed: None,
            scratch: Vec::new(),
        }
    }

    /// The value at `key`; remembered for the next time.
    pub fn get(&mut self, key: &K) -> Result<Option<&V>, Error> {
        let found = self.locate(key)?;
        Ok(found.and_then(|index| self.slots.get_bucket(index)).and_then(|slot| slot.value.as_ref()))
    }

    /// The value at `key`, to be changed: it counts as changed from now on.
    pub fn get_mut(&mut self, key: &K) -> Result<Option<&mut V>, Error> {
        let found = self.locate(key)?;
        let Some(slot) = found.and_then(|index| self.slots.get_bucket_mut(index)) else { return Ok(None) };
        if slot.value.is_some() && !std::mem::replace(&mut slot.dirty, true) {
            self.dirty += 1;
            if let Some(changed) = &mut self.changed {
                changed.insert(key.clone());
            }
        }
        Ok(slot.value.as_mut())
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
            let dirty = self.slots.iter().filter(|slot| slot.dirty);
            self.changed = Some(dirty.map(|slot| slot.key.clone()).collect());
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
        if self.slots.len() - self.dirty >= self.clean_max {
            self.sweep();
        }
        let hasher = &self.hasher;
        let slot = Slot { key: key.clone(), value: Some(value), dirty: false, used: true };
        let entry = self.slots.insert_unique(hash, slot, |slot| hasher.hash_one(&slot.key));
        Ok(Some(entry.bucket_index()))
    }

    fn set(&mut self, key: K, value: Option<V>) {
        let (hash, hasher) = (self.hasher.hash_one(&key), &self.hasher);
        match self.slots.entry(hash, |slot| slot.key == key, |slot| hasher.hash_one(&slot.key)) {
            Entry::Occupied(mut entry) => {
                let slot = entry.get_mut();
                (slot.value, slot.used) = (value, true);
                if std::mem::replace(&mut slot.dirty, true) {
                    return;
                }
            }
            Entry::Vacant(entry) => {
                entry.insert(Slot { key: key.clone(), value, dirty: true, used: true });
            }
        }
        self.dirty += 1;
        if let Some(changed) = &mut self.changed {
            changed.insert(key);
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
        self.slots.retain(|slot| slot.dirty || std::mem::take(&mut slot.used));
        let mut clean = 0;
        self.slots.retain(|slot| {
            clean += usize::from(!slot.dirty);
            slot.dirty || clean <= keep
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

    fn write(&self, transaction: &mut RwTxn<'_>) -> Result<usize, Error> {
        let action = "writing a table";
        let mut changes: Vec<&Slot<K, V>> = self.slots.iter().filter(|slot| slot.dirty).collect();
        // The order of keys is the order of their bytes: neighbours are written one after the other.
        changes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let (mut key, mut bytes) = (Vec::new(), Vec::new());
        for slot in &changes {
            key.clear();
            key_bytes(&slot.key, &mut key);
            match &slot.value {
                Some(value) => {
                    encode(value, &mut bytes);
                    self.database.put(transaction, &key, &bytes).map_err(Error::store(action))?;
                }
                None => {
                    self.database.delete(transaction, &key).map_err(Error::store(action))?;
                }
            }
        }
        Ok(changes.len())
    }

    fn settle(&mut self) {
        self.slots.retain(|slot| {
            slot.dirty = false;
            slot.value.is_some()
        });
        self.dirty = 0;
        self.changed = None;
        if self.slots.len() > self.clean_max {
            self.sweep();
            self.slots.shrink_to(self.clean_max, |slot| self.hasher.hash_one(&slot.key));
        }
    }
}

fn key_bytes<K: Key>(key: &K, bytes: &mut Vec<u8>) {
    key.encode(bytes);
    assert!((1..=KEY_BYTES_MAX).contains(&bytes.len()), "a key has 1 to {KEY_BYTES_MAX} bytes");
}
