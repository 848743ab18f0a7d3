//! Reading spans, moments, windows.

use super::cursor::{Cursor, Parsed};
use super::lexer::Kind;
use crate::time::{Calendar, Moment, Span, Unit, Which, Window};

/// The unit this many tokens ahead, in either number.
pub(super) fn unit_ahead(cursor: &Cursor<'_>, distance: usize) -> Option<Unit> {
    let found = |word| cursor.is_word_ahead(distance, word);
    Unit::ALL.iter().copied().find(|unit| found(unit.word()) || found(unit.plural()))
}

pub(super) fn span(cursor: &mut Cursor<'_>) -> Parsed<Span> {
    let amount = cursor.whole("a whole number")?;
    let Some(unit) = unit_ahead(cursor, 0) else {
        for unit in Unit::ALL {
            cursor.expect(if amount == 1 { unit.word() } else { unit.plural() });
        }
        return Err(match cursor.word().filter(|word| is_calendar(word)) {
            Some(_) => {
                cursor.fail_with("months and years have no fixed length: say `90 days`, or `this month`")
            }
            None => cursor.fail(),
        });
    };
    cursor.advance();
    Ok(Span { amount, unit })
}

fn is_calendar(word: &str) -> bool {
    ["month", "months", "quarter", "quarters", "year", "years"]
        .iter()
        .any(|each| each.eq_ignore_ascii_case(word))
}

/// Whether a moment that begins with a number stands here: `3 days ago`.
pub(super) fn is_relative_ahead(cursor: &Cursor<'_>, distance: usize) -> bool {
    matches!(cursor.ahead(distance), Kind::Number(_)) && unit_ahead(cursor, distance + 1).is_some()
}

/// A moment, if one stands here.
pub(super) fn accept_moment(cursor: &mut Cursor<'_>) -> Parsed<Option<Moment>> {
    let moment = if let Kind::Date(date) = cursor.kind() {
        Moment::Date(*date)
    } else if let Kind::Instant(instant) = cursor.kind() {
        Moment::Instant(*instant)
    } else if is_relative_ahead(cursor, 0) {
        return relative(cursor).map(Some);
    } else if cursor.is_word_ahead(0, "now") {
        Moment::Ago(Span::ZERO)
    } else {
        return Ok(None);
    };
    cursor.advance();
    Ok(Some(moment))
}

fn relative(cursor: &mut Cursor<'_>) -> Parsed<Moment> {
    let span = span(cursor)?;
    if cursor.accept("ago") {
        return Ok(Moment::Ago(span));
    }
    cursor.require("from")?;
    cursor.require("now")?;
    Ok(Moment::Ahead(span))
}

fn moment(cursor: &mut Cursor<'_>) -> Parsed<Moment> {
    match accept_moment(cursor)? {
        Some(moment) => Ok(moment),
        None => {
            cursor.expect("a date like 2026-01-31");
            cursor.expect("an instant like 2026-01-31T12:00:00Z");
            cursor.expect("a moment like `3 days ago`");
            cursor.expect("now");
            Err(cursor.fail())
        }
    }
}

/// `today`, `this week` …, if one stands here.
pub(super) fn accept_calendar(cursor: &mut Cursor<'_>) -> Parsed<Option<Calendar>> {
    if cursor.accept("today") {
        return Ok(Some(Calendar::Day));
    }
    if !cursor.accept("this") {
        return Ok(None);
    }
    let unit = cursor.choose(&Calendar::ALL[1..], |unit| match unit {
        Calendar::Day => "day",
        Calendar::Week => "week",
        Calendar::Month => "month",
        Calendar::Year => "year",
    })?;
    Ok(Some(unit))
}

/// A window, if one stands here.
pub(super) fn accept_window(cursor: &mut Cursor<'_>) -> Parsed<Option<Window>> {
    let window = if cursor.accept("in") {
        cursor.require("last")?;
        Window::Last { span: span(cursor)? }
    } else if cursor.accept("between") {
        let from = moment(cursor)?;
        cursor.require("and")?;
        Window::Between { from, to: moment(cursor)? }
    } else if cursor.accept("since") {
        since(cursor)?
    } else if cursor.accept("before") {
        Window::Before { to: moment(cursor)? }
    } else if cursor.accept("ever") {
        Window::Ever
    } else {
        return Ok(accept_calendar(cursor)?.map(|unit| Window::This { unit }));
    };
    Ok(Some(window))
}

fn since(cursor: &mut Cursor<'_>) -> Parsed<Window> {
    let which = [Which::First, Which::Last].into_iter().find(|which| cursor.accept(which.word()));
    match which {
        Some(which) => Ok(Window::SinceEvent { which, event: cursor.quoted("an event name in quotes")? }),
        None => Ok(Window::Since { from: moment(cursor)? }),
    }
}
