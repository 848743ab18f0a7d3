//! What can go wrong with people.

use model::ErrorKind;

/// What can go wrong with people: only what can go wrong with their state. Whatever a fact says is either
/// folded or [`Refused`](crate::Refused) with a reason.
///
/// After an error in [`People::fold`](crate::People::fold) the fact may be half folded: open the state
/// again at its checkpoint and fold the journal from there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state could not be read or written.
    #[error("the state of a customer is out of reach")]
    State(#[from] state::Error),
    /// A position in a list of results that we did not hand out.
    #[error("not a position of this list; ask for the first page again. after=`{after}`")]
    BadCursor {
        /// What was given.
        after: String,
    },
}

impl Error {
    /// What the caller should do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::State(error) => error.kind(),
            Self::BadCursor { .. } => ErrorKind::Invalid,
        }
    }
}
