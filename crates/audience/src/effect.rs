//! What one new row can do to what a condition says of its customer, so that most rows need no second look.
//!
//! It speaks of *leaves*: conditions that ask rows, not other conditions. It may say more
//! than there is to fear, never less: a test of [`crate::live`] holds it against both evaluators.

use model::{Instant, Row, stream};

use crate::condition::{Condition, Did, Edge, Measure, Sequence, Step};
use crate::context::{Context, is_relative};
use crate::filter::Filter;
use crate::one::is_timed;
use crate::parts::Part;
use crate::time::{Moment, Window};

/// What one new row can do to what a condition says of its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing, now or later.
    Nothing,
    /// It can only make it true.
    Raises,
    /// It can only make it false.
    Lowers,
    /// Anything: look.
    Either,
    /// It makes it true, and true it stays at least until then.
    Holds(Option<Instant>),
}

impl Condition {
    /// The window of a leaf that has one and never looks behind its beginning.
    fn window(&self) -> Option<&Window> {
        match self {
            Self::Did(did) => Some(&did.window),
            Self::Sequence(sequence) => Some(&sequence.window),
            Self::Mostly(mostly) => Some(&mostly.window),
            Self::UsualHour(usual) => Some(&usual.window),
            Self::FirstDid(_)
            | Self::LastDid(_)
            | Self::Everyone
            | Self::All { .. }
            | Self::Any { .. }
            | Self::Not { .. }
            | Self::Trait { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. } => None,
        }
    }

    /// The first instant whose rows can still change what a leaf says, now or later.
    pub(crate) fn reads_since(&self, context: &Context<'_>) -> Instant {
        let stretch = self.window().and_then(|window| context.window(window));
        stretch.map_or(Instant::MIN, |stretch| Instant::from_ms(stretch.first))
    }

    /// From when on events can change what a condition says; the end of time: it asks for none. What the audiences that it
    /// refers to ask is not looked at.
    pub fn reads_events_since(&self, context: &Context<'_>) -> Instant {
        let first = |window| context.window(window).map(|stretch| Instant::from_ms(stretch.first));
        match self {
            Self::All { of } | Self::Any { of } => {
                of.iter().map(|part| part.reads_events_since(context)).min().unwrap_or(Instant::MAX)
            }
            Self::Not { of } => of.reads_events_since(context),
            // Whether the last one lies in the window is seen in the window.
            Self::LastDid(edge) => first(&edge.window).unwrap_or(Instant::MIN),
            Self::Did(_) | Self::FirstDid(_) | Self::Sequence(_) | Self::Mostly(_) | Self::UsualHour(_) => {
                self.reads_since(context)
            }
            Self::Everyone
            | Self::Trait { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. } => Instant::MAX,
        }
    }

    /// Whether the passing of time alone can change what a leaf says, of rows that have happened.
    pub(crate) fn is_timed(&self) -> bool {
        let window = match self {
            Self::FirstDid(edge) | Self::LastDid(edge) => Some(&edge.window),
            Self::Did(_)
            | Self::Sequence(_)
            | Self::Mostly(_)
            | Self::UsualHour(_)
            | Self::Everyone
            | Self::All { .. }
            | Self::Any { .. }
            | Self::Not { .. }
            | Self::Trait { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. } => self.window(),
        };
        let mut timed = window.is_some_and(moves);
        self.parts(&mut |part| {
            if let Part::Property(_, _, test) | Part::Trait(_, test) = part {
                timed |= test.is_timed();
            }
        });
        timed
    }

    /// What `row`, which is new, can do to what a leaf says at `context.as_of`. The row is of a stream that the leaf
    /// touches.
    pub(crate) fn effect_of(&self, row: &Row, context: &Context<'_>) -> Effect {
        match self {
            Self::Did(did) => self.effect_on_did(did, row, context),
            Self::FirstDid(edge) => effect_on_edge(edge, row, context),
            Self::LastDid(edge) => effect_on_last(edge, row, context),
            Self::Sequence(sequence) => self.effect_on_sequence(sequence, row, context),
            Self::Mostly(mostly) => {
                self.effect_on_event(&mostly.event, mostly.filter.as_ref(), (row, context))
            }
            Self::UsualHour(usual) => {
                self.effect_on_event(&usual.event, usual.filter.as_ref(), (row, context))
            }
            Self::Everyone
            | Self::All { .. }
            | Self::Any { .. }
            | Self::Not { .. }
            | Self::Trait { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. } => Effect::Either,
        }
    }

    fn effect_on_did(&self, did: &Did, row: &Row, context: &Context<'_>) -> Effect {
        let effect = self.effect_on_event(&did.event, did.filter.as_ref(), (row, context));
        if effect == Effect::Nothing || !is_settled(did.filter.as_ref(), &did.window, row, context) {
            return effect;
        }
        match &did.measure {
            Measure::AtLeast { times: 0 | 1 } => holds_until(&did.window, row).unwrap_or(Effect::Raises),
            Measure::AtLeast { .. } => Effect::Raises,
            Measure::AtMost { .. } => Effect::Lowers,
            Measure::Exactly { .. } | Measure::Between { .. } | Measure::Amount { .. } => Effect::Either,
        }
    }

    /// A step can only complete a chain; what must not lie between can only break one.
    fn effect_on_sequence(&self, sequence: &Sequence, row: &Row, context: &Context<'_>) -> Effect {
        let concerned = |step: &&Step| {
            self.effect_on_event(&step.event, step.filter.as_ref(), (row, context)) != Effect::Nothing
        };
        let steps: Vec<&Step> = sequence.steps.iter().filter(concerned).collect();
        let without: Vec<&Step> = sequence.without.iter().filter(concerned).collect();
        let settled = |step: &&Step| is_settled(step.filter.as_ref(), &sequence.window, row, context);
        match (steps.is_empty(), without.is_empty()) {
            (true, true) => Effect::Nothing,
            (false, true) if steps.iter().all(settled) => Effect::Raises,
            (true, false) if without.iter().all(settled) => Effect::Lowers,
            (false, _) | (true, false) => Effect::Either,
        }
    }

    /// Whether a row counts as one of these events at all.
    fn effect_on_event(
        &self,
        event: &str,
        filter: Option<&Filter>,
        (row, context): (&Row, &Context<'_>),
    ) -> Effect {
        if row.at < self.reads_since_cheaply(context) {
            return Effect::Nothing;
        }
        if let Some(Window::SinceEvent { event: reference, .. }) = self.window()
            && is_event(row, reference)
        {
            return Effect::Either;
        }
        counts(event, filter, row, context)
    }

    /// [`Self::reads_since`] where it is no calendar arithmetic; otherwise the beginning of time.
    fn reads_since_cheaply(&self, context: &Context<'_>) -> Instant {
        match self.window() {
            Some(Window::Last { .. }) => self.reads_since(context),
            Some(
                Window::Ever
                | Window::Between { .. }
                | Window::Since { .. }
                | Window::Before { .. }
                | Window::SinceEvent { .. }
                | Window::This { .. },
            )
            | None => Instant::MIN,
        }
    }
}

fn effect_on_edge(edge: &Edge, row: &Row, context: &Context<'_>) -> Effect {
    if let Window::SinceEvent { event, .. } = &edge.window
        && is_event(row, event)
    {
        return Effect::Either;
    }
    counts(&edge.event, edge.filter.as_ref(), row, context)
}

/// The last of all lies in the window as soon as one does.
fn effect_on_last(edge: &Edge, row: &Row, context: &Context<'_>) -> Effect {
    let effect = effect_on_edge(edge, row, context);
    let inside = context.window(&edge.window).is_some_and(|stretch| stretch.contains(row.at.ms()));
    if effect == Effect::Nothing || !inside || !is_settled(edge.filter.as_ref(), &edge.window, row, context) {
        return effect;
    }
    holds_until(&edge.window, row).unwrap_or(effect)
}

fn counts(event: &str, filter: Option<&Filter>, row: &Row, context: &Context<'_>) -> Effect {
    let passes = || {
        is_timed(filter)
            || filter.is_none_or(|filter| filter.passes(&|name| row.properties.get(name), context))
    };
    if is_event(row, event) && passes() { Effect::Either } else { Effect::Nothing }
}

fn is_event(row: &Row, event: &str) -> bool {
    stream::event_name(&row.stream) == Some(event)
}

/// Whether an event that counts goes on counting until it is too old: it has happened, and neither its filter nor
/// another event decides anew.
fn is_settled(filter: Option<&Filter>, window: &Window, row: &Row, context: &Context<'_>) -> bool {
    row.at <= context.as_of && !is_timed(filter) && !matches!(window, Window::SinceEvent { .. })
}

/// Of an event within the window: until when one is enough.
fn holds_until(window: &Window, row: &Row) -> Option<Effect> {
    match window {
        Window::Ever => Some(Effect::Holds(None)),
        Window::Last { span } => Some(Effect::Holds(Some(row.at.plus_ms(span.ms())))),
        Window::Between { .. }
        | Window::Since { .. }
        | Window::Before { .. }
        | Window::SinceEvent { .. }
        | Window::This { .. } => None,
    }
}

/// Whether the window goes along with time.
fn moves(window: &Window) -> bool {
    let relative = |moment: &Moment| is_relative(moment);
    match window {
        Window::Ever | Window::SinceEvent { .. } => false,
        Window::Last { .. } | Window::This { .. } => true,
        Window::Between { from, to } => relative(from) || relative(to),
        Window::Since { from } => relative(from),
        Window::Before { to } => relative(to),
    }
}
