//! What one new row can do to what a condition says of its customer, so that most rows need no second look.
//!
//! It speaks of *leaves*: conditions that ask rows, not other conditions. It may say more
//! than there is to fear, never less: a test of [`crate::live`] holds it against both evaluators.

use model::{Instant, Row, Text, Value, stream};

use crate::condition::{
    Condition, Did, Edge, Function, LastPlace, Measure, Mostly, Sequence, Step, UsualHour,
};
use crate::context::{Context, is_relative};
use crate::filter::Filter;
use crate::one::{is_steady, is_timed};
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
    /// The window of a leaf that has one.
    fn window(&self) -> Option<&Window> {
        match self {
            Self::Did(did) => Some(&did.window),
            Self::FirstDid(edge) | Self::LastDid(edge) => Some(&edge.window),
            Self::Sequence(sequence) => Some(&sequence.window),
            Self::Mostly(mostly) => Some(&mostly.window),
            Self::UsualHour(usual) => Some(&usual.window),
            Self::LastPlace(last) => Some(&last.window),
            Self::Everyone
            | Self::All { .. }
            | Self::Any { .. }
            | Self::Not { .. }
            | Self::Trait { .. }
            | Self::TraitPlace { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. } => None,
        }
    }

    /// Which is first or last of all is decided by events before the window, too.
    fn looks_behind_its_window(&self) -> bool {
        matches!(self, Self::FirstDid(_) | Self::LastDid(_))
    }

    /// The first instant whose rows can still change what a leaf says, now or later.
    pub(crate) fn reads_since(&self, context: &Context<'_>) -> Instant {
        let window = self.window().filter(|_| !self.looks_behind_its_window());
        let stretch = window.and_then(|window| context.window(window));
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
            Self::Did(_)
            | Self::FirstDid(_)
            | Self::Sequence(_)
            | Self::Mostly(_)
            | Self::UsualHour(_)
            | Self::LastPlace(_) => self.reads_since(context),
            Self::Everyone
            | Self::Trait { .. }
            | Self::TraitPlace { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. } => Instant::MAX,
        }
    }

    /// Whether the passing of time alone can change what a leaf says, of rows that have happened.
    pub(crate) fn is_timed(&self) -> bool {
        let mut timed = self.window().is_some_and(moves);
        self.parts(&mut |part| {
            if let Part::Property(_, _, test) | Part::Trait(_, test) = part {
                timed |= test.is_timed();
            }
        });
        timed
    }

    /// Whether time alone never makes this leaf true, as long as no event is dated ahead.
    pub(crate) fn waits_for_events(&self) -> bool {
        let Self::Did(Did { filter, window, measure: Measure::AtLeast { .. }, .. }) = self else {
            return false;
        };
        is_steady(filter.as_ref(), window)
    }

    /// How much of what a verdict has to spare a new row uses up, when it can change what a leaf says at all: of a sum its
    /// part, of anything else one; `None`: it has not happened yet, so it may do more than once.
    pub(crate) fn weight_of(&self, row: &Row, context: &Context<'_>) -> Option<f64> {
        let part = if let Self::Did(Did { measure, .. }) = self
            && let Measure::Amount { function: Function::Sum, of, .. } = measure
        {
            Some(of)
        } else {
            None
        };
        let number = |of: &Text| row.properties.get(of).and_then(Value::number).map_or(0.0, f64::abs);
        (row.at <= context.as_of).then(|| part.map_or(1.0, number))
    }

    /// What `row`, which is new, can do to what a leaf says at `context.as_of`. The row is of a stream that the leaf
    /// touches.
    pub(crate) fn effect_of(&self, row: &Row, context: &Context<'_>) -> Effect {
        let new = New { row, context };
        match self {
            Self::Did(did) => new.among_counted(did),
            Self::FirstDid(edge) => new.at_any_time(Events::of_edge(edge)),
            Self::LastDid(edge) => new.as_last(Events::of_edge(edge)),
            Self::Sequence(sequence) => new.in_sequence(sequence),
            Self::Mostly(Mostly { event, filter, window, .. })
            | Self::UsualHour(UsualHour { event, filter, window, .. })
            | Self::LastPlace(LastPlace { event, filter, window, .. }) => {
                new.one_of(Events { event, filter: filter.as_ref(), window })
            }
            Self::Everyone
            | Self::All { .. }
            | Self::Any { .. }
            | Self::Not { .. }
            | Self::Trait { .. }
            | Self::TraitPlace { .. }
            | Self::Reachable { .. }
            | Self::Consented { .. }
            | Self::Subscribed { .. }
            | Self::Member { .. } => Effect::Either,
        }
    }
}

/// Events of one kind that a leaf asks for.
#[derive(Clone, Copy)]
struct Events<'c> {
    event: &'c str,
    filter: Option<&'c Filter>,
    window: &'c Window,
}

impl<'c> Events<'c> {
    fn of_edge(edge: &'c Edge) -> Self {
        Self { event: &edge.event, filter: edge.filter.as_ref(), window: &edge.window }
    }
}

/// A row that is new, at an instant: what it can do.
#[derive(Clone, Copy)]
struct New<'r> {
    row: &'r Row,
    context: &'r Context<'r>,
}

impl New<'_> {
    fn among_counted(self, did: &Did) -> Effect {
        let events = Events { event: &did.event, filter: did.filter.as_ref(), window: &did.window };
        let effect = self.one_of(events);
        if effect == Effect::Nothing || !self.is_settled(events) {
            return effect;
        }
        match &did.measure {
            Measure::AtLeast { times: 0 | 1 } => self.holds_in(&did.window).unwrap_or(Effect::Raises),
            Measure::AtLeast { .. } => Effect::Raises,
            Measure::AtMost { .. } => Effect::Lowers,
            Measure::Amount { function: Function::Sum, of, is, .. } if is.is_lower_bound() => {
                let number = self.row.properties.get(of).and_then(Value::number);
                if number.is_some_and(|number| number < 0.0) { Effect::Either } else { Effect::Raises }
            }
            Measure::Exactly { .. } | Measure::Between { .. } | Measure::Amount { .. } => Effect::Either,
        }
    }

    /// A step can only complete a chain; what must not lie between can only break one.
    fn in_sequence(self, sequence: &Sequence) -> Effect {
        // Of each step that it is one of: whether it stays so until it is too old.
        let settled = |step: &Step| {
            let (filter, window) = (step.filter.as_ref(), &sequence.window);
            let events = Events { event: &step.event, filter, window };
            (self.one_of(events) != Effect::Nothing).then(|| self.is_settled(events))
        };
        let steps: Vec<bool> = sequence.steps.iter().filter_map(settled).collect();
        let without: Vec<bool> = sequence.without.iter().filter_map(settled).collect();
        match (&*steps, &*without) {
            ([], []) => Effect::Nothing,
            (steps, []) if !steps.contains(&false) => Effect::Raises,
            ([], without) if !without.contains(&false) => Effect::Lowers,
            (_, _) => Effect::Either,
        }
    }

    /// The last of all lies in the window as soon as one does.
    fn as_last(self, events: Events<'_>) -> Effect {
        let effect = self.at_any_time(events);
        let stretch = self.context.window(events.window);
        let is_inside = stretch.is_some_and(|stretch| stretch.contains(self.row.at.ms()));
        if effect == Effect::Nothing || !is_inside || !self.is_settled(events) {
            return effect;
        }
        self.holds_in(events.window).unwrap_or(effect)
    }

    /// As one of these events, which count in their window.
    fn one_of(self, events: Events<'_>) -> Effect {
        // Other windows would need the calendar, for every row.
        let is_over = matches!(events.window, Window::Last { .. })
            && self.context.window(events.window).is_some_and(|stretch| self.row.at.ms() < stretch.first);
        if is_over { Effect::Nothing } else { self.at_any_time(events) }
    }

    /// As one of these events, whenever it happened.
    fn at_any_time(self, events: Events<'_>) -> Effect {
        let begins = |window: &Window| matches!(window, Window::SinceEvent { event, .. } if self.is(event));
        let passes = |filter: &Filter| filter.passes(&|name| self.row.properties.get(name), self.context);
        let counts = || is_timed(events.filter) || events.filter.is_none_or(passes);
        if begins(events.window) || (self.is(events.event) && counts()) {
            Effect::Either
        } else {
            Effect::Nothing
        }
    }

    fn is(self, event: &str) -> bool {
        stream::event_name(&self.row.stream) == Some(event)
    }

    /// Whether it, which counts, goes on counting until it is too old: it has happened, and neither its filter nor another
    /// event decides anew.
    fn is_settled(self, events: Events<'_>) -> bool {
        let has_happened = self.row.at <= self.context.as_of;
        has_happened && !is_timed(events.filter) && !matches!(events.window, Window::SinceEvent { .. })
    }

    /// When one event in the window is enough: until when.
    fn holds_in(self, window: &Window) -> Option<Effect> {
        match window {
            Window::Ever => Some(Effect::Holds(None)),
            Window::Last { span } => Some(Effect::Holds(Some(self.row.at.plus_ms(span.ms())))),
            Window::Between { .. }
            | Window::Since { .. }
            | Window::Before { .. }
            | Window::SinceEvent { .. }
            | Window::This { .. } => None,
        }
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
