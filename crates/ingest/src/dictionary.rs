//! The learnt event dictionary: which events come in, with which properties of which types, how often.
//!
//! It is a fold over facts and nothing else, so it is rebuilt by folding them
//! again. Counts are exact; examples are a sample. It is bounded by the limits
//! of [`crate::limits`], and whatever comes beyond them is counted, never
//! dropped in silence. In the steady state a fact costs a few hash look-ups and
//! no allocation.

use std::collections::{BTreeMap, HashMap};

use model::{Fact, Instant, Properties, Text, TraitChange, TraitOperation, Value, What};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

use crate::desk::shortened;
use crate::limits;

/// What has been learnt of the events and traits of one workspace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Dictionary {
    events: HashMap<Text, Event, FxBuildHasher>,
    events_beyond: u64,
    traits: Names,
}

/// What has been learnt of one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// How often it happened.
    pub count: u64,
    /// When it happened first.
    pub first_at: Instant,
    /// When it happened last.
    pub last_at: Instant,
    /// Somebody said that this event is meant to be. What merely comes in is *unplanned*.
    pub planned: bool,
    /// Its properties.
    pub properties: Names,
    days: BTreeMap<i64, u64>,
    days_before: u64,
}

/// The names of properties or traits, and what they have said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Names {
    names: HashMap<Text, Property, FxBuildHasher>,
    beyond: u64,
}

/// What has been learnt of one property or trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Property {
    /// How often it was said.
    pub count: u64,
    /// When it was said first.
    pub first_at: Instant,
    /// When it was said last.
    pub last_at: Instant,
    /// Some of the things it said, the latest last; long ones are shortened.
    pub examples: Vec<Text>,
    types: [u64; TYPES.len()],
}

/// The types that a property can have. Whole and other numbers are one type to questions.
const TYPES: [&str; 6] = ["null", "bool", "number", "text", "time", "list"];

impl Dictionary {
    /// Learns from one fact.
    pub fn learn(&mut self, fact: &Fact) {
        for what in &fact.what {
            match what {
                What::Did { name, properties } => self.learn_event(name, properties, fact.at),
                What::Traits(changes) => self.traits.learn_changes(changes, fact.at),
                What::Alias { .. }
                | What::Consent { .. }
                | What::Topic { .. }
                | What::Address { .. }
                | What::Block(_)
                | What::Erase
                | What::Unmerge { .. } => {}
            }
        }
    }

    fn learn_event(&mut self, name: &Text, properties: &Properties, at: Instant) {
        if let Some(event) = self.events.get_mut(name) {
            event.learn(properties, at);
        } else if self.events.len() < limits::DICTIONARY_EVENTS_MAX {
            self.events.entry(name.clone()).or_insert_with(|| Event::new(at)).learn(properties, at);
        } else {
            self.events_beyond += 1;
        }
    }

    /// All events that it remembers, in no particular order.
    pub fn events(&self) -> impl ExactSizeIterator<Item = (&Text, &Event)> {
        self.events.iter()
    }

    /// One event.
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.get(name)
    }

    /// How many events happened whose names it does not remember, because there are too many names.
    pub fn events_beyond(&self) -> u64 {
        self.events_beyond
    }

    /// The traits of customers.
    pub fn traits(&self) -> &Names {
        &self.traits
    }

    /// Says that an event is meant to be (or no longer). `false` when there is no such event.
    pub fn plan(&mut self, name: &str, planned: bool) -> bool {
        self.events.get_mut(name).map(|event| event.planned = planned).is_some()
    }

    /// The events that nobody planned, in no particular order. While nothing is planned at all, this is
    /// every event.
    pub fn unplanned(&self) -> impl Iterator<Item = (&Text, &Event)> {
        self.events.iter().filter(|(_, event)| !event.planned)
    }
}

impl Event {
    fn new(at: Instant) -> Self {
        Self {
            count: 0,
            first_at: at,
            last_at: at,
            planned: false,
            properties: Names::default(),
            days: BTreeMap::new(),
            days_before: 0,
        }
    }

    fn learn(&mut self, properties: &Properties, at: Instant) {
        self.count += 1;
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
        self.learn_day(at.ms().div_euclid(Instant::DAY_MS));
        for (name, value) in properties.iter() {
            self.properties.learn(name, value, at);
        }
    }

    fn learn_day(&mut self, day: i64) {
        let full = self.days.len() >= limits::DICTIONARY_DAYS_MAX;
        let oldest = self.days.keys().next().copied().unwrap_or(i64::MIN);
        if full && day < oldest {
            self.days_before += 1;
            return;
        }
        *self.days.entry(day).or_insert(0) += 1;
        if self.days.len() > limits::DICTIONARY_DAYS_MAX {
            self.days_before += self.days.pop_first().map_or(0, |(_, count)| count);
        }
    }

    /// How often it happened on each day (in UTC, named by its first instant), oldest first; days on
    /// which it did not happen are left out.
    pub fn days(&self) -> impl Iterator<Item = (Instant, u64)> {
        self.days.iter().map(|(day, count)| (Instant::from_ms(day.saturating_mul(Instant::DAY_MS)), *count))
    }

    /// How often it happened before the days that are remembered.
    pub fn days_before(&self) -> u64 {
        self.days_before
    }

    /// The properties that came with more than one type.
    pub fn conflicts(&self) -> impl Iterator<Item = (&Text, &Property)> {
        self.properties.iter().filter(|(_, property)| property.is_conflict())
    }
}

impl Names {
    fn learn(&mut self, name: &Text, value: &Value, at: Instant) {
        if let Some(property) = self.names.get_mut(name) {
            property.learn(value, at);
        } else if self.names.len() < limits::DICTIONARY_PROPERTIES_MAX {
            self.names.entry(name.clone()).or_insert_with(|| Property::new(at)).learn(value, at);
        } else {
            self.beyond += 1;
        }
    }

    fn learn_changes(&mut self, changes: &[TraitChange], at: Instant) {
        for TraitChange { name, operation } in changes {
            match operation {
                TraitOperation::Set(value) => self.learn(name, value, at),
                TraitOperation::Increment(by) => self.learn(name, &Value::Float(*by), at),
                TraitOperation::Add(_) => self.learn(name, &Value::List(Vec::new()), at),
                TraitOperation::Unset | TraitOperation::Remove(_) => {}
            }
        }
    }

    /// All names that it remembers, in no particular order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Property)> {
        self.names.iter()
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&Property> {
        self.names.get(name)
    }

    /// How many values came under names that it does not remember, because there are too many names.
    pub fn beyond(&self) -> u64 {
        self.beyond
    }
}

impl Property {
    fn new(at: Instant) -> Self {
        Self { count: 0, first_at: at, last_at: at, examples: Vec::new(), types: [0; TYPES.len()] }
    }

    fn learn(&mut self, value: &Value, at: Instant) {
        self.count += 1;
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
        self.types[type_index(value)] += 1;
        // The 1st, 2nd, 4th, 8th … value: early ones at once, later ones ever more rarely.
        if self.count.is_power_of_two() {
            self.sample(value);
        }
    }

    fn sample(&mut self, value: &Value) {
        let example = match value {
            Value::Null => return,
            Value::List(values) if values.is_empty() => return,
            Value::Text(text) => shortened(text, limits::DICTIONARY_EXAMPLE_BYTES_MAX),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Time(_)
            | Value::List(_)
            | Value::Map(_) => {
                let json = serde_json::to_string(value).unwrap_or_default();
                shortened(json.trim_matches('"'), limits::DICTIONARY_EXAMPLE_BYTES_MAX)
            }
        };
        if self.examples.contains(&example) {
            return;
        }
        if self.examples.len() == limits::DICTIONARY_EXAMPLES_MAX {
            self.examples.remove(0);
        }
        self.examples.push(example);
    }

    /// The types that it came with (`bool`, `number`, `text`, `time`, `list`, `null`) and how often each.
    pub fn types(&self) -> impl Iterator<Item = (&'static str, u64)> {
        TYPES.into_iter().zip(self.types).filter(|(_, count)| *count > 0)
    }

    /// The type that it usually has.
    pub fn type_word(&self) -> &'static str {
        self.types()
            .filter(|(word, _)| *word != "null")
            .max_by_key(|(_, count)| *count)
            .map_or("null", |(word, _)| word)
    }

    /// Whether it came with more than one type; `null` agrees with every type.
    pub fn is_conflict(&self) -> bool {
        self.types().filter(|(word, _)| *word != "null").count() > 1
    }
}

fn type_index(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) => 2,
        Value::Text(_) => 3,
        Value::Time(_) => 4,
        Value::List(_) | Value::Map(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    use model::{FactId, Identifier, SourceId};

    use super::*;

    fn fact(at: &str, name: &str, properties: &str) -> Fact {
        Fact {
            id: FactId(0),
            at: at.parse().unwrap(),
            received_at: Instant::from_ms(0),
            source: SourceId(1),
            who: vec![Identifier::user("1")],
            what: vec![What::Did {
                name: name.into(),
                properties: serde_json::from_str(properties).unwrap(),
            }],
        }
    }

    fn learnt(facts: &[(&str, &str, &str)]) -> Dictionary {
        let mut dictionary = Dictionary::default();
        for (at, name, properties) in facts {
            dictionary.learn(&fact(at, name, properties));
        }
        dictionary
    }

    fn check_property(event: &Event, name: &str, expected: &str) {
        let property = event.properties.get(name).unwrap();
        let types: Vec<_> = property.types().map(|(word, count)| format!("{word} {count}")).collect();
        let conflict = if property.is_conflict() { " conflict" } else { "" };
        let text = format!(
            "{} [{}]{conflict}: {}",
            property.type_word(),
            types.join(", "),
            property.examples.join(" | ")
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn names_types_volumes_and_examples_are_learnt() {
        let dictionary = learnt(&[
            ("2026-03-01T23:00:00Z", "purchase", r#"{"amount":5,"sku":"A"}"#),
            ("2026-03-02T01:00:00Z", "purchase", r#"{"amount":7.5,"sku":"B"}"#),
            ("2026-03-01T01:00:00Z", "purchase", r#"{"amount":"9","sku":null}"#),
            ("2026-03-01T01:00:00Z", "visit", "{}"),
        ]);
        let event = dictionary.event("purchase").unwrap();
        assert_eq!((event.count, dictionary.events().len()), (3, 2));
        assert_eq!(event.first_at.to_string(), "2026-03-01T01:00:00.000Z");
        assert_eq!(event.last_at.to_string(), "2026-03-02T01:00:00.000Z");
        let days: Vec<_> = event.days().map(|(day, count)| format!("{day} {count}")).collect();
        assert_eq!(days, ["2026-03-01T00:00:00.000Z 2", "2026-03-02T00:00:00.000Z 1"]);
        check_property(event, "amount", "number [number 2, text 1] conflict: 5 | 7.5");
        check_property(event, "sku", "text [null 1, text 2]: A | B");
        assert_eq!(event.conflicts().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["amount"]);
    }

    #[test]
    fn an_event_is_unplanned_until_somebody_plans_it() {
        let mut dictionary =
            learnt(&[("2026-03-01T00:00:00Z", "a", "{}"), ("2026-03-01T00:00:00Z", "b", "{}")]);
        assert!(dictionary.plan("a", true) && !dictionary.plan("nothing", true));
        assert_eq!(dictionary.unplanned().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn traits_are_learnt_beside_events() {
        let mut dictionary = Dictionary::default();
        let mut said = fact("2026-03-01T00:00:00Z", "x", "{}");
        said.what = vec![What::Traits(crate::who::changes([("plan", "pro")].into_iter().collect()))];
        dictionary.learn(&said);
        assert_eq!(dictionary.traits().get("plan").unwrap().type_word(), "text");
    }

    #[test]
    fn what_comes_beyond_the_limits_is_counted() {
        let mut dictionary = Dictionary::default();
        for n in 0..limits::DICTIONARY_EVENTS_MAX + 3 {
            dictionary.learn(&fact("2026-03-01T00:00:00Z", &format!("e{n}"), "{}"));
        }
        assert_eq!(
            (dictionary.events().len(), dictionary.events_beyond()),
            (limits::DICTIONARY_EVENTS_MAX, 3)
        );

        for n in 0..limits::DICTIONARY_PROPERTIES_MAX + 2 {
            dictionary.learn(&fact("2026-03-01T00:00:00Z", "e0", &format!("{{\"p{n}\":1}}")));
        }
        let names = &dictionary.event("e0").unwrap().properties;
        assert_eq!((names.iter().len(), names.beyond()), (limits::DICTIONARY_PROPERTIES_MAX, 2));
    }

    #[test]
    fn old_days_are_summed_up() {
        let mut event = Event::new(Instant::from_ms(0));
        for day in (10..10 + limits::DICTIONARY_DAYS_MAX as i64 + 2).chain([0, 1]) {
            event.learn_day(day);
        }
        assert_eq!((event.days().count(), event.days_before()), (limits::DICTIONARY_DAYS_MAX, 4));
    }

    #[test]
    fn it_survives_being_stored() {
        let dictionary = learnt(&[("2026-03-01T23:00:00Z", "purchase", r#"{"amount":5,"l":[1,{"a":2}]}"#)]);
        let bytes = postcard::to_allocvec(&dictionary).unwrap();
        assert_eq!(postcard::from_bytes::<Dictionary>(&bytes).unwrap(), dictionary);
    }
}
