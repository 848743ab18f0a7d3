//! Which columns a Parquet file has: what every line says, and what the server learnt of properties and traits.

use anyhow::Result;
use api::Page;
use api::data::{EventEntry, PropertyEntry, TypeCount};
use serde_json::Value;

use super::What;
use crate::remote::Remote;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    /// Whole and other numbers, which are one type.
    Number,
    Text,
    Time,
    /// Any JSON, as text.
    Json,
}

/// One column: its name, its type, and where its value stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The object it stands in; the line itself when there is none.
    inside: Option<&'static str>,
    key: String,
}

/// The columns of a file.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) all: Vec<Column>,
    /// The object whose every value must have a column of its own.
    spread: Option<&'static str>,
}

impl Columns {
    /// The columns of an export, as the server knows them now.
    pub(super) fn of(remote: &Remote, what: What, event: Option<&str>) -> Result<Self> {
        Ok(match (what, event) {
            (What::Events, None) => Self::fixed(EVENT).and("properties", Kind::Json, "properties"),
            (What::Events, Some(name)) => {
                let path = format!("/api/v1/data/events/{}", escaped(name));
                Self::fixed(EVENT).spread("properties", &remote.get::<EventEntry>(&path, &[])?.properties)
            }
            (What::Customers, _) => {
                let traits: Page<PropertyEntry> = remote.get("/api/v1/data/traits", &[])?;
                let fixed = Self::fixed(CUSTOMER).and("consents", Kind::Json, "consents");
                fixed.spread("traits", &traits.items)
            }
            (What::Messages, _) => Self::fixed(MESSAGE),
        })
    }

    fn fixed(columns: &[(&str, Kind, &str)]) -> Self {
        let column = |(name, kind, key): &(&str, Kind, &str)| Column {
            name: (*name).to_owned(),
            kind: *kind,
            inside: None,
            key: (*key).to_owned(),
        };
        Self { all: columns.iter().map(column).collect(), spread: None }
    }

    fn and(mut self, name: &str, kind: Kind, key: &str) -> Self {
        self.all.extend(Self::fixed(&[(name, kind, key)]).all);
        self
    }

    /// A column for each property; one whose name is taken has the object's name before it.
    fn spread(mut self, object: &'static str, properties: &[PropertyEntry]) -> Self {
        for property in properties {
            let is_taken = self.all.iter().any(|column| column.name.eq_ignore_ascii_case(&property.name));
            let name = if is_taken { format!("{object}.{}", property.name) } else { property.name.clone() };
            let kind = kind(&property.types);
            self.all.push(Column { name, kind, inside: Some(object), key: property.name.clone() });
        }
        Self { spread: Some(object), ..self }
    }

    /// A value of a line that no column takes, if there is one.
    pub(super) fn left_over<'l>(&self, line: &'l Value) -> Option<&'l str> {
        let object = line.get(self.spread?)?.as_object()?;
        let is_taken = |key: &str| self.all.iter().any(|column| column.inside.is_some() && column.key == key);
        object.keys().map(String::as_str).find(|key| !is_taken(key))
    }
}

impl Column {
    /// What a line says for it.
    pub(super) fn value<'l>(&self, line: &'l Value) -> Option<&'l Value> {
        let object = self.inside.map_or(Some(line), |inside| line.get(inside))?;
        object.get(&self.key).filter(|value| !value.is_null())
    }
}

const EVENT: &[(&str, Kind, &str)] = &[
    ("message_id", Kind::Text, "messageId"),
    ("customer", Kind::Text, "customer"),
    ("user_id", Kind::Text, "userId"),
    ("anonymous_id", Kind::Text, "anonymousId"),
    ("event", Kind::Text, "event"),
    ("at", Kind::Time, "timestamp"),
];

const CUSTOMER: &[(&str, Kind, &str)] = &[
    ("customer", Kind::Text, "customer"),
    ("user_id", Kind::Text, "userId"),
    ("anonymous_id", Kind::Text, "anonymousId"),
    ("at", Kind::Time, "timestamp"),
    ("context", Kind::Json, "context"),
];

const MESSAGE: &[(&str, Kind, &str)] = &[
    ("at", Kind::Time, "at"),
    ("what", Kind::Text, "what"),
    ("customer", Kind::Text, "customer"),
    ("user_id", Kind::Text, "userId"),
    ("anonymous_id", Kind::Text, "anonymousId"),
    ("message", Kind::Text, "message"),
    ("campaign", Kind::Text, "campaign"),
    ("variant", Kind::Int, "variant"),
    ("channel", Kind::Text, "channel"),
    ("outcome", Kind::Text, "outcome"),
    ("gate", Kind::Text, "gate"),
    ("reason", Kind::Text, "reason"),
    ("until", Kind::Time, "until"),
    ("arm", Kind::Text, "arm"),
    ("provider_id", Kind::Text, "provider_id"),
    ("permanent", Kind::Bool, "permanent"),
    ("url", Kind::Text, "url"),
    ("door", Kind::Text, "door"),
    ("record", Kind::Json, "record"),
];

/// The type of a property that came with these types: what they have in common, and JSON when that is nothing.
fn kind(types: &[TypeCount]) -> Kind {
    let mut words: Vec<&str> =
        types.iter().map(|it| it.kind.as_str()).filter(|word| *word != "null").collect();
    words.sort_unstable();
    match words.as_slice() {
        ["bool"] => Kind::Bool,
        ["number"] => Kind::Number,
        ["text"] => Kind::Text,
        ["time"] => Kind::Time,
        _ => Kind::Json,
    }
}

/// A name as it stands in a path.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn property(name: &str, types: &[&str]) -> PropertyEntry {
        let types = types.iter().map(|kind| TypeCount { kind: (*kind).to_owned(), count: 1 }).collect();
        PropertyEntry { name: name.to_owned(), types, conflict: false, examples: Vec::new() }
    }

    #[test]
    fn a_property_has_the_type_that_all_its_values_fit() {
        for (types, expected) in [
            (&["number"][..], Kind::Number),
            (&["null", "number"], Kind::Number),
            (&["text"], Kind::Text),
            (&["number", "text"], Kind::Json),
            (&["list"], Kind::Json),
            (&[], Kind::Json),
        ] {
            assert_eq!(kind(&property("x", types).types), expected, "{types:?}");
        }
    }

    #[test]
    fn a_property_never_hides_what_every_line_says() {
        let columns = Columns::fixed(EVENT)
            .spread("properties", &[property("at", &["text"]), property("size", &["number"])]);
        let line = json!({ "timestamp": "2026-01-01T00:00:00Z", "properties": { "at": "home", "size": 4, "new": 1 } });
        let value = |name: &str| {
            let column = columns.all.iter().find(|column| column.name == name);
            column.and_then(|column| column.value(&line)).cloned()
        };
        assert_eq!(value("at"), Some(json!("2026-01-01T00:00:00Z")));
        assert_eq!(value("properties.at"), Some(json!("home")));
        assert_eq!(value("size"), Some(json!(4)));
        assert_eq!(columns.left_over(&line), Some("new"));
    }
}
