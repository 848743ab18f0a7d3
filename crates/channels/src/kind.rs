//! The table of providers: a kind is one file and one line in [`KINDS`].

use std::sync::Arc;

use delivery::channel::Channel;
use model::ErrorKind;
use serde::de::DeserializeOwned;

use crate::driver::Options;
use crate::sandbox::Mailbox;
use crate::transport::Transport;
use crate::{sandbox, smtp, webhook};

/// All kinds of providers.
pub const KINDS: &[Kind] = &[smtp::KIND, webhook::KIND, sandbox::KIND];

/// One kind of provider: what it is called, what it needs, how it is opened.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its word in settings, API and console.
    pub word: &'static str,
    /// By which channel it reaches people.
    pub channel: model::Channel,
    /// What it is.
    pub about: &'static str,
    /// What has to be known about it.
    pub fields: &'static [Field],
    /// Opens it.
    pub open: fn(serde_json::Value, &KindDoors) -> Result<Opened, BadSettings>,
}

/// One thing that has to be known about a provider.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in the settings.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Never shown again once it was set.
    pub secret: bool,
}

/// What providers may need besides their settings.
#[derive(Debug, Clone)]
pub struct KindDoors {
    /// Where the sandbox keeps messages.
    pub mailbox: Arc<Mailbox>,
}

/// A provider, ready for the driver.
pub struct Opened {
    /// Its two functions.
    pub channel: Arc<dyn Channel>,
    /// What carries bytes there.
    pub transport: Arc<dyn Transport>,
    /// How fast and how wide.
    pub options: Options,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Settings that do not fit their kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("settings of provider `{kind}` are not usable: {problem}")]
pub struct BadSettings {
    /// Which kind.
    pub kind: String,
    /// Which field is wrong, and what would be right.
    pub problem: String,
}

impl BadSettings {
    pub(crate) fn new(kind: &str, problem: impl ToString) -> Self {
        Self { kind: kind.to_owned(), problem: problem.to_string() }
    }

    /// What the reader of this error should do.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// Opens the provider of the kind `word` with these settings.
pub fn open(word: &str, settings: serde_json::Value, doors: &KindDoors) -> Result<Opened, BadSettings> {
    match KINDS.iter().find(|kind| kind.word == word) {
        Some(kind) => (kind.open)(settings, doors),
        None => {
            let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
            Err(BadSettings::new(word, format!("there is no such kind: use one of {}", words.join(", "))))
        }
    }
}

/// The settings of a kind out of JSON.
pub(crate) fn read<T: DeserializeOwned>(kind: &str, settings: serde_json::Value) -> Result<T, BadSettings> {
    serde_json::from_value(settings).map_err(|error| BadSettings::new(kind, error))
}
