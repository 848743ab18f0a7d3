//! Runs a program: one rendering from its first operation to its last.
//!
//! Invariant: nothing here panics, performs I/O or reads a clock, and every loop pays for its turns.

use crate::context::{Context, Outcome};
use crate::digits::Digits;
use crate::error::Place;
use crate::forloop::Forloop;
use crate::program::{Body, Case, Cycle, Lookup, Op, Partial, Program, Target, Unit};
use crate::value::{Arena, Map, Value};
use crate::{Escape, Gap, RenderError, RenderOptions, Report, Stop, Why, compare, escape};

/// Renders `program`, appending to `out`; when it fails or aborts, `out` is as it was.
pub(crate) fn render(
    program: &Program,
    data: &dyn Map,
    options: &RenderOptions<'_>,
    out: &mut String,
) -> Result<Report, RenderError> {
    let arena = Arena::new();
    let start = out.len();
    let mut machine = Machine {
        program,
        data,
        cx: Context::new(&arena, options),
        out_max: start.saturating_add(options.limits.output_bytes_max),
        out: std::mem::take(out),
        frame: Frame::new(program, &arena),
        known: known(program, &arena),
        at: 0,
        depth: 0,
        changed: "",
        gaps: Vec::new(),
        aborted: None,
    };
    let result = machine.run(program.units[0].body);
    *out = machine.out;
    let report = Report { gaps: machine.gaps, aborted: machine.aborted, steps: machine.cx.steps };
    match result {
        Ok(_) => {
            if report.aborted.is_some() {
                out.truncate(start);
            }
            Ok(report)
        }
        Err(stop) => {
            out.truncate(start);
            let unit = program.unit_of(machine.at);
            let offset = program.offsets.get(machine.at as usize).copied().unwrap_or(0);
            Err(RenderError { stop: *stop, place: Place::find(&unit.name, &unit.source, offset as usize) })
        }
    }
}

fn known<'a>(program: &Program, arena: &'a Arena) -> &'a mut [Option<Option<Value<'a>>>] {
    arena.note(program.names.len() * size_of::<Option<Option<Value<'_>>>>());
    arena.bump().alloc_slice_fill_copy(program.names.len(), None)
}

/// What a body wants to happen after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Next,
    Break,
    Continue,
    Abort,
}

/// One rendering.
pub(crate) struct Machine<'a> {
    pub(crate) program: &'a Program,
    pub(crate) data: &'a dyn Map,
    pub(crate) cx: Context<'a>,
    /// The caller's buffer, for as long as the rendering takes.
    pub(crate) out: String,
    out_max: usize,
    pub(crate) frame: Frame<'a>,
    /// What each name of the data says, once it was asked for.
    pub(crate) known: &'a mut [Option<Option<Value<'a>>>],
    /// The operation being run, for the place of an error.
    at: u32,
    depth: usize,
    /// What the last `ifchanged` wrote.
    changed: &'a str,
    gaps: Vec<Gap>,
    aborted: Option<String>,
}

/// The names of a template, or of a partial that sees none of its caller's.
pub(crate) struct Frame<'a> {
    /// What was assigned.
    globals: &'a mut [Option<Value<'a>>],
    /// What loops and arguments bind for a while, in front of what was assigned.
    bound: &'a mut [Option<Value<'a>>],
    pub(crate) counters: &'a mut [Option<i64>],
    /// Where each loop stopped.
    pub(crate) stops: &'a mut [usize],
    /// How far each cycle is: whether it has a group, the group or the cycle as written, the next value.
    cycles: Vec<(bool, &'a str, usize)>,
    pub(crate) forloop: Option<&'a Forloop<'a>>,
}

impl<'a> Frame<'a> {
    fn new(program: &Program, arena: &'a Arena) -> Self {
        let bump = arena.bump();
        arena.note(program.slots.len() * 2 * size_of::<Option<Value<'_>>>());
        Self {
            globals: bump.alloc_slice_fill_copy(program.slots.len(), None),
            bound: bump.alloc_slice_fill_copy(program.slots.len(), None),
            counters: bump.alloc_slice_fill_copy(program.counters.len(), None),
            stops: bump.alloc_slice_fill_copy(program.loop_names.len(), 0),
            cycles: Vec::new(),
            forloop: None,
        }
    }

    #[inline]
    pub(crate) fn get(&self, slot: u16) -> Option<&Value<'a>> {
        self.bound[usize::from(slot)].as_ref().or(self.globals[usize::from(slot)].as_ref())
    }

    fn assign(&mut self, slot: u16, value: Value<'a>) {
        self.globals[usize::from(slot)] = Some(value);
    }

    /// Binds a name for a while and says what it was bound to before.
    pub(crate) fn bind(&mut self, slot: u16, value: Option<Value<'a>>) -> Option<Value<'a>> {
        std::mem::replace(&mut self.bound[usize::from(slot)], value)
    }
}

impl<'a> Machine<'a> {
    /// Runs a body inside the current one.
    pub(crate) fn nested(&mut self, body: Body) -> Outcome<Flow> {
        let max = self.cx.options.limits.nesting_max;
        if self.depth >= max {
            return Err(Box::new(Stop::Limit { limit: "nesting_max", max: max as u64 }));
        }
        self.depth += 1;
        let flow = self.run(body);
        self.depth -= 1;
        flow
    }

    fn run(&mut self, body: Body) -> Outcome<Flow> {
        let program = self.program;
        let mut at = body.start;
        while at < body.end {
            self.at = at;
            self.cx.charge(1)?;
            let op = program.ops[at as usize];
            at += 1;
            let mut flow = Flow::Next;
            match op {
                Op::Text(span) => self.out.push_str(program.text(span)),
                Op::EmitPath(path) => self.emit_path(path)?,
                Op::Emit(pipe) => self.emit_pipe(pipe)?,
                Op::EmitPathEscaped(path) => self.emit_path_escaped(path)?,
                Op::EmitEscaped(pipe) => self.emit_pipe_escaped(pipe)?,
                Op::Assign { slot, pipe } => self.assign(slot, pipe)?,
                Op::Capture { slot, end } => flow = self.capture(slot, &mut at, end)?,
                Op::Ifchanged { end } => flow = self.ifchanged(&mut at, end)?,
                Op::Jump(to) => at = to,
                Op::JumpIf { condition, to } => at = if self.condition(condition)? { to } else { at },
                Op::JumpUnless { condition, to } => at = if self.condition(condition)? { at } else { to },
                Op::Case(case) => flow = self.case(&program.cases[case as usize], &mut at)?,
                Op::For(each) => flow = self.each(&program.loops[each as usize], &mut at)?,
                Op::Tablerow(each) => flow = self.tablerow(&program.loops[each as usize], &mut at)?,
                Op::Break => flow = Flow::Break,
                Op::Continue => flow = Flow::Continue,
                Op::Cycle(cycle) => self.cycle(&program.cycles[cycle as usize])?,
                Op::Increment(counter) => self.increment(counter),
                Op::Decrement(counter) => self.decrement(counter),
                Op::Include(partial) => flow = self.include(&program.partials[partial as usize])?,
                Op::Render(partial) => flow = self.isolate(&program.partials[partial as usize])?,
                Op::Lookup(lookup) => self.lookup(&program.lookups[lookup as usize])?,
                Op::Abort(reason) => flow = self.abort(reason)?,
            }
            self.check_output()?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    #[inline]
    fn check_output(&self) -> Outcome<()> {
        if self.out.len() <= self.out_max {
            return Ok(());
        }
        let max = self.cx.options.limits.output_bytes_max as u64;
        Err(Box::new(Stop::Limit { limit: "output_bytes_max", max }))
    }

    #[inline]
    fn emit_path(&mut self, path: u32) -> Outcome<()> {
        let value = self.path(path)?;
        if matches!(value, Value::Map(_)) {
            self.gap(path, Why::WrongType);
        }
        self.emit(value)
    }

    fn emit_pipe(&mut self, pipe: u32) -> Outcome<()> {
        let value = self.pipe(pipe)?;
        self.emit(value)
    }

    /// Writes a value, made harmless; a missing one is reported.
    #[inline]
    fn emit(&mut self, value: Value<'a>) -> Outcome<()> {
        match value {
            Value::Text(text) => {
                self.cx.charge_bytes(text.len())?;
                escape::push(self.cx.options.escape, text, &mut self.out);
            }
            Value::Markup(text) => {
                self.cx.charge_bytes(text.len())?;
                self.out.push_str(text);
            }
            Value::Int(number) => self.out.push_str(Digits::of_integer(number).as_str()),
            Value::Missing(_) => self.want(value),
            Value::Nil | Value::Empty | Value::Blank => {}
            Value::Float(number) => match Digits::of_float(number) {
                Some(digits) => self.out.push_str(digits.as_str()),
                None => self.emit_written(value, self.cx.options.escape)?,
            },
            Value::Bool(_)
            | Value::Time(_)
            | Value::Range(..)
            | Value::Slice(_)
            | Value::List(_)
            | Value::Map(_) => self.emit_written(value, self.cx.options.escape)?,
        }
        Ok(())
    }

    fn emit_written(&mut self, value: Value<'a>, escape: Escape) -> Outcome<()> {
        let text = self.cx.text(value)?;
        self.cx.charge_bytes(text.len())?;
        escape::push(escape, text, &mut self.out);
        Ok(())
    }

    #[inline]
    fn emit_path_escaped(&mut self, path: u32) -> Outcome<()> {
        let value = self.path(path)?;
        self.emit_escaped(value)
    }

    fn emit_pipe_escaped(&mut self, pipe: u32) -> Outcome<()> {
        let value = self.pipe(pipe)?;
        self.emit_escaped(value)
    }

    /// Writes what the filter `escape` makes of a value, without keeping it first.
    #[inline]
    fn emit_escaped(&mut self, value: Value<'a>) -> Outcome<()> {
        if let Value::Text(text) | Value::Markup(text) = value {
            self.cx.charge_bytes(text.len())?;
            escape::push_html(text, &mut self.out);
            return Ok(());
        }
        if value.is_nil() {
            self.want(value);
            return Ok(());
        }
        self.emit_written(value, Escape::Html)
    }

    fn assign(&mut self, slot: u16, pipe: u32) -> Outcome<()> {
        let value = self.pipe(pipe)?;
        self.frame.assign(slot, value);
        Ok(())
    }

    /// Runs a body and takes what it wrote out of the output again.
    fn taken(&mut self, start: u32, end: u32) -> Outcome<(Flow, &'a str)> {
        let mark = self.out.len();
        let flow = self.nested(Body { start, end })?;
        let text = self.cx.keep(&self.out[mark..])?;
        self.out.truncate(mark);
        Ok((flow, text))
    }

    fn capture(&mut self, slot: u16, at: &mut u32, end: u32) -> Outcome<Flow> {
        let (flow, text) = self.taken(*at, end)?;
        *at = end;
        // What was captured is made harmless already.
        self.frame.assign(slot, Value::Markup(text));
        Ok(flow)
    }

    fn ifchanged(&mut self, at: &mut u32, end: u32) -> Outcome<Flow> {
        let (flow, text) = self.taken(*at, end)?;
        *at = end;
        if self.changed != text {
            self.changed = text;
            self.out.push_str(text);
        }
        Ok(flow)
    }

    fn case(&mut self, case: &'a Case, at: &mut u32) -> Outcome<Flow> {
        *at = case.end;
        let subject = self.expr(case.subject)?;
        let mut matched = false;
        for arm in &case.arms {
            let turns = match &arm.values {
                None => usize::from(!matched),
                Some(values) => {
                    let mut turns = 0;
                    for value in values {
                        self.cx.charge(1)?;
                        let value = self.expr(*value)?;
                        turns += usize::from(compare::equal(subject, value, &mut self.cx)?);
                    }
                    matched |= turns > 0;
                    turns
                }
            };
            for _ in 0..turns {
                let flow = self.nested(arm.body)?;
                if flow != Flow::Next {
                    return Ok(flow);
                }
            }
        }
        Ok(Flow::Next)
    }

    fn cycle(&mut self, cycle: &'a Cycle) -> Outcome<()> {
        let (grouped, key) = match cycle.group {
            Some(group) => {
                let group = self.expr(group)?;
                (true, self.cx.text(group)?)
            }
            None => (false, &*cycle.written),
        };
        let cycles = &mut self.frame.cycles;
        self.cx.charge(cycles.len())?;
        let known = cycles.iter().position(|(known, name, _)| *known == grouped && *name == key);
        let known = known.unwrap_or_else(|| {
            cycles.push((grouped, key, 0));
            cycles.len() - 1
        });
        let turn = cycles[known].2;
        cycles[known].2 = if turn + 1 >= cycle.values.len() { 0 } else { turn + 1 };
        match cycle.values.get(turn) {
            Some(value) => {
                let value = self.expr(*value)?;
                self.emit(value)
            }
            None => Ok(()),
        }
    }

    fn counter(&self, counter: u16) -> i64 {
        let counter = usize::from(counter);
        let given = || match self.data.get(&self.program.counters[counter], self.cx.arena) {
            Some(Value::Int(number)) => number,
            Some(_) | None => 0,
        };
        self.frame.counters[counter].unwrap_or_else(given)
    }

    fn increment(&mut self, counter: u16) {
        let number = self.counter(counter);
        self.out.push_str(Digits::of_integer(number).as_str());
        self.frame.counters[usize::from(counter)] = Some(number.wrapping_add(1));
    }

    fn decrement(&mut self, counter: u16) {
        let number = self.counter(counter).wrapping_sub(1);
        self.out.push_str(Digits::of_integer(number).as_str());
        self.frame.counters[usize::from(counter)] = Some(number);
    }

    fn lookup(&mut self, lookup: &'a Lookup) -> Outcome<()> {
        let mut items = Vec::new();
        for key in &lookup.keys {
            let key = self.expr(*key)?;
            self.want(key);
            let key = self.cx.text(key)?;
            let item =
                self.cx.options.catalogues.and_then(|all| all.item(&lookup.catalogue, key, self.cx.arena));
            match item {
                Some(item) => items.push(item),
                None => self.filter_gap(&format!("{}[{key}]", lookup.catalogue), Why::NoItem),
            }
        }
        let items = self.cx.keep_values(&items)?;
        self.frame.assign(lookup.slot, Value::Slice(items));
        Ok(())
    }

    fn abort(&mut self, reason: Option<u32>) -> Outcome<Flow> {
        let reason = match reason {
            Some(reason) => {
                let reason = self.pipe(reason)?;
                self.cx.text(reason)?
            }
            None => "",
        };
        self.aborted = Some(reason.to_owned());
        Ok(Flow::Abort)
    }

    fn include(&mut self, partial: &'a Partial) -> Outcome<Flow> {
        let (body, own_slot) = self.target(partial.target)?;
        let bound = match partial.bound {
            Some(bound) => Some((bound.slot.unwrap_or(own_slot), self.expr(bound.value)?)),
            None => None,
        };
        let arguments = self.arguments(partial)?;
        let before: Vec<_> =
            arguments.iter().map(|(slot, value)| (*slot, self.frame.bind(*slot, Some(*value)))).collect();
        let flow = match bound {
            Some((slot, value)) if value.is_list() => self.include_each(slot, value, body),
            Some((slot, value)) => {
                let outer = self.frame.bind(slot, Some(value));
                let flow = self.nested(body);
                self.frame.bind(slot, outer);
                flow
            }
            None => self.nested(body),
        };
        for (slot, value) in before.into_iter().rev() {
            self.frame.bind(slot, value);
        }
        flow
    }

    fn include_each(&mut self, slot: u16, values: Value<'a>, body: Body) -> Outcome<Flow> {
        let mut flow = Flow::Next;
        for index in 0..values.list_len() {
            self.cx.charge(1)?;
            let value = values.item(index, self.cx.arena).unwrap_or_default();
            let outer = self.frame.bind(slot, Some(value));
            flow = self.nested(body)?;
            self.frame.bind(slot, outer);
            if flow != Flow::Next {
                break;
            }
        }
        Ok(flow)
    }

    /// Renders a partial that sees the data and its arguments only.
    fn isolate(&mut self, partial: &'a Partial) -> Outcome<Flow> {
        let (body, own_slot) = self.target(partial.target)?;
        let bound = match partial.bound {
            Some(bound) => Some((bound, self.expr(bound.value)?)),
            None => None,
        };
        let arguments = self.arguments(partial)?;
        let Some((bound, value)) = bound else { return self.alone(body, &arguments, None, None) };
        let slot = bound.slot.unwrap_or(own_slot);
        if !(bound.each && (value.is_list() || matches!(value, Value::Range(..)))) {
            return self.alone(body, &arguments, Some((slot, value)), None);
        }
        let forloop = Forloop::new("", value.list_len(), None).kept(self.cx.arena);
        for index in 0..value.list_len() {
            self.cx.charge(1)?;
            forloop.turn(index);
            let item = value.item(index, self.cx.arena).unwrap_or_default();
            let helper = Some((partial.helper, Value::Map(forloop)));
            if self.alone(body, &arguments, Some((slot, item)), helper)? == Flow::Abort {
                return Ok(Flow::Abort);
            }
        }
        Ok(Flow::Next)
    }

    fn alone(
        &mut self,
        body: Body,
        arguments: &[(u16, Value<'a>)],
        bound: Option<(u16, Value<'a>)>,
        helper: Option<(u16, Value<'a>)>,
    ) -> Outcome<Flow> {
        self.cx.charge(self.program.slots.len() / 8)?;
        self.cx.demand_values(self.program.slots.len() * 2)?;
        let outer = std::mem::replace(&mut self.frame, Frame::new(self.program, self.cx.arena));
        for (slot, value) in arguments.iter().copied().chain(bound).chain(helper) {
            self.frame.assign(slot, value);
        }
        let flow = self.nested(body)?;
        self.frame = outer;
        // `break` and `continue` end the partial, not a loop around it.
        Ok(if flow == Flow::Abort { Flow::Abort } else { Flow::Next })
    }

    fn arguments(&mut self, partial: &'a Partial) -> Outcome<Vec<(u16, Value<'a>)>> {
        let mut arguments = Vec::with_capacity(partial.arguments.len());
        for (slot, value) in &partial.arguments {
            arguments.push((*slot, self.expr(*value)?));
        }
        Ok(arguments)
    }

    fn target(&mut self, target: Target) -> Outcome<(Body, u16)> {
        let program = self.program;
        let unit = match target {
            Target::Unit(unit) => &program.units[usize::from(unit)],
            Target::Computed(name) => {
                let name = self.expr(name)?;
                self.want(name);
                let name = self.cx.text(name)?;
                self.cx.charge(program.units.len())?;
                let known = program.units.iter().skip(1).find(|unit| *unit.name == *name);
                known.ok_or_else(|| Box::new(Stop::UnknownPartial { name: name.to_owned() }))?
            }
        };
        Ok((unit.body, unit.slot))
    }

    /// Reports a hole at the end of a path, once.
    #[cold]
    pub(crate) fn gap(&mut self, path: u32, why: Why) {
        let path = &self.program.paths[path as usize];
        let unit = &self.program.units[usize::from(path.unit)];
        self.report(&path.written, why, unit, path.offset);
    }

    /// Reports a hole that has no path.
    #[cold]
    pub(crate) fn filter_gap(&mut self, name: &str, why: Why) {
        let unit = self.program.unit_of(self.at);
        let offset = self.program.offsets[self.at as usize];
        self.report(name, why, unit, offset);
    }

    fn report(&mut self, path: &str, why: Why, unit: &Unit, offset: u32) {
        // That nothing came of it is no news where more is known.
        let known = |gap: &Gap| gap.path == path && (gap.why == why || why == Why::Missing);
        if self.gaps.len() >= GAPS_MAX || self.gaps.iter().any(known) {
            return;
        }
        let Place { template, line, column, .. } = Place::find(&unit.name, &unit.source, offset as usize);
        self.gaps.push(Gap { path: path.to_owned(), why, template, line, column });
    }
}

/// Holes reported for one message; nobody reads more.
const GAPS_MAX: usize = 64;
