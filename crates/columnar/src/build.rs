//! Rows to a table: the one place where tables are made in memory.
//!
//! Rows wait in columns that grow, in the order in which they come ([`Tail`]); a table is the same columns in the order of
//! tables. So a row is taken apart once, while it is at hand, and nothing of it is moved when rows are sorted.

use arrow_array::StringArray;
use arrow_buffer::{ArrowNativeType, BooleanBuffer, BooleanBufferBuilder, NullBuffer, ScalarBuffer};
use model::{CustomerId, Instant, Lane, Properties, Text, Value};
use rustc_hash::FxHashMap;

use crate::column::{Bits, Column, Keys, Kind, Numbers, Words, from_json, json_text};
use crate::named::Named;
use crate::table::{Arrivals, Fixed, Table};

/// The order of rows in a table.
pub(crate) type SortKey = (usize, u32, i64, u64);

pub(crate) fn sort_key(customer: CustomerId, time: i64, arrival: u64) -> SortKey {
    (customer.lane().index(), customer.ordinal(), time, arrival)
}

/// A row that waits to become part of a table, without what was said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Whom it arrived for.
    pub(crate) origin: CustomerId,
    /// When it happened, in milliseconds.
    pub(crate) time: i64,
    /// Its place in the order of arrival.
    pub(crate) arrival: u64,
}

/// Rows that wait to become a table.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    rows: Vec<Waiting>,
    columns: Builders,
    index: Index,
}

/// Where the rows of each customer are, as far as somebody asked: a chain through all of one origin, the last first.
#[derive(Debug, Default)]
struct Index {
    last: FxHashMap<CustomerId, u32>,
    /// Of each row the one before it in its chain.
    before: Vec<Option<u32>>,
}

impl Tail {
    /// Another row, in whatever order rows come.
    pub(crate) fn push(&mut self, row: Waiting, properties: Properties) {
        self.columns.add(self.rows.len(), properties);
        self.rows.push(row);
    }

    /// How many rows wait.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in the order in which they came.
    pub(crate) fn rows(&self) -> &[Waiting] {
        &self.rows
    }

    /// Prepares for [`Self::of`], of all rows that have come.
    pub(crate) fn index(&mut self) {
        let Index { last, before } = &mut self.index;
        let known = before.len();
        let first = u32::try_from(known).expect("fewer rows than 2^32 wait");
        for (number, row) in (first..).zip(&self.rows[known..]) {
            before.push(last.insert(row.origin, number));
        }
    }

    /// The rows that arrived for this customer, the last first.
    pub(crate) fn of(&self, origin: CustomerId) -> impl Iterator<Item = usize> {
        debug_assert_eq!(self.index.before.len(), self.rows.len(), "it is indexed before it is asked");
        let last = self.index.last.get(&origin).copied();
        std::iter::successors(last, |row| self.index.before[*row as usize]).map(|row| row as usize)
    }

    /// What a row says of one property.
    pub(crate) fn value(&self, row: usize, name: &str) -> Option<Value> {
        self.columns.value(row, name)
    }

    /// A table of the rows that have an owner, under their owners.
    pub(crate) fn into_table(self, owner: impl Fn(CustomerId) -> Option<CustomerId>) -> Table {
        let keyed = |(index, row): (u32, &Waiting)| {
            owner(row.origin).map(|customer| (sort_key(customer, row.time, row.arrival), index))
        };
        let mut keys: Vec<(SortKey, u32)> = (0..).zip(&self.rows).filter_map(keyed).collect();
        keys.sort_unstable();
        let order: Vec<u32> = keys.iter().map(|(_, index)| *index).collect();
        let customer = |key: &SortKey| CustomerId::new(Lane::new(key.0), key.1).number();
        let origin = |index: &u32| self.rows[*index as usize].origin.number();
        let fixed = Fixed {
            customers: keys.iter().map(|(key, _)| customer(key)).collect(),
            times: keys.iter().map(|(key, _)| key.2).collect(),
            arrivals: Arrivals::new(keys.iter().map(|(key, _)| key.3).collect()),
            origins: origins(keys.iter().map(|(key, index)| (customer(key), origin(index)))),
        };
        Table::new(fixed, self.columns.pick(&order))
    }
}

/// The column of origins; `None` when each row belongs to whom it arrived for.
pub(crate) fn origins(pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Option<ScalarBuffer<u32>> {
    pairs
        .clone()
        .any(|(customer, origin)| customer != origin)
        .then(|| pairs.map(|(_, origin)| origin).collect())
}

/// Columns that grow row by row. A row that says nothing of a property leaves a gap, filled later.
#[derive(Debug, Default)]
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

    fn value(&self, row: usize, name: &str) -> Option<Value> {
        self.columns.iter().filter(|(other, _)| other == name).find_map(|(_, builder)| builder.value(row))
    }

    /// The columns with these of their rows, in this order: first those of which the first row says something. Those
    /// that say nothing in any of them are left out.
    fn pick(self, order: &[u32]) -> Vec<Named> {
        let first = |builder: &Builder| order.iter().position(|row| builder.says(*row as usize));
        let found = |(name, builder)| Some((first(&builder)?, name, builder));
        let mut columns: Vec<(usize, Text, Builder)> = self.columns.into_iter().filter_map(found).collect();
        columns.sort_by_key(|(first, ..)| *first);
        columns.into_iter().map(|(_, name, builder)| Named::new(name, builder.pick(order))).collect()
    }
}

/// One column that grows.
#[derive(Debug)]
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

    /// Whether this row says something.
    fn says(&self, row: usize) -> bool {
        match self {
            Self::Bool(bits) => bits.present.get(row),
            Self::Int(numbers) | Self::Time(numbers) => numbers.present.get(row),
            Self::Float(numbers) => numbers.present.get(row),
            Self::Text(words) | Self::Json(words) => words.keys.present.get(row),
        }
    }

    fn value(&self, row: usize) -> Option<Value> {
        match self {
            Self::Bool(bits) => bits.get(row).map(Value::Bool),
            Self::Int(numbers) => numbers.get(row).map(Value::Int),
            Self::Float(numbers) => numbers.get(row).map(Value::Float),
            Self::Text(words) => words.get(row).map(|text| Value::Text(text.clone())),
            Self::Time(numbers) => numbers.get(row).map(|ms| Value::Time(Instant::from_ms(ms))),
            Self::Json(words) => words.get(row).map(|text| from_json(text)),
        }
    }

    fn pick(self, order: &[u32]) -> Column {
        match self {
            Self::Bool(bits) => Column::Bool(bits.pick(order)),
            Self::Int(numbers) => Column::Int(numbers.pick(order)),
            Self::Float(numbers) => Column::Float(numbers.pick(order)),
            Self::Text(words) => Column::Text(words.pick(order)),
            Self::Time(numbers) => Column::Time(numbers.pick(order)),
            Self::Json(words) => Column::Json(words.pick(order)),
        }
    }
}

/// Where a column that grows is not missing. Nothing is kept until the first gap.
#[derive(Debug, Default)]
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

    fn get(&self, row: usize) -> bool {
        row < self.rows && self.gaps.as_ref().is_none_or(|gaps| gaps.get_bit(row))
    }

    fn pick(&self, order: &[u32]) -> Option<NullBuffer> {
        let gap = |row: &u32| !self.get(*row as usize);
        let picked = || BooleanBuffer::from_iter(order.iter().map(|row| !gap(row)));
        order.iter().any(gap).then(|| NullBuffer::new(picked()))
    }
}

#[derive(Debug)]
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

    fn get(&self, row: usize) -> Option<bool> {
        self.present.get(row).then(|| self.values.get_bit(row))
    }

    fn pick(self, order: &[u32]) -> Bits {
        let values = order.iter().map(|row| self.get(*row as usize).unwrap_or_default()).collect();
        Bits { values, present: self.present.pick(order) }
    }
}

#[derive(Debug, Default)]
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

    fn get(&self, row: usize) -> Option<T> {
        self.present.get(row).then(|| self.values[row])
    }

    fn pick(self, order: &[u32]) -> Numbers<T> {
        let value = |row: &u32| self.values.get(*row as usize).copied().unwrap_or_default();
        Numbers { values: order.iter().map(value).collect(), present: self.present.pick(order) }
    }
}

/// Texts that are numbered in the order in which they come, and by the alphabet at the end.
#[derive(Debug, Default)]
struct WordsBuilder {
    texts: Vec<Text>,
    numbers: FxHashMap<Text, u32>,
    keys: NumbersBuilder<u32>,
}

impl WordsBuilder {
    fn push(&mut self, row: usize, text: Text) {
        let next = u32::try_from(self.texts.len()).expect("a table has less than 2^32 rows");
        let number = *self.numbers.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            next
        });
        self.keys.push(row, number);
    }

    fn get(&self, row: usize) -> Option<&Text> {
        self.keys.get(row).map(|number| &self.texts[number as usize])
    }

    /// Texts that stand in none of the rows are left out.
    fn pick(self, order: &[u32]) -> Words {
        let mut used = vec![false; self.texts.len()];
        for number in order.iter().filter_map(|row| self.keys.get(*row as usize)) {
            used[number as usize] = true;
        }
        let mut texts: Vec<(&Text, usize)> =
            self.texts.iter().zip(0..).filter(|(_, number)| used[*number]).collect();
        texts.sort_unstable();
        let mut places = vec![0_u32; self.texts.len()];
        for (place, (_, number)) in (0..).zip(&texts) {
            places[*number] = place;
        }
        let keys = self.keys.pick(order);
        let renumbered = keys.values.iter().map(|number| places.get(*number as usize).copied().unwrap_or(0));
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
