//! How records are parsed without judging them: every field takes any JSON, so that a wrong type is a
//! reject that names the field and not a failure of the whole body.

use std::fmt;

use model::{Text, Value};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::desk::{Fault, Reason};
use crate::flat::{Str, skip_map, skip_seq};

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
    pub(crate) fn value(&self) -> Option<Value> {
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

        impl<'de> serde::Deserialize<'de> for $name<'de> {
            fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                fn wrong<'a>(found: &'static str) -> $name<'a> {
                    $name { not_an_object: Some(found), ..$name::default() }
                }
                struct ObjectVisitor;
                impl<'de> serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $name<'de>;
                    $crate::wire::simpler!($name<'de>, wrong);
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<$name<'de>, A::Error> {
                        $crate::flat::skip_seq(seq)?;
                        Ok(wrong("list"))
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name<'de>, A::Error> {
                        let mut object = $name::default();
                        while let Some($crate::flat::Str(key)) = map.next_key()? {
                            match &*key {
                                $($($key)|+ => object.$field = map.next_value()?,)+
                                _ => { map.next_value::<serde::de::IgnoredAny>()?; }
                            }
                        }
                        Ok(object)
                    }
                }
                deserializer.deserialize_any(ObjectVisitor)
            }
        }
    };
}

pub(crate) use {object, simpler};
