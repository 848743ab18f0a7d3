//! Requests that were turned away whole: counted by hour and by what was wrong with them, the latest kept for people to
//! look at, for seven days.
//!
//! What ends here has no sender that is known, or there was no room for it in the journal. So it is counted in memory and
//! told to the control plane every few seconds and at the end; a crash forgets the last of these seconds. However much
//! comes and whatever it brings, memory and file stay the same: some numbers and a few examples for each workspace and
//! code. It never keeps a body, nor more of a key than its beginning.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use api::{Problem, ProblemCode};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use ingest::segment;
use model::{Instant, SourceId, Text};
use serde::{Deserialize, Serialize};
use store::{Refusal, Store, WorkspaceId};

use super::app::App;
use super::clevertap::PASSCODE;

/// For how long what was turned away is told.
const KEPT_HOURS_MAX: i64 = 7 * 24;
/// How many of the latest requests are kept for each workspace and code.
const EXAMPLES_MAX: usize = 10;
/// How much of a path and of a value is kept.
const TEXT_CHARACTERS_MAX: usize = 100;
/// How much of a key is kept: enough to tell keys apart, too little to use one.
const KEY_CHARACTERS_MAX: usize = 10;
/// How often the control plane is told.
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// Where events come in.
const DOORS: &[&str] = &["/v1/", "/1/"];

/// What was turned away lately.
#[derive(Default)]
pub(super) struct Refusals {
    /// A lock, not a channel: it is held to count one request or to copy what there is, never across an await.
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    lately: Tallies,
    /// By code over all workspaces since the start of the server, as Prometheus wants it.
    since_start: BTreeMap<ProblemCode, u64>,
    /// How many since the start of the server, and of how many of them the control plane was told.
    total: u64,
    told: u64,
}

type Tallies = BTreeMap<(Option<WorkspaceId>, ProblemCode), Tally>;

/// Requests with one mistake.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// How many there were in each hour since 1970 that had any.
    hours: BTreeMap<i64, u64>,
    /// The latest of them, the newest first.
    pub latest: VecDeque<Refused>,
}

/// One request that was turned away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Refused {
    /// When it came.
    pub at: Instant,
    /// Whose key it showed, if it is one of ours.
    pub source: Option<SourceId>,
    /// How it was made.
    pub method: String,
    /// Where it went.
    pub path: String,
    /// What it was answered.
    pub problem: Problem,
}

impl Tally {
    /// How many.
    pub(super) fn requests(&self) -> u64 {
        self.hours.values().sum()
    }

    fn count(&mut self, refused: Refused) {
        *self.hours.entry(hour(refused.at)).or_default() += 1;
        self.latest.truncate(EXAMPLES_MAX - 1);
        self.latest.push_front(shortened(refused));
    }

    fn add(&mut self, other: Self) {
        other.hours.into_iter().for_each(|(hour, requests)| *self.hours.entry(hour).or_default() += requests);
        self.latest.extend(other.latest);
        self.latest.make_contiguous().sort_by_key(|it| std::cmp::Reverse(it.at));
        self.latest.truncate(EXAMPLES_MAX);
    }

    fn forget(&mut self, before: Instant) {
        self.hours = self.hours.split_off(&hour(before));
        self.latest.retain(|it| it.at >= before);
    }
}

/// The first instant of which something is told.
pub(super) fn since(now: Instant) -> Instant {
    Instant::from_ms((hour(now) - KEPT_HOURS_MAX) * Instant::HOUR_MS)
}

fn hour(at: Instant) -> i64 {
    at.ms().div_euclid(Instant::HOUR_MS)
}

/// Somebody before the door: what is looked at when they are turned away.
pub(super) struct Visitor {
    method: Method,
    path: String,
    authorization: Option<HeaderValue>,
    passcode: Option<HeaderValue>,
}

impl Visitor {
    /// Who makes this request.
    pub(super) fn of(request: &Request) -> Self {
        let header = |name: &str| request.headers().get(name).cloned();
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            authorization: header(header::AUTHORIZATION.as_str()),
            passcode: header(PASSCODE),
        }
    }

    /// Whether they brought events, or a key that opens nothing.
    fn concerns(&self, code: ProblemCode) -> bool {
        let shows_key = self.authorization.is_some() && code == ProblemCode::Unauthorized;
        shows_key || DOORS.iter().any(|door| self.path.starts_with(door))
    }

    fn sender(&self, app: &App) -> Option<(WorkspaceId, SourceId)> {
        let text = |value: &Option<HeaderValue>| value.as_ref()?.to_str().ok().map(Text::from);
        let key = segment::write_key(text(&self.authorization).as_deref(), &[]);
        let (workspace, source) = app.write_key(&key.or_else(|| text(&self.passcode))?)?;
        Some((workspace.id, source))
    }
}

impl Refusals {
    /// What the control plane knows of.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn open(store: &Store) -> Result<Self, store::Error> {
        let kept = store.refusal_list().await?.into_iter().filter_map(read).collect();
        let counted = Counted { lately: kept, ..Counted::default() };
        Ok(Self { counted: Mutex::new(counted) })
    }

    /// Counts a visitor who was answered with a problem, when it is one that people should see.
    pub(super) fn note(&self, app: &App, visitor: Visitor, problem: &Problem) {
        if visitor.concerns(problem.code) {
            let (workspace, source) = visitor.sender(app).unzip();
            let Visitor { method, path, .. } = visitor;
            let (method, problem) = (method.to_string(), problem.clone());
            self.count(workspace, Refused { at: app.house.now(), source, method, path, problem });
        }
    }

    fn count(&self, workspace: Option<WorkspaceId>, refused: Refused) {
        let code = refused.problem.code;
        let mut counted = self.counted();
        counted.total += 1;
        *counted.since_start.entry(code).or_default() += 1;
        let tally = counted.lately.entry((workspace, code)).or_default();
        tally.forget(since(refused.at));
        tally.count(refused);
    }

    /// What concerns a workspace, the latest first: what came with its keys, and what came with nobody's.
    pub(super) fn of(&self, workspace: WorkspaceId, now: Instant) -> Vec<(ProblemCode, Tally)> {
        let mut found = BTreeMap::<ProblemCode, Tally>::new();
        for ((sender, code), tally) in self.lately(now) {
            if sender.is_none_or(|sender| sender == workspace) {
                found.entry(code).or_default().add(tally);
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.latest.front().map(|it| it.at)));
        found
    }

    /// How many there were since the start of the server, by code, over all workspaces.
    pub(super) fn counts(&self) -> BTreeMap<ProblemCode, u64> {
        self.counted().since_start.clone()
    }

    /// Tells the control plane what is new.
    pub(super) async fn keep(&self, store: &Store, now: Instant) {
        let total = {
            let counted = self.counted();
            if counted.total == counted.told {
                return;
            }
            counted.total
        };
        let kept: Vec<Refusal> = self.lately(now).into_iter().map(written).collect();
        match store.refusals_replace(&kept).await {
            Ok(()) => self.counted().told = total,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "what was turned away was not kept");
            }
        }
    }

    fn lately(&self, now: Instant) -> Tallies {
        let mut lately = self.counted().lately.clone();
        lately.values_mut().for_each(|tally| tally.forget(since(now)));
        lately.retain(|_, tally| !tally.hours.is_empty());
        lately
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().expect("nobody panics while holding it")
    }
}

/// Tells the control plane every few seconds what was turned away.
pub(crate) async fn keep(app: Arc<App>) {
    loop {
        tokio::time::sleep(KEEP_EVERY).await;
        app.refusals.keep(&app.house.store, app.house.now()).await;
    }
}

/// A tally as it is kept.
fn written(((workspace, code), tally): ((Option<WorkspaceId>, ProblemCode), Tally)) -> Refusal {
    let tally = serde_json::to_value(tally).expect("a tally always has a JSON form");
    Refusal { workspace, code: code.word().into(), tally }
}

/// A tally that was kept; one that cannot be read is forgotten, because nothing depends on it.
fn read(Refusal { workspace, code, tally }: Refusal) -> Option<((Option<WorkspaceId>, ProblemCode), Tally)> {
    let known = ProblemCode::ALL.iter().find(|known| known.word() == code.as_str());
    let read = known.copied().zip(serde_json::from_value(tally).ok());
    if read.is_none() {
        tracing::warn!(%code, "what was turned away cannot be read");
    }
    read.map(|(code, tally)| ((workspace, code), tally))
}

/// No longer than it may be.
fn shortened(mut refused: Refused) -> Refused {
    let is_key = matches!(refused.problem.code, ProblemCode::UnknownWriteKey | ProblemCode::Unauthorized);
    let value_max = if is_key { KEY_CHARACTERS_MAX } else { TEXT_CHARACTERS_MAX };
    refused.path = cut(&refused.path, TEXT_CHARACTERS_MAX);
    refused.problem.value = refused.problem.value.map(|value| cut(&value, value_max));
    refused
}

fn cut(text: &str, characters_max: usize) -> String {
    match text.char_indices().nth(characters_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::ErrorKind;

    use super::*;
    use crate::engine;
    use crate::http::failure::Failure;

    const SHOP: WorkspaceId = WorkspaceId(1);

    fn refused(ms: i64, path: &str, problem: Problem) -> Refused {
        let (method, path) = ("POST".to_owned(), path.to_owned());
        Refused { at: Instant::from_ms(ms), source: None, method, path, problem }
    }

    fn unknown_key(key: &str) -> Problem {
        Problem::new(ErrorKind::Unauthorized, "unknown").code(ProblemCode::UnknownWriteKey).value(key)
    }

    fn overloaded() -> Problem {
        Failure::from(engine::Error::Overloaded).problem()
    }

    /// What the shop is told at this instant, in a word and a number each.
    fn check(refusals: &Refusals, at_ms: i64, expected: &[(&str, u64)]) {
        let found = refusals.of(SHOP, Instant::from_ms(at_ms));
        let found: Vec<_> = found.iter().map(|(code, tally)| (code.word(), tally.requests())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_flood_is_counted_and_keeps_ten_short_examples() {
        let refusals = Refusals::default();
        for number in 0..100_000 {
            let path = format!("/v1/{number}/{}", "x".repeat(5_000));
            refusals.count(None, refused(number, &path, unknown_key(&format!("{number:0>200}"))));
        }
        let found = refusals.of(SHOP, Instant::from_ms(100_000));
        let [(ProblemCode::UnknownWriteKey, tally)] = &found[..] else { panic!("one code: {found:?}") };
        assert_eq!((tally.requests(), tally.latest.len()), (100_000, EXAMPLES_MAX));
        assert_eq!(tally.latest[0].at, Instant::from_ms(99_999), "the latest are kept");
        for example in &tally.latest {
            assert_eq!(example.problem.value.as_deref(), Some("0000000000…"), "a key is not given away");
            assert_eq!(example.path.chars().count(), TEXT_CHARACTERS_MAX + 1);
        }
    }

    #[test]
    fn a_workspace_sees_what_came_with_its_keys_and_with_nobodys() {
        let refusals = Refusals::default();
        refusals.count(Some(SHOP), refused(1, "/v1/track", overloaded()));
        refusals.count(Some(WorkspaceId(2)), refused(2, "/v1/track", overloaded()));
        refusals.count(None, refused(3, "/v1/track", overloaded()));
        refusals.count(None, refused(4, "/v1/track", unknown_key("wk_1")));
        check(&refusals, 5, &[("unknown_write_key", 1), ("overloaded", 2)]);
        assert_eq!(refusals.counts()[&ProblemCode::Overloaded], 3);
    }

    #[test]
    fn what_is_older_than_seven_days_is_forgotten_hour_by_hour() {
        let refusals = Refusals::default();
        let hours = |hours: i64| hours * Instant::HOUR_MS;
        for came in [0, 1, hours(1), hours(100)] {
            refusals.count(Some(SHOP), refused(came, "/v1/track", overloaded()));
        }
        check(&refusals, hours(KEPT_HOURS_MAX + 1) - 1, &[("overloaded", 4)]);
        check(&refusals, hours(KEPT_HOURS_MAX + 1), &[("overloaded", 2)]);
        refusals.count(Some(SHOP), refused(hours(KEPT_HOURS_MAX + 2), "/v1/track", overloaded()));
        check(&refusals, hours(KEPT_HOURS_MAX + 2), &[("overloaded", 2)]);
        check(&refusals, hours(2 * KEPT_HOURS_MAX + 3), &[]);
        assert_eq!(refusals.counts()[&ProblemCode::Overloaded], 5, "what Prometheus reads never shrinks");
    }

    #[test]
    fn a_tally_reads_as_it_was_written_and_a_damaged_one_is_forgotten() {
        let mut tally = Tally::default();
        tally.count(refused(1, "/v1/track", unknown_key("wk_1")));
        let whole = ((Some(SHOP), ProblemCode::UnknownWriteKey), tally);
        assert_eq!(read(written(whole.clone())), Some(whole.clone()));
        let damaged = Refusal { tally: serde_json::json!("x"), ..written(whole.clone()) };
        assert_eq!(read(damaged), None);
        assert_eq!(read(Refusal { code: "gone".into(), ..written(whole) }), None);
    }
}
