//! From tree to program: names become slots, constants are folded, branches become jumps, blank blocks fall silent.

use rustc_hash::FxHashMap;

use crate::compat::BARE;
use crate::context::Context;
use crate::cursor::Problem;
use crate::error::{Error, Errors, Fault, nearest};
use crate::filters;
use crate::parser::parse;
use crate::program::{
    Arm, Body, Bound, Call, Case, Condition, Cycle, Expr, Lookup, Loop, Name, Offset, Op, Partial, Path,
    Pipe, Program, Root, Segment, Span, Target, Test, Unit,
};
use crate::syntax::{self, Block, Kind, Node};
use crate::value::Value;
use crate::{Arena, CompileOptions, RenderLimits, RenderOptions};

/// Compiles `source` and every partial it can reach.
pub(crate) fn compile(source: &str, options: &CompileOptions<'_>) -> Result<Program, Errors> {
    let mut lower = Lower::new(options);
    lower.queue.push((options.name.to_owned(), source.to_owned()));
    let mut next = 0;
    while next < lower.queue.len() && lower.errors.len() < options.limits.errors_max {
        let (name, source) = lower.queue[next].clone();
        lower.unit(&name, &source);
        next += 1;
    }
    lower.settle_names();
    lower.check_names(source);
    lower.errors.truncate(options.limits.errors_max.max(1));
    if lower.errors.is_empty() { Ok(lower.program) } else { Err(Errors(lower.errors)) }
}

struct Lower<'o> {
    options: &'o CompileOptions<'o>,
    program: Program,
    /// Units in the order of their numbers; those not yet compiled at the end.
    queue: Vec<(String, String)>,
    partials: FxHashMap<String, u16>,
    slots: FxHashMap<Box<str>, u16>,
    counters: FxHashMap<Box<str>, u16>,
    loop_names: FxHashMap<Box<str>, u16>,
    /// Names of the data behind the first [`NAMES_SCANNED`].
    names: FxHashMap<(Option<u32>, Box<str>), u32>,
    source_bytes: usize,
    errors: Vec<Error>,
    /// Steps and bytes that constants may still take.
    folding_left: usize,
}

/// Steps and bytes that working out constants may take in one template. What is beyond is done while rendering.
const FOLDING_MAX: usize = 1 << 16;

/// Names, counters and loops in one template: their numbers have 16 bits.
pub(crate) const NAMES_MAX: usize = 0xffff;

/// Names of the data that are found by looking at each; few templates have more.
const NAMES_SCANNED: usize = 32;

/// Names of a path that are asked for once in a rendering; what is further behind is asked for each time.
const PATH_NAMES_MAX: usize = 16;

/// Where in which unit something stands.
#[derive(Clone, Copy)]
struct At<'u> {
    unit: u16,
    name: &'u str,
    source: &'u str,
    /// Bytes into the source.
    offset: usize,
}

impl<'o> Lower<'o> {
    fn new(options: &'o CompileOptions<'o>) -> Self {
        Self {
            options,
            program: Program::default(),
            queue: Vec::new(),
            partials: FxHashMap::default(),
            slots: FxHashMap::default(),
            counters: FxHashMap::default(),
            loop_names: FxHashMap::default(),
            names: FxHashMap::default(),
            source_bytes: 0,
            errors: Vec::new(),
            folding_left: FOLDING_MAX,
        }
    }

    fn unit(&mut self, name: &str, source: &str) {
        let start = self.here();
        let unit = narrow(self.program.units.len());
        self.source_bytes += source.len();
        let mut limits = self.options.limits;
        limits.source_bytes_max =
            limits.source_bytes_max.saturating_sub(self.source_bytes.saturating_sub(source.len()));
        match parse(name, source, self.options.strict, limits) {
            Ok(block) => self.block(&block, At { unit, name, source, offset: 0 }),
            Err(errors) => self.errors.extend(errors.0),
        }
        let slot = self.slot(name.rsplit('/').next().unwrap_or(name));
        let body = Body { start, end: self.here() };
        self.program.units.push(Unit { name: name.into(), source: source.into(), body, slot });
    }

    fn here(&self) -> u32 {
        index(self.program.ops.len())
    }

    fn push(&mut self, op: Op, at: At<'_>) -> usize {
        self.program.ops.push(op);
        self.program.offsets.push(index(at.offset));
        self.program.ops.len() - 1
    }

    fn block(&mut self, block: &Block<'_>, at: At<'_>) {
        for node in block {
            self.node(node, at);
        }
    }

    /// A body on its own. White space in a blank block is not rendered.
    fn body(&mut self, block: &Block<'_>, blank: bool, at: At<'_>) -> Body {
        let start = self.here();
        for node in block {
            if !(blank && matches!(node.kind, Kind::Text(_))) {
                self.node(node, at);
            }
        }
        Body { start, end: self.here() }
    }

    fn node(&mut self, node: &Node<'_>, at: At<'_>) {
        let at = At { offset: node.at, ..at };
        match &node.kind {
            Kind::Text(text) => self.text(text, at),
            Kind::Output(pipe) => self.output(pipe, at),
            Kind::Assign { name, pipe } => self.assign(name, pipe, at),
            Kind::Capture { name, body } => self.capture(name, body, at),
            Kind::Increment { name } => self.counter(name, Op::Increment, at),
            Kind::Decrement { name } => self.counter(name, Op::Decrement, at),
            Kind::If { .. } => self.branches(node, at),
            Kind::Case { subject, arms } => self.case(subject, arms, node.blank, at),
            Kind::For(each) => self.each(each, false, node.blank, at),
            Kind::Tablerow(each) => self.each(each, true, false, at),
            Kind::Break => self.single(Op::Break, at),
            Kind::Continue => self.single(Op::Continue, at),
            Kind::Cycle { group, values } => self.cycle(group.as_ref(), values, at),
            Kind::Ifchanged { body } => self.ifchanged(body, at),
            Kind::Include(partial) => self.partial(partial, true, at),
            Kind::Render(partial) => self.partial(partial, false, at),
            Kind::Abort { reason } => self.abort(reason.as_ref(), at),
            Kind::CatalogItems { catalogue, keys } => self.lookup(catalogue, keys, at),
            Kind::Group(block) => self.block(block, at),
        }
    }

    fn single(&mut self, op: Op, at: At<'_>) {
        self.push(op, at);
    }

    fn text(&mut self, text: &str, at: At<'_>) {
        let span = self.span(text);
        self.push(Op::Text(span), at);
    }

    fn span(&mut self, text: &str) -> Span {
        let start = index(self.program.text.len());
        self.program.text.push_str(text);
        Span { start, end: index(self.program.text.len()) }
    }

    fn output(&mut self, pipe: &syntax::Pipe<'_>, at: At<'_>) {
        if pipe.calls.is_empty()
            && let syntax::Expr::Path(path) = &pipe.value
        {
            let path = self.path(path, at);
            self.push(Op::EmitPath(path), at);
            return;
        }
        if let ([calls @ .., last], syntax::Expr::Path(path)) = (pipe.calls.as_slice(), &pipe.value)
            && last.filter.escapes
        {
            let op = match calls {
                [] => Op::EmitPathEscaped(self.path(path, at)),
                calls => Op::EmitEscaped(self.pipe_of(&pipe.value, calls, at)),
            };
            self.push(op, at);
            return;
        }
        let id = self.pipe(pipe, at);
        let compiled = &self.program.pipes[id as usize];
        let constant = compiled.calls.0 == compiled.calls.1;
        let op = match self.program.exprs[compiled.value as usize] {
            Expr::Text(span) if constant => Op::Text(span),
            Expr::Int(number) if constant => Op::Text(self.span(&number.to_string())),
            Expr::Nil
            | Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Float(_)
            | Expr::Text(_)
            | Expr::Empty
            | Expr::Blank
            | Expr::Range(..)
            | Expr::Path(_) => Op::Emit(id),
        };
        self.push(op, at);
    }

    fn assign(&mut self, name: &str, pipe: &syntax::Pipe<'_>, at: At<'_>) {
        let pipe = self.pipe(pipe, at);
        let slot = self.slot(name);
        self.push(Op::Assign { slot, pipe }, at);
    }

    fn capture(&mut self, name: &str, body: &Block<'_>, at: At<'_>) {
        let slot = self.slot(name);
        let op = self.push(Op::Capture { slot, end: 0 }, at);
        let end = self.body(body, false, at).end;
        self.program.ops[op] = Op::Capture { slot, end };
    }

    fn ifchanged(&mut self, body: &Block<'_>, at: At<'_>) {
        let op = self.push(Op::Ifchanged { end: 0 }, at);
        let end = self.body(body, false, at).end;
        self.program.ops[op] = Op::Ifchanged { end };
    }

    fn counter(&mut self, name: &str, op: fn(u16) -> Op, at: At<'_>) {
        let counter = numbered(name, &mut self.counters, &mut self.program.counters);
        self.push(op(counter), at);
    }

    fn branches(&mut self, node: &Node<'_>, at: At<'_>) {
        let Kind::If { branches, otherwise, unless } = &node.kind else { return };
        let blank = node.blank;
        let mut exits = Vec::new();
        for (number, (condition, body)) in branches.iter().enumerate() {
            let condition = self.condition(condition, at);
            let test = self.push(Op::Jump(0), at);
            self.body(body, blank, at);
            exits.push(self.push(Op::Jump(0), at));
            let to = self.here();
            self.program.ops[test] = if *unless && number == 0 {
                Op::JumpIf { condition, to }
            } else {
                Op::JumpUnless { condition, to }
            };
        }
        if let Some(otherwise) = otherwise {
            self.body(otherwise, blank, at);
        }
        let end = self.here();
        for exit in exits {
            self.program.ops[exit] = Op::Jump(end);
        }
    }

    fn case(&mut self, subject: &syntax::Expr<'_>, arms: &[syntax::Arm<'_>], blank: bool, at: At<'_>) {
        let subject = self.expr(subject, at);
        let case = index(self.program.cases.len());
        self.program.cases.push(Case { subject, arms: Vec::new(), end: 0 });
        self.push(Op::Case(case), at);
        let mut compiled = Vec::new();
        for arm in arms {
            let values = arm.values.as_ref().map(|values| self.exprs(values, at));
            let body = self.body(&arm.body, blank, at);
            compiled.push(Arm { values, body });
        }
        let end = self.here();
        self.program.cases[case as usize].arms = compiled;
        self.program.cases[case as usize].end = end;
    }

    fn each(&mut self, each: &syntax::Loop<'_>, table: bool, blank: bool, at: At<'_>) {
        let name = format!("{}-{}", each.variable, each.collection_text);
        let collection = self.expr(&each.collection, at);
        let compiled = Loop {
            slot: self.slot(each.variable),
            helper: self.slot(if table { "tablerowloop" } else { "forloop" }),
            name: self.loop_name(&name),
            collection,
            limit: each.limit.as_ref().map(|limit| self.expr(limit, at)),
            offset: each.offset.as_ref().map(|offset| match offset {
                syntax::Offset::Continue => Offset::Continue,
                syntax::Offset::At(expr) => Offset::At(self.expr(expr, at)),
            }),
            cols: each.cols.as_ref().map(|cols| self.expr(cols, at)),
            reversed: each.reversed,
            body: Body::default(),
            otherwise: None,
            end: 0,
        };
        let id = index(self.program.loops.len());
        self.program.loops.push(compiled);
        self.push(if table { Op::Tablerow(id) } else { Op::For(id) }, at);
        let body = self.body(&each.body, blank, at);
        let otherwise = each.otherwise.as_ref().map(|otherwise| self.body(otherwise, blank, at));
        let end = self.here();
        let compiled = &mut self.program.loops[id as usize];
        (compiled.body, compiled.otherwise, compiled.end) = (body, otherwise, end);
    }

    fn loop_name(&mut self, name: &str) -> u16 {
        numbered(name, &mut self.loop_names, &mut self.program.loop_names)
    }

    fn cycle(&mut self, group: Option<&syntax::Expr<'_>>, values: &[syntax::Expr<'_>], at: At<'_>) {
        let written = crate::print::list(values).into();
        let group = group.map(|group| self.expr(group, at));
        let values = self.exprs(values, at);
        let id = index(self.program.cycles.len());
        self.program.cycles.push(Cycle { group, values, written });
        self.push(Op::Cycle(id), at);
    }

    fn partial(&mut self, partial: &syntax::Partial<'_>, include: bool, at: At<'_>) {
        let target = match self.target(&partial.name, at) {
            Ok(target) => target,
            Err(problem) => {
                self.errors.push(Problem { at: at.offset, ..problem }.error(at.name, at.source));
                return;
            }
        };
        let bound = partial.bound.as_ref().map(|bound| Bound {
            value: self.expr(&bound.value, at),
            each: bound.each,
            slot: bound.alias.map(|alias| self.slot(alias)),
        });
        let arguments =
            partial.arguments.iter().map(|(name, value)| (self.slot(name), self.expr(value, at))).collect();
        let helper = self.slot("forloop");
        let id = index(self.program.partials.len());
        self.program.partials.push(Partial { target, bound, arguments, helper });
        self.push(if include { Op::Include(id) } else { Op::Render(id) }, at);
    }

    fn target(&mut self, name: &syntax::Expr<'_>, at: At<'_>) -> Result<Target, Problem> {
        if let syntax::Expr::Text(name) = name {
            return self.partial_unit(name).map(Target::Unit);
        }
        for name in self.options.partials.names() {
            self.partial_unit(name)?;
        }
        Ok(Target::Computed(self.expr(name, at)))
    }

    /// The number of the partial called `name`, which will be compiled when its turn comes.
    fn partial_unit(&mut self, name: &str) -> Result<u16, Problem> {
        if let Some(unit) = self.partials.get(name) {
            return Ok(*unit);
        }
        let Some(source) = self.options.partials.source(name) else {
            let mut problem = Problem::new(Fault::UnknownPartial { name: name.to_owned() }, 0, "");
            problem.nearest = nearest(name, self.options.partials.names());
            return Err(problem);
        };
        let max = self.options.limits.partials_max;
        if self.queue.len() > max.min(usize::from(u16::MAX)) {
            return Err(Problem::new(Fault::Limit { limit: "partials_max", max }, 0, ""));
        }
        let unit = narrow(self.queue.len());
        self.queue.push((name.to_owned(), source.to_owned()));
        self.partials.insert(name.to_owned(), unit);
        Ok(unit)
    }

    fn abort(&mut self, reason: Option<&syntax::Pipe<'_>>, at: At<'_>) {
        let reason = reason.map(|reason| self.pipe(reason, at));
        self.push(Op::Abort(reason), at);
    }

    fn lookup(&mut self, catalogue: &str, keys: &[syntax::Expr<'_>], at: At<'_>) {
        let keys = self.exprs(keys, at);
        let slot = self.slot("items");
        let id = index(self.program.lookups.len());
        self.program.lookups.push(Lookup { catalogue: catalogue.into(), keys, slot });
        self.push(Op::Lookup(id), at);
    }

    fn slot(&mut self, name: &str) -> u16 {
        let slot = numbered(name, &mut self.slots, &mut self.program.slots);
        if self.program.given.len() < self.program.slots.len() {
            self.program.given.push((narrow(self.program.units.len()), index(self.program.paths.len())));
        }
        slot
    }

    /// The number of a name in the caller's data, or in the map that `parent` leads to.
    fn name<T: AsRef<str> + Into<Box<str>>>(&mut self, parent: Option<u32>, text: T) -> u32 {
        let names = &mut self.program.names;
        let scanned = &names[..names.len().min(NAMES_SCANNED)];
        let same = |name: &Name| name.parent == parent && *name.text == *text.as_ref();
        if let Some(known) = scanned.iter().position(same) {
            return index(known);
        }
        let next = index(names.len());
        let text: Box<str> = text.into();
        if names.len() >= NAMES_SCANNED {
            let known = *self.names.entry((parent, text.clone())).or_insert(next);
            if known != next {
                return known;
            }
        }
        names.push(Name { parent, text });
        next
    }

    fn exprs(&mut self, exprs: &[syntax::Expr<'_>], at: At<'_>) -> Box<[u32]> {
        exprs.iter().map(|expr| self.expr(expr, at)).collect()
    }

    fn expr(&mut self, expr: &syntax::Expr<'_>, at: At<'_>) -> u32 {
        let compiled = match expr {
            syntax::Expr::Nil => Expr::Nil,
            syntax::Expr::Bool(truth) => Expr::Bool(*truth),
            syntax::Expr::Int(number) => Expr::Int(*number),
            syntax::Expr::Float(number) => Expr::Float(*number),
            syntax::Expr::Text(text) => Expr::Text(self.span(text)),
            syntax::Expr::Empty => Expr::Empty,
            syntax::Expr::Blank => Expr::Blank,
            syntax::Expr::Range(range) => Expr::Range(self.expr(&range.0, at), self.expr(&range.1, at)),
            syntax::Expr::Path(path) => Expr::Path(self.path(path, at)),
        };
        self.push_expr(compiled)
    }

    fn push_expr(&mut self, expr: Expr) -> u32 {
        self.program.exprs.push(expr);
        index(self.program.exprs.len() - 1)
    }

    fn path(&mut self, path: &syntax::Path<'_>, at: At<'_>) -> u32 {
        let aliases = self.options.aliases;
        let alias =
            |written: &str| aliases.iter().find(|alias| alias.written == written).map(|alias| alias.meaning);
        let mut segments = Vec::with_capacity(path.segments.len());
        let root = match &path.root {
            syntax::Root::Name(name) => Root::Data(self.name(None, alias(name).unwrap_or(name))),
            syntax::Root::Bare(name) => match alias(BARE) {
                Some(meaning) => {
                    segments.push(Segment::Name((*name).into()));
                    Root::Data(self.name(None, meaning))
                }
                None => Root::Data(self.name(None, *name)),
            },
            syntax::Root::Computed(expr) => Root::Computed(self.expr(expr, at)),
        };
        for segment in &path.segments {
            segments.push(match segment {
                syntax::Segment::Name(name) => Segment::Name((*name).into()),
                syntax::Segment::Index(expr) => Segment::Index(self.expr(expr, at)),
            });
        }
        let written = crate::print::path(path).into();
        let offset = index(path.at);
        self.program.paths.push(Path { root, segments: segments.into(), written, unit: at.unit, offset });
        index(self.program.paths.len() - 1)
    }

    fn pipe(&mut self, pipe: &syntax::Pipe<'_>, at: At<'_>) -> u32 {
        self.pipe_of(&pipe.value, &pipe.calls, at)
    }

    fn pipe_of(&mut self, value: &syntax::Expr<'_>, written: &[syntax::Call<'_>], at: At<'_>) -> u32 {
        let value = self.expr(value, at);
        let path = if let Expr::Path(path) = self.program.exprs[value as usize] { Some(path) } else { None };
        let mut calls = Vec::with_capacity(written.len());
        for (number, call) in written.iter().enumerate() {
            calls.push(Call {
                filter: call.filter,
                arguments: self.exprs(&call.arguments, at),
                named: call
                    .named
                    .iter()
                    .map(|(name, value)| ((*name).into(), self.expr(value, at)))
                    .collect(),
                guarded: written[number..].iter().any(|later| later.filter.guards),
                path,
            });
        }
        let (value, calls) = self.fold(value, calls);
        let start = index(self.program.calls.len());
        self.program.calls.extend(calls);
        let end = index(self.program.calls.len());
        self.program.pipes.push(Pipe { value, calls: (start, end) });
        index(self.program.pipes.len() - 1)
    }

    /// Applies filters that need nothing but constants now, once.
    fn fold(&mut self, mut value: u32, calls: Vec<Call>) -> (u32, Vec<Call>) {
        let mut calls = calls.into_iter().peekable();
        while let Some(call) = calls.peek() {
            let Some(folded) = self.fold_call(value, call) else { break };
            value = self.push_expr(folded);
            calls.next();
        }
        (value, calls.collect())
    }

    fn fold_call(&mut self, value: u32, call: &Call) -> Option<Expr> {
        if !call.filter.pure || !call.named.is_empty() || self.folding_left == 0 || !self.is_constant(value) {
            return None;
        }
        let limits = RenderLimits {
            steps_max: self.folding_left as u64,
            memory_bytes_max: self.folding_left,
            ..RenderLimits::DEFAULT
        };
        let options = RenderOptions { limits, ..RenderOptions::default() };
        let arena = Arena::new();
        let mut cx = Context::new(&arena, &options);
        let input = self.constant(value, &arena)?;
        let arguments: Option<Vec<Value<'_>>> =
            call.arguments.iter().map(|argument| self.constant(*argument, &arena)).collect();
        let result = filters::apply(call.filter, input, &arguments?, &[], &mut cx).ok();
        let taken = arena.bytes().saturating_add(usize::try_from(cx.steps).unwrap_or(usize::MAX));
        self.folding_left = self.folding_left.saturating_sub(taken);
        let fit = cx.unfit.is_none();
        result.filter(|_| fit).and_then(|result| match result {
            Value::Bool(truth) => Some(Expr::Bool(truth)),
            Value::Int(number) => Some(Expr::Int(number)),
            Value::Float(number) => Some(Expr::Float(number)),
            Value::Text(text) | Value::Markup(text) => Some(Expr::Text(self.span(text))),
            Value::Nil
            | Value::Time(_)
            | Value::Range(..)
            | Value::Slice(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Empty
            | Value::Blank
            | Value::Missing(_) => None,
        })
    }

    fn is_constant(&self, expr: u32) -> bool {
        matches!(
            self.program.exprs[expr as usize],
            Expr::Bool(_) | Expr::Int(_) | Expr::Float(_) | Expr::Text(_)
        )
    }

    fn constant<'a>(&self, expr: u32, arena: &'a Arena) -> Option<Value<'a>> {
        match self.program.exprs[expr as usize] {
            Expr::Bool(truth) => Some(Value::Bool(truth)),
            Expr::Int(number) => Some(Value::Int(number)),
            Expr::Float(number) => Some(Value::Float(number)),
            Expr::Text(span) => Some(Value::Markup(arena.text(self.program.text(span)))),
            Expr::Nil | Expr::Empty | Expr::Blank | Expr::Range(..) | Expr::Path(_) => None,
        }
    }

    fn condition(&mut self, condition: &syntax::Condition<'_>, at: At<'_>) -> u32 {
        let first = self.test(&condition.first, at);
        let rest = condition.rest.iter().map(|(join, test)| (*join, self.test(test, at))).collect();
        self.program.conditions.push(Condition { first, rest });
        index(self.program.conditions.len() - 1)
    }

    fn test(&mut self, test: &syntax::Test<'_>, at: At<'_>) -> Test {
        let left = self.expr(&test.left, at);
        let compared = test.compared.as_ref().map(|(comparison, right)| (*comparison, self.expr(right, at)));
        Test { left, compared }
    }

    /// Now that all names are known: which paths begin with a name that the template itself gives a value to. All
    /// others lead into the caller's data.
    fn settle_names(&mut self) {
        for at in 0..self.program.paths.len() {
            let Root::Data(name) = self.program.paths[at].root else { continue };
            let text = &self.program.names[name as usize].text;
            let slot = self.slots.get(text).copied();
            let counter = self.counters.get(text).copied();
            if slot.is_some() || counter.is_some() {
                self.program.paths[at].root = Root::Local { slot, counter, name };
            } else {
                self.settle_data(at, name);
            }
        }
    }

    /// Takes the names that follow the first into the table of names, so that each is asked for once.
    fn settle_data(&mut self, path: usize, mut name: u32) {
        let segments = std::mem::take(&mut self.program.paths[path].segments);
        let mut rest = segments.into_iter().peekable();
        for _ in 1..PATH_NAMES_MAX {
            let Some(Segment::Name(text)) = rest.next_if(|segment| matches!(segment, Segment::Name(_)))
            else {
                break;
            };
            name = self.name(Some(name), text);
        }
        self.program.paths[path].root = Root::Data(name);
        self.program.paths[path].segments = rest.collect();
    }

    fn check_names(&mut self, source: &str) {
        let program = &self.program;
        let most = program.slots.len().max(program.counters.len()).max(program.loop_names.len());
        if most > NAMES_MAX {
            let fault = Fault::Limit { limit: "names_max", max: NAMES_MAX };
            self.errors.push(Problem::new(fault, 0, "").error(self.options.name, source));
        }
    }
}

/// The number of a name in its table, where it is put when it is new.
fn numbered(name: &str, numbers: &mut FxHashMap<Box<str>, u16>, names: &mut Vec<Box<str>>) -> u16 {
    if let Some(number) = numbers.get(name) {
        return *number;
    }
    let number = narrow(names.len());
    numbers.insert(name.into(), number);
    names.push(name.into());
    number
}

/// An index into a table of a template, whose source is limited far below 4 GiB.
fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a template is limited to far less than 4 GiB")
}

fn narrow(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
