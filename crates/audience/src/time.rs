//! How a condition speaks of time: spans, moments and windows, all relative to the instant of the question.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use model::{Instant, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A unit of fixed length. A month or a year has none, so it is no unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 1,000 ms.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours, whatever the clocks of a zone do.
    Day,
    /// 7 days.
    Week,
}

impl Unit {
    /// All of them, the shortest first.
    pub const ALL: &[Self] = &[Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week];

    /// The word for one of it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// The word for several of it.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Second => "seconds",
            Self::Minute => "minutes",
            Self::Hour => "hours",
            Self::Day => "days",
            Self::Week => "weeks",
        }
    }

    /// How long one is.
    pub fn ms(self) -> i64 {
        match self {
            Self::Second => Instant::SECOND_MS,
            Self::Minute => Instant::MINUTE_MS,
            Self::Hour => Instant::HOUR_MS,
            Self::Day => Instant::DAY_MS,
            Self::Week => 7 * Instant::DAY_MS,
        }
    }
}

/// A length of time as a person says it: `30 days`. `2 weeks` and `14 days` are two spans of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self { amount: 0, unit: Unit::Second };

    /// This many days of 24 hours.
    pub const fn days(amount: u32) -> Self {
        Self { amount, unit: Unit::Day }
    }

    /// Its length.
    pub fn ms(self) -> i64 {
        i64::from(self.amount) * self.unit.ms()
    }
}

/// `1 day`, `30 days`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.amount == 1 { self.unit.word() } else { self.unit.plural() };
        write!(f, "{} {word}", self.amount)
    }
}

/// A text that is no span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a span like `30 days` (seconds, minutes, hours, days, weeks). value=`{value}`")]
pub struct BadSpan {
    /// What stood there.
    pub value: Text,
}

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadSpan { value: text.into() };
        let (amount, word) = text.split_once(' ').ok_or_else(bad)?;
        let amount = amount.parse().map_err(|_| bad())?;
        let unit = Unit::ALL.iter().find(|unit| unit.word() == word || unit.plural() == word);
        Ok(Self { amount, unit: *unit.ok_or_else(bad)? })
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A point in time, fixed or relative to the instant of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// A calendar day of the workspace's zone: `2026-01-31`.
    Date(Date),
    /// An instant: `2026-01-31T12:00:00Z`.
    Instant(Instant),
    /// This long before the instant of the question: `3 days ago`; zero is `now`.
    Ago(Span),
    /// This long after it: `3 days from now`.
    Ahead(Span),
}

/// A calendar unit of the workspace's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// From the first to the last.
    Month,
    /// From January to December.
    Year,
}

impl Calendar {
    /// All of them, the shortest first.
    pub const ALL: &[Self] = &[Self::Day, Self::Week, Self::Month, Self::Year];

    /// As it stands in a text: `today`, `this week`.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Day => "today",
            Self::Week => "this week",
            Self::Month => "this month",
            Self::Year => "this year",
        }
    }
}

/// Which of a customer's events of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The earliest.
    First,
    /// The latest.
    Last,
}

impl Which {
    /// `first`, `last`.
    pub fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

/// When an event must have happened to count. Whatever lies after the instant of the question has not happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Window {
    /// At any time. It is what no window means, so it is not written.
    #[default]
    Ever,
    /// `in last 30 days`: after (as of − 30 days), up to as of.
    Last {
        /// How far back.
        span: Span,
    },
    /// `between A and B`, both days or instants included. Where A is relative (`60 days ago`) it is excluded,
    /// so that windows that follow one another share no event.
    Between {
        /// From when on.
        from: Moment,
        /// Until when.
        to: Moment,
    },
    /// `since A`: from A on; after A, where it is relative.
    Since {
        /// From when on.
        from: Moment,
    },
    /// `before A`: A excluded; up to A, where it is relative.
    Before {
        /// Until when.
        to: Moment,
    },
    /// `since last "login"`: after that event of the same customer, in the order of what happened. Without one: never.
    SinceEvent {
        /// The first or the last one.
        which: Which,
        /// Of which event.
        event: Text,
    },
    /// `today`, `this week`: the calendar unit around as of, up to as of.
    This {
        /// Which unit.
        unit: Calendar,
    },
}

impl Window {
    /// Whether it lets everything in.
    pub fn is_ever(&self) -> bool {
        *self == Self::Ever
    }
}
