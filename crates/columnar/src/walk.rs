//! One customer after another, their rows from several tables in one order.

use std::ops::Range;

use model::{CustomerId, Lane};

use crate::span::Span;
use crate::table::{View, run_length};

/// Goes through one lane customer by customer and shows each customer's rows of several tables by (time, arrival).
///
/// Tables may be of different streams: funnels, sequences and paths ask what
/// followed what, whatever the names of the two.
#[derive(Debug)]
pub struct Walk<'v> {
    cursors: Vec<Cursor<'v>>,
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

#[derive(Debug)]
struct Cursor<'v> {
    view: &'v View,
    ranges: Vec<Range<usize>>,
    /// The next range, once `rows` is done.
    next: usize,
    rows: Range<usize>,
    /// The number of the customer whose row comes next; past every customer when there is none.
    head: u64,
}

const DONE: u64 = u64::MAX;

impl<'v> Walk<'v> {
    /// Begins before the first customer of `lane`; only rows within `span` are shown.
    pub fn new(views: impl IntoIterator<Item = &'v View>, lane: Lane, span: Span) -> Self {
        let cursors = views.into_iter().map(|view| Cursor::new(view, lane)).collect();
        Self { cursors, span, hits: Vec::new() }
    }

    /// Goes forward to this customer, or to the first one after; never back.
    pub fn seek(&mut self, customer: CustomerId) {
        self.cursors.iter_mut().for_each(|cursor| cursor.seek(customer.number()));
    }

    /// The next customer who has a row, and all their rows, in order.
    #[expect(clippy::should_implement_trait, reason = "what it shows lives until the next call")]
    pub fn next(&mut self) -> Option<(CustomerId, &[Hit])> {
        loop {
            let head = self.cursors.iter().map(|cursor| cursor.head).min().filter(|head| *head != DONE)?;
            self.hits.clear();
            let mut tables = 0;
            for (index, cursor) in (0_u32..).zip(&mut self.cursors) {
                if cursor.head == head {
                    let before = self.hits.len();
                    cursor.take(index, self.span, &mut self.hits);
                    tables += usize::from(self.hits.len() > before);
                }
            }
            if tables > 1 {
                let arrival = |hit: &Hit| self.cursors[hit.view as usize].view.arrival(hit.row as usize);
                self.hits
                    .sort_unstable_by(|a, b| a.time.cmp(&b.time).then_with(|| arrival(a).cmp(&arrival(b))));
            }
            if tables > 0 {
                let number = u32::try_from(head).expect("a head is a customer's number or done");
                return Some((CustomerId::from_number(number), &self.hits));
            }
        }
    }
}

impl<'v> Cursor<'v> {
    fn new(view: &'v View, lane: Lane) -> Self {
        let mut cursor = Self { view, ranges: view.lane(lane).collect(), next: 0, rows: 0..0, head: DONE };
        cursor.settle();
        cursor
    }

    /// Goes on to the next row that counts.
    fn settle(&mut self) {
        while self.rows.is_empty() && self.next < self.ranges.len() {
            self.rows = self.ranges[self.next].clone();
            self.next += 1;
        }
        self.head =
            if self.rows.is_empty() { DONE } else { u64::from(self.view.customers()[self.rows.start]) };
    }

    /// Goes forward to the first row of this customer or a later one: in steps that double, then halve.
    fn seek(&mut self, number: u32) {
        while self.head < u64::from(number) {
            let numbers = &self.view.customers()[self.rows.clone()];
            let mut step = 1;
            while step < numbers.len() && numbers[step] < number {
                step *= 2;
            }
            self.rows.start += numbers[..step.min(numbers.len())].partition_point(|other| *other < number);
            self.settle();
        }
    }

    /// Takes all rows of the customer at the head.
    fn take(&mut self, index: u32, span: Span, hits: &mut Vec<Hit>) {
        let head = self.head;
        while self.head == head {
            let numbers = &self.view.customers()[self.rows.clone()];
            let end = self.rows.start + run_length(numbers, numbers[0]);
            let times = self.view.times();
            let rows = (self.rows.start..end).filter(|row| span.contains(times[*row]));
            hits.extend(rows.map(|row| Hit {
                time: times[row],
                view: index,
                row: u32::try_from(row).expect("a table has less than 2^32 rows"),
            }));
            self.rows.start = end;
            self.settle();
        }
    }
}
