//! Audiences and the conditions that make them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    .says("The people in an audience now.")
    .queries::<PageQuery>()
    .answers::<Page<CustomerSummary>>(200),
    Route::get(
        Operation::AudienceMembersCsv,
        "/api/v1/audiences/{name}/members.csv",
        Access::Role(model::Role::Analyst),
    )
    .says("The people in an audience now, as a table.")
    .answers_media("text/csv"),
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
