//! Text to tokens.

use std::ops::Range;

use jiff::civil::Date;
use model::{Instant, Text};

use super::error::SyntaxError;
use crate::filter::Number;

/// A piece of the text and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A word of the language, or a name that needs no quotes.
    Word(Text),
    /// A text in double quotes, its escapes undone.
    Quoted(Text),
    Number(Number),
    Date(Date),
    Instant(Instant),
    /// One of `( ) , = != < <= > >=`.
    Symbol(&'static str),
    /// What is no token; the error is written down already.
    Bad,
    End,
}

/// Whether `name` can stand without quotes, reserved words aside.
pub(super) fn is_bare(name: &str) -> bool {
    !name.is_empty() && word_length(name) == name.len()
}

/// The length in bytes of the word at the start: letters, digits, `_`, `$`; within it also `.` and `-`.
fn word_length(text: &str) -> usize {
    let inner = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    let mut letters = text.char_indices().peekable();
    match letters.next() {
        Some((_, first)) if inner(first) && !first.is_ascii_digit() => {}
        Some(_) | None => return 0,
    }
    while let Some((at, letter)) = letters.next() {
        let joins = matches!(letter, '.' | '-') && letters.peek().is_some_and(|(_, next)| inner(*next));
        if !inner(letter) && !joins {
            return at;
        }
    }
    text.len()
}

/// All tokens, closed by [`Kind::End`], and what is wrong with those that are none.
pub(super) fn lex(source: &str) -> (Vec<Token>, Vec<SyntaxError>) {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), errors: Vec::new() };
    while let Some(letter) = lexer.rest().chars().next() {
        lexer.step(letter);
    }
    lexer.push(Kind::End, 0);
    (lexer.tokens, lexer.errors)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    errors: Vec<SyntaxError>,
}

/// Symbols and what they mean; the longer ones first. Typographic and foreign spellings are understood.
const SYMBOLS: &[(&str, &str)] = &[
    ("!=", "!="),
    ("<>", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("==", "="),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
    ("≠", "!="),
    ("≤", "<="),
    ("≥", ">="),
    ("(", "("),
    (")", ")"),
    (",", ","),
];

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, place: self.at..self.at + length });
        self.at += length;
    }

    fn error(&mut self, length: usize, message: &str) {
        let place = self.at..self.at + length;
        self.errors.push(SyntaxError::new(self.source, place, message.to_owned()));
        self.push(Kind::Bad, length);
    }

    fn step(&mut self, letter: char) {
        if letter.is_whitespace() {
            self.at += letter.len_utf8();
        } else if matches!(letter, '"' | '“' | '”') {
            self.quoted(letter);
        } else if let Some((spelling, meaning)) =
            SYMBOLS.iter().find(|(spelling, _)| self.rest().starts_with(spelling))
        {
            self.push(Kind::Symbol(meaning), spelling.len());
        } else if letter.is_ascii_digit() || letter == '-' {
            self.number_or_date();
        } else {
            self.word(letter);
        }
    }

    fn word(&mut self, letter: char) {
        match word_length(self.rest()) {
            0 if letter == '\'' => {
                let end = self.rest()[1..].find('\'').map_or(1, |at| at + 2);
                self.error(end, "a text stands in double quotes, not in single ones");
            }
            0 => self.error(letter.len_utf8(), &format!("`{letter}` has no meaning here")),
            length => {
                let word = self.rest()[..length].into();
                self.push(Kind::Word(word), length);
            }
        }
    }

    fn quoted(&mut self, open: char) {
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' if open == '"' => return self.push(Kind::Quoted(text.into()), at + 1),
                '”' if open != '"' => return self.push(Kind::Quoted(text.into()), at + letter.len_utf8()),
                '\\' => match escape(&mut letters) {
                    Some(letter) => text.push(letter),
                    None => {
                        self.at += at;
                        return self.bad_escape();
                    }
                },
                letter => text.push(letter),
            }
        }
        self.error(self.rest().len(), "the text in quotes has no end: a closing quote is missing");
    }

    /// Complains about the escape here and goes on after the closing quote.
    fn bad_escape(&mut self) {
        let rest = self.rest();
        let length = rest.chars().take(2).map(char::len_utf8).sum();
        let place = self.at..self.at + length;
        let message = "not an escape: expected `\\\"`, `\\\\`, `\\n`, `\\t`, `\\r` or `\\u{3042}`".to_owned();
        self.errors.push(SyntaxError::new(self.source, place, message));
        let end = rest[length..].find('"').map_or(rest.len(), |at| length + at + 1);
        self.push(Kind::Quoted(Text::default()), end);
    }

    fn number_or_date(&mut self) {
        let rest = self.rest();
        if is_date(rest) {
            let length =
                rest.find(|c: char| !(c.is_ascii_digit() || "-:.+TZtz".contains(c))).unwrap_or(rest.len());
            return self.date(length);
        }
        let length = number_length(rest);
        match rest[..length].parse().ok().and_then(Number::new) {
            Some(number) => self.push(Kind::Number(number), length),
            None => self.error(length.max(1), "not a number"),
        }
    }

    fn date(&mut self, length: usize) {
        let text = &self.rest()[..length];
        if length == 10
            && let Ok(date) = text.parse()
        {
            self.push(Kind::Date(date), length);
        } else if let Ok(instant) = text.parse() {
            self.push(Kind::Instant(instant), length);
        } else {
            self.error(length, "not a date like `2026-01-31`, nor an instant like `2026-01-31T12:00:00Z`");
        }
    }
}

/// Four digits, two, two, with dashes: the shape of a date.
fn is_date(text: &str) -> bool {
    let shape = text.as_bytes().iter().take(10);
    shape.len() == 10
        && shape
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits =
        |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = usize::from(bytes.first() == Some(&b'-'));
    length += digits(length);
    if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

fn escape(letters: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    match letters.next()?.1 {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        same @ ('"' | '\\' | '”') => Some(same),
        'u' => {
            let hex: String =
                letters.map(|(_, letter)| letter).take_while(|letter| *letter != '}').take(8).collect();
            char::from_u32(u32::from_str_radix(hex.strip_prefix('{')?, 16).ok()?)
        }
        _other => None,
    }
}
