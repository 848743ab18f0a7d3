//! The decision ledger: why somebody got a message, or did not.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::route::{Access, Operation, Route};
use crate::{Channel, Customer, Message, Purpose, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::MessageWhy, "/api/v1/messages/{id}/why", Access::Role(model::Role::Viewer))
        .says("Why this message was sent, held or suppressed, and what became of it.")
        .answers::<Why>(200),
    Route::get(Operation::WhyFetch, "/api/v1/why", Access::Role(model::Role::Viewer))
        .says("Why this customer did or did not get this campaign.")
        .queries::<WhyQuery>()
        .answers::<Why>(200),
];

/// Whose message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct WhyQuery {
    /// A customer id or an identifier.
    #[param(example = "user_id:42")]
    pub customer: String,
    /// The campaign's number or name.
    #[param(example = "autumn shoes")]
    pub campaign: String,
}

/// What the policy said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may go.
    Send,
    /// Not now; it is decided anew later.
    Hold,
    /// Not at all.
    Suppress,
}

/// The furthest a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// The policy suppressed it.
    Suppressed,
    /// The policy holds it back for now.
    Held,
    /// The policy let it go.
    Planned,
    /// A provider took it.
    Sent,
    /// It arrived.
    Delivered,
    /// It was seen.
    Opened,
    /// A link in it was followed.
    Clicked,
    /// The address refused it.
    Bounced,
    /// It failed for good.
    Failed,
    /// The attempt was begun and its outcome is not known.
    Unknown,
    /// Its reader called it a nuisance.
    Complained,
    /// Its reader left because of it.
    Unsubscribed,
}

/// A message in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageSummary {
    /// The message.
    pub id: Message,
    /// To whom.
    pub customer: Customer,
    /// What to call the customer on screen.
    #[schema(example = "Hanako Yamada")]
    pub label: String,
    /// The campaign's number.
    #[schema(example = 7)]
    pub campaign: u32,
    /// The campaign's name.
    #[schema(example = "autumn shoes")]
    pub campaign_name: String,
    /// On which channel.
    pub channel: Channel,
    /// When it was decided.
    pub at: Time,
    /// What the policy said.
    pub verdict: Verdict,
    /// The gate that decided, unless it was let go.
    #[schema(example = "consent")]
    pub gate: Option<String>,
    /// Its reason, or the reason of a failure.
    #[schema(example = "no_consent")]
    pub reason: Option<String>,
    /// The furthest it came.
    pub state: MessageState,
    /// The language of the variant, when one was chosen.
    #[schema(example = "ja")]
    pub variant: Option<String>,
}

/// Why a message was sent, held or suppressed, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Why {
    /// The message in brief.
    pub message: MessageSummary,
    /// Why we wanted to contact the customer.
    pub purpose: Purpose,
    /// What it was about.
    #[schema(example = "new_arrivals")]
    pub topic: Option<String>,
    /// The version of the campaign that was decided upon.
    #[schema(example = 3)]
    pub campaign_version: u32,
    /// Held until then.
    pub until: Option<Time>,
    /// The answer in one English sentence.
    #[schema(example = "It was suppressed: there is no consent to marketing by e-mail.")]
    pub sentence: String,
    /// Every gate, in order, with its result and the numbers it saw.
    pub gates: Vec<Gate>,
    /// What happened to it, in order.
    pub life: Vec<LifeMoment>,
    /// Whether it counts in the control arm.
    #[schema(example = false)]
    pub holdout: bool,
    /// How long the answer took, in milliseconds.
    #[schema(example = 0.8)]
    pub took_ms: f64,
}

/// One gate of the contact policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gate {
    /// Which: `eligible`, `known`, `consent`, `topic`, `reachable`, `holdout`, `content` …
    #[schema(example = "consent")]
    pub gate: String,
    /// What it said.
    pub result: GateResult,
    /// Its reason, unless it passed.
    #[schema(example = "no_consent")]
    pub reason: Option<String>,
    /// Whether it is the one that decided.
    #[schema(example = true)]
    pub decided: bool,
    /// What it saw, as keys and values: the console puts them into its own sentence.
    pub saw: Vec<Seen>,
    /// The same as one English sentence.
    #[schema(example = "no consent to marketing by e-mail is recorded")]
    pub sentence: String,
}

/// What a gate said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateResult {
    /// It lets the message pass.
    Passed,
    /// Not now.
    Held,
    /// Not at all.
    Suppressed,
    /// This purpose does not pass by this gate.
    Exempt,
}

/// One thing a gate saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Seen {
    /// What.
    #[schema(example = "purpose")]
    pub key: String,
    /// How much, or which.
    #[schema(example = "marketing")]
    pub value: String,
}

/// One thing that happened to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LifeMoment {
    /// When.
    pub at: Time,
    /// What: `decided`, `attempted`, `sent`, `delivered`, `opened`, `clicked`, `bounced`, `failed`, `unknown`,
    /// `complained`, `unsubscribed`.
    #[schema(example = "sent")]
    pub what: String,
    /// What was said about it: a provider's reply, a link, a door.
    #[schema(example = "250 2.0.0 Ok: queued as 4Zx1")]
    pub detail: Option<String>,
}
