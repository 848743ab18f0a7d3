//! The rows of some customers from many tables, each customer's in one order.
//!
//! A [`crate::Walk`] asks every table about every customer. Here each table is
//! read once, a block of customers at a time. What a customer has in one table
//! lies together and in order already, so what is dealt out to customers are
//! these runs of rows, not the rows; and where a customer has but one run, there
//! is nothing to put in order. What is held at one time are the runs of one block.

use std::ops::Range;

use model::{CustomerId, Lane};

use crate::cursor::Cursor;
use crate::set::LaneSet;
use crate::span::Span;
use crate::table::{View, run_length};
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
    let mut hits = Vec::new();
    while let Some(first) = piles.next() {
        let Some(first) = who.next(first) else { return };
        let members = Members::of(who, first);
        piles.deal(first, &members);
        for place in members.places() {
            piles.rows(*place, &mut hits);
            if span != Span::EVER {
                hits.retain(|hit| span.contains(hit.time));
            }
            if !hits.is_empty() {
                visit(CustomerId::new(lane, first + place), &hits);
            }
        }
    }
}

/// Which customers of one block are asked for.
#[derive(Debug, Clone)]
pub struct Members {
    is_member: [u8; PLACES],
    /// The places in the block, in order.
    places: Vec<u32>,
}

impl Members {
    /// Those of `who` from ordinal `first` on.
    pub fn of(who: &LaneSet, first: u32) -> Self {
        let mut places = Vec::new();
        who.each_within(first, BLOCK, |place| places.push(place));
        Self::at(places)
    }

    /// All of them.
    pub fn all() -> Self {
        Self::at((0..BLOCK).collect())
    }

    /// Those at these places in the block, which are in order.
    pub fn at(places: Vec<u32>) -> Self {
        let mut is_member = [0; PLACES];
        places.iter().for_each(|place| is_member[*place as usize] = 1);
        Self { is_member, places }
    }

    /// Their places in the block, in order.
    pub fn places(&self) -> &[u32] {
        &self.places
    }
}

/// Rows of one customer that lie together in one table, by (time, arrival).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// Which of the tables.
    pub view: u32,
    /// The first row.
    pub start: u32,
    /// The row after the last one.
    pub end: u32,
}

impl Run {
    /// Which rows.
    #[inline]
    pub fn rows(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The rows of one block of customers after another, one pile of runs for each customer.
#[derive(Debug)]
pub struct Piles<'v> {
    lane: Lane,
    cursors: Vec<Cursor<'v>>,
    /// Of each table: when its rows happened.
    times: Vec<&'v [i64]>,
    /// Of each table: how many rows a block has that is like all others.
    usual: Vec<usize>,
    /// Of one table: whose runs begin where, and the end.
    edges: Vec<(u32, u32)>,
    /// The runs of members, table by table, each with the place of its customer in the block.
    dealt: Vec<(u32, Run)>,
    /// The same, customer by customer.
    runs: Vec<Run>,
    /// Where the runs of each customer of the block begin, and where the last one's end.
    starts: Vec<u32>,
}

impl<'v> Piles<'v> {
    /// Before the first block.
    pub fn new(views: impl IntoIterator<Item = &'v View>, lane: Lane) -> Self {
        let views: Vec<_> = views.into_iter().collect();
        let usual = |view: &&View| {
            let (rows, customers) = (view.lane_rows(lane), view.customers());
            let last =
                rows.clone().next_back().map_or(0, |row| CustomerId::from_number(customers[row]).ordinal());
            rows.len() * PLACES / (last as usize + 1)
        };
        Self {
            lane,
            cursors: views.iter().map(|view| Cursor::new(view, lane)).collect(),
            times: views.iter().map(|view| view.times()).collect(),
            usual: views.iter().map(usual).collect(),
            edges: Vec::new(),
            dealt: Vec::new(),
            runs: Vec::new(),
            starts: vec![0; PLACES + 2],
        }
    }

    /// The first ordinal that has a row and was not in a block yet.
    pub fn next(&self) -> Option<u32> {
        self.cursors.iter().filter_map(Cursor::ordinal).min()
    }

    /// Takes the rows of the members among the [`BLOCK`] customers from ordinal `first` on. What came before `first` is
    /// passed over.
    pub fn deal(&mut self, first: u32, members: &Members) {
        self.dealt.clear();
        for (number, cursor) in (0_u32..).zip(&mut self.cursors) {
            let block = Block { lane: self.lane, first, view: number, members };
            if members.places.len() * FAR < self.usual[number as usize] {
                block.leap(cursor, &mut self.dealt);
            } else {
                block.pick(cursor, &mut self.edges, &mut self.dealt);
            }
        }
        self.order();
    }

    /// Looks at the first row of every run. Nothing hangs on what it sees, so memory is waited for many times at once;
    /// who goes from run to run afterwards and decides by what it sees waits no more.
    pub fn look_ahead(&self) {
        let begin = |run: &Run| self.times[run.view as usize][run.start as usize];
        std::hint::black_box(self.runs.iter().map(begin).fold(0, std::ops::BitXor::bitxor));
    }

    /// Brings the dealt runs to their customers.
    fn order(&mut self) {
        self.starts.fill(0);
        for (place, _) in &self.dealt {
            // Counted two places further: while runs find their place the starts move on by one.
            self.starts[*place as usize + 2] += 1;
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.runs.resize(self.dealt.len(), Run::default());
        for (place, run) in &self.dealt {
            let next = &mut self.starts[*place as usize + 1];
            self.runs[*next as usize] = *run;
            *next += 1;
        }
    }

    /// The runs of the customer at this place of the block, table by table.
    #[inline]
    pub fn of(&self, place: u32) -> &[Run] {
        let [start, end] = [0, 1].map(|next| self.starts[(place + next) as usize] as usize);
        &self.runs[start..end]
    }

    /// The rows of the customer at this place of the block, by (time, arrival).
    #[inline]
    pub fn rows(&self, place: u32, hits: &mut Vec<Hit>) {
        hits.clear();
        let runs = self.of(place);
        for run in runs {
            let times = self.times(*run);
            hits.extend((run.start..).zip(times).map(|(row, time)| Hit { time: *time, view: run.view, row }));
        }
        if runs.len() > 1 {
            sort(hits, |hit| self.arrival(hit));
        }
    }

    /// When the rows of a run happened, in milliseconds.
    #[inline]
    pub fn times(&self, run: Run) -> &'v [i64] {
        &self.times[run.view as usize][run.rows()]
    }

    /// The place of a row in the order of arrival.
    pub fn arrival(&self, hit: &Hit) -> u64 {
        self.cursors[hit.view as usize].view().arrival(hit.row as usize)
    }
}

/// From one member to the next it is worth while to leap over so many rows.
const FAR: usize = 16;

/// One block of customers in one table.
struct Block<'m> {
    lane: Lane,
    /// The ordinal with which it begins.
    first: u32,
    view: u32,
    members: &'m Members,
}

impl Block<'_> {
    /// Goes from member to member, and leaps over the rows of all others.
    fn leap(&self, cursor: &mut Cursor<'_>, dealt: &mut Vec<(u32, Run)>) {
        let mut left = &self.members.places[..];
        loop {
            let (numbers, start) = cursor.together();
            let Some(last) = numbers.last() else { return };
            let number = |place: &u32| CustomerId::new(self.lane, self.first + place).number();
            let here = left.partition_point(|place| number(place) <= *last);
            let known = dealt.len();
            dealt.resize(known + here, (0, Run::default()));
            let (mut count, mut at) = (known, 0);
            for place in &left[..here] {
                let number = number(place);
                at += below(&numbers[at..], number);
                let from = at;
                at += run_length(&numbers[at..], number);
                let [from, to] = [from, at]
                    .map(|row| u32::try_from(start + row).expect("a table has less than 2^32 rows"));
                dealt[count] = (*place, Run { view: self.view, start: from, end: to });
                count += usize::from(from < to);
            }
            dealt.truncate(count);
            let passed = if here < left.len() { numbers.len() } else { at };
            if !cursor.pass(passed) {
                return;
            }
            // The last one may have rows on the other side of what was moved away, too.
            left = &left[here.saturating_sub(1)..];
        }
    }

    /// Looks at every row.
    fn pick(&self, cursor: &mut Cursor<'_>, room: &mut Vec<(u32, u32)>, dealt: &mut Vec<(u32, Run)>) {
        cursor.seek(self.first);
        while let Some(rows) = cursor.until(self.first.saturating_add(BLOCK)) {
            let edges = edges(&cursor.view().customers()[rows.clone()], (self.first, rows.start), room);
            let known = dealt.len();
            dealt.resize(known + edges.len(), (0, Run::default()));
            let mut count = known;
            for pair in edges.windows(2) {
                let [(place, start), (_, end)] = [pair[0], pair[1]];
                dealt[count] = (place, Run { view: self.view, start, end });
                count += usize::from(self.members.is_member[place as usize % PLACES]);
            }
            dealt.truncate(count);
        }
    }
}

/// How many of sorted `numbers` are below `number`, which is not far.
#[inline]
fn below(numbers: &[u32], number: u32) -> usize {
    const STRIDE: usize = 16;
    let mut passed = 0;
    while numbers.get(passed + STRIDE - 1).is_some_and(|last| *last < number) {
        passed += STRIDE;
    }
    let near = &numbers[passed..numbers.len().min(passed + STRIDE)];
    passed + near.iter().map(|other| usize::from(*other < number)).sum::<usize>()
}

/// Where the customer changes among rows that lie together: for each customer the place in the block, which begins with
/// ordinal `first`, and the first row; `start` is the first of all. At the end the row after the last.
fn edges<'e>(
    numbers: &[u32],
    (first, start): (u32, usize),
    edges: &'e mut Vec<(u32, u32)>,
) -> &'e [(u32, u32)] {
    if edges.len() <= numbers.len() {
        edges.resize(numbers.len() + 1, (0, 0));
    }
    let mut row = u32::try_from(start).expect("a table has less than 2^32 rows");
    let (mut count, mut before) = (0, u32::MAX);
    for number in numbers {
        // Written whether it is wanted or not, and kept when it is: nothing to guess for the processor.
        edges[count] = (CustomerId::from_number(*number).ordinal() - first, row);
        count += usize::from(*number != before);
        before = *number;
        row += 1;
    }
    edges[count] = (0, row);
    &edges[..=count]
}
