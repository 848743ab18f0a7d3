//! Customers: search, profile, story, consent, taking apart, erasure.

use model::Properties;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::route::{Access, Operation, Route};
use crate::why::MessageSummary;
use crate::{AddressState, Channel, Customer as Id, Message, Page, Purpose, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::CustomerList, "/api/v1/customers", Access::Role(model::Role::Viewer))
        .says("Customers whose identifiers or name contain a text, or all of them.")
        .queries::<CustomerQuery>()
        .answers::<Page<CustomerSummary>>(200),
    Route::get(Operation::CustomerFetch, "/api/v1/customers/{id}", Access::Role(model::Role::Viewer))
        .says("One customer; `id` is a customer id or an identifier like `user_id:42`.")
        .answers::<Customer>(200),
    Route::get(
        Operation::CustomerTimeline,
        "/api/v1/customers/{id}/timeline",
        Access::Role(model::Role::Viewer),
    )
    .says("What happened to and through the customer, the latest first.")
    .queries::<TimelineQuery>()
    .answers::<Page<Moment>>(200),
    Route::get(
        Operation::CustomerMessages,
        "/api/v1/customers/{id}/messages",
        Access::Role(model::Role::Viewer),
    )
    .says("What we said or decided not to say, the latest first.")
    .queries::<TimelineQuery>()
    .answers::<Page<MessageSummary>>(200),
    Route::post(Operation::CustomerErase, "/api/v1/customers/{id}/erase", Access::Role(model::Role::Admin))
        .says("Forgets the customer: hidden everywhere at once, for ever.")
        .takes::<Erase>()
        .answers_nothing(),
    Route::post(
        Operation::CustomerUnmerge,
        "/api/v1/customers/{id}/unmerge",
        Access::Role(model::Role::Admin),
    )
    .says("Takes two people apart who were held for one: events, traits and consents go back to whose they are.")
    .takes::<Unmerge>()
    .answers::<Customer>(200),
    Route::post(
        Operation::CustomerConsent,
        "/api/v1/customers/{id}/consents",
        Access::Role(model::Role::Marketer),
    )
    .says("Records a yes or no that the customer gave in person.")
    .takes::<ConsentRecord>()
    .answers::<Customer>(200),
];

/// Which customers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CustomerQuery {
    /// The beginning of an identifier or of a name; `kind:value` for exactly one. Missing: everybody.
    #[param(example = "hanako")]
    pub query: Option<String>,
    /// Start after this: the `next` of the page before.
    #[param(example = "c2a1")]
    pub after: Option<String>,
    /// At most this many items: 1 to 1000, 50 when missing.
    #[param(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}

/// Which part of a story.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    /// Only what lies before this: the `next` of the page before.
    #[param(example = "1769860800000-3")]
    pub before: Option<String>,
    /// At most this many items: 1 to 1000, 50 when missing.
    #[param(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerSummary {
    /// The customer.
    pub id: Id,
    /// What to call the customer on screen: name, else the strongest identifier.
    #[schema(example = "Hanako Yamada")]
    pub label: String,
    /// The e-mail address, when there is one.
    #[schema(example = "hanako@example.com")]
    pub email: Option<String>,
    /// The strongest identifier.
    #[schema(example = "user_id:42")]
    pub identifier: Option<String>,
    /// How many events, over all time.
    #[schema(example = 131)]
    pub events: u64,
    /// The first event.
    pub first_seen: Option<Time>,
    /// The latest event.
    pub last_seen: Option<Time>,
}

/// One customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// The customer.
    pub id: Id,
    /// What to call the customer on screen: name, else the strongest identifier.
    #[schema(example = "Hanako Yamada")]
    pub label: String,
    /// All names, the strongest first.
    pub identifiers: Vec<Identifier>,
    /// What is known, by name.
    #[schema(value_type = Object, example = json!({"name": "Hanako Yamada", "country": "JP"}))]
    pub traits: Properties,
    /// The language content is chosen by (BCP 47), when known.
    #[schema(example = "ja")]
    pub language: Option<String>,
    /// The time zone quiet hours are judged by (IANA), when known.
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: Option<String>,
    /// Where channels reach the customer.
    pub addresses: Vec<Address>,
    /// The last word on each purpose and channel.
    pub consents: Vec<Consent>,
    /// The last word on each topic.
    pub topics: Vec<Topic>,
    /// The named audiences the customer is in now.
    #[schema(example = json!(["regulars"]))]
    pub audiences: Vec<String>,
    /// How many events, over all time.
    #[schema(example = 131)]
    pub events: u64,
    /// The first event.
    pub first_seen: Option<Time>,
    /// The latest event.
    pub last_seen: Option<Time>,
    /// Whether somebody said: never contact this person.
    #[schema(example = false)]
    pub blocked: bool,
    /// Other customers that turned out to be this one.
    pub merged: Vec<Merged>,
}

/// A customer who turned out to be another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Merged {
    /// Who.
    pub customer: Id,
    /// By which of their identifiers.
    #[schema(example = "anonymous_id:7f3a")]
    pub by: String,
    /// When that was said.
    pub at: Time,
}

/// Takes two people apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmerge {
    /// The `by` of one of `merged`.
    #[schema(example = "anonymous_id:7f3a")]
    pub by: String,
}

/// A name of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identifier {
    /// `user_id`, `anonymous_id`, `email`, `phone`, `device`, or the brand's own word.
    #[schema(example = "user_id")]
    pub kind: String,
    /// What it says.
    #[schema(example = "42")]
    pub value: String,
}

/// Where a channel reaches a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Address {
    /// By which channel.
    pub channel: Channel,
    /// The token, e-mail, number …
    #[schema(example = "hanako@example.com")]
    pub address: String,
    /// What is known of it.
    pub state: AddressState,
    /// Since when.
    pub since: Option<Time>,
}

/// A recorded yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consent {
    /// To what.
    pub purpose: Purpose,
    /// On which channel; missing: on every channel.
    pub channel: Option<Channel>,
    /// Yes or no.
    #[schema(example = true)]
    pub given: bool,
    /// When.
    pub at: Time,
    /// The words they saw, or the door it came by.
    #[schema(example = "preference_page")]
    pub proof: String,
}

/// Whether a customer subscribed to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Topic {
    /// Which.
    #[schema(example = "new_arrivals")]
    pub topic: String,
    /// Joined or left.
    #[schema(example = true)]
    pub subscribed: bool,
    /// When.
    pub at: Time,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Moment {
    /// When.
    pub at: Time,
    /// What kind of thing.
    pub kind: MomentKind,
    /// The event's, trait's, purpose's, topic's, channel's or audience's name.
    #[schema(example = "purchase")]
    pub name: String,
    /// What was said about it.
    #[schema(value_type = Object, example = json!({"category": "shoes", "amount": 4980}))]
    pub properties: Properties,
    /// The message it is about, when it is about one.
    pub message: Option<Message>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MomentKind {
    /// The customer did something.
    Event,
    /// A trait changed.
    Trait,
    /// A yes or no to a purpose.
    Consent,
    /// A topic joined or left.
    Topic,
    /// An address changed.
    Address,
    /// An audience entered or left.
    Audience,
    /// Something in the life of one of our messages.
    Message,
}

/// Forgets a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Why, for the audit log.
    #[schema(example = "asked by e-mail on 31 January")]
    pub reason: String,
}

/// Records a yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    /// To what.
    pub purpose: Purpose,
    /// On which channel; missing: on every channel.
    pub channel: Option<Channel>,
    /// Yes or no.
    #[schema(example = false)]
    pub given: bool,
    /// The words they said or saw.
    #[schema(example = "said so on the phone")]
    pub proof: String,
}
