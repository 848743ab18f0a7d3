//! Loops: `for` and `tablerow`, and what they tell their bodies.

use std::cell::Cell;

use crate::context::Outcome;
use crate::evaluate::count;
use crate::machine::{Flow, Machine};
use crate::program::{Body, Loop, Offset};
use crate::value::{Arena, Map, Value};
use crate::{Stop, Why, filters};

/// The `forloop` and `tablerowloop` of a loop: one per loop, turned with each item.
pub(crate) struct Forloop<'a> {
    name: &'a str,
    index: Cell<usize>,
    length: usize,
    parent: Option<&'a Forloop<'a>>,
    /// Columns of a table; 0 for `forloop`.
    cols: usize,
}

impl<'a> Forloop<'a> {
    pub(crate) fn new(name: &'a str, length: usize, parent: Option<&'a Self>) -> Self {
        Self { name, index: Cell::new(0), length, parent, cols: 0 }
    }

    pub(crate) fn kept(self, arena: &'a Arena) -> &'a Self {
        arena.note(size_of::<Self>());
        arena.bump().alloc(self)
    }

    pub(crate) fn turn(&self, index: usize) {
        self.index.set(index);
    }

    fn column(&self) -> usize {
        self.index.get() % self.cols.max(1)
    }

    fn cell(&self, name: &str) -> Option<Value<'_>> {
        let column = self.column();
        Some(match name {
            "col" => Value::Int(count(column + 1)),
            "col0" => Value::Int(count(column)),
            "col_first" => Value::Bool(column == 0),
            "col_last" => Value::Bool(column + 1 == self.cols),
            "row" => Value::Int(count(self.index.get() / self.cols.max(1) + 1)),
            _ => return None,
        })
    }
}

impl Map for Forloop<'_> {
    fn get<'a>(&'a self, name: &str, _: &'a Arena) -> Option<Value<'a>> {
        let index = self.index.get();
        Some(match name {
            "index" => Value::Int(count(index + 1)),
            "index0" => Value::Int(count(index)),
            "rindex" => Value::Int(count(self.length - index)),
            "rindex0" => Value::Int(count(self.length - index - 1)),
            "first" => Value::Bool(index == 0),
            "last" => Value::Bool(index + 1 == self.length),
            "length" => Value::Int(count(self.length)),
            "name" if self.cols == 0 => Value::Text(self.name),
            "parentloop" => Value::Map(self.parent?),
            _ if self.cols > 0 => return self.cell(name),
            _ => return None,
        })
    }
}

/// Which items of which collection a loop goes through.
#[derive(Clone, Copy)]
struct Items<'a> {
    collection: Value<'a>,
    from: usize,
    length: usize,
    reversed: bool,
}

impl<'a> Machine<'a> {
    pub(crate) fn each(&mut self, each: &'a Loop, at: &mut u32) -> Outcome<Flow> {
        *at = each.end;
        let items = self.items(each, "for")?;
        if items.length == 0 {
            return match each.otherwise {
                Some(otherwise) => self.nested(otherwise),
                None => Ok(Flow::Next),
            };
        }
        let name = &self.program.loop_names[usize::from(each.name)];
        let outer_loop = self.frame.forloop;
        let forloop = Forloop::new(name, items.length, outer_loop).kept(self.cx.arena);
        self.frame.forloop = Some(forloop);
        let outer_helper = self.frame.bind(each.helper, Some(Value::Map(forloop)));
        let outer_item = self.frame.bind(each.slot, None);
        let flow = self.turns(each, items, forloop);
        self.frame.bind(each.slot, outer_item);
        self.frame.bind(each.helper, outer_helper);
        self.frame.forloop = outer_loop;
        flow
    }

    fn turns(&mut self, each: &'a Loop, items: Items<'a>, forloop: &'a Forloop<'a>) -> Outcome<Flow> {
        for index in 0..items.length {
            self.cx.charge(1)?;
            forloop.turn(index);
            let item = self.nth(items, index);
            self.frame.bind(each.slot, Some(item));
            match self.nested(each.body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                Flow::Abort => return Ok(Flow::Abort),
            }
        }
        Ok(Flow::Next)
    }

    fn nth(&self, items: Items<'a>, index: usize) -> Value<'a> {
        let index = if items.reversed { items.length - 1 - index } else { index } + items.from;
        match items.collection {
            Value::Map(map) => map.entry(index, self.cx.arena).map(|entry| self.pair(entry)),
            Value::Text(_) | Value::Markup(_) => Some(items.collection),
            Value::Slice(_) | Value::List(_) | Value::Range(..) => {
                items.collection.item(index, self.cx.arena)
            }
            Value::Nil
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Time(_)
            | Value::Empty
            | Value::Blank
            | Value::Missing(_) => None,
        }
        .unwrap_or_default()
    }

    fn items(&mut self, each: &'a Loop, tag: &'static str) -> Outcome<Items<'a>> {
        let collection = self.expr(each.collection)?;
        let total = match collection {
            Value::Slice(_) | Value::List(_) | Value::Range(..) => collection.list_len(),
            Value::Map(map) => map.len(),
            Value::Text(text) | Value::Markup(text) => usize::from(!text.is_empty()),
            Value::Nil | Value::Missing(_) => {
                if each.otherwise.is_none() {
                    self.want(collection);
                }
                0
            }
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Time(_) => {
                self.filter_gap(&self.program.loop_names[usize::from(each.name)], Why::WrongType);
                0
            }
            Value::Empty | Value::Blank => 0,
        };
        let from = match each.offset {
            None => 0,
            Some(Offset::Continue) => self.frame.stops[usize::from(each.name)],
            Some(Offset::At(offset)) => self.whole(offset, tag, "offset")?.unwrap_or(0),
        };
        let limit = match each.limit {
            Some(limit) => self.whole(limit, tag, "limit")?,
            None => None,
        };
        let length = total.saturating_sub(from).min(limit.unwrap_or(usize::MAX));
        self.frame.stops[usize::from(each.name)] = from.saturating_add(length);
        Ok(Items { collection, from, length, reversed: each.reversed })
    }

    /// A whole number that an argument of a loop says; `None` when it says nothing.
    fn whole(&mut self, expr: u32, tag: &'static str, argument: &'static str) -> Outcome<Option<usize>> {
        let value = self.expr(expr)?;
        if value.is_nil() {
            return Ok(None);
        }
        match filters::strict_integer(value) {
            Some(number) => Ok(Some(usize::try_from(number).unwrap_or(0))),
            None => Err(Box::new(Stop::Number { tag, argument })),
        }
    }

    pub(crate) fn tablerow(&mut self, each: &'a Loop, at: &mut u32) -> Outcome<Flow> {
        *at = each.end;
        let items = self.items(each, "tablerow")?;
        if !items.collection.is_true() {
            return Ok(Flow::Next);
        }
        let cols = match each.cols {
            Some(cols) => {
                let cols = self.expr(cols)?;
                usize::try_from(filters::leading_integer(cols)).unwrap_or(0).max(1)
            }
            None => items.length.max(1),
        };
        let mut helper = Forloop::new("", items.length, None);
        helper.cols = cols;
        let helper = helper.kept(self.cx.arena);
        let outer_helper = self.frame.bind(each.helper, Some(Value::Map(helper)));
        let outer_item = self.frame.bind(each.slot, None);
        self.out.push_str("<tr class=\"row1\">\n");
        let flow = self.cells(each, items, helper);
        self.out.push_str("</tr>\n");
        self.frame.bind(each.slot, outer_item);
        self.frame.bind(each.helper, outer_helper);
        flow
    }

    fn cells(&mut self, each: &'a Loop, items: Items<'a>, helper: &'a Forloop<'a>) -> Outcome<Flow> {
        for index in 0..items.length {
            self.cx.charge(1)?;
            helper.turn(index);
            let item = self.nth(items, index);
            self.frame.bind(each.slot, Some(item));
            let column = helper.column();
            self.out.push_str("<td class=\"col");
            self.out.push_str(&(column + 1).to_string());
            self.out.push_str("\">");
            let flow = self.nested(Body { ..each.body })?;
            self.out.push_str("</td>");
            match flow {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                Flow::Abort => return Ok(Flow::Abort),
            }
            if column + 1 == helper.cols && index + 1 < items.length {
                let row = (index + 1) / helper.cols + 1;
                self.out.push_str("</tr>\n<tr class=\"row");
                self.out.push_str(&row.to_string());
                self.out.push_str("\">");
            }
        }
        Ok(Flow::Next)
    }
}
