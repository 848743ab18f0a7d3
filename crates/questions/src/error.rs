//! What can be wrong with a question.

use model::ErrorKind;

/// What can be wrong with a question.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The answer would have too many places.
    #[error(
        "the answer is too large; ask for a shorter range or fewer {what}. {what}=`{number}`, limit=`{limit}`"
    )]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many it would have.
        number: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A number is outside what makes sense.
    #[error("{field} must be {expected}. {field}=`{value}`")]
    Invalid {
        /// Which part of the question.
        field: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it was.
        value: String,
    },
}

impl Error {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Invalid { .. } => ErrorKind::Invalid,
        }
    }
}
