//! Questions under way: at most so many at once, each can be looked at and stopped.
//!
//! A question has two ends. The *slot* goes with the work and is free again when the
//! work has really ended. *Waiting* stays with the request: when the client goes away,
//! the request is dropped, and with it the wait; then the work stops soon.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use api::ask::RunningQuestion;
use api::{Page, Problem, Word};
use axum::Json as Reply;
use axum::extract::{Path, State};
use model::{ErrorKind, Instant, Role, Text};
use questions::Pace;
use store::WorkspaceId;

use crate::http::app::App;
use crate::http::caller::Caller;
use crate::http::failure::{Answer, Failure};

/// The most questions that are answered at once, for all workspaces together.
const RUNNING_MAX: usize = 32;

/// The questions of the workspace that are under way, the oldest first.
pub(in crate::http) async fn running_list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Answer<Page<RunningQuestion>> {
    let all = app.running.list(caller.workspace.id).into_iter();
    Ok(Reply(Page::whole(all.map(|(id, asked)| shown(&caller, id, &asked)).collect())))
}

/// Stops a question: for who asked it, and for admins.
pub(in crate::http) async fn running_stop(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<u64>,
) -> Result<(), Failure> {
    let all = app.running.list(caller.workspace.id);
    let Some((_, asked)) = all.into_iter().find(|(other, _)| *other == id) else {
        let problem = Problem::not_found("no such question is under way").value(id);
        return Err(Failure::of(problem.fix("it may have been answered; list those that run")));
    };
    if !is_own(&caller, &asked) {
        let detail = format!("only who asked a question, or an admin, may stop it. asked_by=`{}`", asked.by);
        return Err(Failure::forbidden(detail));
    }
    asked.pace.stop();
    Ok(())
}

fn is_own(caller: &Caller, asked: &Asked) -> bool {
    caller.role >= Role::Admin || asked.by == caller.name
}

fn shown(caller: &Caller, id: u64, asked: &Asked) -> RunningQuestion {
    let (rows, of) = asked.pace.progress();
    RunningQuestion {
        id,
        kind: asked.kind.to_owned(),
        by: asked.by.to_string(),
        mine: asked.by == caller.name,
        began_at: Word(asked.began_at),
        rows,
        of,
    }
}

/// Questions under way, by number. A lock, not a channel: it is held for one look, never across an await.
#[derive(Debug, Default)]
pub(in crate::http) struct Running {
    all: Mutex<Register>,
}

#[derive(Debug, Default)]
struct Register {
    last: u64,
    questions: BTreeMap<u64, Asked>,
}

/// A question under way.
#[derive(Debug, Clone)]
pub(in crate::http) struct Asked {
    pub(super) workspace: WorkspaceId,
    /// Which kind of question.
    pub(super) kind: &'static str,
    /// How the audit log names who asked.
    pub(super) by: Text,
    /// Since when.
    pub(super) began_at: Instant,
    pub(super) pace: Arc<Pace>,
}

/// Held by the work: its place among those under way.
#[derive(Debug)]
pub(super) struct Slot {
    running: Arc<Running>,
    id: u64,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.running.register().questions.remove(&self.id);
    }
}

/// Held by the request: when it is dropped, nobody waits any more.
#[derive(Debug)]
pub(super) struct Waiting(Arc<Pace>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Running {
    /// Takes a place; refused while there is none.
    pub(super) fn begin(self: &Arc<Self>, asked: Asked) -> Result<(Slot, Waiting), Failure> {
        let mut register = self.register();
        if register.questions.len() >= RUNNING_MAX {
            let detail = format!("{RUNNING_MAX} questions are being answered already");
            let problem = Problem::new(ErrorKind::Overloaded, detail);
            return Err(Failure::of(problem.fix("ask again in a moment, or stop one of those that run")));
        }
        register.last += 1;
        let id = register.last;
        let waiting = Waiting(Arc::clone(&asked.pace));
        register.questions.insert(id, asked);
        Ok((Slot { running: Arc::clone(self), id }, waiting))
    }

    /// Those of a workspace, the oldest first.
    pub(super) fn list(&self, workspace: WorkspaceId) -> Vec<(u64, Asked)> {
        let register = self.register();
        let own = register.questions.iter().filter(|(_, asked)| asked.workspace == workspace);
        own.map(|(id, asked)| (*id, asked.clone())).collect()
    }

    fn register(&self) -> std::sync::MutexGuard<'_, Register> {
        self.all.lock().expect("nobody panics while holding it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        let pace = Arc::default();
        Asked { workspace: WorkspaceId(1), kind: "trend", by: "a".into(), began_at: Instant::MIN, pace }
    }

    #[test]
    fn whoever_goes_away_stops_the_work_and_the_place_is_free_when_the_work_has_ended() {
        let running = Arc::new(Running::default());
        let asked = asked();
        let (slot, waiting) = running.begin(asked.clone()).expect("there is room");
        drop(waiting);
        assert!(asked.pace.is_stopped());
        assert_eq!(running.list(asked.workspace).len(), 1, "it has not noticed yet");
        drop(slot);
        assert_eq!(running.list(asked.workspace).len(), 0);
    }

    #[test]
    fn one_too_many_is_refused_until_a_place_is_free() {
        let running = Arc::new(Running::default());
        let mut held: Vec<_> =
            (0..RUNNING_MAX).map(|_| running.begin(asked()).expect("there is room")).collect();
        let refused = running.begin(asked()).expect_err("all places are taken").problem();
        assert_eq!(refused.status, 429);
        held.pop();
        running.begin(asked()).expect("a place is free again");
    }

    #[test]
    fn nobody_sees_what_another_workspace_asks() {
        let running = Arc::new(Running::default());
        let _held = running.begin(asked()).expect("there is room");
        assert_eq!(running.list(WorkspaceId(2)).len(), 0);
    }
}
