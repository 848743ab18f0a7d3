//! What a template sees of the caller's data: small copies that borrow, never a tree built per person.
//!
//! The caller implements [`Map`] (and, when it keeps its own sequences, [`List`]) on what it already has.
//! Whatever must be made on the way (a wrapper, a formatted text) is put into the [`Arena`], which lives
//! exactly as long as one rendering.

use std::cell::Cell;

use bumpalo::Bump;

/// One value, borrowed for one rendering. Copying it is copying three words; the tag is a word of its own so
/// that it is copied as one.
#[derive(Clone, Copy, Default)]
#[repr(u64)]
pub enum Value<'a> {
    /// Said to be nothing. Rendered as nothing, and reported like a missing value.
    #[default]
    Nil,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text that came from people: escaped on its way out.
    Text(&'a str),
    /// Text that the author of the template wrote, or said to be fit for the output: never escaped.
    Markup(&'a str),
    /// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// Whole numbers from the first to the second, both included; nothing when the first is greater.
    Range(i64, i64),
    /// Several values that stand side by side in memory.
    Slice(&'a [Value<'a>]),
    /// Several values in the caller's own form.
    List(&'a dyn List),
    /// Named values in the caller's own form.
    Map(&'a dyn Map),
    /// The word `empty`.
    Empty,
    /// The word `blank`.
    Blank,
    /// What a path led to when it led nowhere; it knows the path.
    Missing(Trace),
}

/// Which path of the template found nothing. Made by the engine alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace(pub(crate) u32);

/// Named values: the data given to a rendering, and every map inside it.
pub trait Map {
    /// What `name` says, or `None` when there is no such name. What must be made goes into `arena`.
    fn get<'a>(&'a self, name: &str, arena: &'a Arena) -> Option<Value<'a>>;

    /// How many names there are; 0 when they cannot be listed.
    fn len(&self) -> usize {
        0
    }

    /// Whether there is not a single name.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name and value at `index`, in the order in which they are to be shown.
    fn entry<'a>(&'a self, index: usize, arena: &'a Arena) -> Option<(&'a str, Value<'a>)> {
        let _ = (index, arena);
        None
    }
}

/// Several values in order, kept in the caller's own form.
pub trait List {
    /// How many.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`, or `None` past the end. What must be made goes into `arena`.
    fn get<'a>(&'a self, index: usize, arena: &'a Arena) -> Option<Value<'a>>;
}

/// No data at all.
impl Map for () {
    fn get<'a>(&'a self, _: &str, _: &'a Arena) -> Option<Value<'a>> {
        None
    }
}

/// Names and values side by side: handy for tests and for small hand-made data.
impl Map for Vec<(&str, Value<'_>)> {
    fn get<'a>(&'a self, name: &str, _: &'a Arena) -> Option<Value<'a>> {
        self.iter().find(|(existing, _)| *existing == name).map(|(_, value)| *value)
    }

    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn entry<'a>(&'a self, index: usize, _: &'a Arena) -> Option<(&'a str, Value<'a>)> {
        self.as_slice().get(index).map(|(name, value)| (*name, *value))
    }
}

/// Where a rendering keeps what it makes; emptied as a whole when the rendering is over.
pub struct Arena {
    bump: Bump,
    /// Bytes asked for, whatever the arena has room for: the same rendering always uses the same.
    used: Cell<usize>,
}

/// Memory that a thread keeps for its next rendering, at most.
const SPARE_BYTES_MAX: usize = 256 << 10;

thread_local! {
    /// The memory of this thread's last rendering: most renderings then need no memory from the system.
    static SPARE: Cell<Option<Bump>> = const { Cell::new(None) };
}

impl Default for Arena {
    fn default() -> Self {
        Self { bump: SPARE.take().unwrap_or_default(), used: Cell::new(0) }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        if self.bump.allocated_bytes() <= SPARE_BYTES_MAX {
            let mut bump = std::mem::take(&mut self.bump);
            bump.reset();
            // While the thread ends there is nothing to keep it in.
            let _ = SPARE.try_with(|spare| spare.set(Some(bump)));
        }
    }
}

impl Arena {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a copy of `text`.
    pub fn text<'a>(&'a self, text: &str) -> &'a str {
        self.note(text.len());
        self.bump.alloc_str(text)
    }

    /// Keeps a small thing, such as a wrapper around a borrowed map: `Value::Map(arena.keep(View(&map)))`.
    pub fn keep<T: Copy>(&self, thing: T) -> &T {
        self.note(size_of::<T>());
        self.bump.alloc(thing)
    }

    /// Keeps values side by side.
    pub fn slice<'a>(&'a self, values: &[Value<'a>]) -> &'a [Value<'a>] {
        self.note(size_of_val(values));
        self.bump.alloc_slice_copy(values)
    }

    /// Bytes kept so far.
    pub fn bytes(&self) -> usize {
        self.used.get()
    }

    pub(crate) fn bump(&self) -> &Bump {
        &self.bump
    }

    /// Counts what is put into [`Arena::bump`].
    pub(crate) fn note(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_add(bytes));
    }
}

impl<'a> Value<'a> {
    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::Markup(text) => Some(text),
            Self::Nil | Self::Missing(_) | Self::Empty | Self::Blank => Some(""),
            Self::Bool(truth) => Some(if *truth { "true" } else { "false" }),
            Self::Int(_)
            | Self::Float(_)
            | Self::Time(_)
            | Self::Range(..)
            | Self::Slice(_)
            | Self::List(_)
            | Self::Map(_) => None,
        }
    }

    /// Whether it is a text.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Markup(_))
    }

    /// Whether there is nothing.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil | Self::Missing(_))
    }

    /// Whether it counts as true: everything but nothing and `false`.
    pub fn is_true(&self) -> bool {
        !matches!(self, Self::Nil | Self::Missing(_) | Self::Bool(false))
    }

    /// Whether it is a list, not counting ranges.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Slice(_) | Self::List(_))
    }

    /// How many items a list or range has; 0 for everything else.
    pub(crate) fn list_len(&self) -> usize {
        match self {
            Self::Slice(items) => items.len(),
            Self::List(list) => list.len(),
            Self::Range(first, last) if first <= last => {
                let count = (i128::from(*last) - i128::from(*first)).saturating_add(1);
                usize::try_from(count).unwrap_or(usize::MAX)
            }
            Self::Nil
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Markup(_)
            | Self::Time(_)
            | Self::Range(..)
            | Self::Map(_)
            | Self::Empty
            | Self::Blank
            | Self::Missing(_) => 0,
        }
    }

    /// The item of a list or range at `index`.
    pub(crate) fn item(&self, index: usize, arena: &'a Arena) -> Option<Value<'a>> {
        match self {
            Self::Slice(items) => items.get(index).copied(),
            Self::List(list) => list.get(index, arena),
            Self::Range(first, last) => {
                let number = first.checked_add(i64::try_from(index).ok()?)?;
                (number <= *last).then_some(Self::Int(number))
            }
            Self::Nil
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Markup(_)
            | Self::Time(_)
            | Self::Map(_)
            | Self::Empty
            | Self::Blank
            | Self::Missing(_) => None,
        }
    }

    /// The word for its type, for people.
    pub fn type_word(&self) -> &'static str {
        match self {
            Self::Nil | Self::Missing(_) => "nil",
            Self::Bool(_) => "a truth value",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) | Self::Markup(_) => "a text",
            Self::Time(_) => "a time",
            Self::Range(..) => "a range",
            Self::Slice(_) | Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Empty => "empty",
            Self::Blank => "blank",
        }
    }
}
