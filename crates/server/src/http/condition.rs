//! Conditions on their way in and out, and the numbers that every set of people is shown with.

use std::str::FromStr;

use api::Problem;
use api::ask::FilterInput;
use api::audiences::{ConditionChecked, ConditionError, ConditionInput};
use api::home::Reach;
use audience::{Condition, Filter, JsonError, Known, Noun, SyntaxErrors, Warning, touches};
use columnar::{CustomerSet, Snapshot};
use model::{Channel, Instant, Purpose, Text, stream};

use super::failure::Failure;
use crate::conditions::{Conditions, Fault};

/// Reads a condition in either form; neither form is `default`, or an error without one.
pub(super) fn read(
    field: &str,
    input: &ConditionInput,
    default: Option<Condition>,
) -> Result<Condition, Failure> {
    match (&input.text, &input.json) {
        (Some(_), Some(_)) => Err(both(field)),
        (None, None) => default.ok_or_else(|| {
            let problem = Problem::invalid(field, "the condition is missing");
            Failure::of(problem.fix("send `text`, such as `did \"purchase\" in last 30 days`, or `json`"))
        }),
        (Some(text), None) => parsed(field, text),
        (None, Some(json)) => {
            Condition::from_json(&json.to_string()).map_err(|error| unread(field, json, &error))
        }
    }
}

/// Reads a filter in either form; neither form is none.
pub(super) fn read_filter(field: &str, input: &FilterInput) -> Result<Option<Filter>, Failure> {
    match (&input.text, &input.json) {
        (Some(_), Some(_)) => Err(both(field)),
        (None, None) => Ok(None),
        (Some(text), None) => parsed(field, text).map(Some),
        (None, Some(json)) => {
            Filter::from_json(&json.to_string()).map(Some).map_err(|error| unread(field, json, &error))
        }
    }
}

/// Reads the text form, or says what is wrong first: the place, with a caret under it, and what was expected there.
fn parsed<T: FromStr<Err = SyntaxErrors>>(field: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|errors: SyntaxErrors| {
        let first = errors.errors.first();
        let detail = first.map_or_else(String::new, ToString::to_string);
        let problem = Problem::invalid(format!("{field}.text"), detail).value(text);
        let expected = first.map(|it| it.expected.join(" or ")).filter(|expected| !expected.is_empty());
        Failure::of(problem.fix(expected.map_or_else(
            || "see the condition language, or ask /api/v1/conditions/check".to_owned(),
            |expected| format!("write {expected} there"),
        )))
    })
}

fn unread(field: &str, json: &serde_json::Value, error: &JsonError) -> Failure {
    let problem = Problem::invalid(format!("{field}.json"), error.to_string()).value(json);
    Failure::of(problem.fix("see the condition language, or send `text`"))
}

fn both(field: &str) -> Failure {
    let problem = Problem::invalid(field, "the condition is there twice");
    Failure::of(problem.fix("send `text` or `json`, not both"))
}

/// Reads a condition in either form and answers in both, or says everything that is wrong and where.
pub(super) fn check(input: &ConditionInput) -> Result<(ConditionChecked, Option<Condition>), Failure> {
    if let (Some(text), None) = (&input.text, &input.json)
        && let Err(errors) = text.parse::<Condition>()
    {
        let errors = errors.errors.iter().map(|error| ConditionError {
            line: u32::try_from(error.line).unwrap_or(u32::MAX),
            column: u32::try_from(error.column).unwrap_or(u32::MAX),
            message: error.message.clone(),
            expected: (!error.expected.is_empty()).then(|| error.expected.join(", ")),
        });
        return Ok((ConditionChecked { errors: errors.collect(), ..ConditionChecked::default() }, None));
    }
    if let (None, Some(json)) = (&input.text, &input.json)
        && let Err(error) = Condition::from_json(&json.to_string())
    {
        let error = ConditionError { line: 1, column: 1, message: error.to_string(), expected: None };
        return Ok((ConditionChecked { errors: vec![error], ..ConditionChecked::default() }, None));
    }
    let condition = read("text", input, None)?;
    let checked = ConditionChecked {
        text: Some(condition.to_string()),
        json: Some(condition.to_json()),
        ..ConditionChecked::default()
    };
    Ok((checked, Some(condition)))
}

/// Every name that has a row; of properties, those of the events that the conditions are about.
pub(super) fn known<'m>(
    snapshot: &Snapshot,
    conditions: &Conditions,
    mentioned: impl Iterator<Item = &'m Condition>,
) -> Known {
    let names = |kind: &'static str| {
        snapshot.streams_of(kind).filter_map(move |stream| stream.name().strip_prefix(kind)).map(Text::from)
    };
    let mut known = Known {
        events: names("event:").map(|name| (name, Vec::new())).collect(),
        traits: names("trait:").collect(),
        topics: names("topic:").collect(),
        audiences: conditions.audiences.names().map(Text::from).collect(),
    };
    for name in mentioned.flat_map(|condition| touches(condition, &conditions.audiences)) {
        let (Some(event), Some(stream)) = (stream::event_name(&name), snapshot.stream(&name)) else {
            continue;
        };
        known.events.insert(event.into(), stream.property_names());
    }
    known
}

/// Names in a condition that nobody ever used, each with the nearest that somebody did, and where it stands in `text`.
pub(super) fn doubts(condition: &Condition, known: &Known, text: &str) -> Vec<ConditionError> {
    let warnings = audience::check(condition, known).into_iter().filter(is_doubtful);
    let doubt = |warning: Warning| {
        let (line, column) = place(text, &warning.name);
        ConditionError { line, column, message: warning.to_string(), expected: None }
    };
    warnings.map(doubt).collect()
}

/// Whether a name that is not known is probably a mistake. Audiences that do not exist are errors; the house's own events
/// need not have happened.
pub(super) fn is_doubtful(warning: &Warning) -> bool {
    let own = |name: &str| name.starts_with(stream::message::PREFIX);
    match warning.noun {
        Noun::Event => !own(&warning.name),
        Noun::Property => !warning.of.as_deref().is_some_and(own),
        Noun::Trait | Noun::Topic => true,
        Noun::Audience => false,
    }
}

/// Line and column, from 1, of the first place where `name` stands in `text`; its beginning, when it does not.
fn place(text: &str, name: &str) -> (u32, u32) {
    let before = text.find(name).map_or("", |at| &text[..at]);
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
    (number(line), number(column))
}

/// A set of people, with the numbers that it is always shown with.
pub(super) struct Measured {
    /// Who meets the condition.
    pub(super) set: CustomerSet,
    /// How many customers there are.
    pub(super) of: u64,
    /// How many of the set each channel reaches.
    pub(super) reach: Vec<Reach>,
    /// How many of the set consented to marketing on at least one channel.
    pub(super) consented: u64,
}

/// Resolves a condition and measures who meets it. Takes its time: not for the runtime's threads.
pub(super) fn measure(
    conditions: &Conditions,
    condition: &Condition,
    snapshot: &Snapshot,
    as_of: Instant,
) -> Result<Measured, Fault> {
    measure_set(conditions, conditions.evaluate(condition, snapshot, as_of)?, snapshot, as_of)
}

/// Measures a set of people. Takes its time: not for the runtime's threads.
pub(super) fn measure_set(
    conditions: &Conditions,
    set: CustomerSet,
    snapshot: &Snapshot,
    as_of: Instant,
) -> Result<Measured, Fault> {
    let reaching = reaching(conditions, snapshot, as_of)?;
    let consented = Condition::Any { of: consents() };
    let consented = conditions.evaluate(&consented, snapshot, as_of)?;
    Ok(Measured {
        of: snapshot.customers(as_of).len() as u64,
        reach: reach(&set, &reaching),
        consented: (consented & &set).len() as u64,
        set,
    })
}

/// Whom each channel that ever had an address reaches.
pub(super) fn reaching(
    conditions: &Conditions,
    snapshot: &Snapshot,
    as_of: Instant,
) -> Result<Vec<(Channel, CustomerSet)>, Fault> {
    let known = Channel::ALL.iter().filter(|channel| snapshot.stream(&stream::address(**channel)).is_some());
    known
        .map(|channel| {
            let condition = Condition::Reachable { channel: Some(*channel) };
            Ok((*channel, conditions.evaluate(&condition, snapshot, as_of)?))
        })
        .collect()
}

/// How many of a set each channel reaches.
pub(super) fn reach(set: &CustomerSet, reaching: &[(Channel, CustomerSet)]) -> Vec<Reach> {
    let each = reaching.iter().map(|(channel, reached)| Reach {
        channel: (*channel).into(),
        customers: (reached.clone() & set).len() as u64,
    });
    each.collect()
}

fn consents() -> Vec<Condition> {
    let channels = std::iter::once(None).chain(Channel::ALL.iter().copied().map(Some));
    channels.map(|channel| Condition::Consented { purpose: Purpose::Marketing, channel }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_used_is_shown_where_it_stands_with_the_nearest_that_somebody_did() {
        let known = Known {
            events: [("purchase".into(), vec!["amount".into()])].into(),
            traits: vec!["country".into()],
            ..Known::default()
        };
        let text =
            "did \"purchase\" where amuont > 3\nand trait cuontry = \"JP\" and did \"$message_opened\"";
        let condition: Condition = text.parse().expect("it reads well");
        let doubts: Vec<String> = doubts(&condition, &known, text)
            .iter()
            .map(|doubt| format!("{}:{} {}", doubt.line, doubt.column, doubt.message))
            .collect();
        assert_eq!(
            doubts,
            [
                "1:22 no `purchase` has had a property `amuont` so far; did you mean `amount`?",
                "2:11 no trait is called `cuontry` so far; did you mean `country`?",
            ]
        );
    }
}
