//! The steps nearest to each anchor, as many as a path can have.
//!
//! Nothing is merged into one story: table after table is held against the
//! anchors of a block of customers, and what is farther away than the steps that
//! were found so far is left where it lies.

use std::ops::ControlFlow;

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

/// What is known of the anchors of one block.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Anchor by anchor the steps that are nearest so far, the nearest first.
    near: Vec<Near>,
    /// Anchor by anchor in which hours a step must happen to be as near as the last of them.
    reach: Vec<Reach>,
    /// Of one table: what may bring a step that is nearer.
    close: Vec<Meeting>,
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
        let beyond = self.question.within_ms.unsigned_abs().saturating_add(1);
        room.near.clear();
        room.near.resize(anchors.all.len() * most, Near { distance: beyond, view: NOWHERE, row: 0 });
        room.reach.clear();
        room.reach.extend(anchors.all.iter().map(|anchor| self.reach(anchor, beyond)));
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
        let mut path = Vec::with_capacity(most);
        for (anchor, near) in anchors.all.iter().zip(room.near.chunks_exact(most)) {
            path.clear();
            let known = near.iter().take_while(|near| near.view != NOWHERE);
            path.extend(known.map(|near| self.streams[near.view as usize]));
            visit(anchor, &path);
        }
    }

    /// In which hours a step happens that is so many milliseconds away from an anchor, or nearer.
    #[inline]
    fn reach(&self, anchor: &Anchor, distance: u64) -> Reach {
        let distance = i64::try_from(distance).unwrap_or(i64::MAX);
        let here = hour(anchor.time);
        match self.question.direction {
            Direction::Before => Reach { first: hour(anchor.time.saturating_sub(distance)), last: here },
            Direction::After => Reach { first: here, last: hour(anchor.time.saturating_add(distance)) },
        }
    }

    /// Holds the steps of one table that were dealt against the anchors.
    fn hold(&self, steps: &Piles<'_>, anchors: &Anchors, Room { near, reach, close }: &mut Room) {
        let close = meet(steps, anchors, reach, close);
        steps.look_ahead(close.iter().map(|meeting| meeting.run));
        let most = self.question.steps;
        for Meeting { anchor: index, run } in close {
            let index = *index as usize;
            let (anchor, near) = (&anchors.all[index], &mut near[index * most..][..most]);
            self.approach(steps, anchor, near, *run);
            reach[index] = self.reach(anchor, near[most - 1].distance);
        }
    }

    /// Of the steps of a run and those that are nearest to an anchor so far, `near` are the nearest.
    fn approach(&self, steps: &Piles<'_>, anchor: &Anchor, near: &mut [Near], run: Run) {
        let times = steps.times(run);
        let hit = |place: usize| Hit { time: times[place], view: run.view, row: run.row(place) };
        let arrival = |place| steps.arrival(&hit(place));
        let is_tie = |place: usize| times.get(place).is_some_and(|time| *time == anchor.time);
        let mut edge = earlier(times, anchor.time);
        match self.question.direction {
            Direction::Before => {
                while is_tie(edge) && arrival(edge) < anchor.arrival {
                    edge += 1;
                }
                let _ = (0..edge).rev().try_for_each(|place| self.add(steps, anchor, near, &hit(place)));
            }
            Direction::After => {
                while is_tie(edge) && arrival(edge) <= anchor.arrival {
                    edge += 1;
                }
                let _ = (edge..times.len()).try_for_each(|place| self.add(steps, anchor, near, &hit(place)));
            }
        }
    }

    /// Puts a step to where it belongs among those that are nearest so far; breaks when one that is farther cannot belong
    /// there.
    #[inline]
    fn add(&self, steps: &Piles<'_>, anchor: &Anchor, near: &mut [Near], hit: &Hit) -> ControlFlow<()> {
        let distance = anchor.time.abs_diff(hit.time);
        if near.last().is_none_or(|last| last.distance < distance) {
            return ControlFlow::Break(());
        }
        if self.steps.lets(hit) {
            let mut step = Near { distance, view: hit.view, row: hit.row };
            for other in near {
                if self.is_closer(steps, anchor, step, *other) {
                    std::mem::swap(&mut step, other);
                }
            }
        }
        ControlFlow::Continue(())
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

/// How many of sorted `times` come before `at`. Most customers have few in one table: these are all looked at, so that
/// the processor has nothing to guess.
#[inline]
fn earlier(times: &[i64], at: i64) -> usize {
    const FEW: usize = 4;
    if let [one] = times {
        return usize::from(*one < at);
    }
    let last = times.len() - 1;
    let is_earlier = |place: usize| (place <= last) & (times[place.min(last)] < at);
    let few = (0..FEW).map(|place| usize::from(is_earlier(place))).sum::<usize>();
    if few < FEW { few } else { FEW + times[FEW..].partition_point(|time| *time < at) }
}
