//! What a test says of one value: the definition that every faster way must agree with.

use std::cmp::Ordering;

use jiff::ToSpan;
use jiff::civil::Date;
use model::{Instant, Value};

use crate::context::{Context, is_relative};
use crate::filter::{Filter, Literal, Operator, Test};
use crate::time::Moment;

impl Test {
    /// Whether `value` passes. A missing value (and null) never does.
    pub fn passes(&self, value: Option<&Value>, context: &Context<'_>) -> bool {
        let Some(value) = value.filter(|value| **value != Value::Null) else { return false };
        let time = || time_of(value, context);
        match self {
            Self::Compare { operator, value: literal } => compare(value, *operator, literal, context),
            Self::Between { from, to } => {
                let least = match from {
                    Literal::Moment(moment) if is_relative(moment) => Operator::Greater,
                    Literal::Moment(_) | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_) => {
                        Operator::GreaterOrEqual
                    }
                };
                compare(value, least, from, context) && compare(value, Operator::LessOrEqual, to, context)
            }
            Self::In(literals) => {
                literals.iter().any(|literal| compare(value, Operator::Equal, literal, context))
            }
            Self::Contains(part) => {
                let is_part = |value: &Value| value.text() == Some(part);
                value.text().is_some_and(|text| text.contains(part.as_str()))
                    || matches!(value, Value::List(values) if values.iter().any(is_part))
            }
            Self::StartsWith(part) => value.text().is_some_and(|text| text.starts_with(part.as_str())),
            Self::EndsWith(part) => value.text().is_some_and(|text| text.ends_with(part.as_str())),
            Self::Matches(pattern) => value.text().is_some_and(|text| pattern.is_in(text)),
            Self::IsSet => true,
            Self::InLast(span) => time()
                .is_some_and(|ms| context.as_of.plus_ms(-span.ms()).ms() < ms && ms <= context.as_of.ms()),
            Self::InNext(span) => time()
                .is_some_and(|ms| context.as_of.ms() < ms && ms <= context.as_of.plus_ms(span.ms()).ms()),
            Self::This(unit) => {
                time().is_some_and(|ms| context.calendar(*unit, context.as_of.ms()).contains(ms))
            }
            Self::AnniversaryInNext(days) => date_of(value, context).is_some_and(|date| {
                anniversary_within(date, context.date(context.as_of.ms()), days.amount())
            }),
            Self::AnniversaryInLast(days) => date_of(value, context).is_some_and(|date| {
                let today = context.date(context.as_of.ms());
                let first = today.saturating_sub((i64::from(days.amount()) - 1).days());
                anniversary_within(date, first, days.amount())
            }),
        }
    }

    /// Whether the passing of time alone can change what it says of a value.
    pub(crate) fn is_timed(&self) -> bool {
        let relative = |literal: &Literal| matches!(literal, Literal::Moment(moment) if is_relative(moment));
        match self {
            Self::Compare { value, .. } => relative(value),
            Self::Between { from, to } => relative(from) || relative(to),
            Self::In(literals) => literals.iter().any(relative),
            Self::InLast(_)
            | Self::InNext(_)
            | Self::This(_)
            | Self::AnniversaryInNext(_)
            | Self::AnniversaryInLast(_) => true,
            Self::Contains(_) | Self::StartsWith(_) | Self::EndsWith(_) | Self::Matches(_) | Self::IsSet => {
                false
            }
        }
    }

    /// Calls `each` with every instant after as of at which time alone may change what it says of `value`.
    pub(crate) fn changes(&self, value: &Value, context: &Context<'_>, each: &mut impl FnMut(i64)) {
        if !self.is_timed() {
            return;
        }
        let Some(ms) = time_of(value, context) else { return };
        let mut literal = |literal: &Literal| {
            if let Literal::Moment(Moment::Ago(span)) = literal {
                each(ms.saturating_add(span.ms()));
                each(ms.saturating_add(span.ms() + 1));
            } else if let Literal::Moment(Moment::Ahead(span)) = literal {
                each(ms.saturating_sub(span.ms()));
                each(ms.saturating_sub(span.ms() - 1));
            }
        };
        match self {
            Self::Compare { value, .. } => literal(value),
            Self::Between { from, to } => [from, to].into_iter().for_each(literal),
            Self::In(literals) => literals.iter().for_each(literal),
            Self::InLast(span) => [ms, ms.saturating_add(span.ms())].into_iter().for_each(each),
            Self::InNext(span) => [ms.saturating_sub(span.ms()), ms].into_iter().for_each(each),
            Self::This(unit) => {
                let unit = context.calendar(*unit, ms);
                [unit.first, unit.last.saturating_add(1)].into_iter().for_each(each);
            }
            Self::AnniversaryInNext(_) | Self::AnniversaryInLast(_) => {
                if let Some(ms) = self.next_anniversary_change(value, context) {
                    each(ms);
                }
            }
            Self::Contains(_) | Self::StartsWith(_) | Self::EndsWith(_) | Self::Matches(_) | Self::IsSet => {}
        }
    }

    /// The first midnight at which the answer is another one; at the latest a year from now, then one looks again.
    fn next_anniversary_change(&self, value: &Value, context: &Context<'_>) -> Option<i64> {
        let now = self.passes(Some(value), context);
        let today = context.date(context.as_of.ms());
        let midnights = (1..=367).map(|days: i64| context.midnight(today.saturating_add(days.days())));
        let mut last = None;
        for ms in midnights {
            last = Some(ms);
            let then = Context { as_of: Instant::from_ms(ms), ..context.clone() };
            if self.passes(Some(value), &then) != now {
                break;
            }
        }
        last
    }
}

impl Filter {
    /// Whether an event passes, `property` being what each of its properties says.
    pub fn passes<'v>(&self, property: &impl Fn(&str) -> Option<&'v Value>, context: &Context<'_>) -> bool {
        match self {
            Self::Property { name, test } => test.passes(property(name), context),
            Self::Place { place } => place.holds(|name| property(name)?.number()),
            Self::All { of } => of.iter().all(|part| part.passes(property, context)),
            Self::Any { of } => of.iter().any(|part| part.passes(property, context)),
            Self::Not { of } => !of.passes(property, context),
        }
    }
}

fn compare(value: &Value, operator: Operator, literal: &Literal, context: &Context<'_>) -> bool {
    let ordering = match literal {
        Literal::Bool(other) => {
            if let Value::Bool(value) = value {
                Some(value.cmp(other))
            } else {
                None
            }
        }
        Literal::Number(other) => value.number().and_then(|value| value.partial_cmp(&other.get())),
        Literal::Text(other) => value.text().map(|value| value.cmp(other)),
        Literal::Moment(moment) => time_of(value, context).map(|ms| {
            let stretch = context.moment(moment);
            if ms < stretch.first {
                Ordering::Less
            } else if ms > stretch.last {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        }),
    };
    ordering.is_some_and(|ordering| operator.holds(ordering))
}

/// The instant that a value says: an instant, or a text that is exactly a date or an RFC 3339 instant, because JSON
/// has no other way to say one. A date is its first instant in the zone.
pub(crate) fn time_of(value: &Value, context: &Context<'_>) -> Option<i64> {
    if let Value::Time(instant) = value {
        return Some(instant.ms());
    }
    let text = value.text()?;
    match as_date(text) {
        Some(date) => Some(context.midnight(date)),
        None => as_instant(text).map(Instant::ms),
    }
}

/// The day that a value says.
fn date_of(value: &Value, context: &Context<'_>) -> Option<Date> {
    let written = value.text().and_then(as_date);
    written.or_else(|| time_of(value, context).map(|ms| context.date(ms)))
}

fn as_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[0].is_ascii_digit();
    if shape { text.parse().ok() } else { None }
}

fn as_instant(text: &str) -> Option<Instant> {
    let bytes = text.as_bytes();
    let shape = (20..=40).contains(&bytes.len()) && bytes[4] == b'-' && bytes[0].is_ascii_digit();
    if shape { text.parse().ok() } else { None }
}

/// Whether month and day of `date` return on one of `days` days from `first` on, in a later year than `date`'s own.
/// The 29th of February returns on the 28th in years without one.
fn anniversary_within(date: Date, first: Date, days: u16) -> bool {
    let last = first.saturating_add((i64::from(days) - 1).days());
    (first.year()..=last.year()).filter(|year| *year > date.year()).any(|year| {
        let day = date.day().min(Date::constant(year, date.month(), 1).days_in_month());
        let returns = Date::constant(year, date.month(), day);
        first <= returns && returns <= last
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Audiences;

    const AS_OF: &str = "2026-03-01T03:00:00Z";

    /// In Tokyo, where it is noon: does a property `x` with this JSON value pass the filter?
    fn check(json: &str, filter: &str) -> bool {
        let filter: Filter = filter.parse().unwrap();
        let value: Value = serde_json::from_str(json).unwrap();
        let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap();
        let context = Context { as_of: AS_OF.parse().unwrap(), zone, audiences: Audiences::NONE };
        filter.passes(&|name| (name == "x").then_some(&value), &context)
    }

    #[test]
    fn a_comparison_with_a_missing_value_is_false_and_its_not_is_true() {
        for filter in
            ["y = 1", "y != 1", "y < 1", "y in (1)", "y is set", "y contains \"\"", "y in next 1 day"]
        {
            assert!(!check("1", filter), "{filter}");
            assert!(check("1", &format!("not {filter}")), "{filter}");
            assert!(!check("null", &filter.replacen('y', "x", 1)), "{filter}");
        }
    }

    #[test]
    fn numbers_are_one_kind_and_text_is_never_a_number() {
        assert!(check("5", "x = 5.0") && check("5.0", "x <= 5") && check("5.5", "x between 5 and 6"));
        for filter in ["x = 5", "x != 5", "x > 4", "x between 0 and 9", "x in (5)"] {
            assert!(!check("\"5\"", filter), "{filter}");
        }
        assert!(!check("5", "x = \"5\"") && !check("true", "x = 1") && check("true", "x = true"));
    }

    #[test]
    fn texts_are_compared_as_they_are_written() {
        assert!(check("\"C536379\"", "x starts with \"C\" and x ends with \"9\" and x contains \"36\""));
        assert!(check("\"C536379\"", "x matches \"^C[0-9]+$\" and not x matches \"^[0-9]\""));
        assert!(!check("\"shoes\"", "x = \"Shoes\"") && check("\"b\"", "x > \"a\""));
    }

    #[test]
    fn a_list_contains_its_values_not_parts_of_them() {
        assert!(check("[\"red\", \"blue\"]", "x contains \"red\""));
        assert!(!check("[\"reddish\", 1]", "x contains \"red\""));
        assert!(!check("[\"red\"]", "x = \"red\"") && check("[]", "x is set"));
    }

    #[test]
    fn a_date_is_a_day_of_the_zone_and_a_text_may_say_one() {
        let instant = "\"2026-02-27T16:00:00Z\"";
        assert!(check(
            instant,
            "x = 2026-02-28 and x >= 2026-02-28 and x <= 2026-02-28 and not x > 2026-02-28"
        ));
        assert!(check(
            instant,
            "x between 2026-02-28 and 2026-02-28 and x > 2 days ago and x in last 36 hours"
        ));
        assert!(check("\"2026-03-01\"", "x today and x in last 13 hours and not x in last 12 hours"));
        assert!(check("\"2026-03-02\"", "x in next 12 hours and not x in next 11 hours and not x this week"));
        assert!(!check("\"soon\"", "x in next 12 hours") && !check("20260302", "x in next 12 hours"));
    }

    #[test]
    fn anniversaries_are_counted_in_days_of_the_zone() {
        assert!(
            check("\"1990-03-01\"", "x anniversary today")
                && check("\"1990-03-02\"", "x anniversary in next 2 days")
        );
        assert!(
            !check("\"1990-03-02\"", "x anniversary today")
                && !check("\"1990-02-28\"", "x anniversary in next 7 days")
        );
        assert!(
            check("\"1988-02-29\"", "x anniversary in last 2 days")
                && !check("\"1988-02-29\"", "x anniversary today")
        );
        assert!(!check("\"2026-03-01\"", "x anniversary today"), "the day itself is no anniversary");
    }
}
