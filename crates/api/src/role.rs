//! What a console user or token may do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a console user or token may do. Each may do all that those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Asks questions, exports lists.
    Analyst,
    /// Makes audiences and campaigns, and sends.
    Marketer,
    /// Changes settings and keys, erases customers.
    Admin,
    /// Decides who has access.
    Owner,
}

impl Role {
    /// All of them, the humblest first.
    pub const ALL: &[Self] = &[Self::Viewer, Self::Analyst, Self::Marketer, Self::Admin, Self::Owner];

    /// The word in API, console and storage.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Marketer => "marketer",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role behind a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.word() == word)
    }
}
