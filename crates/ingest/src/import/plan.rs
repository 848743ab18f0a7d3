//! A mapping bound to the columns of one file: cells in, a [`Row`] out.

use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use model::{Channel, Identifier, IdentifierKind, Instant, Purpose, Text};

use super::chunk::{Datum, Row, Said};
use super::expression::Expression;
use super::mapping::{BadMapping, Column, Constant, EventName, Mapping, ReadAs, Test, Time, TimeFormat};
use crate::clock;
use crate::contact;
use crate::desk::{Fault, Reason};
use crate::segment::check_event_name;
use crate::who::Who;

/// One cell of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Empty.
    Missing,
    /// A text.
    Text(&'a str),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A point in time.
    Time(Instant),
    /// What a clock on the wall showed, in milliseconds as if it were UTC; `[time]` says in which zone.
    Wall(i64),
}

/// How the rows of one file are read.
pub struct Plan {
    columns: Vec<String>,
    identifiers: Vec<(IdentifierKind, Source)>,
    time: Option<(usize, Clockwork)>,
    event: Option<EventSource>,
    id: Option<usize>,
    derived: Vec<(String, Expression)>,
    properties: Vec<(Text, Source)>,
    traits: Vec<(Text, Source)>,
    consents: Vec<(usize, Purpose, Option<Channel>)>,
    filters: Vec<(usize, Test)>,
    numbers: Vec<Option<f64>>,
    stack: Vec<f64>,
}

/// A column by its index (derived ones come after those of the file).
#[derive(Debug, Clone, Copy)]
struct Source {
    index: usize,
    read_as: ReadAs,
}

enum EventSource {
    Constant(Text),
    Column(usize),
}

/// Reads instants as `[time]` says, and remembers the last one: neighbouring rows often share it.
struct Clockwork {
    format: TimeFormat,
    zone: TimeZone,
    last: (String, Instant),
}

impl Mapping {
    /// Finds the columns of the mapping among those of a file.
    ///
    /// # Errors
    /// When the mapping names a column that is not there, or a derived value is no expression.
    pub fn bind(&self, columns: &[String]) -> Result<Plan, BadMapping> {
        let binder = Binder { columns, derived: &self.derived };
        let time = self.time.as_ref().map(|time| binder.time(time)).transpose()?;
        Ok(Plan {
            columns: columns.to_vec(),
            identifiers: binder
                .sources(&self.identifiers, "identifiers", |kind| (kind.clone(), kind.word().to_owned()))?,
            time,
            event: self.event.as_ref().map(|event| binder.event(event)).transpose()?,
            id: self.id.as_ref().map(|name| binder.column(name, "event.id")).transpose()?,
            derived: binder.expressions()?,
            properties: binder.sources(&self.properties, "properties", |name| (name.into(), name.clone()))?,
            traits: binder.sources(&self.traits, "traits", |name| (name.into(), name.clone()))?,
            consents: binder.consents(self)?,
            filters: binder.filters(self)?,
            numbers: vec![None; self.derived.len()],
            stack: Vec::new(),
        })
    }
}

/// Finds columns by name.
struct Binder<'a> {
    columns: &'a [String],
    derived: &'a [(String, String)],
}

impl Binder<'_> {
    fn column(&self, name: &str, field: &str) -> Result<usize, BadMapping> {
        let in_file = self.columns.iter().position(|column| column == name);
        let derived =
            || self.derived.iter().position(|(each, _)| each == name).map(|index| self.columns.len() + index);
        in_file.or_else(derived).ok_or_else(|| {
            let known = self.columns.join("`, `");
            BadMapping::field(field, name, format!("the file has no such column; it has `{known}`"))
        })
    }

    fn sources<K, N>(
        &self,
        columns: &[(K, Column)],
        table: &str,
        name: impl Fn(&K) -> (N, String),
    ) -> Result<Vec<(N, Source)>, BadMapping> {
        let bind = |(key, column): &(K, Column)| {
            let (name, word) = name(key);
            let index = self.column(&column.name, &format!("{table}.{word}"))?;
            Ok((name, Source { index, read_as: column.read_as }))
        };
        columns.iter().map(bind).collect()
    }

    fn time(&self, time: &Time) -> Result<(usize, Clockwork), BadMapping> {
        let index = self.column(&time.column, "time.column")?;
        let last = (String::new(), Instant::default());
        Ok((index, Clockwork { format: time.format.clone(), zone: time.zone.clone(), last }))
    }

    fn event(&self, event: &EventName) -> Result<EventSource, BadMapping> {
        Ok(match event {
            EventName::Constant(name) => EventSource::Constant(name.into()),
            EventName::Column(name) => EventSource::Column(self.column(name, "event.column")?),
        })
    }

    fn expressions(&self) -> Result<Vec<(String, Expression)>, BadMapping> {
        let find = |name: &str| self.columns.iter().position(|column| column == name);
        let parse = |(name, text): &(String, String)| match Expression::parse(text, &find) {
            Ok(expression) => Ok((name.clone(), expression)),
            Err(problem) => Err(BadMapping::Derived { name: name.clone(), problem }),
        };
        self.derived.iter().map(parse).collect()
    }

    fn consents(&self, mapping: &Mapping) -> Result<Vec<(usize, Purpose, Option<Channel>)>, BadMapping> {
        let bind = |consent: &super::mapping::Consent| {
            Ok((self.column(&consent.column, "consent.column")?, consent.purpose, consent.channel))
        };
        mapping.consents.iter().map(bind).collect()
    }

    fn filters(&self, mapping: &Mapping) -> Result<Vec<(usize, Test)>, BadMapping> {
        let bind = |filter: &super::mapping::Filter| {
            Ok((self.column(&filter.column, "filter.column")?, filter.test.clone()))
        };
        mapping.filters.iter().map(bind).collect()
    }
}

impl Plan {
    /// What one row says; nothing when a filter leaves it out.
    ///
    /// # Errors
    /// With the field, the value and the reason, when the row cannot be imported.
    pub fn row(&mut self, line: u64, cells: &[Cell<'_>]) -> Result<Option<Row>, Fault> {
        self.derive(cells)?;
        if !self.filters.iter().all(|(index, test)| test.passes(self.cell(cells, *index))) {
            return Ok(None);
        }
        let at = match &mut self.time {
            Some((index, clockwork)) => Some(clockwork.required(cell_of(cells, &self.numbers, *index))?),
            None => None,
        };
        let traits = self.values(&self.traits, cells)?;
        let mut said = Vec::with_capacity(2);
        if let Some(event) = &self.event {
            let name = self.event_name(event, cells)?;
            said.push(Said::Did(name, self.values(&self.properties, cells)?));
        }
        let who = self.who(cells, &traits, &mut said)?;
        self.consented(cells, &mut said)?;
        let id = self.id.and_then(|index| text(self.cell(cells, index)));
        Ok(Some(Row { line, id, at, who, said }))
    }

    fn cell<'c>(&self, cells: &[Cell<'c>], index: usize) -> Cell<'c> {
        cell_of(cells, &self.numbers, index)
    }

    fn derive(&mut self, cells: &[Cell<'_>]) -> Result<(), Fault> {
        for (slot, (name, expression)) in self.numbers.iter_mut().zip(&self.derived) {
            let wrong = std::cell::Cell::new(None);
            *slot = expression.evaluate(&mut self.stack, |index| {
                let cell = cells.get(index).copied().unwrap_or(Cell::Missing);
                let number = number(cell);
                if number.is_none() && cell != Cell::Missing {
                    wrong.set(Some(index));
                }
                number
            });
            if let Some(index) = wrong.get() {
                let value = text(cells[index]).unwrap_or_default();
                let field = format!("{name} ({})", self.columns[index]);
                return Err(Fault::new(Reason::BadValue, field, value));
            }
        }
        Ok(())
    }

    fn event_name(&self, event: &EventSource, cells: &[Cell<'_>]) -> Result<Text, Fault> {
        match event {
            EventSource::Constant(name) => Ok(name.clone()),
            EventSource::Column(index) => {
                let name = text(self.cell(cells, *index)).unwrap_or_default();
                check_event_name(&name, "event")?;
                Ok(name)
            }
        }
    }

    fn values(&self, sources: &[(Text, Source)], cells: &[Cell<'_>]) -> Result<Vec<(Text, Datum)>, Fault> {
        let mut values = Vec::with_capacity(sources.len());
        for (name, source) in sources {
            let cell = self.cell(cells, source.index);
            let datum = self.read(cell, source.read_as);
            let datum =
                datum.map_err(|reason| Fault::new(reason, name.clone(), text(cell).unwrap_or_default()))?;
            if datum != Datum::Null {
                values.push((name.clone(), datum));
            }
        }
        Ok(values)
    }

    /// The identifiers of the row; what its traits and addresses say joins `said`.
    fn who(
        &self,
        cells: &[Cell<'_>],
        traits: &[(Text, Datum)],
        said: &mut Vec<Said>,
    ) -> Result<Vec<Identifier>, Fault> {
        let mut who = Who::default();
        let mut reach = Vec::new();
        for (kind, source) in &self.identifiers {
            let cell = self.cell(cells, source.index);
            let word = || Text::from(kind.word());
            let datum = self.read(cell, source.read_as);
            let datum = datum.map_err(|reason| Fault::new(reason, word(), text(cell).unwrap_or_default()))?;
            let Some(value) = identifier(datum) else { continue };
            let value = normal(kind, value)?;
            reach.extend(channel(kind).map(|channel| Said::Reach(channel, value.clone())));
            who.add(kind.clone(), value, "identifiers")?;
        }
        for (name, datum) in traits {
            if let Some((kind, value)) = contact_of(name, datum) {
                reach.extend(channel(&kind).map(|channel| Said::Reach(channel, value.clone())));
                who.add(kind, value, "traits")?;
            }
        }
        if !traits.is_empty() {
            said.push(Said::Traits(traits.to_vec()));
        }
        for each in reach {
            if !said.contains(&each) {
                said.push(each);
            }
        }
        who.finish(self.first_identifier())
    }

    /// The yes and no of the row; an empty cell is neither.
    fn consented(&self, cells: &[Cell<'_>], said: &mut Vec<Said>) -> Result<(), Fault> {
        for (index, purpose, channel) in &self.consents {
            let cell = self.cell(cells, *index);
            if cell != Cell::Missing {
                let given = boolean(cell)
                    .ok_or_else(|| Fault::new(Reason::BadValue, "consent", text(cell).unwrap_or_default()))?;
                said.push(Said::Consent(*purpose, *channel, given, Text::new_static("import")));
            }
        }
        Ok(())
    }

    /// The name of the column that a row without any identifier should have filled.
    fn first_identifier(&self) -> Text {
        let column = self.identifiers.first().and_then(|(_, source)| self.columns.get(source.index));
        column.map_or_else(|| "identifiers".into(), Text::from)
    }

    fn read(&self, cell: Cell<'_>, read_as: ReadAs) -> Result<Datum, Reason> {
        if cell == Cell::Missing {
            return Ok(Datum::Null);
        }
        match read_as {
            ReadAs::File => Ok(as_it_is(cell, self.zone())),
            ReadAs::Text => Ok(text(cell).map_or(Datum::Null, Datum::Text)),
            ReadAs::Int => whole(cell).map(Datum::Int).ok_or(Reason::BadValue),
            ReadAs::Float => number(cell).map(Datum::Float).ok_or(Reason::BadValue),
            ReadAs::Bool => boolean(cell).map(Datum::Bool).ok_or(Reason::BadValue),
            ReadAs::Time => self.instant(cell).map(Datum::Time).ok_or(Reason::BadTime),
        }
    }

    fn zone(&self) -> &TimeZone {
        static UTC: TimeZone = TimeZone::UTC;
        self.time.as_ref().map_or(&UTC, |(_, clockwork)| &clockwork.zone)
    }

    fn instant(&self, cell: Cell<'_>) -> Option<Instant> {
        match &self.time {
            Some((_, clockwork)) => clockwork.instant(cell),
            None => instant(cell, &TimeFormat::Rfc3339, &TimeZone::UTC),
        }
    }
}

fn cell_of<'c>(cells: &[Cell<'c>], numbers: &[Option<f64>], index: usize) -> Cell<'c> {
    match cells.get(index) {
        Some(cell) => *cell,
        None => numbers.get(index - cells.len()).copied().flatten().map_or(Cell::Missing, Cell::Float),
    }
}

/// The one form of an identifier.
fn normal(kind: &IdentifierKind, value: Text) -> Result<Text, Fault> {
    match kind {
        IdentifierKind::Email => {
            contact::email(&value).ok_or_else(|| Fault::new(Reason::BadEmail, "email", &value))
        }
        IdentifierKind::Phone => {
            contact::phone(&value).ok_or_else(|| Fault::new(Reason::BadPhone, "phone", &value))
        }
        IdentifierKind::UserId
        | IdentifierKind::AnonymousId
        | IdentifierKind::Device
        | IdentifierKind::Custom(_) => Ok(value),
    }
}

/// The channel that reaches an identifier of this kind.
fn channel(kind: &IdentifierKind) -> Option<Channel> {
    match kind {
        IdentifierKind::Email => Some(Channel::Email),
        IdentifierKind::Phone => Some(Channel::Sms),
        IdentifierKind::Device => Some(Channel::Push),
        IdentifierKind::UserId | IdentifierKind::AnonymousId | IdentifierKind::Custom(_) => None,
    }
}

/// The traits `email` and `phone` identify and reach; what is neither stays a trait.
fn contact_of(name: &str, datum: &Datum) -> Option<(IdentifierKind, Text)> {
    let Datum::Text(value) = datum else { return None };
    match name {
        "email" => contact::email(value).map(|email| (IdentifierKind::Email, email)),
        "phone" => contact::phone(value).map(|phone| (IdentifierKind::Phone, phone)),
        _ => None,
    }
}

fn identifier(datum: Datum) -> Option<Text> {
    match datum {
        Datum::Text(value) => Some(value),
        Datum::Int(value) => Some(value.to_string().into()),
        Datum::Float(value) => Some(value.to_string().into()),
        Datum::Bool(value) => Some(value.to_string().into()),
        Datum::Time(value) => Some(value.to_string().into()),
        Datum::Null | Datum::Json(_) => None,
    }
}

fn as_it_is(cell: Cell<'_>, zone: &TimeZone) -> Datum {
    match cell {
        Cell::Missing => Datum::Null,
        Cell::Text(value) => Datum::Text(value.into()),
        Cell::Bool(value) => Datum::Bool(value),
        Cell::Int(value) => Datum::Int(value),
        Cell::Float(value) => Datum::Float(value),
        Cell::Time(value) => Datum::Time(value),
        Cell::Wall(ms) => wall(ms, zone).map_or(Datum::Null, Datum::Time),
    }
}

fn text(cell: Cell<'_>) -> Option<Text> {
    match cell {
        Cell::Missing => None,
        Cell::Text(value) => Some(value.into()),
        Cell::Bool(value) => Some(value.to_string().into()),
        Cell::Int(value) => Some(value.to_string().into()),
        Cell::Float(value) => Some(value.to_string().into()),
        Cell::Time(value) => Some(value.to_string().into()),
        Cell::Wall(ms) => Some(Instant::from_ms(ms).to_string().trim_end_matches('Z').into()),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "arithmetic is in floating point; whole numbers are exact up to 2^53"
)]
fn number(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Text(value) => value.trim().parse().ok().filter(|value: &f64| value.is_finite()),
        Cell::Int(value) => Some(value as f64),
        Cell::Float(value) => Some(value),
        Cell::Missing | Cell::Bool(_) | Cell::Time(_) | Cell::Wall(_) => None,
    }
}

/// Whole numbers up to 2⁵³ that came with a decimal point: `17850.0`.
fn whole(cell: Cell<'_>) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let direct = match cell {
        Cell::Int(value) => Some(value),
        Cell::Text(value) => value.trim().parse().ok(),
        Cell::Missing | Cell::Bool(_) | Cell::Float(_) | Cell::Time(_) | Cell::Wall(_) => None,
    };
    direct.or_else(|| {
        let value = number(cell).filter(|value| value.fract() == 0.0 && value.abs() <= EXACT_MAX)?;
        format!("{value:.0}").parse().ok()
    })
}

fn boolean(cell: Cell<'_>) -> Option<bool> {
    const YES: &[&str] = &["true", "yes", "y", "1", "t"];
    const NO: &[&str] = &["false", "no", "n", "0", "f"];
    let any = |words: &[&str], value: &str| words.iter().any(|word| word.eq_ignore_ascii_case(value.trim()));
    match cell {
        Cell::Bool(value) => Some(value),
        Cell::Int(0) => Some(false),
        Cell::Int(1) => Some(true),
        Cell::Text(value) if any(YES, value) => Some(true),
        Cell::Text(value) if any(NO, value) => Some(false),
        Cell::Missing | Cell::Int(_) | Cell::Text(_) | Cell::Float(_) | Cell::Time(_) | Cell::Wall(_) => None,
    }
}

impl Clockwork {
    fn instant(&self, cell: Cell<'_>) -> Option<Instant> {
        instant(cell, &self.format, &self.zone)
    }

    fn required(&mut self, cell: Cell<'_>) -> Result<Instant, Fault> {
        if let Cell::Text(text) = cell
            && text == self.last.0
        {
            return Ok(self.last.1);
        }
        let found = self.instant(cell).ok_or_else(|| {
            Fault::new(Reason::BadTime, "time", text(cell).unwrap_or_else(|| "missing".into()))
        })?;
        if let Cell::Text(text) = cell {
            self.last = (text.to_owned(), found);
        }
        Ok(found)
    }
}

fn instant(cell: Cell<'_>, format: &TimeFormat, zone: &TimeZone) -> Option<Instant> {
    match cell {
        Cell::Time(instant) => Some(instant),
        Cell::Wall(ms) => wall(ms, zone),
        Cell::Text(text) => written(text.trim(), format, zone),
        Cell::Int(value) => match format {
            TimeFormat::UnixSeconds => value.checked_mul(Instant::SECOND_MS).map(Instant::from_ms),
            TimeFormat::UnixMs => Some(Instant::from_ms(value)),
            TimeFormat::Rfc3339 | TimeFormat::Pattern(_) => Some(clock::from_number(value)),
        },
        Cell::Float(_) => whole(cell).and_then(|value| instant(Cell::Int(value), format, zone)),
        Cell::Missing | Cell::Bool(_) => None,
    }
}

fn written(text: &str, format: &TimeFormat, zone: &TimeZone) -> Option<Instant> {
    match format {
        TimeFormat::UnixSeconds | TimeFormat::UnixMs => {
            instant(Cell::Int(whole(Cell::Text(text))?), format, zone)
        }
        TimeFormat::Rfc3339 => text.parse().ok().or_else(|| in_zone(text.parse().ok()?, zone)),
        TimeFormat::Pattern(pattern) => {
            let parsed = BrokenDownTime::parse(pattern, text).ok()?;
            match parsed.offset() {
                Some(_) => parsed.to_timestamp().ok().map(Instant::from),
                None => in_zone(parsed.to_datetime().ok()?, zone),
            }
        }
    }
}

/// What a clock on the wall of the zone shows. A time that a change of the clocks skips is read as if the
/// clocks had not changed yet; one that happens twice is the first.
fn in_zone(local: jiff::civil::DateTime, zone: &TimeZone) -> Option<Instant> {
    zone.to_ambiguous_zoned(local).compatible().ok().map(|zoned| zoned.timestamp().into())
}

fn wall(ms: i64, zone: &TimeZone) -> Option<Instant> {
    let timestamp = jiff::Timestamp::from_millisecond(ms).ok()?;
    in_zone(TimeZone::UTC.to_datetime(timestamp), zone)
}

impl Test {
    fn passes(&self, cell: Cell<'_>) -> bool {
        let is_number = |test: &dyn Fn(f64) -> bool| number(cell).is_some_and(test);
        let is_text = |test: &dyn Fn(&str) -> bool| text(cell).is_some_and(|text| test(&text));
        match self {
            Self::Equals(constant) => constant.equals(cell),
            Self::Not(constant) => !constant.equals(cell),
            Self::Above(limit) => is_number(&|value| value > *limit),
            Self::AtLeast(limit) => is_number(&|value| value >= *limit),
            Self::Below(limit) => is_number(&|value| value < *limit),
            Self::AtMost(limit) => is_number(&|value| value <= *limit),
            Self::StartsWith(prefix) => is_text(&|text| text.starts_with(prefix)),
            Self::NotStartsWith(prefix) => !is_text(&|text| text.starts_with(prefix)),
            Self::Present(present) => (cell != Cell::Missing) == *present,
        }
    }
}

impl Constant {
    fn equals(&self, cell: Cell<'_>) -> bool {
        match self {
            Self::Number(value) => number(cell) == Some(*value),
            Self::Text(value) => text(cell).is_some_and(|text| text == *value),
        }
    }
}
