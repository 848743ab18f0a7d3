//! Tags beyond Shopify's: those that other products have too.

use super::{Origin, Tag, Written};
use crate::cursor::{Cursor, Read};
use crate::parser::Parser;
use crate::syntax::Kind;

pub(super) const TAGS: &[Tag] = &[
    Tag {
        name: "abort_message",
        inner: &[],
        form: "{% abort_message('reason') %}",
        summary: "This message is not sent to this person; the reason is kept in its record. Nothing is rendered.",
        origin: Origin::Own,
        parse: abort,
    },
    Tag {
        name: "catalog_items",
        inner: &[],
        form: "{% catalog_items catalogue key, key %}",
        summary: "Looks items up in a catalogue and gives them the name `items`, as Braze does. See also the filter `catalogue`.",
        origin: Origin::Compatible,
        parse: catalog_items,
    },
];

fn abort<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let bracket = cursor.eat("(");
    if cursor.is_done() || (bracket && cursor.eat(")")) {
        return cursor.done("the end").map(|()| Kind::Abort { reason: None });
    }
    let reason = Some(cursor.pipe()?);
    if bracket && !cursor.eat(")") {
        return Err(cursor.unexpected("`)`"));
    }
    cursor.done("the end")?;
    Ok(Kind::Abort { reason })
}

fn catalog_items<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let catalogue = cursor.word_or_text()?;
    let mut keys = Vec::new();
    loop {
        keys.push(cursor.expr()?);
        if !cursor.eat(",") {
            break;
        }
    }
    cursor.done("`,` or the end")?;
    Ok(Kind::CatalogItems { catalogue, keys })
}
