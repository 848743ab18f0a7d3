//! What columns hold: one row for each thing that happened to a customer, in named streams.
//!
//! Everything that a question can ask about is a row in a stream: what people
//! did, what their traits said from when on, their consents, addresses, the
//! messages we sent. So "as of any past instant" needs no second mechanism: it
//! is the last row at or before that instant.

use crate::{CustomerId, Instant, Properties, Text};

/// One thing that happened to one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// To whom.
    pub customer: CustomerId,
    /// When.
    pub at: Instant,
    /// In which stream: see [`stream`].
    pub stream: Text,
    /// What was said about it.
    pub properties: Properties,
}

/// The names of the streams and what the rows in each say.
pub mod stream {
    use crate::{Channel, Purpose, Text};

    /// `event:NAME`: the customer did it; properties as sent, nested objects flattened with dots, lists as JSON text.
    pub fn event(name: &str) -> Text {
        format!("event:{name}").into()
    }

    /// `trait:NAME`: from now on the trait is `value`; no `value`: it was unset.
    pub fn r#trait(name: &str) -> Text {
        format!("trait:{name}").into()
    }

    /// `consent:PURPOSE`: `given` (bool), `channel` (text, missing: all channels), `proof` (text).
    pub fn consent(purpose: Purpose) -> Text {
        format!("consent:{purpose}").into()
    }

    /// `topic:NAME`: `subscribed` (bool).
    pub fn topic(name: &str) -> Text {
        format!("topic:{name}").into()
    }

    /// `address:CHANNEL`: `live` is how many live addresses the customer has there from now on (int).
    pub fn address(channel: Channel) -> Text {
        format!("address:{channel}").into()
    }

    /// `audience:NAME`: entered (`member` is true) or left (false) an audience that is kept up to date; `because` is the
    /// stream of the row that made a part of its condition so, or `time`, `merge`, `unmerge`, `definition`;
    /// missing: the customer is new, and it holds of whoever did nothing.
    pub fn audience(name: &str) -> Text {
        format!("audience:{name}").into()
    }

    /// In [`audience`]: whether the customer is in it from now on (bool).
    pub const MEMBER: &str = "member";
    /// In [`audience`]: why (text).
    pub const BECAUSE: &str = "because";

    /// The name part of an event's stream, when it is one.
    pub fn event_name(stream: &str) -> Option<&str> {
        stream.strip_prefix("event:")
    }

    /// The events of the house itself, about its own messages. They are ordinary events to
    /// every question and condition; nobody else may send them. Properties of each: `message`
    /// (id), `campaign` (name), `variant`, `channel`, and what the name calls for.
    pub mod message {
        /// The policy decided: `outcome` (send, hold, suppress), `gate`, `reason`, `record` (the full decision as JSON).
        pub const DECIDED: &str = "$message_decided";
        /// A provider took it.
        pub const SENT: &str = "$message_sent";
        /// It failed for good, or its outcome is unknown: `reason`.
        pub const FAILED: &str = "$message_failed";
        /// It arrived.
        pub const DELIVERED: &str = "$message_delivered";
        /// The address refused it: `reason`, `permanent` (bool).
        pub const BOUNCED: &str = "$message_bounced";
        /// It was seen.
        pub const OPENED: &str = "$message_opened";
        /// A link in it was followed: `url`.
        pub const CLICKED: &str = "$message_clicked";
        /// Its reader called it a nuisance.
        pub const COMPLAINED: &str = "$message_complained";
        /// Its reader left: `door`.
        pub const UNSUBSCRIBED: &str = "$message_unsubscribed";
        /// What all of them begin with; names that others may not send.
        pub const PREFIX: &str = "$message_";
    }
}
