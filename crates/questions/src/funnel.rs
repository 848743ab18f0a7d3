//! Funnel: how far customers come along steps, within a window.
//!
//! A step is reached when there are strictly different events for it and all
//! before it, in order, the last within the window of the first: whichever
//! chain of events is the best counts. One walk over each customer's events
//! finds it, because of all chains that reach a step, the one that began last
//! is never worse than another.

use columnar::{CustomerSet, Hit, LaneSet, Snapshot, Span, View, Walk, for_each_lane};
use model::Lane;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::scope::{Gate, Scope, Streams};
use crate::statistics::percentile;

/// The question.
#[derive(Clone)]
pub struct Funnel<'q> {
    /// The steps. A row matches a step when it is in one of its scopes. They share `span` and `among`; those of the scopes
    /// are ignored.
    pub steps: Vec<Vec<Scope<'q>>>,
    /// When all events of a chain happened.
    pub span: Span,
    /// Whose events; `None`: everybody's.
    pub among: Option<&'q CustomerSet>,
    /// How long after the first event the last one may come.
    pub window_ms: i64,
    /// What else must hold of the order.
    pub order: StepOrder,
}

/// What else must hold of the order of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOrder {
    /// In order, whatever lies between.
    Ordered,
    /// In order; between two steps no event of a third.
    Strict,
    /// In any order; an event stands for the first step that it matches.
    Any,
}

/// A funnel has at most so many steps.
pub const STEPS_MAX: usize = 32;

/// The answer.
#[derive(Debug, Clone)]
pub struct FunnelAnswer {
    /// One for each step.
    pub steps: Vec<StepAnswer>,
    lanes: Vec<Vec<u8>>,
}

/// How many came to a step, and how fast.
#[derive(Debug, Clone, PartialEq)]
pub struct StepAnswer {
    /// How many came at least so far.
    pub customers: usize,
    /// The shortest time from the first step to this one, of the middle one of them; between two values in proportion.
    pub median_ms: Option<f64>,
    /// The same, within which nine of ten came.
    pub p90_ms: Option<f64>,
}

/// Asks the question.
///
/// # Errors
/// When there is no step, or too many, or the window is negative.
pub fn funnel(snapshot: &Snapshot, question: &Funnel<'_>) -> Result<FunnelAnswer, Error> {
    let number = question.steps.len();
    if number > STEPS_MAX {
        return Err(Error::TooLarge { what: "steps", number, limit: STEPS_MAX });
    }
    if number == 0 || question.window_ms < 0 {
        let (field, expected, value) = if number == 0 {
            ("steps", "at least one", 0)
        } else {
            ("window_ms", "0 or more", question.window_ms)
        };
        return Err(Error::Invalid { field, expected, value: value.to_string() });
    }
    let lanes = for_each_lane(|lane| LaneFunnel::run(snapshot, question, lane));
    let mut reached = vec![0_usize; number + 1];
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); number];
    for (codes, elapsed) in &lanes {
        codes.iter().for_each(|code| reached[usize::from(*code)] += 1);
        times.iter_mut().zip(elapsed).for_each(|(times, elapsed)| times.extend(elapsed));
    }
    let steps = times.into_iter().enumerate().map(|(step, mut times)| {
        times.sort_unstable_by(f64::total_cmp);
        StepAnswer {
            customers: reached[step + 1..].iter().sum(),
            median_ms: percentile(&times, 0.5),
            p90_ms: percentile(&times, 0.9),
        }
    });
    Ok(FunnelAnswer { steps: steps.collect(), lanes: lanes.into_iter().map(|(codes, _)| codes).collect() })
}

impl FunnelAnswer {
    /// Who came at least to this step, counted from 1.
    pub fn reached(&self, step: usize) -> CustomerSet {
        self.all(|code| code >= step)
    }

    /// Who came to this step, counted from 1, and no further.
    pub fn dropped_after(&self, step: usize) -> CustomerSet {
        self.all(|code| code == step)
    }

    fn all(&self, test: impl Fn(usize) -> bool + Sync) -> CustomerSet {
        CustomerSet::from_lanes(for_each_lane(|lane| {
            let codes = &self.lanes[lane.index()];
            LaneSet::from_test(codes.len(), |ordinal| codes[ordinal] > 0 && test(usize::from(codes[ordinal])))
        }))
    }
}

/// How far each ordinal of a lane came, and the shortest times to each step.
type LaneAnswer = (Vec<u8>, Vec<Vec<f64>>);

struct LaneFunnel<'q> {
    views: Vec<&'q View>,
    /// For each table, the steps that its rows may match.
    gates: Vec<Vec<(usize, Gate)>>,
}

impl<'q> LaneFunnel<'q> {
    fn new(snapshot: &'q Snapshot, question: &Funnel<'_>, lane: Lane) -> Self {
        let mut names: Vec<_> =
            question.steps.iter().flatten().flat_map(|scope| scope.streams(snapshot)).collect();
        names.sort_by_key(|stream| stream.name());
        names.dedup_by_key(|stream| stream.name());
        let (mut views, mut gates) = (Vec::new(), Vec::new());
        for stream in names {
            let has = |scope: &Scope<'_>| match &scope.streams {
                Streams::AnyEvent => stream.name().starts_with("event:"),
                Streams::Named(names) => names.contains(stream.name()),
            };
            for view in stream.views() {
                let scopes = (0..).zip(&question.steps).flat_map(|(step, scopes)| {
                    scopes.iter().filter(|scope| has(scope)).map(move |scope| (step, scope))
                });
                gates.push(scopes.map(|(step, scope)| (step, Gate::new(scope, view, lane))).collect());
                views.push(view);
            }
        }
        Self { views, gates }
    }

    fn run(snapshot: &'q Snapshot, question: &Funnel<'_>, lane: Lane) -> LaneAnswer {
        let this = Self::new(snapshot, question, lane);
        let mut codes = vec![0_u8; snapshot.ordinals(lane)];
        let mut times = vec![Vec::new(); question.steps.len()];
        let mut chains = Chains::new(question);
        let mut walk = Walk::new(this.views.iter().copied(), lane, question.span);
        while let Some((customer, hits)) = walk.next() {
            if question.among.is_some_and(|among| !among.contains(customer)) {
                continue;
            }
            chains.clear();
            for hit in hits {
                let matched = this.matched(hit);
                if matched != 0 {
                    chains.see(matched, hit.time);
                }
            }
            codes[customer.ordinal() as usize] = chains.reached();
            let reached = times.iter_mut().zip(chains.shortest.iter().flatten());
            reached.for_each(|(times, shortest): (&mut Vec<f64>, &i64)| times.push(float(*shortest)));
        }
        (codes, times)
    }

    /// A bit for each step that a row matches.
    fn matched(&self, hit: &Hit) -> u32 {
        let gates = &self.gates[hit.view as usize];
        let bits = gates.iter().filter(|(_, gate)| gate.lets(hit.row as usize)).map(|(step, _)| 1 << step);
        bits.fold(0, |all, bit: u32| all | bit)
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a window are far below 2^53")]
fn float(ms: i64) -> f64 {
    ms as f64
}

/// What is known of one customer while their events go by.
struct Chains {
    order: StepOrder,
    window_ms: i64,
    /// For each step, when the chain began that reaches it and began last. In any order: when the step was last seen.
    begins: Vec<Option<i64>>,
    /// For each step, the shortest time from the beginning; a step that was not reached has none, nor have those after.
    shortest: Vec<Option<i64>>,
}

impl Chains {
    fn new(question: &Funnel<'_>) -> Self {
        let none = vec![None; question.steps.len()];
        Self { order: question.order, window_ms: question.window_ms, begins: none.clone(), shortest: none }
    }

    fn clear(&mut self) {
        self.begins.fill(None);
        self.shortest.fill(None);
    }

    fn reached(&self) -> u8 {
        u8::try_from(self.shortest.iter().take_while(|time| time.is_some()).count())
            .expect("there are few steps")
    }

    /// An event that matches some steps goes by.
    fn see(&mut self, matched: u32, time: i64) {
        match self.order {
            StepOrder::Ordered => self.extend(matched, time, |_| true),
            StepOrder::Strict => self.extend(matched, time, |step| matched & !(0b11 << step) == 0),
            StepOrder::Any => self.see_in_any_order(matched, time),
        }
    }

    /// From the last step down, so that one event never stands for two steps of a chain.
    fn extend(&mut self, matched: u32, time: i64, survives: impl Fn(usize) -> bool) {
        for step in (0..self.begins.len()).rev() {
            if !survives(step) {
                self.begins[step] = None;
            }
            if matched >> step & 1 == 0 {
                continue;
            }
            let before = if step == 0 { Some(time) } else { self.begins[step - 1] };
            if let Some(begin) = before.filter(|begin| time - begin <= self.window_ms) {
                self.begins[step] = self.begins[step].max(Some(begin));
                self.reach(step, time - begin);
            }
        }
    }

    fn see_in_any_order(&mut self, matched: u32, time: i64) {
        self.begins[matched.trailing_zeros() as usize] = Some(time);
        let mut seen: Vec<i64> = self.begins.iter().flatten().map(|seen| time - seen).collect();
        seen.sort_unstable();
        seen.retain(|elapsed| *elapsed <= self.window_ms);
        seen.into_iter().enumerate().for_each(|(step, elapsed)| self.reach(step, elapsed));
    }

    fn reach(&mut self, step: usize, elapsed: i64) {
        let shortest = &mut self.shortest[step];
        *shortest = Some(shortest.map_or(elapsed, |other| other.min(elapsed)));
    }
}
