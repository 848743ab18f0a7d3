//! Which rows a question counts: an event, or several, and what must hold of it.

use std::ops::Range;

use api::Problem;
use api::ask::{EventInput, FilterInput};
use audience::{Condition, Context, Did, Filter, many};
use columnar::{CustomerSet, RowMask, Snapshot, Span, Table};
use model::{Text, stream};
use questions::{Scope, Streams};

use super::room::Room;
use crate::http::condition;
use crate::http::failure::Failure;

/// Rows of some events that pass a filter.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// The events; `None`: everything that customers did.
    pub(super) event: Option<Text>,
    /// What must hold of each.
    pub(super) filter: Option<Filter>,
    streams: Vec<Text>,
}

impl Rows {
    /// The rows that a question says at this place: a path that ends with a dot, or nothing for the top.
    pub(super) fn read(at: &str, (event, filter): (&str, &FilterInput)) -> Result<Self, Failure> {
        if event.is_empty() {
            let problem =
                Problem::invalid(format!("{at}event"), "which event is meant is missing").value(event);
            return Err(Failure::of(problem.fix("send the name of an event, such as `purchase`")));
        }
        let filter = condition::read_filter(&format!("{at}where"), filter)?;
        Ok(Self { event: Some(event.into()), filter, streams: vec![stream::event(event)] })
    }

    /// The rows of an event that may be missing: then everything that customers did.
    pub(super) fn read_or_anything(
        at: &str,
        input: Option<&EventInput>,
        snapshot: &Snapshot,
    ) -> Result<Self, Failure> {
        input.map_or_else(
            || Ok(Self { event: None, filter: None, streams: done(snapshot) }),
            |input| Self::read(at, (&input.event, &input.filter)),
        )
    }

    /// Only those of them that pass another filter as well.
    pub(super) fn and(self, other: Option<&Filter>) -> Self {
        let filter = match (self.filter, other.cloned()) {
            (Some(one), Some(other)) => Some(Filter::All { of: vec![one, other] }),
            (one, other) => one.or(other),
        };
        Self { filter, ..self }
    }

    /// The streams that they are in.
    pub(super) fn streams(&self) -> &[Text] {
        &self.streams
    }

    /// A condition with the same names in it.
    pub(super) fn mention(&self) -> Condition {
        self.event.as_ref().map_or(Condition::Everyone, |event| {
            Condition::Did(Did { filter: self.filter.clone(), ..Did::ever(event.clone()) })
        })
    }

    /// The same, ready to be tested.
    pub(super) fn ready<'r>(&'r self, room: &'r Room, context: &'r Context<'r>) -> Ready<'r> {
        let test =
            self.filter.as_ref().map(|filter| Box::new(many::row_filter(filter, context)) as RowTest<'_>);
        Ready { rows: self, room, test }
    }
}

/// Everything that customers did: every event but those of the house about its own messages.
pub(super) fn done(snapshot: &Snapshot) -> Vec<Text> {
    let own = stream::event(stream::message::PREFIX);
    let names = snapshot.streams_of("event:").map(|stream| stream.name());
    names.filter(|name| !name.starts_with(own.as_str())).cloned().collect()
}

/// Which rows of a range of a table pass a filter.
type RowTest<'r> = Box<dyn Fn(&Table, Range<usize>) -> RowMask + Sync + 'r>;

/// Rows and the test of their filter.
pub(super) struct Ready<'r> {
    rows: &'r Rows,
    room: &'r Room,
    test: Option<RowTest<'r>>,
}

impl Ready<'_> {
    /// As the engine takes it.
    pub(super) fn scope<'s>(&'s self, span: Span, among: Option<&'s CustomerSet>) -> Scope<'s> {
        let streams = Streams::Named(self.rows.streams.clone());
        let pace = Some(self.room.pace_over(&self.rows.streams));
        Scope { streams, span, filter: self.test.as_deref().map(|test| test as _), among, pace }
    }
}
