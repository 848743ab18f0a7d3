//! The rows of some customers from many tables, each customer's in one order.
//!
//! A [`crate::Walk`] asks every table about every customer. Here each table is
//! read once, a block of customers at a time: of its rows those that are asked
//! for are picked, the picked ones are dealt out to their customers, and only
//! then is each customer's small pile put in order. What is held at one time is
//! the rows of one block.

use model::{CustomerId, Lane};

use crate::cursor::Cursor;
use crate::set::LaneSet;
use crate::span::Span;
use crate::table::View;
use crate::walk::{Hit, sort};

/// So many customers, by ordinal, are dealt with at a time.
pub const BLOCK: u32 = 4096;
const PLACES: usize = BLOCK as usize;

/// Shows the rows within `span` of everybody in `who` of one lane, by (time, arrival), one customer after another.
/// Customers without a row are left out.
pub fn gather<'v>(
    views: impl IntoIterator<Item = &'v View>,
    lane: Lane,
    who: &LaneSet,
    span: Span,
    mut visit: impl FnMut(CustomerId, &[Hit]),
) {
    let mut piles = Piles::new(views, lane);
    while let Some(first) = piles.next() {
        let Some(first) = who.next(first) else { return };
        piles.deal(first, &Members::of(who, first), |hit| span.contains(hit.time));
        for place in 0..BLOCK {
            let hits = piles.of(place);
            if !hits.is_empty() {
                visit(CustomerId::new(lane, first + place), hits);
            }
        }
    }
}

/// Which customers of one block are asked for.
#[derive(Debug, Clone)]
pub struct Members([u8; PLACES]);

impl Members {
    /// Those of `who` from ordinal `first` on.
    pub fn of(who: &LaneSet, first: u32) -> Self {
        let mut members = Self([0; PLACES]);
        who.each_within(first, BLOCK, |place| members.0[place as usize] = 1);
        members
    }

    /// All of them.
    pub fn all() -> Self {
        Self([1; PLACES])
    }

    /// Only those stay of whom `test` says so, asked for each place in the block.
    pub fn keep(&mut self, test: impl Fn(u32) -> bool) {
        for (place, member) in (0..).zip(&mut self.0) {
            *member &= u8::from(test(place));
        }
    }
}

/// The rows of one block of customers after another, one pile for each customer.
#[derive(Debug)]
pub struct Piles<'v> {
    cursors: Vec<Cursor<'v>>,
    /// Of one table: the place of a customer in the block, and one of their rows.
    picked: Vec<(u32, u32)>,
    /// The picked rows of all tables that count, table by table, each with the place of its customer.
    dealt: Vec<(u32, Hit)>,
    /// The same, customer by customer.
    hits: Vec<Hit>,
    /// Where the rows of each customer of the block begin, and where the last one's end.
    starts: Vec<u32>,
}

impl<'v> Piles<'v> {
    /// Before the first block.
    pub fn new(views: impl IntoIterator<Item = &'v View>, lane: Lane) -> Self {
        let cursors = views.into_iter().map(|view| Cursor::new(view, lane)).collect();
        let starts = vec![0; PLACES + 2];
        Self { cursors, picked: Vec::new(), dealt: Vec::new(), hits: Vec::new(), starts }
    }

    /// The first ordinal that has a row and was not in a block yet.
    pub fn next(&self) -> Option<u32> {
        self.cursors.iter().filter_map(Cursor::ordinal).min()
    }

    /// Takes the rows of the [`BLOCK`] customers from ordinal `first` on: of the members those that `counts`. What came
    /// before `first` is passed over.
    pub fn deal(&mut self, first: u32, members: &Members, counts: impl Fn(&Hit) -> bool) {
        self.dealt.clear();
        self.starts.fill(0);
        let end = first.saturating_add(BLOCK);
        for (view, cursor) in (0_u32..).zip(&mut self.cursors) {
            cursor.seek(first);
            let table = cursor.view();
            while let Some(rows) = cursor.until(end) {
                let start = u32::try_from(rows.start).expect("a table has less than 2^32 rows");
                pick(&table.customers()[rows], (first, start), members, &mut self.picked);
                for (place, row) in &self.picked {
                    let hit = Hit { time: table.times()[*row as usize], view, row: *row };
                    if counts(&hit) {
                        // Counted two places further: while rows find their place the starts move on by one.
                        self.starts[*place as usize + 2] += 1;
                        self.dealt.push((*place, hit));
                    }
                }
            }
        }
        self.order();
    }

    /// Brings the dealt rows to their customers, and each customer's in order.
    fn order(&mut self) {
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.hits.resize(self.dealt.len(), Hit { time: 0, view: 0, row: 0 });
        for (place, hit) in &self.dealt {
            let next = &mut self.starts[*place as usize + 1];
            self.hits[*next as usize] = *hit;
            *next += 1;
        }
        if self.cursors.len() > 1 {
            let arrival = |hit: &Hit| self.cursors[hit.view as usize].view().arrival(hit.row as usize);
            let ends = self.starts[..=PLACES].windows(2).map(|ends| ends[0] as usize..ends[1] as usize);
            ends.for_each(|pile| sort(&mut self.hits[pile], arrival));
        }
    }

    /// The rows of the customer at this place of the block, by (time, arrival).
    #[inline]
    pub fn of(&self, place: u32) -> &[Hit] {
        let [start, end] = [0, 1].map(|next| self.starts[(place + next) as usize] as usize);
        &self.hits[start..end]
    }

    /// The place of a row in the order of arrival.
    pub fn arrival(&self, hit: &Hit) -> u64 {
        self.cursors[hit.view as usize].view().arrival(hit.row as usize)
    }
}

/// The rows of members among rows that lie together, the first of which is `start`.
fn pick(numbers: &[u32], (first, start): (u32, u32), members: &Members, picked: &mut Vec<(u32, u32)>) {
    picked.resize(numbers.len(), (0, 0));
    let mut count = 0;
    for (row, number) in (start..).zip(numbers) {
        let place = CustomerId::from_number(*number).ordinal() - first;
        // Written whether it is wanted or not, and kept when it is: nothing to guess for the processor.
        picked[count] = (place, row);
        count += usize::from(members.0[place as usize % PLACES]);
    }
    picked.truncate(count);
}
