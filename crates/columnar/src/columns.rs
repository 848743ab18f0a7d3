//! The columns of one workspace: recent rows in memory, sealed parts on disk, one owner.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::mem;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use model::{CustomerId, Instant, Lane, Properties, Row, Text};

use crate::build::{Tail, Waiting};
use crate::cold::{self, Erased, Old, Pool, Question, Shelf, object_of};
use crate::column::Property;
use crate::error::Error;
use crate::first_seen::FirstSeen;
use crate::forget::Forgotten;
use crate::manifest::{MANIFEST_VERSION, Manifest, PartEntry};
use crate::merge::merge;
use crate::missing::{Gaps, Missing};
use crate::moves::Moves;
use crate::parallel::for_each;
use crate::part::{Part, remove, remove_strangers};
use crate::set::CustomerSet;
use crate::snapshot::{Snapshot, Stream};
use crate::table::{Table, View};

/// What may be chosen about columns.
#[derive(Debug, Clone)]
pub struct Options {
    /// Compaction never makes a part from more bytes than this: it bounds memory (about four times as much) and the time
    /// of one step.
    pub part_bytes_max: u64,
    /// How many parts of about one size a stream may have before they become one.
    pub parts_alike_max: usize,
    /// Where old parts lie; `None`: nothing leaves the folder.
    pub shelf: Option<Arc<dyn Shelf>>,
    /// How much memory old rows may take while they are read, for all questions together.
    pub old_bytes_max: u64,
    /// So many rows of a stream go to the shelf at once, or none: a straggler is no reason for an object of its own.
    pub old_rows_min: usize,
    /// Which streams age: they may move to the shelf, and forget. The others stay whole and hot, because the last row of
    /// them counts however old it is.
    pub ages: fn(&str) -> bool,
    /// Open whatever is damaged, only for [`Columns::mend`]: nobody may ask such columns.
    pub to_mend: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            part_bytes_max: 256 << 20,
            parts_alike_max: 4,
            shelf: None,
            old_bytes_max: 1 << 30,
            old_rows_min: 1 << 16,
            ages: |_| false,
            to_mend: false,
        }
    }
}

/// All rows of one workspace. It has one owner; readers take a [`Snapshot`].
#[derive(Debug)]
pub struct Columns {
    pub(crate) dir: PathBuf,
    pub(crate) options: Options,
    pub(crate) streams: BTreeMap<Text, StreamRows>,
    /// Parts that the manifest names and that cannot be read.
    pub(crate) missing: Arc<[Missing]>,
    /// What was appended to which stream since the last snapshot is not in here yet.
    published: Arc<BTreeMap<Text, Stream>>,
    pub(crate) moves: Moves,
    pub(crate) hidden: CustomerSet,
    /// The same for old parts.
    pub(crate) erased: Arc<Erased>,
    /// Old rows in memory, and the shelf behind them.
    pub(crate) pool: Arc<Pool>,
    pub(crate) first_seen: FirstSeen,
    pub(crate) forgotten: Forgotten,
    pub(crate) arrival_next: u64,
    pub(crate) part_next: u64,
    /// Parts that compaction replaced; they go when no committed manifest names them any more.
    pub(crate) retired: Vec<String>,
    /// Files of old parts whose objects somebody else needs, too: see [`Self::pin`].
    pub(crate) pinned: BTreeSet<String>,
    /// Alive while a compaction is under way.
    pub(crate) compacting: Weak<()>,
}

/// All rows of one stream.
#[derive(Debug, Default)]
pub(crate) struct StreamRows {
    pub(crate) parts: Vec<Part>,
    /// Parts whose rows are on the shelf. Nothing is ever changed in them: see [`Question`].
    pub(crate) old: Arc<[Arc<Old>]>,
    /// Rows that are being written to a part, as tables: see [`crate::Sealing`].
    pub(crate) sealing: Vec<View>,
    /// Recent rows in tables, the larger ones first.
    pub(crate) recent: Vec<View>,
    /// Recent rows as they came.
    pub(crate) tail: Tail,
    pub(crate) changed: bool,
}

/// So many tables of recent rows of about one size become one.
const FAN_IN: usize = 4;

/// The house's own streams: who was moved to whom, who is hidden, and when somebody was first seen in rows that are no
/// longer hot. They belong to nobody's story.
pub(crate) const HOUSE: &str = "house:";
const MOVED: &str = "house:moved";
const HIDDEN: &str = "house:hidden";
/// The one of them without which answers are only incomplete.
pub(crate) const SEEN: &str = "house:seen";
const TO: &str = "to";

/// Whether nothing may be answered without this stream: it says whom nobody may see.
fn is_vital(stream: &str) -> bool {
    is_house(stream) && stream != SEEN
}

/// Whether this stream is the house's own.
pub(crate) fn is_house(stream: &str) -> bool {
    stream.starts_with(HOUSE)
}

impl Columns {
    /// Opens the columns in this folder as the manifest describes them, and removes every other part in it. A part that
    /// is not what was written stays where it is, is in [`Self::missing`], and is tried again at the next opening.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the part says who was erased or moved: without it the answers would name people whom
    /// nobody may see.
    pub fn open(dir: impl Into<PathBuf>, manifest: &Manifest, options: Options) -> Result<Self, Error> {
        let dir = dir.into();
        if manifest.version != MANIFEST_VERSION {
            return Err(Error::Version { version: manifest.version });
        }
        fs::create_dir_all(&dir).map_err(Error::disk("create", &dir))?;
        remove_strangers(&dir, manifest)?;
        let (old, hot): (Vec<_>, Vec<_>) = manifest.parts.iter().cloned().partition(Old::is_one);
        let parts = for_each(hot.len(), |index| Part::open(&dir, &hot[index]));
        let pool = Arc::new(Pool::new(options.shelf.clone(), options.old_bytes_max));
        let mut columns = Self {
            dir,
            options,
            streams: BTreeMap::new(),
            missing: Arc::default(),
            published: Arc::default(),
            moves: Moves::default(),
            hidden: CustomerSet::new(),
            erased: Arc::default(),
            pool,
            first_seen: FirstSeen::default(),
            forgotten: manifest.forgotten.clone(),
            arrival_next: manifest.arrival_next,
            part_next: manifest.part_next,
            retired: Vec::new(),
            pinned: BTreeSet::new(),
            compacting: Weak::new(),
        };
        let returned = columns.take_in(parts, &hot)?;
        columns.take_in_old(&old)?;
        columns.remember_owners();
        returned.into_iter().for_each(|part| columns.welcome(part));
        columns.remember_first_seen();
        Ok(columns)
    }

    /// Takes in rows, in whatever order they happened. The next snapshot sees them; the next seal makes them durable.
    pub fn append(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            let customer = self.moves.root(row.customer);
            if self.hidden.contains(customer) {
                continue;
            }
            self.first_seen.see(customer, row.at.ms());
            self.push(row.stream, row.customer, row.at, row.properties);
        }
    }

    /// Looks at what is kept of these customers, all at once, so that it is near when rows of theirs are appended.
    pub fn glance(&self, customers: &[CustomerId]) {
        for customer in customers {
            std::hint::black_box(self.first_seen.get(*customer));
        }
    }

    /// From now on everything that arrived, or will arrive, for `from` belongs to `to`, possibly in another lane.
    ///
    /// # Errors
    /// [`Error::Move`] when `from` was moved already, or `to` belongs to `from`.
    pub fn move_rows(&mut self, from: CustomerId, to: CustomerId) -> Result<(), Error> {
        if self.moves.parent(from).is_some() {
            return Err(Error::Move { from, to, reason: "it was moved already" });
        }
        let root = self.moves.root(to);
        if root == from {
            return Err(Error::Move { from, to, reason: "it would belong to itself" });
        }
        self.moves.add(from, to);
        if self.hidden.contains(root) {
            self.erase(from, self.arrival_next);
        }
        let moved = [(TO, i64::from(to.number()))].into_iter().collect();
        self.push(MOVED.into(), from, Instant::default(), moved);
        let Some(first) = self.first_seen.get(from) else { return Ok(()) };
        self.take(from, |_| true, Fate::Moved);
        self.first_seen.set(from, None);
        if self.hidden.contains(root) {
            // What comes to somebody erased is erased at once: it must not wait until they are moved on.
            self.freeze();
        } else {
            self.first_seen.see(root, first);
        }
        Ok(())
    }

    /// To whom the rows of `customer` belong now: to whomever they were moved, else to the customer.
    pub fn owner(&self, customer: CustomerId) -> CustomerId {
        self.moves.root(customer)
    }

    /// Takes back [`Self::move_rows`]: exactly what arrived for `from` (or for whoever was moved to `from`) belongs to
    /// `from` again.
    ///
    /// # Errors
    /// [`Error::Move`] when `from` was not moved to `to`.
    pub fn undo_move(&mut self, from: CustomerId, to: CustomerId) -> Result<(), Error> {
        if self.moves.parent(from) != Some(to) {
            return Err(Error::Move { from, to, reason: "it was not moved there" });
        }
        self.freeze();
        let root = self.moves.root(from);
        let below = self.moves.below(from);
        self.moves.remove(from);
        if self.hidden.contains(from) {
            // They were erased before they were moved: what came for them since belongs to somebody erased again.
            self.erase(from, self.arrival_next);
        }
        self.push(MOVED.into(), from, Instant::default(), Properties::new());
        self.take(root, |origin| below.contains(&origin), Fate::Moved);
        self.freeze();
        for customer in [root, from] {
            self.first_seen.set(customer, self.first_row(customer));
        }
        Ok(())
    }

    /// Erases a customer from every answer, at once and for ever, together with everybody who was moved to them. Their
    /// rows leave the disk with the compactions and seals that follow.
    pub fn hide(&mut self, customer: CustomerId) {
        let root = self.moves.root(customer);
        if !self.hidden.insert(root) {
            return;
        }
        self.erase(root, self.arrival_next);
        self.push(HIDDEN.into(), root, Instant::default(), Properties::new());
        self.freeze();
        self.take(root, |_| true, Fate::Gone);
        self.first_seen.set(root, None);
    }

    /// Everything appended so far, for readers on any thread.
    pub fn snapshot(&mut self) -> Snapshot {
        self.freeze();
        let question = self.question();
        if self.streams.values().any(|rows| rows.changed) {
            let published = Arc::make_mut(&mut self.published);
            for (name, rows) in self.streams.iter_mut().filter(|(name, _)| !is_house(name)) {
                if !mem::take(&mut rows.changed) {
                    continue;
                }
                let views: Vec<View> = rows.views().filter(|view| view.rows() > 0).cloned().collect();
                if views.is_empty() && rows.old.is_empty() {
                    published.remove(name);
                } else {
                    let old = Arc::clone(&rows.old);
                    published.insert(name.clone(), Stream::new(name.clone(), views, old, &question));
                }
            }
        }
        let gaps = Gaps::new(Arc::clone(&self.missing));
        let (streams, first_seen) = (Arc::clone(&self.published), self.first_seen.clone());
        Snapshot { streams, first_seen, gaps, question, kept_from: self.forgotten.kept_from() }.for_question()
    }

    /// What it takes to read old parts as of now.
    pub(crate) fn question(&self) -> Arc<Question> {
        let (pool, owners, erased) = (&self.pool, self.moves.owners(), &self.erased);
        Arc::new(Question::new(Arc::clone(pool), owners, Arc::clone(erased)))
    }

    /// How many rows no seal has begun to write.
    pub fn recent_rows(&self) -> usize {
        let recent = |rows: &StreamRows| rows.tail.len() + rows.recent.iter().map(View::rows).sum::<usize>();
        self.streams.values().map(recent).sum()
    }

    /// Every part, stream by stream, as it was written: holes that were made since are in the manifest.
    pub fn parts(&self) -> impl Iterator<Item = &PartEntry> {
        self.streams.values().flat_map(|rows| {
            rows.old.iter().map(|old| &old.entry).chain(rows.parts.iter().map(|part| &part.entry))
        })
    }

    /// Whether parts took the place of others whose files still lie there: the next committed manifest lets them go.
    pub fn has_retired(&self) -> bool {
        !self.retired.is_empty()
    }

    /// Removes the files that compaction replaced and that `committed`, the manifest now in force, no longer names.
    pub fn sweep(&mut self, committed: &Manifest) {
        let named: HashSet<&str> = committed.parts.iter().map(|part| part.file.as_str()).collect();
        let (keep, gone) =
            mem::take(&mut self.retired).into_iter().partition(|file| named.contains(file.as_str()));
        self.retired = keep;
        for file in gone {
            let is_here = self.dir.join(&file).exists();
            remove(&self.dir, &file);
            if is_here && !self.pinned.contains(&file) {
                self.take_down(&file);
            }
        }
    }

    /// Says of which old parts a copy of these columns reads the objects: they stay on the shelf, whatever becomes of
    /// the parts here, until others are pinned.
    pub fn pin(&mut self, files: BTreeSet<String>) {
        let before = mem::replace(&mut self.pinned, files);
        let here: HashSet<String> = self.parts().map(|part| part.file.clone()).collect();
        let is_needed =
            |file: &String| self.pinned.contains(file) || here.contains(file) || self.retired.contains(file);
        before.iter().filter(|file| !is_needed(file)).for_each(|file| self.take_down(file));
    }

    /// Removes the object of an old part. If it stays, it takes room and nothing else: no index names it any more.
    fn take_down(&self, file: &str) {
        if let (Some(shelf), true) = (&self.options.shelf, file.ends_with(cold::SUFFIX)) {
            let _ = shelf.remove(&object_of(file));
        }
    }

    pub(crate) fn manifest(&self) -> Manifest {
        let whole = self.streams.values().flat_map(|rows| {
            rows.old.iter().map(|old| old.entry.clone()).chain(rows.parts.iter().map(Part::entry))
        });
        let missing = self.missing.iter().map(|missing| PartEntry { missing: true, ..missing.part.clone() });
        let parts = whole.chain(missing).collect();
        Manifest {
            version: MANIFEST_VERSION,
            arrival_next: self.arrival_next,
            part_next: self.part_next,
            parts,
            forgotten: self.forgotten.clone(),
        }
    }

    pub(crate) fn add(&mut self, part: Part) {
        let rows = self.streams.entry(part.entry.stream.clone()).or_default();
        rows.parts.push(part);
        rows.changed = true;
    }

    /// Takes in what could be opened and remembers what could not; returns the parts that are back after they were missing.
    fn take_in(
        &mut self,
        parts: Vec<Result<Part, Error>>,
        entries: &[PartEntry],
    ) -> Result<Vec<Part>, Error> {
        let (mut missing, mut returned) = (Vec::new(), Vec::new());
        for (part, entry) in parts.into_iter().zip(entries) {
            let reason = match part {
                Ok(part) if !entry.missing => {
                    self.add(part);
                    continue;
                }
                Ok(part) if !self.options.to_mend => {
                    returned.push(part);
                    continue;
                }
                // Without every move and every erasure nobody knows whose its rows are now.
                Ok(_) => "it was missing for a while".to_owned(),
                Err(Error::Damaged { reason, .. }) if self.options.to_mend || !is_vital(&entry.stream) => {
                    reason
                }
                Err(error) => return Err(error),
            };
            missing.push(Missing { part: entry.clone(), reason: reason.into() });
        }
        self.missing = missing.into();
        Ok(returned)
    }

    /// Takes in the indexes of old parts and remembers which cannot be read. An old part that comes back needs no
    /// welcome: whose its rows are is worked out whenever it is read.
    fn take_in_old(&mut self, entries: &[PartEntry]) -> Result<(), Error> {
        let mut missing = self.missing.to_vec();
        for entry in entries {
            let entry = PartEntry { missing: false, ..entry.clone() };
            let reason = match Old::open(&self.dir, &entry) {
                Ok(old) => match self.examine(&old) {
                    Ok(()) => {
                        self.keep(old);
                        continue;
                    }
                    Err(reason) => reason,
                },
                Err(Error::Damaged { reason, .. }) if !self.options.to_mend => reason.into(),
                Err(Error::Damaged { .. }) => match Old::index_again((&self.dir, &self.pool), &entry) {
                    Ok(old) => {
                        self.keep(old);
                        continue;
                    }
                    Err(reason) => reason,
                },
                Err(error) => return Err(error),
            };
            missing.push(Missing { part: entry, reason });
        }
        self.missing = missing.into();
        Ok(())
    }

    /// Whether an old part is on the shelf as it was written. Asked when there is something to mend; else a question
    /// finds out.
    fn examine(&self, old: &Old) -> Result<(), Text> {
        if self.options.to_mend { old.verify(&self.pool) } else { Ok(()) }
    }

    fn keep(&mut self, old: Old) {
        let rows = self.streams.entry(old.entry.stream.clone()).or_default();
        rows.old = rows.old.iter().cloned().chain([Arc::new(old)]).collect();
        rows.changed = true;
    }

    /// Takes in a table of when customers were first seen.
    pub(crate) fn remember_seen(&mut self, seen: Table) {
        let rows = self.streams.entry(SEEN.into()).or_default();
        rows.grow(View::new(seen));
    }

    fn push(&mut self, stream: Text, origin: CustomerId, at: Instant, properties: Properties) {
        let arrival = self.arrival_next;
        self.arrival_next += 1;
        let row = Waiting { origin, time: at.ms(), arrival };
        match self.streams.get_mut(&stream) {
            Some(rows) => rows.tail.push(row, properties),
            None => self.streams.entry(stream).or_default().tail.push(row, properties),
        }
    }

    /// Brings what waits in the tails into tables, under whoever owns it now.
    pub(crate) fn freeze(&mut self) {
        for (name, rows) in &mut self.streams {
            freeze(name, rows, &self.moves, &self.hidden);
        }
    }

    /// Takes rows of one customer out of all tables; moved ones wait in the tail for their new owner.
    fn take(&mut self, customer: CustomerId, wanted: impl Fn(CustomerId) -> bool, fate: Fate) {
        for (_, rows) in self.streams.iter_mut().filter(|(name, _)| !is_house(name)) {
            let mut taken = Vec::new();
            let mut changed = false;
            for view in rows.views_mut() {
                let here = view.find(customer).flatten();
                let found: Vec<usize> = here.filter(|row| wanted(view.origin(*row))).collect();
                if found.is_empty() {
                    continue;
                }
                changed = true;
                taken.extend(found.iter().map(|row| waiting(view, *row)));
                let holes = Arc::make_mut(&mut view.holes);
                found.iter().for_each(|row| holes.add(*row..row + 1));
            }
            rows.changed |= changed;
            match fate {
                Fate::Moved => rows.wait(taken),
                Fate::Gone => {}
            }
        }
    }

    /// When the first row of this customer happened, be it hot or not.
    fn first_row(&self, customer: CustomerId) -> Option<i64> {
        let first = |view: &View, customer| view.find(customer).flatten().map(|row| view.times()[row]).min();
        let counts = |view: &View, origin, row: &usize| !self.erased.contains(origin, view.arrival(*row));
        let first_seen = |view: &View, origin| {
            let here = view.find(origin).flatten().filter(|row| counts(view, origin, row));
            here.map(|row| view.times()[row]).min()
        };
        let streams = self.streams.iter().filter(|(name, _)| !is_house(name));
        let hot = streams.flat_map(|(_, rows)| rows.views()).filter_map(|view| first(view, customer)).min();
        let below = self.moves.below(customer);
        let seen = self.streams.get(SEEN).into_iter().flat_map(StreamRows::views);
        let old = seen.flat_map(|view| below.iter().filter_map(|origin| first_seen(view, *origin))).min();
        hot.into_iter().chain(old).min()
    }

    /// What arrived for `top` and everybody below before `arrival` is gone, in old parts, too.
    fn erase(&mut self, top: CustomerId, arrival: u64) {
        let below = self.moves.below(top);
        Arc::make_mut(&mut self.erased).erase(below, arrival);
    }

    /// Goes through all moves and erasures again, in the order in which they were.
    fn remember_owners(&mut self) {
        let mut changes: Vec<(u64, CustomerId, Option<Option<CustomerId>>)> = Vec::new();
        for view in self.streams.get(MOVED).into_iter().flat_map(StreamRows::views) {
            let to = view.property(TO);
            let moved = |row| (view.arrival(row), view.customer(row), Some(target(to, row)));
            changes.extend((0..view.len()).map(moved));
        }
        for view in self.streams.get(HIDDEN).into_iter().flat_map(StreamRows::views) {
            changes.extend((0..view.len()).map(|row| (view.arrival(row), view.customer(row), None)));
        }
        changes.sort_unstable_by_key(|(arrival, ..)| *arrival);
        for (arrival, customer, change) in changes {
            match change {
                Some(Some(to)) => {
                    self.moves.add(customer, to);
                    if self.hidden.contains(self.moves.root(to)) {
                        self.erase(customer, arrival);
                    }
                }
                Some(None) => {
                    self.moves.remove(customer);
                    if self.hidden.contains(customer) {
                        self.erase(customer, arrival);
                    }
                }
                None => {
                    self.hidden.insert(customer);
                    self.erase(customer, arrival);
                }
            }
        }
    }

    fn remember_first_seen(&mut self) {
        for (_, rows) in self.streams.iter().filter(|(name, _)| !is_house(name)) {
            for view in rows.views() {
                let times = view.times();
                for row in Lane::all().flat_map(|lane| view.lane(lane)).flatten() {
                    self.first_seen.see(view.customer(row), times[row]);
                }
            }
        }
        for view in self.streams.get(SEEN).into_iter().flat_map(StreamRows::views) {
            for row in 0..view.len() {
                let customer = self.moves.root(view.customer(row));
                if !self.erased.contains(view.customer(row), view.arrival(row)) {
                    self.first_seen.see(customer, view.times()[row]);
                }
            }
        }
    }
}

fn freeze(name: &str, rows: &mut StreamRows, moves: &Moves, hidden: &CustomerSet) {
    if rows.tail.is_empty() {
        return;
    }
    let tail = mem::take(&mut rows.tail);
    let owner = |origin| Some(moves.root(origin)).filter(|owner| !hidden.contains(*owner));
    let table = if is_house(name) { tail.into_table(Some) } else { tail.into_table(owner) };
    rows.grow(View::new(table));
}

/// What becomes of rows that are taken from a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// They belong to somebody else.
    Moved,
    /// They are erased.
    Gone,
}

impl StreamRows {
    /// All its tables, the oldest first.
    pub(crate) fn views(&self) -> impl Iterator<Item = &View> {
        self.parts.iter().map(|part| &part.view).chain(&self.sealing).chain(&self.recent)
    }

    pub(crate) fn views_mut(&mut self) -> impl Iterator<Item = &mut View> {
        let parts = self.parts.iter_mut().map(|part| &mut part.view);
        parts.chain(&mut self.sealing).chain(&mut self.recent)
    }

    /// Rows that were in a table wait for their owner of now.
    pub(crate) fn wait(&mut self, rows: Vec<(Waiting, Properties)>) {
        rows.into_iter().for_each(|(row, properties)| self.tail.push(row, properties));
    }

    /// Adds a table of recent rows. When [`FAN_IN`] tables in a row are of one size or smaller they become one, so a row
    /// is merged again only when its table has grown several times.
    pub(crate) fn grow(&mut self, view: View) {
        self.changed = true;
        self.recent.push(view);
        let size = |view: &View| view.len().max(1).ilog2() / FAN_IN.ilog2();
        loop {
            let Some(last) = self.recent.last().map(size) else { return };
            let alike = self.recent.iter().rev().take_while(|view| size(view) <= last).count();
            if alike < FAN_IN {
                return;
            }
            let first = self.recent.len() - alike;
            let merged = merge(&self.recent[first..]);
            self.recent.truncate(first);
            self.recent.push(View::new(merged));
        }
    }
}

/// To whom the row of a move says that somebody was moved.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was written from a u32")]
fn target(to: Property<'_>, row: usize) -> Option<CustomerId> {
    let number = to.int.and_then(|numbers| numbers.get(row));
    number.map(|number| CustomerId::from_number(number as u32))
}

/// A row of a table, on its way into another, and what was said about it.
pub(crate) fn waiting(view: &View, row: usize) -> (Waiting, Properties) {
    let waiting = Waiting { origin: view.origin(row), time: view.times()[row], arrival: view.arrival(row) };
    (waiting, view.properties(row))
}
