//! Campaigns as people write them. What becomes of a launched one is the engine's.

use model::{CampaignId, Instant, Text};

use crate::database::Columns;
use crate::{Act, Edited, Error, Store, WorkspaceId};

const WHAT: &str = "campaign";

/// What a marketer says about a campaign: a document of the caller's, and what we look it up by.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignText {
    /// Its name, unique in the workspace.
    pub name: Text,
    /// The audience it names.
    pub audience: Option<Text>,
    /// The whole draft.
    pub draft: serde_json::Value,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// Its number.
    pub id: CampaignId,
    /// What it says.
    pub text: CampaignText,
    /// When it was launched; missing: it is a draft.
    pub launched_at: Option<Instant>,
    /// Who launched it.
    pub launched_by: Option<Text>,
    /// By whom and when.
    pub edited: Edited,
}

impl Store {
    /// Makes a draft.
    pub async fn campaign_create(
        &self,
        workspace: WorkspaceId,
        text: &CampaignText,
        act: &Act,
    ) -> Result<Campaign, Error> {
        let row = sqlx::query(
            "INSERT INTO campaigns
             (workspace, name, audience, draft, version, created_by, created_at, changed_by, changed_at)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?5, ?6) RETURNING *",
        )
        .bind(workspace.0)
        .bind(text.name.as_str())
        .bind(text.audience.as_deref())
        .bind(text.draft.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when_named("campaign_create", WHAT, &text.name))?;
        read(Columns { what: WHAT, row: &row })
    }

    /// Campaigns, the latest first, before the one numbered `before`.
    pub async fn campaign_list(
        &self,
        workspace: WorkspaceId,
        before: Option<CampaignId>,
        limit: usize,
    ) -> Result<Vec<Campaign>, Error> {
        let rows =
            sqlx::query("SELECT * FROM campaigns WHERE workspace = ? AND id < ? ORDER BY id DESC LIMIT ?")
                .bind(workspace.0)
                .bind(before.map_or(i64::MAX, |id| i64::from(id.0)))
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(&self.readers)
                .await
                .map_err(Error::when("campaign_list"))?;
        rows.iter().map(|row| read(Columns { what: WHAT, row })).collect()
    }

    /// One campaign, by number.
    pub async fn campaign_fetch(&self, workspace: WorkspaceId, id: CampaignId) -> Result<Campaign, Error> {
        let row = sqlx::query("SELECT * FROM campaigns WHERE workspace = ? AND id = ?")
            .bind(workspace.0)
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("campaign_fetch"))?
            .ok_or_else(|| Error::NotFound { what: WHAT, name: id.to_string().into() })?;
        read(Columns { what: WHAT, row: &row })
    }

    /// One campaign, by name.
    pub async fn campaign_find(&self, workspace: WorkspaceId, name: &str) -> Result<Campaign, Error> {
        let row = sqlx::query("SELECT * FROM campaigns WHERE workspace = ? AND name = ?")
            .bind(workspace.0)
            .bind(name)
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("campaign_find"))?
            .ok_or_else(|| Error::NotFound { what: WHAT, name: name.into() })?;
        read(Columns { what: WHAT, row: &row })
    }

    /// Replaces a draft, unless it is no longer at `version` or was launched.
    pub async fn campaign_replace(
        &self,
        workspace: WorkspaceId,
        (id, version): (CampaignId, u32),
        text: &CampaignText,
        act: &Act,
    ) -> Result<Campaign, Error> {
        let row = sqlx::query(
            "UPDATE campaigns SET name = ?, audience = ?, draft = ?, version = version + 1, changed_by = ?,
             changed_at = ? WHERE workspace = ? AND id = ? AND version = ? AND launched_at IS NULL RETURNING *",
        )
        .bind(text.name.as_str())
        .bind(text.audience.as_deref())
        .bind(text.draft.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .bind(workspace.0)
        .bind(id.0)
        .bind(version)
        .fetch_optional(&self.writer)
        .await
        .map_err(Error::when_named("campaign_replace", WHAT, &text.name))?;
        self.changed(row, workspace, (id, version)).await
    }

    /// Marks a draft as launched, unless it is no longer at `version` or was launched before.
    pub async fn campaign_launch(
        &self,
        workspace: WorkspaceId,
        (id, version): (CampaignId, u32),
        act: &Act,
    ) -> Result<Campaign, Error> {
        let row = sqlx::query(
            "UPDATE campaigns SET launched_at = ?, launched_by = ?
             WHERE workspace = ? AND id = ? AND version = ? AND launched_at IS NULL RETURNING *",
        )
        .bind(act.at.ms())
        .bind(act.who.as_str())
        .bind(workspace.0)
        .bind(id.0)
        .bind(version)
        .fetch_optional(&self.writer)
        .await
        .map_err(Error::when("campaign_launch"))?;
        self.changed(row, workspace, (id, version)).await
    }

    /// Takes the mark of a launch back that did not happen.
    pub async fn campaign_launch_undo(&self, workspace: WorkspaceId, id: CampaignId) -> Result<(), Error> {
        sqlx::query(
            "UPDATE campaigns SET launched_at = NULL, launched_by = NULL WHERE workspace = ? AND id = ?",
        )
        .bind(workspace.0)
        .bind(id.0)
        .execute(&self.writer)
        .await
        .map_err(Error::when("campaign_launch_undo"))?;
        Ok(())
    }

    /// The changed campaign, or why it was not changed.
    async fn changed(
        &self,
        row: Option<sqlx::sqlite::SqliteRow>,
        workspace: WorkspaceId,
        (id, version): (CampaignId, u32),
    ) -> Result<Campaign, Error> {
        if let Some(row) = row {
            return read(Columns { what: WHAT, row: &row });
        }
        let current = self.campaign_fetch(workspace, id).await?;
        Err(match current.launched_at {
            Some(_) => Error::InUse { what: WHAT, name: current.text.name, by: "its launch".into() },
            None => Error::Stale { what: WHAT, name: current.text.name, version },
        })
    }
}

fn read(columns: Columns<'_>) -> Result<Campaign, Error> {
    Ok(Campaign {
        id: CampaignId(columns.number("id")?),
        text: CampaignText {
            name: columns.text("name")?,
            audience: columns.optional_text("audience")?,
            draft: columns.json("draft")?,
        },
        launched_at: columns.optional_instant("launched_at")?,
        launched_by: columns.optional_text("launched_by")?,
        edited: columns.edited()?,
    })
}
