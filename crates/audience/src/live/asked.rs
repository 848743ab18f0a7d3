//! What is to be asked anew, of whom, and why.

use columnar::{Columns, Lookup, Span, Told};
use model::{CustomerId, Instant, Row, Text};

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

/// What terms read of one stream when they are asked together.
#[derive(Debug)]
pub(super) struct Need<'t> {
    pub(super) stream: &'t Text,
    /// Nothing before it matters.
    pub(super) since: Instant,
    pub(super) properties: Vec<Text>,
}

/// What terms that are asked together read of one customer: each stream is looked up once for all of them.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) first_seen: Option<Instant>,
    streams: Vec<(Text, Vec<Told>)>,
}

impl Story {
    /// Looks up what is needed.
    pub(super) fn of(customer: CustomerId, needs: &[Need<'_>], columns: &mut Columns) -> Self {
        let mut look_up = |need: &Need<'_>| {
            let span = Span { after: need.since.plus_ms(-1), until: Instant::MAX };
            let lookup = Lookup { stream: need.stream, span, properties: &need.properties };
            (need.stream.clone(), columns.rows_of(customer, &lookup))
        };
        let streams = needs.iter().map(&mut look_up).collect();
        Self { first_seen: columns.first_seen(customer), streams }
    }

    /// The rows of these streams, by instant, then by arrival.
    pub(super) fn rows(&self, streams: &[Text]) -> Vec<&Row> {
        let told = |stream| self.streams.iter().find(|(name, _)| name == stream).map(|(_, told)| told);
        let mut all: Vec<&Told> = streams.iter().filter_map(told).flatten().collect();
        if streams.len() > 1 {
            all.sort_unstable_by_key(|told| told.place);
        }
        all.into_iter().map(|told| &told.row).collect()
    }
}

/// Each term of one customer's sorted `asks` once, and why. What has to be looked up is looked up, whatever another row said.
pub(super) fn each_once(asks: &[Pending]) -> impl Iterator<Item = (Ask, Because)> + '_ {
    let same_term = asks.chunk_by(|one, other| one.ask.term == other.ask.term);
    same_term.map(|same| (same[0].ask, Because::Row(same[0].cause.clone())))
}
