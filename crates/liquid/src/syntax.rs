//! The tree a source is read into: borrowed from the source, alive only while compiling.

use crate::filters::Filter;
use crate::lexer::is_space;

/// One construct and where it starts, in bytes.
#[derive(Debug)]
pub(crate) struct Node<'s> {
    pub(crate) at: usize,
    /// It writes nothing but perhaps white space.
    pub(crate) blank: bool,
    pub(crate) kind: Kind<'s>,
}

impl<'s> Node<'s> {
    /// Asks the constructs inside only: they know it of themselves.
    pub(crate) fn new(at: usize, kind: Kind<'s>) -> Self {
        let blank = match &kind {
            Kind::Text(text) => text.chars().all(is_space),
            Kind::Assign { .. } | Kind::Capture { .. } => true,
            Kind::If { branches, otherwise, .. } => {
                branches.iter().all(|(_, body)| all_blank(body)) && otherwise.as_ref().is_none_or(all_blank)
            }
            Kind::Case { arms, .. } => arms.iter().all(|arm| all_blank(&arm.body)),
            Kind::For(each) => all_blank(&each.body) && each.otherwise.as_ref().is_none_or(all_blank),
            Kind::Ifchanged { body } => all_blank(body),
            Kind::Group(block) => all_blank(block),
            Kind::Output(_)
            | Kind::Increment { .. }
            | Kind::Decrement { .. }
            | Kind::Tablerow(_)
            | Kind::Break
            | Kind::Continue
            | Kind::Cycle { .. }
            | Kind::Include(_)
            | Kind::Render(_)
            | Kind::Abort { .. }
            | Kind::CatalogItems { .. } => false,
        };
        Self { at, blank, kind }
    }
}

fn all_blank(block: &Block<'_>) -> bool {
    block.iter().all(|node| node.blank)
}

pub(crate) type Block<'s> = Vec<Node<'s>>;

/// What can stand in a template.
#[derive(Debug)]
pub(crate) enum Kind<'s> {
    Text(&'s str),
    Output(Pipe<'s>),
    Assign {
        name: &'s str,
        pipe: Pipe<'s>,
    },
    Capture {
        name: &'s str,
        body: Block<'s>,
    },
    Increment {
        name: &'s str,
    },
    Decrement {
        name: &'s str,
    },
    If {
        branches: Vec<(Condition<'s>, Block<'s>)>,
        otherwise: Option<Block<'s>>,
        unless: bool,
    },
    Case {
        subject: Expr<'s>,
        arms: Vec<Arm<'s>>,
    },
    For(Box<Loop<'s>>),
    Tablerow(Box<Loop<'s>>),
    Break,
    Continue,
    Cycle {
        group: Option<Expr<'s>>,
        values: Vec<Expr<'s>>,
    },
    Ifchanged {
        body: Block<'s>,
    },
    Include(Box<Partial<'s>>),
    Render(Box<Partial<'s>>),
    Abort {
        reason: Option<Pipe<'s>>,
    },
    CatalogItems {
        catalogue: &'s str,
        keys: Vec<Expr<'s>>,
    },
    /// Several constructs in the place of one: the lines of a `liquid` tag; nothing at all for a comment.
    Group(Block<'s>),
}

/// A branch of `case`: `when` with its values, or `else` without.
#[derive(Debug)]
pub(crate) struct Arm<'s> {
    pub(crate) values: Option<Vec<Expr<'s>>>,
    pub(crate) body: Block<'s>,
}

/// `for` and `tablerow`.
#[derive(Debug)]
pub(crate) struct Loop<'s> {
    pub(crate) variable: &'s str,
    pub(crate) collection: Expr<'s>,
    /// The collection as it is written: part of the loop's name.
    pub(crate) collection_text: &'s str,
    pub(crate) limit: Option<Expr<'s>>,
    pub(crate) offset: Option<Offset<'s>>,
    pub(crate) cols: Option<Expr<'s>>,
    pub(crate) reversed: bool,
    pub(crate) body: Block<'s>,
    pub(crate) otherwise: Option<Block<'s>>,
}

/// Where a loop starts.
#[derive(Debug)]
pub(crate) enum Offset<'s> {
    /// Where the last loop of this name stopped.
    Continue,
    At(Expr<'s>),
}

/// `include` and `render`.
#[derive(Debug)]
pub(crate) struct Partial<'s> {
    pub(crate) name: Expr<'s>,
    pub(crate) bound: Option<Bound<'s>>,
    pub(crate) arguments: Vec<(&'s str, Expr<'s>)>,
}

/// `with value as name`, `for values as name`.
#[derive(Debug)]
pub(crate) struct Bound<'s> {
    pub(crate) value: Expr<'s>,
    pub(crate) each: bool,
    pub(crate) alias: Option<&'s str>,
}

/// A value and the filters it goes through.
#[derive(Debug)]
pub(crate) struct Pipe<'s> {
    pub(crate) value: Expr<'s>,
    pub(crate) calls: Vec<Call<'s>>,
}

/// One filter with its arguments.
#[derive(Debug)]
pub(crate) struct Call<'s> {
    pub(crate) filter: &'static Filter,
    pub(crate) arguments: Vec<Expr<'s>>,
    pub(crate) named: Vec<(&'s str, Expr<'s>)>,
}

/// Tests joined by `and` and `or`; the right side binds first, whatever the words.
#[derive(Debug)]
pub(crate) struct Condition<'s> {
    pub(crate) first: Test<'s>,
    pub(crate) rest: Vec<(Join, Test<'s>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

/// One test: a value alone, or two compared.
#[derive(Debug)]
pub(crate) struct Test<'s> {
    pub(crate) left: Expr<'s>,
    pub(crate) compared: Option<(Comparison, Expr<'s>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
}

impl Comparison {
    /// Every operator as it is written; the longer before the shorter.
    pub(crate) const WRITTEN: &[(&'static str, Self)] = &[
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<>", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("<", Self::Less),
        (">", Self::Greater),
        ("contains", Self::Contains),
    ];

    pub(crate) fn written(self) -> &'static str {
        Self::WRITTEN.iter().find(|(_, comparison)| *comparison == self).map_or("", |(written, _)| written)
    }
}

/// A value as it is written.
#[derive(Debug)]
pub(crate) enum Expr<'s> {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'s str),
    Empty,
    Blank,
    Range(Box<(Expr<'s>, Expr<'s>)>),
    Path(Path<'s>),
}

/// The way to a value.
#[derive(Debug)]
pub(crate) struct Path<'s> {
    pub(crate) root: Root<'s>,
    pub(crate) segments: Vec<Segment<'s>>,
    pub(crate) at: usize,
}

#[derive(Debug)]
pub(crate) enum Root<'s> {
    /// A name, or a name in brackets and quotes.
    Name(&'s str),
    /// Braze's `${name}` alone.
    Bare(&'s str),
    /// The name is the value of another path: `[name]`.
    Computed(Box<Expr<'s>>),
}

#[derive(Debug)]
pub(crate) enum Segment<'s> {
    Name(&'s str),
    Index(Expr<'s>),
}
