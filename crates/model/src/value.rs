//! What a property or trait says.

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Instant, Text};

/// What a property or trait says. A missing value is the absence of the property, not a variant;
/// a JSON `null` on the wire is [`Value::Null`], and comparisons treat it as missing.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Said to be nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number; finite.
    Float(f64),
    /// A text.
    Text(Text),
    /// A point in time.
    Time(Instant),
    /// Several values, in order.
    List(Vec<Value>),
    /// Named values, in order.
    Map(Properties),
}

impl Value {
    /// The number, when it is one.
    #[expect(clippy::cast_precision_loss, reason = "numbers compare as floating point; exact up to 2^53")]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::Time(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(value) => Some(value),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Time(_)
            | Self::List(_)
            | Self::Map(_) => None,
        }
    }

    /// The word for its type: `null`, `bool`, `int`, `float`, `text`, `time`, `list`, `map`.
    pub fn type_word(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Time(_) => "time",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<Text> for Value {
    fn from(value: Text) -> Self {
        Self::Text(value)
    }
}

impl From<Instant> for Value {
    fn from(value: Instant) -> Self {
        Self::Time(value)
    }
}

/// Named values in the order in which they came. A name stands once; the last word wins.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Properties(Vec<(Text, Value)>);

impl Properties {
    /// None yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// None yet, with room for so many.
    pub fn with_room(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Sets `name`, replacing what it said before.
    pub fn insert(&mut self, name: impl Into<Text>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(existing, _)| *existing == name) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds what `name` says, which nothing does yet: whoever calls it knows.
    pub fn add(&mut self, name: Text, value: Value) {
        debug_assert!(self.get(&name).is_none(), "a name stands once");
        self.0.push((name, value));
    }

    /// What `name` says.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(existing, _)| existing == name).map(|(_, value)| value)
    }

    /// Takes `name` out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.0.iter().position(|(existing, _)| existing == name)?;
        Some(self.0.remove(index).1)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Properties {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: Into<Text>, V: Into<Value>> FromIterator<(N, V)> for Properties {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut properties = Self::new();
        for (name, value) in pairs {
            properties.insert(name, value);
        }
        properties
    }
}

/// The tagged form for binary codecs, which cannot ask a byte what type it is.
#[derive(Serialize, Deserialize)]
enum Tagged {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Text),
    Time(Instant),
    List(Vec<Value>),
    Map(Properties),
}

/// JSON and its kin get the natural form (a time is RFC 3339 text); binary codecs get a tagged one.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let human = serializer.is_human_readable();
        match self {
            Self::Null if human => serializer.serialize_unit(),
            Self::Bool(value) if human => serializer.serialize_bool(*value),
            Self::Int(value) if human => serializer.serialize_i64(*value),
            Self::Float(value) if human => serializer.serialize_f64(*value),
            Self::Text(value) if human => serializer.serialize_str(value),
            Self::Time(value) if human => value.serialize(serializer),
            Self::List(values) if human => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(value)?;
                }
                list.end()
            }
            Self::Map(properties) if human => properties.serialize(serializer),
            Self::Null => Tagged::Null.serialize(serializer),
            Self::Bool(value) => serializer.serialize_newtype_variant("Value", 1, "Bool", value),
            Self::Int(value) => serializer.serialize_newtype_variant("Value", 2, "Int", value),
            Self::Float(value) => serializer.serialize_newtype_variant("Value", 3, "Float", value),
            Self::Text(value) => serializer.serialize_newtype_variant("Value", 4, "Text", value),
            Self::Time(value) => serializer.serialize_newtype_variant("Value", 5, "Time", value),
            Self::List(value) => serializer.serialize_newtype_variant("Value", 6, "List", value),
            Self::Map(value) => serializer.serialize_newtype_variant("Value", 7, "Map", value),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(NaturalVisitor);
        }
        Ok(match Tagged::deserialize(deserializer)? {
            Tagged::Null => Self::Null,
            Tagged::Bool(value) => Self::Bool(value),
            Tagged::Int(value) => Self::Int(value),
            Tagged::Float(value) => Self::Float(value),
            Tagged::Text(value) => Self::Text(value),
            Tagged::Time(value) => Self::Time(value),
            Tagged::List(value) => Self::List(value),
            Tagged::Map(value) => Self::Map(value),
        })
    }
}

struct NaturalVisitor;

impl<'de> Visitor<'de> for NaturalVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number beyond i64 keeps its size, not its last digits")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(if value.is_finite() { Value::Float(value) } else { Value::Null })
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1024));
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        PropertiesVisitor { is_checked: false }.visit_map(map).map(Value::Map)
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Only properties are ever written for a binary codec, and in them a name stands once already.
        let is_checked = !deserializer.is_human_readable();
        deserializer.deserialize_map(PropertiesVisitor { is_checked })
    }
}

struct PropertiesVisitor {
    /// No name comes twice.
    is_checked: bool,
}

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
        let mut properties = Properties::with_room(map.size_hint().unwrap_or(8).min(1024));
        while let Some((name, value)) = map.next_entry::<Text, Value>()? {
            if self.is_checked {
                properties.add(name, value);
            } else {
                properties.insert(name, value);
            }
        }
        Ok(properties)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            prop_oneof![Just(0.5), Just(-1e300), -1e9..1e9].prop_map(Value::Float),
            ".{0,30}".prop_map(|text| Value::Text(text.into())),
            any::<i64>().prop_map(|ms| Value::Time(Instant::from_ms(ms))),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                proptest::collection::vec(("[a-z]{1,4}", inner), 0..4)
                    .prop_map(|pairs| Value::Map(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn binary_form_round_trips(value in values()) {
            let bytes = postcard::to_allocvec(&value).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Value>(&bytes).unwrap(), value);
        }
    }

    #[test]
    fn json_keeps_what_json_can_say() {
        let text = r#"{"a":1,"b":[1.5,"x",null,true],"c":{"d":-1}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }

    #[test]
    fn a_name_stands_once_and_the_last_word_wins() {
        let value: Properties = serde_json::from_str(r#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(value.get("a"), Some(&Value::Int(2)));
        assert_eq!(value.len(), 1);
    }
}
