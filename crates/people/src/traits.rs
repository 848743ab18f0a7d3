//! Traits: the later word wins, numbers grow, lists are joined and left.
//!
//! Rows tell the story of a trait by event time. A word that comes late takes
//! its place in the past; where the present would then begin with an old row,
//! the present is said once more, so that the last row is what the profile says.

use model::{CustomerId, Instant, Properties, Text, TraitChange, TraitOperation, Value};

use crate::folded::Reason;
use crate::profile::{Origin, Profile, Trait};
use crate::telling::Telling;
use crate::{TRAIT_LIST_MAX, TRAITS_MAX};

/// Changes one trait as told.
pub(crate) fn change(profile: &mut Profile, change: &TraitChange, telling: &mut Telling<'_>) {
    let Some(index) = place(profile, change, telling) else { return };
    let (customer, it) = (profile.customer, &mut profile.traits[index]);
    match &change.operation {
        TraitOperation::Set(Value::Null) | TraitOperation::Unset => say(customer, it, None, telling),
        TraitOperation::Set(value) => say(customer, it, Some(value.clone()), telling),
        TraitOperation::Increment(by) => match grown(it.value.as_ref(), *by) {
            Some(value) => become_value(customer, it, (Some(value), Origin::Counted), telling),
            None => telling.refuse("traits", it.name.clone(), Reason::NotANumber),
        },
        TraitOperation::Add(values) => {
            let list = joined(list_of(it.value.as_ref()), values);
            become_value(customer, it, (list, Origin::Listed), telling);
        }
        TraitOperation::Remove(values) => {
            let list = left(list_of(it.value.as_ref()), values);
            become_value(customer, it, (list, Origin::Listed), telling);
        }
    }
}

/// Where the trait is, after making room for a new one. A new one says nothing, and said so before everything.
fn place(profile: &mut Profile, change: &TraitChange, telling: &mut Telling<'_>) -> Option<usize> {
    match profile.traits.binary_search_by(|it| it.name.cmp(&change.name)) {
        Ok(index) => Some(index),
        Err(_) if profile.traits.len() >= TRAITS_MAX => {
            telling.refuse("traits", change.name.clone(), Reason::TraitsFull);
            None
        }
        Err(index) => {
            let (name, never) = (change.name.clone(), Instant::MIN);
            let empty = Trait { name, value: None, at: never, row_at: never, origin: Origin::Said };
            profile.traits.insert(index, empty);
            Some(index)
        }
    }
}

/// Says the whole value: a word as late as the last one wins, an earlier one only takes its place in the past.
fn say(customer: CustomerId, it: &mut Trait, value: Option<Value>, telling: &mut Telling<'_>) {
    let at = telling.at;
    if at >= it.at {
        (it.at, it.origin) = (at, Origin::Said);
        if it.value != value {
            it.value = value;
            if it.row_at > at {
                row(customer, it, at, telling);
            }
            it.row_at = it.row_at.max(at);
            row(customer, it, it.row_at, telling);
        }
    } else if it.value != value {
        let past = Trait { value, ..it.clone() };
        row(customer, &past, at, telling);
        if at >= it.row_at {
            it.row_at = it.at;
            row(customer, it, it.at, telling);
        }
    }
}

/// Changes the value as it stands now, whatever the instant of the fact: counting and listing go by arrival.
fn become_value(
    customer: CustomerId,
    it: &mut Trait,
    (value, origin): (Option<Value>, Origin),
    telling: &mut Telling<'_>,
) {
    if it.value.is_none() {
        if value.is_none() {
            return;
        }
        it.origin = origin;
    }
    it.at = it.at.max(telling.at);
    if it.value != value {
        it.value = value;
        it.row_at = it.row_at.max(it.at);
        row(customer, it, it.row_at, telling);
    }
}

/// Tells columns what the trait says at `at`.
pub(crate) fn row(customer: CustomerId, it: &Trait, at: Instant, telling: &mut Telling<'_>) {
    let properties: Properties = it.value.iter().map(|value| ("value", value.clone())).collect();
    let stream = telling.streams.r#trait(&it.name);
    telling.row(customer, at, stream, properties);
}

/// A number that grew by `by`; whole numbers stay whole. `None`: it is no number, or would be none.
pub(crate) fn grown(value: Option<&Value>, by: f64) -> Option<Value> {
    let whole = match value {
        None => Some(0),
        Some(Value::Int(number)) => Some(*number),
        Some(_) => None,
    };
    if let Some(sum) = whole.zip(whole_number(by)).and_then(|(number, by)| number.checked_add(by)) {
        return Some(Value::Int(sum));
    }
    let sum = value.map_or(Some(0.0), Value::number)? + by;
    sum.is_finite().then_some(Value::Float(sum))
}

#[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 are exact in both forms")]
fn whole_number(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}

fn list_of(value: Option<&Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::List(values)) => values.clone(),
        Some(single) => vec![single.clone()],
    }
}

/// `list` and those of `values` that it lacks; the oldest leave when there are too many.
pub(crate) fn joined(mut list: Vec<Value>, values: &[Value]) -> Option<Value> {
    for value in values {
        if !list.contains(value) {
            list.push(value.clone());
        }
    }
    list.drain(..list.len().saturating_sub(TRAIT_LIST_MAX));
    (!list.is_empty()).then_some(Value::List(list))
}

/// `list` without `values`; a list that nothing is left of is no value.
pub(crate) fn left(mut list: Vec<Value>, values: &[Value]) -> Option<Value> {
    list.retain(|value| !values.contains(value));
    (!list.is_empty()).then_some(Value::List(list))
}

/// The trait with this name in a list ordered by name.
pub(crate) fn find<'t>(traits: &'t [Trait], name: &Text) -> Option<&'t Trait> {
    traits.binary_search_by(|it| it.name.cmp(name)).ok().map(|index| &traits[index])
}
