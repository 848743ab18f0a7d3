//! Liquid tags set aside, so that markup can be read as markup.
//!
//! A tag may stand anywhere: in a text, in an attribute, around a section, and
//! hold characters that mean something to markup (`<`, `>`, quotes). Each tag is
//! replaced by one private-use character and filler of the same length in bytes,
//! so places keep their offsets, and is put back when the markup is done.

/// The first of the private-use characters that stand for tags.
const FIRST: u32 = 0xE000;

/// How many tags a source may hold: the private-use characters of Unicode's basic plane.
pub(crate) const TAGS_MAX: usize = 6400;

const FILLER: char = 'x';

/// The tags of a source, in order.
pub(crate) struct Aside {
    tags: Vec<String>,
}

/// A text with its tags replaced, or `None` when it holds more than [`TAGS_MAX`] or private-use characters of its own.
pub(crate) fn set_aside(text: &str) -> Option<(String, Aside)> {
    let mut tags = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    if rest.chars().any(|character| tag_index(character).is_some()) {
        return None;
    }
    while let Some((start, end)) = next_tag(rest) {
        out.push_str(&rest[..start]);
        let tag = &rest[start..end];
        out.push(tag_character(tags.len())?);
        out.extend(std::iter::repeat_n(FILLER, tag.len() - tag_character(0)?.len_utf8()));
        tags.push(tag.to_owned());
        rest = &rest[end..];
    }
    out.push_str(rest);
    Some((out, Aside { tags }))
}

impl Aside {
    /// Puts the tags back wherever their characters stand.
    pub(crate) fn put_back(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, character)) =
            rest.char_indices().find(|(_, character)| tag_index(*character).is_some())
        {
            out.push_str(&rest[..at]);
            let tag = tag_index(character).and_then(|index| self.tags.get(index)).map_or("", String::as_str);
            out.push_str(tag);
            rest = &rest[at + character.len_utf8()..];
            let filler = tag.len().saturating_sub(character.len_utf8());
            rest = rest.get(filler..).unwrap_or("");
        }
        out.push_str(rest);
        out
    }
}

/// Whether a character stands for a tag.
pub(crate) fn stands_for_tag(character: char) -> bool {
    tag_index(character).is_some()
}

/// The bytes that the tag beginning with this character takes, filler included; 0 when it stands for none.
pub(crate) fn tag_bytes(aside: &Aside, character: char) -> usize {
    tag_index(character).and_then(|index| aside.tags.get(index)).map_or(0, String::len)
}

fn tag_character(index: usize) -> Option<char> {
    if index >= TAGS_MAX {
        return None;
    }
    char::from_u32(FIRST + u32::try_from(index).ok()?)
}

fn tag_index(character: char) -> Option<usize> {
    let index = usize::try_from(u32::from(character).checked_sub(FIRST)?).ok()?;
    (index < TAGS_MAX).then_some(index)
}

/// Where the next tag starts and ends.
fn next_tag(text: &str) -> Option<(usize, usize)> {
    let start =
        text.match_indices('{').map(|(at, _)| at).find(|at| text[at + 1..].starts_with(['{', '%']))?;
    let close = if text[start + 1..].starts_with('{') { "}}" } else { "%}" };
    let end = start + 2 + text[start + 2..].find(close)? + 2;
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_keep_their_length_and_come_back() {
        let text = r#"<a href="{{ url | default: "x" }}">{% if a < b %}だ{% endif %}</a>"#;
        let (aside_text, aside) = set_aside(text).unwrap();
        assert_eq!(aside_text.len(), text.len());
        assert!(!aside_text.contains('{'));
        assert_eq!(aside.put_back(&aside_text), text);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "([a-z<>\"é]|\\{\\{|\\}\\}|\\{%|%\\}){0,40}") {
            let (aside_text, aside) = set_aside(&text).unwrap();
            prop_assert_eq!(aside.put_back(&aside_text), text);
        }
    }
}
