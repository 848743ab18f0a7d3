//! The steps nearest to each anchor, as many as a path can have.
//!
//! Nothing is merged into one story: table after table is held against the
//! anchors of a block of customers. The hours of its rows say which of them can be
//! as near as the steps that were found so far; the instants are read at the end,
//! of the few rows that are left.

use std::hint::select_unpredictable;

use columnar::{Extent, Hit, Piles, Run, hour};

use super::{Anchor, Anchors, Direction, LanePaths};

/// A step before or after an anchor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    /// How many milliseconds lie between it and its anchor.
    distance: u64,
    /// Which of the tables of steps; [`NOWHERE`]: there is no step.
    view: u32,
    row: u32,
}

const NOWHERE: u32 = u32::MAX;

/// A run of steps and an anchor of the same customer.
#[derive(Debug, Clone, Copy, Default)]
struct Meeting {
    /// Which of the anchors of the block.
    anchor: u32,
    run: Run,
}

/// A step that may be near enough.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// To which of the anchors of the block.
    anchor: u32,
    /// How many hours after or before that of the anchor it happened.
    hours: u32,
    view: u32,
    row: u32,
}

/// What is known of the anchors of one block.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Anchor by anchor how many hours away the nearest steps so far are, the nearest first; only of those that surely lie on
    /// the right side of it.
    hours: Vec<u32>,
    /// Anchor by anchor in which hours a step must happen to be as near as the last of them.
    reach: Vec<Reach>,
    /// Of one table: what may bring a step that is nearer.
    close: Vec<Meeting>,
    /// Every step that was within reach when it was looked at.
    candidates: Vec<Candidate>,
    /// Anchor by anchor the steps that are nearest, the nearest first.
    near: Vec<Near>,
}

/// A stretch of hours, counted since 1970; both ends are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reach {
    first: i32,
    last: i32,
}

impl Reach {
    const EVER: Self = Self { first: i32::MIN, last: i32::MAX };

    /// The whole days in which the rows of a lane happened.
    pub(super) fn days(Extent { first, last }: Extent) -> Self {
        let day = |ms| hour(ms).div_euclid(24).saturating_mul(24);
        Self { first: day(first), last: day(last).saturating_add(23) }
    }

    /// How many hours.
    pub(super) fn len(self) -> u32 {
        self.last.abs_diff(self.first)
    }

    #[inline]
    fn touches(self, other: Self) -> bool {
        (self.first <= other.last) & (other.first <= self.last)
    }

    fn holds(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

impl LanePaths<'_> {
    /// Shows the path of each anchor of the block that begins with ordinal `first`, where every step is told.
    pub(super) fn nearest(
        &self,
        (steps, first): (&mut Piles<'_>, u32),
        anchors: &Anchors,
        room: &mut Room,
        mut visit: impl FnMut(&Anchor, &[u16]),
    ) {
        let most = self.question.steps;
        if most == 0 {
            return anchors.all.iter().for_each(|anchor| visit(anchor, &[]));
        }
        room.candidates.clear();
        room.hours.clear();
        room.hours
            .extend(anchors.all.iter().flat_map(|anchor| std::iter::repeat_n(self.within(anchor), most)));
        room.reach.clear();
        room.reach.extend(anchors.all.iter().map(|anchor| self.reach(anchor, self.within(anchor))));
        let (mut days, mut members) = (Reach::EVER, anchors.members());
        for (table, of_table) in &self.by_days {
            // Whoever is out of reach of one table is so of all that lie within the same days.
            if !days.holds(*of_table) || days.len() > of_table.len().saturating_mul(2) {
                let reach = &room.reach;
                (days, members) = (*of_table, anchors.members_who(|index| reach[index].touches(*of_table)));
            }
            steps.deal_table(*table, first, &members);
            self.hold(steps, anchors, room);
        }
        self.choose(steps, anchors, room);
        let mut path = Vec::with_capacity(most);
        for (anchor, near) in anchors.all.iter().zip(room.near.chunks_exact(most)) {
            path.clear();
            let known = near.iter().take_while(|near| near.view != NOWHERE);
            path.extend(known.map(|near| self.streams[near.view as usize]));
            visit(anchor, &path);
        }
    }

    /// How many hours from an anchor's a step may happen at most.
    fn within(&self, anchor: &Anchor) -> u32 {
        let within = self.question.within_ms;
        let farthest = match self.question.direction {
            Direction::Before => anchor.time.saturating_sub(within),
            Direction::After => anchor.time.saturating_add(within),
        };
        hour(farthest).abs_diff(hour(anchor.time))
    }

    /// In which hours a step happens that is so many hours away from an anchor, or nearer.
    #[inline]
    fn reach(&self, anchor: &Anchor, hours: u32) -> Reach {
        let here = hour(anchor.time);
        match self.question.direction {
            Direction::Before => Reach { first: here.saturating_sub_unsigned(hours), last: here },
            Direction::After => Reach { first: here, last: here.saturating_add_unsigned(hours) },
        }
    }

    /// Holds the steps of one table that were dealt against the anchors.
    fn hold(&self, steps: &Piles<'_>, anchors: &Anchors, room: &mut Room) {
        let Room { hours, reach, close, candidates, .. } = room;
        let most = self.question.steps;
        for Meeting { anchor: number, run } in meet(steps, anchors, reach, close) {
            let index = *number as usize;
            let (anchor, nearest) = (&anchors.all[index], &mut hours[index * most..][..most]);
            let here = hour(anchor.time);
            let mut show = |place: usize, hour: i32| {
                let away = hour.abs_diff(here);
                if away > nearest[most - 1] {
                    return false;
                }
                let row = run.row(place);
                if self.steps.lets(&Hit { time: 0, view: run.view, row }) {
                    candidates.push(Candidate { anchor: *number, hours: away, view: run.view, row });
                    // What happened within the hour of the anchor may lie on either side of it.
                    if away > 0 {
                        let mut away = away;
                        nearest.iter_mut().for_each(|other| {
                            (*other, away) = ((*other).min(away), (*other).max(away));
                        });
                    }
                }
                true
            };
            match steps.hours_of(*run) {
                Some((base, hours)) => {
                    self.approach(hours.len(), here, |place| base + i32::from(hours[place]), &mut show);
                }
                None => {
                    let times = steps.times(*run);
                    self.approach(times.len(), here, |place| hour(times[place]), &mut show);
                }
            }
            reach[index] = self.reach(anchor, nearest[most - 1]);
        }
    }

    /// Shows the places of a run of so many rows, the nearest to an anchor in the hour `here` first, as long as somebody wants
    /// more.
    #[inline]
    fn approach(
        &self,
        rows: usize,
        here: i32,
        hour: impl Fn(usize) -> i32,
        show: &mut impl FnMut(usize, i32) -> bool,
    ) {
        let mut show = |place: usize| show(place, hour(place));
        match self.question.direction {
            Direction::Before => {
                let end = leading(rows, |place| hour(place) <= here);
                let _ = (0..end).rev().all(&mut show);
            }
            Direction::After => {
                let start = leading(rows, |place| hour(place) < here);
                let _ = (start..rows).all(&mut show);
            }
        }
    }

    /// Reads when the candidates that are left happened, and keeps the nearest of each anchor.
    fn choose(&self, steps: &Piles<'_>, anchors: &Anchors, room: &mut Room) {
        let Room { hours, candidates, near, .. } = room;
        let most = self.question.steps;
        candidates.retain(|candidate| candidate.hours <= hours[candidate.anchor as usize * most + most - 1]);
        let run = |candidate: &Candidate| Run {
            view: candidate.view,
            start: candidate.row,
            end: candidate.row + 1,
        };
        steps.look_ahead(candidates.iter().map(run));
        let beyond = self.question.within_ms.unsigned_abs().saturating_add(1);
        near.clear();
        near.resize(anchors.all.len() * most, Near { distance: beyond, view: NOWHERE, row: 0 });
        for candidate in candidates {
            let index = candidate.anchor as usize;
            let (anchor, near) = (&anchors.all[index], &mut near[index * most..][..most]);
            let hit = Hit { time: steps.times(run(candidate))[0], view: candidate.view, row: candidate.row };
            if self.is_on_its_side(steps, anchor, &hit) {
                self.add(steps, anchor, near, &hit);
            }
        }
    }

    /// Whether a step lies before or after an anchor, as is asked for.
    #[inline]
    fn is_on_its_side(&self, steps: &Piles<'_>, anchor: &Anchor, hit: &Hit) -> bool {
        let order = hit.time.cmp(&anchor.time).then_with(|| steps.arrival(hit).cmp(&anchor.arrival));
        match self.question.direction {
            Direction::Before => order.is_lt(),
            Direction::After => order.is_gt(),
        }
    }

    /// Puts a step to where it belongs among those that are nearest so far, if it does.
    #[inline]
    fn add(&self, steps: &Piles<'_>, anchor: &Anchor, near: &mut [Near], hit: &Hit) {
        let distance = anchor.time.abs_diff(hit.time);
        let mut step = Near { distance, view: hit.view, row: hit.row };
        for other in near {
            // Seldom equal, and then decided by arrival; otherwise either may be closer, and the processor need not guess.
            let is_closer = if step.distance == other.distance {
                self.is_closer(steps, anchor, step, *other)
            } else {
                step.distance < other.distance
            };
            (*other, step) = select_unpredictable(is_closer, (step, *other), (*other, step));
        }
    }

    /// Whether of two steps of an anchor the first is closer to it.
    #[inline]
    fn is_closer(&self, steps: &Piles<'_>, anchor: &Anchor, one: Near, other: Near) -> bool {
        if one.distance != other.distance || one.view == NOWHERE || other.view == NOWHERE {
            return one.distance < other.distance;
        }
        let arrival = |near: Near| steps.arrival(&Hit { time: anchor.time, view: near.view, row: near.row });
        match self.question.direction {
            Direction::Before => arrival(one) > arrival(other),
            Direction::After => arrival(one) < arrival(other),
        }
    }
}

/// Which of the runs that were dealt may have a step that is as near to an anchor as those so far.
fn meet<'c>(
    steps: &Piles<'_>,
    anchors: &Anchors,
    reach: &[Reach],
    close: &'c mut Vec<Meeting>,
) -> &'c [Meeting] {
    let mut count = 0;
    for (place, run) in steps.dealt() {
        let (first, last) = steps.hours(*run);
        let those = anchors.of(*place);
        if close.len() < count + those.len() {
            close.resize(2 * (count + those.len()), Meeting::default());
        }
        for anchor in those {
            // Written whether it is close or not, and kept when it is: nothing to guess for the processor.
            close[count] = Meeting { anchor, run: *run };
            count += usize::from(reach[anchor as usize].touches(Reach { first, last }));
        }
    }
    &close[..count]
}

/// How many of the first of so many places pass a test that all after the first that does not pass do not, either. Most
/// customers have few rows in one table: these are all looked at, so that the processor has nothing to guess.
#[inline]
fn leading(places: usize, test: impl Fn(usize) -> bool) -> usize {
    const FEW: usize = 4;
    let last = places - 1;
    let few = (0..FEW).map(|place| usize::from((place <= last) & test(place.min(last)))).sum::<usize>();
    if few < FEW {
        return few;
    }
    let (mut low, mut high) = (FEW, places);
    while low < high {
        let middle = low.midpoint(high);
        if test(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
