//! One document of settings for each workspace.

use model::{Instant, Text};

use crate::database::Columns;
use crate::{Act, Error, Store, WorkspaceId};

const WHAT: &str = "settings";

/// A workspace's settings: a document of the caller's, and its version.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What they say.
    pub document: serde_json::Value,
    /// Counts the changes, from 1.
    pub version: u32,
    /// Who changed them last.
    pub changed_by: Text,
    /// When they were changed last.
    pub changed_at: Instant,
}

impl Store {
    /// Writes the first settings of a workspace.
    pub async fn settings_create(
        &self,
        workspace: WorkspaceId,
        document: &serde_json::Value,
        act: &Act,
    ) -> Result<Settings, Error> {
        let row = sqlx::query(
            "INSERT INTO settings (workspace, document, version, changed_by, changed_at)
             VALUES (?, ?, 1, ?, ?) RETURNING *",
        )
        .bind(workspace.0)
        .bind(document.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when_named("settings_create", WHAT, "workspace"))?;
        read(Columns { what: WHAT, row: &row })
    }

    /// The settings of a workspace; none before the first were written.
    pub async fn settings_fetch(&self, workspace: WorkspaceId) -> Result<Option<Settings>, Error> {
        let row = sqlx::query("SELECT * FROM settings WHERE workspace = ?")
            .bind(workspace.0)
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("settings_fetch"))?;
        row.map(|row| read(Columns { what: WHAT, row: &row })).transpose()
    }

    /// Replaces the settings, unless they are no longer at `version`.
    pub async fn settings_replace(
        &self,
        (workspace, version): (WorkspaceId, u32),
        document: &serde_json::Value,
        act: &Act,
    ) -> Result<Settings, Error> {
        let row = sqlx::query(
            "UPDATE settings SET document = ?, version = version + 1, changed_by = ?, changed_at = ?
             WHERE workspace = ? AND version = ? RETURNING *",
        )
        .bind(document.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .bind(workspace.0)
        .bind(version)
        .fetch_optional(&self.writer)
        .await
        .map_err(Error::when("settings_replace"))?
        .ok_or_else(|| Error::Stale { what: WHAT, name: "workspace".into(), version })?;
        read(Columns { what: WHAT, row: &row })
    }
}

fn read(columns: Columns<'_>) -> Result<Settings, Error> {
    Ok(Settings {
        document: columns.json("document")?,
        version: columns.number("version")?,
        changed_by: columns.text("changed_by")?,
        changed_at: columns.instant("changed_at")?,
    })
}
