//! CleverTap's upload API: each record gets its own answer, with their codes.

use std::sync::Arc;

use ::ingest::clevertap::{self, Answer as Uploaded, Options};
use ::ingest::{Desk, limits};
use axum::Json as Reply;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use model::SourceId;

use super::app::App;
use super::body;
use super::failure::{Answer, Failure};
use super::ingest::{missing_key, refuse, take, unknown_key};
use crate::Workspace;

/// The header that holds the write key; their name for it.
pub(super) const PASSCODE: &str = "x-clevertap-passcode";
/// The header that makes a repeated upload the same upload.
const IDEMPOTENCY: &str = "idempotency-key";

/// `/1/upload`. Their client sends an account id and a passcode; the passcode is the write key.
pub(super) async fn clever_tap_upload(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Answer<Uploaded> {
    let (workspace, source) = sender(&app, &headers)?;
    let bytes = body::read(&headers, body, limits::UPLOAD_BYTES_MAX).await?;
    let desk = Desk { source, received_at: app.house.now() };
    let options = Options {
        dry_run: uri.query().is_some_and(asks_dry_run),
        idempotency_key: headers.get(IDEMPOTENCY).and_then(|key| key.to_str().ok()),
    };
    match clevertap::upload(&bytes, &desk, options) {
        Ok(upload) if options.dry_run => Ok(Reply(upload.answer)),
        Ok(upload) => {
            take(&app, workspace, source, (upload.admission.facts, upload.admission.rejects)).await?;
            Ok(Reply(upload.answer))
        }
        Err(refusal) => Err(refuse(&app, workspace, source, (&refusal, &bytes)).await),
    }
}

/// `?dryRun=1` or `?dryRun=true`.
fn asks_dry_run(query: &str) -> bool {
    query.split('&').any(|pair| matches!(pair, "dryRun=1" | "dryRun=true" | "dryRun"))
}

fn sender<'a>(app: &'a App, headers: &HeaderMap) -> Result<(&'a Arc<Workspace>, SourceId), Failure> {
    let passcode = headers.get(PASSCODE).and_then(|value| value.to_str().ok());
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let bearer = authorization.and_then(|value| value.strip_prefix("Bearer "));
    let key =
        passcode.or(bearer).ok_or_else(|| missing_key(PASSCODE, "send it as the passcode of the account"))?;
    app.write_key(key).ok_or_else(|| unknown_key(PASSCODE, key))
}
