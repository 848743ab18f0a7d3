//! `omotenashi import events`: a file of the past, read here, admitted by the server.
//!
//! One thread reads, maps and compresses, the other sends; between them is a
//! bounded queue. The server remembers the last settled line, so an import that
//! was interrupted goes on there, and one that is run again adds nothing.

mod client;
mod progress;
mod rejects;
mod rows;
mod source;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Context as _, Result};
use ingest::import::{Chunk, ImportKey, Mapping, Row};
use serde::Serialize;

use client::Client;
use progress::Progress;
use rejects::{Rejected, Rejects};
use rows::{Line, Rows};
use source::Source;

/// Rows in one request: large enough that fsync and round trip do not matter, small enough for memory.
const CHUNK_LINES: usize = 10_000;
/// Chunks that are read ahead of the network.
const CHUNKS_AHEAD: usize = 4;

/// Imports the events of a file.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ImportArgs {
    /// CSV, NDJSON in the shape of the Segment API, or Parquet; CSV and NDJSON also compressed (.gz, .zst).
    pub(crate) file: PathBuf,
    /// What the columns mean (TOML). NDJSON needs none.
    #[arg(long)]
    pub(crate) map: Option<PathBuf>,
    /// Where the server is.
    #[arg(long, env = "OMOTENASHI_URL", default_value = "http://127.0.0.1:7700")]
    pub(crate) url: String,
    /// An API token.
    #[arg(long, env = "OMOTENASHI_TOKEN", hide_env_values = true, required_unless_present = "dry_run")]
    pub(crate) token: Option<String>,
    /// Where rows go that cannot be imported [default: FILE's name and `.rejects.ndjson`, in this folder].
    #[arg(long)]
    pub(crate) rejects: Option<PathBuf>,
    /// Reads and maps, but sends nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Prints the totals as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    /// Rows of the file.
    pub(crate) rows: u64,
    /// Told for the first time.
    pub(crate) accepted: u64,
    /// Told before.
    pub(crate) duplicate: u64,
    /// Cannot be imported; the rejects file says why.
    pub(crate) rejected: u64,
    /// Left out by a filter of the mapping.
    pub(crate) left_out: u64,
}

/// Runs the import and prints what became of it.
pub(crate) fn run(args: ImportArgs) -> Result<()> {
    let mapping_text = match &args.map {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| named("cannot read the mapping", path))?
        }
        None => String::new(),
    };
    let mapping = args.map.as_ref().map(|_| Mapping::parse(&mapping_text)).transpose()?;
    let source = Source::open(&args.file, &mapping_text)?;
    let rejects_path = args.rejects.clone().unwrap_or_else(|| rejects::default_path(&args.file));
    let mut rejects = Rejects::at(rejects_path);
    let client = if args.dry_run {
        None
    } else {
        Some(Client::begin(&args.url, args.token.as_deref().unwrap_or_default(), &source)?)
    };
    let totals = import(source, mapping, client.as_ref(), &mut rejects)?;
    let rejects_file = rejects.finish()?;
    report(&totals, rejects_file.as_deref(), args.json)
}

/// Reads in one thread, sends in this one.
fn import(
    source: Source,
    mapping: Option<Mapping>,
    client: Option<&Client>,
    rejects: &mut Rejects,
) -> Result<Totals> {
    let progress = Progress::over(&source);
    let settled = client.map_or(0, Client::settled);
    let key = source.key;
    let rows = Rows::open(source, mapping)?;
    let (queue, pieces) = sync_channel(CHUNKS_AHEAD);
    let mut totals = Totals::default();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(rows, settled, key, &queue));
        for piece in pieces {
            let settled = settle(piece, client, rejects, &mut totals)?;
            progress.at(settled, totals.rows);
        }
        reader.join().map_err(|_| anyhow::anyhow!("the reading thread panicked"))?
    })?;
    progress.done();
    if let Some(client) = client {
        client.finish(&totals)?;
    }
    Ok(totals)
}

/// Some lines of the file, read and mapped.
struct Piece {
    chunk: Chunk,
    /// The chunk as it is sent.
    encoded: Vec<u8>,
    rejected: Vec<Rejected>,
    /// Rows that an earlier run has settled.
    told: u64,
    left_out: u64,
    /// How far the file is read.
    position: u64,
}

impl Piece {
    fn new(key: ImportKey, first_line: u64) -> Self {
        let chunk = Chunk { key, first_line, next_line: first_line, rows: Vec::with_capacity(CHUNK_LINES) };
        Self { chunk, encoded: Vec::new(), rejected: Vec::new(), told: 0, left_out: 0, position: 0 }
    }

    fn lines(&self) -> u64 {
        self.chunk.rows.len() as u64 + self.rejected.len() as u64 + self.told + self.left_out
    }

    fn put(&mut self, line: Line, settled: u64) {
        self.chunk.next_line = line.number + 1;
        match line.outcome {
            Ok(Some(_)) if line.number <= settled => self.told += 1,
            Ok(Some(row)) => self.chunk.rows.push(row),
            Ok(None) => self.left_out += 1,
            Err(rejected) => self.rejected.push(rejected),
        }
    }
}

/// Cuts the rows of the file into pieces. Ends early when nobody takes them any more.
fn read(mut rows: Rows, settled: u64, key: ImportKey, queue: &SyncSender<Piece>) -> Result<()> {
    let mut piece = Piece::new(key, rows.first_line());
    loop {
        let more = rows.next(&mut |line| piece.put(line, settled))?;
        if piece.lines() >= CHUNK_LINES as u64 || (!more && piece.lines() > 0) {
            piece.position = rows.position();
            piece.encoded = piece.chunk.encode();
            let next = Piece::new(key, piece.chunk.next_line);
            if queue.send(std::mem::replace(&mut piece, next)).is_err() {
                return Ok(());
            }
        }
        if !more {
            return Ok(());
        }
    }
}

/// Sends the rows of a piece and counts what became of all its lines.
fn settle(piece: Piece, client: Option<&Client>, rejects: &mut Rejects, totals: &mut Totals) -> Result<u64> {
    totals.rows += piece.lines();
    totals.duplicate += piece.told;
    totals.left_out += piece.left_out;
    totals.rejected += piece.rejected.len() as u64;
    for rejected in &piece.rejected {
        rejects.write(rejected)?;
    }
    let sent = piece.chunk.rows.len() as u64;
    match client {
        None => totals.accepted += sent,
        Some(client) if sent > 0 => {
            let answer = client.send(piece.encoded)?;
            totals.accepted += answer.accepted;
            totals.duplicate += answer.duplicate;
            totals.rejected += answer.rejected.len() as u64;
            for refused in answer.rejected {
                rejects.write(&Rejected::by_server(refused, &piece.chunk.rows))?;
            }
        }
        Some(_) => {}
    }
    Ok(piece.position)
}

fn report(totals: &Totals, rejects_file: Option<&Path>, json: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        #[derive(Serialize)]
        struct Report<'a> {
            #[serde(flatten)]
            totals: &'a Totals,
            rejects_file: Option<&'a Path>,
        }
        serde_json::to_writer(&mut out, &Report { totals, rejects_file })?;
        return Ok(writeln!(out)?);
    }
    let Totals { rows, accepted, duplicate, rejected, left_out } = totals;
    writeln!(
        out,
        "{rows} rows: {accepted} accepted, {duplicate} duplicate, {rejected} rejected, {left_out} left out"
    )?;
    if let Some(path) = rejects_file {
        writeln!(out, "the rejected rows and their reasons are in {}", path.display())?;
    }
    Ok(())
}

/// An error message about a file.
fn named(what: &str, path: &Path) -> String {
    format!("{what}. file=`{}`", path.display())
}

/// The row of a line, for messages about it.
fn row_of(rows: &[Row], line: u64) -> Option<&Row> {
    rows.binary_search_by_key(&line, |row| row.line).ok().map(|index| &rows[index])
}

#[cfg(test)]
mod tests;
