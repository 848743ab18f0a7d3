//! The condition language: parse, check, print, evaluate, keep up to date.
//!
//! A [`Condition`] is true or false for a customer at an instant. It has a text
//! form that reads aloud and a JSON form that a visual builder edits; both say
//! exactly the same. Nothing here performs I/O or reads a clock.
//!
//! ```
//! use audience::Condition;
//!
//! let text = r#"did "purchase" where category = "shoes" at least 2 times in last 30 days and trait country in ("JP", "TW")"#;
//! let condition: Condition = text.parse()?;
//! assert_eq!(condition.to_string(), text);
//! assert_eq!(Condition::from_json(&condition.to_json().to_string()).ok(), Some(condition));
//! # Ok::<(), audience::SyntaxErrors>(())
//! ```

mod check;
mod condition;
mod context;
mod effect;
mod filter;
mod fold;
mod json;
pub mod live;
pub mod many;
pub mod one;
mod parts;
mod place;
mod test;
mod text;
mod time;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod strategies;

pub use check::{Known, Noun, Warning, check};
pub use condition::{
    Condition, DEPTH_MAX, Did, Edge, Function, Hours, LastPlace, Measure, Mostly, Sequence, Step,
    TEXT_BYTES_MAX, UsualHour,
};
pub use context::{Audiences, Context, Error};
pub use filter::{BadDays, BadPattern, Days, Filter, Literal, Number, Operator, Pattern, Test};
pub use json::JsonError;
pub use parts::touches;
pub use place::{Area, BadPlace, Distance, Place, Point, Polygon};
pub use text::{SyntaxError, SyntaxErrors};
pub use time::{BadSpan, Calendar, Moment, Span, Unit, Which, Window};
