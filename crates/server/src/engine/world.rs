//! Everything that is folded from the journal, and the one place where an entry is applied.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use audience::live::{self, Live};
use columnar::{Columns, CustomerSet, Manifest, Sealed, Sealing, Shelf};
use delivery::{RunId, Runs};
use ingest::dictionary::Dictionary;
use journal::Position;
use model::{CampaignId, ErrorKind, Fact, Instant, MessageId, Row, stream};
use people::{GLANCE_FACTS, People};
use state::{AtRest, Checkpoint, Persist, Settled, Store, Written};

use super::base::{Base, Begun};
use super::campaign::Plan;
use super::entry::Entry;
use super::retention::Forget;
use super::seen::Seen;
use super::stories::Stories;

/// The world of one workspace as the journal tells it up to [`World::position`].
pub struct World {
    /// Who is who.
    pub people: People,
    /// What happened, for questions.
    pub columns: Columns,
    /// Who is in which audience.
    pub live: Live,
    /// What events there are.
    pub dictionary: Dictionary,
    /// What is being said to whom.
    pub runs: Runs,
    /// What became of every message.
    pub stories: Stories,
    /// What was seen lately.
    pub seen: Seen,
    /// What active runs need beyond the journal: contents, conditions, senders.
    pub plans: BTreeMap<(CampaignId, u32), Arc<Plan>>,
    pub(super) members: BTreeMap<RunId, Members>,
    pub(super) store: Store,
    /// The folder of the workspace.
    dir: PathBuf,
    /// A base that is being made; nobody has heard of it yet.
    based: Option<JoinHandle<Result<Base, Fault>>>,
    /// The manifest of the last checkpoint, while there may be files that it does not name.
    unswept: Option<Manifest>,
    pub(super) position: Position,
    /// Behind the record by which events were last forgotten.
    forgotten_at: Position,
    /// How many facts were applied since the last checkpoint was begun.
    pub(super) uncommitted: usize,
    under_way: Option<UnderWay>,
}

/// How the columns of a workspace are kept: events age, everything else stays.
pub(super) fn columns(shelf: Option<Arc<dyn Shelf>>) -> columnar::Options {
    columnar::Options {
        shelf,
        ages: |stream| stream::event_name(stream).is_some(),
        ..columnar::Options::default()
    }
}

/// A checkpoint that another thread writes.
struct UnderWay {
    thread: JoinHandle<Ended>,
    /// How many facts were applied between the one before and this one.
    facts: usize,
}

/// How writing a checkpoint went.
struct Ended {
    /// The parts with what were recent rows; without them nothing was written.
    sealed: Result<Sealed, columnar::Error>,
    written: Written,
    base: Option<Result<Begun, Fault>>,
}

/// Writes a checkpoint: first the parts, then everything else with the manifest that names them. A base is begun in a
/// folder when it is to become one.
fn write(sealing: Sealing, checkpoint: Checkpoint, base: Option<(PathBuf, Position)>) -> Ended {
    let sealed = match sealing.run() {
        Ok(sealed) => sealed,
        Err(error) => return Ended { sealed: Err(error), written: checkpoint.give_up(), base: None },
    };
    let checkpoint = checkpoint.with_blob(MANIFEST, sealed.manifest().to_bytes());
    let (written, base) = match base {
        Some((dir, position)) => {
            let of = (position, sealed.manifest().clone());
            checkpoint.write_then(|rest: &AtRest| Begun::new(&dir, of, |to| Ok(rest.copy_to(to)?)))
        }
        None => (checkpoint.write(), None),
    };
    Ended { sealed: Ok(sealed), written, base }
}

/// The audience of a run, resolved.
pub(super) struct Members {
    /// Who met the condition when the run was launched: the order in which the run walks.
    pub(super) at_launch: CustomerSet,
    /// Who meets it now, and when "now" was: the gate `eligible`.
    pub(super) now: (Instant, CustomerSet),
}

/// What keeps a world from being opened, folded or checkpointed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The journal.
    #[error("journal")]
    Journal(#[from] journal::Error),
    /// A record of the journal.
    #[error("journal")]
    Entry(#[from] super::entry::BadEntry),
    /// The embedded store.
    #[error("state")]
    State(#[from] state::Error),
    /// People.
    #[error("people")]
    People(#[from] people::Error),
    /// The parts.
    #[error("columns")]
    Columns(#[from] columnar::Error),
    /// What is to be folded again is no longer in the journal.
    #[error(
        "the journal begins later than what is missing, and there is no base to fold it from; put the damaged file back from a back-up, and start again. start=`{start}`"
    )]
    Cut {
        /// Where the journal begins.
        start: Position,
    },
    /// Something that the checkpoint was folded from is not there.
    #[error(
        "the journal ends before the checkpoint: a part of it is missing. path=`{}`, end=`{end}`, checkpoint=`{checkpoint}`",
        path.display()
    )]
    Behind {
        /// The journal's folder.
        path: PathBuf,
        /// Where the journal ends.
        end: Position,
        /// What the checkpoint was folded up to.
        checkpoint: Position,
    },
    /// A folder beside the world.
    #[error("a folder cannot be moved or removed. path=`{path}`")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A value of a checkpoint.
    #[error(
        "the checkpoint's `{name}` cannot be decoded; fold the journal anew with `omotenashi doctor --repair`"
    )]
    Blob {
        /// Which value.
        name: &'static str,
        /// What does not fit.
        source: postcard::Error,
    },
}

impl Fault {
    /// The checkpoint is not what was written; the journal can do without it.
    pub fn is_damaged_checkpoint(&self) -> bool {
        match self {
            Self::State(error) => error.kind() == ErrorKind::Corrupt,
            Self::People(error) => error.kind() == ErrorKind::Corrupt,
            Self::Columns(error) => matches!(error, columnar::Error::Manifest { .. }),
            Self::Blob { .. } => true,
            Self::Journal(_)
            | Self::Entry(_)
            | Self::Cut { .. }
            | Self::Behind { .. }
            | Self::Folder { .. } => false,
        }
    }

    /// The journal is not what was written, or not all of it is there.
    pub fn is_damaged_journal(&self) -> bool {
        match self {
            Self::Journal(error) => error.kind() == ErrorKind::Corrupt,
            Self::Behind { .. } => true,
            Self::Entry(_)
            | Self::State(_)
            | Self::People(_)
            | Self::Columns(_)
            | Self::Cut { .. }
            | Self::Folder { .. }
            | Self::Blob { .. } => false,
        }
    }
}

const MANIFEST: &str = "columns.manifest";
const DICTIONARY: &str = "ingest.dictionary";
const RUNS: &str = "delivery.runs";
const SEEN: &str = "server.seen_lately";
const LIVE: &str = "audience.live";
const FORGOTTEN: &str = "server.forgotten_at";
const LIVE_WAITING: &str = "audience.live.waiting";

impl World {
    /// The world as of the last checkpoint of `store`.
    pub(super) fn open(mut store: Store, dir: &Path, options: columnar::Options) -> Result<Self, Fault> {
        let people = People::open(&mut store)?;
        let stories = Stories::open(&mut store)?;
        let manifest = store.blob(MANIFEST)?.map(|bytes| Manifest::from_bytes(&bytes)).transpose()?;
        let manifest = manifest.unwrap_or_default();
        let mut columns = Columns::open(dir.join("parts"), &manifest, options)?;
        if let Some(base) = Base::latest(dir)? {
            columns.pin(base.files()?);
        }
        let waiting = blob(&store, LIVE_WAITING)?.unwrap_or_default();
        let live = Live::open(&blob(&store, LIVE)?.unwrap_or_default(), waiting, &mut columns);
        let seen = match store.blob(SEEN)? {
            Some(bytes) => Seen::from_bytes(&bytes).map_err(|source| Fault::Blob { name: SEEN, source })?,
            None => Seen::default(),
        };
        let forgotten_at = Position(blob(&store, FORGOTTEN)?.unwrap_or_default());
        Ok(Self {
            people,
            columns,
            live,
            dictionary: blob(&store, DICTIONARY)?.unwrap_or_default(),
            runs: blob(&store, RUNS)?.unwrap_or_default(),
            stories,
            seen,
            plans: BTreeMap::new(),
            members: BTreeMap::new(),
            position: Position(store.position()),
            store,
            dir: dir.to_owned(),
            based: None,
            unswept: None,
            forgotten_at,
            uncommitted: 0,
            under_way: None,
        })
    }

    /// Up to where the journal has been applied.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Applies one entry; returns the messages that began with it.
    pub(super) fn apply(&mut self, next: Position, entry: Entry) -> Result<Vec<MessageId>, Fault> {
        let began = match entry {
            Entry::Facts(facts) => {
                self.uncommitted += facts.len();
                self.heard(facts.iter().map(|fact| fact.received_at).max());
                self.fold_all(facts)?;
                self.settle();
                Vec::new()
            }
            Entry::Rejects(rejects) => {
                rejects.into_iter().for_each(|reject| self.seen.reject(reject));
                Vec::new()
            }
            Entry::Delivery(records) => self.deliver(&records)?,
            Entry::Audiences(records) => {
                records.iter().for_each(|record| self.decided(record));
                Vec::new()
            }
            Entry::Forget(records) => {
                records.iter().for_each(|record| self.forget(record));
                self.forgotten_at = next;
                Vec::new()
            }
        };
        self.position = next;
        Ok(began)
    }

    /// Folds one fact after the other, and looks ahead at those that come next.
    fn fold_all(&mut self, facts: Vec<Fact>) -> Result<(), Fault> {
        let mut facts = facts.into_iter();
        while let more @ 1.. = facts.len().min(GLANCE_FACTS) {
            self.columns.glance(&self.people.glance(&facts.as_slice()[..more]));
            facts.by_ref().take(more).try_for_each(|fact| self.fold(fact))?;
        }
        Ok(())
    }

    fn fold(&mut self, fact: Fact) -> Result<(), Fault> {
        let folded = self.people.fold(&fact)?;
        for merge in folded.merges {
            self.columns.move_rows(merge.from, merge.to)?;
            self.live.merged(merge.from, merge.to);
        }
        for merge in folded.unmerged {
            self.columns.undo_move(merge.from, merge.to)?;
            self.live.unmerged(merge.from, merge.to);
        }
        folded.rows.iter().try_for_each(|row| self.stories.observe(row))?;
        folded.rows.iter().for_each(|row| self.live.note(row, &self.columns));
        self.columns.append(folded.rows);
        if let Some(erased) = folded.erased {
            self.columns.hide(erased);
            self.live.erased(erased);
        }
        self.dictionary.learn(&fact);
        self.seen.refuse(&fact, folded.customer, folded.refused);
        self.seen.fact(folded.customer, fact);
        Ok(())
    }

    fn deliver(&mut self, records: &[delivery::Record]) -> Result<Vec<MessageId>, Fault> {
        let (mut rows, mut began) = (Vec::new(), Vec::new());
        for record in records {
            began.extend(self.runs.apply(record, &mut rows));
        }
        self.uncommitted += rows.len();
        rows.iter().try_for_each(|row| self.stories.observe(row))?;
        self.heard(rows.iter().map(|row| row.at).max());
        rows.iter().for_each(|row| self.live.note(row, &self.columns));
        self.columns.append(rows);
        self.settle();
        Ok(began)
    }

    /// It is that late in the journal: whoever enters or leaves an audience by the time that passed does so first.
    fn heard(&mut self, at: Option<Instant>) {
        if let Some(at) = at {
            let rows = self.live.advance(at, &mut self.columns);
            self.say(rows);
        }
    }

    /// Whoever enters or leaves an audience because of what one entry of the journal brought.
    fn settle(&mut self) {
        let rows = self.live.settle(&mut self.columns);
        self.say(rows);
    }

    fn decided(&mut self, record: &live::Record) {
        let rows = self.live.take(record, &mut self.columns);
        self.uncommitted += 1;
        self.say(rows);
    }

    /// Events go; whoever enters or leaves an audience because they are gone does so.
    fn forget(&mut self, record: &Forget) {
        self.heard(Some(record.at));
        self.columns.forget(record.before);
        let rows = self.live.forgot(record.before, &mut self.columns);
        self.uncommitted += 1;
        self.say(rows);
    }

    /// Behind the record by which events were last forgotten; `None`: they still lie in parts.
    pub(super) fn forgotten_at(&self) -> Option<Position> {
        (!self.columns.holds_forgotten()).then_some(self.forgotten_at)
    }

    fn say(&mut self, rows: Vec<Row>) {
        self.uncommitted += rows.len();
        self.columns.append(rows);
    }

    /// Begins to write everything that changed since the last checkpoint, with the journal position, in one transaction: on
    /// a thread of its own, while the fold goes on. `false`: nothing changed, or the one before is not written yet.
    /// With `as_base` a base is made of it: see [`Self::hear_of_base`].
    pub(super) fn begin_checkpoint(&mut self, as_base: bool) -> Result<bool, Fault> {
        let nothing = self.position.0 == self.store.position() && !self.is_changed();
        if nothing || self.under_way.is_some() {
            return Ok(false);
        }
        let sealing = self.columns.begin_seal();
        let blobs = vec![
            (DICTIONARY, encode(&self.dictionary)),
            (RUNS, encode(&self.runs)),
            (SEEN, self.seen.to_bytes()),
            (LIVE, encode(&self.live.kept())),
            (FORGOTTEN, encode(&self.forgotten_at.0)),
            (LIVE_WAITING, encode(self.live.waiting())),
        ];
        let tables = &mut tables(&mut self.people, &mut self.stories);
        let checkpoint = self.store.begin(self.position.0, blobs, tables);
        let base = (as_base && self.based.is_none()).then(|| (self.dir.clone(), self.position));
        let thread = super::open::spawn("checkpoint", move || write(sealing, checkpoint, base));
        let facts = std::mem::take(&mut self.uncommitted);
        self.under_way = Some(UnderWay { thread, facts });
        Ok(true)
    }

    /// Hears how the checkpoint under way went, if it has ended; whether it has. When it failed, the next one writes what it
    /// would have.
    pub(super) fn settle_checkpoint(&mut self) -> Result<bool, Fault> {
        let is_ended = self.under_way.as_ref().is_some_and(|it| it.thread.is_finished());
        if is_ended {
            self.await_checkpoint()?;
        }
        Ok(is_ended)
    }

    /// Waits for the checkpoint under way, if there is one.
    pub(super) fn await_checkpoint(&mut self) -> Result<(), Fault> {
        let Some(UnderWay { thread, facts }) = self.under_way.take() else { return Ok(()) };
        let Ended { sealed, written, base } = thread.join().expect("writing a checkpoint does not panic");
        // The rows that were written are in parts from now on, whatever became of the rest.
        let manifest = match sealed {
            Ok(sealed) => Ok(self.columns.take_sealed(sealed)),
            Err(error) => {
                self.columns.unseal();
                Err(error)
            }
        };
        match self.store.settle(written, &mut tables(&mut self.people, &mut self.stories)) {
            Ok(Settled::Stored(_)) => {
                if let Some(begun) = base {
                    self.based = Some(super::open::spawn("base", || begun.and_then(Begun::finish)));
                }
                self.unswept = Some(manifest?);
                self.sweep();
            }
            Ok(Settled::Again | Settled::GivenUp) => {
                self.uncommitted += facts;
                manifest?;
            }
            Err(error) => {
                self.uncommitted += facts;
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Removes the files that nobody names any more. What is copied to a base stays until it is.
    fn sweep(&mut self) {
        if self.based.is_none()
            && let Some(manifest) = self.unswept.take()
        {
            self.columns.sweep(&manifest);
        }
    }

    /// Writes a checkpoint of everything, and returns when it is on disk.
    pub(super) fn checkpoint(&mut self) -> Result<(), Fault> {
        if let Err(error) = self.await_checkpoint() {
            tracing::warn!(error = %super::chain(&error), "a checkpoint failed; it is tried once more");
        }
        // Nothing is swept while a base is made. Whether it counts is seen at the next start.
        if let Some(thread) = self.based.take()
            && let Err(fault) = self.await_base(thread)
        {
            tracing::warn!(fault = %super::chain(&fault), "no base was made, so the journal is not cut; it is tried again");
        }
        while self.begin_checkpoint(false)? {
            self.await_checkpoint()?;
        }
        Ok(())
    }

    /// Whether neither a checkpoint nor a base is being written.
    pub fn is_at_rest(&self) -> bool {
        self.under_way.is_none() && self.based.is_none()
    }

    /// How the base went that a checkpoint was to make, once, if it has ended.
    pub(super) fn hear_of_base(&mut self) -> Option<Result<Base, Fault>> {
        let thread = self.based.take_if(|thread| thread.is_finished())?;
        Some(self.await_base(thread))
    }

    fn await_base(&mut self, thread: JoinHandle<Result<Base, Fault>>) -> Result<Base, Fault> {
        let base = thread.join().expect("making a base does not panic");
        self.sweep();
        let base = base?;
        self.columns.pin(base.files()?);
        Ok(base)
    }

    /// Whether a checkpoint would write more than a position.
    pub(super) fn is_changed(&self) -> bool {
        self.uncommitted > 0 || self.columns.has_retired()
    }

    /// Resolves a run's audience: once as of its launch, and again whenever what is known is a second old.
    pub(super) fn refresh_members(&mut self, run: RunId, plan: &Plan, now: Instant) {
        const AGE_MS_MAX: i64 = 1_000;
        if self.members.get(&run).is_some_and(|members| now.since_ms(members.now.0) < AGE_MS_MAX) {
            return;
        }
        let launched_at = self.runs.get(run).map_or(now, |run| run.launched_at);
        let snapshot = self.columns.snapshot();
        let at_launch = match self.members.remove(&run) {
            Some(members) => Ok(members.at_launch),
            None => (plan.members)(&snapshot, launched_at),
        };
        match at_launch.and_then(|at_launch| Ok((at_launch, (plan.members)(&snapshot, now)?))) {
            Ok((at_launch, members)) => {
                self.members.insert(run, Members { at_launch, now: (now, members) });
            }
            Err(reason) => {
                tracing::error!(run = %run, reason, "the audience of a run cannot be resolved; the run waits");
            }
        }
    }
}

/// Every table of the store.
fn tables<'w>(people: &'w mut People, stories: &'w mut Stories) -> Vec<&'w mut dyn Persist> {
    let mut tables = people.tables();
    tables.extend(stories.tables());
    tables
}

fn encode<T: serde::Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("our own types can be encoded")
}

fn blob<T: serde::de::DeserializeOwned>(store: &Store, name: &'static str) -> Result<Option<T>, Fault> {
    let Some(bytes) = store.blob(name)? else { return Ok(None) };
    postcard::from_bytes(&bytes).map(Some).map_err(|source| Fault::Blob { name, source })
}
