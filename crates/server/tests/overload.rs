//! More comes than can be taken: what was acknowledged is kept, what was not is told so, and memory stays bounded.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::Poll;

use host::{Disk, DiskFile, MemoryDisk, SystemClock};
use model::{Fact, FactId, Identifier, Instant, SourceId, What};
use server::engine::{self, Accepted, Error, Handle, Options, Threads};

/// A disk that finishes no sync while it is held.
#[derive(Clone, Default)]
struct HeldDisk {
    disk: MemoryDisk,
    gate: Gate,
}

/// Closed or open; whoever comes to it waits while it is closed.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn close(&self) {
        *self.0.0.lock().expect("nobody panics") = true;
    }

    fn open(&self) {
        *self.0.0.lock().expect("nobody panics") = false;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let closed = self.0.0.lock().expect("nobody panics");
        drop(self.0.1.wait_while(closed, |closed| *closed).expect("nobody panics"));
    }
}

struct HeldFile {
    file: Box<dyn DiskFile>,
    gate: Gate,
}

impl Disk for HeldDisk {
    fn create_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.disk.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> std::io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn open(&self, path: &Path) -> std::io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(HeldFile { file: self.disk.open(path)?, gate: self.gate.clone() }))
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        self.disk.remove(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.disk.rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.disk.sync_dir(dir)
    }
}

impl DiskFile for HeldFile {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.append(bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.gate.pass();
        self.file.sync()
    }

    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }

    fn truncate(&mut self, bytes: u64) -> std::io::Result<()> {
        self.file.truncate(bytes)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
        self.file.read_at(bytes, offset)
    }
}

/// A running engine with little room.
struct Narrow {
    handle: Handle,
    threads: Threads,
    disk: HeldDisk,
    _dir: tempfile::TempDir,
}

/// What each batch says: so many people said that they exist.
const BATCH: u32 = 10;
/// Room for a few batches.
const INBOX_BYTES_MAX: usize = 4_000;
/// Room for two batches.
const BACKLOG_ITEMS_MAX: usize = 20;
/// More batches than there is room for.
const BATCHES: u32 = 60;

impl Narrow {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let disk = HeldDisk::default();
        let options = Options {
            inbox_bytes_max: INBOX_BYTES_MAX,
            backlog_items_max: BACKLOG_ITEMS_MAX,
            ..Options::new(Arc::new(SystemClock), Arc::new(disk.clone()), Instant::DAY_MS)
        };
        let (handle, _jobs, threads) = engine::open(dir.path(), &options).expect("it opens").split();
        Self { handle, threads, disk, _dir: dir }
    }

    /// While `gate` is closed, more comes than there is room for: some wait for their answers, others are refused. When it
    /// opens, those are acknowledged, these are taken the second time, and everything is there once.
    async fn check(self, gate: &Gate) {
        let (mut waiting, mut refused) = (Vec::new(), Vec::new());
        for batch in 0..BATCHES {
            let mut answer: Answer<'_> = Box::pin(self.handle.accept(facts(batch)));
            match poll_once(&mut answer).await {
                Poll::Pending => waiting.push((batch, answer)),
                // A quick disk may have it before anybody looks.
                Poll::Ready(Ok(accepted)) => assert_eq!(accepted.accepted, 10, "batch {batch}"),
                Poll::Ready(Err(error)) => {
                    assert_eq!(error, Error::Overloaded);
                    refused.push(batch);
                }
            }
        }
        assert!(!waiting.is_empty(), "what fits waits");
        assert!(refused.len() > 10, "what does not fit is refused: {refused:?}");
        gate.open();
        for (batch, answer) in waiting {
            assert_eq!(answer.await.expect("nothing is in the way").accepted, 10, "batch {batch}");
        }
        for batch in refused {
            let accepted = self.bring(batch).await;
            assert_eq!(
                (accepted.accepted, accepted.duplicate),
                (10, 0),
                "batch {batch} was refused as a whole"
            );
        }
        let last = self.bring(0).await;
        assert_eq!((last.accepted, last.duplicate), (0, 10), "batch 0 was acknowledged");
        self.handle.folded(last.position).await.expect("the fold works");
        let customers =
            self.handle.ask(|world| world.people.counts().customers).await.expect("the fold works");
        assert_eq!(customers, u64::from(BATCHES * BATCH));
        self.threads.stop(&self.handle).expect("it ends well");
    }

    /// Brings a batch as a client would: again, as long as it is told to come back.
    async fn bring(&self, batch: u32) -> Accepted {
        loop {
            match self.handle.accept(facts(batch)).await {
                Ok(accepted) => return accepted,
                Err(error) => assert_eq!(error, Error::Overloaded),
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn poll_once<T>(future: &mut Pin<Box<dyn Future<Output = T> + '_>>) -> Poll<T> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Accepted, Error>> + 'a>>;

fn facts(batch: u32) -> Vec<Fact> {
    let fact = |number: u32| Fact {
        id: FactId::of(SourceId(1), &number.to_string()),
        at: Instant::from_ms(0),
        received_at: Instant::from_ms(0),
        source: SourceId(1),
        who: vec![Identifier::user(number.to_string())],
        what: vec![What::Block(false)],
    };
    (batch * BATCH..(batch + 1) * BATCH).map(fact).collect()
}

#[tokio::test]
async fn a_slow_disk_makes_clients_come_back_and_loses_nothing() {
    let shop = Narrow::open();
    let gate = shop.disk.gate.clone();
    gate.close();
    shop.check(&gate).await;
}

#[tokio::test]
async fn what_waits_for_the_fold_is_all_worked_on_however_much_it_is() {
    let shop = Narrow::open();
    let gate = Gate::default();
    gate.close();
    let (handle, held) = (shop.handle.clone(), gate.clone());
    let mut waiting: Vec<Pin<Box<dyn Future<Output = _>>>> = vec![Box::pin(handle.ask(move |_| held.pass()))];
    // Several turns of the fold.
    for _ in 0..1_000 {
        waiting.push(Box::pin(handle.ask(|_| ())));
    }
    for question in &mut waiting {
        assert!(poll_once(question).await.is_pending(), "the fold is busy");
    }
    gate.open();
    for question in waiting {
        question.await.expect("every question is answered");
    }
    shop.threads.stop(&shop.handle).expect("it ends well");
}

#[tokio::test]
async fn a_slow_fold_makes_clients_come_back_and_loses_nothing() {
    let shop = Narrow::open();
    let gate = Gate::default();
    gate.close();
    let (handle, held) = (shop.handle.clone(), gate.clone());
    let mut busy: Pin<Box<dyn Future<Output = _>>> = Box::pin(handle.ask(move |_| held.pass()));
    assert!(poll_once(&mut busy).await.is_pending(), "the fold is busy");
    shop.check(&gate).await;
    busy.await.expect("the fold works");
}
