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

/// The elements of MJML. Anything else that begins with `mj` is a slip of the pen.
const ELEMENTS: &[&str] = &[
    "mjml",
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-attributes",
    "mj-body",
    "mj-breakpoint",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-class",
    "mj-column",
    "mj-divider",
    "mj-font",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-html-attributes",
    "mj-image",
    "mj-include",
    "mj-navbar",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-section",
    "mj-selector",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-wrapper",
];

/// Lays MJML out as HTML; `source` may hold Liquid tags anywhere.
pub(crate) fn mjml_to_html(source: &str) -> Result<String, Fault> {
    let Some((text, tags)) = aside::set_aside(source) else {
        return Err(fault(
            source,
            0,
            format!(
                "the body holds more than {} Liquid tags; move parts of it into partials",
                aside::TAGS_MAX
            ),
        ));
    };
    if !text.contains("<mjml") {
        let message =
            "a body in MJML begins with <mjml>; put everything into <mjml><mj-body>…, or choose HTML";
        return Err(fault(source, 0, message.to_owned()));
    }
    if let Some((offset, name)) = unknown_element(&text) {
        return Err(fault(source, tags.place(offset), format!("there is no element <{name}> in MJML")));
    }
    let (wrapped, inserted) = wrap_structural_tags(&text);
    // What a mail loads must not depend on anybody else's server: no web fonts but those a source asks for itself.
    let options = mrml::prelude::render::RenderOptions { fonts: Default::default(), ..Default::default() };
    let parsed = mrml::parse(&wrapped).map_err(|error| describe(&error, (source, &tags), &inserted))?;
    let html = parsed
        .element
        .render(&options)
        .map_err(|error| fault(source, 0, format!("this MJML cannot be laid out: {error}")))?;
    Ok(tags.put_back(&html))
}

/// The first element that begins like one of MJML's and is none.
fn unknown_element(text: &str) -> Option<(usize, &str)> {
    text.match_indices("<mj").find_map(|(at, _)| {
        let name =
            text[at + 1..].split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or("");
        (!ELEMENTS.contains(&name)).then_some((at, name))
    })
}

const OPEN: &str = "<mj-raw>";
const CLOSE: &str = "</mj-raw>";

/// Wraps each tag that stands between structural elements. Also returns where how many bytes were put in, ascending.
fn wrap_structural_tags(text: &str) -> (String, Vec<(usize, usize)>) {
    let mut out = String::with_capacity(text.len());
    let mut inserted = Vec::new();
    let mut stack: Vec<&str> = Vec::new();
    let mut rest = text;
    loop {
        let next = [rest.find('<'), aside::next_token(rest)].into_iter().flatten().min();
        let Some(at) = next else { break };
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some((token, after)) = aside::split_token(rest) else {
            let end = markup_end(rest);
            track(&mut stack, &rest[..end]);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        };
        if stack.last().is_some_and(|element| STRUCTURE.contains(element)) {
            inserted.push((out.len(), OPEN.len()));
            out.push_str(OPEN);
            out.push_str(token);
            inserted.push((out.len(), CLOSE.len()));
            out.push_str(CLOSE);
        } else {
            out.push_str(token);
        }
        rest = after;
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

fn describe(
    error: &mrml::prelude::parser::Error,
    (source, tags): (&str, &Aside),
    inserted: &[(usize, usize)],
) -> Fault {
    use mrml::prelude::parser::Error;
    let (message, start) = match error {
        Error::UnexpectedElement { position, .. } => ("this element may not stand here", position.start),
        Error::UnexpectedToken { position, .. } => ("this may not stand here", position.start),
        Error::MissingAttribute { position, .. } => ("an attribute is missing", position.start),
        Error::InvalidAttribute { position, .. } => ("this attribute is not understood", position.start),
        Error::InvalidFormat { position, .. } => ("this is not well-formed", position.start),
        Error::EndOfStream { .. } => {
            let message = "the body ends in the middle of an element; close it".to_owned();
            return fault(source, source.len(), message);
        }
        Error::SizeLimit { .. } => ("the body is too large", 0),
        Error::ParserError { .. } => ("this is not well-formed markup", 0),
        Error::NoRootNode => ("a body in MJML begins with <mjml>; put everything into <mjml><mj-body>…", 0),
        Error::IncludeLoaderError { position, .. } => {
            ("mj-include is not available; put the text itself here, or use a partial", position.start)
        }
    };
    let before: usize = inserted.iter().filter(|(at, _)| *at < start).map(|(_, bytes)| bytes).sum();
    fault(source, tags.place(start.saturating_sub(before)), message.to_owned())
}

/// A fault at a byte of the source.
fn fault(source: &str, offset: usize, message: String) -> Fault {
    let (line, column) = place(source, offset);
    let text = source.lines().nth(line as usize - 1).unwrap_or("");
    let picture = format!("{text}\n{:>width$}", "^", width = column as usize);
    Fault { part: Part::Body, line, column, message, picture }
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
        assert_eq!((fault.line, fault.column), (2, 3), "{fault:?}");
    }

    #[test]
    fn something_that_is_no_mjml_says_how_to_begin() {
        let fault = mjml_to_html("Hello").unwrap_err();
        assert!(fault.message.contains("<mjml>"), "{fault:?}");
    }
}
