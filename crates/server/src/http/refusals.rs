//! Requests that were turned away whole: counted by what was wrong with them, the latest kept for people to look at.
//!
//! What ends here has no sender that is known, or there was no room for it in the journal; so it is told from memory,
//! from the start of the server on. However much comes and whatever it brings, memory stays the same: a count and a few
//! examples for each workspace and code. It never keeps a body, nor more of a key than its beginning.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use api::{Problem, ProblemCode};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use ingest::segment;
use model::{Instant, SourceId, Text};
use store::WorkspaceId;

use super::app::App;
use super::clevertap::PASSCODE;

/// How many of the latest requests are kept for each workspace and code.
const EXAMPLES_MAX: usize = 10;
/// How much of a path and of a value is kept.
const TEXT_CHARACTERS_MAX: usize = 100;
/// How much of a key is kept: enough to tell keys apart, too little to use one.
const KEY_CHARACTERS_MAX: usize = 10;
/// Where events come in.
const DOORS: &[&str] = &["/v1/", "/1/"];

/// What was turned away since the start of the server.
pub(super) struct Refusals {
    /// When that was.
    pub since: Instant,
    /// A lock, not a channel: it is held to count one request, never across an await.
    kept: Mutex<BTreeMap<(Option<WorkspaceId>, ProblemCode), Tally>>,
}

/// Requests with one mistake.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    /// How many.
    pub requests: u64,
    /// The latest of them, the newest first.
    pub latest: VecDeque<Refused>,
}

/// One request that was turned away.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    /// When it came.
    pub at: Instant,
    /// Whose key it showed, if it is one of ours.
    pub source: Option<SourceId>,
    /// How it was made.
    pub method: Method,
    /// Where it went.
    pub path: String,
    /// What it was answered.
    pub problem: Problem,
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
    /// Nothing was turned away yet.
    pub(super) fn new(since: Instant) -> Self {
        Self { since, kept: Mutex::default() }
    }

    /// Counts a visitor who was answered with a problem, when it is one that people should see.
    pub(super) fn note(&self, app: &App, visitor: Visitor, problem: &Problem) {
        if visitor.concerns(problem.code) {
            let (workspace, source) = visitor.sender(app).unzip();
            let Visitor { method, path, .. } = visitor;
            let problem = problem.clone();
            self.count(workspace, Refused { at: app.house.now(), source, method, path, problem });
        }
    }

    fn count(&self, workspace: Option<WorkspaceId>, refused: Refused) {
        let code = refused.problem.code;
        let mut kept = self.kept.lock().expect("nobody panics while holding it");
        let tally = kept.entry((workspace, code)).or_default();
        tally.requests += 1;
        tally.latest.truncate(EXAMPLES_MAX - 1);
        tally.latest.push_front(shortened(refused));
    }

    /// What concerns a workspace, the latest first: what came with its keys, and what came with nobody's.
    pub(super) fn of(&self, workspace: WorkspaceId) -> Vec<(ProblemCode, Tally)> {
        let mut found = BTreeMap::<ProblemCode, Tally>::new();
        let kept = self.kept.lock().expect("nobody panics while holding it").clone();
        for ((sender, code), tally) in kept {
            if sender.is_none_or(|sender| sender == workspace) {
                let sum = found.entry(code).or_default();
                sum.requests += tally.requests;
                sum.latest.extend(tally.latest);
                sum.latest.make_contiguous().sort_by_key(|it| std::cmp::Reverse(it.at));
                sum.latest.truncate(EXAMPLES_MAX);
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.latest.front().map(|it| it.at)));
        found
    }

    /// How many there were, by code, over all workspaces.
    pub(super) fn counts(&self) -> BTreeMap<ProblemCode, u64> {
        let mut counts = BTreeMap::new();
        for ((_, code), tally) in self.kept.lock().expect("nobody panics while holding it").iter() {
            *counts.entry(*code).or_default() += tally.requests;
        }
        counts
    }
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
        let path = path.to_owned();
        Refused { at: Instant::from_ms(ms), source: None, method: Method::POST, path, problem }
    }

    fn unknown_key(key: &str) -> Problem {
        Problem::new(ErrorKind::Unauthorized, "unknown").code(ProblemCode::UnknownWriteKey).value(key)
    }

    #[test]
    fn a_flood_is_counted_and_keeps_ten_short_examples() {
        let refusals = Refusals::new(Instant::from_ms(0));
        for number in 0..100_000 {
            let path = format!("/v1/{number}/{}", "x".repeat(5_000));
            refusals.count(None, refused(number, &path, unknown_key(&format!("{number:0>200}"))));
        }
        let found = refusals.of(SHOP);
        let [(ProblemCode::UnknownWriteKey, tally)] = &found[..] else { panic!("one code: {found:?}") };
        assert_eq!((tally.requests, tally.latest.len()), (100_000, EXAMPLES_MAX));
        assert_eq!(tally.latest[0].at, Instant::from_ms(99_999), "the latest are kept");
        for example in &tally.latest {
            assert_eq!(example.problem.value.as_deref(), Some("0000000000…"), "a key is not given away");
            assert_eq!(example.path.chars().count(), TEXT_CHARACTERS_MAX + 1);
        }
    }

    #[test]
    fn a_workspace_sees_what_came_with_its_keys_and_with_nobodys() {
        let refusals = Refusals::new(Instant::from_ms(0));
        let full = || Failure::from(engine::Error::Overloaded).problem();
        refusals.count(Some(SHOP), refused(1, "/v1/track", full()));
        refusals.count(Some(WorkspaceId(2)), refused(2, "/v1/track", full()));
        refusals.count(None, refused(3, "/v1/track", full()));
        refusals.count(None, refused(4, "/v1/track", unknown_key("wk_1")));
        let found = refusals.of(SHOP);
        let found: Vec<_> = found.iter().map(|(code, tally)| (code.word(), tally.requests)).collect();
        assert_eq!(found, [("unknown_write_key", 1), ("overloaded", 2)]);
        assert_eq!(refusals.counts()[&ProblemCode::Overloaded], 3);
    }
}
