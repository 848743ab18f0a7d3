//! The sandbox: messages go into a mailbox of the house, and nowhere else. A demo needs no mail server.
//!
//! It answers like a mail server: by the address (`bounce…@`, `defer…@`), or by
//! a share of all messages, drawn by their ids so that it is the same each time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use delivery::channel::{Channel, Dead, Message, Reply, SmtpStep, Verdict, Wire};
use delivery::{Scope, Share, draw};
use model::Instant;
use serde::Deserialize;

use crate::driver::Options;
use crate::kind::{BadSettings, Field, Kind, Opened, read};
use crate::mime;
use crate::smtp::classify;
use crate::transport::{Delivery, Line, Lost, Transport};

/// The line in the table.
pub const KIND: Kind = Kind {
    word: "sandbox",
    channel: model::Channel::Email,
    about: "a mailbox inside Omotenashi; nothing leaves the machine",
    fields: &[Field {
        name: "bounce_basis_points",
        about: "how many of 10,000 addresses do not exist; 0 unless said",
        secret: false,
    }],
    open,
};

/// How many messages a mailbox keeps; the oldest go first.
pub const MAILBOX_MAX: usize = 2_000;

/// How the sandbox behaves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many of all addresses do not exist.
    #[serde(default)]
    pub bounce_basis_points: Share,
}

fn open(settings: serde_json::Value, doors: &crate::KindDoors) -> Result<Opened, BadSettings> {
    let settings: Settings = read(KIND.word, settings)?;
    let transport = SandboxTransport { settings, mailbox: Arc::clone(&doors.mailbox) };
    // A short queue: what waits for a line is still in the cache when its turn comes.
    let options = Options { connections: 2, queue_max: 128, ..Options::default() };
    Ok(Opened { channel: Arc::new(Sandbox), transport: Arc::new(transport), options })
}

/// Messages as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sandbox;

impl Channel for Sandbox {
    fn encode(&self, message: &Arc<Message>, _now: Instant) -> Result<Wire, Dead> {
        mime::check(message)?;
        Ok(Wire::Sandbox(Arc::clone(message)))
    }

    fn classify(&self, reply: &Reply) -> Verdict {
        match reply {
            Reply::Smtp { step, code, text } => classify(*step, *code, text),
            Reply::Http { .. } => Verdict::Retry { after_ms: None, reason: "not the sandbox's reply".into() },
        }
    }
}

/// The sandbox's mailbox: the newest [`MAILBOX_MAX`] messages.
///
/// A lock and not a channel: readers come from any request, and what is guarded is one push or one copy.
#[derive(Debug, Default)]
pub struct Mailbox {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How many messages ever came.
    count: u64,
    messages: VecDeque<Arc<Letter>>,
}

/// A message in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The how-manieth, from 1; never given twice.
    pub number: u64,
    /// The message.
    pub message: Arc<Message>,
}

impl Mailbox {
    /// The newest first: at most `limit`, and only those before `before` when it is given.
    pub fn list(&self, before: Option<u64>, limit: usize) -> Vec<Arc<Letter>> {
        let kept = self.lock();
        let newest_first = kept.messages.iter().rev();
        newest_first
            .filter(|it| before.is_none_or(|before| it.number < before))
            .take(limit)
            .cloned()
            .collect()
    }

    /// One message, if it is still kept.
    pub fn get(&self, number: u64) -> Option<Arc<Letter>> {
        self.lock().messages.iter().find(|letter| letter.number == number).cloned()
    }

    /// How many messages ever came.
    pub fn count(&self) -> u64 {
        self.lock().count
    }

    fn put(&self, message: Arc<Message>) {
        let mut kept = self.lock();
        kept.count += 1;
        let number = kept.count;
        if kept.messages.len() == MAILBOX_MAX {
            kept.messages.pop_front();
        }
        kept.messages.push_back(Arc::new(Letter { number, message }));
    }

    /// Nothing that holds this lock can leave the mailbox half changed, so a panic elsewhere does not matter.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lines into a mailbox.
#[derive(Debug, Clone)]
pub struct SandboxTransport {
    /// How it behaves.
    pub settings: Settings,
    /// Where messages go.
    pub mailbox: Arc<Mailbox>,
}

impl Transport for SandboxTransport {
    fn line(&self) -> Box<dyn Line> {
        Box::new(self.clone())
    }
}

impl Line for SandboxTransport {
    fn deliver<'a>(&'a mut self, wire: &'a Wire) -> Delivery<'a> {
        let reply = match wire {
            Wire::Sandbox(message) => Ok(self.answer(message)),
            Wire::Smtp(_) | Wire::Http(_) => Err(Lost::before("the sandbox takes its own messages only")),
        };
        Box::pin(std::future::ready(reply))
    }
}

impl SandboxTransport {
    fn answer(&self, message: &Arc<Message>) -> Reply {
        let drawn = draw("sandbox", Scope::Global, message.id.customer);
        let say = |step, code, text: &str| Reply::Smtp { step, code, text: text.to_owned() };
        if message.to.address.starts_with("bounce")
            || drawn < self.settings.bounce_basis_points.basis_points()
        {
            return say(SmtpStep::To, 550, "5.1.1 there is nobody of this name in the sandbox");
        }
        if message.to.address.starts_with("defer") {
            return say(SmtpStep::To, 450, "4.2.0 the sandbox is busy, try later");
        }
        self.mailbox.put(Arc::clone(message));
        say(SmtpStep::Data, 250, "2.0.0 kept in the sandbox")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::message;

    fn sandbox() -> SandboxTransport {
        SandboxTransport { settings: Settings::default(), mailbox: Arc::default() }
    }

    #[test]
    fn the_mailbox_keeps_the_newest() {
        let sandbox = sandbox();
        for customer in 0..MAILBOX_MAX + 5 {
            sandbox.answer(&Arc::new(message(&format!("m1-c{customer:x}-0"))));
        }
        let letters = sandbox.mailbox.list(None, 10_000);
        assert_eq!(letters.len(), MAILBOX_MAX);
        assert_eq!(letters[0].number, sandbox.mailbox.count());
        assert_eq!(letters.last().unwrap().number, 6);
        assert_eq!(sandbox.mailbox.list(Some(letters[9].number), 1)[0], letters[10]);
        assert_eq!(sandbox.mailbox.get(1), None);
    }

    #[test]
    fn addresses_say_how_the_sandbox_behaves() {
        let sandbox = sandbox();
        let verdict = |address: &str| {
            let mut message = message("m1-c1-0");
            message.to.address = address.into();
            Sandbox.classify(&sandbox.answer(&Arc::new(message)))
        };
        assert!(matches!(verdict("a@example.com"), Verdict::Accepted { .. }));
        assert!(matches!(verdict("bounce7@example.com"), Verdict::Dead(_)));
        assert!(matches!(verdict("defer@example.com"), Verdict::Retry { .. }));
        assert_eq!(sandbox.mailbox.count(), 1);
    }
}
