//! Contact policy, decisions, the outbox, attempts and receipts: it decides, it never does.
//!
//! A campaign, a journey or an API call wants to say one thing to one person
//! now: a [`Candidate`]. [`decide`] asks every gate of [`GATES`] and returns a
//! [`Decision`]: the ledger record, with everything that was seen. [`Runs`] is
//! the campaign machine: it proposes [`Record`]s, the server journals them, and
//! [`Runs::apply`] follows what was journaled, live and after a crash alike.
//! A [`Channel`] turns a rendered message into bytes for a provider and a
//! provider's reply into an outcome; the `channels` crate has them.
//!
//! Invariant: nothing here performs I/O, reads a clock or draws a random
//! number, so the same records rebuild the same state.

mod campaign;
mod candidate;
pub mod channel;
mod decision;
mod gates;
mod outbox;
mod policy;
mod purpose;
mod receipt;
mod record;
mod report;
mod route;
mod rows;
mod run;
mod runs;
mod statistics;
mod story;
pub mod token;
pub mod why;
mod words;

pub use campaign::{BadCampaign, Campaign, VARIANTS_MAX, Variant, VariantId};
pub use candidate::{
    Address, Breakage, Candidate, Consent, Person, RenderHash, Standing, Topic, Zone, ZoneSource,
};
pub use channel::Channel;
pub use decision::{Arm, Decision, Draw, GateName, LocalTime, Outcome, Reason, Seen, Sight, Verdict};
pub use gates::{GATES, Gate, Scene, Scope, decide, draw, withdrawn};
pub use outbox::{ATTEMPTS_MAX, OUTBOX_MAX, Outbox, Outgoing, PutOff, Stage};
pub use policy::{BadShare, Minute, Policy, QuietHours, QuietRule, Share};
pub use purpose::{Rules, rules};
pub use receipt::{About, Life, Mark, News, Receipt};
pub use record::{BadRecord, Decided, Ending, Record, RunId};
pub use report::{ArmCounts, Comparison, Conversion, Report, Reporter};
pub use route::{Reach, Route, RouteWhy, Wording, WordingWhy};
pub use rows::{REASON_STOPPED, REASON_UNKNOWN};
pub use run::{Held, Run, RunState, Tally};
pub use runs::{PAGE_MAX, Page, Refused, Runs};
pub use statistics::{Interval, Reading};
pub use story::{Brief, Counts, Ruling, Side, Story, message_of};
