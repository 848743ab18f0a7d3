//! Everybody: the tables, and the way of a fact through them.

use std::sync::Arc;

use model::{Channel, CustomerId, Fact, Identifier, LANES};
use serde::{Deserialize, Serialize};
use state::{Persist, Record, Store, Table};

use crate::folded::Folded;
use crate::identifiers::IdentifierKey;
use crate::person::Person;
use crate::{Error, Profile};

/// Everybody we know. One thread owns it.
#[derive(Debug)]
pub struct People {
    identifiers: Table<IdentifierKey, CustomerId>,
    persons: Table<CustomerId, Person>,
    totals: Table<u8, Totals>,
    counts: Totals,
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
    next_ordinals: [u32; LANES],
    customers: u64,
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
            totals,
            counts,
        })
    }

    /// The tables, for [`Store::checkpoint`].
    pub fn tables(&mut self) -> Vec<&mut dyn Persist> {
        self.totals.put(0, self.counts.clone());
        vec![&mut self.identifiers, &mut self.persons, &mut self.totals]
    }

    /// How many changed values the next checkpoint will write.
    pub fn dirty_len(&self) -> usize {
        self.identifiers.dirty_len() + self.persons.dirty_len()
    }

    /// Takes in what one fact says. Facts come in the order of the journal, each once.
    pub fn fold(&mut self, fact: &Fact) -> Result<Folded, Error> {
        let _ = fact;
        Ok(Folded::default())
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

    /// The customer whom an identifier names.
    pub fn find(&self, identifier: &Identifier) -> Result<Option<CustomerId>, Error> {
        Ok(self.identifiers.read(&identifier.into())?)
    }

    /// Customers with an e-mail, name, user id or telephone number that begins with `text`, in the order of
    /// what matches. `after`: the `next` of the page before.
    pub fn search(&mut self, text: &str, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        let _ = (text, after, limit);
        Ok(Page::default())
    }

    /// All customers in the order of their numbers. `after`: the `next` of the page before.
    pub fn list(&self, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        let _ = (after, limit);
        Ok(Page::default())
    }

    /// How many customers there are, how many of them each channel reaches.
    pub fn counts(&self) -> Counts {
        Counts { customers: self.counts.customers, reachable: self.counts.reachable.clone() }
    }
}
