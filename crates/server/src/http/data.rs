//! What comes in: the learnt dictionary, the live tail, rejects, and what was turned away.

use std::collections::HashMap;
use std::sync::Arc;

use ::ingest::dictionary::{Event, Property};
use api::data::{
    DayCount, EventEntry, EventSummary, Live, LiveItem, LiveQuery, PropertyEntry, Refusal, Refusals,
    RefusedRequest, Reject, TypeCount,
};
use api::{Page, PageQuery, Problem, Word};
use axum::Json as Reply;
use axum::extract::{Path, State};
use model::{CustomerId, Fact, Instant, Properties, SourceId, Text, What};

use super::app::App;
use super::body::Query;
use super::caller::Caller;
use super::check;
use super::failure::{Answer, Failure};
use super::refusals::{Refused, since};
use crate::engine::{SeenRefusal, SeenReject, Turned};

/// How much of a rejected record the list shows; the journal has all of it.
const RECORD_CHARACTERS_MAX: usize = 2_000;

/// Every event name, by name.
pub(super) async fn dictionary_list(
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Page<EventSummary>> {
    let (after, limit) = (page.after.clone().unwrap_or_default(), page.limit());
    let mut items = caller
        .engine()
        .ask(move |world| {
            let later = world.dictionary.events().filter(|(name, _)| name.as_str() > after.as_str());
            later.map(|(name, event)| summary(name, event)).collect::<Vec<_>>()
        })
        .await?;
    items.sort_by(|left, right| left.name.cmp(&right.name));
    items.truncate(limit);
    let next = check::next(&items, limit, |item| item.name.clone());
    Ok(Reply(Page { items, next }))
}

/// One event.
pub(super) async fn dictionary_fetch(caller: Caller, Path(name): Path<String>) -> Answer<EventEntry> {
    let wanted = name.clone();
    let entry = caller
        .engine()
        .ask(move |world| {
            world.dictionary.event(&wanted).map(|event| EventEntry {
                event: summary(&wanted, event),
                properties: properties(event.properties.iter()),
                days: event.days().map(|(day, events)| DayCount { day: Word(day), events }).collect(),
            })
        })
        .await?;
    entry.map(Reply).ok_or_else(|| {
        let problem = Problem::not_found("no event of this name was ever seen").field("name").value(&name);
        Failure::of(problem.fix("look at the list of names; upper and lower case differ"))
    })
}

/// Every trait, by name.
pub(super) async fn trait_list(caller: Caller) -> Answer<Page<PropertyEntry>> {
    let items = caller.engine().ask(|world| properties(world.dictionary.traits().iter())).await?;
    Ok(Reply(Page::whole(items)))
}

fn summary(name: &str, event: &Event) -> EventSummary {
    EventSummary {
        name: name.to_owned(),
        events: event.count,
        first_seen: Some(Word(event.first_at)),
        last_seen: Some(Word(event.last_at)),
        planned: event.planned,
        properties: event.properties.iter().len() as u64,
        conflicts: event.conflicts().count() as u64,
    }
}

fn properties<'a>(names: impl Iterator<Item = (&'a Text, &'a Property)>) -> Vec<PropertyEntry> {
    let entry = |(name, property): (&Text, &Property)| {
        let types = property.types().map(|(kind, count)| TypeCount { kind: kind.to_owned(), count });
        let mut types: Vec<TypeCount> = types.collect();
        types.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        PropertyEntry {
            name: name.to_string(),
            types,
            conflict: property.is_conflict(),
            examples: property.examples.iter().map(ToString::to_string).collect(),
        }
    };
    let mut entries: Vec<PropertyEntry> = names.map(entry).collect();
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    entries
}

/// What was accepted last.
pub(super) async fn live_tail(caller: Caller, Query(query): Query<LiveQuery>) -> Answer<Live> {
    let limit = api::page::limit(query.limit);
    let now = caller.engine().now();
    let live = caller
        .engine()
        .ask(move |world| {
            let told = world.seen.told();
            // A position beyond what was told is of a server that was started anew since.
            let known = query.after.filter(|after| *after <= told).unwrap_or_default();
            let new = usize::try_from(told - known).unwrap_or(usize::MAX);
            let items = world.seen.facts().take(new).filter_map(|(customer, fact)| {
                let item = live_item(*customer, fact);
                query.event.as_ref().is_none_or(|event| *event == item.name).then_some(item)
            });
            let items = items.take(limit).collect();
            Live { items, position: told, events_per_second: rate(world.seen.facts(), now) }
        })
        .await?;
    Ok(Reply(live))
}

/// Facts per second over the last ten seconds; over less when more came than is remembered.
fn rate<'a>(facts: impl Iterator<Item = &'a (Option<CustomerId>, Fact)>, now: Instant) -> f64 {
    const WINDOW_MS: i64 = 10 * Instant::SECOND_MS;
    let mut facts = facts.map(|(_, fact)| now.since_ms(fact.received_at));
    let (mut count, mut oldest, mut all) = (0_u32, 0, false);
    for age in &mut facts {
        if age >= WINDOW_MS {
            all = true;
            break;
        }
        (count, oldest) = (count + 1, age);
    }
    let span_ms = if all || count < 100 { WINDOW_MS } else { oldest.max(1) };
    f64::from(count) * 1_000.0 / f64::from(i32::try_from(span_ms).unwrap_or(i32::MAX))
}

fn live_item(customer: Option<CustomerId>, fact: &Fact) -> LiveItem {
    let (name, properties) = match fact.what.first() {
        Some(What::Did { name, properties }) => (name.to_string(), properties.clone()),
        Some(other) => (word(other).to_owned(), Properties::new()),
        None => (String::new(), Properties::new()),
    };
    LiveItem {
        at: Word(fact.at),
        received_at: Word(fact.received_at),
        name,
        identifier: fact.who.first().map(ToString::to_string).unwrap_or_default(),
        customer: customer.map(Word),
        properties,
    }
}

fn word(what: &What) -> &'static str {
    match what {
        What::Did { .. } => "track",
        What::Traits(_) => "identify",
        What::Alias { .. } => "alias",
        What::Consent { .. } => "consent",
        What::Topic { .. } => "topic",
        What::Address { .. } => "address",
        What::Block(_) => "block",
        What::Erase => "erase",
        What::Unmerge { .. } => "unmerge",
    }
}

/// What was not accepted and why.
pub(super) async fn reject_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Page<Reject>> {
    let skip: usize = check::cursor(page.after.as_deref())?.unwrap_or_default();
    let limit = page.limit();
    let rejects: Vec<Turned> = caller
        .engine()
        .ask(move |world| world.seen.rejects().skip(skip).take(limit).cloned().collect())
        .await?;
    let names = key_names(&app, &caller).await?;
    let next = (rejects.len() == limit).then(|| (skip + limit).to_string());
    Ok(Reply(Page { items: rejects.into_iter().map(|reject| shown(reject, &names)).collect(), next }))
}

/// Requests that were turned away whole.
pub(super) async fn refusal_list(State(app): State<Arc<App>>, caller: Caller) -> Answer<Refusals> {
    let names = key_names(&app, &caller).await?;
    let now = app.house.now();
    let items = app.refusals.of(caller.workspace.id, now).into_iter().map(|(code, tally)| Refusal {
        code,
        requests: tally.requests(),
        latest: tally.latest.into_iter().map(|refused| request(refused, &names)).collect(),
    });
    Ok(Reply(Refusals { since: Word(since(now)), items: items.collect() }))
}

fn request(
    Refused { at, source, method, path, problem }: Refused,
    names: &HashMap<u32, Text>,
) -> RefusedRequest {
    RefusedRequest {
        at: Word(at),
        door: source.map(|source| door(source.0, names)),
        method,
        path,
        status: problem.status,
        field: problem.field,
        value: problem.value,
        message: problem.detail,
        fix: problem.fix,
        request_id: problem.request_id,
    }
}

/// How people named the keys.
async fn key_names(app: &App, caller: &Caller) -> Result<HashMap<u32, Text>, Failure> {
    let keys = app.house.store.key_list(caller.workspace.id).await?;
    Ok(keys.into_iter().map(|key| (key.id, key.name)).collect())
}

fn door(source: u32, names: &HashMap<u32, Text>) -> String {
    match SourceId(source) {
        SourceId::HOUSE => "omotenashi".to_owned(),
        SourceId::IMPORT => "import".to_owned(),
        SourceId(key) => names.get(&key).map_or_else(|| format!("k{key}"), ToString::to_string),
    }
}

fn shown(turned: Turned, names: &HashMap<u32, Text>) -> Reject {
    match turned {
        Turned::Record(SeenReject { at, source, reject }) => Reject {
            at: Word(at),
            door: door(source, names),
            index: Some(reject.index),
            customer: None,
            reason: reject.reason.word().to_owned(),
            field: Some(reject.field.to_string()),
            value: Some(reject.value.to_string()),
            message: reject.reason.explanation().to_owned(),
            fix: Some(reject.fix().to_owned()),
            record: reject.record.chars().take(RECORD_CHARACTERS_MAX).collect(),
        },
        Turned::Part(SeenRefusal { at, source, customer, who, field, value, reason }) => Reject {
            at: Word(at),
            door: door(source, names),
            index: None,
            customer: customer.map(Word),
            reason: reason.word().to_owned(),
            field: Some(field.to_string()),
            value: Some(value.to_string()),
            message: reason.to_string(),
            fix: Some(reason.fix().to_owned()),
            record: who.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        },
    }
}
