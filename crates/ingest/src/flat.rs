//! Objects of named values, flattened while they are parsed: `{"a":{"b":1}}` becomes `a.b = 1`.
//!
//! One pass over the bytes, no tree in between. What breaks a limit or is no
//! object is noted as a [`Flaw`] and skipped, so that the rest of the record is
//! still parsed and the reject can name the place.

use std::borrow::Cow;
use std::fmt;

use model::{Instant, Properties, Text, Value};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::desk::{Fault, Reason};
use crate::limits;

/// A JSON string, borrowed from the body unless it contains escapes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Str<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Str<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StrVisitor;
        impl<'de> Visitor<'de> for StrVisitor {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(StrVisitor)
    }
}

/// What is wrong with an object, found while it was parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is not an object but something of this type.
    NotAnObject(&'static str),
    /// There are more names than [`limits::PROPERTIES_MAX`].
    TooMany(Text),
    /// This name goes deeper than [`limits::DEPTH_MAX`].
    TooDeep(Text),
    /// This name is longer than [`limits::NAME_BYTES_MAX`].
    NameTooLong(Text),
}

impl Flaw {
    /// The fault of the record whose `field` has this flaw.
    pub(crate) fn fault(&self, field: &'static str) -> Fault {
        match self {
            Self::NotAnObject(found) => Fault::new(Reason::WrongType, field, found),
            Self::TooMany(name) => Fault::new(Reason::TooMany, field, name),
            Self::TooDeep(name) => Fault::new(Reason::TooDeep, field, name),
            Self::NameTooLong(name) => Fault::new(Reason::TooLong, field, name),
        }
    }
}

/// A flattened object.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Flat {
    /// Its values, by names joined with dots. Empty objects leave nothing.
    pub(crate) values: Properties,
    /// The first thing that is wrong with it.
    pub(crate) flaw: Option<Flaw>,
}

impl Flat {
    /// The flattened values, or the fault of the record whose `field` this is.
    pub(crate) fn checked(self, field: &'static str) -> Result<Properties, Fault> {
        match self.flaw {
            None => Ok(self.values),
            Some(flaw) => Err(flaw.fault(field)),
        }
    }

    fn note(&mut self, flaw: Flaw) {
        self.flaw.get_or_insert(flaw);
    }

    fn push(&mut self, name: Text, value: Value) {
        if self.values.len() >= limits::PROPERTIES_MAX {
            self.note(Flaw::TooMany(name));
        } else {
            self.values.insert(name, value);
        }
    }
}

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut flat = Self::default();
        deserializer.deserialize_any(Entry { flat: &mut flat, name: Name::Root, depth: 0 })?;
        Ok(flat)
    }
}

/// The name under which a value stands.
#[derive(Clone)]
enum Name {
    /// The object itself.
    Root,
    /// A name, joined with dots.
    At(Text),
}

impl Name {
    fn child(&self, key: &str) -> Text {
        match self {
            Self::Root => Text::from(key),
            Self::At(name) => {
                let mut joined = String::with_capacity(name.len() + 1 + key.len());
                joined.push_str(name);
                joined.push('.');
                joined.push_str(key);
                joined.into()
            }
        }
    }
}

/// One value on its way into a [`Flat`].
struct Entry<'f> {
    flat: &'f mut Flat,
    name: Name,
    depth: usize,
}

impl Entry<'_> {
    fn put(self, value: Value) {
        match self.name {
            Name::At(name) => self.flat.push(name, value),
            Name::Root if value == Value::Null => {}
            Name::Root => self.flat.note(Flaw::NotAnObject(value.type_word())),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.put(Value::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.put(Value::Int(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.put(unsigned(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.put(finite(value));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(text_or_time(text));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        let Self { flat, name, depth } = self;
        let value = Item { flat: &mut *flat, depth: depth + 1 }.visit_seq(seq)?;
        Entry { flat, name, depth }.put(value);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { flat, name, depth } = self;
        if depth >= limits::DEPTH_MAX {
            let deep = if let Name::At(name) = name { name } else { Text::default() };
            flat.note(Flaw::TooDeep(deep));
            return skip_map(map);
        }
        while let Some(Str(key)) = map.next_key()? {
            let child = name.child(&key);
            if child.len() > limits::NAME_BYTES_MAX {
                flat.note(Flaw::NameTooLong(child));
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            map.next_value_seed(Entry { flat: &mut *flat, name: Name::At(child), depth: depth + 1 })?;
        }
        Ok(())
    }
}

/// One item of a list: kept as it is, objects inside lists are not flattened.
struct Item<'f> {
    flat: &'f mut Flat,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(finite(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text_or_time(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        if self.depth >= limits::DEPTH_MAX {
            self.flat.note(Flaw::TooDeep(Text::default()));
            skip_seq(seq)?;
            return Ok(Value::Null);
        }
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Item { flat: &mut *self.flat, depth: self.depth + 1 })? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        if self.depth >= limits::DEPTH_MAX {
            self.flat.note(Flaw::TooDeep(Text::default()));
            skip_map(map)?;
            return Ok(Value::Null);
        }
        let mut values = Properties::new();
        while let Some(Str(key)) = map.next_key()? {
            if values.len() >= limits::PROPERTIES_MAX {
                self.flat.note(Flaw::TooMany(Text::from(&*key)));
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let item = map.next_value_seed(Item { flat: &mut *self.flat, depth: self.depth + 1 })?;
            values.insert(Text::from(&*key), item);
        }
        Ok(Value::Map(values))
    }
}

/// A value that stands alone as JSON under `name`, with the limits of a list inside an event.
pub(crate) fn list(json: &str, name: &str) -> Result<Value, Fault> {
    let mut flat = Flat::default();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = Item { flat: &mut flat, depth: 1 }
        .deserialize(&mut deserializer)
        .map_err(|error| Fault::new(Reason::Malformed, name, error.to_string()))?;
    match flat.flaw {
        Some(flaw) => Err(flaw.fault("properties")),
        None => Ok(value),
    }
}

/// Reads past the rest of an object.
pub(crate) fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads past the rest of a list.
pub(crate) fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a number beyond i64 keeps its size, not its last digits")]
fn unsigned(value: u64) -> Value {
    i64::try_from(value).map_or(Value::Float(value as f64), Value::Int)
}

fn finite(value: f64) -> Value {
    if value.is_finite() { Value::Float(value) } else { Value::Null }
}

/// JSON has no type for instants, so a text that is exactly one, with date, time and offset
/// (`2026-01-31T12:00:00Z`), is read as one. Every other text stays a text.
pub(crate) fn text_or_time(text: &str) -> Value {
    instant(text).map_or_else(|| Value::Text(text.into()), Value::Time)
}

/// The instant that the text spells in full; `None` when it is anything else.
fn instant(text: &str) -> Option<Instant> {
    let bytes = text.as_bytes();
    let shape = (20..=35).contains(&bytes.len())
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[10] == b'T'
        && bytes[13] == b':'
        && bytes[0].is_ascii_digit();
    if shape { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, flat: &str) {
        let parsed: Flat = serde_json::from_str(json).expect("valid JSON");
        let text = match parsed.flaw {
            None => serde_json::to_string(&parsed.values).expect("values are JSON"),
            Some(flaw) => format!("{flaw:?}"),
        };
        assert_eq!(text, flat, "{json}");
    }

    #[test]
    fn nested_objects_are_joined_with_dots_and_lists_are_kept() {
        check(r#"{"a":1,"b":{"c":{"d":true},"e":null}}"#, r#"{"a":1,"b.c.d":true,"b.e":null}"#);
        check(
            r#"{"items":[{"sku":"A","tags":{"x":[1,2.5]}}]}"#,
            r#"{"items":[{"sku":"A","tags":{"x":[1,2.5]}}]}"#,
        );
        check(r#"{"a":{},"b\n":"\u5c71"}"#, r#"{"b\n":"山"}"#);
        check("null", "{}");
    }

    #[test]
    fn a_name_stands_once_however_it_is_spelled() {
        check(r#"{"a.b":1,"a":{"b":2}}"#, r#"{"a.b":2}"#);
    }

    #[test]
    fn an_instant_in_full_is_a_time_and_nothing_else_is() {
        let times: Flat = serde_json::from_str(
            r#"{"a":"2026-01-31T12:00:00Z","b":"2026-01-31T12:00:00.5+09:00","c":"2026-01-31","d":"2026-01-31T12:00:00","e":"2026-99-31T12:00:00Z"}"#,
        )
        .expect("valid JSON");
        let types: Vec<_> = times.values.iter().map(|(_, value)| value.type_word()).collect();
        assert_eq!(types, ["time", "time", "text", "text", "text"]);
    }

    #[test]
    fn what_is_no_object_is_named() {
        check("[1]", r#"NotAnObject("list")"#);
        check("\"x\"", r#"NotAnObject("text")"#);
    }

    #[test]
    fn limits_are_noted_with_the_place() {
        let many =
            (0..=limits::PROPERTIES_MAX).map(|n| format!("\"p{n}\":{n}")).collect::<Vec<_>>().join(",");
        check(&format!("{{{many}}}"), r#"TooMany("p512")"#);
        check(&format!("{{\"l\":[{{{many}}}]}}"), r#"TooMany("p512")"#);
        let deep = format!("{}1{}", "{\"a\":".repeat(11), "}".repeat(11));
        check(&deep, r#"TooDeep("a.a.a.a.a.a.a.a.a.a")"#);
        check(&format!("{{\"a\":{}{}}}", "[".repeat(11), "]".repeat(11)), r#"TooDeep("")"#);
        let long = "n".repeat(limits::NAME_BYTES_MAX + 1);
        check(&format!("{{\"{long}\":1}}"), &format!("NameTooLong({long:?})"));
    }
}
