//! A table under random use, held against an ordered map: with checkpoints, crashes, and little memory.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use proptest::prelude::*;
use state::{Checkpoint, Options, Settled, Store, Table, Written};

#[derive(Debug, Clone)]
enum Step {
    Put(u32, u64),
    Add(u32),
    Remove(u32),
    Scan(u32),
    Checkpoint,
    Begin,
    Write,
    Settle,
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..60_u32;
    let step = prop_oneof![
        6 => (key.clone(), any::<u64>()).prop_map(|(key, value)| Step::Put(key, value / 2)),
        4 => key.clone().prop_map(Step::Add),
        3 => key.clone().prop_map(Step::Remove),
        2 => key.prop_map(Step::Scan),
        1 => Just(Step::Checkpoint),
        2 => Just(Step::Begin),
        2 => Just(Step::Write),
        2 => Just(Step::Settle),
        1 => Just(Step::Crash),
    ];
    proptest::collection::vec(step, 1..120)
}

struct World {
    folder: tempfile::TempDir,
    open: Option<(Store, Table<u32, u64>)>,
    now: BTreeMap<u32, u64>,
    saved: BTreeMap<u32, u64>,
    under_way: Option<UnderWay>,
}

/// A checkpoint that was begun, and what it holds.
enum UnderWay {
    Begun(Checkpoint, BTreeMap<u32, u64>),
    Written(Written),
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut world =
            Self { folder, open: None, now: BTreeMap::new(), saved: BTreeMap::new(), under_way: None };
        world.reopen();
        world
    }

    fn reopen(&mut self) {
        self.open = None;
        let options = Options { clean_values_max: 8, ..Options::default() };
        let mut store = Store::open(self.folder.path(), options).unwrap();
        let table = store.table("numbers").unwrap();
        self.open = Some((store, table));
    }

    fn begin(&mut self) {
        if self.under_way.is_none() {
            let (store, table) = self.open.as_mut().unwrap();
            let checkpoint = store.begin(store.position() + 1, Vec::new(), &mut [table]);
            assert_eq!(table.dirty_len(), 0);
            self.under_way = Some(UnderWay::Begun(checkpoint, self.now.clone()));
        }
    }

    fn write(&mut self) {
        self.under_way = match self.under_way.take() {
            Some(UnderWay::Begun(checkpoint, holds)) => {
                self.saved = holds;
                Some(UnderWay::Written(checkpoint.write()))
            }
            other => other,
        };
    }

    fn settle(&mut self) {
        self.write();
        if let Some(UnderWay::Written(written)) = self.under_way.take() {
            let (store, table) = self.open.as_mut().unwrap();
            assert!(matches!(store.settle(written, &mut [table]).unwrap(), Settled::Stored(_)));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Begin => return self.begin(),
            Step::Write => return self.write(),
            Step::Settle => return self.settle(),
            Step::Checkpoint => self.settle(),
            Step::Crash => self.under_way = None,
            Step::Put(..) | Step::Add(_) | Step::Remove(_) | Step::Scan(_) => {}
        }
        let (store, table) = self.open.as_mut().unwrap();
        match step {
            Step::Put(key, value) => {
                table.put(key, value);
                self.now.insert(key, value);
            }
            Step::Add(key) => {
                if let Some(value) = table.get_mut(&key).unwrap() {
                    *value += 1;
                }
                self.now.entry(key).and_modify(|value| *value += 1);
            }
            Step::Remove(key) => {
                table.remove(&key);
                self.now.remove(&key);
            }
            Step::Scan(from) => {
                let mut seen = Vec::new();
                let scan = |key: &u32, value: &u64| {
                    seen.push((*key, *value));
                    if seen.len() == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                };
                table.scan(Bound::Excluded(&from), scan).unwrap();
                let expected: Vec<(u32, u64)> =
                    self.now.range(from + 1..).take(7).map(|(a, b)| (*a, *b)).collect();
                assert_eq!(seen, expected);
            }
            Step::Checkpoint => {
                store.checkpoint(store.position() + 1, &[], &mut [table]).unwrap();
                assert_eq!(table.dirty_len(), 0);
                assert!(table.cached_len() <= 8, "memory does not grow with what is stored");
                self.saved.clone_from(&self.now);
            }
            Step::Crash => {
                self.now.clone_from(&self.saved);
                self.reopen();
            }
            Step::Begin | Step::Write | Step::Settle => {}
        }
    }

    fn check(&mut self) {
        let (_, table) = self.open.as_mut().unwrap();
        for key in 0..60 {
            assert_eq!(table.read(&key).unwrap().as_ref(), self.now.get(&key), "{key}");
            assert_eq!(table.get(&key).unwrap(), self.now.get(&key), "{key}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_table_is_an_ordered_map_that_goes_back_to_its_checkpoint(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.check();
    }
}

#[test]
fn the_map_grows_when_a_checkpoint_needs_room() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { map_bytes: 1 << 20, ..Options::default() };
    let mut store = Store::open(folder.path(), options()).unwrap();
    let mut table: Table<u32, Vec<u8>> = store.table("large").unwrap();
    for key in 0..64 {
        table.put(key, vec![7; 100_000]);
    }
    assert_eq!(store.checkpoint(1, &[], &mut [&mut table]).unwrap(), 64);
    drop((store, table));
    let mut store = Store::open(folder.path(), options()).unwrap();
    let mut table: Table<u32, Vec<u8>> = store.table("large").unwrap();
    assert_eq!(table.get(&63).unwrap().map(Vec::len), Some(100_000));
}

#[test]
fn what_is_changed_while_a_checkpoint_is_written_waits_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), Options::default()).unwrap();
    let mut table: Table<u32, u64> = store.table("numbers").unwrap();
    table.put(1, 10);
    table.put(2, 20);
    let checkpoint = store.begin(1, Vec::new(), &mut [&mut table]);
    let writing = std::thread::spawn(move || checkpoint.write());
    *table.get_mut(&1).unwrap().unwrap() = 11;
    table.remove(&2);
    let written = writing.join().unwrap();
    assert_eq!(store.settle(written, &mut [&mut table]).unwrap(), Settled::Stored(2));
    let says = |table: &Table<u32, u64>| (table.read(&1).unwrap(), table.read(&2).unwrap());
    assert_eq!((says(&table), table.dirty_len()), ((Some(11), None), 2));
    drop((store, table));
    let mut store = Store::open(folder.path(), Options::default()).unwrap();
    let table: Table<u32, u64> = store.table("numbers").unwrap();
    assert_eq!((store.position(), says(&table)), (1, (Some(10), Some(20))));
}

#[test]
fn a_glance_finds_what_is_in_memory_and_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), Options::default()).unwrap();
    let mut table: Table<u32, u64> = store.table("numbers").unwrap();
    table.put(1, 10);
    store.checkpoint(1, &[], &mut [&mut table]).unwrap();
    drop((store, table));
    let mut store = Store::open(folder.path(), Options::default()).unwrap();
    let mut table: Table<u32, u64> = store.table("numbers").unwrap();
    table.put(2, 20);
    table.remove(&3);
    assert_eq!(table.glance(&[1, 2, 3]).collect::<Vec<_>>(), [None, Some(&20), None]);
    table.get(&1).unwrap();
    assert_eq!(table.glance(&[1, 2, 3]).collect::<Vec<_>>(), [Some(&10), Some(&20), None]);
}

#[test]
fn blobs_and_the_position_are_part_of_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), Options::default()).unwrap();
    assert_eq!((store.position(), store.blob("parts").unwrap()), (0, None));
    store.checkpoint(7, &[("parts", b"one"), ("other", b"x")], &mut []).unwrap();
    store.checkpoint(9, &[("parts", b"two")], &mut []).unwrap();
    drop(store);
    let store = Store::open(folder.path(), Options::default()).unwrap();
    assert_eq!(store.position(), 9);
    assert_eq!(store.blob("parts").unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(store.blob("other").unwrap().as_deref(), Some(&b"x"[..]));
}

#[test]
#[should_panic(expected = "a checkpoint takes every table that was opened")]
fn a_checkpoint_that_forgets_a_table_is_a_bug() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), Options::default()).unwrap();
    let _table: Table<u32, u64> = store.table("forgotten").unwrap();
    let _ = store.checkpoint(1, &[], &mut []);
}
