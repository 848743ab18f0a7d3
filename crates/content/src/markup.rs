//! MJML to HTML, with Liquid tags in any place.

use crate::aside::{self, Aside};
use crate::source::{Fault, Part, place};

/// Elements between whose children MJML allows no text: a Liquid tag there is wrapped into `mj-raw`.
const STRUCTURE: &[&str] = &[
    "mj-body",
    "mj-wrapper",
    "mj-section",
    "mj-group",
    "mj-column",
    "mj-hero",
    "mj-navbar",
    "mj-social",
    "mj-accordion",
    "mj-carousel",
];

/// Lays MJML out as HTML; `source` may hold Liquid tags anywhere.
pub(crate) fn mjml_to_html(source: &str) -> Result<String, Fault> {
    let Some((text, tags)) = aside::set_aside(source) else {
        let message = format!(
            "the body holds more than {} Liquid tags or private-use characters; move parts of it into partials",
            aside::TAGS_MAX
        );
        return Err(Fault { part: Part::Body, line: 1, column: 1, message, picture: String::new() });
    };
    let (wrapped, inserted) = wrap_structural_tags(&text, &tags);
    let fault = |error: &mrml::prelude::parser::Error| describe(error, source, &inserted);
    let parsed = mrml::parse(&wrapped).map_err(|error| fault(&error))?;
    let html =
        parsed.element.render(&mrml::prelude::render::RenderOptions::default()).map_err(|error| Fault {
            part: Part::Body,
            line: 1,
            column: 1,
            message: format!("this MJML cannot be laid out: {error}"),
            picture: String::new(),
        })?;
    Ok(tags.put_back(&html))
}

const OPEN: &str = "<mj-raw>";
const CLOSE: &str = "</mj-raw>";

/// Wraps each tag that stands between structural elements. Also returns where how many bytes were put in, ascending.
fn wrap_structural_tags(text: &str, tags: &Aside) -> (String, Vec<(usize, usize)>) {
    let mut out = String::with_capacity(text.len());
    let mut inserted = Vec::new();
    let mut stack: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|character| character == '<' || aside::stands_for_tag(character)) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let character = rest.chars().next().unwrap_or('<');
        if aside::stands_for_tag(character) {
            let (tag, after) = rest.split_at(aside::tag_bytes(tags, character).min(rest.len()));
            if stack.last().is_some_and(|element| STRUCTURE.contains(element)) {
                inserted.push((out.len(), OPEN.len()));
                out.push_str(OPEN);
                out.push_str(tag);
                inserted.push((out.len(), CLOSE.len()));
                out.push_str(CLOSE);
            } else {
                out.push_str(tag);
            }
            rest = after;
            continue;
        }
        let end = markup_end(rest);
        track(&mut stack, &rest[..end]);
        out.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    out.push_str(rest);
    (out, inserted)
}

/// Where the markup that begins here ends: behind a comment, or behind the `>` of an element.
fn markup_end(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |at| at + 3);
    }
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None | Some(_), _) => {}
        }
    }
    text.len()
}

fn track<'t>(stack: &mut Vec<&'t str>, markup: &'t str) {
    let name_of =
        |text: &'t str| text.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or("");
    if let Some(closing) = markup.strip_prefix("</") {
        let name = name_of(closing);
        if let Some(depth) = stack.iter().rposition(|open| *open == name) {
            stack.truncate(depth);
        }
    } else if !markup.starts_with("<!") && !markup.ends_with("/>") {
        stack.push(name_of(&markup[1..]));
    }
}

fn describe(error: &mrml::prelude::parser::Error, source: &str, inserted: &[(usize, usize)]) -> Fault {
    use mrml::prelude::parser::Error;
    let (message, start) = match error {
        Error::UnexpectedElement { position, .. } => ("this element may not stand here", position.start),
        Error::UnexpectedToken { position, .. } => ("this may not stand here", position.start),
        Error::MissingAttribute { position, .. } => ("an attribute is missing", position.start),
        Error::InvalidAttribute { position, .. } => ("this attribute is not understood", position.start),
        Error::InvalidFormat { position, .. } => ("this is not well-formed", position.start),
        Error::EndOfStream { .. } => ("the body ends in the middle of an element; close it", source.len()),
        Error::SizeLimit { .. } => ("the body is too large", 0),
        Error::ParserError { .. } => ("this is not well-formed markup", 0),
        Error::NoRootNode => ("a body in MJML begins with <mjml>; put everything into <mjml><mj-body>…", 0),
        Error::IncludeLoaderError { position, .. } => {
            ("mj-include is not available; put the text itself here, or use a partial", position.start)
        }
    };
    let before: usize = inserted.iter().filter(|(at, _)| *at < start).map(|(_, bytes)| bytes).sum();
    let (line, column) = place(source, start.saturating_sub(before));
    let text = source.lines().nth(line as usize - 1).unwrap_or("");
    let picture = format!("{text}\n{:>width$}", "^", width = column as usize);
    Fault { part: Part::Body, line, column, message: message.to_owned(), picture }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn liquid_may_stand_in_text_attributes_and_around_sections() {
        let html = mjml_to_html(
            r#"<mjml><mj-body>{% if a < b %}<mj-section><mj-column>
               <mj-text>Hello {{ customer.name | default: "you" }}</mj-text>
               {% for item in items %}<mj-button href="{{ item.url }}">Go</mj-button>{% endfor %}
               </mj-column></mj-section>{% endif %}</mj-body></mjml>"#,
        )
        .unwrap();
        for tag in [
            "{% if a < b %}",
            r#"Hello {{ customer.name | default: "you" }}"#,
            "{% for item in items %}",
            r#"href="{{ item.url }}""#,
            "{% endif %}",
        ] {
            assert!(html.contains(tag), "{tag} in {html}");
        }
    }

    #[test]
    fn a_fault_names_its_place_in_the_source_as_written() {
        let fault = mjml_to_html(
            "<mjml><mj-body>{% if a %}\n  <mj-sectio></mj-sectio>\n{% endif %}</mj-body></mjml>",
        )
        .unwrap_err();
        assert_eq!((fault.line, fault.column > 1), (2, true), "{fault:?}");
    }

    #[test]
    fn something_that_is_no_mjml_says_how_to_begin() {
        let fault = mjml_to_html("Hello").unwrap_err();
        assert!(fault.message.contains("<mjml>") || fault.message.contains("may not stand"), "{fault:?}");
    }
}
