//! The engine of one workspace: a writer thread, a fold thread, and the handle that the async world holds.
//!
//! ```text
//! Handle ──Append──► writer ──group, fsync──► journal
//!   │                  │ what became durable
//!   └──Ask──────────► fold ──apply──► world (people, columns, runs, dictionary) ──► snapshot for questions
//!                      │ propose: pages, beginnings          │ what began
//!                      └──Append──► writer                   └──► courier (renders, hands to the driver)
//! ```
//!
//! Invariants:
//! - the fold applies only what it reads from the journal, live and after a crash by the same code;
//! - what leaves the house (a message handed to a provider) was durable before as `Begun`;
//! - what waits for either thread is bounded by its weight; whoever brings more is told to come back;
//! - the world has one owner, the fold thread; everybody else asks it or reads a snapshot.

mod base;
pub mod campaign;
mod compactor;
mod counter;
mod cutter;
mod entry;
mod fold;
mod handle;
mod held;
mod open;
mod repair;
mod retention;
mod room;
mod seen;
mod shared;
mod speed;
mod stories;
mod world;
mod writer;

pub use campaign::{Addressed, Job, Plan, Reader, Voice, last_events};
pub use entry::{Entry, Facts};
pub use handle::{Accepted, Error, Handle};
pub use open::{Engine, Options, Recovered, Threads, open};
pub use repair::{Examined, Repaired, examine, repair};
pub use retention::{Forget, kept_from};
pub use seen::{Seen, SeenRefusal, SeenReject, Turned};
pub use stories::{Scanned, Stories};
pub use world::{Fault, World};

/// An error and everything behind it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
