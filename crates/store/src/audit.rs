//! Who did what when.

use model::{Instant, Text};

use crate::database::Columns;
use crate::{Act, Error, Store, WorkspaceId};

/// How many entries a workspace keeps; the oldest go first.
pub const AUDIT_ENTRIES_MAX: i64 = 100_000;

/// Who did what when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the log.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub who: Text,
    /// What: the operation.
    pub what: Text,
    /// To what.
    pub subject: Text,
    /// More about it.
    pub detail: Text,
}

impl Store {
    /// Writes down what somebody did, and forgets what is older than the log is long.
    pub async fn audit_append(
        &self,
        workspace: WorkspaceId,
        act: &Act,
        (what, subject, detail): (&str, &str, &str),
    ) -> Result<(), Error> {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO audit (workspace, at, who, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(workspace.0)
        .bind(act.at.ms())
        .bind(act.who.as_str())
        .bind(what)
        .bind(subject)
        .bind(detail)
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when("audit_append"))?;
        sqlx::query("DELETE FROM audit WHERE workspace = ? AND id <= ?")
            .bind(workspace.0)
            .bind(id - AUDIT_ENTRIES_MAX)
            .execute(&self.writer)
            .await
            .map_err(Error::when("audit_append"))?;
        Ok(())
    }

    /// The log, the latest first, before the entry numbered `before`.
    pub async fn audit_list(
        &self,
        workspace: WorkspaceId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, Error> {
        let rows = sqlx::query("SELECT * FROM audit WHERE workspace = ? AND id < ? ORDER BY id DESC LIMIT ?")
            .bind(workspace.0)
            .bind(before.unwrap_or(i64::MAX))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
            .await
            .map_err(Error::when("audit_list"))?;
        rows.iter()
            .map(|row| {
                let columns = Columns { what: "audit entry", row };
                Ok(AuditEntry {
                    id: columns.number("id")?,
                    at: columns.instant("at")?,
                    who: columns.text("who")?,
                    what: columns.text("what")?,
                    subject: columns.text("subject")?,
                    detail: columns.text("detail")?,
                })
            })
            .collect()
    }
}
