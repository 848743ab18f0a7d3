//! What is to be asked anew, of whom, and why.

use model::{CustomerId, Instant, Text};

use super::record::Because;
use super::term::TermId;

/// A term that is to be asked of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ask {
    pub(super) term: TermId,
    /// That it holds, and until when at least, when a row said as much; `None`: it has to be looked up.
    pub(super) known: Option<Until>,
}

/// The first instant at which time may change it, if any.
pub(super) type Until = Option<Instant>;

/// Somebody of whom something is to be asked, and the stream of the row that gave reason to.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) customer: CustomerId,
    pub(super) ask: Ask,
    pub(super) cause: Text,
}

/// Each term of one customer's sorted `asks` once, and why. What has to be looked up is looked up, whatever another row said.
pub(super) fn each_once(asks: &[Pending]) -> impl Iterator<Item = (Ask, Because)> + '_ {
    let same_term = asks.chunk_by(|one, other| one.ask.term == other.ask.term);
    same_term.map(|same| (same[0].ask, Because::Row(same[0].cause.clone())))
}
