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
use crate::directory::Directory;
use crate::hours::Hours;
use crate::set::{LaneSet, bits};
use crate::span::Span;
use crate::table::View;
use crate::walk::{Hit, sort};

/// So many customers, by ordinal, are dealt with at a time; a block begins at a multiple of it.
pub const BLOCK: u32 = 4096;
const PLACES: usize = BLOCK as usize;
const WORD_BITS: usize = u64::BITS as usize;
const WORDS: usize = PLACES / WORD_BITS;

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
    while let Some(first) = piles.next(Some(who)) {
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

/// Everybody of one lane who may have a row in one of some tables: nobody else has.
pub fn who<'v>(views: impl IntoIterator<Item = &'v View>, lane: Lane) -> LaneSet {
    let mut who = LaneSet::new();
    for view in views {
        match view.directory(lane) {
            Some(directory) => who.join(directory.who()),
            None => view.lane(lane).for_each(|rows| who.insert_all(&view.customers()[rows])),
        }
    }
    who
}

/// Which customers of one block are asked for.
#[derive(Debug, Clone)]
pub struct Members {
    /// A bit for each place in the block.
    words: [u64; WORDS],
    /// The places in the block, in order.
    places: Vec<u32>,
}

impl Members {
    /// Those of `who` in the block that begins with ordinal `first`.
    pub fn of(who: &LaneSet, first: u32) -> Self {
        let first = first as usize / WORD_BITS;
        Self::from_words(std::array::from_fn(|word| who.word(first + word)))
    }

    /// All of them.
    pub fn all() -> Self {
        Self::from_words([u64::MAX; WORDS])
    }

    fn from_words(words: [u64; WORDS]) -> Self {
        let places = words.iter().enumerate().flat_map(|(index, word)| bits(*word, index)).collect();
        Self { words, places }
    }

    /// Those at these places in the block, which are in order.
    pub fn at(places: Vec<u32>) -> Self {
        let mut words = [0; WORDS];
        places.iter().for_each(|place| words[*place as usize / WORD_BITS] |= 1 << (place % u64::BITS));
        Self { words, places }
    }

    /// Their places in the block, in order.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    #[inline]
    fn contains(&self, place: u32) -> bool {
        self.words[place as usize / WORD_BITS % WORDS] >> (place % u64::BITS) & 1 == 1
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

    /// Which row of the table is at this place of the run.
    #[inline]
    pub fn row(self, place: usize) -> u32 {
        self.start + u32::try_from(place).expect("a table has less than 2^32 rows")
    }
}

/// The rows of one block of customers after another, one pile of runs for each customer.
#[derive(Debug)]
pub struct Piles<'v> {
    lane: Lane,
    tables: Vec<Source<'v>>,
    /// Where the block after the last one begins.
    next: u32,
    /// Of one table: whose runs begin where, and the end.
    edges: Vec<(u32, u32)>,
    /// The runs of members, table by table, each with the place of its customer in the block.
    dealt: Vec<(u32, Run)>,
    /// The same, customer by customer.
    runs: Vec<Run>,
    /// Where the runs of each customer of the block begin, and where the last one's end.
    starts: Vec<u32>,
}

/// One table, and how its rows are found.
#[derive(Debug)]
struct Source<'v> {
    view: &'v View,
    /// When its rows happened.
    times: &'v [i64],
    /// The same by the hour, for whoever asks.
    hours: Option<&'v Hours>,
    rows: Rows<'v>,
}

#[derive(Debug)]
enum Rows<'v> {
    /// Where a customer's begin is known.
    Listed(&'v Directory),
    /// They are few, and gone through.
    Passed(Cursor<'v>),
}

impl<'v> Source<'v> {
    fn new(view: &'v View, lane: Lane) -> Self {
        let passed = || Rows::Passed(Cursor::new(view, lane));
        let rows = view.directory(lane).map_or_else(passed, Rows::Listed);
        Self { view, times: view.times(), hours: None, rows }
    }

    /// The first ordinal that has a row and is not below `from`, where a block begins.
    fn next(&mut self, from: u32) -> Option<u32> {
        match &mut self.rows {
            Rows::Listed(directory) => directory.who().next(from),
            Rows::Passed(cursor) => {
                cursor.seek(from);
                cursor.ordinal()
            }
        }
    }
}

impl<'v> Piles<'v> {
    /// Before the first block.
    pub fn new(views: impl IntoIterator<Item = &'v View>, lane: Lane) -> Self {
        Self {
            lane,
            tables: views.into_iter().map(|view| Source::new(view, lane)).collect(),
            next: 0,
            edges: Vec::new(),
            dealt: Vec::new(),
            runs: Vec::new(),
            starts: vec![0; PLACES + 2],
        }
    }

    /// The ordinal with which the next block begins that has a row, of somebody in `among` perhaps; `None` for `among`:
    /// everybody.
    pub fn next(&mut self, among: Option<&LaneSet>) -> Option<u32> {
        let mut first = self.tables.iter_mut().filter_map(|table| table.next(self.next)).min()?;
        if let Some(among) = among {
            first = among.next(first)?;
        }
        let block = first / BLOCK * BLOCK;
        self.next = block + BLOCK;
        Some(block)
    }

    /// Everybody who may have a row.
    pub(crate) fn who(&self) -> LaneSet {
        who(self.tables.iter().map(|table| table.view), self.lane)
    }

    /// Whether every row counts, so that whoever may have one has one.
    pub(crate) fn are_whole(&self) -> bool {
        self.tables.iter().all(|table| table.view.holes.is_empty())
    }

    /// Those of the members who were dealt a row.
    pub(crate) fn dealt_to(&self, members: &Members) -> Members {
        Members::at(members.places().iter().copied().filter(|place| !self.of(*place).is_empty()).collect())
    }

    /// Takes the rows of the members among the [`BLOCK`] customers from ordinal `first` on, once for each block. What came
    /// before `first` is passed over.
    pub fn deal(&mut self, first: u32, members: &Members) {
        self.dealt.clear();
        (0..self.tables.len()).for_each(|table| self.take(table, first, members));
        self.order();
    }

    /// Takes the rows of one table instead of all, for whoever holds table after table against what is known already:
    /// then nothing has to be brought together. [`Self::dealt`] shows them.
    pub fn deal_table(&mut self, table: usize, first: u32, members: &Members) {
        self.dealt.clear();
        self.take(table, first, members);
    }

    /// For whoever asks for [`Self::hours`].
    #[must_use]
    pub fn by_the_hour(mut self) -> Self {
        self.tables.iter_mut().for_each(|table| table.hours = table.view.hours(self.lane));
        self
    }

    /// The hours of the rows of one table; `None`: they are not known.
    pub fn hours(&self, table: usize) -> Option<&'v Hours> {
        self.tables[table].hours
    }

    /// The runs that were taken last, table by table, each with the place of its customer in the block.
    pub fn dealt(&self) -> &[(u32, Run)] {
        &self.dealt
    }

    fn take(&mut self, table: usize, first: u32, members: &Members) {
        let number = u32::try_from(table).expect("there are few tables");
        let block = Block { first, number, members };
        let Source { view, rows, .. } = &mut self.tables[table];
        match rows {
            Rows::Listed(directory) => block.look_up(view, directory, &mut self.dealt),
            Rows::Passed(cursor) => block.pick(cursor, &mut self.edges, &mut self.dealt),
        }
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

    /// Whether the rows of each of these runs of one customer happened after those of the run before.
    #[inline]
    pub(crate) fn follow_one_another(&self, runs: &[Run]) -> bool {
        let ends = |run: &Run| (self.times(*run).first(), self.times(*run).last());
        runs.windows(2).all(|pair| ends(&pair[0]).1 < ends(&pair[1]).0)
    }

    /// When the rows of a run happened, in milliseconds.
    #[inline]
    pub fn times(&self, run: Run) -> &'v [i64] {
        &self.tables[run.view as usize].times[run.rows()]
    }

    /// The place of a row in the order of arrival.
    pub fn arrival(&self, hit: &Hit) -> u64 {
        self.tables[hit.view as usize].view.arrival(hit.row as usize)
    }
}

/// One block of customers in one table.
struct Block<'m> {
    /// The ordinal with which it begins.
    first: u32,
    /// Which of the tables.
    number: u32,
    members: &'m Members,
}

impl Block<'_> {
    /// Asks for the rows of each member.
    fn look_up(&self, view: &View, directory: &Directory, dealt: &mut Vec<(u32, Run)>) {
        let (first, is_whole) = (self.first as usize / WORD_BITS, view.holes.is_empty());
        for (index, word) in self.members.words.iter().enumerate().filter(|(_, word)| **word != 0) {
            let before = u32::try_from(index * WORD_BITS).expect("a block is small");
            directory.each(first + index, *word, |bit, rows| {
                if is_whole {
                    dealt.push((before + bit, Run { view: self.number, start: rows.start, end: rows.end }));
                    return;
                }
                let run = |rows: Range<usize>| {
                    let [start, end] = [rows.start, rows.end]
                        .map(|row| u32::try_from(row).expect("a table has less than 2^32 rows"));
                    (before + bit, Run { view: self.number, start, end })
                };
                dealt.extend(view.holes.between(rows.start as usize..rows.end as usize).map(run));
            });
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
                dealt[count] = (place, Run { view: self.number, start, end });
                count += usize::from(self.members.contains(place));
            }
            dealt.truncate(count);
        }
    }
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
