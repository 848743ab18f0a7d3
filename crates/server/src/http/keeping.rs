//! For how long events are kept: what would go when it changes, and that nothing goes which nobody meant.

use std::sync::Arc;

use api::settings::{
    KEEP_EVENTS_MONTHS_MAX, KEEP_EVENTS_MONTHS_MIN, KeepingAnswer, KeepingMonth, KeepingQuery, Settings,
};
use api::{Problem, Word};
use axum::Json as Reply;
use axum::extract::State;
use columnar::Snapshot;
use model::{ErrorKind, Instant, stream};

use super::app::App;
use super::blocking;
use super::body::Query;
use super::caller::Caller;
use super::failure::{Answer, Failure};
use crate::engine::kept_from;

/// What would be removed if events were kept for so many months.
pub(super) async fn settings_retention(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<KeepingQuery>,
) -> Answer<KeepingAnswer> {
    checked("months", query.months)?;
    let (snapshot, now) = (caller.engine().snapshot().0, app.house.now());
    blocking(move || Reply(removed(&snapshot, query.months, now))).await
}

/// Refuses a number of months that is none.
pub(super) fn checked(field: &str, months: Option<u32>) -> Result<(), Failure> {
    let bounds = KEEP_EVENTS_MONTHS_MIN..=KEEP_EVENTS_MONTHS_MAX;
    let Some(months) = months.filter(|months| !bounds.contains(months)) else { return Ok(()) };
    let detail = format!("events are kept for {KEEP_EVENTS_MONTHS_MIN} to {KEEP_EVENTS_MONTHS_MAX} months");
    let fix = "choose a number between, or leave it out to keep them for ever";
    Err(Failure::of(Problem::invalid(field, detail).value(months).fix(fix)))
}

/// Refuses settings by which events would go that somebody has, unless that is meant.
pub(super) async fn meant(
    app: &App,
    caller: &Caller,
    (before, now): (&Settings, &Settings),
    is_meant: bool,
) -> Result<(), Failure> {
    let length = |settings: &Settings| settings.keep_events_months.unwrap_or(u32::MAX);
    if is_meant || length(now) >= length(before) {
        return Ok(());
    }
    let (months, snapshot, at) = (now.keep_events_months, caller.engine().snapshot().0, app.house.now());
    let removed = blocking(move || removed(&snapshot, months, at)).await?;
    let (Some(first), Some(last)) = (removed.by_month.first(), removed.by_month.last()) else {
        return Ok(());
    };
    let detail = format!(
        "{} events from `{}` to `{}` would be removed for good",
        removed.events, first.month, last.month
    );
    let problem = Problem::new(ErrorKind::Conflict, detail).field("remove_events").value(false);
    Err(Failure::of(problem.fix("send `remove_events: true` if that is meant, or keep events longer")))
}

fn removed(snapshot: &Snapshot, months: Option<u32>, now: Instant) -> KeepingAnswer {
    let from = months.map(|months| kept_from(now, months));
    let is_event = |name: &str| stream::event_name(name).is_some();
    let by_month = from.map(|from| snapshot.rows_before(from, is_event)).unwrap_or_default();
    let name = |month: &Instant| month.timestamp().strftime("%Y-%m").to_string();
    let by_month: Vec<KeepingMonth> =
        by_month.iter().map(|(month, events)| KeepingMonth { month: name(month), events: *events }).collect();
    KeepingAnswer {
        kept_from: from.map(Word),
        events: by_month.iter().map(|month| month.events).sum(),
        by_month,
        removed_before: Some(snapshot.kept_from()).filter(|from| *from > Instant::MIN).map(Word),
    }
}
