//! The identifiers and addresses that a record brings, checked and in order of strength.

use model::{
    AddressState, Channel, Identifier, IdentifierKind, Text, TraitChange, TraitOperation, Value, What,
};

use crate::contact;
use crate::desk::{Fault, Reason};
use crate::limits;

/// What clients print when they have no identifier. As an identifier it would make many people one.
const PLACEHOLDERS: &[&str] =
    &["null", "undefined", "none", "nil", "nan", "[object object]", "anonymous", "-1"];

/// Whom a record is about: identifiers, the strongest first, each once.
#[derive(Debug, Default)]
pub(crate) struct Who(Vec<Identifier>);

impl Who {
    /// Adds an identifier that came in `field`.
    pub(crate) fn add(
        &mut self,
        kind: IdentifierKind,
        value: Text,
        field: &'static str,
    ) -> Result<(), Fault> {
        check(&value, field)?;
        let identifier = Identifier::new(kind, value);
        if self.0.contains(&identifier) {
            return Ok(());
        }
        if self.0.len() == limits::IDENTIFIERS_MAX {
            return Err(Fault::new(Reason::TooMany, field, &identifier.value));
        }
        self.0.push(identifier);
        Ok(())
    }

    /// Adds an identifier, when there is one.
    pub(crate) fn add_some(
        &mut self,
        kind: IdentifierKind,
        value: Option<Text>,
        field: &'static str,
    ) -> Result<(), Fault> {
        value.map_or(Ok(()), |value| self.add(kind, value, field))
    }

    /// All of them; `missing` names the field to send when there are none.
    pub(crate) fn finish(self, missing: impl Into<Text>) -> Result<Vec<Identifier>, Fault> {
        if self.0.is_empty() {
            return Err(Fault::new(Reason::NoIdentifier, missing, "missing"));
        }
        Ok(self.0)
    }
}

/// Faults a text that cannot be an identifier.
pub(crate) fn check(value: &str, field: &'static str) -> Result<(), Fault> {
    if value.len() > limits::IDENTIFIER_BYTES_MAX {
        return Err(Fault::new(Reason::TooLong, field, value));
    }
    if PLACEHOLDERS.iter().any(|placeholder| value.trim().eq_ignore_ascii_case(placeholder)) {
        return Err(Fault::new(Reason::PlaceholderIdentifier, field, value));
    }
    Ok(())
}

/// How traits reach a person: the e-mail address and telephone number among them, in their one form.
#[derive(Debug, Default)]
pub(crate) struct Contact {
    pub(crate) email: Option<Text>,
    pub(crate) phone: Option<Text>,
}

impl Contact {
    /// Finds `email` and `phone` among changes of traits. What is neither stays a trait and reaches nobody.
    pub(crate) fn of(changes: &[TraitChange]) -> Self {
        let find = |name: &str| {
            changes.iter().rev().find(|change| change.name == name).and_then(|change| {
                match &change.operation {
                    TraitOperation::Set(value) => value.text(),
                    TraitOperation::Unset
                    | TraitOperation::Increment(_)
                    | TraitOperation::Add(_)
                    | TraitOperation::Remove(_) => None,
                }
            })
        };
        Self { email: find("email").and_then(contact::email), phone: find("phone").and_then(contact::phone) }
    }

    /// The addresses that it says are live. One number is reached by SMS and by voice.
    pub(crate) fn addresses(self) -> impl Iterator<Item = What> {
        let email = self.email.map(|address| live(Channel::Email, address));
        let phone = self.phone.map(|address| live(Channel::Sms, address));
        email.into_iter().chain(phone)
    }
}

/// An address against which nothing speaks.
pub(crate) fn live(channel: Channel, address: Text) -> What {
    What::Address { channel, address, state: AddressState::Live }
}

/// The changes that named values make to traits: `null` unsets.
pub(crate) fn changes(values: model::Properties) -> Vec<TraitChange> {
    let change = |(name, value)| {
        let operation = if value == Value::Null { TraitOperation::Unset } else { TraitOperation::Set(value) };
        TraitChange { name, operation }
    };
    values.into_iter().map(change).collect()
}
