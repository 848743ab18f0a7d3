//! Steps in order: the events of each step against those of the step before.
//!
//! Nothing is merged into one story. A block of customers at a time goes from
//! step to step, and whoever does not come to a step is not looked at after it:
//! of the events of the fourth step only those are read whose customers came to
//! the third.

use columnar::{BLOCK, Hit, Members, Piles, Snapshot, Stream};
use model::Lane;

use crate::funnel::{Funnel, LaneAnswer};
use crate::scope::{Gate, Scope};

/// How far everybody of a lane came.
pub(super) fn run(snapshot: &Snapshot, question: &Funnel<'_>, lane: Lane) -> LaneAnswer {
    let mut steps: Vec<Step<'_>> =
        question.steps.iter().map(|scopes| Step::new(snapshot, question, scopes, lane)).collect();
    let mut answer = LaneAnswer::none(snapshot, question, lane);
    let (mut before, mut chains) = (Chains::default(), Chains::default());
    while let Some(first) = steps[0].piles.next() {
        let mut members =
            question.among.map_or_else(Members::all, |among| Members::of(among.lane(lane), first));
        before.clear();
        for number in 0..steps.len() {
            steps[number].deal(first, &members);
            let (earlier, later) = steps.split_at(number);
            match earlier.last() {
                None => chains.begin(&later[0].piles),
                Some(earlier) => {
                    let times = &mut answer.times[number - 1];
                    let piles = (&earlier.piles, &later[0].piles);
                    chains.extend(&before, piles, question.window_ms, |shortest| times.push(shortest));
                }
            }
            let codes = &mut answer.codes[first as usize..];
            let reached = (0..BLOCK).zip(codes).filter(|(place, _)| !chains.of(*place).is_empty());
            reached.for_each(|(_, code)| *code += 1);
            if chains.all.is_empty() {
                break;
            }
            members.keep(|place| !chains.of(place).is_empty());
            std::mem::swap(&mut before, &mut chains);
        }
    }
    answer
}

/// The rows that match one step.
struct Step<'q> {
    piles: Piles<'q>,
    /// For each table, which of its rows.
    gates: Vec<Gate>,
}

impl<'q> Step<'q> {
    fn new(snapshot: &'q Snapshot, question: &Funnel<'_>, scopes: &[Scope<'_>], lane: Lane) -> Self {
        let (mut views, mut gates) = (Vec::new(), Vec::new());
        for scope in scopes {
            // Whose they are is asked of the members of a block.
            let scope = Scope { span: question.span, among: None, ..scope.clone() };
            for view in scope.streams(snapshot).into_iter().flat_map(Stream::views) {
                let gate = Gate::whole(&scope, view, lane);
                if !matches!(gate, Gate::Shut) {
                    views.push(view);
                    gates.push(gate);
                }
            }
        }
        Self { piles: Piles::new(views, lane), gates }
    }

    fn deal(&mut self, first: u32, members: &Members) {
        let gates = &self.gates;
        self.piles.deal(first, members, |hit| gates[hit.view as usize].lets(hit.row as usize));
    }
}

/// An event that ends a chain of events, one for each step so far.
#[derive(Debug, Clone, Copy)]
struct Chain {
    end: Hit,
    /// When the chain began that ends here or before and began last.
    begin: i64,
}

/// The chains of a block of customers, customer by customer, each in order.
#[derive(Debug, Default)]
struct Chains {
    all: Vec<Chain>,
    /// Where those of each customer end.
    ends: Vec<u32>,
}

impl Chains {
    fn clear(&mut self) {
        self.all.clear();
        self.ends.clear();
    }

    /// Those of the customer at this place of the block.
    #[inline]
    fn of(&self, place: u32) -> &[Chain] {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.all[start as usize..self.ends[place as usize] as usize]
    }

    fn end(&mut self) {
        self.ends.push(u32::try_from(self.all.len()).expect("a block has less than 2^32 rows"));
    }

    /// Each event of the first step begins a chain.
    fn begin(&mut self, piles: &Piles<'_>) {
        self.clear();
        for place in 0..BLOCK {
            self.all.extend(piles.of(place).iter().map(|hit| Chain { end: *hit, begin: hit.time }));
            self.end();
        }
    }

    /// The chains that events of the next step make longer: `before`, made of the rows of the one step, by those of the
    /// other. Shows the shortest time from the beginning of each customer who has one within the window.
    fn extend(
        &mut self,
        before: &Self,
        (earlier, later): (&Piles<'_>, &Piles<'_>),
        window_ms: i64,
        mut shortest: impl FnMut(i64),
    ) {
        self.clear();
        for place in 0..BLOCK {
            let follows = |chain: &Chain, event: &Hit| {
                let same = chain.end.time == event.time;
                chain.end.time < event.time || same && earlier.arrival(&chain.end) < later.arrival(event)
            };
            let events = later.of(place);
            if let Some(time) = longer(before.of(place), events, follows, window_ms, &mut self.all) {
                shortest(time);
            }
            self.end();
        }
    }
}

/// One customer's chains with one more event. Each event follows the chain that began last among all that ended before
/// it. The shortest time from the beginning to one of the events, when there is any within the window.
fn longer(
    before: &[Chain],
    events: &[Hit],
    follows: impl Fn(&Chain, &Hit) -> bool,
    window_ms: i64,
    chains: &mut Vec<Chain>,
) -> Option<i64> {
    let (mut known, mut begun, mut shortest) = (0, i64::MIN, None);
    for event in events {
        while known < before.len() && follows(&before[known], event) {
            known += 1;
        }
        let Some(chain) = known.checked_sub(1).map(|last| before[last]) else { continue };
        let elapsed = event.time - chain.begin;
        if elapsed <= window_ms {
            begun = begun.max(chain.begin);
            shortest = Some(shortest.map_or(elapsed, |other: i64| other.min(elapsed)));
            chains.push(Chain { end: *event, begin: begun });
        }
    }
    shortest
}
