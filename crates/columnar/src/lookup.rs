//! Looking up one customer without a snapshot: what a fold asks between two rows.
//!
//! A snapshot brings every tail into tables first; that is right for a question and too dear for each of fifty
//! thousand events a second. Here nothing is sorted: of the stream that is asked the tail is indexed.
//! Nothing here changes what a snapshot shows.

use model::{CustomerId, Instant, Properties, Row, Text};

use crate::build::Tail;
use crate::column::Property;
use crate::columns::{Columns, StreamRows, is_house};
use crate::snapshot::{Place, Told};
use crate::span::Span;
use crate::table::{Table, View};

/// Which rows of a customer are looked up.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'l> {
    /// In which stream.
    pub stream: &'l str,
    /// When they happened.
    pub span: Span,
    /// What of each row is told; the other properties are left out.
    pub properties: &'l [Text],
}

impl Columns {
    /// [`Self::owner`], unless they are hidden.
    pub fn present_owner(&self, customer: CustomerId) -> Option<CustomerId> {
        Some(self.owner(customer)).filter(|owner| !self.hidden.contains(*owner))
    }

    /// When this customer was first seen; `None`: nobody has seen them, they were moved away, or are hidden.
    pub fn first_seen(&self, customer: CustomerId) -> Option<Instant> {
        self.first_seen.get(customer).map(Instant::from_ms)
    }

    /// The streams in which this customer has rows, by name; and those with old parts, which are not read for this.
    pub fn streams_of(&mut self, customer: CustomerId) -> Vec<Text> {
        self.streams.values_mut().for_each(|rows| rows.tail.index());
        let origins: Vec<CustomerId> = self.origins_of(customer).collect();
        let has_rows = |rows: &StreamRows| {
            !rows.old.is_empty()
                || rows.views().any(|view| view.find(customer).next().is_some())
                || origins.iter().any(|origin| rows.tail.of(*origin).next().is_some())
        };
        let streams = self.streams.iter().filter(|(name, rows)| !is_house(name) && has_rows(rows));
        streams.map(|(name, _)| name.clone()).collect()
    }

    /// Looks where rows of customers in streams may be, before they are looked up one after the other: the processor waits
    /// for many places together. Nothing changes, and nothing is remembered.
    pub fn glance_at_rows<'g>(&self, wanted: impl Iterator<Item = (CustomerId, &'g str)>) {
        let seen = wanted.fold(0, |seen, (customer, stream)| {
            let views = self.streams.get(stream).into_iter().flat_map(StreamRows::views);
            views.fold(seen, |seen, view| seen ^ view.glance(customer))
        });
        std::hint::black_box(seen);
    }

    /// The rows of one customer in one stream, by instant, then by arrival.
    pub fn rows_of(&mut self, customer: CustomerId, lookup: &Lookup<'_>) -> Vec<Told> {
        if let Some(rows) = self.streams.get_mut(lookup.stream) {
            rows.tail.index();
        }
        let Some((name, rows)) = self.streams.get_key_value(lookup.stream) else { return Vec::new() };
        let tell = |(at, arrival, origin, properties)| {
            let at = Instant::from_ms(at);
            let row = Row { customer, at, stream: name.clone(), properties };
            Told { place: Place { at, arrival }, origin, row }
        };
        let mut found = Vec::new();
        for view in rows.views() {
            found.extend(rows_in(view, customer, lookup).map(tell));
        }
        let question = self.question();
        let is_root = self.moves.parent(customer).is_none();
        for old in rows.old.iter().filter(|old| is_root && old.touches(lookup.span)) {
            let Some(table) = question.table(old) else { continue };
            let here = question.rows_for(old, &self.moves.below(customer)).into_iter();
            let here = here.filter(|row| lookup.span.contains(table.times()[*row]));
            let wanted = wanted_of(&table, lookup);
            found.extend(here.map(|row| tell(row_of(&table, row, &wanted))));
        }
        for index in self.origins_of(customer).flat_map(|origin| rows.tail.of(origin)) {
            let row = &rows.tail.rows()[index];
            if lookup.span.contains(row.time) {
                let properties = only(&rows.tail, index, lookup.properties);
                found.push(tell((row.time, row.arrival, row.origin, properties)));
            }
        }
        found.sort_unstable_by_key(|told| told.place);
        found
    }

    /// For whom rows arrived that belong to this customer now: nobody, when they were moved away or are hidden.
    fn origins_of(&self, customer: CustomerId) -> impl Iterator<Item = CustomerId> {
        let is_root = self.present_owner(customer) == Some(customer);
        let moved = if is_root { self.moves.moved_to(customer) } else { Vec::new() };
        is_root.then_some(customer).into_iter().chain(moved)
    }
}

fn rows_in<'t>(
    view: &'t View,
    customer: CustomerId,
    lookup: &'t Lookup<'t>,
) -> impl Iterator<Item = (i64, u64, CustomerId, Properties)> + 't {
    let times = view.times();
    // A table of another time is not searched.
    let here = view.extent(customer.lane()).touches(lookup.span).then(|| view.find(customer));
    let rows = here.into_iter().flatten().flatten().filter(|row| lookup.span.contains(times[*row]));
    let mut wanted: Option<Wanted<'_>> = None;
    rows.map(move |row| row_of(view, row, wanted.get_or_insert_with(|| wanted_of(view, lookup))))
}

/// The properties that are told, as one table has them.
type Wanted<'t> = Vec<(&'t Text, Property<'t>)>;

fn wanted_of<'t>(table: &'t Table, lookup: &Lookup<'t>) -> Wanted<'t> {
    lookup.properties.iter().map(|name| (name, table.property(name))).collect()
}

fn row_of(table: &Table, row: usize, wanted: &Wanted<'_>) -> (i64, u64, CustomerId, Properties) {
    let said = |(name, property): &(&Text, Property<'_>)| Some(((*name).clone(), property.value(row)?));
    let properties = wanted.iter().filter_map(said).collect();
    (table.times()[row], table.arrival(row), table.origin(row), properties)
}

fn only(tail: &Tail, row: usize, names: &[Text]) -> Properties {
    names.iter().filter_map(|name| Some((name.clone(), tail.value(row, name)?))).collect()
}
