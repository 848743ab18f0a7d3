//! The people behind a number of an answer: as a list, as a table, as an audience.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Question;
use super::rfm::RfmGroupName;
use crate::Time;
use crate::customers::CustomerSummary;
use crate::home::Reach;

/// Which number of an answer. Lines, buckets, cohorts and periods are counted from 0, as they stand in the answer; ask with
/// the `from` and `to` of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pick {
    /// Everybody the answer counts.
    Everybody,
    /// Of a trend: those with an event of a line, in one bucket or (without one) in the whole range.
    Point {
        /// Which line.
        #[serde(default)]
        line: usize,
        /// Which bucket.
        bucket: Option<usize>,
    },
    /// Of a funnel: those who came at least to a step.
    Reached {
        /// Which line.
        #[serde(default)]
        line: usize,
        /// Which step, from 1.
        step: usize,
    },
    /// Of a funnel: those who came to a step and no further.
    Dropped {
        /// Which line.
        #[serde(default)]
        line: usize,
        /// Which step, from 1.
        step: usize,
    },
    /// Of a retention: those who began in a period.
    Cohort {
        /// Which line.
        #[serde(default)]
        line: usize,
        /// Which cohort.
        cohort: usize,
    },
    /// Of a retention: those of a cohort who came back k periods later.
    Returned {
        /// Which line.
        #[serde(default)]
        line: usize,
        /// Which cohort.
        cohort: usize,
        /// How many periods later.
        period: usize,
    },
    /// Of a retention: those of a cohort who did not come back k periods later.
    Away {
        /// Which line.
        #[serde(default)]
        line: usize,
        /// Which cohort.
        cohort: usize,
        /// How many periods later.
        period: usize,
    },
    /// Of paths: those with exactly this path.
    Path {
        /// The events, in the order of time.
        steps: Vec<String>,
    },
    /// Of paths: those with a step at a distance from the anchor.
    Node {
        /// How many steps away, from 1.
        distance: usize,
        /// The event.
        step: String,
        /// Only those who went no further.
        #[serde(default)]
        ended: bool,
    },
    /// Of RFM: those in a group.
    Group {
        /// Which.
        group: RfmGroupName,
    },
    /// Of RFM: those in a cell.
    Cell {
        /// The recency score, 1 to 5.
        recency: u8,
        /// The frequency score, 1 to 5.
        frequency: u8,
    },
    /// Of RFM: those who went from one group to another.
    Moved {
        /// Their group in the range before; missing: they did not do the event then.
        from: Option<RfmGroupName>,
        /// Their group in this range; missing: they did not do the event now.
        to: Option<RfmGroupName>,
    },
}

/// Who stands behind a number?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuestion {
    /// The question.
    pub question: Question,
    /// Which number of its answer.
    pub pick: Pick,
    /// Start after this: the `next` of the page before.
    #[schema(example = "c2a1")]
    pub after: Option<String>,
    /// At most this many customers: 1 to 1000, 50 when missing.
    #[schema(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}

/// The people behind a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeopleAnswer {
    /// Who they are, in words.
    #[schema(example = "reached step 2 (add_to_cart) and went no further, 2026-01-01 to 2026-01-31")]
    pub what: String,
    /// How many.
    #[schema(example = 210)]
    pub customers: u64,
    /// How many customers there are.
    #[schema(example = 20_000)]
    pub of: u64,
    /// How many of them each channel reaches.
    pub reach: Vec<Reach>,
    /// How many of them consented to marketing on at least one channel.
    #[schema(example = 150)]
    pub consented: u64,
    /// A condition that names these customers, as text, where the language can say it.
    #[schema(example = "did \"purchase\" between 2026-01-01 and 2026-01-31")]
    pub condition: Option<String>,
    /// A page of them.
    pub items: Vec<CustomerSummary>,
    /// Pass this as `after` for the next page; missing: this was the last.
    #[schema(example = "c2a1")]
    pub next: Option<String>,
    /// As of when they are reachable.
    pub as_of: Time,
    /// How long the answer took, in milliseconds.
    #[schema(example = 12.5)]
    pub took_ms: f64,
}

/// Hands out the people behind a number as a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleTable {
    /// The question.
    pub question: Question,
    /// Which number of its answer.
    pub pick: Pick,
}

/// Makes an audience of the people behind a number: by a condition where the language can say who they are, else as a list of
/// whom it was at this instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceOfPick {
    /// Its name: 1 to 100 characters, unique in the workspace.
    #[schema(example = "left the cart")]
    pub name: String,
    /// What it is for. Missing: who they are, in words.
    #[schema(example = "put something into the cart in January and did not buy")]
    pub description: Option<String>,
    /// The question.
    pub question: Question,
    /// Which number of its answer.
    pub pick: Pick,
}
