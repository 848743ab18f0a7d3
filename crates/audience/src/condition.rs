//! What a condition is: an expression that is true or false for a customer at an instant.

use model::{Channel, Purpose, Text};
use serde::{Deserialize, Serialize};

use crate::filter::{Filter, Number, Operator, Test};
use crate::place::Place;
use crate::time::{Span, Window};

/// The deepest nesting of brackets and `not`.
pub const DEPTH_MAX: usize = 24;
/// The longest text of a condition, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 << 10;

/// True or false for a customer at an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// `everyone`.
    Everyone,
    /// `a and b`.
    All {
        /// Two or more; none is everyone.
        of: Vec<Condition>,
    },
    /// `a or b`.
    Any {
        /// Two or more; none is nobody.
        of: Vec<Condition>,
    },
    /// `not a`; before a `did` it reads `did not`.
    Not {
        /// What must not hold.
        of: Box<Condition>,
    },
    /// `did "purchase" where category = "shoes" at least 2 times in last 30 days`.
    Did(Did),
    /// `first did "purchase" in last 30 days`: the first of all such events lies in the window.
    FirstDid(Edge),
    /// `last did "purchase" before 2026-01-01`: the last of all such events lies in the window.
    LastDid(Edge),
    /// `sequence "cart" then "purchase" within 1 day without "search" between`.
    Sequence(Sequence),
    /// `mostly category of "purchase" = "shoes" in last 90 days`.
    Mostly(Mostly),
    /// `usual hour of "open" between 18 and 21 in last 30 days`.
    UsualHour(UsualHour),
    /// `last place of "app_open" near 35.6812, 139.7671 within 2 km in last 30 days`.
    LastPlace(LastPlace),
    /// `trait home near 35.6812, 139.7671 within 2 km`: two traits are a point in the area.
    TraitPlace {
        /// Which traits, and where.
        place: Place,
    },
    /// `trait country in ("JP", "TW")`.
    Trait {
        /// Which trait; nested names are joined with dots.
        name: Text,
        /// What is asked of its value.
        test: Test,
    },
    /// `reachable`, `reachable on email`: there is a live address.
    Reachable {
        /// On which channel; none: on any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
    },
    /// `consented to marketing`, `consented to marketing on email`.
    Consented {
        /// To what.
        purpose: Purpose,
        /// On which channel; none: what was said about all channels.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
    },
    /// `subscribed to "news"`.
    Subscribed {
        /// To which topic.
        topic: Text,
    },
    /// `member of "vip"`: meets the condition of that audience.
    Member {
        /// Which audience.
        audience: Text,
    },
}

impl LastPlace {
    /// Which of the events count: those that pass and say where they were.
    pub(crate) fn counting(&self) -> Filter {
        let says = self.place.names().map(|name| Filter::property(name.clone(), Test::IsSet));
        Filter::All { of: self.filter.iter().cloned().chain(says).collect() }
    }
}

impl Condition {
    /// Both, with everyone as the neutral one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everyone, only) | (only, Self::Everyone) => only,
            (Self::All { mut of }, last) => {
                of.push(last);
                Self::All { of }
            }
            (first, second) => Self::All { of: vec![first, second] },
        }
    }

    /// Its opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not { of: Box::new(self) }
    }
}

/// Some events of a customer, counted or summed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Did {
    /// Which event.
    pub event: Text,
    /// What is asked of each.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// What is asked of all of them together.
    #[serde(default, skip_serializing_if = "Measure::is_once")]
    pub measure: Measure,
    /// When they happened.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
}

impl Did {
    /// At least once, ever.
    pub fn ever(event: impl Into<Text>) -> Self {
        Self { event: event.into(), filter: None, measure: Measure::default(), window: Window::Ever }
    }
}

/// What is asked of the events together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// `at least 2 times`. Once is what no measure means, so it is not written.
    AtLeast {
        /// The least.
        times: u32,
    },
    /// `at most 2 times`; none at all is at most 2 times.
    AtMost {
        /// The most.
        times: u32,
    },
    /// `exactly 2 times`.
    Exactly {
        /// So many.
        times: u32,
    },
    /// `between 2 and 5 times`, both included.
    Between {
        /// The least.
        from: u32,
        /// The most.
        to: u32,
    },
    /// `with sum of amount >= 100`.
    Amount {
        /// How the values become one number.
        function: Function,
        /// The values of which property.
        of: Text,
        /// How the number is compared.
        is: Operator,
        /// With what.
        value: Number,
    },
}

impl Measure {
    fn is_once(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Measure {
    fn default() -> Self {
        Self::AtLeast { times: 1 }
    }
}

/// How the values of a property become one number. Values that are no numbers do not take part (`distinct` takes every
/// value that is set). Without any value, `distinct` is 0 and the others are missing: their comparison is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// All added up.
    Sum,
    /// The mean.
    Avg,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// How many different ones.
    Distinct,
}

impl Function {
    /// All of them, in the order of the documents.
    pub const ALL: &[Self] = &[Self::Sum, Self::Avg, Self::Min, Self::Max, Self::Distinct];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Distinct => "distinct",
        }
    }
}

/// The first or the last of all events that pass the filter, and the window in which it must lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Which event.
    pub event: Text,
    /// What is asked of each, before the first or last is chosen.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
}

/// Events in an order: strictly different ones, by instant and then by arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// What follows what; two or more.
    pub steps: Vec<Step>,
    /// The most time from the first to the last of them; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// What must not happen between the first and the last of them, the steps themselves aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<Step>,
    /// When all of them happened.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
}

/// One event of a sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which event.
    pub event: Text,
    /// What is asked of it.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

/// Affinity: the most frequent value of a property passes a test. Of equally frequent values, the one seen last counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mostly {
    /// Which property.
    pub property: Text,
    /// Of which event.
    pub event: Text,
    /// What is asked of each event.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// What is asked of the most frequent value.
    pub test: Test,
    /// When the events happened.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
}

/// The last event that says where it was, and where that must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastPlace {
    /// Which properties say where, and where that must be. Events for which one of them is not set do not take part.
    pub place: Place,
    /// The name of the event.
    pub event: Text,
    /// Which of them count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// When.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
}

/// Habit: the hour of the day, in the workspace's zone, in which most of the events happened. Of equally frequent hours, the one
/// seen last counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsualHour {
    /// Of which event.
    pub event: Text,
    /// What is asked of each event.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// The hours that count.
    pub hours: Hours,
    /// When the events happened.
    #[serde(default, skip_serializing_if = "Window::is_ever")]
    pub window: Window,
}

/// Hours of the day, both included; 22 to 2 goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawHours", into = "RawHours")]
pub struct Hours {
    from: u8,
    to: u8,
}

impl Hours {
    /// From one hour to another, when both are between 0 and 23.
    pub fn new(from: u8, to: u8) -> Option<Self> {
        (from < 24 && to < 24).then_some(Self { from, to })
    }

    /// The first and the last.
    pub fn bounds(self) -> (u8, u8) {
        (self.from, self.to)
    }

    /// Whether `hour` is one of them.
    pub fn contains(self, hour: u8) -> bool {
        if self.from <= self.to {
            (self.from..=self.to).contains(&hour)
        } else {
            hour >= self.from || hour <= self.to
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHours {
    from: u8,
    to: u8,
}

impl From<Hours> for RawHours {
    fn from(hours: Hours) -> Self {
        Self { from: hours.from, to: hours.to }
    }
}

impl TryFrom<RawHours> for Hours {
    type Error = String;

    fn try_from(raw: RawHours) -> Result<Self, String> {
        Self::new(raw.from, raw.to)
            .ok_or_else(|| format!("an hour is between 0 and 23. value=`{} to {}`", raw.from, raw.to))
    }
}
