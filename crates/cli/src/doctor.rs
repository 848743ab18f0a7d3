//! `omotenashi doctor`: reads a data folder that no server is using, from end to end, says what it found, and mends
//! what can be mended.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use columnar::Shelf;
use host::{SystemClock, SystemDisk};
use server::engine;

/// Checks a data folder.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DoctorArgs {
    /// The data folder.
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// Where old events are kept, as `omotenashi serve` was told.
    #[arg(long, env = "OMOTENASHI_COLD_STORE")]
    pub(crate) cold_store: Option<String>,
    /// Brings back what damaged parts held, from the journal. Damaged files are set aside, never removed.
    #[arg(long)]
    pub(crate) repair: bool,
}

/// What was found in one workspace.
#[derive(Default)]
struct Findings {
    fine: Vec<String>,
    faults: Vec<String>,
}

/// Checks every workspace: the journal's every block, the checkpoint, the parts.
#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
pub(crate) fn run(args: &DoctorArgs) -> Result<()> {
    let workspaces = args.data.join("workspaces");
    let mut names: Vec<PathBuf> = std::fs::read_dir(&workspaces)
        .with_context(|| format!("this is no data folder. field=`--data`, value=`{}`", args.data.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    names.sort();
    let mut faults = 0;
    for dir in names {
        println!("workspace {}", dir.file_name().unwrap_or_default().to_string_lossy());
        let mut found = Findings::default();
        if let Err(error) = look_at(&dir, args, &mut found) {
            found.faults.push(format!("{error:#}"));
        }
        found.fine.iter().for_each(|line| println!("  ok     {line}"));
        found.faults.iter().for_each(|line| println!("  fault  {line}"));
        faults += usize::from(!found.faults.is_empty());
    }
    if faults > 0 {
        bail!("{faults} workspace(s) need attention");
    }
    println!("all is well");
    Ok(())
}

fn look_at(dir: &Path, args: &DoctorArgs, found: &mut Findings) -> Result<()> {
    let shelf = server::shelf::open(args.cold_store.as_deref(), dir)?;
    if args.repair {
        repair(dir, Arc::clone(&shelf), found)?;
    }
    check(dir, shelf, found)
}

fn repair(dir: &Path, shelf: Arc<dyn Shelf>, found: &mut Findings) -> Result<()> {
    let repaired = engine::repair(dir, Arc::new(SystemDisk), shelf)?;
    found.fine.extend(repaired.mended.iter().map(|part| format!("mended: {}", missing(part))));
    Ok(())
}

/// What a missing part is, in one line.
fn missing(missing: &columnar::Missing) -> String {
    let (rows, part, reason) = (missing.rows(), &missing.part, &missing.reason);
    format!(
        "{rows} rows that happened from {} to {}: {reason}. stream=`{}`, part=`{}`",
        part.earliest, part.latest, part.stream, part.file
    )
}

fn check(dir: &Path, shelf: Arc<dyn Shelf>, found: &mut Findings) -> Result<()> {
    let lost = engine::examine(dir, Arc::clone(&shelf))?;
    let disk: Arc<dyn host::Disk> = Arc::new(SystemDisk);
    let lines = &mut found.fine;
    let deduplication_ms =
        server::Settings::new(PathBuf::new(), ([127, 0, 0, 1], 0).into()).deduplication_ms();
    let options = engine::Options {
        shelf: Some(shelf),
        ..engine::Options::new(Arc::new(SystemClock), Arc::clone(&disk), deduplication_ms)
    };
    // Opening recovers as a start would: torn tail, checkpoint, every part's checksum, the journal behind the checkpoint.
    let engine = engine::open(dir, &options)?;
    let recovered = engine.recovered;
    let (handle, _jobs, threads) = engine.split();
    let (snapshot, _) = handle.snapshot();
    let rows: usize = snapshot.streams().map(columnar::Stream::rows).sum();
    let advice = "run this again with `--repair`, or put the file back from a back-up";
    found.faults.extend(lost.iter().map(|part| format!("missing: {}\n         {advice}", missing(part))));
    lines.push(format!("checkpoint and parts: {rows} rows in {} streams", snapshot.streams().count()));
    lines
        .push(format!("{} records folded again, {} torn bytes cut", recovered.records, recovered.torn_bytes));
    threads.stop(&handle)?;
    let journal = journal::Journal::open(disk, &dir.join("journal"), journal::Options::default())?;
    let (mut records, mut bytes) = (0_u64, 0_u64);
    for entry in journal.read(journal.start()) {
        let entry = entry?;
        engine::Entry::decode(entry.kind, &entry.bytes)?;
        records += 1;
        bytes += entry.bytes.len() as u64;
    }
    lines.push(format!("journal: {records} records, {bytes} bytes, every checksum right"));
    Ok(())
}
