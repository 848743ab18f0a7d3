//! The past: what everybody did in the days before the shop opens its console.

use model::Instant;
use serde_json::{Value, json};

use crate::catalogue::CATALOGUE;
use crate::chance::Chance;
use crate::client::{Client, Fault};
use crate::person::Person;
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
    let days = f64::from(options.days);
    let begin = now.plus_ms(-i64::from(options.days) * Instant::DAY_MS);
    let first = out.len();
    let came = at_hour(begin, person, person.came_on_day);
    if came < now {
        out.push(person.identify(&came.to_string()));
        out.push(json!({ "type": "track", "userId": person.user_id(), "event": "signed_up", "timestamp": came.to_string(), "properties": { "touchpoint": "web" } }));
        if person.app {
            out.push(event(person, "app_installed", came.plus_ms(Instant::HOUR_MS), json!({ "os": "ios" })));
        }
    }
    let mut day = person.came_on_day;
    loop {
        day += chance.wait(person.visits_per_day);
        if day >= days.min(person.lost_on_day) {
            break;
        }
        let at = at_hour(begin, person, day);
        if at < now {
            visit(person, at, &mut chance, 1.0, out);
        }
    }
    if person.app && person.lost_on_day < days && chance.happens(0.5) {
        let at = at_hour(begin, person, person.lost_on_day);
        out.push(event(person, "app_uninstalled", at, json!({ "os": "ios" })));
    }
    out.retain(|event| event["timestamp"].as_str().is_some_and(|at| at < now.to_string().as_str()));
    for (index, event) in out.iter_mut().skip(first).enumerate() {
        event["messageId"] = json!(format!("past-{}-{}-{index}", options.seed, person.number));
    }
}

/// The instant of a day of the past at the person's usual hour.
fn at_hour(begin: Instant, person: &Person, day: f64) -> Instant {
    let date = begin.plus_ms(whole_ms(day.floor() * 86_400_000.0)).timestamp();
    let Ok(zoned) = date.in_tz(person.home.zone) else { return begin };
    let midnight = zoned.start_of_day().map_or(begin, |midnight| midnight.timestamp().into());
    let hour = (person.hour + (day.fract() - 0.5) * 3.0).rem_euclid(24.0);
    midnight.plus_ms(whole_ms(hour * 3_600_000.0))
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a few months")]
fn whole_ms(ms: f64) -> i64 {
    ms as i64
}

/// One visit: some products are looked at, perhaps one is put into the cart, perhaps it is bought. Says whether it was.
pub(crate) fn visit(
    person: &Person,
    at: Instant,
    chance: &mut Chance,
    appetite: f64,
    out: &mut Vec<Value>,
) -> bool {
    let mut at = at;
    let mut later = |chance: &mut Chance| {
        at = at.plus_ms(10_000 + i64::try_from(chance.below(120_000)).unwrap_or(0));
        at
    };
    let touchpoint = if person.app && chance.happens(0.6) { "app" } else { "web" };
    out.push(event(person, "shop_visited", later(chance), json!({ "touchpoint": touchpoint })));
    let mut last = None;
    for _ in 0..=chance.below(3) {
        let category =
            if chance.happens(0.7) { &CATALOGUE[person.favourite] } else { chance.pick(CATALOGUE) };
        let product = chance.pick(category.products);
        last = Some((category, product));
        let properties = json!({ "sku": product.sku, "name": product.name, "category": category.name, "price": product.price_yen });
        out.push(event(person, "product_viewed", later(chance), properties));
    }
    let Some((category, product)) = last else { return false };
    let buys = (person.buys * appetite).min(0.9);
    if !chance.happens((buys * 2.2).min(0.95)) {
        return false;
    }
    let properties = json!({ "sku": product.sku, "category": category.name, "price": product.price_yen });
    out.push(event(person, "cart_added", later(chance), properties));
    if !chance.happens(1.0 / 2.2) {
        return false;
    }
    let bought = later(chance);
    let quantity = 1 + i64::try_from(chance.below(2)).unwrap_or(0);
    let properties = json!({
        "order_id": format!("o{}-{}", person.number, bought.ms()), "sku": product.sku, "product": product.name,
        "category": category.name, "quantity": quantity, "amount": product.price_yen * quantity, "currency": "JPY",
    });
    out.push(event(person, "purchase", bought, properties));
    true
}

pub(crate) fn event(person: &Person, name: &str, at: Instant, properties: Value) -> Value {
    json!({ "type": "track", "userId": person.user_id(), "event": name, "timestamp": at.to_string(), "properties": properties })
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
