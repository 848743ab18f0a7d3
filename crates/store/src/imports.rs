//! Imports: how far each file is, so that running one twice adds nothing.

use model::{Instant, SourceId, Text};

use crate::database::Columns;
use crate::{Act, Error, Store, WorkspaceId};

const WHAT: &str = "import";

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its number.
    pub id: u32,
    /// The fingerprint of file and mapping, unique in the workspace.
    pub key: Text,
    /// The file's name.
    pub file: Text,
    /// How many rows the file has, when that is known.
    pub rows: Option<u64>,
    /// What became of its rows so far.
    pub progress: ImportProgress,
    /// Whether all rows came.
    pub finished: bool,
    /// Who began it.
    pub created_by: Text,
    /// When it was begun.
    pub created_at: Instant,
    /// When the last rows came.
    pub changed_at: Instant,
}

impl Import {
    /// The source of its facts.
    pub fn source(&self) -> SourceId {
        SourceId(SourceId::IMPORT.0 | self.id)
    }
}

/// What became of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// The last line that is settled.
    pub position: u64,
    /// How many were accepted.
    pub accepted: u64,
    /// How many were told before.
    pub duplicate: u64,
    /// How many were rejected.
    pub rejected: u64,
}

/// An import to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportStart {
    /// The fingerprint of file and mapping.
    pub key: Text,
    /// The file's name.
    pub file: Text,
    /// How many rows the file has, when that is known.
    pub rows: Option<u64>,
}

/// The end of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportEnd {
    /// How many rows it had.
    pub rows: u64,
    /// How many of them were rejected before they were sent.
    pub rejected: u64,
    /// Its last line, when that is known.
    pub position: Option<u64>,
}

impl Store {
    /// Begins an import, or finds the one begun with the same key.
    pub async fn import_start(
        &self,
        workspace: WorkspaceId,
        start: &ImportStart,
        act: &Act,
    ) -> Result<Import, Error> {
        let row = sqlx::query(
            "INSERT INTO imports (workspace, key, file, rows, created_by, created_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
             ON CONFLICT (workspace, key) DO UPDATE SET file = excluded.file, rows = excluded.rows RETURNING *",
        )
        .bind(workspace.0)
        .bind(start.key.as_str())
        .bind(start.file.as_str())
        .bind(start.rows.map(signed))
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when("import_start"))?;
        read(Columns { what: WHAT, row: &row })
    }

    /// One import.
    pub async fn import_fetch(&self, workspace: WorkspaceId, key: &str) -> Result<Import, Error> {
        let row = sqlx::query("SELECT * FROM imports WHERE workspace = ? AND key = ?")
            .bind(workspace.0)
            .bind(key)
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("import_fetch"))?
            .ok_or_else(|| Error::NotFound { what: WHAT, name: key.into() })?;
        read(Columns { what: WHAT, row: &row })
    }

    /// Imports, the latest first, before the one numbered `before`.
    pub async fn import_list(
        &self,
        workspace: WorkspaceId,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Import>, Error> {
        let rows =
            sqlx::query("SELECT * FROM imports WHERE workspace = ? AND id < ? ORDER BY id DESC LIMIT ?")
                .bind(workspace.0)
                .bind(before.map_or(i64::MAX, i64::from))
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(&self.readers)
                .await
                .map_err(Error::when("import_list"))?;
        rows.iter().map(|row| read(Columns { what: WHAT, row })).collect()
    }

    /// Adds what became of some more rows; the position only ever goes forward.
    pub async fn import_advance(&self, id: u32, more: ImportProgress, at: Instant) -> Result<Import, Error> {
        let row = sqlx::query(
            "UPDATE imports SET position = max(position, ?), accepted = accepted + ?, duplicate = duplicate + ?,
             rejected = rejected + ?, changed_at = ? WHERE id = ? RETURNING *",
        )
        .bind(signed(more.position))
        .bind(signed(more.accepted))
        .bind(signed(more.duplicate))
        .bind(signed(more.rejected))
        .bind(at.ms())
        .bind(id)
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when("import_advance"))?;
        read(Columns { what: WHAT, row: &row })
    }

    /// Says that all rows came, and up to which line. Saying it again changes nothing.
    pub async fn import_finish(&self, id: u32, end: ImportEnd, at: Instant) -> Result<Import, Error> {
        let row = sqlx::query(
            "UPDATE imports SET rows = ?1, rejected = rejected + iif(finished, 0, ?2),
             position = max(position, ?5), finished = 1, changed_at = ?3 WHERE id = ?4 RETURNING *",
        )
        .bind(signed(end.rows))
        .bind(signed(end.rejected))
        .bind(at.ms())
        .bind(id)
        .bind(signed(end.position.unwrap_or(0)))
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when("import_finish"))?;
        read(Columns { what: WHAT, row: &row })
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn read(columns: Columns<'_>) -> Result<Import, Error> {
    let finished: i64 = columns.number("finished")?;
    Ok(Import {
        id: columns.number("id")?,
        key: columns.text("key")?,
        file: columns.text("file")?,
        rows: columns.optional_number("rows")?,
        progress: ImportProgress {
            position: columns.number("position")?,
            accepted: columns.number("accepted")?,
            duplicate: columns.number("duplicate")?,
            rejected: columns.number("rejected")?,
        },
        finished: finished != 0,
        created_by: columns.text("created_by")?,
        created_at: columns.instant("created_at")?,
        changed_at: columns.instant("changed_at")?,
    })
}
