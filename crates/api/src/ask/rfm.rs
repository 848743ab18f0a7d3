//! RFM: who bought lately (R), often (F), for how much (M).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::about::question;
use super::{FilterInput, Told};
use crate::home::Reach;

question! {
    /// Recency, frequency and money of those who did an event in a range.
    pub struct RfmQuestion {
        /// The event. Missing: the workspace's purchase event.
        #[schema(example = "purchase")]
        pub event: Option<String>,
        /// The property that holds the amount. Missing: the workspace's amount property.
        #[schema(example = "amount")]
        pub amount_property: Option<String>,
        /// Only such events. Neither text nor JSON: all.
        #[serde(rename = "where", default)]
        pub filter: FilterInput,
    }
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
    /// The answer that it is compared with, when that was asked for.
    #[schema(no_recursion)]
    pub compared: Option<Box<RfmAnswer>>,
    /// What it says about itself.
    #[serde(flatten)]
    pub told: Told,
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
