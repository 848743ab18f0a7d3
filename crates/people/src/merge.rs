//! Two profiles become one, and two again: pure functions over profiles.
//!
//! [`merge`] says what one profile is together with another. [`rebase`] takes a profile that grew out of one
//! state and says what it would be had it grown out of another. So an unmerge is a rebase from the merged
//! state to the state before it, and merges that came later are done again on top. [`restate`] says once more
//! what holds now in every stream that lost rows.
//!
//! Law: `rebase(merge(ours, theirs), merge(ours, theirs), ours)` says what `ours` says.

use std::cmp::Ordering;

use model::{Instant, Text, Value};

use crate::profile::{Address, Consent, EventCount, Origin, Profile, Topic, Trait};
use crate::telling::Telling;
use crate::{addresses, identifiers, statements, traits};

/// What `ours` is together with `theirs`, from the instant of the telling on.
///
/// The rows of `theirs` move along on their own; what this tells are the rows that are needed so that the
/// last row of each stream still says what the profile says.
pub(crate) fn merge(ours: &Profile, theirs: &Profile, telling: &mut Telling<'_>) -> Profile {
    let mut merged = ours.clone();
    for identifier in &theirs.identifiers {
        identifiers::attach(&mut merged.identifiers, identifier.clone());
    }
    for their in &theirs.traits {
        match merged.traits.binary_search_by(|it| it.name.cmp(&their.name)) {
            Ok(index) => {
                let our = &merged.traits[index];
                merged.traits[index] = merge_trait(our, their, (&merged, telling));
            }
            Err(index) => merged.traits.insert(index, their.clone()),
        }
    }
    for their in &theirs.consents {
        merge_consent(&mut merged, their, telling);
    }
    for their in &theirs.topics {
        merge_topic(&mut merged, their, telling);
    }
    merge_addresses(&mut merged, theirs, telling);
    for their in &theirs.events {
        merged.count(their);
    }
    if theirs.block.map(|it| it.at) > merged.block.map(|it| it.at) {
        merged.block = theirs.block;
    }
    if theirs.context.at > merged.context.at {
        merged.context = theirs.context.clone();
    }
    merged.first_seen = merged.first_seen.min(theirs.first_seen);
    merged.last_seen = merged.last_seen.max(theirs.last_seen);
    merged.last_told = merged.last_told.max(theirs.last_told);
    merged
}

/// What `current`, which grew out of `from`, would be had it grown out of `to`. Names stay: who has which is
/// for the tables to say.
pub(crate) fn rebase(current: &Profile, from: &Profile, to: &Profile) -> Profile {
    let mut result = current.clone();
    for it in &mut result.traits {
        rebase_trait(it, traits::find(&from.traits, &it.name), traits::find(&to.traits, &it.name));
    }
    result.consents = to.consents.clone();
    for fresh in current.consents.iter().filter(|it| !from.consents.contains(it)) {
        statements::tell_consent(&mut result.consents, fresh.clone());
    }
    result.topics = to.topics.clone();
    for fresh in current.topics.iter().filter(|it| !from.topics.contains(it)) {
        statements::tell_topic(&mut result.topics, fresh.clone());
    }
    rebase_addresses(&mut result, from, to);
    result.events = rebase_events(current, from, to);
    result.block = rebased(current.block, from.block, to.block);
    result.context = rebased(&current.context, &from.context, &to.context).clone();
    result.first_seen = rebased(current.first_seen, from.first_seen, to.first_seen);
    result.last_seen = rebased(current.last_seen, from.last_seen, to.last_seen);
    result.last_told = rebased(current.last_told, from.last_told, to.last_told);
    result
}

/// Says once more what `profile` says in every stream of which the rows of `gone` are taken away.
pub(crate) fn restate(profile: &mut Profile, gone: &Profile, telling: &mut Telling<'_>) {
    for its in &gone.traits {
        if let Some(it) = traits::find(&profile.traits, &its.name).filter(|it| it.row_at > Instant::MIN) {
            traits::row(profile.customer, it, it.row_at, telling);
        }
    }
    let consents = profile.consents.iter().filter(|it| gone.consents.iter().any(|its| tied(it, its)));
    for consent in consents {
        statements::consent_row(profile.customer, consent, telling);
    }
    let topics = profile.topics.iter().filter(|it| gone.topics.iter().any(|its| topics_tied(it, its)));
    for topic in topics {
        statements::topic_row(profile.customer, topic, telling);
    }
    for its in &gone.reach {
        addresses::restate(profile, its.channel, Instant::MIN, telling);
    }
    for its in &gone.addresses {
        addresses::recount(profile, its.channel, telling);
    }
}

/// What is as it was follows its base; what was said since stays.
fn rebased<T: PartialEq>(current: T, from: T, to: T) -> T {
    if current == from { to } else { current }
}

fn merge_trait(our: &Trait, their: &Trait, (merged, telling): (&Profile, &mut Telling<'_>)) -> Trait {
    let newer = if their.at > our.at { their } else { our };
    let (value, together) = match (our.origin, their.origin) {
        (Origin::Counted, Origin::Counted) => (added(our.value.as_ref(), their.value.as_ref()), true),
        (Origin::Listed, Origin::Listed) => (traits::joined(list(our), &list(their)), true),
        (Origin::Said | Origin::Counted | Origin::Listed, _) => (newer.value.clone(), false),
    };
    let last_row = match our.row_at.cmp(&their.row_at) {
        Ordering::Less => Some(&their.value),
        Ordering::Greater => Some(&our.value),
        Ordering::Equal => (our.value == their.value).then_some(&our.value),
    };
    let stated = last_row == Some(&value);
    let mut it = Trait { value, row_at: our.row_at.max(their.row_at), ..newer.clone() };
    if !stated {
        let since = if together { telling.at } else { Instant::MIN };
        it.row_at = it.row_at.max(it.at).max(since);
        traits::row(merged.customer, &it, it.row_at, telling);
    }
    it
}

/// Columns still know the trait by its last row, so that instant stays even if nobody ever said the trait.
fn rebase_trait(it: &mut Trait, was: Option<&Trait>, becomes: Option<&Trait>) {
    if same(was, becomes) {
        return;
    }
    let row_at = becomes.map_or(Instant::MIN, |it| it.row_at).max(it.row_at);
    let never = Trait { value: None, at: Instant::MIN, row_at, origin: Origin::Said, name: it.name.clone() };
    let rebased = match becomes {
        Some(becomes) if same(Some(it), was) => becomes.clone(),
        None if same(Some(it), was) => never,
        Some(_) | None => Trait { value: rebased_value(it, was, becomes), ..it.clone() },
    };
    *it = Trait { row_at, ..rebased };
}

/// A trait that was changed since: numbers and lists keep what was added since, a word that was said stays.
fn rebased_value(it: &Trait, was: Option<&Trait>, becomes: Option<&Trait>) -> Option<Value> {
    let grew = |origin| it.origin == origin && was.is_some_and(|was| was.origin == origin);
    if grew(Origin::Counted) {
        let since = taken(it.value.as_ref(), was.and_then(|was| was.value.as_ref()));
        added(since.as_ref(), becomes.and_then(|it| it.value.as_ref()))
    } else if grew(Origin::Listed) {
        let (was, becomes) = (was.map_or_else(Vec::new, list), becomes.map_or_else(Vec::new, list));
        let gone: Vec<Value> = was.iter().filter(|value| !becomes.contains(value)).cloned().collect();
        let back: Vec<Value> = becomes.into_iter().filter(|value| !was.contains(value)).collect();
        let kept = list(it).into_iter().filter(|value| !gone.contains(value)).collect();
        traits::joined(kept, &back)
    } else {
        it.value.clone()
    }
}

/// Whether two accounts of a trait say the same; when columns heard of it is another matter.
fn same(a: Option<&Trait>, b: Option<&Trait>) -> bool {
    let said = |it: &&Trait| it.at > Instant::MIN;
    match (a.filter(said), b.filter(said)) {
        (Some(a), Some(b)) => (a.at, a.origin, &a.value) == (b.at, b.origin, &b.value),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn added(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    match (a, b) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => Some(Value::Int(a.saturating_add(*b))),
        (a, b) => traits::grown(a, b.and_then(Value::number).unwrap_or(0.0)),
    }
}

fn taken(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    match (a, b) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => Some(Value::Int(a.saturating_sub(*b))),
        (a, b) => traits::grown(a, -b.and_then(Value::number).unwrap_or(0.0)),
    }
}

fn list(it: &Trait) -> Vec<Value> {
    match &it.value {
        Some(Value::List(values)) => values.clone(),
        single => single.iter().cloned().collect(),
    }
}

/// Of two words said in the same millisecond, no is the one that counts.
fn merge_consent(merged: &mut Profile, their: &Consent, telling: &mut Telling<'_>) {
    match merged.consents.iter().find(|it| tied(it, their)) {
        Some(our) if our.given && !their.given => {
            statements::tell_consent(&mut merged.consents, their.clone());
            statements::consent_row(merged.customer, their, telling);
        }
        Some(our) => statements::consent_row(merged.customer, our, telling),
        None => statements::tell_consent(&mut merged.consents, their.clone()),
    }
}

fn merge_topic(merged: &mut Profile, their: &Topic, telling: &mut Telling<'_>) {
    match merged.topics.iter().find(|it| topics_tied(it, their)) {
        Some(our) if our.subscribed && !their.subscribed => {
            statements::tell_topic(&mut merged.topics, their.clone());
            statements::topic_row(merged.customer, their, telling);
        }
        Some(our) => statements::topic_row(merged.customer, our, telling),
        None => statements::tell_topic(&mut merged.topics, their.clone()),
    }
}

fn tied(a: &Consent, b: &Consent) -> bool {
    (a.purpose, a.channel, a.at) == (b.purpose, b.channel, b.at) && a.given != b.given
}

fn topics_tied(a: &Topic, b: &Topic) -> bool {
    (&a.name, a.at) == (&b.name, b.at) && a.subscribed != b.subscribed
}

fn merge_addresses(merged: &mut Profile, theirs: &Profile, telling: &mut Telling<'_>) {
    for their in &theirs.addresses {
        match merged.addresses.iter_mut().find(|it| same_place(it, their)) {
            Some(our) => *our = addresses::combined(our, their),
            None => merged.addresses.push(their.clone()),
        }
    }
    for reach in &theirs.reach {
        addresses::restate(merged, reach.channel, reach.row_at, telling);
    }
    for their in &theirs.addresses {
        addresses::recount(merged, their.channel, telling);
    }
}

/// An address that came with the base goes with it, unless it was mentioned since; what became known of an
/// address that stays is not forgotten.
fn rebase_addresses(result: &mut Profile, from: &Profile, to: &Profile) {
    let find = |profile: &Profile, it: &Address| -> Option<Address> {
        profile.addresses.iter().find(|other| same_place(other, it)).cloned()
    };
    result.addresses.retain_mut(|it| match (find(from, it), find(to, it)) {
        (Some(was), Some(becomes)) if *it == was => {
            *it = becomes;
            true
        }
        (Some(was), None) => it.said_at > was.said_at,
        (_, Some(_)) | (None, None) => true,
    });
}

fn same_place(a: &Address, b: &Address) -> bool {
    a.channel == b.channel && a.address == b.address
}

fn rebase_events(current: &Profile, from: &Profile, to: &Profile) -> Vec<EventCount> {
    let find = |profile: &Profile, name: &Text| -> Option<EventCount> {
        profile.events.iter().find(|it| it.name == *name).cloned()
    };
    let rebase_one = |it: &EventCount| {
        let Some(was) = find(from, &it.name) else { return Some(it.clone()) };
        let becomes = find(to, &it.name);
        let count = (it.count - was.count.min(it.count)) + becomes.as_ref().map_or(0, |it| it.count);
        let first_at = becomes.as_ref().map_or(it.first_at, |it| it.first_at);
        let last_at = becomes.as_ref().map_or(it.last_at, |it| it.last_at);
        (count > 0).then(|| EventCount {
            name: it.name.clone(),
            count,
            first_at: rebased(it.first_at, was.first_at, first_at),
            last_at: rebased(it.last_at, was.last_at, last_at),
        })
    };
    current.events.iter().filter_map(rebase_one).collect()
}
