//! Asks the same questions of our engine, ClickHouse and DuckDB, checks that they agree, and prints who was how fast.
//!
//! `cargo run --release -p bench --bin questions -- 5` for five million events. A second argument names a folder that is
//! kept, so that the next run with as many events need not load them again.
#![expect(clippy::print_stdout, reason = "the table is the product")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context as _;
use bench::measure::Engine;
use bench::prepare::Prepared;
use bench::{ours, peers, report};

/// The server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the server keeps memory that was let go before it gives it back, in milliseconds, as it is said from outside.
const KEPT: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "30000");

/// With this word as the first argument the process only asks our own engine; a third one names the one question to ask.
const ASK: &str = "ask";

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().unwrap_or_else(|| "5".to_owned());
    let kept = arguments.next().map(PathBuf::from);
    if let (ASK, Some(folder)) = (first.as_str(), &kept) {
        return ask_ours(folder, arguments.next().as_deref());
    }
    let millions: u64 = first.parse().context("the first argument is how many million events")?;
    let temporary = tempfile::tempdir()?;
    let folder = kept.as_deref().unwrap_or(temporary.path());
    fs::create_dir_all(folder)?;
    compare(folder, millions * 1_000_000)
}

/// Everything, one engine after the other.
fn compare(folder: &Path, events: u64) -> anyhow::Result<ExitCode> {
    println!("{events} events of {} customers", events / 25);
    let prepared = match Prepared::read(folder, events) {
        Some(prepared) => prepared,
        None => Prepared::make(folder, events)?,
    };
    for (step, nanos) in &prepared.costs {
        println!("{step}: {nanos:.0} ns an event");
    }
    println!("parts: {}", prepared.manifest.parts.len());
    let ours = in_own_process(folder)?;
    let mut others = Vec::new();
    let mut differences = Vec::new();
    for peer in peers::PEERS {
        println!("asking {peer}");
        let other = peers::ask(peer, folder)?;
        differences.extend(report::differences(&ours, &other));
        others.push(other);
    }
    println!("\n{}", report::table(&ours, &others, events));
    if differences.is_empty() {
        println!("\nall answers are equal");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nANSWERS DIFFER");
    differences.iter().for_each(|difference| println!("  {difference}"));
    Ok(ExitCode::FAILURE)
}

/// Asks our engine in a process that has loaded nothing else, so that memory can be compared.
fn in_own_process(folder: &Path) -> anyhow::Result<Engine> {
    let program = std::env::current_exe()?;
    let status = Command::new(program).arg(ASK).arg(folder).env(KEPT.0, KEPT.1).status()?;
    anyhow::ensure!(status.success(), "our own engine did not answer");
    Ok(serde_json::from_str(&fs::read_to_string(folder.join("ours.json"))?)?)
}

fn ask_ours(folder: &Path, only: Option<&str>) -> anyhow::Result<ExitCode> {
    let prepared = fs::read_to_string(folder.join("prepared.json"))?;
    let prepared: Prepared = serde_json::from_str(&prepared)?;
    let engine = ours::ask(folder, &prepared, only)?;
    for (question, answer) in &engine.answers {
        println!(
            "{question:<10} {:>9.3} ms {:>7.0} ms of all cores",
            answer.ms,
            answer.cpu_ms.unwrap_or_default()
        );
    }
    if only.is_none() {
        fs::write(folder.join("ours.json"), serde_json::to_string(&engine)?)?;
    }
    Ok(ExitCode::SUCCESS)
}
