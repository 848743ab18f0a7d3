//! What one run is given: a byte each for the kind of output, the locale and four limits; then, with a unit separator
//! between them, a template, a partial called `part` and the data as JSON.
//!
//! Text on purpose: the cases of the golden suite are seeds, and a dictionary of the language helps.

use liquid::{Arena, Catalogues, Escape, Links, RenderLimits, Translations, Value};
use serde_json::Value as Tree;

use crate::data::value;

pub struct Input<'b> {
    pub escape: Escape,
    pub locale: &'static str,
    pub limits: RenderLimits,
    pub source: &'b str,
    pub partial: &'b str,
    /// Also what catalogues and translations are looked up in.
    pub data: Tree,
}

const ESCAPES: &[Escape] =
    &[Escape::Off, Escape::Html, Escape::Attribute, Escape::Url, Escape::Json, Escape::Text];

const LOCALES: &[&str] = &["en", "ja", "de", "fr", "en-IN", "pt-BR", "xx"];

/// Bytes before the texts.
const HEAD: usize = 6;

const SEPARATOR: char = '\u{1f}';

impl<'b> Input<'b> {
    /// `None` when the bytes are no text.
    pub fn read(bytes: &'b [u8]) -> Option<Self> {
        let (head, texts) = bytes.split_first_chunk::<HEAD>()?;
        let texts = std::str::from_utf8(texts).ok()?;
        let mut texts = texts.splitn(3, SEPARATOR);
        let (source, partial) = (texts.next()?, texts.next().unwrap_or("[{{ part }}]"));
        let data = texts.next().and_then(|json| serde_json::from_str(json).ok()).unwrap_or(Tree::Null);
        let pick = |at: usize, length: usize| usize::from(head[at]) % length;
        Some(Self {
            escape: ESCAPES[pick(0, ESCAPES.len())],
            locale: LOCALES[pick(1, LOCALES.len())],
            limits: limits(head[2], head[3], head[4], head[5]),
            source,
            partial,
            data,
        })
    }
}

/// Each limit from almost nothing to its default; a zero is the default.
fn limits(steps: u8, output: u8, memory: u8, nesting: u8) -> RenderLimits {
    let most = RenderLimits::DEFAULT;
    let scaled = |byte: u8, most: u64| if byte == 0 { most } else { (most >> (byte % 24)).max(1) };
    let size = |byte: u8, most: usize| usize::try_from(scaled(byte, most as u64)).unwrap_or(most);
    RenderLimits {
        steps_max: scaled(steps, most.steps_max),
        output_bytes_max: size(output, most.output_bytes_max),
        memory_bytes_max: size(memory, most.memory_bytes_max),
        nesting_max: if nesting == 0 { most.nesting_max } else { usize::from(nesting) },
    }
}

impl Catalogues for Input<'_> {
    fn item<'a>(&'a self, catalogue: &str, key: &str, arena: &'a Arena) -> Option<Value<'a>> {
        self.data.get(catalogue)?.get(key).map(|item| value(item, arena))
    }
}

impl Translations for Input<'_> {
    fn text(&self, key: &str, _: &str) -> Option<&str> {
        self.data.get(key)?.as_str()
    }
}

impl Links for Input<'_> {
    fn link(&self, url: &str, label: &str, out: &mut String) {
        out.push_str(label);
        out.push('?');
        out.push_str(url);
    }
}
