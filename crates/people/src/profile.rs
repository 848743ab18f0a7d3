//! What is known of one customer now.

use model::{
    AddressState, Channel, CustomerId, Identifier, IdentifierKind, Instant, Purpose, SourceId, Text, Value,
};
use serde::{Deserialize, Serialize};
use state::Record;

use crate::EVENT_NAMES_MAX;
use crate::folded::MergeNote;

/// What is known of one customer now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Who.
    pub customer: CustomerId,
    /// All names that lead here, the strongest kind first.
    pub identifiers: Vec<Identifier>,
    /// By name, in the order of the alphabet; also those that were unset.
    pub traits: Vec<Trait>,
    /// The last word on each purpose and channel.
    pub consents: Vec<Consent>,
    /// The last word on each topic.
    pub topics: Vec<Topic>,
    /// Where channels reach the customer, or did.
    pub addresses: Vec<Address>,
    /// How many live addresses each channel has, for channels that ever had one.
    pub reach: Vec<Reach>,
    /// The last word on whether to leave the customer alone.
    pub block: Option<Block>,
    /// The earliest instant of anything we were told.
    pub first_seen: Instant,
    /// The latest instant of anything we were told by others than the house itself.
    pub last_seen: Instant,
    /// The latest instant of anything we were told at all.
    pub last_told: Instant,
    /// What they did, how often: the first [`EVENT_NAMES_MAX`](crate::EVENT_NAMES_MAX) names; columns know all.
    pub events: Vec<EventCount>,
    /// What their last device said of itself.
    pub context: Context,
    /// Who became part of this customer, and who left again.
    pub history: Vec<MergeNote>,
}

/// One trait: its value and when it was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trait {
    /// Its name; nested names are joined with dots.
    pub name: Text,
    /// What it says; `None`: it was unset.
    pub value: Option<Value>,
    /// When that was last said; older words do not overwrite it. [`Instant::MIN`]: it was never said, only
    /// somebody who left again had said it.
    pub at: Instant,
    /// When the last row of its stream is.
    pub row_at: Instant,
    /// How it came to say that, which decides how two of them merge.
    pub origin: Origin,
}

/// How a trait came to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Somebody said the whole value: in a merge the later word wins.
    Said,
    /// It only ever grew from nothing: in a merge two are added.
    Counted,
    /// It only ever was added to and removed from: in a merge two are united.
    Listed,
}

/// The last word on one purpose and channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// To what.
    pub purpose: Purpose,
    /// On which channel; `None`: on all.
    pub channel: Option<Channel>,
    /// Yes or no.
    pub given: bool,
    /// When.
    pub at: Instant,
    /// The words they saw, or the door it came by.
    pub proof: Text,
    /// Who told us.
    pub source: SourceId,
}

/// What the consents say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consented {
    /// The last word is yes.
    Given,
    /// The last word is no.
    Withdrawn,
    /// Nobody ever said anything.
    Unknown,
}

/// The last word on one topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Which.
    pub name: Text,
    /// Joined, or left.
    pub subscribed: bool,
    /// When.
    pub at: Instant,
}

/// Where a channel reaches the customer, or did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// By which channel.
    pub channel: Channel,
    /// The token, e-mail, number …
    pub address: Text,
    /// What is known of it.
    pub state: AddressState,
    /// Since when that is known.
    pub at: Instant,
    /// When it was last mentioned as the customer's.
    pub said_at: Instant,
    /// When its owner or an operator last asked for it; only that brings a dead address back.
    pub opted_in_at: Instant,
}

/// How many live addresses a channel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Which channel.
    pub channel: Channel,
    /// How many.
    pub live: u32,
    /// When the last row of the channel's stream is.
    pub row_at: Instant,
}

/// Whether to leave the customer alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Leave them alone, whatever they consented to.
    pub blocked: bool,
    /// When that was said.
    pub at: Instant,
}

/// How often the customer did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCount {
    /// The event's name.
    pub name: Text,
    /// How often.
    pub count: u64,
    /// The earliest time.
    pub first_at: Instant,
    /// The latest time.
    pub last_at: Instant,
}

/// What the customer's last device said of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// `ja-JP`.
    pub locale: Option<Text>,
    /// `Asia/Tokyo`.
    pub time_zone: Option<Text>,
    /// When it said so.
    pub at: Instant,
}

impl Record for Profile {
    const VERSION: u8 = 1;
}

impl Profile {
    /// Somebody of whom nothing is known but since when they exist.
    pub fn new(customer: CustomerId, at: Instant) -> Self {
        Self {
            customer,
            identifiers: Vec::new(),
            traits: Vec::new(),
            consents: Vec::new(),
            topics: Vec::new(),
            addresses: Vec::new(),
            reach: Vec::new(),
            block: None,
            first_seen: at,
            last_seen: at,
            last_told: at,
            events: Vec::new(),
            context: Context { locale: None, time_zone: None, at: Instant::MIN },
            history: Vec::new(),
        }
    }

    /// Counts something that happened, as long as there is room for its name.
    pub(crate) fn count(&mut self, more: &EventCount) {
        let Some(it) = self.events.iter_mut().find(|it| it.name == more.name) else {
            if self.events.len() < EVENT_NAMES_MAX {
                self.events.push(more.clone());
            }
            return;
        };
        it.count += more.count;
        it.first_at = it.first_at.min(more.first_at);
        it.last_at = it.last_at.max(more.last_at);
    }

    /// Whether a user id leads here. Two known customers are only ever merged by `alias`.
    pub fn known(&self) -> bool {
        self.identifiers.iter().any(|identifier| identifier.kind == IdentifierKind::UserId)
    }

    /// Whether somebody became part of this customer who may leave again.
    pub(crate) fn merged(&self) -> bool {
        self.history.iter().any(|note| note.undone_at.is_none())
    }

    /// The strongest name of this customer.
    pub fn name(&self) -> Option<&Identifier> {
        self.identifiers.first()
    }

    /// The value of a trait that is set.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.find_trait(name).and_then(|it| it.value.as_ref())
    }

    /// A trait, also one that was unset.
    pub fn find_trait(&self, name: &str) -> Option<&Trait> {
        let index = self.traits.binary_search_by(|it| it.name.as_str().cmp(name)).ok()?;
        Some(&self.traits[index])
    }

    /// What the last word on `purpose` is for a message on `channel`: a word about that channel and a word
    /// about all channels count alike, the later one wins.
    pub fn consented(&self, purpose: Purpose, channel: Channel) -> Consented {
        let about = |it: &&Consent| {
            it.purpose == purpose && it.channel.is_none_or(|its_channel| its_channel == channel)
        };
        match self.consents.iter().filter(about).max_by_key(|it| (it.at, it.channel.is_some())) {
            Some(consent) if consent.given => Consented::Given,
            Some(_) => Consented::Withdrawn,
            None => Consented::Unknown,
        }
    }

    /// Whether the customer joined (`Some(true)`), left (`Some(false)`) or never mentioned a topic.
    pub fn subscribed(&self, topic: &str) -> Option<bool> {
        self.topics.iter().find(|it| it.name == topic).map(|it| it.subscribed)
    }

    /// The live addresses of a channel, the last mentioned first.
    pub fn live_addresses(&self, channel: Channel) -> Vec<&Address> {
        let live = |it: &&Address| it.channel == channel && it.state == AddressState::Live;
        let mut addresses: Vec<&Address> = self.addresses.iter().filter(live).collect();
        addresses.sort_by_key(|it| std::cmp::Reverse(it.said_at));
        addresses
    }

    /// Whether to leave the customer alone.
    pub fn blocked(&self) -> bool {
        self.block.is_some_and(|block| block.blocked)
    }

    /// The customer's locale, like `ja-JP`: the trait `locale` or `language`, else what the last device said.
    pub fn locale(&self) -> Option<&str> {
        let told = ["locale", "language"].into_iter().find_map(|name| self.value(name)?.text());
        told.or(self.context.locale.as_deref())
    }

    /// The customer's time zone, like `Asia/Tokyo`: the trait `time_zone` or `timezone`, else what the last
    /// device said.
    pub fn time_zone(&self) -> Option<&str> {
        let told = ["time_zone", "timezone"].into_iter().find_map(|name| self.value(name)?.text());
        told.or(self.context.time_zone.as_deref())
    }
}
