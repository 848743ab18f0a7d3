//! Customers as the API shows them, and how a path or query names one.

use api::customers::{self as contract, CustomerSummary};
use api::{Problem, Word};
use model::{CustomerId, Identifier, IdentifierKind, MessageId, Value};
use people::Profile;

use super::caller::Caller;
use super::failure::Failure;
use crate::campaigns::Whose;
use crate::engine::World;

/// The profile of the customer that `raw` names: a customer id, or an identifier like `user_id:42`.
pub(super) async fn find(caller: &Caller, raw: &str) -> Result<std::sync::Arc<Profile>, Failure> {
    let name = name(raw)?;
    let found = caller
        .engine()
        .ask(move |world| {
            let customer = match name {
                Name::Id(customer) => Some(customer),
                Name::Identifier(identifier) => world.people.find(&identifier)?,
            };
            customer.map_or(Ok(None), |customer| world.people.profile(customer))
        })
        .await??;
    found.ok_or_else(|| {
        let problem = Problem::not_found("no customer of this name is known").field("id").value(raw);
        Failure::of(problem.fix("search for the customer; it may have been erased"))
    })
}

/// Profiles in the order of `customers`; who was erased in the meantime is left out.
pub(super) fn profiles(
    world: &World,
    customers: &[CustomerId],
) -> Result<Vec<std::sync::Arc<Profile>>, people::Error> {
    let each = customers.iter().filter_map(|customer| world.people.profile(*customer).transpose());
    each.collect()
}

/// Whose a message is now; nobody's when its customer was erased.
pub(super) fn whose(world: &World, message: MessageId) -> Result<Option<Whose>, people::Error> {
    let profile = world.people.profile(message.customer)?;
    Ok(profile.map(|profile| Whose { message, customer: profile.customer, label: label(&profile) }))
}

/// A customer id or an identifier.
enum Name {
    Id(CustomerId),
    Identifier(Identifier),
}

fn name(raw: &str) -> Result<Name, Failure> {
    let identifier = match raw.parse::<Identifier>() {
        Ok(identifier) => identifier,
        Err(_) => {
            return raw.parse().map(Name::Id).map_err(|_| {
                let problem = Problem::invalid("id", "not a customer").value(raw);
                Failure::of(problem.fix("use a customer id like `c2a1`, or an identifier like `user_id:42`"))
            });
        }
    };
    let normal = match identifier.kind {
        IdentifierKind::Email => ::ingest::email(&identifier.value),
        IdentifierKind::Phone => ::ingest::phone(&identifier.value),
        IdentifierKind::UserId
        | IdentifierKind::AnonymousId
        | IdentifierKind::Device
        | IdentifierKind::Custom(_) => None,
    };
    Ok(Name::Identifier(match normal {
        Some(value) => Identifier { value, ..identifier },
        None => identifier,
    }))
}

/// What to call a customer on screen: the name, else the strongest identifier, else the id.
pub(super) fn label(profile: &Profile) -> String {
    let text = |name: &str| profile.value(name).and_then(Value::text).filter(|text| !text.trim().is_empty());
    if let Some(name) = text("name") {
        return name.to_owned();
    }
    let parts = [["firstName", "lastName"], ["first_name", "last_name"]];
    let found = parts.iter().map(|names| names.iter().filter_map(|name| text(name)).collect::<Vec<_>>());
    if let Some(parts) = found.into_iter().find(|parts| !parts.is_empty()) {
        return parts.join(" ");
    }
    profile.name().map_or_else(|| profile.customer.to_string(), |identifier| identifier.value.to_string())
}

/// The value of the first identifier of a kind.
pub(super) fn identifier<'p>(profile: &'p Profile, kind: &IdentifierKind) -> Option<&'p str> {
    let found = profile.identifiers.iter().find(|identifier| identifier.kind == *kind);
    found.map(|identifier| identifier.value.as_str())
}

/// How many events a profile counts.
pub(super) fn events(profile: &Profile) -> u64 {
    profile.events.iter().map(|event| event.count).sum()
}

/// A customer in a list.
pub(super) fn summary(profile: &Profile) -> CustomerSummary {
    CustomerSummary {
        id: Word(profile.customer),
        label: label(profile),
        email: identifier(profile, &IdentifierKind::Email).map(ToOwned::to_owned),
        identifier: profile.name().map(ToString::to_string),
        events: events(profile),
        first_seen: Some(Word(profile.first_seen)),
        last_seen: Some(Word(profile.last_seen)),
    }
}

/// One customer in full; `audiences` are those the customer is in now.
pub(super) fn customer(profile: &Profile, audiences: Vec<String>) -> contract::Customer {
    let traits = profile.traits.iter().filter_map(|each| Some((each.name.clone(), each.value.clone()?)));
    contract::Customer {
        id: Word(profile.customer),
        label: label(profile),
        identifiers: profile.identifiers.iter().map(shown_identifier).collect(),
        traits: traits.collect(),
        language: profile.locale().map(ToOwned::to_owned),
        time_zone: profile.time_zone().map(ToOwned::to_owned),
        addresses: profile.addresses.iter().map(shown_address).collect(),
        consents: profile.consents.iter().map(shown_consent).collect(),
        topics: profile.topics.iter().map(shown_topic).collect(),
        audiences,
        events: events(profile),
        first_seen: Some(Word(profile.first_seen)),
        last_seen: Some(Word(profile.last_seen)),
        blocked: profile.blocked(),
        merged: profile
            .history
            .iter()
            .filter(|note| note.undone_at.is_none())
            .map(|note| contract::Merged {
                customer: Word(note.absorbed),
                by: note.by.to_string(),
                at: Word(note.at),
            })
            .collect(),
    }
}

fn shown_identifier(identifier: &Identifier) -> contract::Identifier {
    contract::Identifier { kind: identifier.kind.word().to_owned(), value: identifier.value.to_string() }
}

fn shown_address(address: &people::Address) -> contract::Address {
    contract::Address {
        channel: Word(address.channel),
        address: address.address.to_string(),
        state: Word(address.state),
        since: Some(Word(address.at)),
    }
}

fn shown_consent(consent: &people::Consent) -> contract::Consent {
    contract::Consent {
        purpose: Word(consent.purpose),
        channel: consent.channel.map(Word),
        given: consent.given,
        at: Word(consent.at),
        proof: consent.proof.to_string(),
    }
}

fn shown_topic(topic: &people::Topic) -> contract::Topic {
    contract::Topic { topic: topic.name.to_string(), subscribed: topic.subscribed, at: Word(topic.at) }
}
