//! Measures columns and questions: `cargo run --release -p bench --bin questions -- 5` for five million events.
#![expect(clippy::print_stdout, reason = "the table is the product")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::time::{Duration, Instant as Clock};

use bench::generate::{END, Events};
use columnar::{
    Columns, CustomerSet, LaneSet, Manifest, Options, Order, RowFilter, RowMask, Snapshot, Span, Story,
    Table, for_each_lane,
};
use jiff::tz::TimeZone;
use model::{CustomerId, Instant};
use questions::{By, Period, Rfm, Scope, Trend, count, rfm, trend};

const BATCH: usize = 20_000;
const SEAL_ROWS: usize = 1_000_000;

fn main() -> anyhow::Result<()> {
    let millions: u64 = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    let (events, customers) = (millions * 1_000_000, millions * 40_000);
    let dir = tempfile::tempdir()?;
    println!("{events} events, {customers} customers");
    let mut columns = Columns::open(dir.path(), &Manifest::default(), Options::default())?;
    let mut generated = Events::new(events, customers);
    let (mut append, mut snapshot, mut seal, mut compact) = Default::default();
    loop {
        let batch: Vec<_> = generated.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        timed(&mut append, || columns.append(batch));
        timed(&mut snapshot, || columns.snapshot());
        if columns.recent_rows() >= SEAL_ROWS {
            let manifest = timed(&mut seal, || columns.seal())?;
            columns.sweep(&manifest);
        }
        while let Some(plan) = columns.plan_compaction() {
            let compacted = timed(&mut compact, || plan.run())?;
            columns.adopt(compacted);
        }
    }
    let manifest = timed(&mut seal, || columns.seal())?;
    columns.sweep(&manifest);
    let parts: u64 = manifest.parts.iter().map(|part| part.bytes).sum();
    println!(
        "parts: {}, bytes an event: {}.{}",
        manifest.parts.len(),
        parts / events,
        parts * 10 / events % 10
    );
    for (what, took) in [("append", append), ("freeze", snapshot), ("seal", seal), ("compact", compact)] {
        println!(
            "{what:<40} {:>9.1} ms {:>7.0} ns/event",
            ms(took),
            took.as_secs_f64() * 1e9 / events as f64
        );
    }
    drop(columns);
    let mut open = Duration::ZERO;
    let mut columns = timed(&mut open, || Columns::open(dir.path(), &manifest, Options::default()))?;
    println!("{:<40} {:>9.1} ms", "open, checksums verified", ms(open));
    ask(&columns.snapshot());
    Ok(())
}

fn ask(snapshot: &Snapshot) {
    let purchases = |span| Scope::of("event:purchase", span);
    let month = Span::last(30 * Instant::DAY_MS, END);
    let ever = Span { after: Instant::from_ms(0), until: END };
    let rfm_of =
        |span, transitions| Rfm { scope: purchases(span), amount: Some("amount".into()), transitions };
    show("rfm, everything", || rfm(snapshot, &rfm_of(ever, false)).total.customers);
    show("rfm, 30 days, with moves", || rfm(snapshot, &rfm_of(month, true)).total.customers);
    show("shoes twice in 30 days, not uninstalled", || {
        let bought = at_least(snapshot, "event:purchase", month, &is_shoes, 2);
        let quarter = Span::last(90 * Instant::DAY_MS, END);
        (bought - &count(snapshot, &Scope::of("event:app_uninstall", quarter)).customers).len()
    });
    let daily = Trend {
        scope: Scope::any_event(Span { after: Instant::from_ms(0), until: END }),
        period: Period::Day,
        zone: TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC),
        measure: None,
        by: By::Event,
    };
    let days = Span { after: Instant::from_ms(bench::generate::START_MS - 1), until: END };
    let daily = Trend { scope: Scope::any_event(days), ..daily };
    show("daily events and customers by event", || {
        trend(snapshot, &daily).map_or(0, |answer| answer.series.len() * answer.buckets.len())
    });
    let story = Story { span: Span::EVER, order: Order::NewestFirst, after: None, limit: 100 };
    show("one customer's story", || snapshot.story(CustomerId::from_number(77), &story).len());
    show("everybody", || snapshot.customers(END).len());
}

fn is_shoes(table: &Table, rows: std::ops::Range<usize>) -> RowMask {
    let Some(words) = table.property("category").text else { return RowMask::new_unset(rows.len()) };
    let Some(shoes) = words.find("shoes") else { return RowMask::new_unset(rows.len()) };
    RowMask::collect_bool(rows.len(), |row| words.key(rows.start + row) == Some(shoes))
}

/// Who has at least so many rows of a stream that pass a filter.
fn at_least(snapshot: &Snapshot, stream: &str, span: Span, filter: RowFilter<'_>, least: u32) -> CustomerSet {
    let Some(stream) = snapshot.stream(stream) else { return CustomerSet::new() };
    let lanes = for_each_lane(|lane| {
        let mut counts = vec![0_u32; snapshot.ordinals(lane)];
        for view in stream.views() {
            let all = view.lane_rows(lane);
            let mask = filter(view.table(), all.clone());
            for row in view.lane(lane).flatten() {
                let counts = &mut counts[view.customer(row).ordinal() as usize];
                *counts += u32::from(span.contains(view.times()[row]) && mask.value(row - all.start));
            }
        }
        LaneSet::from_test(counts.len(), |ordinal| counts[ordinal] >= least)
    });
    CustomerSet::from_lanes(lanes)
}

/// The best of several runs, and the mean time that all cores together spent on one: on a busy machine the second says
/// more.
fn show(what: &str, mut run: impl FnMut() -> usize) {
    const RUNS: u32 = 20;
    let mut best = Duration::MAX;
    let mut answer = 0;
    let cpu_before = cpu();
    for _ in 0..RUNS {
        let start = Clock::now();
        answer = run();
        best = best.min(start.elapsed());
    }
    let cpu = (cpu() - cpu_before) / RUNS;
    println!("{what:<40} {:>9.2} ms  {:>9.2} ms of all cores  = {answer}", ms(best), ms(cpu));
}

/// What this process has used of all cores so far, to ten milliseconds.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

/// Adds what a run used of all cores.
fn timed<T>(total: &mut Duration, run: impl FnOnce() -> T) -> T {
    let before = cpu();
    let result = run();
    *total += cpu() - before;
    result
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
