//! Reads expressions, filters and conditions out of one piece of markup.

use crate::error::{Error, Fault, Place, nearest};
use crate::filters::{self, Filter};
use crate::lexer::is_space;
use crate::syntax::{Call, Comparison, Condition, Expr, Join, Path, Pipe, Root, Segment, Test};

/// Brackets and ranges inside one another.
pub(crate) const EXPRESSION_NESTING_MAX: usize = 32;

/// What is wrong, how many bytes into the whole source, and what was expected.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) fault: Fault,
    pub(crate) at: usize,
    pub(crate) expected: String,
    pub(crate) nearest: Option<String>,
}

impl Problem {
    pub(crate) fn new(fault: Fault, at: usize, expected: impl Into<String>) -> Self {
        Self { fault, at, expected: expected.into(), nearest: None }
    }

    pub(crate) fn error(self, template: &str, source: &str) -> Error {
        Error {
            fault: self.fault,
            place: Place::find(template, source, self.at),
            expected: self.expected,
            nearest: self.nearest,
        }
    }
}

pub(crate) type Read<T> = Result<T, Problem>;

/// A place in a piece of markup.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'s> {
    text: &'s str,
    at: usize,
    base: usize,
    depth: usize,
}

impl<'s> Cursor<'s> {
    /// Reads `text`, which starts `base` bytes into the whole source.
    pub(crate) fn new(text: &'s str, base: usize) -> Self {
        Self { text, at: 0, base, depth: 0 }
    }

    /// Where it is, in bytes of the whole source.
    pub(crate) fn position(&self) -> usize {
        self.base + self.at
    }

    /// What was read since `from`, a position, without white space around it.
    pub(crate) fn since(&self, from: usize) -> &'s str {
        self.text[from - self.base..self.at].trim_matches(is_space)
    }

    pub(crate) fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn byte_after(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at + 1).copied()
    }

    pub(crate) fn space(&mut self) {
        while self.byte().is_some_and(|byte| is_space(char::from(byte))) {
            self.at += 1;
        }
    }

    /// Takes `written` if it is next.
    pub(crate) fn eat(&mut self, written: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(written);
        if found {
            self.at += written.len();
        }
        found
    }

    /// Takes the word if it is next and ends there.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let before = self.at;
        if self.eat(word) && !self.byte().is_some_and(is_name) {
            return true;
        }
        self.at = before;
        false
    }

    pub(crate) fn is_done(&mut self) -> bool {
        self.space();
        self.at >= self.text.len()
    }

    /// An error about what stands here.
    pub(crate) fn unexpected(&mut self, expected: &str) -> Problem {
        self.space();
        let found: String = match self.rest().chars().next() {
            Some(letter) if letter.is_ascii() && !is_name_char(letter) => letter.to_string(),
            Some(_) => self.rest().chars().take_while(|letter| is_name_char(*letter)).take(40).collect(),
            None => "end".to_owned(),
        };
        Problem::new(Fault::Unexpected { found }, self.position(), expected)
    }

    /// Nothing may be left.
    pub(crate) fn done(&mut self, expected: &str) -> Read<()> {
        if self.is_done() { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// A name that a value can be given to: letters, digits, `_` and `-`, not a dash in front.
    pub(crate) fn target(&mut self) -> Read<&'s str> {
        self.space();
        let start = self.at;
        if self.byte() != Some(b'-') {
            self.skip_name();
        }
        if self.at == start { Err(self.unexpected("a name")) } else { Ok(&self.text[start..self.at]) }
    }

    fn skip_name(&mut self) {
        while self.byte().is_some_and(|byte| is_name(byte) || byte == b'-') {
            self.at += 1;
        }
    }

    /// A name as it is read: letters, digits, `_`, `-`, perhaps `?` at its end; starts with a letter or `_`.
    pub(crate) fn name(&mut self) -> Option<&'s str> {
        self.space();
        let start = self.at;
        if !self.byte().is_some_and(|byte| is_name(byte) && !byte.is_ascii_digit()) {
            return None;
        }
        self.skip_name();
        if self.byte() == Some(b'?') {
            self.at += 1;
        }
        Some(&self.text[start..self.at])
    }

    /// A name or a text in quotes.
    pub(crate) fn word_or_text(&mut self) -> Read<&'s str> {
        self.space();
        match self.byte() {
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote),
            _ => self.name().ok_or_else(|| self.unexpected("a name")),
        }
    }

    /// A value.
    pub(crate) fn expr(&mut self) -> Read<Expr<'s>> {
        self.depth += 1;
        if self.depth > EXPRESSION_NESTING_MAX {
            let fault = Fault::Limit { limit: "expression_nesting_max", max: EXPRESSION_NESTING_MAX };
            return Err(Problem::new(fault, self.position(), ""));
        }
        self.space();
        let expr = match self.byte() {
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote).map(Expr::Text),
            Some(b'(') => self.range(),
            Some(b'[' | b'$') => self.path().map(Expr::Path),
            Some(b'{') => self.braces(),
            Some(byte) if byte.is_ascii_digit() => Ok(self.number()),
            Some(b'-') if self.byte_after().is_some_and(|byte| byte.is_ascii_digit()) => Ok(self.number()),
            Some(byte) if is_name(byte) => self.word(),
            Some(_) | None => Err(self.unexpected("a value")),
        };
        self.depth -= 1;
        expr
    }

    fn quoted(&mut self, quote: u8) -> Read<&'s str> {
        let start = self.at + 1;
        match memchr::memchr(quote, &self.text.as_bytes()[start..]) {
            Some(length) => {
                self.at = start + length + 1;
                Ok(&self.text[start..start + length])
            }
            None => {
                let opened = char::from(quote).to_string();
                Err(Problem::new(Fault::Unclosed { opened }, self.position(), "the same quote at the end"))
            }
        }
    }

    /// Braze puts braces of their own around values in tags: `{% if {{custom_attribute.${vip}}} == true %}`.
    fn braces(&mut self) -> Read<Expr<'s>> {
        if !self.eat("{{") {
            return Err(self.unexpected("a value"));
        }
        let value = self.expr()?;
        if self.eat("}}") { Ok(value) } else { Err(self.unexpected("`}}`")) }
    }

    fn range(&mut self) -> Read<Expr<'s>> {
        self.at += 1;
        let first = self.expr()?;
        if !self.eat("..") {
            return Err(self.unexpected("`..`"));
        }
        let last = self.expr()?;
        if !self.eat(")") {
            return Err(self.unexpected("`)`"));
        }
        Ok(Expr::Range(Box::new((first, last))))
    }

    fn number(&mut self) -> Expr<'s> {
        let start = self.at;
        self.at += 1;
        self.digits();
        let fraction =
            self.byte() == Some(b'.') && self.byte_after().is_some_and(|byte| byte.is_ascii_digit());
        if fraction {
            self.at += 1;
            self.digits();
        }
        let written = &self.text[start..self.at];
        match written.parse::<i64>() {
            Ok(whole) if !fraction => Expr::Int(whole),
            Ok(_) | Err(_) => Expr::Float(written.parse().unwrap_or(0.0)),
        }
    }

    fn digits(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// A word of the language, or a path.
    fn word(&mut self) -> Read<Expr<'s>> {
        let path = self.path()?;
        if let (Root::Name(name), true) = (&path.root, path.segments.is_empty()) {
            match *name {
                "nil" | "null" => return Ok(Expr::Nil),
                "true" => return Ok(Expr::Bool(true)),
                "false" => return Ok(Expr::Bool(false)),
                "empty" => return Ok(Expr::Empty),
                "blank" => return Ok(Expr::Blank),
                _ => {}
            }
        }
        Ok(Expr::Path(path))
    }

    fn path(&mut self) -> Read<Path<'s>> {
        let at = self.position();
        let root = match self.byte() {
            Some(b'[') => {
                let inside = self.bracket()?;
                if let Expr::Text(name) = inside {
                    Root::Name(name)
                } else {
                    Root::Computed(Box::new(inside))
                }
            }
            Some(b'$') => Root::Bare(self.dollar_name()?),
            Some(_) | None => Root::Name(self.name().ok_or_else(|| self.unexpected("a name"))?),
        };
        let mut segments = Vec::new();
        while let Some(segment) = self.segment()? {
            segments.push(segment);
        }
        Ok(Path { root, segments, at })
    }

    fn segment(&mut self) -> Read<Option<Segment<'s>>> {
        let before = self.at;
        self.space();
        match self.byte() {
            Some(b'[') => {
                let inside = self.bracket()?;
                let segment =
                    if let Expr::Text(name) = inside { Segment::Name(name) } else { Segment::Index(inside) };
                Ok(Some(segment))
            }
            Some(b'.') if self.byte_after() != Some(b'.') => {
                self.at += 1;
                self.space();
                let name = if self.byte() == Some(b'$') { self.dollar_name()? } else { self.key()? };
                Ok(Some(Segment::Name(name)))
            }
            Some(_) | None => {
                self.at = before;
                Ok(None)
            }
        }
    }

    fn key(&mut self) -> Read<&'s str> {
        self.name().ok_or_else(|| self.unexpected("a name"))
    }

    fn bracket(&mut self) -> Read<Expr<'s>> {
        self.at += 1;
        let inside = self.expr()?;
        if self.eat("]") { Ok(inside) } else { Err(self.unexpected("`]`")) }
    }

    /// Braze's `${any name}`.
    fn dollar_name(&mut self) -> Read<&'s str> {
        let rest = self.rest();
        let Some(inside) = rest.strip_prefix("${") else { return Err(self.unexpected("a value")) };
        let Some(end) = inside.find('}') else {
            return Err(Problem::new(Fault::Unclosed { opened: "${".to_owned() }, self.position(), "`}`"));
        };
        self.at += end + 3;
        Ok(inside[..end].trim_matches(is_space))
    }

    /// A value and its filters.
    pub(crate) fn pipe(&mut self) -> Read<Pipe<'s>> {
        let value = self.expr()?;
        let mut calls = Vec::new();
        while self.eat("|") {
            calls.push(self.call()?);
        }
        Ok(Pipe { value, calls })
    }

    fn call(&mut self) -> Read<Call<'s>> {
        self.space();
        let at = self.position();
        let name = self.name().ok_or_else(|| self.unexpected("the name of a filter"))?;
        let filter = filters::find(name).ok_or_else(|| {
            let mut problem = Problem::new(Fault::UnknownFilter { name: name.to_owned() }, at, "");
            problem.nearest = nearest(name, filters::names());
            problem
        })?;
        let mut call = Call { filter, arguments: Vec::new(), named: Vec::new() };
        if self.eat(":") {
            self.arguments(&mut call)?;
        }
        check_count(filter, &call, at)?;
        Ok(call)
    }

    fn arguments(&mut self, call: &mut Call<'s>) -> Read<()> {
        loop {
            let at = self.position();
            match self.argument_name() {
                Some(name) => {
                    check_named(call.filter, name, at)?;
                    call.named.push((name, self.expr()?));
                }
                None => call.arguments.push(self.expr()?),
            }
            if !self.eat(",") {
                return Ok(());
            }
        }
    }

    /// `name:`, when that is next.
    pub(crate) fn argument_name(&mut self) -> Option<&'s str> {
        let before = self.at;
        if let Some(name) = self.name()
            && self.eat(":")
        {
            return Some(name);
        }
        self.at = before;
        None
    }

    /// Tests joined by `and` and `or`.
    pub(crate) fn condition(&mut self) -> Read<Condition<'s>> {
        let first = self.test()?;
        let mut rest = Vec::new();
        loop {
            let join = if self.eat_word("and") {
                Join::And
            } else if self.eat_word("or") {
                Join::Or
            } else {
                return Ok(Condition { first, rest });
            };
            rest.push((join, self.test()?));
        }
    }

    fn test(&mut self) -> Read<Test<'s>> {
        let left = self.expr()?;
        let found = Comparison::WRITTEN.iter().find(|(written, comparison)| match comparison {
            Comparison::Contains => self.eat_word(written),
            Comparison::Equal
            | Comparison::NotEqual
            | Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Greater
            | Comparison::GreaterOrEqual => self.eat(written),
        });
        let compared = match found {
            Some((_, comparison)) => Some((*comparison, self.expr()?)),
            None => None,
        };
        Ok(Test { left, compared })
    }
}

fn check_count(filter: &'static Filter, call: &Call<'_>, at: usize) -> Read<()> {
    let found = call.arguments.len();
    if (filter.arguments.0..=filter.arguments.1).contains(&found) {
        return Ok(());
    }
    let expected = match filter.arguments {
        (least, most) if least == most => format!("{least}"),
        (least, most) => format!("{least} to {most}"),
    };
    Err(Problem::new(Fault::ArgumentCount { filter: filter.name.to_owned(), found }, at, expected))
}

fn check_named(filter: &'static Filter, name: &str, at: usize) -> Read<()> {
    if filter.named.contains(&name) || filter.named.contains(&"*") {
        return Ok(());
    }
    let fault = Fault::UnknownArgument { filter: filter.name.to_owned(), name: name.to_owned() };
    let mut problem = Problem::new(fault, at, "");
    problem.nearest = nearest(name, filter.named.iter().copied());
    Err(problem)
}

/// Letters, digits and `_`; every letter beyond ASCII counts.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_name_char(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '?') || !letter.is_ascii()
}
