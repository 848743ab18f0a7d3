//! The server as the system sees it: the memory it holds, the time it had on a core.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use e2e::House;

/// What one tick of the system's accounting is: `USER_HZ` is 100 on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// What this process (every thread of it) has used of all cores.
pub(crate) fn cores(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| -> Result<u32> { Ok(fields.get(index).context("a field of stat")?.parse()?) };
    Ok(TICK * (ticks(11)? + ticks(12)?))
}

/// Resident memory: all of it, and what is not a mapped file. In MiB.
pub(crate) fn memory(process: u32) -> Result<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kib = |name: &str| -> Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("a line of status")?;
        Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
    };
    Ok((kib("VmRSS:")? / 1024, kib("RssAnon:")? / 1024))
}

/// Prints the memory of a server that has nothing to do.
pub(crate) fn show_memory(what: &str, house: &House) -> Result<()> {
    let (resident, private) = memory(house.process())?;
    crate::line(what, &format!("{private} MiB"), &format!("resident with mapped files {resident} MiB"));
    Ok(())
}

/// Stops the server, starts it and prints how long it took to answer.
pub(crate) fn show_start(what: &str, house: &mut House) -> Result<()> {
    house.stop()?;
    start(&format!("{what}, after it was stopped"), house)
}

/// Kills the server, starts it and prints how long it took to answer.
pub(crate) fn show_recovery(what: &str, house: &mut House) -> Result<()> {
    house.kill()?;
    start(&format!("{what}, after it was killed"), house)
}

fn start(what: &str, house: &mut House) -> Result<()> {
    let begun = Instant::now();
    house.start_again()?;
    while house.get("/healthz")?.status != 200 {
        std::thread::yield_now();
    }
    let took = begun.elapsed();
    let used = cores(house.process())?;
    crate::line(what, &format!("{:.2} s", took.as_secs_f64()), &format!("{:.2} s", used.as_secs_f64()));
    Ok(())
}

/// A server with an empty workspace.
pub(crate) fn idle() -> Result<()> {
    let mut house = House::found()?;
    show_memory("private memory, nothing told yet", &house)?;
    show_start("start, nothing told yet", &mut house)
}
