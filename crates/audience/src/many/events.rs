//! The events of one stream that pass a filter within a window, lane by lane.

use std::ops::Range;

use columnar::{Property, Snapshot, Stream, Table, View};
use model::{CustomerId, Lane, stream};

use super::column::{self, ColumnTest};
use super::mask::Mask;
use crate::context::{Context, Stretch};
use crate::filter::{Filter, Test};
use crate::place::{Area, Place as Where};
use crate::time::{Which, Window};

/// A filter, made ready for the columns of one table.
pub(super) enum TableFilter<'s> {
    Property(Vec<ColumnTest<'s>>),
    Place { degrees: [Property<'s>; 2], area: Area },
    All(Vec<TableFilter<'s>>),
    Any(Vec<TableFilter<'s>>),
    Not(Box<TableFilter<'s>>),
}

impl<'s> TableFilter<'s> {
    pub(super) fn bind(table: &'s Table, filter: &Filter, context: &'s Context<'s>) -> Self {
        let parts = |of: &[Filter]| of.iter().map(|part| Self::bind(table, part, context)).collect();
        match filter {
            Filter::Property { name, test } => Self::test(table, name, test, context),
            Filter::Place { place } => Self::place(table, place),
            Filter::All { of } => Self::All(parts(of)),
            Filter::Any { of } => Self::Any(parts(of)),
            Filter::Not { of } => Self::Not(Box::new(Self::bind(table, of, context))),
        }
    }

    pub(super) fn test(table: &'s Table, property: &str, test: &Test, context: &'s Context<'s>) -> Self {
        Self::Property(column::bind(table.property(property), test, context))
    }

    pub(super) fn place(table: &'s Table, place: &Where) -> Self {
        let degrees = place.names().map(|name| table.property(name));
        Self::Place { degrees, area: place.area.clone() }
    }

    /// Which of `rows` pass.
    pub(super) fn mask(&self, rows: Range<usize>) -> Mask {
        match self {
            Self::Property(columns) => {
                let mut masks = columns.iter().map(|column| column.mask(rows.clone()));
                let first = masks.next().unwrap_or_else(|| Mask::none(rows.len()));
                masks.fold(first, |mut mask, other| {
                    mask.join(&other);
                    mask
                })
            }
            Self::Place { degrees: [latitude, longitude], area } => Mask::from_fn(rows.len(), |row| {
                let degrees = |property: &Property<'_>| property.number(rows.start + row);
                let point = degrees(latitude).zip(degrees(longitude));
                point.is_some_and(|(latitude, longitude)| area.contains(latitude, longitude))
            }),
            Self::All(parts) => {
                let mut mask = Mask::every(rows.len());
                for part in parts {
                    mask.keep(&part.mask(rows.clone()));
                }
                mask
            }
            Self::Any(parts) => {
                let mut mask = Mask::none(rows.len());
                for part in parts {
                    mask.join(&part.mask(rows.clone()));
                }
                mask
            }
            Self::Not(part) => {
                let mut mask = part.mask(rows);
                mask.invert();
                mask
            }
        }
    }
}

/// A row's place in its customer's story: by instant, then by arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) at: i64,
    pub(super) arrival: u64,
}

impl Place {
    /// Before everything.
    pub(super) const NOWHERE: Self = Self { at: i64::MIN, arrival: 0 };

    pub(super) fn of(view: &View, row: usize) -> Self {
        Self { at: view.times()[row], arrival: view.arrival(row) }
    }
}

/// The lane that is being answered.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    pub(super) lane: Lane,
    /// Every ordinal of the lane is below this.
    pub(super) ordinals: usize,
}

/// One table of the stream.
pub(super) struct EventTable<'s> {
    pub(super) view: &'s View,
    pub(super) filter: Option<TableFilter<'s>>,
}

/// The events of one stream that pass a filter within a window.
pub(super) struct Events<'s> {
    pub(super) tables: Vec<EventTable<'s>>,
    period: Period<'s>,
}

/// A window, made ready.
pub(super) enum Period<'s> {
    Fixed(Stretch),
    /// After the first or last event of another kind, up to as of.
    Since {
        which: Which,
        reference: Box<Events<'s>>,
        until: Stretch,
    },
}

/// For each customer the place after which events count; `None`: none of them counts.
pub(super) type Thresholds = Vec<Option<Place>>;

impl<'s> Period<'s> {
    pub(super) fn bind(snapshot: &'s Snapshot, window: &Window, context: &'s Context<'s>) -> Self {
        if let Some(stretch) = context.window(window) {
            return Self::Fixed(stretch);
        }
        let until = Stretch { first: i64::MIN, last: context.as_of.ms() };
        let Window::SinceEvent { which, event } = window else {
            unreachable!("every other window is a stretch of time");
        };
        let reference = Events::bind(snapshot, &stream::event(event), None, &Window::Ever, context);
        Self::Since { which: *which, reference: Box::new(reference), until }
    }

    /// The stretch within which it lies, whatever else it depends on.
    pub(super) fn stretch(&self) -> Stretch {
        match self {
            Self::Fixed(stretch) => *stretch,
            Self::Since { until, .. } => *until,
        }
    }

    /// For each customer the place after which events count, when that is not the same for all.
    pub(super) fn thresholds(&self, scope: Scope) -> Option<Thresholds> {
        match self {
            Self::Fixed(_) => None,
            Self::Since { which, reference, .. } => Some(reference.edge(*which, scope)),
        }
    }
}

/// Whether a place counts for the customer with this ordinal.
#[inline]
pub(super) fn is_after(thresholds: &Thresholds, ordinal: usize, place: Place) -> bool {
    thresholds[ordinal].is_some_and(|threshold| place > threshold)
}

impl<'s> Events<'s> {
    pub(super) fn bind(
        snapshot: &'s Snapshot,
        stream: &str,
        filter: Option<&Filter>,
        window: &Window,
        context: &'s Context<'s>,
    ) -> Self {
        let views = snapshot.stream(stream).map_or(&[][..], Stream::views);
        let table = |view: &'s View| {
            let filter = filter.map(|filter| TableFilter::bind(view, filter, context));
            EventTable { view, filter }
        };
        Self { tables: views.iter().map(table).collect(), period: Period::bind(snapshot, window, context) }
    }

    /// One property of each table, in their order.
    pub(super) fn properties(&self, name: &str) -> Vec<Property<'s>> {
        self.tables.iter().map(|table| table.view.property(name)).collect()
    }

    pub(super) fn period(&self) -> &Period<'s> {
        &self.period
    }

    /// Calls `each` with (which table, the table, row, ordinal) of every event; within a table in the order of the rows.
    pub(super) fn for_each(&self, scope: Scope, mut each: impl FnMut(usize, &'s View, usize, usize)) {
        let thresholds = self.period.thresholds(scope);
        let stretch = self.period.stretch();
        for (index, table) in self.tables.iter().enumerate() {
            let view = table.view;
            let extent = view.extent(scope.lane);
            if !extent.touches(stretch.span()) {
                continue;
            }
            for rows in view.lane(scope.lane) {
                let mut mask = match &table.filter {
                    Some(filter) => filter.mask(rows.clone()),
                    None => Mask::every(rows.len()),
                };
                if !extent.is_within(stretch.span()) {
                    mask.keep(&Mask::within(view, scope.lane, rows.clone(), stretch.span()));
                }
                let customers = &view.customers()[rows.clone()];
                if let Some(thresholds) = &thresholds {
                    let place = |at| Place::of(view, rows.start + at);
                    mask.retain(|at| is_after(thresholds, ordinal(customers[at]), place(at)));
                }
                mask.for_each(|at| each(index, view, rows.start + at, ordinal(customers[at])));
            }
        }
    }

    /// The place of the first or last event of each customer.
    pub(super) fn edge(&self, which: Which, scope: Scope) -> Vec<Option<Place>> {
        let mut edges = vec![None; scope.ordinals];
        self.for_each(scope, |_, view, row, ordinal| {
            let place = Place::of(view, row);
            let edge = &mut edges[ordinal];
            *edge = Some(edge.map_or(place, |edge: Place| match which {
                Which::First => edge.min(place),
                Which::Last => edge.max(place),
            }));
        });
        edges
    }
}

#[inline]
fn ordinal(number: u32) -> usize {
    CustomerId::from_number(number).ordinal() as usize
}

/// Which rows of a lane pass; rows are numbered as in the table.
pub(super) struct LaneMask {
    first: usize,
    /// `None`: all of them.
    mask: Option<Mask>,
}

impl LaneMask {
    pub(super) fn new(view: &View, lane: Lane, filter: Option<&TableFilter<'_>>) -> Self {
        let mut ranges = view.lane(lane);
        let Some(Range { start, end }) = ranges.next() else {
            return Self { first: 0, mask: None };
        };
        let end = ranges.last().map_or(end, |last| last.end);
        Self { first: start, mask: filter.map(|filter| filter.mask(start..end)) }
    }

    /// Whether this row of the lane passes.
    #[inline]
    pub(super) fn contains(&self, row: usize) -> bool {
        self.mask.as_ref().is_none_or(|mask| mask.contains(row - self.first))
    }
}

/// Which rows of each table pass the test that belongs to it.
pub(super) fn lane_masks(events: &Events<'_>, tests: &[TableFilter<'_>], scope: Scope) -> Vec<LaneMask> {
    let tables = events.tables.iter().zip(tests);
    tables.map(|(table, test)| LaneMask::new(table.view, scope.lane, Some(test))).collect()
}
