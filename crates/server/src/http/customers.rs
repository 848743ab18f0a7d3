//! Customers: search, profile, story, messages, consent, erasure.

use std::sync::Arc;

use api::customers::{
    ConsentRecord, Customer, CustomerQuery, CustomerSummary, Erase, Moment, MomentKind, TimelineQuery,
    Unmerge,
};
use api::why::MessageSummary;
use api::{Operation, Page, Problem, Word};
use audience::{Context, one};
use axum::Json as Reply;
use axum::extract::{Path, State};
use columnar::{Order, Place, Span, Story, Told};
use model::{Fact, FactId, Identifier, IdentifierKind, Row, SourceId, Value, What};
use people::Profile;

use super::app::App;
use super::body::{Json, Query};
use super::caller::Caller;
use super::failure::{Answer, Failure};
use super::{blocking, check, people as shown};
use crate::campaigns;
use crate::conditions::{Conditions, Fault, enough_room};

/// How many messages of one customer are looked at.
const MESSAGES_MAX: usize = 10_000;

/// Customers whose identifiers or name begin with a text, or all of them.
pub(super) async fn customer_list(
    caller: Caller,
    Query(query): Query<CustomerQuery>,
) -> Answer<Page<CustomerSummary>> {
    let limit = api::page::limit(query.limit);
    let page = caller
        .engine()
        .ask(move |world| match query.query.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => world.people.search(text, query.after.as_deref(), limit),
            None => world.people.list(query.after.as_deref(), limit),
        })
        .await??;
    let items = page.profiles.iter().map(|profile| shown::summary(profile)).collect();
    Ok(Reply(Page { items, next: page.next }))
}

/// One customer.
pub(super) async fn customer_fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Customer> {
    let profile = shown::find(&caller, &id).await?;
    full(&app, &caller, &profile).await
}

async fn full(app: &App, caller: &Caller, profile: &Arc<Profile>) -> Answer<Customer> {
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let (snapshot, as_of) = caller.engine().snapshot();
    let customer = profile.customer;
    let audiences = blocking(move || {
        let everything =
            Story { span: Span::EVER, order: Order::OldestFirst, after: None, limit: usize::MAX };
        let rows: Vec<Row> = snapshot.story(customer, &everything).into_iter().map(|told| told.row).collect();
        enough_room(&snapshot)?;
        let context = Context { as_of, zone: conditions.zone.clone(), audiences: &conditions.audiences };
        let named =
            conditions.audiences.names().filter_map(|name| Some((name, conditions.audiences.get(name)?)));
        let inside = named.filter(|(_, condition)| {
            one::evaluate(condition, &rows, &context).is_ok_and(|verdict| verdict.holds)
        });
        Ok::<_, Fault>(inside.map(|(name, _)| name.to_owned()).collect())
    })
    .await??;
    Ok(Reply(shown::customer(profile, audiences)))
}

/// What happened to and through the customer, the latest first.
pub(super) async fn customer_timeline(
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<TimelineQuery>,
) -> Answer<Page<Moment>> {
    let profile = shown::find(&caller, &id).await?;
    let limit = api::page::limit(query.limit);
    let after = query.before.as_deref().map(place).transpose()?;
    let (snapshot, _) = caller.engine().snapshot();
    let story = Story { span: Span::EVER, order: Order::NewestFirst, after, limit };
    let told = blocking(move || {
        let told = snapshot.story(profile.customer, &story);
        enough_room(&snapshot).map(|()| told)
    })
    .await??;
    let next = check::next(&told, limit, |told| mark(told.place));
    Ok(Reply(Page { items: told.into_iter().map(moment).collect(), next }))
}

/// The `next` of a page that ends with this place.
pub(super) fn mark(place: Place) -> String {
    format!("{}-{}", place.at.ms(), place.arrival)
}

/// The place behind [`mark`].
pub(super) fn place(before: &str) -> Result<Place, Failure> {
    let parsed = before.rsplit_once('-').and_then(|(at, arrival)| {
        Some(Place { at: model::Instant::from_ms(at.parse().ok()?), arrival: arrival.parse().ok()? })
    });
    parsed.ok_or_else(|| {
        let problem = Problem::invalid("before", "not the `next` of a page").value(before);
        Failure::of(problem.fix("pass the `next` of the page before, or nothing"))
    })
}

fn moment(told: Told) -> Moment {
    let Row { at, stream, mut properties, .. } = told.row;
    let (kind, name) = kind(&stream);
    let message = properties.get("message").and_then(Value::text).and_then(|text| text.parse().ok());
    if kind == MomentKind::Message {
        // The whole decision; `why` tells it.
        properties.remove("record");
    }
    Moment { at: Word(at), kind, name: name.to_owned(), properties, message: message.map(Word) }
}

fn kind(stream: &str) -> (MomentKind, &str) {
    let (kind, name) = stream.split_once(':').unwrap_or(("event", stream));
    let kind = match kind {
        "trait" => MomentKind::Trait,
        "consent" => MomentKind::Consent,
        "topic" => MomentKind::Topic,
        "address" => MomentKind::Address,
        "audience" => MomentKind::Audience,
        _ if name.starts_with(model::stream::message::PREFIX) => MomentKind::Message,
        _ => MomentKind::Event,
    };
    (kind, name)
}

/// What we said or decided not to say, the latest first.
pub(super) async fn customer_messages(
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<TimelineQuery>,
) -> Answer<Page<MessageSummary>> {
    let profile = shown::find(&caller, &id).await?;
    let skip: usize = check::cursor(query.before.as_deref())?.unwrap_or_default();
    let limit = api::page::limit(query.limit);
    let (snapshot, _) = caller.engine().snapshot();
    let label = shown::label(&profile);
    let all = blocking(move || campaigns::of_customer(&snapshot, profile.customer, &label)).await?;
    let items: Vec<MessageSummary> = all.into_iter().take(MESSAGES_MAX).skip(skip).take(limit).collect();
    let next = (items.len() == limit).then(|| (skip + limit).to_string());
    Ok(Reply(Page { items, next }))
}

/// Forgets the customer.
pub(super) async fn customer_erase(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(erase): Json<Erase>,
) -> Result<(), Failure> {
    let reason = check::name("reason", &erase.reason)?;
    let profile = shown::find(&caller, &id).await?;
    tell(&caller, &profile, What::Erase).await?;
    app.audit(&caller, Operation::CustomerErase, &format!("{}: {reason}", profile.customer)).await
}

/// Records a yes or no.
pub(super) async fn customer_consent(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(record): Json<ConsentRecord>,
) -> Answer<Customer> {
    let proof = check::name("proof", &record.proof)?;
    let profile = shown::find(&caller, &id).await?;
    let (purpose, channel) = (record.purpose.0, record.channel.map(|channel| channel.0));
    tell(&caller, &profile, What::Consent { purpose, channel, given: record.given, proof }).await?;
    app.audit(&caller, Operation::CustomerConsent, &profile.customer.to_string()).await?;
    let profile = shown::find(&caller, &profile.customer.to_string()).await?;
    full(&app, &caller, &profile).await
}

/// Takes two people apart.
pub(super) async fn customer_unmerge(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(unmerge): Json<Unmerge>,
) -> Answer<Customer> {
    let profile = shown::find(&caller, &id).await?;
    let mut merged = profile.history.iter().filter(|note| note.undone_at.is_none());
    let absorbed = merged.find(|note| *note.by == *unmerge.by).and_then(|note| note.by.parse().ok());
    let Some(absorbed) = absorbed else {
        let detail = "nobody became part of this customer by that identifier";
        let problem = Problem::not_found(detail).field("by").value(&unmerge.by);
        return Err(Failure::of(problem.fix("use the `by` of one of the customer's `merged`")));
    };
    tell(&caller, &profile, What::Unmerge { absorbed }).await?;
    let subject = format!("{}: {}", profile.customer, unmerge.by);
    app.audit(&caller, Operation::CustomerUnmerge, &subject).await?;
    let profile = shown::find(&caller, &profile.customer.to_string()).await?;
    full(&app, &caller, &profile).await
}

/// Brings what a console user says of a customer; returns when it is applied.
async fn tell(caller: &Caller, profile: &Profile, what: What) -> Result<(), Failure> {
    let now = caller.engine().now();
    let name = profile.customer.to_string();
    let fact = Fact {
        id: FactId::of(SourceId::HOUSE, &format!("{name}/{}/{}/{what:?}", caller.name, now.ms())),
        at: now,
        received_at: now,
        source: SourceId::HOUSE,
        who: vec![Identifier::new(IdentifierKind::Custom(::people::CUSTOMER_KIND.into()), name)],
        what: vec![what],
    };
    let accepted = caller.engine().accept(vec![fact]).await?;
    Ok(caller.engine().folded(accepted.position).await?)
}
