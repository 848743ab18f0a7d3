//! A shop that lives: 20,000 people, a catalogue, 90 days of past, and then life in accelerated time.
//!
//! The shop is a client like any other: it sends events with a write key and
//! reads its people's mail from the sandbox over the API. Its people have habits
//! (a favourite category, an hour of the day, how much mail they bear), and they
//! answer to what they get: they open, click, buy, leave, uninstall. So a
//! campaign changes what happens.
//!
//! The same seed makes the same people and the same past.

mod catalogue;
mod chance;
mod client;
mod life;
mod past;
mod person;
mod visit;

pub use client::{Client, Fault};
pub use life::Life;
pub use past::{Told, tell_past};
pub use person::Person;

/// How the shop is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The same seed makes the same shop.
    pub seed: u64,
    /// How many people.
    pub people: u32,
    /// How many days of past.
    pub days: u32,
    /// How many seconds of the shop pass in one second of ours.
    pub speed: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 20_260_101, people: 20_000, days: 90, speed: 120 }
    }
}

/// The people of a shop.
pub fn people(options: &Options) -> Vec<Person> {
    (0..options.people).map(|number| Person::new(options.seed, number, options.days)).collect()
}
