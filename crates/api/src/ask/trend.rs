//! Trend: how a number developed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::about::question;
use super::{EventInput, FilterInput, Period, Told};
use crate::Time;

question! {
    /// How did a number develop?
    pub struct TrendQuestion {
        /// The event. Missing: those in `events`, or the workspace's purchase event.
        #[schema(example = "purchase")]
        pub event: Option<String>,
        /// Only such events. Neither text nor JSON: all.
        #[serde(rename = "where", default)]
        pub filter: FilterInput,
        /// Several events, each a line of its own; instead of `event` and `where`.
        #[serde(default)]
        pub events: Vec<EventInput>,
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
        pub bucket: Period,
        /// One line for each value of this property of the event, or of this trait (`trait:country`), or for those in an
        /// audience and those outside (`audience:regulars`).
        #[schema(example = "category")]
        pub breakdown: Option<String>,
        /// How many lines before the rest becomes `other`, 1 to 50; 10 when missing.
        #[schema(example = 10, minimum = 1, maximum = 50)]
        pub top: Option<usize>,
    }
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

/// The answer to a [`TrendQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendAnswer {
    /// The beginning of each bucket.
    pub buckets: Vec<Time>,
    /// One line for each event and each value of the breakdown: the events in the order of the question, of each the
    /// largest line first, `other` last.
    pub lines: Vec<TrendLine>,
    /// The answer that it is compared with, when that was asked for.
    #[schema(no_recursion)]
    pub compared: Option<Box<TrendAnswer>>,
    /// What it says about itself.
    #[serde(flatten)]
    pub told: Told,
}

/// One line of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendLine {
    /// The event.
    #[schema(example = "purchase")]
    pub event: String,
    /// The value of the breakdown; missing without a breakdown, where the value is missing, and for the rest.
    #[schema(example = "shoes")]
    pub value: Option<String>,
    /// Whether this is the rest after the top ones, or those outside of the audience.
    #[schema(example = false)]
    pub other: bool,
    /// The number in each bucket; missing where there is nothing to average or rank.
    #[schema(example = json!([12.0, 9.0, 14.0]))]
    pub points: Vec<Option<f64>>,
    /// The number over the whole range; missing where there is nothing to average or rank.
    #[schema(example = 35.0)]
    pub total: Option<f64>,
}
