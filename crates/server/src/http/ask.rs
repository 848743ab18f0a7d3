//! Questions: count, RFM, trend. They read a snapshot and never wait for the fold.

use std::sync::Arc;

use api::ask::{
    CountAnswer, CountQuestion, MeanMedian, RfmAnswer, RfmCell, RfmGroup, RfmGroupName, RfmMove, RfmNumbers,
    RfmQuestion, TrendAnswer, TrendBucket, TrendLine, TrendMeasure, TrendQuestion,
};
use api::{Problem, Time, Word};
use audience::Condition;
use axum::Json as Reply;
use axum::extract::State;
use columnar::{CustomerSet, Snapshot, Span};
use model::{Channel, Instant, stream};
use questions::{By, Group, Label, Measure, Period, Rfm, Scope, Series, Summary, Trend, rfm, trend};

use super::app::App;
use super::body::Json;
use super::caller::Caller;
use super::failure::{Answer, Failure};
use super::{blocking, check, condition, group, warnings};
use crate::conditions::Conditions;

/// How far back a question goes when nobody says.
const RANGE_MS: i64 = 30 * Instant::DAY_MS;
/// How many lines a trend has when nobody says.
const TOP: usize = 10;

/// How many customers meet a condition.
pub(super) async fn ask_count(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(question): Json<CountQuestion>,
) -> Answer<CountAnswer> {
    let started_us = app.house.clock.elapsed_us();
    let condition = condition::read("condition", &question.condition, Some(Condition::Everyone))?;
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let (snapshot, now) = caller.engine().snapshot();
    let as_of = question.as_of.map_or(now, |as_of| as_of.0);
    let (text, asked) = (condition.to_string(), snapshot.clone());
    let measured = blocking(move || condition::measure(&conditions, &condition, &snapshot, as_of)).await??;
    Ok(Reply(CountAnswer {
        customers: measured.set.len() as u64,
        of: measured.of,
        reach: measured.reach,
        consented: measured.consented,
        as_of: Word(as_of),
        text,
        warnings: warnings::missed(&asked),
        took_ms: app.took_ms(started_us),
    }))
}

/// The range of a question.
fn range(from: Option<Time>, to: Option<Time>, now: Instant) -> Result<Span, Failure> {
    let until = to.map_or(now, |to| to.0);
    let after = from.map_or_else(|| until.plus_ms(-RANGE_MS), |from| from.0);
    if after >= until {
        let detail = format!("the range ends before it begins. from=`{after}`, to=`{until}`");
        return Err(Failure::of(
            Problem::invalid("from", detail).value(after).fix("send a `from` before `to`"),
        ));
    }
    Ok(Span { after, until })
}

/// Only those who meet the condition of a question; `None`: everybody.
async fn among(
    app: &App,
    caller: &Caller,
    (input, snapshot, as_of): (&api::audiences::ConditionInput, &Snapshot, Instant),
) -> Result<(Conditions, Option<CustomerSet>), Failure> {
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let condition = condition::read("condition", input, Some(Condition::Everyone))?;
    if condition == Condition::Everyone {
        return Ok((conditions, None));
    }
    let snapshot = snapshot.clone();
    let (conditions, set) = blocking(move || {
        let set = conditions.evaluate(&condition, &snapshot, as_of);
        (conditions, set)
    })
    .await?;
    Ok((conditions, Some(set?)))
}

/// Recency, frequency, money.
pub(super) async fn ask_rfm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(question): Json<RfmQuestion>,
) -> Answer<RfmAnswer> {
    let started_us = app.house.clock.elapsed_us();
    let document = caller.workspace.document();
    let settings = &document.document.settings;
    let event = question.event.clone().unwrap_or_else(|| settings.purchase_event.clone());
    let amount = question.amount_property.clone().unwrap_or_else(|| settings.amount_property.clone());
    let (snapshot, now) = caller.engine().snapshot();
    let span = range(question.from, question.to, now)?;
    let (conditions, among) = among(&app, &caller, (&question.condition, &snapshot, span.until)).await?;
    let asked = snapshot.clone();
    let mut answer =
        blocking(move || rfm_answer(&snapshot, &conditions, (&event, &amount), (span, among))).await??;
    answer.warnings = warnings::missed(&asked);
    answer.took_ms = app.took_ms(started_us);
    Ok(Reply(answer))
}

fn rfm_answer(
    snapshot: &Snapshot,
    conditions: &Conditions,
    (event, amount): (&str, &str),
    (span, among): (Span, Option<CustomerSet>),
) -> Result<RfmAnswer, Failure> {
    let scope = Scope { among: among.as_ref(), ..Scope::of(stream::event(event), span) };
    let asked = rfm(snapshot, &Rfm { scope, amount: Some(amount.into()), transitions: true });
    let reaching = condition::reaching(conditions, snapshot, span.until)?;
    let only = among.is_none();
    let groups = asked.groups.iter().map(|(group, summary)| RfmGroup {
        group: name(*group),
        numbers: numbers(summary, span, (&asked.in_group(*group), &reaching)),
        condition: only
            .then(|| group::condition(*group, &asked, (event, span)))
            .flatten()
            .map(|it| it.to_string()),
    });
    let groups = groups.collect();
    let cells = asked.cells.iter().map(|(cell, summary)| RfmCell {
        recency: cell.r,
        frequency: cell.f,
        group: name(cell.group()),
        numbers: numbers(summary, span, (&asked.in_cell(*cell), &reaching)),
    });
    let cells = cells.collect();
    let moves = asked.moves.iter().map(|it| RfmMove {
        from: it.from.map(name),
        to: it.to.map(name),
        customers: it.customers as u64,
    });
    Ok(RfmAnswer {
        event: event.to_owned(),
        amount_property: amount.to_owned(),
        from: Word(span.after),
        to: Word(span.until),
        customers: asked.total.customers as u64,
        revenue: asked.total.revenue,
        groups,
        cells,
        moves: moves.collect(),
        warnings: Vec::new(),
        took_ms: 0.0,
    })
}

#[expect(clippy::cast_precision_loss, reason = "days need no more than 53 bits of milliseconds")]
fn numbers(
    summary: &Summary,
    span: Span,
    (set, reaching): (&CustomerSet, &[(Channel, CustomerSet)]),
) -> RfmNumbers {
    if summary.customers == 0 {
        return RfmNumbers { reach: condition::reach(set, reaching), ..RfmNumbers::default() };
    }
    let days = |last: Instant| span.until.since_ms(last) as f64 / Instant::DAY_MS as f64;
    RfmNumbers {
        customers: summary.customers as u64,
        recency_days: MeanMedian { mean: days(summary.recency.mean), median: days(summary.recency.median) },
        frequency: MeanMedian { mean: summary.frequency.mean, median: summary.frequency.median },
        monetary: MeanMedian { mean: summary.monetary.mean, median: summary.monetary.median },
        revenue: summary.revenue,
        revenue_share: summary.revenue_share,
        reach: condition::reach(set, reaching),
    }
}

const fn name(group: Group) -> RfmGroupName {
    match group {
        Group::Champions => RfmGroupName::Champions,
        Group::Loyal => RfmGroupName::Loyal,
        Group::PotentialLoyalists => RfmGroupName::PotentialLoyalists,
        Group::New => RfmGroupName::New,
        Group::Promising => RfmGroupName::Promising,
        Group::NeedsAttention => RfmGroupName::NeedsAttention,
        Group::AboutToSleep => RfmGroupName::AboutToSleep,
        Group::AtRisk => RfmGroupName::AtRisk,
        Group::CannotLose => RfmGroupName::CannotLose,
        Group::Hibernating => RfmGroupName::Hibernating,
    }
}

/// How a number developed.
pub(super) async fn ask_trend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(question): Json<TrendQuestion>,
) -> Answer<TrendAnswer> {
    let started_us = app.house.clock.elapsed_us();
    let measure = measure(&question)?;
    let by = by(&question)?;
    let zone_name = match &question.time_zone {
        Some(zone) => zone.clone(),
        None => caller.workspace.document().document.settings.time_zone.clone(),
    };
    let zone = check::time_zone("time_zone", &zone_name)?;
    let (snapshot, now) = caller.engine().snapshot();
    let span = range(question.from, question.to, now)?;
    let (_, among) = among(&app, &caller, (&question.condition, &snapshot, span.until)).await?;
    let (event, measured, asked) = (question.event.clone(), question.measure, snapshot.clone());
    let period = period(question.bucket);
    let answer = blocking(move || {
        let scope = Scope { among: among.as_ref(), ..Scope::of(stream::event(&event), span) };
        trend(&snapshot, &Trend { scope, period, zone, measure, by })
    })
    .await??;
    Ok(Reply(TrendAnswer {
        buckets: answer.buckets.into_iter().map(Word).collect(),
        lines: answer.series.into_iter().map(|series| line(series, measured)).collect(),
        time_zone: zone_name,
        from: Word(span.after),
        to: Word(span.until),
        warnings: warnings::missed(&asked),
        took_ms: app.took_ms(started_us),
    }))
}

const fn period(bucket: TrendBucket) -> Period {
    match bucket {
        TrendBucket::Day => Period::Day,
        TrendBucket::Week => Period::Week,
        TrendBucket::Month => Period::Month,
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

fn by(question: &TrendQuestion) -> Result<By, Failure> {
    let top = question.top.unwrap_or(TOP);
    if !(1..=50).contains(&top) {
        let problem = Problem::invalid("top", "a trend has 1 to 50 lines before the rest").value(top);
        return Err(Failure::of(problem.fix("send a number between")));
    }
    Ok(match question.breakdown.as_deref() {
        None => By::Nothing,
        Some(name) => match name.strip_prefix("trait:") {
            Some(name) => By::Trait { name: name.into(), top },
            None => By::Property { name: name.into(), top },
        },
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn line(series: Series, asked: TrendMeasure) -> TrendLine {
    let number = |point: &questions::Point| match asked {
        TrendMeasure::Events => Some(point.events as f64),
        TrendMeasure::Customers => Some(point.customers as f64),
        TrendMeasure::Sum => Some(point.sum),
        TrendMeasure::Average => point.mean,
        TrendMeasure::Percentile => point.percentiles.first().copied(),
    };
    let value = match &series.label {
        Label::All | Label::Other | Label::Missing => None,
        Label::Event(name) => Some(name.to_string()),
        Label::Value(value) => Some(
            value.text().map_or_else(|| serde_json::to_string(value).unwrap_or_default(), ToOwned::to_owned),
        ),
    };
    TrendLine {
        value,
        other: series.label == Label::Other,
        points: series.points.iter().map(number).collect(),
        total: number(&series.total),
    }
}
