//! Audiences and the conditions that make them.

use std::sync::Arc;

use api::audiences::{
    Audience, AudienceCreate, AudienceReplace, AudienceSummary, ConditionChecked, ConditionError,
    ConditionInput, MembersQuery, People,
};
use api::customers::CustomerSummary;
use api::{Operation, Page, PageQuery, Problem, Word};
use audience::live::Live;
use axum::Json as Reply;
use axum::extract::{Path, State};
use axum::response::Response;
use model::CustomerId;
use store::AudienceText;

use super::app::App;
use super::body::{Json, Query};
use super::caller::Caller;
use super::failure::{Answer, Failure};
use super::{blocking, check, condition, membership, people as shown, table};
use crate::conditions::Conditions;

/// All audiences by name, with how many people are in each now.
pub(super) async fn audience_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Page<AudienceSummary>> {
    let after = page.after.clone().unwrap_or_default();
    let audiences = app.house.store.audience_list(caller.workspace.id, &after, page.limit()).await?;
    let next = check::next(&audiences, page.limit(), |audience| audience.name.to_string());
    let names: Vec<_> = audiences.iter().map(|audience| audience.name.clone()).collect();
    let standings = caller
        .engine()
        .ask(move |world| names.iter().map(|name| Followed::of(&world.live, name)).collect::<Vec<_>>());
    let standings = standings.await?;
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let (snapshot, as_of) = caller.engine().snapshot();
    let items = blocking(move || {
        let count = |name: &str| {
            let set = conditions.evaluate(&conditions.named(name).ok()?, &snapshot, as_of).ok()?;
            Some(set.len())
        };
        let summary = |(audience, followed): (store::Audience, Followed)| {
            let customers = followed.members.or_else(|| count(&audience.name));
            summary(&audience, customers, followed)
        };
        audiences.into_iter().zip(standings).map(summary).collect()
    })
    .await?;
    Ok(Reply(Page { items, next }))
}

/// Whether an audience is kept up to date.
#[derive(Clone, Copy)]
struct Followed {
    /// How many are in it, if it is.
    members: Option<usize>,
    /// How much is counted, if it will be.
    counted_percent: Option<u32>,
}

impl Followed {
    fn of(live: &Live, name: &str) -> Self {
        let members = live.standing(name).map(|standing| standing.members);
        Self { members, counted_percent: live.counted_percent(name) }
    }
}

fn summary(audience: &store::Audience, customers: Option<usize>, followed: Followed) -> AudienceSummary {
    AudienceSummary {
        name: audience.name.to_string(),
        description: audience.text.description.to_string(),
        text: audience.text.text.to_string(),
        customers: customers.map(|customers| customers as u64),
        live: followed.members.is_some(),
        counted_percent: followed.counted_percent,
        version: audience.edited.version,
        changed_by: audience.edited.changed_by.to_string(),
        changed_at: Word(audience.edited.changed_at),
    }
}

/// Makes an audience.
pub(super) async fn audience_create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<AudienceCreate>,
) -> Answer<Audience> {
    let name = check::name("name", &new.name)?;
    let text = text(&app, &caller, (&name, &new.description, &new.condition)).await?;
    let audience =
        app.house.store.audience_create(caller.workspace.id, &name, &text, &caller.act(&app)).await?;
    app.audit(&caller, Operation::AudienceCreate, &name).await?;
    app.follow(&caller).await;
    full(&app, &caller, audience).await
}

/// One audience.
pub(super) async fn audience_fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<Audience> {
    let audience = app.house.store.audience_fetch(caller.workspace.id, &name).await?;
    full(&app, &caller, audience).await
}

/// Replaces an audience's condition.
pub(super) async fn audience_replace(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    Json(new): Json<AudienceReplace>,
) -> Answer<Audience> {
    let text = text(&app, &caller, (&name, &new.description, &new.condition)).await?;
    let (edition, act) = ((name.as_str(), new.version), caller.act(&app));
    let audience = app.house.store.audience_replace(caller.workspace.id, edition, &text, &act).await?;
    app.audit(&caller, Operation::AudienceReplace, &name).await?;
    app.follow(&caller).await;
    full(&app, &caller, audience).await
}

/// Takes an audience away, unless a campaign or another audience names it.
pub(super) async fn audience_delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<(), Failure> {
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let mut others = conditions.audiences.names().filter(|other| *other != name);
    let refers = |other: &&str| {
        let json = conditions.audiences.get(other).map(audience::Condition::to_json);
        json.is_some_and(|json| named(&json, "audience").contains(&name))
    };
    let user = others.find(refers);
    if let Some(user) = user {
        let in_use = store::Error::InUse { what: "audience", name: name.as_str().into(), by: user.into() };
        return Err(in_use.into());
    }
    app.house.store.audience_delete(caller.workspace.id, &name).await?;
    app.follow(&caller).await;
    app.audit(&caller, Operation::AudienceDelete, &name).await
}

/// What is kept of an audience, once its condition was read and everything it refers to was found.
async fn text(
    app: &App,
    caller: &Caller,
    (name, description, input): (&str, &str, &ConditionInput),
) -> Result<AudienceText, Failure> {
    let condition = condition::read("condition", input, None)?;
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let mut audiences = (*conditions.audiences).clone();
    audiences.insert(name, condition.clone());
    audiences.resolve(&condition).map_err(|error| {
        let problem = Problem::new(error.kind(), error.to_string()).field("condition");
        Failure::of(problem.fix("refer only to audiences that exist and do not lead back here"))
    })?;
    Ok(AudienceText {
        description: description.into(),
        text: condition.to_string().into(),
        json: condition.to_json(),
    })
}

/// An audience with its people.
pub(super) async fn full(app: &App, caller: &Caller, audience: store::Audience) -> Answer<Audience> {
    let started_us = app.house.clock.elapsed_us();
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let (snapshot, as_of) = caller.engine().snapshot();
    let named = conditions.named(&audience.name)?;
    let measured = blocking(move || condition::measure(&conditions, &named, &snapshot, as_of)).await??;
    Ok(Reply(Audience {
        name: audience.name.to_string(),
        description: audience.text.description.to_string(),
        text: audience.text.text.to_string(),
        json: audience.text.json,
        version: audience.edited.version,
        created_by: audience.edited.created_by.to_string(),
        created_at: Word(audience.edited.created_at),
        changed_by: audience.edited.changed_by.to_string(),
        changed_at: Word(audience.edited.changed_at),
        people: People {
            as_of: Word(as_of),
            customers: measured.set.len() as u64,
            of: measured.of,
            reach: measured.reach,
            consented: measured.consented,
            took_ms: app.took_ms(started_us),
        },
    }))
}

/// The people in an audience, now or as it was known at an instant.
pub(super) async fn audience_members(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<MembersQuery>,
) -> Answer<Page<CustomerSummary>> {
    let after = query.after.as_deref().map(customer).transpose()?;
    let limit = api::page::limit(query.limit);
    let as_of = query.as_of.map(|as_of| as_of.0);
    let members = membership::members(&app, &caller, (&name, as_of)).await?.page(after, limit);
    let next = check::next(&members, limit, ToString::to_string);
    let profiles = caller.engine().ask(move |world| shown::profiles(world, &members)).await??;
    let items = profiles.iter().map(|profile| shown::summary(profile)).collect();
    Ok(Reply(Page { items, next }))
}

/// The people in an audience now, as a table.
pub(super) async fn audience_members_csv(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let members = membership::members(&app, &caller, (&name, None)).await?;
    let table = table::of_customers(&caller, &members).await?;
    app.audit(&caller, Operation::AudienceMembersCsv, &name).await?;
    Ok(table)
}

/// The customer after whom a page begins.
pub(super) fn customer(after: &str) -> Result<CustomerId, Failure> {
    after.parse().map_err(|_| {
        let problem = Problem::invalid("after", "not the `next` of a page").value(after);
        Failure::of(problem.fix("pass the `next` of the page before, or nothing"))
    })
}

/// Reads a condition in either form and answers in both, or says what is wrong and where.
pub(super) async fn condition_check(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(input): Json<ConditionInput>,
) -> Answer<ConditionChecked> {
    let (mut checked, condition) = condition::check(&input)?;
    if let Some(condition) = condition {
        let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
        if let Err(error) = conditions.audiences.resolve(&condition) {
            checked.errors.push(at_start(error.to_string()));
        }
        let (snapshot, _) = caller.engine().snapshot();
        let known = condition::known(&snapshot, &conditions, std::iter::once(&condition));
        let text = input.text.as_deref().or(checked.text.as_deref()).unwrap_or_default();
        checked.warnings.extend(condition::doubts(&condition, &known, text));
    }
    Ok(Reply(checked))
}

fn at_start(message: String) -> ConditionError {
    ConditionError { line: 1, column: 1, message, expected: None }
}

/// What a condition names under `key` (`event`, `audience`), each once.
fn named(json: &serde_json::Value, key: &str) -> Vec<String> {
    let mut names = Vec::new();
    collect(json, key, &mut names);
    names.sort();
    names.dedup();
    names
}

fn collect(json: &serde_json::Value, key: &str, names: &mut Vec<String>) {
    names.extend(json.get(key).and_then(serde_json::Value::as_str).map(ToOwned::to_owned));
    match json {
        serde_json::Value::Object(fields) => fields.values().for_each(|value| collect(value, key, names)),
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, key, names)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}
