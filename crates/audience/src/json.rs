//! The JSON form: one object for each part of a condition, named by its `type` (a test by its `is`).
//!
//! It is what a visual builder edits: every object says what it is, unknown
//! fields are refused, and what the text leaves out, the JSON leaves out.

use model::Text;
use serde::{Deserialize, Serialize};

use crate::condition::{Condition, DEPTH_MAX};
use crate::filter::{Days, Filter, Literal, Operator, Pattern, Test};
use crate::time::{Calendar, Span};

/// A JSON that is no condition or filter.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is malformed, or a part of it is unknown; the message has line and column.
    #[error("not the JSON of a condition: {0}")]
    Form(serde_json::Error),
    /// It nests too deep.
    #[error("a condition nests at most {DEPTH_MAX} deep")]
    Depth,
    /// An object that needs parts has none.
    #[error("`{0}` needs at least one part under `of`")]
    Empty(&'static str),
    /// A sequence with a single step.
    #[error("a sequence needs at least two `steps`. count=`{0}`")]
    Steps(usize),
}

impl JsonError {
    /// What the caller should do.
    pub fn kind(&self) -> model::ErrorKind {
        match self {
            Self::Form(_) | Self::Empty(_) | Self::Steps(_) => model::ErrorKind::Invalid,
            Self::Depth => model::ErrorKind::TooLarge,
        }
    }
}

impl Condition {
    /// Reads the JSON form. A group of one part becomes that part, as in the text.
    ///
    /// # Errors
    /// When it is malformed, has unknown parts, or goes over a limit.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        serde_json::from_str::<Self>(text).map_err(JsonError::Form)?.normal(0)
    }

    /// The JSON form.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("all keys are texts and all numbers finite")
    }

    fn normal(self, depth: usize) -> Result<Self, JsonError> {
        if depth > DEPTH_MAX {
            return Err(JsonError::Depth);
        }
        let parts = |of: Vec<Self>, word| group(of, word, |part| part.normal(depth + 1));
        Ok(match self {
            Self::All { of } => parts(of, "all")?.single_or(|of| Self::All { of }),
            Self::Any { of } => parts(of, "any")?.single_or(|of| Self::Any { of }),
            Self::Not { of } => Self::Not { of: Box::new(of.normal(depth + 1)?) },
            Self::Did(mut did) => {
                did.filter = normal_filter(did.filter)?;
                Self::Did(did)
            }
            Self::FirstDid(mut edge) => {
                edge.filter = normal_filter(edge.filter)?;
                Self::FirstDid(edge)
            }
            Self::LastDid(mut edge) => {
                edge.filter = normal_filter(edge.filter)?;
                Self::LastDid(edge)
            }
            Self::Sequence(mut sequence) => {
                if sequence.steps.len() < 2 {
                    return Err(JsonError::Steps(sequence.steps.len()));
                }
                for step in sequence.steps.iter_mut().chain(&mut sequence.without) {
                    step.filter = normal_filter(step.filter.take())?;
                }
                Self::Sequence(sequence)
            }
            Self::Mostly(mut mostly) => {
                mostly.filter = normal_filter(mostly.filter)?;
                Self::Mostly(mostly)
            }
            Self::UsualHour(mut usual) => {
                usual.filter = normal_filter(usual.filter)?;
                Self::UsualHour(usual)
            }
            Self::LastPlace(mut last) => {
                last.filter = normal_filter(last.filter)?;
                Self::LastPlace(last)
            }
            leaf @ (Self::Everyone
            | Self::TraitPlace { .. }
            | Self::Trait { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. }) => leaf,
        })
    }
}

impl Filter {
    /// Reads the JSON form. A group of one part becomes that part, as in the text.
    ///
    /// # Errors
    /// When it is malformed, has unknown parts, or goes over a limit.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        serde_json::from_str::<Self>(text).map_err(JsonError::Form)?.normal(0)
    }

    /// The JSON form.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("all keys are texts and all numbers finite")
    }

    fn normal(self, depth: usize) -> Result<Self, JsonError> {
        if depth > DEPTH_MAX {
            return Err(JsonError::Depth);
        }
        let parts = |of: Vec<Self>, word| group(of, word, |part| part.normal(depth + 1));
        Ok(match self {
            Self::All { of } => parts(of, "all")?.single_or(|of| Self::All { of }),
            Self::Any { of } => parts(of, "any")?.single_or(|of| Self::Any { of }),
            Self::Not { of } => Self::Not { of: Box::new(of.normal(depth + 1)?) },
            Self::Property { .. } | Self::Place { .. } => self,
        })
    }
}

fn normal_filter(filter: Option<Filter>) -> Result<Option<Filter>, JsonError> {
    filter.map(|filter| filter.normal(0)).transpose()
}

/// The checked parts of an `all` or `any`.
struct Parts<T>(Vec<T>);

fn group<T>(
    of: Vec<T>,
    word: &'static str,
    normal: impl Fn(T) -> Result<T, JsonError>,
) -> Result<Parts<T>, JsonError> {
    if of.is_empty() {
        return Err(JsonError::Empty(word));
    }
    of.into_iter().map(normal).collect::<Result<_, _>>().map(Parts)
}

impl<T> Parts<T> {
    fn single_or(mut self, group: impl FnOnce(Vec<T>) -> T) -> T {
        match self.0.pop() {
            Some(only) if self.0.is_empty() => only,
            last => {
                self.0.extend(last);
                group(self.0)
            }
        }
    }
}

/// A test as JSON: `{"is": "in", "values": ["JP", "TW"]}`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum TestForm {
    #[serde(rename = "=")]
    Equal {
        value: Literal,
    },
    #[serde(rename = "!=")]
    NotEqual {
        value: Literal,
    },
    #[serde(rename = "<")]
    Less {
        value: Literal,
    },
    #[serde(rename = "<=")]
    LessOrEqual {
        value: Literal,
    },
    #[serde(rename = ">")]
    Greater {
        value: Literal,
    },
    #[serde(rename = ">=")]
    GreaterOrEqual {
        value: Literal,
    },
    Between {
        from: Literal,
        to: Literal,
    },
    In {
        values: Vec<Literal>,
    },
    Contains {
        text: Text,
    },
    StartsWith {
        text: Text,
    },
    EndsWith {
        text: Text,
    },
    Matches {
        pattern: Pattern,
    },
    Set,
    InLast {
        span: Span,
    },
    InNext {
        span: Span,
    },
    This {
        unit: Calendar,
    },
    AnniversaryInNext {
        span: Days,
    },
    AnniversaryInLast {
        span: Days,
    },
}

impl From<TestForm> for Test {
    fn from(form: TestForm) -> Self {
        let compare = |operator, value| Self::Compare { operator, value };
        match form {
            TestForm::Equal { value } => compare(Operator::Equal, value),
            TestForm::NotEqual { value } => compare(Operator::NotEqual, value),
            TestForm::Less { value } => compare(Operator::Less, value),
            TestForm::LessOrEqual { value } => compare(Operator::LessOrEqual, value),
            TestForm::Greater { value } => compare(Operator::Greater, value),
            TestForm::GreaterOrEqual { value } => compare(Operator::GreaterOrEqual, value),
            TestForm::Between { from, to } => Self::Between { from, to },
            TestForm::In { values } => Self::In(values),
            TestForm::Contains { text } => Self::Contains(text),
            TestForm::StartsWith { text } => Self::StartsWith(text),
            TestForm::EndsWith { text } => Self::EndsWith(text),
            TestForm::Matches { pattern } => Self::Matches(pattern),
            TestForm::Set => Self::IsSet,
            TestForm::InLast { span } => Self::InLast(span),
            TestForm::InNext { span } => Self::InNext(span),
            TestForm::This { unit } => Self::This(unit),
            TestForm::AnniversaryInNext { span } => Self::AnniversaryInNext(span),
            TestForm::AnniversaryInLast { span } => Self::AnniversaryInLast(span),
        }
    }
}

impl From<Test> for TestForm {
    fn from(test: Test) -> Self {
        match test {
            Test::Compare { operator, value } => match operator {
                Operator::Equal => Self::Equal { value },
                Operator::NotEqual => Self::NotEqual { value },
                Operator::Less => Self::Less { value },
                Operator::LessOrEqual => Self::LessOrEqual { value },
                Operator::Greater => Self::Greater { value },
                Operator::GreaterOrEqual => Self::GreaterOrEqual { value },
            },
            Test::Between { from, to } => Self::Between { from, to },
            Test::In(values) => Self::In { values },
            Test::Contains(text) => Self::Contains { text },
            Test::StartsWith(text) => Self::StartsWith { text },
            Test::EndsWith(text) => Self::EndsWith { text },
            Test::Matches(pattern) => Self::Matches { pattern },
            Test::IsSet => Self::Set,
            Test::InLast(span) => Self::InLast { span },
            Test::InNext(span) => Self::InNext { span },
            Test::This(unit) => Self::This { unit },
            Test::AnniversaryInNext(span) => Self::AnniversaryInNext { span },
            Test::AnniversaryInLast(span) => Self::AnniversaryInLast { span },
        }
    }
}
