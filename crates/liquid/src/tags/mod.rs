//! The tags, as a table. A tag is one entry in its family's slice: how it is read, and what the reference says.

mod branches;
mod loops;
mod own;
mod partials;
mod plain;
mod variables;

use crate::cursor::{Cursor, Read};
use crate::lexer::Tag as Written;
use crate::parser::Parser;
use crate::syntax::{Kind, Pipe};

/// Where something comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Shopify's language.
    Standard,
    /// Ours.
    Own,
    /// Read for the sake of templates from another product.
    Compatible,
}

/// One tag.
pub struct Tag {
    /// What it is called.
    pub name: &'static str,
    /// Tags that may stand inside it and the one that ends it; empty when it has no body.
    pub inner: &'static [&'static str],
    /// How it is written.
    pub form: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    pub(crate) parse: for<'s> fn(&mut Parser<'s>, Written<'s>) -> Read<Kind<'s>>,
}

/// Every family of tags.
pub const TAGS: &[&[Tag]] =
    &[variables::TAGS, branches::TAGS, loops::TAGS, partials::TAGS, plain::TAGS, own::TAGS];

/// Tags of other products that cannot work here, and what to do instead.
pub(crate) const FOREIGN: &[(&str, &str)] = &[
    ("connected_content", "rendering never calls another server; put the data into a catalogue"),
    ("message_extras", "what is worth keeping about a message is in its record already"),
    ("promotion", "put the codes into a catalogue"),
    ("catalog_selection_items", "look the items up by key with `catalog_items`"),
    ("layout", "use `render` or `include`"),
    ("block", "use `render` or `include`"),
    ("form", "use plain HTML"),
    ("paginate", "use `for` with `limit` and `offset`"),
    ("section", "use `render`"),
    ("schema", "leave it out"),
    ("style", "use plain HTML"),
    ("javascript", "use plain HTML"),
    ("stylesheet", "use plain HTML"),
];

pub(crate) fn all() -> impl Iterator<Item = &'static Tag> {
    TAGS.iter().copied().flatten()
}

pub(crate) fn find(name: &str) -> Option<&'static Tag> {
    all().find(|tag| tag.name == name)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    all().map(|tag| tag.name)
}

/// Whether `name` can only stand inside another tag.
pub(crate) fn is_inner(name: &str) -> bool {
    all().any(|tag| tag.inner.contains(&name))
}

/// The whole markup of a tag as a value with filters.
fn pipe<'s>(tag: Written<'s>) -> Read<Pipe<'s>> {
    let mut cursor = Cursor::new(tag.markup, tag.markup_at);
    let pipe = cursor.pipe()?;
    cursor.done("`|` or the end")?;
    Ok(pipe)
}
