//! What is asked of one event: tests of its properties, joined by and, or, not.
//!
//! Questions use this type as well, so a filter means the same in an audience and in a trend.

use std::cmp::Ordering;
use std::fmt;

use model::Text;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::place::Place;
use crate::time::{Calendar, Moment, Span};

/// Tests of the properties of one event: `quantity > 0 and not invoice starts with "C"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Filter {
    /// One property passes one test.
    Property {
        /// Which property; nested names are joined with dots.
        name: Text,
        /// What is asked of its value.
        test: Test,
    },
    /// Two properties are a point on the earth, and it lies there: `context.location near 35.6812, 139.7671 within 2 km`.
    Place {
        /// Which properties, and where.
        place: Place,
    },
    /// Every one holds.
    All {
        /// Two or more; none is always true.
        of: Vec<Filter>,
    },
    /// At least one holds.
    Any {
        /// Two or more; none is always false.
        of: Vec<Filter>,
    },
    /// It does not hold.
    Not {
        /// What must not hold.
        of: Box<Filter>,
    },
}

impl Filter {
    /// The test of one property.
    pub fn property(name: impl Into<Text>, test: Test) -> Self {
        Self::Property { name: name.into(), test }
    }

    /// Calls `each` with the name and test of every property it reads, in the order of the text.
    pub fn properties<'a>(&'a self, each: &mut impl FnMut(&'a str, &'a Test)) {
        match self {
            Self::Property { name, test } => each(name, test),
            Self::Place { place } => place.names().into_iter().for_each(|name| each(name, Test::SET)),
            Self::All { of } | Self::Any { of } => of.iter().for_each(|part| part.properties(each)),
            Self::Not { of } => of.properties(each),
        }
    }
}

impl Test {
    /// What a place asks of each of its two numbers before it asks where.
    pub(crate) const SET: &'static Self = &Self::IsSet;
}

/// What is asked of one value. Of a missing value (or null) every test is false.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "crate::json::TestForm", into = "crate::json::TestForm")]
pub enum Test {
    /// `= != < <= > >=`. Values of two types are neither equal nor different nor in an order: the test is false.
    Compare {
        /// How.
        operator: Operator,
        /// With what.
        value: Literal,
    },
    /// `between 1 and 5`: both included; a relative lower moment is excluded, as in a window.
    Between {
        /// The least.
        from: Literal,
        /// The most.
        to: Literal,
    },
    /// `in ("JP", "TW")`.
    In(Vec<Literal>),
    /// `contains "x"`: a text with that text in it, or a list with that text as one of its values.
    Contains(Text),
    /// `starts with "x"`.
    StartsWith(Text),
    /// `ends with "x"`.
    EndsWith(Text),
    /// `matches "^A[0-9]+$"`: a text in which the pattern is found.
    Matches(Pattern),
    /// `is set`: there is a value and it is not null.
    IsSet,
    /// `in last 3 days`: a date after (as of − 3 days), up to as of.
    InLast(Span),
    /// `in next 3 days`: a date after as of, up to (as of + 3 days).
    InNext(Span),
    /// `today`, `this week`: a date in the calendar unit around as of, before or after it.
    This(Calendar),
    /// `anniversary in next 7 days`: month and day return within so many calendar days of the zone, today the first of them.
    AnniversaryInNext(Days),
    /// `anniversary in last 7 days`: likewise, today the last of them.
    AnniversaryInLast(Days),
}

/// Whole calendar days, one at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Span", into = "Span")]
pub struct Days(u16);

impl Days {
    /// As many as an anniversary may lie ahead: a year has no more.
    pub const MAX: u16 = 366;

    /// This many, when it is between one and [`Self::MAX`].
    pub fn new(amount: u16) -> Option<Self> {
        (1..=Self::MAX).contains(&amount).then_some(Self(amount))
    }

    /// How many.
    pub fn amount(self) -> u16 {
        self.0
    }
}

impl From<Days> for Span {
    fn from(days: Days) -> Self {
        Self::days(days.0.into())
    }
}

impl TryFrom<Span> for Days {
    type Error = BadDays;

    fn try_from(span: Span) -> Result<Self, BadDays> {
        let whole = span.ms() % model::Instant::DAY_MS == 0;
        let days = u16::try_from(span.ms() / model::Instant::DAY_MS).ok().and_then(Self::new);
        days.filter(|_| whole).ok_or(BadDays { span })
    }
}

/// A span that is no number of days an anniversary can be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an anniversary is counted in whole days, from 1 day to {} days. value=`{span}`", Days::MAX)]
pub struct BadDays {
    /// What stood there.
    pub span: Span,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// Equal.
    #[serde(rename = "=")]
    Equal,
    /// Different.
    #[serde(rename = "!=")]
    NotEqual,
    /// Smaller, earlier.
    #[serde(rename = "<")]
    Less,
    /// Smaller or equal.
    #[serde(rename = "<=")]
    LessOrEqual,
    /// Larger, later.
    #[serde(rename = ">")]
    Greater,
    /// Larger or equal.
    #[serde(rename = ">=")]
    GreaterOrEqual,
}

impl Operator {
    /// All of them, in the order of the documents.
    pub const ALL: &[Self] =
        &[Self::Equal, Self::NotEqual, Self::Less, Self::LessOrEqual, Self::Greater, Self::GreaterOrEqual];

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether what holds of a number holds of every larger one.
    pub fn is_lower_bound(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }

    /// Whether it holds for two values that compare like this.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// A value written in a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a value: a text, a number, true, false, or a moment like {\"date\": \"2026-01-31\"}, {\"ago\": \"3 days\"}"
)]
pub enum Literal {
    /// `true`, `false`.
    Bool(bool),
    /// `19.9`.
    Number(Number),
    /// `"shoes"`.
    Text(Text),
    /// `2026-01-31`, `3 days ago`.
    Moment(Moment),
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// A finite number. Whole and broken numbers compare as one kind.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Number(f64);

impl Number {
    /// This number, when it is finite. There is one zero.
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// As floating point.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The same as a whole number, when it is one and exact.
    #[expect(clippy::cast_possible_truncation, reason = "within 2^53 a whole f64 is exactly an i64")]
    pub fn whole(self) -> Option<i64> {
        (self.0.fract() == 0.0 && self.0.abs() <= 9_007_199_254_740_992.0).then_some(self.0 as i64)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self(value.into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whole() {
            Some(whole) => write!(f, "{whole}"),
            None => write!(f, "{:?}", self.0),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(InNumbers)
    }
}

/// Reads a number, and says of what is none that a number was expected.
struct InNumbers;

impl Visitor<'_> for InNumbers {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Number, E> {
        Number::new(value).ok_or_else(|| E::custom("a number must be finite"))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers compare as floating point; exact up to 2^53")]
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Number, E> {
        self.visit_f64(value as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers compare as floating point; exact up to 2^53")]
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Number, E> {
        self.visit_f64(value as f64)
    }
}

/// A regular expression, compiled within its bounds; it runs in time linear to the text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Text", into = "Text")]
pub struct Pattern {
    text: Text,
    compiled: regex::Regex,
}

impl Pattern {
    /// The longest pattern, in bytes.
    pub const BYTES_MAX: usize = 256;
    /// The most memory that a compiled pattern may take.
    pub const COMPILED_BYTES_MAX: usize = 64 << 10;

    /// Compiles `text`.
    ///
    /// # Errors
    /// When it is too long, too large when compiled, or no regular expression.
    pub fn new(text: impl Into<Text>) -> Result<Self, BadPattern> {
        let text = text.into();
        if text.len() > Self::BYTES_MAX {
            return Err(BadPattern { reason: "it is longer than 256 bytes".to_owned(), value: text });
        }
        match Self::build(&text) {
            Ok(compiled) => Ok(Self { text, compiled }),
            Err(error) => Err(BadPattern { reason: reason(&error), value: text }),
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is found anywhere in `text`.
    pub fn is_in(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    fn build(text: &str) -> Result<regex::Regex, regex::Error> {
        regex::RegexBuilder::new(text).size_limit(Self::COMPILED_BYTES_MAX).build()
    }
}

/// The last line of the library's message says what is wrong; the lines before it draw the pattern.
fn reason(error: &regex::Error) -> String {
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return "it needs more than 64 KiB when compiled".to_owned();
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

/// Two patterns are equal when they are written alike.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl From<Pattern> for Text {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

impl TryFrom<Text> for Pattern {
    type Error = BadPattern;

    fn try_from(text: Text) -> Result<Self, BadPattern> {
        Self::new(text)
    }
}

/// A text that is no pattern we run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a pattern: {reason}. value=`{value}`")]
pub struct BadPattern {
    /// What is wrong with it.
    pub reason: String,
    /// What stood there.
    pub value: Text,
}
