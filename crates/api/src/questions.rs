//! Saved questions, and the board of those that Home shows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Time;
use crate::ask::Question;
use crate::page::Page;
use crate::route::{Access, Operation, Route};

const VIEWER: Access = Access::Role(model::Role::Viewer);
const ANALYST: Access = Access::Role(model::Role::Analyst);

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::QuestionList, "/api/v1/questions", VIEWER)
        .says("All saved questions of the workspace, by name.")
        .answers::<Page<SavedQuestion>>(200),
    Route::post(Operation::QuestionCreate, "/api/v1/questions", ANALYST)
        .says("Saves a question for everybody in the workspace.")
        .takes::<QuestionCreate>()
        .answers::<SavedQuestion>(201),
    Route::get(Operation::QuestionFetch, "/api/v1/questions/{id}", VIEWER)
        .says("One saved question.")
        .answers::<SavedQuestion>(200),
    Route::put(Operation::QuestionReplace, "/api/v1/questions/{id}", ANALYST)
        .says("Renames a saved question, or changes what it asks: for who saved it, and for admins.")
        .takes::<QuestionReplace>()
        .answers::<SavedQuestion>(200),
    Route::delete(Operation::QuestionDelete, "/api/v1/questions/{id}", ANALYST)
        .says("Takes a saved question away: for who saved it, and for admins.")
        .answers_nothing(),
    Route::put(Operation::QuestionPin, "/api/v1/questions/{id}/pin", ANALYST)
        .says("Puts a saved question on the board of Home, at its end.")
        .answers::<SavedQuestion>(200),
    Route::delete(Operation::QuestionUnpin, "/api/v1/questions/{id}/pin", ANALYST)
        .says("Takes a saved question off the board of Home.")
        .answers::<SavedQuestion>(200),
    Route::put(Operation::QuestionMove, "/api/v1/questions/{id}/place", ANALYST)
        .says("Moves a question of the board of Home to another place; the others make room.")
        .takes::<QuestionPlace>()
        .answers::<SavedQuestion>(200),
];

/// A question that somebody saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SavedQuestion {
    /// Its number.
    #[schema(example = 12)]
    pub id: u32,
    /// Its name, unique in the workspace.
    #[schema(example = "from view to purchase")]
    pub name: String,
    /// What it asks.
    pub question: Question,
    /// Its place on the board of Home, from 1; missing: it is not there.
    #[schema(example = 1)]
    pub place: Option<u32>,
    /// Whether whoever asks may rename it, change it and take it away.
    #[schema(example = true)]
    pub mine: bool,
    /// Counts its changes; send it with a replacement.
    #[schema(example = 1)]
    pub version: u32,
    /// Who saved it.
    #[schema(example = "Hanako")]
    pub created_by: String,
    /// When.
    pub created_at: Time,
    /// Who changed it last.
    #[schema(example = "Hanako")]
    pub changed_by: String,
    /// When.
    pub changed_at: Time,
}

/// Saves a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionCreate {
    /// Its name: 1 to 100 characters, unique in the workspace.
    #[schema(example = "from view to purchase")]
    pub name: String,
    /// What it asks.
    pub question: Question,
}

/// Replaces what a saved question says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionReplace {
    /// The version that was read.
    #[schema(example = 1)]
    pub version: u32,
    /// Its name: 1 to 100 characters, unique in the workspace.
    #[schema(example = "from view to purchase")]
    pub name: String,
    /// What it asks.
    pub question: Question,
}

/// Moves a question of the board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionPlace {
    /// Where to, counted from 1; behind the end is the end.
    #[schema(example = 1, minimum = 1)]
    pub place: u32,
}
