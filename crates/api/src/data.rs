//! What comes in: the learnt dictionary, the live tail, rejects, keys, imports.

use model::Properties;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::route::{Access, Operation, Route};
use crate::{Customer, Page, PageQuery, ProblemCode, Role, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::DictionaryList, "/api/v1/data/events", Access::Role(model::Role::Viewer))
        .says("Every event name that was ever seen, by name.")
        .queries::<PageQuery>()
        .answers::<Page<EventSummary>>(200),
    Route::get(Operation::DictionaryFetch, "/api/v1/data/events/{name}", Access::Role(model::Role::Viewer))
        .says("One event: its properties, their types, examples and volumes.")
        .answers::<EventEntry>(200),
    Route::get(Operation::TraitList, "/api/v1/data/traits", Access::Role(model::Role::Viewer))
        .says("Every trait of customers that was ever seen, by name.")
        .answers::<Page<PropertyEntry>>(200),
    Route::get(Operation::LiveTail, "/api/v1/data/live", Access::Role(model::Role::Viewer))
        .says("What was accepted last, the latest first; ask again with `after` to get only what is new.")
        .queries::<LiveQuery>()
        .answers::<Live>(200),
    Route::get(Operation::RejectList, "/api/v1/data/rejects", Access::Role(model::Role::Viewer))
        .says("What was not accepted and why, the latest first.")
        .queries::<PageQuery>()
        .answers::<Page<Reject>>(200),
    Route::get(Operation::RefusalList, "/api/v1/data/refusals", Access::Role(model::Role::Viewer))
        .says("Requests that were turned away whole in the last seven days, by what was wrong, the latest first.")
        .answers::<Refusals>(200),
    Route::get(Operation::KeyList, "/api/v1/data/keys", Access::Role(model::Role::Admin))
        .says("Write keys and API tokens; tokens are never shown again.")
        .answers::<Page<Key>>(200),
    Route::post(Operation::KeyCreate, "/api/v1/data/keys", Access::Role(model::Role::Admin))
        .says("Makes a write key or an API token; an API token is shown this once.")
        .takes::<KeyCreate>()
        .answers::<Key>(201),
    Route::delete(Operation::KeyDelete, "/api/v1/data/keys", Access::Role(model::Role::Admin))
        .says("Takes a key away; it stops working at once.")
        .queries::<KeyQuery>()
        .answers_nothing(),
    Route::get(Operation::ImportList, "/api/v1/data/imports", Access::Role(model::Role::Viewer))
        .says("Imports, the latest first.")
        .queries::<PageQuery>()
        .answers::<Page<Import>>(200),
    Route::post(Operation::ImportCreate, "/api/v1/data/imports", Access::Role(model::Role::Admin))
        .says("Begins an import, or finds the one begun with the same key.")
        .takes::<ImportCreate>()
        .answers::<Import>(200),
    Route::post(Operation::ImportRows, "/api/v1/data/imports/{key}/rows", Access::Role(model::Role::Admin))
        .says("Takes the next rows, as a chunk of `docs/formats/import-chunk.md`; told twice, counted once; messages nobody.")
        .queries::<ImportRowsQuery>()
        .takes_media("application/octet-stream")
        .answers::<ImportAccepted>(200),
    Route::post(Operation::ImportFinish, "/api/v1/data/imports/{key}/finish", Access::Role(model::Role::Admin))
        .says("Says that all rows of the file were sent, or refused by its mapping.")
        .takes::<ImportFinish>()
        .answers::<Import>(200),
];

/// An event name in the dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventSummary {
    /// The event's name.
    #[schema(example = "purchase")]
    pub name: String,
    /// How many there were, over all time.
    #[schema(example = 541_909)]
    pub events: u64,
    /// When it was first seen.
    pub first_seen: Option<Time>,
    /// When it was last seen.
    pub last_seen: Option<Time>,
    /// Whether somebody said that this event is meant to be; what merely comes in is unplanned.
    #[schema(example = false)]
    pub planned: bool,
    /// How many properties it has.
    #[schema(example = 6)]
    pub properties: u64,
    /// How many of them came with more than one type.
    #[schema(example = 1)]
    pub conflicts: u64,
}

/// One event in the dictionary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventEntry {
    /// The event in brief.
    pub event: EventSummary,
    /// Its properties, by name.
    pub properties: Vec<PropertyEntry>,
    /// How many there were on each day it happened, the oldest first; at most 400 days.
    pub days: Vec<DayCount>,
}

/// One property of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PropertyEntry {
    /// Its name; nested names are joined with dots.
    #[schema(example = "amount")]
    pub name: String,
    /// The types it came with, the most frequent first.
    pub types: Vec<TypeCount>,
    /// Whether it came with types that do not go together.
    #[schema(example = false)]
    pub conflict: bool,
    /// Some of its values.
    #[schema(example = json!(["4980", "1200"]))]
    pub examples: Vec<String>,
}

/// How often a property had a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TypeCount {
    /// `bool`, `number`, `text`, `time`, `list`, `null`.
    #[serde(rename = "type")]
    #[schema(example = "number")]
    pub kind: String,
    /// How often.
    #[schema(example = 541_000)]
    pub count: u64,
}

/// How many events there were on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayCount {
    /// The beginning of the day in UTC.
    pub day: Time,
    /// How many.
    #[schema(example = 1204)]
    pub events: u64,
}

/// Which part of the live tail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LiveQuery {
    /// Only what came after this: the `position` of the answer before.
    #[param(example = 18_204)]
    pub after: Option<u64>,
    /// Only events of this name.
    #[param(example = "purchase")]
    pub event: Option<String>,
    /// At most this many items: 1 to 1000, 50 when missing.
    #[param(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}

/// What was accepted last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Live {
    /// The latest first.
    pub items: Vec<LiveItem>,
    /// Pass this as `after` to get what is new.
    #[schema(example = 18_254)]
    pub position: u64,
    /// Accepted facts per second over the last ten seconds.
    #[schema(example = 412.5)]
    pub events_per_second: f64,
}

/// One accepted event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveItem {
    /// When it happened.
    pub at: Time,
    /// When it reached us.
    pub received_at: Time,
    /// Its name, or what it changed: `identify`, `alias`, `consent` …
    #[schema(example = "purchase")]
    pub name: String,
    /// The strongest identifier it came with.
    #[schema(example = "user_id:42")]
    pub identifier: String,
    /// The customer, once it is known who it was.
    pub customer: Option<Customer>,
    /// What was said about it.
    #[schema(value_type = Object, example = json!({"category": "shoes", "amount": 4980}))]
    pub properties: Properties,
}

/// Something that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reject {
    /// When it reached us.
    pub at: Time,
    /// By which door it came: the name of the key, or `import`.
    #[schema(example = "web shop")]
    pub door: String,
    /// Which record of the request, from 0; for an import, the line of the file, from 1; missing when the record itself
    /// was accepted, and only this part of it was not.
    #[schema(example = 3)]
    pub index: Option<u64>,
    /// Whom the record is about, when it was accepted but for this part.
    pub customer: Option<Customer>,
    /// Why, as a word.
    #[schema(example = "bad_time")]
    pub reason: String,
    /// The field at fault.
    #[schema(example = "batch.3.timestamp")]
    pub field: Option<String>,
    /// What stood there, shortened.
    #[schema(example = "yesterday")]
    pub value: Option<String>,
    /// What is wrong.
    #[schema(example = "not an instant")]
    pub message: String,
    /// What to do about it.
    #[schema(example = "send RFC 3339, as in `2026-01-31T12:00:00Z`")]
    pub fix: Option<String>,
    /// The record, shortened; of an accepted one, the identifiers it names.
    #[schema(example = "{\"type\":\"track\",…")]
    pub record: String,
}

/// Requests that were turned away before anything of them could be kept in the journal.
///
/// Those whose sender is not known are told to every workspace of the server, without what they brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusals {
    /// From when on they are counted: seven days ago, at the full hour.
    pub since: Time,
    /// One for each thing that was wrong, the latest first.
    pub items: Vec<Refusal>,
}

/// Requests that were turned away for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// What was wrong.
    pub code: ProblemCode,
    /// How many requests.
    #[schema(example = 3_204)]
    pub requests: u64,
    /// Some of them, the latest first; at least one.
    pub latest: Vec<RefusedRequest>,
}

/// One request that was turned away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedRequest {
    /// When it came.
    pub at: Time,
    /// By which door it came: the name of the key; missing when it showed no key that is known.
    #[schema(example = "web shop")]
    pub door: Option<String>,
    /// Its method.
    #[schema(example = "POST")]
    pub method: String,
    /// Its path, shortened to 100 characters.
    #[schema(example = "/v1/batch")]
    pub path: String,
    /// The status it was answered with.
    #[schema(example = 401)]
    pub status: u16,
    /// The field at fault.
    #[schema(example = "writeKey")]
    pub field: Option<String>,
    /// What stood there, shortened; of a key only its beginning.
    #[schema(example = "wk_1f0c…")]
    pub value: Option<String>,
    /// What is wrong.
    #[schema(example = "this is not a write key of ours (any more)")]
    pub message: String,
    /// What to do about it.
    #[schema(example = "copy the write key from Data → Write keys")]
    pub fix: Option<String>,
    /// The number it was answered with, also in the log.
    #[schema(example = "r18f2c")]
    pub request_id: Option<String>,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Sends events; stands in browsers and apps, so it is no secret.
    WriteKey,
    /// Uses this API; a secret.
    ApiToken,
}

/// A write key or API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// Its id.
    #[schema(example = "k3")]
    pub id: String,
    /// What it is for.
    pub kind: KeyKind,
    /// Where it is used.
    #[schema(example = "web shop")]
    pub name: String,
    /// What an API token may do; missing for a write key.
    pub role: Option<Role>,
    /// The key: always for a write key, once for an API token.
    #[schema(example = "wk_1f0c…")]
    pub key: Option<String>,
    /// Its first characters, to tell keys apart.
    #[schema(example = "wk_1f0c")]
    pub prefix: String,
    /// Who made it.
    #[schema(example = "Hanako Yamada")]
    pub created_by: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to the hour; missing: never.
    pub used_at: Option<Time>,
}

/// Makes a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyCreate {
    /// What it is for.
    pub kind: KeyKind,
    /// Where it is used: 1 to 100 characters.
    #[schema(example = "web shop")]
    pub name: String,
    /// What an API token may do; not above your own role. Missing: `viewer`.
    pub role: Option<Role>,
}

/// Which key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct KeyQuery {
    /// The key's id.
    #[param(example = "k3")]
    pub id: String,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Rows are coming.
    Running,
    /// All rows came.
    Finished,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Import {
    /// The fingerprint of file and mapping: an import begun twice with one key is one import.
    #[schema(example = "9f3c1a")]
    pub key: String,
    /// The file's name.
    #[schema(example = "online-retail.csv.gz")]
    pub file: String,
    /// Where it stands.
    pub state: ImportState,
    /// How many rows the file has, when that is known.
    #[schema(example = 541_909)]
    pub rows: Option<u64>,
    /// The last line of the file that is settled; go on after this one.
    #[schema(example = 300_000)]
    pub position: u64,
    /// How many records were accepted.
    #[schema(example = 225_000)]
    pub accepted: u64,
    /// How many were told before.
    #[schema(example = 0)]
    pub duplicate: u64,
    /// How many were rejected, by the mapping or by the server.
    #[schema(example = 75_000)]
    pub rejected: u64,
    /// Who began it.
    #[schema(example = "init")]
    pub created_by: String,
    /// When it was begun.
    pub created_at: Time,
    /// When the last rows came.
    pub changed_at: Time,
}

/// Begins an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportCreate {
    /// The fingerprint of file and mapping: 32 hexadecimal digits.
    #[schema(example = "9f3c1a00000000000000000000000000")]
    pub key: String,
    /// The file's name.
    #[schema(example = "online-retail.csv.gz")]
    pub file: String,
    /// How many rows the file has, when that is known.
    #[schema(example = 541_909)]
    pub rows: Option<u64>,
}

/// What became of the records of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportAccepted {
    /// How many were accepted.
    #[schema(example = 2498)]
    pub accepted: u64,
    /// How many were told before.
    #[schema(example = 0)]
    pub duplicate: u64,
    /// The last line that is settled.
    #[schema(example = 302_500)]
    pub position: u64,
    /// Those that were rejected.
    pub rejected: Vec<RejectedRecord>,
}

/// A record that was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedRecord {
    /// Its line in the file, from 1.
    #[schema(example = 3)]
    pub line: u64,
    /// The field at fault.
    #[schema(example = "timestamp")]
    pub field: String,
    /// What stood there, shortened.
    #[schema(example = "yesterday")]
    pub value: String,
    /// Why, as a word.
    #[schema(example = "bad_time")]
    pub reason: String,
    /// What is wrong.
    #[schema(example = "the value is not an instant")]
    pub message: String,
    /// What to do about it.
    #[schema(example = "send an instant like `2026-01-31T12:00:00.000Z`")]
    pub fix: String,
}

/// What a client that sends several chunks at a time says with each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ImportRowsQuery {
    /// The last line before which every chunk was answered: the import goes on after it when it is interrupted.
    /// Missing: chunks are sent one after the other, and this one settles its lines.
    #[param(example = 300_001)]
    pub settled: Option<u64>,
}

/// Ends an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportFinish {
    /// How many rows the file had.
    #[schema(example = 541_909)]
    pub rows: u64,
    /// How many of them the mapping rejected before they were sent.
    #[schema(example = 135_080)]
    pub rejected: u64,
    /// The last line of the file.
    #[schema(example = 541_910)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
}
