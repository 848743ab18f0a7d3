//! Console users, their roles, and the one-time links that make them.

use model::{Instant, Role, Text};

use crate::database::Columns;
use crate::{Error, Secret, Store, WorkspaceId};

/// How long a set-up link works.
pub const SETUP_MS: i64 = 7 * Instant::DAY_MS;

/// A console user in a workspace.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub id: i64,
    /// What the user signs in with, lower case.
    pub email: Text,
    /// How the console greets the user.
    pub name: Text,
    /// What is kept of the password.
    pub password: String,
    /// In which workspace.
    pub workspace: WorkspaceId,
    /// What the user may do there.
    pub role: Role,
}

/// A console user to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct UserNew {
    /// What the user signs in with; missing: the address the link was made for.
    pub email: Option<Text>,
    /// How the console greets the user.
    pub name: Text,
    /// What is kept of the password: see [`crate::password::hash`].
    pub password: String,
}

/// A one-time link that makes a console user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// For which workspace.
    pub workspace: WorkspaceId,
    /// For whom.
    pub email: Text,
    /// With which role.
    pub role: Role,
}

impl Store {
    /// Keeps a one-time link.
    pub async fn setup_create(&self, token: &Secret, setup: &Setup, at: Instant) -> Result<(), Error> {
        sqlx::query("INSERT INTO setups (hash, workspace, email, role, expires_at) VALUES (?, ?, ?, ?, ?)")
            .bind(token.hash())
            .bind(setup.workspace.0)
            .bind(setup.email.to_lowercase())
            .bind(setup.role.word())
            .bind(at.plus_ms(SETUP_MS).ms())
            .execute(&self.writer)
            .await
            .map_err(Error::when("setup_create"))?;
        Ok(())
    }

    /// Uses a one-time link, at most once: makes its user. `None`: there is no such link (any more).
    pub async fn setup_use(&self, token: &Secret, new: &UserNew, at: Instant) -> Result<Option<User>, Error> {
        let mut change = self.writer.begin().await.map_err(Error::when("setup_use"))?;
        let used = sqlx::query(
            "UPDATE setups SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ?
             RETURNING workspace, email, role",
        )
        .bind(at.ms())
        .bind(token.hash())
        .bind(at.ms())
        .fetch_optional(&mut *change)
        .await
        .map_err(Error::when("setup_use"))?;
        let Some(row) = used else { return Ok(None) };
        let columns = Columns { what: "setup", row: &row };
        let workspace = WorkspaceId(columns.number("workspace")?);
        let role: Role = columns.word("role")?;
        let email = match &new.email {
            Some(email) => email.to_lowercase().into(),
            None => columns.text("email")?,
        };
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO users (email, name, password, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        )
        .bind(email.as_str())
        .bind(new.name.as_str())
        .bind(&new.password)
        .bind(at.ms())
        .fetch_one(&mut *change)
        .await
        .map_err(Error::when_named("setup_use", "console user", &email))?;
        sqlx::query("INSERT INTO memberships (workspace, user, role) VALUES (?, ?, ?)")
            .bind(workspace.0)
            .bind(id)
            .bind(role.word())
            .execute(&mut *change)
            .await
            .map_err(Error::when("setup_use"))?;
        change.commit().await.map_err(Error::when("setup_use"))?;
        Ok(Some(User { id, email, name: new.name.clone(), password: new.password.clone(), workspace, role }))
    }

    /// The user who signs in with this address, in the first workspace they belong to.
    pub async fn user_find(&self, email: &str) -> Result<Option<User>, Error> {
        let row = sqlx::query(
            "SELECT users.id, email, name, password, workspace, role FROM users
             JOIN memberships ON memberships.user = users.id WHERE email = ? ORDER BY workspace LIMIT 1",
        )
        .bind(email.to_lowercase())
        .fetch_optional(&self.readers)
        .await
        .map_err(Error::when("user_find"))?;
        row.map(|row| {
            let columns = Columns { what: "console user", row: &row };
            Ok(User {
                id: columns.number("id")?,
                email: columns.text("email")?,
                name: columns.text("name")?,
                password: columns.text("password")?.into(),
                workspace: WorkspaceId(columns.number("workspace")?),
                role: columns.word("role")?,
            })
        })
        .transpose()
    }
}
