//! Test sends: the real provider, once, for a handful of messages that belong to no run.

use std::sync::Arc;
use std::time::Duration;

use api::Problem;
use api::campaigns::ContentError;
use channels::{Attempt, Doors, Driver, KindDoors};
use delivery::Ending;
use delivery::channel::Message;
use model::{Channel, ErrorKind};

use super::app::App;
use super::failure::Failure;
use crate::Workspace;
use crate::courier::provider_settings;

/// How long a provider may take for all messages of a test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Hands messages to the provider of their channel; returns how many it took, and what it said to the others.
pub(super) async fn send(
    app: &App,
    workspace: &Workspace,
    (channel, messages): (Channel, Vec<Message>),
) -> Result<(u32, Vec<ContentError>), Failure> {
    if messages.is_empty() {
        return Ok((0, Vec::new()));
    }
    let driver = open(app, workspace, channel)?;
    let (driver, mut ended) = driver;
    let expected = messages.len();
    for message in messages {
        if driver.send(Attempt { message: Arc::new(message), number: 1 }).await.is_err() {
            return Err(away("the provider's queue is closed"));
        }
    }
    let (mut sent, mut errors) = (0, Vec::new());
    for _ in 0..expected {
        match tokio::time::timeout(PATIENCE, ended.recv()).await {
            Ok(Some((_, Ending::Sent { .. }))) => sent += 1,
            Ok(Some((_, ending))) => errors.push(refused(&ending)),
            Ok(None) | Err(_) => return Err(away("the provider did not answer in time")),
        }
    }
    Ok((sent, errors))
}

type Started = (Driver, tokio::sync::mpsc::Receiver<(model::MessageId, Ending)>);

fn open(app: &App, workspace: &Workspace, channel: Channel) -> Result<Started, Failure> {
    let document = workspace.document();
    let providers = document.document.settings.providers.iter();
    let mut kinds = providers.map(|provider| provider_settings(provider, &document.document));
    let Some((word, _, settings)) = kinds.find(|(_, carried, _)| *carried == channel) else {
        let problem =
            Problem::invalid("settings.providers", "no provider carries this channel").value(channel);
        return Err(Failure::of(problem.fix("add one under Settings")));
    };
    let opened = channels::open(word, settings, &KindDoors { mailbox: Arc::clone(&app.house.mailbox) });
    let opened = opened.map_err(|error| {
        Failure::of(
            Problem::invalid("settings.providers", error.to_string())
                .value(word)
                .fix("correct it under Settings"),
        )
    })?;
    let doors = Doors {
        channel: opened.channel,
        transport: opened.transport,
        clock: Arc::clone(&app.house.clock),
        entropy: Arc::clone(&app.house.entropy),
    };
    Ok(Driver::start(doors, &opened.options))
}

fn away(detail: &str) -> Failure {
    Failure::of(
        Problem::new(ErrorKind::Unavailable, detail).fix("check the provider under Settings, then try again"),
    )
}

fn refused(ending: &Ending) -> ContentError {
    let message = match ending {
        Ending::Sent { .. } => String::new(),
        Ending::Deferred { reason, .. } | Ending::Failed { reason } | Ending::Bounced { reason } => {
            reason.to_string()
        }
        Ending::Unknown => "nobody knows whether it was sent".to_owned(),
        Ending::Withdrawn { .. } | Ending::Cancelled => "it was withdrawn".to_owned(),
    };
    ContentError {
        language: String::new(),
        part: "provider".to_owned(),
        line: None,
        column: None,
        message,
        fix: Some("see what the provider says, and check it under Settings".to_owned()),
    }
}
