//! What is probably a mistake in a condition that reads well: names that nobody has ever seen.
//!
//! The condition still has an answer (nobody did what never happened), so these
//! are warnings; each names the nearest known names.

use std::collections::BTreeMap;
use std::fmt;

use model::Text;

use crate::condition::Condition;
use crate::parts::Part;
use crate::text::nearest;

/// The names that exist, as the caller knows them.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Every event and its properties.
    pub events: BTreeMap<Text, Vec<Text>>,
    /// Every trait.
    pub traits: Vec<Text>,
    /// Every topic.
    pub topics: Vec<Text>,
    /// Every audience.
    pub audiences: Vec<Text>,
}

/// What a name that is not known should name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// An event.
    Event,
    /// A property of an event.
    Property,
    /// A trait.
    Trait,
    /// A topic.
    Topic,
    /// An audience.
    Audience,
}

impl Noun {
    /// The word in API and console.
    pub fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Property => "property",
            Self::Trait => "trait",
            Self::Topic => "topic",
            Self::Audience => "audience",
        }
    }
}

/// A name that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it should name.
    pub noun: Noun,
    /// The name; of a property, the event stands in `of`.
    pub name: Text,
    /// The event whose property it should be.
    pub of: Option<Text>,
    /// The known name that was probably meant.
    pub nearest: Option<Text>,
}

/// "no event is called `purhcase`; did you mean `purchase`?"
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            None => write!(f, "no {} is called `{}` so far", self.noun.word(), self.name)?,
            Some(event) => write!(f, "no `{event}` has had a property `{}` so far", self.name)?,
        }
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// Every name in `condition` that is not known, in the order of the text, each once.
///
/// ```
/// use audience::{Condition, Known, check};
///
/// let known = Known { events: [("purchase".into(), vec!["amount".into()])].into(), ..Known::default() };
/// let condition: Condition = r#"did "purhcase" and did "purchase" with sum of amuont > 10"#.parse()?;
/// let warnings: Vec<String> = check(&condition, &known).iter().map(ToString::to_string).collect();
/// assert_eq!(warnings, [
///     "no event is called `purhcase` so far; did you mean `purchase`?",
///     "no `purchase` has had a property `amuont` so far; did you mean `amount`?",
/// ]);
/// # Ok::<(), audience::SyntaxErrors>(())
/// ```
pub fn check(condition: &Condition, known: &Known) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    condition.parts(&mut |part| {
        let warning = known.missing(part).filter(|warning| !warnings.contains(warning));
        warnings.extend(warning);
    });
    warnings
}

impl Known {
    fn missing(&self, part: Part<'_>) -> Option<Warning> {
        match part {
            Part::Event(event) => unknown(Noun::Event, event, self.events.keys()),
            Part::Property(event, property, _) | Part::Summed(event, property) => {
                let properties = self.events.get(event)?;
                let warning = unknown(Noun::Property, property, properties)?;
                Some(Warning { of: Some(event.into()), ..warning })
            }
            Part::Trait(name, _) => unknown(Noun::Trait, name, &self.traits),
            Part::Topic(topic) => unknown(Noun::Topic, topic, &self.topics),
            Part::Audience(audience) => unknown(Noun::Audience, audience, &self.audiences),
            Part::Reachable(_) | Part::Consent(_) => None,
        }
    }
}

fn unknown<'k>(noun: Noun, name: &str, known: impl IntoIterator<Item = &'k Text> + Clone) -> Option<Warning> {
    if known.clone().into_iter().any(|other| other == name) {
        return None;
    }
    let nearest = nearest(name, known.into_iter().map(Text::as_str)).map(Text::from);
    Some(Warning { noun, name: name.into(), of: None, nearest })
}
