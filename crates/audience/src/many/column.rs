//! A test, made ready for the columns of one property in one table.
//!
//! What can be asked once is asked once: a text once for each entry of its
//! dictionary, a number or an instant as ranges. A row then costs one
//! comparison or one look-up.

use std::ops::Range;

use columnar::{Bits, Keys, Numbers, Property, Words};
use model::{Instant, Value};

use super::mask::Mask;
use crate::context::{Context, Stretch};
use crate::filter::{Literal, Operator, Test};
use crate::time::Moment;

/// A test of one column. A row of a table has a property in one of its columns at most.
pub(super) enum ColumnTest<'s> {
    Bool {
        bits: &'s Bits,
        yes: bool,
        no: bool,
    },
    Int {
        numbers: &'s Numbers<i64>,
        ranges: Vec<(f64, f64)>,
    },
    Float {
        numbers: &'s Numbers<f64>,
        ranges: Vec<(f64, f64)>,
    },
    Time {
        numbers: &'s Numbers<i64>,
        ranges: Vec<(i64, i64)>,
    },
    /// Tests of instants that are no ranges.
    TimeEach {
        numbers: &'s Numbers<i64>,
        test: Test,
        context: &'s Context<'s>,
    },
    Words {
        words: &'s Words,
        passing: Passing,
    },
}

/// Which texts of a dictionary pass.
pub(super) enum Passing {
    One(usize),
    Some(Vec<bool>),
}

/// The test of `property`, for each of its columns in which anything can pass.
pub(super) fn bind<'s>(property: Property<'s>, test: &Test, context: &'s Context<'s>) -> Vec<ColumnTest<'s>> {
    let mut columns = Vec::new();
    if let Some(bits) = property.bool {
        let passes = |value| test.passes(Some(&Value::Bool(value)), context);
        columns.push(ColumnTest::Bool { bits, yes: passes(true), no: passes(false) });
    }
    let ranges = number_ranges(test);
    if !ranges.is_empty() {
        columns.extend(property.int.map(|numbers| ColumnTest::Int { numbers, ranges: ranges.clone() }));
        columns.extend(property.float.map(|numbers| ColumnTest::Float { numbers, ranges }));
    }
    if let Some(numbers) = property.time {
        columns.push(match time_ranges(test, context) {
            Some(ranges) => ColumnTest::Time { numbers, ranges },
            None => ColumnTest::TimeEach { numbers, test: test.clone(), context },
        });
    }
    columns.extend(property.text.and_then(|words| text_test(words, test, context)));
    columns.extend(property.json.and_then(|words| {
        let passing = words.dictionary.iter().flatten().map(|text| {
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
            test.passes(Some(&value), context)
        });
        some(words, passing.collect())
    }));
    columns
}

fn text_test<'s>(words: &'s Words, test: &Test, context: &Context<'_>) -> Option<ColumnTest<'s>> {
    if let Test::Compare { operator: Operator::Equal, value: Literal::Text(text) } = test {
        let passing = Passing::One(words.find(text)?);
        return Some(ColumnTest::Words { words, passing });
    }
    let passes = |text| test.passes(Some(&Value::from(text)), context);
    some(words, words.dictionary.iter().flatten().map(passes).collect())
}

fn some(words: &Words, passing: Vec<bool>) -> Option<ColumnTest<'_>> {
    let any = passing.contains(&true);
    any.then_some(ColumnTest::Words { words, passing: Passing::Some(passing) })
}

/// The numbers that pass, as ranges with both ends included.
fn number_ranges(test: &Test) -> Vec<(f64, f64)> {
    const LEAST: f64 = f64::NEG_INFINITY;
    const MOST: f64 = f64::INFINITY;
    let number =
        |literal: &Literal| if let Literal::Number(number) = literal { Some(number.get()) } else { None };
    match test {
        Test::Compare { operator, value } => match (operator, number(value)) {
            (_, None) => Vec::new(),
            (Operator::Equal, Some(value)) => vec![(value, value)],
            (Operator::NotEqual, Some(value)) => vec![(LEAST, value.next_down()), (value.next_up(), MOST)],
            (Operator::Less, Some(value)) => vec![(LEAST, value.next_down())],
            (Operator::LessOrEqual, Some(value)) => vec![(LEAST, value)],
            (Operator::Greater, Some(value)) => vec![(value.next_up(), MOST)],
            (Operator::GreaterOrEqual, Some(value)) => vec![(value, MOST)],
        },
        Test::Between { from, to } => number(from).zip(number(to)).into_iter().collect(),
        Test::In(literals) => literals.iter().filter_map(number).map(|value| (value, value)).collect(),
        Test::IsSet => vec![(LEAST, MOST)],
        Test::Contains(_)
        | Test::StartsWith(_)
        | Test::EndsWith(_)
        | Test::Matches(_)
        | Test::InLast(_)
        | Test::InNext(_)
        | Test::This(_)
        | Test::AnniversaryInNext(_)
        | Test::AnniversaryInLast(_) => Vec::new(),
    }
}

/// The instants that pass, as ranges with both ends included; `None`: they are no ranges.
fn time_ranges(test: &Test, context: &Context<'_>) -> Option<Vec<(i64, i64)>> {
    let stretch = |literal: &Literal| Some(context.moment(moment(literal)?));
    let as_of = context.as_of.ms();
    Some(match test {
        Test::Compare { operator, value } => {
            stretch(value).map_or_else(Vec::new, |stretch| compared(*operator, stretch))
        }
        Test::Between { from, to } => {
            let first = moment(from).map(|from| context.first_from(from));
            first.zip(stretch(to)).map(|(first, to)| (first, to.last)).into_iter().collect()
        }
        Test::In(literals) => {
            literals.iter().filter_map(stretch).map(|stretch| (stretch.first, stretch.last)).collect()
        }
        Test::IsSet => vec![(i64::MIN, i64::MAX)],
        Test::InLast(span) => vec![(context.first_from(&Moment::Ago(*span)), as_of)],
        Test::InNext(span) => vec![(as_of.saturating_add(1), context.as_of.plus_ms(span.ms()).ms())],
        Test::This(unit) => {
            let unit = context.calendar(*unit, as_of);
            vec![(unit.first, unit.last)]
        }
        Test::Contains(_) | Test::StartsWith(_) | Test::EndsWith(_) | Test::Matches(_) => Vec::new(),
        Test::AnniversaryInNext(_) | Test::AnniversaryInLast(_) => return None,
    })
}

fn moment(literal: &Literal) -> Option<&Moment> {
    if let Literal::Moment(moment) = literal { Some(moment) } else { None }
}

fn compared(operator: Operator, Stretch { first, last }: Stretch) -> Vec<(i64, i64)> {
    let before = first.checked_sub(1).map(|most| (i64::MIN, most));
    let after = last.checked_add(1).map(|least| (least, i64::MAX));
    match operator {
        Operator::Equal => vec![(first, last)],
        Operator::NotEqual => before.into_iter().chain(after).collect(),
        Operator::Less => before.into_iter().collect(),
        Operator::LessOrEqual => vec![(i64::MIN, last)],
        Operator::Greater => after.into_iter().collect(),
        Operator::GreaterOrEqual => vec![(first, i64::MAX)],
    }
}

impl ColumnTest<'_> {
    /// Which of `rows` pass.
    #[expect(clippy::cast_precision_loss, reason = "numbers compare as floating point; exact up to 2^53")]
    pub(super) fn mask(&self, rows: Range<usize>) -> Mask {
        let first = rows.start;
        match self {
            Self::Bool { bits, yes, no } => Mask::from_fn(rows.len(), |at| {
                bits.get(first + at).is_some_and(|value| if value { *yes } else { *no })
            }),
            Self::Int { numbers, ranges } => {
                let mask = in_ranges(&numbers.values[rows], ranges, |value| value as f64);
                present(mask, numbers.present.is_none(), |at| numbers.get(first + at).is_some())
            }
            Self::Float { numbers, ranges } => {
                let mask = in_ranges(&numbers.values[rows], ranges, |value| value);
                present(mask, numbers.present.is_none(), |at| numbers.get(first + at).is_some())
            }
            Self::Time { numbers, ranges } => {
                let mask = in_ranges(&numbers.values[rows], ranges, |value| value);
                present(mask, numbers.present.is_none(), |at| numbers.get(first + at).is_some())
            }
            Self::TimeEach { numbers, test, context } => Mask::from_fn(rows.len(), |at| {
                let value = numbers.get(first + at).map(|ms| Value::Time(Instant::from_ms(ms)));
                test.passes(value.as_ref(), context)
            }),
            Self::Words { words, passing } => {
                let mask = match &words.keys {
                    Keys::Narrow(keys) => in_words(&keys[rows], passing),
                    Keys::Middle(keys) => in_words(&keys[rows], passing),
                    Keys::Wide(keys) => in_words(&keys[rows], passing),
                };
                present(mask, words.present.is_none(), |at| words.key(first + at).is_some())
            }
        }
    }
}

/// `mask` without the rows in which nothing is said.
fn present(mut mask: Mask, everywhere: bool, is_present: impl Fn(usize) -> bool) -> Mask {
    if !everywhere {
        mask.retain(is_present);
    }
    mask
}

/// Which of the values lie within one of the ranges.
fn in_ranges<T: Copy, N: PartialOrd + Copy>(
    values: &[T],
    ranges: &[(N, N)],
    number: impl Fn(T) -> N,
) -> Mask {
    if let [(least, most)] = ranges {
        return Mask::of(values, |value| {
            let value = number(*value);
            (*least <= value) & (value <= *most)
        });
    }
    let within = |value: N| ranges.iter().any(|(least, most)| *least <= value && value <= *most);
    Mask::of(values, |value| within(number(*value)))
}

/// Which of the texts, given by their numbers in the dictionary, pass.
fn in_words<K: Copy + Into<u32> + TryFrom<usize> + PartialEq>(keys: &[K], passing: &Passing) -> Mask {
    match passing {
        // Compared as they lie there, so that one instruction compares many.
        Passing::One(one) => {
            let one = K::try_from(*one).ok();
            one.map_or_else(|| Mask::none(keys.len()), |one| Mask::of(keys, |key| *key == one))
        }
        Passing::Some(passing) => Mask::of(keys, |key| passing[(*key).into() as usize]),
    }
}
