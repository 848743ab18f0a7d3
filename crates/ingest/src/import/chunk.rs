//! What a client sends of an import, and what the server admits of it.
//!
//! A file is cut into chunks of rows (`docs/formats/import-chunk.md`). Row types
//! are not those of the journal: they can say only what an import may say, and
//! they cannot be nested, so no chunk can exhaust the stack.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use model::{
    Channel, Identifier, Instant, Properties, Purpose, Text, TraitChange, TraitOperation, Value, What,
};
use serde::{Deserialize, Serialize};

use super::stream::{ChunkReader, ChunkWriter, Taken};
use crate::desk::{Admission, Desk, Fault, Reason, Refusal};
use crate::segment::Statement;

/// Which import a row belongs to: a hash of the file's bytes and of the mapping. The same file with the
/// same mapping is the same import, wherever and whenever it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImportKey(pub u128);

/// 32 hexadecimal digits.
impl fmt::Display for ImportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A text that is no import key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an import key of 32 hexadecimal digits. value=`{0}`")]
pub struct BadImportKey(pub String);

impl FromStr for ImportKey {
    type Err = BadImportKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = if digits { u128::from_str_radix(text, 16).ok() } else { None };
        key.map(Self).ok_or_else(|| BadImportKey(text.chars().take(40).collect()))
    }
}

/// Some rows of a file, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// Of which import.
    pub key: ImportKey,
    /// The lines `first_line..next_line` of the file are settled by this chunk: what is not among
    /// `rows` was filtered out or rejected by the client.
    pub first_line: u64,
    /// The line after the last one.
    pub next_line: u64,
    /// The rows.
    pub rows: Vec<Row>,
}

/// What one line of the file says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which line, from 1.
    pub line: u64,
    /// The row's own id, when the file has one: the same id in two files is one fact.
    pub id: Option<Text>,
    /// When it happened; nothing: when it is imported.
    pub at: Option<Instant>,
    /// Whom it is about.
    pub who: Vec<Identifier>,
    /// What it says.
    pub said: Vec<Said>,
}

/// What an import may say of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Said {
    /// Something happened: its name and properties.
    Did(Text, Vec<(Text, Datum)>),
    /// Traits, `null` unsets.
    Traits(Vec<(Text, Datum)>),
    /// Another name of the same person.
    Alias(Identifier),
    /// An address that is live.
    Reach(Channel, Text),
    /// A yes or no to a purpose, on one channel or on all, and its proof.
    Consent(Purpose, Option<Channel>, bool, Text),
}

/// A value on its way; lists travel as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Datum {
    /// Said to be nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Text),
    /// A point in time.
    Time(Instant),
    /// A list, as JSON.
    Json(Text),
}

impl Chunk {
    /// The bytes to send.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = ChunkWriter::new(self.key, self.first_line);
        self.rows.iter().for_each(|row| writer.push(row));
        writer.settle(self.next_line);
        writer.cut()
    }

    /// Reads what [`Chunk::encode`] wrote, whole.
    ///
    /// # Errors
    /// When the bytes are too large or something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let reader = ChunkReader::open(bytes)?;
        let (key, lines, rows) = (reader.key(), reader.lines(), reader.rows()?);
        Ok(Self { key, first_line: lines.start, next_line: lines.end, rows })
    }
}

/// What the lines of an import are called, so that a line told twice is known again.
pub(super) struct LineNames {
    name: String,
    /// How much of it is the same for every line.
    common: usize,
}

impl LineNames {
    pub(super) fn new(key: ImportKey) -> Self {
        let name = format!("{key}\n");
        Self { common: name.len(), name }
    }

    pub(super) fn of(&mut self, line: u64) -> &str {
        self.name.truncate(self.common);
        write!(self.name, "{line}").expect("a text takes any number");
        &self.name
    }
}

/// Turns the body of `POST /api/v1/imports/{key}/rows` into facts and rejects.
///
/// # Errors
/// When the body is not a chunk, or too large.
pub fn admit_rows(body: &[u8], desk: &Desk) -> Result<Admission, Refusal> {
    let mut facts = Vec::new();
    let Taken { rejects, clamped, settled: _ } =
        ChunkReader::open(body)?.admit(0, desk, |fact| facts.push(fact))?;
    Ok(Admission { facts, rejects, clamped })
}

impl Row {
    /// The row of a statement; one that happened at the end of time happens when it is imported.
    pub(crate) fn of(line: u64, id: Option<Text>, statement: Statement) -> Result<Self, Fault> {
        let Statement { at, clamped: _, who, what } = statement;
        let said = what.into_iter().map(Said::of).collect::<Result<_, _>>()?;
        Ok(Self { line, id, at: (at < Instant::MAX).then_some(at), who, said })
    }
}

impl Said {
    fn of(what: What) -> Result<Self, Fault> {
        let refused = |word: &'static str| Err(Fault::new(Reason::NotAdmitted, "what", word));
        match what {
            What::Did { name, properties } => Ok(Self::Did(name, data(properties))),
            What::Traits(changes) => {
                changes.into_iter().map(datum).collect::<Result<_, _>>().map(Self::Traits)
            }
            What::Alias { previous } => Ok(Self::Alias(previous)),
            What::Address { channel, address, state: _ } => Ok(Self::Reach(channel, address)),
            What::Consent { purpose, channel, given, proof } => {
                Ok(Self::Consent(purpose, channel, given, proof))
            }
            What::Topic { .. } => refused("topic"),
            What::Block(_) => refused("block"),
            What::Erase => refused("erase"),
            What::Unmerge { .. } => refused("unmerge"),
        }
    }
}

fn data(properties: Properties) -> Vec<(Text, Datum)> {
    properties.into_iter().map(|(name, value)| (name, Datum::from(value))).collect()
}

fn datum(change: TraitChange) -> Result<(Text, Datum), Fault> {
    let TraitChange { name, operation } = change;
    match operation {
        TraitOperation::Set(value) => Ok((name, Datum::from(value))),
        TraitOperation::Unset => Ok((name, Datum::Null)),
        TraitOperation::Increment(_) | TraitOperation::Add(_) | TraitOperation::Remove(_) => {
            Err(Fault::new(Reason::NotAdmitted, "traits", name))
        }
    }
}

impl From<Value> for Datum {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Float(value) => Self::Float(value),
            Value::Text(value) => Self::Text(value),
            Value::Time(value) => Self::Time(value),
            Value::List(_) | Value::Map(_) => {
                Self::Json(serde_json::to_string(&value).expect("values in memory are always JSON").into())
            }
        }
    }
}
