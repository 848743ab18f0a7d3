//! Retention: who comes back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::about::question;
use super::{EventInput, Period, Told};
use crate::Time;

question! {
    /// Of those who began in a period, how many came back in the periods after?
    pub struct RetentionQuestion {
        /// What begins: the first such event in the range decides the cohort. Missing: anything the customer did.
        pub start: Option<EventInput>,
        /// What counts as coming back. Missing: anything the customer did.
        pub back: Option<EventInput>,
        /// How long a period is.
        #[serde(default)]
        pub period: Period,
        /// How periods after the beginning are counted.
        #[serde(default)]
        pub counting: RetentionCounting,
        /// One line for each value of this property of the first event, or of this trait (`trait:country`), or for those in an
        /// audience and those outside (`audience:regulars`).
        #[schema(example = "category")]
        pub breakdown: Option<String>,
        /// How many lines before the rest becomes `other`, 1 to 50; 5 when missing.
        #[schema(example = 5, minimum = 1, maximum = 50)]
        pub top: Option<usize>,
    }
}

/// How periods after the beginning are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionCounting {
    /// Came back in calendar period c + k.
    #[default]
    Calendar,
    /// Came back in calendar period c + k or any later one.
    OnOrAfter,
    /// Came back in the k-th stretch (24 hours, 7 or 30 times that) after their own first instant.
    Rolling,
}

/// The answer to a [`RetentionQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RetentionAnswer {
    /// Everybody, or one line for each value of the breakdown.
    pub lines: Vec<RetentionLine>,
    /// The answer that it is compared with, when that was asked for.
    #[schema(no_recursion)]
    pub compared: Option<Box<RetentionAnswer>>,
    /// What it says about itself.
    #[serde(flatten)]
    pub told: Told,
}

/// How some customers came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RetentionLine {
    /// The value of the breakdown; missing without a breakdown, where the value is missing, and for the rest.
    #[schema(example = "shoes")]
    pub value: Option<String>,
    /// Whether this is the rest after the top ones, or those outside of the audience.
    #[schema(example = false)]
    pub other: bool,
    /// How many began in the range.
    #[schema(example = 4338)]
    pub customers: u64,
    /// One for each period in which somebody could begin, in order.
    pub cohorts: Vec<RetentionCohort>,
    /// Of everybody who could have come back k periods later, the share that did, 0 to 1.
    #[schema(example = json!([1.0, 0.37, 0.33]))]
    pub shares: Vec<Option<f64>>,
}

/// Those who began in one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RetentionCohort {
    /// When the period begins.
    pub start: Time,
    /// How many began.
    #[schema(example = 885)]
    pub customers: u64,
    /// How many of them came back k periods later; as many places as the range has periods from here on.
    #[schema(example = json!([885, 324, 286]))]
    pub returned: Vec<u64>,
}
