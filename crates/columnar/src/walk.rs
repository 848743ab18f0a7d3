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

/// Puts the rows of one customer in order.
pub(crate) fn sort(hits: &mut [Hit], arrival: impl Fn(&Hit) -> u64) {
    let in_order = |a: &Hit, b: &Hit| {
        a.time < b.time || a.time == b.time && (a.view == b.view || arrival(a) < arrival(b))
    };
    if !hits.is_sorted_by(in_order) {
        hits.sort_unstable_by(|a, b| a.time.cmp(&b.time).then_with(|| arrival(a).cmp(&arrival(b))));
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
