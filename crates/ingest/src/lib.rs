//! The admission desk: wire formats become checked facts, or reasons why not.
//!
//! A body arrives as bytes at a [`Desk`] (who sent it, when) and leaves as an
//! [`Admission`]: [`model::Fact`]s for the journal, and [`Reject`]s that name
//! the field, the value and the fix, so that nothing disappears in silence. A
//! body of which nothing can be read is a [`Refusal`]. Each format is one room:
//!
//! - [`segment`]: the Segment HTTP tracking API;
//! - [`clevertap`]: CleverTap's upload API;
//! - [`import`]: files, by a mapping of their columns.
//!
//! [`dictionary`] learns from the facts what comes in.
//!
//! Invariants: nothing here performs I/O or reads a clock; the same bytes at the
//! same desk give the same facts with the same ids; no bytes make it panic.

pub mod clevertap;
mod clock;
mod contact;
mod desk;
pub mod dictionary;
mod flat;
pub mod import;
pub mod limits;
pub mod segment;
#[cfg(test)]
mod show;
mod who;
mod wire;

pub use contact::{email, phone};
pub use desk::{Admission, CLAMPED, Desk, Fault, Reason, Refusal, Reject};
