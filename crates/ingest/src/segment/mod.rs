//! The Segment HTTP tracking API: existing SDKs work by changing the host.
//!
//! `track`, `identify`, `page`, `screen`, `group` and `alias` carry one event;
//! `batch` and `import` carry many, each of which is admitted or rejected by
//! itself. Nothing here knows HTTP: a body is bytes, an answer is an
//! [`Admission`]. What each call means for a customer stands in `docs/ingest.md`.

mod event;
mod key;
mod wire;

use std::fmt;
use std::str::FromStr;

use model::{Fact, FactId, Instant};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::clock::{self, Clock};
use crate::desk::{Admission, Desk, Fault, Reason, Refusal, Reject, check_size, derived_id, shortened};
use crate::flat::Str;
use crate::limits;
use crate::wire::Field;

pub(crate) use event::{Kind, Statement, check_event_name};
pub use key::write_key;
use wire::{Context, Event, FillFrom as _};

/// A route of the API: `POST /v1/{call}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Something happened.
    Track,
    /// Who somebody is.
    Identify,
    /// A page was seen.
    Page,
    /// A screen was seen.
    Screen,
    /// Somebody belongs to a group.
    Group,
    /// Two names are one person.
    Alias,
    /// Many events of any kind.
    Batch,
    /// Many events that happened long ago: clocks are not corrected, nobody is messaged.
    Import,
}

impl Call {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Track,
        Self::Identify,
        Self::Page,
        Self::Screen,
        Self::Group,
        Self::Alias,
        Self::Batch,
        Self::Import,
    ];

    /// The last part of the path.
    pub fn word(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Identify => "identify",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Group => "group",
            Self::Alias => "alias",
            Self::Batch => "batch",
            Self::Import => "import",
        }
    }

    /// The one letter that the browser SDK posts to instead (`/v1/t`); `import` has none.
    pub fn letter(self) -> Option<&'static str> {
        match self {
            Self::Track => Some("t"),
            Self::Identify => Some("i"),
            Self::Page => Some("p"),
            Self::Screen => Some("s"),
            Self::Group => Some("g"),
            Self::Alias => Some("a"),
            Self::Batch => Some("b"),
            Self::Import => None,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A path that is no call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a call (track, identify, page, screen, group, alias, batch, import). value=`{0}`")]
pub struct BadCall(pub String);

impl FromStr for Call {
    type Err = BadCall;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let call = Self::ALL.iter().copied().find(|call| call.word() == text || call.letter() == Some(text));
        call.ok_or_else(|| BadCall(shortened(text, limits::REJECT_VALUE_BYTES_MAX).to_string()))
    }
}

/// Turns the (decompressed) body of a call into facts and rejects.
///
/// ```
/// use ingest::segment::{Call, admit};
/// use model::{Instant, SourceId};
///
/// let desk = ingest::Desk { source: SourceId(1), received_at: Instant::from_ms(0) };
/// let admission = admit(Call::Track, br#"{"userId":"42","event":"purchase"}"#, &desk)?;
/// assert_eq!(admission.facts[0].who[0].to_string(), "user_id:42");
/// # Ok::<(), ingest::Refusal>(())
/// ```
///
/// # Errors
/// When nothing of the body can be admitted: it is no JSON, too large, or has no batch.
pub fn admit(call: Call, body: &[u8], desk: &Desk) -> Result<Admission, Refusal> {
    match call {
        Call::Track => single(Kind::Track, body, desk),
        Call::Identify => single(Kind::Identify, body, desk),
        Call::Page => single(Kind::Page, body, desk),
        Call::Screen => single(Kind::Screen, body, desk),
        Call::Group => single(Kind::Group, body, desk),
        Call::Alias => single(Kind::Alias, body, desk),
        Call::Batch => batch(body, desk, Clock::Corrected),
        Call::Import => batch(body, &Desk { source: desk.source.history(), ..*desk }, Clock::Believed),
    }
}

/// What surrounds the events of one body.
struct Envelope<'a> {
    desk: &'a Desk,
    clock: Clock,
    sent_at: Field<'a>,
    context: Context<'a>,
}

fn single(kind: Kind, body: &[u8], desk: &Desk) -> Result<Admission, Refusal> {
    check_size(body, limits::EVENT_BYTES_MAX)?;
    let event: Event<'_> = serde_json::from_slice(body).map_err(|error| Refusal::malformed(&error))?;
    let envelope =
        Envelope { desk, clock: Clock::Corrected, sent_at: Field::Missing, context: Context::default() };
    let mut admission = Admission::default();
    let outcome = match event.not_an_object {
        Some(found) => Err(Fault::new(Reason::Malformed, "body", found)),
        None => admit_event(event, Some(kind), Record { bytes: body, index: 0 }, &envelope),
    };
    settle(&mut admission, outcome, Record { bytes: body, index: 0 });
    Ok(admission)
}

fn batch(body: &[u8], desk: &Desk, clock: Clock) -> Result<Admission, Refusal> {
    check_size(body, limits::BATCH_BYTES_MAX)?;
    let Batch { events, context, sent_at } = serde_json::from_slice(body).map_err(refused_batch)?;
    let Some(events) = events else {
        return Err(no_batch("missing"));
    };
    if events.len() > limits::BATCH_EVENTS_MAX {
        return Err(Refusal::TooMany { records: events.len(), limit: limits::BATCH_EVENTS_MAX });
    }
    let envelope = Envelope { desk, clock, sent_at, context };
    let mut admission = Admission { facts: Vec::with_capacity(events.len()), ..Admission::default() };
    for (index, raw) in events.iter().enumerate() {
        let record = Record { bytes: raw.get().as_bytes(), index };
        let outcome = parse(raw.get()).and_then(|event| admit_event(event, None, record, &envelope));
        settle(&mut admission, outcome, record);
    }
    Ok(admission)
}

/// One event as it came, and which one of its body.
#[derive(Clone, Copy)]
struct Record<'a> {
    bytes: &'a [u8],
    index: usize,
}

/// Reads one event out of its own bytes.
fn parse(raw: &str) -> Result<Event<'_>, Fault> {
    if raw.len() > limits::EVENT_BYTES_MAX {
        return Err(Fault::new(Reason::TooLarge, "bytes", raw.len().to_string()));
    }
    let event: Event<'_> = serde_json::from_str(raw)
        .map_err(|error| Fault::new(Reason::Malformed, "record", error.to_string()))?;
    match event.not_an_object {
        Some(found) => Err(Fault::new(Reason::Malformed, "record", found)),
        None => Ok(event),
    }
}

/// A fact, and whether its instant was not believed.
struct Admitted {
    fact: Fact,
    clamped: bool,
}

fn admit_event<'a>(
    mut event: Event<'a>,
    kind: Option<Kind>,
    record: Record<'_>,
    envelope: &Envelope<'a>,
) -> Result<Admitted, Fault> {
    let kind = kind.map_or_else(|| event.kind(), Ok)?;
    event.context.fill_from(&envelope.context);
    event.sent_at.fill_from(&envelope.sent_at);
    let desk = envelope.desk;
    let id = match event.message_id()? {
        Some(id) => FactId::of(desk.source, id),
        None => derived_id(desk, record.bytes, record.index, event.has_time()),
    };
    let Statement { at, clamped, who, what } = event.statement(kind, envelope.clock, desk.received_at)?;
    let fact = Fact { id, at, received_at: desk.received_at, source: desk.source, who, what };
    Ok(Admitted { fact, clamped })
}

fn settle(admission: &mut Admission, outcome: Result<Admitted, Fault>, record: Record<'_>) {
    match outcome {
        Ok(Admitted { fact, clamped }) => {
            admission.clamped += usize::from(clamped);
            admission.facts.push(fact);
        }
        Err(fault) => admission.rejects.push(Reject::new(record.index as u64, fault, record.bytes)),
    }
}

/// One line of an NDJSON file in the shape of this API: what it says and its own message id.
pub(crate) fn history_line(
    line: &str,
    received_at: Instant,
) -> Result<(Option<model::Text>, Statement), Fault> {
    let event = parse(line)?;
    let kind = event.kind()?;
    let id = event.message_id()?.map(model::Text::from);
    Ok((id, event.statement(kind, Clock::Believed, received_at)?))
}

fn no_batch(found: &str) -> Refusal {
    Refusal::Field { field: "batch", value: found.into(), expected: "`batch` has to be a list of events" }
}

fn refused_batch(error: serde_json::Error) -> Refusal {
    if error.is_data() { no_batch("not a list") } else { Refusal::malformed(&error) }
}

/// The body of `batch` and `import`; its events are only cut apart.
#[derive(Default)]
struct Batch<'a> {
    events: Option<Vec<&'a RawValue>>,
    context: Context<'a>,
    sent_at: Field<'a>,
}

impl<'de> Deserialize<'de> for Batch<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BatchVisitor;
        impl<'de> Visitor<'de> for BatchVisitor {
            type Value = Batch<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a list `batch`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Batch<'de>, A::Error> {
                let mut batch = Batch::default();
                while let Some(Str(key)) = map.next_key()? {
                    match &*key {
                        "batch" => batch.events = map.next_value()?,
                        "context" => batch.context = map.next_value()?,
                        "sentAt" | "sent_at" => batch.sent_at = map.next_value()?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(batch)
            }
        }
        deserializer.deserialize_map(BatchVisitor)
    }
}

impl Event<'_> {
    fn message_id(&self) -> Result<Option<&str>, Fault> {
        let id = self.message_id.text("messageId")?;
        match id {
            Some(id) if id.len() > limits::IDENTIFIER_BYTES_MAX => {
                Err(Fault::new(Reason::TooLong, "messageId", id))
            }
            Some(_) | None => Ok(id),
        }
    }

    fn kind(&self) -> Result<Kind, Fault> {
        let word = self.kind.text("type")?.unwrap_or_default();
        Kind::from_word(word).ok_or_else(|| Fault::new(Reason::UnknownType, "type", word))
    }

    fn has_time(&self) -> bool {
        !self.original_timestamp.or(&self.timestamp).is_missing()
    }

    /// When it happened, and whether that had to be clamped.
    fn at(&self, clock: Clock, received_at: Instant) -> Result<clock::Believable, Fault> {
        let happened = instant(self.original_timestamp.or(&self.timestamp), "timestamp")?;
        let sent = instant(&self.sent_at, "sentAt")?;
        Ok(clock.at(happened, sent, received_at))
    }
}

fn instant(field: &Field<'_>, name: &'static str) -> Result<Option<Instant>, Fault> {
    if let Field::Whole(number) = field {
        return Ok(Some(clock::from_number(*number)));
    }
    let Some(text) = field.text(name)? else { return Ok(None) };
    clock::from_text(text).map(Some).ok_or_else(|| Fault::new(Reason::BadTime, name, text))
}

#[cfg(test)]
mod tests;
