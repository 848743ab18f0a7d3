//! Count: how many customers meet a condition.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Warning;
use crate::Time;
use crate::audiences::ConditionInput;
use crate::home::Reach;

/// How many customers meet a condition?
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountQuestion {
    /// The condition. Neither text nor JSON: everybody.
    #[serde(default)]
    pub condition: ConditionInput,
    /// At which instant. Missing: now.
    pub as_of: Option<Time>,
    /// The time zone of days and hours (IANA). Missing: the workspace's.
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: Option<String>,
}

/// How many customers meet a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CountAnswer {
    /// How many meet it.
    #[schema(example = 812)]
    pub customers: u64,
    /// How many customers there are.
    #[schema(example = 20_000)]
    pub of: u64,
    /// How many of those who meet it each channel reaches.
    pub reach: Vec<Reach>,
    /// How many of them consented to marketing on at least one channel.
    #[schema(example = 700)]
    pub consented: u64,
    /// At which instant.
    pub as_of: Time,
    /// The condition as text, laid out.
    #[schema(example = "did \"purchase\" at least 2 times in last 30 days")]
    pub text: String,
    /// What is doubtful about the condition.
    pub warnings: Vec<Warning>,
    /// How long the answer took, in milliseconds.
    #[schema(example = 3.2)]
    pub took_ms: f64,
}
