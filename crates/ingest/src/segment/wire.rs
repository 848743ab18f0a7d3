//! The wire form of one event of the Segment API, parsed without judging it.
//!
//! Every field takes any JSON, so that a wrong type is a reject that names the
//! field and not a failure of the whole body. Names are accepted in the camel
//! case of the specification and in the snake case that its older pages show.

use std::fmt;

use model::{Text, Value};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::desk::{Fault, Reason};
use crate::flat::{Flat, Str, skip_map, skip_seq};

/// A field that should be a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Field<'a> {
    /// Not there, or `null`.
    #[default]
    Missing,
    /// A text.
    Text(Str<'a>),
    /// A whole number: identifiers are sometimes sent so.
    Whole(i64),
    /// Something else of this type.
    Other(&'static str),
}

impl<'a> Field<'a> {
    /// The text, or nothing when it is missing or empty.
    pub(crate) fn text(&self, field: &'static str) -> Result<Option<&str>, Fault> {
        match self {
            Self::Missing => Ok(None),
            Self::Text(Str(text)) => Ok((!text.is_empty()).then_some(&**text)),
            Self::Whole(number) => Err(Fault::new(Reason::WrongType, field, number.to_string())),
            Self::Other(found) => Err(Fault::new(Reason::WrongType, field, found)),
        }
    }

    /// The text of an identifier; a whole number counts as its digits.
    pub(crate) fn identifier(&self, field: &'static str) -> Result<Option<Text>, Fault> {
        match self {
            Self::Whole(number) => Ok(Some(number.to_string().into())),
            Self::Missing | Self::Text(_) | Self::Other(_) => Ok(self.text(field)?.map(Text::from)),
        }
    }

    /// The value as a property; what is no text or number is left out.
    fn value(&self) -> Option<Value> {
        match self {
            Self::Text(Str(text)) if !text.is_empty() => Some(Value::Text(Text::from(&**text))),
            Self::Whole(number) => Some(Value::Int(*number)),
            Self::Text(_) | Self::Missing | Self::Other(_) => None,
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// This field, or `other` when this is missing.
    pub(crate) fn or<'f>(&'f self, other: &'f Field<'a>) -> &'f Field<'a> {
        if self.is_missing() { other } else { self }
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_unit<E>(self) -> Result<Field<'de>, E> {
        Ok(Field::Missing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field<'de>, E> {
        Ok(Field::Other("bool"))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Field<'de>, E> {
        Ok(Field::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Field<'de>, E> {
        Ok(i64::try_from(value).map_or(Field::Other("number"), Field::Whole))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field<'de>, E> {
        Ok(Field::Other("number"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Str(text.into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Str(text.to_owned().into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Field<'de>, A::Error> {
        skip_seq(seq)?;
        Ok(Field::Other("list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field<'de>, A::Error> {
        skip_map(map)?;
        Ok(Field::Other("object"))
    }
}

/// The visits of a visitor that expects an object or a list and gets something simpler.
macro_rules! simpler {
    ($value:ty, $wrong:expr) => {
        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok(Default::default())
        }
        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok($wrong("bool"))
        }
        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok($wrong("number"))
        }
        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok($wrong("number"))
        }
        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok($wrong("number"))
        }
        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok($wrong("text"))
        }
    };
}

/// Declares an object whose fields are assigned by name. Unknown names are skipped; a name that stands
/// twice counts as it stands last; what is no object has no fields and says what it is.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $($key:literal)|+),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub(crate) struct $name<'a> {
            $($(#[$field_doc])* pub(crate) $field: $type,)+
            /// The type of what stands there, when it is no object.
            pub(crate) not_an_object: Option<&'static str>,
        }

        impl<'de> Deserialize<'de> for $name<'de> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                fn wrong<'a>(found: &'static str) -> $name<'a> {
                    $name { not_an_object: Some(found), ..$name::default() }
                }
                struct ObjectVisitor;
                impl<'de> Visitor<'de> for ObjectVisitor {
                    type Value = $name<'de>;
                    simpler!($name<'de>, wrong);
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<$name<'de>, A::Error> {
                        skip_seq(seq)?;
                        Ok(wrong("list"))
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$name<'de>, A::Error> {
                        let mut object = $name::default();
                        while let Some(Str(key)) = map.next_key()? {
                            match &*key {
                                $($($key)|+ => object.$field = map.next_value()?,)+
                                _ => { map.next_value::<IgnoredAny>()?; }
                            }
                        }
                        Ok(object)
                    }
                }
                deserializer.deserialize_any(ObjectVisitor)
            }
        }

        impl FillFrom for $name<'_> {
            fn fill_from(&mut self, outer: &Self) {
                $(self.$field.fill_from(&outer.$field);)+
            }
        }
    };
}

/// How a value of an event takes what it lacks from the batch around it.
pub(crate) trait FillFrom {
    fn fill_from(&mut self, outer: &Self);
}

impl FillFrom for Field<'_> {
    fn fill_from(&mut self, outer: &Self) {
        if self.is_missing() {
            self.clone_from(outer);
        }
    }
}

impl FillFrom for Flat {
    fn fill_from(&mut self, outer: &Self) {
        for (name, value) in outer.values.iter() {
            if self.values.get(name).is_none() {
                self.values.insert(name.clone(), value.clone());
            }
        }
    }
}

object! {
    /// One event of any call.
    Event {
        kind: Field<'a> = "type" | "action",
        user_id: Field<'a> = "userId" | "user_id",
        anonymous_id: Field<'a> = "anonymousId" | "anonymous_id",
        previous_id: Field<'a> = "previousId" | "previous_id",
        group_id: Field<'a> = "groupId" | "group_id",
        name: Field<'a> = "name",
        category: Field<'a> = "category",
        event: Field<'a> = "event",
        properties: Flat = "properties",
        traits: Flat = "traits",
        context: Context<'a> = "context",
        message_id: Field<'a> = "messageId" | "message_id",
        timestamp: Field<'a> = "timestamp",
        original_timestamp: Field<'a> = "originalTimestamp" | "original_timestamp",
        sent_at: Field<'a> = "sentAt" | "sent_at",
    }
}

object! {
    /// What is kept of `context`.
    Context {
        traits: Flat = "traits",
        external_ids: ExternalIds<'a> = "externalIds",
        locale: Field<'a> = "locale",
        timezone: Field<'a> = "timezone",
        group_id: Field<'a> = "groupId",
        device: Device<'a> = "device",
        page: Page<'a> = "page",
        campaign: Campaign<'a> = "campaign",
        app: Product<'a> = "app",
        os: Product<'a> = "os",
        consent: Flat = "consent",
    }
}

object! {
    /// `context.device`.
    Device {
        token: Field<'a> = "token",
        kind: Field<'a> = "type",
        model: Field<'a> = "model",
    }
}

object! {
    /// `context.page`.
    Page {
        url: Field<'a> = "url",
        path: Field<'a> = "path",
        title: Field<'a> = "title",
        referrer: Field<'a> = "referrer",
    }
}

object! {
    /// `context.campaign`.
    Campaign {
        name: Field<'a> = "name",
        source: Field<'a> = "source",
        medium: Field<'a> = "medium",
        term: Field<'a> = "term",
        content: Field<'a> = "content",
    }
}

object! {
    /// `context.app` and `context.os`.
    Product {
        name: Field<'a> = "name",
        version: Field<'a> = "version",
    }
}

object! {
    /// One entry of `context.externalIds`.
    ExternalId {
        id: Field<'a> = "id",
        kind: Field<'a> = "type",
        collection: Field<'a> = "collection",
    }
}

/// `context.externalIds`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ExternalIds<'a>(pub(crate) Vec<ExternalId<'a>>);

impl FillFrom for ExternalIds<'_> {
    fn fill_from(&mut self, outer: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&outer.0);
        }
    }
}

impl<'de> Deserialize<'de> for ExternalIds<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'de> Visitor<'de> for ListVisitor {
            type Value = ExternalIds<'de>;
            simpler!(ExternalIds<'de>, |_| ExternalIds::default());
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ExternalIds<'de>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(ExternalIds(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExternalIds<'de>, A::Error> {
                skip_map(map)?;
                Ok(ExternalIds::default())
            }
        }
        deserializer.deserialize_any(ListVisitor)
    }
}

impl Context<'_> {
    /// The context that is kept as properties of the event. `docs/ingest.md` lists it.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (Text, Value)> {
        [
            ("context.locale", &self.locale),
            ("context.timezone", &self.timezone),
            ("context.group_id", &self.group_id),
            ("context.device.type", &self.device.kind),
            ("context.device.model", &self.device.model),
            ("context.page.url", &self.page.url),
            ("context.page.path", &self.page.path),
            ("context.page.title", &self.page.title),
            ("context.page.referrer", &self.page.referrer),
            ("context.campaign.name", &self.campaign.name),
            ("context.campaign.source", &self.campaign.source),
            ("context.campaign.medium", &self.campaign.medium),
            ("context.campaign.term", &self.campaign.term),
            ("context.campaign.content", &self.campaign.content),
            ("context.app.name", &self.app.name),
            ("context.app.version", &self.app.version),
            ("context.os.name", &self.os.name),
            ("context.os.version", &self.os.version),
        ]
        .into_iter()
        .filter_map(|(name, field)| Some((Text::new_static(name), field.value()?)))
    }
}

object! {
    /// Any body, as far as it names its sender.
    Keyed {
        write_key: Field<'a> = "writeKey" | "write_key",
    }
}
