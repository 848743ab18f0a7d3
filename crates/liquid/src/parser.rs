//! Reads a source into a tree; goes on after an error, so that all of them are known at once.
//!
//! The parser knows blocks and nothing of any tag: those are a table ([`crate::tags::TAGS`]).

use crate::cursor::{Cursor, Problem, Read};
use crate::error::{Errors, Fault, nearest};
use crate::lexer::{Lexer, Tag, Token};
use crate::syntax::{Block, Expr, Kind, Node, Partial, Path, Pipe, Root, Segment};
use crate::{CompileLimits, tags};

/// Reads `source` into a tree.
pub(crate) fn parse<'s>(
    name: &str,
    source: &'s str,
    strict: bool,
    limits: CompileLimits,
) -> Result<Block<'s>, Errors> {
    let mut parser =
        Parser { lexer: Lexer::template(source), problems: Vec::new(), depth: 0, strict, limits };
    let block = if source.len() > limits.source_bytes_max {
        parser.limit("source_bytes_max", limits.source_bytes_max, 0);
        Block::new()
    } else {
        parser.block(&[]).0
    };
    if parser.problems.is_empty() {
        return Ok(block);
    }
    Err(Errors(parser.problems.into_iter().map(|problem| problem.error(name, source)).collect()))
}

/// What is being read, and what was wrong so far.
pub(crate) struct Parser<'s> {
    pub(crate) lexer: Lexer<'s>,
    problems: Vec<Problem>,
    depth: usize,
    pub(crate) strict: bool,
    limits: CompileLimits,
}

impl<'s> Parser<'s> {
    /// Reads until one of the tags `until`, which is returned, or the end.
    pub(crate) fn block(&mut self, until: &[&str]) -> (Block<'s>, Option<Tag<'s>>) {
        let mut block = Block::new();
        if self.depth >= self.limits.nesting_max {
            self.limit("nesting_max", self.limits.nesting_max, self.lexer.position());
            return (block, None);
        }
        self.depth += 1;
        let end = loop {
            if self.problems.len() >= self.limits.errors_max {
                break None;
            }
            match self.lexer.next() {
                Ok(None) => break None,
                Ok(Some(Token::Text { text, at })) => block.push(Node::new(at, Kind::Text(text))),
                Ok(Some(Token::Output { markup, at })) => self.output(markup, at, &mut block),
                Ok(Some(Token::Tag(tag))) if until.contains(&tag.name) => break Some(tag),
                Ok(Some(Token::Tag(tag))) => self.tag(tag, until, &mut block),
                Err((fault, at)) => self.problem(Problem::new(fault, at, "its end")),
            }
        };
        self.depth -= 1;
        (block, end)
    }

    /// Reads until `end`; what comes in between belongs to `open`. Without an end, that is an error.
    pub(crate) fn body(&mut self, open: Tag<'s>, until: &[&str], end: &str) -> (Block<'s>, Option<Tag<'s>>) {
        let (block, found) = self.block(until);
        if found.is_none() && self.problems.len() < self.limits.errors_max {
            let opened = format!("{{% {} %}}", open.name);
            self.problem(Problem::new(Fault::Unclosed { opened }, open.at, format!("`{{% {end} %}}`")));
        }
        (block, found)
    }

    fn tag(&mut self, tag: Tag<'s>, until: &[&str], block: &mut Block<'s>) {
        let Some(known) = tags::find(tag.name) else {
            let problem = unknown(tag, until);
            return self.problem(problem);
        };
        match (known.parse)(self, tag) {
            Ok(kind) => block.push(Node::new(tag.at, kind)),
            Err(problem) => self.problem(problem),
        }
    }

    fn output(&mut self, markup: &'s str, at: usize, block: &mut Block<'s>) {
        let mut cursor = Cursor::new(markup, at);
        if cursor.is_done() {
            return;
        }
        let at = cursor.position();
        match cursor.pipe().and_then(|pipe| cursor.done("`|` or the end").map(|()| pipe)) {
            Ok(pipe) => block.push(Node::new(at, content_block(pipe))),
            Err(problem) => self.problem(problem),
        }
    }

    /// Remembers what is wrong and goes on.
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Remembers what is wrong in a place where a value is needed to go on.
    pub(crate) fn keep<T>(&mut self, read: Read<T>) -> Option<T> {
        read.map_err(|problem| self.problem(problem)).ok()
    }

    fn limit(&mut self, limit: &'static str, max: usize, at: usize) {
        self.problem(Problem::new(Fault::Limit { limit, max }, at, ""));
    }

    /// Reads the lines of a `liquid` tag; a block must end where it began.
    pub(crate) fn lines(&mut self, tag: Tag<'s>) -> Block<'s> {
        let outer = std::mem::replace(&mut self.lexer, Lexer::lines(tag.markup, tag.markup_at));
        let (block, _) = self.block(&[]);
        self.lexer = outer;
        block
    }
}

/// An error about a tag that does not exist, or not here.
fn unknown(tag: Tag<'_>, until: &[&str]) -> Problem {
    let name = tag.name.to_owned();
    if let Some((_, instead)) = tags::FOREIGN.iter().find(|(foreign, _)| *foreign == tag.name) {
        return Problem::new(Fault::ForeignTag { name, instead }, tag.at, "");
    }
    if tag.name.is_empty() || tags::is_inner(tag.name) {
        let expected: Vec<String> = until.iter().map(|name| format!("`{name}`")).collect();
        let expected = if expected.is_empty() { "a tag".to_owned() } else { expected.join(" or ") };
        let found = if tag.name.is_empty() { tag.markup.chars().take(20).collect() } else { name };
        return Problem::new(Fault::Unexpected { found }, tag.at, expected);
    }
    let mut problem = Problem::new(Fault::UnknownTag { name }, tag.at, "");
    let known: Vec<&str> = until.iter().copied().chain(tags::names().map(|name| name as &str)).collect();
    problem.nearest = nearest(tag.name, known);
    problem
}

/// Braze's `{{content_blocks.${name}}}` is a partial.
fn content_block(pipe: Pipe<'_>) -> Kind<'_> {
    if let (Expr::Path(path), true) = (&pipe.value, pipe.calls.is_empty())
        && let Path { root: Root::Name("content_blocks"), segments, .. } = path
        && let [Segment::Name(name)] = segments.as_slice()
    {
        let partial = Partial { name: Expr::Text(name), bound: None, arguments: Vec::new() };
        return Kind::Include(Box::new(partial));
    }
    Kind::Output(pipe)
}
