//! Links in a rendered body: each `<a href>` to the web leads through us, so that a click is known.

use memchr::memmem::Finder;

/// Makes the addresses that a mail carries instead of its links.
pub trait LinkMaker {
    /// Writes the address to put instead of `url`, or returns `false` to leave the link as it is.
    fn click(&self, url: &str, out: &mut String) -> bool;

    /// The address of the picture that tells that the mail was opened; `None` when opens are not counted.
    fn open(&self) -> Option<String>;
}

/// Leaves every link as it is and counts no opens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Untracked;

impl LinkMaker for Untracked {
    fn click(&self, _: &str, _: &mut String) -> bool {
        false
    }

    fn open(&self) -> Option<String> {
        None
    }
}

/// Writes `html` to `out` with its web links replaced and the picture put in front of `</body>`.
pub(crate) fn track(html: &str, maker: &dyn LinkMaker, out: &mut String) {
    let (mut rest, anchors) = (html, Finder::new("<a"));
    let (mut url, mut address) = (String::new(), String::new());
    while let Some((start, end)) = next_href(rest, &anchors) {
        url.clear();
        unescape(&rest[start..end], &mut url);
        address.clear();
        let is_web = url.starts_with("http://") || url.starts_with("https://");
        out.push_str(&rest[..start]);
        if is_web && maker.click(&url, &mut address) {
            escape(&address, out);
        } else {
            out.push_str(&rest[start..end]);
        }
        rest = &rest[end..];
    }
    let Some(picture) = maker.open() else { return out.push_str(rest) };
    let (before, after) = rest.split_at(end_of_body(rest).unwrap_or(rest.len()));
    out.push_str(before);
    out.push_str("<img src=\"");
    escape(&picture, out);
    out.push_str("\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0\">");
    out.push_str(after);
}

/// Where the address in the next `<a … href="…">` starts and ends.
fn next_href(html: &str, anchors: &Finder<'_>) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        from += anchors.find(&html.as_bytes()[from..])? + "<a".len();
        let tag_start = from;
        if !html[tag_start..].starts_with(|character: char| character.is_ascii_whitespace()) {
            continue;
        }
        let tag_end = tag_start + html[tag_start..].find('>')?;
        let tag = &html[tag_start..tag_end];
        let Some(href) = tag.find("href=") else { continue };
        if !tag[..href].ends_with(|character: char| character.is_ascii_whitespace()) {
            continue;
        }
        let value = tag_start + href + "href=".len();
        let Some(quote @ ('"' | '\'')) = html[value..].chars().next() else { continue };
        let start = value + 1;
        return Some((start, start + html[start..].find(quote)?));
    }
}

/// Where the last `</body>` starts: few tags come behind it.
fn end_of_body(html: &str) -> Option<usize> {
    let mut end = html.len();
    loop {
        end = html[..end].rfind('<')?;
        if html[end..].starts_with("</body>") {
            return Some(end);
        }
    }
}

fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [("&amp;", '&'), ("&quot;", '"'), ("&#39;", '\''), ("&lt;", '<'), ("&gt;", '>')];
        if let Some((reference, character)) = known.iter().find(|(reference, _)| rest.starts_with(reference))
        {
            out.push(*character);
            rest = &rest[reference.len()..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'"' | b'<' | b'>')) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'"' => "&quot;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    struct Numbered;

    impl LinkMaker for Numbered {
        fn click(&self, url: &str, out: &mut String) -> bool {
            out.push_str("https://t/?u=");
            out.push_str(url);
            true
        }

        fn open(&self) -> Option<String> {
            Some("https://t/o".to_owned())
        }
    }

    fn check(html: &str, expected: &Expect) {
        let mut out = String::new();
        track(html, &Numbered, &mut out);
        expected.assert_eq(&out);
    }

    #[test]
    fn web_links_are_replaced_and_others_stay() {
        check(
            r#"<a class="b" href="https://s/?a=1&amp;b=2">x</a><a href='mailto:a@b'>y</a><abbr href="http://no">z</abbr>"#,
            &expect![[
                r#"<a class="b" href="https://t/?u=https://s/?a=1&amp;b=2">x</a><a href='mailto:a@b'>y</a><abbr href="http://no">z</abbr><img src="https://t/o" width="1" height="1" alt="" style="display:block;border:0">"#
            ]],
        );
    }

    #[test]
    fn the_picture_stands_inside_the_body() {
        check(
            "<body>hi</body>",
            &expect![[
                r#"<body>hi<img src="https://t/o" width="1" height="1" alt="" style="display:block;border:0"></body>"#
            ]],
        );
    }

    #[test]
    fn broken_markup_is_left_alone() {
        for html in [
            "<a",
            "<a href",
            "<a href=",
            "<a href=\"",
            "<a href=x>",
            "<a href=\"http://x",
            "<a data-href=\"http://x\">",
        ] {
            let mut out = String::new();
            track(html, &Untracked, &mut out);
            assert_eq!(out, html);
        }
    }
}
