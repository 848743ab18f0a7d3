//! Which rows a question is about: the same words for every question.

use columnar::{CustomerSet, RowFilter, RowMask, Snapshot, Span, Stream, View};
use model::{CustomerId, Lane, Text};

/// Which rows a question is about.
#[derive(Clone)]
pub struct Scope<'q> {
    /// In which streams.
    pub streams: Streams,
    /// When they happened.
    pub span: Span,
    /// What else must hold of a row.
    pub filter: Option<RowFilter<'q>>,
    /// Only rows of these customers; `None`: of everybody.
    pub among: Option<&'q CustomerSet>,
}

/// Which streams a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Streams {
    /// These; one that has no row is empty.
    Named(Vec<Text>),
    /// Every event.
    AnyEvent,
}

impl<'q> Scope<'q> {
    /// All rows of one stream within `span`.
    pub fn of(stream: impl Into<Text>, span: Span) -> Self {
        Self { streams: Streams::Named(vec![stream.into()]), span, filter: None, among: None }
    }

    /// All events within `span`.
    pub fn any_event(span: Span) -> Self {
        Self { streams: Streams::AnyEvent, span, filter: None, among: None }
    }

    /// Only rows that pass `filter`.
    #[must_use]
    pub fn filtered(self, filter: RowFilter<'q>) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// Only rows of these customers.
    #[must_use]
    pub fn among(self, customers: &'q CustomerSet) -> Self {
        Self { among: Some(customers), ..self }
    }

    /// The streams that have a row, each once, in the order in which they were named.
    pub(crate) fn streams<'s>(&self, snapshot: &'s Snapshot) -> Vec<&'s Stream> {
        match &self.streams {
            Streams::AnyEvent => snapshot.streams_of("event:").collect(),
            Streams::Named(names) => {
                let first = |(index, name): &(usize, &Text)| !names[..*index].contains(name);
                let named = names.iter().enumerate().filter(first);
                named.filter_map(|(_, name)| snapshot.stream(name)).collect()
            }
        }
    }

    /// Shows every row of one lane of one table that it is about, in the order of the table.
    #[inline]
    pub(crate) fn each_row(&self, view: &View, lane: Lane, mut visit: impl FnMut(usize)) {
        let gate = Gate::new(self, view, lane);
        let times = view.times();
        let among = self.among.map(|among| among.lane(lane));
        for rows in view.lane(lane) {
            for row in rows {
                let wanted = self.span.contains(times[row])
                    && among.is_none_or(|among| among.contains(view.customer(row).ordinal()))
                    && gate.lets(row);
                if wanted {
                    visit(row);
                }
            }
        }
    }

    /// Whether it is about this customer at all.
    pub(crate) fn is_about(&self, customer: CustomerId) -> bool {
        self.among.is_none_or(|among| among.contains(customer))
    }
}

/// The filter's answers for the rows of one lane of one table.
#[derive(Debug)]
pub(crate) struct Gate {
    first: usize,
    mask: Option<RowMask>,
}

impl Gate {
    pub(crate) fn new(scope: &Scope<'_>, view: &View, lane: Lane) -> Self {
        let rows = view.lane_rows(lane);
        Self { first: rows.start, mask: scope.filter.map(|filter| filter(view.table(), rows)) }
    }

    #[inline]
    pub(crate) fn lets(&self, row: usize) -> bool {
        self.mask.as_ref().is_none_or(|mask| mask.value(row - self.first))
    }
}
