//! What is known of each message, small enough to be kept for every message ever sent, and the counts over a launch.
//!
//! Both follow the ledger's rows one by one. Rows may come in any order and any
//! number of times: the result is the same.

use std::collections::BTreeMap;

use model::stream::{self, message as names};
use model::{Channel, Instant, MessageId, Row, Value};
use serde::{Deserialize, Serialize};

use crate::VariantId;
use crate::decision::{GateName, Reason};
use crate::receipt::{Life, Mark};

crate::words::words! {
    /// What the policy said in the end.
    Ruling {
        /// Send it.
        Send = "send",
        /// Wait, then decide anew.
        Hold = "hold",
        /// Never.
        Suppress = "suppress",
    }
}

crate::words::words! {
    /// On which side of a comparison somebody stands.
    Side {
        /// Might be contacted.
        Treated = "treated",
        /// Is left alone.
        Control = "control",
    }
}

/// One decision about a message, in brief. Ordered by instant first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Brief {
    /// When.
    pub at: Instant,
    /// What it said.
    pub ruling: Ruling,
    /// Which gate decided; none: all passed.
    pub gate: Option<GateName>,
    /// Why it was suppressed, if it was.
    pub reason: Option<Reason>,
    /// The side that was drawn; none: nobody is left alone.
    pub drawn: Option<Side>,
}

/// What is known of one message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The first decision; none: only receipts were seen so far.
    pub first: Option<Brief>,
    /// The latest decision.
    pub last: Option<Brief>,
    /// What was told of it.
    pub life: Life,
    /// By which channel, once that is known.
    pub channel: Option<Channel>,
    /// In which wording, once that is known.
    pub variant: Option<VariantId>,
}

/// The message that a ledger row is about; `None` for rows of other kinds.
pub fn message_of(row: &Row) -> Option<MessageId> {
    stream::event_name(&row.stream).filter(|name| name.starts_with(names::PREFIX))?;
    text(row, "message")?.parse().ok()
}

fn text<'r>(row: &'r Row, name: &str) -> Option<&'r str> {
    row.properties.get(name).and_then(Value::text)
}

impl Story {
    /// Follows a row about this message.
    pub fn observe(&mut self, row: &Row) {
        let event = stream::event_name(&row.stream).unwrap_or_default();
        if let Some(channel) = text(row, "channel").and_then(|word| word.parse().ok()) {
            self.channel = Some(channel);
        }
        if let Some(Value::Int(variant)) = row.properties.get("variant") {
            self.variant = u16::try_from(*variant).ok().map(VariantId).or(self.variant);
        }
        if event == names::DECIDED {
            self.decide(Brief {
                at: row.at,
                ruling: text(row, "outcome").and_then(Ruling::from_word).unwrap_or(Ruling::Suppress),
                gate: text(row, "gate").and_then(GateName::from_word),
                reason: text(row, "reason").and_then(Reason::from_word),
                drawn: text(row, "arm").and_then(Side::from_word),
            });
        } else if let Some(mark) = Mark::of(event, text(row, "reason")) {
            self.life.learn(mark);
        }
    }

    fn decide(&mut self, brief: Brief) {
        self.first = Some(self.first.map_or(brief, |first| first.min(brief)));
        self.last = Some(self.last.map_or(brief, |last| last.max(brief)));
    }

    /// The side it counts for: by the first decision, so that what happened later cannot move anybody.
    /// Whoever would not have been contacted anyway stands on neither.
    pub fn side(&self) -> Option<Side> {
        let first = self.first?;
        match (first.drawn?, first.gate) {
            (Side::Control, Some(GateName::Holdout)) => Some(Side::Control),
            (Side::Treated, None) => Some(Side::Treated),
            (Side::Treated, Some(gate)) if gate > GateName::Holdout => Some(Side::Treated),
            (Side::Control | Side::Treated, _) => None,
        }
    }

    /// Whether it arrived; by e-mail, where only failures are told: it was taken and did not come back.
    pub fn arrived(&self) -> bool {
        let stayed = self.life.has(Mark::Sent) && !self.life.has(Mark::Bounced);
        self.life.has(Mark::Delivered) || (self.channel == Some(Channel::Email) && stayed)
    }

    /// Whether it waits to be decided on again.
    pub fn waits(&self) -> bool {
        let held = self.last.is_some_and(|last| last.ruling == Ruling::Hold);
        held && !self.life.has(Mark::Failed)
    }

    /// Whether `word` says something true of it: the word of its ruling, or a mark.
    pub fn is(&self, word: &str) -> bool {
        let ruling =
            Ruling::from_word(word).map(|ruling| self.last.is_some_and(|last| last.ruling == ruling));
        let mark = || match Mark::from_word(word) {
            Some(Mark::Delivered) => self.arrived(),
            Some(mark) => self.life.has(mark),
            None => false,
        };
        ruling.unwrap_or_else(mark)
    }
}

/// What came of the messages of one launch: each person counts once, whatever they do twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The policy decided on them.
    pub decided: u64,
    /// They were to be sent the message.
    pub planned: u64,
    /// They wait to be decided on again, by gate.
    pub held: BTreeMap<GateName, u64>,
    /// They were not to be sent it, by gate and reason.
    pub suppressed: BTreeMap<(GateName, Reason), u64>,
    /// It arrived.
    pub arrived: u64,
    /// When the last attempt had its outcome.
    pub last_outcome: Option<Instant>,
    marks: [u64; Mark::ALL.len()],
}

impl Counts {
    /// Of how many messages this is so.
    pub fn of(&self, mark: Mark) -> u64 {
        self.marks[mark as usize]
    }

    /// Follows a row about one of the messages, whose story was `before` and is `after`.
    pub fn follow(&mut self, row: &Row, (before, after): (&Story, &Story)) {
        if before != after {
            self.add(before, -1);
            self.add(after, 1);
        }
        let event = stream::event_name(&row.stream).unwrap_or_default();
        if matches!(event, names::SENT | names::FAILED | names::BOUNCED) {
            self.last_outcome = self.last_outcome.max(Some(row.at));
        }
    }

    fn add(&mut self, story: &Story, by: i64) {
        if let Some(last) = story.last {
            shift(&mut self.decided, by);
            match (last.ruling, last.gate, last.reason) {
                (Ruling::Send, _, _) => shift(&mut self.planned, by),
                (Ruling::Hold, Some(gate), _) if story.waits() => shift_in(&mut self.held, gate, by),
                (Ruling::Suppress, Some(gate), Some(reason)) => {
                    shift_in(&mut self.suppressed, (gate, reason), by);
                }
                (Ruling::Hold | Ruling::Suppress, _, _) => {}
            }
        }
        shift(&mut self.arrived, by * i64::from(story.arrived()));
        for mark in Mark::ALL.iter().filter(|mark| story.life.has(**mark)) {
            shift(&mut self.marks[*mark as usize], by);
        }
    }
}

fn shift(count: &mut u64, by: i64) {
    *count = count.checked_add_signed(by).expect("what is taken out was counted before");
}

fn shift_in<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, by: i64) {
    let count = counts.entry(key).or_default();
    shift(count, by);
    counts.retain(|_, count| *count > 0);
}
