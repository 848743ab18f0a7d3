//! The embedded store: opening it, and writing a checkpoint.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use heed::types::{Bytes, Str};
use heed::{CommitOrAbort, CompactionOption, Database, Env, EnvOpenOptions, RwTxn, WithoutTls};

use crate::lock::Lock;
use crate::table::Table;
use crate::{Error, Key, Record};

/// The version of the store's own layout: its tables `state` and `blobs`.
const FORMAT: u64 = 1;
const TABLES_MAX: u32 = 64;
/// The map is grown in doublings from this: address space, not memory or disk.
const MAP_BYTES_MIN: usize = 1 << 30;

const FORMAT_KEY: &str = "format";
const POSITION_KEY: &str = "position";

/// How to open a [`Store`].
#[derive(Debug, Clone)]
pub struct Options {
    /// How many unchanged values a table remembers. Changed ones are remembered until the next checkpoint.
    pub clean_values_max: usize,
    /// The address space the store begins with; it grows by itself.
    pub map_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { clean_values_max: 200_000, map_bytes: MAP_BYTES_MIN }
    }
}

/// The embedded store and the journal position its last checkpoint stands for.
#[derive(Debug)]
pub struct Store {
    shared: Arc<Shared>,
    state: Database<'static, Str, Bytes>,
    blobs: Database<'static, Str, Bytes>,
    position: u64,
    options: Options,
    tables: BTreeSet<String>,
    /// Whether a checkpoint was begun that is not settled.
    under_way: bool,
}

/// What the store and its tables hold together; the lock goes last.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) env: Env<WithoutTls>,
    _lock: Lock,
}

/// A table that a checkpoint can write. Only [`Table`] is one.
pub trait Persist: sealed::Persist {}

pub(crate) mod sealed {
    use super::Changes;

    /// What a checkpoint does with each table.
    pub trait Persist {
        /// The table's name.
        fn name(&self) -> &str;
        /// Takes a copy of every change; they count as being stored from now on.
        fn take(&mut self) -> Box<dyn Changes>;
        /// What was taken is safe: forget that these were changes.
        fn stored(&mut self);
        /// What was taken was not stored: these are changes still.
        fn not_stored(&mut self);
    }
}

/// The changes of one table, taken out of it.
pub trait Changes: Send {
    /// Writes them in the order of the keys; answers how many there were.
    fn write(self: Box<Self>, transaction: &mut RwTxn<'_>) -> Result<usize, Error>;
}

/// A checkpoint that was begun: everything that goes into it, as it was at that instant. It is written on any thread.
#[must_use = "a checkpoint is written, and settled with the store that began it"]
pub struct Checkpoint {
    shared: Arc<Shared>,
    state: Database<'static, Str, Bytes>,
    blobs_table: Database<'static, Str, Bytes>,
    position: u64,
    blobs: Vec<(&'static str, Vec<u8>)>,
    changes: Vec<Box<dyn Changes>>,
}

/// A checkpoint that was written, or was not.
#[must_use = "the store that began the checkpoint has to hear how it went"]
#[derive(Debug)]
pub struct Written {
    position: u64,
    /// How many values were written; `None`: it was given up.
    values: Option<Result<usize, Error>>,
}

/// How a checkpoint went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// So many values are stored.
    Stored(usize),
    /// The map was too small and has grown; nothing was stored yet: begin again.
    Again,
    /// It was given up; nothing was stored.
    GivenUp,
}

impl Checkpoint {
    /// Adds a blob that was not at hand when it was begun.
    pub fn with_blob(mut self, name: &'static str, bytes: Vec<u8>) -> Self {
        self.blobs.push((name, bytes));
        self
    }

    /// Writes everything in one transaction with sync.
    pub fn write(self) -> Written {
        let position = self.position;
        Written { position, values: Some(self.commit()) }
    }

    /// Writes nothing: what belongs to it could not be made.
    pub fn give_up(self) -> Written {
        Written { position: self.position, values: None }
    }

    /// [`Self::write`]; when it succeeded, `then` may copy the store as it is now, before anybody writes to it again.
    /// What `then` answers comes back as well; `None`: nothing was written.
    pub fn write_then<T>(self, then: impl FnOnce(&AtRest) -> T) -> (Written, Option<T>) {
        let rest = AtRest { shared: Arc::clone(&self.shared) };
        let written = self.write();
        let answer = matches!(written.values, Some(Ok(_))).then(|| then(&rest));
        (written, answer)
    }

    fn commit(self) -> Result<usize, Error> {
        let action = "writing a checkpoint";
        let mut transaction = self.shared.env.write_txn().map_err(Error::store(action))?;
        let mut values = 0;
        for changes in self.changes {
            values += changes.write(&mut transaction)?;
        }
        for (name, bytes) in &self.blobs {
            self.blobs_table.put(&mut transaction, name, bytes).map_err(Error::store(action))?;
        }
        for (key, number) in [(FORMAT_KEY, FORMAT), (POSITION_KEY, self.position)] {
            self.state.put(&mut transaction, key, &number.to_be_bytes()).map_err(Error::store(action))?;
        }
        transaction.commit().map_err(Error::store(action))?;
        Ok(values)
    }
}

impl Store {
    /// Opens the store in `folder`, which is made when it is missing.
    pub fn open(folder: &Path, options: Options) -> Result<Self, Error> {
        let lock = Lock::acquire(folder)?;
        let file_bytes = std::fs::metadata(folder.join("data.mdb")).map_or(0, |data| data.len());
        let room = usize::try_from(file_bytes).unwrap_or(usize::MAX / 4) * 2;
        let env = open_env(folder, room.max(options.map_bytes).next_power_of_two())?;
        let shared = Arc::new(Shared { env, _lock: lock });
        let state = shared.database("state")?.remap_key_type::<Str>();
        let blobs = shared.database("blobs")?.remap_key_type::<Str>();
        let mut store =
            Self { shared, state, blobs, position: 0, options, tables: BTreeSet::new(), under_way: false };
        let format = store.number(FORMAT_KEY)?.unwrap_or(FORMAT);
        if format > FORMAT {
            let version = u8::try_from(format).unwrap_or(u8::MAX);
            return Err(Error::Later { table: "state".to_owned(), version });
        }
        store.position = store.number(POSITION_KEY)?.unwrap_or(0);
        Ok(store)
    }

    /// The journal position of the last checkpoint: fold everything after it. 0 before the first.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// A blob of the last checkpoint.
    pub fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let action = "reading a blob";
        let transaction = self.shared.env.read_txn().map_err(Error::store(action))?;
        let bytes = self.blobs.get(&transaction, name).map_err(Error::store(action))?;
        Ok(bytes.map(<[u8]>::to_vec))
    }

    /// How many bytes the store's file has.
    pub fn disk_bytes(&self) -> Result<u64, Error> {
        self.shared.env.real_disk_size().map_err(Error::store("asking for the size of the file"))
    }

    /// Shows every stored key and value of a table as bytes, in the order of the keys, as of the last
    /// checkpoint: for those who check or export a store without knowing its types. A table that is not there
    /// has nothing to show.
    pub fn raw(&self, name: &str, mut visit: impl FnMut(&[u8], &[u8])) -> Result<(), Error> {
        let action = "reading a table as bytes";
        let env = &self.shared.env;
        let transaction = env.read_txn().map_err(Error::store(action))?;
        let opened = env.open_databases_and_commit(transaction, |opener, transaction| {
            opener
                .open_database::<Bytes, Bytes>(transaction, Some(&format!("table:{name}")))
                .map(CommitOrAbort::<_, std::convert::Infallible>::Commit)
        });
        let table = match opened.map_err(Error::store(action))? {
            CommitOrAbort::Commit(Some(table)) => table,
            CommitOrAbort::Commit(None) => return Ok(()),
            CommitOrAbort::Abort(never) => match never {},
        };
        let transaction = env.read_txn().map_err(Error::store(action))?;
        for entry in table.iter(&transaction).map_err(Error::store(action))? {
            let (key, value) = entry.map_err(Error::store(action))?;
            visit(key, value);
        }
        Ok(())
    }

    /// The table called `name`, which is made when it is missing.
    ///
    /// # Panics
    /// When it was opened before: two caches of one table would contradict each other.
    pub fn table<K: Key, V: Record>(&mut self, name: &str) -> Result<Table<K, V>, Error> {
        assert!(self.tables.insert(name.to_owned()), "table `{name}` is opened once");
        let database = self.shared.database(&format!("table:{name}"))?;
        Ok(Table::new(name, Arc::clone(&self.shared), database, self.options.clean_values_max))
    }

    /// Writes every change of all `tables`, these `blobs` and the journal `position` in one transaction
    /// with sync; answers how many values it wrote. Blobs not named here stay as they are.
    ///
    /// When it fails nothing is lost: changes stay in memory as changes, and the next checkpoint writes
    /// them. A full disk is [`model::ErrorKind::Unavailable`].
    ///
    /// # Panics
    /// As [`Self::begin`].
    pub fn checkpoint(
        &mut self,
        position: u64,
        blobs: &[(&'static str, &[u8])],
        tables: &mut [&mut dyn Persist],
    ) -> Result<usize, Error> {
        loop {
            let blobs = blobs.iter().map(|(name, bytes)| (*name, bytes.to_vec())).collect();
            let written = self.begin(position, blobs, tables).write();
            match self.settle(written, tables)? {
                Settled::Stored(values) => return Ok(values),
                Settled::Again => {}
                Settled::GivenUp => unreachable!("it was written"),
            }
        }
    }

    /// Takes what a checkpoint writes, without waiting for the disk. [`Checkpoint::write`] may run on another thread while
    /// the tables go on being read and changed; then [`Self::settle`] has to hear of it. Until it did, what was
    /// taken stays in memory.
    ///
    /// # Panics
    /// When a table that was opened is missing (the checkpoint would be a mix of instants), when `position` lies before
    /// the last one, or when another checkpoint is under way.
    pub fn begin(
        &mut self,
        position: u64,
        blobs: Vec<(&'static str, Vec<u8>)>,
        tables: &mut [&mut dyn Persist],
    ) -> Checkpoint {
        assert!(position >= self.position, "a checkpoint never goes back");
        assert!(!std::mem::replace(&mut self.under_way, true), "one checkpoint is under way at a time");
        self.check(tables);
        Checkpoint {
            shared: Arc::clone(&self.shared),
            state: self.state,
            blobs_table: self.blobs,
            position,
            blobs,
            changes: tables.iter_mut().map(|table| table.take()).collect(),
        }
    }

    /// Hears how a checkpoint went that [`Self::begin`] began. When it failed, its changes count as changes again.
    ///
    /// # Panics
    /// When a table that was opened is missing.
    pub fn settle(&mut self, written: Written, tables: &mut [&mut dyn Persist]) -> Result<Settled, Error> {
        self.check(tables);
        self.under_way = false;
        match written.values {
            None => {
                tables.iter_mut().for_each(|table| table.not_stored());
                Ok(Settled::GivenUp)
            }
            Some(Ok(values)) => {
                tables.iter_mut().for_each(|table| table.stored());
                self.position = written.position;
                Ok(Settled::Stored(values))
            }
            Some(Err(error)) => {
                tables.iter_mut().for_each(|table| table.not_stored());
                if error.map_full() { self.grow().map(|()| Settled::Again) } else { Err(error) }
            }
        }
    }

    fn check(&self, tables: &[&mut dyn Persist]) {
        let given: BTreeSet<String> = tables.iter().map(|table| table.name().to_owned()).collect();
        assert_eq!(given, self.tables, "a checkpoint takes every table that was opened");
    }

    fn number(&self, key: &str) -> Result<Option<u64>, Error> {
        let action = "reading the store's own table";
        let transaction = self.shared.env.read_txn().map_err(Error::store(action))?;
        let Some(bytes) = self.state.get(&transaction, key).map_err(Error::store(action))? else {
            return Ok(None);
        };
        let bytes = bytes.try_into().map_err(|_| Error::unreadable("state", key.as_bytes()))?;
        Ok(Some(u64::from_be_bytes(bytes)))
    }

    #[expect(unsafe_code, reason = "the map may only move while nobody reads it")]
    fn grow(&mut self) -> Result<(), Error> {
        let bytes = self.shared.env.info().map_size * 2;
        // SAFETY: a transaction never outlives the call that began it (no type of ours keeps one). All calls but
        // `Checkpoint::write` come from the one thread that owns store and tables, and none is open here; a checkpoint
        // that could be writing on another thread is under way, and then nobody calls this: `settle` heard of its end.
        unsafe { self.shared.env.resize(bytes) }.map_err(Error::store("growing the map"))
    }
}

/// A store that nobody writes to.
#[derive(Debug)]
pub struct AtRest {
    shared: Arc<Shared>,
}

impl AtRest {
    /// Writes what is stored to a new file in `folder`, durably; a store can be opened there.
    pub fn copy_to(&self, folder: &Path) -> Result<(), Error> {
        let action = "copying the store";
        let file = self.shared.env.copy_to_path(folder.join("data.mdb"), CompactionOption::Enabled);
        let file = file.map_err(Error::store(action))?;
        file.sync_all().map_err(|source| Error::store(action)(source.into()))
    }
}

impl Shared {
    fn database(&self, name: &str) -> Result<Database<'static, Bytes, Bytes>, Error> {
        let action = "opening a table";
        let transaction = self.env.write_txn().map_err(Error::store(action))?;
        let created = self.env.create_databases_and_commit(transaction, |opener, transaction| {
            opener
                .create_database::<Bytes, Bytes>(transaction, Some(name))
                .map(CommitOrAbort::<_, std::convert::Infallible>::Commit)
        });
        match created.map_err(Error::store(action))? {
            CommitOrAbort::Commit(database) => Ok(database),
            CommitOrAbort::Abort(never) => match never {},
        }
    }
}

#[expect(unsafe_code, reason = "the store's file is mapped into memory")]
fn open_env(folder: &Path, map_bytes: usize) -> Result<Env<WithoutTls>, Error> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(map_bytes).max_dbs(TABLES_MAX);
    // SAFETY: the caller holds the folder's lock, so no other process of ours writes the file while it is
    // mapped, and LMDB's own lock file stands behind that.
    unsafe { options.open(folder) }.map_err(Error::store("opening the store"))
}
