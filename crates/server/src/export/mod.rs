//! Everything out again, as lines of JSON that can be imported again: events, customers, the ledger.
//!
//! It reads a snapshot, page by page, and asks the engine for the names of the
//! customers of each page, so neither its memory nor a pause of the fold grows with the data.

mod lines;

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use columnar::{Hit, Snapshot, Span, Stream, View, Walk};
use model::stream;
use model::{CustomerId, FactId, Lane, SourceId, Text};
use people::Profile;

use lines::{CustomerLine, EventLine, MessageLine, Who, write_line};

/// What the names of the ledger's streams begin with: they are the events of `model::stream::message`.
const LEDGER: &str = "event:$message_";
/// How many rows are named at once.
const PAGE: usize = 2_000;

/// What stands behind customers: their profiles, in the order in which they were asked for.
pub type Profiles<'p> = &'p mut dyn FnMut(Vec<CustomerId>) -> io::Result<Vec<Option<Arc<Profile>>>>;

/// What is exported, and what tells its lines apart from those of every other workspace.
pub struct Export<'e> {
    /// The rows.
    pub snapshot: &'e Snapshot,
    /// When they happened.
    pub span: Span,
    /// Stands before the number of each row in its message id.
    pub origin: &'e str,
}

/// A row on its way out.
struct Row<'s> {
    customer: CustomerId,
    view: &'s View,
    stream: &'s Text,
    row: usize,
}

impl Export<'_> {
    /// Every event of others (of this name, if one is given), customer by customer, the earliest first.
    ///
    /// # Errors
    /// When the sink takes no more, or nobody says who the customers are.
    pub fn events(&self, name: Option<&str>, profiles: Profiles<'_>, sink: &mut dyn Write) -> io::Result<()> {
        self.walk(&self.event_streams(name), &mut |rows| {
            let named = briefly(rows, profiles)?;
            for row in rows {
                let line = EventLine {
                    r#type: "track",
                    message_id: self.message_id(row.view.arrival(row.row)),
                    who: &named[&row.customer],
                    event: stream::event_name(row.stream).unwrap_or_default(),
                    timestamp: row.view.at(row.row),
                    properties: row.view.properties(row.row),
                };
                write_line(sink, &line)?;
            }
            Ok(())
        })
    }

    /// Every customer as they are now.
    ///
    /// # Errors
    /// When the sink takes no more, or nobody says who the customers are.
    pub fn customers(&self, profiles: Profiles<'_>, sink: &mut dyn Write) -> io::Result<()> {
        let everybody = self.snapshot.customers(self.span.until);
        let mut after = None;
        loop {
            let page = everybody.page(after, PAGE);
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            for profile in profiles(page)?.into_iter().flatten() {
                let message_id = self.message_id(format_args!("customer/{}", profile.customer));
                write_line(sink, &CustomerLine::new(message_id, &profile))?;
            }
        }
    }

    /// The ledger, customer by customer, the earliest first.
    ///
    /// # Errors
    /// When the sink takes no more, or nobody says who the customers are.
    pub fn messages(&self, profiles: Profiles<'_>, sink: &mut dyn Write) -> io::Result<()> {
        self.walk(&self.message_streams(), &mut |rows| {
            let named = briefly(rows, profiles)?;
            for row in rows {
                let line = MessageLine {
                    at: row.view.at(row.row),
                    what: row.stream.strip_prefix(LEDGER).unwrap_or_default(),
                    who: &named[&row.customer],
                    properties: row.view.properties(row.row),
                };
                write_line(sink, &line)?;
            }
            Ok(())
        })
    }

    /// The streams of the events of others (of this name, if one is given).
    pub fn event_streams(&self, name: Option<&str>) -> Vec<&Stream> {
        let streams = match name {
            Some(name) => self.snapshot.stream(&stream::event(name)).into_iter().collect(),
            None => self.snapshot.streams_of("event:").collect::<Vec<_>>(),
        };
        streams.into_iter().filter(|stream| !stream.name().starts_with(LEDGER)).collect()
    }

    /// The streams of the ledger.
    pub fn message_streams(&self) -> Vec<&Stream> {
        self.snapshot.streams_of(LEDGER).collect()
    }

    /// The same row has the same id in every export of this workspace, and in no other's.
    fn message_id(&self, number: impl std::fmt::Display) -> String {
        format!("{:032x}", FactId::of(SourceId::HOUSE, &format!("{}/{number}", self.origin)).0)
    }

    /// Shows every row of these streams, customer by customer, in pages.
    fn walk(
        &self,
        streams: &[&Stream],
        show: &mut dyn FnMut(&[Row<'_>]) -> io::Result<()>,
    ) -> io::Result<()> {
        let views: Vec<(&Text, &View)> = streams
            .iter()
            .flat_map(|stream| stream.views().iter().map(|view| (stream.name(), view)))
            .collect();
        let mut page = Vec::with_capacity(PAGE);
        for lane in Lane::all() {
            let mut walk = Walk::new(views.iter().map(|(_, view)| *view), lane, self.span);
            while let Some((customer, hits)) = walk.next() {
                for Hit { view, row, .. } in hits {
                    let (stream, view) = views[*view as usize];
                    page.push(Row { customer, view, stream, row: *row as usize });
                    if page.len() == PAGE {
                        show(&page)?;
                        page.clear();
                    }
                }
            }
        }
        if page.is_empty() { Ok(()) } else { show(&page) }
    }
}

/// The strongest name of each customer of a page.
fn briefly(rows: &[Row<'_>], profiles: Profiles<'_>) -> io::Result<HashMap<CustomerId, Who>> {
    let mut customers: Vec<CustomerId> = rows.iter().map(|row| row.customer).collect();
    customers.dedup();
    let found = profiles(customers.clone())?;
    let named = customers.into_iter().zip(found);
    Ok(named.map(|(customer, profile)| (customer, Who::briefly(customer, profile.as_deref()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_is_what_others_may_not_send() {
        assert_eq!(LEDGER, stream::event(stream::message::PREFIX));
    }
}
