//! Steps in any order, or with nothing between: one walk over all of a customer's events.

use columnar::{Hit, Snapshot, View, Walk};
use model::Lane;

use crate::funnel::{Funnel, LaneAnswer, StepOrder};
use crate::scope::{Gate, Scope, Streams};

/// How far everybody of a lane came.
pub(super) fn run(snapshot: &Snapshot, question: &Funnel<'_>, lane: Lane) -> LaneAnswer {
    let steps = Steps::new(snapshot, question, lane);
    let mut answer = LaneAnswer::none(snapshot, question, lane);
    let mut chains = Chains::new(question);
    let mut walk = Walk::new(steps.views.iter().copied(), lane, question.span);
    while let Some((customer, hits)) = walk.next() {
        if question.among.is_some_and(|among| !among.contains(customer)) {
            continue;
        }
        chains.clear();
        for hit in hits {
            let matched = steps.matched(hit);
            if matched != 0 {
                chains.see(matched, hit.time);
            }
        }
        answer.codes[customer.ordinal() as usize] = chains.reached();
        let reached = answer.times.iter_mut().zip(chains.shortest.iter().flatten().skip(1));
        reached.for_each(|(times, shortest)| times.push(*shortest));
    }
    answer
}

/// Tables of one lane, and which steps their rows may be.
struct Steps<'q> {
    views: Vec<&'q View>,
    /// For each table, the steps that its rows may match.
    gates: Vec<Vec<(usize, Gate)>>,
}

impl<'q> Steps<'q> {
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
                let open: Vec<_> = scopes
                    .map(|(step, scope)| (step, Gate::new(scope, view, lane)))
                    .filter(|(_, gate)| !gate.is_shut())
                    .collect();
                // No step is in the table: so, too, when nobody waits any more.
                if !open.is_empty() {
                    gates.push(open);
                    views.push(view);
                }
            }
        }
        Self { views, gates }
    }

    /// A bit for each step that a row matches.
    fn matched(&self, hit: &Hit) -> u32 {
        let gates = &self.gates[hit.view as usize];
        let bits = gates.iter().filter(|(_, gate)| gate.lets(hit.row as usize)).map(|(step, _)| 1 << step);
        bits.fold(0, |all, bit: u32| all | bit)
    }
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
