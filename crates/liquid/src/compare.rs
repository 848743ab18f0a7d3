//! Equality, order and containment, as Liquid means them.

use std::cmp::Ordering;

use crate::Stop;
use crate::context::{Context, Outcome};
use crate::display::NESTING_MAX;
use crate::syntax::Comparison;
use crate::value::Value;

/// Whether `left` and `right` stand in this relation.
pub(crate) fn holds<'a>(
    comparison: Comparison,
    left: Value<'a>,
    right: Value<'a>,
    cx: &mut Context<'a>,
) -> Outcome<bool> {
    match comparison {
        Comparison::Equal => equal(left, right, cx),
        Comparison::NotEqual => equal(left, right, cx).map(|same| !same),
        Comparison::Less => ordered(left, right, Ordering::is_lt),
        Comparison::LessOrEqual => ordered(left, right, Ordering::is_le),
        Comparison::Greater => ordered(left, right, Ordering::is_gt),
        Comparison::GreaterOrEqual => ordered(left, right, Ordering::is_ge),
        Comparison::Contains => contains(left, right, cx),
    }
}

/// Whether two values are the same.
pub(crate) fn equal<'a>(left: Value<'a>, right: Value<'a>, cx: &mut Context<'a>) -> Outcome<bool> {
    equal_nested(left, right, cx, 0)
}

fn equal_nested<'a>(left: Value<'a>, right: Value<'a>, cx: &mut Context<'a>, depth: usize) -> Outcome<bool> {
    Ok(match (left, right) {
        (Value::Empty, Value::Empty) | (Value::Blank, Value::Blank) => true,
        (Value::Empty, Value::Blank) | (Value::Blank, Value::Empty) => false,
        (Value::Empty, other) | (other, Value::Empty) => is_empty(other),
        (Value::Blank, other) | (other, Value::Blank) => is_blank(other),
        (Value::Text(a) | Value::Markup(a), Value::Text(b) | Value::Markup(b)) => {
            cx.charge_bytes(a.len())?;
            a == b
        }
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Range(a, b), Value::Range(c, d)) => (a, b) == (c, d),
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::Slice(_) | Value::List(_), Value::Slice(_) | Value::List(_)) if depth < NESTING_MAX => {
            return equal_lists(left, right, cx, depth);
        }
        (Value::Map(a), Value::Map(b)) if depth < NESTING_MAX => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for index in 0..a.len() {
                cx.charge(1)?;
                let Some((name, value)) = a.entry(index, cx.arena) else { return Ok(false) };
                let Some(other) = b.get(name, cx.arena) else { return Ok(false) };
                if !equal_nested(value, other, cx, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (a, b) if a.is_nil() || b.is_nil() => a.is_nil() && b.is_nil(),
        (a, b) => number_order(a, b) == Some(Ordering::Equal),
    })
}

fn equal_lists<'a>(left: Value<'a>, right: Value<'a>, cx: &mut Context<'a>, depth: usize) -> Outcome<bool> {
    if left.list_len() != right.list_len() {
        return Ok(false);
    }
    for index in 0..left.list_len() {
        cx.charge(1)?;
        let a = left.item(index, cx.arena).unwrap_or_default();
        let b = right.item(index, cx.arena).unwrap_or_default();
        if !equal_nested(a, b, cx, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether there is nothing in it: a text, list or map without content.
pub(crate) fn is_empty(value: Value<'_>) -> bool {
    match value {
        Value::Text(text) | Value::Markup(text) => text.is_empty(),
        Value::Slice(_) | Value::List(_) => value.list_len() == 0,
        Value::Map(map) => map.is_empty(),
        Value::Nil
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Range(..)
        | Value::Empty
        | Value::Blank
        | Value::Missing(_) => false,
    }
}

fn is_blank(value: Value<'_>) -> bool {
    match value {
        Value::Text(text) | Value::Markup(text) => text.trim().is_empty(),
        Value::Nil | Value::Missing(_) | Value::Bool(false) => true,
        Value::Slice(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Bool(true)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Range(..)
        | Value::Empty
        | Value::Blank => is_empty(value),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whole numbers meet others as floating point; exact up to 2^53"
)]
fn number_order(left: Value<'_>, right: Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(&b)),
        (Value::Int(a), Value::Float(b)) => (a as f64).partial_cmp(&b),
        (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(b as f64)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(&b),
        _ => None,
    }
}

/// The order of two values of one kind, when they have one.
pub(crate) fn order(left: Value<'_>, right: Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(a) | Value::Markup(a), Value::Text(b) | Value::Markup(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(&b)),
        (a, b) => number_order(a, b),
    }
}

/// Nothing, truth values, maps and the like are not before or after anything; a text and a number are an error.
fn ordered(left: Value<'_>, right: Value<'_>, wanted: fn(Ordering) -> bool) -> Outcome<bool> {
    let comparable = |value: Value<'_>| {
        value.is_text() || matches!(value, Value::Int(_) | Value::Float(_) | Value::Time(_))
    };
    if !comparable(left) || !comparable(right) {
        return Ok(false);
    }
    match order(left, right) {
        Some(order) => Ok(wanted(order)),
        None if matches!(
            (left, right),
            (Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_))
        ) =>
        {
            Ok(false)
        }
        None => Err(Box::new(Stop::Comparison { left: left.type_word(), right: right.type_word() })),
    }
}

fn contains<'a>(left: Value<'a>, right: Value<'a>, cx: &mut Context<'a>) -> Outcome<bool> {
    if !left.is_true() || !right.is_true() {
        return Ok(false);
    }
    match left {
        Value::Text(text) | Value::Markup(text) => {
            let part = cx.text(right)?;
            cx.charge_bytes(text.len())?;
            Ok(text.contains(part))
        }
        Value::Map(map) => {
            let name = cx.text(right)?;
            Ok(map.get(name, cx.arena).is_some())
        }
        Value::Range(first, last) => {
            Ok(matches!(right, Value::Int(number) if (first..=last).contains(&number)))
        }
        Value::Slice(_) | Value::List(_) => {
            for index in 0..left.list_len() {
                cx.charge(1)?;
                let item = left.item(index, cx.arena).unwrap_or_default();
                if equal(item, right, cx)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Nil
        | Value::Missing(_)
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Empty
        | Value::Blank => Ok(false),
    }
}
