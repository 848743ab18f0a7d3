//! Console users: who has access to the workspace, and what they may do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::route::{Access, Operation, Route};
use crate::session::Me;
use crate::{Role, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::UserList, "/api/v1/users", Access::Role(model::Role::Admin))
        .says("Who has access, and who was invited and has not come yet.")
        .answers::<Users>(200),
    Route::post(Operation::UserInvite, "/api/v1/users/invites", Access::Role(model::Role::Admin))
        .says("Makes a one-time link for somebody; a link made for them before no longer works.")
        .takes::<UserInvite>()
        .answers::<OneTimeLink>(201),
    Route::delete(Operation::InviteDelete, "/api/v1/users/invites/{email}", Access::Role(model::Role::Admin))
        .says("Takes an invitation back; its link no longer works.")
        .answers_nothing(),
    Route::put(Operation::UserReplace, "/api/v1/users/{id}", Access::Role(model::Role::Admin))
        .says("Gives a console user another role, as of their next request; the last owner stays owner.")
        .takes::<UserReplace>()
        .answers::<User>(200),
    Route::delete(Operation::UserDelete, "/api/v1/users/{id}", Access::Role(model::Role::Admin))
        .says("Takes access away: sessions end at once; the last owner stays.")
        .answers_nothing(),
    Route::post(Operation::UserReset, "/api/v1/users/{id}/reset", Access::Role(model::Role::Admin))
        .says("Makes a one-time link with which a console user chooses a new password.")
        .answers::<OneTimeLink>(201),
    Route::post(Operation::PasswordReset, "/api/v1/password", Access::Everyone)
        .says("Uses such a link: the password is new, all other sessions end, and whoever used it is signed in.")
        .takes::<PasswordReset>()
        .answers::<Me>(201),
];

/// Who has access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Users {
    /// Console users, by address.
    pub users: Vec<User>,
    /// Those who were invited and have not come yet, by address.
    pub invited: Vec<Invited>,
}

/// A console user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Its id.
    #[schema(example = "u3")]
    pub id: String,
    /// What this person signs in with.
    #[schema(example = "a@example.com")]
    pub email: String,
    /// How the console greets this person.
    #[schema(example = "Hanako Yamada")]
    pub name: String,
    /// What this person may do.
    pub role: Role,
    /// Since when.
    pub created_at: Time,
}

/// Somebody who was invited and has not come yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invited {
    /// Who.
    #[schema(example = "b@example.com")]
    pub email: String,
    /// What they may do when they come.
    pub role: Role,
    /// Until when the link works.
    pub expires_at: Time,
}

/// Invites somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserInvite {
    /// Who.
    #[schema(example = "b@example.com")]
    pub email: String,
    /// What they may do: your own role or a lower one.
    pub role: Role,
}

/// Changes a console user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserReplace {
    /// What this person may do from now on: your own role or a lower one.
    pub role: Role,
}

/// A link that works once. It is shown this once: hand it to its owner by a way you trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneTimeLink {
    /// For whom.
    #[schema(example = "b@example.com")]
    pub email: String,
    /// The link.
    #[schema(example = "https://news.shop.example/setup?token=su_5f0c…")]
    pub link: String,
    /// Until when it works.
    pub expires_at: Time,
}

/// Chooses a new password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// The token from the link; it works once.
    #[schema(example = "pr_5f0c…")]
    pub token: String,
    /// At least 12 characters.
    #[schema(example = "correct horse battery", format = Password)]
    pub password: String,
}
