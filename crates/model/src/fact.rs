//! What was admitted: one thing that somebody told us, checked and ready for the journal.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::{AddressState, Channel, Identifier, Instant, Properties, Purpose, Text, Value};

/// The 128-bit hash of (source, message id): two facts with one id are one fact told twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactId(pub u128);

/// Nearly every id is hashed without asking for memory.
const USUAL_ID_BYTES: usize = 128;

impl FactId {
    /// The id of the message that `source` calls `message_id`.
    ///
    /// Among 2⁴⁰ ids within one window, the chance that any two collide is below 2⁻⁴⁸.
    pub fn of(source: SourceId, message_id: &str) -> Self {
        let pieces = [&source.0.to_le_bytes()[..], message_id.as_bytes()];
        let bytes = pieces[0].len() + pieces[1].len();
        let mut usual = [0; USUAL_ID_BYTES];
        let Some(room) = usual.get_mut(..bytes) else { return Self(xxh3_128(&pieces.concat())) };
        room[..pieces[0].len()].copy_from_slice(pieces[0]);
        room[pieces[0].len()..].copy_from_slice(pieces[1]);
        Self(xxh3_128(room))
    }
}

/// Who told us: a write key, an import, a provider, the house itself. De-duplication is per source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

impl SourceId {
    /// The house itself: receipts of its own links, console users' actions.
    pub const HOUSE: Self = Self(0);
    /// Files that an operator imports; the number of an import is in the bits below.
    pub const IMPORT: Self = Self(Self::HISTORY | 1 << 30);
    /// The bit of those who tell history.
    const HISTORY: u32 = 1 << 31;

    /// The same sender, telling what happened long ago.
    #[must_use]
    pub fn history(self) -> Self {
        Self(self.0 | Self::HISTORY)
    }

    /// Whether it tells history. History fills timelines, audiences and answers, but nobody is
    /// messaged because of it.
    pub fn is_history(self) -> bool {
        self.0 & Self::HISTORY != 0
    }
}

/// One admitted statement about one customer. The unit of the journal and of de-duplication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Told twice, counted once.
    pub id: FactId,
    /// When it happened, corrected for the sender's clock.
    pub at: Instant,
    /// When it reached us.
    pub received_at: Instant,
    /// Who told us.
    pub source: SourceId,
    /// Whom it is about: all identifiers that came with it, the strongest first. Never empty.
    pub who: Vec<Identifier>,
    /// What it says, in order. Never empty.
    pub what: Vec<What>,
}

/// One thing a fact says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// Something happened to or through the customer.
    Did {
        /// The event's name, as the sender wrote it.
        name: Text,
        /// What was said about it; context that matters to people is under `context.…`.
        properties: Properties,
    },
    /// What is known of the customer changed.
    Traits(Vec<TraitChange>),
    /// `previous` and the fact's identifiers name one person (Segment's `alias`).
    Alias {
        /// The other name.
        previous: Identifier,
    },
    /// A recorded yes or no to a purpose, on one channel or on all.
    Consent {
        /// To what.
        purpose: Purpose,
        /// On which channel; `None`: on every channel.
        channel: Option<Channel>,
        /// Yes or no.
        given: bool,
        /// The words they saw, or the door it came by (`one_click`, `preference_page`, `import` …).
        proof: Text,
    },
    /// The customer joined or left a topic.
    Topic {
        /// Which.
        topic: Text,
        /// Joined or left.
        subscribed: bool,
    },
    /// A channel reaches the customer here, or no longer does.
    Address {
        /// By which channel.
        channel: Channel,
        /// The token, e-mail, number …
        address: Text,
        /// What is known of it.
        state: AddressState,
    },
    /// Never contact this person again, whatever they consented to (`true`), or lift that (`false`).
    Block(bool),
    /// Forget this person: hidden everywhere at once, for ever.
    Erase,
    /// Undo the merge that brought `absorbed` into this customer.
    Unmerge {
        /// An identifier of the customer who was absorbed.
        absorbed: Identifier,
    },
}

/// One change of one trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraitChange {
    /// Which trait; nested names are joined with dots.
    pub name: Text,
    /// How it changes.
    pub operation: TraitOperation,
}

/// How a trait changes. The later `at` wins for `Set` and `Unset`; the others apply in the order of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TraitOperation {
    /// It says this now.
    Set(Value),
    /// It says nothing any more.
    Unset,
    /// A number grows by this much (shrinks when negative); a missing one counts as 0.
    Increment(f64),
    /// These join a list, each once.
    Add(Vec<Value>),
    /// These leave a list.
    Remove(Vec<Value>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_id_from_two_sources_is_two_facts() {
        assert_eq!(FactId::of(SourceId(1), "a"), FactId::of(SourceId(1), "a"));
        assert_ne!(FactId::of(SourceId(1), "a"), FactId::of(SourceId(2), "a"));
    }

    #[test]
    fn history_is_told_apart_from_what_happens_now() {
        assert!(SourceId::IMPORT.is_history() && SourceId(7).history().is_history());
        assert!(!SourceId(7).is_history() && !SourceId::HOUSE.is_history());
    }
}
