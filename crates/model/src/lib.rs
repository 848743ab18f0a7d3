//! The words of the house: ids, instants, values, facts, rows.
//!
//! Every other crate speaks in these types, so a value can travel from the
//! admission desk to a column without being translated. Nothing here performs
//! I/O, reads a clock or knows a wire format; the meaning of each word is kept
//! in `docs/glossary.md`.
//!
//! The way of a fact: [`Fact`] (what was admitted) → folded by `people` into
//! changes of one customer → [`Row`]s (what columns hold).

mod customer;
mod error;
mod fact;
mod identifier;
mod instant;
mod message;
mod role;
mod row;
mod value;

pub use customer::{CustomerId, LANES, Lane};
pub use error::ErrorKind;
pub use fact::{Fact, FactId, SourceId, TraitChange, TraitOperation, What};
pub use identifier::{AddressState, BadIdentifier, Channel, Identifier, IdentifierKind, Purpose};
pub use instant::{BadInstant, Instant};
pub use message::{BadMessageId, CampaignId, MessageId};
pub use role::Role;
pub use row::{Row, stream};
pub use value::{Properties, Value};

/// A short text: names, ids, values. Up to 23 bytes live inline; a clone never copies the heap.
pub type Text = smol_str::SmolStr;
