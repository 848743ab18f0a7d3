//! One column: what one property said, with one type, in each row of a table.
//!
//! A property whose type differs between rows has one column for each type, so
//! nothing is turned into something else and nothing is lost. A text is stored
//! once in a sorted dictionary; a row holds its number there.

use std::cmp::Ordering;

use arrow_array::{Array, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use model::{Instant, Text, Value};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// Whole numbers.
    Int,
    /// Any other numbers.
    Float,
    /// Texts.
    Text,
    /// Instants.
    Time,
    /// Lists and maps, as JSON text.
    Json,
}

impl Kind {
    /// All of them, in the order in which a property with several types is looked up.
    pub const ALL: [Self; 6] = [Self::Bool, Self::Int, Self::Float, Self::Text, Self::Time, Self::Json];

    /// The column type of a value; `None` for null, which is not stored.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Bool(_) => Some(Self::Bool),
            Value::Int(_) => Some(Self::Int),
            Value::Float(_) => Some(Self::Float),
            Value::Text(_) => Some(Self::Text),
            Value::Time(_) => Some(Self::Time),
            Value::List(_) | Value::Map(_) => Some(Self::Json),
        }
    }

    /// The word for it in files: `bool`, `int`, `float`, `text`, `time`, `json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "text",
            Self::Time => "time",
            Self::Json => "json",
        }
    }

    /// The type behind a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The values of one (property, type) in each row of a table.
#[derive(Debug, Clone)]
pub enum Column {
    /// Yes or no.
    Bool(Bits),
    /// Whole numbers.
    Int(Numbers<i64>),
    /// Any other numbers.
    Float(Numbers<f64>),
    /// Texts.
    Text(Words),
    /// Instants, in milliseconds.
    Time(Numbers<i64>),
    /// Lists and maps, as JSON text.
    Json(Words),
}

/// Yes, no or missing.
#[derive(Debug, Clone)]
pub struct Bits {
    /// Yes or no; no where it is missing.
    pub values: BooleanBuffer,
    /// Where it is not missing; `None`: nowhere missing.
    pub present: Option<NullBuffer>,
}

/// A number or missing.
#[derive(Debug, Clone)]
pub struct Numbers<T: arrow_buffer::ArrowNativeType> {
    /// The numbers; 0 where it is missing.
    pub values: ScalarBuffer<T>,
    /// Where it is not missing; `None`: nowhere missing.
    pub present: Option<NullBuffer>,
}

/// A text or missing.
#[derive(Debug, Clone)]
pub struct Words {
    /// Which text of the dictionary; 0 where it is missing.
    pub keys: Keys,
    /// Where it is not missing; `None`: nowhere missing.
    pub present: Option<NullBuffer>,
    /// Every text that stands in the column, sorted by bytes, each once.
    pub dictionary: StringArray,
}

/// Numbers of texts, as narrow as the dictionary allows.
#[derive(Debug, Clone)]
pub enum Keys {
    /// Up to 2⁸ texts.
    Narrow(ScalarBuffer<u8>),
    /// Up to 2¹⁶ texts.
    Middle(ScalarBuffer<u16>),
    /// More.
    Wide(ScalarBuffer<u32>),
}

impl Column {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Text(_) => Kind::Text,
            Self::Time(_) => Kind::Time,
            Self::Json(_) => Kind::Json,
        }
    }

    /// Where it is not missing; `None`: nowhere missing.
    pub fn present(&self) -> Option<&NullBuffer> {
        match self {
            Self::Bool(bits) => bits.present.as_ref(),
            Self::Int(numbers) | Self::Time(numbers) => numbers.present.as_ref(),
            Self::Float(numbers) => numbers.present.as_ref(),
            Self::Text(words) | Self::Json(words) => words.present.as_ref(),
        }
    }

    /// What it says in this row; `None` where it is missing.
    pub fn value(&self, row: usize) -> Option<Value> {
        match self {
            Self::Bool(bits) => bits.get(row).map(Value::Bool),
            Self::Int(numbers) => numbers.get(row).map(Value::Int),
            Self::Float(numbers) => numbers.get(row).map(Value::Float),
            Self::Text(words) => words.get(row).map(Value::from),
            Self::Time(numbers) => numbers.get(row).map(|ms| Value::Time(Instant::from_ms(ms))),
            Self::Json(words) => words.get(row).map(from_json),
        }
    }
}

pub(crate) fn from_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// A list or map as the text that a JSON column holds.
pub fn json_text(value: &Value) -> String {
    serde_json::to_string(value).expect("a value has text keys and finite numbers, which JSON can say")
}

#[inline]
fn is_present(present: Option<&NullBuffer>, row: usize) -> bool {
    present.is_none_or(|present| present.is_valid(row))
}

impl Bits {
    /// What it says in this row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<bool> {
        is_present(self.present.as_ref(), row).then(|| self.values.value(row))
    }
}

impl<T: arrow_buffer::ArrowNativeType> Numbers<T> {
    /// What it says in this row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<T> {
        is_present(self.present.as_ref(), row).then(|| self.values[row])
    }
}

impl Words {
    /// What it says in this row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.key(row).map(|key| self.dictionary.value(key))
    }

    /// The number in the dictionary of what it says in this row.
    #[inline]
    pub fn key(&self, row: usize) -> Option<usize> {
        is_present(self.present.as_ref(), row).then(|| self.keys.get(row))
    }

    /// How many different texts stand in the column.
    pub fn texts(&self) -> usize {
        self.dictionary.len()
    }

    /// The number of this text in the dictionary; `None`: no row says it.
    pub fn find(&self, text: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.dictionary.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.dictionary.value(middle).cmp(text) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => high = middle,
            }
        }
        None
    }
}

impl Keys {
    /// The number in this row.
    #[inline]
    pub fn get(&self, row: usize) -> usize {
        match self {
            Self::Narrow(keys) => usize::from(keys[row]),
            Self::Middle(keys) => usize::from(keys[row]),
            Self::Wide(keys) => keys[row] as usize,
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(keys) => keys.len(),
            Self::Middle(keys) => keys.len(),
            Self::Wide(keys) => keys.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// All columns of one property: one for each type that it came with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Property<'t> {
    /// Where it was yes or no.
    pub bool: Option<&'t Bits>,
    /// Where it was a whole number.
    pub int: Option<&'t Numbers<i64>>,
    /// Where it was any other number.
    pub float: Option<&'t Numbers<f64>>,
    /// Where it was a text.
    pub text: Option<&'t Words>,
    /// Where it was an instant.
    pub time: Option<&'t Numbers<i64>>,
    /// Where it was a list or a map.
    pub json: Option<&'t Words>,
}

impl<'t> Property<'t> {
    pub(crate) fn add(&mut self, column: &'t Column) {
        match column {
            Column::Bool(bits) => self.bool = Some(bits),
            Column::Int(numbers) => self.int = Some(numbers),
            Column::Float(numbers) => self.float = Some(numbers),
            Column::Text(words) => self.text = Some(words),
            Column::Time(numbers) => self.time = Some(numbers),
            Column::Json(words) => self.json = Some(words),
        }
    }

    /// Whether no row of the table has it.
    pub fn is_missing(&self) -> bool {
        self.bool.is_none()
            && self.int.is_none()
            && self.float.is_none()
            && self.text.is_none()
            && self.time.is_none()
            && self.json.is_none()
    }

    /// The number in this row, when it is one.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "numbers compare as floating point; exact up to 2^53")]
    pub fn number(&self, row: usize) -> Option<f64> {
        if let Some(value) = self.float.and_then(|numbers| numbers.get(row)) {
            return Some(value);
        }
        self.int.and_then(|numbers| numbers.get(row)).map(|value| value as f64)
    }

    /// The text in this row, when it is one.
    #[inline]
    pub fn text(&self, row: usize) -> Option<&'t str> {
        self.text.and_then(|words| words.get(row))
    }

    /// Yes or no in this row, when it is one.
    #[inline]
    pub fn bool(&self, row: usize) -> Option<bool> {
        self.bool.and_then(|bits| bits.get(row))
    }

    /// The instant in this row, when it is one.
    #[inline]
    pub fn time(&self, row: usize) -> Option<Instant> {
        self.time.and_then(|numbers| numbers.get(row)).map(Instant::from_ms)
    }

    /// What it says in this row, whatever its type; `None` where it is missing.
    pub fn value(&self, row: usize) -> Option<Value> {
        None.or_else(|| self.text(row).map(|text| Value::Text(Text::from(text))))
            .or_else(|| self.int.and_then(|numbers| numbers.get(row)).map(Value::Int))
            .or_else(|| self.float.and_then(|numbers| numbers.get(row)).map(Value::Float))
            .or_else(|| self.bool(row).map(Value::Bool))
            .or_else(|| self.time(row).map(Value::Time))
            .or_else(|| self.json.and_then(|words| words.get(row)).map(from_json))
    }
}
