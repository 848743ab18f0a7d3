//! The past: what everybody did in the days before the shop opens its console.

use model::Instant;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::client::{Client, Fault};
use crate::person::Person;
use crate::visit::{Ended, Visit, event, whole_ms};
use crate::{Options, people};

/// What was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// How many people.
    pub people: usize,
    /// How many events.
    pub events: usize,
}

/// Events in one request.
const BATCH: usize = 1_000;
/// The mean time between two events of a visit.
const GAP_MS: i64 = 60_000;

/// Tells the server the past of everybody, up to `now`; `progress` hears how many more people are done.
///
/// # Errors
/// [`Fault`] when the server does not take it.
pub fn tell_past(
    client: &Client,
    options: &Options,
    now: Instant,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Told, Fault> {
    let people = people(options);
    let half = people.len().div_ceil(2).max(1);
    let parts: Vec<&[Person]> = people.chunks(half).collect();
    std::thread::scope(|scope| {
        let tellers: Vec<_> =
            parts.iter().map(|part| scope.spawn(|| tell(client, (options, part), now, progress))).collect();
        let mut told = Told::default();
        for teller in tellers {
            let part = teller.join().expect("a teller does not panic")?;
            told.people += part.people;
            told.events += part.events;
        }
        Ok(told)
    })
}

fn tell(
    client: &Client,
    (options, people): (&Options, &[Person]),
    now: Instant,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Told, Fault> {
    let mut batch = Vec::with_capacity(BATCH * 2);
    let mut told = Told::default();
    let mut done = 0;
    for person in people {
        done += 1;
        past_of(options, person, now, &mut batch);
        if batch.len() >= BATCH {
            told.events += batch.len();
            client.import(&batch)?;
            batch.clear();
            progress(done);
            done = 0;
        }
    }
    told.events += batch.len();
    told.people = people.len();
    if !batch.is_empty() {
        client.import(&batch)?;
    }
    Ok(told)
}

/// Everything one person did.
fn past_of(options: &Options, person: &Person, now: Instant, out: &mut Vec<Value>) {
    let mut chance = Chance::new(options.seed ^ 0x9a57, u64::from(person.number));
    let begin = now.plus_ms(-i64::from(options.days) * Instant::DAY_MS);
    let first = out.len();
    let came = at_hour(begin, person, person.came_on_day);
    arrive(person, came, &mut chance, out);
    let mut until = person.lost_on_day.min(f64::from(options.days));
    let mut hurt = None;
    let mut day = person.came_on_day;
    loop {
        day += chance.wait(person.visits_per_day);
        if day >= until {
            break;
        }
        let visit = Visit { at: at_hour(begin, person, day), gap_ms: GAP_MS, appetite: 1.0 };
        let trouble = shop(visit, person, &mut chance, out);
        if let Some(trouble) = trouble.filter(|_| hurt.is_none() && chance.happens(person.touchy)) {
            let hurt_on_day = days_between(begin, trouble);
            until = until.min(hurt_on_day);
            hurt = Some(trouble);
        }
    }
    if let Some(trouble) = hurt {
        complain(person, trouble, &mut chance, out);
    } else if person.app && until < f64::from(options.days) && chance.happens(0.5) {
        let at = at_hour(begin, person, until);
        out.push(event(person, "app_uninstalled", at, json!({ "os": "ios" })));
    }
    out[first..].sort_by(|a, b| a["timestamp"].as_str().cmp(&b["timestamp"].as_str()));
    let now = now.to_string();
    out.retain(|event| event["timestamp"].as_str().is_some_and(|at| at < now.as_str()));
    for (index, event) in out.iter_mut().skip(first).enumerate() {
        event["messageId"] = json!(format!("past-{}-{}-{index}", options.seed, person.number));
    }
}

/// Somebody comes for the first time: some look around before they say who they are.
pub(crate) fn arrive(person: &Person, came: Instant, chance: &mut Chance, out: &mut Vec<Value>) {
    if person.strolls {
        let first = out.len();
        let visit = Visit { at: came.plus_ms(-Instant::DAY_MS), gap_ms: GAP_MS, appetite: 0.0 };
        visit.run(person, chance, out);
        out[first..].iter_mut().for_each(|event| person.hide(event));
    }
    out.push(person.identify(&came.to_string()));
    out.push(event(person, "signed_up", came, json!({ "touchpoint": "web" })));
    if person.app {
        out.push(event(person, "app_installed", came.plus_ms(Instant::HOUR_MS), json!({ "os": "ios" })));
    }
}

/// A visit of the past with all that followed from it; says when something went wrong.
fn shop(visit: Visit, person: &Person, chance: &mut Chance, out: &mut Vec<Value>) -> Option<Instant> {
    match visit.run(person, chance, out) {
        Ended::Looked => None,
        Ended::Failed(at) => Some(at),
        Ended::Bought(purchase) => {
            let mut trouble = None;
            for sequel in purchase.sequels(chance) {
                let at = purchase.at.plus_ms(sequel.after_ms);
                trouble = trouble.or(sequel.hurts().then_some(at));
                out.push(event(person, sequel.name, at, sequel.properties));
            }
            trouble
        }
    }
}

/// Somebody whom the shop failed asks for help, and takes the app off their phone.
fn complain(person: &Person, trouble: Instant, chance: &mut Chance, out: &mut Vec<Value>) {
    let mut at = trouble.plus_ms(20 * Instant::MINUTE_MS);
    if chance.happens(0.7) {
        out.push(event(person, "support_contacted", at, json!({ "by": "chat" })));
        at = at.plus_ms(Instant::HOUR_MS);
    }
    if person.app {
        out.push(event(person, "app_uninstalled", at, json!({ "os": "ios" })));
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a few months")]
fn days_between(begin: Instant, at: Instant) -> f64 {
    at.since_ms(begin) as f64 / Instant::DAY_MS as f64
}

/// The instant of a day of the past at the person's usual hour.
fn at_hour(begin: Instant, person: &Person, day: f64) -> Instant {
    let date = begin.plus_ms(whole_ms(day.floor() * 86_400_000.0)).timestamp();
    let Ok(zoned) = date.in_tz(person.home.zone) else { return begin };
    let midnight = zoned.start_of_day().map_or(begin, |midnight| midnight.timestamp().into());
    let hour = (person.hour + (day.fract() - 0.5) * 3.0).rem_euclid(24.0);
    midnight.plus_ms(whole_ms(hour * 3_600_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(number: u32) -> Vec<Value> {
        let options = Options::default();
        let mut out = Vec::new();
        let now = Instant::from_ms(1_790_000_000_000);
        past_of(&options, &Person::new(options.seed, number, options.days), now, &mut out);
        out
    }

    #[test]
    fn the_same_seed_tells_the_same_past() {
        assert_eq!(past(5), past(5));
    }

    #[test]
    fn most_buy_once_and_some_very_often() {
        let orders = |number: u32| past(number).iter().filter(|event| event["event"] == "purchase").count();
        let buyers: Vec<usize> = (0..500).map(orders).filter(|orders| *orders > 0).collect();
        let once = buyers.iter().filter(|orders| **orders == 1).count();
        let often = buyers.iter().filter(|orders| **orders >= 5).count();
        assert!(
            once * 2 < buyers.len() && often * 10 > buyers.len(),
            "{once} and {often} of {}",
            buyers.len()
        );
    }

    #[test]
    fn whoever_asks_for_help_was_let_down_before() {
        let mut asked = 0;
        for events in (0..2_000).map(past) {
            let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
            let Some(help) = names.iter().position(|name| *name == "support_contacted") else { continue };
            let bad = ["checkout_failed", "delivery_late", "purchase_returned"];
            assert!(names[..help].iter().any(|name| bad.contains(name)), "{names:?}");
            asked += 1;
        }
        assert!(asked > 10, "{asked}");
    }

    #[test]
    fn nobody_does_anything_before_they_came_or_after_now() {
        let events: Vec<Value> = (0..200).flat_map(past).collect();
        let times: Vec<&str> = events.iter().filter_map(|event| event["timestamp"].as_str()).collect();
        assert!(times.len() > 500);
        assert!(times.iter().all(|at| *at < "2026-09-22" && *at > "2026-06-2"), "{:?}", times.iter().max());
        let ids: std::collections::HashSet<&str> =
            events.iter().filter_map(|event| event["messageId"].as_str()).collect();
        assert_eq!(ids.len(), events.len());
    }
}
