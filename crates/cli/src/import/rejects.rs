//! The rejects file: NDJSON with the line, the reason, the fix and the row itself.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use api::data::RejectedRecord;
use ingest::Fault;
use ingest::import::Row;
use serde::Serialize;

use super::{named, row_of};

/// One row that cannot be imported.
#[derive(Debug, Serialize)]
pub(super) struct Rejected {
    line: u64,
    reason: String,
    field: String,
    value: String,
    fix: String,
    row: String,
}

impl Rejected {
    /// Rejected here, by the mapping.
    pub(super) fn new(line: u64, fault: Fault, row: String) -> Self {
        let Fault { reason, field, value } = fault;
        let fix = reason.fix().to_owned();
        Self { line, reason: reason.word().to_owned(), field: field.into(), value: value.into(), fix, row }
    }

    /// Rejected by the server.
    pub(super) fn by_server(record: RejectedRecord, rows: &[Row]) -> Self {
        let RejectedRecord { line, field, value, reason, message: _, fix } = record;
        let row = row_of(rows, line).and_then(|row| serde_json::to_string(row).ok()).unwrap_or_default();
        Self { line, reason, field, value, fix, row }
    }
}

/// The file; it comes into being with the first reject.
pub(super) struct Rejects {
    path: PathBuf,
    writer: Option<BufWriter<File>>,
}

impl Rejects {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, writer: None }
    }

    pub(super) fn write(&mut self, rejected: &Rejected) -> Result<()> {
        let path = &self.path;
        let failed = || named("cannot write the rejects file: choose another with `--rejects`", path);
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => BufWriter::new(File::create(path).with_context(failed)?),
        };
        serde_json::to_writer(&mut writer, rejected)?;
        writer.write_all(b"\n").with_context(failed)?;
        self.writer = Some(writer);
        Ok(())
    }

    /// Where the file is, when there is one.
    pub(super) fn finish(self) -> Result<Option<PathBuf>> {
        let Some(mut writer) = self.writer else { return Ok(None) };
        writer.flush().with_context(|| named("cannot write the rejects file", &self.path))?;
        Ok(Some(self.path))
    }
}

/// The name of the imported file with `.rejects.ndjson`, in the current folder.
pub(super) fn default_path(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    PathBuf::from(format!("{name}.rejects.ndjson"))
}
