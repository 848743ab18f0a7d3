//! CleverTap's upload API, `POST /1/upload`: its clients work by changing the host.
//!
//! Every record (event, profile or token) is admitted or fails by itself with
//! one of CleverTap's codes; `docs/ingest.md` lists them. `dryRun` judges
//! everything and admits nothing.

mod record;

use model::{Fact, FactId};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::clock;
use crate::desk::{Admission, Desk, Fault, Reason, Refusal, Reject, check_size, derived_id};
use crate::flat::Str;
use crate::limits;
use record::Record;

/// What the request says besides its body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// `?dryRun=1`: judge, admit nothing.
    pub dry_run: bool,
    /// `Idempotency-Key`: the same key and place is the same record. Without one, the same bytes are.
    pub idempotency_key: Option<&'a str>,
}

/// What became of an upload.
#[derive(Debug)]
pub struct Upload {
    /// For the journal; without facts when it was a dry run.
    pub admission: Admission,
    /// For the client, with status 200.
    pub answer: Answer,
}

/// The body of the answer.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// `success`, `partial` or `fail`.
    pub status: &'static str,
    /// How many records were admitted.
    pub processed: usize,
    /// The others.
    pub unprocessed: Vec<Unprocessed>,
}

/// A record that was not admitted.
#[derive(Debug, Serialize)]
pub struct Unprocessed {
    /// Always `fail`.
    pub status: &'static str,
    /// CleverTap's code.
    pub code: u16,
    /// What is wrong and what to do.
    pub error: String,
    /// The record as it came.
    pub record: Box<RawValue>,
}

/// CleverTap's codes and what they are about.
pub const CODES: &[(u16, &str)] = &[
    (509, "an event has no `evtName`"),
    (512, "the record is not valid"),
    (513, "the name of the event is reserved"),
    (514, "`Gender` is none"),
    (515, "`Email` is none"),
    (516, "`Phone` is none"),
    (520, "`Age` is none"),
    (523, "the record has no identity"),
    (524, "`type` is none of event, profile, token"),
    (525, "`ts` is no instant in epoch seconds"),
    (526, "`objectId` is none"),
];

/// Turns the (decompressed) body of an upload into facts, rejects and an answer.
///
/// # Errors
/// When the body is no JSON, too large, or has no list `d`.
pub fn upload(body: &[u8], desk: &Desk, options: Options<'_>) -> Result<Upload, Refusal> {
    check_size(body, limits::UPLOAD_BYTES_MAX)?;
    let Body { records } = serde_json::from_slice(body).map_err(refused_body)?;
    let records = records.ok_or_else(|| no_records("missing"))?;
    if records.len() > limits::UPLOAD_RECORDS_MAX {
        return Err(Refusal::TooMany { records: records.len(), limit: limits::UPLOAD_RECORDS_MAX });
    }
    let mut admission = Admission { facts: Vec::with_capacity(records.len()), ..Admission::default() };
    let mut unprocessed = Vec::new();
    for (index, raw) in records.iter().enumerate() {
        match admit_record(raw.get(), index, desk, options) {
            Ok((fact, clamped)) => {
                admission.clamped += usize::from(clamped);
                admission.facts.push(fact);
            }
            Err(fault) => {
                let code = code(&fault);
                let reject = Reject::new(index as u64, fault, raw.get().as_bytes());
                let record = (*raw).to_owned();
                unprocessed.push(Unprocessed { status: "fail", code, error: reject.to_string(), record });
                admission.rejects.push(reject);
            }
        }
    }
    let processed = admission.facts.len();
    let status = match (processed, unprocessed.len()) {
        (_, 0) => "success",
        (0, _) => "fail",
        (_, _) => "partial",
    };
    if options.dry_run {
        admission.facts.clear();
    }
    Ok(Upload { admission, answer: Answer { status, processed, unprocessed } })
}

fn admit_record(raw: &str, index: usize, desk: &Desk, options: Options<'_>) -> Result<(Fact, bool), Fault> {
    if raw.len() > limits::EVENT_BYTES_MAX {
        return Err(Fault::new(Reason::TooLarge, "bytes", raw.len().to_string()));
    }
    let record: Record<'_> = serde_json::from_str(raw)
        .map_err(|error| Fault::new(Reason::Malformed, "record", error.to_string()))?;
    if let Some(found) = record.not_an_object {
        return Err(Fault::new(Reason::Malformed, "record", found));
    }
    let happened = record.at()?;
    let id = match options.idempotency_key {
        Some(key) => FactId::of(desk.source, &format!("clevertap\n{key}\n{index}")),
        None => derived_id(desk, raw.as_bytes(), index, happened.is_some()),
    };
    let believable = clock::believable(happened.unwrap_or(desk.received_at), desk.received_at);
    let (who, what) = record.says(believable.clamped)?;
    let fact = Fact { id, at: believable.at, received_at: desk.received_at, source: desk.source, who, what };
    Ok((fact, believable.clamped))
}

/// CleverTap's code for a fault.
fn code(fault: &Fault) -> u16 {
    match fault.reason {
        Reason::NoName => 509,
        Reason::ReservedName => 513,
        Reason::BadEmail => 515,
        Reason::BadPhone => 516,
        Reason::NoIdentifier | Reason::PlaceholderIdentifier => 523,
        Reason::UnknownType => 524,
        Reason::BadTime => 525,
        Reason::BadValue if fault.field == "Gender" => 514,
        Reason::BadValue if fault.field == "Age" => 520,
        Reason::WrongType if fault.field == "objectId" => 526,
        Reason::Malformed
        | Reason::WrongType
        | Reason::TooLong
        | Reason::TooLarge
        | Reason::TooMany
        | Reason::TooDeep
        | Reason::BadValue
        | Reason::NotAdmitted => 512,
    }
}

fn no_records(found: &str) -> Refusal {
    Refusal::Field { field: "d", value: found.into(), expected: "`d` has to be a list of records" }
}

fn refused_body(error: serde_json::Error) -> Refusal {
    if error.is_data() { no_records("not a list") } else { Refusal::malformed(&error) }
}

/// The body; its records are only cut apart.
#[derive(Default)]
struct Body<'a> {
    records: Option<Vec<&'a RawValue>>,
}

impl<'de> Deserialize<'de> for Body<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BodyVisitor;
        impl<'de> Visitor<'de> for BodyVisitor {
            type Value = Body<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object with a list `d`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body<'de>, A::Error> {
                let mut body = Body::default();
                while let Some(Str(key)) = map.next_key()? {
                    if key == "d" {
                        body.records = map.next_value()?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(body)
            }
        }
        deserializer.deserialize_map(BodyVisitor)
    }
}

#[cfg(test)]
mod tests;
