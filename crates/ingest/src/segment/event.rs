//! What one event of the Segment API says about a customer.

use model::stream::message;
use model::{
    Channel, Identifier, IdentifierKind, Instant, Properties, Purpose, Text, TraitChange, TraitOperation,
    Value, What,
};

use super::wire::{Context, Event};
use crate::clock::{Believable, Clock};
use crate::contact;
use crate::desk::{CLAMPED, Fault, Reason};
use crate::limits;
use crate::who::{self, Contact, Who};
use crate::wire::Field;

/// The type of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Track,
    Identify,
    Page,
    Screen,
    Group,
    Alias,
}

impl Kind {
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "track" => Some(Self::Track),
            "identify" => Some(Self::Identify),
            "page" => Some(Self::Page),
            "screen" => Some(Self::Screen),
            "group" => Some(Self::Group),
            "alias" => Some(Self::Alias),
            _ => None,
        }
    }
}

/// What an event says, about whom and when: a fact without its id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) at: Instant,
    pub(crate) clamped: bool,
    pub(crate) who: Vec<Identifier>,
    pub(crate) what: Vec<What>,
}

impl Event<'_> {
    /// Judges the whole event.
    pub(super) fn statement(
        self,
        kind: Kind,
        clock: Clock,
        received_at: Instant,
    ) -> Result<Statement, Fault> {
        if let Some(found) = self.context.not_an_object {
            return Err(Fault::new(Reason::WrongType, "context", found));
        }
        let Believable { at, clamped } = self.at(clock, received_at)?;
        let mut event = self;
        let changes = event.trait_changes(kind)?;
        let contact = Contact::of(&changes);
        let token = event.context.device.token.identifier("context.device.token")?;
        let who = event.who(kind, &contact, token.clone())?;
        let mut what = Vec::with_capacity(2);
        event.push_what(kind, clamped, &mut what)?;
        if !changes.is_empty() || kind == Kind::Identify {
            what.push(What::Traits(changes));
        }
        what.extend(contact.addresses());
        event.push_consents(&mut what)?;
        what.extend(token.map(|token| who::live(push_channel(&event.context), token)));
        Ok(Statement { at, clamped, who, what })
    }

    fn who(&self, kind: Kind, contact: &Contact, token: Option<Text>) -> Result<Vec<Identifier>, Fault> {
        let mut who = Who::default();
        who.add_some(IdentifierKind::UserId, self.user_id.identifier("userId")?, "userId")?;
        for external in &self.context.external_ids.0 {
            add_external(&mut who, external)?;
        }
        who.add_some(IdentifierKind::Email, contact.email.clone(), "email")?;
        who.add_some(IdentifierKind::Phone, contact.phone.clone(), "phone")?;
        who.add_some(IdentifierKind::Device, token, "context.device.token")?;
        who.add_some(
            IdentifierKind::AnonymousId,
            self.anonymous_id.identifier("anonymousId")?,
            "anonymousId",
        )?;
        match kind {
            Kind::Alias => who.finish("userId"),
            Kind::Track | Kind::Identify | Kind::Page | Kind::Screen | Kind::Group => {
                who.finish("anonymousId")
            }
        }
    }

    /// What changes about the person: the traits of an `identify`, those that any context carries, and the
    /// group of a `group`.
    fn trait_changes(&mut self, kind: Kind) -> Result<Vec<TraitChange>, Fault> {
        let mut values = std::mem::take(&mut self.context.traits).checked("context.traits")?;
        if kind == Kind::Identify {
            for (name, value) in std::mem::take(&mut self.traits).checked("traits")? {
                values.insert(name, value);
            }
            for (name, field) in [("locale", &self.context.locale), ("timezone", &self.context.timezone)] {
                if let (None, Some(text)) = (values.get(name), field.text(name)?) {
                    values.insert(name, Text::from(text));
                }
            }
        }
        let mut changes = who::changes(values);
        if kind == Kind::Group {
            let group = self
                .group_id
                .identifier("groupId")?
                .ok_or_else(|| Fault::new(Reason::NoIdentifier, "groupId", "missing"))?;
            changes
                .push(TraitChange { name: "group_id".into(), operation: TraitOperation::Set(group.into()) });
        }
        Ok(changes)
    }

    fn push_what(&mut self, kind: Kind, clamped: bool, what: &mut Vec<What>) -> Result<(), Fault> {
        let (name, properties) = match kind {
            Kind::Identify => return Ok(()),
            Kind::Alias => {
                what.push(What::Alias { previous: self.previous()? });
                return Ok(());
            }
            Kind::Track => (self.event_name()?, self.own_properties()?),
            Kind::Page => (Text::new_static("page"), self.page_properties()?),
            Kind::Screen => (Text::new_static("screen"), self.page_properties()?),
            Kind::Group => (Text::new_static("group"), self.group_properties()?),
        };
        let mut properties = properties;
        for (name, value) in self.context.properties() {
            properties.insert(name, value);
        }
        if clamped {
            properties.insert(CLAMPED, true);
        }
        what.push(What::Did { name, properties });
        Ok(())
    }

    /// `context.consent.categoryPreferences`: a yes or no to each category that is one of our purposes.
    fn push_consents(&mut self, what: &mut Vec<What>) -> Result<(), Fault> {
        const FIELD: &str = "context.consent";
        for (name, value) in std::mem::take(&mut self.context.consent).checked(FIELD)? {
            let Some(purpose) = name.strip_prefix("categoryPreferences.").and_then(purpose) else { continue };
            let Value::Bool(given) = value else {
                return Err(Fault::new(Reason::WrongType, FIELD, &name));
            };
            what.push(What::Consent { purpose, channel: None, given, proof: "sdk".into() });
        }
        Ok(())
    }

    fn event_name(&self) -> Result<Text, Fault> {
        let name = self.event.text("event")?.ok_or_else(|| Fault::new(Reason::NoName, "event", "missing"))?;
        check_event_name(name, "event")?;
        Ok(name.into())
    }

    fn own_properties(&mut self) -> Result<Properties, Fault> {
        std::mem::take(&mut self.properties).checked("properties")
    }

    /// The properties of a page or screen, with its name and category among them.
    fn page_properties(&mut self) -> Result<Properties, Fault> {
        let mut properties = self.own_properties()?;
        for (name, field) in [("name", &self.name), ("category", &self.category)] {
            if let Some(text) = field.text(name)? {
                properties.insert(name, text);
            }
        }
        Ok(properties)
    }

    /// The traits of a group describe the group, not the person, so they stay with the event.
    fn group_properties(&mut self) -> Result<Properties, Fault> {
        let mut properties = std::mem::take(&mut self.traits).checked("traits")?;
        if let Some(group) = self.group_id.identifier("groupId")? {
            properties.insert("group_id", group);
        }
        Ok(properties)
    }

    /// The previous name: an e-mail address when it is one, else the anonymous id, as the SDKs use it.
    fn previous(&self) -> Result<Identifier, Fault> {
        let previous = self
            .previous_id
            .identifier("previousId")?
            .ok_or_else(|| Fault::new(Reason::NoIdentifier, "previousId", "missing"))?;
        who::check(&previous, "previousId")?;
        Ok(match contact::email(&previous) {
            Some(email) => Identifier::new(IdentifierKind::Email, email),
            None => Identifier::anonymous(previous),
        })
    }
}

/// The purpose that a consent category stands for: its own word, or `advertising` for marketing.
fn purpose(category: &str) -> Option<Purpose> {
    let category = category.to_ascii_lowercase();
    if category == "advertising" { Some(Purpose::Marketing) } else { category.parse().ok() }
}

/// Faults a name that an event cannot have.
pub(crate) fn check_event_name(name: &str, field: &'static str) -> Result<(), Fault> {
    if name.is_empty() {
        Err(Fault::new(Reason::NoName, field, "empty"))
    } else if name.len() > limits::NAME_BYTES_MAX {
        Err(Fault::new(Reason::TooLong, field, name))
    } else if name.starts_with(message::PREFIX) {
        Err(Fault::new(Reason::ReservedName, field, name))
    } else {
        Ok(())
    }
}

/// A custom identifier of a user; ids of other collections (accounts …) do not name people.
fn add_external(who: &mut Who, external: &super::wire::ExternalId<'_>) -> Result<(), Fault> {
    const FIELD: &str = "context.externalIds";
    let collection = external.collection.text(FIELD)?.unwrap_or("users");
    let (id, kind) = (external.id.identifier(FIELD)?, external.kind.text(FIELD)?);
    match (id, kind) {
        (Some(id), Some(kind)) if collection == "users" => {
            if kind.len() > limits::NAME_BYTES_MAX {
                return Err(Fault::new(Reason::TooLong, FIELD, kind));
            }
            who.add(IdentifierKind::from_word(kind), id, FIELD)
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// A token of a browser is reached by web push, every other by push.
fn push_channel(context: &Context<'_>) -> Channel {
    let browser =
        |field: &Field<'_>| matches!(field, Field::Text(kind) if matches!(&*kind.0, "web" | "browser"));
    if browser(&context.device.kind) { Channel::WebPush } else { Channel::Push }
}
