//! Series and their labels: which values are frequent enough for a series of their own.

use columnar::{Latest, Snapshot, Stream, View, for_each_lane};
use model::{Instant, Lane, Text, Value, stream};
use rustc_hash::FxHashMap;

use crate::trend::{By, Trend};

/// What the events of a series have in common.
#[derive(Debug, Clone, PartialEq)]
pub enum Label {
    /// Nothing: it is the only one.
    All,
    /// The stream.
    Event(Text),
    /// What the property or trait says.
    Value(Value),
    /// The property or trait is missing.
    Missing,
    /// It says something less frequent.
    Other,
}

impl Label {
    /// Missing and other come after the rest.
    pub(crate) fn place(&self) -> u8 {
        match self {
            Self::All | Self::Event(_) | Self::Value(_) => 0,
            Self::Missing => 1,
            Self::Other => 2,
        }
    }
}

/// A value as far as labels go: a whole number is one, whether it came as 2 or as 2.0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    Missing,
    Bool(bool),
    Int(i64),
    Float(u64),
    Text(Text),
    Time(i64),
}

impl Key {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "whole numbers up to 2^53 only"
    )]
    fn of(value: Value) -> Self {
        const EXACT: f64 = (1_i64 << 53) as f64;
        match value {
            Value::Null => Self::Missing,
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Float(value) if value.fract() == 0.0 && value.abs() <= EXACT => Self::Int(value as i64),
            Value::Float(value) => Self::Float(value.to_bits()),
            Value::Text(text) => Self::Text(text),
            Value::Time(at) => Self::Time(at.ms()),
            Value::List(_) | Value::Map(_) => Self::Text(value_text(&value)),
        }
    }

    fn label(&self) -> Label {
        Label::Value(match self {
            Self::Missing => return Label::Missing,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Self::Text(text) => Value::Text(text.clone()),
            Self::Time(ms) => Value::Time(Instant::from_ms(*ms)),
        })
    }
}

/// A list or map as it is written in JSON.
fn value_text(value: &Value) -> Text {
    columnar::json_text(value).into()
}

/// Which label has which series.
#[derive(Debug)]
pub(crate) struct Ranking {
    labels: Vec<Label>,
    series: FxHashMap<Key, usize>,
    /// The series of what has none of its own.
    other: usize,
}

impl Ranking {
    /// The most frequent values over all lanes; of equally frequent ones the smaller.
    pub(crate) fn of(snapshot: &Snapshot, question: &Trend<'_>, streams: &[&Stream]) -> Self {
        let top = match &question.by {
            By::Nothing => return Self::fixed(vec![Label::All]),
            By::Event => {
                return Self::fixed(
                    streams.iter().map(|stream| Label::Event(stream.name().clone())).collect(),
                );
            }
            By::Property { top, .. } | By::Trait { top, .. } => *top,
        };
        let views: Vec<&View> = streams.iter().flat_map(|stream| stream.views()).collect();
        let lanes = for_each_lane(|lane| {
            let mut labels = LaneLabels::new(snapshot, question, lane, &views);
            let mut counts: Vec<u64> = Vec::new();
            for (place, view) in views.iter().enumerate() {
                question.scope.each_chunk(view, lane, |chunk| {
                    for row in chunk.rows() {
                        let number = labels.number(place, row);
                        counts.resize(labels.len(), 0);
                        counts[number] += 1;
                    }
                });
            }
            (labels.keys, counts)
        });
        let mut counts: FxHashMap<Key, u64> = FxHashMap::default();
        for (key, count) in lanes.into_iter().flat_map(|(keys, counts)| keys.into_iter().zip(counts)) {
            *counts.entry(key).or_default() += count;
        }
        counts.remove(&Key::Missing);
        let mut keys: Vec<(Key, u64)> = counts.into_iter().collect();
        keys.sort_unstable_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
        keys.truncate(top);
        let keys: Vec<Key> = keys.into_iter().map(|(key, _)| key).chain([Key::Missing]).collect();
        let labels = keys.iter().map(Key::label).chain([Label::Other]).collect();
        let other = keys.len();
        Self { labels, series: keys.into_iter().zip(0..).collect(), other }
    }

    fn fixed(labels: Vec<Label>) -> Self {
        Self { labels, series: FxHashMap::default(), other: 0 }
    }

    pub(crate) fn series(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn series_of(&self, key: &Key) -> usize {
        self.series.get(key).copied().unwrap_or(self.other)
    }

    pub(crate) fn labels(self) -> Vec<Label> {
        self.labels
    }
}

/// The labels of the rows of one lane, numbered as they are met.
pub(crate) struct LaneLabels<'v> {
    source: Source<'v>,
    keys: Vec<Key>,
    numbers: FxHashMap<Key, usize>,
}

/// Where labels come from.
enum Source<'v> {
    Nothing,
    Property {
        views: Vec<(&'v View, columnar::Property<'v>)>,
        /// For each table, the number of each text of its dictionary, once it was met.
        texts: Vec<Vec<Option<usize>>>,
    },
    Trait {
        views: Vec<&'v View>,
        /// The number of each customer.
        customers: Vec<usize>,
        missing: usize,
    },
}

impl<'v> LaneLabels<'v> {
    pub(crate) fn new(snapshot: &Snapshot, question: &Trend<'_>, lane: Lane, views: &[&'v View]) -> Self {
        let mut labels = Self { source: Source::Nothing, keys: Vec::new(), numbers: FxHashMap::default() };
        match &question.by {
            By::Nothing | By::Event => {
                labels.intern(Key::Missing);
            }
            By::Property { name, .. } => {
                let views: Vec<_> = views.iter().map(|view| (*view, view.property(name))).collect();
                let texts = |(_, property): &(&View, columnar::Property<'_>)| {
                    vec![None; property.text.map_or(0, columnar::Words::texts)]
                };
                let texts = views.iter().map(texts).collect();
                labels.source = Source::Property { views, texts };
            }
            By::Trait { name, .. } => {
                let missing = labels.intern(Key::Missing);
                let customers = labels.traits(snapshot, name, lane, question.scope.span.until);
                labels.source = Source::Trait { views: views.to_vec(), customers, missing };
            }
        }
        labels
    }

    /// How many were met so far.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn label(&self, number: usize) -> &Key {
        &self.keys[number]
    }

    /// The number of the label of a row.
    #[inline]
    pub(crate) fn number(&mut self, place: usize, row: usize) -> usize {
        match &mut self.source {
            Source::Nothing => 0,
            Source::Trait { views, customers, missing } => {
                let ordinal = views[place].customer(row).ordinal() as usize;
                customers.get(ordinal).copied().unwrap_or(*missing)
            }
            Source::Property { views, texts } => {
                let property = views[place].1;
                let Some(text) = property.text.and_then(|words| words.key(row)) else {
                    return self.intern(property.value(row).map_or(Key::Missing, Key::of));
                };
                if let Some(number) = texts[place][text] {
                    return number;
                }
                let number = self.intern(property.value(row).map_or(Key::Missing, Key::of));
                if let Source::Property { texts, .. } = &mut self.source {
                    texts[place][text] = Some(number);
                }
                number
            }
        }
    }

    fn intern(&mut self, key: Key) -> usize {
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        self.keys.push(key.clone());
        self.numbers.insert(key, self.keys.len() - 1);
        self.keys.len() - 1
    }

    /// The number of each customer's trait, as it was at `as_of`.
    fn traits(&mut self, snapshot: &Snapshot, name: &str, lane: Lane, as_of: Instant) -> Vec<usize> {
        let Some(stream) = snapshot.stream(&stream::r#trait(name)) else { return Vec::new() };
        let latest: Latest = stream.latest(lane, as_of);
        let values: Vec<_> = stream.views().iter().map(|view| view.property("value")).collect();
        let mut customers = Vec::new();
        for (ordinal, (view, row)) in latest.iter() {
            let number = self.intern(values[view].value(row).map_or(Key::Missing, Key::of));
            customers.resize(ordinal as usize, 0);
            customers.push(number);
        }
        customers
    }
}
