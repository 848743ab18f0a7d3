//! Tallies of the requests that were turned away. What a tally says is the server's; it is kept here across restarts.

use model::Text;

use crate::database::Columns;
use crate::{Error, Store, WorkspaceId};

const WHAT: &str = "refusal";

/// How the file names those who showed no key of ours; numbers of workspaces begin at 1.
const NOBODY: WorkspaceId = WorkspaceId(0);

/// What was turned away for one mistake.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Whose key was shown; `None`: none of ours.
    pub workspace: Option<WorkspaceId>,
    /// The word of the mistake.
    pub code: Text,
    /// What is known of it.
    pub tally: serde_json::Value,
}

impl Store {
    /// All tallies, of all workspaces.
    pub async fn refusal_list(&self) -> Result<Vec<Refusal>, Error> {
        let rows = sqlx::query("SELECT * FROM refusals")
            .fetch_all(&self.readers)
            .await
            .map_err(Error::when("refusal_list"))?;
        rows.iter()
            .map(|row| {
                let columns = Columns { what: WHAT, row };
                let workspace = WorkspaceId(columns.number("workspace")?);
                Ok(Refusal {
                    workspace: (workspace != NOBODY).then_some(workspace),
                    code: columns.text("code")?,
                    tally: columns.json("tally")?,
                })
            })
            .collect()
    }

    /// Keeps these tallies in the place of all that were kept.
    pub async fn refusals_replace(&self, refusals: &[Refusal]) -> Result<(), Error> {
        let failed = Error::when("refusals_replace");
        let mut writing = self.writer.begin().await.map_err(&failed)?;
        sqlx::query("DELETE FROM refusals").execute(&mut *writing).await.map_err(&failed)?;
        for Refusal { workspace, code, tally } in refusals {
            sqlx::query("INSERT INTO refusals (workspace, code, tally) VALUES (?, ?, ?)")
                .bind(workspace.unwrap_or(NOBODY).0)
                .bind(code.as_str())
                .bind(tally.to_string())
                .execute(&mut *writing)
                .await
                .map_err(&failed)?;
        }
        writing.commit().await.map_err(&failed)
    }
}
