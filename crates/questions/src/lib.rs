//! Questions over columns: count, trend, funnel, retention, paths, RFM. What each means, to the last tie, is written in `docs/questions.md`.
//!
//! A question is a value, its answer another; between them is one pass over
//! the columns it names, lane by lane, on all cores. Nothing here reads a
//! clock: a question's range says which past it means.

mod calendar;
mod count;
mod error;
mod funnel;
mod pace;
mod paths;
mod retention;
mod rfm;
mod scope;
mod statistics;
mod trend;

pub use calendar::{BUCKETS_MAX, Period};
pub use count::{Count, count};
pub use error::Error;
pub use funnel::{Funnel, FunnelAnswer, STEPS_MAX, StepAnswer, StepOrder, funnel};
pub use pace::Pace;
pub use paths::{
    Branch, Direction, Occurrence, PATH_STEPS_MAX, Path, Paths, PathsAnswer, path_customers, paths,
};
pub use retention::{Cohort, Counting, PERIODS_MAX, Retention, RetentionAnswer, retention};
pub use rfm::{Bound, Cell, Group, Middle, Move, Rfm, RfmAnswer, Scale, Summary, rfm};
pub use scope::{Scope, Streams};
pub use trend::{By, Label, Measure, POINTS_MAX, Point, Series, TOP_MAX, Trend, TrendAnswer, trend};
