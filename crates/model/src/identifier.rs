//! What names a customer, and where a channel reaches one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Text;

/// A text that is no identifier, channel, purpose or customer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}. value=`{value}`")]
pub struct BadIdentifier {
    /// What was expected, with its article and an example.
    pub expected: &'static str,
    /// What stood there.
    pub value: Text,
}

impl BadIdentifier {
    pub(crate) fn customer(value: &str) -> Self {
        Self { expected: "a customer id like `c2a1`", value: value.into() }
    }
}

/// How an identifier names its customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IdentifierKind {
    /// The brand's own id of a known person. Two user ids are two people, until somebody says otherwise.
    UserId,
    /// A browser's or installation's id before the person is known.
    AnonymousId,
    /// An e-mail address, lower case.
    Email,
    /// A telephone number, E.164.
    Phone,
    /// A device's push token.
    Device,
    /// Anything else a brand knows people by: a loyalty card, a LINE user id.
    Custom(Text),
}

impl IdentifierKind {
    /// The word in API and console: `user_id`, `anonymous_id`, `email`, `phone`, `device`, or the custom word.
    pub fn word(&self) -> &str {
        match self {
            Self::UserId => "user_id",
            Self::AnonymousId => "anonymous_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Device => "device",
            Self::Custom(word) => word,
        }
    }

    /// The kind behind a word; a word that is none of ours is a custom kind.
    pub fn from_word(word: &str) -> Self {
        match word {
            "user_id" => Self::UserId,
            "anonymous_id" => Self::AnonymousId,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "device" => Self::Device,
            custom => Self::Custom(custom.into()),
        }
    }
}

/// A (kind, value) that names a customer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// How it names.
    pub kind: IdentifierKind,
    /// What it says, already normalised.
    pub value: Text,
}

impl Identifier {
    /// An identifier of any kind.
    pub fn new(kind: IdentifierKind, value: impl Into<Text>) -> Self {
        Self { kind, value: value.into() }
    }

    /// The brand's own id of a known person.
    pub fn user(value: impl Into<Text>) -> Self {
        Self::new(IdentifierKind::UserId, value)
    }

    /// A browser's or installation's id.
    pub fn anonymous(value: impl Into<Text>) -> Self {
        Self::new(IdentifierKind::AnonymousId, value)
    }
}

/// `kind:value`, as in `user_id:42`.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.value)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Identifier {
    type Err = BadIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((kind, value)) if !kind.is_empty() && !value.is_empty() => {
                Ok(Self::new(IdentifierKind::from_word(kind), value))
            }
            Some(_) | None => {
                Err(BadIdentifier { expected: "an identifier like `user_id:42`", value: text.into() })
            }
        }
    }
}

/// Declares an enum whose variants have one word each, the same in code, API, SQL and console.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $expected:literal, { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them, in the order of the glossary.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in API, console and documents.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.word()) }
        }

        impl FromStr for $name {
            type Err = BadIdentifier;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|each| each.word() == text)
                    .ok_or_else(|| BadIdentifier { expected: $expected, value: text.into() })
            }
        }
    };
}

pub(crate) use words;

words! {
    /// A way to reach somebody.
    Channel, "a channel (push, webpush, email, sms, inapp, inbox, whatsapp, line, messenger, voice, video, webhook)", {
        Push = "push", WebPush = "webpush", Email = "email", Sms = "sms", InApp = "inapp", Inbox = "inbox",
        WhatsApp = "whatsapp", Line = "line", Messenger = "messenger", Voice = "voice", Video = "video",
        Webhook = "webhook",
    }
}

words! {
    /// Why we would contact somebody or process what we know of them.
    Purpose, "a purpose (marketing, transactional, security, service, research, location)", {
        /// Advertising: needs a consent; never sent twice.
        Marketing = "marketing",
        /// Part of a deal the customer made (a receipt, a shipping note); never lost.
        Transactional = "transactional",
        /// Protects the account (a code, an alarm); never lost.
        Security = "security",
        /// About an open matter of the customer.
        Service = "service",
        /// Surveys and interviews.
        Research = "research",
        /// Using where the customer is.
        Location = "location",
    }
}

words! {
    /// What is known of an address.
    AddressState, "an address state (live, bounced, complained, unregistered)", {
        /// Nothing speaks against it.
        Live = "live",
        /// The provider says that it does not exist.
        Bounced = "bounced",
        /// Its owner called us a nuisance.
        Complained = "complained",
        /// Its owner or device gave it up.
        Unregistered = "unregistered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_reads_what_it_prints() {
        for text in ["user_id:42", "email:a@example.com", "loyalty_card:a:b"] {
            assert_eq!(text.parse::<Identifier>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_wrong_word_names_the_right_ones() {
        let error = "mail".parse::<Channel>().map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("email") && text.ends_with("value=`mail`")));
    }
}
