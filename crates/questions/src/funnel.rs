//! Funnel: how far customers come along steps, within a window.
//!
//! A step is reached when there are strictly different events for it and all
//! before it, in order, the last within the window of the first: whichever
//! chain of events is the best counts. One pass over each customer's events
//! finds it, because of all chains that reach a step, the one that began last
//! is never worse than another.

mod ordered;
mod walked;

use columnar::{CustomerSet, LaneSet, Snapshot, Span, for_each_lane};
use model::Lane;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::scope::Scope;
use crate::statistics::percentiles;

/// The question.
#[derive(Clone)]
pub struct Funnel<'q> {
    /// The steps. A row matches a step when it is in one of its scopes. They share `span` and `among`; those of the scopes
    /// are ignored.
    pub steps: Vec<Vec<Scope<'q>>>,
    /// When all events of a chain happened.
    pub span: Span,
    /// Whose events; `None`: everybody's.
    pub among: Option<&'q CustomerSet>,
    /// How long after the first event the last one may come.
    pub window_ms: i64,
    /// What else must hold of the order.
    pub order: StepOrder,
}

/// What else must hold of the order of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOrder {
    /// In order, whatever lies between.
    Ordered,
    /// In order; between two steps no event of a third.
    Strict,
    /// In any order; an event stands for the first step that it matches.
    Any,
}

/// A funnel has at most so many steps.
pub const STEPS_MAX: usize = 32;

/// The answer.
#[derive(Debug, Clone)]
pub struct FunnelAnswer {
    /// One for each step.
    pub steps: Vec<StepAnswer>,
    lanes: Vec<Vec<u8>>,
}

/// How many came to a step, and how fast.
#[derive(Debug, Clone, PartialEq)]
pub struct StepAnswer {
    /// How many came at least so far.
    pub customers: usize,
    /// The shortest time from the first step to this one, of the middle one of them; between two values in proportion.
    pub median_ms: Option<f64>,
    /// The same, within which nine of ten came.
    pub p90_ms: Option<f64>,
}

/// Asks the question.
///
/// # Errors
/// When there is no step, or too many, or the window is negative.
pub fn funnel(snapshot: &Snapshot, question: &Funnel<'_>) -> Result<FunnelAnswer, Error> {
    let number = question.steps.len();
    if number > STEPS_MAX {
        return Err(Error::TooLarge { what: "steps", number, limit: STEPS_MAX });
    }
    if number == 0 || question.window_ms < 0 {
        let (field, expected, value) = if number == 0 {
            ("steps", "at least one", 0)
        } else {
            ("window_ms", "0 or more", question.window_ms)
        };
        return Err(Error::Invalid { field, expected, value: value.to_string() });
    }
    let lanes = for_each_lane(|lane| match question.order {
        StepOrder::Ordered => ordered::run(snapshot, question, lane),
        StepOrder::Strict | StepOrder::Any => walked::run(snapshot, question, lane),
    });
    let mut reached = vec![0_usize; number + 1];
    for lane in &lanes {
        lane.codes.iter().for_each(|code| reached[usize::from(*code)] += 1);
    }
    let steps = (0..number).map(|step| {
        let customers = reached[step + 1..].iter().sum();
        let times = |place: usize| lanes.iter().map(|lane| &lane.times[place][..]).collect::<Vec<_>>();
        let [median_ms, p90_ms] = match step.checked_sub(1) {
            Some(place) => percentiles(&times(place), [0.5, 0.9]),
            None => [(customers > 0).then_some(0.0); 2],
        };
        StepAnswer { customers, median_ms, p90_ms }
    });
    Ok(FunnelAnswer { steps: steps.collect(), lanes: lanes.into_iter().map(|lane| lane.codes).collect() })
}

impl FunnelAnswer {
    /// Who came at least to this step, counted from 1.
    pub fn reached(&self, step: usize) -> CustomerSet {
        self.all(|code| code >= step)
    }

    /// Who came to this step, counted from 1, and no further.
    pub fn dropped_after(&self, step: usize) -> CustomerSet {
        self.all(|code| code == step)
    }

    fn all(&self, test: impl Fn(usize) -> bool + Sync) -> CustomerSet {
        CustomerSet::from_lanes(for_each_lane(|lane| {
            let codes = &self.lanes[lane.index()];
            LaneSet::from_test(codes.len(), |ordinal| codes[ordinal] > 0 && test(usize::from(codes[ordinal])))
        }))
    }
}

/// What one lane says.
struct LaneAnswer {
    /// How far each ordinal came.
    codes: Vec<u8>,
    /// For each step after the first the shortest times to it, of those who came so far. To the first it is no time.
    times: Vec<Vec<i64>>,
}

impl LaneAnswer {
    fn none(snapshot: &Snapshot, question: &Funnel<'_>, lane: Lane) -> Self {
        let steps = question.steps.len();
        Self { codes: vec![0; snapshot.ordinals(lane)], times: vec![Vec::new(); steps - 1] }
    }
}
