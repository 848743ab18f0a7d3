//! What one record of an upload says about a customer.

use model::{
    Channel, Identifier, IdentifierKind, Instant, Properties, Purpose, Text, TraitChange, TraitOperation,
    Value, What,
};

use crate::contact;
use crate::desk::{CLAMPED, Fault, Reason};
use crate::flat::Flat;
use crate::segment::check_event_name;
use crate::who::{self, Contact, Who};
use crate::wire::{Field, object};

object! {
    /// One record of any type.
    Record {
        kind: Field<'a> = "type",
        identity: Field<'a> = "identity",
        object_id: Field<'a> = "objectId",
        facebook_id: Field<'a> = "FBID",
        google_id: Field<'a> = "GPID",
        ts: Field<'a> = "ts",
        event: Field<'a> = "evtName",
        event_data: Flat = "evtData",
        profile: Flat = "profileData",
        token: Token<'a> = "tokenData",
    }
}

object! {
    /// `tokenData`.
    Token {
        id: Field<'a> = "id",
        kind: Field<'a> = "type",
    }
}

/// The events that CleverTap's own clients raise; uploads may not.
const SYSTEM_EVENTS: &[&str] = &[
    "Stayed",
    "Notification Clicked",
    "Notification Viewed",
    "UTM Visited",
    "Notification Sent",
    "App Launched",
    "wzrk_d",
    "App Uninstalled",
    "Notification Bounced",
    "Geocluster Entered",
    "Geocluster Exited",
];

/// CleverTap's names of what the house knows under its own: (theirs, ours).
const TRAITS: &[(&str, &str)] =
    &[("Name", "name"), ("Email", "email"), ("Phone", "phone"), ("Gender", "gender"), ("Tz", "timezone")];

/// The flags of a profile that are consents: (flag, channel, what `true` means).
const CONSENTS: &[(&str, Channel, bool)] = &[
    ("MSG-email", Channel::Email, true),
    ("MSG-sms", Channel::Sms, true),
    ("MSG-push", Channel::Push, true),
    ("MSG-whatsapp", Channel::WhatsApp, true),
    ("MSG-dndEmail", Channel::Email, false),
    ("MSG-dndPhone", Channel::Sms, false),
];

const GENDERS: &[&str] = &["m", "f", "o", "u", "male", "female", "other", "others", "unknown"];
const AGES: std::ops::RangeInclusive<i64> = 1..=120;

/// Whom a record is about and what it says.
type Says = (Vec<Identifier>, Vec<What>);

impl Record<'_> {
    /// `ts`, in epoch seconds.
    pub(super) fn at(&self) -> Result<Option<Instant>, Fault> {
        let bad = |value: &str| Fault::new(Reason::BadTime, "ts", value);
        let seconds = match &self.ts {
            Field::Missing => return Ok(None),
            Field::Whole(seconds) => *seconds,
            Field::Text(text) => text.0.trim().parse().map_err(|_| bad(&text.0))?,
            Field::Other(found) => return Err(bad(found)),
        };
        // Milliseconds, which clients send by mistake, would be tens of thousands of years away.
        if !(0..=SECONDS_MAX).contains(&seconds) {
            return Err(bad(&seconds.to_string()));
        }
        Ok(Some(Instant::from_ms(seconds * Instant::SECOND_MS)))
    }

    pub(super) fn says(self, clamped: bool) -> Result<Says, Fault> {
        let kind = self.kind.text("type")?.unwrap_or_default().to_owned();
        match &*kind {
            "event" => self.event(clamped),
            "profile" => self.profile(),
            "token" => self.token(),
            other => Err(Fault::new(Reason::UnknownType, "type", other)),
        }
    }

    /// The identifiers at the top of the record, with what the profile and token add.
    fn who(&self, contact: &Contact, token: Option<Text>) -> Result<Vec<Identifier>, Fault> {
        let mut who = Who::default();
        who.add_some(IdentifierKind::UserId, self.identity.identifier("identity")?, "identity")?;
        for (field, name, word) in [(&self.facebook_id, "FBID", "fbid"), (&self.google_id, "GPID", "gpid")] {
            who.add_some(IdentifierKind::Custom(word.into()), field.identifier(name)?, name)?;
        }
        who.add_some(IdentifierKind::Email, contact.email.clone(), "Email")?;
        who.add_some(IdentifierKind::Phone, contact.phone.clone(), "Phone")?;
        who.add_some(IdentifierKind::Device, token, "tokenData.id")?;
        who.add_some(IdentifierKind::AnonymousId, self.object_id.identifier("objectId")?, "objectId")?;
        who.finish("identity")
    }

    fn event(self, clamped: bool) -> Result<Says, Fault> {
        let who = self.who(&Contact::default(), None)?;
        let name = self.event.text("evtName")?.unwrap_or_default();
        check_event_name(name, "evtName")?;
        if SYSTEM_EVENTS.contains(&name) {
            return Err(Fault::new(Reason::ReservedName, "evtName", name));
        }
        let name = Text::from(name);
        let mut properties: Properties = self
            .event_data
            .checked("evtData")?
            .into_iter()
            .map(|(name, value)| (name, dated(value)))
            .collect();
        if clamped {
            properties.insert(CLAMPED, true);
        }
        Ok((who, vec![What::Did { name, properties }]))
    }

    fn profile(mut self) -> Result<Says, Fault> {
        let values = std::mem::take(&mut self.profile).checked("profileData")?;
        let mut changes = Vec::with_capacity(values.len());
        let mut consents = Vec::new();
        for (name, value) in values {
            match CONSENTS.iter().find(|(flag, _, _)| *flag == name) {
                Some(consent) => consents.push(consented(consent, &value)?),
                None => changes.push(change(&name, dated(value))?),
            }
        }
        let contact = Contact::of(&changes);
        let who = self.who(&contact, None)?;
        let mut what = vec![What::Traits(changes)];
        what.extend(contact.addresses());
        what.extend(consents);
        Ok((who, what))
    }

    fn token(self) -> Result<Says, Fault> {
        let token = self.token.id.identifier("tokenData.id")?;
        let token = token.ok_or_else(|| Fault::new(Reason::BadValue, "tokenData.id", "missing"))?;
        let channel = match self.token.kind.text("tokenData.type")? {
            Some("chrome" | "firefox" | "safari" | "edge" | "web") => Channel::WebPush,
            Some(_) | None => Channel::Push,
        };
        let who = self.who(&Contact::default(), Some(token.clone()))?;
        Ok((who, vec![who::live(channel, token)]))
    }
}

/// The last second of the year 9999.
const SECONDS_MAX: i64 = 253_402_300_799;

/// `$D_1468322268` is an instant, in lists too.
fn dated(value: Value) -> Value {
    match value {
        Value::Text(text) => {
            let seconds = text.strip_prefix("$D_").and_then(|digits| digits.parse::<i64>().ok());
            match seconds.filter(|seconds| (-SECONDS_MAX..=SECONDS_MAX).contains(seconds)) {
                Some(seconds) => Value::Time(Instant::from_ms(seconds * Instant::SECOND_MS)),
                None => Value::Text(text),
            }
        }
        Value::List(values) => Value::List(values.into_iter().map(dated).collect()),
        Value::Map(values) => {
            Value::Map(values.into_iter().map(|(name, value)| (name, dated(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Time(_) => value,
    }
}

/// One flattened entry of `profileData`. An operator was nested below the name: `Points.$incr`.
fn change(name: &str, value: Value) -> Result<TraitChange, Fault> {
    let (trait_name, operator) = match name.rsplit_once(".$") {
        Some((trait_name, operator)) => (trait_name, Some(operator)),
        None => (name, None),
    };
    let wrong = || Fault::new(Reason::BadValue, name, value.type_word());
    let operation = match operator {
        None if value == Value::Null => TraitOperation::Unset,
        None => TraitOperation::Set(checked(trait_name, value)?),
        Some("set") => TraitOperation::Set(value),
        Some("add") => TraitOperation::Add(listed(value)),
        Some("remove") => TraitOperation::Remove(listed(value)),
        Some("incr") => TraitOperation::Increment(value.number().ok_or_else(wrong)?),
        Some("decr") => TraitOperation::Increment(-value.number().ok_or_else(wrong)?),
        Some("delete") => TraitOperation::Unset,
        Some(_) => return Err(Fault::new(Reason::BadValue, name, "unknown operator")),
    };
    let ours =
        TRAITS.iter().find(|(theirs, _)| *theirs == trait_name).map(|(_, ours)| Text::new_static(ours));
    Ok(TraitChange { name: ours.unwrap_or_else(|| trait_name.into()), operation })
}

fn listed(value: Value) -> Vec<Value> {
    if let Value::List(values) = value { values } else { vec![value] }
}

/// The names that CleverTap checks.
fn checked(name: &str, value: Value) -> Result<Value, Fault> {
    let said = || value.text().map_or_else(|| json(&value), str::to_owned);
    let text = value.text().unwrap_or_default();
    match name {
        "Email" if contact::email(text).is_none() => Err(Fault::new(Reason::BadEmail, name, said())),
        "Phone" if contact::phone(text).is_none() => Err(Fault::new(Reason::BadPhone, name, said())),
        "Gender" if !GENDERS.contains(&&*text.to_ascii_lowercase()) => {
            Err(Fault::new(Reason::BadValue, name, said()))
        }
        "Age" if !matches!(value, Value::Int(age) if AGES.contains(&age)) => {
            Err(Fault::new(Reason::BadValue, name, said()))
        }
        _ => Ok(value),
    }
}

fn consented((flag, channel, given): &(&str, Channel, bool), value: &Value) -> Result<What, Fault> {
    let Value::Bool(said) = value else {
        return Err(Fault::new(Reason::BadValue, *flag, json(value)));
    };
    let given = said == given;
    Ok(What::Consent {
        purpose: Purpose::Marketing,
        channel: Some(*channel),
        given,
        proof: "clevertap".into(),
    })
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
