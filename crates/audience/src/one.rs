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
    Ok(evaluate_leaf(condition, rows, context).0)
}

/// [`evaluate`] for a condition that refers to no audience, and how much has to come before new rows can change it: as long
/// as what [`Condition::weight_of`] says of them is less than that in all, they cannot, until it
/// [`changes_at`](Verdict::changes_at). `rows` are by instant, then by arrival.
pub(crate) fn evaluate_leaf(condition: &Condition, rows: Vec<&Row>, context: &Context<'_>) -> (Verdict, f64) {
    let answer = Story { rows, context }.condition(condition);
    let changes_at = answer.changes.filter(|ms| *ms != i64::MAX).map(Instant::from_ms);
    (Verdict { holds: answer.holds, changes_at }, answer.spare)
}

/// A verdict in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Answer {
    holds: bool,
    changes: Option<i64>,
    /// How much has to come before new rows can change it; 0: any row can.
    spare: f64,
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
        Self::new(holds, if holds { while_true } else { until_true })
    }

    /// Any row can change it.
    fn new(holds: bool, changes: Option<i64>) -> Self {
        Self { holds, changes, spare: 0.0 }
    }

    fn not(self) -> Self {
        Self { holds: !self.holds, ..self }
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
    /// When the next one comes that is dated ahead.
    ahead: Alarm,
}

impl<'r> Story<'r> {
    fn condition(&self, condition: &Condition) -> Answer {
        match condition {
            Condition::Everyone => Answer::new(true, None),
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
        let mut selected = Selected { inside: Vec::new(), alarm: self.alarm(), ahead: self.alarm() };
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
                selected.ahead.set(at);
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
        let count = u32::try_from(selected.inside.len()).unwrap_or(u32::MAX);
        let (holds, spare) = match &did.measure {
            Measure::AtLeast { times } => counted(count, (*times, u32::MAX)),
            Measure::AtMost { times } => counted(count, (0, *times)),
            Measure::Exactly { times } => counted(count, (*times, *times)),
            Measure::Between { from, to } => counted(count, (*from, *to)),
            Measure::Amount { function, of, is, value } => {
                let amount = self.amount(&selected, *function, of);
                let holds = amount.is_some_and(|amount| compares(amount, *is, value.get()));
                (holds, amount.map_or(0.0, |amount| distance(*function, amount, value.get())))
            }
        };
        let spare = if is_steady(did.filter.as_ref(), &did.window) { spare } else { 0.0 };
        let changes = self.did_changes(did, &selected, holds).unwrap_or(selected.alarm.next);
        Answer { holds, changes, spare }
    }

    /// When fewer events can only make it false, as "at least n times in last …": what does not hold waits for events, and what
    /// holds does so until all but n − 1 of them are too old. No need to look earlier.
    fn did_changes(&self, did: &Did, selected: &Selected, holds: bool) -> Option<Option<i64>> {
        if !is_steady(did.filter.as_ref(), &did.window) || !self.fewer_lower(&did.measure, selected) {
            return None;
        }
        if !holds {
            return Some(selected.ahead.next);
        }
        let (Measure::AtLeast { times }, Window::Last { span }) = (&did.measure, &did.window) else {
            return None;
        };
        if *times == 0 {
            return Some(None);
        }
        let row = self.rows[*selected.inside.get(selected.inside.len() - *times as usize)?];
        Some(Some(row.at.ms().saturating_add(span.ms())))
    }

    /// Whether it can only become false when events become too old.
    fn fewer_lower(&self, measure: &Measure, selected: &Selected) -> bool {
        let is_debit = |place: &usize, of: &str| {
            self.rows[*place].properties.get(of).and_then(Value::number).is_some_and(|number| number < 0.0)
        };
        match measure {
            Measure::AtLeast { .. } => true,
            Measure::Amount { function: Function::Sum, of, is, .. } => {
                is.is_lower_bound() && !selected.inside.iter().any(|place| is_debit(place, of))
            }
            Measure::AtMost { .. }
            | Measure::Exactly { .. }
            | Measure::Between { .. }
            | Measure::Amount { .. } => false,
        }
    }

    fn amount(&self, selected: &Selected, function: Function, property: &str) -> Option<f64> {
        let values = selected.inside.iter().filter_map(|place| self.rows[*place].properties.get(property));
        if function == Function::Distinct {
            let different: BTreeSet<Key<'_>> = values.filter_map(Key::of).collect();
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
        Answer::new(holds, within.alarm.next)
    }

    fn sequence(&self, sequence: &Sequence) -> Answer {
        let mut alarm = self.alarm();
        let mut select = |step: &Step| {
            let selected = self.select(&step.event, step.filter.as_ref(), &sequence.window);
            alarm.next = earlier(alarm.next, selected.alarm.next);
            selected.inside
        };
        let steps: Vec<_> = sequence.steps.iter().map(&mut select).collect();
        let without = sequence.without.as_ref().map(&mut select).unwrap_or_default();
        let mut chain = Chain::new(steps.len(), sequence.within.map(|span| span.ms()));
        let mut places: Vec<usize> = steps.iter().chain([&without]).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        // What was selected is in order.
        let is_one = |selected: &[usize], place: usize| selected.binary_search(&place).is_ok();
        let holds = places.into_iter().any(|place| {
            let at = self.rows[place].at.ms();
            chain.take(at, |step| is_one(&steps[step], place), is_one(&without, place))
        });
        Answer::new(holds, alarm.next)
    }

    fn mostly(&self, mostly: &Mostly) -> Answer {
        let mut selected = self.select(&mostly.event, mostly.filter.as_ref(), &mostly.window);
        let values = selected.inside.iter().filter_map(|place| {
            let value = self.rows[*place].properties.get(&mostly.property)?;
            Some((Key::of(value)?, value))
        });
        let (usual, lead) = most_frequent(values);
        let holds = mostly.test.passes(usual, self.context);
        if let Some(value) = usual {
            mostly.test.changes(value, self.context, &mut |ms| selected.alarm.set(ms));
        }
        let spare = if is_steady(mostly.filter.as_ref(), &mostly.window) { lead } else { 0.0 };
        Answer { holds, changes: selected.alarm.next, spare }
    }

    fn usual_hour(&self, usual: &UsualHour) -> Answer {
        let selected = self.select(&usual.event, usual.filter.as_ref(), &usual.window);
        let hours = selected.inside.iter().map(|place| self.context.hour(self.rows[*place].at.ms()));
        let (hour, lead) = most_frequent(hours.map(|hour| (hour, hour)));
        let holds = hour.is_some_and(|hour| usual.hours.contains(hour));
        let spare = if is_steady(usual.filter.as_ref(), &usual.window) { lead } else { 0.0 };
        Answer { holds, changes: selected.alarm.next, spare }
    }

    fn last_place(&self, last: &LastPlace) -> Answer {
        let selected = self.select(&last.event, Some(&last.counting()), &last.window);
        let here = selected.inside.last().map(|place| self.rows[*place]);
        let holds = here.is_some_and(|row| last.place.holds(|name| row.properties.get(name)?.number()));
        Answer::new(holds, selected.alarm.next)
    }

    fn trait_place(&self, place: &Place) -> Answer {
        let mut alarm = self.alarm();
        let degrees = place.names().map(|name| {
            let value = self.last(&Standing::of_trait(name, Test::SET), &mut alarm);
            (name, value.and_then(Value::number))
        });
        let holds = place.holds(|wanted| degrees.iter().find(|(name, _)| *name == wanted)?.1);
        Answer::new(holds, alarm.next)
    }

    fn standing(&self, standing: &Standing) -> Answer {
        let mut alarm = self.alarm();
        let value = self.last(standing, &mut alarm);
        if let Some(value) = value {
            standing.test.changes(value, self.context, &mut |ms| alarm.set(ms));
        }
        Answer::new(standing.test.passes(value, self.context), alarm.next)
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

/// Whether an event that has happened counts from now on until it is too old, and then never again.
pub(crate) fn is_steady(filter: Option<&Filter>, window: &Window) -> bool {
    matches!(window, Window::Ever | Window::Last { .. }) && !is_timed(filter)
}

/// Whether so many events are what is wanted, from so many to so many, and how many more have to come before that can change.
fn counted(count: u32, (from, to): (u32, u32)) -> (bool, f64) {
    let edge = if count < from { f64::from(from) } else { f64::from(to) + 1.0 };
    ((from..=to).contains(&count), (edge - f64::from(count)).max(0.0))
}

/// How far a sum is from a bound, less what rounding may hide.
fn distance(function: Function, amount: f64, bound: f64) -> f64 {
    let rounding = (amount.abs() + bound.abs()) * 1e-9;
    if function == Function::Sum { ((bound - amount).abs() - rounding).max(0.0) } else { 0.0 }
}

/// The value that comes most often; of several, the one that came last. And how many more of others would have to come before it
/// is another; 0, when there is none.
fn most_frequent<K: Ord, V>(values: impl Iterator<Item = (K, V)>) -> (Option<V>, f64) {
    let mut counts: BTreeMap<K, (u32, usize, V)> = BTreeMap::new();
    for (place, (key, value)) in values.enumerate() {
        let entry = counts.entry(key).or_insert((0, 0, value));
        entry.0 += 1;
        entry.1 = place;
    }
    let (mut first, mut second) = (None::<(u32, usize, V)>, 0);
    for (count, place, value) in counts.into_values() {
        if first.as_ref().is_none_or(|first| (first.0, first.1) < (count, place)) {
            second = first.replace((count, place, value)).map_or(0, |first| first.0);
        } else {
            second = second.max(count);
        }
    }
    let lead = first.as_ref().map_or(0, |first| first.0 - second);
    (first.map(|(.., value)| value), f64::from(lead))
}
