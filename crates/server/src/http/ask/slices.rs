//! Breakdowns: by a property, a trait, an audience.
//!
//! A slice is what one line of an answer is about: a filter over the rows, or a
//! condition over the customers.

use api::Problem;
use audience::{Condition, Filter, Literal, Moment, Number, Operator, Test};
use columnar::CustomerSet;
use model::{Text, Value};
use questions::{By, Label, Period, Scope, Streams, Trend, trend};

use super::room::Room;
use super::rows::Rows;
use crate::http::failure::Failure;

/// The most lines before the rest.
const TOP_MAX: usize = 50;

/// By what an answer is broken down.
#[derive(Debug, Clone)]
pub(super) enum Breakdown {
    Nothing,
    Property { name: Text, top: usize },
    Trait { name: Text, top: usize },
    Audience(Text),
}

/// What one line is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Slice {
    /// What its rows or customers have in common, as the reader sees it.
    pub(super) value: Option<String>,
    /// Whether it is the rest.
    pub(super) other: bool,
    /// Only such rows.
    pub(super) filter: Option<Filter>,
    /// Only such customers.
    pub(super) condition: Option<Condition>,
}

impl Breakdown {
    /// Reads `breakdown` and `top`; `lines` is how many when nobody says.
    pub(super) fn read(breakdown: Option<&str>, top: Option<usize>, lines: usize) -> Result<Self, Failure> {
        let top = top.unwrap_or(lines);
        if !(1..=TOP_MAX).contains(&top) {
            let detail = format!("an answer has 1 to {TOP_MAX} lines before the rest");
            return Err(Failure::of(Problem::invalid("top", detail).value(top).fix("send a number between")));
        }
        let Some(name) = breakdown else { return Ok(Self::Nothing) };
        let prefixed = |prefix: &str| name.strip_prefix(prefix).map(Text::from);
        Ok(match (prefixed("trait:"), prefixed("audience:")) {
            (Some(name), _) => Self::Trait { name, top },
            (_, Some(name)) => Self::Audience(name),
            (None, None) => Self::Property { name: name.into(), top },
        })
    }

    /// As the trend engine breaks down by itself.
    pub(super) fn by(&self) -> By {
        match self {
            Self::Nothing | Self::Audience(_) => By::Nothing,
            Self::Property { name, top } => By::Property { name: name.clone(), top: *top },
            Self::Trait { name, top } => By::Trait { name: name.clone(), top: *top },
        }
    }

    /// A condition with the name of the breakdown in it; of a property, one of this event.
    pub(super) fn mention(&self, event: Option<&Text>) -> Condition {
        match (self, event) {
            (Self::Property { name, .. }, Some(event)) => {
                let filter = Some(Filter::property(name.clone(), Test::IsSet));
                Condition::Did(audience::Did { filter, ..audience::Did::ever(event.clone()) })
            }
            (Self::Nothing | Self::Property { .. }, _) => Condition::Everyone,
            (Self::Trait { name, .. }, _) => Condition::Trait { name: name.clone(), test: Test::IsSet },
            (Self::Audience(name), _) => Condition::Member { audience: name.clone() },
        }
    }

    /// The slice of each of these labels; together they are everything.
    pub(super) fn slices(&self, labels: &[&Label]) -> Vec<Slice> {
        let rest = |name: &Text| {
            let tops = labels.iter().filter_map(|label| is(name, label)).collect();
            let set = Filter::property(name.clone(), Test::IsSet);
            Filter::All { of: vec![set, Filter::Not { of: Box::new(Filter::Any { of: tops }) }] }
        };
        let filter = |name: &Text, label: &Label| match label {
            Label::Other => rest(name),
            Label::Missing => Filter::Not { of: Box::new(Filter::property(name.clone(), Test::IsSet)) },
            Label::All | Label::Event(_) | Label::Value(_) => {
                is(name, label).unwrap_or(Filter::All { of: Vec::new() })
            }
        };
        let slice = |label: &&Label| {
            let slice = Slice { value: shown(label), other: **label == Label::Other, ..Slice::default() };
            match self {
                Self::Nothing | Self::Audience(_) => Slice::default(),
                Self::Property { name, .. } => Slice { filter: Some(filter(name, label)), ..slice },
                Self::Trait { name, .. } => Slice { condition: Some(of_trait(filter(name, label))), ..slice },
            }
        };
        match self {
            Self::Audience(name) => inside_and_outside(name),
            Self::Nothing | Self::Property { .. } | Self::Trait { .. } => labels.iter().map(slice).collect(),
        }
    }

    /// The slices of a question that begins with these rows: the most frequent values among them, then the rest.
    pub(super) fn slices_of(&self, room: &Room, first: &[Rows]) -> Result<Vec<Slice>, Failure> {
        if matches!(self, Self::Nothing | Self::Audience(_)) {
            return Ok(self.slices(&[&Label::All]));
        }
        let streams: Vec<Text> = first.iter().flat_map(|rows| rows.streams().iter().cloned()).collect();
        let context = room.context();
        let ready = first.first().map(|rows| rows.ready(room, &context));
        let span = room.span_since_first(&streams);
        let scope = match (first.len(), &ready) {
            (1, Some(ready)) => ready.scope(span, room.among.as_ref()),
            _ => {
                let pace = Some(room.pace_over(&streams));
                let streams = Streams::Named(streams);
                Scope { streams, span, filter: None, among: room.among.as_ref(), pace }
            }
        };
        let question =
            Trend { scope, period: Period::Month, zone: room.zone().clone(), measure: None, by: self.by() };
        let answer = trend(&room.snapshot, &question)?;
        Ok(self.slices(&answer.series.iter().map(|series| &series.label).collect::<Vec<_>>()))
    }
}

fn inside_and_outside(name: &Text) -> Vec<Slice> {
    let inside = Condition::Member { audience: name.clone() };
    let outside = Slice { other: true, condition: Some(inside.clone().negated()), ..Slice::default() };
    vec![Slice { value: Some(name.to_string()), condition: Some(inside), ..Slice::default() }, outside]
}

impl Slice {
    /// The customers of the room that it is about; `None`: everybody.
    pub(super) fn among(&self, room: &Room) -> Result<Option<CustomerSet>, Failure> {
        let Some(condition) = &self.condition else { return Ok(room.among.clone()) };
        let set = room.evaluate(condition)?;
        Ok(Some(match &room.among {
            Some(among) => set & among,
            None => set,
        }))
    }

    /// Whether it is everybody and every row.
    pub(super) fn is_everything(&self) -> bool {
        self.filter.is_none() && self.condition.is_none()
    }
}

/// As the reader sees a label.
pub(super) fn shown(label: &Label) -> Option<String> {
    match label {
        Label::All | Label::Other | Label::Missing => None,
        Label::Event(name) => Some(name.to_string()),
        Label::Value(value) => Some(
            value.text().map_or_else(|| serde_json::to_string(value).unwrap_or_default(), ToOwned::to_owned),
        ),
    }
}

/// "The property says exactly this"; `None` of a label that is no value.
fn is(name: &Text, label: &Label) -> Option<Filter> {
    let Label::Value(value) = label else { return None };
    let value = literal(value)?;
    Some(Filter::property(name.clone(), Test::Compare { operator: Operator::Equal, value }))
}

#[expect(clippy::cast_precision_loss, reason = "labels that differ beyond 2^53 are one to a condition, too")]
fn literal(value: &Value) -> Option<Literal> {
    match value {
        Value::Bool(value) => Some(Literal::Bool(*value)),
        Value::Int(value) => Number::new(*value as f64).map(Literal::Number),
        Value::Float(value) => Number::new(*value).map(Literal::Number),
        Value::Text(text) => Some(Literal::Text(text.clone())),
        Value::Time(at) => Some(Literal::Moment(Moment::Instant(*at))),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// The same, asked of a trait instead of a property.
fn of_trait(filter: Filter) -> Condition {
    match filter {
        Filter::Property { name, test } => Condition::Trait { name, test },
        Filter::Place { place } => Condition::TraitPlace { place },
        Filter::All { of } => Condition::All { of: of.into_iter().map(of_trait).collect() },
        Filter::Any { of } => Condition::Any { of: of.into_iter().map(of_trait).collect() },
        Filter::Not { of } => of_trait(*of).negated(),
    }
}
