//! The control plane's records: workspaces, who has access, keys, audiences, saved questions, drafts, settings, imports,
//! the audit log, tallies of what was turned away.
//!
//! Functions say noun, then verb: [`Store::audience_fetch`], [`Store::key_create`]. No
//! SQL, row or pool leaves this crate, so another database is another set of
//! bodies behind the same names. Records that people edit carry a version and
//! are replaced only by who has read the latest. Time and secrets are
//! arguments; secrets are kept as hashes, except write keys, which stand in
//! every browser anyway.
//!
//! What happens to customers is *not* here: that is the journal's.

mod audiences;
mod audit;
mod campaigns;
mod database;
mod error;
mod imports;
mod keys;
mod members;
pub mod password;
mod questions;
mod refusals;
mod secret;
mod sessions;
mod settings;
mod users;
mod workspaces;

pub use audiences::{Audience, AudienceText};
pub use audit::{AUDIT_ENTRIES_MAX, AuditEntry};
pub use campaigns::{Campaign, CampaignText};
pub use database::Store;
pub use error::Error;
pub use imports::{Import, ImportEnd, ImportProgress, ImportStart};
pub use keys::{Key, KeyKind, KeyNew};
pub use members::{Invited, Member, RESET_MS};
pub use questions::{Question, QuestionText};
pub use refusals::Refusal;
pub use secret::Secret;
pub use sessions::{SESSION_MS, Session, SessionNew};
pub use settings::Settings;
pub use users::{SETUP_MS, Setup, User, UserNew};
pub use workspaces::{Workspace, WorkspaceId};

use model::{Instant, Text};

/// Who changes something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// How the audit log names this person or token.
    pub who: Text,
    /// When.
    pub at: Instant,
}

/// A record that people edit, and everything known about its editing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Counts its changes, from 1.
    pub version: u32,
    /// Who made it.
    pub created_by: Text,
    /// When it was made.
    pub created_at: Instant,
    /// Who changed it last.
    pub changed_by: Text,
    /// When it was changed last.
    pub changed_at: Instant,
}
