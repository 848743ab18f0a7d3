//! What is decided about live audiences and when, as it stands in the journal, and why somebody entered or left.

use model::{Instant, Text};
use serde::{Deserialize, Serialize};

/// One decision about live audiences: folded in the order of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it was decided.
    pub at: Instant,
    /// What.
    pub change: Change,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Time has passed: whoever enters or leaves by it does so now.
    Passed,
    /// This name means this condition (in its text form), and is to be kept up to date. It waits until it is counted.
    Defined {
        /// The audience.
        name: Text,
        /// Its condition.
        condition: Text,
    },
    /// The audience is no more. It waits its turn.
    Removed {
        /// The audience.
        name: Text,
    },
    /// Days, weeks and hours are those of this zone. It waits until everything is counted by them.
    Zone {
        /// Its IANA name.
        zone: Text,
    },
    /// So many of the edits that waited, the oldest first, are counted: they are in force now.
    Counted {
        /// How many.
        edits: u32,
    },
}

impl Record {
    /// What this record meant before there was [`Change::Counted`]: an edit was in force at once.
    pub fn at_once(self) -> impl Iterator<Item = Self> {
        let counted = Self { at: self.at, change: Change::Counted { edits: 1 } };
        let is_edit = self.change.is_edit();
        std::iter::once(self).chain(is_edit.then_some(counted))
    }
}

impl Change {
    /// Whether it waits until it is counted.
    pub(super) fn is_edit(&self) -> bool {
        match self {
            Self::Defined { .. } | Self::Removed { .. } | Self::Zone { .. } => true,
            Self::Passed | Self::Counted { .. } => false,
        }
    }

    /// The audience that it is about.
    pub(super) fn name(&self) -> Option<&Text> {
        match self {
            Self::Defined { name, .. } | Self::Removed { name } => Some(name),
            Self::Zone { .. } | Self::Passed | Self::Counted { .. } => None,
        }
    }
}

/// What a checkpoint keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Up to when.
    pub at: Instant,
    /// Whose days are meant, as IANA name.
    pub zone: Text,
    /// What was defined.
    pub audiences: Vec<KeptAudience>,
}

/// An audience as it was defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAudience {
    /// Its name.
    pub name: Text,
    /// Its condition, in its text form.
    pub condition: Text,
    /// Since when it is kept up to date.
    pub since: Instant,
}

impl Default for Kept {
    fn default() -> Self {
        Self { at: Instant::default(), zone: "UTC".into(), audiences: Vec::new() }
    }
}

/// Why somebody entered or left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// A row came in this stream, which the condition reads.
    Row(Text),
    /// Nothing that the condition reads: the customer is new, and it holds of whoever did nothing.
    Appearance,
    /// Time passed.
    Time,
    /// Two customers turned out to be one.
    Merge,
    /// They turned out to be two after all.
    Unmerge,
    /// The audience was made, changed or removed.
    Definition,
    /// Events that the condition reads are not kept any longer.
    Retention,
}

impl Because {
    /// As it stands in a row: the name of a stream, or `time`, `merge`, `unmerge`, `definition`, `retention`; or nothing.
    pub fn text(&self) -> Option<Text> {
        match self {
            Self::Row(stream) => Some(stream.clone()),
            Self::Appearance => None,
            Self::Time => Some(Text::new_static("time")),
            Self::Merge => Some(Text::new_static("merge")),
            Self::Unmerge => Some(Text::new_static("unmerge")),
            Self::Definition => Some(Text::new_static("definition")),
            Self::Retention => Some(Text::new_static("retention")),
        }
    }
}
