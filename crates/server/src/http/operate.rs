//! Health, metrics, the description of the API.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use api::operate::Health;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::app::App;
use super::failure::Answer;
use super::metrics::{by_code, number};
use crate::Workspace;

/// Whether the server works.
pub(super) async fn health_fetch(State(app): State<Arc<App>>) -> Answer<Health> {
    let now = app.house.now();
    let behind = app.house.workspaces().map(|workspace| now.since_ms(workspace.engine.snapshot().1)).max();
    let missing = |it: &Arc<Workspace>| it.engine.snapshot().0.missing().len();
    let status = match app.house.workspaces().map(missing).sum() {
        0 => "ok".to_owned(),
        parts => format!("{parts} damaged parts: answers about them say what is missing, see the log"),
    };
    Ok(axum::Json(Health {
        status,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        behind_ms: u64::try_from(behind.unwrap_or_default()).unwrap_or_default(),
    }))
}

/// Numbers for Prometheus.
pub(super) async fn metrics_fetch(State(app): State<Arc<App>>) -> impl IntoResponse {
    let mut text = app.metrics.text();
    let sum =
        |count: fn(&crate::engine::Handle) -> u64| app.house.workspaces().map(|it| count(&it.engine)).sum();
    let facts = "omotenashi_facts_accepted_total";
    let told = sum(|engine| engine.counters().accepted.load(Ordering::Relaxed));
    number(&mut text, facts, "counter", ("Facts on disk since the start.", told));
    let told = sum(|engine| engine.counters().duplicate.load(Ordering::Relaxed));
    number(&mut text, "omotenashi_facts_duplicate_total", "counter", ("Facts that were told before.", told));
    let told = sum(|engine| engine.counters().rejected.load(Ordering::Relaxed));
    number(
        &mut text,
        "omotenashi_records_rejected_total",
        "counter",
        ("Records that were not admitted.", told),
    );
    let told = sum(|engine| engine.counters().overloaded.load(Ordering::Relaxed));
    number(&mut text, "omotenashi_overloaded_total", "counter", ("Requests told to come back later.", told));
    let told = sum(|engine| engine.counters().held_up_us.load(Ordering::Relaxed));
    let help = "How long steps of an engine took that held it up; RUST_LOG=server=debug names them.";
    number(&mut text, "omotenashi_held_up_microseconds_total", "counter", (help, told));
    let refused = app.refusals.counts().into_iter().map(|(code, count)| (code.word(), count));
    by_code(&mut text, refused);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

/// The description of the API.
pub(super) async fn openapi_fetch() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], api::openapi::text())
}
