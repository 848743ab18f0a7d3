//! `omotenashi doctor`: reads a data folder that no server is using, from end to end, and says of everything that is not
//! as it should be what it is, where, what is lost by it and what to do. With `--repair` it mends what can be mended.
//!
//! What is damaged is set aside beside its place, never removed. Removed are objects on the shelf that nobody names.

mod advice;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use columnar::Shelf;
use host::{Disk, SystemClock, SystemDisk};
use server::engine::{self, Examined, Fault, Repaired};

use advice::Advice;

/// Checks a data folder.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DoctorArgs {
    /// The data folder.
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// Where old events are kept, as `omotenashi serve` was told.
    #[arg(long, env = "OMOTENASHI_COLD_STORE")]
    pub(crate) cold_store: Option<String>,
    /// Mends what can be mended from the journal and the checkpoint. Damaged files are set aside, never removed.
    #[arg(long)]
    pub(crate) repair: bool,
}

/// What was found in one place.
#[derive(Default)]
struct Findings {
    fine: Vec<String>,
    faults: Vec<(String, Advice)>,
}

impl Findings {
    fn fault(&mut self, what: impl Into<String>, advice: Advice) {
        self.faults.push((what.into(), advice));
    }

    fn engine_fault(&mut self, fault: &Fault) {
        let advice = advice::of(fault);
        self.fault(chain(fault), advice);
    }
}

/// Checks the control plane, and of every workspace the checkpoint, the parts, and the journal's every block.
#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
pub(crate) fn run(args: &DoctorArgs) -> Result<()> {
    let places = places(&args.data)?;
    let mut faulty = 0;
    for (name, dir) in places {
        println!("{name}");
        let found = match dir {
            None => control_plane(&args.data.join("control.db"))?,
            Some(dir) => workspace(&dir, args)?,
        };
        found.fine.iter().for_each(|line| println!("  ok     {line}"));
        for (what, Advice { lost, remedy }) in &found.faults {
            println!("  fault  {what}\n  lost   {lost}\n  do     {remedy}");
        }
        faulty += usize::from(!found.faults.is_empty());
    }
    if faulty > 0 {
        bail!("{faulty} place(s) need attention");
    }
    println!("all is well");
    Ok(())
}

/// The control plane, then every workspace with its folder.
fn places(data: &Path) -> Result<Vec<(String, Option<PathBuf>)>> {
    let no_folder =
        || format!("this is no data folder that can be read. field=`--data`, value=`{}`", data.display());
    let mut workspaces = Vec::new();
    std::fs::read_dir(data).with_context(no_folder)?;
    // Until it is served for the first time a workspace has no folder.
    if data.join("workspaces").exists() {
        for entry in std::fs::read_dir(data.join("workspaces")).with_context(no_folder)? {
            workspaces.push(entry.with_context(no_folder)?.path());
        }
    } else if !data.join("control.db").exists() {
        bail!(no_folder());
    }
    workspaces.sort();
    let named = workspaces.into_iter().map(|dir| {
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (format!("workspace {name}"), Some(dir))
    });
    Ok(std::iter::once(("control plane".to_owned(), None)).chain(named).collect())
}

fn control_plane(path: &Path) -> Result<Findings> {
    let mut found = Findings::default();
    if !path.exists() {
        found.fault(format!("the file is gone. path=`{}`", path.display()), advice::control_plane());
        return Ok(found);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(server::check_records(path)) {
        Ok(faults) if faults.is_empty() => found.fine.push("every page is whole".to_owned()),
        Ok(faults) => {
            let what = format!("the file is damaged: {}. path=`{}`", faults.join("; "), path.display());
            found.fault(what, advice::control_plane());
        }
        Err(error) => {
            let what = format!("{}. path=`{}`", chain(&error), path.display());
            found.fault(what, advice::control_plane());
        }
    }
    Ok(found)
}

fn workspace(dir: &Path, args: &DoctorArgs) -> Result<Findings> {
    let shelf = server::shelf::open(args.cold_store.as_deref(), dir)?;
    let mut found = Findings::default();
    let repaired = if args.repair { repair(dir, Arc::clone(&shelf), &mut found) } else { Ok(()) };
    if let Err(fault) = repaired.and_then(|()| check(dir, shelf, &mut found)) {
        found.engine_fault(&fault);
    }
    Ok(found)
}

fn repair(dir: &Path, shelf: Arc<dyn Shelf>, found: &mut Findings) -> Result<(), Fault> {
    let Repaired { mended, missing: _, refolded, salvaged, cleared } =
        engine::repair(dir, Arc::new(SystemDisk), shelf)?;
    found.fine.extend(cleared.iter().map(|object| format!("removed what nobody named: `{object}`")));
    found.fine.extend(mended.iter().map(|part| format!("mended: {}", missing(part))));
    found.fine.extend(refolded.map(|aside| {
        format!(
            "mended: the checkpoint is folded from the journal again; the damaged one is `{}`",
            aside.display()
        )
    }));
    found.fine.extend(salvaged.map(|salvaged| {
        format!(
            "mended: the journal goes on from the checkpoint, without {} bytes that cannot be read or follow what cannot; \
             the damaged one is `{}`",
            salvaged.lost_bytes,
            salvaged.set_aside.display()
        )
    }));
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

fn check(dir: &Path, shelf: Arc<dyn Shelf>, found: &mut Findings) -> Result<(), Fault> {
    let Examined { missing: parts, leftovers } = engine::examine(dir, Arc::clone(&shelf))?;
    for part in &parts {
        found.fault(format!("missing: {}", missing(part)), advice::part());
    }
    for object in leftovers {
        found.fault(
            format!("an object of old events that nobody names. object=`{object}`"),
            advice::leftover(),
        );
    }
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
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
    let lines = &mut found.fine;
    lines.push(format!("checkpoint and parts: {rows} rows in {} streams", snapshot.streams().count()));
    lines.push(format!("{} records folded again after the checkpoint", recovered.records));
    if recovered.torn_bytes > 0 {
        let torn = recovered.torn_bytes;
        lines.push(format!(
            "{torn} bytes cut from the journal's end: a write that never ended and was never acknowledged"
        ));
    }
    threads.stop(&handle)?;
    let journal = journal::Journal::open(disk, &dir.join("journal"), journal::Options::default())?;
    let (mut records, mut bytes) = (0_u64, 0_u64);
    for entry in journal.read(journal.start()) {
        let entry = entry?;
        engine::Entry::decode(entry.kind, &entry.bytes)?;
        records += 1;
        bytes += entry.bytes.len() as u64;
    }
    found.fine.push(format!("journal: {records} records, {bytes} bytes, every checksum right"));
    Ok(())
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}
