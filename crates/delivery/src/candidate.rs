//! What a decision is made about: one message, one person, one instant.

use model::{AddressState, Channel, CustomerId, Instant, MessageId, Purpose, Text};
use serde::{Deserialize, Serialize};

use crate::{Campaign, VariantId};

/// A campaign wants to say one thing to one person now.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// The message this would be.
    pub message: MessageId,
    /// When it is decided.
    pub now: Instant,
    /// Who wants to speak.
    pub campaign: &'a Campaign,
    /// To whom.
    pub person: &'a Person,
    /// Renders the message for this person, or says where it breaks. Asked at most once.
    pub content: &'a dyn Fn(VariantId, Channel) -> Result<RenderHash, Breakage>,
}

/// What is known of a person when a message is decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Who.
    pub customer: CustomerId,
    /// Whether they meet the campaign's audience now.
    pub member: bool,
    /// Whether they may be contacted at all.
    pub standing: Standing,
    /// Every yes and no on record.
    pub consents: Vec<Consent>,
    /// Every topic joined or left.
    pub topics: Vec<Topic>,
    /// Where channels reach them, the one used last first.
    pub addresses: Vec<Address>,
    /// The channel they asked for.
    pub preferred_channel: Option<Channel>,
    /// Where they live, as in `JP`.
    pub country: Option<Text>,
    /// The languages they read, the best first, as in `ja-JP`.
    pub languages: Vec<Text>,
    /// Their time zone and how it is known.
    pub zone: Option<Zone>,
}

impl Person {
    /// Somebody of whom nothing is known but that they exist and meet the audience.
    pub fn new(customer: CustomerId) -> Self {
        Self {
            customer,
            member: true,
            standing: Standing::Known,
            consents: Vec::new(),
            topics: Vec::new(),
            addresses: Vec::new(),
            preferred_channel: None,
            country: None,
            languages: Vec::new(),
            zone: None,
        }
    }
}

/// One recorded yes or no to a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// To what.
    pub purpose: Purpose,
    /// On which channel; none: on every channel.
    pub channel: Option<Channel>,
    /// Yes or no.
    pub given: bool,
    /// Since when.
    pub at: Instant,
}

/// One recorded joining or leaving of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Which.
    pub topic: Text,
    /// Joined or left.
    pub subscribed: bool,
    /// Since when.
    pub at: Instant,
}

/// One place where a channel reaches, or reached, the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// By which channel.
    pub channel: Channel,
    /// The token, e-mail, number …
    pub address: Text,
    /// What is known of it.
    pub state: AddressState,
}

/// A time zone and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its IANA name, as in `Asia/Tokyo`.
    pub name: Text,
    /// How it is known.
    pub source: ZoneSource,
}

crate::words::words! {
    /// Whether somebody may be contacted at all.
    Standing {
        /// Nothing speaks against it.
        Known = "known",
        /// They asked to be forgotten.
        Erased = "erased",
        /// Nobody may contact them.
        Blocked = "blocked",
        /// They are kept out of campaigns, for a test or as staff.
        Excluded = "excluded",
    }
}

crate::words::words! {
    /// How a time zone is known, the best source first.
    ZoneSource {
        /// The profile says so.
        Profile = "profile",
        /// The last device said so.
        Device = "device",
        /// The country of their telephone number has this one.
        Phone = "phone",
        /// Nothing is known: the workspace's own.
        Workspace = "workspace",
    }
}

/// Where a message does not render for one person, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakage {
    /// Where, as in `subject, line 1, column 7`.
    pub place: Text,
    /// What is missing or wrong there.
    pub problem: Text,
}

/// The first 64 bits of a hash over everything that the person would read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RenderHash(pub u64);

/// 16 hexadecimal digits.
impl std::fmt::Display for RenderHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
