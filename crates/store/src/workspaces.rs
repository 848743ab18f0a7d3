//! Workspaces: one brand each.

use model::{Instant, Text};

use crate::database::Columns;
use crate::{Error, Store};

/// A workspace's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceId(pub i64);

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its number.
    pub id: WorkspaceId,
    /// Its name, unique.
    pub name: Text,
    /// When it was made.
    pub created_at: Instant,
}

impl Store {
    /// Makes a workspace.
    pub async fn workspace_create(&self, name: &str, at: Instant) -> Result<WorkspaceId, Error> {
        let id = sqlx::query_scalar("INSERT INTO workspaces (name, created_at) VALUES (?, ?) RETURNING id")
            .bind(name)
            .bind(at.ms())
            .fetch_one(&self.writer)
            .await
            .map_err(Error::when_named("workspace_create", "workspace", name))?;
        Ok(WorkspaceId(id))
    }

    /// All workspaces, the oldest first.
    pub async fn workspace_list(&self) -> Result<Vec<Workspace>, Error> {
        let rows = sqlx::query("SELECT id, name, created_at FROM workspaces ORDER BY id")
            .fetch_all(&self.readers)
            .await
            .map_err(Error::when("workspace_list"))?;
        rows.iter()
            .map(|row| {
                let columns = Columns { what: "workspace", row };
                Ok(Workspace {
                    id: WorkspaceId(columns.number("id")?),
                    name: columns.text("name")?,
                    created_at: columns.instant("created_at")?,
                })
            })
            .collect()
    }
}
