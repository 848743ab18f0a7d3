//! What a template is compiled into: flat tables that name each other by index.
//!
//! Branches are jumps. Bodies that repeat, are captured or belong to a partial are ranges of
//! operations that the machine runs as often as it must.

use crate::filters::Filter;
use crate::syntax::{Comparison, Join};

/// A compiled template with all its partials.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) units: Vec<Unit>,
    pub(crate) ops: Vec<Op>,
    /// Where each operation stands in the source of its unit.
    pub(crate) offsets: Vec<u32>,
    /// All literal text, end to end.
    pub(crate) text: String,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) paths: Vec<Path>,
    /// The names of the caller's data that paths say in words: each is asked for once in a rendering.
    pub(crate) names: Vec<Name>,
    pub(crate) pipes: Vec<Pipe>,
    pub(crate) calls: Vec<Call>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) loops: Vec<Loop>,
    pub(crate) cases: Vec<Case>,
    pub(crate) cycles: Vec<Cycle>,
    pub(crate) partials: Vec<Partial>,
    pub(crate) lookups: Vec<Lookup>,
    /// Names that a template can give a value to.
    pub(crate) slots: Vec<Box<str>>,
    /// Where each of them is given one first: in which unit, and behind how many paths.
    pub(crate) given: Vec<(u16, u32)>,
    /// Names of counters.
    pub(crate) counters: Vec<Box<str>>,
    /// Names of loops, for `offset: continue`.
    pub(crate) loop_names: Vec<Box<str>>,
}

/// A template or partial.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) name: Box<str>,
    pub(crate) source: Box<str>,
    pub(crate) body: Body,
    /// The slot that `with` and `for` bind when no other name is given.
    pub(crate) slot: u16,
}

/// A run of operations.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Body {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A piece of [`Program::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// One step of the machine. Numbers are indexes into the program's tables.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Text(Span),
    EmitPath(u32),
    Emit(u32),
    /// As `EmitPath` and `Emit`, with the filter `escape` at the end of the pipe.
    EmitPathEscaped(u32),
    EmitEscaped(u32),
    Assign {
        slot: u16,
        pipe: u32,
    },
    /// The body follows and ends before `end`.
    Capture {
        slot: u16,
        end: u32,
    },
    Ifchanged {
        end: u32,
    },
    Jump(u32),
    JumpIf {
        condition: u32,
        to: u32,
    },
    JumpUnless {
        condition: u32,
        to: u32,
    },
    Case(u32),
    For(u32),
    Tablerow(u32),
    Break,
    Continue,
    Cycle(u32),
    Increment(u16),
    Decrement(u16),
    Include(u32),
    Render(u32),
    Lookup(u32),
    Abort(Option<u32>),
}

/// A value as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expr {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Span),
    Empty,
    Blank,
    Range(u32, u32),
    Path(u32),
}

/// A name in the caller's data, or in the map that `parent` leads to.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) parent: Option<u32>,
    pub(crate) text: Box<str>,
}

/// The way to a value.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) root: Root,
    /// What follows the root.
    pub(crate) segments: Box<[Segment]>,
    /// As it is written, for reports.
    pub(crate) written: Box<str>,
    pub(crate) unit: u16,
    pub(crate) offset: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Root {
    /// A name that nothing in the template gives a value to, with the names behind it.
    Data(u32),
    /// A name that something in the template may give a value to, and the data that it means otherwise.
    Local { slot: Option<u16>, counter: Option<u16>, name: u32 },
    /// The name is a value itself.
    Computed(u32),
}

#[derive(Debug)]
pub(crate) enum Segment {
    Name(Box<str>),
    Index(u32),
}

/// A value and its filters.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) value: u32,
    pub(crate) calls: (u32, u32),
}

/// One filter.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) filter: &'static Filter,
    pub(crate) arguments: Box<[u32]>,
    pub(crate) named: Box<[(Box<str>, u32)]>,
    /// Here or later in the pipe something stands in for a missing value.
    pub(crate) guarded: bool,
    /// The path that goes into the pipe, for reports.
    pub(crate) path: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) first: Test,
    pub(crate) rest: Box<[(Join, Test)]>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Test {
    pub(crate) left: u32,
    pub(crate) compared: Option<(Comparison, u32)>,
}

#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) slot: u16,
    /// The slot of `forloop` or `tablerowloop`.
    pub(crate) helper: u16,
    pub(crate) name: u16,
    pub(crate) collection: u32,
    pub(crate) limit: Option<u32>,
    pub(crate) offset: Option<Offset>,
    pub(crate) cols: Option<u32>,
    pub(crate) reversed: bool,
    pub(crate) body: Body,
    pub(crate) otherwise: Option<Body>,
    /// The first operation after the loop.
    pub(crate) end: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Offset {
    Continue,
    At(u32),
}

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) subject: u32,
    pub(crate) arms: Vec<Arm>,
    pub(crate) end: u32,
}

#[derive(Debug)]
pub(crate) struct Arm {
    /// `None` for `else`.
    pub(crate) values: Option<Box<[u32]>>,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) struct Cycle {
    pub(crate) group: Option<u32>,
    pub(crate) values: Box<[u32]>,
    /// The values as they are printed: what tells cycles without a group apart.
    pub(crate) written: Box<str>,
}

#[derive(Debug)]
pub(crate) struct Partial {
    pub(crate) target: Target,
    pub(crate) bound: Option<Bound>,
    pub(crate) arguments: Box<[(u16, u32)]>,
    /// The slot of `forloop`.
    pub(crate) helper: u16,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Unit(u16),
    /// The name is a value.
    Computed(u32),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) value: u32,
    pub(crate) each: bool,
    pub(crate) slot: Option<u16>,
}

/// Items of a catalogue, put into a slot.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) catalogue: Box<str>,
    pub(crate) keys: Box<[u32]>,
    pub(crate) slot: u16,
}

impl Program {
    #[inline]
    pub(crate) fn text(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// The unit that holds the operation at `at`.
    pub(crate) fn unit_of(&self, at: u32) -> &Unit {
        self.units
            .iter()
            .find(|unit| unit.body.start <= at && at < unit.body.end.max(unit.body.start + 1))
            .unwrap_or(&self.units[0])
    }
}
