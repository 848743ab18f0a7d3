//! What can go wrong with a journal.

use std::io;
use std::path::PathBuf;

use model::ErrorKind;

/// What can go wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk refused (full, gone, not permitted). Nothing that was acknowledged is harmed.
    #[error("the disk refused to {action} the journal. path=`{}`", path.display())]
    Disk {
        /// What we wanted.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Bytes that were once durable are no longer what was written.
    #[error("the journal is damaged, and later blocks are readable. path=`{}`, offset=`{offset}`, reason=`{reason}`", path.display())]
    Corrupt {
        /// In which file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// A record larger than a record may be.
    #[error("a record is too large. bytes=`{bytes}`, limit_bytes=`{limit_bytes}`")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        limit_bytes: usize,
    },
    /// An append failed half-way and could not be taken back; the journal takes no more until it is opened anew.
    #[error("the journal is closed after a failed append; start again to recover")]
    Closed,
}

impl Error {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Disk { .. } | Self::Closed => ErrorKind::Unavailable,
            Self::Corrupt { .. } => ErrorKind::Corrupt,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
        }
    }

    pub(crate) fn disk(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { action, path, source }
    }
}
