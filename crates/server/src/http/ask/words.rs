//! What the people behind a number have in common: in words, and as parts of a condition.

use api::Problem;
use api::ask::people::Pick;
use audience::{Condition, Did, Filter, Moment, Window};
use columnar::Span;
use jiff::tz::TimeZone;
use model::{Instant, Text};

use super::room::Room;
use super::slices::Slice;
use crate::http::failure::Failure;

/// "2026-01-01 to 2026-01-31", in the zone of the question.
pub(super) fn range(span: Span, zone: &TimeZone) -> String {
    let day = |at: Instant| at.timestamp().to_zoned(zone.clone()).date();
    let (first, last) = (day(span.after.plus_ms(1)), day(span.until));
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}

/// What a line adds: `, shoes`.
pub(super) fn line(slice: &Slice) -> String {
    match (&slice.value, slice.other) {
        (Some(value), _) => format!(", {value}"),
        (None, true) => ", others".to_owned(),
        (None, false) if slice.is_everything() => String::new(),
        (None, false) => ", without a value".to_owned(),
    }
}

/// The window that holds exactly what happened in a range.
pub(super) fn window(span: Span) -> Window {
    Window::Between { from: Moment::Instant(span.after.plus_ms(1)), to: Moment::Instant(span.until) }
}

/// "Did it in the range."
pub(super) fn did(event: &Text, filter: Option<&Filter>, span: Span) -> Condition {
    Condition::Did(Did { filter: filter.cloned(), window: window(span), ..Did::ever(event.clone()) })
}

/// The condition, where nothing else restricts who is meant.
pub(super) fn said(
    room: &Room,
    slice: &Slice,
    condition: impl FnOnce() -> Option<Condition>,
) -> Option<Condition> {
    (room.is_about_everybody() && slice.is_everything()).then(condition).flatten()
}

/// There is no such line, step, cohort.
pub(super) fn out_of_range(what: &str, number: usize, count: usize) -> Failure {
    let problem = Problem::invalid(format!("pick.{what}"), format!("the answer has no such {what}"));
    Failure::of(problem.value(number).fix(format!("it has {count}; choose one of them")))
}

/// The pick is of another question.
pub(super) fn foreign(pick: &Pick, question: &str) -> Failure {
    let word = serde_json::to_value(pick).ok().and_then(|json| json["type"].as_str().map(ToOwned::to_owned));
    let problem = Problem::invalid("pick.type", format!("the answer of a {question} has no such number"));
    Failure::of(problem.value(word.unwrap_or_default()).fix("choose a number that the answer has"))
}

/// How long something may take when nobody says.
const WITHIN_DAYS: u32 = 7;

/// Reads `within`.
pub(super) fn within(text: Option<&str>) -> Result<audience::Span, Failure> {
    text.map_or(Ok(audience::Span::days(WITHIN_DAYS)), |text| span("within", text))
}

/// Reads a length of time.
pub(super) fn span(field: &str, text: &str) -> Result<audience::Span, Failure> {
    text.parse().map_err(|error: audience::BadSpan| {
        let problem = Problem::invalid(field, error.to_string()).value(text);
        Failure::of(problem.fix("send a span like `7 days` or `30 minutes`"))
    })
}

/// A part of a whole, 0 to 1; `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "numbers of customers are far below 2^53")]
pub(super) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
