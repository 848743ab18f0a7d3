//! The condition language: parse, check, print, evaluate.
//!
//! A [`Condition`] is true or false for a customer at an instant. It has a text
//! form that reads aloud and a JSON form that a visual builder edits; both say
//! exactly the same. Nothing here performs I/O or reads a clock.

mod condition;
mod filter;
mod json;
mod time;

pub use condition::{
    Condition, DEPTH_MAX, Did, Edge, Function, Hours, Measure, Mostly, Sequence, Step, TEXT_BYTES_MAX,
    UsualHour,
};
pub use filter::{BadDays, BadPattern, Days, Filter, Literal, Number, Operator, Pattern, Test};
pub use json::JsonError;
pub use time::{BadSpan, Calendar, Moment, Span, Unit, Which, Window};
