//! What can go wrong with a record.

use model::{ErrorKind, Text};

/// What went wrong with a record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not answer, or refused.
    #[error("control plane does not answer. action=`{action}`")]
    Database {
        /// What was asked of it.
        action: &'static str,
        /// What it said.
        source: sqlx::Error,
    },
    /// The file was written by a later version of this program.
    #[error("control plane is newer than this program: install version {found} or later. known=`{known}`")]
    Newer {
        /// The version of the file.
        found: i64,
        /// The latest version we know.
        known: i64,
    },
    /// A record does not say what was written.
    #[error("record is damaged. what=`{what}`, column=`{column}`, value=`{value}`")]
    Damaged {
        /// Which kind of record.
        what: &'static str,
        /// Which column.
        column: &'static str,
        /// What stood there.
        value: String,
    },
    /// There is no such record.
    #[error("no such {what}. name=`{name}`")]
    NotFound {
        /// Which kind of record.
        what: &'static str,
        /// Which one.
        name: Text,
    },
    /// There is one of that name.
    #[error("{what} exists already. name=`{name}`")]
    Taken {
        /// Which kind of record.
        what: &'static str,
        /// Which one.
        name: Text,
    },
    /// Somebody else changed it in between.
    #[error("{what} was changed in between: read it again. name=`{name}`, version=`{version}`")]
    Stale {
        /// Which kind of record.
        what: &'static str,
        /// Which one.
        name: Text,
        /// The version that the caller had read.
        version: u32,
    },
    /// Something refers to it.
    #[error("{what} is in use. name=`{name}`, by=`{by}`")]
    InUse {
        /// Which kind of record.
        what: &'static str,
        /// Which one.
        name: Text,
        /// What refers to it.
        by: Text,
    },
    /// Somebody has to own the workspace.
    #[error("a workspace needs an owner")]
    LastOwner,
    /// A password cannot be hashed, or a stored hash cannot be read.
    #[error("password hash is unusable")]
    Password {
        /// What the hash function said.
        source: argon2::password_hash::Error,
    },
}

impl Error {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Database { .. } => ErrorKind::Unavailable,
            Self::Newer { .. } | Self::Damaged { .. } | Self::Password { .. } => ErrorKind::Corrupt,
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::Taken { .. } | Self::Stale { .. } | Self::InUse { .. } | Self::LastOwner => {
                ErrorKind::Conflict
            }
        }
    }

    /// For `map_err`: what was asked when the database failed.
    pub(crate) fn when(action: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |source| Self::Database { action, source }
    }

    /// A clash with a unique name is [`Error::Taken`]; anything else is the database's failure.
    pub(crate) fn when_named(
        action: &'static str,
        what: &'static str,
        name: &str,
    ) -> impl Fn(sqlx::Error) -> Self {
        let name = Text::from(name);
        move |source| match source.as_database_error() {
            Some(error) if error.is_unique_violation() => Self::Taken { what, name: name.clone() },
            Some(_) | None => Self::Database { action, source },
        }
    }
}
