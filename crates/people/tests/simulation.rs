//! Random lives under a seed: facts that come late, merges, unmerges, erasures, crashes.
//!
//! Held against a model so simple that it is evidently right: everybody is a list of statements, a merge
//! moves statements, an unmerge moves them back, and what is known is worked out from the list each time.

#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    reason = "a test; numbers are small"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressState, Channel, Fact, Identifier, IdentifierKind, Instant, Purpose, SourceId, TraitOperation,
    Value, What,
};
use people::{Consented, Profile};

use common::{World, fact};

const FACTS: u64 = 250;

/// How many lives each test lives; more with `OMOTENASHI_SEEDS`.
fn seeds() -> u64 {
    std::env::var("OMOTENASHI_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(16)
}

/// What may happen in a life.
#[derive(Clone, Copy)]
struct Life {
    late: bool,
    unmerges: bool,
    addresses: bool,
    removals: bool,
}

/// A small generator; the same seed lives the same life.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (it ^ (it >> 31)) % sides
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.roll(from.len() as u64) as usize]
    }
}

fn life(seed: u64, life: Life) -> Vec<Fact> {
    let mut dice = Dice(seed);
    (0..FACTS).map(|number| fact(&line(number, life, &mut dice), number)).collect()
}

/// One fact as a line. No two words are said in the same millisecond.
fn line(number: u64, life: Life, dice: &mut Dice) -> String {
    let slot = if life.late { dice.roll(FACTS) } else { number };
    let at = slot * 1000 + number;
    let who = who(dice);
    let strongest = who.split(' ').next().unwrap();
    let mut what = match dice.roll(30) {
        0 if life.unmerges => format!("unmerge {}", one(dice)),
        1 if life.unmerges => format!("unmerge {}", one(dice)),
        2 => format!("alias {}", one(dice)),
        3 if dice.roll(3) == 0 => "erase".to_owned(),
        4..10 => format!("set {} v{}", dice.pick(&["city", "plan", "name"]), dice.roll(4)),
        10 => format!("unset {}", dice.pick(&["city", "plan", "name"])),
        11..13 => format!("inc visits {}", dice.roll(5) + 1),
        13..15 => format!("add likes n{number}"),
        15 if life.removals => format!("remove likes n{}", dice.roll(number + 1)),
        16..19 => format!(
            "consent {} {}",
            dice.pick(&["marketing", "marketing/email", "marketing/sms", "research"]),
            dice.pick(&["yes", "no"])
        ),
        19 => format!("topic {} {}", dice.pick(&["news", "sales"]), dice.pick(&["in", "out"])),
        20..24 if life.addresses => format!(
            "address {} a{} {}",
            dice.pick(&["email", "sms"]),
            dice.roll(4),
            dice.pick(&["live", "live", "bounced", "complained"])
        ),
        24 => dice.pick(&["block", "unblock"]).to_owned(),
        _ => format!("did {}", dice.pick(&["view", "buy"])),
    };
    if life.addresses && dice.roll(10) == 0 {
        what = format!("consent marketing/email yes ; address email a{} live", dice.roll(4));
    }
    let house = if dice.roll(12) == 0 { "house " } else { "" };
    let also = if dice.roll(4) == 0 { " ; did login" } else { "" };
    let who = if house.is_empty() { who.as_str() } else { strongest };
    format!("{house}{at} {who} {what}{also}")
}

fn one(dice: &mut Dice) -> String {
    match dice.roll(4) {
        0 => format!("user_id:{}", dice.roll(4)),
        1 => format!("email:e{}", dice.roll(4)),
        _ => format!("anonymous_id:{}", dice.roll(8)),
    }
}

fn who(dice: &mut Dice) -> String {
    let mut who: Vec<String> = (0..=dice.roll(3).min(dice.roll(3))).map(|_| one(dice)).collect();
    who.sort_by_key(|it| !it.starts_with("user_id"));
    who.join(" ")
}

/// The model: everybody is a list of statements.
#[derive(Default)]
struct Naive {
    holders: BTreeMap<Identifier, usize>,
    persons: Vec<Person>,
    merges: usize,
}

#[derive(Default)]
struct Person {
    gone: bool,
    names: BTreeSet<Identifier>,
    log: Vec<Statement>,
    /// The merges into this person that were not undone, the last one last.
    merges: Vec<Merge>,
}

struct Merge {
    number: usize,
    from: usize,
    names: BTreeSet<Identifier>,
}

#[derive(Clone)]
struct Statement {
    at: Instant,
    what: What,
    asked_for: bool,
    /// The merges that brought it where it is.
    by: Vec<usize>,
}

impl Naive {
    fn fold(&mut self, fact: &Fact) {
        let Some(mut person) = self.whom(fact) else { return };
        for what in &fact.what {
            match what {
                What::Alias { previous } => person = self.alias(person, previous),
                What::Did { .. }
                | What::Traits(_)
                | What::Consent { .. }
                | What::Topic { .. }
                | What::Address { .. }
                | What::Block(_)
                | What::Erase
                | What::Unmerge { .. } => {}
            }
        }
        for what in &fact.what {
            match what {
                What::Alias { .. } => {}
                What::Unmerge { absorbed } => self.unmerge(person, absorbed),
                What::Erase => return self.erase(person),
                What::Did { .. }
                | What::Traits(_)
                | What::Consent { .. }
                | What::Topic { .. }
                | What::Address { .. }
                | What::Block(_) => {
                    let consents = |what: &What| matches!(what, What::Consent { given: true, .. });
                    let asked_for = fact.source == SourceId::HOUSE || fact.what.iter().any(consents);
                    let what = what.clone();
                    self.persons[person].log.push(Statement { at: fact.at, what, asked_for, by: Vec::new() });
                }
            }
        }
    }

    fn whom(&mut self, fact: &Fact) -> Option<usize> {
        let user = fact.who.iter().find(|it| it.kind == IdentifierKind::UserId);
        let mut names: Vec<&Identifier> =
            fact.who.iter().filter(|it| it.kind != IdentifierKind::UserId).collect();
        names.sort_by_key(|it| it.kind == IdentifierKind::AnonymousId);
        let held: Vec<usize> = names.iter().filter_map(|it| self.holders.get(*it).copied()).collect();
        let previous = fact.what.iter().find_map(|what| match what {
            What::Alias { previous } => self.holders.get(previous).copied(),
            _ => None,
        });
        let unknown = held.iter().copied().find(|it| !self.known(*it));
        let known = held.iter().copied().find(|it| self.known(*it));
        let first = held.first().copied();
        let chosen = match user {
            Some(user) => self.holders.get(user).copied().or(previous).or(unknown),
            None if first.is_some_and(|it| self.known(it)) => first,
            None => known.or(first).or(previous),
        };
        let says_something = fact.what.iter().any(|it| !matches!(it, What::Erase | What::Unmerge { .. }));
        let person = match chosen {
            Some(person) => person,
            None if !says_something => return None,
            None => {
                self.persons.push(Person::default());
                self.persons.len() - 1
            }
        };
        for name in user.into_iter().chain(names) {
            match self.holders.get(name).copied() {
                Some(holder) if holder == person => {}
                Some(holder) if !self.known(holder) => self.absorb(holder, person),
                Some(holder) if user.is_some() && Some(name) != user => {
                    self.persons[holder].names.remove(name);
                    self.name(person, name);
                }
                Some(_) => {}
                None => self.name(person, name),
            }
        }
        Some(person)
    }

    fn known(&self, person: usize) -> bool {
        self.persons[person].names.iter().any(|it| it.kind == IdentifierKind::UserId)
    }

    fn name(&mut self, person: usize, name: &Identifier) {
        self.holders.insert(name.clone(), person);
        self.persons[person].names.insert(name.clone());
    }

    fn alias(&mut self, person: usize, previous: &Identifier) -> usize {
        let Some(holder) = self.holders.get(previous).copied() else {
            self.name(person, previous);
            return person;
        };
        let (from, to) =
            if self.known(holder) && !self.known(person) { (person, holder) } else { (holder, person) };
        if from != to {
            self.absorb(from, to);
        }
        to
    }

    fn absorb(&mut self, from: usize, to: usize) {
        self.merges += 1;
        let number = self.merges;
        let names = std::mem::take(&mut self.persons[from].names);
        for mut statement in std::mem::take(&mut self.persons[from].log) {
            statement.by.push(number);
            self.persons[to].log.push(statement);
        }
        self.persons[from].gone = true;
        for name in &names {
            self.name(to, name);
        }
        self.persons[to].merges.push(Merge { number, from, names });
    }

    fn unmerge(&mut self, person: usize, absorbed: &Identifier) {
        let brought = self.persons[person].merges.iter().rposition(|merge| merge.names.contains(absorbed));
        let Some(index) = brought else { return };
        let merge = self.persons[person].merges.remove(index);
        let (back, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut self.persons[person].log)
            .into_iter()
            .partition(|it| it.by.last() == Some(&merge.number));
        self.persons[person].log = stay;
        self.persons[merge.from].gone = false;
        self.persons[merge.from].log = back;
        for statement in &mut self.persons[merge.from].log {
            statement.by.pop();
        }
        for name in &merge.names {
            if self.persons[person].names.remove(name) {
                self.name(merge.from, name);
            }
        }
    }

    fn erase(&mut self, person: usize) {
        self.holders.retain(|_, holder| *holder != person);
        self.persons[person] = Person { gone: true, ..Person::default() };
    }

    fn view(&self, person: usize) -> BTreeMap<String, String> {
        let mut view = BTreeMap::new();
        let person = &self.persons[person];
        for name in &person.names {
            view.insert(format!("name {name}"), String::new());
        }
        let mut log: Vec<&Statement> = person.log.iter().collect();
        log.sort_by_key(|it| it.at);
        let mut likes = BTreeSet::new();
        let (mut visits, mut counts) = (0.0, BTreeMap::<String, u64>::new());
        for it in log {
            match &it.what {
                What::Did { name, .. } => *counts.entry(format!("did {name}")).or_default() += 1,
                What::Traits(changes) => match &changes[0].operation {
                    TraitOperation::Set(value) => {
                        view.insert(format!("trait {}", changes[0].name), value.text().unwrap().to_owned());
                    }
                    TraitOperation::Unset => {
                        view.remove(&format!("trait {}", changes[0].name));
                    }
                    TraitOperation::Increment(by) => visits += by,
                    TraitOperation::Add(values) => {
                        likes.extend(values.iter().map(|it| it.text().unwrap().to_owned()));
                    }
                    TraitOperation::Remove(_) => unreachable!("the model does not know removals"),
                },
                What::Consent { purpose, channel, given, .. } => {
                    for on in Channel::ALL.iter().filter(|on| channel.is_none_or(|channel| channel == **on)) {
                        view.insert(format!("consent {purpose} {on}"), given.to_string());
                    }
                }
                What::Topic { topic, subscribed } => {
                    view.insert(format!("topic {topic}"), subscribed.to_string());
                }
                What::Block(blocked) => {
                    view.insert("blocked".to_owned(), blocked.to_string());
                }
                What::Address { .. } | What::Alias { .. } | What::Erase | What::Unmerge { .. } => {}
            }
        }
        if visits > 0.0 {
            view.insert("trait visits".to_owned(), visits.to_string());
        }
        if !likes.is_empty() {
            view.insert("trait likes".to_owned(), format!("{likes:?}"));
        }
        view.extend(counts.into_iter().map(|(name, count)| (name, count.to_string())));
        view.extend(addresses(&person.log));
        view
    }
}

fn addresses(log: &[Statement]) -> BTreeMap<String, String> {
    let mut view = BTreeMap::new();
    for it in log {
        let What::Address { channel, address, .. } = &it.what else { continue };
        let about = |it: &&Statement| matches!(&it.what, What::Address { channel: c, address: a, .. } if (c, a) == (channel, address));
        let live = |it: &&Statement| matches!(it.what, What::Address { state: AddressState::Live, .. });
        let dead = log.iter().filter(about).filter(|it| !live(it)).max_by_key(|it| it.at);
        let asked = log.iter().filter(about).filter(live).filter(|it| it.asked_for).map(|it| it.at).max();
        let state = match dead {
            Some(dead) if asked.is_none_or(|asked| asked < dead.at) => match &dead.what {
                What::Address { state, .. } => *state,
                _ => unreachable!("filtered"),
            },
            Some(_) | None => AddressState::Live,
        };
        view.insert(format!("address {channel} {address}"), state.to_string());
    }
    view
}

/// The same view of a real profile.
fn view(profile: &Profile) -> BTreeMap<String, String> {
    let mut view = BTreeMap::new();
    view.extend(profile.identifiers.iter().map(|it| (format!("name {it}"), String::new())));
    for it in &profile.traits {
        let text = match &it.value {
            None => continue,
            Some(Value::List(values)) => {
                format!(
                    "{:?}",
                    values.iter().map(|it| it.text().unwrap().to_owned()).collect::<BTreeSet<_>>()
                )
            }
            Some(Value::Text(text)) => text.to_string(),
            Some(value) => value.number().unwrap().to_string(),
        };
        view.insert(format!("trait {}", it.name), text);
    }
    for purpose in Purpose::ALL {
        for channel in Channel::ALL {
            match profile.consented(*purpose, *channel) {
                Consented::Unknown => {}
                given => {
                    view.insert(
                        format!("consent {purpose} {channel}"),
                        (given == Consented::Given).to_string(),
                    );
                }
            }
        }
    }
    view.extend(profile.topics.iter().map(|it| (format!("topic {}", it.name), it.subscribed.to_string())));
    view.extend(profile.block.map(|it| ("blocked".to_owned(), it.blocked.to_string())));
    view.extend(profile.events.iter().map(|it| (format!("did {}", it.name), it.count.to_string())));
    let address =
        |it: &people::Address| (format!("address {} {}", it.channel, it.address), it.state.to_string());
    view.extend(profile.addresses.iter().map(address));
    view
}

fn compare(world: &World, naive: &Naive, context: &str) {
    let here = naive.persons.iter().filter(|it| !it.gone).count() as u64;
    assert_eq!(world.people.counts().customers, here, "{context}");
    for (name, person) in &naive.holders {
        let customer = world.people.find(name).unwrap();
        let profile = world.people.profile(customer.unwrap()).unwrap().unwrap();
        assert_eq!(view(&profile), naive.view(*person), "{name} {context}");
    }
}

fn check_against_model(what: Life) {
    for seed in 0..seeds() {
        let (mut world, mut naive) = (World::new(), Naive::default());
        for fact in life(seed, what) {
            world.fold(&fact);
            naive.fold(&fact);
            if fact.id.0 % 5 == 0 {
                compare(&world, &naive, &format!("seed={seed} {fact:?}"));
            }
        }
        world.check_promises();
    }
}

#[test]
fn late_facts_merges_and_erasures_end_as_in_the_model() {
    check_against_model(Life { late: true, unmerges: false, addresses: true, removals: false });
}

#[test]
fn unmerges_in_any_order_end_as_in_the_model() {
    check_against_model(Life { late: false, unmerges: true, addresses: false, removals: false });
}

#[test]
fn late_facts_and_unmerges_together_end_as_in_the_model() {
    check_against_model(Life { late: true, unmerges: true, addresses: false, removals: false });
}

#[test]
fn what_always_holds_holds_at_any_moment() {
    for seed in 1_000_000..1_000_000 + seeds() {
        let mut world = World::new();
        for fact in life(seed, Life { late: true, unmerges: true, addresses: true, removals: true }) {
            world.fold(&fact);
            if fact.id.0 % 8 == 0 {
                world.check_promises();
            }
        }
    }
}

#[test]
fn a_life_with_crashes_ends_like_one_without() {
    for seed in 2_000_000..2_000_000 + seeds() {
        let facts = life(seed, Life { late: true, unmerges: true, addresses: true, removals: true });
        let mut smooth = World::new();
        for fact in &facts {
            smooth.fold(fact);
        }
        let mut rough = World::new();
        let mut dice = Dice(seed);
        let (mut next, mut saved) = (0, (rough.columns.clone(), rough.customers.clone()));
        while next < facts.len() {
            match dice.roll(40) {
                0 => {
                    rough.store.checkpoint(next as u64, &[], &mut rough.people.tables()).unwrap();
                    saved = (rough.columns.clone(), rough.customers.clone());
                }
                1 => {
                    rough.reopen();
                    (rough.columns, rough.customers) = saved.clone();
                    next = rough.store.position() as usize;
                }
                _ => {
                    rough.fold(&facts[next]);
                    next += 1;
                }
            }
        }
        assert_eq!(rough.everybody(), smooth.everybody(), "seed={seed}");
        assert_eq!(rough.columns, smooth.columns, "seed={seed}");
    }
}
