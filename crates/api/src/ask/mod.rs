//! Questions: count, trend, funnel, retention, paths, RFM; and who stands behind a number of an answer.
//!
//! One file for each question; here is what they share: how a question says
//! which rows, whom and when, and what every answer says about itself.

mod about;
pub mod count;
pub mod funnel;
pub mod paths;
pub mod people;
pub mod retention;
pub mod rfm;
pub mod trend;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Time;
use crate::audiences::{Audience, ConditionInput};
use crate::page::Page;
use crate::route::{Access, Operation, Route};

pub use about::{About, OverRange};
pub use count::{CountAnswer, CountQuestion};
pub use funnel::{FunnelAnswer, FunnelQuestion};
pub use paths::{PathsAnswer, PathsQuestion};
pub use people::{AudienceOfPick, PeopleAnswer, PeopleQuestion, PeopleTable};
pub use retention::{RetentionAnswer, RetentionQuestion};
pub use rfm::{RfmAnswer, RfmQuestion};
pub use trend::{TrendAnswer, TrendQuestion};

const VIEWER: Access = Access::Role(model::Role::Viewer);
const ANALYST: Access = Access::Role(model::Role::Analyst);
const MARKETER: Access = Access::Role(model::Role::Marketer);

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::post(Operation::AskCount, "/api/v1/ask/count", VIEWER)
        .says("How many customers meet a condition, and how they can be reached.")
        .takes::<CountQuestion>()
        .answers::<CountAnswer>(200),
    Route::post(Operation::AskTrend, "/api/v1/ask/trend", VIEWER)
        .says("How a number developed, by day, week or month.")
        .takes::<TrendQuestion>()
        .answers::<TrendAnswer>(200),
    Route::post(Operation::AskFunnel, "/api/v1/ask/funnel", VIEWER)
        .says("How far customers come along steps, within a window, and how fast.")
        .takes::<FunnelQuestion>()
        .answers::<FunnelAnswer>(200),
    Route::post(Operation::AskRetention, "/api/v1/ask/retention", VIEWER)
        .says("Of those who began in a period, how many came back in the periods after.")
        .takes::<RetentionQuestion>()
        .answers::<RetentionAnswer>(200),
    Route::post(Operation::AskPaths, "/api/v1/ask/paths", VIEWER)
        .says("What people did in the steps before, or after, something happened.")
        .takes::<PathsQuestion>()
        .answers::<PathsAnswer>(200),
    Route::post(Operation::AskRfm, "/api/v1/ask/rfm", VIEWER)
        .says("Recency, frequency, money: ten groups, 25 cells, and the moves between the groups.")
        .takes::<RfmQuestion>()
        .answers::<RfmAnswer>(200),
    Route::post(Operation::AskPeople, "/api/v1/ask/people", VIEWER)
        .says(
            "The people behind a number of an answer: how many, how they can be reached, and a page of them.",
        )
        .takes::<PeopleQuestion>()
        .answers::<PeopleAnswer>(200),
    Route::post(Operation::AskPeopleCsv, "/api/v1/ask/people.csv", ANALYST)
        .says("The people behind a number of an answer, as a table.")
        .takes::<PeopleTable>()
        .answers_media("text/csv"),
    Route::post(Operation::AskAudience, "/api/v1/ask/audience", MARKETER)
        .says("Makes an audience of the people behind a number of an answer.")
        .takes::<AudienceOfPick>()
        .answers::<Audience>(201),
    Route::get(Operation::RunningList, "/api/v1/ask/running", VIEWER)
        .says("The questions of the workspace that are being answered, and how far each is.")
        .answers::<Page<RunningQuestion>>(200),
    Route::delete(Operation::RunningStop, "/api/v1/ask/running/{id}", VIEWER)
        .says("Stops a question that is being answered: for who asked it, and for admins. One whose client goes away stops by itself.")
        .answers_nothing(),
];

/// Any question, as it is saved, and as the people behind its answer are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Question {
    /// How many customers meet a condition?
    Count(CountQuestion),
    /// How did a number develop?
    Trend(TrendQuestion),
    /// How far do customers come?
    Funnel(FunnelQuestion),
    /// Who comes back?
    Retention(RetentionQuestion),
    /// What happens before or after?
    Paths(PathsQuestion),
    /// Who bought lately, often, for much?
    Rfm(RfmQuestion),
}

/// A filter over the properties of an event, in its text form or in its JSON form: at most one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterInput {
    /// The text form.
    #[schema(example = "quantity > 0 and not invoice starts with \"C\"")]
    pub text: Option<String>,
    /// The JSON form.
    #[schema(value_type = Option<Object>)]
    pub json: Option<serde_json::Value>,
}

/// An event, and what must hold of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventInput {
    /// The event.
    #[schema(example = "purchase")]
    pub event: String,
    /// Only such events. Neither text nor JSON: all.
    #[serde(rename = "where", default)]
    pub filter: FilterInput,
}

/// With what an answer is compared: the same question is asked again, of others or of an earlier time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// With the range of equal length right before.
    Previous,
    /// With these customers instead, in the same range.
    Condition(ConditionInput),
}

/// A calendar unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A calendar day.
    #[default]
    Day,
    /// From Monday.
    Week,
    /// A calendar month.
    Month,
}

/// A question that is being answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunningQuestion {
    /// Its number; stop it by this.
    #[schema(example = 71)]
    pub id: u64,
    /// Which kind of question.
    #[schema(example = "funnel")]
    pub kind: String,
    /// Who asked it.
    #[schema(example = "Hanako")]
    pub by: String,
    /// Whether that was whoever asks now.
    #[schema(example = true)]
    pub mine: bool,
    /// Since when.
    pub began_at: Time,
    /// How many rows were read so far.
    #[schema(example = 12_400_000)]
    pub rows: u64,
    /// Of how many that are known so far: a question of several passes learns of each when it comes to it.
    #[schema(example = 50_000_000)]
    pub of: u64,
}

/// What every answer says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Told {
    /// The range begins after this instant.
    pub from: Time,
    /// The range ends with this instant.
    pub to: Time,
    /// The time zone of days, weeks and months.
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: String,
    /// What is doubtful about the question.
    pub warnings: Vec<Warning>,
    /// How long the answer took, in milliseconds.
    #[schema(example = 8.1)]
    pub took_ms: f64,
}

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
    /// Where the name stands that nobody has seen, as a path from the top of the question.
    #[schema(example = "steps.1")]
    pub field: Option<String>,
    /// The known name that was probably meant.
    #[schema(example = "purchase")]
    pub nearest: Option<String>,
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
    /// Nobody has ever seen a name in the question: nothing and nobody is counted by it.
    UnknownName,
    /// Events from before an instant (`to`) are not kept, and the question looks further back: it counts what came after.
    NotKept,
}
