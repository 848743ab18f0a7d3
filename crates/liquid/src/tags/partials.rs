//! Tags that render another template.

use super::{Origin, Tag, Written};
use crate::cursor::{Cursor, Read};
use crate::parser::Parser;
use crate::syntax::{Bound, Expr, Kind, Partial};

pub(super) const TAGS: &[Tag] = &[
    Tag {
        name: "render",
        inner: &[],
        form: "{% render 'name' with value as name, argument: value %}",
        summary: "Renders a partial that sees the data and its arguments, and nothing that was assigned here. `for values` renders it once for each.",
        origin: Origin::Standard,
        parse: render,
    },
    Tag {
        name: "include",
        inner: &[],
        form: "{% include 'name' for values as name, argument: value %}",
        summary: "Renders a partial as if it stood here: it sees and changes what was assigned. The name may be a value.",
        origin: Origin::Standard,
        parse: include,
    },
];

fn render<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let partial = partial(&mut cursor)?;
    if !matches!(partial.name, Expr::Text(_)) {
        return Err(Cursor::new(tag.markup, tag.markup_at).unexpected("the name of a partial in quotes"));
    }
    Ok(Kind::Render(Box::new(partial)))
}

fn include<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    partial(&mut cursor).map(|partial| Kind::Include(Box::new(partial)))
}

fn partial<'s>(cursor: &mut Cursor<'s>) -> Read<Partial<'s>> {
    let mut partial = Partial { name: cursor.expr()?, bound: None, arguments: Vec::new() };
    let with = cursor.eat_word("with");
    if with || cursor.eat_word("for") {
        let value = cursor.expr()?;
        let alias = if cursor.eat_word("as") { Some(cursor.target()?) } else { None };
        partial.bound = Some(Bound { value, each: !with, alias });
    }
    while !cursor.is_done() {
        if cursor.eat(",") {
            continue;
        }
        match cursor.argument_name() {
            Some(name) => partial.arguments.push((name, cursor.expr()?)),
            None => return Err(cursor.unexpected("`with`, `for`, `name: value` or the end")),
        }
    }
    Ok(partial)
}
