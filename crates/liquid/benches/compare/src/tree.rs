//! Data as a caller of ours keeps it: names and values in order, looked up one after the other.

use ours::{Arena, List, Map, Value};
use serde_json::Value as Json;

pub enum Tree {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub fn of(json: &Json) -> Self {
        match json {
            Json::Null => Self::Nil,
            Json::Bool(truth) => Self::Bool(*truth),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Self::Int(number),
                None => Self::Float(number.as_f64().unwrap_or(0.0)),
            },
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Json::Object(items) => Self::Map(items.iter().map(|(name, item)| (name.clone(), Self::of(item))).collect()),
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Nil => Value::Nil,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Int(number) => Value::Int(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Text(text) => Value::Text(text),
            Self::List(_) => Value::List(self),
            Self::Map(_) => Value::Map(self),
        }
    }
}

impl Map for Tree {
    fn get<'a>(&'a self, name: &str, _: &'a Arena) -> Option<Value<'a>> {
        let Self::Map(items) = self else { return None };
        items.iter().find(|(known, _)| known == name).map(|(_, item)| item.value())
    }
}

impl List for Tree {
    fn len(&self) -> usize {
        if let Self::List(items) = self { items.len() } else { 0 }
    }

    fn get<'a>(&'a self, index: usize, _: &'a Arena) -> Option<Value<'a>> {
        let Self::List(items) = self else { return None };
        items.get(index).map(Self::value)
    }
}
