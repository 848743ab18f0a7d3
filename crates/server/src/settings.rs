//! How a server is started. Read once, by the binary; nothing else looks at flags or the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use model::Instant;

/// How a server is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The data folder: everything the server keeps is in it.
    pub data: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where returned mail is taken over LMTP, when it is: for the first workspace.
    pub bounces: Option<SocketAddr>,
    /// For how many hours a fact told twice is recognised: 24 to 168.
    pub deduplication_hours: u16,
    /// Events of calendar months that ended so many days ago are kept as old parts; `None`: everything stays hot.
    pub cold_after_days: Option<u32>,
    /// Where old parts lie: a folder or `s3://BUCKET/PREFIX`; `None`: in the data folder.
    pub cold_store: Option<String>,
}

/// The least number of hours that a fact told twice is recognised.
pub const DEDUPLICATION_HOURS_MIN: u16 = 24;
/// The greatest number of hours that a fact told twice is recognised.
pub const DEDUPLICATION_HOURS_MAX: u16 = 168;

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// The window of de-duplication is out of its bounds.
    #[error(
        "de-duplication works for {DEDUPLICATION_HOURS_MIN} to {DEDUPLICATION_HOURS_MAX} hours. field=`deduplication-hours`, value=`{value}`"
    )]
    DeduplicationHours {
        /// What stood there.
        value: u16,
    },
}

impl Settings {
    /// Settings with the usual values.
    pub fn new(data: PathBuf, listen: SocketAddr) -> Self {
        Self {
            data,
            listen,
            bounces: None,
            deduplication_hours: DEDUPLICATION_HOURS_MIN,
            cold_after_days: None,
            cold_store: None,
        }
    }

    /// Checks what cannot be said by types.
    ///
    /// # Errors
    /// [`BadSettings`] names the field, the value and the bounds.
    pub fn check(&self) -> Result<(), BadSettings> {
        let bounds = DEDUPLICATION_HOURS_MIN..=DEDUPLICATION_HOURS_MAX;
        if !bounds.contains(&self.deduplication_hours) {
            return Err(BadSettings::DeduplicationHours { value: self.deduplication_hours });
        }
        Ok(())
    }

    /// The window of de-duplication in milliseconds.
    pub fn deduplication_ms(&self) -> i64 {
        i64::from(self.deduplication_hours) * Instant::HOUR_MS
    }
}
