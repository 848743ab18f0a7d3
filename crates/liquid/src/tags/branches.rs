//! Tags that choose.

use super::{Origin, Tag, Written};
use crate::cursor::{Cursor, Read};
use crate::parser::Parser;
use crate::syntax::{Arm, Block, Condition, Expr, Kind, Test};

pub(super) const TAGS: &[Tag] = &[
    Tag {
        name: "if",
        inner: &["elsif", "else", "endif"],
        form: "{% if a == b and c contains d %}…{% elsif e %}…{% else %}…{% endif %}",
        summary: "Renders the first branch whose condition holds. Only `nil` and `false` are untrue. Operators: `== != <> < > <= >= contains and or`; of several `and` and `or`, the last binds first.",
        origin: Origin::Standard,
        parse: when_true,
    },
    Tag {
        name: "unless",
        inner: &["elsif", "else", "endunless"],
        form: "{% unless a %}…{% elsif b %}…{% else %}…{% endunless %}",
        summary: "As `if`, with the first condition turned around.",
        origin: Origin::Standard,
        parse: unless,
    },
    Tag {
        name: "case",
        inner: &["when", "else", "endcase"],
        form: "{% case a %}{% when 1, 2 or 3 %}…{% else %}…{% endcase %}",
        summary: "Renders every `when` that names the value; `else` when none before it did.",
        origin: Origin::Standard,
        parse: case,
    },
    Tag {
        name: "ifchanged",
        inner: &["endifchanged"],
        form: "{% ifchanged %}…{% endifchanged %}",
        summary: "Writes the body only when it differs from what the last `ifchanged` wrote.",
        origin: Origin::Standard,
        parse: ifchanged,
    },
];

fn when_true<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let (branches, otherwise) = branches(parser, tag, "endif");
    Ok(Kind::If { branches, otherwise, unless: false })
}

fn unless<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let (branches, otherwise) = branches(parser, tag, "endunless");
    Ok(Kind::If { branches, otherwise, unless: true })
}

type Branches<'s> = (Vec<(Condition<'s>, Block<'s>)>, Option<Block<'s>>);

/// Whatever comes after the first `else` is read and left out, as Liquid does.
fn branches<'s>(parser: &mut Parser<'s>, open: Written<'s>, end: &'static str) -> Branches<'s> {
    let mut branches = Vec::new();
    let mut otherwise: Option<Block<'s>> = None;
    let mut tag = open;
    loop {
        let condition = if tag.name == "else" { None } else { Some(condition(parser, tag)) };
        let (body, next) = parser.body(open, &["elsif", "else", end], end);
        match condition {
            Some(condition) if otherwise.is_none() => branches.push((condition, body)),
            None if otherwise.is_none() => otherwise = Some(body),
            Some(_) | None => {}
        }
        match next {
            Some(next) if next.name != end => tag = next,
            Some(_) | None => return (branches, otherwise),
        }
    }
}

fn condition<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Condition<'s> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let read = cursor.condition();
    let read =
        read.and_then(|condition| cursor.done("`and`, `or`, a comparison or the end").map(|()| condition));
    parser
        .keep(read)
        .unwrap_or(Condition { first: Test { left: Expr::Nil, compared: None }, rest: Vec::new() })
}

fn case<'s>(parser: &mut Parser<'s>, open: Written<'s>) -> Read<Kind<'s>> {
    const END: &str = "endcase";
    let mut cursor = Cursor::new(open.markup, open.markup_at);
    let subject = cursor.expr().and_then(|subject| cursor.done("the end").map(|()| subject));
    let subject = parser.keep(subject).unwrap_or(Expr::Nil);
    let mut arms = Vec::new();
    // What stands before the first `when` is not rendered.
    let (_, mut next) = parser.body(open, &["when", "else", END], END);
    while let Some(tag) = next.filter(|tag| tag.name != END) {
        let values = if tag.name == "else" { None } else { Some(when(parser, tag)) };
        let (body, after) = parser.body(open, &["when", "else", END], END);
        arms.push(Arm { values, body });
        next = after;
    }
    Ok(Kind::Case { subject, arms })
}

fn when<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Vec<Expr<'s>> {
    let read = when_values(parser.strict, tag);
    parser.keep(read).unwrap_or_default()
}

fn when_values<'s>(strict: bool, tag: Written<'s>) -> Read<Vec<Expr<'s>>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let mut values = Vec::new();
    loop {
        values.push(cursor.expr()?);
        let more = cursor.eat(",") || cursor.eat_word("or");
        if cursor.is_done() {
            return Ok(values);
        }
        if !more {
            // Liquid reads no further; its second strict mode refuses.
            return if strict { Err(cursor.unexpected("`,`, `or` or the end")) } else { Ok(values) };
        }
    }
}

fn ifchanged<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let (body, _) = parser.body(tag, &["endifchanged"], "endifchanged");
    Ok(Kind::Ifchanged { body })
}
