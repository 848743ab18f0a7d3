//! The other engines, each in a process of its own: `peers/peers.py` asks them.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::measure::{ASKED_FOR, Engine, runs};

/// Which there are, by the name that the script knows them by.
pub const PEERS: [&str; 2] = ["clickhouse", "duckdb"];

/// The variable that names a Python with `duckdb` and `chdb`.
const PYTHON: &str = "OMOTENASHI_PYTHON";

/// Loads the events, unless an earlier run did, and asks everything.
///
/// # Errors
/// When there is no such Python, or the engine refuses something.
pub fn ask(peer: &str, folder: &Path) -> anyhow::Result<Engine> {
    for step in ["load", "ask"] {
        run(peer, step, folder)?;
    }
    let answers = folder.join(format!("{peer}.json"));
    let text = fs::read_to_string(&answers).with_context(|| format!("cannot read {}", answers.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// One step in a process of its own, so that the memory of loading is not counted to the questions.
fn run(peer: &str, step: &str, folder: &Path) -> anyhow::Result<()> {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/peers.py");
    let log = folder.join(format!("{peer}.log"));
    let status = Command::new(&python)
        .arg(script)
        .args([peer, step])
        .arg(folder)
        .args([runs().to_string(), ASKED_FOR.as_secs().to_string()])
        .stdin(Stdio::null())
        .stderr(File::create(&log)?)
        .status()
        .with_context(|| format!("cannot run {python}; set {PYTHON} to a Python with duckdb and chdb"))?;
    if !status.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        bail!("{peer} could not {step}: {}", said.lines().last().unwrap_or("it said nothing"));
    }
    Ok(())
}
