//! Tags that repeat.

use super::{Origin, Tag, Written};
use crate::cursor::{Cursor, Read};
use crate::parser::Parser;
use crate::syntax::{Expr, Kind, Loop, Offset};

pub(super) const TAGS: &[Tag] = &[
    Tag {
        name: "for",
        inner: &["else", "endfor"],
        form: "{% for item in list reversed limit: 3 offset: 1 %}…{% else %}…{% endfor %}",
        summary: "Renders the body for each item of a list, each pair of a map, each number of a range `(1..5)`; `else` when there is none. `offset: continue` goes on where the last such loop stopped. `forloop` has `index index0 rindex rindex0 first last length name parentloop`.",
        origin: Origin::Standard,
        parse: for_each,
    },
    Tag {
        name: "tablerow",
        inner: &["endtablerow"],
        form: "{% tablerow item in list cols: 2 limit: 4 offset: 1 %}…{% endtablerow %}",
        summary: "As `for`, in rows and cells of an HTML table. `tablerowloop` has `col col0 col_first col_last row` besides what `forloop` has.",
        origin: Origin::Standard,
        parse: tablerow,
    },
    Tag {
        name: "break",
        inner: &[],
        form: "{% break %}",
        summary: "Leaves the loop.",
        origin: Origin::Standard,
        parse: leave,
    },
    Tag {
        name: "continue",
        inner: &[],
        form: "{% continue %}",
        summary: "Goes on with the next item.",
        origin: Origin::Standard,
        parse: go_on,
    },
    Tag {
        name: "cycle",
        inner: &[],
        form: "{% cycle 'group': 'odd', 'even' %}",
        summary: "Writes the next of its values each time, and starts again at the end. A group name joins several tags.",
        origin: Origin::Standard,
        parse: cycle,
    },
];

fn for_each<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut each = head(parser, tag);
    let (body, mut next) = parser.body(tag, &["else", "endfor"], "endfor");
    each.body = body;
    while next.is_some_and(|tag| tag.name == "else") {
        let (otherwise, after) = parser.body(tag, &["else", "endfor"], "endfor");
        each.otherwise.get_or_insert(otherwise);
        next = after;
    }
    Ok(Kind::For(Box::new(each)))
}

fn tablerow<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut each = head(parser, tag);
    each.body = parser.body(tag, &["endtablerow"], "endtablerow").0;
    Ok(Kind::Tablerow(Box::new(each)))
}

fn head<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Loop<'s> {
    let mut each = Loop {
        variable: "_",
        collection: Expr::Nil,
        collection_text: "",
        limit: None,
        offset: None,
        cols: None,
        reversed: false,
        body: Vec::new(),
        otherwise: None,
    };
    let read = read_head(&mut each, tag);
    parser.keep(read);
    each
}

fn read_head<'s>(each: &mut Loop<'s>, tag: Written<'s>) -> Read<()> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    each.variable = cursor.name().ok_or_else(|| cursor.unexpected("a name"))?;
    if !cursor.eat_word("in") {
        return Err(cursor.unexpected("`in`"));
    }
    let from = cursor.position();
    each.collection = cursor.expr()?;
    each.collection_text = cursor.since(from);
    while !cursor.is_done() {
        if cursor.eat(",") {
            continue;
        }
        if cursor.eat_word("reversed") {
            each.reversed = true;
            continue;
        }
        argument(each, &mut cursor)?;
    }
    Ok(())
}

fn argument<'s>(each: &mut Loop<'s>, cursor: &mut Cursor<'s>) -> Read<()> {
    const EXPECTED: &str = "`reversed`, `limit:`, `offset:`, `cols:` or the end";
    let before = cursor.clone();
    match cursor.argument_name() {
        Some("limit") => each.limit = Some(cursor.expr()?),
        Some("cols") => each.cols = Some(cursor.expr()?),
        Some("offset") if cursor.eat_word("continue") => each.offset = Some(Offset::Continue),
        Some("offset") => each.offset = Some(Offset::At(cursor.expr()?)),
        Some(_) | None => {
            *cursor = before;
            return Err(cursor.unexpected(EXPECTED));
        }
    }
    Ok(())
}

fn leave<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    Cursor::new(tag.markup, tag.markup_at).done("the end").map(|()| Kind::Break)
}

fn go_on<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    Cursor::new(tag.markup, tag.markup_at).done("the end").map(|()| Kind::Continue)
}

fn cycle<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let mut group = None;
    let mut values = vec![cursor.expr()?];
    if cursor.eat(":") {
        group = values.pop();
        values.push(cursor.expr()?);
    }
    while cursor.eat(",") && !cursor.is_done() {
        values.push(cursor.expr()?);
    }
    cursor.done("`,` or the end")?;
    Ok(Kind::Cycle { group, values })
}
