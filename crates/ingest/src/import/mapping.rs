//! The mapping file of an import (TOML): which column means what. Parsed and checked here, applied by
//! [`Plan`](super::Plan).

use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;
use model::{BadIdentifier, Channel, IdentifierKind, Purpose};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::expression::BadExpression;
use crate::desk::Fault;
use crate::segment::check_event_name;

/// A mapping that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadMapping {
    /// The text is no TOML, or has a field that a mapping does not have.
    #[error("the mapping is unreadable: {explanation}. line=`{line}`, column=`{column}`")]
    Unreadable {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser expected or found.
        explanation: String,
    },
    /// A field says something that it cannot say.
    #[error("{fix}. field=`{field}`, value=`{value}`")]
    Field {
        /// Which, as a path in the file.
        field: String,
        /// What stands there.
        value: String,
        /// What to do.
        fix: String,
    },
    /// A derived value is no expression.
    #[error("{problem}. field=`derived.{name}`")]
    Derived {
        /// Which.
        name: String,
        /// What is wrong with it.
        problem: BadExpression,
    },
}

impl BadMapping {
    /// The mapping has to be corrected.
    pub fn kind(&self) -> model::ErrorKind {
        model::ErrorKind::Invalid
    }

    pub(super) fn field(field: impl Into<String>, value: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Field { field: field.into(), value: value.into(), fix: fix.into() }
    }
}

/// A checked mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// What separates the columns of a CSV file.
    pub delimiter: u8,
    pub(super) identifiers: Vec<(IdentifierKind, Column)>,
    pub(super) time: Option<Time>,
    pub(super) event: Option<EventName>,
    pub(super) id: Option<String>,
    pub(super) derived: Vec<(String, String)>,
    pub(super) properties: Vec<(String, Column)>,
    pub(super) traits: Vec<(String, Column)>,
    pub(super) consents: Vec<Consent>,
    pub(super) filters: Vec<Filter>,
}

/// A column, and the type that its values are read as.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) read_as: ReadAs,
}

/// The type that the values of a column are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadAs {
    /// What the file says: CSV has texts, Parquet has types.
    #[default]
    File,
    Text,
    /// A whole number; `17850.0` is one.
    Int,
    Float,
    Bool,
    /// An instant, with the format and zone of `[time]`.
    Time,
}

/// Where the instant stands and how it is written.
#[derive(Debug, Clone)]
pub(super) struct Time {
    pub(super) column: String,
    pub(super) format: TimeFormat,
    pub(super) zone: TimeZone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TimeFormat {
    Rfc3339,
    UnixSeconds,
    UnixMs,
    /// `%Y-%m-%d %H:%M:%S` and the like.
    Pattern(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EventName {
    Constant(String),
    Column(String),
}

/// A column that says yes or no to a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Consent {
    pub(super) column: String,
    pub(super) purpose: Purpose,
    pub(super) channel: Option<Channel>,
}

/// Rows that do not pass every filter are left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    pub(super) column: String,
    pub(super) test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Equals(Constant),
    Not(Constant),
    Above(f64),
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
    StartsWith(String),
    NotStartsWith(String),
    Present(bool),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Constant {
    Number(f64),
    Text(String),
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// When it is no TOML or says something that a mapping cannot say; the message names the field.
    pub fn parse(text: &str) -> Result<Self, BadMapping> {
        let raw: RawMapping = toml::from_str(text).map_err(|error| unreadable(text, &error))?;
        raw.checked()
    }
}

fn unreadable(text: &str, error: &toml::de::Error) -> BadMapping {
    let offset = error.span().map_or(0, |span| span.start).min(text.len());
    let before = String::from_utf8_lossy(&text.as_bytes()[..offset]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    BadMapping::Unreadable { line, column, explanation: error.message().trim().replace('\n', ", ") }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMapping {
    #[serde(default)]
    file: RawFile,
    identifiers: BTreeMap<String, Column>,
    time: Option<RawTime>,
    event: Option<RawEvent>,
    #[serde(default)]
    derived: BTreeMap<String, String>,
    #[serde(default)]
    properties: BTreeMap<String, Column>,
    #[serde(default)]
    traits: BTreeMap<String, Column>,
    #[serde(default)]
    consent: Vec<RawConsent>,
    #[serde(default)]
    filter: Vec<RawFilter>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawFile {
    delimiter: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTime {
    column: String,
    format: Option<String>,
    zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent {
    name: Option<String>,
    column: Option<String>,
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConsent {
    column: String,
    purpose: String,
    channel: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFilter {
    column: String,
    equals: Option<Constant>,
    not: Option<Constant>,
    above: Option<f64>,
    at_least: Option<f64>,
    below: Option<f64>,
    at_most: Option<f64>,
    starts_with: Option<String>,
    not_starts_with: Option<String>,
    present: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    column: String,
    r#type: Option<ReadAs>,
}

/// `"InvoiceNo"`, or `{ column = "Quantity", type = "int" }`.
impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ColumnVisitor;
        impl<'de> Visitor<'de> for ColumnVisitor {
            type Value = Column;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column name, or a table like `{ column = \"Quantity\", type = \"int\" }`")
            }
            fn visit_str<E>(self, name: &str) -> Result<Column, E> {
                Ok(Column { name: name.to_owned(), read_as: ReadAs::File })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Column, A::Error> {
                let raw = RawColumn::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Column { name: raw.column, read_as: raw.r#type.unwrap_or_default() })
            }
        }
        deserializer.deserialize_any(ColumnVisitor)
    }
}

impl RawMapping {
    fn checked(self) -> Result<Mapping, BadMapping> {
        if self.identifiers.is_empty() {
            let fix =
                "name at least one column that identifies the customer, like `user_id = \"CustomerID\"`";
            return Err(BadMapping::field("identifiers", "", fix));
        }
        let (event, id) = self.event.map_or(Ok((None, None)), RawEvent::checked)?;
        if event.is_none() && self.traits.is_empty() && self.consent.is_empty() {
            let fix = "a row has to say something: add `[event]` with a `name`, `[traits]` or `[[consent]]`";
            return Err(BadMapping::field("event", "missing", fix));
        }
        if event.is_none() && !self.properties.is_empty() {
            return Err(BadMapping::field(
                "event",
                "missing",
                "properties belong to an event: add `[event]` with a `name`",
            ));
        }
        let mut identifiers: Vec<_> = self
            .identifiers
            .into_iter()
            .map(|(word, column)| (IdentifierKind::from_word(&word), column))
            .collect();
        identifiers.sort_by_key(|(kind, _)| strength(kind));
        Ok(Mapping {
            delimiter: self.file.checked()?,
            identifiers,
            time: self.time.map(RawTime::checked).transpose()?,
            event,
            id,
            derived: self.derived.into_iter().collect(),
            properties: self.properties.into_iter().collect(),
            traits: self.traits.into_iter().collect(),
            consents: self.consent.into_iter().map(RawConsent::checked).collect::<Result<_, _>>()?,
            filters: self.filter.into_iter().map(RawFilter::checked).collect::<Result<_, _>>()?,
        })
    }
}

/// The order in which a fact names its identifiers.
fn strength(kind: &IdentifierKind) -> u8 {
    match kind {
        IdentifierKind::UserId => 0,
        IdentifierKind::Custom(_) => 1,
        IdentifierKind::Email => 2,
        IdentifierKind::Phone => 3,
        IdentifierKind::Device => 4,
        IdentifierKind::AnonymousId => 5,
    }
}

impl RawFile {
    fn checked(self) -> Result<u8, BadMapping> {
        let delimiter = self.delimiter.unwrap_or_else(|| ",".to_owned());
        match delimiter.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
            _ => Err(BadMapping::field("file.delimiter", delimiter, "write one ASCII character, like `;`")),
        }
    }
}

impl RawEvent {
    fn checked(self) -> Result<(Option<EventName>, Option<String>), BadMapping> {
        let event = match (self.name, self.column) {
            (Some(name), None) => {
                check_event_name(&name, "event.name").map_err(|Fault { reason, value, .. }| {
                    BadMapping::field(
                        "event.name",
                        value,
                        format!("{}: {}", reason.explanation(), reason.fix()),
                    )
                })?;
                EventName::Constant(name)
            }
            (None, Some(column)) => EventName::Column(column),
            (Some(name), Some(_)) => {
                return Err(BadMapping::field("event", name, "give either `name` or `column`, not both"));
            }
            (None, None) => return Err(BadMapping::field("event", "", "give a `name` or a `column`")),
        };
        Ok((Some(event), self.id))
    }
}

impl RawTime {
    fn checked(self) -> Result<Time, BadMapping> {
        let format = match self.format.as_deref() {
            None | Some("rfc3339") => TimeFormat::Rfc3339,
            Some("unix_s") => TimeFormat::UnixSeconds,
            Some("unix_ms") => TimeFormat::UnixMs,
            Some(pattern) if pattern.contains('%') => TimeFormat::Pattern(pattern.to_owned()),
            Some(other) => {
                let fix = "write `rfc3339`, `unix_s`, `unix_ms` or a pattern like `%Y-%m-%d %H:%M:%S`";
                return Err(BadMapping::field("time.format", other, fix));
            }
        };
        let zone = match self.zone.as_deref() {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| {
                BadMapping::field(
                    "time.zone",
                    name,
                    "write the name of an IANA time zone, like `Europe/London`",
                )
            })?,
        };
        Ok(Time { column: self.column, format, zone })
    }
}

impl RawConsent {
    fn checked(self) -> Result<Consent, BadMapping> {
        let wrong = |field: &'static str| {
            move |error: BadIdentifier| {
                BadMapping::field(field, error.value.as_str(), format!("write {}", error.expected))
            }
        };
        let channel =
            self.channel.as_deref().map(str::parse).transpose().map_err(wrong("consent.channel"))?;
        let purpose = self.purpose.parse().map_err(wrong("consent.purpose"))?;
        Ok(Consent { column: self.column, purpose, channel })
    }
}

impl RawFilter {
    fn checked(self) -> Result<Filter, BadMapping> {
        let tests = [
            self.equals.map(Test::Equals),
            self.not.map(Test::Not),
            self.above.map(Test::Above),
            self.at_least.map(Test::AtLeast),
            self.below.map(Test::Below),
            self.at_most.map(Test::AtMost),
            self.starts_with.map(Test::StartsWith),
            self.not_starts_with.map(Test::NotStartsWith),
            self.present.map(Test::Present),
        ];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Ok(Filter { column: self.column, test }),
            (Some(_) | None, Some(_) | None) => {
                let fix = "give exactly one of `equals`, `not`, `above`, `at_least`, `below`, `at_most`, \
                           `starts_with`, `not_starts_with`, `present`; several filters all have to pass";
                Err(BadMapping::field("filter", self.column, fix))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, message: &str) {
        match Mapping::parse(text) {
            Ok(_) => panic!("accepted: {text}"),
            Err(error) => assert_eq!(error.to_string(), message, "{text}"),
        }
    }

    #[test]
    fn a_mistake_names_the_field_the_value_and_the_fix() {
        check(
            "[identifiers]\nuser_id = \"Id\"\n[time]\ncolumn = \"At\"\nzone = \"Europe/Londn\"\n[event]\nname = \"e\"",
            "write the name of an IANA time zone, like `Europe/London`. field=`time.zone`, value=`Europe/Londn`",
        );
        check(
            "[identifiers]\nuser_id = \"Id\"\n[time]\ncolumn = \"At\"\nformat = \"YYYY\"\n[event]\nname = \"e\"",
            "write `rfc3339`, `unix_s`, `unix_ms` or a pattern like `%Y-%m-%d %H:%M:%S`. field=`time.format`, value=`YYYY`",
        );
        check(
            "[identifiers]\nuser_id = \"Id\"\n[event]\nname = \"$message_sent\"",
            "the name is reserved: choose another name; names that begin with `$message_` and system events are not sent from outside. field=`event.name`, value=`$message_sent`",
        );
        check(
            "[identifiers]\n[event]\nname = \"e\"",
            "name at least one column that identifies the customer, like `user_id = \"CustomerID\"`. field=`identifiers`, value=``",
        );
        check(
            "[identifiers]\nuser_id = \"Id\"",
            "a row has to say something: add `[event]` with a `name`, `[traits]` or `[[consent]]`. field=`event`, value=`missing`",
        );
        check(
            "[identifiers]\nuser_id = \"Id\"\n[event]\nname = \"e\"\ncolumn = \"E\"",
            "give either `name` or `column`, not both. field=`event`, value=`e`",
        );
        check(
            "[file]\ndelimiter = \"ab\"\n[identifiers]\nuser_id = \"Id\"\n[event]\nname = \"e\"",
            "write one ASCII character, like `;`. field=`file.delimiter`, value=`ab`",
        );
    }

    #[test]
    fn a_consent_names_its_purpose_and_channel() {
        let mapping = |consent: &str| {
            format!("[identifiers]\nuser_id = \"Id\"\n[[consent]]\ncolumn = \"C\"\n{consent}")
        };
        check(
            &mapping("purpose = \"spam\""),
            "write a purpose (marketing, transactional, security, service, research, location). field=`consent.purpose`, value=`spam`",
        );
        check(
            &mapping("purpose = \"marketing\"\nchannel = \"mail\""),
            "write a channel (push, webpush, email, sms, inapp, inbox, whatsapp, line, messenger, voice, video, webhook). field=`consent.channel`, value=`mail`",
        );
    }

    #[test]
    fn unreadable_files_name_the_line() {
        check(
            "[identifiers]\nuser_id = 5\n[event]\nname = \"e\"",
            "the mapping is unreadable: invalid type: integer `5`, expected a column name, or a table like `{ column = \"Quantity\", type = \"int\" }`. line=`2`, column=`11`",
        );
        assert!(Mapping::parse("[identifiers]\nuser_id = \"Id\"\n[evnt]\n").is_err_and(|error| {
            error.to_string().contains("unknown field `evnt`")
                && error.to_string().ends_with("line=`3`, column=`2`")
        }));
    }

    #[test]
    fn a_filter_asks_one_thing() {
        let two = "[identifiers]\nuser_id = \"Id\"\n[event]\nname = \"e\"\n[[filter]]\ncolumn = \"Q\"\nabove = 0\nbelow = 9";
        assert!(Mapping::parse(two).is_err_and(|error| error.to_string().contains("exactly one of")));
    }
}
