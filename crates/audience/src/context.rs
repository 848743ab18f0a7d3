//! Against what a condition is evaluated: an instant, a zone, the named audiences.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use model::{ErrorKind, Instant, Text};

use crate::condition::Condition;
use crate::text::nearest;
use crate::time::{Calendar, Moment, Window};

/// Against what a condition is evaluated.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The instant of the question: what happened later has not happened.
    pub as_of: Instant,
    /// Whose days, weeks and hours are meant.
    pub zone: TimeZone,
    /// What `member of` refers to.
    pub audiences: &'a Audiences,
}

/// Named conditions.
#[derive(Debug, Clone, Default)]
pub struct Audiences {
    conditions: BTreeMap<Text, Condition>,
}

impl Audiences {
    /// None.
    pub const NONE: &'static Self = &Self { conditions: BTreeMap::new() };
    /// As many audiences may refer to one another in a row.
    pub const DEPTH_MAX: usize = 16;

    /// Names a condition, or changes what the name means.
    pub fn insert(&mut self, name: impl Into<Text>, condition: Condition) {
        self.conditions.insert(name.into(), condition);
    }

    /// The condition behind a name.
    pub fn get(&self, name: &str) -> Option<&Condition> {
        self.conditions.get(name)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.conditions.keys().map(Text::as_str)
    }

    /// Whether every audience that `condition` refers to exists, and none refers to itself.
    ///
    /// # Errors
    /// Names the audience that is missing, or the circle.
    pub fn resolve(&self, condition: &Condition) -> Result<(), Error> {
        self.follow(condition, &mut Vec::new())
    }

    fn follow<'c>(&'c self, condition: &'c Condition, path: &mut Vec<&'c str>) -> Result<(), Error> {
        let mut result = Ok(());
        condition.members(&mut |name| {
            if result.is_ok() {
                result = self.step(name, path);
            }
        });
        result
    }

    fn step<'c>(&'c self, name: &'c str, path: &mut Vec<&'c str>) -> Result<(), Error> {
        if let Some(start) = path.iter().position(|seen| *seen == name) {
            let circle = path[start..].iter().chain([&name]).map(|name| Text::from(*name)).collect();
            return Err(Error::Circle { circle });
        }
        if path.len() >= Self::DEPTH_MAX {
            return Err(Error::Depth { audience: name.into() });
        }
        let Some(condition) = self.get(name) else {
            let nearest = nearest(name, self.names()).map(Text::from);
            return Err(Error::UnknownAudience { audience: name.into(), nearest });
        };
        path.push(name);
        let result = self.follow(condition, path);
        path.pop();
        result
    }
}

impl<N: Into<Text>> FromIterator<(N, Condition)> for Audiences {
    fn from_iter<I: IntoIterator<Item = (N, Condition)>>(named: I) -> Self {
        Self { conditions: named.into_iter().map(|(name, condition)| (name.into(), condition)).collect() }
    }
}

/// Why a condition cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It refers to an audience that does not exist. Nobody would be in it, everybody would be "not in it": so it is refused.
    #[error("there is no such audience{}. audience=`{audience}`", suggestion(nearest.as_ref()))]
    UnknownAudience {
        /// The name.
        audience: Text,
        /// The name that was probably meant.
        nearest: Option<Text>,
    },
    /// An audience refers to itself, perhaps through others.
    #[error("an audience cannot be defined by itself. circle=`{}`", circle.join(" → "))]
    Circle {
        /// The names, the first again at the end.
        circle: Vec<Text>,
    },
    /// Too many audiences refer to one another in a row.
    #[error("audiences refer to one another at most {} deep. audience=`{audience}`", Audiences::DEPTH_MAX)]
    Depth {
        /// The one that is too much.
        audience: Text,
    },
}

fn suggestion(nearest: Option<&Text>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl Error {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownAudience { .. } | Self::Circle { .. } | Self::Depth { .. } => ErrorKind::Invalid,
        }
    }
}

/// The instants, in milliseconds, that a moment stands for: a date is a whole day, everything else one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// The first.
    pub(crate) first: i64,
    /// The last.
    pub(crate) last: i64,
}

impl Context<'_> {
    /// What a moment stands for.
    pub(crate) fn moment(&self, moment: &Moment) -> Stretch {
        let one = |instant: Instant| Stretch { first: instant.ms(), last: instant.ms() };
        match moment {
            Moment::Date(date) => {
                let next = date.saturating_add(1.day());
                Stretch { first: self.midnight(*date), last: self.midnight(next) - 1 }
            }
            Moment::Instant(instant) => one(*instant),
            Moment::Ago(span) => one(self.as_of.plus_ms(-span.ms())),
            Moment::Ahead(span) => one(self.as_of.plus_ms(span.ms())),
        }
    }

    /// The instants that count as after `from`: a fixed moment is included, a relative one is not.
    pub(crate) fn first_from(&self, from: &Moment) -> i64 {
        let first = self.moment(from).first;
        if is_relative(from) { first.saturating_add(1) } else { first }
    }

    /// The first instant of a day of the zone.
    pub(crate) fn midnight(&self, date: Date) -> i64 {
        let zoned = date.to_zoned(self.zone.clone());
        zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
    }

    /// The day of the zone on which an instant lies.
    pub(crate) fn date(&self, ms: i64) -> Date {
        self.zoned(ms).date()
    }

    /// The hour of the day, 0 to 23, in which an instant lies.
    pub(crate) fn hour(&self, ms: i64) -> u8 {
        self.zoned(ms).hour().unsigned_abs()
    }

    fn zoned(&self, ms: i64) -> Zoned {
        Instant::from_ms(ms).timestamp().to_zoned(self.zone.clone())
    }

    /// The calendar unit of the zone around an instant.
    pub(crate) fn calendar(&self, unit: Calendar, ms: i64) -> Stretch {
        let date = self.date(ms);
        let (first, next) = match unit {
            Calendar::Day => (date, date.saturating_add(1.day())),
            Calendar::Week => {
                let since_monday = date.weekday().since(Weekday::Monday);
                let monday = date.saturating_sub(i64::from(since_monday).days());
                (monday, monday.saturating_add(7.days()))
            }
            Calendar::Month => (date.first_of_month(), date.last_of_month().saturating_add(1.day())),
            Calendar::Year => (date.first_of_year(), date.last_of_year().saturating_add(1.day())),
        };
        Stretch { first: self.midnight(first), last: self.midnight(next) - 1 }
    }

    /// The instants of a window up to as of; `None`: it depends on another event of the customer.
    pub(crate) fn window(&self, window: &Window) -> Option<Stretch> {
        let until = self.as_of.ms();
        let (first, last) = match window {
            Window::Ever => (i64::MIN, until),
            Window::Last { span } => (self.first_from(&Moment::Ago(*span)), until),
            Window::Between { from, to } => (self.first_from(from), self.moment(to).last),
            Window::Since { from } => (self.first_from(from), until),
            Window::Before { to } if is_relative(to) => (i64::MIN, self.moment(to).last),
            Window::Before { to } => (i64::MIN, self.moment(to).first.saturating_sub(1)),
            Window::This { unit } => (self.calendar(*unit, until).first, until),
            Window::SinceEvent { .. } => return None,
        };
        Some(Stretch { first, last: last.min(until) })
    }
}

pub(crate) fn is_relative(moment: &Moment) -> bool {
    match moment {
        Moment::Ago(_) | Moment::Ahead(_) => true,
        Moment::Date(_) | Moment::Instant(_) => false,
    }
}

impl Stretch {
    /// The same as columns have it: without its beginning, with its end.
    pub(crate) fn span(self) -> columnar::Span {
        let after = Instant::from_ms(self.first.saturating_sub(1));
        columnar::Span { after, until: Instant::from_ms(self.last) }
    }

    pub(crate) fn contains(self, ms: i64) -> bool {
        self.first <= ms && ms <= self.last
    }
}
