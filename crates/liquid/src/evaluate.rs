//! Finds the values that expressions, paths, pipes and conditions stand for.

use crate::context::Outcome;
use crate::filters;
use crate::machine::Machine;
use crate::program::{Call, Expr, Name, Path, Pipe, Root, Segment, Test};
use crate::syntax::Join;
use crate::value::{Trace, Value};
use crate::{Why, compare};

/// Arguments of a filter that need no allocation.
const ARGUMENTS_INLINE: usize = 4;

impl<'a> Machine<'a> {
    #[inline]
    pub(crate) fn expr(&mut self, id: u32) -> Outcome<Value<'a>> {
        Ok(match &self.program.exprs[id as usize] {
            Expr::Nil => Value::Nil,
            Expr::Bool(truth) => Value::Bool(*truth),
            Expr::Int(number) => Value::Int(*number),
            Expr::Float(number) => Value::Float(*number),
            Expr::Text(span) => Value::Markup(self.program.text(*span)),
            Expr::Empty => Value::Empty,
            Expr::Blank => Value::Blank,
            Expr::Range(first, last) => return self.range(*first, *last),
            Expr::Path(path) => return self.path(*path),
        })
    }

    fn range(&mut self, first: u32, last: u32) -> Outcome<Value<'a>> {
        let (first, last) = (self.expr(first)?, self.expr(last)?);
        self.want(first);
        self.want(last);
        Ok(Value::Range(filters::leading_integer(first), filters::leading_integer(last)))
    }

    /// The value at the end of a path; [`Value::Missing`] when there is none.
    #[inline]
    pub(crate) fn path(&mut self, id: u32) -> Outcome<Value<'a>> {
        // A name that was given a missing value remembers whose fault it was.
        match self.find(id)? {
            None | Some(Value::Nil) => Ok(Value::Missing(Trace(id))),
            Some(value) => Ok(value),
        }
    }

    #[inline]
    fn find(&mut self, id: u32) -> Outcome<Option<Value<'a>>> {
        let path: &'a Path = &self.program.paths[id as usize];
        let mut found = match path.root {
            Root::Data(name) => self.data_at(name),
            Root::Local { slot, counter, name } => match self.local(slot, counter) {
                None => self.data_at(name),
                found => found,
            },
            Root::Computed(name) => self.computed(name)?,
        };
        for segment in &path.segments {
            let Some(value) = found else { return Ok(None) };
            found = match segment {
                Segment::Name(name) => self.member(value, name),
                Segment::Index(index) => {
                    let index = self.expr(*index)?;
                    self.element(value, index)?
                }
            };
        }
        Ok(found)
    }

    /// What a name of the data says; looked up when it is asked for first.
    #[inline]
    fn data_at(&mut self, name: u32) -> Option<Value<'a>> {
        match self.known[name as usize] {
            Some(found) => found,
            None => self.look_up(name),
        }
    }

    fn look_up(&mut self, name: u32) -> Option<Value<'a>> {
        let Name { parent, text } = &self.program.names[name as usize];
        let found = match parent {
            None => self.data.get(text, self.cx.arena),
            Some(parent) => self.data_at(*parent).and_then(|value| self.member(value, text)),
        };
        self.known[name as usize] = Some(found);
        found
    }

    /// What `name` says in a value.
    #[inline]
    fn member(&self, value: Value<'a>, name: &str) -> Option<Value<'a>> {
        if let Value::Map(map) = value
            && let Some(found) = map.get(name, self.cx.arena)
        {
            return Some(found);
        }
        self.derived(value, name)
    }

    /// What the template itself gave to a name.
    #[inline]
    fn local(&self, slot: Option<u16>, counter: Option<u16>) -> Option<Value<'a>> {
        if let Some(slot) = slot
            && let Some(value) = self.frame.get(slot)
        {
            return Some(*value);
        }
        let number = self.frame.counters[usize::from(counter?)]?;
        Some(Value::Int(number))
    }

    /// `[name]`: a name that is only known now.
    fn computed(&mut self, name: u32) -> Outcome<Option<Value<'a>>> {
        let name = self.expr(name)?;
        let name = self.cx.text(name)?;
        let position = |names: &[Box<str>]| {
            names.iter().position(|known| **known == *name).and_then(|at| u16::try_from(at).ok())
        };
        let slot = position(&self.program.slots);
        let counter = position(&self.program.counters);
        self.cx.charge(self.program.slots.len() / 16)?;
        Ok(self.local(slot, counter).or_else(|| self.data.get(name, self.cx.arena)))
    }

    /// What a value says of itself: its size, its first and last item.
    fn derived(&self, value: Value<'a>, name: &str) -> Option<Value<'a>> {
        match (value, name) {
            (Value::Map(map), "size") => Some(Value::Int(count(map.len()))),
            (Value::Map(map), "first") => map.entry(0, self.cx.arena).map(|entry| self.pair(entry)),
            (Value::Slice(_) | Value::List(_) | Value::Range(..), "size") => {
                Some(Value::Int(count(value.list_len())))
            }
            (Value::Slice(_) | Value::List(_) | Value::Range(..), "first") => value.item(0, self.cx.arena),
            (Value::Slice(_) | Value::List(_) | Value::Range(..), "last") => {
                value.item(value.list_len().wrapping_sub(1), self.cx.arena)
            }
            (Value::Text(text) | Value::Markup(text), "size") => {
                Some(Value::Int(count(text.chars().count())))
            }
            _ => None,
        }
    }

    fn element(&mut self, value: Value<'a>, index: Value<'a>) -> Outcome<Option<Value<'a>>> {
        Ok(match (value, index) {
            (Value::Slice(_) | Value::List(_) | Value::Range(..), Value::Int(index)) => {
                let from_end = || value.list_len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?);
                let at = if index < 0 { from_end() } else { usize::try_from(index).ok() };
                at.and_then(|at| value.item(at, self.cx.arena))
            }
            (Value::Map(map), key) => {
                let name = self.cx.text(key)?;
                map.get(name, self.cx.arena)
            }
            _ => None,
        })
    }

    /// A name and its value, as an item of a loop over a map.
    pub(crate) fn pair(&self, (name, value): (&'a str, Value<'a>)) -> Value<'a> {
        Value::Slice(self.cx.arena.slice(&[Value::Text(name), value]))
    }

    pub(crate) fn pipe(&mut self, id: u32) -> Outcome<Value<'a>> {
        let program = self.program;
        let pipe: &'a Pipe = &program.pipes[id as usize];
        let mut value = self.expr(pipe.value)?;
        for call in &program.calls[pipe.calls.0 as usize..pipe.calls.1 as usize] {
            value = self.call(call, value)?;
        }
        Ok(value)
    }

    fn call(&mut self, call: &'a Call, input: Value<'a>) -> Outcome<Value<'a>> {
        let mut inline = [Value::Nil; ARGUMENTS_INLINE];
        for (slot, argument) in inline.iter_mut().zip(&call.arguments) {
            *slot = self.expr(*argument)?;
        }
        let arguments = &inline[..call.arguments.len().min(ARGUMENTS_INLINE)];
        if !call.guarded {
            self.want(input);
            arguments.iter().for_each(|argument| self.want(*argument));
        }
        let mut named = Vec::new();
        for (name, value) in &call.named {
            named.push((&**name, self.expr(*value)?));
        }
        let output = filters::apply(call.filter, input, arguments, &named, &mut self.cx)?;
        if let Some(why) = self.cx.unfit.take()
            && !call.guarded
        {
            self.unfit(call, why);
        }
        // Nothing, made of something (`items | first`), remembers where it came from.
        Ok(match (output, call.path) {
            (Value::Nil, Some(path)) => Value::Missing(Trace(path)),
            (output, _) => output,
        })
    }

    fn unfit(&mut self, call: &'a Call, why: Why) {
        match call.path {
            Some(path) => self.gap(path, why),
            None => self.filter_gap(call.filter.name, why),
        }
    }

    /// Reports a missing value that is about to be used.
    #[inline]
    pub(crate) fn want(&mut self, value: Value<'_>) {
        if let Value::Missing(Trace(path)) = value {
            self.gap(path, Why::Missing);
        }
    }

    /// The right side of each `and` and `or` is everything that follows.
    pub(crate) fn condition(&mut self, id: u32) -> Outcome<bool> {
        let condition = &self.program.conditions[id as usize];
        let mut truth = self.test(condition.first)?;
        for (join, test) in &condition.rest {
            match (join, truth) {
                (Join::And, false) | (Join::Or, true) => return Ok(truth),
                (Join::And, true) | (Join::Or, false) => {
                    self.cx.charge(1)?;
                    truth = self.test(*test)?;
                }
            }
        }
        Ok(truth)
    }

    #[inline]
    fn test(&mut self, test: Test) -> Outcome<bool> {
        let left = self.expr(test.left)?;
        match test.compared {
            None => Ok(left.is_true()),
            Some((comparison, right)) => {
                let right = self.expr(right)?;
                compare::holds(comparison, left, right, &mut self.cx)
            }
        }
    }
}

/// A length as a number of the language.
pub(crate) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
