//! Rows to a table: the one place where tables are made in memory.

use arrow_array::StringArray;
use arrow_buffer::{ArrowNativeType, BooleanBufferBuilder, NullBuffer, ScalarBuffer};
use model::{CustomerId, Properties, Text, Value};
use rustc_hash::FxHashMap;

use crate::column::{Bits, Column, Keys, Kind, Numbers, Words, json_text};
use crate::named::Named;
use crate::table::{Arrivals, Fixed, Table};

/// A row that waits to become part of a table.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Whom it belongs to.
    pub(crate) customer: CustomerId,
    /// Whom it arrived for.
    pub(crate) origin: CustomerId,
    /// When it happened, in milliseconds.
    pub(crate) time: i64,
    /// Its place in the order of arrival.
    pub(crate) arrival: u64,
    /// What was said about it.
    pub(crate) properties: Properties,
}

/// The order of rows in a table.
pub(crate) type SortKey = (usize, u32, i64, u64);

pub(crate) fn sort_key(customer: CustomerId, time: i64, arrival: u64) -> SortKey {
    (customer.lane().index(), customer.ordinal(), time, arrival)
}

/// A table of these rows, in whatever order they come.
pub(crate) fn table_of(mut rows: Vec<Pending>) -> Table {
    rows.sort_by_key(|row| sort_key(row.customer, row.time, row.arrival));
    let fixed = Fixed {
        customers: rows.iter().map(|row| row.customer.number()).collect(),
        times: rows.iter().map(|row| row.time).collect(),
        arrivals: Arrivals::new(rows.iter().map(|row| row.arrival).collect()),
        origins: origins(rows.iter().map(|row| (row.customer.number(), row.origin.number()))),
    };
    let mut columns = Builders::default();
    let len = rows.len();
    for (row, pending) in rows.into_iter().enumerate() {
        columns.add(row, pending.properties);
    }
    Table::new(fixed, columns.finish(len))
}

/// The column of origins; `None` when each row belongs to whom it arrived for.
pub(crate) fn origins(pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Option<ScalarBuffer<u32>> {
    pairs
        .clone()
        .any(|(customer, origin)| customer != origin)
        .then(|| pairs.map(|(_, origin)| origin).collect())
}

/// Columns that grow row by row. A row that says nothing of a property leaves a gap, filled later.
#[derive(Default)]
struct Builders {
    columns: Vec<(Text, Builder)>,
    places: FxHashMap<(Text, Kind), usize>,
}

impl Builders {
    fn add(&mut self, row: usize, properties: Properties) {
        let mut expected = 0;
        for (name, value) in properties {
            let Some(kind) = Kind::of(&value) else { continue };
            let place = self.place(name, kind, expected);
            self.columns[place].1.push(row, value);
            expected = place + 1;
        }
    }

    /// Where the column of this property is. Rows tend to name properties in one order: look there first.
    fn place(&mut self, name: Text, kind: Kind, expected: usize) -> usize {
        let here = |(other, builder): &(Text, Builder)| *other == name && builder.kind() == kind;
        if self.columns.get(expected).is_some_and(here) {
            return expected;
        }
        *self.places.entry((name, kind)).or_insert_with_key(|(name, kind)| {
            self.columns.push((name.clone(), Builder::new(*kind)));
            self.columns.len() - 1
        })
    }

    fn finish(self, rows: usize) -> Vec<Named> {
        let named = |(name, builder): (Text, Builder)| Named::new(name, builder.finish(rows));
        self.columns.into_iter().map(named).collect()
    }
}

/// One column that grows.
enum Builder {
    Bool(BitsBuilder),
    Int(NumbersBuilder<i64>),
    Float(NumbersBuilder<f64>),
    Text(WordsBuilder),
    Time(NumbersBuilder<i64>),
    Json(WordsBuilder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool(BitsBuilder::default()),
            Kind::Int => Self::Int(NumbersBuilder::default()),
            Kind::Float => Self::Float(NumbersBuilder::default()),
            Kind::Text => Self::Text(WordsBuilder::default()),
            Kind::Time => Self::Time(NumbersBuilder::default()),
            Kind::Json => Self::Json(WordsBuilder::default()),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Text(_) => Kind::Text,
            Self::Time(_) => Kind::Time,
            Self::Json(_) => Kind::Json,
        }
    }

    fn push(&mut self, row: usize, value: Value) {
        match (self, value) {
            (Self::Bool(bits), Value::Bool(value)) => bits.push(row, value),
            (Self::Int(numbers), Value::Int(value)) => numbers.push(row, value),
            (Self::Float(numbers), Value::Float(value)) => numbers.push(row, value),
            (Self::Text(words), Value::Text(value)) => words.push(row, value),
            (Self::Time(numbers), Value::Time(value)) => numbers.push(row, value.ms()),
            (Self::Json(words), value) => words.push(row, json_text(&value).into()),
            (builder, value) => {
                unreachable!("a {} in a column of {}", value.type_word(), builder.kind().word())
            }
        }
    }

    fn finish(self, rows: usize) -> Column {
        match self {
            Self::Bool(bits) => Column::Bool(bits.finish(rows)),
            Self::Int(numbers) => Column::Int(numbers.finish(rows)),
            Self::Float(numbers) => Column::Float(numbers.finish(rows)),
            Self::Text(words) => Column::Text(words.finish(rows)),
            Self::Time(numbers) => Column::Time(numbers.finish(rows)),
            Self::Json(words) => Column::Json(words.finish(rows)),
        }
    }
}

/// Where a column that grows is not missing. Nothing is kept until the first gap.
#[derive(Default)]
pub(crate) struct PresentBuilder {
    rows: usize,
    gaps: Option<BooleanBufferBuilder>,
}

impl PresentBuilder {
    /// The rows up to `row` are missing.
    pub(crate) fn skip_to(&mut self, row: usize) {
        if row > self.rows {
            let rows = self.rows;
            let gaps = self.gaps.get_or_insert_with(|| {
                let mut gaps = BooleanBufferBuilder::new(row);
                gaps.append_n(rows, true);
                gaps
            });
            gaps.append_n(row - rows, false);
            self.rows = row;
        }
    }

    /// The next `rows` rows are not missing.
    pub(crate) fn set(&mut self, rows: usize) {
        self.rows += rows;
        if let Some(gaps) = &mut self.gaps {
            gaps.append_n(rows, true);
        }
    }

    pub(crate) fn finish(mut self, rows: usize) -> Option<NullBuffer> {
        self.skip_to(rows);
        self.gaps.map(|gaps| NullBuffer::new(gaps.build()))
    }
}

pub(crate) struct BitsBuilder {
    values: BooleanBufferBuilder,
    present: PresentBuilder,
}

impl Default for BitsBuilder {
    fn default() -> Self {
        Self { values: BooleanBufferBuilder::new(0), present: PresentBuilder::default() }
    }
}

impl BitsBuilder {
    pub(crate) fn push(&mut self, row: usize, value: bool) {
        self.values.append_n(row - self.values.len(), false);
        self.values.append(value);
        self.present.skip_to(row);
        self.present.set(1);
    }

    pub(crate) fn finish(mut self, rows: usize) -> Bits {
        self.values.append_n(rows - self.values.len(), false);
        Bits { values: self.values.build(), present: self.present.finish(rows) }
    }
}

#[derive(Default)]
pub(crate) struct NumbersBuilder<T> {
    values: Vec<T>,
    present: PresentBuilder,
}

impl<T: ArrowNativeType + Default> NumbersBuilder<T> {
    pub(crate) fn push(&mut self, row: usize, value: T) {
        self.values.resize(row, T::default());
        self.values.push(value);
        self.present.skip_to(row);
        self.present.set(1);
    }

    pub(crate) fn finish(mut self, rows: usize) -> Numbers<T> {
        self.values.resize(rows, T::default());
        Numbers { values: self.values.into(), present: self.present.finish(rows) }
    }
}

/// Texts that are numbered in the order in which they come, and by the alphabet at the end.
#[derive(Default)]
struct WordsBuilder {
    numbers: FxHashMap<Text, u32>,
    keys: NumbersBuilder<u32>,
}

impl WordsBuilder {
    fn push(&mut self, row: usize, text: Text) {
        let next = u32::try_from(self.numbers.len()).expect("a table has less than 2^32 rows");
        let number = *self.numbers.entry(text).or_insert(next);
        self.keys.push(row, number);
    }

    fn finish(self, rows: usize) -> Words {
        let mut texts: Vec<(Text, u32)> = self.numbers.into_iter().collect();
        texts.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut sorted = vec![0_u32; texts.len()];
        for (place, (_, number)) in (0_u32..).zip(&texts) {
            sorted[*number as usize] = place;
        }
        let keys = self.keys.finish(rows);
        let renumbered = keys.values.iter().map(|number| sorted.get(*number as usize).copied().unwrap_or(0));
        Words {
            keys: narrow(renumbered.collect(), texts.len()),
            present: keys.present,
            dictionary: StringArray::from_iter_values(texts.iter().map(|(text, _)| text)),
        }
    }
}

/// The keys in as few bytes as `texts` different ones allow.
pub(crate) fn narrow(keys: Vec<u32>, texts: usize) -> Keys {
    const FITS: &str = "a key is below the number of texts";
    if texts <= 1 << u8::BITS {
        Keys::Narrow(keys.into_iter().map(|key| u8::try_from(key).expect(FITS)).collect())
    } else if texts <= 1 << u16::BITS {
        Keys::Middle(keys.into_iter().map(|key| u16::try_from(key).expect(FITS)).collect())
    } else {
        Keys::Wide(keys.into())
    }
}
