//! What the admission desk answers: facts for the journal, rejects that stay visible, or a refusal of the whole body.

use std::fmt;

use model::{ErrorKind, Fact, FactId, Instant, SourceId, Text};
use serde::{Deserialize, Serialize};

use crate::limits;

/// Where and when a body arrived. All that admission needs to know besides the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desk {
    /// Who sent it: the write key's source, or [`SourceId::IMPORT`].
    pub source: SourceId,
    /// When it reached us.
    pub received_at: Instant,
}

/// What became of one body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Admission {
    /// What goes into the journal, in the order in which it came.
    pub facts: Vec<Fact>,
    /// What did not, and why, in the order in which it came.
    pub rejects: Vec<Reject>,
    /// How many facts said that they happen more than [`limits::FUTURE_MS_MAX`] from now; they carry
    /// [`CLAMPED`] and happened when they reached us.
    pub clamped: usize,
}

/// The property that marks an event whose instant was not believed.
pub const CLAMPED: &str = "context.time_clamped";

/// One record that was not admitted: visible under Data, and recoverable, because the record is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Which record of the body, from 0; for an import, the line of the file, from 1.
    pub index: u64,
    /// Why not.
    pub reason: Reason,
    /// Which field is at fault.
    pub field: Text,
    /// What stood there, shortened.
    pub value: Text,
    /// The record as it came, shortened when it is too large to keep.
    pub record: Text,
}

impl Reject {
    /// The reject of the record with this index (for an import, its line).
    pub fn new(index: u64, fault: Fault, record: &[u8]) -> Self {
        let Fault { reason, field, value } = fault;
        let record = shortened(&String::from_utf8_lossy(record), limits::REJECT_RECORD_BYTES_MAX);
        Self { index, reason, field, value, record }
    }

    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        self.reason.fix()
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, reason, field, value, record: _ } = self;
        write!(
            f,
            "{}: {}. index=`{index}`, field=`{field}`, value=`{value}`",
            reason.explanation(),
            reason.fix()
        )
    }
}

/// What is wrong with a record, before it is known which record of which body it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Why it is not admitted.
    pub reason: Reason,
    /// Which field is at fault.
    pub field: Text,
    /// What stood there, shortened.
    pub value: Text,
}

impl Fault {
    /// A fault of `field`, which says `value`.
    pub fn new(reason: Reason, field: impl Into<Text>, value: impl AsRef<str>) -> Self {
        let value = shortened(value.as_ref(), limits::REJECT_VALUE_BYTES_MAX);
        Self { reason, field: field.into(), value }
    }
}

/// The first `bytes_max` bytes of a text, cut between characters and marked with `…` when something is missing.
pub(crate) fn shortened(text: &str, bytes_max: usize) -> Text {
    if text.len() <= bytes_max {
        return text.into();
    }
    let end = (0..=bytes_max).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}…", &text[..end]).into()
}

/// Declares the reasons with their word, explanation and fix: one table for code, API and documents.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $explanation:literal, $fix:literal;)+) => {
        /// Why a record was not admitted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Reason { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl Reason {
            /// All of them, in the order of the table in `docs/ingest.md`.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in API, console and documents.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// One sentence that says what is wrong.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation),+ }
            }

            /// One sentence that says what to do.
            pub fn fix(self) -> &'static str {
                match self { $(Self::$variant => $fix),+ }
            }
        }
    };
}

reasons! {
    /// The record is no JSON object.
    Malformed = "malformed", "the record is not a JSON object", "send one JSON object per record";
    /// A field has a type that it cannot have.
    WrongType = "wrong_type", "the field has a type that it cannot have", "send the type that the documentation names for this field";
    /// `type` is none of the calls.
    UnknownType = "unknown_type", "the record does not say what it is", "set `type` to one of the types that the documentation names";
    /// Nothing says whom it is about.
    NoIdentifier = "no_identifier", "nothing says whom the record is about", "send at least one identifier, such as `userId` or `anonymousId`";
    /// An identifier is what a client prints when it has none.
    PlaceholderIdentifier = "placeholder_identifier", "the identifier is a placeholder, which would make many people one", "leave the identifier out while it is not known";
    /// The event has no name.
    NoName = "no_name", "the event has no name", "send the name of the event as text";
    /// The house keeps such names for itself.
    ReservedName = "reserved_name", "the name is reserved", "choose another name; names that begin with `$message_` and system events are not sent from outside";
    /// A name, identifier or message id is longer than its limit.
    TooLong = "too_long", "the text is longer than its limit", "shorten it; docs/limits.md lists the limits";
    /// The record is larger than its limit.
    TooLarge = "too_large", "the record is larger than its limit of 32 KiB", "send less in one record";
    /// More properties or identifiers than the limit.
    TooMany = "too_many", "there are more of these than the limit", "send fewer; docs/limits.md lists the limits";
    /// Objects and lists are nested deeper than the limit.
    TooDeep = "too_deep", "objects and lists are nested too deep", "flatten the record; docs/limits.md lists the limits";
    /// A text or number is no instant.
    BadTime = "bad_time", "the value is not an instant", "send an instant like `2026-01-31T12:00:00.000Z`";
    /// A value is no e-mail address.
    BadEmail = "bad_email", "the value is not an e-mail address", "send an address like `a@example.com`";
    /// A value is no telephone number.
    BadPhone = "bad_phone", "the value is not a telephone number", "send it in the international form, like `+819012345678`";
    /// A value does not fit the type that was asked for.
    BadValue = "bad_value", "the value does not fit the field", "correct the value, or the type that the mapping asks for";
    /// A statement that this door does not admit.
    NotAdmitted = "not_admitted", "statements of this kind are not admitted here", "use the control API for it";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a whole body was refused. Nothing of it was admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is no JSON.
    #[error("the body is not valid JSON: {explanation}. line=`{line}`, column=`{column}`")]
    Malformed {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser expected or found.
        explanation: String,
    },
    /// A field of the body itself is missing or has a wrong type.
    #[error("{expected}. field=`{field}`, value=`{value}`")]
    Field {
        /// Which.
        field: &'static str,
        /// What stood there, shortened.
        value: Text,
        /// What has to stand there.
        expected: &'static str,
    },
    /// The body is larger than its limit.
    #[error("the body is too large: send it in smaller pieces. bytes=`{bytes}`, limit_bytes=`{limit_bytes}`")]
    TooLarge {
        /// How large it is (at least).
        bytes: usize,
        /// How large it may be.
        limit_bytes: usize,
    },
    /// The body has more records than the limit.
    #[error(
        "there are too many records in one body: send fewer at once. records=`{records}`, limit=`{limit}`"
    )]
    TooMany {
        /// How many there are.
        records: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The bytes of an import chunk are not what a client writes.
    #[error(
        "the import chunk is unreadable: send it again with a client of the same version. reason=`{reason}`"
    )]
    Chunk {
        /// What is wrong with it.
        reason: String,
    },
}

impl Refusal {
    /// What the sender should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed { .. } | Self::Field { .. } | Self::Chunk { .. } => ErrorKind::Invalid,
            Self::TooLarge { .. } | Self::TooMany { .. } => ErrorKind::TooLarge,
        }
    }

    pub(crate) fn malformed(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let explanation = text.split(" at line ").next().unwrap_or_default().to_owned();
        Self::Malformed { line: error.line(), column: error.column(), explanation }
    }
}

/// The id of a record that brings none.
///
/// It is made of the record's bytes and its place in the body, so a client that blindly sends the same
/// body again adds nothing. A record that does not say when it happened may honestly happen again with
/// the same bytes; only within the same second is it taken for a retry.
pub(crate) fn derived_id(desk: &Desk, record: &[u8], index: usize, has_time: bool) -> FactId {
    let second = if has_time { 0 } else { desk.received_at.ms().div_euclid(Instant::SECOND_MS) };
    let content = String::from_utf8_lossy(record);
    FactId::of(desk.source, &format!("content\n{second}\n{index}\n{content}"))
}

/// Refuses a body that is larger than its limit.
pub(crate) fn check_size(body: &[u8], limit_bytes: usize) -> Result<(), Refusal> {
    if body.len() > limit_bytes {
        return Err(Refusal::TooLarge { bytes: body.len(), limit_bytes });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("山田太郎", 7), "山田…");
    }

    #[test]
    fn every_reason_has_a_word_of_its_own_and_a_fix() {
        let words: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.word()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
        assert!(Reason::ALL.iter().all(|reason| !reason.fix().is_empty() && !reason.fix().ends_with('.')));
    }
}
