//! Liquid tags set aside, so that markup can be read as markup.
//!
//! A tag may stand anywhere: in a text, in an attribute, around a section, and
//! hold characters that mean something to markup (`<`, `>`, quotes). Each tag is
//! replaced by a token of plain letters and digits, which every markup program
//! passes on unchanged, and is put back when the markup is done.

/// How many tags a source may hold.
pub(crate) const TAGS_MAX: usize = 10_000;

/// What tokens begin with; a source that holds this itself cannot be set aside.
const HEAD: &str = "omtag";
const DIGITS: usize = 4;
const TAIL: char = 'z';
/// How long a token is.
const TOKEN_BYTES: usize = HEAD.len() + DIGITS + 1;

/// The tags of a source, in order, and where their tokens stand.
pub(crate) struct Aside {
    tags: Vec<String>,
    /// Where each token stands in the text without tags.
    places: Vec<usize>,
}

/// A text with its tags replaced, or `None` when it holds more than [`TAGS_MAX`] of them or tokens of its own.
pub(crate) fn set_aside(text: &str) -> Option<(String, Aside)> {
    let mut aside = Aside { tags: Vec::new(), places: Vec::new() };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    if rest.contains(HEAD) {
        return None;
    }
    while let Some((start, end)) = next_tag(rest) {
        out.push_str(&rest[..start]);
        if aside.tags.len() == TAGS_MAX {
            return None;
        }
        aside.places.push(out.len());
        out.push_str(&format!("{HEAD}{:0DIGITS$}{TAIL}", aside.tags.len()));
        aside.tags.push(rest[start..end].to_owned());
        rest = &rest[end..];
    }
    out.push_str(rest);
    Some((out, aside))
}

impl Aside {
    /// Puts the tags back wherever their tokens stand.
    pub(crate) fn put_back(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = next_token(rest) {
            out.push_str(&rest[..at]);
            let token = &rest[at..at + TOKEN_BYTES];
            let index: usize = token[HEAD.len()..HEAD.len() + DIGITS].parse().unwrap_or(usize::MAX);
            out.push_str(self.tags.get(index).map_or(token, String::as_str));
            rest = &rest[at + TOKEN_BYTES..];
        }
        out.push_str(rest);
        out
    }

    /// The place in the source as written for a place in the text without tags.
    pub(crate) fn place(&self, offset: usize) -> usize {
        let before =
            self.places.iter().zip(&self.tags).take_while(|(place, _)| **place + TOKEN_BYTES <= offset);
        before.fold(offset, |offset, (_, tag)| offset + tag.len() - TOKEN_BYTES.min(offset + tag.len()))
    }
}

/// Where the next token stands.
pub(crate) fn next_token(text: &str) -> Option<usize> {
    text.match_indices(HEAD).map(|(at, _)| at).find(|at| is_token(&text[*at..]))
}

/// The token that a text begins with, and the rest.
pub(crate) fn split_token(text: &str) -> Option<(&str, &str)> {
    is_token(text).then(|| text.split_at(TOKEN_BYTES))
}

fn is_token(text: &str) -> bool {
    let Some(tail) = text.strip_prefix(HEAD).and_then(|rest| rest.as_bytes().get(..=DIGITS)) else {
        return false;
    };
    tail[..DIGITS].iter().all(u8::is_ascii_digit) && char::from(tail[DIGITS]) == TAIL
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
    fn tags_come_back_and_places_are_those_of_the_source() {
        let text = r#"<a href="{{ url | default: "x" }}">{% if a < b %}だ{% endif %}</a>"#;
        let (without, aside) = set_aside(text).unwrap();
        assert!(!without.contains('{'));
        assert_eq!(aside.put_back(&without), text);
        assert_eq!(aside.place(without.find('だ').unwrap()), text.find('だ').unwrap());
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "([a-z<>\"é]|\\{\\{|\\}\\}|\\{%|%\\}){0,40}") {
            if let Some((without, aside)) = set_aside(&text) {
                prop_assert_eq!(aside.put_back(&without), text);
            }
        }

        #[test]
        fn tokens_of_others_are_left_alone(text in "(omtag|[0-9z]){0,12}") {
            let aside = Aside { tags: Vec::new(), places: Vec::new() };
            prop_assert_eq!(aside.put_back(&text), text);
        }
    }
}
