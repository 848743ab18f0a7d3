//! Saved questions: what analysts keep for everybody, and the board of Home.

use std::sync::Arc;

use api::ask::Question;
use api::questions::{QuestionCreate, QuestionPlace, QuestionReplace, SavedQuestion};
use api::{Operation, Page, Problem, Word};
use axum::Json as Reply;
use axum::extract::{Path, State};
use model::{ErrorKind, Role};
use store::QuestionText;

use super::app::App;
use super::ask;
use super::body::Json;
use super::caller::Caller;
use super::check;
use super::failure::{Answer, Failure};

/// The most saved questions of a workspace.
const QUESTIONS_MAX: usize = 1_000;
/// The most questions on the board.
const BOARD_MAX: usize = 24;

/// All saved questions.
pub(super) async fn question_list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Answer<Page<SavedQuestion>> {
    let all = app.house.store.question_list(caller.workspace.id).await?;
    let shown = all.into_iter().map(|question| shown(&caller, question));
    Ok(Reply(Page::whole(shown.collect::<Result<_, _>>()?)))
}

/// Saves a question.
pub(super) async fn question_create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<QuestionCreate>,
) -> Answer<SavedQuestion> {
    let text = text(&app, &caller, (&new.name, &new.question)).await?;
    let count = app.house.store.question_list(caller.workspace.id).await?.len();
    within("name", count, QUESTIONS_MAX, "take away saved questions that nobody needs any more")?;
    let made = app.house.store.question_create(caller.workspace.id, &text, &caller.act(&app)).await?;
    app.audit(&caller, Operation::QuestionCreate, &text.name).await?;
    shown(&caller, made).map(Reply)
}

/// One saved question.
pub(super) async fn question_fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<u32>,
) -> Answer<SavedQuestion> {
    shown(&caller, app.house.store.question_fetch(caller.workspace.id, id).await?).map(Reply)
}

/// Replaces what a saved question says.
pub(super) async fn question_replace(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<u32>,
    Json(new): Json<QuestionReplace>,
) -> Answer<SavedQuestion> {
    own(&app, &caller, id).await?;
    let text = text(&app, &caller, (&new.name, &new.question)).await?;
    let (edition, act) = ((id, new.version), caller.act(&app));
    let changed = app.house.store.question_replace(caller.workspace.id, edition, &text, &act).await?;
    app.audit(&caller, Operation::QuestionReplace, &text.name).await?;
    shown(&caller, changed).map(Reply)
}

/// Takes a saved question away.
pub(super) async fn question_delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<u32>,
) -> Result<(), Failure> {
    let gone = own(&app, &caller, id).await?;
    app.house.store.question_delete(caller.workspace.id, id).await?;
    app.audit(&caller, Operation::QuestionDelete, &gone.text.name).await
}

/// Puts a saved question on the board.
pub(super) async fn question_pin(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<u32>,
) -> Answer<SavedQuestion> {
    let others = app.house.store.question_list(caller.workspace.id).await?.into_iter();
    let count = others.filter(|other| other.id != id && other.place.is_some()).count();
    within("id", count, BOARD_MAX, "take another question off the board first")?;
    let pinned = app.house.store.question_pin(caller.workspace.id, id).await?;
    on_board(&app, &caller, (Operation::QuestionPin, pinned)).await
}

/// Takes a saved question off the board.
pub(super) async fn question_unpin(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<u32>,
) -> Answer<SavedQuestion> {
    let unpinned = app.house.store.question_unpin(caller.workspace.id, id).await?;
    on_board(&app, &caller, (Operation::QuestionUnpin, unpinned)).await
}

/// Moves a question to another place of the board.
pub(super) async fn question_move(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<u32>,
    Json(QuestionPlace { place }): Json<QuestionPlace>,
) -> Answer<SavedQuestion> {
    if place == 0 {
        let problem = Problem::invalid("place", "places are counted from 1").value(place);
        return Err(Failure::of(problem.fix("send 1 for the first place")));
    }
    let moved = app.house.store.question_move(caller.workspace.id, id, place).await?;
    on_board(&app, &caller, (Operation::QuestionMove, moved)).await
}

/// Writes down what somebody did to the board, and answers with the question.
async fn on_board(
    app: &App,
    caller: &Caller,
    (what, question): (Operation, store::Question),
) -> Answer<SavedQuestion> {
    app.audit(caller, what, &question.text.name).await?;
    shown(caller, question).map(Reply)
}

/// Refuses one more where there are enough.
fn within(field: &str, count: usize, limit: usize, fix: &str) -> Result<(), Failure> {
    if count < limit {
        return Ok(());
    }
    let detail = format!("there is room for {limit}");
    Err(Failure::of(Problem::new(ErrorKind::TooLarge, detail).field(field).value(count).fix(fix)))
}

/// A name and a question that can be asked, ready to be kept.
async fn text(
    app: &App,
    caller: &Caller,
    (name, question): (&str, &Question),
) -> Result<QuestionText, Failure> {
    let name = check::name("name", name)?;
    ask::check(app, caller, question).await?;
    let question = serde_json::to_value(question).expect("a question always has a JSON form");
    Ok(QuestionText { name, question })
}

/// A question that the caller may change.
async fn own(app: &App, caller: &Caller, id: u32) -> Result<store::Question, Failure> {
    let question = app.house.store.question_fetch(caller.workspace.id, id).await?;
    if is_own(caller, &question) {
        return Ok(question);
    }
    let by = &question.edited.created_by;
    let detail = format!("only who saved a question, or an admin, may change it. saved_by=`{by}`");
    Err(Failure::of(
        Problem::new(ErrorKind::Forbidden, detail).field("id").value(id).fix("save it under another name"),
    ))
}

fn is_own(caller: &Caller, question: &store::Question) -> bool {
    caller.role >= Role::Admin || question.edited.created_by == caller.name
}

fn shown(caller: &Caller, saved: store::Question) -> Result<SavedQuestion, Failure> {
    let mine = is_own(caller, &saved);
    let question = serde_json::from_value(saved.text.question).map_err(|error| {
        let detail = format!("a saved question cannot be read: {error}");
        let problem = Problem::new(ErrorKind::Corrupt, detail).field("id").value(saved.id);
        Failure::of(problem.fix("take it away and save it again"))
    })?;
    Ok(SavedQuestion {
        id: saved.id,
        name: saved.text.name.to_string(),
        question,
        place: saved.place,
        mine,
        version: saved.edited.version,
        created_by: saved.edited.created_by.to_string(),
        created_at: Word(saved.edited.created_at),
        changed_by: saved.edited.changed_by.to_string(),
        changed_at: Word(saved.edited.changed_at),
    })
}
