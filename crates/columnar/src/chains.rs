//! Chains: events that follow one another, one for each step.
//!
//! Nothing is merged into one story. A block of customers at a time goes from
//! step to step, the events of each step are held against those of the step
//! before, and whoever does not come to a step is not looked at after it: of the
//! fourth step only those rows are read whose customers came to the third.
//!
//! Of all chains that reach a step, the one that began last is never worse than
//! another: it is the shortest, and the least lies between its ends.

use model::Lane;

use crate::gather::{Members, Piles, Run};
use crate::set::LaneSet;
use crate::table::View;
use crate::walk::Hit;

/// The events that can be one step of a chain.
pub struct Step<'v> {
    piles: Piles<'v>,
    counts: Option<Counts<'v>>,
}

/// Whether a row counts, of the customer with this ordinal.
pub type Counts<'v> = Box<dyn Fn(u32, &Hit) -> bool + 'v>;

/// Which chains are looked for.
pub struct Chains<'v> {
    /// One for each step, in order.
    pub steps: Vec<Step<'v>>,
    /// What must not happen between two steps.
    pub without: Option<Step<'v>>,
    /// How long after its first event a chain may end.
    pub within_ms: i64,
}

impl<'v> Step<'v> {
    /// All rows of some tables, or those of them that count.
    pub fn new(views: impl IntoIterator<Item = &'v View>, lane: Lane, counts: Option<Counts<'v>>) -> Self {
        Self { piles: Piles::new(views, lane), counts }
    }

    /// The events of one customer of the block that begins with ordinal `first`.
    #[inline]
    fn pile<'p>(&'p self, first: u32, place: u32, room: &'p mut Room) -> Pile<'p> {
        let runs = self.piles.of(place);
        match (&self.counts, runs) {
            (None, [run]) => Pile { step: self, times: self.piles.times(*run), rows: Rows::Runs(runs) },
            (None, runs) if self.piles.follow_one_another(runs) => {
                room.times.clear();
                runs.iter().for_each(|run| room.times.extend_from_slice(self.piles.times(*run)));
                Pile { step: self, times: &room.times, rows: Rows::Runs(runs) }
            }
            (counts, _) => {
                self.piles.rows(place, &mut room.hits);
                if let Some(counts) = counts {
                    room.hits.retain(|hit| counts(first + place, hit));
                }
                room.times.clear();
                room.times.extend(room.hits.iter().map(|hit| hit.time));
                Pile { step: self, times: &room.times, rows: Rows::Hits(&room.hits) }
            }
        }
    }
}

/// Room for events that do not lie together.
#[derive(Default)]
struct Room {
    hits: Vec<Hit>,
    times: Vec<i64>,
}

/// The events of one step of one customer, in order.
#[derive(Clone, Copy)]
struct Pile<'p> {
    step: &'p Step<'p>,
    times: &'p [i64],
    rows: Rows<'p>,
}

/// Where the events of a pile are.
#[derive(Clone, Copy)]
enum Rows<'p> {
    /// In these runs, one after the other.
    Runs(&'p [Run]),
    /// Here and there.
    Hits(&'p [Hit]),
}

impl Pile<'_> {
    /// The place of an event in the order of arrival: asked where two happened at the same instant.
    fn arrival(&self, event: usize) -> u64 {
        let hit = match self.rows {
            Rows::Hits(hits) => hits[event],
            Rows::Runs(runs) => {
                let mut rows = runs.iter().flat_map(|run| (run.start..run.end).map(|row| (run.view, row)));
                let (view, row) = rows.nth(event).expect("each event is a row of the runs");
                Hit { time: self.times[event], view, row }
            }
        };
        self.step.piles.arrival(&hit)
    }

    /// Where an event stands: when it happened, and its place in the order of arrival, which is seldom asked for.
    #[inline]
    fn spot(&self, event: usize) -> (i64, impl Fn() -> u64) {
        (self.times[event], move || self.arrival(event))
    }
}

/// Whether what stands at one spot comes before what stands at another.
#[inline]
fn precedes(one: (i64, impl Fn() -> u64), other: (i64, impl Fn() -> u64)) -> bool {
    one.0 < other.0 || one.0 == other.0 && one.1() < other.1()
}

/// An event that ends a chain.
#[derive(Debug, Clone, Copy)]
struct Chain {
    /// Which of the events of its step, and when it happened.
    event: u32,
    time: i64,
    /// When the chain began that ends here or before and began last.
    begin: i64,
}

/// The chains of those customers of a block who have one, customer by customer, each in order.
#[derive(Debug, Default)]
struct Found {
    all: Vec<Chain>,
    /// Whose they are, by the place in the block, and where those of each end.
    whose: Vec<(u32, usize)>,
}

impl Found {
    fn clear(&mut self) {
        self.all.clear();
        self.whose.clear();
    }

    /// Each customer, and their chains.
    fn iter(&self) -> impl Iterator<Item = (u32, &[Chain])> {
        let starts = std::iter::once(0).chain(self.whose.iter().map(|(_, end)| *end));
        starts.zip(&self.whose).map(|(start, (place, end))| (*place, &self.all[start..*end]))
    }
}

impl Chains<'_> {
    /// Shows each step (counted from 0) that somebody reaches, with the customer's ordinal and the shortest time of a
    /// chain from its first event to there, in milliseconds. `among` are those who are asked about; `None`: everybody.
    pub fn each(&mut self, among: Option<&LaneSet>, mut reached: impl FnMut(usize, u32, i64)) {
        let (mut before, mut found) = (Found::default(), Found::default());
        let mut asked = self.steps[0].piles.who();
        among.into_iter().for_each(|among| asked.keep(among));
        // Whoever may have an event of the first step has one: which ones is asked of those only who come to the second.
        let is_plain = self.steps[0].counts.is_none() && self.steps[0].piles.are_whole();
        while let Some(first) = self.steps[0].piles.next(Some(&asked)) {
            let mut members = Members::of(&asked, first);
            if !is_plain {
                members = self.begin(first, &members);
            }
            members.places().iter().for_each(|place| reached(0, first + place, 0));
            for step in 1..self.steps.len() {
                self.steps[step].piles.deal(first, &members);
                if step == 1 {
                    members = self.steps[1].piles.dealt_to(&members);
                    if is_plain {
                        self.steps[0].piles.deal(first, &members);
                    }
                    self.without.iter_mut().for_each(|without| without.piles.deal(first, &members));
                }
                found.clear();
                self.extend((first, step, &members), &before, &mut found, |place, time| {
                    reached(step, first + place, time);
                });
                if found.all.is_empty() {
                    break;
                }
                members = Members::at(found.whose.iter().map(|(place, _)| *place).collect());
                std::mem::swap(&mut before, &mut found);
            }
        }
    }

    /// Every event of the first step begins a chain. Who has one.
    fn begin(&mut self, first: u32, asked: &Members) -> Members {
        self.steps[0].piles.deal(first, asked);
        let (step, mut room) = (&self.steps[0], Room::default());
        let mut has_one = |place: &u32| !step.pile(first, *place, &mut room).times.is_empty();
        Members::at(asked.places().iter().copied().filter(|place| has_one(place)).collect())
    }

    /// Makes the chains before a step longer by its events.
    fn extend(
        &self,
        (first, step, members): (u32, usize, &Members),
        before: &Found,
        found: &mut Found,
        mut reached: impl FnMut(u32, i64),
    ) {
        let (earlier, later) = (&self.steps[step - 1], &self.steps[step]);
        let mut rooms = <[Room; 3]>::default();
        let mut extend = |place, chains| {
            if later.piles.of(place).is_empty() {
                return;
            }
            let [one, other, third] = &mut rooms;
            let without = self.without.as_ref().map(|without| without.pile(first, place, third));
            let before = match chains {
                None => Before::Events(earlier.pile(first, place, one)),
                Some(chains) => Before::Chains(Ended { chains, step: earlier, first, place }),
            };
            let link = Link { before, without, within_ms: self.within_ms };
            if let Some(time) = link.longer(&later.pile(first, place, other), &mut found.all) {
                found.whose.push((place, found.all.len()));
                reached(place, time);
            }
        };
        match step {
            1 => members.places().iter().for_each(|place| extend(*place, None)),
            _ => before.iter().for_each(|(place, chains)| extend(place, Some(chains))),
        }
    }
}

/// What the events of a step are held against, of one customer.
struct Link<'l> {
    before: Before<'l>,
    without: Option<Pile<'l>>,
    within_ms: i64,
}

/// The chains before a step.
enum Before<'l> {
    /// Each event of the first step is one.
    Events(Pile<'l>),
    Chains(Ended<'l>),
}

/// Chains that were found, and where the events are that end them.
struct Ended<'l> {
    chains: &'l [Chain],
    step: &'l Step<'l>,
    first: u32,
    place: u32,
}

/// The chains before a step, in order.
trait Earlier {
    /// How many.
    fn len(&self) -> usize;

    /// Where the event stands that ends a chain.
    fn spot(&self, chain: usize) -> (i64, impl Fn() -> u64);

    /// When a chain began.
    fn begin(&self, chain: usize) -> i64;
}

impl Earlier for Pile<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.times.len()
    }

    #[inline]
    fn spot(&self, chain: usize) -> (i64, impl Fn() -> u64) {
        Pile::spot(self, chain)
    }

    #[inline]
    fn begin(&self, chain: usize) -> i64 {
        self.times[chain]
    }
}

impl Earlier for Ended<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.chains.len()
    }

    #[inline]
    fn spot(&self, chain: usize) -> (i64, impl Fn() -> u64) {
        let Chain { event, time, .. } = self.chains[chain];
        let arrival = move || {
            let mut room = Room::default();
            self.step.pile(self.first, self.place, &mut room).arrival(event as usize)
        };
        (time, arrival)
    }

    #[inline]
    fn begin(&self, chain: usize) -> i64 {
        self.chains[chain].begin
    }
}

impl Link<'_> {
    /// The chains with one more event: each event follows the chain that began last among all that ended before it. The
    /// shortest time from the beginning to one of the events, when there is any within the time.
    fn longer(&self, events: &Pile<'_>, found: &mut Vec<Chain>) -> Option<i64> {
        let bars = |without| Bars { without, passed: 0 };
        match (&self.before, self.without) {
            (Before::Events(before), None) => self.follow(events, before, Free, found),
            (Before::Events(before), Some(without)) => self.follow(events, before, bars(without), found),
            (Before::Chains(before), None) => self.follow(events, before, Free, found),
            (Before::Chains(before), Some(without)) => self.follow(events, before, bars(without), found),
        }
    }

    #[inline]
    fn follow(
        &self,
        events: &Pile<'_>,
        before: &impl Earlier,
        mut between: impl Between,
        found: &mut Vec<Chain>,
    ) -> Option<i64> {
        let (mut known, mut begun, mut shortest) = (0, i64::MIN, i64::MAX);
        let (length, mut last) = (found.len(), None);
        for (event, time) in events.times.iter().enumerate() {
            while known < before.len() && precedes(before.spot(known), events.spot(event)) {
                known += 1;
            }
            between.pass(events, event);
            let Some(chain) = known.checked_sub(1) else { continue };
            if between.is_after(before.spot(chain)) {
                continue;
            }
            if last.is_some_and(|last| between.is_after(events.spot(last))) {
                begun = i64::MIN;
            }
            let begin = before.begin(chain);
            let elapsed = time.saturating_sub(begin);
            if elapsed <= self.within_ms {
                begun = begun.max(begin);
                shortest = shortest.min(elapsed);
                last = Some(event);
                let event = u32::try_from(event).expect("a table has less than 2^32 rows");
                found.push(Chain { event, time: *time, begin: begun });
            }
        }
        (found.len() > length).then_some(shortest)
    }
}

/// What must not happen between two steps, of one customer.
trait Between {
    /// What comes before this event is passed.
    fn pass(&mut self, events: &Pile<'_>, event: usize);

    /// Whether the last one that was passed came after what stands there.
    fn is_after(&self, spot: (i64, impl Fn() -> u64)) -> bool;
}

/// Nothing is forbidden.
struct Free;

impl Between for Free {
    #[inline]
    fn pass(&mut self, _: &Pile<'_>, _: usize) {}

    #[inline]
    fn is_after(&self, _: (i64, impl Fn() -> u64)) -> bool {
        false
    }
}

/// Some events are.
struct Bars<'l> {
    without: Pile<'l>,
    /// How many came before the event that is looked at.
    passed: usize,
}

impl Between for Bars<'_> {
    #[inline]
    fn pass(&mut self, events: &Pile<'_>, event: usize) {
        let is_passed = |bar: usize| precedes(self.without.spot(bar), events.spot(event));
        let mut passed = self.passed;
        while passed < self.without.times.len() && is_passed(passed) {
            passed += 1;
        }
        self.passed = passed;
    }

    #[inline]
    fn is_after(&self, spot: (i64, impl Fn() -> u64)) -> bool {
        self.passed.checked_sub(1).is_some_and(|bar| precedes(spot, self.without.spot(bar)))
    }
}
