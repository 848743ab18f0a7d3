//! The rows of some customers from many tables, each customer's in one order.
//!
//! A [`crate::Walk`] asks every table about every customer. Here each table is
//! read once, a block of customers at a time: its rows are dealt out to their
//! customers, and only then is each customer's small pile put in order. What is
//! held at one time is the rows of one block.

use model::{CustomerId, Lane};

use crate::cursor::Cursor;
use crate::set::LaneSet;
use crate::span::Span;
use crate::table::View;
use crate::walk::{Hit, sort};

/// So many customers, by ordinal, are dealt with at a time.
const BLOCK: u32 = 1024;

/// Shows the rows within `span` of everybody in `who` of one lane, by (time, arrival), one customer after another.
/// Customers without a row are left out.
pub fn gather<'v>(
    views: impl IntoIterator<Item = &'v View>,
    lane: Lane,
    who: &LaneSet,
    span: Span,
    mut visit: impl FnMut(CustomerId, &[Hit]),
) {
    let mut pile = Pile::new(views.into_iter().map(|view| Cursor::new(view, lane)).collect());
    while let Some(first) = pile.cursors.iter().filter_map(Cursor::ordinal).min() {
        let Some(first) = who.next(first) else { return };
        pile.deal(first, who, span);
        pile.each(|place, hits| visit(CustomerId::new(lane, first + place), hits));
    }
}

/// The rows of one block.
struct Pile<'v> {
    cursors: Vec<Cursor<'v>>,
    /// Whose row, counted from the first customer of the block; table by table.
    dealt: Vec<(u32, Hit)>,
    /// The same, customer by customer.
    hits: Vec<Hit>,
    /// Where the rows of each customer of the block begin, and where the last one's end.
    starts: Vec<u32>,
}

impl<'v> Pile<'v> {
    fn new(cursors: Vec<Cursor<'v>>) -> Self {
        Self { cursors, dealt: Vec::new(), hits: Vec::new(), starts: Vec::new() }
    }

    /// Takes in the rows of everybody in `who` from ordinal `first` on.
    fn deal(&mut self, first: u32, who: &LaneSet, span: Span) {
        const NOTHING: (u32, Hit) = (0, Hit { time: 0, view: 0, row: 0 });
        let end = first.saturating_add(BLOCK);
        let mut count = 0;
        for (view, cursor) in (0_u32..).zip(&mut self.cursors) {
            cursor.seek(first);
            let (customers, times) = (cursor.view().customers(), cursor.view().times());
            while let Some(rows) = cursor.until(end) {
                self.dealt.resize(self.dealt.len().max(count + rows.len()), NOTHING);
                for row in rows {
                    let ordinal = CustomerId::from_number(customers[row]).ordinal();
                    let row_number = u32::try_from(row).expect("a table has less than 2^32 rows");
                    // Written whether it counts or not, and kept when it does: nothing to guess for the processor.
                    self.dealt[count] = (ordinal - first, Hit { time: times[row], view, row: row_number });
                    count += usize::from(who.contains(ordinal) & span.contains(times[row]));
                }
            }
        }
        self.order(count);
    }

    /// Brings the first `count` dealt rows to their customers.
    fn order(&mut self, count: usize) {
        self.starts.clear();
        self.starts.resize(BLOCK as usize + 2, 0);
        let dealt = &self.dealt[..count];
        // Counted two places further: while rows find their place the starts move on by one.
        dealt.iter().for_each(|(place, _)| self.starts[*place as usize + 2] += 1);
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.hits.resize(count, Hit { time: 0, view: 0, row: 0 });
        for (place, hit) in dealt {
            let next = &mut self.starts[*place as usize + 1];
            self.hits[*next as usize] = *hit;
            *next += 1;
        }
    }

    /// Shows the rows of each customer of the block, in order.
    fn each(&mut self, mut visit: impl FnMut(u32, &[Hit])) {
        for place in 0..BLOCK {
            let [start, end] = [0, 1].map(|next| self.starts[(place + next) as usize] as usize);
            if start < end {
                let hits = &mut self.hits[start..end];
                sort(hits, |hit| self.cursors[hit.view as usize].view().arrival(hit.row as usize));
                visit(place, hits);
            }
        }
    }
}
