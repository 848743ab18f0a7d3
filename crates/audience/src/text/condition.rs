//! Reading conditions.

use std::str::FromStr;

use model::{Channel, Purpose, Text};

use super::cursor::{Cursor, Failed, Parsed, STARTS};
use super::error::SyntaxErrors;
use super::filter::{accept_operator, filter, single_or, test, test_or_not_set};
use super::lexer::Kind;
use super::nearest;
use super::place::{accept_named, accept_nameless, area, names};
use super::time::{accept_window, span};
use crate::condition::{
    Condition, Did, Edge, Function, Hours, LastPlace, Measure, Mostly, Sequence, Step, UsualHour,
};
use crate::filter::{Filter, Test};
use crate::time::Window;

const EVENT: &str = "an event name in quotes";

impl FromStr for Condition {
    type Err = SyntaxErrors;

    fn from_str(text: &str) -> Result<Self, SyntaxErrors> {
        let mut cursor = Cursor::new(text)?;
        let mut parsed = condition(&mut cursor);
        while !cursor.is_end() {
            cursor.expect("the end");
            let _written_down = cursor.fail();
            cursor.recover();
            if *cursor.kind() == Kind::Symbol(")") {
                cursor.advance();
            }
            if cursor.accept("and") || cursor.accept("or") {
                parsed = condition(&mut cursor);
            }
        }
        cursor.finish(parsed)
    }
}

/// `a or b`. Always a condition: where one cannot be read, the error is written down and everyone stands in for it.
fn condition(cursor: &mut Cursor<'_>) -> Condition {
    let mut of = vec![all(cursor)];
    while cursor.accept("or") {
        of.push(all(cursor));
    }
    single_or(of, |of| Condition::Any { of })
}

fn all(cursor: &mut Cursor<'_>) -> Condition {
    let mut of = vec![unary_or_recover(cursor)];
    while cursor.accept("and") {
        of.push(unary_or_recover(cursor));
    }
    single_or(of, |of| Condition::All { of })
}

fn unary_or_recover(cursor: &mut Cursor<'_>) -> Condition {
    unary(cursor).unwrap_or_else(|Failed| {
        cursor.recover();
        Condition::Everyone
    })
}

fn unary(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if cursor.accept("not") {
        return Ok(cursor.nested(unary)?.negated());
    }
    if cursor.accept_symbol("(") {
        let inner = cursor.nested(|cursor| Ok(condition(cursor)))?;
        cursor.require_symbol(")")?;
        return Ok(inner);
    }
    leaf(cursor)
}

fn leaf(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if cursor.starts("everyone") {
        Ok(Condition::Everyone)
    } else if cursor.starts("did") {
        did(cursor)
    } else if cursor.starts("first") {
        edge(cursor).map(Condition::FirstDid)
    } else if cursor.starts("last") {
        if cursor.accept("place") { last_place(cursor) } else { edge(cursor).map(Condition::LastDid) }
    } else if cursor.starts("trait") {
        trait_test(cursor)
    } else if cursor.starts("reachable") {
        Ok(Condition::Reachable { channel: accept_channel(cursor)? })
    } else if cursor.starts("consented") {
        cursor.require("to")?;
        let purpose = cursor.choose(Purpose::ALL, Purpose::word)?;
        Ok(Condition::Consented { purpose, channel: accept_channel(cursor)? })
    } else if cursor.starts("subscribed") {
        cursor.require("to")?;
        Ok(Condition::Subscribed { topic: cursor.quoted("the name of a topic in quotes")? })
    } else if cursor.starts("member") {
        cursor.require("of")?;
        Ok(Condition::Member { audience: cursor.quoted("the name of an audience in quotes")? })
    } else if cursor.starts("sequence") {
        sequence(cursor)
    } else if cursor.starts("mostly") {
        mostly(cursor)
    } else if cursor.starts("usual") {
        usual_hour(cursor)
    } else {
        Err(no_condition(cursor))
    }
}

/// A bare word with a test after it is a property outside of its `where`, or a trait without `trait`.
fn no_condition(cursor: &mut Cursor<'_>) -> Failed {
    cursor.expect("a condition like `did \"purchase\"`");
    if let Some(text) = cursor.text() {
        return cursor.fail_with(&format!("an event reads `did \"{text}\"`"));
    }
    let Some(word) = cursor.word() else {
        return cursor.fail();
    };
    let symbol = matches!(cursor.ahead(1), Kind::Symbol(symbol) if *symbol != "(" && *symbol != ")");
    let tests = ["in", "is", "contains", "starts", "ends", "matches"];
    if symbol || tests.iter().any(|test| cursor.is_word_ahead(1, test)) {
        return cursor.fail_with(&format!(
            "a trait reads `trait {word} …`; a property of an event stands after `where`, before the window"
        ));
    }
    if ["near", "inside", "point"].iter().any(|place| word.eq_ignore_ascii_case(place)) {
        return cursor.fail_with(
            "a place reads `trait home near …`, `did \"visit\" where near …` or `last place of \"visit\" near …`",
        );
    }
    match nearest(&word, STARTS.iter().copied()) {
        Some(near) => cursor.fail_with(&format!("did you mean `{near}`?")),
        None => cursor.fail(),
    }
}

fn accept_channel(cursor: &mut Cursor<'_>) -> Parsed<Option<Channel>> {
    if !cursor.accept("on") {
        return Ok(None);
    }
    cursor.choose(Channel::ALL, Channel::word).map(Some)
}

/// What may follow an event: each at most once, in any order.
#[derive(Default)]
struct Clauses {
    filter: Option<Filter>,
    measure: Option<Measure>,
    window: Option<Window>,
}

impl Clauses {
    fn window(self) -> (Option<Filter>, Window) {
        (self.filter, self.window.unwrap_or_default())
    }
}

fn clauses(cursor: &mut Cursor<'_>, measured: bool) -> Parsed<Clauses> {
    let mut clauses = Clauses::default();
    loop {
        if clauses.filter.is_none() && cursor.accept("where") {
            clauses.filter = Some(filter(cursor)?);
            continue;
        }
        if measured && clauses.measure.is_none() {
            clauses.measure = accept_measure(cursor)?;
            if clauses.measure.is_some() {
                continue;
            }
        }
        if clauses.window.is_none() {
            clauses.window = accept_window(cursor)?;
            if clauses.window.is_some() {
                continue;
            }
        }
        return Ok(clauses);
    }
}

fn did(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    let negated = cursor.accept("not");
    let event = cursor.quoted(EVENT)?;
    let Clauses { filter, measure, window } = clauses(cursor, true)?;
    let did = Condition::Did(Did {
        event,
        filter,
        measure: measure.unwrap_or_default(),
        window: window.unwrap_or_default(),
    });
    Ok(if negated { did.negated() } else { did })
}

fn edge(cursor: &mut Cursor<'_>) -> Parsed<Edge> {
    cursor.require("did")?;
    let event = cursor.quoted(EVENT)?;
    let (filter, window) = clauses(cursor, false)?.window();
    Ok(Edge { event, filter, window })
}

fn accept_measure(cursor: &mut Cursor<'_>) -> Parsed<Option<Measure>> {
    let counted = matches!(cursor.ahead(1), Kind::Number(_)) && cursor.is_word_ahead(2, "and");
    if cursor.accept("at") {
        if cursor.accept("least") {
            return Ok(Some(Measure::AtLeast { times: times(cursor)? }));
        }
        cursor.require("most")?;
        return Ok(Some(Measure::AtMost { times: times(cursor)? }));
    }
    if cursor.accept("exactly") {
        return Ok(Some(Measure::Exactly { times: times(cursor)? }));
    }
    if counted && cursor.accept("between") {
        let from = cursor.whole("a whole number")?;
        cursor.require("and")?;
        return Ok(Some(Measure::Between { from, to: times(cursor)? }));
    }
    let with = cursor.accept("with");
    match Function::ALL.iter().copied().find(|function| cursor.accept(function.word())) {
        Some(function) => amount(cursor, function).map(Some),
        None if with => Err(cursor.fail()),
        None => Ok(None),
    }
}

/// `2 times`, `1 time`, `once`, `twice`.
fn times(cursor: &mut Cursor<'_>) -> Parsed<u32> {
    if cursor.accept("once") {
        return Ok(1);
    }
    if cursor.accept("twice") {
        return Ok(2);
    }
    let times = cursor.whole("a whole number")?;
    if !cursor.accept("times") && !cursor.accept("time") {
        return Err(cursor.fail());
    }
    Ok(times)
}

fn amount(cursor: &mut Cursor<'_>, function: Function) -> Parsed<Measure> {
    cursor.require("of")?;
    let of = cursor.name("the name of a property")?;
    let Some(is) = accept_operator(cursor) else {
        return Err(cursor.fail());
    };
    Ok(Measure::Amount { function, of, is, value: cursor.number("a number")? })
}

fn sequence(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    let mut steps = vec![step(cursor)?];
    cursor.require("then")?;
    steps.push(step(cursor)?);
    while cursor.accept("then") {
        steps.push(step(cursor)?);
    }
    let (mut within, mut without, mut window) = (None, None, None);
    loop {
        if within.is_none() && cursor.accept("within") {
            within = Some(span(cursor)?);
        } else if without.is_none() && cursor.accept("without") {
            without = Some(step(cursor)?);
            cursor.require("between")?;
        } else if window.is_none()
            && let Some(found) = accept_window(cursor)?
        {
            window = Some(found);
        } else {
            break;
        }
    }
    Ok(Condition::Sequence(Sequence { steps, within, without, window: window.unwrap_or_default() }))
}

fn step(cursor: &mut Cursor<'_>) -> Parsed<Step> {
    let event = cursor.quoted(EVENT)?;
    let filter = if cursor.accept("where") { Some(filter(cursor)?) } else { None };
    Ok(Step { event, filter })
}

fn mostly(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    let property = cursor.name("the name of a property")?;
    cursor.require("of")?;
    let event = cursor.quoted(EVENT)?;
    let test = test(cursor)?;
    let (filter, window) = clauses(cursor, false)?.window();
    Ok(Condition::Mostly(Mostly { property, event, filter, test, window }))
}

fn usual_hour(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    cursor.require("hour")?;
    cursor.require("of")?;
    let event = cursor.quoted(EVENT)?;
    let hours = hours(cursor)?;
    let (filter, window) = clauses(cursor, false)?.window();
    Ok(Condition::UsualHour(UsualHour { event, filter, hours, window }))
}

fn hours(cursor: &mut Cursor<'_>) -> Parsed<Hours> {
    let from;
    let to;
    if cursor.accept_symbol("=") {
        from = hour(cursor)?;
        to = from;
    } else {
        cursor.require("between")?;
        from = hour(cursor)?;
        cursor.require("and")?;
        to = hour(cursor)?;
    }
    Hours::new(from, to).ok_or_else(|| cursor.refuse_last("an hour is between 0 and 23".to_owned()))
}

fn hour(cursor: &mut Cursor<'_>) -> Parsed<u8> {
    cursor.whole("an hour from 0 to 23")
}

/// `last place of "visit" near …`, `last place home of "visit" near …`, `last place point (lat, lng) of "visit" near …`.
fn last_place(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    let names = names(cursor)?;
    cursor.require("of")?;
    let event = cursor.quoted(EVENT)?;
    let place = names.place(area(cursor)?);
    let (filter, window) = clauses(cursor, false)?.window();
    Ok(Condition::LastPlace(LastPlace { place, event, filter, window }))
}

fn trait_test(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if let Some(place) = accept_nameless(cursor)? {
        return Ok(Condition::TraitPlace { place });
    }
    let name: Text = cursor.name("the name of a trait")?;
    if let Some(place) = accept_named(cursor, &name)? {
        return Ok(Condition::TraitPlace { place });
    }
    Ok(match test_or_not_set(cursor)? {
        Some(test) => Condition::Trait { name, test },
        None => Condition::Trait { name, test: Test::IsSet }.negated(),
    })
}
