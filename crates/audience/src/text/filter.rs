//! Reading filters, tests, values.

use std::str::FromStr;

use model::Text;

use super::cursor::{Cursor, Parsed};
use super::error::SyntaxErrors;
use super::lexer::Kind;
use super::place::{accept_named, accept_nameless};
use super::time::{accept_calendar, accept_moment, span};
use crate::filter::{Days, Filter, Literal, Operator, Pattern, Test};

impl FromStr for Filter {
    type Err = SyntaxErrors;

    fn from_str(text: &str) -> Result<Self, SyntaxErrors> {
        let mut cursor = Cursor::new(text)?;
        let filter = filter(&mut cursor).ok();
        if filter.is_some() && !cursor.is_end() {
            cursor.expect("the end");
            let _written_down = cursor.fail();
        }
        let filter = filter.unwrap_or(Self::All { of: Vec::new() });
        cursor.finish(filter)
    }
}

/// `a or b`: stops before an `and` or `or` that leads to a condition.
pub(super) fn filter(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    let mut of = vec![all(cursor)?];
    while !leads_away(cursor) && cursor.accept("or") {
        of.push(all(cursor)?);
    }
    Ok(single_or(of, |of| Filter::Any { of }))
}

fn all(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    let mut of = vec![unary(cursor)?];
    while !leads_away(cursor) && cursor.accept("and") {
        of.push(unary(cursor)?);
    }
    Ok(single_or(of, |of| Filter::All { of }))
}

/// The only one as it is, several as a group.
pub(super) fn single_or<T>(mut of: Vec<T>, group: impl FnOnce(Vec<T>) -> T) -> T {
    match of.pop() {
        Some(only) if of.is_empty() => only,
        last => {
            of.extend(last);
            group(of)
        }
    }
}

fn leads_away(cursor: &Cursor<'_>) -> bool {
    cursor.is_condition_ahead(1)
}

fn unary(cursor: &mut Cursor<'_>) -> Parsed<Filter> {
    if cursor.accept("not") {
        let of = Box::new(cursor.nested(unary)?);
        return Ok(Filter::Not { of });
    }
    if cursor.accept_symbol("(") {
        let inner = cursor.nested(filter)?;
        cursor.require_symbol(")")?;
        return Ok(inner);
    }
    if let Some(place) = accept_nameless(cursor)? {
        return Ok(Filter::Place { place });
    }
    let name = cursor.name("the name of a property")?;
    if let Some(place) = accept_named(cursor, &name)? {
        return Ok(Filter::Place { place });
    }
    let tested = test_or_not_set(cursor)?;
    Ok(match tested {
        Some(test) => Filter::Property { name, test },
        None => Filter::Not { of: Box::new(Filter::Property { name, test: Test::IsSet }) },
    })
}

/// A test; `None` is `is not set`, which is no test of its own but the opposite of one.
pub(super) fn test_or_not_set(cursor: &mut Cursor<'_>) -> Parsed<Option<Test>> {
    if cursor.is_word_ahead(0, "is") && cursor.is_word_ahead(1, "not") {
        cursor.advance();
        cursor.advance();
        cursor.require("set")?;
        return Ok(None);
    }
    test(cursor).map(Some)
}

pub(super) fn test(cursor: &mut Cursor<'_>) -> Parsed<Test> {
    if let Some(operator) = accept_operator(cursor) {
        return Ok(Test::Compare { operator, value: literal(cursor)? });
    }
    if cursor.accept("between") {
        let from = literal(cursor)?;
        cursor.require("and")?;
        return Ok(Test::Between { from, to: literal(cursor)? });
    }
    if cursor.accept("in") {
        return in_test(cursor);
    }
    if cursor.accept("contains") {
        return Ok(Test::Contains(cursor.quoted("a text in quotes")?));
    }
    if cursor.accept("starts") {
        return with_text(cursor).map(Test::StartsWith);
    }
    if cursor.accept("ends") {
        return with_text(cursor).map(Test::EndsWith);
    }
    if cursor.accept("matches") {
        return pattern(cursor);
    }
    if cursor.accept("is") {
        cursor.require("set")?;
        return Ok(Test::IsSet);
    }
    if cursor.accept("anniversary") {
        return anniversary(cursor);
    }
    match accept_calendar(cursor)? {
        Some(unit) => Ok(Test::This(unit)),
        None if cursor.is_word_ahead(0, "not") && cursor.is_word_ahead(1, "in") => Err(cursor.fail_with(
            "write `not` before the whole test, as in `not trait country in (\"JP\")`: that includes people of whom it is not known",
        )),
        None => Err(cursor.fail()),
    }
}

pub(super) fn accept_operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    Operator::ALL.iter().copied().find(|operator| cursor.accept_symbol(operator.symbol()))
}

fn in_test(cursor: &mut Cursor<'_>) -> Parsed<Test> {
    if cursor.accept("last") {
        return Ok(Test::InLast(span(cursor)?));
    }
    if cursor.accept("next") {
        return Ok(Test::InNext(span(cursor)?));
    }
    cursor.require_symbol("(")?;
    let mut values = vec![literal(cursor)?];
    while cursor.accept_symbol(",") {
        values.push(literal(cursor)?);
    }
    cursor.require_symbol(")")?;
    Ok(Test::In(values))
}

fn with_text(cursor: &mut Cursor<'_>) -> Parsed<Text> {
    cursor.require("with")?;
    cursor.quoted("a text in quotes")
}

fn pattern(cursor: &mut Cursor<'_>) -> Parsed<Test> {
    let text = cursor.quoted("a regular expression in quotes")?;
    Pattern::new(text).map(Test::Matches).map_err(|error| cursor.refuse_last(error.to_string()))
}

fn anniversary(cursor: &mut Cursor<'_>) -> Parsed<Test> {
    if cursor.accept("today") {
        let one = Days::new(1).expect("one day is within the bounds");
        return Ok(Test::AnniversaryInNext(one));
    }
    cursor.require("in")?;
    let next = cursor.accept("next");
    if !next {
        cursor.require("last")?;
    }
    let days = Days::try_from(span(cursor)?).map_err(|error| cursor.refuse_last(error.to_string()))?;
    Ok(if next { Test::AnniversaryInNext(days) } else { Test::AnniversaryInLast(days) })
}

fn literal(cursor: &mut Cursor<'_>) -> Parsed<Literal> {
    if let Some(moment) = accept_moment(cursor)? {
        return Ok(Literal::Moment(moment));
    }
    let literal = if let Some(text) = cursor.text() {
        Literal::Text(text)
    } else if let Kind::Number(number) = cursor.kind() {
        Literal::Number(*number)
    } else if cursor.is_word_ahead(0, "true") {
        Literal::Bool(true)
    } else if cursor.is_word_ahead(0, "false") {
        Literal::Bool(false)
    } else {
        for what in ["a text in quotes", "a number", "a date", "true", "false"] {
            cursor.expect(what);
        }
        return Err(match cursor.word() {
            Some(word) => cursor.fail_with(&format!("write \"{word}\" if it is a text")),
            None => cursor.fail(),
        });
    };
    cursor.advance();
    Ok(literal)
}
