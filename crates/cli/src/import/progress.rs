//! The progress bar on the terminal: how much, how fast, how long still. Silent when nobody looks.

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::source::Source;

const STYLE: &str = "{bar:30} {percent:>3}%  {msg}  {eta} left";

pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn over(source: &Source) -> Self {
        let bar = ProgressBar::new(source.bytes);
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many bytes of the file are read and so many rows settled.
    pub(super) fn at(&self, bytes: u64, rows: u64) {
        let ms = self.0.elapsed().as_millis().max(1);
        let rate = u64::try_from(u128::from(rows) * 1_000 / ms).unwrap_or(u64::MAX);
        self.0.set_position(bytes);
        self.0.set_message(format!("{} rows, {}/s", HumanCount(rows), HumanCount(rate)));
    }

    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}
