//! What a marketer writes, and what can be wrong with it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One language's version of a message, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The subject line; Liquid.
    pub subject: String,
    /// What mail programs show behind the subject in a list; Liquid; may be empty.
    #[serde(default)]
    pub preheader: String,
    /// The body; Liquid.
    pub body: Body,
    /// The plain text part; Liquid. Made from the body when missing.
    #[serde(default)]
    pub text: Option<String>,
}

/// The body of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// MJML: becomes HTML that every mail program understands.
    Mjml(String),
    /// HTML, sent as it is.
    Html(String),
    /// Plain text; there is no formatted part then.
    Text(String),
}

impl Body {
    /// The text as written.
    pub fn text(&self) -> &str {
        match self {
            Self::Mjml(text) | Self::Html(text) | Self::Text(text) => text,
        }
    }
}

/// A piece of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The subject line.
    Subject,
    /// The preheader.
    Preheader,
    /// The body.
    Body,
    /// The plain text part.
    Text,
}

impl Part {
    /// Its word in API, console and errors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Preheader => "preheader",
            Self::Body => "body",
            Self::Text => "text",
        }
    }
}

/// One thing that is wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In which part.
    pub part: Part,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong, and what would be right.
    pub message: String,
    /// The line with a caret below the place; empty when there is none.
    pub picture: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.part.word(), self.line, self.column, self.message)
    }
}

/// Everything that is wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Line and column (from 1, in characters) of a byte offset.
pub(crate) fn place(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
