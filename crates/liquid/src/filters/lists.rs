//! Filters for lists. A single value counts as a list of one, nothing as an empty list, lists inside lists are laid flat.

use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::math::{size, sum as total};
use super::{Call, Filter, leading_integer};
use crate::context::{Context, Flat, Outcome};
use crate::value::Value;
use crate::{Why, compare};

pub(super) const FILTERS: &[Filter] = &[
    Filter::new("first", (0, 0), first, ("{{ (1..3) | first }}", "1"), "The first item."),
    Filter::new("last", (0, 0), last, ("{{ (1..3) | last }}", "3"), "The last item."),
    Filter::new(
        "join",
        (0, 1),
        join,
        ("{{ (1..3) | join: ', ' }}", "1, 2, 3"),
        "The items as one text, with something between them: a space unless said otherwise.",
    ),
    Filter::new(
        "concat",
        (1, 1),
        concat,
        ("{% assign more = '3,4' | split: ',' %}{{ (1..2) | concat: more | join }}", "1 2 3 4"),
        "Two lists as one.",
    ),
    Filter::new(
        "reverse",
        (0, 0),
        reverse,
        ("{{ (1..3) | reverse | join }}", "3 2 1"),
        "The items from last to first.",
    ),
    Filter::new(
        "sort",
        (0, 1),
        sort,
        ("{{ 'b,a,C' | split: ',' | sort | join }}", "C a b"),
        "The items in order, by a property of theirs if one is named; nothing comes last.",
    ),
    Filter::new(
        "sort_natural",
        (0, 1),
        sort_natural,
        ("{{ 'b,a,C' | split: ',' | sort_natural | join }}", "a b C"),
        "As `sort`, but as texts, large and small letters alike.",
    ),
    Filter::new(
        "uniq",
        (0, 1),
        uniq,
        ("{{ 'a,b,a' | split: ',' | uniq | join }}", "a b"),
        "Each item once; by a property if one is named.",
    ),
    Filter::new(
        "compact",
        (0, 1),
        compact,
        ("{{ items | compact | size }}", "0"),
        "The items that are something, or have something as a property.",
    ),
    Filter::new("map", (1, 1), map, ("{{ items | map: 'name' | join }}", ""), "A property of each item."),
    Filter::new(
        "where",
        (1, 2),
        select,
        ("{{ items | where: 'kind', 'shoe' | size }}", "0"),
        "The items whose property is true, or is this value.",
    ),
    Filter::new(
        "reject",
        (1, 2),
        reject,
        ("{{ items | reject: 'sold' | size }}", "0"),
        "The items whose property is not true, or is not this value.",
    ),
    Filter::new(
        "has",
        (1, 2),
        has,
        ("{{ items | has: 'kind', 'shoe' }}", "false"),
        "Whether there is an item whose property is true, or is this value.",
    ),
    Filter::new(
        "find",
        (1, 2),
        find,
        ("{% assign shoe = items | find: 'kind', 'shoe' %}{{ shoe.name }}", ""),
        "The first item whose property is true, or is this value.",
    ),
    Filter::new(
        "find_index",
        (1, 2),
        find_index,
        ("{{ 'a,b' | split: ',' | find_index: 'b' }}", "1"),
        "The place of the first such item, counted from 0.",
    ),
    Filter::new(
        "property_accessor",
        (1, 1),
        property_accessor,
        ("{{ item | property_accessor: 'name' }}", ""),
        "What a name says in a map.",
    )
    .compatible(),
    Filter::new(
        "sum",
        (0, 1),
        sum,
        ("{{ (1..4) | sum }}", "10"),
        "The sum of the items, or of a property of theirs.",
    ),
];

fn items<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<&'a [Value<'a>]> {
    cx.items(call.input, Flat::Yes)
}

fn listed<'a>(values: &[Value<'a>], cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(Value::Slice(cx.keep_values(values)?))
}

fn first<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    if let Value::Map(map) = call.input {
        let Some((name, value)) = map.entry(0, cx.arena) else { return Ok(Value::Nil) };
        return listed(&[Value::Text(name), value], cx);
    }
    Ok(call.input.item(0, cx.arena).unwrap_or_default())
}

fn last<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let last = call.input.list_len().checked_sub(1);
    Ok(last.and_then(|last| call.input.item(last, cx.arena)).unwrap_or_default())
}

fn join<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let glue = call.given(0).map_or(Ok(" "), |glue| cx.text(glue))?;
    let items = items(call, cx)?;
    let mut out = cx.buffer();
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push(glue)?;
        }
        match item.as_text() {
            Some(text) => {
                cx.charge_bytes(text.len())?;
                out.push(text)?;
            }
            None => crate::display::write(*item, cx, &mut out)?,
        }
    }
    Ok(Value::Text(out.finish()))
}

fn concat<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let other = call.argument(0);
    if !other.is_list() && !matches!(other, Value::Range(..)) {
        return Err(call.problem(format!("not a list but {}", other.type_word())));
    }
    let mut all = items(call, cx)?.to_vec();
    all.extend_from_slice(cx.items(other, Flat::No)?);
    listed(&all, cx)
}

fn reverse<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut items = items(call, cx)?.to_vec();
    items.reverse();
    listed(&items, cx)
}

/// What a property of an item is, by Ruby's reckoning of `item[property]`.
enum Property<'a> {
    Is(Value<'a>),
    /// Items of this kind have no properties; the filter gives nothing.
    None,
    /// Items of this kind cannot be asked so; the filter fails.
    Unfit,
}

fn property<'a>(item: Value<'a>, name: Value<'a>, cx: &mut Context<'a>) -> Outcome<Property<'a>> {
    Ok(match item {
        Value::Map(map) => Property::Is(match name.as_text() {
            Some(name) => map.get(name, cx.arena).unwrap_or_default(),
            None => Value::Nil,
        }),
        Value::Text(text) | Value::Markup(text) => {
            cx.charge_bytes(text.len())?;
            match (name.is_text(), name.as_text()) {
                (true, Some(part)) if text.contains(part) => Property::Is(name),
                (true, _) => Property::Is(Value::Nil),
                (false, _) if matches!(name, Value::Int(_)) => Property::Is(Value::Nil),
                (false, _) => Property::None,
            }
        }
        // Ruby answers with a bit of the number, which is always true.
        Value::Int(_) if matches!(name, Value::Int(_)) => Property::Is(Value::Int(0)),
        Value::Slice(_) | Value::List(_) if matches!(name, Value::Int(_)) => {
            let at = usize::try_from(leading_integer(name)).ok();
            Property::Is(at.and_then(|at| item.item(at, cx.arena)).unwrap_or_default())
        }
        Value::Int(_) | Value::Slice(_) | Value::List(_) => Property::Unfit,
        Value::Nil
        | Value::Missing(_)
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Range(..)
        | Value::Empty
        | Value::Blank => Property::None,
    })
}

fn no_such_property(call: &Call<'_, '_>, name: Value<'_>) -> Box<crate::Stop> {
    call.problem(format!("cannot select the property. property=`{}`", name.as_text().unwrap_or("?")))
}

/// Whether each item has the property asked for; nothing when an item cannot have any.
fn matching<'a>(
    call: &Call<'_, 'a>,
    items: &[Value<'a>],
    cx: &mut Context<'a>,
) -> Outcome<Option<Vec<bool>>> {
    let (name, wanted) = (call.argument(0), call.argument(1));
    let mut matches = Vec::with_capacity(items.len());
    for item in items {
        cx.charge(1)?;
        let value = match property(*item, name, cx)? {
            Property::Is(value) => value,
            Property::None => return Ok(None),
            Property::Unfit => return Err(no_such_property(call, name)),
        };
        matches.push(if wanted.is_nil() { value.is_true() } else { compare::equal(value, wanted, cx)? });
    }
    Ok(Some(matches))
}

fn filtered<'a>(call: &Call<'_, 'a>, keep: bool, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let items = items(call, cx)?;
    let Some(matches) = matching(call, items, cx)? else { return Ok(Value::Nil) };
    let kept: Vec<Value<'a>> =
        items.iter().zip(matches).filter(|(_, matched)| *matched == keep).map(|(item, _)| *item).collect();
    listed(&kept, cx)
}

fn select<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    filtered(call, true, cx)
}

fn reject<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    filtered(call, false, cx)
}

/// The place of the first item that has the property asked for. Items behind it are not looked at.
fn place<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<(Option<usize>, bool)> {
    for (at, item) in items(call, cx)?.iter().enumerate() {
        match matching(call, std::slice::from_ref(item), cx)?.as_deref() {
            Some([true]) => return Ok((Some(at), true)),
            Some(_) => {}
            None => return Ok((None, false)),
        }
    }
    Ok((None, true))
}

fn has<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (place, fit) = place(call, cx)?;
    Ok(if fit { Value::Bool(place.is_some()) } else { Value::Nil })
}

fn find<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (place, _) = place(call, cx)?;
    let items = items(call, cx)?;
    Ok(place.map_or(Value::Nil, |at| items[at]))
}

fn find_index<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (place, _) = place(call, cx)?;
    Ok(place.map_or(Value::Nil, size))
}

fn map<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let name = call.argument(0);
    let mut values = Vec::new();
    for item in items(call, cx)? {
        cx.charge(1)?;
        values.push(match property(*item, name, cx)? {
            Property::Is(value) => value,
            Property::None => Value::Nil,
            Property::Unfit => return Err(no_such_property(call, name)),
        });
    }
    listed(&values, cx)
}

fn property_accessor<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let name = call.argument_text(0, cx)?;
    if let Value::Map(map) = call.input {
        return Ok(map.get(name, cx.arena).unwrap_or_default());
    }
    if !call.input.is_nil() {
        cx.unfit(Why::WrongType);
    }
    Ok(Value::Nil)
}

fn compact<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let keys = keyed(call, cx)?;
    let kept: Vec<Value<'a>> = keys.iter().filter(|(key, _)| !key.is_nil()).map(|(_, item)| *item).collect();
    listed(&kept, cx)
}

/// Each item with the value it is known by: itself, or the property named.
fn keyed<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Vec<(Value<'a>, Value<'a>)>> {
    let name = call.argument(0);
    let items = items(call, cx)?;
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        cx.charge(1)?;
        let key = if name.is_nil() {
            *item
        } else {
            match property(*item, name, cx)? {
                Property::Is(value) => value,
                Property::None => Value::Nil,
                Property::Unfit => return Err(no_such_property(call, name)),
            }
        };
        keyed.push((key, *item));
    }
    Ok(keyed)
}

/// Sorting compares each item about this often.
fn charge_sorting(length: usize, cx: &mut Context<'_>) -> Outcome<()> {
    cx.charge(length.saturating_mul(usize::try_from(length.max(2).ilog2()).unwrap_or(64)))
}

fn sort<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut keyed = keyed(call, cx)?;
    charge_sorting(keyed.len(), cx)?;
    if keyed.iter().any(|(key, _)| matches!(key, Value::Float(_))) {
        // One kind of number, so that the order is one.
        keyed.iter_mut().for_each(|(key, _)| *key = as_float(*key));
    }
    if let Some(orderless) = orderless(&keyed) {
        return Err(call.problem(orderless));
    }
    keyed.sort_by(|(a, _), (b, _)| match (a.is_nil(), b.is_nil()) {
        (false, false) => compare::order(*a, *b).unwrap_or(Ordering::Equal),
        (a, b) => a.cmp(&b),
    });
    let sorted: Vec<Value<'a>> = keyed.into_iter().map(|(_, item)| item).collect();
    listed(&sorted, cx)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whole numbers meet others as floating point; exact up to 2^53"
)]
fn as_float(value: Value<'_>) -> Value<'_> {
    if let Value::Int(number) = value { Value::Float(number as f64) } else { value }
}

/// Why these keys have no order, if they have none: all that are something must be of one kind.
fn orderless(keyed: &[(Value<'_>, Value<'_>)]) -> Option<String> {
    let mut keys = keyed.iter().map(|(key, _)| *key).filter(|key| !key.is_nil());
    let first = keys.next()?;
    let other = keys.find(|key| compare::order(first, *key).is_none())?;
    Some(format!("cannot put {} and {} in order", first.type_word(), other.type_word()))
}

fn sort_natural<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut texts = Vec::new();
    for (key, item) in keyed(call, cx)? {
        let text = if key.is_nil() { None } else { Some(cx.text(key)?) };
        cx.charge_bytes(text.map_or(0, str::len))?;
        texts.push((text.map(str::to_ascii_lowercase), item));
    }
    charge_sorting(texts.len(), cx)?;
    texts.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    let sorted: Vec<Value<'a>> = texts.into_iter().map(|(_, item)| item).collect();
    listed(&sorted, cx)
}

fn uniq<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut seen = FxHashSet::default();
    let mut kept = Vec::new();
    for (key, item) in keyed(call, cx)? {
        // Values of two types are two values, whatever they look like.
        let text = cx.text(key)?;
        cx.charge_bytes(text.len())?;
        if seen.insert((key.type_word(), text)) {
            kept.push(item);
        }
    }
    listed(&kept, cx)
}

fn sum<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let values: Vec<Value<'a>> = keyed(call, cx)?.into_iter().map(|(key, _)| key).collect();
    let values = cx.keep_values(&values)?;
    let values = cx.items(Value::Slice(values), Flat::Yes)?;
    Ok(total(values.iter().copied()))
}
