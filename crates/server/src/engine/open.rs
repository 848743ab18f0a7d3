//! Opening an engine: recover the journal and the window, open the checkpoint, fold what came after it, start the threads.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use columnar::Shelf;
use host::{Clock, Disk};
use journal::{Journal, Position, Window, WindowOptions};
use model::Instant;
use state::Store;
use tokio::sync::mpsc;

use super::base::Base;
use super::campaign::{COURIER_MAX, Job};
use super::compactor::Compactor;
use super::counter::Counter;
use super::cutter::Cutter;
use super::entry::Entry;
use super::fold::{Fold, Input, Pace};
use super::handle::Handle;
use super::held::Watch;
use super::room::{Place, Room};
use super::shared::Shared;
use super::speed::Speed;
use super::world::{self, Fault, World};
use super::writer::{self, Writer};

/// How much of the journal lies before a base is made, unless said otherwise: folding it again takes a few minutes.
const JOURNAL_BYTES_MAX: u64 = 4 << 30;
/// How many bytes of requests may wait for the writer, unless said otherwise.
const INBOX_BYTES_MAX: usize = 64 << 20;
/// How many facts may be on disk and not folded yet, unless said otherwise: it bounds memory. How old answers are is bounded
/// by [`Speed`].
const BACKLOG_ITEMS_MAX: usize = 40_000;
/// How many requests may wait for the writer, however small.
const WRITER_INPUTS_MAX: usize = 4_096;
/// How many groups and questions may wait for the fold, however small.
const FOLD_INPUTS_MAX: usize = 4_096;

/// How many items a start reads ahead of those that it folds: it bounds memory.
const READ_AHEAD_ITEMS_MAX: usize = 20_000;
/// And how many entries, however small.
const READ_AHEAD_ENTRIES_MAX: usize = 256;

/// How an engine is opened.
#[derive(Clone)]
pub struct Options {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where files are.
    pub disk: Arc<dyn Disk>,
    /// How long a fact told twice is recognised.
    pub deduplication_ms: i64,
    /// Where old parts lie; `None`: everything stays hot.
    pub shelf: Option<Arc<dyn Shelf>>,
    /// Events of calendar months that ended so long ago go to the shelf; `None`: none do.
    pub cold_after_ms: Option<i64>,
    /// How many bytes of the journal lie before a base is made and what is before it goes.
    pub journal_bytes_max: u64,
    /// How large a file of the journal becomes: it goes whole.
    pub journal_file_bytes_max: u64,
    /// How many bytes of requests may wait for the writer; whoever brings more is told to come back.
    pub inbox_bytes_max: usize,
    /// How many facts may be on disk and not folded yet; the writer waits when there are more.
    pub backlog_items_max: usize,
}

impl Options {
    /// Options with the usual limits.
    pub fn new(clock: Arc<dyn Clock>, disk: Arc<dyn Disk>, deduplication_ms: i64) -> Self {
        let (inbox_bytes_max, backlog_items_max) = (INBOX_BYTES_MAX, BACKLOG_ITEMS_MAX);
        Self {
            clock,
            disk,
            deduplication_ms,
            shelf: None,
            cold_after_ms: None,
            journal_bytes_max: JOURNAL_BYTES_MAX,
            journal_file_bytes_max: journal::Options::default().file_bytes_max,
            inbox_bytes_max,
            backlog_items_max,
        }
    }
}

/// An engine that runs.
pub struct Engine {
    /// For everybody.
    pub handle: Handle,
    /// What the courier takes messages from.
    pub jobs: mpsc::Receiver<Job>,
    /// What the start did, for the log.
    pub recovered: Recovered,
    threads: Threads,
}

/// What opening found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// Bytes of a torn last group that were cut off; they were never acknowledged.
    pub torn_bytes: u64,
    /// Records folded again after the checkpoint.
    pub records: usize,
    /// How long it took.
    pub took_us: u64,
}

/// The threads of an engine; joined by [`Threads::stop`].
pub struct Threads {
    writer: JoinHandle<()>,
    fold: JoinHandle<Result<(), Fault>>,
    compactor: JoinHandle<()>,
}

/// Opens the engine whose files are in `dir`.
///
/// # Errors
/// [`Fault`] says what cannot be opened and why; nothing is changed then but a torn tail cut off.
pub fn open(dir: &Path, options: &Options) -> Result<Engine, Fault> {
    let started_us = options.clock.elapsed_us();
    // The store's lock comes first: it keeps a second process out of the journal, too.
    let store = Store::open(&dir.join("state"), state::Options::default())?;
    let journal = Journal::open(Arc::clone(&options.disk), &dir.join("journal"), options.journal())?;
    let window_options = WindowOptions { span_ms: options.deduplication_ms, ..WindowOptions::default() };
    let mut window = Window::open(Arc::clone(&options.disk), &dir.join("window"), window_options)?;
    let mut world = World::open(store, dir, world::columns(options.shelf.clone()))?;
    if world.position() < journal.start() {
        return Err(Fault::Cut { start: journal.start() });
    }
    let base = Base::latest(dir)?;
    for missing in world.columns.missing() {
        tracing::error!(
            part = missing.part.file,
            stream = %missing.part.stream,
            rows = missing.rows(),
            reason = %missing.reason,
            "a part is damaged; answers without its rows say so. Mend it with `omotenashi doctor --repair`"
        );
    }
    fits(&journal, &dir.join("journal"), world.position())?;
    let records = replay(&journal, &mut window, &mut world)?;
    let recovered = Recovered {
        torn_bytes: journal.torn_bytes(),
        records,
        took_us: options.clock.elapsed_us().saturating_sub(started_us),
    };
    let cutter = Cutter::new(&journal, base.as_ref(), options.journal_bytes_max);
    Ok(start(journal, window, (world, cutter), (options, recovered)))
}

/// The journal holds what comes after the checkpoint; one that ends before it would write new records over old places.
pub(super) fn fits(journal: &Journal, path: &Path, checkpoint: Position) -> Result<(), Fault> {
    if journal.end() < checkpoint {
        return Err(Fault::Behind { path: path.to_owned(), end: journal.end(), checkpoint });
    }
    if journal.start() > checkpoint {
        return Err(Fault::Cut { start: journal.start() });
    }
    Ok(())
}

/// Reads the journal from the older of the two checkpoints on: ids into the window, entries into the world. Whoever reads is
/// a little ahead of whoever folds, on a thread of its own: a start has every core for itself.
fn replay(journal: &Journal, window: &mut Window, world: &mut World) -> Result<usize, Fault> {
    // What was cut is in the window's files.
    let window_from = window.sealed_to().max(journal.start());
    let world_from = world.position();
    // A journal that was salvaged begins at the checkpoint; ids from before it are remembered as far as they are sealed.
    let entries = journal.read(window_from.min(world_from).max(journal.start()));
    let (ahead, to_fold) = sync_channel::<Ahead>(READ_AHEAD_ENTRIES_MAX);
    std::thread::scope(|scope| {
        let read = move || read_ahead(entries, (window, window_from), world_from, &ahead);
        let reading = std::thread::Builder::new().name("replay".to_owned()).spawn_scoped(scope, read);
        let mut records = 0;
        for (next, entry, place) in to_fold {
            world.apply(next, entry)?;
            records += 1;
            drop(place);
        }
        reading.expect("the system has threads").join().expect("reading does not panic")?;
        Ok(records)
    })
}

/// What was read and is to be folded, the position behind it, and the room that it takes.
type Ahead = (Position, Entry, Place);

/// Reads to the end, or until nobody folds any more.
fn read_ahead(
    entries: impl Iterator<Item = Result<journal::Entry, journal::Error>>,
    (window, window_from): (&mut Window, Position),
    world_from: Position,
    ahead: &SyncSender<Ahead>,
) -> Result<(), Fault> {
    let room = Room::new(READ_AHEAD_ITEMS_MAX);
    for entry in entries {
        let entry = entry?;
        let (next, entry) = (entry.next, Entry::decode(entry.kind, &entry.bytes)?);
        if next > window_from {
            writer::remember(window, &entry)?;
        }
        if next > world_from {
            let place = room.take(entry.len());
            if ahead.send((next, entry, place)).is_err() {
                break;
            }
        }
    }
    Ok(())
}

fn start(
    journal: Journal,
    window: Window,
    (mut world, cutter): (World, Cutter),
    (options, recovered): (&Options, Recovered),
) -> Engine {
    let now = options.clock.now();
    let shared = Arc::new(Shared::new(world.columns.snapshot(), now, world.position()));
    let (append, append_inbox) = sync_channel(WRITER_INPUTS_MAX);
    let (fold_sender, fold_inbox) = sync_channel(FOLD_INPUTS_MAX);
    let (courier, jobs) = mpsc::channel(COURIER_MAX);
    let backlog = Room::new(options.backlog_items_max);
    let handle = Handle {
        writer: append,
        fold: fold_sender.clone(),
        inbox: Room::new(options.inbox_bytes_max),
        shared: Arc::clone(&shared),
        clock: Arc::clone(&options.clock),
    };
    let writer = Writer {
        journal,
        window,
        clock: Arc::clone(&options.clock),
        watch: Watch::new("writer", &options.clock, &shared),
        shared: Arc::clone(&shared),
        fold: fold_sender,
        backlog: Arc::clone(&backlog),
    };
    settle_unknown(&handle, &world, now);
    let (compactor, compacting) = Compactor::start();
    let fold = Fold {
        world,
        clock: Arc::clone(&options.clock),
        watch: Watch::new("fold", &options.clock, &shared),
        shared,
        writer: handle.writer.clone(),
        inbox: Arc::clone(&handle.inbox),
        courier,
        compactor,
        counter: Counter::default(),
        cutter,
        cold_after_ms: options.cold_after_ms,
        pace: Pace::default(),
        speed: Speed::new(backlog, options.backlog_items_max),
    };
    let threads = Threads {
        writer: spawn("writer", move || writer.run(&append_inbox)),
        fold: spawn("fold", move || {
            let ended = fold.run(&fold_inbox);
            if let Err(fault) = &ended {
                tracing::error!(fault = %super::chain(fault), "the fold has stopped; start again after mending this");
            }
            ended
        }),
        compactor: compacting,
    };
    Engine { handle, jobs, recovered, threads }
}

/// What was begun before a crash and never ended: nobody knows how it went. Said before anything new begins.
fn settle_unknown(handle: &Handle, world: &World, now: Instant) {
    if let Some(record) = world.runs.recover(now) {
        let submission = super::entry::Submission::new(Entry::Delivery(vec![record]));
        let place = handle.inbox.take(submission.len_bytes());
        let append = writer::Append { submission, reply: None, place };
        let sent = handle.writer.try_send(writer::Input::Append(append));
        assert!(sent.is_ok(), "the inbox is empty before the threads start");
    }
}

pub(super) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).expect("the system has threads")
}

impl Options {
    fn journal(&self) -> journal::Options {
        journal::Options { file_bytes_max: self.journal_file_bytes_max }
    }
}

impl Engine {
    /// Splits off what must be joined at the end.
    pub fn split(self) -> (Handle, mpsc::Receiver<Job>, Threads) {
        (self.handle, self.jobs, self.threads)
    }
}

impl Threads {
    /// Appends what waits, folds it, makes a checkpoint, and ends the threads.
    ///
    /// # Errors
    /// The fault of the fold, when it had one.
    pub fn stop(self, handle: &Handle) -> Result<(), Fault> {
        // Full inboxes drain: both threads are at work. A thread that ended before needs no word.
        drop(handle.writer.send(writer::Input::Stop));
        self.writer.join().expect("the writer does not panic");
        drop(handle.fold.send(Input::Stop));
        let ended = self.fold.join().expect("the fold does not panic");
        // A part that is being written is finished first: its file must not meet one of the next opening.
        self.compactor.join().expect("the compactor does not panic");
        ended
    }
}
