//! Funnel: how far customers come along steps.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::about::question;
use super::{EventInput, FilterInput, Told};

question! {
    /// How far do customers come along steps, within a window?
    pub struct FunnelQuestion {
        /// The steps, 1 to 32.
        pub steps: Vec<FunnelStep>,
        /// How long after the first event the last one may come. Missing: 7 days.
        #[schema(example = "7 days")]
        pub within: Option<String>,
        /// What else must hold of the order.
        #[serde(default)]
        pub order: FunnelOrder,
        /// One line for each value of this property of the first step, or of this trait (`trait:country`), or for those in an
        /// audience and those outside (`audience:regulars`).
        #[schema(example = "category")]
        pub breakdown: Option<String>,
        /// How many lines before the rest becomes `other`, 1 to 50; 5 when missing.
        #[schema(example = 5, minimum = 1, maximum = 50)]
        pub top: Option<usize>,
    }
}

/// One step: an event, or one of several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    /// The event.
    #[schema(example = "add_to_cart")]
    pub event: String,
    /// Only such events. Neither text nor JSON: all.
    #[serde(rename = "where", default)]
    pub filter: FilterInput,
    /// Others that will do as well.
    #[serde(default)]
    pub or: Vec<EventInput>,
}

/// What else must hold of the order of steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelOrder {
    /// In order, whatever lies between.
    #[default]
    Ordered,
    /// In order; between two steps no event of a third.
    Strict,
    /// In any order.
    Any,
}

/// The answer to a [`FunnelQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunnelAnswer {
    /// Everybody, or one line for each value of the breakdown.
    pub lines: Vec<FunnelLine>,
    /// The answer that it is compared with, when that was asked for.
    #[schema(no_recursion)]
    pub compared: Option<Box<FunnelAnswer>>,
    /// What it says about itself.
    #[serde(flatten)]
    pub told: Told,
}

/// How far some customers came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunnelLine {
    /// The value of the breakdown; missing without a breakdown, where the value is missing, and for the rest.
    #[schema(example = "shoes")]
    pub value: Option<String>,
    /// Whether this is the rest after the top ones, or those outside of the audience.
    #[schema(example = false)]
    pub other: bool,
    /// One for each step.
    pub steps: Vec<FunnelReached>,
}

/// How many came to a step, and how fast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunnelReached {
    /// The event, or the events.
    #[schema(example = "add_to_cart or wishlist")]
    pub name: String,
    /// How many came at least so far.
    #[schema(example = 812)]
    pub customers: u64,
    /// How many came so far and no further; nobody at the last step.
    #[schema(example = 210)]
    pub dropped: u64,
    /// Of those who came to the first step, 0 to 1; missing when nobody did.
    #[schema(example = 0.42)]
    pub of_first: Option<f64>,
    /// Of those who came to the step before, 0 to 1; missing when nobody did.
    #[schema(example = 0.61)]
    pub of_previous: Option<f64>,
    /// The shortest time from the first step to this one, of the middle one of them, in milliseconds.
    #[schema(example = 86_400_000.0)]
    pub median_ms: Option<f64>,
    /// The same, within which nine of ten came, in milliseconds.
    #[schema(example = 259_200_000.0)]
    pub p90_ms: Option<f64>,
}
