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
mod slices;
mod trend;
mod words;

use std::sync::Arc;

use api::ask::people::Pick;
use api::ask::{FunnelAnswer, OverRange, PathsAnswer, RetentionAnswer, RfmAnswer, Told, TrendAnswer};
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
use room::Room;

pub(super) use count::ask_count;
pub(super) use people::{ask_audience, ask_people, ask_people_csv};

/// A question that has an answer over a range, and people behind each number of it.
pub(super) trait Ask: OverRange + DeserializeOwned + Send + 'static {
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
    let mut answer = blocking(move || answer(&question, room)).await??;
    answer.parts().1.took_ms = app.took_ms(started_us);
    Ok(Reply(answer))
}

fn answer<Q: Ask>(question: &Q, room: Room) -> Result<Q::Answer, Failure> {
    let room = room.enter()?;
    let mut answer = question.answer(&room)?;
    let compared = room.beside(question.about().compare)?;
    let compared = compared.map(|room| question.answer(&room)).transpose()?;
    let (place, told) = answer.parts();
    *place = compared.map(Box::new);
    enough_room(&room.snapshot)?;
    told.warnings = room.warnings(&question.mentions(&room)?);
    Ok(answer)
}
