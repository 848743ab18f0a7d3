//! What is wrong with a text: the place, what stood there, what was expected.

use std::fmt;

use serde::Serialize;

/// One place that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyntaxError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In characters; 0 at the end of the text.
    pub length: usize,
    /// What is wrong, in a sentence without place and picture.
    pub message: String,
    /// What could have stood there; a word of the language stands in backticks.
    pub expected: Vec<String>,
    /// The line with a caret under the place.
    pub picture: String,
}

impl SyntaxError {
    /// The error at these bytes of `source`.
    pub(crate) fn new(source: &str, place: std::ops::Range<usize>, message: String) -> Self {
        let line_start = source[..place.start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[place.start..].find('\n').map_or(source.len(), |at| place.start + at);
        let before = &source[line_start..place.start];
        let marked = &source[place.start..place.end.clamp(place.start, line_end)];
        let text = &source[line_start..line_end];
        Self {
            line: source[..line_start].matches('\n').count() + 1,
            column: before.chars().count() + 1,
            length: marked.chars().count(),
            message,
            expected: Vec::new(),
            picture: format!("{text}\n{}{}", blank(before), "^".repeat(width(marked).max(1))),
        }
    }

    /// With what could have stood there, said in the message as well.
    pub(crate) fn expecting(mut self, expected: Vec<String>) -> Self {
        match expected.as_slice() {
            [] => {}
            [only] => self.message = format!("{}: expected {only}", self.message),
            [most @ .., last] => {
                self.message = format!("{}: expected {} or {last}", self.message, most.join(", "));
            }
        }
        self.expected = expected;
        self
    }

    /// With a word that helps.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.message = format!("{}; {hint}", self.message);
        self
    }
}

/// The place, the sentence, the picture.
impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}\n{}", self.line, self.column, self.message, self.picture)
    }
}

/// How many columns of a terminal a text takes: East Asian characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|letter| if is_wide(letter) { 2 } else { 1 }).sum()
}

fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// As many blanks as the text takes columns; tabs stay tabs.
fn blank(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter == '\t' {
                "\t"
            } else if is_wide(letter) {
                "  "
            } else {
                " "
            }
        })
        .collect()
}

/// Everything that is wrong with a text, in its order; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SyntaxErrors {
    /// Each place.
    pub errors: Vec<SyntaxError>,
}

impl SyntaxErrors {
    /// As many are told at once.
    pub const MAX: usize = 8;

    /// What the caller should do.
    pub fn kind(&self) -> model::ErrorKind {
        model::ErrorKind::Invalid
    }
}

impl fmt::Display for SyntaxErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(f, "{gap}{error}")?;
        }
        Ok(())
    }
}
