//! The shape of a row: what it has in common with most other rows of its file.
//!
//! Which kinds of identifiers, which event, which properties of which types: a chunk says it once, and what is left of
//! a row are its values. So names and limits are checked once for each shape, and values are read straight into facts.
//! Nothing here knows where the bytes come from or go to.

use model::{
    AddressState, Channel, Fact, FactId, Identifier, IdentifierKind, Properties, Purpose, SourceId, Text,
    Value, What,
};
use postcard::Deserializer;
use postcard::de_flavors::Slice;
use postcard::ser_flavors::ExtendFlavor;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize, Serializer};

use super::chunk::{Datum, LineNames, Row, Said};
use super::stream::unreadable;
use crate::clock;
use crate::desk::{CLAMPED, Desk, Fault, Reason, Refusal};
use crate::limits;
use crate::segment::check_event_name;
use crate::who;

/// What is the same in many rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Shape {
    has_id: bool,
    has_at: bool,
    who: Vec<IdentifierKind>,
    said: Vec<Saying>,
}

/// What a row says, without the values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Saying {
    Did(Text, Vec<(Text, Type)>),
    Traits(Vec<(Text, Type)>),
    Alias(IdentifierKind),
    Reach(Channel),
    Consent(Purpose, Option<Channel>),
}

/// Of which type a value is. One that is nothing takes no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Type {
    Null,
    Bool,
    Int,
    Float,
    Text,
    Time,
    Json,
}

/// The shape of a row, written as a [`Shape`] is.
#[derive(Serialize)]
struct ShapeOf<'r> {
    has_id: bool,
    has_at: bool,
    #[serde(serialize_with = "kinds")]
    who: &'r [Identifier],
    #[serde(serialize_with = "sayings")]
    said: &'r [Said],
}

#[derive(Serialize)]
enum SayingOf<'r> {
    Did(&'r Text, #[serde(serialize_with = "types")] &'r [(Text, Datum)]),
    Traits(#[serde(serialize_with = "types")] &'r [(Text, Datum)]),
    Alias(&'r IdentifierKind),
    Reach(Channel),
    Consent(Purpose, Option<Channel>),
}

fn kinds<S: Serializer>(who: &&[Identifier], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(who.iter().map(|identifier| &identifier.kind))
}

fn sayings<S: Serializer>(said: &&[Said], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(said.iter().map(SayingOf::of))
}

fn types<S: Serializer>(data: &&[(Text, Datum)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(data.iter().map(|(name, datum)| (name, Type::of(datum))))
}

impl<'r> SayingOf<'r> {
    fn of(said: &'r Said) -> Self {
        match said {
            Said::Did(name, properties) => Self::Did(name, properties),
            Said::Traits(traits) => Self::Traits(traits),
            Said::Alias(previous) => Self::Alias(&previous.kind),
            Said::Reach(channel, _) => Self::Reach(*channel),
            Said::Consent(purpose, channel, ..) => Self::Consent(*purpose, *channel),
        }
    }
}

impl Type {
    fn of(datum: &Datum) -> Self {
        match datum {
            Datum::Null => Self::Null,
            Datum::Bool(_) => Self::Bool,
            Datum::Int(_) => Self::Int,
            Datum::Float(_) => Self::Float,
            Datum::Text(_) => Self::Text,
            Datum::Time(_) => Self::Time,
            Datum::Json(_) => Self::Json,
        }
    }
}

type Output = postcard::Serializer<ExtendFlavor<Vec<u8>>>;

fn put<T: Serialize + ?Sized>(value: &T, output: &mut Output) {
    value.serialize(output).expect("rows in memory are always serialisable");
}

/// Writes with postcard behind what stands in `bytes`.
fn extend(bytes: &mut Vec<u8>, write: impl FnOnce(&mut Output)) {
    let mut output = Output { output: ExtendFlavor::new(std::mem::take(bytes)) };
    write(&mut output);
    *bytes = postcard::ser_flavors::Flavor::finalize(output.output).expect("memory takes any bytes");
}

/// Rows that become bytes; it remembers which shapes the chunk has said.
#[derive(Default)]
pub(super) struct RowWriter {
    /// The number of each shape, by its bytes.
    numbers: FxHashMap<Vec<u8>, usize>,
    /// The shape of the row at hand.
    shape: Vec<u8>,
}

impl RowWriter {
    /// Adds a row to `bytes`: the number of its shape, the shape when it is the first one that has it, and its values.
    pub(super) fn push(&mut self, row: &Row, bytes: &mut Vec<u8>) {
        let Row { line, id, at, who, said } = row;
        self.shape.clear();
        let shape = ShapeOf { has_id: id.is_some(), has_at: at.is_some(), who, said };
        extend(&mut self.shape, |output| put(&shape, output));
        let known = self.numbers.get(&self.shape).copied();
        let number = known.unwrap_or(self.numbers.len());
        extend(bytes, |output| put(&number, output));
        if known.is_none() {
            bytes.extend_from_slice(&self.shape);
            self.numbers.insert(self.shape.clone(), number);
        }
        extend(bytes, |output| {
            put(line, output);
            id.iter().for_each(|id| put(id, output));
            at.iter().for_each(|at| put(at, output));
            who.iter().for_each(|identifier| put(&identifier.value, output));
            said.iter().for_each(|said| put_values(said, output));
        });
    }

    /// What comes now belongs to another chunk.
    pub(super) fn forget(&mut self) {
        self.numbers.clear();
    }
}

fn put_values(said: &Said, output: &mut Output) {
    match said {
        Said::Did(_, data) | Said::Traits(data) => {
            data.iter().for_each(|(_, datum)| put_datum(datum, output));
        }
        Said::Alias(previous) => put(&previous.value, output),
        Said::Reach(_, address) => put(address, output),
        Said::Consent(_, _, given, proof) => put(&(given, proof), output),
    }
}

fn put_datum(datum: &Datum, output: &mut Output) {
    match datum {
        Datum::Null => {}
        Datum::Bool(value) => put(value, output),
        Datum::Int(value) => put(value, output),
        Datum::Float(value) => put(value, output),
        Datum::Text(value) | Datum::Json(value) => put(value, output),
        Datum::Time(value) => put(value, output),
    }
}

type Input<'b> = Deserializer<'b, Slice<'b>>;

fn take<'b, T: Deserialize<'b>>(input: &mut Input<'b>) -> Result<T, Refusal> {
    T::deserialize(input).map_err(unreadable)
}

/// Why a row becomes no fact.
enum Stop {
    /// Its bytes are no row: then the chunk is none.
    Unreadable(Refusal),
    /// It says what no import may say.
    Fault(Fault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Unreadable(refusal)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What became of a row.
pub(super) enum Read {
    /// Its line was settled before.
    Settled,
    /// A fact, and whether its instant was not believed.
    Fact(Fact, bool),
    /// It is no fact.
    Refused(Row, Fault),
}

/// Bytes that become rows, or facts.
pub(super) struct RowReader<'b> {
    bytes: &'b [u8],
    shapes: Vec<Known>,
    /// What rows take together, each with its shape: a small chunk may not say by a number what would be too large.
    unfolded_bytes: usize,
}

/// A shape that the chunk has said.
struct Known {
    shape: Shape,
    bytes: usize,
    /// What is wrong with every row of this shape.
    fault: Option<Fault>,
    /// No name stands twice.
    is_distinct: bool,
}

impl<'b> RowReader<'b> {
    /// Nothing but rows stands in `bytes`.
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, shapes: Vec::new(), unfolded_bytes: bytes.len() }
    }

    /// The next row as a row.
    pub(super) fn row(&mut self) -> Result<Row, Refusal> {
        let (number, line) = self.begin()?;
        self.values(number, line)
    }

    /// The next row as a fact of history, told by the desk's source, unless its line is not after `settled`.
    pub(super) fn fact(&mut self, settled: u64, desk: &Desk, names: &mut LineNames) -> Result<Read, Refusal> {
        let (number, line) = self.begin()?;
        if line <= settled {
            return self.values(number, line).map(|_| Read::Settled);
        }
        let known = &self.shapes[number];
        let mut input = Input::from_bytes(self.bytes);
        match known.fact(line, &mut input, (desk, names)) {
            Ok((fact, is_clamped)) => {
                self.bytes = input.finalize().map_err(unreadable)?;
                Ok(Read::Fact(fact, is_clamped))
            }
            Err(Stop::Unreadable(refusal)) => Err(refusal),
            Err(Stop::Fault(fault)) => Ok(Read::Refused(self.values(number, line)?, fault)),
        }
    }

    /// The number of the next row's shape, and its line.
    fn begin(&mut self) -> Result<(usize, u64), Refusal> {
        let mut input = Input::from_bytes(self.bytes);
        let number: usize = take(&mut input)?;
        if number > self.shapes.len() {
            return Err(unreadable("a row has a shape that the chunk has not said"));
        }
        if number == self.shapes.len() {
            let before = input.finalize().map_err(unreadable)?;
            let (shape, after) = postcard::take_from_bytes(before).map_err(unreadable)?;
            self.shapes.push(Known::new(shape, before.len() - after.len()));
            input = Input::from_bytes(after);
        }
        self.unfolded_bytes += self.shapes[number].bytes;
        if self.unfolded_bytes > limits::CHUNK_BYTES_MAX {
            let (bytes, limit_bytes) = (self.unfolded_bytes, limits::CHUNK_BYTES_MAX);
            return Err(Refusal::TooLarge { bytes, limit_bytes });
        }
        let line = take(&mut input)?;
        self.bytes = input.finalize().map_err(unreadable)?;
        Ok((number, line))
    }

    /// The values of a row that has begun.
    fn values(&mut self, number: usize, line: u64) -> Result<Row, Refusal> {
        let mut input = Input::from_bytes(self.bytes);
        let row = self.shapes[number].shape.row(line, &mut input)?;
        self.bytes = input.finalize().map_err(unreadable)?;
        Ok(row)
    }
}

impl Known {
    fn new(shape: Shape, bytes: usize) -> Self {
        let (fault, is_distinct) = (shape.check().err(), shape.said.iter().all(Saying::is_distinct));
        Self { shape, bytes, fault, is_distinct }
    }

    fn fact(
        &self,
        line: u64,
        input: &mut Input<'_>,
        (desk, names): (&Desk, &mut LineNames),
    ) -> Result<(Fact, bool), Stop> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone().into());
        }
        let Shape { has_id, has_at, who, said } = &self.shape;
        // One space of ids for all imports: a row that has an id of its own is the same row in every file.
        let id = if *has_id {
            let id: &str = take(input)?;
            if id.len() > limits::IDENTIFIER_BYTES_MAX {
                return Err(Fault::new(Reason::TooLong, "id", id).into());
            }
            FactId::of(SourceId::IMPORT, id)
        } else {
            FactId::of(SourceId::IMPORT, names.of(line))
        };
        let at = if *has_at { take(input)? } else { desk.received_at };
        let believable = clock::believable(at, desk.received_at);
        let (received_at, source) = (desk.received_at, desk.source.history());
        // With room for exactly what comes: millions of facts may be on their way.
        let (who_room, what_room) = (Vec::with_capacity(who.len()), Vec::with_capacity(said.len()));
        let mut fact = Fact { id, at: believable.at, received_at, source, who: who_room, what: what_room };
        for kind in who {
            fact.who.push(identifier(kind, "who", input)?);
        }
        for saying in said {
            fact.what.push(self.what(saying, believable.clamped, input)?);
        }
        Ok((fact, believable.clamped))
    }

    fn what(&self, saying: &Saying, is_clamped: bool, input: &mut Input<'_>) -> Result<What, Stop> {
        Ok(match saying {
            Saying::Did(name, types) => {
                let mut properties = self.properties(types, input)?;
                if is_clamped {
                    properties.insert(CLAMPED, true);
                }
                What::Did { name: name.clone(), properties }
            }
            Saying::Traits(types) => What::Traits(who::changes(self.properties(types, input)?)),
            Saying::Alias(kind) => What::Alias { previous: identifier(kind, "previous", input)? },
            Saying::Reach(channel) => {
                let address: Text = take::<&str>(input)?.into();
                who::check(&address, "address")?;
                What::Address { channel: *channel, address, state: AddressState::Live }
            }
            Saying::Consent(purpose, channel) => {
                let (given, proof): (bool, &str) = take(input)?;
                if proof.len() > limits::IDENTIFIER_BYTES_MAX {
                    return Err(Fault::new(Reason::TooLong, "proof", proof).into());
                }
                What::Consent { purpose: *purpose, channel: *channel, given, proof: proof.into() }
            }
        })
    }

    fn properties(&self, types: &[(Text, Type)], input: &mut Input<'_>) -> Result<Properties, Stop> {
        let mut properties = Properties::with_room(types.len());
        for (name, kind) in types {
            let value = kind.value(name, input)?;
            if self.is_distinct {
                properties.add(name.clone(), value);
            } else {
                properties.insert(name.clone(), value);
            }
        }
        Ok(properties)
    }
}

fn identifier(kind: &IdentifierKind, field: &'static str, input: &mut Input<'_>) -> Result<Identifier, Stop> {
    let value: &str = take(input)?;
    who::check(value, field)?;
    Ok(Identifier::new(kind.clone(), value))
}

impl Shape {
    /// What is wrong with every row of this shape.
    fn check(&self) -> Result<(), Fault> {
        if self.who.is_empty() || self.said.is_empty() {
            return Err(Fault::new(Reason::NoIdentifier, "who", "missing"));
        }
        if self.who.len() > limits::IDENTIFIERS_MAX {
            return Err(Fault::new(Reason::TooMany, "who", self.who.len().to_string()));
        }
        self.said.iter().try_for_each(Saying::check)
    }

    fn row(&self, line: u64, input: &mut Input<'_>) -> Result<Row, Refusal> {
        let id = self.has_id.then(|| take(input)).transpose()?;
        let at = self.has_at.then(|| take(input)).transpose()?;
        let identifier = |kind: &IdentifierKind| Ok(Identifier::new(kind.clone(), take::<&str>(input)?));
        let who = self.who.iter().map(identifier).collect::<Result<_, _>>()?;
        let said = self.said.iter().map(|saying| saying.said(input)).collect::<Result<_, _>>()?;
        Ok(Row { line, id, at, who, said })
    }
}

impl Saying {
    fn check(&self) -> Result<(), Fault> {
        match self {
            Self::Did(name, types) => {
                check_event_name(name, "event")?;
                check_names(types, "properties")
            }
            Self::Traits(types) => check_names(types, "traits"),
            Self::Alias(_) | Self::Reach(_) | Self::Consent(..) => Ok(()),
        }
    }

    fn is_distinct(&self) -> bool {
        match self {
            Self::Did(_, types) | Self::Traits(types) => {
                let mut names: Vec<&Text> = types.iter().map(|(name, _)| name).collect();
                names.sort_unstable();
                names.windows(2).all(|pair| pair[0] != pair[1])
            }
            Self::Alias(_) | Self::Reach(_) | Self::Consent(..) => true,
        }
    }

    fn said(&self, input: &mut Input<'_>) -> Result<Said, Refusal> {
        Ok(match self {
            Self::Did(name, types) => Said::Did(name.clone(), data(types, input)?),
            Self::Traits(types) => Said::Traits(data(types, input)?),
            Self::Alias(kind) => Said::Alias(Identifier::new(kind.clone(), take::<&str>(input)?)),
            Self::Reach(channel) => Said::Reach(*channel, take(input)?),
            Self::Consent(purpose, channel) => {
                let (given, proof) = take(input)?;
                Said::Consent(*purpose, *channel, given, proof)
            }
        })
    }
}

fn check_names(types: &[(Text, Type)], field: &'static str) -> Result<(), Fault> {
    if types.len() > limits::PROPERTIES_MAX {
        return Err(Fault::new(Reason::TooMany, field, types.len().to_string()));
    }
    match types.iter().find(|(name, _)| name.is_empty() || name.len() > limits::NAME_BYTES_MAX) {
        Some((name, _)) => Err(Fault::new(Reason::TooLong, field, name)),
        None => Ok(()),
    }
}

fn data(types: &[(Text, Type)], input: &mut Input<'_>) -> Result<Vec<(Text, Datum)>, Refusal> {
    types.iter().map(|(name, kind)| Ok((name.clone(), kind.datum(input)?))).collect()
}

impl Type {
    fn datum(self, input: &mut Input<'_>) -> Result<Datum, Refusal> {
        Ok(match self {
            Self::Null => Datum::Null,
            Self::Bool => Datum::Bool(take(input)?),
            Self::Int => Datum::Int(take(input)?),
            Self::Float => Datum::Float(take(input)?),
            Self::Text => Datum::Text(take(input)?),
            Self::Time => Datum::Time(take(input)?),
            Self::Json => Datum::Json(take(input)?),
        })
    }

    fn value(self, name: &str, input: &mut Input<'_>) -> Result<Value, Stop> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool => Value::Bool(take(input)?),
            Self::Int => Value::Int(take(input)?),
            Self::Float => {
                let value: f64 = take(input)?;
                if value.is_finite() { Value::Float(value) } else { Value::Null }
            }
            Self::Text => Value::Text(take::<&str>(input)?.into()),
            Self::Time => Value::Time(take(input)?),
            Self::Json => crate::flat::list(take(input)?, name)?,
        })
    }
}
