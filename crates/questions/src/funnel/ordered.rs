//! Steps in order: the events of each step against those of the step before.
//!
//! Nothing is merged into one story. Whoever has no event of the first step is
//! never looked at, and an event of the fourth step only for those who came to
//! the third.

use columnar::Snapshot;
use model::Lane;

use crate::funnel::{Funnel, LaneAnswer};
use crate::scope::{Queue, Scope};

/// An event that ends a chain of events, one for each step so far.
#[derive(Debug, Clone, Copy)]
struct Chain {
    time: i64,
    /// When the chain began that ends here or before and began last.
    begin: i64,
    /// Which queue of the step the event is from.
    queue: u32,
    row: u32,
}

/// How far everybody of a lane came.
pub(super) fn run(snapshot: &Snapshot, question: &Funnel<'_>, lane: Lane) -> LaneAnswer {
    let mut steps = queues(snapshot, question, lane);
    let mut answer = LaneAnswer::none(snapshot, question, lane);
    let (mut events, mut before, mut chains) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(ordinal) = steps[0].iter().filter_map(Queue::ordinal).min() {
        collect(&mut steps[0], ordinal, &mut before);
        let mut reached = u8::from(!before.is_empty());
        for step in 1..steps.len() {
            if before.is_empty() {
                break;
            }
            let (earlier, later) = steps.split_at_mut(step);
            collect(&mut later[0], ordinal, &mut events);
            let queues = (&earlier[step - 1][..], &later[0][..]);
            if let Some(shortest) = extend(&before, &events, queues, question.window_ms, &mut chains) {
                answer.times[step - 1].push(shortest);
                reached += 1;
            }
            std::mem::swap(&mut before, &mut chains);
        }
        answer.codes[ordinal as usize] = reached;
    }
    answer
}

/// For each step the rows that match it, table by table.
fn queues<'q>(snapshot: &'q Snapshot, question: &Funnel<'_>, lane: Lane) -> Vec<Vec<Queue<'q>>> {
    let step = |scopes: &Vec<Scope<'_>>| {
        let mut queues = Vec::new();
        for scope in scopes {
            let scope = Scope { span: question.span, among: question.among, ..scope.clone() };
            let views = scope.streams(snapshot).into_iter().flat_map(|stream| stream.views());
            queues.extend(views.map(|view| Queue::new(&scope, view, lane)));
        }
        queues
    };
    question.steps.iter().map(step).collect()
}

/// All events of one customer for one step, in order; each as a chain of its own.
fn collect(queues: &mut [Queue<'_>], ordinal: u32, events: &mut Vec<Chain>) {
    events.clear();
    let mut sources = 0;
    for (number, queue) in (0..).zip(&mut *queues) {
        let known = events.len();
        queue.seek(ordinal);
        let times = queue.view().times();
        queue.until(ordinal + 1, |row| {
            let (time, row) = (times[row], u32::try_from(row).expect("a table has less than 2^32 rows"));
            events.push(Chain { time, begin: time, queue: number, row });
        });
        sources += usize::from(events.len() > known);
    }
    if sources > 1 {
        events.sort_unstable_by_key(|event| (event.time, arrival(queues, event)));
    }
}

fn arrival(queues: &[Queue<'_>], event: &Chain) -> u64 {
    queues[event.queue as usize].view().arrival(event.row as usize)
}

/// The chains that `events` make longer. Each event follows the chain that began last among all that ended before it.
/// The shortest time from the beginning to one of the events, when there is any within the window.
fn extend(
    before: &[Chain],
    events: &[Chain],
    (earlier, later): (&[Queue<'_>], &[Queue<'_>]),
    window_ms: i64,
    chains: &mut Vec<Chain>,
) -> Option<i64> {
    chains.clear();
    let is_before = |chain: &Chain, event: &Chain| {
        chain.time < event.time || chain.time == event.time && arrival(earlier, chain) < arrival(later, event)
    };
    let (mut known, mut begun, mut shortest) = (0, i64::MIN, i64::MAX);
    for event in events {
        while known < before.len() && is_before(&before[known], event) {
            known += 1;
        }
        let Some(chain) = known.checked_sub(1).map(|last| before[last]) else { continue };
        let elapsed = event.time - chain.begin;
        if elapsed <= window_ms {
            begun = begun.max(chain.begin);
            shortest = shortest.min(elapsed);
            chains.push(Chain { begin: begun, ..*event });
        }
    }
    (!chains.is_empty()).then_some(shortest)
}
