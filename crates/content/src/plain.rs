//! The plain text part, made from the HTML once, before anybody's values are in it.

/// Elements behind which a line ends.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "blockquote",
    "section",
    "article",
    "header",
    "footer",
    "br",
    "hr",
];

/// Elements that show nothing.
const HIDDEN: &[&str] = &["head", "style", "script", "title"];

/// What a reader of plain text sees of `html`: lines, bullets, and links as `text (address)`.
pub(crate) fn html_to_text(html: &str) -> String {
    let mut writer = Writer::default();
    let mut links: Vec<(String, usize)> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        writer.text(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            rest = rest.find("-->").map_or("", |end| &rest[end + 3..]);
            continue;
        }
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        let (tag, after) = rest.split_at(end);
        rest = after;
        let name = name_of(tag);
        if HIDDEN.contains(&name.as_str()) && !tag.starts_with("</") && !tag.ends_with("/>") {
            let close = format!("</{name}");
            let end = rest.find(&close).and_then(|at| rest[at..].find('>').map(|end| at + end + 1));
            rest = end.map_or("", |end| &rest[end..]);
            continue;
        }
        if name == "a" {
            if tag.starts_with("</") {
                if let Some((address, start)) = links.pop() {
                    writer.close_link(&address, start);
                }
            } else {
                links.push((attribute(tag, "href").unwrap_or_default(), writer.out.len()));
            }
        }
        if name == "img"
            && let Some(alt) = attribute(tag, "alt")
        {
            writer.text(&alt);
        }
        if BLOCKS.contains(&name.as_str()) {
            writer.line();
        }
        if name == "li" && !tag.starts_with("</") {
            writer.text("- ");
        }
    }
    writer.text(rest);
    writer.out.trim().to_owned()
}

#[derive(Default)]
struct Writer {
    out: String,
}

impl Writer {
    /// Appends text, references resolved, runs of white space as one space.
    fn text(&mut self, text: &str) {
        let mut text = text.to_owned();
        for (reference, character) in [
            ("&nbsp;", " "),
            ("&#8202;", ""),
            ("&zwnj;", ""),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&copy;", "©"),
            ("&amp;", "&"),
        ] {
            if text.contains('&') {
                text = text.replace(reference, character);
            }
        }
        for character in text.chars() {
            if !character.is_whitespace() {
                self.out.push(character);
            } else if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
                self.out.push(' ');
            }
        }
    }

    /// Ends the line, when anything stands on it; at most one empty line follows.
    fn line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn close_link(&mut self, address: &str, start: usize) {
        let shown = self.out.get(start..).unwrap_or("").trim();
        if !address.is_empty() && !address.starts_with('#') && shown != address {
            self.text(&format!(" ({address})"));
        }
    }
}

fn name_of(tag: &str) -> String {
    tag.trim_start_matches(['<', '/'])
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag
        .match_indices(name)
        .map(|(at, _)| at)
        .find(|at| tag[..*at].ends_with(char::is_whitespace) && tag[at + name.len()..].starts_with('='))?;
    let value = &tag[at + name.len() + 1..];
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = &value[1..];
    Some(value[..value.find(quote)?].to_owned())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(html: &str, expected: &Expect) {
        expected.assert_eq(&html_to_text(html));
    }

    #[test]
    fn a_mail_reads_well_without_markup() {
        check(
            r#"<html><head><title>T</title><style>p{}</style></head><body><h1>Hello&nbsp;you</h1>
               <p>New   shoes: <a href="https://s/x">look</a></p><ul><li>red</li><li>blue</li></ul><!-- x --><img alt="Logo"></body>"#,
            &expect![[r#"
                Hello you

                New shoes: look (https://s/x)

                - red

                - blue

                Logo"#]],
        );
    }

    #[test]
    fn a_link_that_shows_its_address_is_not_said_twice() {
        check(r#"<a href="https://s/x">https://s/x</a>"#, &expect!["https://s/x"]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(html in "([a-z &;]|<|>|</|<a |<li>|<!--|-->|\"|href=|é){0,60}") {
            html_to_text(&html);
        }
    }
}
