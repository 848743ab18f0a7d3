//! Named conditions.

use model::Text;

use crate::database::Columns;
use crate::{Act, Edited, Error, Store, WorkspaceId};

const WHAT: &str = "audience";

/// What a marketer says about an audience.
#[derive(Debug, Clone, PartialEq)]
pub struct AudienceText {
    /// What it is for.
    pub description: Text,
    /// Its condition as text.
    pub text: Text,
    /// Its condition as JSON.
    pub json: serde_json::Value,
}

/// A named condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Audience {
    /// Its name, unique in the workspace.
    pub name: Text,
    /// What it says.
    pub text: AudienceText,
    /// By whom and when.
    pub edited: Edited,
}

impl Store {
    /// Makes an audience.
    pub async fn audience_create(
        &self,
        workspace: WorkspaceId,
        name: &str,
        text: &AudienceText,
        act: &Act,
    ) -> Result<Audience, Error> {
        let row = sqlx::query(
            "INSERT INTO audiences
             (workspace, name, description, text, json, version, created_by, created_at, changed_by, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?6, ?7) RETURNING *",
        )
        .bind(workspace.0)
        .bind(name)
        .bind(text.description.as_str())
        .bind(text.text.as_str())
        .bind(text.json.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when_named("audience_create", WHAT, name))?;
        read(Columns { what: WHAT, row: &row })
    }

    /// Audiences by name, after `after`.
    pub async fn audience_list(
        &self,
        workspace: WorkspaceId,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Audience>, Error> {
        let rows =
            sqlx::query("SELECT * FROM audiences WHERE workspace = ? AND name > ? ORDER BY name LIMIT ?")
                .bind(workspace.0)
                .bind(after)
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(&self.readers)
                .await
                .map_err(Error::when("audience_list"))?;
        rows.iter().map(|row| read(Columns { what: WHAT, row })).collect()
    }

    /// One audience.
    pub async fn audience_fetch(&self, workspace: WorkspaceId, name: &str) -> Result<Audience, Error> {
        let row = sqlx::query("SELECT * FROM audiences WHERE workspace = ? AND name = ?")
            .bind(workspace.0)
            .bind(name)
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("audience_fetch"))?
            .ok_or_else(|| Error::NotFound { what: WHAT, name: name.into() })?;
        read(Columns { what: WHAT, row: &row })
    }

    /// Replaces what an audience says, unless it is no longer at `version`.
    pub async fn audience_replace(
        &self,
        workspace: WorkspaceId,
        (name, version): (&str, u32),
        text: &AudienceText,
        act: &Act,
    ) -> Result<Audience, Error> {
        let row = sqlx::query(
            "UPDATE audiences SET description = ?, text = ?, json = ?, version = version + 1,
             changed_by = ?, changed_at = ? WHERE workspace = ? AND name = ? AND version = ? RETURNING *",
        )
        .bind(text.description.as_str())
        .bind(text.text.as_str())
        .bind(text.json.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .bind(workspace.0)
        .bind(name)
        .bind(version)
        .fetch_optional(&self.writer)
        .await
        .map_err(Error::when("audience_replace"))?;
        match row {
            Some(row) => read(Columns { what: WHAT, row: &row }),
            None => {
                self.audience_fetch(workspace, name).await?;
                Err(Error::Stale { what: WHAT, name: name.into(), version })
            }
        }
    }

    /// Takes an audience away, unless a campaign names it.
    pub async fn audience_delete(&self, workspace: WorkspaceId, name: &str) -> Result<(), Error> {
        let user: Option<String> =
            sqlx::query_scalar("SELECT name FROM campaigns WHERE workspace = ? AND audience = ? LIMIT 1")
                .bind(workspace.0)
                .bind(name)
                .fetch_optional(&self.writer)
                .await
                .map_err(Error::when("audience_delete"))?;
        if let Some(by) = user {
            return Err(Error::InUse { what: WHAT, name: name.into(), by: by.into() });
        }
        let gone = sqlx::query("DELETE FROM audiences WHERE workspace = ? AND name = ?")
            .bind(workspace.0)
            .bind(name)
            .execute(&self.writer)
            .await
            .map_err(Error::when("audience_delete"))?;
        match gone.rows_affected() {
            0 => Err(Error::NotFound { what: WHAT, name: name.into() }),
            _ => Ok(()),
        }
    }
}

fn read(columns: Columns<'_>) -> Result<Audience, Error> {
    Ok(Audience {
        name: columns.text("name")?,
        text: AudienceText {
            description: columns.text("description")?,
            text: columns.text("text")?,
            json: columns.json("json")?,
        },
        edited: columns.edited()?,
    })
}
