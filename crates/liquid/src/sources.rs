//! What a template may ask for beyond its data. The engine does no I/O: the caller answers from memory.

use crate::{Arena, Value};

/// Other templates, by name. Asked while compiling only: a compiled template holds all it needs.
pub trait Partials {
    /// The source of the partial called `name`.
    fn source(&self, name: &str) -> Option<&str>;

    /// All names: for the nearest name in an error, and for `include` with a name that is only known while rendering.
    fn names(&self) -> Vec<&str>;
}

/// No partials.
impl Partials for () {
    fn source(&self, _: &str) -> Option<&str> {
        None
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Partials as pairs of name and source.
impl Partials for Vec<(String, String)> {
    fn source(&self, name: &str) -> Option<&str> {
        self.iter().find(|(existing, _)| existing == name).map(|(_, source)| source.as_str())
    }

    fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// Catalogues of things (products, shops, articles) by key.
pub trait Catalogues {
    /// The item called `key` in `catalogue`, or `None` when there is no such item.
    fn item<'a>(&'a self, catalogue: &str, key: &str, arena: &'a Arena) -> Option<Value<'a>>;
}

/// Texts by key and locale.
pub trait Translations {
    /// The text for `key` in `locale` (such as `ja` or `pt-BR`); falling back to another locale is the source's affair.
    fn text(&self, key: &str, locale: &str) -> Option<&str>;
}

/// What happens to a link on its way into a message: the hook behind the `url` filter.
pub trait Links {
    /// Writes the address to put instead of `url`. `label` is what the template calls this link, or empty.
    fn link(&self, url: &str, label: &str, out: &mut String);
}
