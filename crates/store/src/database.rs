//! The file: opening it, bringing it up to date, reading columns.

use std::path::Path;
use std::time::Duration;

use model::{Instant, Text};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqlitePool};

use crate::Error;

/// Each brings the file from the version of its place to the next one. Never edit one that was released: add one.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
];

/// How many questions the control plane answers at once.
const READERS_MAX: u32 = 4;

/// The control plane in one SQLite file. Cheap to clone.
///
/// There is one writing connection, so writers queue here instead of failing at
/// SQLite's lock; readers see the last committed state and never wait.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) readers: SqlitePool,
    pub(crate) writer: SqlitePool,
}

impl Store {
    /// Opens the file, makes it when it is missing, and brings it up to date.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(Error::when("open"))?;
        migrate(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(Error::when("open"))?;
        Ok(Self { readers, writer })
    }

    /// Reads the whole file without changing it, and says what is not as it should be; empty: all is well.
    pub async fn check(path: &Path) -> Result<Vec<String>, Error> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        let pool = pool.map_err(Error::when("open"))?;
        let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_all(&pool)
            .await
            .map_err(Error::when("integrity_check"))?;
        pool.close().await;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    /// Waits for what is running, then closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn migrate(writer: &SqlitePool) -> Result<(), Error> {
    let known = i64::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    let found: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(writer).await.map_err(Error::when("version"))?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (version, migration) in (1..).zip(MIGRATIONS).skip_while(|(version, _)| *version <= found) {
        let mut change = writer.begin().await.map_err(Error::when("migrate"))?;
        sqlx::raw_sql(*migration).execute(&mut *change).await.map_err(Error::when("migrate"))?;
        let stamp = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        sqlx::raw_sql(stamp).execute(&mut *change).await.map_err(Error::when("migrate"))?;
        change.commit().await.map_err(Error::when("migrate"))?;
    }
    Ok(())
}

/// Reads the columns of one kind of record.
pub(crate) struct Columns<'row> {
    pub(crate) what: &'static str,
    pub(crate) row: &'row SqliteRow,
}

impl Columns<'_> {
    pub(crate) fn text(&self, column: &'static str) -> Result<Text, Error> {
        self.optional_text(column)?.ok_or_else(|| self.damaged(column, "nothing"))
    }

    pub(crate) fn optional_text(&self, column: &'static str) -> Result<Option<Text>, Error> {
        let text: Option<&str> = self.row.try_get(column).map_err(Error::when("read"))?;
        Ok(text.map(Text::from))
    }

    pub(crate) fn json(&self, column: &'static str) -> Result<serde_json::Value, Error> {
        let text: &str = self.row.try_get(column).map_err(Error::when("read"))?;
        serde_json::from_str(text).map_err(|_| self.damaged(column, text))
    }

    pub(crate) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, Error> {
        self.optional_number(column)?.ok_or_else(|| self.damaged(column, "nothing"))
    }

    pub(crate) fn optional_number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>, Error> {
        let number: Option<i64> = self.row.try_get(column).map_err(Error::when("read"))?;
        number.map(|it| T::try_from(it).map_err(|_| self.damaged(column, it))).transpose()
    }

    pub(crate) fn instant(&self, column: &'static str) -> Result<Instant, Error> {
        self.number(column).map(Instant::from_ms)
    }

    pub(crate) fn optional_instant(&self, column: &'static str) -> Result<Option<Instant>, Error> {
        Ok(self.optional_number(column)?.map(Instant::from_ms))
    }

    pub(crate) fn word<T: std::str::FromStr>(&self, column: &'static str) -> Result<T, Error> {
        self.optional_word(column)?.ok_or_else(|| self.damaged(column, "nothing"))
    }

    pub(crate) fn optional_word<T: std::str::FromStr>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, Error> {
        let text = self.optional_text(column)?;
        text.map(|word| word.parse().map_err(|_| self.damaged(column, &word))).transpose()
    }

    pub(crate) fn edited(&self) -> Result<crate::Edited, Error> {
        Ok(crate::Edited {
            version: self.number("version")?,
            created_by: self.text("created_by")?,
            created_at: self.instant("created_at")?,
            changed_by: self.text("changed_by")?,
            changed_at: self.instant("changed_at")?,
        })
    }

    fn damaged(&self, column: &'static str, value: impl ToString) -> Error {
        Error::Damaged { what: self.what, column, value: value.to_string() }
    }
}
