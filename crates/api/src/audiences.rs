//! Audiences and the conditions that make them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::customers::CustomerSummary;
use crate::home::Reach;
use crate::route::{Access, Operation, Route};
use crate::{Page, PageQuery, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::AudienceList, "/api/v1/audiences", Access::Role(model::Role::Viewer))
        .says("All audiences by name, with how many people are in each now.")
        .queries::<PageQuery>()
        .answers::<Page<AudienceSummary>>(200),
    Route::post(Operation::AudienceCreate, "/api/v1/audiences", Access::Role(model::Role::Marketer))
        .says("Makes an audience.")
        .takes::<AudienceCreate>()
        .answers::<Audience>(201),
    Route::get(Operation::AudienceFetch, "/api/v1/audiences/{name}", Access::Role(model::Role::Viewer))
        .says("One audience: its condition, its people as a number, its reach.")
        .answers::<Audience>(200),
    Route::put(Operation::AudienceReplace, "/api/v1/audiences/{name}", Access::Role(model::Role::Marketer))
        .says("Replaces an audience's condition; refused when somebody else did so in between.")
        .takes::<AudienceReplace>()
        .answers::<Audience>(200),
    Route::delete(Operation::AudienceDelete, "/api/v1/audiences/{name}", Access::Role(model::Role::Marketer))
        .says("Takes an audience away; refused while something refers to it.")
        .answers_nothing(),
    Route::get(
        Operation::AudienceMembers,
        "/api/v1/audiences/{name}/members",
        Access::Role(model::Role::Viewer),
    )
    .says("The people in an audience, now or as it was known at an instant.")
    .queries::<MembersQuery>()
    .answers::<Page<CustomerSummary>>(200),
    Route::get(
        Operation::AudienceMembersCsv,
        "/api/v1/audiences/{name}/members.csv",
        Access::Role(model::Role::Analyst),
    )
    .says("The people in an audience now, as a table.")
    .answers_media("text/csv"),
    Route::get(Operation::AudienceLive, "/api/v1/audiences/{name}/live", Access::Role(model::Role::Viewer))
        .says("How many people are in an audience at this moment, without going through anything.")
        .answers::<AudienceLive>(200),
    Route::get(
        Operation::AudiencePassages,
        "/api/v1/audiences/{name}/passages",
        Access::Role(model::Role::Viewer),
    )
    .says("Who entered and left an audience, and why, the latest first.")
    .queries::<PassagesQuery>()
    .answers::<Page<Passage>>(200),
    Route::get(Operation::AudienceSizes, "/api/v1/audiences/{name}/sizes", Access::Role(model::Role::Viewer))
        .says("How large an audience was at the end of each of the last days, and who came and went on them.")
        .queries::<SizesQuery>()
        .answers::<AudienceSizes>(200),
    Route::post(Operation::ConditionCheck, "/api/v1/conditions/check", Access::Role(model::Role::Viewer))
        .says("Reads a condition in either form and answers in both, or says what is wrong and where.")
        .takes::<ConditionInput>()
        .answers::<ConditionChecked>(200),
];

/// A condition, in its text form or in its JSON form: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionInput {
    /// The text form.
    #[schema(example = "did \"purchase\" at least 2 times in last 30 days")]
    pub text: Option<String>,
    /// The JSON form.
    #[schema(value_type = Option<Object>)]
    pub json: Option<serde_json::Value>,
}

/// A condition in both forms, with what is wrong or doubtful about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConditionChecked {
    /// The text form, laid out; missing when there are errors.
    #[schema(example = "did \"purchase\" at least 2 times in last 30 days")]
    pub text: Option<String>,
    /// The JSON form; missing when there are errors.
    #[schema(value_type = Option<Object>)]
    pub json: Option<serde_json::Value>,
    /// What is wrong. Empty: the condition can be used.
    pub errors: Vec<ConditionError>,
    /// What is doubtful: an event that was never seen, a property with another type.
    pub warnings: Vec<ConditionError>,
}

/// What is wrong with a condition, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConditionError {
    /// The line, from 1.
    #[schema(example = 1)]
    pub line: u32,
    /// The column in characters, from 1.
    #[schema(example = 5)]
    pub column: u32,
    /// What is wrong.
    #[schema(example = "an event name must stand in quotes")]
    pub message: String,
    /// What would have been right here.
    #[schema(example = "a name like \"purchase\"")]
    pub expected: Option<String>,
}

/// Makes an audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceCreate {
    /// Its name: 1 to 100 characters, unique in the workspace.
    #[schema(example = "regulars")]
    pub name: String,
    /// What it is for.
    #[schema(example = "bought twice this month")]
    #[serde(default)]
    pub description: String,
    /// Who is in it.
    pub condition: ConditionInput,
}

/// Replaces an audience's condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceReplace {
    /// The version that was read; refused when it is no longer the latest.
    #[schema(example = 3)]
    pub version: u32,
    /// What it is for.
    #[schema(example = "bought twice this month")]
    #[serde(default)]
    pub description: String,
    /// Who is in it.
    pub condition: ConditionInput,
}

/// An audience in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AudienceSummary {
    /// Its name.
    #[schema(example = "regulars")]
    pub name: String,
    /// What it is for.
    #[schema(example = "bought twice this month")]
    pub description: String,
    /// Its condition as text.
    #[schema(example = "did \"purchase\" at least 2 times in last 30 days")]
    pub text: String,
    /// How many people are in it now; missing when that could not be found out.
    #[schema(example = 812)]
    pub customers: Option<u64>,
    /// Whether it is kept up to date; otherwise it is evaluated when somebody asks.
    #[schema(example = true)]
    pub live: bool,
    /// It was made or changed and is being counted, to be kept up to date from then on: how much of that is done, in
    /// percent.
    #[schema(example = 40)]
    pub counted_percent: Option<u32>,
    /// Counts its changes, from 1.
    #[schema(example = 3)]
    pub version: u32,
    /// Who changed it last.
    #[schema(example = "Hanako Yamada")]
    pub changed_by: String,
    /// When it was changed last.
    pub changed_at: Time,
}

/// An audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Audience {
    /// Its name.
    #[schema(example = "regulars")]
    pub name: String,
    /// What it is for.
    #[schema(example = "bought twice this month")]
    pub description: String,
    /// Its condition as text.
    #[schema(example = "did \"purchase\" at least 2 times in last 30 days")]
    pub text: String,
    /// Its condition as JSON.
    #[schema(value_type = Object)]
    pub json: serde_json::Value,
    /// Counts its changes, from 1.
    #[schema(example = 3)]
    pub version: u32,
    /// Who made it.
    #[schema(example = "Hanako Yamada")]
    pub created_by: String,
    /// When it was made.
    pub created_at: Time,
    /// Who changed it last.
    #[schema(example = "Hanako Yamada")]
    pub changed_by: String,
    /// When it was changed last.
    pub changed_at: Time,
    /// How many people are in it, out of how many.
    pub people: People,
}

/// How many people meet a condition, and how they can be reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct People {
    /// Up to which instant this is true.
    pub as_of: Time,
    /// How many meet it.
    #[schema(example = 812)]
    pub customers: u64,
    /// How many customers there are.
    #[schema(example = 20_000)]
    pub of: u64,
    /// How many of them each channel reaches.
    pub reach: Vec<Reach>,
    /// How many of them consented to marketing on at least one channel.
    #[schema(example = 700)]
    pub consented: u64,
    /// How long the answer took, in milliseconds.
    #[schema(example = 3.2)]
    pub took_ms: f64,
}

/// Which people of an audience.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MembersQuery {
    /// Who was in it at this instant; now, when missing. From when on it is kept up to date (`since` of its live
    /// answer), it is what was known then; before, what today's condition says of what is known today.
    #[param(value_type = Option<String>, example = "2026-01-31T09:00:00Z")]
    pub as_of: Option<Time>,
    /// Start after this: the `next` of the page before.
    #[param(example = "c2a1")]
    pub after: Option<String>,
    /// At most this many items: 1 to 1000, 50 when missing.
    #[param(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}

/// How many people are in an audience at this moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AudienceLive {
    /// Up to which instant this is true.
    pub as_of: Time,
    /// How many are in it.
    #[schema(example = 812)]
    pub customers: u64,
    /// Since when it is kept up to date; missing: it is not (yet), and was evaluated for this answer.
    pub since: Option<Time>,
    /// It was made or changed and is being counted, to be kept up to date from then on: how much of that is done, in
    /// percent.
    #[schema(example = 40)]
    pub counted_percent: Option<u32>,
}

/// Which passages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PassagesQuery {
    /// `entered` or `left`; both, when missing.
    #[param(example = "entered")]
    pub direction: Option<String>,
    /// Only after this instant.
    #[param(value_type = Option<String>, example = "2026-01-24T09:00:00Z")]
    pub after: Option<Time>,
    /// Only before this: the `next` of the page before.
    #[param(example = "1769860800000-3")]
    pub before: Option<String>,
    /// At most this many items: 1 to 1000, 50 when missing.
    #[param(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}

/// Somebody entered or left an audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Passage {
    /// When.
    pub at: Time,
    /// Who.
    pub customer: CustomerSummary,
    /// Entered (true) or left (false).
    #[schema(example = true)]
    pub entered: bool,
    /// Why: the stream of the row that made it so (`event:purchase`, `trait:country` …), or `time`, `merge`, `unmerge`,
    /// `definition`, `retention`.
    #[schema(example = "event:purchase")]
    pub because: String,
}

/// Over how many days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SizesQuery {
    /// How many days back, today included: 1 to 400, 30 when missing.
    #[param(example = 30, minimum = 1, maximum = 400)]
    pub days: Option<usize>,
}

impl SizesQuery {
    /// How many days back at most.
    pub const DAYS_MAX: usize = 400;

    /// The checked number of days.
    pub fn days(&self) -> usize {
        self.days.unwrap_or(30).clamp(1, Self::DAYS_MAX)
    }
}

/// How large an audience was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AudienceSizes {
    /// Up to which instant this is true.
    pub as_of: Time,
    /// Whose days are meant (IANA).
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: String,
    /// One for each day since it is kept up to date, the earliest first; of today, up to now.
    pub days: Vec<AudienceSize>,
}

/// How large an audience was at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AudienceSize {
    /// When the day began.
    pub day: Time,
    /// How many were in it when the day ended.
    #[schema(example = 812)]
    pub customers: u64,
    /// How often somebody entered on that day.
    #[schema(example = 31)]
    pub entered: u64,
    /// How often somebody left on that day.
    #[schema(example = 12)]
    pub left: u64,
}
