//! What a rendering carries along: its memory, its budget, what the caller asked for.

use bumpalo::collections::String as Text;
use jiff::tz::TimeZone;

use crate::value::{Arena, Value};
use crate::{RenderOptions, Stop, Why, display};

/// A result, or why the rendering must stop.
pub(crate) type Outcome<T> = Result<T, Box<Stop>>;

/// Steps between two questions whether time is up.
const STEPS_BETWEEN_CHECKS: u64 = 1_024;

/// Bytes of text worked on for one step.
pub(crate) const BYTES_PER_STEP: usize = 16;

/// One rendering's memory and budget.
pub(crate) struct Context<'a> {
    pub(crate) arena: &'a Arena,
    pub(crate) options: &'a RenderOptions<'a>,
    pub(crate) steps: u64,
    check_at: u64,
    /// Set by a filter that got something it cannot use.
    pub(crate) unfit: Option<Why>,
    zone: Option<TimeZone>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(arena: &'a Arena, options: &'a RenderOptions<'a>) -> Self {
        let check_at = next_check(0, options);
        Self { arena, options, steps: 0, check_at, unfit: None, zone: None }
    }

    /// Pays for `steps` of work.
    #[inline]
    pub(crate) fn charge(&mut self, steps: usize) -> Outcome<()> {
        self.steps = self.steps.saturating_add(steps as u64);
        if self.steps < self.check_at { Ok(()) } else { self.check() }
    }

    /// Pays for work on `bytes` of text.
    #[inline]
    pub(crate) fn charge_bytes(&mut self, bytes: usize) -> Outcome<()> {
        self.charge(bytes / BYTES_PER_STEP)
    }

    #[cold]
    fn check(&mut self) -> Outcome<()> {
        let max = self.options.limits.steps_max;
        if self.steps > max {
            return Err(Box::new(Stop::Limit { limit: "steps_max", max }));
        }
        if self.options.time_is_up.is_some_and(|time_is_up| time_is_up()) {
            return Err(Box::new(Stop::Time));
        }
        self.check_at = next_check(self.steps, self.options);
        Ok(())
    }

    /// Bytes that may still be made.
    fn room(&self) -> usize {
        self.options.limits.memory_bytes_max.saturating_sub(self.arena.bytes())
    }

    /// A text to be made, within the limit of memory.
    pub(crate) fn buffer(&self) -> Buffer<'a> {
        let max = self.options.limits.memory_bytes_max;
        Buffer { text: Text::new_in(self.arena.bump()), room: self.room(), max, arena: self.arena }
    }

    /// Keeps `text`, within the limit of memory.
    pub(crate) fn keep(&self, text: &str) -> Outcome<&'a str> {
        self.demand(text.len())?;
        Ok(self.arena.text(text))
    }

    /// Keeps `values`, within the limit of memory.
    pub(crate) fn keep_values(&self, values: &[Value<'a>]) -> Outcome<&'a [Value<'a>]> {
        self.demand(size_of_val(values))?;
        Ok(self.arena.slice(values))
    }

    /// Makes sure that there is room for `count` values.
    pub(crate) fn demand_values(&self, count: usize) -> Outcome<()> {
        self.demand(count.saturating_mul(size_of::<Value<'_>>()))
    }

    fn demand(&self, bytes: usize) -> Outcome<()> {
        if bytes <= self.room() { Ok(()) } else { Err(memory_limit(self.options.limits.memory_bytes_max)) }
    }

    /// The value as text: itself, or written into the arena.
    pub(crate) fn text(&mut self, value: Value<'a>) -> Outcome<&'a str> {
        if let Some(text) = value.as_text() {
            return Ok(text);
        }
        let mut buffer = self.buffer();
        display::write(value, self, &mut buffer)?;
        Ok(buffer.finish())
    }

    /// The values of a list, range or single value, side by side: what Liquid's list filters work on.
    /// Lists inside lists are laid flat when `flat` says so.
    pub(crate) fn items(&mut self, value: Value<'a>, flat: Flat) -> Outcome<&'a [Value<'a>]> {
        match value {
            Value::Slice(items) if flat == Flat::No || !items.iter().any(Value::is_list) => {
                self.charge(items.len())?;
                Ok(items)
            }
            Value::Slice(_) | Value::List(_) | Value::Range(..) => {
                let mut items = Vec::new();
                self.gather(value, flat, 0, &mut items)?;
                self.keep_values(&items)
            }
            Value::Nil | Value::Missing(_) => Ok(&[]),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Markup(_)
            | Value::Time(_)
            | Value::Map(_)
            | Value::Empty
            | Value::Blank => self.keep_values(&[value]),
        }
    }

    fn gather(
        &mut self,
        value: Value<'a>,
        flat: Flat,
        depth: usize,
        into: &mut Vec<Value<'a>>,
    ) -> Outcome<()> {
        let count = value.list_len();
        self.charge(count)?;
        self.demand((into.len() + count).saturating_mul(size_of::<Value<'_>>()))?;
        for index in 0..count {
            let item = value.item(index, self.arena).unwrap_or_default();
            if flat == Flat::Yes && item.is_list() && depth < display::NESTING_MAX {
                self.gather(item, flat, depth + 1, into)?;
            } else {
                into.push(item);
            }
        }
        Ok(())
    }

    /// The time zone dates are shown in; UTC when its name is not known.
    pub(crate) fn zone(&mut self) -> TimeZone {
        let name = self.options.zone;
        self.zone.get_or_insert_with(|| TimeZone::get(name).unwrap_or(TimeZone::UTC)).clone()
    }

    /// Says that a filter got something it cannot use.
    pub(crate) fn unfit(&mut self, why: Why) {
        self.unfit = Some(why);
    }
}

/// Whether lists inside lists are laid flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flat {
    Yes,
    No,
}

fn next_check(steps: u64, options: &RenderOptions<'_>) -> u64 {
    let end = options.limits.steps_max.saturating_add(1);
    if options.time_is_up.is_some() { end.min(steps + STEPS_BETWEEN_CHECKS) } else { end }
}

fn memory_limit(max: usize) -> Box<Stop> {
    Box::new(Stop::Limit { limit: "memory_bytes_max", max: max as u64 })
}

/// A text in the making; it stops at the limit of memory.
pub(crate) struct Buffer<'a> {
    text: Text<'a>,
    room: usize,
    max: usize,
    arena: &'a Arena,
}

impl<'a> Buffer<'a> {
    pub(crate) fn push(&mut self, piece: &str) -> Outcome<()> {
        if self.text.len() + piece.len() > self.room {
            return Err(memory_limit(self.max));
        }
        self.text.push_str(piece);
        Ok(())
    }

    pub(crate) fn push_char(&mut self, letter: char) -> Outcome<()> {
        self.push(letter.encode_utf8(&mut [0; 4]))
    }

    /// Puts what `std::fmt` makes of the arguments.
    pub(crate) fn push_fmt(&mut self, arguments: std::fmt::Arguments<'_>) -> Outcome<()> {
        std::fmt::Write::write_fmt(self, arguments).map_err(|_| memory_limit(self.max))
    }

    pub(crate) fn finish(self) -> &'a str {
        self.arena.note(self.text.len());
        self.text.into_bump_str()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl std::fmt::Write for Buffer<'_> {
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        self.push(piece).map_err(|_| std::fmt::Error)
    }
}
