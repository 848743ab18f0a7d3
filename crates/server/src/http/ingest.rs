//! Events in: bytes to the admission desk, facts to the journal, an answer only when they are on disk.

use std::sync::Arc;

use ::ingest::segment::{self, Call};
use ::ingest::{Admission, Desk, Fault, Reason, Refusal, Reject, limits};
use api::ingest::Taken;
use api::{Problem, ProblemCode};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::{ErrorKind, SourceId};

use super::app::App;
use super::body;
use super::failure::{Answer, Failure};
use crate::Workspace;
use crate::engine::{Accepted, Facts, SeenReject};

/// `/v1/track`.
pub(super) async fn track(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    single(&app, Call::Track, (&headers, body)).await
}

/// `/v1/identify`.
pub(super) async fn identify(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    single(&app, Call::Identify, (&headers, body)).await
}

/// `/v1/page`.
pub(super) async fn page(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    single(&app, Call::Page, (&headers, body)).await
}

/// `/v1/screen`.
pub(super) async fn screen(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    single(&app, Call::Screen, (&headers, body)).await
}

/// `/v1/group`.
pub(super) async fn group(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    single(&app, Call::Group, (&headers, body)).await
}

/// `/v1/alias`.
pub(super) async fn alias(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    single(&app, Call::Alias, (&headers, body)).await
}

/// `/v1/batch`.
pub(super) async fn batch(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    several(&app, Call::Batch, (&headers, body)).await
}

/// `/v1/import`.
pub(super) async fn import(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer<Taken> {
    several(&app, Call::Import, (&headers, body)).await
}

/// One event: what is wrong with it is the answer.
async fn single(app: &App, call: Call, (headers, body): (&HeaderMap, Body)) -> Answer<Taken> {
    let bytes = body::read(headers, body, limits::EVENT_BYTES_MAX).await?;
    let (workspace, source) = sender(app, headers, &bytes)?;
    let admission = admit(app, call, &bytes, (workspace, source)).await?;
    match take(app, workspace, source, (admission.facts, admission.rejects)).await? {
        (_, None) => Ok(axum::Json(Taken { success: true })),
        (_, Some(reject)) => Err(Failure::of(rejected(&reject)).kept()),
    }
}

/// Many events: each is admitted or rejected by itself; those that were not stand under Data, rejects.
async fn several(app: &App, call: Call, (headers, body): (&HeaderMap, Body)) -> Answer<Taken> {
    let bytes = body::read(headers, body, limits::BATCH_BYTES_MAX).await?;
    let (workspace, source) = sender(app, headers, &bytes)?;
    let admission = admit(app, call, &bytes, (workspace, source)).await?;
    take(app, workspace, source, (admission.facts, admission.rejects)).await?;
    Ok(axum::Json(Taken { success: true }))
}

async fn admit(
    app: &App,
    call: Call,
    bytes: &[u8],
    (workspace, source): (&Workspace, SourceId),
) -> Result<Admission, Failure> {
    let desk = Desk { source, received_at: app.house.now() };
    match segment::admit(call, bytes, &desk) {
        Ok(admission) => Ok(admission),
        Err(refusal) => Err(refuse(app, workspace, source, (&refusal, bytes)).await),
    }
}

/// A body of which nothing was admitted: counted and visible under Data, too.
pub(super) async fn refuse(
    app: &App,
    workspace: &Workspace,
    source: SourceId,
    (refusal, bytes): (&Refusal, &[u8]),
) -> Failure {
    let reject = SeenReject { at: app.house.now(), source: source.0, reject: as_reject(refusal, bytes) };
    if let Err(error) = workspace.engine.reject(vec![reject]).await {
        return Failure::from(error);
    }
    refused(refusal).kept()
}

fn as_reject(refusal: &Refusal, bytes: &[u8]) -> Reject {
    let (reason, field) = match refusal {
        Refusal::Malformed { .. } | Refusal::Chunk { .. } => (Reason::Malformed, "body"),
        Refusal::Field { field, .. } => (Reason::WrongType, *field),
        Refusal::TooLarge { .. } => (Reason::TooLarge, "body"),
        Refusal::TooMany { .. } => (Reason::TooMany, "body"),
    };
    Reject::new(0, Fault::new(reason, field, refusal.to_string()), bytes)
}

/// Brings what was admitted to disk, then what was not; returns the first reject.
pub(super) async fn take(
    app: &App,
    workspace: &Workspace,
    source: SourceId,
    (facts, rejects): (impl Into<Facts>, Vec<Reject>),
) -> Result<(Accepted, Option<Reject>), Failure> {
    let accepted = workspace.engine.accept(facts).await?;
    app.touch_write_key(source).await;
    let first = rejects.first().cloned();
    if first.is_some() {
        let at = app.house.now();
        let seen = rejects.into_iter().map(|reject| SeenReject { at, source: source.0, reject });
        workspace.engine.reject(seen.collect()).await?;
    }
    Ok((accepted, first))
}

/// Whose write key it is.
pub(super) fn sender<'a>(
    app: &'a App,
    headers: &HeaderMap,
    bytes: &Bytes,
) -> Result<(&'a Arc<Workspace>, SourceId), Failure> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = segment::write_key(authorization, bytes) else {
        let fix =
            "send it as the user name of Basic authentication, as Bearer token, or as `writeKey` in the body";
        return Err(missing_key("writeKey", fix));
    };
    app.write_key(&key).ok_or_else(|| unknown_key("writeKey", &key))
}

/// Nobody said whose events these are.
pub(super) fn missing_key(field: &str, fix: &str) -> Failure {
    let problem = Problem::new(ErrorKind::Unauthorized, "the write key is missing");
    Failure::of(problem.code(ProblemCode::NoWriteKey).field(field).fix(fix))
}

/// Somebody said it wrongly.
pub(super) fn unknown_key(field: &str, key: &str) -> Failure {
    let problem = Problem::new(ErrorKind::Unauthorized, "this is not a write key of ours (any more)");
    let problem = problem.code(ProblemCode::UnknownWriteKey).field(field).value(key);
    Failure::of(problem.fix("copy the write key from Data → Write keys"))
}

fn rejected(reject: &Reject) -> Problem {
    Problem::invalid(reject.field.as_str(), reject.reason.explanation())
        .value(&reject.value)
        .fix(reject.fix())
}

/// The problem for a whole body that was refused.
pub(super) fn refused(refusal: &Refusal) -> Failure {
    let problem = Problem::new(refusal.kind(), refusal.to_string()).field("body");
    Failure::of(match refusal {
        Refusal::Malformed { .. } => problem.code(ProblemCode::BadJson).fix("send one JSON document"),
        Refusal::Field { field, value, expected } => {
            Problem::invalid(*field, *expected).value(value).fix(*expected)
        }
        Refusal::TooLarge { .. } => problem.code(ProblemCode::BodyTooLarge).fix("send less at once"),
        Refusal::TooMany { .. } => problem.code(ProblemCode::TooManyRecords).fix("send less at once"),
        Refusal::Chunk { .. } => problem.fix("send it again with a client of the same version"),
    })
}

/// What a browser asks before a page of another site may send events.
pub(super) async fn preflight() -> impl IntoResponse {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, content-encoding"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, allowed)
}

/// Every site may send events: write keys are no secrets, and no cookie is looked at.
pub(super) async fn share(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
