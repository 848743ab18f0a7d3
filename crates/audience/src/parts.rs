//! What a condition refers to: streams, properties, audiences.

use std::collections::BTreeSet;

use model::{Channel, Text, stream};

use crate::condition::{Condition, Measure};
use crate::context::Audiences;
use crate::filter::{Filter, Literal, Operator, Test};
use crate::time::Window;

/// Something that a condition refers to by name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Part<'c> {
    /// An event.
    Event(&'c str),
    /// A property of an event, and what is asked of it.
    Property(&'c str, &'c str, &'c Test),
    /// A property of an event whose values become one number, or one value.
    Summed(&'c str, &'c str),
    /// A trait, and what is asked of it.
    Trait(&'c str, &'c Test),
    /// A topic.
    Topic(&'c str),
    /// Another audience.
    Audience(&'c str),
    /// Whether there is an address; none: on any channel.
    Reachable(Option<Channel>),
    /// A consent.
    Consent(model::Purpose),
}

impl Condition {
    /// Calls `each` with everything it refers to, in the order of the text.
    pub(crate) fn parts<'c>(&'c self, each: &mut impl FnMut(Part<'c>)) {
        match self {
            Self::Everyone => {}
            Self::All { of } | Self::Any { of } => of.iter().for_each(|part| part.parts(each)),
            Self::Not { of } => of.parts(each),
            Self::Did(did) => {
                events(&did.event, did.filter.as_ref(), each);
                if let Measure::Amount { of, .. } = &did.measure {
                    each(Part::Summed(&did.event, of));
                }
                window(&did.window, each);
            }
            Self::FirstDid(edge) | Self::LastDid(edge) => {
                events(&edge.event, edge.filter.as_ref(), each);
                window(&edge.window, each);
            }
            Self::Sequence(sequence) => {
                for step in sequence.steps.iter().chain(&sequence.without) {
                    events(&step.event, step.filter.as_ref(), each);
                }
                window(&sequence.window, each);
            }
            Self::Mostly(mostly) => {
                events(&mostly.event, mostly.filter.as_ref(), each);
                each(Part::Property(&mostly.event, &mostly.property, &mostly.test));
                window(&mostly.window, each);
            }
            Self::UsualHour(usual) => {
                events(&usual.event, usual.filter.as_ref(), each);
                window(&usual.window, each);
            }
            Self::LastPlace(last) => {
                events(&last.event, last.filter.as_ref(), each);
                for name in last.place.names() {
                    each(Part::Property(&last.event, name, Test::SET));
                }
                window(&last.window, each);
            }
            Self::TraitPlace { place } => {
                place.names().into_iter().for_each(|name| each(Part::Trait(name, Test::SET)));
            }
            Self::Trait { name, test } => each(Part::Trait(name, test)),
            Self::Reachable { channel } => each(Part::Reachable(*channel)),
            Self::Consented { purpose, .. } => each(Part::Consent(*purpose)),
            Self::Subscribed { topic } => each(Part::Topic(topic)),
            Self::Member { audience } => each(Part::Audience(audience)),
        }
    }

    /// Calls `each` with every audience it refers to.
    pub(crate) fn members<'c>(&'c self, each: &mut impl FnMut(&'c str)) {
        self.parts(&mut |part| {
            if let Part::Audience(name) = part {
                each(name);
            }
        });
    }
}

fn events<'c>(event: &'c str, filter: Option<&'c Filter>, each: &mut impl FnMut(Part<'c>)) {
    each(Part::Event(event));
    if let Some(filter) = filter {
        filter.properties(&mut |name, test| each(Part::Property(event, name, test)));
    }
}

fn window<'c>(window: &'c Window, each: &mut impl FnMut(Part<'c>)) {
    if let Window::SinceEvent { event, .. } = window {
        each(Part::Event(event));
    }
}

/// The names of the streams whose rows can change what `condition` says of a customer, sorted, each once. A new row in
/// any other stream changes nothing, so a live audience need not look.
///
/// Audiences that it refers to and that do not exist add nothing; [`Audiences::resolve`] names them.
pub fn touches(condition: &Condition, audiences: &Audiences) -> Vec<Text> {
    let mut streams = BTreeSet::new();
    collect(condition, audiences, &mut BTreeSet::new(), &mut streams);
    streams.into_iter().collect()
}

/// The properties of rows that a condition which asks rows reads, whatever the stream, each once.
pub(crate) fn reads(condition: &Condition) -> Vec<Text> {
    let mut names = BTreeSet::new();
    condition.parts(&mut |part| match part {
        Part::Property(_, name, _) | Part::Summed(_, name) => drop(names.insert(Text::from(name))),
        Part::Trait(..) => drop(names.insert(Standing::VALUE.into())),
        Part::Topic(_) => drop(names.insert(Standing::SUBSCRIBED.into())),
        Part::Reachable(_) => drop(names.insert(Standing::LIVE.into())),
        Part::Consent(_) => names.extend([Standing::GIVEN.into(), Standing::CHANNEL.into()]),
        Part::Event(_) | Part::Audience(_) => {}
    });
    names.into_iter().collect()
}

fn collect<'c>(
    condition: &'c Condition,
    audiences: &'c Audiences,
    seen: &mut BTreeSet<&'c str>,
    streams: &mut BTreeSet<Text>,
) {
    condition.parts(&mut |part| match part {
        Part::Event(event) => drop(streams.insert(stream::event(event))),
        Part::Property(..) | Part::Summed(..) => {}
        Part::Trait(name, _) => drop(streams.insert(stream::r#trait(name))),
        Part::Topic(topic) => drop(streams.insert(stream::topic(topic))),
        Part::Consent(purpose) => drop(streams.insert(stream::consent(purpose))),
        Part::Reachable(Some(channel)) => drop(streams.insert(stream::address(channel))),
        Part::Reachable(None) => streams.extend(Channel::ALL.iter().copied().map(stream::address)),
        Part::Audience(name) => {
            if let Some(condition) = audiences.get(name)
                && seen.insert(name)
            {
                collect(condition, audiences, seen, streams);
            }
        }
    });
}

/// What the last row of a stream must say: how traits, topics, addresses and consents are asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    /// Of which stream.
    pub(crate) stream: Text,
    /// Which rows count; none: all.
    pub(crate) filter: Option<Filter>,
    /// Which property of the last of them.
    pub(crate) property: &'static str,
    /// What is asked of it.
    pub(crate) test: Test,
}

impl Standing {
    const VALUE: &'static str = "value";
    const LIVE: &'static str = "live";
    const SUBSCRIBED: &'static str = "subscribed";
    const GIVEN: &'static str = "given";
    const CHANNEL: &'static str = "channel";

    /// A trait is what its last row says.
    pub(crate) fn of_trait(name: &str, test: &Test) -> Self {
        Self { stream: stream::r#trait(name), filter: None, property: Self::VALUE, test: test.clone() }
    }

    /// One live address is enough.
    pub(crate) fn of_address(channel: Channel) -> Self {
        let test = Test::Compare { operator: Operator::GreaterOrEqual, value: Literal::Number(1.into()) };
        Self { stream: stream::address(channel), filter: None, property: Self::LIVE, test }
    }

    /// The last word about the topic.
    pub(crate) fn of_topic(topic: &str) -> Self {
        Self { stream: stream::topic(topic), filter: None, property: Self::SUBSCRIBED, test: is_true() }
    }

    /// The last word about all channels, or about this one or all.
    pub(crate) fn of_consent(purpose: model::Purpose, channel: Option<Channel>) -> Self {
        let about_all = Filter::Not { of: Box::new(Filter::property(Self::CHANNEL, Test::IsSet)) };
        let filter = match channel {
            None => about_all,
            Some(channel) => {
                let value = Literal::from(channel.word());
                let about_it =
                    Filter::property(Self::CHANNEL, Test::Compare { operator: Operator::Equal, value });
                Filter::Any { of: vec![about_all, about_it] }
            }
        };
        Self {
            stream: stream::consent(purpose),
            filter: Some(filter),
            property: Self::GIVEN,
            test: is_true(),
        }
    }
}

fn is_true() -> Test {
    Test::Compare { operator: Operator::Equal, value: Literal::Bool(true) }
}
