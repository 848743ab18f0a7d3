//! Sessions of the console.

use model::{Instant, Role, Text};

use crate::database::Columns;
use crate::{Error, Secret, Store, WorkspaceId};

/// How long a session lives after it was last extended.
pub const SESSION_MS: i64 = 14 * Instant::DAY_MS;

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The user's number.
    pub user: i64,
    /// How the console greets the user.
    pub name: Text,
    /// What the user signs in with.
    pub email: Text,
    /// In which workspace.
    pub workspace: WorkspaceId,
    /// What the user may do there, as of now.
    pub role: Role,
    /// What requests that change something must carry.
    pub csrf: Text,
    /// When it ends.
    pub expires_at: Instant,
}

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionNew {
    /// The user's number.
    pub user: i64,
    /// In which workspace.
    pub workspace: WorkspaceId,
    /// What requests that change something must carry.
    pub csrf: Text,
}

impl Store {
    /// Signs in; forgets sessions that ended.
    pub async fn session_create(
        &self,
        token: &Secret,
        new: &SessionNew,
        at: Instant,
    ) -> Result<Instant, Error> {
        let expires_at = at.plus_ms(SESSION_MS);
        let mut change = self.writer.begin().await.map_err(Error::when("session_create"))?;
        sqlx::query("DELETE FROM sessions WHERE expires_at <= ?")
            .bind(at.ms())
            .execute(&mut *change)
            .await
            .map_err(Error::when("session_create"))?;
        sqlx::query(
            "INSERT INTO sessions (hash, workspace, user, csrf, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(token.hash())
        .bind(new.workspace.0)
        .bind(new.user)
        .bind(new.csrf.as_str())
        .bind(at.ms())
        .bind(expires_at.ms())
        .execute(&mut *change)
        .await
        .map_err(Error::when("session_create"))?;
        change.commit().await.map_err(Error::when("session_create"))?;
        Ok(expires_at)
    }

    /// Who is signed in with this token; nobody when it ended.
    pub async fn session_find(&self, token: &Secret, at: Instant) -> Result<Option<Session>, Error> {
        let row = sqlx::query(
            "SELECT sessions.user, sessions.workspace, csrf, expires_at, name, email, role FROM sessions
             JOIN users ON users.id = sessions.user
             JOIN memberships USING (workspace, user) WHERE hash = ? AND expires_at > ?",
        )
        .bind(token.hash())
        .bind(at.ms())
        .fetch_optional(&self.readers)
        .await
        .map_err(Error::when("session_find"))?;
        row.map(|row| {
            let columns = Columns { what: "session", row: &row };
            Ok(Session {
                user: columns.number("user")?,
                name: columns.text("name")?,
                email: columns.text("email")?,
                workspace: WorkspaceId(columns.number("workspace")?),
                role: columns.word("role")?,
                csrf: columns.text("csrf")?,
                expires_at: columns.instant("expires_at")?,
            })
        })
        .transpose()
    }

    /// Lets a session in use live on.
    pub async fn session_extend(&self, token: &Secret, at: Instant) -> Result<(), Error> {
        sqlx::query("UPDATE sessions SET expires_at = ? WHERE hash = ?")
            .bind(at.plus_ms(SESSION_MS).ms())
            .bind(token.hash())
            .execute(&self.writer)
            .await
            .map_err(Error::when("session_extend"))?;
        Ok(())
    }

    /// Signs out.
    pub async fn session_end(&self, token: &Secret) -> Result<(), Error> {
        sqlx::query("DELETE FROM sessions WHERE hash = ?")
            .bind(token.hash())
            .execute(&self.writer)
            .await
            .map_err(Error::when("session_end"))?;
        Ok(())
    }
}
