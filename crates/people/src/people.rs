//! Everybody: the tables, and the way of a fact through them.

use std::sync::Arc;

use model::{Channel, CustomerId, Fact, Identifier, LANES, Properties, SourceId, Text, What};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use state::{Persist, Record, Store, Table};

use crate::addresses::AddressSaid;
use crate::folded::Folded;
use crate::identifiers::{IdentifierKey, is_customer};
use crate::join::MergeRecord;
use crate::person::Person;
use crate::profile::{Consent, EventCount, Profile, Topic};
use crate::search::Term;
use crate::telling::{Streams, Telling};
use crate::{Error, addresses, search, statements, traits};

/// So many facts are glanced at at once: what they are about fits the nearest caches.
pub const GLANCE_FACTS: usize = 32;

/// Everybody we know. One thread owns it.
#[derive(Debug)]
pub struct People {
    pub(crate) identifiers: Table<IdentifierKey, CustomerId>,
    pub(crate) persons: Table<CustomerId, Person>,
    pub(crate) merges: Table<(CustomerId, u32), MergeRecord>,
    pub(crate) terms: Table<Term, ()>,
    totals: Table<u8, Totals>,
    pub(crate) counts: Totals,
    pub(crate) streams: Streams,
}

/// How many customers there are and how many of them each channel reaches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Customers who are neither merged into others nor erased.
    pub customers: u64,
    /// Customers with at least one live address there; channels that reach nobody are missing.
    pub reachable: Vec<(Channel, u64)>,
}

/// One page of a list of customers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// In the order of the list.
    pub profiles: Vec<Arc<Profile>>,
    /// Where the next page begins; `None`: this is the last one.
    pub next: Option<String>,
}

/// The numbers that are kept beside the customers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Totals {
    /// The next free ordinal of each lane.
    pub(crate) next_ordinals: [u32; LANES],
    pub(crate) customers: u64,
    reachable: Vec<(Channel, u64)>,
}

impl Record for Totals {
    const VERSION: u8 = 1;
}

impl People {
    /// Everybody as the last checkpoint of `store` knows them.
    pub fn open(store: &mut Store) -> Result<Self, Error> {
        let totals: Table<u8, Totals> = store.table("people.totals")?;
        let counts = totals.read(&0)?.unwrap_or_default();
        Ok(Self {
            identifiers: store.table("people.identifiers")?,
            persons: store.table("people.persons")?,
            merges: store.table("people.merges")?,
            terms: store.table("people.terms")?,
            totals,
            counts,
            streams: Streams::default(),
        })
    }

    /// The tables, for [`Store::checkpoint`].
    pub fn tables(&mut self) -> Vec<&mut dyn Persist> {
        self.totals.put(0, self.counts.clone());
        vec![&mut self.identifiers, &mut self.persons, &mut self.merges, &mut self.terms, &mut self.totals]
    }

    /// How many changed values the next checkpoint will write.
    pub fn dirty_len(&self) -> usize {
        self.identifiers.dirty_len() + self.persons.dirty_len() + self.terms.dirty_len()
    }

    /// Looks at what the next facts say and whom they are about, all at once, so that it is near when they are folded: what they
    /// say was put down by another core, and whom they name lies anywhere in tables that fit no cache. Nothing changes, and
    /// nothing depends on it. Answers whom it found.
    pub fn glance(&self, facts: &[Fact]) -> SmallVec<[CustomerId; GLANCE_FACTS]> {
        for what in facts.iter().flat_map(|fact| &fact.what) {
            if let What::Did { properties, .. } = what {
                std::hint::black_box(properties.iter().fold(0, |bytes, (name, _)| bytes + name.len()));
            }
        }
        let named = facts.iter().flat_map(|fact| &fact.who);
        let keys: SmallVec<[IdentifierKey; GLANCE_FACTS]> = named.map(IdentifierKey::from).collect();
        let customers: SmallVec<[CustomerId; GLANCE_FACTS]> =
            self.identifiers.glance(&keys).flatten().copied().collect();
        let profiles: SmallVec<[&Arc<Profile>; GLANCE_FACTS]> =
            self.persons.glance(&customers).flatten().filter_map(Person::profile).collect();
        // Every place that folding an event reads or writes.
        let places = profiles.iter().map(|profile| {
            let events = profile.events.iter().fold(0, |sum: u64, event| sum.wrapping_add(event.count));
            let told = profile.last_told.max(profile.context.at).ms();
            (events, told, Arc::strong_count(profile))
        });
        for place in places {
            std::hint::black_box(place);
        }
        customers
    }

    /// Takes in what one fact says. Facts come in the order of the journal, each once.
    pub fn fold(&mut self, fact: &Fact) -> Result<Folded, Error> {
        let mut folded = Folded::default();
        let Some(customer) = self.resolve(fact, &mut folded)? else { return Ok(folded) };
        folded.customer = Some(customer);
        self.seen(customer, fact)?;
        for what in &fact.what {
            match what {
                What::Alias { .. } => {} // `resolve` has heard it
                What::Unmerge { absorbed } => self.unmerge(customer, absorbed, (fact, &mut folded))?,
                What::Erase => {
                    self.erase(customer, &mut folded)?;
                    break; // there is nobody left of whom the rest could be said
                }
                What::Did { .. }
                | What::Traits(_)
                | What::Consent { .. }
                | What::Topic { .. }
                | What::Address { .. }
                | What::Block(_) => self.say(customer, what, (fact, &mut folded))?,
            }
        }
        Ok(folded)
    }

    /// Takes in one thing that changes nothing but its customer.
    fn say(
        &mut self,
        customer: CustomerId,
        what: &What,
        (fact, folded): (&Fact, &mut Folded),
    ) -> Result<(), Error> {
        if let What::Traits(changes) = what
            && let before = self.profile_ref(customer)?
            && changes.iter().any(|change| search::renames(before, change))
        {
            let before = self.profile_arc(customer)?;
            self.tell(customer, what, (fact, folded))?;
            let after = self.profile_arc(customer)?;
            self.reindex(Some(&before), Some(&after));
            return Ok(());
        }
        if let What::Address { channel, .. } = what {
            let before = reached(self.profile_ref(customer)?, *channel);
            self.tell(customer, what, (fact, folded))?;
            let after = reached(self.profile_ref(customer)?, *channel);
            self.counts.reach(*channel, before, after);
            return Ok(());
        }
        self.tell(customer, what, (fact, folded))
    }

    fn tell(
        &mut self,
        customer: CustomerId,
        what: &What,
        (fact, folded): (&Fact, &mut Folded),
    ) -> Result<(), Error> {
        let profile = here_mut(self.persons.get_mut(&customer)?);
        let (at, source) = (fact.at, fact.source);
        apply(profile, what, (fact, &mut Telling { at, source, streams: &mut self.streams, folded }));
        if at < profile.last_told && profile.merged() {
            return self.tell_late(customer, what, fact);
        }
        Ok(())
    }

    fn seen(&mut self, customer: CustomerId, fact: &Fact) -> Result<(), Error> {
        let profile = self.profile_mut(customer)?;
        profile.first_seen = profile.first_seen.min(fact.at);
        profile.last_told = profile.last_told.max(fact.at);
        if fact.source != SourceId::HOUSE {
            profile.last_seen = profile.last_seen.max(fact.at);
        }
        Ok(())
    }

    /// One customer's profile says `after` instead of `before`: counts and index follow.
    pub(crate) fn replace(&mut self, before: Option<&Profile>, after: Option<Profile>) {
        for channel in Channel::ALL.iter().copied() {
            let was = before.is_some_and(|profile| reached(profile, channel));
            let is = after.as_ref().is_some_and(|profile| reached(profile, channel));
            self.counts.reach(channel, was, is);
        }
        self.reindex(before, after.as_ref());
        self.counts.customers += u64::from(after.is_some());
        self.counts.customers -= u64::from(before.is_some());
        if let Some(after) = after {
            self.persons.put(after.customer, Person::here(after));
        }
    }

    pub(crate) fn profile_ref(&mut self, customer: CustomerId) -> Result<&Profile, Error> {
        match self.persons.get(&customer)? {
            Some(Person::Here(profile)) => Ok(profile),
            Some(Person::Merged(_) | Person::Erased) | None => unreachable!("{GONE}"),
        }
    }

    pub(crate) fn profile_arc(&mut self, customer: CustomerId) -> Result<Arc<Profile>, Error> {
        match self.persons.get(&customer)? {
            Some(Person::Here(profile)) => Ok(Arc::clone(profile)),
            Some(Person::Merged(_) | Person::Erased) | None => unreachable!("{GONE}"),
        }
    }

    pub(crate) fn profile_mut(&mut self, customer: CustomerId) -> Result<&mut Profile, Error> {
        Ok(here_mut(self.persons.get_mut(&customer)?))
    }

    /// No customer has this number or a larger one.
    pub(crate) fn numbers_end(&self) -> u32 {
        let ordinals = self.counts.next_ordinals.iter().copied().max().unwrap_or(0);
        ordinals.saturating_mul(u32::try_from(LANES).expect("there are few lanes"))
    }

    /// What is known of a customer now; of one who was merged, what is known of whom they are part of.
    /// `None`: there is no such customer (any more).
    pub fn profile(&self, customer: CustomerId) -> Result<Option<Arc<Profile>>, Error> {
        let mut customer = customer;
        loop {
            match self.persons.read(&customer)? {
                Some(Person::Here(profile)) => return Ok(Some(profile)),
                Some(Person::Merged(into)) => customer = into,
                Some(Person::Erased) | None => return Ok(None),
            }
        }
    }

    /// As [`Self::profile`], and remembered for those who ask again in a moment.
    pub fn recall(&mut self, customer: CustomerId) -> Result<Option<Arc<Profile>>, Error> {
        let mut customer = customer;
        loop {
            match self.persons.get(&customer)? {
                Some(Person::Here(profile)) => return Ok(Some(Arc::clone(profile))),
                Some(Person::Merged(into)) => customer = *into,
                Some(Person::Erased) | None => return Ok(None),
            }
        }
    }

    /// The customer whom an identifier names.
    pub fn find(&self, identifier: &Identifier) -> Result<Option<CustomerId>, Error> {
        if is_customer(identifier) {
            let Ok(customer) = identifier.value.parse() else { return Ok(None) };
            return Ok(self.profile(customer)?.map(|profile| profile.customer));
        }
        Ok(self.identifiers.read(&identifier.into())?)
    }

    /// How many customers there are, how many of them each channel reaches.
    pub fn counts(&self) -> Counts {
        Counts { customers: self.counts.customers, reachable: self.counts.reachable.clone() }
    }
}

impl Totals {
    /// A customer is reached on `channel`, or no longer.
    fn reach(&mut self, channel: Channel, was: bool, is: bool) {
        if was == is {
            return;
        }
        let index = match self.reachable.binary_search_by_key(&channel, |(channel, _)| *channel) {
            Ok(index) => index,
            Err(index) => {
                self.reachable.insert(index, (channel, 0));
                index
            }
        };
        let count = &mut self.reachable[index].1;
        *count = if is { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            self.reachable.remove(index);
        }
    }
}

/// Takes one thing that changes nothing but its customer into their profile.
pub(crate) fn apply(profile: &mut Profile, what: &What, (fact, telling): (&Fact, &mut Telling<'_>)) {
    let (at, source) = (fact.at, fact.source);
    match what {
        What::Did { name, properties } => did(profile, (name, properties), telling),
        What::Traits(changes) => {
            for change in changes {
                traits::change(profile, change, telling);
            }
        }
        What::Consent { purpose, channel, given, proof } => {
            let (purpose, channel, given, proof) = (*purpose, *channel, *given, proof.clone());
            let consent = Consent { purpose, channel, given, at, proof, source };
            statements::consent(profile, consent, telling);
        }
        What::Topic { topic, subscribed } => {
            let topic = Topic { name: topic.clone(), subscribed: *subscribed, at };
            statements::topic(profile, topic, telling);
        }
        What::Address { channel, address, state } => {
            let opted_in = opted_in(fact, *channel);
            let said = AddressSaid { channel: *channel, address, state: *state, opted_in };
            addresses::tell(profile, said, telling);
        }
        What::Block(blocked) => statements::block(profile, *blocked, at),
        What::Alias { .. } | What::Erase | What::Unmerge { .. } => {} // these change more than one customer
    }
}

const GONE: &str = "an identifier leads to somebody who is here";

fn here_mut(person: Option<&mut Person>) -> &mut Profile {
    match person {
        Some(Person::Here(profile)) => Arc::make_mut(profile),
        Some(Person::Merged(_) | Person::Erased) | None => unreachable!("{GONE}"),
    }
}

fn reached(profile: &Profile, channel: Channel) -> bool {
    profile.reach.iter().any(|it| it.channel == channel && it.live > 0)
}

/// Whether the fact asks for an address in so many words: an operator or the customer on a page of the house
/// entered it, or a consent for the channel came with it.
fn opted_in(fact: &Fact, on: Channel) -> bool {
    let consents = |what: &What| match what {
        What::Consent { channel, given, .. } => *given && channel.is_none_or(|channel| channel == on),
        What::Did { .. }
        | What::Traits(_)
        | What::Alias { .. }
        | What::Topic { .. }
        | What::Address { .. }
        | What::Block(_)
        | What::Erase
        | What::Unmerge { .. } => false,
    };
    fact.source == SourceId::HOUSE || fact.what.iter().any(consents)
}

/// Takes in something the customer did.
fn did(profile: &mut Profile, (name, properties): (&Text, &Properties), telling: &mut Telling<'_>) {
    let at = telling.at;
    profile.count(&EventCount { name: name.clone(), count: 1, first_at: at, last_at: at });
    if telling.source != SourceId::HOUSE && at >= profile.context.at {
        for (property, value) in properties.iter() {
            let slot = match property.as_str() {
                "context.locale" => &mut profile.context.locale,
                "context.timezone" => &mut profile.context.time_zone,
                _ => continue,
            };
            let Some(text) = value.text() else { continue };
            profile.context.at = at;
            if slot.as_deref() != Some(text) {
                *slot = Some(text.into());
            }
        }
    }
    let stream = telling.streams.event(name);
    telling.row(profile.customer, at, stream, properties.clone());
}
