//! What people say about being contacted: consents, topics, and to be left alone.
//!
//! Every statement is a row, also one that repeats an earlier one: it is evidence.

use model::{CustomerId, Instant, Properties, Text, Value, stream};

use crate::TOPICS_MAX;
use crate::folded::Reason;
use crate::profile::{Block, Consent, Profile, Topic};
use crate::telling::Telling;

/// Takes in a yes or no to a purpose.
pub(crate) fn consent(profile: &mut Profile, consent: Consent, telling: &mut Telling<'_>) {
    consent_row(profile.customer, &consent, telling);
    tell_consent(&mut profile.consents, consent);
}

/// The last word per purpose and channel. A word about all channels replaces the earlier ones about each.
pub(crate) fn tell_consent(consents: &mut Vec<Consent>, consent: Consent) {
    let covered = |it: &Consent| {
        it.purpose == consent.purpose && (it.channel.is_none() || it.channel == consent.channel)
    };
    if consents.iter().any(|it| covered(it) && it.at > consent.at) {
        return;
    }
    consents.retain(|it| {
        let covers = consent.channel.is_none() || it.channel == consent.channel;
        it.purpose != consent.purpose || !covers || it.at > consent.at
    });
    let place = consents.partition_point(|it| (it.purpose, it.channel) < (consent.purpose, consent.channel));
    consents.insert(place, consent);
}

pub(crate) fn consent_row(customer: CustomerId, consent: &Consent, telling: &mut Telling<'_>) {
    let mut properties = Properties::new();
    properties.insert("given", consent.given);
    if let Some(channel) = consent.channel {
        properties.insert("channel", channel.word());
    }
    properties.insert("proof", consent.proof.clone());
    telling.row(customer, consent.at, stream::consent(consent.purpose), properties);
}

/// Takes in that the customer joined or left a topic.
pub(crate) fn topic(profile: &mut Profile, topic: Topic, telling: &mut Telling<'_>) {
    let new = profile.topics.iter().all(|it| it.name != topic.name);
    if new && profile.topics.len() >= TOPICS_MAX {
        return telling.refuse("topic", topic.name, Reason::TopicsFull);
    }
    topic_row(profile.customer, &topic, telling);
    tell_topic(&mut profile.topics, topic);
}

/// The last word per topic.
pub(crate) fn tell_topic(topics: &mut Vec<Topic>, topic: Topic) {
    match topics.binary_search_by(|it| it.name.cmp(&topic.name)) {
        Ok(index) if topics[index].at <= topic.at => topics[index] = topic,
        Ok(_) => {}
        Err(index) => topics.insert(index, topic),
    }
}

pub(crate) fn topic_row(customer: CustomerId, topic: &Topic, telling: &mut Telling<'_>) {
    let said = [(Text::new_static("subscribed"), Value::Bool(topic.subscribed))];
    telling.row(customer, topic.at, stream::topic(&topic.name), said.into_iter().collect());
}

/// Takes in that the customer is to be left alone, or no longer.
pub(crate) fn block(profile: &mut Profile, blocked: bool, at: Instant) {
    if profile.block.is_none_or(|it| it.at <= at) {
        profile.block = Some(Block { blocked, at });
    }
}
