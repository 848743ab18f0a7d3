//! What a channel is: two pure functions between a rendered message and a provider.
//!
//! Declared here because delivery is what needs it; the `channels` crate
//! implements one for each provider, and one shared driver does the sending.

use std::sync::Arc;

use model::{Instant, MessageId, Text};

/// One way to reach a person.
pub trait Channel: Send + Sync {
    /// Turns a rendered message into bytes for the provider. The same message at the same instant
    /// gives the same bytes.
    fn encode(&self, message: &Arc<Message>, now: Instant) -> Result<Wire, Dead>;

    /// Says what a provider's reply means for the message.
    fn classify(&self, reply: &Reply) -> Verdict;

    /// Whether the provider recognises a message that it is given twice, so that an attempt whose
    /// outcome is not known may be made again whatever its purpose.
    fn knows_send_keys(&self) -> bool {
        false
    }
}

/// One rendered message, ready to be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its send key: providers that know idempotency keys get this.
    pub id: MessageId,
    /// When it was decided; the same in every attempt.
    pub at: Instant,
    /// Where the channel reaches the person.
    pub to: Mailbox,
    /// Who speaks.
    pub from: Mailbox,
    /// Where answers go, when not to [`Self::from`].
    pub reply_to: Option<Mailbox>,
    /// Where the mail system sends what it cannot deliver.
    pub return_path: Option<Text>,
    /// The subject or title.
    pub subject: Text,
    /// The text for everybody.
    pub text: String,
    /// The formatted form.
    pub html: Option<String>,
    /// Further headers, as in `List-Unsubscribe`.
    pub headers: Vec<(Text, Text)>,
}

/// An address and the name of who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name, when known.
    pub name: Option<Text>,
    /// The address.
    pub address: Text,
}

impl Mailbox {
    /// An address without a name.
    pub fn new(address: impl Into<Text>) -> Self {
        Self { name: None, address: address.into() }
    }
}

/// What goes to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// A mail and where it goes.
    Smtp(Envelope),
    /// A request of the web.
    Http(Request),
    /// For the house itself; no provider is involved.
    Sandbox(Arc<Message>),
}

/// A mail and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where the mail system sends what it cannot deliver.
    pub from: Text,
    /// To whom.
    pub to: Text,
    /// The mail, with lines ending in CR LF.
    pub bytes: Vec<u8>,
}

/// A request of the web; always a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub url: String,
    /// Headers, in order.
    pub headers: Vec<(Text, Text)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A reply of a mail server.
    Smtp {
        /// At which step of the conversation.
        step: SmtpStep,
        /// The three digits.
        code: u16,
        /// The lines after the digits, joined by a blank.
        text: String,
    },
    /// A reply of a web server.
    Http {
        /// The status.
        status: u16,
        /// `Retry-After` in seconds, when it said so.
        retry_after_s: Option<u32>,
        /// The beginning of the body.
        body: String,
    },
}

/// A step of a mail conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpStep {
    /// Greeting, encryption, signing in.
    Hello,
    /// The sender.
    From,
    /// The recipient.
    To,
    /// The message itself.
    Data,
}

/// What a reply means for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The provider took it.
    Accepted {
        /// What the provider calls it, if it said.
        provider_id: Option<Text>,
    },
    /// Not now.
    Retry {
        /// How long the provider asked us to wait, if it did.
        after_ms: Option<i64>,
        /// What it said.
        reason: Text,
    },
    /// Never.
    Dead(Dead),
}

/// Why a message will never be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// What is wrong: with the message, or with the address.
    pub fault: Fault,
    /// What the provider said.
    pub reason: Text,
}

/// Whose fault it is that a message will never be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The address does not exist (any more): nothing else should be sent there.
    Address,
    /// This message was refused; others may be taken.
    Message,
}
