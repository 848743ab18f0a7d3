//! Where the reader stands, what it could have found there, and the errors so far.

use model::Text;

use super::error::{SyntaxError, SyntaxErrors};
use super::lexer::{self, Kind, Token};
use super::nearest;
use crate::condition::{DEPTH_MAX, TEXT_BYTES_MAX};
use crate::filter::Number;

/// The error is already written down; whoever gets this goes on at the next condition.
#[derive(Debug)]
pub(super) struct Failed;

pub(super) type Parsed<T> = Result<T, Failed>;

/// The words with which a condition begins, and those that join. As a name they need quotes.
pub(super) const STARTS: &[&str] = &[
    "everyone",
    "did",
    "first",
    "last",
    "sequence",
    "mostly",
    "usual",
    "trait",
    "reachable",
    "consented",
    "subscribed",
    "member",
];
const JOINS: &[&str] = &["and", "or", "not", "where"];

/// Whether `name` is a word of the language and needs quotes to be a name.
pub(super) fn is_reserved(name: &str) -> bool {
    STARTS.iter().chain(JOINS).any(|word| word.eq_ignore_ascii_case(name))
}

pub(super) struct Cursor<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    at: usize,
    expected: Vec<&'static str>,
    errors: Vec<SyntaxError>,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a str) -> Result<Self, SyntaxErrors> {
        if source.len() > TEXT_BYTES_MAX {
            let message = format!("a condition has at most {TEXT_BYTES_MAX} bytes. bytes=`{}`", source.len());
            return Err(SyntaxErrors { errors: vec![SyntaxError::new("", 0..0, message)] });
        }
        let (tokens, errors) = lexer::lex(source);
        Ok(Self { source, tokens, at: 0, expected: Vec::new(), errors, depth: 0 })
    }

    /// `value`, when nothing is wrong.
    pub(super) fn finish<T>(mut self, value: T) -> Result<T, SyntaxErrors> {
        if self.errors.is_empty() {
            return Ok(value);
        }
        self.errors.sort_by_key(|error| (error.line, error.column));
        self.errors.dedup_by_key(|error| (error.line, error.column));
        self.errors.truncate(SyntaxErrors::MAX);
        Err(SyntaxErrors { errors: self.errors })
    }

    pub(super) fn kind(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    pub(super) fn is_end(&self) -> bool {
        *self.kind() == Kind::End
    }

    /// The token this many further, without expecting anything.
    pub(super) fn ahead(&self, distance: usize) -> &Kind {
        &self.tokens[(self.at + distance).min(self.tokens.len() - 1)].kind
    }

    pub(super) fn is_word_ahead(&self, distance: usize, word: &str) -> bool {
        matches!(self.ahead(distance), Kind::Word(found) if found.eq_ignore_ascii_case(word))
    }

    /// Whether a condition starts this many tokens ahead, after any `not` and `(`.
    pub(super) fn is_condition_ahead(&self, mut distance: usize) -> bool {
        while self.is_word_ahead(distance, "not") || *self.ahead(distance) == Kind::Symbol("(") {
            distance += 1;
        }
        STARTS.iter().any(|word| self.is_word_ahead(distance, word))
    }

    pub(super) fn advance(&mut self) {
        if !self.is_end() {
            self.at += 1;
        }
        self.expected.clear();
    }

    /// Writes down what could stand here, for the message should nothing fit.
    pub(super) fn expect(&mut self, what: &'static str) {
        if !self.expected.contains(&what) {
            self.expected.push(what);
        }
    }

    /// Steps over `word`, if it is here.
    pub(super) fn accept(&mut self, word: &'static str) -> bool {
        let found = self.is_word_ahead(0, word);
        if found {
            self.advance();
        } else {
            self.expect(word);
        }
        found
    }

    /// Steps over `word`, if it is here, one of the many with which a condition begins.
    pub(super) fn starts(&mut self, word: &'static str) -> bool {
        let found = self.is_word_ahead(0, word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn accept_symbol(&mut self, symbol: &'static str) -> bool {
        let found = *self.kind() == Kind::Symbol(symbol);
        if found {
            self.advance();
        } else {
            self.expect(symbol);
        }
        found
    }

    pub(super) fn require(&mut self, word: &'static str) -> Parsed<()> {
        if self.accept(word) { Ok(()) } else { Err(self.fail()) }
    }

    pub(super) fn require_symbol(&mut self, symbol: &'static str) -> Parsed<()> {
        if self.accept_symbol(symbol) { Ok(()) } else { Err(self.fail()) }
    }

    /// The first of `choices` whose word is here.
    pub(super) fn choose<T: Copy>(&mut self, choices: &[T], word: impl Fn(T) -> &'static str) -> Parsed<T> {
        match choices.iter().copied().find(|choice| self.accept(word(*choice))) {
            Some(choice) => Ok(choice),
            None => Err(self.fail()),
        }
    }

    /// The word here, if it is one.
    pub(super) fn word(&self) -> Option<Text> {
        if let Kind::Word(word) = self.kind() { Some(word.clone()) } else { None }
    }

    /// The text in quotes here, if it is one.
    pub(super) fn text(&self) -> Option<Text> {
        if let Kind::Quoted(text) = self.kind() { Some(text.clone()) } else { None }
    }

    fn number_here(&self) -> Option<Number> {
        if let Kind::Number(number) = self.kind() { Some(*number) } else { None }
    }

    /// Steps over what stands here, when it is `value`; complains when it is not there.
    fn take<T>(&mut self, value: Option<T>) -> Parsed<T> {
        match value {
            Some(value) => {
                self.advance();
                Ok(value)
            }
            None => Err(self.fail()),
        }
    }

    /// A text in quotes: the name of an event, topic or audience, or a value.
    pub(super) fn quoted(&mut self, what: &'static str) -> Parsed<Text> {
        self.expect(what);
        match self.word() {
            Some(word) => Err(self.fail_with(&format!("write \"{word}\" if that is its name"))),
            None => self.take(self.text()),
        }
    }

    /// The name of a property or trait: a word, or a text in quotes.
    pub(super) fn name(&mut self, what: &'static str) -> Parsed<Text> {
        self.expect(what);
        match self.word().filter(|word| is_reserved(word)) {
            Some(word) => Err(self.fail_with(&format!(
                "`{word}` is a word of the language: write \"{word}\" if that is its name"
            ))),
            None => self.take(self.word().or_else(|| self.text())),
        }
    }

    pub(super) fn number(&mut self, what: &'static str) -> Parsed<Number> {
        self.expect(what);
        self.take(self.number_here())
    }

    /// A whole number that fits `T`.
    pub(super) fn whole<T: TryFrom<i64>>(&mut self, what: &'static str) -> Parsed<T> {
        self.expect(what);
        let whole = self.number_here().and_then(Number::whole).and_then(|whole| T::try_from(whole).ok());
        self.take(whole)
    }

    /// Reads something nested, if it does not nest too deep.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            let error = self.here(format!("brackets and `not` nest at most {DEPTH_MAX} deep"));
            self.errors.push(error);
            self.at = self.tokens.len() - 1;
            return Err(Failed);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Writes down that nothing fits here.
    pub(super) fn fail(&mut self) -> Failed {
        let words = || self.expected.iter().copied().filter(|each| is_word(each));
        let near = self.word().and_then(|word| nearest(&word, words()));
        match near {
            Some(near) => self.fail_with(&format!("did you mean `{near}`?")),
            None => self.fail_with(""),
        }
    }

    /// Writes down that nothing fits here, with a word that helps.
    pub(super) fn fail_with(&mut self, hint: &str) -> Failed {
        let expected = std::mem::take(&mut self.expected);
        if *self.kind() == Kind::Bad {
            return Failed;
        }
        let shown = expected.iter().map(|each| shown(each)).collect();
        let found = if self.is_end() {
            "the text ends here".to_owned()
        } else {
            format!("found `{}`", &self.source[self.tokens[self.at].place.clone()])
        };
        let mut error = self.here(found).expecting(shown);
        if !hint.is_empty() {
            error = error.hint(hint);
        }
        self.errors.push(error);
        Failed
    }

    /// Writes down that the token before this one is wrong.
    pub(super) fn refuse_last(&mut self, message: String) -> Failed {
        let place = self.tokens[self.at.saturating_sub(1)].place.clone();
        self.errors.push(SyntaxError::new(self.source, place, message));
        Failed
    }

    fn here(&self, message: String) -> SyntaxError {
        SyntaxError::new(self.source, self.tokens[self.at].place.clone(), message)
    }

    /// Goes on to the next `and` or `or` before a condition, or to the bracket that closes this one.
    pub(super) fn recover(&mut self) {
        let mut open = 0_usize;
        while !self.is_end() {
            let joins = self.is_word_ahead(0, "and") || self.is_word_ahead(0, "or");
            let closes = *self.kind() == Kind::Symbol(")");
            if open == 0 && (closes || joins && self.is_condition_ahead(1)) {
                break;
            }
            open += usize::from(*self.kind() == Kind::Symbol("("));
            open -= usize::from(closes);
            self.advance();
        }
        self.expected.clear();
    }
}

fn is_word(expected: &str) -> bool {
    expected.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Words and symbols of the language stand in backticks, descriptions do not.
fn shown(expected: &str) -> String {
    if expected.contains(' ') { expected.to_owned() } else { format!("`{expected}`") }
}
