//! Campaigns, between the console and the engine: compile a draft, check it before launch, preview it,
//! launch and steer it, report on it, say why.
//!
//! Everything here works on a workspace and returns bodies of the HTTP contract; the handlers only
//! find the caller and choose the status.

mod check;
mod compile;
mod launch;
mod ledger;
mod messages;
mod preview;
mod report;
mod walk;

pub use check::{broken, check};
pub use compile::{Compiled, compile, content_error};
pub use launch::{Command, Refused, command, launch, restore};
pub use ledger::LedgerRow;
pub use messages::{Whose, address, of_customer, summaries, why, why_customer};
pub use preview::{preview, test_message};
pub use report::{Launched, message_counts, report};
