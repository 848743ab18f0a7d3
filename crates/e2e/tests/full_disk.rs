//! The disk fills up: ingest says so, keeps what it acknowledged, and goes on by itself when there is room again.
//!
//! The disk is a small file system in memory, mounted where only a process of its own sees it.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use e2e::{Answer, House};
use serde_json::{Value, json};

/// Where the small disk is mounted: set for the process that has it.
const SMALL_DISK: &str = "OMOTENASHI_TEST_SMALL_DISK";
/// Leaves room for some 100,000 events.
const DISK_MIB: u32 = 40;
/// What is on the disk besides, and goes to make room.
const BALLAST_BYTES: usize = 12 << 20;
/// How many events a request carries.
const BATCH: usize = 1_000;
/// How many people they are about: few, so that the journal is what fills the disk.
const CUSTOMERS: usize = 100;

#[test]
fn a_full_disk_stops_ingest_until_there_is_room_and_loses_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mount = format!("mount -t tmpfs -o size={DISK_MIB}m tmpfs \"${SMALL_DISK}\" || exit 77; exec \"$@\"");
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &mount, "sh"])
        .arg(std::env::current_exe()?)
        .args(["--exact", "process_with_a_small_disk", "--nocapture"])
        .env(SMALL_DISK, folder.path())
        .env("TMPDIR", folder.path())
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no `unshare`");
        return Ok(());
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) || said.contains("unshare failed") {
        eprintln!("skipped: a file system cannot be mounted here: {said}");
        return Ok(());
    }
    ensure!(output.status.success(), "{}{said}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// Not a test of its own: the process that sees the small disk.
#[test]
fn process_with_a_small_disk() -> Result<()> {
    let Some(disk) = std::env::var_os(SMALL_DISK) else { return Ok(()) };
    let ballast = Path::new(&disk).join("ballast");
    let mut house = House::found()?;
    std::fs::write(&ballast, vec![1; BALLAST_BYTES])?;

    let mut acknowledged = 0;
    let refused = loop {
        let answer = send(&house, acknowledged)?;
        if answer.status != 200 {
            break answer;
        }
        acknowledged += BATCH;
        ensure!(acknowledged < 1_000_000, "the disk never fills up");
    };
    ensure!(acknowledged > 0, "there was room for something");
    ensure!(refused.status == 503, "a full disk is no fault of the client: {refused:?}");
    let fix = refused.body["fix"].as_str().unwrap_or_default();
    ensure!(fix.contains("disk has room"), "the answer says what to do: {refused:?}");
    ensure!(send(&house, acknowledged)?.status == 503, "it stays full");
    ensure!(house.get("/healthz")?.status == 200, "it answers all the same");
    told(&house, acknowledged)?;

    std::fs::remove_file(&ballast)?;
    let again = send(&house, acknowledged)?;
    ensure!(again.status == 200, "there is room again: {again:?}");
    acknowledged += BATCH;
    told(&house, acknowledged)?;

    house.kill_and_restart()?;
    told(&house, acknowledged)
}

/// Sends a batch of events with the numbers from `first` on: the same numbers are the same events.
fn send(house: &House, first: usize) -> Result<Answer> {
    let event = |number: usize| {
        json!({
            "type": "track", "userId": format!("u{}", number % CUSTOMERS), "event": "tick",
            "messageId": format!("m{number}"), "properties": { "note": format!("{number:0>200}") },
        })
    };
    let batch: Vec<Value> = (first..first + BATCH).map(event).collect();
    house.track("/v1/batch", &json!({ "batch": batch }))
}

/// Waits until exactly so many events are counted.
fn told(house: &House, events: usize) -> Result<()> {
    let counted = |page: &Value| page["event"]["events"].as_u64().unwrap_or_default();
    let page = house.wait("/api/v1/data/events/tick", |page| counted(page) >= events as u64)?;
    ensure!(counted(&page) == events as u64, "{events} were acknowledged: {page}");
    Ok(())
}
