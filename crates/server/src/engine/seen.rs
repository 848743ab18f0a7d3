//! What was seen lately: the live tail and the rejects, for people who debug.

use std::collections::VecDeque;

use ingest::Reject;
use model::{CustomerId, Fact, Identifier, Instant, Text};
use people::Refused;
use serde::{Deserialize, Serialize};

/// How many of the latest facts the live tail shows.
const FACTS_MAX: usize = 500;

/// How many of the latest rejects are kept for people to look at; what they were made of is in the journal.
const REJECTS_MAX: usize = 2_000;

/// The latest facts and rejects, the newest last.
#[derive(Debug, Default)]
pub struct Seen {
    facts: VecDeque<(Option<CustomerId>, Fact)>,
    rejects: VecDeque<Turned>,
    rejected: u64,
    told: u64,
}

/// A reject and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenReject {
    /// When it came.
    pub at: Instant,
    /// By which source it came.
    pub source: u32,
    /// What and why.
    pub reject: Reject,
}

/// Something that did not get in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turned {
    /// A whole record: it never became a fact.
    Record(SeenReject),
    /// A part of a fact that was admitted otherwise.
    Part(SeenRefusal),
}

/// Something that a fact said in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRefusal {
    /// When it came.
    pub at: Instant,
    /// By which source it came.
    pub source: u32,
    /// Whom the fact is about.
    pub customer: Option<CustomerId>,
    /// How the fact names them.
    pub who: Vec<Identifier>,
    /// Which part of the fact.
    pub field: Text,
    /// What it said.
    pub value: Text,
    /// Why it has no effect.
    pub reason: people::Reason,
}

impl Turned {
    /// When it came.
    pub fn at(&self) -> Instant {
        match self {
            Self::Record(reject) => reject.at,
            Self::Part(refusal) => refusal.at,
        }
    }
}

impl Seen {
    pub(super) fn fact(&mut self, customer: Option<CustomerId>, fact: Fact) {
        if self.facts.len() == FACTS_MAX {
            self.facts.pop_front();
        }
        self.facts.push_back((customer, fact));
        self.told += 1;
    }

    pub(super) fn reject(&mut self, reject: SeenReject) {
        self.turn(Turned::Record(reject));
    }

    /// Remembers what a fact about `customer` said in vain.
    pub(super) fn refuse(&mut self, fact: &Fact, customer: Option<CustomerId>, refused: Vec<Refused>) {
        for Refused { field, value, reason } in refused {
            self.turn(Turned::Part(SeenRefusal {
                at: fact.received_at,
                source: fact.source.0,
                customer,
                who: fact.who.clone(),
                field: field.into(),
                value,
                reason,
            }));
        }
    }

    fn turn(&mut self, turned: Turned) {
        if self.rejects.len() == REJECTS_MAX {
            self.rejects.pop_front();
        }
        self.rejects.push_back(turned);
        self.rejected += 1;
    }

    /// The latest facts, the newest first, with the customer each was about.
    pub fn facts(&self) -> impl Iterator<Item = &(Option<CustomerId>, Fact)> {
        self.facts.iter().rev()
    }

    /// How many facts came since the start of the process: the number of the newest one.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// The latest rejects, the newest first.
    pub fn rejects(&self) -> impl Iterator<Item = &Turned> {
        self.rejects.iter().rev()
    }

    /// How many were rejected in all.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// What a checkpoint keeps.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(&(self.rejected, &self.rejects)).expect("our own types can be encoded")
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, postcard::Error> {
        let (rejected, rejects) = postcard::from_bytes(bytes)?;
        Ok(Self { facts: VecDeque::new(), rejects, rejected, told: 0 })
    }
}
