//! What one engine answered, how fast, and with how much memory: the same for every engine.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant as Clock};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// So often at least each question is asked after a first time that does not count, unless `RUNS` says otherwise; the
/// fastest counts.
const RUNS: u32 = 5;
/// And for so long at least: what takes a moment only is asked many times, so that no engine suffers more than another
/// from whatever else is on the machine just then.
pub const ASKED_FOR: Duration = Duration::from_secs(3);

/// How often each question is asked.
pub fn runs() -> u32 {
    std::env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).filter(|runs| *runs > 0).unwrap_or(RUNS)
}

/// What one engine answered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Engine {
    /// Its name and version.
    pub name: String,
    /// One copy of the events on disk, in bytes.
    pub bytes: u64,
    /// The most memory it held, without files that are mapped, in bytes.
    pub memory: u64,
    /// By question.
    pub answers: BTreeMap<String, Answer>,
}

/// One answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The fastest run of the fastest form of the question, in milliseconds.
    pub ms: f64,
    /// What all cores together spent on such a run, in milliseconds; not known of others.
    #[serde(default)]
    pub cpu_ms: Option<f64>,
    /// Which form of the question was the fastest, when there are several.
    #[serde(default)]
    pub form: Option<String>,
    /// Its rows, in any order.
    pub rows: Vec<Vec<Json>>,
}

/// The fastest of at least [`runs`] runs within at least [`ASKED_FOR`], the mean processor time of one, and the last
/// answer.
pub fn fastest<T>(mut run: impl FnMut() -> T) -> (Duration, Duration, T) {
    let mut answer = run();
    let (mut best, mut count) = (Duration::MAX, 0);
    let (before, begin) = (processor_time(), Clock::now());
    while count < runs() || begin.elapsed() < ASKED_FOR {
        let start = Clock::now();
        let next = run();
        best = best.min(start.elapsed());
        answer = next;
        count += 1;
    }
    let spent = processor_time().saturating_sub(before) / count;
    (best, spent, answer)
}

/// What this process has used of all cores so far, in steps of ten milliseconds.
pub fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

/// The most memory that this process held, without files that are mapped now, in bytes.
pub fn memory_peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let [peak, mapped] = ["VmHWM:", "RssFile:"].map(|field| kilobytes(field).unwrap_or(0));
    peak.saturating_sub(mapped) << 10
}
