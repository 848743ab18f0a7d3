//! Life: people visit at their hours, read their mail, and answer to it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::HashMap;
use std::time::Duration;

use model::Instant;
use serde_json::{Value, json};

use crate::Options;
use crate::chance::Chance;
use crate::client::{Client, Fault, pause};
use crate::past::arrive;
use crate::person::Person;
use crate::visit::{Ended, Purchase, Sequel, Visit, event};

/// How often the shop moves.
const TICK: Duration = Duration::from_millis(500);
/// The mean time between two events of a visit, in our time.
const GAP_MS: i64 = 1_000;
/// How many letters are looked at in one tick.
const LETTERS: usize = 1_000;

/// A shop that is open.
pub struct Life {
    client: Client,
    people: Vec<Person>,
    moods: HashMap<u32, Mood>,
    chance: Chance,
    options: Options,
    /// The last letter that was seen.
    seen: u64,
    plans: BinaryHeap<Reverse<(u64, u32, Deed)>>,
    tick: u64,
}

/// How somebody feels about the shop's mail.
#[derive(Debug, Clone, Copy, Default)]
struct Mood {
    /// Mails of late; fades with time.
    mails: f64,
    gone: bool,
}

/// What somebody is going to do about a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Open(String),
    Click(String),
    Buy,
    /// Tells what followed a purchase: the event, what it says (as JSON), whether it hurts.
    Tell(&'static str, String, bool),
    Complain,
    Leave(String),
    Uninstall,
}

impl Life {
    /// Opens the shop.
    pub fn new(client: Client, options: &Options, people: Vec<Person>) -> Self {
        Self {
            client,
            people,
            moods: HashMap::new(),
            chance: Chance::new(options.seed ^ 0x11fe, 0),
            options: *options,
            seen: 0,
            plans: BinaryHeap::new(),
            tick: 0,
        }
    }

    /// Lives until told to stop; `now` is the wall clock. Faults of the server are survived: it may be restarting.
    pub fn live(&mut self, now: &dyn Fn() -> Instant, stop: &dyn Fn() -> bool) {
        while !stop() {
            // The server may be away for a moment; the shop's people come back.
            drop(self.step(now()));
            pause(TICK);
        }
    }

    /// One tick of life.
    ///
    /// # Errors
    /// [`Fault`] of the server; what happened in the shop is told all the same.
    pub fn step(&mut self, now: Instant) -> Result<(), Fault> {
        self.tick += 1;
        let mut events = Vec::new();
        self.visits(now, &mut events);
        let answered = self.read_mail().and_then(|()| self.act(now, &mut events));
        if !events.is_empty() {
            self.client.batch(&events)?;
        }
        answered
    }

    /// How much of a day passes in one tick.
    fn day_share(&self) -> f64 {
        TICK.as_secs_f64() * f64::from(self.options.speed) / 86_400.0
    }

    fn visits(&mut self, now: Instant, events: &mut Vec<Value>) {
        let share = self.day_share();
        self.arrivals(now, share, events);
        // The shop's own clock runs faster: its hour of day goes round once in a day of the shop.
        #[expect(clippy::cast_precision_loss, reason = "ticks of a demonstration")]
        let day = self.tick as f64 * share;
        let mut coming = Vec::new();
        for person in &self.people {
            let gone = self.moods.get(&person.number).is_some_and(|mood| mood.gone);
            let rate = if gone { 0.0 } else { person.visits_per_day * share * hour_weight(person, day) };
            if person.lost_on_day > f64::from(self.options.days) && self.chance.happens(rate) {
                coming.push(person.number);
            }
        }
        for number in coming {
            self.visit(number, now, 1.0, events);
        }
    }

    /// New people come as often as they did in the past.
    fn arrivals(&mut self, now: Instant, share: f64, events: &mut Vec<Value>) {
        let a_day = 0.4 * f64::from(self.options.people) / f64::from(self.options.days);
        if self.chance.happens(a_day * share) {
            let number = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
            let mut person = Person::new(self.options.seed, number, self.options.days);
            person.lost_on_day = f64::INFINITY;
            arrive(&person, now.plus_ms(-Instant::HOUR_MS), &mut self.chance, events);
            self.people.push(person);
        }
    }

    /// Somebody visits, just now; says whether they bought. What follows is planned.
    fn visit(&mut self, number: u32, now: Instant, appetite: f64, events: &mut Vec<Value>) -> bool {
        let person = &self.people[number as usize];
        let visit = Visit { at: now.plus_ms(-10 * GAP_MS), gap_ms: GAP_MS / 2, appetite };
        match visit.run(person, &mut self.chance, events) {
            Ended::Looked => false,
            Ended::Failed(_) => {
                self.suffer(number);
                false
            }
            Ended::Bought(purchase) => {
                self.follow_up(number, &purchase);
                true
            }
        }
    }

    fn follow_up(&mut self, number: u32, purchase: &Purchase) {
        for sequel in purchase.sequels(&mut self.chance) {
            let hurts = sequel.hurts();
            let Sequel { after_ms, name, properties } = sequel;
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a few days")]
            let ticks = after_ms as f64 / Instant::DAY_MS as f64 / self.day_share();
            self.plan(number, ticks, Deed::Tell(name, properties.to_string(), hurts));
        }
    }

    /// The shop failed somebody: some answer by leaving.
    fn suffer(&mut self, number: u32) {
        let touchy = self.people[number as usize].touchy;
        if self.chance.happens(touchy) {
            self.plan(number, 10.0, Deed::Complain);
        }
    }

    fn read_mail(&mut self) -> Result<(), Fault> {
        let page = self.client.get(&format!("/api/v1/sandbox/messages?limit={LETTERS}"))?;
        let mut newest = self.seen;
        for letter in page["items"].as_array().into_iter().flatten() {
            let number = letter["id"].as_str().and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
            if number <= self.seen {
                break;
            }
            newest = newest.max(number);
            let person = letter["to"].as_str().and_then(address).and_then(Person::number_of);
            if let Some(person) = person.filter(|number| (*number as usize) < self.people.len()) {
                self.receive(person, number);
            }
        }
        self.seen = newest;
        Ok(())
    }

    /// Somebody finds a letter, and decides what to do about it.
    fn receive(&mut self, number: u32, letter: u64) {
        let person = &self.people[number as usize];
        let mood = self.moods.entry(number).or_default();
        mood.mails += 1.0;
        let weary = mood.mails / person.patience;
        let opens = person.opens * (-0.5 * (weary - 1.0).max(0.0)).exp();
        let letter = letter.to_string();
        if weary > 1.5 && self.chance.happens(0.10 * (weary - 1.0)) {
            self.plan(number, 4.0, Deed::Leave(letter));
        } else if weary > 2.0 && person.app && self.chance.happens(0.05) {
            self.plan(number, 6.0, Deed::Uninstall);
        } else if self.chance.happens(opens) {
            self.plan(number, 2.0, Deed::Open(letter.clone()));
            if self.chance.happens(0.35) {
                self.plan(number, 5.0, Deed::Click(letter));
            }
        }
    }

    /// Plans a deed for about `ticks` from now.
    fn plan(&mut self, number: u32, ticks: f64, deed: Deed) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few ticks")]
        let wait = (ticks + self.chance.wait(1.0 / ticks)) as u64;
        self.plans.push(Reverse((self.tick + wait, number, deed)));
    }

    fn act(&mut self, now: Instant, events: &mut Vec<Value>) -> Result<(), Fault> {
        while self.plans.peek().is_some_and(|Reverse((due, ..))| *due <= self.tick) {
            let Some(Reverse((_, number, deed))) = self.plans.pop() else { break };
            match self.do_it(number, deed, now, events) {
                // The mailbox keeps the latest letters only: of one that is gone nothing comes.
                Ok(()) | Err(Fault::Refused { .. }) => {}
                Err(away @ Fault::NoAnswer { .. }) => return Err(away),
            }
        }
        self.moods.values_mut().for_each(|mood| mood.mails *= 0.999);
        Ok(())
    }

    fn do_it(&mut self, number: u32, deed: Deed, now: Instant, events: &mut Vec<Value>) -> Result<(), Fault> {
        match deed {
            Deed::Open(letter) => self.follow(&letter, "/o/")?,
            Deed::Click(letter) => {
                self.follow(&letter, "/c/")?;
                if self.visit(number, now, 3.0, events) {
                    self.plan(number, 40.0, Deed::Buy);
                }
            }
            Deed::Buy => {
                self.visit(number, now, 1.5, events);
            }
            Deed::Tell(name, properties, hurts) => {
                let properties = serde_json::from_str(&properties).unwrap_or_default();
                events.push(event(&self.people[number as usize], name, now, properties));
                if hurts {
                    self.suffer(number);
                }
            }
            Deed::Complain => {
                let properties = json!({ "by": "chat" });
                events.push(event(&self.people[number as usize], "support_contacted", now, properties));
                self.plan(number, 10.0, Deed::Uninstall);
            }
            Deed::Leave(letter) => self.leave(&letter)?,
            Deed::Uninstall => {
                let person = &self.people[number as usize];
                self.moods.entry(number).or_default().gone = true;
                if person.app {
                    events.push(event(person, "app_uninstalled", now, json!({ "os": "ios" })));
                }
            }
        }
        Ok(())
    }

    fn follow(&self, letter: &str, kind: &str) -> Result<(), Fault> {
        let mail = self.client.get(&format!("/api/v1/sandbox/messages/{letter}"))?;
        let html = mail["html"].as_str().unwrap_or_default();
        link(html, kind).map_or(Ok(()), |link| self.client.follow(&link))
    }

    fn leave(&self, letter: &str) -> Result<(), Fault> {
        let mail = self.client.get(&format!("/api/v1/sandbox/messages/{letter}"))?;
        let headers = mail["headers"].as_array().into_iter().flatten();
        let mut links = headers
            .filter(|header| header["name"] == "List-Unsubscribe")
            .filter_map(|header| header["value"].as_str());
        match links.next() {
            Some(link) => self.client.one_click(link.trim_matches(['<', '>'])),
            None => Ok(()),
        }
    }
}

/// How much likelier than on average somebody visits at this time of the shop's day.
fn hour_weight(person: &Person, day: f64) -> f64 {
    let hour = day.fract() * 24.0;
    let away = (hour - person.hour.rem_euclid(24.0)).abs();
    let away = away.min(24.0 - away);
    0.25 + 2.5 * (-away * away / 8.0).exp()
}

/// The address in `Name <address>`.
fn address(text: &str) -> Option<&str> {
    text.rsplit('<').next().map(|address| address.trim_end_matches('>'))
}

/// The first link of a kind in a mail.
fn link(html: &str, kind: &str) -> Option<String> {
    let at = html.find(kind)?;
    let start = html[..at].rfind(['"', '\''])? + 1;
    let end = at + html[at..].find(['"', '\''])?;
    Some(html[start..end].replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_mail_are_found() {
        let html = r#"<a href="http://h/c/abc">x</a><img src="http://h/o/def">"#;
        assert_eq!(link(html, "/o/").as_deref(), Some("http://h/o/def"));
        assert_eq!(link(html, "/c/").as_deref(), Some("http://h/c/abc"));
        assert_eq!(link(html, "/u/"), None);
    }

    #[test]
    fn an_address_is_found_behind_a_name() {
        assert_eq!(address("山田 葵 <p1@people.example>"), Some("p1@people.example"));
        assert_eq!(address("p1@people.example"), Some("p1@people.example"));
    }
}
