//! `omotenashi export`: events, customers and the ledger out of a running server, into files that every tool reads.
//!
//! Lines come from the server one after another; NDJSON is written as it comes,
//! Parquet in groups of rows, so memory does not grow with the data. A file
//! appears under its name only when it is whole.

mod columns;
mod parquet;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use api::data::EventSummary;
use api::export::{LINES_HEADER, MISSING_HEADER};
use api::{Page, Time};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::remote::{Lines, Remote, RemoteArgs};
use columns::Columns;

const STYLE: &str = "{bar:30} {percent:>3}%  {msg}  {eta} left";
/// The bar is drawn anew after so many lines.
const LINES_BETWEEN: u64 = 4_096;

/// Exports events, customers or the ledger.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ExportArgs {
    /// What to export.
    pub(crate) what: What,
    /// In which form.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    pub(crate) format: Format,
    /// Only events of this name: as Parquet, each of their properties is a column.
    #[arg(long)]
    pub(crate) event: Option<String>,
    /// Only what happened after this instant, RFC 3339.
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Only what happened at or before this instant, RFC 3339.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// The file to write; or a folder, for a file for each event name.
    #[arg(long)]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

/// What to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum What {
    /// What customers did.
    Events,
    /// Who they are now.
    Customers,
    /// What was decided about each message, and what became of it.
    Messages,
}

impl What {
    const fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Customers => "customers",
            Self::Messages => "messages",
        }
    }
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A line of JSON each, in the shape of the Segment API: `omotenashi import events` reads it again.
    Ndjson,
    /// Columns with types, compressed.
    Parquet,
}

impl Format {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

/// Exports and says how much.
pub(crate) fn run(args: &ExportArgs) -> Result<()> {
    check(args)?;
    let remote = Remote::new(&args.remote);
    if !(args.out.is_dir() && args.what == What::Events && args.event.is_none()) {
        let out = if args.out.is_dir() {
            let name = args.event.as_deref().unwrap_or(args.what.word());
            args.out.join(file_name(name, args.format))
        } else {
            args.out.clone()
        };
        return export(&remote, args, args.event.as_deref(), &out);
    }
    for name in event_names(&remote)? {
        export(&remote, args, Some(&name), &args.out.join(file_name(&name, args.format)))?;
    }
    Ok(())
}

fn check(args: &ExportArgs) -> Result<()> {
    if args.event.is_some() && args.what != What::Events {
        bail!("only events have a name. field=`--event`");
    }
    for (field, value) in [("--from", &args.from), ("--to", &args.to)] {
        let Some(value) = value else { continue };
        if args.what == What::Customers {
            bail!("customers are exported as they are now. field=`{field}`");
        }
        serde_json::from_value::<Time>(value.as_str().into()).with_context(|| {
            format!("write an instant like 2026-01-31T12:00:00Z. field=`{field}`, value=`{value}`")
        })?;
    }
    Ok(())
}

/// Every name of an event that somebody else than the house sent.
fn event_names(remote: &Remote) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut after = String::new();
    loop {
        let query = [("limit", "1000"), ("after", after.as_str())];
        let page: Page<EventSummary> = remote.get("/api/v1/data/events", &query)?;
        names.extend(page.items.into_iter().map(|event| event.name));
        match page.next {
            Some(next) => after = next,
            None => return Ok(names),
        }
    }
}

/// A file's name that no two names share: what a file may not be called is written as its bytes.
fn file_name(name: &str, format: Format) -> String {
    let mut file = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => file.push(char::from(byte)),
            byte => file.push_str(&format!("%{byte:02x}")),
        }
    }
    format!("{file}.{}", format.suffix())
}

fn export(remote: &Remote, args: &ExportArgs, event: Option<&str>, out: &Path) -> Result<()> {
    let mut query = Vec::new();
    query.extend(event.map(|event| ("event", event)));
    query.extend(args.from.as_deref().map(|from| ("from", from)));
    query.extend(args.to.as_deref().map(|to| ("to", to)));
    // What the columns are is asked before, so that every line that comes was known to them.
    let columns = match args.format {
        Format::Ndjson => None,
        Format::Parquet => Some(Columns::of(remote, args.what, event)?),
    };
    let lines = remote.lines(&format!("/api/v1/export/{}", args.what.word()), &query)?;
    let missing = lines.header(MISSING_HEADER);
    let part = out.with_extension("part");
    let file = File::create(&part).with_context(|| cannot("write", &part))?;
    let written = match columns {
        None => write_lines(lines, file),
        Some(columns) => parquet::write(lines, file, columns),
    };
    let rows = written.inspect_err(|_| drop(fs::remove_file(&part))).with_context(|| cannot("write", out))?;
    fs::rename(&part, out).with_context(|| cannot("write", out))?;
    report(rows, missing, out);
    Ok(())
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} the file. field=`--out`, value=`{}`", path.display())
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command says what it did")]
fn report(rows: u64, missing: Option<u64>, out: &Path) {
    println!("{rows} rows in {}", out.display());
    if let Some(missing) = missing {
        eprintln!(
            "warning: {missing} rows are missing, a file of the server is damaged; see `omotenashi doctor`"
        );
    }
}

fn write_lines(lines: Lines, file: File) -> Result<u64> {
    let mut file = BufWriter::new(file);
    let rows = each_line(lines, |line| Ok(file.write_all(line)?))?;
    file.into_inner()?.sync_all()?;
    Ok(rows)
}

/// Shows every line, with the progress on the terminal; returns how many there were.
fn each_line(lines: Lines, mut show: impl FnMut(&[u8]) -> Result<()>) -> Result<u64> {
    let bar = ProgressBar::new(lines.header(LINES_HEADER).unwrap_or_default());
    if let Ok(style) = ProgressStyle::with_template(STYLE) {
        bar.set_style(style);
    }
    let mut reader = BufReader::with_capacity(1 << 18, lines.reader);
    let (mut rows, mut line) = (0, Vec::new());
    while reader.read_until(b'\n', &mut line).context("the export broke off; run it again")? > 0 {
        show(&line)?;
        line.clear();
        rows += 1;
        if rows % LINES_BETWEEN == 0 {
            bar.set_position(rows);
            bar.set_message(format!("{} rows", HumanCount(rows)));
        }
    }
    bar.finish_and_clear();
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_file_of_its_own() {
        assert_eq!(file_name("purchase", Format::Parquet), "purchase.parquet");
        assert_eq!(file_name("page view", Format::Ndjson), "page%20view.ndjson");
        assert_ne!(file_name("a/b", Format::Ndjson), file_name("a-b", Format::Ndjson));
        assert_eq!(file_name("購入", Format::Ndjson), "%e8%b3%bc%e5%85%a5.ndjson");
    }
}
