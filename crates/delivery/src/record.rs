//! What delivery writes into the journal, and how it is written: the only truth about what was said to whom.
//!
//! A record is made first, journaled second and applied third, when it is read
//! back: live and after a crash by the same code. The bytes are a contract,
//! described in `docs/formats/decisions.md`.

use model::{CampaignId, CustomerId, ErrorKind, Instant, MessageId, Text};
use serde::{Deserialize, Serialize};

use crate::Campaign;
use crate::decision::{Decision, GateName, Reason};

/// One launch of one campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId {
    /// Which campaign.
    pub campaign: CampaignId,
    /// Which launch of it, from 0.
    pub occurrence: u32,
}

impl RunId {
    /// The launch that a message belongs to.
    pub fn of(message: MessageId) -> Self {
        Self { campaign: message.campaign, occurrence: message.occurrence }
    }

    /// The message of this launch to `customer`.
    pub fn message(self, customer: CustomerId) -> MessageId {
        MessageId { campaign: self.campaign, customer, occurrence: self.occurrence }
    }
}

/// `7-0`: campaign, occurrence.
impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.campaign, self.occurrence)
    }
}

/// The next customers of a run and what was decided about each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// When.
    pub at: Instant,
    /// For which run.
    pub run: RunId,
    /// How far the run has come; none: these were held before, or nobody was left.
    pub cursor: Option<CustomerId>,
    /// Nobody comes after this page.
    pub last: bool,
    /// One for each customer, in order.
    pub decisions: Vec<Decision>,
}

/// One thing that delivery decided, began or learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// A campaign was launched as it was at that moment.
    Launched {
        /// When. The audience is who met it at this instant, also when it is resolved again after a crash.
        at: Instant,
        /// Which launch, from 0.
        occurrence: u32,
        /// The whole definition.
        campaign: Campaign,
    },
    /// The next customers of a run were decided on.
    Page(Decided),
    /// These are about to be handed to a provider. Durable before the provider hears of them.
    Begun {
        /// When.
        at: Instant,
        /// Which.
        messages: Vec<MessageId>,
    },
    /// This is what came of handing them over.
    Ended {
        /// When.
        at: Instant,
        /// Which and what.
        endings: Vec<(MessageId, Ending)>,
    },
    /// A person said: wait.
    Paused {
        /// When.
        at: Instant,
        /// Which run.
        run: RunId,
    },
    /// A person said: go on.
    Resumed {
        /// When.
        at: Instant,
        /// Which run.
        run: RunId,
    },
    /// A person said: no more. What has not begun never will.
    Stopped {
        /// When.
        at: Instant,
        /// Which run.
        run: RunId,
    },
    /// Everybody was decided on and every message has ended.
    Finished {
        /// When.
        at: Instant,
        /// Which run.
        run: RunId,
    },
}

/// What came of one attempt to hand a message to a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The provider took it.
    Sent {
        /// What the provider calls it, if it said.
        provider_id: Option<Text>,
    },
    /// The provider did not take it, and may later.
    Deferred {
        /// When it is tried again.
        until: Instant,
        /// What the provider said.
        reason: Text,
    },
    /// The provider will never take it.
    Failed {
        /// What it said.
        reason: Text,
    },
    /// The address does not exist (any more).
    Bounced {
        /// What the provider said.
        reason: Text,
    },
    /// Nobody knows: the connection or the house went down in between.
    Unknown,
    /// Between decision and handing over the person opted out.
    Withdrawn {
        /// Which gate stopped it.
        gate: GateName,
        /// Why.
        reason: Reason,
    },
    /// The run was stopped before it could begin.
    Cancelled,
}

/// Bytes that are no record.
#[derive(Debug, thiserror::Error)]
pub enum BadRecord {
    /// Written by a later version of the house.
    #[error(
        "a delivery record of an unknown version: use the version that wrote it, or a later one. version=`{version}`"
    )]
    Version {
        /// The version it names.
        version: u8,
    },
    /// Torn or foreign bytes.
    #[error("a delivery record is unreadable: run `omotenashi doctor`. bytes=`{bytes}`")]
    Unreadable {
        /// How many there were.
        bytes: usize,
        /// What the codec said.
        source: postcard::Error,
    },
}

impl BadRecord {
    /// What the reader of this error should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Version { .. } | Self::Unreadable { .. } => ErrorKind::Corrupt,
        }
    }
}

/// The version that is written. Every version up to it is read.
const VERSION: u8 = 1;

impl Record {
    /// When.
    pub fn at(&self) -> Instant {
        match self {
            Self::Launched { at, .. }
            | Self::Page(Decided { at, .. })
            | Self::Begun { at, .. }
            | Self::Ended { at, .. }
            | Self::Paused { at, .. }
            | Self::Resumed { at, .. }
            | Self::Stopped { at, .. }
            | Self::Finished { at, .. } => *at,
        }
    }

    /// The bytes for the journal.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![VERSION]).expect("a record has no type that postcard refuses")
    }

    /// The record behind [`Self::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadRecord> {
        match bytes.split_first() {
            Some((&VERSION, body)) => postcard::from_bytes(body)
                .map_err(|source| BadRecord::Unreadable { bytes: bytes.len(), source }),
            Some((&version, _)) => Err(BadRecord::Version { version }),
            None => {
                Err(BadRecord::Unreadable { bytes: 0, source: postcard::Error::DeserializeUnexpectedEnd })
            }
        }
    }
}
