//! Saved questions.

use model::Text;

use crate::database::Columns;
use crate::{Act, Edited, Error, Store, WorkspaceId};

const WHAT: &str = "question";

/// What somebody says about a saved question.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionText {
    /// Its name, unique in the workspace.
    pub name: Text,
    /// What it asks, as the contract says it.
    pub question: serde_json::Value,
}

/// A saved question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its number in the control plane.
    pub id: u32,
    /// What it says.
    pub text: QuestionText,
    /// Its place on the board, the smallest first; `None`: it is not there.
    pub place: Option<u32>,
    /// By whom and when.
    pub edited: Edited,
}

impl Store {
    /// Saves a question.
    pub async fn question_create(
        &self,
        workspace: WorkspaceId,
        text: &QuestionText,
        act: &Act,
    ) -> Result<Question, Error> {
        let row = sqlx::query(
            "INSERT INTO questions
             (workspace, name, question, version, created_by, created_at, changed_by, changed_at)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?4, ?5) RETURNING *",
        )
        .bind(workspace.0)
        .bind(text.name.as_str())
        .bind(text.question.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when_named("question_create", WHAT, &text.name))?;
        read(Columns { what: WHAT, row: &row })
    }

    /// All saved questions by name.
    pub async fn question_list(&self, workspace: WorkspaceId) -> Result<Vec<Question>, Error> {
        let rows = sqlx::query("SELECT * FROM questions WHERE workspace = ? ORDER BY name")
            .bind(workspace.0)
            .fetch_all(&self.readers)
            .await
            .map_err(Error::when("question_list"))?;
        rows.iter().map(|row| read(Columns { what: WHAT, row })).collect()
    }

    /// One saved question.
    pub async fn question_fetch(&self, workspace: WorkspaceId, id: u32) -> Result<Question, Error> {
        let row = sqlx::query("SELECT * FROM questions WHERE workspace = ? AND id = ?")
            .bind(workspace.0)
            .bind(id)
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("question_fetch"))?
            .ok_or_else(|| missing(id))?;
        read(Columns { what: WHAT, row: &row })
    }

    /// Replaces what a question says, unless it is no longer at `version`.
    pub async fn question_replace(
        &self,
        workspace: WorkspaceId,
        (id, version): (u32, u32),
        text: &QuestionText,
        act: &Act,
    ) -> Result<Question, Error> {
        let row = sqlx::query(
            "UPDATE questions SET name = ?, question = ?, version = version + 1, changed_by = ?,
             changed_at = ? WHERE workspace = ? AND id = ? AND version = ? RETURNING *",
        )
        .bind(text.name.as_str())
        .bind(text.question.to_string())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .bind(workspace.0)
        .bind(id)
        .bind(version)
        .fetch_optional(&self.writer)
        .await
        .map_err(Error::when_named("question_replace", WHAT, &text.name))?;
        match row {
            Some(row) => read(Columns { what: WHAT, row: &row }),
            None => {
                self.question_fetch(workspace, id).await?;
                Err(Error::Stale { what: WHAT, name: id.to_string().into(), version })
            }
        }
    }

    /// Puts a question on the board, at its end; one that is there stays where it is.
    pub async fn question_pin(&self, workspace: WorkspaceId, id: u32) -> Result<Question, Error> {
        self.board_change(workspace, |board| {
            if !board.contains(&id) {
                board.push(id);
            }
            Ok(())
        })
        .await?;
        self.question_fetch(workspace, id).await
    }

    /// Takes a question off the board.
    pub async fn question_unpin(&self, workspace: WorkspaceId, id: u32) -> Result<Question, Error> {
        self.board_change(workspace, |board| {
            board.retain(|other| *other != id);
            Ok(())
        })
        .await?;
        self.question_fetch(workspace, id).await
    }

    /// Moves a question of the board to this place, counted from 1; behind the end is the end.
    pub async fn question_move(
        &self,
        workspace: WorkspaceId,
        id: u32,
        place: u32,
    ) -> Result<Question, Error> {
        self.board_change(workspace, |board| {
            let now = board
                .iter()
                .position(|other| *other == id)
                .ok_or_else(|| Error::NotFound { what: "board card", name: id.to_string().into() })?;
            board.remove(now);
            let index = usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX);
            board.insert(index.min(board.len()), id);
            Ok(())
        })
        .await?;
        self.question_fetch(workspace, id).await
    }

    /// Takes a saved question away.
    pub async fn question_delete(&self, workspace: WorkspaceId, id: u32) -> Result<(), Error> {
        self.question_unpin(workspace, id).await?;
        let gone = sqlx::query("DELETE FROM questions WHERE workspace = ? AND id = ?")
            .bind(workspace.0)
            .bind(id)
            .execute(&self.writer)
            .await
            .map_err(Error::when("question_delete"))?;
        if gone.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
    }

    /// Changes what is on the board and in which order: all of it or nothing. Numbers without a question are left out.
    async fn board_change(
        &self,
        workspace: WorkspaceId,
        change: impl FnOnce(&mut Vec<u32>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let failed = Error::when("board_change");
        let mut writing = self.writer.begin().await.map_err(&failed)?;
        let mut board: Vec<u32> = sqlx::query_scalar(
            "SELECT id FROM questions WHERE workspace = ? AND place IS NOT NULL ORDER BY place",
        )
        .bind(workspace.0)
        .fetch_all(&mut *writing)
        .await
        .map_err(&failed)?;
        change(&mut board)?;
        sqlx::query("UPDATE questions SET place = NULL WHERE workspace = ?")
            .bind(workspace.0)
            .execute(&mut *writing)
            .await
            .map_err(&failed)?;
        for (place, id) in (1_u32..).zip(board) {
            sqlx::query("UPDATE questions SET place = ? WHERE workspace = ? AND id = ?")
                .bind(place)
                .bind(workspace.0)
                .bind(id)
                .execute(&mut *writing)
                .await
                .map_err(&failed)?;
        }
        writing.commit().await.map_err(&failed)
    }
}

fn missing(id: u32) -> Error {
    Error::NotFound { what: WHAT, name: id.to_string().into() }
}

fn read(columns: Columns<'_>) -> Result<Question, Error> {
    Ok(Question {
        id: columns.number("id")?,
        text: QuestionText { name: columns.text("name")?, question: columns.json("question")? },
        place: columns.optional_number("place")?,
        edited: columns.edited()?,
    })
}
