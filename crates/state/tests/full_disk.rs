//! A checkpoint that finds no room on disk loses nothing: what was changed is still there, in memory for
//! everybody who reads, on disk as soon as there is room.
//!
//! The disk is made small by the operating system's limit on file size, in a process of its own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::Command;

use model::ErrorKind;
use state::{Options, Store, Table};

const FOLDER: &str = "OMOTENASHI_TEST_FOLDER";
const KEYS: u32 = 64;

fn open(folder: &Path) -> (Store, Table<u32, Vec<u8>>) {
    let mut store = Store::open(folder, Options::default()).unwrap();
    let table = store.table("large").unwrap();
    (store, table)
}

/// Not a test of its own: the process that has little room.
#[test]
fn child_with_a_small_disk() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (mut store, mut table) = open(Path::new(&folder));
    table.put(0, b"first".to_vec());
    store.checkpoint(1, &[], &mut [&mut table]).unwrap();
    for key in 0..KEYS {
        table.put(key, vec![7; 100_000]);
    }
    for _ in 0..2 {
        let error = store.checkpoint(2, &[], &mut [&mut table]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        assert_eq!((store.position(), table.dirty_len()), (1, 64));
        assert_eq!(table.get(&63).unwrap().map(Vec::len), Some(100_000));
    }
    let room = Command::new("prlimit")
        .args(["--fsize=unlimited:unlimited", "--pid", &std::process::id().to_string()])
        .status();
    assert!(room.unwrap().success());
    table.put(0, b"last".to_vec());
    assert_eq!(store.checkpoint(2, &[], &mut [&mut table]).unwrap(), 64);
}

#[test]
fn a_checkpoint_on_a_full_disk_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap '' XFSZ; ulimit -S -f 1024; exec \"$0\" --exact child_with_a_small_disk --nocapture";
    let mut command = Command::new("bash");
    command.args(["-c", script]).arg(std::env::current_exe().unwrap()).env(FOLDER, folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (store, mut table) = open(folder.path());
    assert_eq!(store.position(), 2);
    assert_eq!(table.get(&0).unwrap().map(Vec::as_slice), Some(&b"last"[..]));
    assert_eq!(table.get(&63).unwrap().map(Vec::len), Some(100_000));
}
