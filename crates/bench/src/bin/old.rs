//! What the generated events take as hot and as old parts, and what a question about old ones costs: `old [MILLIONS]`.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::sync::Arc;
use std::time::Instant as Watch;

use bench::generate::{END, Events, START};
use bench::measure::memory_peak;
use columnar::{Columns, Manifest, MemoryShelf, Options};
use jiff::tz::TimeZone;
use model::Instant;
use questions::{By, Period, Scope, Trend, trend};

/// As many rows come in together.
const BATCH: usize = 20_000;
/// So many recent rows make a checkpoint.
const SEAL_ROWS: usize = 1_000_000;

#[expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "a measurement looks at a watch, and bytes an event are no exact numbers"
)]
fn main() -> anyhow::Result<()> {
    let millions: u64 = std::env::args().nth(1).map_or(Ok(10), |text| text.parse())?;
    let events = millions * 1_000_000;
    let dir = tempfile::tempdir()?;
    let ages = |stream: &str| stream.starts_with("event:");
    let options = Options { shelf: Some(Arc::new(MemoryShelf::default())), ages, ..Options::default() };
    let mut columns = Columns::open(dir.path(), &Manifest::default(), options)?;
    let mut generated = Events::new(events, events / 25);
    loop {
        let batch: Vec<_> = generated.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        columns.append(batch);
        if columns.recent_rows() >= SEAL_ROWS {
            let manifest = columns.seal()?;
            columns.sweep(&manifest);
        }
        while let Some(plan) = columns.plan_compaction() {
            columns.adopt(plan.run()?);
        }
    }
    let bytes =
        |columns: &Columns| columns.parts().map(|part| part.bytes).sum::<u64>() as f64 / events as f64;
    columns.seal()?;
    println!("{millions} million events, hot: {:.2} bytes an event", bytes(&columns));
    ask("hot", &mut columns);
    let watch = Watch::now();
    while let Some(plan) = columns.plan_aging(Instant::MAX) {
        columns.adopt(plan.run()?);
    }
    let took_ns = watch.elapsed().as_nanos() as f64 / events as f64;
    columns.seal()?;
    while let Some(plan) = columns.plan_compaction() {
        columns.adopt(plan.run()?);
    }
    let (old, hot) = (columns.parts()).partition::<Vec<_>, _>(|part| part.stream.starts_with("event:"));
    let sum = |parts: &[&columnar::PartEntry]| {
        parts.iter().map(|part| part.bytes).sum::<u64>() as f64 / events as f64
    };
    println!(
        "old: {:.2} bytes an event in {} parts, and {:.2} of who was first seen when",
        sum(&old),
        old.len(),
        sum(&hot)
    );
    println!("to the shelf: {took_ns:.0} ns an event on one core");
    ask("old, first time", &mut columns);
    ask("old, again", &mut columns);
    println!("peak memory: {} MiB, the shelf included", memory_peak() >> 20);
    Ok(())
}

/// Daily purchases by category.
#[expect(clippy::disallowed_methods, reason = "a measurement looks at a watch")]
fn ask(what: &str, columns: &mut Columns) {
    let span = model_span();
    let question = Trend {
        scope: Scope::of("event:purchase", span),
        period: Period::Day,
        zone: TimeZone::UTC,
        measure: None,
        by: By::Property { name: "category".into(), top: 20 },
    };
    let snapshot = columns.snapshot();
    let watch = Watch::now();
    let answer = trend(&snapshot, &question);
    let (ms, crowded) = (watch.elapsed().as_millis(), snapshot.crowded());
    println!(
        "{what}: {} series in {ms} ms; no room: {crowded:?}",
        answer.map_or(0, |answer| answer.series.len())
    );
}

fn model_span() -> columnar::Span {
    columnar::Span { after: START.plus_ms(-1), until: END.plus_ms(-1) }
}
