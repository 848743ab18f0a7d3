//! Lines in the shape of the Segment API.

use std::io::BufRead;

use anyhow::{Context as _, Result, bail};
use ingest::import::segment_row;
use ingest::limits::EVENT_BYTES_MAX;
use ingest::{Fault, Reason};

use super::super::named;
use super::super::rejects::Rejected;
use super::super::source::Source;
use super::Line;

/// A line that goes on longer than this is no line.
const LINE_BYTES_MAX: usize = 64 * EVENT_BYTES_MAX;

pub(in super::super) struct NdJsonRows {
    source: Source,
    reader: Box<dyn BufRead + Send>,
    bytes: Vec<u8>,
    number: u64,
}

impl NdJsonRows {
    pub(super) fn open(source: Source) -> Result<Self> {
        let reader = source.lines()?;
        Ok(Self { source, reader, bytes: Vec::new(), number: 0 })
    }

    pub(super) fn position(&self) -> u64 {
        self.source.position()
    }

    pub(super) fn next(&mut self, take: &mut dyn FnMut(Line)) -> Result<bool> {
        self.bytes.clear();
        let limit = LINE_BYTES_MAX as u64;
        let mut limited = std::io::Read::take(&mut self.reader, limit);
        let count = limited
            .read_until(b'\n', &mut self.bytes)
            .with_context(|| named("cannot read on", &self.source.path))?;
        if count == 0 {
            return Ok(false);
        }
        self.number += 1;
        if count == LINE_BYTES_MAX {
            bail!("{}, line=`{}`", named("a line has no end", &self.source.path), self.number);
        }
        let number = self.number;
        match std::str::from_utf8(&self.bytes) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => {
                let text = text.trim();
                let outcome = segment_row(number, text).map(Some);
                take(Line {
                    number,
                    outcome: outcome.map_err(|fault| Rejected::new(number, fault, text.to_owned())),
                });
            }
            Err(error) => {
                let fault =
                    Fault::new(Reason::Malformed, "encoding", format!("{error}: save the file as UTF-8"));
                let text = String::from_utf8_lossy(&self.bytes).into_owned();
                take(Line { number, outcome: Err(Rejected::new(number, fault, text)) });
            }
        }
        Ok(true)
    }
}
