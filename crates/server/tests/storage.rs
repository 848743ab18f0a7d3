//! What an engine leaves on the disk, while it runs and afterwards.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use host::{ManualClock, SystemDisk};
use journal::Position;
use model::{Fact, FactId, Identifier, Instant, Properties, SourceId, What};
use server::engine::{self, Handle, Threads};

const NOW: Instant = Instant::from_ms(1_767_225_600_000);

/// An engine whose clock stands still until it is told otherwise.
struct Engine {
    handle: Handle,
    threads: Threads,
    clock: Arc<ManualClock>,
}

impl Engine {
    fn open(dir: &Path) -> Self {
        Self::open_with(dir, |options| options)
    }

    /// Opens one that makes a base of every checkpoint and cuts the journal whenever it can.
    fn open_cutting(dir: &Path) -> Self {
        Self::open_with(dir, |options| engine::Options {
            journal_bytes_max: 1,
            journal_file_bytes_max: 1,
            ..options
        })
    }

    fn open_with(dir: &Path, change: impl FnOnce(engine::Options) -> engine::Options) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let options = engine::Options::new(Arc::clone(&clock) as _, Arc::new(SystemDisk), Instant::DAY_MS);
        let options = change(options);
        let (handle, _, threads) = engine::open(dir, &options).unwrap().split();
        Self { handle, threads, clock }
    }

    /// Brings purchases of ten customers, and lets the engine make a checkpoint and, if one is due, a base.
    async fn buy(&self, batch: u32) {
        let accepted = self
            .handle
            .accept((0..10).map(|customer| purchase(customer, batch)).collect::<Vec<_>>())
            .await
            .unwrap();
        self.seen(accepted.position, Instant::MINUTE_MS).await;
        self.rest().await;
    }

    /// Waits until questions see what was brought up to a position, for which so much time passes.
    async fn seen(&self, position: Position, passing_ms: i64) {
        // The clock moves when the fold has come to it: what is published at one instant is published once.
        while self.handle.ask(|world| world.position()).await.unwrap() < position {}
        self.clock.advance_ms(passing_ms);
        self.handle.folded(position).await.unwrap();
    }

    /// Waits until no checkpoint is being written.
    async fn rest(&self) {
        while !self.handle.ask(|world| world.is_at_rest()).await.unwrap() {}
    }

    async fn parts(&self) -> usize {
        self.handle.ask(|world| world.columns.parts().count()).await.unwrap()
    }

    /// How many purchases a question sees.
    fn purchases(&self) -> usize {
        self.handle.snapshot().0.stream("event:purchase").map_or(0, columnar::Stream::rows)
    }

    /// Which parts the last question about purchases missed.
    fn missed(&self) -> usize {
        let (snapshot, _) = self.handle.snapshot();
        snapshot.stream("event:purchase");
        snapshot.missed().len()
    }

    fn stop(self) {
        self.threads.stop(&self.handle).unwrap();
    }
}

/// Every row of every stream: whose, when, and what it says.
fn everything(engine: &Engine) -> Vec<String> {
    let (snapshot, _) = engine.handle.snapshot();
    let mut rows = Vec::new();
    for stream in snapshot.streams() {
        for view in stream.views() {
            let here = model::Lane::all().flat_map(|lane| view.lane(lane)).flatten();
            rows.extend(here.map(|row| {
                format!(
                    "{} {} {} {:?}",
                    stream.name(),
                    view.customer(row),
                    view.at(row),
                    view.properties(row)
                )
            }));
        }
    }
    rows.sort();
    rows
}

/// Where the journal in a data folder begins.
fn journal_start(dir: &Path) -> u64 {
    let disk = Arc::new(SystemDisk);
    let journal = journal::Journal::open(disk, &dir.join("journal"), journal::Options::default()).unwrap();
    journal.start().0
}

fn bases(dir: &Path) -> usize {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("base-")).count()
}

/// A copy of a data folder whose engine stands still: what a power cut leaves.
fn image(from: &Path) -> tempfile::TempDir {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &to);
            } else {
                // A file that goes meanwhile is one that nobody needs any more.
                drop(std::fs::copy(entry.path(), to));
            }
        }
    }
    let to = tempfile::tempdir().unwrap();
    copy(from, to.path());
    to
}

#[tokio::test]
async fn a_journal_that_is_cut_recovers_and_repairs_as_one_that_is_not() {
    const BATCHES: u32 = 24;
    let (cut, whole) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let engines = [Engine::open_cutting(cut.path()), Engine::open(whole.path())];
    for batch in 0..BATCHES {
        for engine in &engines {
            engine.buy(batch).await;
        }
        if batch % 5 == 4 {
            // The machine loses power after a base, with facts that no checkpoint has.
            for engine in &engines {
                engine.rest().await;
                let accepted = engine.handle.accept(vec![purchase(11, batch)]).await.unwrap();
                engine.seen(accepted.position, Instant::SECOND_MS).await;
            }
            let image = image(cut.path());
            let again = Engine::open(image.path());
            assert_eq!(everything(&again), everything(&engines[1]), "after batch {batch}");
            let repeated = again.handle.accept(vec![purchase(3, 0)]).await.unwrap();
            assert_eq!(
                (repeated.accepted, repeated.duplicate),
                (0, 1),
                "ids outlive the journal they came in"
            );
            again.stop();
        }
    }
    let expected = everything(&engines[1]);
    engines.into_iter().for_each(Engine::stop);
    assert!(journal_start(cut.path()) > 0 && journal_start(whole.path()) == 0);
    assert_eq!((bases(cut.path()), bases(whole.path())), (1, 0));

    let parts = std::fs::read_dir(cut.path().join("parts")).unwrap().map(|entry| entry.unwrap().path());
    let purchases: Vec<_> = parts.filter(|path| path.to_string_lossy().contains("purchase")).collect();
    purchases.iter().for_each(|path| std::fs::write(path, "not a part").unwrap());
    let repaired = engine::repair(cut.path(), Arc::new(SystemDisk), shelf(cut.path())).unwrap();
    assert_eq!((repaired.mended.len(), repaired.missing.len()), (purchases.len(), 0));
    let engine = Engine::open(cut.path());
    assert_eq!(everything(&engine), expected);
    engine.stop();
}

#[tokio::test]
async fn a_base_that_was_broken_off_or_not_cut_by_yet_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path());
    engine.buy(0).await;
    engine.buy(1).await;
    let expected = everything(&engine);
    engine.stop();
    // The process died while it made a base.
    std::fs::create_dir_all(dir.path().join("base.making/parts")).unwrap();
    std::fs::write(dir.path().join("base.making/parts/half"), "half").unwrap();
    let engine = Engine::open_cutting(dir.path());
    assert_eq!(everything(&engine), expected);
    for batch in 2..8 {
        engine.buy(batch).await;
    }
    let expected = everything(&engine);
    engine.stop();
    assert_eq!(bases(dir.path()), 1);
    assert!(!dir.path().join("base.making").exists());
    // Another died when the new base had its name and the one before was still there.
    let base = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let base = base.into_iter().find(|path| path.to_string_lossy().contains("base-")).unwrap();
    std::fs::create_dir_all(base.with_file_name(format!("base-{:020}", 1)).join("parts")).unwrap();
    let engine = Engine::open_cutting(dir.path());
    assert_eq!(everything(&engine), expected);
    engine.buy(8).await;
    engine.buy(9).await;
    engine.stop();
    assert_eq!(bases(dir.path()), 1);
}

#[tokio::test]
async fn without_state_and_with_a_cut_journal_an_engine_says_so_instead_of_forgetting() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_cutting(dir.path());
    for batch in 0..8 {
        engine.buy(batch).await;
    }
    engine.stop();
    std::fs::remove_dir_all(dir.path().join("state")).unwrap();
    std::fs::remove_dir_all(dir.path().join("parts")).unwrap();
    let options = engine::Options::new(Arc::new(ManualClock::at(NOW)), Arc::new(SystemDisk), Instant::DAY_MS);
    let fault = engine::open(dir.path(), &options).map(|_| ()).unwrap_err();
    assert!(matches!(fault, engine::Fault::Cut { .. }), "{fault}");
}

fn shelf(dir: &Path) -> Arc<dyn columnar::Shelf> {
    server::shelf::open(None, dir).unwrap()
}

fn purchase(customer: u32, batch: u32) -> Fact {
    let at = NOW.plus_ms(i64::from(batch));
    Fact {
        id: FactId::of(SourceId(1), &format!("{customer}.{batch}")),
        at,
        received_at: at,
        source: SourceId(1),
        who: vec![Identifier::user(customer.to_string())],
        what: vec![What::Did { name: "purchase".into(), properties: Properties::new() }],
    }
}

#[tokio::test]
async fn parts_stay_few_while_the_engine_runs_and_none_of_their_rows_is_lost() {
    const BATCHES: u32 = 60;
    const PARTS_MAX: usize = 12;
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path());
    for batch in 0..BATCHES {
        engine.buy(batch).await;
    }
    // Every turn of the fold takes in what the compactor has made, so asking is waiting.
    let settled = async { while engine.parts().await > PARTS_MAX {} };
    tokio::time::timeout(Duration::from_secs(60), settled).await.expect("compaction keeps up");
    assert_eq!(engine.purchases(), 10 * BATCHES as usize);
    engine.stop();

    let files = std::fs::read_dir(dir.path().join("parts")).unwrap().count();
    let engine = Engine::open(dir.path());
    assert_eq!(engine.purchases(), 10 * BATCHES as usize);
    assert!(engine.parts().await <= PARTS_MAX && files <= PARTS_MAX + 1, "files={files}");
    engine.stop();
}

#[tokio::test]
async fn a_damaged_part_is_said_and_mended_from_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path());
    engine.buy(0).await;
    engine.buy(1).await;
    engine.stop();
    let parts = std::fs::read_dir(dir.path().join("parts")).unwrap().map(|entry| entry.unwrap().path());
    let purchases: Vec<_> = parts.filter(|path| path.to_string_lossy().contains("purchase")).collect();
    purchases.iter().for_each(|path| std::fs::write(path, "not a part").unwrap());

    let engine = Engine::open(dir.path());
    assert_eq!((engine.purchases(), engine.missed()), (0, purchases.len()));
    engine.buy(2).await;
    assert_eq!(engine.purchases(), 10, "the workspace goes on with what is whole");
    engine.stop();

    let repaired = engine::repair(dir.path(), Arc::new(SystemDisk), shelf(dir.path())).unwrap();
    assert_eq!((repaired.mended.len(), repaired.missing.len()), (purchases.len(), 0));
    let engine = Engine::open(dir.path());
    assert_eq!((engine.purchases(), engine.missed()), (30, 0));
    engine.stop();
    for path in purchases {
        assert_eq!(std::fs::read(path.with_extension("arrow.damaged")).unwrap(), b"not a part");
    }
    assert_eq!(
        engine::repair(dir.path(), Arc::new(SystemDisk), shelf(dir.path())).unwrap(),
        engine::Repaired::default()
    );
}
