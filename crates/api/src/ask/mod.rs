//! Questions: count, RFM, trend.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Time;
use crate::audiences::ConditionInput;
use crate::home::Reach;
use crate::route::{Access, Operation, Route};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::post(Operation::AskCount, "/api/v1/ask/count", Access::Role(model::Role::Viewer))
        .says("How many customers meet a condition, and how they can be reached.")
        .takes::<CountQuestion>()
        .answers::<CountAnswer>(200),
    Route::post(Operation::AskRfm, "/api/v1/ask/rfm", Access::Role(model::Role::Viewer))
        .says("Recency, frequency, money: ten groups, 25 cells, and the moves between the groups.")
        .takes::<RfmQuestion>()
        .answers::<RfmAnswer>(200),
    Route::post(Operation::AskTrend, "/api/v1/ask/trend", Access::Role(model::Role::Viewer))
        .says("How a number developed, by day, week or month.")
        .takes::<TrendQuestion>()
        .answers::<TrendAnswer>(200),
];

/// What is doubtful about an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// What kind of doubt.
    pub kind: WarningKind,
    /// The doubt in a sentence.
    #[schema(example = "812 rows cannot be read, so numbers are too small. stream=`event:purchase`")]
    pub message: String,
    /// What to do about it.
    #[schema(example = "stop the server, run `omotenashi doctor --repair`, and start again")]
    pub fix: Option<String>,
    /// In which stream.
    #[schema(example = "event:purchase")]
    pub stream: Option<String>,
    /// How many rows.
    #[schema(example = 812)]
    pub rows: Option<u64>,
    /// When the first of them happened.
    pub from: Option<Time>,
    /// When the last of them happened.
    pub to: Option<Time>,
}

/// What kind of doubt a [`Warning`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// Rows are in a damaged file: the answer does not count them.
    MissingRows,
}

/// How many customers meet a condition?
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountQuestion {
    /// The condition. Neither text nor JSON: everybody.
    #[serde(default)]
    pub condition: ConditionInput,
    /// At which instant. Missing: now.
    pub as_of: Option<Time>,
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
    /// What is doubtful about the answer.
    pub warnings: Vec<Warning>,
    /// How long the answer took, in milliseconds.
    #[schema(example = 3.2)]
    pub took_ms: f64,
}

/// Recency, frequency and money of those who did an event in a range.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RfmQuestion {
    /// The event. Missing: the workspace's purchase event.
    #[schema(example = "purchase")]
    pub event: Option<String>,
    /// The property that holds the amount. Missing: the workspace's amount property.
    #[schema(example = "amount")]
    pub amount_property: Option<String>,
    /// The range begins after this instant. Missing: 30 days before `to`.
    pub from: Option<Time>,
    /// The range ends with this instant. Missing: now.
    pub to: Option<Time>,
    /// Only these customers. Neither text nor JSON: everybody.
    #[serde(default)]
    pub condition: ConditionInput,
}

/// The answer to an [`RfmQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RfmAnswer {
    /// The event that was counted.
    #[schema(example = "purchase")]
    pub event: String,
    /// The property that was summed.
    #[schema(example = "amount")]
    pub amount_property: String,
    /// The range begins after this instant.
    pub from: Time,
    /// The range ends with this instant.
    pub to: Time,
    /// How many customers did the event in the range.
    #[schema(example = 4338)]
    pub customers: u64,
    /// The sum of their amounts, in the workspace's currency.
    #[schema(example = 8_911_407.9)]
    pub revenue: f64,
    /// The ten groups, from champions down; groups without customers too.
    pub groups: Vec<RfmGroup>,
    /// The 25 cells, recency 1 to 5 within frequency 1 to 5.
    pub cells: Vec<RfmCell>,
    /// How many customers went from which group in the range before (of equal length) to which group in this one.
    pub moves: Vec<RfmMove>,
    /// What is doubtful about the answer.
    pub warnings: Vec<Warning>,
    /// How long the answer took, in milliseconds.
    #[schema(example = 21.5)]
    pub took_ms: f64,
}

/// One of the ten groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RfmGroup {
    /// Which.
    pub group: RfmGroupName,
    /// What is known of its customers.
    pub numbers: RfmNumbers,
    /// A condition that names these customers, as text: for an audience in one click.
    #[schema(example = "rfm \"purchase\" in at_risk")]
    pub condition: Option<String>,
}

/// One of the 25 cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RfmCell {
    /// The recency score, 1 (long ago) to 5.
    #[schema(example = 2)]
    pub recency: u8,
    /// The frequency score, 1 (seldom) to 5.
    #[schema(example = 4)]
    pub frequency: u8,
    /// The group the cell belongs to.
    pub group: RfmGroupName,
    /// What is known of its customers.
    pub numbers: RfmNumbers,
}

/// What is known of the customers of a group or cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RfmNumbers {
    /// How many.
    #[schema(example = 612)]
    pub customers: u64,
    /// Days from the last event to the end of the range.
    pub recency_days: MeanMedian,
    /// How many events in the range.
    pub frequency: MeanMedian,
    /// The sum of the amounts in the range, in the workspace's currency.
    pub monetary: MeanMedian,
    /// The sum of the amounts of all of them, in the workspace's currency.
    #[schema(example = 812_330.5)]
    pub revenue: f64,
    /// Their share of the revenue of all, 0 to 1.
    #[schema(example = 0.091)]
    pub revenue_share: f64,
    /// How many of them each channel reaches.
    pub reach: Vec<Reach>,
}

/// Mean and median of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeanMedian {
    /// The mean.
    #[schema(example = 12.4)]
    pub mean: f64,
    /// The median.
    #[schema(example = 9.0)]
    pub median: f64,
}

/// The ten groups by recency and frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum RfmGroupName {
    Champions,
    Loyal,
    PotentialLoyalists,
    New,
    Promising,
    NeedsAttention,
    AboutToSleep,
    AtRisk,
    CannotLose,
    Hibernating,
}

/// Customers who went from one group to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RfmMove {
    /// Their group in the range before; missing: they did not do the event then.
    pub from: Option<RfmGroupName>,
    /// Their group in this range; missing: they did not do the event now.
    pub to: Option<RfmGroupName>,
    /// How many.
    #[schema(example = 41)]
    pub customers: u64,
}

/// How did a number develop?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrendQuestion {
    /// The event.
    #[schema(example = "purchase")]
    pub event: String,
    /// What to count.
    #[serde(default)]
    pub measure: TrendMeasure,
    /// The property to sum, average or rank; needed unless events or customers are counted.
    #[schema(example = "amount")]
    pub property: Option<String>,
    /// The percentile, 0 to 100, for `percentile`.
    #[schema(example = 90.0)]
    pub percentile: Option<f64>,
    /// How wide a bucket is.
    #[serde(default)]
    pub bucket: TrendBucket,
    /// The range begins after this instant. Missing: 30 days before `to`.
    pub from: Option<Time>,
    /// The range ends with this instant. Missing: now.
    pub to: Option<Time>,
    /// The time zone of the buckets (IANA). Missing: the workspace's.
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: Option<String>,
    /// Only these customers. Neither text nor JSON: everybody.
    #[serde(default)]
    pub condition: ConditionInput,
    /// One line for each value of this property of the event, or of this trait (`trait:country`).
    #[schema(example = "category")]
    pub breakdown: Option<String>,
    /// How many lines before the rest becomes `other`, 1 to 50; 10 when missing.
    #[schema(example = 10, minimum = 1, maximum = 50)]
    pub top: Option<usize>,
}

/// What a trend counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrendMeasure {
    /// Events.
    #[default]
    Events,
    /// Distinct customers.
    Customers,
    /// The sum of a property.
    Sum,
    /// The mean of a property.
    Average,
    /// A percentile of a property.
    Percentile,
}

/// How wide a bucket is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrendBucket {
    /// A calendar day.
    #[default]
    Day,
    /// From Monday.
    Week,
    /// A calendar month.
    Month,
}

/// The answer to a [`TrendQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendAnswer {
    /// The beginning of each bucket.
    pub buckets: Vec<Time>,
    /// One line, or one for each value of the breakdown, the largest first, `other` last.
    pub lines: Vec<TrendLine>,
    /// The time zone of the buckets.
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: String,
    /// The range begins after this instant.
    pub from: Time,
    /// The range ends with this instant.
    pub to: Time,
    /// What is doubtful about the answer.
    pub warnings: Vec<Warning>,
    /// How long the answer took, in milliseconds.
    #[schema(example = 8.1)]
    pub took_ms: f64,
}

/// One line of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendLine {
    /// The value of the breakdown; missing without a breakdown and for the rest.
    #[schema(example = "shoes")]
    pub value: Option<String>,
    /// Whether this line is the rest after the top ones.
    #[schema(example = false)]
    pub other: bool,
    /// The number in each bucket; missing where there is nothing to average or rank.
    #[schema(example = json!([12.0, 9.0, 14.0]))]
    pub points: Vec<Option<f64>>,
    /// The number over the whole range; missing where there is nothing to average or rank.
    #[schema(example = 35.0)]
    pub total: Option<f64>,
}
