//! What customers see: leaving with one click, preferences, tracked links. The signed token is the only proof.
//!
//! An opt-out has taken effect before its answer leaves.

use std::sync::Arc;

use api::Problem;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use delivery::News;
use delivery::token::Token;
use model::{MessageId, Text};

use super::app::App;
use super::failure::Failure;
use super::page::Language;
use super::{body, page};
use crate::Workspace;
use crate::receipts::{self, Preferences};

/// The largest form that a customer sends.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// A transparent picture of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Asks whether the customer wants to leave; changes nothing, because machines follow links in advance.
pub(super) async fn unsubscribe_page(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (workspace, found) = read(&app, &token)?;
    let message = leaving(&found)?;
    let language = language(&workspace, message, &headers).await;
    Ok(page::html(&page::ask_to_leave(language, &workspace.name)))
}

/// The customer leaves, at once and everywhere (RFC 8058).
pub(super) async fn unsubscribe_one_click(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let (workspace, found) = read(&app, &token)?;
    let message = leaving(&found)?;
    let form = form(&headers, body).await?;
    let one_click = form.iter().any(|(name, value)| name == "List-Unsubscribe" && value == "One-Click");
    let door = if one_click { "one_click" } else { "link" };
    receipts::take(&workspace, message, News::Unsubscribed { door: door.into(), topic: None }).await?;
    let language = language(&workspace, message, &headers).await;
    Ok(page::html(&page::left(language, &workspace.name)))
}

/// What the customer wants to hear about.
pub(super) async fn preference_page(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (workspace, found) = read(&app, &token)?;
    let message = preferring(&found)?;
    let preferences = receipts::preferences(&workspace, message).await?;
    let language = told(preferences.locale.clone(), &headers);
    Ok(page::html(&page::preferences(language, &workspace.name, (&preferences, false))))
}

/// Records what the customer wants.
pub(super) async fn preference_save(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let (workspace, found) = read(&app, &token)?;
    let message = preferring(&found)?;
    let form = form(&headers, body).await?;
    let before = receipts::preferences(&workspace, message).await?;
    let ticked = |name: &str, value: &str| form.iter().any(|(n, v)| n == name && v == value);
    let topics = before.topics.iter().map(|(topic, _)| (topic.clone(), ticked("topic", topic)));
    let chosen = Preferences {
        locale: before.locale.clone(),
        purpose: (before.purpose.0, ticked("purpose", before.purpose.0.word())),
        topics: topics.collect(),
    };
    receipts::prefer(&workspace, message, chosen.clone()).await?;
    let language = told(before.locale, &headers);
    Ok(page::html(&page::preferences(language, &workspace.name, (&chosen, true))))
}

/// The message was seen. The picture comes whatever happens: a broken one helps nobody.
pub(super) async fn open_pixel(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    if let Ok((workspace, Token::Open(message))) = read(&app, &token)
        && let Err(error) = receipts::take(&workspace, message, News::Opened).await
    {
        tracing::debug!(%error, "an open was not taken");
    }
    ([(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store")], PIXEL).into_response()
}

/// The link was followed: leads on, also when the receipt cannot be taken now.
pub(super) async fn link_follow(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let (workspace, found) = read(&app, &token)?;
    let Token::Click { message, url, .. } = found else { return Err(other_link()) };
    if let Err(error) = receipts::take(&workspace, message, News::Clicked { url: url.clone() }).await {
        tracing::debug!(%error, "a click was not taken");
    }
    let target = HeaderValue::from_str(&url).map_err(|_| other_link())?;
    Ok((StatusCode::FOUND, [(header::LOCATION, target)]).into_response())
}

/// Whose token it is: the workspace whose key signed it.
fn read(app: &App, token: &str) -> Result<(Arc<Workspace>, Token), Failure> {
    let mut refused = None;
    for workspace in app.house.workspaces() {
        match receipts::read(workspace, token) {
            Ok(found) => return Ok((Arc::clone(workspace), found)),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.map_or_else(other_link, Failure::from))
}

fn leaving(token: &Token) -> Result<MessageId, Failure> {
    match token {
        Token::Unsubscribe(message) => Ok(*message),
        Token::Preferences(_) | Token::Open(_) | Token::Click { .. } => Err(other_link()),
    }
}

fn preferring(token: &Token) -> Result<MessageId, Failure> {
    match token {
        Token::Preferences(message) => Ok(*message),
        Token::Unsubscribe(_) | Token::Open(_) | Token::Click { .. } => Err(other_link()),
    }
}

fn other_link() -> Failure {
    let problem = Problem::invalid("token", "this is not a link of this kind");
    Failure::of(problem.fix("copy the whole link from the message"))
}

/// The language of the customer's profile, else of their browser.
async fn language(workspace: &Workspace, message: MessageId, headers: &HeaderMap) -> Language {
    let known = receipts::preferences(workspace, message).await.ok().and_then(|found| found.locale);
    told(known, headers)
}

fn told(known: Option<Text>, headers: &HeaderMap) -> Language {
    known.map_or_else(|| Language::asked(headers), |known| Language::of(&known))
}

/// The pairs of a form.
async fn form(headers: &HeaderMap, body: Body) -> Result<Vec<(String, String)>, Failure> {
    let bytes = body::read(headers, body, FORM_BYTES_MAX).await?;
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    Ok(pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(n, v)| (decoded(n), decoded(v)))
        .collect())
}

/// Undoes percent encoding as forms use it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%');
        let byte = escaped.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        rest = if byte.is_some() { &after[2..] } else { after };
        bytes.push(byte.unwrap_or(if *first == b'+' { b' ' } else { *first }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded() {
        assert_eq!(decoded("a+b%20%E9%9D%B4%2"), "a b 靴%2");
    }
}
