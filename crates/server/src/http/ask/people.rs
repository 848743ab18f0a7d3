//! The people behind a number of an answer: as a page, as a table, as an audience.

use std::sync::Arc;

use api::ask::people::Pick;
use api::ask::{AudienceOfPick, PeopleAnswer, PeopleQuestion, PeopleTable, Question};
use api::audiences::Audience;
use api::{Operation, Problem, Word};
use audience::{Condition, Literal, Moment, Operator, Test};
use axum::Json as Reply;
use axum::extract::State;
use axum::response::Response;
use columnar::CustomerSet;
use model::{
    ErrorKind, Fact, FactId, Identifier, IdentifierKind, SourceId, Text, TraitChange, TraitOperation, Value,
    What,
};
use store::AudienceText;

use super::room::Room;
use super::{Ask, Picked, count, work};
use crate::conditions::Conditions;
use crate::http::app::App;
use crate::http::body::Json;
use crate::http::caller::Caller;
use crate::http::failure::{Answer, Failure};
use crate::http::{audiences, blocking, check, condition, people as shown, table};

/// The most customers of an audience that is a list.
const LIST_MAX: usize = 200_000;
/// How many of them are told to the journal at once.
const PAGE: usize = 2_000;

/// Who stands behind a number: how many, how they can be reached, and a page of them.
pub(in crate::http) async fn ask_people(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(asked): Json<PeopleQuestion>,
) -> Answer<PeopleAnswer> {
    let started_us = app.house.clock.elapsed_us();
    let after = asked.after.as_deref().map(audiences::customer).transpose()?;
    let limit = api::page::limit(asked.limit);
    let picked = open(&app, &caller, (asked.question, &asked.pick)).await?;
    let page = picked.set.page(after, limit);
    let next = check::next(&page, limit, ToString::to_string);
    let profiles = caller.engine().ask(move |world| shown::profiles(world, &page)).await??;
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let (snapshot, as_of) = caller.engine().snapshot();
    let Picked { set, what, condition } = picked;
    let measured = blocking(move || condition::measure_set(&conditions, set, &snapshot, as_of)).await??;
    Ok(Reply(PeopleAnswer {
        what,
        customers: measured.set.len() as u64,
        of: measured.of,
        reach: measured.reach,
        consented: measured.consented,
        condition: condition.map(|condition| condition.to_string()),
        items: profiles.iter().map(|profile| shown::summary(profile)).collect(),
        next,
        as_of: Word(as_of),
        took_ms: app.took_ms(started_us),
    }))
}

/// The same people as a table.
pub(in crate::http) async fn ask_people_csv(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(asked): Json<PeopleTable>,
) -> Result<Response, Failure> {
    let picked = open(&app, &caller, (asked.question, &asked.pick)).await?;
    let table = table::of_customers(&caller, &picked.set).await?;
    app.audit(&caller, Operation::AskPeopleCsv, &picked.what).await?;
    Ok(table)
}

/// Makes an audience of them.
pub(in crate::http) async fn ask_audience(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(asked): Json<AudienceOfPick>,
) -> Answer<Audience> {
    let name = check::name("name", &asked.name)?;
    match app.house.store.audience_fetch(caller.workspace.id, &name).await {
        Err(store::Error::NotFound { .. }) => {}
        Ok(_) => return Err(store::Error::Taken { what: "audience", name }.into()),
        Err(error) => return Err(error.into()),
    }
    let picked = open(&app, &caller, (asked.question, &asked.pick)).await?;
    let condition = match picked.condition {
        Some(condition) => condition,
        None => list(&caller, &name, &picked.set).await?,
    };
    let text = AudienceText {
        description: asked.description.unwrap_or(picked.what).into(),
        text: condition.to_string().into(),
        json: condition.to_json(),
    };
    let audience =
        app.house.store.audience_create(caller.workspace.id, &name, &text, &caller.act(&app)).await?;
    app.audit(&caller, Operation::AskAudience, &name).await?;
    audiences::full(&app, &caller, audience).await
}

/// Opens a number of the answer to any question.
async fn open(app: &App, caller: &Caller, (question, pick): (Question, &Pick)) -> Result<Picked, Failure> {
    match question {
        Question::Count(question) => count::people(app, caller, (&question, pick)).await,
        Question::Trend(question) => opened(app, caller, (question, pick)).await,
        Question::Funnel(question) => opened(app, caller, (question, pick)).await,
        Question::Retention(question) => opened(app, caller, (question, pick)).await,
        Question::Paths(question) => opened(app, caller, (question, pick)).await,
        Question::Rfm(question) => opened(app, caller, (question, pick)).await,
    }
}

async fn opened<Q: Ask>(app: &App, caller: &Caller, (question, pick): (Q, &Pick)) -> Result<Picked, Failure> {
    let room = Room::open(app, caller, &question.about()).await?;
    let (pick, pace) = (pick.clone(), Arc::clone(&room.pace));
    let people = move || {
        let room = room.enter()?;
        let picked = question.people(&room, &pick)?;
        room.go_on().map(|()| picked)
    };
    work(app, caller, (Q::WORD, pace), people).await
}

/// Writes into the journal who is on a list, and answers with the condition that names them.
///
/// Being on it is a trait of the customer, so it follows them when they are merged, is told in their story, and
/// goes with them when they are erased. Its value is the instant of the list: another list of this name is another.
async fn list(caller: &Caller, name: &str, set: &CustomerSet) -> Result<Condition, Failure> {
    if set.len() > LIST_MAX {
        let detail = format!("a list has at most {LIST_MAX} customers");
        let problem = Problem::new(ErrorKind::TooLarge, detail).field("pick").value(set.len());
        return Err(Failure::of(problem.fix("choose a smaller number, or write a condition")));
    }
    let at = caller.engine().now();
    let on: Text = format!("list.{name}").into();
    let mut after = None;
    let mut position = None;
    loop {
        let page = set.page(after, PAGE);
        let Some(last) = page.last().copied() else { break };
        let facts = page.into_iter().map(|customer| Fact {
            id: FactId::of(SourceId::HOUSE, &format!("{customer}/{on}/{}", at.ms())),
            at,
            received_at: at,
            source: SourceId::HOUSE,
            who: vec![Identifier::new(
                IdentifierKind::Custom(::people::CUSTOMER_KIND.into()),
                customer.to_string(),
            )],
            what: vec![What::Traits(vec![TraitChange {
                name: on.clone(),
                operation: TraitOperation::Set(Value::Time(at)),
            }])],
        });
        position = Some(caller.engine().accept(facts.collect::<Vec<_>>()).await?.position);
        after = Some(last);
    }
    if let Some(position) = position {
        caller.engine().folded(position).await?;
    }
    let value = Literal::Moment(Moment::Instant(at));
    Ok(Condition::Trait { name: on, test: Test::Compare { operator: Operator::Equal, value } })
}
