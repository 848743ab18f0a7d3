//! Cuts a source into text, outputs and tags; knows white space control and nothing of expressions.

use crate::error::Fault;

/// A piece of a template.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Token<'s> {
    Text { text: &'s str, at: usize },
    Output { markup: &'s str, at: usize },
    Tag(Tag<'s>),
}

/// `{% name markup %}`, or a line of a `liquid` tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag<'s> {
    pub(crate) name: &'s str,
    pub(crate) markup: &'s str,
    /// Where the name starts, in bytes of the whole source.
    pub(crate) at: usize,
    /// Where the markup starts.
    pub(crate) markup_at: usize,
}

/// Reads one source from front to back.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'s> {
    source: &'s str,
    at: usize,
    /// Where `source` starts in the whole source.
    base: usize,
    /// Lines of a `liquid` tag instead of text and tags.
    lines: bool,
    /// The last tag ended with a dash.
    trim: bool,
    /// A tag was read ahead of the text before it.
    held: Option<Token<'s>>,
}

/// Something was opened at this offset and never closed.
pub(crate) type Torn = (Fault, usize);

impl<'s> Lexer<'s> {
    pub(crate) fn template(source: &'s str) -> Self {
        Self { source, at: 0, base: 0, lines: false, trim: false, held: None }
    }

    /// The lines of a `liquid` tag, which start `base` bytes into the whole source.
    pub(crate) fn lines(source: &'s str, base: usize) -> Self {
        Self { source, at: 0, base, lines: true, trim: false, held: None }
    }

    /// How far the reading is, in bytes of the whole source.
    pub(crate) fn position(&self) -> usize {
        self.base + self.at
    }

    pub(crate) fn next(&mut self) -> Result<Option<Token<'s>>, Torn> {
        if let Some(token) = self.held.take() {
            return Ok(Some(token));
        }
        if self.lines { Ok(self.next_line()) } else { self.next_piece() }
    }

    fn next_line(&mut self) -> Option<Token<'s>> {
        while self.at < self.source.len() {
            let start = self.at;
            let rest = &self.source[start..];
            let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            self.at = start + (end + 1).min(rest.len());
            let line = rest[..end].trim_matches(is_space);
            if !line.is_empty() {
                let indent = rest[..end].len() - rest[..end].trim_start_matches(is_space).len();
                return Some(Token::Tag(cut_tag(line, self.base + start + indent)));
            }
        }
        None
    }

    fn next_piece(&mut self) -> Result<Option<Token<'s>>, Torn> {
        if self.at >= self.source.len() {
            return Ok(None);
        }
        let start = self.at;
        let open = self.find_open(start);
        let mut text = &self.source[start..open];
        if std::mem::take(&mut self.trim) {
            text = text.trim_start_matches(is_space);
        }
        if open == self.source.len() {
            self.at = open;
            return Ok((!text.is_empty()).then_some(Token::Text { text, at: start }));
        }
        if self.source.as_bytes().get(open + 2) == Some(&b'-') {
            text = text.trim_end_matches(is_space);
        }
        let token = self.read_tag(open)?;
        if text.is_empty() {
            return Ok(Some(token));
        }
        self.held = Some(token);
        Ok(Some(Token::Text { text, at: start }))
    }

    /// The next `{{` or `{%`, or the end.
    fn find_open(&self, from: usize) -> usize {
        let bytes = self.source.as_bytes();
        let mut at = from;
        while let Some(found) = memchr::memchr(b'{', &bytes[at..]) {
            at += found;
            match bytes.get(at + 1) {
                Some(b'{' | b'%') => return at,
                Some(_) => at += 1,
                None => break,
            }
        }
        bytes.len()
    }

    fn read_tag(&mut self, open: usize) -> Result<Token<'s>, Torn> {
        let output = self.source.as_bytes()[open + 1] == b'{';
        let inner = open + 2;
        let close = if output { self.find_output_end(inner) } else { find(self.source, inner, b"%}") };
        let Some(close) = close else {
            self.at = self.source.len();
            let opened = if output { "{{" } else { "{%" };
            return Err((Fault::Unclosed { opened: opened.to_owned() }, self.base + open));
        };
        self.at = close + 2;
        let (markup, skipped, trim) = strip_dashes(&self.source[inner..close]);
        self.trim = trim;
        let at = self.base + inner + skipped;
        Ok(if output { Token::Output { markup, at } } else { Token::Tag(cut_tag_spaced(markup, at)) })
    }

    /// `}}`, but not the `}` of a `${name` that stands before it.
    fn find_output_end(&self, from: usize) -> Option<usize> {
        let end = find(self.source, from, b"}}")?;
        let inside = &self.source[from..end];
        let open_name = inside.rfind("${").is_some_and(|at| !inside[at..].contains('}'));
        let shifted = open_name && self.source.as_bytes().get(end + 2) == Some(&b'}');
        Some(if shifted { end + 1 } else { end })
    }

    /// What stands before `{% end %}`, taken as it is.
    pub(crate) fn verbatim(&mut self, end: &str) -> Option<(&'s str, usize)> {
        let start = self.at;
        let trim_start = std::mem::take(&mut self.trim);
        let mut from = start;
        while let Some(open) = find(self.source, from, b"{%") {
            if let Some(close) = self.closes(open, end) {
                let mut text = &self.source[start..open];
                if trim_start {
                    text = text.trim_start_matches(is_space);
                }
                if self.source.as_bytes().get(open + 2) == Some(&b'-') {
                    text = text.trim_end_matches(is_space);
                }
                self.trim = self.source.as_bytes()[close - 1] == b'-';
                self.at = close + 2;
                return Some((text, self.base + start));
            }
            from = open + 1;
        }
        self.at = self.source.len();
        None
    }

    /// Where the tag at `open` closes, if it is called `end` and says nothing else.
    fn closes(&self, open: usize, end: &str) -> Option<usize> {
        let inner = &self.source[open + 2..];
        let inner = inner.strip_prefix('-').unwrap_or(inner).trim_start_matches(is_space);
        let rest = inner.strip_prefix(end)?.trim_start_matches(is_space);
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        rest.starts_with("%}").then(|| self.source.len() - rest.len())
    }

    /// Skips a comment, comments and `raw` inside it included. False when it never ends.
    pub(crate) fn skip_comment(&mut self) -> bool {
        let mut depth = 1_u32;
        loop {
            let tag = if self.lines { self.next_line() } else { self.next_tag() };
            let Some(Token::Tag(tag)) = tag else { return false };
            match tag.name {
                "comment" => depth += 1,
                "endcomment" => depth -= 1,
                "raw" if !self.lines && self.verbatim("endraw").is_none() => return false,
                _ => {}
            }
            if depth == 0 {
                return true;
            }
        }
    }

    fn next_tag(&mut self) -> Option<Token<'s>> {
        let open = find(self.source, self.at, b"{%")?;
        self.read_tag(open).ok()
    }

    pub(crate) fn is_lines(&self) -> bool {
        self.lines
    }
}

/// White space as the language knows it.
pub(crate) fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '\0')
}

fn find(source: &str, from: usize, two: &[u8; 2]) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = from;
    while let Some(found) = memchr::memchr(two[0], bytes.get(at..)?) {
        at += found;
        if bytes.get(at + 1) == Some(&two[1]) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Takes the dashes of white space control away; says how many bytes went in front, and whether one stood behind.
fn strip_dashes(inner: &str) -> (&str, usize, bool) {
    let front = usize::from(inner.starts_with('-'));
    let inner = &inner[front..];
    match inner.strip_suffix('-') {
        Some(inner) => (inner, front, true),
        None => (inner, front, false),
    }
}

fn cut_tag_spaced(markup: &str, at: usize) -> Tag<'_> {
    let trimmed = markup.trim_start_matches(is_space);
    cut_tag(trimmed, at + markup.len() - trimmed.len())
}

/// Splits `name markup`; a name is `#` or letters, digits and `_`.
fn cut_tag(text: &str, at: usize) -> Tag<'_> {
    let length = match text.as_bytes().first() {
        Some(b'#') => 1,
        Some(_) | None => {
            text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
        }
    };
    let (name, rest) = text.split_at(length);
    let markup = rest.trim_start_matches(is_space);
    let markup_at = at + length + rest.len() - markup.len();
    Tag { name, markup: markup.trim_end_matches(is_space), at, markup_at }
}
