//! Tags that say something plainly, or nothing.

use super::{Origin, Tag, Written, pipe};
use crate::cursor::{Problem, Read};
use crate::error::Fault;
use crate::parser::Parser;
use crate::syntax::{Block, Kind};

pub(super) const TAGS: &[Tag] = &[
    Tag {
        name: "echo",
        inner: &[],
        form: "{% echo value | filter %}",
        summary: "Writes a value, as `{{ … }}` does; for use within `liquid`.",
        origin: Origin::Standard,
        parse: echo,
    },
    Tag {
        name: "liquid",
        inner: &[],
        form: "{% liquid … %}",
        summary: "Each line is a tag without its braces. A block that begins here ends here.",
        origin: Origin::Standard,
        parse: liquid,
    },
    Tag {
        name: "raw",
        inner: &["endraw"],
        form: "{% raw %}…{% endraw %}",
        summary: "Writes its body as it is.",
        origin: Origin::Standard,
        parse: raw,
    },
    Tag {
        name: "comment",
        inner: &["endcomment"],
        form: "{% comment %}…{% endcomment %}",
        summary: "Writes nothing. Comments may stand inside comments.",
        origin: Origin::Standard,
        parse: comment,
    },
    Tag {
        name: "#",
        inner: &[],
        form: "{% # … %}",
        summary: "A comment within a tag; every line starts with `#`.",
        origin: Origin::Standard,
        parse: line_comment,
    },
    Tag {
        name: "doc",
        inner: &["enddoc"],
        form: "{% doc %}…{% enddoc %}",
        summary: "A description of a partial, for people and tools. Writes nothing.",
        origin: Origin::Standard,
        parse: doc,
    },
];

fn echo<'s>(_: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    if tag.markup.is_empty() { Ok(Kind::Group(Block::new())) } else { pipe(tag).map(Kind::Output) }
}

fn liquid<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    Ok(Kind::Group(parser.lines(tag)))
}

fn raw<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let (text, _) = parser.lexer.verbatim("endraw").ok_or_else(|| unclosed(tag, "endraw"))?;
    Ok(Kind::Text(text))
}

fn comment<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    if parser.lexer.skip_comment() { Ok(Kind::Group(Block::new())) } else { Err(unclosed(tag, "endcomment")) }
}

fn line_comment<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let mut lines = tag.markup.split('\n').skip(1).map(str::trim);
    if parser.lexer.is_lines() || lines.all(|line| line.is_empty() || line.starts_with('#')) {
        return Ok(Kind::Group(Block::new()));
    }
    let found = "a line without `#`".to_owned();
    Err(Problem::new(Fault::Unexpected { found }, tag.at, "`#` in front of every line"))
}

fn doc<'s>(parser: &mut Parser<'s>, tag: Written<'s>) -> Read<Kind<'s>> {
    let (text, at) = parser.lexer.verbatim("enddoc").ok_or_else(|| unclosed(tag, "enddoc"))?;
    if !tag.markup.is_empty() {
        let found = tag.markup.to_owned();
        return Err(Problem::new(Fault::Unexpected { found }, tag.markup_at, "nothing after `doc`"));
    }
    if let Some(nested) = text.find("{% doc").or_else(|| text.find("{%- doc")) {
        let found = "doc".to_owned();
        return Err(Problem::new(Fault::Unexpected { found }, at + nested, "`enddoc` first"));
    }
    Ok(Kind::Group(Block::new()))
}

fn unclosed(tag: Written<'_>, end: &str) -> Problem {
    let opened = format!("{{% {} %}}", tag.name);
    Problem::new(Fault::Unclosed { opened }, tag.at, format!("`{{% {end} %}}`"))
}
