//! Evaluates a condition for one customer, and says when to look again.
//!
//! This is the definition in its plainest form, row by row. [`crate::many`]
//! is the fast form of the same; a test holds the two equal.

use std::collections::{BTreeMap, BTreeSet};

use model::{Instant, Row, Value, stream};

use crate::condition::{
    Condition, Did, Edge, Function, LastPlace, Measure, Mostly, Sequence, Step, UsualHour,
};
use crate::context::{Context, Error};
use crate::filter::{Filter, Operator, Test};
use crate::fold::{Chain, Key, Summary};
use crate::parts::Standing;
use crate::place::Place;
use crate::time::{Moment, Which, Window};

/// What a condition says of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds.
    pub holds: bool,
    /// The first instant at which the passing of time alone could change that. Without new rows it holds (or does not)
    /// until then; `None`: for ever.
    pub changes_at: Option<Instant>,
}

/// Evaluates `condition` for a customer whom we know, with all `rows` of theirs, in the order of arrival, of the
/// streams that it [`crate::touches`]; rows of other streams do no harm.
///
/// # Errors
/// When it refers to an audience that does not exist, or to itself.
///
/// ```
/// use audience::{Audiences, Condition, Context, one};
/// use model::{CustomerId, Instant, Row, stream};
///
/// let condition: Condition = r#"did "purchase" in last 30 days"#.parse()?;
/// let at: Instant = "2026-01-01T00:00:00Z".parse().unwrap();
/// let row = Row { customer: CustomerId::from_number(0), at, stream: stream::event("purchase"), properties: Default::default() };
/// let context = Context { as_of: at.plus_ms(Instant::DAY_MS), zone: jiff::tz::TimeZone::UTC, audiences: Audiences::NONE };
/// let verdict = one::evaluate(&condition, &[row], &context).unwrap();
/// assert!(verdict.holds);
/// assert_eq!(verdict.changes_at, Some("2026-01-31T00:00:00Z".parse().unwrap()));
/// # Ok::<(), audience::SyntaxErrors>(())
/// ```
pub fn evaluate(condition: &Condition, rows: &[Row], context: &Context<'_>) -> Result<Verdict, Error> {
    context.audiences.resolve(condition)?;
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| row.at);
    Ok(evaluate_leaf(condition, rows, context))
}

/// [`evaluate`] for a condition that refers to no audience; `rows` are by instant, then by arrival.
pub(crate) fn evaluate_leaf(condition: &Condition, rows: Vec<&Row>, context: &Context<'_>) -> Verdict {
    let answer = Story { rows, context }.condition(condition);
    let changes_at = answer.changes.filter(|ms| *ms != i64::MAX).map(Instant::from_ms);
    Verdict { holds: answer.holds, changes_at }
}

/// A verdict in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Answer {
    holds: bool,
    changes: Option<i64>,
}

impl Answer {
    /// Everything must hold. While it does not, only those that do not hold can make it hold, and all of them must.
    fn all(answers: impl Iterator<Item = Self>) -> Self {
        let mut while_true = None;
        let mut until_true = Some(i64::MIN);
        let mut holds = true;
        for answer in answers {
            if answer.holds {
                while_true = earlier(while_true, answer.changes);
            } else {
                holds = false;
                until_true = until_true.zip(answer.changes).map(|(one, other)| one.max(other));
            }
        }
        Self { holds, changes: if holds { while_true } else { until_true } }
    }

    fn not(self) -> Self {
        Self { holds: !self.holds, changes: self.changes }
    }
}

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

/// The earliest instant after as of that it is told.
struct Alarm {
    as_of: i64,
    next: Option<i64>,
}

impl Alarm {
    fn set(&mut self, ms: i64) {
        if ms > self.as_of {
            self.next = earlier(self.next, Some(ms));
        }
    }
}

/// All rows of one customer, by instant, then by arrival.
struct Story<'r> {
    rows: Vec<&'r Row>,
    context: &'r Context<'r>,
}

/// The events that count, by their place in the story, and when that may change.
struct Selected {
    inside: Vec<usize>,
    alarm: Alarm,
}

impl<'r> Story<'r> {
    fn condition(&self, condition: &Condition) -> Answer {
        match condition {
            Condition::Everyone => Answer { holds: true, changes: None },
            Condition::All { of } => Answer::all(of.iter().map(|part| self.condition(part))),
            Condition::Any { of } => Answer::all(of.iter().map(|part| self.condition(part).not())).not(),
            Condition::Not { of } => self.condition(of).not(),
            Condition::Did(did) => self.did(did),
            Condition::FirstDid(edge) => self.edge(edge, Which::First),
            Condition::LastDid(edge) => self.edge(edge, Which::Last),
            Condition::Sequence(sequence) => self.sequence(sequence),
            Condition::Mostly(mostly) => self.mostly(mostly),
            Condition::UsualHour(usual) => self.usual_hour(usual),
            Condition::LastPlace(last) => self.last_place(last),
            Condition::TraitPlace { place } => self.trait_place(place),
            Condition::Trait { name, test } => self.standing(&Standing::of_trait(name, test)),
            Condition::Reachable { channel: Some(channel) } => self.standing(&Standing::of_address(*channel)),
            Condition::Reachable { channel: None } => {
                let each = model::Channel::ALL.iter().map(|channel| Standing::of_address(*channel));
                Answer::all(each.map(|standing| self.standing(&standing).not())).not()
            }
            Condition::Consented { purpose, channel } => {
                self.standing(&Standing::of_consent(*purpose, *channel))
            }
            Condition::Subscribed { topic } => self.standing(&Standing::of_topic(topic)),
            Condition::Member { audience } => {
                self.condition(self.context.audiences.get(audience).expect("it was resolved"))
            }
        }
    }

    fn as_of(&self) -> i64 {
        self.context.as_of.ms()
    }

    fn alarm(&self) -> Alarm {
        Alarm { as_of: self.as_of(), next: None }
    }

    /// The rows of a stream, with their places, those after as of included.
    fn stream<'s>(&'s self, name: &'s str) -> impl Iterator<Item = (usize, &'r Row)> + 's {
        self.rows.iter().copied().enumerate().filter(move |(_, row)| row.stream == name)
    }

    /// The same for events of a name.
    fn events<'s>(&'s self, name: &'s str) -> impl Iterator<Item = (usize, &'r Row)> + 's {
        let is_one = move |row: &Row| stream::event_name(&row.stream) == Some(name);
        self.rows.iter().copied().enumerate().filter(move |(_, row)| is_one(row))
    }

    fn passes(&self, filter: Option<&Filter>, row: &Row) -> bool {
        filter.is_none_or(|filter| filter.passes(&|name| row.properties.get(name), self.context))
    }

    /// The events that pass the filter within the window.
    fn select(&self, event: &str, filter: Option<&Filter>, window: &Window) -> Selected {
        let mut selected = Selected { inside: Vec::new(), alarm: self.alarm() };
        let timed = is_timed(filter);
        let after = self.place_of_reference(window, &mut selected.alarm);
        let stretch = self.context.window(window);
        for (place, row) in self.events(event) {
            let at = row.at.ms();
            let passes = self.passes(filter, row);
            let inside = stretch
                .map_or(at <= self.as_of() && after.is_some_and(|after| place > after), |stretch| {
                    stretch.contains(at)
                });
            if passes && inside {
                selected.inside.push(place);
            }
            if passes || timed {
                self.edges(window, at, |ms| selected.alarm.set(ms));
                self.filter_changes(filter, row, &mut selected.alarm);
            }
        }
        selected
    }

    /// Where the event stands since which others count.
    fn place_of_reference(&self, window: &Window, alarm: &mut Alarm) -> Option<usize> {
        let Window::SinceEvent { which, event } = window else { return None };
        self.events(event).for_each(|(_, row)| alarm.set(row.at.ms()));
        let mut places =
            self.events(event).filter(|(_, row)| row.at <= self.context.as_of).map(|(place, _)| place);
        match which {
            Which::First => places.next(),
            Which::Last => places.last(),
        }
    }

    /// The instants at which an event at `at` enters or leaves the window.
    fn edges(&self, window: &Window, at: i64, mut each: impl FnMut(i64)) {
        each(at);
        let mut moment = |moment: &Moment| {
            if let Moment::Ago(span) = moment {
                each(at.saturating_add(span.ms()));
            } else if let Moment::Ahead(span) = moment {
                each(at.saturating_sub(span.ms()));
            }
        };
        match window {
            Window::Ever | Window::SinceEvent { .. } => {}
            Window::Last { span } => each(at.saturating_add(span.ms())),
            Window::Between { from, to } => [from, to].into_iter().for_each(moment),
            Window::Since { from } => moment(from),
            Window::Before { to } => moment(to),
            Window::This { unit } => each(self.context.calendar(*unit, at).last.saturating_add(1)),
        }
    }

    /// The instants at which time alone may change whether an event passes.
    fn filter_changes(&self, filter: Option<&Filter>, row: &Row, alarm: &mut Alarm) {
        let Some(filter) = filter else { return };
        filter.properties(&mut |name, test| {
            if let Some(value) = row.properties.get(name) {
                test.changes(value, self.context, &mut |ms| alarm.set(ms));
            }
        });
    }

    fn did(&self, did: &Did) -> Answer {
        let selected = self.select(&did.event, did.filter.as_ref(), &did.window);
        let count = selected.inside.len();
        let reaches =
            |times: u32| u32::try_from(count).is_ok_and(|count| count >= times) || count > u32::MAX as usize;
        let holds = match &did.measure {
            Measure::AtLeast { times } => reaches(*times),
            Measure::AtMost { times } => *times == u32::MAX || !reaches(times + 1),
            Measure::Exactly { times } => count == *times as usize,
            Measure::Between { from, to } => (*from as usize..=*to as usize).contains(&count),
            Measure::Amount { function, of, is, value } => {
                let amount = self.amount(&selected, *function, of);
                amount.is_some_and(|amount| compares(amount, *is, value.get()))
            }
        };
        let changes = self.count_changes(did, &selected, holds).unwrap_or(selected.alarm.next);
        Answer { holds, changes }
    }

    /// "At least n times in last …" holds until all but n − 1 of the events are too old: no need to look earlier.
    fn count_changes(&self, did: &Did, selected: &Selected, holds: bool) -> Option<Option<i64>> {
        let (Measure::AtLeast { times }, Window::Last { span }) = (&did.measure, &did.window) else {
            return None;
        };
        let spare = selected.inside.len().checked_sub(*times as usize)?;
        if *times == 0 {
            return Some(None);
        }
        if !holds || is_timed(did.filter.as_ref()) {
            return None;
        }
        let row = self.rows[*selected.inside.get(spare)?];
        Some(Some(row.at.ms().saturating_add(span.ms())))
    }

    fn amount(&self, selected: &Selected, function: Function, property: &str) -> Option<f64> {
        let values = selected.inside.iter().filter_map(|place| self.rows[*place].properties.get(property));
        if function == Function::Distinct {
            let different: BTreeSet<Key> = values.filter_map(Key::of).collect();
            return u32::try_from(different.len()).ok().map(f64::from);
        }
        let mut summary = Summary::NONE;
        values.filter_map(Value::number).for_each(|number| summary.add(function, number));
        summary.get(function)
    }

    fn edge(&self, edge: &Edge, which: Which) -> Answer {
        let filter = edge.filter.as_ref();
        let ever = self.select(&edge.event, filter, &Window::Ever);
        let chosen = match which {
            Which::First => ever.inside.first(),
            Which::Last => ever.inside.last(),
        };
        let within = self.select(&edge.event, filter, &edge.window);
        let holds = chosen.is_some_and(|place| within.inside.contains(place));
        Answer { holds, changes: within.alarm.next }
    }

    fn sequence(&self, sequence: &Sequence) -> Answer {
        let mut alarm = self.alarm();
        let mut select = |step: &Step| {
            let selected = self.select(&step.event, step.filter.as_ref(), &sequence.window);
            alarm.next = earlier(alarm.next, selected.alarm.next);
            selected.inside.into_iter().collect::<BTreeSet<usize>>()
        };
        let steps: Vec<_> = sequence.steps.iter().map(&mut select).collect();
        let without = sequence.without.as_ref().map(&mut select).unwrap_or_default();
        let mut chain = Chain::new(steps.len(), sequence.within.map(|span| span.ms()));
        let places: BTreeSet<usize> = steps.iter().chain([&without]).flatten().copied().collect();
        let holds = places.into_iter().any(|place| {
            let at = self.rows[place].at.ms();
            chain.take(at, |step| steps[step].contains(&place), without.contains(&place))
        });
        Answer { holds, changes: alarm.next }
    }

    fn mostly(&self, mostly: &Mostly) -> Answer {
        let mut selected = self.select(&mostly.event, mostly.filter.as_ref(), &mostly.window);
        let values = selected.inside.iter().filter_map(|place| {
            let value = self.rows[*place].properties.get(&mostly.property)?;
            Some((Key::of(value)?, value))
        });
        let usual = most_frequent(values);
        let holds = mostly.test.passes(usual, self.context);
        if let Some(value) = usual {
            mostly.test.changes(value, self.context, &mut |ms| selected.alarm.set(ms));
        }
        Answer { holds, changes: selected.alarm.next }
    }

    fn usual_hour(&self, usual: &UsualHour) -> Answer {
        let selected = self.select(&usual.event, usual.filter.as_ref(), &usual.window);
        let hours = selected.inside.iter().map(|place| self.context.hour(self.rows[*place].at.ms()));
        let hour = most_frequent(hours.map(|hour| (hour, hour)));
        Answer { holds: hour.is_some_and(|hour| usual.hours.contains(hour)), changes: selected.alarm.next }
    }

    fn last_place(&self, last: &LastPlace) -> Answer {
        let selected = self.select(&last.event, Some(&last.counting()), &last.window);
        let here = selected.inside.last().map(|place| self.rows[*place]);
        let holds = here.is_some_and(|row| last.place.holds(|name| row.properties.get(name)?.number()));
        Answer { holds, changes: selected.alarm.next }
    }

    fn trait_place(&self, place: &Place) -> Answer {
        let mut alarm = self.alarm();
        let degrees = place.names().map(|name| {
            let value = self.last(&Standing::of_trait(name, Test::SET), &mut alarm);
            (name, value.and_then(Value::number))
        });
        let holds = place.holds(|wanted| degrees.iter().find(|(name, _)| *name == wanted)?.1);
        Answer { holds, changes: alarm.next }
    }

    fn standing(&self, standing: &Standing) -> Answer {
        let mut alarm = self.alarm();
        let value = self.last(standing, &mut alarm);
        if let Some(value) = value {
            standing.test.changes(value, self.context, &mut |ms| alarm.set(ms));
        }
        Answer { holds: standing.test.passes(value, self.context), changes: alarm.next }
    }

    /// What the last row that counts says.
    fn last(&self, standing: &Standing, alarm: &mut Alarm) -> Option<&'r Value> {
        let mut last = None;
        for (_, row) in self.stream(&standing.stream) {
            alarm.set(row.at.ms());
            if row.at <= self.context.as_of && self.passes(standing.filter.as_ref(), row) {
                last = Some(row);
            }
        }
        last.and_then(|row| row.properties.get(standing.property))
    }
}

pub(crate) fn is_timed(filter: Option<&Filter>) -> bool {
    let mut timed = false;
    if let Some(filter) = filter {
        filter.properties(&mut |_, test| timed |= test.is_timed());
    }
    timed
}

pub(crate) fn compares(amount: f64, operator: Operator, with: f64) -> bool {
    amount.partial_cmp(&with).is_some_and(|ordering| operator.holds(ordering))
}

/// The value that comes most often; of several, the one that came last.
fn most_frequent<K: Ord, V>(values: impl Iterator<Item = (K, V)>) -> Option<V> {
    let mut counts: BTreeMap<K, (usize, usize, V)> = BTreeMap::new();
    for (place, (key, value)) in values.enumerate() {
        let entry = counts.entry(key).or_insert((0, 0, value));
        entry.0 += 1;
        entry.1 = place;
    }
    counts.into_values().max_by_key(|(count, place, _)| (*count, *place)).map(|(.., value)| value)
}
