//! Writes a value as text, as Ruby's Liquid does: lists run together, maps as `{"a"=>1}`, floats with a point.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::context::{Buffer, Context, Outcome};
use crate::digits::Digits;
use crate::value::Value;

/// Lists and maps inside one another that are still written or laid flat.
pub(crate) const NESTING_MAX: usize = 64;

/// Writes `value`.
pub(crate) fn write<'a>(value: Value<'a>, cx: &mut Context<'a>, out: &mut Buffer<'a>) -> Outcome<()> {
    write_nested(value, cx, out, 0)
}

fn write_nested<'a>(
    value: Value<'a>,
    cx: &mut Context<'a>,
    out: &mut Buffer<'a>,
    depth: usize,
) -> Outcome<()> {
    match value {
        Value::Nil | Value::Missing(_) | Value::Empty | Value::Blank => Ok(()),
        Value::Bool(truth) => out.push(if truth { "true" } else { "false" }),
        Value::Int(number) => out.push(Digits::of_integer(number).as_str()),
        Value::Float(number) => match Digits::of_float(number) {
            Some(digits) => out.push(digits.as_str()),
            None => out.push_fmt(format_args!("{}", Float(number))),
        },
        Value::Text(text) | Value::Markup(text) => {
            cx.charge_bytes(text.len())?;
            out.push(text)
        }
        Value::Time(instant_ms) => {
            let zone = cx.zone();
            out.push_fmt(format_args!("{}", Moment(instant_ms, &zone)))
        }
        Value::Range(first, last) => out.push_fmt(format_args!("{first}..{last}")),
        Value::Slice(_) | Value::List(_) => write_list(value, cx, out, depth),
        Value::Map(_) => inspect(value, cx, out, depth),
    }
}

fn write_list<'a>(value: Value<'a>, cx: &mut Context<'a>, out: &mut Buffer<'a>, depth: usize) -> Outcome<()> {
    if depth >= NESTING_MAX {
        return Ok(());
    }
    for index in 0..value.list_len() {
        cx.charge(1)?;
        let item = value.item(index, cx.arena).unwrap_or_default();
        write_nested(item, cx, out, depth + 1)?;
    }
    Ok(())
}

/// Writes a value as Ruby shows it inside a map.
fn inspect<'a>(value: Value<'a>, cx: &mut Context<'a>, out: &mut Buffer<'a>, depth: usize) -> Outcome<()> {
    if depth >= NESTING_MAX {
        return out.push("…");
    }
    cx.charge(1)?;
    match value {
        Value::Nil | Value::Missing(_) => out.push("nil"),
        Value::Text(text) | Value::Markup(text) => {
            cx.charge_bytes(text.len())?;
            out.push_fmt(format_args!("{}", Quoted(text)))
        }
        Value::Slice(_) | Value::List(_) => {
            out.push("[")?;
            for index in 0..value.list_len() {
                if index > 0 {
                    out.push(", ")?;
                }
                let item = value.item(index, cx.arena).unwrap_or_default();
                inspect(item, cx, out, depth + 1)?;
            }
            out.push("]")
        }
        Value::Map(map) => {
            out.push("{")?;
            for index in 0..map.len() {
                let Some((name, item)) = map.entry(index, cx.arena) else { break };
                if index > 0 {
                    out.push(", ")?;
                }
                out.push_fmt(format_args!("{}=>", Quoted(name)))?;
                inspect(item, cx, out, depth + 1)?;
            }
            out.push("}")
        }
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Range(..)
        | Value::Empty
        | Value::Blank => write_nested(value, cx, out, depth),
    }
}

/// A text in double quotes.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' => out.write_str("\\\"")?,
                '\\' => out.write_str("\\\\")?,
                '\n' => out.write_str("\\n")?,
                '\t' => out.write_str("\\t")?,
                '\r' => out.write_str("\\r")?,
                other => fmt::Write::write_char(out, other)?,
            }
        }
        out.write_str("\"")
    }
}

/// A float as Ruby writes it: always with a point, with an exponent when very large or very small.
pub(crate) struct Float(pub(crate) f64);

impl fmt::Display for Float {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0;
        if number.is_nan() {
            return out.write_str("NaN");
        }
        if number.is_infinite() {
            return out.write_str(if number > 0.0 { "Infinity" } else { "-Infinity" });
        }
        let size = number.abs();
        if size != 0.0 && !(1e-4..1e16).contains(&size) {
            let written = format!("{number:e}");
            let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let exponent: i32 = exponent.parse().unwrap_or(0);
            return write!(out, "{mantissa}{point}e{exponent:+03}");
        }
        write!(out, "{number:?}")
    }
}

/// An instant as Ruby writes it: `2026-11-22 07:00:00 +0900`; `UTC` in that zone.
struct Moment<'z>(i64, &'z TimeZone);

impl fmt::Display for Moment<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(instant) = Timestamp::from_millisecond(self.0) else { return Ok(()) };
        let moment = instant.to_zoned(self.1.clone());
        let format = if *self.1 == TimeZone::UTC { "%Y-%m-%d %H:%M:%S UTC" } else { "%Y-%m-%d %H:%M:%S %z" };
        write!(out, "{}", moment.strftime(format))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: f64, expected: &str) {
        assert_eq!(Float(number).to_string(), expected);
    }

    #[test]
    fn floats_are_written_as_ruby_writes_them() {
        check(5.0, "5.0");
        check(0.1, "0.1");
        check(-0.0, "-0.0");
        check(1e15, "1000000000000000.0");
        check(1e16, "1.0e+16");
        check(1.5e-7, "1.5e-07");
        check(f64::INFINITY, "Infinity");
    }
}
