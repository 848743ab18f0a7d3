//! Which rows a question is about: the same words for every question.

use std::ops::Range;

use columnar::{
    Cursor, CustomerSet, Hit, Hours, RowFilter, RowMask, Snapshot, Span, Stream, View, row_bits, row_mask,
};
use model::{CustomerId, Lane, Text};

use crate::pace::Pace;

/// Which rows a question is about.
#[derive(Clone)]
pub struct Scope<'q> {
    /// In which streams.
    pub streams: Streams,
    /// When they happened.
    pub span: Span,
    /// What else must hold of a row.
    pub filter: Option<RowFilter<'q>>,
    /// Only rows of these customers; `None`: of everybody.
    pub among: Option<&'q CustomerSet>,
    /// Who waits for the answer; `None`: somebody does, to the end.
    pub pace: Option<&'q Pace>,
}

/// Which streams a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Streams {
    /// These; one that has no row is empty.
    Named(Vec<Text>),
    /// Every event.
    AnyEvent,
}

impl<'q> Scope<'q> {
    /// All rows of one stream within `span`.
    pub fn of(stream: impl Into<Text>, span: Span) -> Self {
        Self { streams: Streams::Named(vec![stream.into()]), span, filter: None, among: None, pace: None }
    }

    /// All events within `span`.
    pub fn any_event(span: Span) -> Self {
        Self { streams: Streams::AnyEvent, span, filter: None, among: None, pace: None }
    }

    /// Only rows that pass `filter`.
    #[must_use]
    pub fn filtered(self, filter: RowFilter<'q>) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// Only rows of these customers.
    #[must_use]
    pub fn among(self, customers: &'q CustomerSet) -> Self {
        Self { among: Some(customers), ..self }
    }

    /// As long as somebody waits for the answer.
    #[must_use]
    pub fn paced(self, pace: &'q Pace) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// The same, of another time.
    pub(crate) fn within(self, span: Span) -> Self {
        Self { span, ..self }
    }

    /// The streams that have a row, each once, in the order in which they were named.
    pub(crate) fn streams<'s>(&self, snapshot: &'s Snapshot) -> Vec<&'s Stream> {
        match &self.streams {
            Streams::AnyEvent => snapshot.streams_of("event:").collect(),
            Streams::Named(names) => {
                let first = |(index, name): &(usize, &Text)| !names[..*index].contains(name);
                let named = names.iter().enumerate().filter(first);
                named.filter_map(|(_, name)| snapshot.stream(name)).collect()
            }
        }
    }

    /// Shows the rows of one lane of one table that it is about, in the order of the table.
    #[inline]
    pub(crate) fn each_chunk(&self, view: &View, lane: Lane, mut visit: impl FnMut(&Chunk<'_>)) {
        let gate = Gate::whole(self, view, lane);
        view.lane(lane).for_each(|rows| gate.each(view, rows, &mut visit));
    }

    /// The same, with the hour of each row instead of the instant.
    #[inline]
    pub(crate) fn each_chunk_of_hours(
        &self,
        hours: &Hours,
        view: &View,
        lane: Lane,
        mut visit: impl FnMut(&Chunk<'_, u16>),
    ) {
        let gate = Gate::whole(self, view, lane);
        view.lane(lane).for_each(|rows| gate.each_by(hours.rows(rows.clone()), view, rows, &mut visit));
    }

    /// Shows the rows of one lane of several tables, `SIZE` customers after `SIZE` customers: the number of the block,
    /// which of the tables, rows of it that lie together, and which of them it is about.
    #[inline]
    pub(crate) fn each_block<const SIZE: u32>(
        &self,
        views: &[&View],
        lane: Lane,
        mut visit: impl FnMut(u32, usize, Range<usize>, &Gate),
    ) {
        let mut queues: Vec<Queue<'_>> = views.iter().map(|view| Queue::new(self, view, lane)).collect();
        while let Some(first) = queues.iter().filter_map(Queue::ordinal).min() {
            let block = first / SIZE;
            for (place, queue) in queues.iter_mut().enumerate() {
                queue.until((block + 1) * SIZE, |rows, gate| visit(block, place, rows, gate));
            }
        }
    }

    /// Counts rows that are about to be read; says whether somebody still waits for it.
    fn goes_on(&self, rows: usize) -> bool {
        self.pace.is_none_or(|pace| pace.begin(rows))
    }

    /// Whether another scope is surely about the same rows.
    pub(crate) fn is_same(&self, other: &Scope<'_>) -> bool {
        let same_customers = match (self.among, other.among) {
            (None, None) => true,
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            (None, Some(_)) | (Some(_), None) => false,
        };
        let unfiltered = self.filter.is_none() && other.filter.is_none();
        same_customers && unfiltered && self.streams == other.streams && self.span == other.span
    }
}

/// Which rows of one lane of one table are meant.
#[derive(Debug)]
pub(crate) enum Gate {
    /// All.
    Open,
    /// None.
    Shut,
    /// Those with a bit; the first bit is that of row `first`.
    Some { first: usize, mask: RowMask },
}

impl Gate {
    /// What the filter of a scope lets through, whatever its span and its customers.
    pub(crate) fn new(scope: &Scope<'_>, view: &View, lane: Lane) -> Self {
        let rows = view.lane_rows(lane);
        if !scope.goes_on(rows.len()) {
            return Self::Shut;
        }
        let first = rows.start;
        scope.filter.map_or(Self::Open, |filter| Self::Some { first, mask: filter(view.table(), rows) })
    }

    /// All that a scope is about.
    pub(crate) fn whole(scope: &Scope<'_>, view: &View, lane: Lane) -> Self {
        let (rows, extent) = (view.lane_rows(lane), view.extent(lane));
        if rows.is_empty() || !extent.touches(scope.span) {
            scope.goes_on(rows.len());
            return Self::Shut;
        }
        let mut gate = Self::new(scope, view, lane);
        if gate.is_shut() {
            return gate;
        }
        if !extent.is_within(scope.span) {
            let within = view.within(lane, rows.clone(), scope.span);
            gate.narrow(rows.start, row_mask(within, rows.len()));
        }
        if let Some(among) = scope.among {
            let (customers, among) = (&view.customers()[rows.clone()], among.lane(lane));
            let is_among = |number: &u32| among.contains(CustomerId::from_number(*number).ordinal());
            gate.narrow(rows.start, row_mask(row_bits(customers, is_among), rows.len()));
        }
        gate
    }

    /// Whether it surely lets nothing through.
    pub(crate) fn is_shut(&self) -> bool {
        matches!(self, Self::Shut)
    }

    /// Only rows that pass this, too.
    fn narrow(&mut self, first: usize, other: RowMask) {
        match self {
            Self::Shut => {}
            Self::Open => *self = Self::Some { first, mask: other },
            Self::Some { mask, .. } => *mask = &*mask & &other,
        }
    }

    #[inline]
    pub(crate) fn lets(&self, row: usize) -> bool {
        match self {
            Self::Open => true,
            Self::Shut => false,
            Self::Some { first, mask } => mask.value(row - first),
        }
    }

    /// Shows those of `rows` that are meant, in order, some thousand at a time.
    #[inline]
    pub(crate) fn each(&self, view: &View, rows: Range<usize>, visit: impl FnMut(&Chunk<'_>)) {
        self.each_by(&view.times()[rows.clone()], view, rows, visit);
    }

    /// The same, with something else that says when each of `rows` happened.
    #[inline]
    pub(crate) fn each_by<T: Copy>(
        &self,
        all_times: &[T],
        view: &View,
        rows: Range<usize>,
        mut visit: impl FnMut(&Chunk<'_, T>),
    ) {
        let all_customers = &view.customers()[rows.clone()];
        let chunks = (0..rows.len()).step_by(CHUNK).map(|start| start..rows.len().min(start + CHUNK));
        match self {
            Self::Shut => {}
            Self::Open => chunks.for_each(|places| {
                let (times, customers) = (&all_times[places.clone()], &all_customers[places.clone()]);
                visit(&Chunk { start: rows.start + places.start, rows: None, times, customers });
            }),
            Self::Some { first, mask } => {
                let (mut picked, mut times, mut customers) = (Vec::new(), Vec::new(), Vec::new());
                for places in chunks {
                    let set = mask.slice(rows.start + places.start - first, places.len());
                    let set = || set.set_indices().map(|place| places.start + place);
                    picked.clear();
                    picked.extend(set().map(|place| rows.start + place));
                    times.clear();
                    times.extend(set().map(|place| all_times[place]));
                    customers.clear();
                    customers.extend(set().map(|place| all_customers[place]));
                    let (times, customers) = (&times[..], &customers[..]);
                    visit(&Chunk { start: rows.start + places.start, rows: Some(&picked), times, customers });
                }
            }
        }
    }
}

/// Tables of one lane, and which of their rows are meant.
#[derive(Default)]
pub(crate) struct Meant<'q> {
    pub(crate) views: Vec<&'q View>,
    gates: Vec<Gate>,
}

impl<'q> Meant<'q> {
    /// Adds a table; says whether anything of it is meant: not when nobody waits any more, either.
    pub(crate) fn add(&mut self, scope: &Scope<'_>, view: &'q View, lane: Lane) -> bool {
        let gate = Gate::whole(scope, view, lane);
        let any = !gate.is_shut();
        if any {
            self.views.push(view);
            self.gates.push(gate);
        }
        any
    }

    /// Whether every row of this table is meant.
    #[inline]
    pub(crate) fn is_whole(&self, view: usize) -> bool {
        matches!(self.gates[view], Gate::Open)
    }

    /// Whether there are rows that are not meant.
    pub(crate) fn is_filtered(&self) -> bool {
        !(0..self.gates.len()).all(|view| self.is_whole(view))
    }

    #[inline]
    pub(crate) fn lets(&self, hit: &Hit) -> bool {
        self.gates[hit.view as usize].lets(hit.row as usize)
    }
}

/// At most so many rows are looked at together: what a question notes of each stays in the nearest memory.
const CHUNK: usize = 2048;

/// Some rows of one table that are meant, in order, as slices of equal length.
#[derive(Debug)]
pub(crate) struct Chunk<'c, T = i64> {
    /// The first row; the others follow one another, unless they are named.
    start: usize,
    rows: Option<&'c [usize]>,
    /// When each happened: in milliseconds, or in hours.
    pub(crate) times: &'c [T],
    /// [`CustomerId::number`] of each.
    pub(crate) customers: &'c [u32],
}

impl<T: Copy> Chunk<'_, T> {
    /// When each happened, and the ordinal of its customer.
    #[inline]
    pub(crate) fn events(&self) -> impl ExactSizeIterator<Item = (T, u32)> {
        let ordinals = self.customers.iter().map(|number| CustomerId::from_number(*number).ordinal());
        self.times.iter().copied().zip(ordinals)
    }

    /// Which row each is.
    #[inline]
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        (0..self.times.len()).map(|place| self.rows.map_or(self.start + place, |rows| rows[place]))
    }
}

/// The rows of one lane of one table that are meant, block of customers by block.
#[derive(Debug)]
pub(crate) struct Queue<'v> {
    /// `None`: there are none.
    cursor: Option<Cursor<'v>>,
    gate: Gate,
}

impl<'v> Queue<'v> {
    pub(crate) fn new(scope: &Scope<'_>, view: &'v View, lane: Lane) -> Self {
        let gate = Gate::whole(scope, view, lane);
        let cursor = (!gate.is_shut()).then(|| Cursor::new(view, lane));
        Self { cursor, gate }
    }

    /// Of the next row, whether it is meant or not.
    #[inline]
    pub(crate) fn ordinal(&self) -> Option<u32> {
        self.cursor.as_ref().and_then(Cursor::ordinal)
    }

    /// Shows the rows of all customers whose ordinals are below `end`, range by range.
    #[inline]
    fn until(&mut self, end: u32, mut visit: impl FnMut(Range<usize>, &Gate)) {
        let Some(cursor) = &mut self.cursor else { return };
        while let Some(rows) = cursor.until(end) {
            visit(rows, &self.gate);
        }
    }
}
