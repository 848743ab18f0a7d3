//! Questions: one file for each; here is how every one of them is asked.
//!
//! ```text
//! question → room (whom, when, in which zone, over which snapshot) → answer, warnings, comparison
//!                                                                  → the people behind one number of it
//! ```
//!
//! A question reads a snapshot beside the event loop and never waits for the fold.

mod count;
mod funnel;
mod paths;
mod people;
mod retention;
mod rfm;
mod room;
mod rows;
mod running;
mod slices;
mod trend;
mod words;

use std::sync::Arc;

use api::ask::people::Pick;
use api::ask::{
    FunnelAnswer, OverRange, PathsAnswer, Question, RetentionAnswer, RfmAnswer, Told, TrendAnswer,
};
use audience::Condition;
use axum::Json as Reply;
use axum::extract::State;
use columnar::CustomerSet;
use serde::de::DeserializeOwned;

use super::app::App;
use super::blocking;
use super::body::Json;
use super::caller::Caller;
use super::failure::{Answer, Failure};
use crate::conditions::enough_room;
use questions::Pace;
use room::Room;
use running::Asked;

pub(super) use count::ask_count;
pub(super) use people::{ask_audience, ask_people, ask_people_csv};
pub(super) use running::{Running, running_list, running_stop};

/// A question that has an answer over a range, and people behind each number of it.
pub(super) trait Ask: OverRange + DeserializeOwned + Send + 'static {
    /// What it is called.
    const WORD: &'static str;

    /// What it is answered with.
    type Answer: Answered + serde::Serialize + Send + 'static;

    /// Every name in it: the field, and a condition that has the name in the same role.
    fn mentions(&self, room: &Room) -> Result<Vec<(String, Condition)>, Failure>;

    /// Its answer.
    fn answer(&self, room: &Room) -> Result<Self::Answer, Failure>;

    /// The people behind one number of the answer.
    fn people(&self, room: &Room, pick: &Pick) -> Result<Picked, Failure>;
}

/// An answer that says about itself what every answer says.
pub(super) trait Answered: Sized {
    /// Where the answer it is compared with stands, and what it says about itself.
    fn parts(&mut self) -> (&mut Option<Box<Self>>, &mut Told);
}

macro_rules! answered {
    ($($answer:ty),+) => {
        $(impl Answered for $answer {
            fn parts(&mut self) -> (&mut Option<Box<Self>>, &mut Told) {
                (&mut self.compared, &mut self.told)
            }
        })+
    };
}

answered!(TrendAnswer, FunnelAnswer, RetentionAnswer, PathsAnswer, RfmAnswer);

/// The people behind a number.
pub(super) struct Picked {
    /// Who.
    set: CustomerSet,
    /// Who they are, in words.
    what: String,
    /// The same as a condition, where the language can say it.
    condition: Option<Condition>,
}

/// Asks a question.
pub(super) async fn ask<Q: Ask>(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(question): Json<Q>,
) -> Answer<Q::Answer> {
    let started_us = app.house.clock.elapsed_us();
    let room = Room::open(&app, &caller, &question.about()).await?;
    let pace = Arc::clone(&room.pace);
    let mut answer = work(&app, &caller, (Q::WORD, pace), move || answer(&question, room)).await?;
    answer.parts().1.took_ms = app.took_ms(started_us);
    Ok(Reply(answer))
}

/// Does the work of a question beside the event loop, in a place of its own, for as long as the request waits for it.
async fn work<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    (kind, pace): (&'static str, Arc<Pace>),
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (workspace, by) = (caller.workspace.id, caller.name.clone());
    let asked = Asked { workspace, kind, by, began_at: app.house.now(), pace };
    let (slot, _waiting) = app.running.begin(asked)?;
    let work = move || {
        let _slot = slot;
        work()
    };
    blocking(work).await?
}

/// Refuses a question that could not be asked.
pub(super) async fn check(app: &App, caller: &Caller, question: &Question) -> Result<(), Failure> {
    match question {
        Question::Count(question) => count::check(app, caller, question).await,
        Question::Trend(question) => checked(app, caller, question).await,
        Question::Funnel(question) => checked(app, caller, question).await,
        Question::Retention(question) => checked(app, caller, question).await,
        Question::Paths(question) => checked(app, caller, question).await,
        Question::Rfm(question) => checked(app, caller, question).await,
    }
}

/// Asks it of the last instant of its range, where hardly anything happened.
async fn checked<Q: Ask + Clone>(app: &App, caller: &Caller, question: &Q) -> Result<(), Failure> {
    let room = Room::open(app, caller, &question.about()).await?.at_its_end();
    let (question, pace) = (question.clone(), Arc::clone(&room.pace));
    work(app, caller, (Q::WORD, pace), move || answer(&question, room)).await.map(drop)
}

fn answer<Q: Ask>(question: &Q, room: Room) -> Result<Q::Answer, Failure> {
    let room = room.enter()?;
    let mut answer = question.answer(&room)?;
    let beside = room.beside(question.about().compare)?;
    let compared = beside.as_ref().map(|room| question.answer(room)).transpose()?;
    room.go_on()?;
    let (place, told) = answer.parts();
    *place = compared.map(Box::new);
    enough_room(&room.snapshot)?;
    told.warnings = room.warnings(&question.mentions(&room)?, beside.map(|room| room.span));
    Ok(answer)
}
