//! A world to try people in: a store, people, and a small model of columns that moves rows as it is told.
//! Facts are written as lines of text, so that a test reads like the story it tells.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_wrap,
    unreachable_pub,
    reason = "a helper of tests; each test file uses a part of it"
)]

use std::fmt::Write;
use std::sync::Arc;

use model::{
    AddressState, Channel, CustomerId, Fact, FactId, Identifier, Instant, Properties, Purpose, Row, SourceId,
    TraitChange, TraitOperation, Value, What, stream,
};
use people::{Consented, Folded, People, Profile};
use state::{Options, Store};

pub struct World {
    pub people: People,
    pub store: Store,
    pub folder: tempfile::TempDir,
    pub columns: Columns,
    pub customers: Vec<CustomerId>,
    pub facts: u64,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), Options::default()).unwrap();
        let people = People::open(&mut store).unwrap();
        Self { folder, store, people, columns: Columns::default(), customers: Vec::new(), facts: 0 }
    }

    /// What a crash leaves: the store at its last checkpoint.
    pub fn reopen(&mut self) {
        let elsewhere = tempfile::tempdir().unwrap();
        let mut other = Store::open(elsewhere.path(), Options::default()).unwrap();
        self.people = People::open(&mut other).unwrap();
        self.store = other; // lets go of the folder
        self.store = Store::open(self.folder.path(), Options::default()).unwrap();
        self.people = People::open(&mut self.store).unwrap();
    }

    /// Folds a script and says what came of each line that changed who is who, then who is there.
    pub fn tell(&mut self, script: &str) -> String {
        let mut story = String::new();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.facts += 1;
            let folded = self.fold(&fact(line, self.facts));
            let news = self.news(&folded);
            if !news.is_empty() {
                writeln!(story, "{line}: {news}").unwrap();
            }
        }
        story
    }

    pub fn fold(&mut self, fact: &Fact) -> Folded {
        let folded = self.people.fold(fact).unwrap();
        if let Some(customer) = folded.customer.filter(|_| folded.created) {
            self.customers.push(customer);
        }
        self.columns.apply(&folded);
        folded
    }

    /// How the tests call a customer: `#0` is the first.
    pub fn number(&self, customer: CustomerId) -> String {
        let index = self.customers.iter().position(|it| *it == customer);
        index.map_or_else(|| customer.to_string(), |index| format!("#{index}"))
    }

    fn news(&self, folded: &Folded) -> String {
        let mut news = Vec::new();
        match folded.customer {
            Some(customer) if folded.created => news.push(format!("new {}", self.number(customer))),
            Some(_) => {}
            None => news.push("nobody".to_owned()),
        }
        for merge in &folded.merges {
            news.push(format!("{} becomes part of {}", self.number(merge.from), self.number(merge.to)));
        }
        for merge in &folded.unmerged {
            news.push(format!("{} leaves {}", self.number(merge.from), self.number(merge.to)));
        }
        if let Some(customer) = folded.erased {
            news.push(format!("{} is erased", self.number(customer)));
        }
        for refused in &folded.refused {
            news.push(format!("refused {}=`{}`: {}", refused.field, refused.value, refused.reason));
        }
        news.join(", ")
    }

    /// Everybody who is here, one line each, after a look at the promises that always hold.
    pub fn everybody(&mut self) -> String {
        self.check_promises();
        let mut story = String::new();
        for customer in self.customers.clone() {
            if let Some(profile) = self.people.profile(customer).unwrap().filter(|it| it.customer == customer)
            {
                writeln!(story, "{} {}", self.number(customer), describe(&profile)).unwrap();
            }
        }
        story
    }

    /// What always holds: the last row of each stream says what the profile says, names lead to whom they
    /// name, counts count.
    pub fn check_promises(&mut self) {
        let page = self.people.list(None, 1_000_000).unwrap();
        let counts = self.people.counts();
        assert_eq!(counts.customers, page.profiles.len() as u64, "customers are counted");
        for channel in Channel::ALL {
            let reached =
                page.profiles.iter().filter(|it| !it.live_addresses(*channel).is_empty()).count() as u64;
            let counted = counts.reachable.iter().find(|it| it.0 == *channel).map_or(0, |it| it.1);
            assert_eq!(reached, counted, "reachable customers are counted. channel=`{channel}`");
        }
        for profile in &page.profiles {
            for identifier in &profile.identifiers {
                assert_eq!(self.people.find(identifier).unwrap(), Some(profile.customer), "{identifier}");
            }
            self.columns.check(profile);
        }
    }
}

/// One line for one profile: names, traits, consents, topics, addresses, events.
pub fn describe(profile: &Profile) -> String {
    let mut words: Vec<String> = profile.identifiers.iter().map(ToString::to_string).collect();
    for it in profile.traits.iter().filter(|it| it.value.is_some()) {
        words.push(format!("{}={}", it.name, plain(it.value.as_ref().unwrap())));
    }
    for it in &profile.consents {
        let channel = it.channel.map_or(String::new(), |channel| format!("/{channel}"));
        words.push(format!("{}{channel}:{}", it.purpose, if it.given { "yes" } else { "no" }));
    }
    words.extend(
        profile.topics.iter().map(|it| format!("{}:{}", it.name, if it.subscribed { "in" } else { "out" })),
    );
    words.extend(profile.addresses.iter().map(|it| format!("{}={}({})", it.channel, it.address, it.state)));
    words.extend(profile.events.iter().map(|it| format!("{}×{}", it.name, it.count)));
    if profile.blocked() {
        words.push("blocked".to_owned());
    }
    words.join(" ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::List(values) => format!("[{}]", values.iter().map(plain).collect::<Vec<_>>().join(",")),
        Value::Text(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// Columns as far as people know them: rows with owners.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Columns {
    rows: Vec<(Row, Vec<CustomerId>)>,
}

impl Columns {
    fn apply(&mut self, folded: &Folded) {
        for merge in &folded.merges {
            for (_, owners) in self.rows.iter_mut().filter(|(_, owners)| owners.last() == Some(&merge.from)) {
                owners.push(merge.to);
            }
        }
        for merge in &folded.unmerged {
            for (_, owners) in self.rows.iter_mut().filter(|(_, it)| it.ends_with(&[merge.from, merge.to])) {
                owners.pop();
            }
        }
        self.rows.extend(folded.rows.iter().map(|row| (row.clone(), vec![row.customer])));
        if let Some(erased) = folded.erased {
            self.rows.retain(|(_, owners)| owners.last() != Some(&erased));
        }
    }

    /// The rows of one customer and stream, by time, then arrival.
    pub fn stream(&self, customer: CustomerId, stream: &str) -> Vec<&Row> {
        let theirs =
            self.rows.iter().filter(|(row, owners)| owners.last() == Some(&customer) && row.stream == stream);
        let mut rows: Vec<&Row> = theirs.map(|(row, _)| row).collect();
        rows.sort_by_key(|row| row.at);
        rows
    }

    fn check(&self, profile: &Profile) {
        let mine = self.rows.iter().filter(|(_, owners)| owners.last() == Some(&profile.customer));
        let mut streams: Vec<&str> = mine.map(|(row, _)| row.stream.as_str()).collect();
        streams.sort_unstable();
        streams.dedup();
        for name in streams {
            let rows = self.stream(profile.customer, name);
            let last = rows.last().unwrap();
            let context = format!("{name} of {}: {rows:?}", describe(profile));
            if let Some(name) = name.strip_prefix("trait:") {
                assert_eq!(last.properties.get("value"), profile.value(name), "{context}");
            } else if let Some(channel) = name.strip_prefix("address:") {
                let live = profile.live_addresses(channel.parse().unwrap()).len();
                assert_eq!(last.properties.get("live"), Some(&Value::Int(live as i64)), "{context}");
            } else if let Some(topic) = name.strip_prefix("topic:") {
                assert_eq!(
                    last.properties.get("subscribed"),
                    profile.subscribed(topic).map(Value::Bool).as_ref(),
                    "{context}"
                );
            } else if let Some(purpose) = name.strip_prefix("consent:") {
                check_consents(profile, purpose.parse().unwrap(), &rows);
            } else if let Some(event) = name.strip_prefix("event:") {
                let counted = profile.events.iter().find(|it| it.name == event).map_or(0, |it| it.count);
                assert_eq!(rows.len() as u64, counted, "{context}");
            }
        }
    }
}

fn check_consents(profile: &Profile, purpose: Purpose, rows: &[&Row]) {
    for channel in Channel::ALL {
        let about =
            |row: &&&Row| row.properties.get("channel").is_none_or(|it| it.text() == Some(channel.word()));
        let expected =
            match rows.iter().rfind(about).map(|row| row.properties.get("given") == Some(&Value::Bool(true)))
            {
                Some(true) => Consented::Given,
                Some(false) => Consented::Withdrawn,
                None => Consented::Unknown,
            };
        assert_eq!(profile.consented(purpose, *channel), expected, "{purpose} {channel}: {rows:?}");
    }
}

/// A fact from a line: `AT WHO… VERB …; VERB …`, with `house` before it for facts of the house itself.
pub fn fact(line: &str, id: u64) -> Fact {
    let (source, line) = match line.strip_prefix("house ") {
        Some(line) => (SourceId::HOUSE, line),
        None => (SourceId(1), line),
    };
    let mut words = line.split_whitespace().peekable();
    let at = Instant::from_ms(words.next().unwrap().parse().unwrap());
    let mut who = Vec::new();
    while let Some(word) = words.peek().filter(|word| word.contains(':')) {
        who.push(word.parse::<Identifier>().unwrap());
        words.next();
    }
    let rest: Vec<&str> = words.collect();
    let what = rest.split(|word| *word == ";").map(what).collect();
    Fact { id: FactId(id.into()), at, received_at: at, source, who, what }
}

fn what(words: &[&str]) -> What {
    let change = |name: &str, operation| What::Traits(vec![TraitChange { name: name.into(), operation }]);
    match words {
        ["did", name] => What::Did { name: (*name).into(), properties: Properties::new() },
        ["did", name, rest @ ..] => {
            let pair = |word: &&str| {
                word.split_once('=').map(|(name, text)| (name.to_owned(), value(text))).unwrap()
            };
            What::Did { name: (*name).into(), properties: rest.iter().map(pair).collect() }
        }
        ["set", name, text @ ..] => change(name, TraitOperation::Set(value(&text.join(" ")))),
        ["unset", name] => change(name, TraitOperation::Unset),
        ["inc", name, by] => change(name, TraitOperation::Increment(by.parse().unwrap())),
        ["add", name, values @ ..] => {
            change(name, TraitOperation::Add(values.iter().map(|it| value(it)).collect()))
        }
        ["remove", name, values @ ..] => {
            change(name, TraitOperation::Remove(values.iter().map(|it| value(it)).collect()))
        }
        ["alias", previous] => What::Alias { previous: previous.parse().unwrap() },
        ["consent", purpose, given] => {
            let (purpose, channel) = purpose.split_once('/').map_or((*purpose, None), |(a, b)| (a, Some(b)));
            What::Consent {
                purpose: purpose.parse().unwrap(),
                channel: channel.map(|channel| channel.parse().unwrap()),
                given: *given == "yes",
                proof: "form".into(),
            }
        }
        ["topic", topic, word] => What::Topic { topic: (*topic).into(), subscribed: *word == "in" },
        ["address", channel, address, state] => What::Address {
            channel: channel.parse().unwrap(),
            address: (*address).into(),
            state: state.parse::<AddressState>().unwrap(),
        },
        ["block"] => What::Block(true),
        ["unblock"] => What::Block(false),
        ["erase"] => What::Erase,
        ["unmerge", absorbed] => What::Unmerge { absorbed: absorbed.parse().unwrap() },
        other => panic!("no statement: {other:?}"),
    }
}

fn value(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}

/// The rows of a stream as text: `@at value`.
pub fn rows(world: &World, customer: usize, name: &str) -> String {
    let rows = world.columns.stream(world.customers[customer], name);
    let said = |row: &&Row| {
        let words: Vec<String> = row.properties.iter().map(|(_, value)| plain(value)).collect();
        format!("@{} {}", row.at.ms(), words.join(" ")).trim_end().to_owned()
    };
    rows.iter().map(said).collect::<Vec<_>>().join("\n")
}

pub fn profile(world: &World, customer: usize) -> Arc<Profile> {
    world.people.profile(world.customers[customer]).unwrap().unwrap()
}

pub fn trait_stream(name: &str) -> String {
    stream::r#trait(name).to_string()
}
