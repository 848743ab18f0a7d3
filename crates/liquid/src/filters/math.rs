//! Filters for numbers.

use super::number::{Decimal, Number, Short, truncate};
use super::{Call, Filter};
use crate::context::{Context, Outcome};
use crate::evaluate::count;
use crate::value::Value;
use crate::{Why, compare};

pub(super) const FILTERS: &[Filter] = &[
    Filter::new("abs", (0, 0), abs, ("{{ -5.4 | abs }}", "5.4"), "The number without its sign."),
    Filter::new("at_least", (1, 1), at_least, ("{{ 3 | at_least: 5 }}", "5"), "The greater of two numbers."),
    Filter::new("at_most", (1, 1), at_most, ("{{ 8 | at_most: 5 }}", "5"), "The smaller of two numbers."),
    Filter::new("ceil", (0, 0), ceil, ("{{ 1.2 | ceil }}", "2"), "Rounds up."),
    Filter::new("floor", (0, 0), floor, ("{{ 1.8 | floor }}", "1"), "Rounds down."),
    Filter::new(
        "round",
        (0, 1),
        round,
        ("{{ 5.666 | round: 1 }}", "5.7"),
        "Rounds to so many digits behind the point, or to a whole number.",
    ),
    Filter::new("plus", (1, 1), plus, ("{{ 10.1 | plus: 2.2 }}", "12.3"), "Adds."),
    Filter::new("minus", (1, 1), minus, ("{{ 10 | minus: 2 }}", "8"), "Subtracts."),
    Filter::new("times", (1, 1), times, ("{{ 5 | times: 2.1 }}", "10.5"), "Multiplies."),
    Filter::new(
        "divided_by",
        (1, 1),
        divided_by,
        ("{{ 9 | divided_by: 2 }} {{ 9 | divided_by: 2.0 }}", "4 4.5"),
        "Divides; two whole numbers give a whole number. By zero is an error.",
    ),
    Filter::new("modulo", (1, 1), modulo, ("{{ 10 | modulo: 3 }}", "1"), "What is left of a division."),
];

fn input<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Number {
    checked(call.input, cx)
}

fn checked<'a>(value: Value<'a>, cx: &mut Context<'a>) -> Number {
    let (number, fit) = Number::of(value);
    if !fit {
        cx.unfit(Why::WrongType);
    }
    number
}

fn operands<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> (Number, Number) {
    (input(call, cx), checked(call.argument(0), cx))
}

fn abs<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(match input(call, cx) {
        Number::Int(number) => Value::Int(number.saturating_abs()),
        Number::Float(number) => Value::Float(number.abs()),
    })
}

fn at_least<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (a, b) = operands(call, cx);
    let less = compare::order(a.value(), b.value()).is_some_and(std::cmp::Ordering::is_lt);
    Ok(if less { b.value() } else { a.value() })
}

fn at_most<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (a, b) = operands(call, cx);
    let greater = compare::order(a.value(), b.value()).is_some_and(std::cmp::Ordering::is_gt);
    Ok(if greater { b.value() } else { a.value() })
}

fn ceil<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(whole(input(call, cx), f64::ceil))
}

fn floor<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(whole(input(call, cx), f64::floor))
}

fn whole<'a>(number: Number, round: fn(f64) -> f64) -> Value<'a> {
    match number {
        Number::Int(number) => Value::Int(number),
        Number::Float(number) => Value::Int(truncate(round(number))),
    }
}

fn round<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let number = input(call, cx);
    let digits = match checked(call.argument(0), cx) {
        Number::Int(digits) => digits,
        Number::Float(digits) => truncate(digits),
    };
    let Number::Float(float) = number else { return Ok(number.value()) };
    let exactly = || Decimal::of(number).map_or(float, |decimal| decimal.round(digits).float());
    let rounded = Short::rounded(float, digits).unwrap_or_else(exactly);
    Ok(if digits > 0 { Value::Float(rounded) } else { Value::Int(truncate(rounded.round())) })
}

/// Whole numbers stay whole while they fit; decimals are exact; what fits neither is a float.
fn combine<'a>(
    (a, b): (Number, Number),
    whole: fn(i64, i64) -> Option<i64>,
    exact: fn(Decimal, Decimal) -> Option<Decimal>,
    float: fn(f64, f64) -> f64,
) -> Value<'a> {
    if let (Number::Int(a), Number::Int(b)) = (a, b)
        && let Some(result) = whole(a, b)
    {
        return Value::Int(result);
    }
    let decimal = Decimal::of(a).zip(Decimal::of(b)).and_then(|(a, b)| exact(a, b));
    Value::Float(decimal.map_or_else(|| float(a.float(), b.float()), Decimal::float))
}

fn plus<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(combine(operands(call, cx), i64::checked_add, Decimal::add, |a, b| a + b))
}

fn minus<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(combine(operands(call, cx), i64::checked_sub, Decimal::subtract, |a, b| a - b))
}

fn times<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(combine(operands(call, cx), i64::checked_mul, Decimal::multiply, |a, b| a * b))
}

fn divided_by<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (a, b) = operands(call, cx);
    if b.is_zero() {
        return Err(call.problem("divided by zero"));
    }
    Ok(match (a, b) {
        (Number::Int(a), Number::Int(b)) => Value::Int(floored(a, b)),
        (a, b) => Value::Float(a.float() / b.float()),
    })
}

/// Division that rounds down, as Ruby's does.
fn floored(a: i64, b: i64) -> i64 {
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

fn modulo<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (a, b) = operands(call, cx);
    if b.is_zero() {
        return Err(call.problem("divided by zero"));
    }
    let whole = |a: i64, b: i64| Some(a.wrapping_sub(floored(a, b).wrapping_mul(b)));
    Ok(combine((a, b), whole, Decimal::modulo, |a, b| a - b * (a / b).floor()))
}

/// The sum of numbers, as `plus` adds them.
pub(super) fn sum<'a>(values: impl Iterator<Item = Value<'a>>) -> Value<'a> {
    values.fold(Value::Int(0), |total, value| {
        let (total, _) = Number::of(total);
        let (number, _) = Number::of(value);
        combine((total, number), i64::checked_add, Decimal::add, |a, b| a + b)
    })
}

/// How many there are.
pub(super) fn size<'a>(length: usize) -> Value<'a> {
    Value::Int(count(length))
}
