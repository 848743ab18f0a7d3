//! What surrounds every request: its number, its log line, the body of its problem (a page where customers read it), the
//! headers that keep browsers safe.

use std::sync::Arc;

use api::Problem;
use api::hosted::is_for_customers;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::response::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::app::App;
use super::failure::{Failure, of_status};
use super::page::{self, Language};
use super::refusals::Visitor;

/// The header that carries the number of a request.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// How long to wait when we are busy or something is away, in seconds, unless the handler says otherwise.
const RETRY_AFTER_S: &str = "1";

/// How much of a framework's own words is read to make a problem of them.
const WORDS_BYTES_MAX: usize = 1000;

/// What pages may do. Scripts come only from us; pictures also from https, because previews of messages show them;
/// styles may stand in the page, because messages have theirs there.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: https:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const SAFETY: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

/// Surrounds a request.
pub(super) async fn surround(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begun_us = app.house.clock.elapsed_us();
    let id = format!("r{:x}-{:x}", app.house.now().ms(), app.metrics.next_request());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let visitor = Visitor::of(&request);
    let customer = is_for_customers(&path).then(|| Language::asked(request.headers()));
    let mut response = match failed(next.run(request).await).await {
        Ok(response) => response,
        Err((parts, failure)) => {
            let is_kept = failure.is_kept();
            let problem = Problem { request_id: Some(id.clone()), ..failure.problem() };
            if !is_kept {
                app.refusals.note(&app, visitor, &problem);
            }
            let body = customer.map_or_else(|| as_json(&problem), |language| as_page(language, &problem));
            spell_out(parts, body)
        }
    };
    protect(response.headers_mut());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let took_us = app.house.clock.elapsed_us().saturating_sub(begun_us);
    let status = response.status().as_u16();
    app.metrics.answered(status, took_us);
    tracing::debug!(id, %method, path, status, took_us, "answered");
    response
}

/// The failure that an answer tells of, also one that the framework found by itself; or the answer as it is.
async fn failed(response: Response) -> Result<Response, (Parts, Failure)> {
    let (mut parts, body) = response.into_parts();
    match parts.extensions.remove::<Failure>() {
        Some(failure) => Err((parts, failure)),
        None if is_bare_error(parts.status, &parts.headers) => {
            let words = axum::body::to_bytes(body, WORDS_BYTES_MAX).await.unwrap_or_default();
            let problem = of_status(parts.status, &String::from_utf8_lossy(&words));
            Err((parts, Failure::of(problem)))
        }
        None => Ok(Response::from_parts(parts, body)),
    }
}

/// A problem as programs read it: its media type and bytes.
fn as_json(problem: &Problem) -> (&'static str, Body) {
    let json = serde_json::to_vec(problem).expect("a problem has a JSON form");
    ("application/problem+json", Body::from(json))
}

/// A problem as customers read it: its media type and bytes.
fn as_page(language: Language, problem: &Problem) -> (&'static str, Body) {
    ("text/html; charset=utf-8", Body::from(page::wrong(language, problem)))
}

/// The answer that says what went wrong.
fn spell_out(mut parts: Parts, (media, body): (&'static str, Body)) -> Response {
    if matches!(parts.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        parts.headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static(RETRY_AFTER_S));
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body)
}

fn is_bare_error(status: StatusCode, headers: &HeaderMap) -> bool {
    let plain = headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value.to_str().is_ok_and(|value| value.starts_with("text/plain")));
    plain && (status.is_client_error() || status.is_server_error())
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in SAFETY {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;
    use crate::engine::Error;

    async fn check(error: Error, status: u16, fix: &str) {
        let failed = failed(Failure::from(error).into_response()).await;
        let (parts, failure) = failed.expect_err("it tells of a failure");
        let response = spell_out(parts, as_json(&failure.problem()));
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()[header::RETRY_AFTER], RETRY_AFTER_S);
        let body = axum::body::to_bytes(response.into_body(), WORDS_BYTES_MAX).await.expect("a short body");
        let problem: serde_json::Value = serde_json::from_slice(&body).expect("a problem is JSON");
        assert_eq!(problem["fix"], fix);
    }

    #[tokio::test]
    async fn a_full_inbox_and_a_full_disk_say_when_to_come_back() {
        check(Error::Overloaded, 429, "send it again after a moment; nothing of it was taken").await;
        let full = Error::Journal { kind: model::ErrorKind::Unavailable, reason: "no space left".into() };
        check(full, 503, "send it again when the server's disk has room").await;
    }
}
