//! Values that come from people cannot leave their place in the output.

use liquid::{CompileOptions, Escape, RenderOptions};
use serde_json::json;

use crate::render_as;

#[track_caller]
fn check(escape: Escape, template: &str, expected: &str) {
    let data = json!({ "evil": "<b>\"Tom\" & 'Jo'</b>", "lines": "a<\nb", "encoded": "%3Cscript%3E", "list": ["<", ">"] });
    let options = RenderOptions { escape, ..RenderOptions::default() };
    let (out, _) = render_as(template, &data, &CompileOptions::default(), &options);
    assert_eq!(out, expected, "{template}");
}

#[test]
fn text_from_people_is_escaped_and_text_of_the_author_is_not() {
    check(Escape::Html, "{{ evil }}", "&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jo&#39;&lt;/b&gt;");
    check(Escape::Html, "<i>{{ '<b>' }}{{ '<u>' | append: '</u>' }}</i>", "<i><b><u></u></i>");
    check(Escape::Html, "{{ '<b>' | append: evil | slice: 0, 6 }}", "&lt;b&gt;&lt;b&gt;");
}

#[test]
fn raw_and_escape_say_otherwise() {
    check(Escape::Html, "{{ evil | raw }}", "<b>\"Tom\" & 'Jo'</b>");
    check(Escape::Html, "{{ evil | slice: 0, 3 | escape }}", "&lt;b&gt;");
}

#[test]
fn what_was_captured_is_not_escaped_twice() {
    check(
        Escape::Html,
        "{% capture x %}<i>{{ evil | slice: 0 }}</i>{% endcapture %}{{ x | strip }}",
        "<i>&lt;</i>",
    );
}

#[test]
fn decoding_takes_the_trust_away() {
    check(Escape::Html, "{{ encoded | url_decode }}", "&lt;script&gt;");
    let captured = "{% capture x %}{{ encoded }}{% endcapture %}{{ x | url_decode }}";
    check(Escape::Html, captured, "&lt;script&gt;");
    let encoded = "{% capture x %}PHNjcmlwdD4={% endcapture %}{{ x | base64_decode }}";
    check(Escape::Html, encoded, "&lt;script&gt;");
}

#[test]
fn lists_are_escaped_item_by_item() {
    check(Escape::Html, "{{ list }}{{ list | join: '-' }}", "&lt;&gt;&lt;-&gt;");
}

#[test]
fn line_breaks_become_markup_after_the_text_is_made_harmless() {
    check(Escape::Html, "{{ lines | newline_to_br }}", "a&lt;<br />\nb");
    check(Escape::Off, "{{ lines | newline_to_br }}", "a<<br />\nb");
}

#[test]
fn each_kind_of_output_has_its_own_rules() {
    check(Escape::Url, "?q={{ evil }}", "?q=%3Cb%3E%22Tom%22%20%26%20%27Jo%27%3C%2Fb%3E");
    check(
        Escape::Json,
        "{\"q\":\"{{ evil }}\"}",
        "{\"q\":\"\\u003cb\\u003e\\\"Tom\\\" \\u0026 'Jo'\\u003c/b\\u003e\"}",
    );
    check(Escape::Text, "{{ evil }}", "<b>\"Tom\" & 'Jo'</b>");
    check(Escape::Attribute, "<a title={{ lines }}>", "<a title=a&lt;&#10;b>");
}
