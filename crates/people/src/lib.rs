//! One customer: identity, traits, consent, addresses.
//!
//! [`People::fold`] takes one fact after another from the journal, decides whom
//! each is about, changes that customer's [`Profile`] and answers with what
//! changed ([`Folded`]): rows for the columns, merges, erasures. The rules of
//! who is who are in `docs/identity.md`; each has a test of the same name.
//!
//! Invariants:
//! - nothing here reads a clock or draws a random number: the same facts in the same order give the same
//!   customers, numbers and rows (`tests/simulation.rs`);
//! - the last row of every stream says what the profile says;
//! - two customers with different user ids are one only if `alias` said so;
//! - an unmerge gives back exactly what the merge took.

mod people;

mod join;
mod resolve;
mod search;

mod addresses;
mod merge;
mod profile;
mod statements;
mod traits;

mod error;
mod folded;
mod identifiers;
mod person;
mod telling;

pub use error::Error;
pub use folded::{Folded, Merge, MergeNote, Reason, Refused};
pub use people::{Counts, GLANCE_FACTS, Page, People};
pub use profile::{
    Address, Block, Consent, Consented, Context, EventCount, Origin, Profile, Reach, Topic, Trait,
};

/// How many identifiers a customer may have; more come from robots and shared terminals, not from people.
pub const IDENTIFIERS_MAX: usize = 512;
/// How many traits a customer may have.
pub const TRAITS_MAX: usize = 512;
/// How many values a trait that is a list may have; the oldest leave first.
pub const TRAIT_LIST_MAX: usize = 128;
/// How many addresses a customer may have over all channels.
pub const ADDRESSES_MAX: usize = 256;
/// How many topics a customer may have a word on.
pub const TOPICS_MAX: usize = 256;
/// How many event names a profile counts.
pub const EVENT_NAMES_MAX: usize = 64;

/// The kind of identifier by which the house itself names a customer: `$customer:c2a1`.
///
/// Receipts and console actions use it, so that word of somebody who was erased in the meantime never makes a
/// new customer. Facts of other sources may not use it.
pub const CUSTOMER_KIND: &str = "$customer";
