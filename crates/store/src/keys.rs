//! Write keys and API tokens.

use std::str::FromStr;

use model::{Instant, Role, Text};

use crate::database::Columns;
use crate::{Act, Error, Secret, Store, WorkspaceId};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Sends events; no secret, so it may be shown again.
    Write,
    /// Uses the API, with this role at most.
    Api(Role),
}

impl KeyKind {
    /// The word in the database.
    fn word(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Api(_) => "api",
        }
    }

    fn role(self) -> Option<Role> {
        match self {
            Self::Write => None,
            Self::Api(role) => Some(role),
        }
    }
}

/// A key. Its number is also the source of the facts that came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its number.
    pub id: u32,
    /// For which workspace.
    pub workspace: WorkspaceId,
    /// What it is for.
    pub kind: KeyKind,
    /// Where it is used.
    pub name: Text,
    /// Its first characters.
    pub prefix: Text,
    /// A write key in the clear.
    pub shown: Option<Text>,
    /// Who made it.
    pub created_by: Text,
    /// When.
    pub created_at: Instant,
    /// When it was last used, to the hour.
    pub used_at: Option<Instant>,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNew {
    /// For which workspace.
    pub workspace: WorkspaceId,
    /// What it is for.
    pub kind: KeyKind,
    /// Where it is used.
    pub name: Text,
}

impl Store {
    /// Keeps a key.
    pub async fn key_create(&self, secret: &Secret, new: &KeyNew, act: &Act) -> Result<Key, Error> {
        let shown = match new.kind {
            KeyKind::Write => Some(Text::from(secret.reveal())),
            KeyKind::Api(_) => None,
        };
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO keys (workspace, kind, name, role, hash, prefix, shown, created_by, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(new.workspace.0)
        .bind(new.kind.word())
        .bind(new.name.as_str())
        .bind(new.kind.role().map(Role::word))
        .bind(secret.hash())
        .bind(secret.prefix())
        .bind(shown.as_deref())
        .bind(act.who.as_str())
        .bind(act.at.ms())
        .fetch_one(&self.writer)
        .await
        .map_err(Error::when_named("key_create", "key", &new.name))?;
        Ok(Key {
            id: u32::try_from(id).map_err(|_| Error::Damaged {
                what: "key",
                column: "id",
                value: id.to_string(),
            })?,
            workspace: new.workspace,
            kind: new.kind,
            name: new.name.clone(),
            prefix: secret.prefix().into(),
            shown,
            created_by: act.who.clone(),
            created_at: act.at,
            used_at: None,
        })
    }

    /// All keys of a workspace, the oldest first.
    pub async fn key_list(&self, workspace: WorkspaceId) -> Result<Vec<Key>, Error> {
        let rows = sqlx::query("SELECT * FROM keys WHERE workspace = ? ORDER BY id")
            .bind(workspace.0)
            .fetch_all(&self.readers)
            .await
            .map_err(Error::when("key_list"))?;
        rows.iter().map(|row| read(Columns { what: "key", row })).collect()
    }

    /// The key that somebody presented.
    pub async fn key_find(&self, secret: &Secret) -> Result<Option<Key>, Error> {
        let row = sqlx::query("SELECT * FROM keys WHERE hash = ?")
            .bind(secret.hash())
            .fetch_optional(&self.readers)
            .await
            .map_err(Error::when("key_find"))?;
        row.map(|row| read(Columns { what: "key", row: &row })).transpose()
    }

    /// Remembers that a key was used; ask at most once an hour for each key.
    pub async fn key_touch(&self, id: u32, at: Instant) -> Result<(), Error> {
        sqlx::query("UPDATE keys SET used_at = ? WHERE id = ?")
            .bind(at.ms())
            .bind(id)
            .execute(&self.writer)
            .await
            .map_err(Error::when("key_touch"))?;
        Ok(())
    }

    /// Takes a key away: it stops working at once.
    pub async fn key_delete(&self, workspace: WorkspaceId, id: u32) -> Result<(), Error> {
        let gone = sqlx::query("DELETE FROM keys WHERE workspace = ? AND id = ?")
            .bind(workspace.0)
            .bind(id)
            .execute(&self.writer)
            .await
            .map_err(Error::when("key_delete"))?;
        match gone.rows_affected() {
            0 => Err(Error::NotFound { what: "key", name: format!("k{id}").into() }),
            _ => Ok(()),
        }
    }
}

/// The words of the column `kind`.
enum Kind {
    Write,
    Api,
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "write" => Ok(Self::Write),
            "api" => Ok(Self::Api),
            _ => Err(()),
        }
    }
}

fn read(columns: Columns<'_>) -> Result<Key, Error> {
    let kind = match columns.word("kind")? {
        Kind::Write => KeyKind::Write,
        Kind::Api => KeyKind::Api(columns.word("role")?),
    };
    Ok(Key {
        id: columns.number("id")?,
        workspace: WorkspaceId(columns.number("workspace")?),
        kind,
        name: columns.text("name")?,
        prefix: columns.text("prefix")?,
        shown: columns.optional_text("shown")?,
        created_by: columns.text("created_by")?,
        created_at: columns.instant("created_at")?,
        used_at: columns.optional_instant("used_at")?,
    })
}
