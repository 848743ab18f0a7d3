//! Tags that give a name a value.

use super::{Origin, Tag, Written};
use crate::cursor::{Cursor, Read};
use crate::parser::Parser;
use crate::syntax::Kind;

pub(super) const TAGS: &[Tag] = &[
    Tag {
        name: "assign",
        inner: &[],
        form: "{% assign name = value | filter %}",
        summary: "Gives a name a value, for the rest of the template.",
        origin: Origin::Standard,
        parse: assign,
    },
    Tag {
        name: "capture",
        inner: &["endcapture"],
        form: "{% capture name %}…{% endcapture %}",
        summary: "Gives a name what the body renders, instead of writing it. It is not escaped a second time.",
        origin: Origin::Standard,
        parse: capture,
    },
    Tag {
        name: "increment",
        inner: &[],
        form: "{% increment name %}",
        summary: "Writes a counter that starts at 0, then adds one. Counters are apart from assigned names.",
        origin: Origin::Standard,
        parse: increment,
    },
    Tag {
        name: "decrement",
        inner: &[],
        form: "{% decrement name %}",
        summary: "Takes one from the counter, then writes it: the first time -1.",
        origin: Origin::Standard,
        parse: decrement,
    },
];

fn assign<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let name = cursor.target()?;
    if !cursor.eat("=") {
        return Err(cursor.unexpected("`=`"));
    }
    let pipe = cursor.pipe()?;
    cursor.done("`|` or the end")?;
    Ok(Kind::Assign { name, pipe })
}

fn capture<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let name = if tag.markup.starts_with(['"', '\'']) { cursor.word_or_text() } else { cursor.target() };
    let name = name.and_then(|name| cursor.done("the end").map(|()| name));
    let name = parser.keep(name).unwrap_or("_");
    let (body, _) = parser.body(tag, &["endcapture"], "endcapture");
    Ok(Kind::Capture { name, body })
}

fn increment<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    counter(tag).map(|name| Kind::Increment { name })
}

fn decrement<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    counter(tag).map(|name| Kind::Decrement { name })
}

fn counter<'s>(tag: Written<'s>) -> Read<&'s str> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let name = cursor.target()?;
    cursor.done("the end")?;
    Ok(name)
}
