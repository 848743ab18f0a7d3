//! The filters, as a table. A filter is one entry in its family's slice: what it takes, what it does, one
//! example that is also its test, and what the reference says.

mod dates;
mod digests;
mod encode;
mod lists;
mod math;
mod number;
mod own;
mod text;

use crate::context::{BYTES_PER_STEP, Context, Outcome};
use crate::value::Value;
use crate::{Stop, tags::Origin};

pub(crate) use number::{Short, leading_integer, strict_integer};

/// One filter.
pub struct Filter {
    /// What it is called.
    pub name: &'static str,
    /// The fewest and the most arguments it takes.
    pub arguments: (usize, usize),
    /// The named arguments it takes; `*` for any.
    pub named: &'static [&'static str],
    /// A template and what it renders, with nothing escaped.
    pub example: (&'static str, &'static str),
    /// What it does.
    pub summary: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// The same input always gives the same output, whoever is written to and when.
    pub pure: bool,
    /// It stands in for a missing value.
    pub(crate) guards: bool,
    /// It makes text harmless for HTML.
    pub(crate) escapes: bool,
    /// It takes the harmlessness away that its input had.
    pub(crate) uncovers: bool,
    run: Run,
}

/// What a filter does with its input and its arguments.
type Run = for<'c, 'a> fn(&Call<'c, 'a>, &mut Context<'a>) -> Outcome<Value<'a>>;

impl std::fmt::Debug for Filter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

impl Filter {
    const fn new(
        name: &'static str,
        arguments: (usize, usize),
        run: Run,
        example: (&'static str, &'static str),
        summary: &'static str,
    ) -> Self {
        Self {
            name,
            arguments,
            named: &[],
            example,
            summary,
            origin: Origin::Standard,
            pure: true,
            guards: false,
            escapes: false,
            uncovers: false,
            run,
        }
    }

    const fn named(mut self, named: &'static [&'static str]) -> Self {
        self.named = named;
        self
    }

    const fn own(mut self) -> Self {
        self.origin = Origin::Own;
        self
    }

    const fn compatible(mut self) -> Self {
        self.origin = Origin::Compatible;
        self
    }

    const fn depends(mut self) -> Self {
        self.pure = false;
        self
    }

    const fn guarding(mut self) -> Self {
        self.guards = true;
        self
    }

    const fn escaping(mut self) -> Self {
        self.escapes = true;
        self
    }

    const fn uncovering(mut self) -> Self {
        self.uncovers = true;
        self
    }
}

/// One use of a filter.
pub(crate) struct Call<'c, 'a> {
    pub(crate) input: Value<'a>,
    arguments: &'c [Value<'a>],
    named: &'c [(&'a str, Value<'a>)],
    filter: &'static Filter,
}

impl<'a> Call<'_, 'a> {
    /// The argument at `index`, or nothing.
    fn argument(&self, index: usize) -> Value<'a> {
        self.arguments.get(index).copied().unwrap_or_default()
    }

    /// The argument at `index`, when it was given, be it nothing.
    fn given(&self, index: usize) -> Option<Value<'a>> {
        self.arguments.get(index).copied()
    }

    fn named(&self, name: &str) -> Option<Value<'a>> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn input_text(&self, cx: &mut Context<'a>) -> Outcome<&'a str> {
        cx.text(self.input)
    }

    fn argument_text(&self, index: usize, cx: &mut Context<'a>) -> Outcome<&'a str> {
        cx.text(self.argument(index))
    }

    /// A whole number that must be one.
    fn integer(&self, index: usize) -> Outcome<i64> {
        strict_integer(self.argument(index)).ok_or_else(|| self.problem("not a whole number"))
    }

    fn problem(&self, problem: impl Into<String>) -> Box<Stop> {
        Box::new(Stop::Filter { filter: self.filter.name, problem: problem.into() })
    }
}

/// Every family of filters.
pub const FILTERS: &[&[Filter]] = &[
    text::FILTERS,
    encode::FILTERS,
    math::FILTERS,
    lists::FILTERS,
    dates::FILTERS,
    own::FILTERS,
    digests::FILTERS,
];

pub(crate) fn all() -> impl Iterator<Item = &'static Filter> {
    FILTERS.iter().copied().flatten()
}

pub(crate) fn find(name: &str) -> Option<&'static Filter> {
    all().find(|filter| filter.name == name)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    all().map(|filter| filter.name)
}

/// What the bytes of a text cost; nothing for everything else.
#[inline]
fn text_steps(value: Value<'_>) -> usize {
    if let Value::Text(text) | Value::Markup(text) = value { text.len() / BYTES_PER_STEP } else { 0 }
}

/// Applies a filter. What is made of the author's own texts alone needs no escaping either.
pub(crate) fn apply<'a>(
    filter: &'static Filter,
    input: Value<'a>,
    arguments: &[Value<'a>],
    named: &[(&'a str, Value<'a>)],
    cx: &mut Context<'a>,
) -> Outcome<Value<'a>> {
    let work = arguments.iter().fold(text_steps(input), |work, argument| work + text_steps(*argument));
    cx.charge(1 + work)?;
    let output = (filter.run)(&Call { input, arguments, named, filter }, cx)?;
    let harmless = |value: &Value<'_>| {
        !matches!(value, Value::Text(_) | Value::Slice(_) | Value::List(_) | Value::Map(_))
    };
    let Value::Text(text) = output else { return Ok(output) };
    let covered = !filter.uncovers && harmless(&input) && arguments.iter().all(harmless);
    Ok(if covered { Value::Markup(text) } else { output })
}
