//! One customer after another, their rows from several tables in one order.

use model::{CustomerId, Lane};

use crate::cursor::Cursor;
use crate::span::Span;
use crate::table::View;

/// Goes through one lane customer by customer and shows each customer's rows of several tables by (time, arrival).
///
/// Tables may be of different streams: funnels, sequences and paths ask what
/// followed what, whatever the names of the two.
#[derive(Debug)]
pub struct Walk<'v> {
    cursors: Vec<Cursor<'v>>,
    lane: Lane,
    span: Span,
    hits: Vec<Hit>,
}

/// A row of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// When it happened, in milliseconds.
    pub time: i64,
    /// Which of the tables that the walk was given.
    pub view: u32,
    /// Which row of that table.
    pub row: u32,
}

impl Hit {
    /// Orders hits by time; those of one table and instant as they lie there, which is as they arrived.
    #[inline]
    fn key(&self) -> u128 {
        let time = self.time.cast_unsigned() ^ 1 << 63;
        u128::from(time) << 64 | u128::from(self.view) << 32 | u128::from(self.row)
    }
}

/// Puts the rows of one customer in order.
pub(crate) fn sort(hits: &mut [Hit], arrival: impl Fn(&Hit) -> u64) {
    if !hits.is_sorted_by_key(|hit| hit.time) {
        hits.sort_unstable_by_key(Hit::key);
    }
    if hits.windows(2).any(|pair| pair[0].time == pair[1].time && pair[0].view != pair[1].view) {
        hits.chunk_by_mut(|a, b| a.time == b.time).for_each(|same| same.sort_unstable_by_key(&arrival));
    }
}

impl<'v> Walk<'v> {
    /// Begins before the first customer of `lane`; only rows within `span` are shown.
    pub fn new(views: impl IntoIterator<Item = &'v View>, lane: Lane, span: Span) -> Self {
        let cursors = views.into_iter().map(|view| Cursor::new(view, lane)).collect();
        Self { cursors, lane, span, hits: Vec::new() }
    }

    /// The next customer who has a row, and all their rows, in order.
    #[expect(clippy::should_implement_trait, reason = "what it shows lives until the next call")]
    pub fn next(&mut self) -> Option<(CustomerId, &[Hit])> {
        loop {
            let ordinal = self.cursors.iter().filter_map(Cursor::ordinal).min()?;
            self.hits.clear();
            for (view, cursor) in (0_u32..).zip(&mut self.cursors) {
                let times = cursor.view().times();
                while let Some(rows) = cursor.until(ordinal + 1) {
                    let rows = rows.filter(|row| self.span.contains(times[*row]));
                    self.hits.extend(rows.map(|row| Hit {
                        time: times[row],
                        view,
                        row: u32::try_from(row).expect("a table has less than 2^32 rows"),
                    }));
                }
            }
            if !self.hits.is_empty() {
                sort(&mut self.hits, |hit| self.cursors[hit.view as usize].view().arrival(hit.row as usize));
                return Some((CustomerId::new(self.lane, ordinal), &self.hits));
            }
        }
    }
}
