//! Evaluates a condition for everybody at once, over columns.
//!
//! Every lane is answered by itself, on whichever core is free. Only the
//! streams that the condition names are read; what is counted for each
//! customer lies in arrays by ordinal. [`crate::one`] is the definition.

mod column;
mod events;
mod frequent;
mod mask;
mod sequence;

use std::collections::BTreeMap;
use std::ops::Range;

use columnar::{CustomerSet, LaneSet, Property, RowMask, Snapshot, Table, for_each_lane};
use model::{Channel, Lane, stream};

use self::events::{Events, Place, Scope, TableFilter, is_after};
use self::frequent::{Clock, Values, usual_hour};
use self::sequence::SequenceScan;
use crate::condition::{Condition, Did, Edge, Function, Hours, LastPlace, Measure, Mostly, UsualHour};
use crate::context::{Context, Error};
use crate::filter::{Filter, Number, Operator, Test};
use crate::fold::Summary;
use crate::one::compares;
use crate::parts::Standing;
use crate::place::{Area, Place as Where};
use crate::time::{Which, Window};

/// Everybody for whom `condition` holds, of all who were first seen up to `context.as_of`.
///
/// # Errors
/// When it refers to an audience that does not exist, or to itself.
pub fn evaluate(
    condition: &Condition,
    snapshot: &Snapshot,
    context: &Context<'_>,
) -> Result<CustomerSet, Error> {
    evaluate_on(Cores::All, condition, snapshot, context)
}

/// On how many cores the lanes are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cores {
    /// Somebody waits for the answer.
    All,
    /// Nobody waits: one lane after another, on this thread.
    One,
}

impl Cores {
    /// Runs `work` once for each lane; the results in the order of the lanes.
    pub(crate) fn each_lane<T: Send>(self, work: impl Fn(Lane) -> T + Sync) -> Vec<T> {
        match self {
            Self::All => for_each_lane(work),
            Self::One => Lane::all().map(work).collect(),
        }
    }
}

/// [`evaluate`] on all cores or on one.
pub(crate) fn evaluate_on(
    cores: Cores,
    condition: &Condition,
    snapshot: &Snapshot,
    context: &Context<'_>,
) -> Result<CustomerSet, Error> {
    context.audiences.resolve(condition)?;
    let mut binder = Binder { snapshot, context, members: Vec::new(), named: BTreeMap::new() };
    let root = binder.condition(condition);
    let members = binder.members;
    let lanes = cores.each_lane(|lane| {
        let scope = Scope { lane, ordinals: snapshot.ordinals(lane) };
        let everyone = || snapshot.seen(lane, context.as_of);
        let mut answers = Answers { everyone: &everyone, members: Vec::new() };
        for member in &members {
            let set = member.lane(scope, &answers);
            answers.members.push(set);
        }
        let mut set = root.lane(scope, &answers);
        snapshot.keep_seen(lane, context.as_of, &mut set);
        set
    });
    Ok(CustomerSet::from_lanes(lanes))
}

/// `filter` in the form in which questions take it: which rows of a table pass, asked for a range of rows.
pub fn row_filter<'f>(
    filter: &'f Filter,
    context: &'f Context<'f>,
) -> impl Fn(&Table, Range<usize>) -> RowMask + Sync + 'f {
    move |table, rows| TableFilter::bind(table, filter, context).mask(rows).into_rows()
}

/// A condition, made ready for the tables of a snapshot.
enum Node<'s> {
    Everyone,
    All(Vec<Node<'s>>),
    Any(Vec<Node<'s>>),
    Not(Box<Node<'s>>),
    Counted { events: Events<'s>, measure: Measure },
    Summed { events: Events<'s>, amounts: Vec<Property<'s>>, goal: Goal },
    Distinct { events: Events<'s>, values: Values<'s>, goal: Goal },
    Edge { events: Events<'s>, within: Events<'s>, which: Which },
    Sequence(SequenceScan<'s>),
    Mostly { events: Events<'s>, values: Values<'s>, test: Test, context: &'s Context<'s> },
    UsualHour { events: Events<'s>, hours: Hours, clock: Clock },
    Standing { events: Events<'s>, tests: Vec<TableFilter<'s>> },
    TraitPlace { degrees: [(Events<'s>, Vec<Property<'s>>); 2], area: Area },
    Member(usize),
}

/// What a number must reach.
struct Goal {
    function: Function,
    is: Operator,
    value: Number,
}

/// What was answered for the lane already.
struct Answers<'a> {
    /// Everybody: whoever can do without asks for it not, because it reads as many instants as there are customers.
    everyone: &'a dyn Fn() -> LaneSet,
    members: Vec<LaneSet>,
}

/// Looks up streams and columns, once for all lanes.
struct Binder<'s, 'c> {
    snapshot: &'s Snapshot,
    context: &'s Context<'s>,
    /// Each audience once, those it refers to before it.
    members: Vec<Node<'s>>,
    named: BTreeMap<&'c str, usize>,
}

impl<'s: 'c, 'c> Binder<'s, 'c> {
    fn condition(&mut self, condition: &'c Condition) -> Node<'s> {
        match condition {
            Condition::Everyone => Node::Everyone,
            Condition::All { of } => Node::All(of.iter().map(|part| self.condition(part)).collect()),
            Condition::Any { of } => Node::Any(of.iter().map(|part| self.condition(part)).collect()),
            Condition::Not { of } => Node::Not(Box::new(self.condition(of))),
            Condition::Did(did) => self.did(did),
            Condition::FirstDid(edge) => self.edge(edge, Which::First),
            Condition::LastDid(edge) => self.edge(edge, Which::Last),
            Condition::Sequence(sequence) => {
                Node::Sequence(SequenceScan::bind(self.snapshot, sequence, self.context))
            }
            Condition::Mostly(mostly) => self.mostly(mostly),
            Condition::UsualHour(usual) => self.usual_hour(usual),
            Condition::LastPlace(last) => self.last_place(last),
            Condition::TraitPlace { place } => self.trait_place(place),
            Condition::Trait { name, test } => self.standing(&Standing::of_trait(name, test)),
            Condition::Reachable { channel: Some(channel) } => self.standing(&Standing::of_address(*channel)),
            Condition::Reachable { channel: None } => {
                let each = Channel::ALL.iter().map(|channel| Standing::of_address(*channel));
                Node::Any(each.map(|standing| self.standing(&standing)).collect())
            }
            Condition::Consented { purpose, channel } => {
                self.standing(&Standing::of_consent(*purpose, *channel))
            }
            Condition::Subscribed { topic } => self.standing(&Standing::of_topic(topic)),
            Condition::Member { audience } => Node::Member(self.member(audience)),
        }
    }

    fn member(&mut self, name: &'c str) -> usize {
        if let Some(index) = self.named.get(name) {
            return *index;
        }
        let context: &'s Context<'s> = self.context;
        let condition = context.audiences.get(name).expect("it was resolved");
        let node = self.condition(condition);
        self.members.push(node);
        let index = self.members.len() - 1;
        self.named.insert(name, index);
        index
    }

    fn events(&self, event: &str, filter: Option<&Filter>, window: &Window) -> Events<'s> {
        Events::bind(self.snapshot, &stream::event(event), filter, window, self.context)
    }

    fn did(&self, did: &Did) -> Node<'s> {
        let events = self.events(&did.event, did.filter.as_ref(), &did.window);
        let Measure::Amount { function, of, is, value } = &did.measure else {
            return Node::Counted { events, measure: did.measure.clone() };
        };
        let goal = Goal { function: *function, is: *is, value: *value };
        let amounts = events.properties(of);
        match function {
            Function::Distinct => Node::Distinct { events, values: Values::bind(amounts), goal },
            Function::Sum | Function::Avg | Function::Min | Function::Max => {
                Node::Summed { events, amounts, goal }
            }
        }
    }

    fn edge(&self, edge: &Edge, which: Which) -> Node<'s> {
        let filter = edge.filter.as_ref();
        let events = self.events(&edge.event, filter, &Window::Ever);
        Node::Edge { events, within: self.events(&edge.event, filter, &edge.window), which }
    }

    fn mostly(&self, mostly: &Mostly) -> Node<'s> {
        let events = self.events(&mostly.event, mostly.filter.as_ref(), &mostly.window);
        let values = Values::bind(events.properties(&mostly.property));
        Node::Mostly { events, values, test: mostly.test.clone(), context: self.context }
    }

    fn usual_hour(&self, usual: &UsualHour) -> Node<'s> {
        let events = self.events(&usual.event, usual.filter.as_ref(), &usual.window);
        Node::UsualHour { events, hours: usual.hours, clock: Clock::new(&self.context.zone) }
    }

    fn last_place(&self, last: &LastPlace) -> Node<'s> {
        let events = self.events(&last.event, Some(&last.counting()), &last.window);
        let tests = events.tables.iter().map(|table| TableFilter::place(table.view, &last.place)).collect();
        Node::Standing { events, tests }
    }

    fn trait_place(&self, place: &Where) -> Node<'s> {
        let degrees = place.names().map(|name| {
            let Standing { stream, property, .. } = Standing::of_trait(name, Test::SET);
            let events = Events::bind(self.snapshot, &stream, None, &Window::Ever, self.context);
            let numbers = events.properties(property);
            (events, numbers)
        });
        Node::TraitPlace { degrees, area: place.area.clone() }
    }

    fn standing(&self, standing: &Standing) -> Node<'s> {
        let filter = standing.filter.as_ref();
        let events = Events::bind(self.snapshot, &standing.stream, filter, &Window::Ever, self.context);
        let test = |view| TableFilter::test(view, standing.property, &standing.test, self.context);
        let tests = events.tables.iter().map(|table| test(table.view)).collect();
        Node::Standing { events, tests }
    }
}

impl Node<'_> {
    /// Who of the lane. Customers that are not seen yet, moved away or hidden may be in it.
    fn lane(&self, scope: Scope, answers: &Answers<'_>) -> LaneSet {
        match self {
            Self::Everyone => (answers.everyone)(),
            Self::All(parts) => all(parts, scope, answers),
            Self::Any(parts) => any(parts, scope, answers),
            Self::Not(_) => all(std::slice::from_ref(self), scope, answers),
            Self::Counted { events, measure } => counted(events, measure, scope),
            Self::Summed { events, amounts, goal } => summed(events, amounts, goal, scope),
            Self::Distinct { events, values, goal } => {
                let counts = values.distinct(events, scope);
                let reaches = |count| compares(f64::from(count), goal.is, goal.value.get());
                LaneSet::from_test(scope.ordinals, |ordinal| reaches(counts[ordinal]))
            }
            Self::Edge { events, within, which } => edge(events, within, *which, scope),
            Self::Sequence(sequence) => sequence.lane(scope),
            Self::Mostly { events, values, test, context } => {
                values.mostly(events, scope, (test, context)).into_iter().collect()
            }
            Self::UsualHour { events, hours, clock } => {
                usual_hour(events, scope, *hours, clock).into_iter().collect()
            }
            Self::Standing { events, tests } => standing(events, tests, scope),
            Self::TraitPlace { degrees, area } => trait_place(degrees, area, scope),
            Self::Member(index) => answers.members[*index].clone(),
        }
    }
}

/// Who is in all of them: those first who are in something, then without those who are in what is denied.
fn all(parts: &[Node<'_>], scope: Scope, answers: &Answers<'_>) -> LaneSet {
    let mut set: Option<LaneSet> = None;
    let mut denied = Vec::new();
    for part in parts {
        if let Node::Not(part) = part {
            denied.push(part);
        } else if set.as_ref().is_none_or(|set| !set.is_empty()) {
            let here = part.lane(scope, answers);
            match &mut set {
                Some(set) => set.keep(&here),
                None => set = Some(here),
            }
        }
    }
    let mut set = set.unwrap_or_else(answers.everyone);
    for part in denied {
        if set.is_empty() {
            break;
        }
        set.leave(&part.lane(scope, answers));
    }
    set
}

fn any(parts: &[Node<'_>], scope: Scope, answers: &Answers<'_>) -> LaneSet {
    let mut set = LaneSet::new();
    for part in parts {
        set.join(&part.lane(scope, answers));
    }
    set
}

/// Up to so many times are counted without a number for each customer.
const RUNGS_MAX: u32 = 8;

fn counted(events: &Events<'_>, measure: &Measure, scope: Scope) -> LaneSet {
    if let Measure::AtLeast { times: times @ 1..=RUNGS_MAX } = measure {
        return at_least(events, *times, scope);
    }
    let mut counts = vec![0_u32; scope.ordinals];
    events.for_each(scope, |_, _, _, ordinal| counts[ordinal] = counts[ordinal].saturating_add(1));
    let (least, most) = match measure {
        Measure::AtLeast { times } => (*times, u32::MAX),
        Measure::AtMost { times } => (0, *times),
        Measure::Exactly { times } => (*times, *times),
        Measure::Between { from, to } => (*from, *to),
        Measure::Amount { .. } => unreachable!("an amount is summed, not counted"),
    };
    LaneSet::from_test(scope.ordinals, |ordinal| least <= counts[ordinal] && counts[ordinal] <= most)
}

/// A ladder with a rung for each time: every event puts its customer onto the lowest rung they are not on yet.
fn at_least(events: &Events<'_>, times: u32, scope: Scope) -> LaneSet {
    let mut rungs: Vec<_> = (0..times).map(|_| LaneSet::with_room(scope.ordinals)).collect();
    events.for_each(scope, |_, view, row, _| {
        let ordinal = view.customer(row).ordinal();
        rungs.iter_mut().any(|rung| rung.insert(ordinal));
    });
    rungs.pop().unwrap_or_default()
}

fn summed(events: &Events<'_>, amounts: &[Property<'_>], goal: &Goal, scope: Scope) -> LaneSet {
    let mut summaries = vec![Summary::NONE; scope.ordinals];
    events.for_each(scope, |table, _, row, ordinal| {
        if let Some(amount) = amounts[table].number(row) {
            summaries[ordinal].add(goal.function, amount);
        }
    });
    LaneSet::from_test(scope.ordinals, |ordinal| {
        let amount = summaries[ordinal].get(goal.function);
        amount.is_some_and(|amount| compares(amount, goal.is, goal.value.get()))
    })
}

fn edge(events: &Events<'_>, within: &Events<'_>, which: Which, scope: Scope) -> LaneSet {
    let edges = events.edge(which, scope);
    let thresholds = within.period().thresholds(scope);
    let stretch = within.period().stretch();
    LaneSet::from_test(scope.ordinals, |ordinal| {
        edges[ordinal].is_some_and(|place| {
            stretch.contains(place.at)
                && thresholds.as_ref().is_none_or(|thresholds| is_after(thresholds, ordinal, place))
        })
    })
}

fn standing(events: &Events<'_>, tests: &[TableFilter<'_>], scope: Scope) -> LaneSet {
    let rows = last_rows(events, scope);
    let passing = events::lane_masks(events, tests, scope);
    LaneSet::from_test(scope.ordinals, |ordinal| {
        let (table, row) = rows[ordinal];
        passing.get(table as usize).is_some_and(|mask| mask.contains(row as usize))
    })
}

fn trait_place(degrees: &[(Events<'_>, Vec<Property<'_>>); 2], area: &Area, scope: Scope) -> LaneSet {
    let [latitudes, longitudes] = degrees.each_ref().map(|(events, numbers)| {
        let rows = last_rows(events, scope);
        move |ordinal: usize| {
            let (table, row) = rows[ordinal];
            numbers.get(table as usize)?.number(row as usize)
        }
    });
    LaneSet::from_test(scope.ordinals, |ordinal| {
        let point = latitudes(ordinal).zip(longitudes(ordinal));
        point.is_some_and(|(latitude, longitude)| area.contains(latitude, longitude))
    })
}

/// The last of the events of each customer: which table, which row. Without one there is no such table.
fn last_rows(events: &Events<'_>, scope: Scope) -> Vec<(u32, u32)> {
    let mut last = vec![Place::NOWHERE; scope.ordinals];
    let mut rows = vec![(u32::MAX, 0_u32); scope.ordinals];
    events.for_each(scope, |table, view, row, ordinal| {
        let place = Place::of(view, row);
        if place >= last[ordinal] {
            last[ordinal] = place;
            let number = |number| u32::try_from(number).expect("a table has less than 2^32 rows");
            rows[ordinal] = (number(table), number(row));
        }
    });
    rows
}
