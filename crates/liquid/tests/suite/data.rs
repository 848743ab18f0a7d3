//! JSON as data: how a caller lends what it already has.

use liquid::{Arena, List, Map, Value};
use serde_json::Value as Tree;

/// A borrowed tree.
#[derive(Clone, Copy)]
pub(crate) struct Json<'t>(pub &'t Tree);

/// What a tree is to a template.
pub(crate) fn value<'a>(tree: &'a Tree, arena: &'a Arena) -> Value<'a> {
    match tree {
        Tree::Null => Value::Nil,
        Tree::Bool(truth) => Value::Bool(*truth),
        Tree::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or(0.0)),
        },
        Tree::String(text) => Value::Text(text),
        Tree::Array(_) => Value::List(arena.keep(Json(tree))),
        Tree::Object(_) => Value::Map(arena.keep(Json(tree))),
    }
}

impl Map for Json<'_> {
    fn get<'a>(&'a self, name: &str, arena: &'a Arena) -> Option<Value<'a>> {
        self.0.get(name).map(|tree| value(tree, arena))
    }

    fn len(&self) -> usize {
        self.0.as_object().map_or(0, |map| map.len())
    }

    fn entry<'a>(&'a self, index: usize, arena: &'a Arena) -> Option<(&'a str, Value<'a>)> {
        let (name, tree) = self.0.as_object()?.iter().nth(index)?;
        Some((name, value(tree, arena)))
    }
}

impl List for Json<'_> {
    fn len(&self) -> usize {
        self.0.as_array().map_or(0, Vec::len)
    }

    fn get<'a>(&'a self, index: usize, arena: &'a Arena) -> Option<Value<'a>> {
        self.0.as_array()?.get(index).map(|tree| value(tree, arena))
    }
}
