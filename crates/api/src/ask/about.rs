//! What every question over a range says in the same fields: of whom, when, compared with what.
//!
//! The fields stand in each question itself, not in a structure of their own: so a
//! caller who misspells one is told where it stands, and none is taken silently.

use super::Compare;
use crate::Time;
use crate::audiences::ConditionInput;

/// Of whom a question is asked, when, and compared with what.
#[derive(Debug, Clone, Copy)]
pub struct About<'q> {
    /// Only these customers.
    pub condition: &'q ConditionInput,
    /// How long the range is, as a span: `30 days`.
    pub last: Option<&'q str>,
    /// The range begins after this instant.
    pub from: Option<Time>,
    /// The range ends with this instant.
    pub to: Option<Time>,
    /// The time zone of days, weeks and months.
    pub time_zone: Option<&'q str>,
    /// With what the answer is compared.
    pub compare: Option<&'q Compare>,
}

/// A question over a range.
pub trait OverRange {
    /// Of whom, when, compared with what.
    fn about(&self) -> About<'_>;
}

/// Declares a question over a range: its own fields, then those that all of them share.
macro_rules! question {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema
        )]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($own)*
            /// The range is so long and ends with `to`; instead of `from`.
            #[schema(example = "30 days")]
            pub last: Option<String>,
            /// The range begins after this instant. Missing: `last` before `to`, or 30 days without it.
            pub from: Option<$crate::Time>,
            /// The range ends with this instant. Missing: now.
            pub to: Option<$crate::Time>,
            /// The time zone of days, weeks and months (IANA). Missing: the workspace's.
            #[schema(example = "Asia/Tokyo")]
            pub time_zone: Option<String>,
            /// Only these customers. Neither text nor JSON: everybody.
            #[serde(default)]
            pub condition: $crate::audiences::ConditionInput,
            /// With what the answer is compared.
            pub compare: Option<$crate::ask::Compare>,
        }

        impl $crate::ask::OverRange for $name {
            fn about(&self) -> $crate::ask::About<'_> {
                $crate::ask::About {
                    condition: &self.condition,
                    last: self.last.as_deref(),
                    from: self.from,
                    to: self.to,
                    time_zone: self.time_zone.as_deref(),
                    compare: self.compare.as_ref(),
                }
            }
        }
    };
}
pub(super) use question;
