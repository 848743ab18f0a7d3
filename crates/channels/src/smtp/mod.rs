//! Mail by SMTP (RFC 5321): pooled connections, STARTTLS or TLS, signing in, DKIM.

mod classify;
mod connection;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use delivery::channel::{Channel, Dead, Envelope, Message, Reply, Verdict, Wire};
use model::Instant;
use serde::Deserialize;

pub use self::classify::Status;
pub(crate) use self::classify::{classify, says_nobody};
use crate::dkim::{self, Signer};
use crate::driver::Options;
use crate::kind::{BadSettings, Field, Kind, Opened, read};
use crate::transport::{Line, Transport};
use crate::{mime, tls};

/// The line in the table.
pub const KIND: Kind = Kind {
    word: "smtp",
    channel: model::Channel::Email,
    about: "a mail server",
    fields: &[
        Field { name: "host", about: "its name, as in `mail.example.com`", secret: false },
        Field { name: "port", about: "587 for starttls, 465 for tls, 25 for none", secret: false },
        Field {
            name: "security",
            about: "`starttls`, `tls`, or `none` for a server on this machine",
            secret: false,
        },
        Field { name: "user", about: "who signs in; leave it out when nobody has to", secret: false },
        Field { name: "password", about: "their password", secret: true },
        Field {
            name: "hello_name",
            about: "what this machine calls itself; `localhost` unless said",
            secret: false,
        },
        Field {
            name: "ca_pem",
            about: "the certificate of your own authority, when the server has one",
            secret: false,
        },
        Field { name: "connections", about: "how many at once; 4 unless said", secret: false },
        Field { name: "per_second", about: "the most messages in a second; none unless said", secret: false },
        Field { name: "timeout_s", about: "how long one answer may take; 60 unless said", secret: false },
        Field {
            name: "dkim",
            about: "keys to sign with: `domain`, `selector`, `private_key` (PEM) of each",
            secret: true,
        },
    ],
    open,
};

/// How many messages go over one connection before it is closed politely; servers dislike guests who never leave.
const MESSAGES_PER_CONNECTION_MAX: u32 = 100;

/// How many steps a delivery has at most, each with the time limit of its own: connect, greeting, hello twice, TLS, hello
/// twice, three to sign in, sender, recipient, data, mail, dot, reset.
const STEPS_MAX: u32 = 16;

/// How the conversation is kept from listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all: for a server on this machine.
    None,
    /// It begins open and turns to TLS; a server that cannot is not used.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// How a mail server is reached.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is kept from listeners.
    pub security: Security,
    /// Who signs in.
    #[serde(default)]
    pub user: Option<String>,
    /// Their password.
    #[serde(default)]
    pub password: Option<String>,
    /// What this machine calls itself.
    #[serde(default = "default_hello_name")]
    pub hello_name: String,
    /// A certificate authority besides those of the system.
    #[serde(default)]
    pub ca_pem: Option<String>,
    /// How many connections at once.
    #[serde(default = "default_connections")]
    pub connections: usize,
    /// The most messages in a second.
    #[serde(default)]
    pub per_second: Option<NonZeroU32>,
    /// How long one answer may take.
    #[serde(default = "default_timeout_s")]
    pub timeout_s: u32,
    /// Keys to sign with.
    #[serde(default)]
    pub dkim: Vec<dkim::Settings>,
}

fn default_hello_name() -> String {
    "localhost".to_owned()
}

fn default_connections() -> usize {
    4
}

fn default_timeout_s() -> u32 {
    60
}

/// A debug print never shows the password.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("user", &self.user)
            .field("dkim", &self.dkim)
            .finish_non_exhaustive()
    }
}

fn open(settings: serde_json::Value, _doors: &crate::KindDoors) -> Result<Opened, BadSettings> {
    let settings: Settings = read(KIND.word, settings)?;
    if settings.user.is_some() != settings.password.is_some() {
        return Err(BadSettings::new(KIND.word, "give both `user` and `password`, or neither"));
    }
    let options = Options {
        connections: settings.connections.clamp(1, 64),
        per_second: settings.per_second,
        // Every step ends by itself, and only it knows whether the server can have the mail; so this never comes first.
        timeout: Duration::from_secs(u64::from(settings.timeout_s.max(1))) * (STEPS_MAX + 1),
        ..Options::default()
    };
    let channel = Smtp::new(&settings.dkim).map_err(|error| BadSettings::new(KIND.word, error))?;
    let transport = SmtpTransport::new(settings)?;
    Ok(Opened { channel: Arc::new(channel), transport: Arc::new(transport), options })
}

/// Messages as mails.
#[derive(Debug)]
pub struct Smtp {
    signers: Vec<Signer>,
}

impl Smtp {
    /// Signs with each of these keys.
    pub fn new(keys: &[dkim::Settings]) -> Result<Self, dkim::BadKey> {
        Ok(Self { signers: keys.iter().map(Signer::new).collect::<Result<_, _>>()? })
    }
}

impl Channel for Smtp {
    fn encode(&self, message: &Arc<Message>, _now: Instant) -> Result<Wire, Dead> {
        let mail = mime::encode(message)?;
        let mut bytes: Vec<u8> =
            self.signers.iter().flat_map(|signer| signer.header(&mail).into_bytes()).collect();
        bytes.extend_from_slice(&mail);
        let from = message.return_path.clone().unwrap_or_else(|| message.from.address.clone());
        mime::check_address(&from)?;
        Ok(Wire::Smtp(Envelope { from, to: message.to.address.clone(), bytes }))
    }

    fn classify(&self, reply: &Reply) -> Verdict {
        match reply {
            Reply::Smtp { step, code, text } => classify(*step, *code, text),
            Reply::Http { .. } => {
                Verdict::Retry { after_ms: None, reason: "not a mail server's reply".into() }
            }
        }
    }
}

/// Lines to a mail server.
#[derive(Debug, Clone)]
pub struct SmtpTransport {
    shared: Arc<Shared>,
}

/// What all lines to one server share.
#[derive(Debug)]
struct Shared {
    settings: Settings,
    tls: Option<tls::Connector>,
}

impl SmtpTransport {
    /// Nothing is connected yet.
    pub fn new(settings: Settings) -> Result<Self, BadSettings> {
        let tls = match settings.security {
            Security::None => None,
            Security::StartTls | Security::Tls => Some(
                tls::connector(&settings.host, settings.ca_pem.as_deref())
                    .map_err(|error| BadSettings::new(KIND.word, error))?,
            ),
        };
        Ok(Self { shared: Arc::new(Shared { settings, tls }) })
    }
}

impl Transport for SmtpTransport {
    fn line(&self) -> Box<dyn Line> {
        Box::new(connection::SmtpLine::new(Arc::clone(&self.shared)))
    }
}
