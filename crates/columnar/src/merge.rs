//! Tables to one table: for recent rows that grew too many, and for compaction.

use arrow_array::{Array, StringArray};
use arrow_buffer::ArrowNativeType;
use model::{CustomerId, Lane, Text};

use crate::build::{BitsBuilder, NumbersBuilder, PresentBuilder, narrow, origins, sort_key};
use crate::column::{Bits, Column, Kind, Numbers, Words};
use crate::named::Named;
use crate::table::{Arrivals, Fixed, Table, View};

/// Where a row of the new table comes from.
#[derive(Debug, Clone, Copy)]
struct Source {
    view: u32,
    row: u32,
}

impl Source {
    fn row(self) -> usize {
        self.row as usize
    }

    fn of<T>(self, views: &[T]) -> &T {
        &views[self.view as usize]
    }
}

/// One table with every row of `views` that counts.
pub(crate) fn merge(views: &[View]) -> Table {
    let order: Vec<Source> = Lane::all().flat_map(|lane| lane_order(views, lane)).collect();
    let customer = |source: &Source| source.of(views).customers()[source.row()];
    let origin = |source: &Source| source.of(views).origin(source.row()).number();
    let fixed = Fixed {
        customers: order.iter().map(customer).collect(),
        times: order.iter().map(|source| source.of(views).times()[source.row()]).collect(),
        arrivals: Arrivals::new(order.iter().map(|source| source.of(views).arrival(source.row())).collect()),
        origins: origins(order.iter().map(|source| (customer(source), origin(source)))),
    };
    let columns = column_names(views).into_iter().filter_map(|(name, kind)| {
        let column = merge_column(&inputs(views, &name, kind), kind, &order);
        let nowhere = column.present().is_some_and(|present| present.null_count() == order.len());
        (!nowhere).then(|| Named::new(name, column))
    });
    let columns = columns.collect();
    Table::new(fixed, columns)
}

/// The rows of one lane in the order of the new table.
fn lane_order(views: &[View], lane: Lane) -> Vec<Source> {
    let mut rows = Vec::with_capacity(views.iter().map(|view| view.lane_rows(lane).len()).sum());
    for (index, view) in (0_u32..).zip(views) {
        for row in view.lane(lane).flatten() {
            let customer = CustomerId::from_number(view.customers()[row]);
            let source =
                Source { view: index, row: u32::try_from(row).expect("a table has less than 2^32 rows") };
            rows.push((sort_key(customer, view.times()[row], view.arrival(row)), source));
        }
    }
    // A stable sort takes runs that are sorted already as they are, and merges them.
    rows.sort_by_key(|(key, _)| *key);
    rows.into_iter().map(|(_, source)| source).collect()
}

/// The columns of all views, in the order in which they are first seen.
fn column_names(views: &[View]) -> Vec<(Text, Kind)> {
    let mut names: Vec<(Text, Kind)> = Vec::new();
    for named in views.iter().flat_map(|view| view.columns()) {
        let name = (named.name.clone(), named.kind());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The column in each view.
fn inputs<'v>(views: &'v [View], name: &str, kind: Kind) -> Vec<Option<&'v Column>> {
    let is_it = |named: &&Named| named.name == name && named.kind() == kind;
    views.iter().map(|view| view.columns().iter().find(is_it).and_then(Named::column)).collect()
}

/// The column with only these of its rows, in this order.
pub(crate) fn pick(column: &Column, rows: &[u32]) -> Column {
    let order: Vec<Source> = rows.iter().map(|row| Source { view: 0, row: *row }).collect();
    merge_column(&[Some(column)], column.kind(), &order)
}

fn merge_column(inputs: &[Option<&Column>], kind: Kind, order: &[Source]) -> Column {
    match kind {
        Kind::Bool => Column::Bool(merge_bits(&each(inputs, as_bits), order)),
        Kind::Int => Column::Int(merge_numbers(&each(inputs, as_ints), order)),
        Kind::Float => Column::Float(merge_numbers(&each(inputs, as_floats), order)),
        Kind::Text => Column::Text(merge_words(&each(inputs, as_words), order)),
        Kind::Time => Column::Time(merge_numbers(&each(inputs, as_ints), order)),
        Kind::Json => Column::Json(merge_words(&each(inputs, as_words), order)),
    }
}

fn each<'v, T>(inputs: &[Option<&'v Column>], cast: fn(&'v Column) -> Option<&'v T>) -> Vec<Option<&'v T>> {
    inputs.iter().map(|input| input.and_then(cast)).collect()
}

fn as_bits(column: &Column) -> Option<&Bits> {
    if let Column::Bool(bits) = column { Some(bits) } else { None }
}

fn as_ints(column: &Column) -> Option<&Numbers<i64>> {
    if let Column::Int(numbers) | Column::Time(numbers) = column { Some(numbers) } else { None }
}

fn as_floats(column: &Column) -> Option<&Numbers<f64>> {
    if let Column::Float(numbers) = column { Some(numbers) } else { None }
}

fn as_words(column: &Column) -> Option<&Words> {
    if let Column::Text(words) | Column::Json(words) = column { Some(words) } else { None }
}

fn merge_bits(inputs: &[Option<&Bits>], order: &[Source]) -> Bits {
    let mut builder = BitsBuilder::default();
    for (row, source) in order.iter().enumerate() {
        if let Some(value) = source.of(inputs).and_then(|bits| bits.get(source.row())) {
            builder.push(row, value);
        }
    }
    builder.finish(order.len())
}

fn merge_numbers<T: ArrowNativeType + Default>(
    inputs: &[Option<&Numbers<T>>],
    order: &[Source],
) -> Numbers<T> {
    let mut builder = NumbersBuilder::default();
    for (row, source) in order.iter().enumerate() {
        if let Some(value) = source.of(inputs).and_then(|numbers| numbers.get(source.row())) {
            builder.push(row, value);
        }
    }
    builder.finish(order.len())
}

/// Only texts that some row still says go on: what was erased leaves the dictionary, too.
fn merge_words(inputs: &[Option<&Words>], order: &[Source]) -> Words {
    let mut used: Vec<Vec<bool>> =
        inputs.iter().map(|words| vec![false; words.map_or(0, |words| words.dictionary.len())]).collect();
    let key = |source: &Source| source.of(inputs).and_then(|words| words.key(source.row()));
    for source in order {
        if let Some(key) = key(source) {
            used[source.view as usize][key] = true;
        }
    }
    let texts = merged_dictionary(inputs, &used);
    let numbers: Vec<Vec<u32>> = inputs.iter().map(|words| renumbering(*words, &texts)).collect();
    let mut keys = Vec::with_capacity(order.len());
    let mut present = PresentBuilder::default();
    for (row, source) in order.iter().enumerate() {
        let key = key(source);
        keys.push(key.map_or(0, |key| numbers[source.view as usize][key]));
        if key.is_some() {
            present.skip_to(row);
            present.set(1);
        }
    }
    Words {
        keys: narrow(keys, texts.len()),
        present: present.finish(order.len()),
        dictionary: StringArray::from_iter_values(&texts),
    }
}

/// Every text that is used, sorted, each once.
fn merged_dictionary<'v>(inputs: &[Option<&'v Words>], used: &[Vec<bool>]) -> Vec<&'v str> {
    let mut texts: Vec<&str> = Vec::new();
    for (words, used) in inputs.iter().zip(used) {
        let Some(words) = words else { continue };
        texts.extend(
            (0..words.dictionary.len()).filter(|key| used[*key]).map(|key| words.dictionary.value(key)),
        );
    }
    texts.sort();
    texts.dedup();
    texts
}

/// For each text of one dictionary, its number in the merged one. Both are sorted: one walk over both.
fn renumbering(words: Option<&Words>, texts: &[&str]) -> Vec<u32> {
    let Some(words) = words else { return Vec::new() };
    let mut number = 0;
    let place = |text: &str| {
        while texts.get(number).is_some_and(|other| *other < text) {
            number += 1;
        }
        u32::try_from(number).expect("a dictionary has less than 2^32 texts")
    };
    words.dictionary.iter().map(|text| text.unwrap_or_default()).map(place).collect()
}
