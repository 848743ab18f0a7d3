//! Count: how many customers meet a condition.

use std::sync::Arc;

use api::Word;
use api::ask::{CountAnswer, CountQuestion};
use audience::{Condition, Context};
use axum::Json as Reply;
use axum::extract::State;

use super::room::{looks_back, warnings};
use super::{Picked, words};
use crate::conditions::Conditions;
use crate::http::app::App;
use crate::http::body::Json;
use crate::http::caller::Caller;
use crate::http::failure::{Answer, Failure};
use crate::http::{blocking, check, condition};
use api::ask::people::Pick;

/// How many customers meet a condition.
pub(in crate::http) async fn ask_count(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(question): Json<CountQuestion>,
) -> Answer<CountAnswer> {
    let started_us = app.house.clock.elapsed_us();
    let (condition, conditions) = read(&app, &caller, &question).await?;
    let (snapshot, now) = caller.engine().snapshot();
    let as_of = question.as_of.map_or(now, |as_of| as_of.0);
    let text = condition.to_string();
    let (measured, warnings) = blocking(move || {
        let measured = condition::measure(&conditions, &condition, &snapshot, as_of)?;
        let context = Context { as_of, zone: conditions.zone.clone(), audiences: &conditions.audiences };
        let looks_back = looks_back(&snapshot, &condition, &context);
        let mentions = [("condition".to_owned(), condition)];
        let mut warnings = warnings(&snapshot, &conditions, &mentions);
        warnings.extend(looks_back);
        Ok::<_, Failure>((measured, warnings))
    })
    .await??;
    Ok(Reply(CountAnswer {
        customers: measured.set.len() as u64,
        of: measured.of,
        reach: measured.reach,
        consented: measured.consented,
        as_of: Word(as_of),
        text,
        warnings,
        took_ms: app.took_ms(started_us),
    }))
}

/// Refuses a condition that cannot be asked.
pub(super) async fn check(app: &App, caller: &Caller, question: &CountQuestion) -> Result<(), Failure> {
    let (condition, conditions) = read(app, caller, question).await?;
    conditions.resolve(&condition).map_err(Failure::from)
}

async fn read(
    app: &App,
    caller: &Caller,
    question: &CountQuestion,
) -> Result<(Condition, Conditions), Failure> {
    let condition = condition::read("condition", &question.condition, Some(Condition::Everyone))?;
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let zone = question.time_zone.as_deref().map(|zone| check::time_zone("time_zone", zone)).transpose()?;
    Ok((condition, Conditions { zone: zone.unwrap_or_else(|| conditions.zone.clone()), ..conditions }))
}

/// Everybody who is counted.
pub(super) async fn people(
    app: &App,
    caller: &Caller,
    (question, pick): (&CountQuestion, &Pick),
) -> Result<Picked, Failure> {
    if *pick != Pick::Everybody {
        return Err(words::foreign(pick, "count"));
    }
    let (condition, conditions) = read(app, caller, question).await?;
    let (snapshot, now) = caller.engine().snapshot();
    let as_of = question.as_of.map_or(now, |as_of| as_of.0);
    let what = condition.to_string();
    let (set, condition) =
        blocking(move || (conditions.evaluate(&condition, &snapshot, as_of), condition)).await?;
    Ok(Picked { set: set?, what, condition: Some(condition) })
}
