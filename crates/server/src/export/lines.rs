//! The lines of an export: events and customers in the shape of the Segment API, the ledger in its own.

use std::collections::BTreeMap;
use std::io::{self, Write};

use model::{Channel, CustomerId, Identifier, IdentifierKind, Instant, Properties, Purpose, Text, Value};
use people::Profile;
use serde::Serialize;

/// An event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventLine<'l> {
    pub(super) r#type: &'static str,
    pub(super) message_id: String,
    #[serde(flatten)]
    pub(super) who: &'l Who,
    pub(super) event: &'l str,
    pub(super) timestamp: Instant,
    pub(super) properties: Properties,
}

/// A customer as they are now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerLine {
    r#type: &'static str,
    message_id: String,
    #[serde(flatten)]
    who: Who,
    timestamp: Instant,
    traits: BTreeMap<Text, Value>,
    /// What the shape of the Segment API has no place for; an import does not read it.
    consents: Vec<ConsentLine>,
}

#[derive(Serialize)]
struct ConsentLine {
    purpose: Purpose,
    channel: Option<Channel>,
    given: bool,
    at: Instant,
    proof: Text,
}

/// A row of the ledger.
#[derive(Serialize)]
pub(super) struct MessageLine<'l> {
    pub(super) at: Instant,
    pub(super) what: &'l str,
    #[serde(flatten)]
    pub(super) who: &'l Who,
    #[serde(flatten)]
    pub(super) properties: Properties,
}

/// Who it is about.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Who {
    customer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous_id: Option<Text>,
    #[serde(skip_serializing_if = "Surroundings::is_empty")]
    context: Surroundings,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Surroundings {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_ids: Vec<ExternalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Preferences>,
}

impl Surroundings {
    fn is_empty(&self) -> bool {
        self.external_ids.is_empty() && self.consent.is_none()
    }
}

#[derive(Debug, Clone, Serialize)]
struct ExternalId {
    id: Text,
    r#type: Text,
    collection: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Preferences {
    category_preferences: BTreeMap<Purpose, bool>,
}

impl Who {
    /// One name only: it is enough to find the customer again, and stands in every line. Other tools know those of the
    /// two first kinds.
    pub(super) fn briefly(customer: CustomerId, profile: Option<&Profile>) -> Self {
        let identifiers = profile.map_or(&[][..], |profile| &profile.identifiers);
        let of = |kind: &IdentifierKind| identifiers.iter().find(|identifier| identifier.kind == *kind);
        let known = of(&IdentifierKind::UserId).or_else(|| of(&IdentifierKind::AnonymousId));
        Self::named(customer, known.or(identifiers.first()))
    }

    fn named<'i>(customer: CustomerId, identifiers: impl IntoIterator<Item = &'i Identifier>) -> Self {
        let mut who = Self {
            customer: customer.to_string(),
            user_id: None,
            anonymous_id: None,
            context: Surroundings::default(),
        };
        for Identifier { kind, value } in identifiers {
            let place = match kind {
                IdentifierKind::UserId => Some(&mut who.user_id),
                IdentifierKind::AnonymousId => Some(&mut who.anonymous_id),
                IdentifierKind::Email
                | IdentifierKind::Phone
                | IdentifierKind::Device
                | IdentifierKind::Custom(_) => None,
            };
            match place {
                Some(place @ None) => *place = Some(value.clone()),
                Some(Some(_)) | None => who.context.external_ids.push(ExternalId {
                    id: value.clone(),
                    r#type: kind.word().into(),
                    collection: "users",
                }),
            }
        }
        who
    }
}

impl CustomerLine {
    pub(super) fn new(message_id: String, profile: &Profile) -> Self {
        let mut who = Who::named(profile.customer, &profile.identifiers);
        let everywhere = profile.consents.iter().filter(|consent| consent.channel.is_none());
        let preferences: BTreeMap<Purpose, bool> =
            everywhere.map(|consent| (consent.purpose, consent.given)).collect();
        if !preferences.is_empty() {
            who.context.consent = Some(Preferences { category_preferences: preferences });
        }
        // When the last of it was said: as of then and later it is what it is here.
        let said_at =
            profile.traits.iter().map(|each| each.at).chain(profile.consents.iter().map(|each| each.at));
        let said = |each: &people::Trait| Some((each.name.clone(), each.value.clone()?));
        let consents = profile.consents.iter().map(|consent| ConsentLine {
            purpose: consent.purpose,
            channel: consent.channel,
            given: consent.given,
            at: consent.at,
            proof: consent.proof.clone(),
        });
        Self {
            r#type: "identify",
            message_id,
            who,
            timestamp: said_at.max().map_or(profile.first_seen, |at| at.max(profile.first_seen)),
            traits: profile.traits.iter().filter_map(said).collect(),
            consents: consents.collect(),
        }
    }
}

/// Writes one line.
pub(super) fn write_line(sink: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *sink, line)?;
    sink.write_all(b"\n")
}
