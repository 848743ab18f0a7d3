//! Events over HTTP: how many a second, how long each answer takes, and how soon a question sees them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::House;
use serde_json::{Value, json};

use crate::client::Connection;
use crate::events::{Batch, Shop, batches};
use crate::{line, process, setting};

/// How many clients send at once.
const CLIENTS: u64 = 8;
/// How many events a request carries.
const BATCH_EVENTS: u64 = 500;
/// How many batches each client has at hand.
const BATCHES_EACH: u64 = 25;
/// How many people they are about.
const CUSTOMERS: u64 = 200_000;
/// The pace that has to be kept with short answers.
const EVENTS_PER_SECOND: u64 = 60_000;
/// How long before they are sent events happened at most.
const HOUR: Duration = Duration::from_secs(3_600);
/// How often the freshness of answers is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What the event is called by which freshness is looked at, before the number of the load.
const BEACON: &str = "Beacon";

/// What one client saw.
#[derive(Default)]
struct Seen {
    /// How long each answer took.
    answers: Vec<Duration>,
    /// How often the server asked it to come back later.
    refused: u64,
}

/// Sends as fast as answers come, then measures memory and starts.
pub(crate) fn as_fast_as_it_goes() -> Result<()> {
    let events = setting("HOUSE_EVENTS", 5_000_000)?;
    let mut house = House::found()?;
    let load_of = Load { first: 0, events, per_second: None, ago: HOUR };
    load(&house, "as fast as they are answered", &load_of, nothing)?;
    settle(&house, events)?;
    process::show_memory(&format!("private memory after {events} events"), &house)?;
    process::show_recovery(&format!("start with {events} events"), &mut house)?;
    process::show_start(&format!("start with {events} events"), &mut house)?;
    process::show_memory(&format!("private memory after a start with {events} events"), &house)
}

/// Sends at the pace that has to be kept.
pub(crate) fn at_a_pace() -> Result<()> {
    let house = House::found()?;
    let events = EVENTS_PER_SECOND * 20;
    let load_of = Load { first: 0, events, per_second: Some(EVENTS_PER_SECOND), ago: HOUR };
    load(&house, "at 60,000 a second", &load_of, nothing)
}

/// What is sent.
pub(crate) struct Load {
    /// The number of the first event: none of them was sent before.
    pub(crate) first: u64,
    /// How many events, unless it is ended before.
    pub(crate) events: u64,
    /// At which pace; `None`: as fast as answers come.
    pub(crate) per_second: Option<u64>,
    /// At most so long before they are sent they happened.
    pub(crate) ago: Duration,
}

/// Nothing is done while events are sent.
pub(crate) fn nothing(_: &House, _: &AtomicBool) -> Result<()> {
    Ok(())
}

/// Sends events and prints what was seen. What is done `meanwhile` may end it, by saying so.
pub(crate) fn load(
    house: &House,
    how: &str,
    what: &Load,
    meanwhile: impl FnOnce(&House, &AtomicBool) -> Result<()>,
) -> Result<()> {
    let shop = Shop { customers: CUSTOMERS, ago: what.ago };
    let mut all = batches(&house.write_key, (CLIENTS * BATCHES_EACH, BATCH_EVENTS), shop);
    let (next, enough, ended) = (AtomicU64::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let begun_cores = process::cores(house.process())?;
    let begun = Instant::now();
    let (seen, took, fresh) = std::thread::scope(|scope| -> Result<_> {
        let looking = scope.spawn(|| watch_freshness(house, what.first, &ended));
        let clients: Vec<_> = all
            .chunks_mut(usize::try_from(BATCHES_EACH)?)
            .map(|mine| {
                let (next, enough, url) = (&next, &enough, house.url.as_str());
                scope.spawn(move || client(url, mine, (next, enough), (what, begun)))
            })
            .collect();
        let meanwhile = meanwhile(house, &enough);
        enough.fetch_or(meanwhile.is_err(), Ordering::SeqCst);
        let mut seen = Seen::default();
        for client in clients {
            let one = client.join().expect("a client does not panic")?;
            seen.answers.extend(one.answers);
            seen.refused += one.refused;
        }
        let took = begun.elapsed();
        ended.store(true, Ordering::SeqCst);
        meanwhile?;
        Ok((seen, took, looking.join().expect("looking does not panic")?))
    })?;
    let used = process::cores(house.process())? - begun_cores;
    let events = seen.answers.len() as u64 * BATCH_EVENTS;
    let (rate, each) = (events as f64 / took.as_secs_f64(), used.as_secs_f64() * 1e6 / events as f64);
    line(
        &format!("HTTP, {CLIENTS} clients, batches of {BATCH_EVENTS}, {how}"),
        &format!("{rate:.0}/s"),
        &format!("{each:.2} µs an event, {} refused", seen.refused),
    );
    show("  answer", seen.answers);
    show("  acknowledged until a question sees it", fresh);
    Ok(())
}

fn client(
    url: &str,
    batches: &mut [Batch],
    (next, enough): (&AtomicU64, &AtomicBool),
    (what, begun): (&Load, Instant),
) -> Result<Seen> {
    let mut connection = Connection::open(url)?;
    let mut seen = Seen::default();
    for turn in 0.. {
        let batch = &mut batches[turn % batches.len()];
        let first = next.fetch_add(batch.len() as u64, Ordering::Relaxed);
        if first >= what.events || enough.load(Ordering::SeqCst) {
            break;
        }
        // At a pace an answer is late from the instant at which its request was due.
        let due = match what.per_second {
            Some(pace) => begun + Duration::from_secs_f64(first as f64 / pace as f64),
            None => Instant::now(),
        };
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let request = batch.renewed(what.first + first);
        loop {
            match connection.send(request)? {
                200 => break,
                429 => seen.refused += 1,
                status => anyhow::bail!("the server answered {status}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        seen.answers.push(due.elapsed());
    }
    Ok(seen)
}

/// Tells of somebody new from time to time, and how long after the answer a question counts them.
fn watch_freshness(house: &House, load: u64, ended: &AtomicBool) -> Result<Vec<Duration>> {
    let beacon = format!("{BEACON} {load}");
    let question = json!({ "condition": { "text": format!("did \"{beacon}\"") } });
    let mut fresh = Vec::new();
    for number in 1_u64.. {
        let body = json!({ "userId": format!("beacon-{number}"), "event": beacon });
        while house.track("/v1/track", &body)?.status != 200 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let acknowledged = Instant::now();
        while house.post("/api/v1/ask/count", &question)?.body["customers"].as_u64() < Some(number) {
            std::thread::sleep(Duration::from_millis(10));
        }
        fresh.push(acknowledged.elapsed());
        if ended.load(Ordering::SeqCst) {
            break;
        }
        std::thread::sleep(LOOK);
    }
    Ok(fresh)
}

/// Waits until every event is counted: nothing of what was acknowledged is missing.
pub(crate) fn settle(house: &House, events: u64) -> Result<()> {
    let told = |page: &Value| {
        let items = page["items"].as_array().into_iter().flatten();
        let sent = items.filter(|it| !it["name"].as_str().unwrap_or_default().starts_with(BEACON));
        sent.filter_map(|it| it["events"].as_u64()).sum::<u64>()
    };
    let page = house.wait("/api/v1/data/events?limit=1000", |page| told(page) >= events)?;
    ensure!(told(&page) == events, "{} events were sent, {} are counted", events, told(&page));
    Ok(())
}

fn show(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |percent: usize| {
        took.get((took.len() * percent / 100).min(took.len() - 1)).copied().unwrap_or_default()
    };
    let ms = |took: Duration| format!("{:.0} ms", took.as_secs_f64() * 1e3);
    line(
        &format!("{what}, 99 of 100 within"),
        &ms(at(99)),
        &format!("half within {}, longest {}", ms(at(50)), ms(at(100))),
    );
}
