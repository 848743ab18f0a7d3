//! What the built server reaches, seen from outside: `cargo bench -p e2e`, after a release build of the binary.
//!
//! Each section starts a server on a fresh data folder, works it as the world does (HTTP, the command line) and prints
//! lines of one table. The load comes from the same machine: what the server needed of its cores stands beside every
//! rate. Name sections to run only these: `cargo bench -p e2e -- ingest campaign`.
//!
//! Settings from the environment, for a larger or smaller run: `HOUSE_EVENTS` (events sent over HTTP), `HOUSE_ROWS`
//! (rows imported), `HOUSE_PEOPLE` (people a campaign writes to).
#![expect(clippy::print_stdout, reason = "the table is the product")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::cast_possible_truncation, reason = "numbers are drawn from small ranges")]

mod audiences;
mod campaign;
mod client;
mod events;
mod import;
mod ingest;
mod process;

use anyhow::{Context as _, Result};

/// A section and its name.
type Section = (&'static str, fn() -> Result<()>);

/// The sections, in the order in which they run.
const SECTIONS: &[Section] = &[
    ("idle", process::idle),
    ("ingest", ingest::as_fast_as_it_goes),
    ("paced", ingest::at_a_pace),
    ("audiences", audiences::beside_ingest),
    ("import", import::generated),
    ("online-retail", import::online_retail),
    ("campaign", campaign::to_everybody),
];

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    if std::env::args().any(|argument| argument == "--list") {
        return Ok(()); // test runners ask every target what it has
    }
    println!("{:<62} {:>12}  of the server's cores", "", "");
    for (_, section) in
        SECTIONS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|it| it == name))
    {
        section()?;
    }
    Ok(())
}

/// Prints one line of the table: what was measured, the figure with its unit, and what it cost or means.
fn line(what: &str, figure: &str, note: &str) {
    println!("{what:<62} {figure:>12}  {note}");
}

/// A number from the environment.
fn setting(name: &str, default: u64) -> Result<u64> {
    std::env::var(name)
        .map_or(Ok(default), |text| text.parse())
        .with_context(|| format!("{name} is a number"))
}
