//! Rows of a CSV file with a header.

use std::io::BufRead;

use anyhow::{Context as _, Result};
use csv::{Error, ErrorKind, Reader, ReaderBuilder, StringRecord, WriterBuilder};
use ingest::import::{Cell, Mapping, Plan};
use ingest::{Fault, Reason};

use super::super::named;
use super::super::rejects::Rejected;
use super::super::source::Source;
use super::{Line, mapped};

pub(in super::super) struct CsvRows {
    source: Source,
    reader: Reader<Box<dyn BufRead + Send>>,
    record: StringRecord,
    columns: usize,
    delimiter: u8,
    plan: Plan,
}

impl CsvRows {
    pub(super) fn open(source: Source, mapping: &Mapping, delimiter: Option<u8>) -> Result<Self> {
        let delimiter = delimiter.unwrap_or(mapping.delimiter);
        let lines = source.lines()?;
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(lines);
        let header = reader.headers().with_context(|| named("cannot read the header", &source.path))?;
        // A byte-order mark is no part of the first column's name.
        let names: Vec<String> =
            header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        let plan = mapping.bind(&names)?;
        Ok(Self { source, reader, record: StringRecord::new(), columns: names.len(), delimiter, plan })
    }

    pub(super) fn position(&self) -> u64 {
        self.source.position()
    }

    pub(super) fn next(&mut self, take: &mut dyn FnMut(Line)) -> Result<bool> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => Ok(false),
            Ok(true) => {
                take(self.line());
                Ok(true)
            }
            Err(error) => {
                take(
                    unreadable(&error)
                        .ok_or(error)
                        .with_context(|| named("cannot read on", &self.source.path))?,
                );
                Ok(true)
            }
        }
    }

    fn line(&mut self) -> Line {
        let Self { record, plan, columns, delimiter, .. } = self;
        let number = record.position().map_or(0, csv::Position::line);
        if record.len() != *columns {
            let fault = Fault::new(Reason::BadValue, "columns", record.len().to_string());
            return Line { number, outcome: Err(Rejected::new(number, fault, written(record, *delimiter))) };
        }
        let cell = |text| if str::is_empty(text) { Cell::Missing } else { Cell::Text(text) };
        let cells: Vec<Cell<'_>> = record.iter().map(cell).collect();
        mapped(plan, number, &cells, || written(record, *delimiter))
    }
}

/// The row as it stands in the file, up to the choice of quotes.
fn written(record: &StringRecord, delimiter: u8) -> String {
    let mut writer = WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    let bytes = writer.write_record(record).ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// A line that is not UTF-8 is rejected; every other error ends the import.
fn unreadable(error: &Error) -> Option<Line> {
    let ErrorKind::Utf8 { pos, err } = error.kind() else { return None };
    let number = pos.as_ref().map_or(0, csv::Position::line);
    let fault = Fault::new(Reason::Malformed, "encoding", format!("{err}: save the file as UTF-8"));
    Some(Line { number, outcome: Err(Rejected::new(number, fault, String::new())) })
}
