//! What can go wrong with parts, and what to do about it.

use std::path::{Path, PathBuf};

use model::{CustomerId, ErrorKind};

/// What can go wrong with columns.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk said no.
    #[error("cannot {action}. path=`{path}`")]
    Disk {
        /// What we wanted of it.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Arrow could not write a part.
    #[error("cannot write a part. path=`{path}`")]
    Write {
        /// Which file.
        path: PathBuf,
        /// What Arrow or Parquet said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The shelf of old parts said no.
    #[error("cannot {action} an old part. object=`{object}`")]
    Shelf {
        /// What we wanted of it.
        action: &'static str,
        /// Which object.
        object: String,
        /// What it said.
        source: std::io::Error,
    },
    /// Old rows are to be rewritten and there is no room for them.
    #[error(
        "there is no room to read old parts; it is tried again when questions need less. bytes=`{bytes}`, limit=`{bytes_max}`"
    )]
    Crowded {
        /// How many bytes were wanted.
        bytes: u64,
        /// How many there are in all.
        bytes_max: u64,
    },
    /// A part is not what was written.
    #[error(
        "a part is damaged: {reason}; stop the server and mend it with `omotenashi doctor --repair`. path=`{path}`"
    )]
    Damaged {
        /// What does not fit.
        reason: String,
        /// Which file.
        path: PathBuf,
    },
    /// The manifest is of a version that this program does not know.
    #[error("the parts are of a newer format; use the program that wrote them. version=`{version}`")]
    Version {
        /// What the manifest says.
        version: u32,
    },
    /// The manifest's bytes are not what was written.
    #[error("the list of parts cannot be read")]
    Manifest {
        /// What does not fit.
        source: postcard::Error,
    },
    /// A customer cannot be moved twice, nor to themselves.
    #[error("the customer cannot be moved: {reason}. from=`{from}`, to=`{to}`")]
    Move {
        /// Whose rows.
        from: CustomerId,
        /// To whom.
        to: CustomerId,
        /// Why not.
        reason: &'static str,
    },
}

impl Error {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Disk { .. } | Self::Write { .. } | Self::Shelf { .. } | Self::Crowded { .. } => {
                ErrorKind::Unavailable
            }
            Self::Damaged { .. } | Self::Version { .. } | Self::Manifest { .. } => ErrorKind::Corrupt,
            Self::Move { .. } => ErrorKind::Conflict,
        }
    }

    /// For `map_err`: the disk said no to `action` on `path`.
    pub(crate) fn disk(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Disk { action, path: path.to_owned(), source }
    }

    /// For `map_err`: the shelf said no to `action` on `object`.
    pub(crate) fn shelf(action: &'static str, object: &str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Shelf { action, object: object.to_owned(), source }
    }

    pub(crate) fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged { reason: reason.to_string(), path: path.to_owned() }
    }
}
