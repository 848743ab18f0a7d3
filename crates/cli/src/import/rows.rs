//! The rows of a file, whatever its format: mapped, rejected or left out, with their line numbers.

mod csv;
mod ndjson;
mod parquet;

use anyhow::{Context as _, Result, bail};
use ingest::import::{Cell, Mapping, Plan, Row};

use super::named;
use super::rejects::Rejected;
use super::source::{Format, Source};

/// One line (of Parquet: one row) of the file.
pub(super) struct Line {
    /// From 1; the header of a CSV file is line 1.
    pub(super) number: u64,
    /// What it says; nothing when a filter leaves it out.
    pub(super) outcome: Result<Option<Row>, Rejected>,
}

/// A file that is being read.
pub(super) enum Rows {
    Csv(Box<csv::CsvRows>),
    NdJson(ndjson::NdJsonRows),
    Parquet(Box<parquet::ParquetRows>),
}

impl Rows {
    /// Opens the reader for the file's format and binds the mapping to its columns.
    pub(super) fn open(source: Source, mapping: Option<Mapping>) -> Result<Self> {
        let path = source.path.clone();
        let needed = || named("the columns need a mapping: add `--map MAP.toml`", &path);
        let rows = match (source.format, mapping) {
            (Format::NdJson, None) => Self::NdJson(ndjson::NdJsonRows::open(source)?),
            (Format::NdJson, Some(_)) => {
                bail!(named(
                    "NDJSON is in the shape of the Segment API and takes no mapping: leave `--map` out",
                    &path
                ))
            }
            (Format::Csv { delimiter }, mapping) => {
                Self::Csv(Box::new(csv::CsvRows::open(source, &mapping.with_context(needed)?, delimiter)?))
            }
            (Format::Parquet, mapping) => {
                Self::Parquet(Box::new(parquet::ParquetRows::open(source, &mapping.with_context(needed)?)?))
            }
        };
        Ok(rows)
    }

    /// The number of the first row's line.
    pub(super) fn first_line(&self) -> u64 {
        match self {
            Self::Csv(_) => 2,
            Self::NdJson(_) | Self::Parquet(_) => 1,
        }
    }

    /// Hands over the next line or lines; `false` when there are none left.
    pub(super) fn next(&mut self, take: &mut dyn FnMut(Line)) -> Result<bool> {
        match self {
            Self::Csv(rows) => rows.next(take),
            Self::NdJson(rows) => rows.next(take),
            Self::Parquet(rows) => rows.next(take),
        }
    }

    /// How far the file is read, in the unit of the progress bar.
    pub(super) fn position(&self) -> u64 {
        match self {
            Self::Csv(rows) => rows.position(),
            Self::NdJson(rows) => rows.position(),
            Self::Parquet(rows) => rows.position(),
        }
    }
}

/// Maps the cells of one line; `text` is the row as it stands in the file.
fn mapped(plan: &mut Plan, number: u64, cells: &[Cell<'_>], text: impl Fn() -> String) -> Line {
    let outcome = plan.row(number, cells).map_err(|fault| Rejected::new(number, fault, text()));
    Line { number, outcome }
}
