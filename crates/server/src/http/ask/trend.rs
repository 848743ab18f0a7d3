//! Trend: how a number developed.

use api::ask::people::Pick;
use api::ask::trend::{TrendLine, TrendMeasure};
use api::ask::{EventInput, Period, TrendAnswer, TrendQuestion};
use api::{Problem, Word};
use audience::{Condition, Did, Function, Number, Operator};
use columnar::Span;
use model::{Instant, Text};
use questions::{Measure, Point, Series, Trend, count, trend};

use super::room::Room;
use super::rows::Rows;
use super::slices::{Breakdown, Slice};
use super::{Ask, Picked, words};
use crate::http::failure::Failure;

/// How many lines of one event there are when nobody says.
const LINES: usize = 10;
/// The most events with lines of their own.
const EVENTS_MAX: usize = 20;

/// One line before it is told: which rows, and what came of them.
struct Drawn {
    event: Text,
    rows: Rows,
    slice: Slice,
    series: Series,
}

/// Lines over buckets.
struct Drawing {
    span: Span,
    buckets: Vec<Instant>,
    lines: Vec<Drawn>,
}

impl Ask for TrendQuestion {
    const WORD: &'static str = "trend";

    type Answer = TrendAnswer;

    fn mentions(&self, room: &Room) -> Result<Vec<(String, Condition)>, Failure> {
        let breakdown = breakdown(self)?;
        let mut mentions = Vec::new();
        for (field, rows) in rows(self, room)? {
            mentions.push((field, rows.mention()));
            mentions.push(("breakdown".to_owned(), breakdown.mention(rows.event.as_ref())));
            if let (Some(event), Some(property)) = (&rows.event, &self.property) {
                mentions.push(("property".to_owned(), summed(event, property)));
            }
        }
        Ok(mentions)
    }

    fn answer(&self, room: &Room) -> Result<TrendAnswer, Failure> {
        let drawing = draw(self, room)?;
        Ok(TrendAnswer {
            buckets: drawing.buckets.into_iter().map(Word).collect(),
            lines: drawing.lines.into_iter().map(|drawn| line(drawn, self.measure)).collect(),
            compared: None,
            told: room.told(drawing.span),
        })
    }

    fn people(&self, room: &Room, pick: &Pick) -> Result<Picked, Failure> {
        let Pick::Point { line, bucket } = *pick else { return Err(words::foreign(pick, "trend")) };
        let drawing = draw(self, room)?;
        let drawn =
            drawing.lines.get(line).ok_or_else(|| words::out_of_range("line", line, drawing.lines.len()))?;
        let span = match bucket {
            None => drawing.span,
            Some(bucket) => bucket_span(&drawing, bucket)?,
        };
        let (among, context) = (drawn.slice.among(room)?, room.context());
        let rows = drawn.rows.clone().and(drawn.slice.filter.as_ref());
        let set = count(&room.snapshot, &rows.ready(room, &context).scope(span, among.as_ref())).customers;
        let what =
            format!("{}{}, {}", drawn.event, words::line(&drawn.slice), words::range(span, room.zone()));
        let only_rows = Slice { filter: None, ..drawn.slice.clone() };
        let condition =
            words::said(room, &only_rows, || Some(words::did(&drawn.event, rows.filter.as_ref(), span)));
        Ok(Picked { set, what, condition })
    }
}

/// The part of the range that lies in a bucket.
fn bucket_span(drawing: &Drawing, bucket: usize) -> Result<Span, Failure> {
    let buckets = &drawing.buckets;
    let start = buckets.get(bucket).ok_or_else(|| words::out_of_range("bucket", bucket, buckets.len()))?;
    let end = buckets.get(bucket + 1).map_or(drawing.span.until, |next| next.plus_ms(-1));
    Ok(Span { after: start.plus_ms(-1).max(drawing.span.after), until: end.min(drawing.span.until) })
}

/// The events of the question, and where each stands.
fn rows(question: &TrendQuestion, room: &Room) -> Result<Vec<(String, Rows)>, Failure> {
    if question.events.is_empty() {
        let event = question.event.as_deref().unwrap_or(&room.purchase_event);
        return Ok(vec![("event".to_owned(), Rows::read("", (event, &question.filter))?)]);
    }
    if question.event.is_some() {
        let problem = Problem::invalid("event", "the event is there twice");
        return Err(Failure::of(problem.fix("send `event` or `events`, not both")));
    }
    if question.events.len() > EVENTS_MAX {
        let detail = format!("a trend has lines of at most {EVENTS_MAX} events");
        let problem = Problem::new(model::ErrorKind::TooLarge, detail).field("events");
        return Err(Failure::of(problem.value(question.events.len()).fix("ask for fewer events at once")));
    }
    let read = |(index, EventInput { event, filter }): (usize, &EventInput)| {
        let field = format!("events.{index}");
        Ok((field.clone(), Rows::read(&format!("{field}."), (event, filter))?))
    };
    question.events.iter().enumerate().map(read).collect()
}

fn draw(question: &TrendQuestion, room: &Room) -> Result<Drawing, Failure> {
    let (measure, breakdown) = (measure(question)?, breakdown(question)?);
    let rows = rows(question, room)?;
    let streams: Vec<Text> = rows.iter().flat_map(|(_, rows)| rows.streams().iter().cloned()).collect();
    let mut drawing =
        Drawing { span: room.span_since_first(&streams), buckets: Vec::new(), lines: Vec::new() };
    for (_, rows) in rows {
        let parts = match &breakdown {
            Breakdown::Audience(_) => breakdown.slices(&[]),
            Breakdown::Nothing | Breakdown::Property { .. } | Breakdown::Trait { .. } => {
                vec![Slice::default()]
            }
        };
        for part in parts {
            let (context, among) = (room.context(), part.among(room)?);
            let ready = rows.ready(room, &context);
            let asked = Trend {
                scope: ready.scope(drawing.span, among.as_ref()),
                period: period(question.bucket),
                zone: room.zone().clone(),
                measure: measure.clone(),
                by: breakdown.by(),
            };
            let answer = trend(&room.snapshot, &asked)?;
            let labels: Vec<_> = answer.series.iter().map(|series| &series.label).collect();
            let slices = if part.is_everything() { breakdown.slices(&labels) } else { vec![part] };
            let event = rows.event.clone().unwrap_or_default();
            drawing.lines.extend(slices.into_iter().zip(answer.series).map(|(slice, series)| Drawn {
                event: event.clone(),
                rows: rows.clone(),
                slice,
                series,
            }));
            drawing.buckets = answer.buckets;
        }
    }
    Ok(drawing)
}

fn breakdown(question: &TrendQuestion) -> Result<Breakdown, Failure> {
    Breakdown::read(question.breakdown.as_deref(), question.top, LINES)
}

/// As the engine calls a calendar unit.
pub(super) const fn period(period: Period) -> questions::Period {
    match period {
        Period::Day => questions::Period::Day,
        Period::Week => questions::Period::Week,
        Period::Month => questions::Period::Month,
    }
}

fn measure(question: &TrendQuestion) -> Result<Option<Measure>, Failure> {
    let percentiles = match question.measure {
        TrendMeasure::Events | TrendMeasure::Customers => return Ok(None),
        TrendMeasure::Sum | TrendMeasure::Average => Vec::new(),
        TrendMeasure::Percentile => match question.percentile {
            Some(percentile) if (0.0..=100.0).contains(&percentile) => vec![percentile / 100.0],
            Some(percentile) => {
                let problem = Problem::invalid("percentile", "a percentile is 0 to 100").value(percentile);
                return Err(Failure::of(problem.fix("send a number between")));
            }
            None => {
                let problem = Problem::invalid("percentile", "which percentile is missing");
                return Err(Failure::of(problem.fix("send a number from 0 to 100")));
            }
        },
    };
    let Some(property) = question.property.as_deref() else {
        let problem = Problem::invalid("property", "what to measure is missing");
        return Err(Failure::of(problem.fix("send the name of a property that holds numbers")));
    };
    Ok(Some(Measure { property: property.into(), percentiles }))
}

/// A condition with a measured property in it.
pub(super) fn summed(event: &Text, property: &str) -> Condition {
    let measure = audience::Measure::Amount {
        function: Function::Sum,
        of: property.into(),
        is: Operator::Greater,
        value: Number::from(0),
    };
    Condition::Did(Did { measure, ..Did::ever(event.clone()) })
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn line(drawn: Drawn, asked: TrendMeasure) -> TrendLine {
    let number = |point: &Point| match asked {
        TrendMeasure::Events => Some(point.events as f64),
        TrendMeasure::Customers => Some(point.customers as f64),
        TrendMeasure::Sum => Some(point.sum),
        TrendMeasure::Average => point.mean,
        TrendMeasure::Percentile => point.percentiles.first().copied(),
    };
    TrendLine {
        event: drawn.event.to_string(),
        value: drawn.slice.value,
        other: drawn.slice.other,
        points: drawn.series.points.iter().map(number).collect(),
        total: number(&drawn.series.total),
    }
}
