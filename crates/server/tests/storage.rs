//! What an engine leaves on the disk, while it runs and afterwards.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use host::{ManualClock, SystemDisk};
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
        let clock = Arc::new(ManualClock::at(NOW));
        let options = engine::Options::new(Arc::clone(&clock) as _, Arc::new(SystemDisk), Instant::DAY_MS);
        let (handle, _, threads) = engine::open(dir, &options).unwrap().split();
        Self { handle, threads, clock }
    }

    /// Brings purchases of ten customers, and lets the engine make a checkpoint.
    async fn buy(&self, batch: u32) {
        let accepted =
            self.handle.accept((0..10).map(|customer| purchase(customer, batch)).collect()).await.unwrap();
        self.clock.advance_ms(Instant::MINUTE_MS);
        self.handle.folded(accepted.position).await.unwrap();
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
