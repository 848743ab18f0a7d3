//! A question that nobody waits for any more ends soon; one that somebody waits for says how far it is.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

mod support;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use columnar::{RowMask, Snapshot, Span, Table};
use jiff::tz::TimeZone;
use model::Instant;
use questions::{
    By, Counting, Direction, Funnel, Occurrence, Pace, Paths, Period, Retention, Rfm, Scope, StepOrder,
    Trend, count, funnel, paths, retention, rfm, trend,
};
use support::{Event, START_MS, World};

const SPAN: Span =
    Span { after: Instant::from_ms(START_MS - 1), until: Instant::from_ms(START_MS + Instant::DAY_MS) };
const PEOPLE: u32 = 200;

/// Everybody did `a`, then `b`: rows in every lane.
fn snapshot(dir: &std::path::Path) -> Snapshot {
    let event = |person, at, name| Event { person, at: START_MS + at, name, amount: None, category: None };
    let events = (0..PEOPLE).flat_map(|person| [event(person, 0, "a"), event(person, 1, "b")]);
    World { events: events.collect(), moves: Vec::new(), seal_after: 0 }.snapshot(dir)
}

/// Asks every question about rows of this scope.
fn ask_all(snapshot: &Snapshot, rows: &Scope<'_>) {
    count(snapshot, rows);
    let (period, zone) = (Period::Day, TimeZone::UTC);
    let question = Trend { scope: rows.clone(), period, zone: zone.clone(), measure: None, by: By::Nothing };
    trend(snapshot, &question).unwrap();
    for order in [StepOrder::Ordered, StepOrder::Strict, StepOrder::Any] {
        let steps = vec![vec![rows.clone()], vec![rows.clone()]];
        let question = Funnel { steps, span: SPAN, among: None, window_ms: Instant::DAY_MS, order };
        funnel(snapshot, &question).unwrap();
    }
    let (start, back) = (rows.clone(), rows.clone());
    let counting = Counting::Calendar;
    retention(snapshot, &Retention { start, back, period, zone, counting }).unwrap();
    let question = Paths {
        anchor: rows.clone(),
        occurrence: Occurrence::Each,
        direction: Direction::After,
        events: rows.clone(),
        steps: 3,
        within_ms: Instant::DAY_MS,
        collapse: false,
        top: 10,
    };
    paths(snapshot, &question).unwrap();
    rfm(snapshot, &Rfm { scope: rows.clone(), amount: None, transitions: true });
}

#[test]
fn no_question_reads_a_row_when_nobody_waits() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = snapshot(dir.path());
    let looked = AtomicUsize::new(0);
    let filter = |_: &Table, rows: Range<usize>| {
        looked.fetch_add(1, Ordering::Relaxed);
        RowMask::collect_bool(rows.len(), |_| true)
    };
    let pace = Pace::default();
    let rows = Scope::any_event(SPAN).filtered(&filter).paced(&pace);
    ask_all(&snapshot, &rows);
    assert!(looked.swap(0, Ordering::Relaxed) > 0, "somebody waits");
    pace.stop();
    ask_all(&snapshot, &rows);
    assert_eq!(looked.into_inner(), 0);
}

#[test]
fn a_question_that_is_stopped_under_way_ends_with_the_rows_it_is_at() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = snapshot(dir.path());
    let (pace, looked) = (Pace::default(), AtomicUsize::new(0));
    let stopping = |_: &Table, rows: Range<usize>| {
        looked.fetch_add(1, Ordering::Relaxed);
        pace.stop();
        RowMask::collect_bool(rows.len(), |_| true)
    };
    let stopped = count(&snapshot, &Scope::any_event(SPAN).filtered(&stopping).paced(&pace));
    assert!(pace.is_stopped() && stopped.events < u64::from(2 * PEOPLE));
    // Each core was at most at the rows of one lane of one table when somebody stopped it.
    assert!(looked.into_inner() <= available_parallelism().unwrap().get());
}

#[test]
fn progress_counts_the_rows_that_were_announced() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = snapshot(dir.path());
    let pace = Pace::default();
    pace.expect(1_000);
    assert_eq!(pace.progress(), (0, 1_000));
    count(&snapshot, &Scope::any_event(SPAN).paced(&pace));
    assert_eq!(pace.progress(), (u64::from(2 * PEOPLE), 1_000));
}
