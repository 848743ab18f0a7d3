//! Paths: what people did before, or after, something happened.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::about::question;
use super::{EventInput, Told};

question! {
    /// What did people do in the steps before, or after, something happened?
    pub struct PathsQuestion {
        /// What is looked back or forward from. Missing: the workspace's purchase event.
        pub anchor: Option<EventInput>,
        /// Which of a customer's anchors count.
        #[serde(default)]
        pub occurrence: PathsOccurrence,
        /// In which direction.
        #[serde(default)]
        pub direction: PathsDirection,
        /// How many steps, 1 to 10; 3 when missing.
        #[schema(example = 3, minimum = 1, maximum = 10)]
        pub steps: Option<usize>,
        /// How far from its anchor a step may be. Missing: 7 days.
        #[schema(example = "7 days")]
        pub within: Option<String>,
        /// Which events are steps. None: everything the customer did.
        #[serde(default)]
        #[schema(example = json!(["product_view", "add_to_cart"]))]
        pub events: Vec<String>,
        /// Whether several steps of one name in a row are one; they are when nobody says.
        #[schema(example = true)]
        pub collapse: Option<bool>,
        /// How many of the most frequent paths are told, 1 to 1,000; 20 when missing.
        #[schema(example = 20, minimum = 1, maximum = 1000)]
        pub top: Option<usize>,
    }
}

/// Which of a customer's anchors count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PathsOccurrence {
    /// The first one.
    First,
    /// The last one.
    #[default]
    Last,
    /// Each.
    Each,
}

/// In which direction paths are followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PathsDirection {
    /// What came before the anchor.
    #[default]
    Before,
    /// What came after the anchor.
    After,
}

/// The answer to a [`PathsQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathsAnswer {
    /// The event that was looked back or forward from.
    #[schema(example = "app_uninstall")]
    pub anchor: String,
    /// How many anchors there were.
    #[schema(example = 512)]
    pub anchors: u64,
    /// Of how many customers.
    #[schema(example = 512)]
    pub customers: u64,
    /// The most frequent paths, each in the order of time.
    pub paths: Vec<PathsPath>,
    /// Every step at its distance from the anchor, the nearest and the most frequent first; rare ones together.
    pub nodes: Vec<PathsNode>,
    /// How many went from one step to the one further away from the anchor.
    pub links: Vec<PathsLink>,
    /// The answer that it is compared with, when that was asked for.
    #[schema(no_recursion)]
    pub compared: Option<Box<PathsAnswer>>,
    /// What it says about itself.
    #[serde(flatten)]
    pub told: Told,
}

/// One path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathsPath {
    /// The events, in the order of time; none: nothing happened within reach.
    #[schema(example = json!(["search", "product_view", "add_to_cart"]))]
    pub steps: Vec<String>,
    /// How many anchors had it.
    #[schema(example = 41)]
    pub anchors: u64,
    /// Of all anchors, 0 to 1.
    #[schema(example = 0.08)]
    pub share: f64,
}

/// A step at a distance from the anchor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathsNode {
    /// How many steps away from the anchor, from 1.
    #[schema(example = 1)]
    pub distance: usize,
    /// The event; missing: all the rare ones together.
    #[schema(example = "product_view")]
    pub step: Option<String>,
    /// How many anchors came this way.
    #[schema(example = 320)]
    pub anchors: u64,
    /// How many of them went no further.
    #[schema(example = 12)]
    pub ended: u64,
}

/// How many anchors have these two steps next to each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathsLink {
    /// How many steps the nearer one is away from the anchor; 0: it is the anchor.
    #[schema(example = 1)]
    pub distance: usize,
    /// The step nearer to the anchor; missing: a rare one, or the anchor.
    #[schema(example = "add_to_cart")]
    pub near: Option<String>,
    /// The step further away; missing: a rare one.
    #[schema(example = "product_view")]
    pub far: Option<String>,
    /// How many.
    #[schema(example = 118)]
    pub anchors: u64,
}
