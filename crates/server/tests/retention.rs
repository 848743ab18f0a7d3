//! Events are kept for so many months: what is kept answers as if nothing had gone, what went does not come back.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use audience::live::{Change, Record};
use host::{Clock, Disk, DiskFile, ManualClock, SystemDisk};
use journal::Position;
use model::{
    Fact, FactId, Identifier, Instant, Lane, Properties, SourceId, TraitChange, TraitOperation, Value, What,
    stream,
};
use server::engine::{self, Handle, Threads};

/// 2026-01-01; the shop lives for ten months from then on.
const START: Instant = Instant::from_ms(1_767_225_600_000);
/// 2026-09-01 and two months before it.
const SEPTEMBER: Instant = Instant::from_ms(1_788_220_800_000);
const JULY: Instant = Instant::from_ms(1_782_864_000_000);
const MONTHS: u32 = 2;

/// An engine whose clock stands still until it is moved.
struct Engine {
    handle: Handle,
    threads: Threads,
    clock: Arc<ManualClock>,
    months: Option<u32>,
}

impl Engine {
    fn open(dir: &Path, now: Instant, months: Option<u32>) -> Self {
        Self::open_on(Arc::new(SystemDisk), dir, (now, months))
    }

    fn open_on(disk: Arc<dyn Disk>, dir: &Path, (now, months): (Instant, Option<u32>)) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let time = Arc::clone(&clock) as Arc<dyn Clock>;
        let options = engine::Options {
            shelf: Some(server::shelf::open(None, dir).unwrap()),
            ..engine::Options::new(time, disk, Instant::DAY_MS)
        };
        let (handle, _, threads) = engine::open(dir, &options).unwrap().split();
        handle.keep_events(months);
        Self { handle, threads, clock, months }
    }

    /// Brings facts, which the fold takes in when it comes to them.
    async fn bring(&self, facts: Vec<Fact>) -> Position {
        self.handle.accept(facts).await.unwrap().position
    }

    /// Brings facts, and waits until questions see them.
    async fn accept(&self, facts: Vec<Fact>) {
        let position = self.bring(facts).await;
        self.seen(position).await;
    }

    /// Waits until questions see what was brought up to a position.
    async fn seen(&self, position: Position) {
        // The clock moves when the fold has come to it: what is published at one instant is published once.
        while self.handle.ask(|world| world.position()).await.unwrap() < position {}
        self.clock.advance_ms(Instant::SECOND_MS);
        self.handle.folded(position).await.unwrap();
    }

    fn pass_to(&self, at: Instant) {
        self.clock.advance_ms(at.since_ms(self.clock.now()).max(0));
    }

    /// Waits until the fold has forgotten what it should, and parts hold no more of it.
    async fn forgotten(&self, kept_from: Instant) {
        let done = async {
            loop {
                let is_gone = move |columns: &columnar::Columns| {
                    !columns.holds_forgotten() && !columns.has_before(kept_from)
                };
                let is_gone = self.handle.ask(move |world| is_gone(&world.columns)).await.unwrap();
                if self.handle.snapshot().0.kept_from() == kept_from && is_gone {
                    break;
                }
                self.clock.advance_ms(Instant::SECOND_MS);
            }
        };
        tokio::time::timeout(Duration::from_secs(60), done).await.expect("the fold forgets");
    }

    async fn nobody_is_in(&self, audience: &'static str) {
        let standing = async || self.handle.ask(|world| world.live.standing(audience)).await.unwrap();
        let left = async { while standing().await.is_none_or(|standing| standing.members > 0) {} };
        tokio::time::timeout(Duration::from_secs(60), left).await.expect("time lets them leave");
    }

    /// Every row: its stream, when it happened, and everything else.
    async fn rows(&self) -> Vec<(String, Instant, String)> {
        let snapshot = self.handle.ask(|world| world.columns.snapshot()).await.unwrap();
        let mut rows = Vec::new();
        for stream in snapshot.streams() {
            for view in stream.views() {
                for row in Lane::all().flat_map(|lane| view.lane(lane)).flatten() {
                    let said = format!("{} {:?}", view.customer(row), view.properties(row));
                    rows.push((stream.name().to_string(), view.at(row), said));
                }
            }
        }
        rows.sort();
        assert!(snapshot.missed().is_empty());
        rows
    }

    fn stop(self) {
        self.threads.stop(&self.handle).unwrap();
    }

    /// Stops, and starts again a little later.
    fn again(self, dir: &Path) -> Self {
        let (now, months) = (self.clock.now(), self.months);
        self.stop();
        Self::open(dir, now, months)
    }
}

/// A disk on which no file of a journal is removed: what is cut can be folded again.
struct Hoarder;

impl Disk for Hoarder {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        SystemDisk.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        SystemDisk.list(dir)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        SystemDisk.open(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if path.extension().is_some_and(|it| it == "journal") { Ok(()) } else { SystemDisk.remove(path) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        SystemDisk.sync_dir(dir)
    }
}

/// Numbers that look random and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    /// What is heard at one moment: purchases, some of them late; traits; a device that turns out to be somebody's; an
    /// erasure.
    fn facts(&mut self, now: Instant, batch: u64) -> Vec<Fact> {
        (0..20).map(|number| self.fact(now, &format!("{batch}.{number}"))).collect()
    }

    fn fact(&mut self, now: Instant, id: &str) -> Fact {
        let late_ms = if self.below(4) == 0 { self.below(200).cast_signed() * Instant::DAY_MS } else { 0 };
        let (user, device) = (self.below(30).to_string(), format!("d{}", self.below(40)));
        let who = match self.below(8) {
            0 => vec![Identifier::user(user), Identifier::anonymous(device)],
            1 | 2 => vec![Identifier::anonymous(device)],
            _ => vec![Identifier::user(user)],
        };
        let what = match self.below(60) {
            0 => What::Erase,
            1..10 => {
                let city = if self.below(2) == 0 { "Kyoto" } else { "Nara" };
                let operation = TraitOperation::Set(Value::Text(city.into()));
                What::Traits(vec![TraitChange { name: "city".into(), operation }])
            }
            _ => {
                let properties: Properties =
                    [("amount", self.below(100).cast_signed())].into_iter().collect();
                What::Did { name: "purchase".into(), properties }
            }
        };
        let at = now.plus_ms(-late_ms);
        Fact {
            id: FactId::of(SourceId(1), id),
            at,
            received_at: now,
            source: SourceId(1),
            who,
            what: vec![what],
        }
    }
}

fn is_event(row: &(String, Instant, String)) -> bool {
    stream::event_name(&row.0).is_some()
}

/// What is known of the world but of audiences that look back further than events are kept.
fn kept(rows: Vec<(String, Instant, String)>, from: Instant) -> Vec<(String, Instant, String)> {
    let counts = |row: &(String, Instant, String)| {
        !row.0.starts_with("audience:loyal") && (!is_event(row) || row.1 >= from)
    };
    rows.into_iter().filter(counts).collect()
}

/// These are the same rows; of others only those are shown that differ.
fn same(found: &[(String, Instant, String)], expected: &[(String, Instant, String)], when: &str) {
    let without = |some: &[(String, Instant, String)], others: &[(String, Instant, String)]| {
        some.iter().filter(|row| !others.contains(row)).cloned().collect::<Vec<_>>()
    };
    let (more, less) = (without(found, expected), without(expected, found));
    assert!(
        more.is_empty() && less.is_empty() && found.len() == expected.len(),
        "{when}: {more:?} and not {less:?}"
    );
}

/// Defines an audience, and waits until it is in force: who enters before depends on how long it is counted.
async fn define(engine: &Engine, name: &'static str, condition: &str) {
    let change = Change::Defined { name: name.into(), condition: condition.into() };
    engine.handle.decide(vec![Record { at: engine.clock.now(), change }]).await.unwrap();
    let standing = async || engine.handle.ask(|world| world.live.standing(name)).await.unwrap();
    let in_force = async { while standing().await.is_none() {} };
    tokio::time::timeout(Duration::from_secs(60), in_force).await.expect("it comes into force");
}

/// Lives in both shops until September; the first one keeps two months.
async fn live(forgetful: &Path, whole: &Path, seed: u64) -> [Engine; 2] {
    let mut draw = Draw(seed);
    let mut engines = [Engine::open(forgetful, START, Some(MONTHS)), Engine::open(whole, START, None)];
    for engine in &engines {
        define(engine, "recent", r#"did "purchase" at least 3 times in last 20 days"#).await;
        define(engine, "loyal", r#"did "purchase" at least 30 times"#).await;
    }
    for batch in 0..80 {
        let now = START.plus_ms(batch * 3 * Instant::DAY_MS);
        let facts = draw.facts(now, batch.unsigned_abs());
        for engine in &engines {
            engine.pass_to(now);
            engine.bring(facts.clone()).await;
        }
        if draw.below(12) == 0 {
            let [first, second] = engines;
            engines = [first.again(forgetful), second];
        }
    }
    let last = SEPTEMBER.plus_ms(Instant::DAY_MS);
    let facts = draw.facts(last, 1_000);
    for engine in &engines {
        engine.pass_to(last);
        engine.accept(facts.clone()).await;
        // Everybody has left `recent` by then, and as time goes on nobody enters or leaves any more.
        engine.pass_to(last.plus_ms(21 * Instant::DAY_MS));
        engine.nobody_is_in("recent").await;
    }
    engines
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_answers_as_if_nothing_had_gone_and_what_went_does_not_come_back() {
    for seed in [0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03] {
        let (forgetful, whole) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let [engine, other] = live(forgetful.path(), whole.path(), seed).await;
        engine.forgotten(JULY).await;
        let expected = kept(other.rows().await, JULY);
        let customers = |engine: &Engine| engine.handle.snapshot().0.customers(Instant::MAX).len();
        let everybody = customers(&other);
        other.stop();
        let check = async |engine: &Engine, when: &str| {
            let rows = engine.rows().await;
            let early = rows.iter().filter(|row| is_event(row) && row.1 < JULY).count();
            assert_eq!((early, engine.handle.snapshot().0.kept_from()), (0, JULY), "{when}");
            same(&kept(rows, JULY), &expected, when);
            assert_eq!(customers(engine), everybody, "whoever was seen is remembered, {when}");
        };
        check(&engine, "while it runs").await;
        let told = engine.rows().await;
        let engine = engine.again(forgetful.path());
        check(&engine, "after a restart").await;
        assert_eq!(engine.rows().await, told, "live audiences tell the same");
        engine.stop();
        damage_purchases(forgetful.path());
        let shelf = server::shelf::open(None, forgetful.path()).unwrap();
        let repaired = engine::repair(forgetful.path(), Arc::new(SystemDisk), shelf).unwrap();
        assert!(!repaired.mended.is_empty() && repaired.missing.is_empty(), "{repaired:?}");
        let engine = Engine::open(forgetful.path(), SEPTEMBER.plus_ms(23 * Instant::DAY_MS), Some(MONTHS));
        check(&engine, "after a repair").await;
        assert_eq!(engine.rows().await, told, "live audiences tell the same after a repair");
        engine.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_folded_anew_forgets_at_the_same_places() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_on(Arc::new(Hoarder), dir.path(), (START, Some(MONTHS)));
    define(&engine, "loyal", r#"did "purchase" at least 3 times"#).await;
    let mut draw = Draw(7);
    for batch in 0..40 {
        let now = START.plus_ms(batch * 6 * Instant::DAY_MS);
        engine.pass_to(now);
        let position = engine.bring(draw.facts(now, batch.unsigned_abs())).await;
        if batch % 6 == 5 {
            engine.seen(position).await;
        }
    }
    engine.accept(draw.facts(START.plus_ms(240 * Instant::DAY_MS), 1_000)).await;
    engine.stop();
    // Nothing is forgotten any more while it is looked at.
    let after = START.plus_ms(240 * Instant::DAY_MS);
    let engine = Engine::open_on(Arc::new(Hoarder), dir.path(), (after, None));
    let (told, kept_from) = (engine.rows().await, engine.handle.snapshot().0.kept_from());
    assert!(kept_from > START && told.iter().any(|row| row.2.contains("retention")), "{kept_from}");
    engine.stop();
    for entry in std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        if !entry.ends_with("journal") {
            std::fs::remove_dir_all(entry).unwrap();
        }
    }
    let again = Engine::open(dir.path(), after, None);
    same(&again.rows().await, &told, "folded anew");
    assert_eq!(again.handle.snapshot().0.kept_from(), kept_from);
    again.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_leaves_parts_journal_and_base() {
    const MARK: &str = "the-only-one-who-said-so";
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path(), START, None);
    let mut draw = Draw(11);
    let mut marked = draw.fact(START, "marked");
    let properties: Properties = [("note", MARK)].into_iter().collect();
    marked.what = vec![What::Did { name: "purchase".into(), properties }];
    engine.accept(vec![marked]).await;
    engine.accept(draw.facts(START, 0)).await;
    let engine = engine.again(dir.path());
    assert_eq!(where_it_stands(dir.path(), MARK).len(), 2, "{:?}", where_it_stands(dir.path(), MARK));

    engine.pass_to(SEPTEMBER);
    engine.accept(draw.facts(SEPTEMBER, 1)).await;
    engine.handle.keep_events(Some(MONTHS));
    engine.forgotten(JULY).await;
    let gone = async {
        while !where_it_stands(dir.path(), MARK).is_empty() {
            engine.clock.advance_ms(Instant::SECOND_MS);
            engine.handle.ask(|world| world.is_at_rest()).await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("it leaves the disk");
    let rows = engine.rows().await;
    engine.stop();
    let engine = Engine::open(dir.path(), SEPTEMBER.plus_ms(Instant::DAY_MS), Some(MONTHS));
    assert_eq!(engine.rows().await, rows);
    engine.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_more_again_keeps_what_is_brought_again() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path(), SEPTEMBER, Some(MONTHS));
    let mut draw = Draw(13);
    engine.accept((0..100).map(|number| draw.fact(SEPTEMBER, &number.to_string())).collect()).await;
    engine.forgotten(JULY).await;
    engine.handle.keep_events(None);
    let late = Fact {
        what: vec![What::Did { name: "refund".into(), properties: Properties::new() }],
        ..draw.fact(START, "late")
    };
    engine.accept(vec![late]).await;
    engine.pass_to(SEPTEMBER.plus_ms(40 * Instant::DAY_MS));
    engine.accept(draw.facts(SEPTEMBER.plus_ms(40 * Instant::DAY_MS), 1)).await;
    let now = engine.clock.now();
    engine.stop();
    let engine = Engine::open(dir.path(), now, None);
    assert!(engine.rows().await.iter().any(|row| row.0 == "event:refund"));
    assert_eq!(engine.handle.snapshot().0.kept_from(), JULY, "what went is still said");
    engine.stop();
}

fn damage_purchases(dir: &Path) {
    let parts = std::fs::read_dir(dir.join("parts")).unwrap().map(|entry| entry.unwrap().path());
    let purchases = parts.filter(|path| path.to_string_lossy().contains("purchase"));
    purchases.for_each(|path| std::fs::write(path, "not a part").unwrap());
}

/// The files of the journal, of parts and of bases in which a text stands.
fn where_it_stands(dir: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            let name = path.display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if !name.contains("/state/")
                // A file that goes meanwhile is gone.
                && std::fs::read(&path).unwrap_or_default().windows(text.len()).any(|it| it == text.as_bytes())
            {
                found.push(name);
            }
        }
    }
    found
}
