//! Home: what is happening now.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ask::Warning;
use crate::campaigns::CampaignBrief;
use crate::route::{Access, Operation, Route};
use crate::{Channel, Time};

/// What this group serves.
pub const ROUTES: &[Route] =
    &[Route::get(Operation::HomeFetch, "/api/v1/home", Access::Role(model::Role::Viewer))
        .says("What is happening now: customers, events, messages, campaigns, what to do next.")
        .answers::<Home>(200)];

/// What is happening now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Home {
    /// Up to which instant this is true.
    pub as_of: Time,
    /// How far what is shown lies behind what was accepted, in milliseconds.
    #[schema(example = 140)]
    pub behind_ms: u64,
    /// How many customers there are (merged count once, erased do not count).
    #[schema(example = 20_000)]
    pub customers: u64,
    /// How many of them each channel reaches.
    pub reach: Vec<Reach>,
    /// Accepted events per minute, the last 60 minutes, the oldest first.
    #[schema(example = json!([120, 133, 128]))]
    pub events_per_minute: Vec<u64>,
    /// Events that happened in the last 24 hours.
    #[schema(example = 181_204)]
    pub events_last_day: u64,
    /// Events that happened in the 24 hours before.
    #[schema(example = 174_912)]
    pub events_day_before: u64,
    /// Rejected records in the last 24 hours.
    #[schema(example = 3)]
    pub rejects_last_day: u64,
    /// Messages of the last 24 hours.
    pub messages_last_day: MessageCounts,
    /// Campaigns that run, wait or were launched last, at most ten.
    pub campaigns: Vec<CampaignBrief>,
    /// What is wrong with the data: what no answer contains until it is mended.
    pub warnings: Vec<Warning>,
    /// What to do next in a young workspace, in order.
    pub next_steps: Vec<NextStep>,
}

/// How many customers a channel reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reach {
    /// The channel.
    pub channel: Channel,
    /// Customers with a live address there.
    #[schema(example = 812)]
    pub customers: u64,
}

/// Messages by what became of them. A message counts in every state it reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageCounts {
    /// The policy let them go.
    #[schema(example = 800)]
    pub planned: u64,
    /// The policy holds them back for now.
    #[schema(example = 12)]
    pub held: u64,
    /// The policy suppressed them.
    #[schema(example = 200)]
    pub suppressed: u64,
    /// A provider took them.
    #[schema(example = 798)]
    pub sent: u64,
    /// They arrived.
    #[schema(example = 790)]
    pub delivered: u64,
    /// They were seen.
    #[schema(example = 301)]
    pub opened: u64,
    /// A link was followed.
    #[schema(example = 54)]
    pub clicked: u64,
    /// The address refused them.
    #[schema(example = 8)]
    pub bounced: u64,
    /// They failed for good, or their outcome is unknown.
    #[schema(example = 2)]
    pub failed: u64,
    /// Readers who called them a nuisance.
    #[schema(example = 0)]
    pub complained: u64,
    /// Readers who left because of them.
    #[schema(example = 3)]
    pub unsubscribed: u64,
}

/// One step towards the first campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextStep {
    /// Which step: `send_events`, `make_audience`, `set_sender`, `launch_campaign`.
    #[schema(example = "send_events")]
    pub step: String,
    /// Whether it is done.
    #[schema(example = true)]
    pub done: bool,
}
