//! The words of `model` as they stand in JSON: one text each, read and written by the type's own parser.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// A value of `model` that is one text in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word<T>(pub T);

/// An instant: RFC 3339, UTC, milliseconds.
pub type Time = Word<model::Instant>;
/// A customer's id.
pub type Customer = Word<model::CustomerId>;
/// A message's id, which is also its send key.
pub type Message = Word<model::MessageId>;
/// A channel.
pub type Channel = Word<model::Channel>;
/// A purpose.
pub type Purpose = Word<model::Purpose>;
/// What a console user or token may do.
pub type Role = Word<model::Role>;
/// What is known of an address.
pub type AddressState = Word<model::AddressState>;

/// What the contract says of a [`Word`].
pub trait Described: Display + FromStr<Err: Display> {
    /// The schema's name.
    const NAME: &'static str;
    /// What it means.
    const MEANING: &'static str;
    /// One of them.
    const EXAMPLE: &'static str;

    /// All of them, when they are few; empty otherwise.
    fn all() -> Vec<String> {
        Vec::new()
    }

    /// How the text is formed, when there is a name for that.
    fn format() -> Option<KnownFormat> {
        None
    }
}

impl Described for model::Instant {
    const NAME: &'static str = "Time";
    const MEANING: &'static str =
        "An instant: RFC 3339, UTC, milliseconds. Any offset is understood on input.";
    const EXAMPLE: &'static str = "2026-01-31T12:00:00.000Z";

    fn format() -> Option<KnownFormat> {
        Some(KnownFormat::DateTime)
    }
}

impl Described for model::CustomerId {
    const NAME: &'static str = "CustomerId";
    const MEANING: &'static str = "A customer's id, stable for ever.";
    const EXAMPLE: &'static str = "c2a1";
}

impl Described for model::MessageId {
    const NAME: &'static str = "MessageId";
    const MEANING: &'static str = "A message's id: campaign, customer, occurrence.";
    const EXAMPLE: &'static str = "m7-c2a1-0";
}

/// Describes an enum of `model` whose variants are words.
macro_rules! described_words {
    ($($type:ident, $meaning:literal, $example:literal;)+) => {
        $(impl Described for model::$type {
            const NAME: &'static str = stringify!($type);
            const MEANING: &'static str = $meaning;
            const EXAMPLE: &'static str = $example;

            fn all() -> Vec<String> {
                Self::ALL.iter().map(ToString::to_string).collect()
            }
        })+
    };
}

described_words! {
    Channel, "A way to reach somebody.", "email";
    Purpose, "Why we would contact somebody or process what we know of them.", "marketing";
    Role, "What a console user or token may do; each may do all that those before it may.", "marketer";
    AddressState, "What is known of an address.", "live";
}

impl<T> From<T> for Word<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Display> Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Display> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl<T: Described> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        let all = T::all();
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .description(Some(T::MEANING))
            .format(T::format().map(SchemaFormat::KnownFormat))
            .examples([T::EXAMPLE])
            .enum_values((!all.is_empty()).then_some(all))
            .into()
    }
}

impl<T: Described> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_text_in_json() {
        let time: Time = serde_json::from_str("\"2011-12-10T09:00:00+09:00\"").unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"2011-12-10T00:00:00.000Z\"");
        assert_eq!(serde_json::from_str::<Channel>("\"email\"").unwrap(), Word(model::Channel::Email));
    }

    #[test]
    fn a_wrong_word_says_what_was_expected() {
        let error = serde_json::from_str::<Customer>("\"42\"").unwrap_err().to_string();
        assert!(error.contains("a customer id like `c2a1`"), "{error}");
    }
}
