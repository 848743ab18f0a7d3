//! The process is killed while audiences are counted beside the fold: they come into force all the same, with the right
//! people in them, and everybody who enters or leaves is told of once.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::{Value, json};

/// How many audiences are defined, one after the other; the process is killed once for each.
const AUDIENCES: usize = 4;
/// So many of these kills have to hit the counting, or nothing was tested.
const INTERRUPTED_MIN: usize = 2;
const CUSTOMERS: usize = 4_000;
/// How often each customer spends what their number says at first.
const TIMES_EACH: usize = 10;
/// How many things an audience asks: each is counted over everybody, which takes a moment.
const ASKED_EACH: usize = 100;
/// Whoever spent so much, and did not quit, is in the first audience; each further one wants ten more.
const SPENT_MIN: usize = 500;

/// Who did what, as far as it was acknowledged.
struct Told {
    /// How many events: each has a message id of its own.
    events: usize,
    /// How much each customer spent.
    spent: Vec<usize>,
    quit: BTreeSet<usize>,
}

impl Told {
    fn members(&self, audience: usize) -> BTreeSet<String> {
        let enough = |user: &usize| self.spent[*user] >= SPENT_MIN + 10 * audience;
        let members = (0..CUSTOMERS).filter(enough).filter(|user| !self.quit.contains(user));
        members.map(name_of).collect()
    }

    /// These customers spend this much, one event each.
    fn spend(&mut self, house: &House, spent: impl Iterator<Item = (usize, usize)>) -> Result<()> {
        let spent: Vec<_> = spent.collect();
        let amount = |amount: usize| json!({ "amount": amount });
        self.tell(house, spent.iter().map(|(user, spent)| ("spent", *user, amount(*spent))))?;
        spent.into_iter().for_each(|(user, amount)| self.spent[user] += amount);
        Ok(())
    }

    /// These customers quit.
    fn quit(&mut self, house: &House, users: std::ops::Range<usize>) -> Result<()> {
        self.tell(house, users.clone().map(|user| ("quit", user, json!({}))))?;
        self.quit.extend(users);
        Ok(())
    }

    fn tell<'e>(
        &mut self,
        house: &House,
        events: impl Iterator<Item = (&'e str, usize, Value)>,
    ) -> Result<()> {
        let number = |(number, (event, user, properties))| {
            json!({
                "type": "track", "messageId": format!("m{number}"), "event": event, "userId": name_of(user),
                "properties": properties,
            })
        };
        let events: Vec<Value> = (self.events..).zip(events).map(number).collect();
        for batch in events.chunks(500) {
            let answer = house.track("/v1/batch", &json!({ "batch": batch }))?;
            ensure!(answer.status == 200, "{answer:?}");
        }
        self.events += events.len();
        Ok(())
    }
}

fn name_of(user: usize) -> String {
    format!("u{user:04}")
}

/// Asks a lot, and means: spent so much, and did not quit.
fn condition(audience: usize) -> String {
    let asked = |ask: usize| {
        format!("did \"spent\" with sum of amount >= {} in last {} days", SPENT_MIN + 10 * audience, 90 + ask)
    };
    let asked: Vec<String> = (0..ASKED_EACH).map(asked).collect();
    format!("({}) and did not \"quit\" in last 90 days", asked.join(" or "))
}

fn live(house: &House, audience: usize) -> Result<Value> {
    Ok(house.get(&format!("/api/v1/audiences/a{audience}/live"))?.body)
}

fn is_counted(live: &Value) -> bool {
    live["counted_percent"].is_u64() && live["since"].is_null()
}

fn is_in_force(live: &Value) -> bool {
    live["counted_percent"].is_null() && live["since"].is_string()
}

/// Defines an audience and kills the process while it is counted. Whether that was so: it was seen being counted before, and it
/// still has to be counted afterwards.
fn kill_while_counting(house: &mut House, audience: usize) -> Result<bool> {
    let new = json!({ "name": format!("a{audience}"), "condition": { "text": condition(audience) } });
    let answer = house.post("/api/v1/audiences", &new)?;
    ensure!(answer.status == 201, "{answer:?}");
    let path = format!("/api/v1/audiences/a{audience}/live");
    let seen = house.wait(&path, |live| is_counted(live) || is_in_force(live))?;
    house.kill_and_restart()?;
    Ok(is_counted(&seen) && is_counted(&live(house, audience)?))
}

/// The items of all pages.
fn pages(page: impl Fn(&Value) -> Result<Value>) -> Result<Vec<Value>> {
    let (mut items, mut next) = (Vec::new(), Value::Null);
    loop {
        let page = page(&next)?;
        items.extend(page["items"].as_array().with_context(|| format!("no items: {page}"))?.iter().cloned());
        next = page["next"].clone();
        if next.is_null() {
            return Ok(items);
        }
    }
}

fn labels(items: &[Value]) -> BTreeSet<String> {
    items.iter().filter_map(|it| it["label"].as_str().map(str::to_owned)).collect()
}

/// Who is in an audience, as it is kept up to date.
fn members(house: &House, audience: usize) -> Result<BTreeSet<String>> {
    let path = format!("/api/v1/audiences/a{audience}/members?limit=1000");
    let page = |next: &Value| {
        let after = next.as_str().map(|next| format!("&after={next}")).unwrap_or_default();
        Ok(house.get(&format!("{path}{after}"))?.body)
    };
    Ok(labels(&pages(page)?))
}

/// Of whom its condition holds, by a question over the columns.
fn found(house: &House, audience: usize) -> Result<BTreeSet<String>> {
    let question = json!({ "type": "count", "condition": { "text": condition(audience) } });
    let page = |next: &Value| {
        let asked =
            json!({ "question": question, "pick": { "type": "everybody" }, "limit": 1000, "after": next });
        Ok(house.post("/api/v1/ask/people", &asked)?.body)
    };
    Ok(labels(&pages(page)?))
}

/// What was told of each customer, the first thing first: whether they entered, and why.
fn passages(house: &House, audience: usize) -> Result<BTreeMap<String, Vec<(bool, String)>>> {
    let path = format!("/api/v1/audiences/a{audience}/passages?limit=1000");
    let page = |next: &Value| {
        let before = next.as_str().map(|next| format!("&before={next}")).unwrap_or_default();
        Ok(house.get(&format!("{path}{before}"))?.body)
    };
    let mut told: BTreeMap<String, Vec<(bool, String)>> = BTreeMap::new();
    for it in pages(page)?.iter().rev() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let what = (it["entered"] == true, text(&it["because"]));
        told.entry(text(&it["customer"]["label"])).or_default().push(what);
    }
    Ok(told)
}

/// Everybody who is in the audience, and nobody else, by all three ways of asking; and each entered and left once.
fn check(house: &House, told: &Told, audience: usize) -> Result<()> {
    let expected = told.members(audience);
    let question = json!({ "condition": { "text": condition(audience) } });
    house.ask_until("/api/v1/ask/count", &question, |answer| answer["customers"] == expected.len())?;
    let (followed, asked) = (members(house, audience)?, found(house, audience)?);
    ensure!(asked == expected, "a{audience}: the columns say otherwise than what was told");
    ensure!(followed == expected, "a{audience}: it is kept up to date otherwise than the columns say");
    for (customer, passages) in passages(house, audience)? {
        let entered = passages.iter().map(|(entered, _)| *entered);
        let in_turn = entered.zip([true, false].into_iter().cycle()).all(|(entered, turn)| entered == turn);
        let is_in = passages.last().is_some_and(|(entered, _)| *entered);
        ensure!(in_turn && passages.len() <= 2, "a{audience}: {customer} was told of twice: {passages:?}");
        ensure!(is_in == expected.contains(&customer), "a{audience}: {customer}: {passages:?}");
    }
    Ok(())
}

#[test]
fn audiences_come_into_force_however_often_the_process_is_killed_while_they_are_counted() -> Result<()> {
    let mut house = House::found()?;
    let mut told = Told { events: 0, spent: vec![0; CUSTOMERS], quit: BTreeSet::new() };
    told.spend(&house, (0..CUSTOMERS * TIMES_EACH).map(|n| (n % CUSTOMERS, n % CUSTOMERS % 100)))?;

    let mut interrupted = 0;
    for audience in 0..AUDIENCES {
        interrupted += usize::from(kill_while_counting(&mut house, audience)?);
        // While they are counted anew, others come to spend enough, and some quit.
        told.spend(&house, (0..20).map(|n| (audience * 200 + n, 1_000)))?;
        told.quit(&house, audience * 200 + 80..audience * 200 + 100)?;
    }
    ensure!(interrupted >= INTERRUPTED_MIN, "only {interrupted} kills hit the counting");
    for audience in 0..AUDIENCES {
        house.wait(&format!("/api/v1/audiences/a{audience}/live"), is_in_force)?;
    }
    for audience in 0..AUDIENCES {
        check(&house, &told, audience)?;
    }

    // From now on everything is told as it happens, and a further kill changes nothing of what was told.
    told.quit(&house, 1_080..1_100)?;
    for audience in 0..AUDIENCES {
        check(&house, &told, audience)?;
    }
    let before = passages(&house, 0)?;
    let left = vec![(true, "definition".to_owned()), (false, "event:quit".to_owned())];
    ensure!(before.get(&name_of(1_099)) == Some(&left), "{:?}", before.get(&name_of(1_099)));
    house.kill_and_restart()?;
    for audience in 0..AUDIENCES {
        ensure!(is_in_force(&live(&house, audience)?), "a{audience} is in force at once");
        check(&house, &told, audience)?;
    }
    ensure!(passages(&house, 0)? == before, "what was told is told once");
    Ok(())
}
