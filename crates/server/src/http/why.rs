//! The decision ledger: why somebody got a message, or did not.

use std::sync::Arc;

use api::Problem;
use api::why::{Why, WhyQuery};
use axum::Json as Reply;
use axum::extract::{Path, State};
use model::MessageId;

use super::app::App;
use super::body::Query;
use super::caller::Caller;
use super::failure::{Answer, Failure};
use super::{blocking, campaigns as records, people as shown};
use crate::campaigns;

/// Why this message was sent, held or suppressed.
pub(super) async fn message_why(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Why> {
    let started_us = app.house.clock.elapsed_us();
    let message: MessageId = id.parse().map_err(|_| {
        Failure::of(
            Problem::invalid("id", "not a message").value(&id).fix("use a message id like `m7-c2a1-0`"),
        )
    })?;
    let whose = caller.engine().ask(move |world| shown::whose(world, message)).await??;
    let (snapshot, _) = caller.engine().snapshot();
    let why = blocking(move || campaigns::why(&snapshot, &whose?)).await?;
    let why = why.ok_or_else(|| {
        let problem = Problem::not_found("nobody ever decided on this message").field("id").value(&id);
        Failure::of(problem.fix("look at the campaign's or the customer's messages"))
    })?;
    Ok(Reply(Why { took_ms: app.took_ms(started_us), ..why }))
}

/// Why this customer did or did not get this campaign.
pub(super) async fn why_fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<WhyQuery>,
) -> Answer<Why> {
    let started_us = app.house.clock.elapsed_us();
    let campaign = records::find(&app, &caller, &query.campaign).await?;
    let profile = shown::find(&caller, &query.customer)
        .await
        .map_err(|failure| Failure::of(failure.problem().field("customer")))?;
    let (snapshot, _) = caller.engine().snapshot();
    let name = campaign.text.name.clone();
    let (customer, label) = (profile.customer, shown::label(&profile));
    let why = blocking(move || campaigns::why_customer(&snapshot, customer, &name, &label)).await?;
    let why = why.ok_or_else(|| {
        let detail =
            "the campaign never considered this customer: they were not in its audience when it was launched";
        let problem = Problem::not_found(detail).field("customer").value(&query.customer);
        Failure::of(problem.fix("look at the audience's condition and the customer's story"))
    })?;
    Ok(Reply(Why { took_ms: app.took_ms(started_us), ..why }))
}
