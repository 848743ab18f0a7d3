//! What can go wrong with working state.

use std::io;
use std::path::PathBuf;

use heed::MdbError;
use model::ErrorKind;

/// What can go wrong with working state.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has the folder open.
    #[error("the state folder is in use by another process; stop it first. folder=`{folder}`, pid=`{pid}`")]
    Locked {
        /// Which folder.
        folder: PathBuf,
        /// What the other process wrote about itself.
        pid: String,
    },
    /// The folder or its lock cannot be used.
    #[error("the state folder cannot be used. folder=`{folder}`")]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The embedded store refused; when writing, nothing was changed.
    #[error("the state store failed. while=`{action}`")]
    Store {
        /// What we were doing.
        action: &'static str,
        /// Why it failed.
        source: heed::Error,
    },
    /// Stored bytes do not say what was written.
    #[error("a stored value is unreadable; run `omotenashi doctor`. table=`{table}`, key=`{key}`")]
    Unreadable {
        /// In which table.
        table: String,
        /// The key in hexadecimal.
        key: String,
    },
    /// A later version of the program wrote this.
    #[error("written by a later version; start that version. table=`{table}`, version=`{version}`")]
    Later {
        /// In which table.
        table: String,
        /// The version it says it has.
        version: u8,
    },
}

impl Error {
    /// What the caller should do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Locked { .. } | Self::Later { .. } => ErrorKind::Conflict,
            Self::Folder { .. } => ErrorKind::Unavailable,
            Self::Store { source, .. } if damaged(source) => ErrorKind::Corrupt,
            Self::Store { .. } => ErrorKind::Unavailable,
            Self::Unreadable { .. } => ErrorKind::Corrupt,
        }
    }

    pub(crate) fn store(action: &'static str) -> impl FnOnce(heed::Error) -> Self {
        move |source| Self::Store { action, source }
    }

    pub(crate) fn unreadable(table: &str, key: &[u8]) -> Self {
        let key = key.iter().map(|byte| format!("{byte:02x}")).collect();
        Self::Unreadable { table: table.to_owned(), key }
    }

    /// Whether the store asks for a larger map; the caller grows it and tries again.
    pub(crate) fn map_full(&self) -> bool {
        matches!(self, Self::Store { source: heed::Error::Mdb(MdbError::MapFull), .. })
    }
}

/// Whether the store's own file is damaged, as opposed to out of reach or out of space.
fn damaged(error: &heed::Error) -> bool {
    matches!(
        error,
        heed::Error::Decoding(_)
            | heed::Error::Mdb(
                MdbError::PageNotFound | MdbError::Corrupted | MdbError::Invalid | MdbError::VersionMismatch
            )
    )
}
