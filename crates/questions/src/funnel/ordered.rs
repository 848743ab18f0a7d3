//! Steps in order: chains of events, one for each step.

use columnar::{Chains, Hit, Snapshot, Step, Stream};
use model::Lane;

use crate::funnel::{Funnel, LaneAnswer};
use crate::scope::{Meant, Scope};

/// How far everybody of a lane came.
pub(super) fn run(snapshot: &Snapshot, question: &Funnel<'_>, lane: Lane) -> LaneAnswer {
    let steps = question.steps.iter().map(|scopes| step(snapshot, question, scopes, lane)).collect();
    let mut chains = Chains { steps, without: None, within_ms: question.window_ms };
    let mut answer = LaneAnswer::none(snapshot, question, lane);
    chains.each(question.among.map(|among| among.lane(lane)), |step, ordinal, time| {
        answer.codes[ordinal as usize] += 1;
        if let Some(later) = step.checked_sub(1) {
            answer.times[later].push(time);
        }
    });
    answer
}

/// The rows that match one step.
fn step<'q>(snapshot: &'q Snapshot, question: &Funnel<'_>, scopes: &[Scope<'_>], lane: Lane) -> Step<'q> {
    let mut meant = Meant::default();
    for scope in scopes {
        // Whose they are is asked of the members of a block.
        let scope = Scope { span: question.span, among: None, ..scope.clone() };
        for view in scope.streams(snapshot).into_iter().flat_map(Stream::views) {
            meant.add(&scope, view, lane);
        }
    }
    let views = meant.views.clone();
    Step::new(views, lane, meant.is_filtered().then(|| Box::new(move |_, hit: &Hit| meant.lets(hit)) as _))
}
