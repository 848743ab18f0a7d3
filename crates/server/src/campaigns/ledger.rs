//! The ledger as rows: reading `$message_*` events out of the columns.

use columnar::{Snapshot, View};
use delivery::{Decision, RunId};
use model::stream::{self, message as names};
use model::{CustomerId, Instant, MessageId, Row, Value};

/// The names of the house's own events, in the order of a message's life.
const LIFE: &[&str] = &[
    names::DECIDED,
    names::SENT,
    names::FAILED,
    names::DELIVERED,
    names::BOUNCED,
    names::OPENED,
    names::CLICKED,
    names::COMPLAINED,
    names::UNSUBSCRIBED,
];

/// One moment of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerRow {
    /// Which message.
    pub message: MessageId,
    /// What happened: `$message_…`.
    pub event: &'static str,
    /// The row.
    pub row: Row,
}

impl LedgerRow {
    /// When.
    pub fn at(&self) -> Instant {
        self.row.at
    }

    /// A property, when it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.row.properties.get(name).and_then(Value::text)
    }

    /// The decision that a `$message_decided` row holds.
    pub fn decision(&self) -> Option<Decision> {
        serde_json::from_str(self.text("record")?).ok()
    }
}

/// Every moment of a customer's messages, in the order in which they happened.
pub(super) fn of_customer(snapshot: &Snapshot, customer: CustomerId) -> Vec<LedgerRow> {
    let mut rows = Vec::new();
    for event in LIFE {
        for view in views(snapshot, event) {
            for row in view.find(customer).flatten() {
                rows.extend(ledger_row(view, row, event));
            }
        }
    }
    rows.sort_by_key(LedgerRow::at);
    rows
}

/// The clicks on the links of one launch's messages: by whom, and where to.
pub(super) fn clicks(snapshot: &Snapshot, run: RunId) -> Vec<(CustomerId, String)> {
    let mut clicks = Vec::new();
    for view in views(snapshot, names::CLICKED) {
        let (message, url) = (view.property("message"), view.property("url"));
        for row in model::Lane::all().flat_map(|lane| view.lane(lane)).flatten() {
            let of = message.text(row).and_then(|text| text.parse().ok()).map(RunId::of);
            if of == Some(run) {
                clicks.push((view.customer(row), url.text(row).unwrap_or_default().to_owned()));
            }
        }
    }
    clicks
}

fn views<'s>(snapshot: &'s Snapshot, event: &str) -> &'s [View] {
    snapshot.stream(&stream::event(event)).map_or(&[], |stream| stream.views())
}

fn ledger_row(view: &View, row: usize, event: &'static str) -> Option<LedgerRow> {
    let message = view.property("message").text(row)?.parse().ok()?;
    let row = Row {
        customer: view.customer(row),
        at: view.at(row),
        stream: stream::event(event),
        properties: view.properties(row),
    };
    Some(LedgerRow { message, event, row })
}
