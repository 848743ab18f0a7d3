//! The courier: takes messages that have begun, renders them, hands them to the channel's driver,
//! and tells the journal how each ended.
//!
//! What it takes was durable as `Begun` before; what it learns becomes `Ended`. It decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use api::settings::{Provider, Sender, SmtpSecurity};
use channels::sandbox::Mailbox as Sandbox;
use channels::{Attempt, Doors, Driver, KindDoors};
use content::Mail;
use delivery::channel::{Mailbox, Message};
use delivery::{Ending, GateName, Outgoing, Reason, Record};
use host::{Clock, Entropy};
use model::{AddressState, Channel, Fact, FactId, Instant, MessageId, SourceId, Text, What};
use tokio::sync::mpsc;

use crate::engine::{Error, Job, Reader, Voice};
use crate::receipts;
use crate::workspace::{Document, Versioned, Workspace};

/// How many endings are told to the journal at once.
const ENDINGS_MAX: usize = 2_000;
/// How long the courier waits before it tells a full journal again.
const AGAIN: Duration = Duration::from_millis(50);

/// What a courier needs of the house.
#[derive(Clone)]
pub struct Hands {
    /// Where the sandbox keeps messages.
    pub mailbox: Arc<Sandbox>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Spreads retries.
    pub entropy: Arc<dyn Entropy>,
}

/// Works until the engine has no more jobs.
pub async fn run(workspace: Arc<Workspace>, mut jobs: mpsc::Receiver<Job>, hands: Hands) {
    let (endings, told) = mpsc::channel(ENDINGS_MAX);
    let teller = tokio::spawn(tell(Arc::clone(&workspace), told));
    let mut drivers = Drivers { version: 0, by_channel: BTreeMap::new(), endings: endings.clone(), hands };
    while let Some(job) = jobs.recv().await {
        drivers.refresh(&workspace.document());
        let id = job.outgoing.message;
        if let Some(ending) = drivers.hand_over(job).await
            && endings.send((id, ending)).await.is_err()
        {
            break;
        }
    }
    drop((drivers, endings));
    // The teller ends when the drivers' last messages have ended.
    drop(teller.await);
}

/// Tells the journal how messages ended, as many at once as there are.
async fn tell(workspace: Arc<Workspace>, mut told: mpsc::Receiver<(MessageId, Ending)>) {
    let mut endings = Vec::with_capacity(ENDINGS_MAX);
    while told.recv_many(&mut endings, ENDINGS_MAX).await > 0 {
        let dead = dead_addresses(&workspace, &endings).await;
        let record = Record::Ended { at: workspace.engine.now(), endings: std::mem::take(&mut endings) };
        loop {
            match workspace.engine.record(vec![record.clone()]).await {
                Ok(_) => break,
                Err(Error::Stopped) => return,
                Err(error @ (Error::Overloaded | Error::Journal { .. })) => {
                    tracing::warn!(%error, "how messages ended is not written yet; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        if !dead.is_empty()
            && let Err(error) = workspace.engine.accept(dead).await
        {
            tracing::warn!(%error, "a dead address was not noted; the next message there will find it again");
        }
    }
}

/// What the endings say about addresses: who was told "there is nobody" is not written to again.
async fn dead_addresses(workspace: &Workspace, endings: &[(MessageId, Ending)]) -> Vec<Fact> {
    let bounced = endings.iter().filter(|(_, ending)| matches!(ending, Ending::Bounced { .. }));
    let messages: Vec<MessageId> = bounced.map(|(message, _)| *message).collect();
    if messages.is_empty() {
        return Vec::new();
    }
    let now = workspace.engine.now();
    let facts = workspace.engine.ask(move |world| {
        let outbox = world.runs.outbox();
        let outgoing = messages.iter().filter_map(|message| outbox.get(*message));
        outgoing.map(|outgoing| dead_address(outgoing, now)).collect::<Vec<_>>()
    });
    facts.await.unwrap_or_default()
}

fn dead_address(outgoing: &Outgoing, now: Instant) -> Fact {
    let (channel, address) = (outgoing.route.channel, outgoing.route.address.clone());
    Fact {
        id: FactId::of(SourceId::HOUSE, &format!("{}/bounced at handover", outgoing.message)),
        at: now,
        received_at: now,
        source: SourceId::HOUSE,
        who: vec![receipts::identifier(outgoing.message)],
        what: vec![What::Address { channel, address, state: AddressState::Bounced }],
    }
}

/// One driver for each channel, as the settings of `version` say.
struct Drivers {
    version: u32,
    by_channel: BTreeMap<Channel, Driver>,
    endings: mpsc::Sender<(MessageId, Ending)>,
    hands: Hands,
}

impl Drivers {
    /// Opens the providers anew when the settings changed; what the old ones hold, they finish.
    fn refresh(&mut self, document: &Versioned) {
        if document.version == self.version {
            return;
        }
        self.version = document.version;
        self.by_channel.clear();
        for provider in &document.document.settings.providers {
            let (word, channel, settings) = provider_settings(provider, &document.document);
            if self.by_channel.contains_key(&channel) {
                continue;
            }
            match channels::open(word, settings, &KindDoors { mailbox: Arc::clone(&self.hands.mailbox) }) {
                Ok(opened) => {
                    let doors = Doors {
                        channel: opened.channel,
                        transport: opened.transport,
                        clock: Arc::clone(&self.hands.clock),
                        entropy: Arc::clone(&self.hands.entropy),
                    };
                    let (driver, mut ended) = Driver::start(doors, &opened.options);
                    let endings = self.endings.clone();
                    tokio::spawn(async move {
                        while let Some(ending) = ended.recv().await {
                            if endings.send(ending).await.is_err() {
                                break;
                            }
                        }
                    });
                    self.by_channel.insert(channel, driver);
                }
                Err(error) => tracing::error!(provider = word, %error, "a provider cannot be opened"),
            }
        }
    }

    /// Renders a job and hands it to its driver; the ending when it ended before it got there.
    async fn hand_over(&self, job: Job) -> Option<Ending> {
        let Some(profile) = &job.profile else {
            return Some(Ending::Withdrawn { gate: GateName::Known, reason: Reason::Erased });
        };
        let now = self.hands.clock.now();
        let outgoing = &job.outgoing;
        let reader = Reader {
            message: outgoing.message,
            variant: outgoing.variant,
            profile,
            last_events: &job.last_events,
        };
        let mail = match job.plan.render(&reader, now) {
            Ok(mail) => mail,
            Err(breakage) => {
                return Some(Ending::Failed {
                    reason: format!("{}: {}", breakage.place, breakage.problem).into(),
                });
            }
        };
        let put_off = |reason: String| {
            let wait_ms = channels::defer_ms(outgoing.attempts, self.hands.entropy.as_ref());
            Some(Ending::Deferred { until: now.plus_ms(wait_ms), reason: reason.into() })
        };
        let Some(driver) = self.by_channel.get(&outgoing.route.channel) else {
            let channel = outgoing.route.channel;
            return put_off(format!(
                "no provider carries this channel: set one under Settings. channel=`{channel}`"
            ));
        };
        let to = Mailbox { name: name_of(profile), address: outgoing.route.address.clone() };
        let message = message((outgoing.message, now), mail, (&job.plan.sender, to, &job.plan.voice));
        let message = Arc::new(message);
        match driver.send(Attempt { message, number: outgoing.attempts }).await {
            Ok(()) => None,
            Err(_) => put_off("the channel is closing".to_owned()),
        }
    }
}

fn name_of(profile: &people::Profile) -> Option<Text> {
    profile.value("name").and_then(model::Value::text).map(Text::from)
}

/// The settings of a provider as its kind in `channels` reads them.
pub fn provider_settings(
    provider: &Provider,
    document: &Document,
) -> (&'static str, Channel, serde_json::Value) {
    match provider {
        Provider::Sandbox(sandbox) => ("sandbox", sandbox.channel.0, serde_json::json!({})),
        Provider::Smtp(smtp) => {
            let security = match smtp.security {
                SmtpSecurity::StartTls => "starttls",
                SmtpSecurity::Tls => "tls",
                SmtpSecurity::None => "none",
            };
            let settings = serde_json::json!({
                "host": smtp.host,
                "port": smtp.port,
                "security": security,
                "user": smtp.username,
                "password": smtp.password,
                "connections": smtp.connections_max,
                "dkim": document.dkim_settings(),
            });
            ("smtp", Channel::Email, settings)
        }
        Provider::Webhook(webhook) => {
            let secret = webhook.secret.clone().unwrap_or_default();
            ("webhook", Channel::Webhook, serde_json::json!({ "url": webhook.url, "secret": secret }))
        }
    }
}

/// A rendered mail as channels take it, with the headers that let its reader leave in one click (RFC 8058).
pub fn message(
    (id, at): (MessageId, Instant),
    mail: Mail,
    (sender, to, voice): (&Sender, Mailbox, &Voice),
) -> Message {
    let address = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(Mailbox::new);
    let domain = sender.return_path.as_deref().unwrap_or(&sender.email).split('@').nth(1).unwrap_or_default();
    let headers = vec![
        ("List-Unsubscribe".into(), format!("<{}>", voice.unsubscribe_url(id)).into()),
        ("List-Unsubscribe-Post".into(), "List-Unsubscribe=One-Click".into()),
    ];
    Message {
        id,
        at,
        to,
        from: Mailbox {
            name: (!sender.name.is_empty()).then(|| sender.name.as_str().into()),
            address: sender.email.as_str().into(),
        },
        reply_to: address(&sender.reply_to),
        return_path: Some(format!("{}@{domain}", voice.keys.return_path(id)).into()),
        subject: mail.subject.into(),
        text: mail.text,
        html: (!mail.html.is_empty()).then_some(mail.html),
        headers,
    }
}
