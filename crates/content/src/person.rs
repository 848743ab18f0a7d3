//! How a template sees a person: borrowed, path by path.

use liquid::{Arena, Map};
use model::{Properties, Value};

/// The traits of a person, in the keeper's own form. Nested names are joined with dots.
pub trait Traits {
    /// What `name` says.
    fn get(&self, name: &str) -> Option<&Value>;

    /// Whether any trait's name begins with `prefix` and a dot.
    fn has_prefix(&self, prefix: &str) -> bool;
}

impl Traits for Properties {
    fn get(&self, name: &str) -> Option<&Value> {
        Self::get(self, name)
    }

    fn has_prefix(&self, prefix: &str) -> bool {
        self.iter().any(|(name, _)| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')))
    }
}

/// Whom a message is for, as far as templates may know.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// `customer.…`: traits.
    pub traits: &'a dyn Traits,
    /// `last.EVENT.…`: the properties of the latest event of each name that the template touches.
    pub last_events: &'a [(model::Text, Properties)],
}

impl std::fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}

/// The root of what a template sees: `customer`, `last`, `unsubscribe_url`, `preferences_url`, `message`.
pub(crate) struct Root<'a> {
    pub(crate) person: Person<'a>,
    pub(crate) unsubscribe_url: &'a str,
    pub(crate) preferences_url: &'a str,
}

impl Map for Root<'_> {
    fn get<'a>(&'a self, name: &str, arena: &'a Arena) -> Option<liquid::Value<'a>> {
        match name {
            "customer" => {
                Some(liquid::Value::Map(arena.keep(Customer { traits: self.person.traits, prefix: "" })))
            }
            "last" => Some(liquid::Value::Map(arena.keep(LastEvents(self.person.last_events)))),
            "unsubscribe_url" => Some(liquid::Value::Markup(self.unsubscribe_url)),
            "preferences_url" => Some(liquid::Value::Markup(self.preferences_url)),
            _ => None,
        }
    }
}

/// `customer`, or a trait name's first pieces.
#[derive(Clone, Copy)]
struct Customer<'t> {
    traits: &'t dyn Traits,
    prefix: &'t str,
}

impl Map for Customer<'_> {
    fn get<'a>(&'a self, name: &str, arena: &'a Arena) -> Option<liquid::Value<'a>> {
        let full = if self.prefix.is_empty() {
            arena.text(name)
        } else {
            arena.text(&format!("{}.{name}", self.prefix))
        };
        match self.traits.get(full) {
            Some(value) => Some(view(value, arena)),
            None if self.traits.has_prefix(full) => {
                Some(liquid::Value::Map(arena.keep(Customer { traits: self.traits, prefix: full })))
            }
            None => None,
        }
    }
}

#[derive(Clone, Copy)]
struct LastEvents<'e>(&'e [(model::Text, Properties)]);

impl Map for LastEvents<'_> {
    fn get<'a>(&'a self, name: &str, arena: &'a Arena) -> Option<liquid::Value<'a>> {
        let (_, properties) = self.0.iter().find(|(event, _)| event == name)?;
        Some(liquid::Value::Map(arena.keep(View(properties))))
    }
}

/// Properties, seen as a map.
#[derive(Clone, Copy)]
struct View<'p>(&'p Properties);

impl Map for View<'_> {
    fn get<'a>(&'a self, name: &str, arena: &'a Arena) -> Option<liquid::Value<'a>> {
        self.0.get(name).map(|value| view(value, arena))
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn entry<'a>(&'a self, index: usize, arena: &'a Arena) -> Option<(&'a str, liquid::Value<'a>)> {
        self.0.iter().nth(index).map(|(name, value)| (name.as_str(), view(value, arena)))
    }
}

fn view<'a>(value: &'a Value, arena: &'a Arena) -> liquid::Value<'a> {
    match value {
        Value::Null => liquid::Value::Nil,
        Value::Bool(value) => liquid::Value::Bool(*value),
        Value::Int(value) => liquid::Value::Int(*value),
        Value::Float(value) => liquid::Value::Float(*value),
        Value::Text(value) => liquid::Value::Text(value),
        Value::Time(value) => liquid::Value::Time(value.ms()),
        Value::List(values) => {
            let views: Vec<_> = values.iter().map(|value| view(value, arena)).collect();
            liquid::Value::Slice(arena.slice(&views))
        }
        Value::Map(properties) => liquid::Value::Map(arena.keep(View(properties))),
    }
}
