//! What is wrong with a template, and where: line, column, the line itself with a caret, what was expected, the nearest name.

use std::fmt;

/// A place in a template, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The template or partial.
    pub template: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The line, cut to its neighbourhood when it is long.
    pub excerpt: String,
    /// How many characters of `excerpt` stand before the caret.
    pub caret: usize,
}

/// Characters of a line shown on either side of the caret.
const EXCERPT_SIDE: usize = 60;

impl Place {
    /// Finds the place `offset` bytes into `source`.
    pub(crate) fn find(template: &str, source: &str, offset: usize) -> Self {
        let mut offset = offset.min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let (before, after) = source.split_at(offset);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let head = &before[line_start..];
        let tail = after.split(['\n', '\r']).next().unwrap_or("");
        let near = head.char_indices().rev().nth(EXCERPT_SIDE - 1).map_or(0, |(at, _)| at);
        let excerpt: String = head[near..].chars().chain(tail.chars().take(EXCERPT_SIDE)).collect();
        Self {
            template: template.to_owned(),
            line: number(memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1),
            column: number(head.chars().count() + 1),
            excerpt: excerpt.replace('\t', " "),
            caret: head[near..].chars().count(),
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}:{}:{}", self.template, self.line, self.column)?;
        writeln!(out, "  {}", self.excerpt)?;
        write!(out, "  {:>width$}", "^", width = self.caret + 1)
    }
}

/// One thing that is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}{}{}\n{place}", expected_text(.expected), nearest_text(.nearest))]
pub struct Error {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub place: Place,
    /// What was expected there; empty when the fault says it all.
    pub expected: String,
    /// The nearest known name, when a name was not known.
    pub nearest: Option<String>,
}

fn expected_text(expected: &str) -> String {
    if expected.is_empty() { String::new() } else { format!(", expected {expected}") }
}

fn nearest_text(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

/// What can be wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something stands where it cannot.
    #[error("unexpected text. found=`{found}`")]
    Unexpected {
        /// What stands there.
        found: String,
    },
    /// `{{` or `{%` without its end.
    #[error("not closed. opened=`{opened}`")]
    Unclosed {
        /// What was opened.
        opened: String,
    },
    /// No such tag.
    #[error("unknown tag. tag=`{name}`")]
    UnknownTag {
        /// Its name.
        name: String,
    },
    /// A tag of another product that cannot work here.
    #[error("this tag is not available here: {instead}. tag=`{name}`")]
    ForeignTag {
        /// Its name.
        name: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// No such filter.
    #[error("unknown filter. filter=`{name}`")]
    UnknownFilter {
        /// Its name.
        name: String,
    },
    /// No such named argument.
    #[error("unknown argument. filter=`{filter}` argument=`{name}`")]
    UnknownArgument {
        /// The filter.
        filter: String,
        /// The argument.
        name: String,
    },
    /// Too few or too many arguments.
    #[error("wrong number of arguments. filter=`{filter}` arguments=`{found}`")]
    ArgumentCount {
        /// The filter.
        filter: String,
        /// How many were given.
        found: usize,
    },
    /// No such partial.
    #[error("unknown partial. partial=`{name}`")]
    UnknownPartial {
        /// Its name.
        name: String,
    },
    /// A limit was reached while compiling.
    #[error("over the limit. limit=`{limit}` max=`{max}`")]
    Limit {
        /// Its name, as in [`crate::CompileLimits`].
        limit: &'static str,
        /// Its value.
        max: usize,
    },
}

/// All that is wrong with a template; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(pub Vec<Error>);

impl std::error::Error for Errors {}

impl fmt::Display for Errors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            write!(out, "{error}")?;
        }
        Ok(())
    }
}

/// Why a rendering had to stop. Nothing of it remains in the output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{stop}\n{place}")]
pub struct RenderError {
    /// What happened.
    pub stop: Stop,
    /// Where.
    pub place: Place,
}

/// What can stop a rendering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// A limit was reached.
    #[error("over the limit. limit=`{limit}` max=`{max}`")]
    Limit {
        /// Its name, as in [`crate::RenderLimits`].
        limit: &'static str,
        /// Its value.
        max: u64,
    },
    /// The caller said that time is up.
    #[error("time is up")]
    Time,
    /// A filter cannot work with what it was given.
    #[error("{problem}. filter=`{filter}`")]
    Filter {
        /// The filter.
        filter: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// Two values that have no order were compared.
    #[error("cannot compare {left} with {right}")]
    Comparison {
        /// The type on the left.
        left: &'static str,
        /// The type on the right.
        right: &'static str,
    },
    /// A tag cannot work with what it was given.
    #[error("not a whole number. tag=`{tag}` argument=`{argument}`")]
    Number {
        /// The tag.
        tag: &'static str,
        /// Its argument.
        argument: &'static str,
    },
    /// A partial whose name is only known while rendering does not exist.
    #[error("unknown partial. partial=`{name}`")]
    UnknownPartial {
        /// Its name.
        name: String,
    },
}

/// The name in `known` that `name` was probably meant to be.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let most = if name.chars().count() <= 4 { 1 } else { 2 + name.len() / 8 };
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) =
        (left.chars().take(64).collect(), right.chars().take(64).collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let mut cost =
                (above[column] + usize::from(a != b)).min(above[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *a == right[column - 1] && left[row - 1] == *b {
                cost = cost.min(before[column - 1] + 1);
            }
            current.push(cost);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_or_two_letters_away() {
        let known = ["upcase", "downcase", "default", "t"];
        assert_eq!(nearest("upcas", known), Some("upcase".to_owned()));
        assert_eq!(nearest("dafeult", known), Some("default".to_owned()));
        assert_eq!(nearest("something", known), None);
    }

    #[test]
    fn a_place_shows_the_line_and_a_caret() {
        let place = Place::find("body", "one\nこんにちは {{ x", 4 + 16);
        assert_eq!(place.to_string(), "body:2:7\n  こんにちは {{ x\n        ^");
    }
}
