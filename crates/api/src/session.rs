//! Setting up, signing in, who am I.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::route::{Access, Operation, Route};
use crate::{Role, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::post(Operation::SetupFinish, "/api/v1/setup", Access::Everyone)
        .says("Uses the one-time set-up link: makes its console user and signs in.")
        .takes::<SetupFinish>()
        .answers::<Me>(201),
    Route::post(Operation::SessionCreate, "/api/v1/sessions", Access::Everyone)
        .says("Signs in: sets the session cookie and answers with the CSRF token.")
        .takes::<SessionCreate>()
        .answers::<Me>(201),
    Route::delete(Operation::SessionEnd, "/api/v1/sessions/current", Access::Role(model::Role::Viewer))
        .says("Signs out: the session ends on the server too.")
        .answers_nothing(),
    Route::get(Operation::MeFetch, "/api/v1/me", Access::Role(model::Role::Viewer))
        .says("Who is signed in, with which role, in which workspace.")
        .answers::<Me>(200),
];

/// Uses a one-time set-up link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupFinish {
    /// The token from the set-up link; it works once.
    #[schema(example = "st_5f0c…")]
    pub token: String,
    /// How the console greets this person.
    #[schema(example = "Hanako Yamada")]
    pub name: String,
    /// What this person signs in with. Missing: the address the link was made for.
    #[schema(example = "a@example.com")]
    pub email: Option<String>,
    /// At least 12 characters.
    #[schema(example = "correct horse battery", format = Password)]
    pub password: String,
}

/// Signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionCreate {
    /// The address of the console user.
    #[schema(example = "a@example.com")]
    pub email: String,
    /// The password of the console user.
    #[schema(example = "correct horse battery", format = Password)]
    pub password: String,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// How the console greets this person; the name of the token for an API token.
    #[schema(example = "Hanako Yamada")]
    pub name: String,
    /// The address; missing for an API token.
    #[schema(example = "a@example.com")]
    pub email: Option<String>,
    /// What this person may do.
    pub role: Role,
    /// Where.
    pub workspace: WorkspaceBrief,
    /// Send this as the header `x-csrf-token` with every request that changes something; missing for an API token.
    #[schema(example = "9b2f…")]
    pub csrf: Option<String>,
    /// When the session ends unless it is used; missing for an API token.
    pub expires_at: Option<Time>,
    /// The version of the server.
    #[schema(example = "0.1.0")]
    pub version: String,
}

/// What every page needs to know of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceBrief {
    /// Its name.
    #[schema(example = "shop")]
    pub name: String,
    /// The time zone of calendars and charts (IANA).
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: String,
    /// The language of content when a customer's own is not known (BCP 47).
    #[schema(example = "ja")]
    pub language: String,
    /// The currency of amounts (ISO 4217).
    #[schema(example = "JPY")]
    pub currency: String,
}
