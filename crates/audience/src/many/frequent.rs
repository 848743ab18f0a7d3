//! Values as numbers, to find the most frequent one and to count different ones.

use std::collections::BTreeMap;

use columnar::{Property, Words};
use jiff::tz::TimeZone;
use model::{Instant, Value};

use super::events::{Events, Place, Scope};
use crate::condition::Hours;
use crate::context::Context;
use crate::filter::Test;
use crate::fold::number_bits;

/// A value of whatever type as two numbers: its type, and which of that type.
type Id = (u8, u64);

const BOOL: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const TIME: u8 = 3;
const JSON: u8 = 4;

/// A text as a number that is the same in all tables.
#[derive(Default)]
struct Names<'s> {
    numbers: BTreeMap<&'s str, u64>,
    texts: Vec<&'s str>,
}

impl<'s> Names<'s> {
    /// The number of each entry of a dictionary.
    fn learn(&mut self, words: Option<&'s Words>) -> Vec<u64> {
        let entries = words.into_iter().flat_map(|words| words.dictionary.iter().flatten());
        entries.map(|text| self.number(text)).collect()
    }

    fn number(&mut self, text: &'s str) -> u64 {
        let next = self.texts.len() as u64;
        *self.numbers.entry(text).or_insert_with(|| {
            self.texts.push(text);
            next
        })
    }
}

/// The values of one property in the tables of one stream.
pub(super) struct Values<'s> {
    tables: Vec<(Property<'s>, Vec<u64>, Vec<u64>)>,
    texts: Vec<&'s str>,
    jsons: Vec<&'s str>,
}

impl<'s> Values<'s> {
    pub(super) fn bind(properties: Vec<Property<'s>>) -> Self {
        let (mut texts, mut jsons) = (Names::default(), Names::default());
        let tables = properties
            .into_iter()
            .map(|property| (property, texts.learn(property.text), jsons.learn(property.json)))
            .collect();
        Self { tables, texts: texts.texts, jsons: jsons.texts }
    }

    /// What stands in a row.
    fn id(&self, table: usize, row: usize) -> Option<Id> {
        let (property, texts, jsons) = &self.tables[table];
        if let Some(key) = property.text.and_then(|words| words.key(row)) {
            return Some((TEXT, texts[key]));
        }
        if let Some(number) = property.number(row) {
            return Some((NUMBER, number_bits(number)));
        }
        if let Some(value) = property.bool(row) {
            return Some((BOOL, u64::from(value)));
        }
        if let Some(time) = property.time(row) {
            return Some((TIME, time.ms().cast_unsigned()));
        }
        let key = property.json.and_then(|words| words.key(row))?;
        Some((JSON, jsons[key]))
    }

    fn value(&self, (kind, which): Id) -> Value {
        let text =
            |texts: &[&'s str]| usize::try_from(which).ok().and_then(|which| texts.get(which).copied());
        match kind {
            BOOL => Value::Bool(which == 1),
            NUMBER => Value::Float(f64::from_bits(which)),
            TIME => Value::Time(Instant::from_ms(which.cast_signed())),
            TEXT => Value::from(text(&self.texts).unwrap_or_default()),
            _json => serde_json::from_str(text(&self.jsons).unwrap_or_default()).unwrap_or(Value::Null),
        }
    }

    /// How many different values each customer's events have.
    pub(super) fn distinct(&self, events: &Events<'_>, scope: Scope) -> Vec<u32> {
        let mut seen: Vec<(u32, Id)> = Vec::new();
        events.for_each(scope, |table, view, row, _| {
            seen.extend(self.id(table, row).map(|id| (view.customer(row).ordinal(), id)));
        });
        seen.sort_unstable();
        seen.dedup();
        let mut counts = vec![0; scope.ordinals];
        seen.into_iter().for_each(|(ordinal, _)| counts[ordinal as usize] += 1);
        counts
    }

    /// For whom the most frequent value passes: their ordinals, in order.
    pub(super) fn mostly(&self, events: &Events<'_>, scope: Scope, test: (&Test, &Context<'_>)) -> Vec<u32> {
        let mut seen: Vec<Seen> = Vec::new();
        events.for_each(scope, |table, view, row, _| {
            let place = Place::of(view, row);
            let ordinal = view.customer(row).ordinal();
            seen.extend(self.id(table, row).map(|id| Seen { ordinal, id, place }));
        });
        let mut answers: BTreeMap<Id, bool> = BTreeMap::new();
        let (test, context) = test;
        most_frequent(seen, |id| {
            *answers.entry(id).or_insert_with(|| test.passes(Some(&self.value(id)), context))
        })
    }
}

/// A value that a customer showed, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    ordinal: u32,
    id: Id,
    place: Place,
}

/// The ordinals whose most frequent value passes; of equally frequent ones, the one seen last counts.
fn most_frequent(mut seen: Vec<Seen>, mut passes: impl FnMut(Id) -> bool) -> Vec<u32> {
    seen.sort_unstable();
    let mut found = Vec::new();
    for customer in seen.chunk_by(|one, other| one.ordinal == other.ordinal) {
        let values = customer.chunk_by(|one, other| one.id == other.id);
        let last = |value: &[Seen]| value.last().map(|seen| (seen.place, seen.id));
        let usual = values.filter_map(|value| Some((value.len(), last(value)?))).max();
        if let Some((_, (_, id))) = usual
            && passes(id)
        {
            found.push(customer[0].ordinal);
        }
    }
    found
}

/// For whom the most frequent hour of the day is one of `hours`: their ordinals, in order.
pub(super) fn usual_hour(events: &Events<'_>, scope: Scope, hours: Hours, clock: &Clock) -> Vec<u32> {
    let mut seen: Vec<Seen> = Vec::new();
    events.for_each(scope, |_, view, row, _| {
        let place = Place::of(view, row);
        let id = (NUMBER, u64::from(clock.hour(place.at)));
        seen.push(Seen { ordinal: view.customer(row).ordinal(), id, place });
    });
    most_frequent(seen, |(_, hour)| u8::try_from(hour).is_ok_and(|hour| hours.contains(hour)))
}

/// The hours of a zone, without asking its rules for every row.
pub(super) struct Clock {
    /// From when on the zone is how far ahead of UTC, in milliseconds.
    offsets: Vec<(i64, i64)>,
}

impl Clock {
    /// Knows the zone from its beginning to 100 years after 1970.
    pub(super) fn new(zone: &TimeZone) -> Self {
        const END_MS: i64 = 36_525 * Instant::DAY_MS;
        let ms = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * Instant::SECOND_MS;
        let mut offsets = vec![(i64::MIN, ms(zone.to_offset(jiff::Timestamp::MIN)))];
        for transition in zone.following(jiff::Timestamp::MIN) {
            let at = transition.timestamp().as_millisecond();
            if at > END_MS {
                break;
            }
            offsets.push((at, ms(transition.offset())));
        }
        Self { offsets }
    }

    #[inline]
    fn hour(&self, at: i64) -> u8 {
        let next = self.offsets.partition_point(|(from, _)| *from <= at);
        let local = at.saturating_add(self.offsets[next - 1].1);
        u8::try_from(local.rem_euclid(Instant::DAY_MS) / Instant::HOUR_MS).expect("a day has 24 hours")
    }
}
