//! The contact policy of a workspace: the numbers that gates compare with.

use model::Text;
use serde::{Deserialize, Serialize};

/// A share of people in hundredths of a percent, 0 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Share(u16);

/// A share beyond the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a share is 0 to 10000 hundredths of a percent. value=`{value}`")]
pub struct BadShare {
    /// What stood there.
    pub value: u16,
}

impl Share {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// How many hundredths of a percent the whole has.
    pub const WHOLE: u16 = 10_000;

    /// This many hundredths of a percent: 500 is 5 %.
    pub const fn from_basis_points(value: u16) -> Result<Self, BadShare> {
        if value <= Self::WHOLE { Ok(Self(value)) } else { Err(BadShare { value }) }
    }

    /// In hundredths of a percent.
    pub const fn basis_points(self) -> u16 {
        self.0
    }

    /// 0 to 1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / f64::from(Self::WHOLE)
    }
}

impl TryFrom<u16> for Share {
    type Error = BadShare;

    fn try_from(value: u16) -> Result<Self, BadShare> {
        Self::from_basis_points(value)
    }
}

impl From<Share> for u16 {
    fn from(share: Share) -> Self {
        share.0
    }
}

/// Percent with two digits: `5.00%`.
impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}

/// The rules of one workspace at one time. Decisions name the version they followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Which edit of it.
    pub version: u32,
    /// How many people no marketing message reaches at all.
    pub holdout: Share,
    /// Makes this workspace's draw its own. Changing it draws everybody anew.
    pub salt: Text,
    /// When people want to be left alone; none: no such hours.
    pub quiet: Option<QuietHours>,
    /// The zone of those whose own is not known, as in `Asia/Tokyo`.
    pub zone: Text,
}

/// From one local minute to another, through midnight when `from` is the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first quiet minute of the day.
    pub from: Minute,
    /// The first minute that is not quiet any more.
    pub until: Minute,
    /// What happens to a message that comes in between.
    pub rule: QuietRule,
}

impl QuietHours {
    /// Whether `minute` lies within.
    pub fn contain(self, minute: Minute) -> bool {
        if self.from <= self.until {
            self.from <= minute && minute < self.until
        } else {
            self.from <= minute || minute < self.until
        }
    }
}

/// A minute of a day, 0 to 1,439.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Minute(u16);

impl Minute {
    /// How many a day has.
    pub const PER_DAY: u16 = 24 * 60;

    /// The minute at this time of day, when there is one.
    pub fn of(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then(|| Self(hour * 60 + minute))
    }

    /// The minute behind `21:30`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        Self::of(hour.parse().ok()?, minute.parse().ok()?)
    }

    /// Minutes since midnight.
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// `21:30`.
impl std::fmt::Display for Minute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

crate::words::words! {
    /// What happens to a message that meets quiet hours.
    QuietRule {
        /// It waits until they end.
        Hold = "hold",
        /// It is not sent at all.
        Suppress = "suppress",
    }
}

impl Default for Policy {
    /// Nobody held out, no quiet hours, UTC.
    fn default() -> Self {
        Self { version: 0, holdout: Share::NONE, salt: Text::default(), quiet: None, zone: "UTC".into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, until: &str, quiet: &[&str], loud: &[&str]) {
        let minute = |text: &str| Minute::parse(text).unwrap();
        let hours = QuietHours { from: minute(from), until: minute(until), rule: QuietRule::Hold };
        assert!(quiet.iter().all(|text| hours.contain(minute(text))), "quiet: {quiet:?}");
        assert!(!loud.iter().any(|text| hours.contain(minute(text))), "loud: {loud:?}");
    }

    #[test]
    fn quiet_hours_go_through_midnight() {
        check("21:00", "08:00", &["21:00", "23:59", "00:00", "07:59"], &["08:00", "20:59"]);
    }

    #[test]
    fn quiet_hours_within_a_day_end_on_that_day() {
        check("12:00", "13:00", &["12:00", "12:59"], &["11:59", "13:00", "00:00"]);
    }

    #[test]
    fn a_minute_that_no_day_has_is_refused() {
        assert_eq!(Minute::parse("25:00"), None);
        assert_eq!(Minute::parse("9"), None);
    }

    #[test]
    fn a_share_is_at_most_the_whole() {
        assert_eq!(Share::from_basis_points(10_001), Err(BadShare { value: 10_001 }));
        assert_eq!(Share::from_basis_points(525).unwrap().to_string(), "5.25%");
    }
}
