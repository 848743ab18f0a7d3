//! Who has access to a workspace: its members, those who were invited, and links to choose a new password.

use model::{Instant, Role, Text};
use sqlx::{Sqlite, Transaction};

use crate::database::Columns;
use crate::{Error, Secret, Store, User, WorkspaceId};

/// How long a link to choose a new password works.
pub const RESET_MS: i64 = Instant::DAY_MS;

/// A console user as the others of the workspace see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user's number.
    pub id: i64,
    /// What the user signs in with, lower case.
    pub email: Text,
    /// How the console greets the user.
    pub name: Text,
    /// What the user may do here.
    pub role: Role,
    /// Since when the user exists.
    pub created_at: Instant,
}

/// Somebody who was invited and has not come yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// Who.
    pub email: Text,
    /// What they may do when they come.
    pub role: Role,
    /// Until when the link works.
    pub expires_at: Instant,
}

const MEMBER: &str = "SELECT users.id, email, name, role, created_at FROM users
     JOIN memberships ON memberships.user = users.id WHERE workspace = ?";

impl Store {
    /// All members, by address.
    pub async fn member_list(&self, workspace: WorkspaceId) -> Result<Vec<Member>, Error> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{MEMBER} ORDER BY email")))
            .bind(workspace.0)
            .fetch_all(&self.readers)
            .await
            .map_err(Error::when("member_list"))?;
        rows.iter().map(|row| member(&Columns { what: "member", row })).collect()
    }

    /// One member.
    pub async fn member_fetch(&self, workspace: WorkspaceId, user: i64) -> Result<Member, Error> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{MEMBER} AND users.id = ?")))
            .bind(workspace.0)
            .bind(user)
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("member_fetch"))?;
        let row = row.ok_or_else(|| unknown(user))?;
        member(&Columns { what: "member", row: &row })
    }

    /// Gives a member another role, as of the next request. [`Error::LastOwner`] when nobody would own the workspace.
    pub async fn member_role(&self, workspace: WorkspaceId, user: i64, role: Role) -> Result<Member, Error> {
        let mut change = self.writer.begin().await.map_err(Error::when("member_role"))?;
        sqlx::query("UPDATE memberships SET role = ? WHERE workspace = ? AND user = ?")
            .bind(role.word())
            .bind(workspace.0)
            .bind(user)
            .execute(&mut *change)
            .await
            .map_err(Error::when("member_role"))?;
        keep_an_owner(&mut change, workspace).await?;
        change.commit().await.map_err(Error::when("member_role"))?;
        self.member_fetch(workspace, user).await
    }

    /// Takes a member's access away: sessions end at once. Who belongs to no other workspace is forgotten.
    /// [`Error::LastOwner`] when nobody would own the workspace.
    pub async fn member_remove(&self, workspace: WorkspaceId, user: i64) -> Result<(), Error> {
        const NOWHERE: &str = "NOT IN (SELECT user FROM memberships)";
        let mut change = self.writer.begin().await.map_err(Error::when("member_remove"))?;
        let removed = sqlx::query("DELETE FROM memberships WHERE workspace = ? AND user = ?")
            .bind(workspace.0)
            .bind(user)
            .execute(&mut *change)
            .await
            .map_err(Error::when("member_remove"))?;
        if removed.rows_affected() == 0 {
            return Err(unknown(user));
        }
        keep_an_owner(&mut change, workspace).await?;
        sqlx::query("DELETE FROM sessions WHERE workspace = ? AND user = ?")
            .bind(workspace.0)
            .bind(user)
            .execute(&mut *change)
            .await
            .map_err(Error::when("member_remove"))?;
        for (table, column) in [("resets", "user"), ("users", "id")] {
            let forget = format!("DELETE FROM {table} WHERE {column} = ? AND {column} {NOWHERE}");
            sqlx::query(sqlx::AssertSqlSafe(forget))
                .bind(user)
                .execute(&mut *change)
                .await
                .map_err(Error::when("member_remove"))?;
        }
        change.commit().await.map_err(Error::when("member_remove"))
    }

    /// Those who were invited and have not come yet, by address.
    pub async fn invited_list(&self, workspace: WorkspaceId, at: Instant) -> Result<Vec<Invited>, Error> {
        let rows = sqlx::query(
            "SELECT email, role, expires_at FROM setups
             WHERE workspace = ? AND used_at IS NULL AND expires_at > ? ORDER BY email, expires_at",
        )
        .bind(workspace.0)
        .bind(at.ms())
        .fetch_all(&self.readers)
        .await
        .map_err(Error::when("invited_list"))?;
        rows.iter()
            .map(|row| {
                let columns = Columns { what: "setup", row };
                Ok(Invited {
                    email: columns.text("email")?,
                    role: columns.word("role")?,
                    expires_at: columns.instant("expires_at")?,
                })
            })
            .collect()
    }

    /// Takes back every link made for this address that was not used; answers how many there were.
    pub async fn invited_remove(&self, workspace: WorkspaceId, email: &str) -> Result<u64, Error> {
        let removed = sqlx::query("DELETE FROM setups WHERE workspace = ? AND email = ? AND used_at IS NULL")
            .bind(workspace.0)
            .bind(email.to_lowercase())
            .execute(&self.writer)
            .await
            .map_err(Error::when("invited_remove"))?;
        Ok(removed.rows_affected())
    }

    /// Keeps a link to choose a new password; the one before no longer works. Answers until when it does.
    pub async fn reset_create(&self, token: &Secret, user: i64, at: Instant) -> Result<Instant, Error> {
        let expires_at = at.plus_ms(RESET_MS);
        sqlx::query("INSERT OR REPLACE INTO resets (user, hash, expires_at) VALUES (?, ?, ?)")
            .bind(user)
            .bind(token.hash())
            .bind(expires_at.ms())
            .execute(&self.writer)
            .await
            .map_err(Error::when("reset_create"))?;
        Ok(expires_at)
    }

    /// Uses such a link, at most once: the password is the new one, and every session of the user has ended. `None`:
    /// there is no such link (any more).
    pub async fn reset_use(
        &self,
        token: &Secret,
        password: &str,
        at: Instant,
    ) -> Result<Option<User>, Error> {
        let mut change = self.writer.begin().await.map_err(Error::when("reset_use"))?;
        let user: Option<i64> =
            sqlx::query_scalar("DELETE FROM resets WHERE hash = ? AND expires_at > ? RETURNING user")
                .bind(token.hash())
                .bind(at.ms())
                .fetch_optional(&mut *change)
                .await
                .map_err(Error::when("reset_use"))?;
        let Some(user) = user else { return Ok(None) };
        sqlx::query("DELETE FROM sessions WHERE user = ?")
            .bind(user)
            .execute(&mut *change)
            .await
            .map_err(Error::when("reset_use"))?;
        let email: String = sqlx::query_scalar("UPDATE users SET password = ? WHERE id = ? RETURNING email")
            .bind(password)
            .bind(user)
            .fetch_one(&mut *change)
            .await
            .map_err(Error::when("reset_use"))?;
        change.commit().await.map_err(Error::when("reset_use"))?;
        self.user_find(&email).await
    }
}

fn member(columns: &Columns<'_>) -> Result<Member, Error> {
    Ok(Member {
        id: columns.number("id")?,
        email: columns.text("email")?,
        name: columns.text("name")?,
        role: columns.word("role")?,
        created_at: columns.instant("created_at")?,
    })
}

fn unknown(user: i64) -> Error {
    Error::NotFound { what: "console user", name: format!("u{user}").into() }
}

/// A workspace that nobody owns could never be given to anybody again.
async fn keep_an_owner(change: &mut Transaction<'_, Sqlite>, workspace: WorkspaceId) -> Result<(), Error> {
    let owners: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM memberships WHERE workspace = ? AND role = ?")
        .bind(workspace.0)
        .bind(Role::Owner.word())
        .fetch_one(&mut **change)
        .await
        .map_err(Error::when("keep_an_owner"))?;
    if owners == 0 { Err(Error::LastOwner) } else { Ok(()) }
}
