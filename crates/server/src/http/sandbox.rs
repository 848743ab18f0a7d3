//! The mailbox of the sandbox provider.

use std::sync::Arc;

use api::sandbox::{Header, SandboxMessage, SandboxSummary};
use api::{Page, PageQuery, Problem, Word};
use axum::Json as Reply;
use axum::extract::{Path, State};
use channels::mime;
use channels::sandbox::Letter;
use delivery::RunId;
use delivery::channel::Mailbox;
use model::Channel;

use super::app::App;
use super::body::Query;
use super::caller::Caller;
use super::check;
use super::failure::{Answer, Failure};
use crate::engine::World;

/// What the sandbox provider took, the latest first.
pub(super) async fn sandbox_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Page<SandboxSummary>> {
    let before = check::cursor(page.after.as_deref())?;
    let letters = app.house.mailbox.list(before, page.limit());
    let next = check::next(&letters, page.limit(), |letter| letter.number.to_string());
    let items = caller
        .engine()
        .ask(move |world| letters.iter().map(|letter| summary(world, letter)).collect::<Vec<_>>())
        .await?;
    Ok(Reply(Page { items, next }))
}

/// One message with its headers and parts.
pub(super) async fn sandbox_fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<SandboxMessage> {
    let found = id.parse().ok().and_then(|number| app.house.mailbox.get(number));
    let Some(letter) = found else {
        let problem =
            Problem::not_found("there is no such message in the mailbox (any more)").field("id").value(&id);
        return Err(Failure::of(problem.fix("look at the list; the oldest messages go first")));
    };
    let raw = mime::encode(&letter.message).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let raw = raw.unwrap_or_default();
    let shown = Arc::clone(&letter);
    let summary = caller.engine().ask(move |world| summary(world, &shown)).await?;
    Ok(Reply(SandboxMessage {
        summary,
        headers: headers(&raw),
        html: letter.message.html.clone(),
        text: Some(letter.message.text.clone()),
        raw,
    }))
}

fn summary(world: &mut World, letter: &Letter) -> SandboxSummary {
    let message = &letter.message;
    let run = world.runs.get(RunId::of(message.id));
    let html = message.html.as_ref().map_or(0, String::len);
    SandboxSummary {
        id: letter.number.to_string(),
        at: Word(message.at),
        channel: Word(Channel::Email),
        from: mailbox(&message.from),
        to: message.to.address.to_string(),
        subject: message.subject.to_string(),
        message: run.map(|_| Word(message.id)),
        customer: run.map(|_| Word(message.id.customer)),
        campaign: run.map(|run| run.campaign.name.to_string()),
        bytes: (message.text.len() + html) as u64,
    }
}

fn mailbox(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) => format!("{name} <{}>", mailbox.address),
        None => mailbox.address.to_string(),
    }
}

/// The headers of a mail, folded lines joined.
fn headers(raw: &str) -> Vec<Header> {
    let mut headers: Vec<Header> = Vec::new();
    for line in raw.lines().take_while(|line| !line.is_empty()) {
        match (line.starts_with([' ', '\t']), line.split_once(':')) {
            (false, Some((name, value))) => {
                headers.push(Header { name: name.to_owned(), value: value.trim().to_owned() });
            }
            (true | false, _) => {
                if let Some(last) = headers.last_mut() {
                    last.value.push(' ');
                    last.value.push_str(line.trim());
                }
            }
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_headers_are_one() {
        let headers = headers("Subject: a\r\n b\r\nTo: c\r\n\r\nX: body");
        let told: Vec<_> = headers.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
        assert_eq!(told, [("Subject", "a b"), ("To", "c")]);
    }
}
