//! What the caller decides: about compiling once, and about each rendering.

use crate::compat::Alias;
use crate::{Catalogues, CompileLimits, Links, Partials, RenderLimits, Translations};

/// How to compile.
#[derive(Clone, Copy)]
pub struct CompileOptions<'a> {
    /// What errors call this template, such as `body` or `subject`.
    pub name: &'a str,
    /// Where `include`, `render` and content blocks find their partials.
    pub partials: &'a dyn Partials,
    /// Names of other products and what they mean here; see [`crate::compat`].
    pub aliases: &'a [Alias<'a>],
    /// Refuse what Liquid's second strict mode refuses: `when` with anything but commas and `or`.
    pub strict: bool,
    /// How much may be asked for.
    pub limits: CompileLimits,
}

impl Default for CompileOptions<'_> {
    fn default() -> Self {
        Self { name: "template", partials: &(), aliases: &[], strict: false, limits: CompileLimits::DEFAULT }
    }
}

/// What the output is, and so how text that came from people is made harmless in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Escape {
    /// HTML between tags or in a quoted attribute: `& < > " '` become references.
    #[default]
    Html,
    /// An attribute even without quotes: as HTML, and white space, `=` and the back quote too.
    Attribute,
    /// A part of a URL: everything but letters, digits and `- . _ ~` is percent-encoded.
    Url,
    /// The inside of a JSON string; harmless within a `<script>` too.
    Json,
    /// Plain text: control characters other than tab and line feed are left out.
    Text,
    /// As Liquid itself: nothing is changed.
    Off,
}

/// How to render.
#[derive(Clone, Copy)]
pub struct RenderOptions<'a> {
    /// What the output is.
    pub escape: Escape,
    /// What `now` and `today` mean, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// The time zone dates are shown in, such as `Asia/Tokyo`.
    pub zone: &'a str,
    /// How numbers, money and dates are written, such as `ja` or `pt-BR`.
    pub locale: &'a str,
    /// Where catalogue items come from.
    pub catalogues: Option<&'a dyn Catalogues>,
    /// Where translated texts come from.
    pub translations: Option<&'a dyn Translations>,
    /// What happens to links.
    pub links: Option<&'a dyn Links>,
    /// How much may be asked for.
    pub limits: RenderLimits,
    /// Asked every thousand steps or so: whether time is up. The engine has no clock of its own.
    pub time_is_up: Option<&'a dyn Fn() -> bool>,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self {
            escape: Escape::Html,
            now_ms: 0,
            zone: "UTC",
            locale: "en",
            catalogues: None,
            translations: None,
            links: None,
            limits: RenderLimits::DEFAULT,
            time_is_up: None,
        }
    }
}
