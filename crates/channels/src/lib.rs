//! One file for each provider, and the one driver they share.
//!
//! A provider is two pure functions ([`delivery::Channel`]), a [`Transport`]
//! that carries bytes, and one line in [`KINDS`]. Queue, workers, pace,
//! retries, time limits and counters exist once, in [`Driver`]. What comes
//! back by mail is read by [`dsn`] and taken in by [`lmtp`].
//!
//! Nothing here decides who gets a message, or remembers anything: a driver
//! says how each attempt ended, and the journal remembers.

pub mod conformance;
pub mod dkim;
mod driver;
pub mod dsn;
mod kind;
pub mod lmtp;
pub mod mime;
pub mod sandbox;
pub mod smtp;
mod tls;
mod transport;
pub mod webhook;

pub use driver::{Attempt, Counters, DEFER_MS_MAX, Doors, Driver, Full, Options, QUICK_TRIES_MAX, defer_ms};
pub use kind::{BadSettings, Field, KINDS, Kind, KindDoors, Opened, open};
pub use tls::BadTls;
pub use transport::{Delivery, Line, Lost, Transport};

#[cfg(test)]
mod tests;
