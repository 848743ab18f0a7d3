//! What Segment's browser client asks of its host besides taking events: its settings, and an ear for its own numbers.
//!
//! The client is used unmodified, so the body is its contract: one destination, this server, and nothing that asks
//! another host.

use std::sync::Arc;

use ::ingest::limits;
use api::{Problem, ProblemCode};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use model::ErrorKind;
use serde_json::{Value, json};

use super::app::App;
use super::body;
use super::failure::{Answer, Failure};

/// `/v1/projects/{write_key}/settings`: send to the host that was asked, and measure nothing.
pub(super) async fn settings(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(write_key): Path<String>,
) -> Answer<Value> {
    let Some((workspace, _)) = app.write_key(&write_key) else {
        let problem = Problem::new(ErrorKind::NotFound, "there is no such write key");
        let problem = problem.code(ProblemCode::UnknownWriteKey).field("write_key");
        return Err(Failure::of(problem.value(&write_key).fix("copy the write key from Data → Write keys")));
    };
    let public_url = workspace.document().document.voice().base_url;
    let (protocol, host) = reached(&headers, &public_url);
    Ok(axum::Json(json!({
        "integrations": { "Segment.io": {
            "apiKey": write_key,
            "apiHost": format!("{host}/v1"),
            "protocol": protocol,
            "unbundledIntegrations": [],
        } },
        "plan": { "track": {}, "identify": {}, "group": {} },
        "metrics": { "sampleRate": 0 },
        "remotePlugins": [],
    })))
}

/// Where the client reached us: the host it names, by the protocol a proxy names; else as the settings say.
fn reached<'a>(headers: &'a HeaderMap, public_url: &'a str) -> (&'a str, &'a str) {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (protocol, rest) = public_url.split_once("://").unwrap_or(("https", public_url));
    let host = header(header::HOST.as_str()).unwrap_or(rest);
    (header("x-forwarded-proto").unwrap_or(protocol), host)
}

/// `/v1/m`: numbers of the client about itself. Nobody here wants them, and no browser should complain.
pub(super) async fn metrics(headers: HeaderMap, body: Body) -> Result<(), Failure> {
    body::read(&headers, body, limits::EVENT_BYTES_MAX).await.map(drop)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], expected: (&str, &str)) {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a header's name"), HeaderValue::from_static(value)));
        let headers: HeaderMap = headers.collect();
        assert_eq!(reached(&headers, "https://news.shop.example"), expected);
    }

    #[test]
    fn the_client_sends_where_it_asked() {
        check(&[("host", "events.shop.example")], ("https", "events.shop.example"));
        let plain = [("host", "127.0.0.1:7700"), ("x-forwarded-proto", "http")];
        check(&plain, ("http", "127.0.0.1:7700"));
        check(&[], ("https", "news.shop.example"));
    }
}
