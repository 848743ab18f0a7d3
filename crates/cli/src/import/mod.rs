//! `omotenashi import events`: a file of the past, read here, admitted by the server.
//!
//! One thread reads, maps and compresses; a few chunks are with the server at a
//! time, so that it never waits for the next one. The server remembers the last
//! settled line, before which every chunk was answered, so an import that was
//! interrupted goes on there, and one that is run again adds nothing.

mod client;
mod progress;
mod rejects;
mod rows;
mod source;

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Context as _, Result, anyhow};
use api::data::ImportAccepted;
use ingest::import::{Chunk, ChunkWriter, ImportKey, Mapping, Row};
use serde::Serialize;

use client::Client;
use progress::Progress;
use rejects::{Rejected, Rejects};
use rows::{Line, Rows};
use source::Source;

/// Rows in one request: large enough that fsync and round trip do not matter, small enough for memory.
const CHUNK_LINES: u64 = 10_000;
/// Chunks that are read ahead of the network.
const CHUNKS_AHEAD: usize = 4;
/// Chunks that are with the server at a time: while one is brought to disk it reads the next.
const CHUNKS_SENT: usize = 2;

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

/// Reads in one thread, sends in a few others, settles in this one.
fn import(
    source: Source,
    mapping: Option<Mapping>,
    client: Option<&Client>,
    rejects: &mut Rejects,
) -> Result<Totals> {
    let progress = Progress::over(&source);
    let mut settled = client.map_or(0, Client::settled);
    let key = source.key;
    let rows = Rows::open(source, mapping)?;
    let (queue, pieces) = sync_channel(CHUNKS_AHEAD);
    let mut totals = Totals::default();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(rows, settled, key, &queue));
        let (mut pieces, mut sent) = (pieces.into_iter(), VecDeque::with_capacity(CHUNKS_SENT));
        loop {
            if sent.len() < CHUNKS_SENT
                && let Some(piece) = pieces.next()
            {
                sent.push_back(scope.spawn(move || send(piece, client, settled)));
                continue;
            }
            // In the order of the file: what is settled has no hole.
            let Some(first) = sent.pop_front() else { break };
            let (piece, answer) = first.join().map_err(|_| anyhow!("a sending thread panicked"))??;
            settled = settled.max(piece.last_line);
            let position = piece.position;
            settle(piece, answer, rejects, &mut totals)?;
            progress.at(position, totals.rows);
        }
        reader.join().map_err(|_| anyhow!("the reading thread panicked"))?
    })?;
    progress.done();
    if let Some(client) = client {
        client.finish(&totals, settled)?;
    }
    Ok(totals)
}

/// Some lines of the file, read and mapped.
#[derive(Default)]
struct Piece {
    /// The rows as they are sent: a chunk.
    encoded: Vec<u8>,
    /// How many rows those are.
    rows: u64,
    rejected: Vec<Rejected>,
    /// Rows that an earlier run has settled.
    told: u64,
    left_out: u64,
    last_line: u64,
    /// How far the file is read.
    position: u64,
}

impl Piece {
    fn lines(&self) -> u64 {
        self.rows + self.rejected.len() as u64 + self.told + self.left_out
    }

    /// Takes in a line; its row goes into the chunk at once.
    fn put(&mut self, line: Line, settled: u64, chunk: &mut ChunkWriter) {
        chunk.settle(line.number + 1);
        self.last_line = line.number;
        match line.outcome {
            Ok(Some(_)) if line.number <= settled => self.told += 1,
            Ok(Some(row)) => {
                chunk.push(&row);
                self.rows += 1;
            }
            Ok(None) => self.left_out += 1,
            Err(rejected) => self.rejected.push(rejected),
        }
    }
}

/// Cuts the rows of the file into pieces. Ends early when nobody takes them any more.
fn read(mut rows: Rows, settled: u64, key: ImportKey, queue: &SyncSender<Piece>) -> Result<()> {
    let (mut piece, mut chunk) = (Piece::default(), ChunkWriter::new(key, rows.first_line()));
    loop {
        let more = rows.next(&mut |line| piece.put(line, settled, &mut chunk))?;
        if piece.lines() >= CHUNK_LINES || (!more && piece.lines() > 0) {
            piece.position = rows.position();
            piece.encoded = chunk.cut();
            if queue.send(std::mem::take(&mut piece)).is_err() {
                return Ok(());
            }
        }
        if !more {
            return Ok(());
        }
    }
}

/// Sends the rows of a piece, if it has any, and if there is anybody to send them to.
fn send(piece: Piece, client: Option<&Client>, settled: u64) -> Result<(Piece, Option<ImportAccepted>)> {
    let client = client.filter(|_| piece.rows > 0);
    let answer = client.map(|client| client.send(&piece.encoded, settled)).transpose()?;
    Ok((piece, answer))
}

/// Counts what became of all lines of a piece.
fn settle(
    piece: Piece,
    answer: Option<ImportAccepted>,
    rejects: &mut Rejects,
    totals: &mut Totals,
) -> Result<()> {
    totals.rows += piece.lines();
    totals.duplicate += piece.told;
    totals.left_out += piece.left_out;
    totals.rejected += piece.rejected.len() as u64;
    for rejected in &piece.rejected {
        rejects.write(rejected)?;
    }
    let Some(answer) = answer else {
        totals.accepted += piece.rows;
        return Ok(());
    };
    totals.accepted += answer.accepted;
    totals.duplicate += answer.duplicate;
    totals.rejected += answer.rejected.len() as u64;
    if !answer.rejected.is_empty() {
        let chunk = Chunk::decode(&piece.encoded)?;
        for refused in answer.rejected {
            rejects.write(&Rejected::by_server(refused, &chunk.rows))?;
        }
    }
    Ok(())
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
