//! One statement on its way into a profile: when it was said, by whom, and where its consequences go.

use hashbrown::HashMap;
use model::{CustomerId, Instant, Properties, Row, SourceId, Text, stream};

use crate::folded::{Folded, Reason, Refused};

/// One statement on its way into a profile.
#[derive(Debug)]
pub(crate) struct Telling<'a> {
    pub(crate) at: Instant,
    pub(crate) source: SourceId,
    pub(crate) streams: &'a mut Streams,
    pub(crate) folded: &'a mut Folded,
}

impl Telling<'_> {
    /// A row of this customer in `stream`.
    pub(crate) fn row(&mut self, customer: CustomerId, at: Instant, stream: Text, properties: Properties) {
        self.folded.rows.push(Row { customer, at, stream, properties });
    }

    /// This part of the fact has no effect.
    pub(crate) fn refuse(&mut self, field: &'static str, value: impl Into<Text>, reason: Reason) {
        self.folded.refused.push(Refused { field, value: value.into(), reason });
    }
}

/// How many stream names are remembered; a brand has hundreds of event names, a mistake has millions.
const NAMES_MAX: usize = 4096;

/// The names of streams, made once for each event and trait: they are asked for with every fact.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    events: HashMap<Text, Text>,
    traits: HashMap<Text, Text>,
}

impl Streams {
    pub(crate) fn event(&mut self, name: &Text) -> Text {
        remembered(&mut self.events, name, stream::event)
    }

    pub(crate) fn r#trait(&mut self, name: &Text) -> Text {
        remembered(&mut self.traits, name, stream::r#trait)
    }
}

fn remembered(names: &mut HashMap<Text, Text>, name: &Text, make: fn(&str) -> Text) -> Text {
    if let Some(stream) = names.get(name) {
        return stream.clone();
    }
    if names.len() >= NAMES_MAX {
        names.clear();
    }
    let stream = make(name);
    names.insert(name.clone(), stream.clone());
    stream
}

/// Does `work` with a telling whose consequences nobody hears of.
pub(crate) fn quietly<T>(at: Instant, work: impl FnOnce(&mut Telling<'_>) -> T) -> T {
    let (mut streams, mut folded) = (Streams::default(), Folded::default());
    work(&mut Telling { at, source: SourceId::HOUSE, streams: &mut streams, folded: &mut folded })
}
