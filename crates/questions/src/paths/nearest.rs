//! The steps nearest to each anchor, as many as a path can have.
//!
//! Nothing is merged into one story: table after table is held against the
//! anchors of a block of customers, by the hours of its rows. An instant is read
//! only of a row that the hour does not decide about: when it is that of the
//! anchor, that of another step, or the last within reach.

use std::hint::select_unpredictable;
use std::iter::repeat_n;

use columnar::{Extent, Hit, Piles, Run, hour};

use super::{Anchor, Anchors, Direction, LanePaths};

/// A step before or after an anchor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    /// How many hours lie between that of the anchor and its own.
    hours: u64,
    row: RowOf,
}

/// Which row of which of the tables of steps, in one word: it is moved more often than looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowOf(u64);

impl RowOf {
    /// There is no step, only how far away one may be.
    const NOWHERE: Self = Self(u64::MAX);

    #[inline]
    fn new(view: u32, row: u32) -> Self {
        Self(u64::from(view) << 32 | u64::from(row))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "each half is a number of its own")]
    fn hit(self, time: i64) -> Hit {
        Hit { time, view: (self.0 >> 32) as u32, row: self.0 as u32 }
    }
}

/// A run of steps and an anchor of the same customer.
#[derive(Debug, Clone, Copy, Default)]
struct Meeting {
    /// Which of the anchors of the block.
    anchor: u32,
    run: Run,
}

/// Where an anchor stands by the hour.
#[derive(Debug, Clone, Copy)]
struct Home {
    /// Its hour, counted since 1970.
    hour: i32,
    /// How many hours from it a step may happen at most.
    within: u32,
}

/// What is known of the anchors of one block.
#[derive(Debug, Default)]
pub(super) struct Room {
    homes: Vec<Home>,
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
        room.homes.clear();
        room.homes.extend(anchors.all.iter().map(|anchor| self.home(anchor)));
        let nothing = |home: &Home| Near { hours: u64::from(home.within), row: RowOf::NOWHERE };
        room.near.clear();
        room.near.extend(room.homes.iter().flat_map(|home| repeat_n(nothing(home), most)));
        room.reach.clear();
        room.reach.extend(room.homes.iter().map(|home| self.reach(home.hour, home.within)));
        let (mut days, mut members) = (Reach::EVER, anchors.members());
        for (table, of_table) in &self.by_days {
            // Whoever is out of reach of one table is so of all that lie within the same days.
            if !days.holds(*of_table) || days.len() > of_table.len().saturating_mul(2) {
                let reach = &room.reach;
                (days, members) = (*of_table, anchors.members_who(|index| reach[index].touches(*of_table)));
            }
            steps.deal_table(*table, first, &members);
            self.hold((steps, *table), anchors, room);
        }
        let mut path = Vec::with_capacity(most);
        for (anchor, near) in anchors.all.iter().zip(room.near.chunks_exact(most)) {
            path.clear();
            let known = near.iter().take_while(|near| near.row != RowOf::NOWHERE);
            path.extend(known.map(|near| self.streams[near.row.hit(0).view as usize]));
            visit(anchor, &path);
        }
    }

    fn home(&self, anchor: &Anchor) -> Home {
        let within = self.question.within_ms;
        let farthest = match self.question.direction {
            Direction::Before => anchor.time.saturating_sub(within),
            Direction::After => anchor.time.saturating_add(within),
        };
        let here = hour(anchor.time);
        Home { hour: here, within: hour(farthest).abs_diff(here) }
    }

    /// In which hours a step happens that is so many hours away from an anchor in the hour `here`, or nearer.
    #[inline]
    fn reach(&self, here: i32, hours: u32) -> Reach {
        match self.question.direction {
            Direction::Before => Reach { first: here.saturating_sub_unsigned(hours), last: here },
            Direction::After => Reach { first: here, last: here.saturating_add_unsigned(hours) },
        }
    }

    /// Holds the steps of one table that were dealt against the anchors.
    #[inline]
    fn hold(&self, (steps, table): (&Piles<'_>, usize), anchors: &Anchors, room: &mut Room) {
        match steps.hours(table) {
            Some(hours) => {
                let hours_of = |run: Run| {
                    let of_rows = hours.rows(run.rows());
                    move |place: usize| hours.base() + i32::from(of_rows[place])
                };
                self.hold_by((steps, anchors), room, |run| hours.ends(run.rows()), hours_of);
            }
            None => {
                let hours_of = |run: Run| {
                    let times = steps.times(run);
                    move |place: usize| hour(times[place])
                };
                self.hold_by((steps, anchors), room, |_| (i32::MIN, i32::MAX), hours_of);
            }
        }
    }

    /// The same: `ends` are hours between which a run lies, `hours_of` says of each place of it in which hour it happened.
    #[inline]
    fn hold_by<H: Fn(usize) -> i32>(
        &self,
        (steps, anchors): (&Piles<'_>, &Anchors),
        room: &mut Room,
        ends: impl Fn(Run) -> (i32, i32),
        hours_of: impl Fn(Run) -> H,
    ) {
        let Room { homes, near, reach, close } = room;
        let most = self.question.steps;
        for Meeting { anchor: index, run } in meet((steps, anchors), reach, ends, close) {
            let index = *index as usize;
            let (home, near) = (homes[index], &mut near[index * most..][..most]);
            let mut show = |place, hours| {
                let step = Near { hours: u64::from(hours), row: RowOf::new(run.view, run.row(place)) };
                self.show(steps, (&anchors.all[index], home.within), near, step)
            };
            self.approach(home.hour, run.rows().len(), hours_of(*run), &mut show);
            let farthest = near[most - 1].hours;
            reach[index] = self.reach(home.hour, u32::try_from(farthest).expect("hours between two hours"));
        }
    }

    /// Shows the places of a run of so many rows and how many hours each is away from an anchor in the hour `here`, the nearest
    /// first, as long as somebody wants more.
    #[inline]
    fn approach(
        &self,
        here: i32,
        rows: usize,
        hour_of: impl Fn(usize) -> i32,
        show: &mut impl FnMut(usize, u32) -> bool,
    ) {
        let mut show = |place: usize| show(place, hour_of(place).abs_diff(here));
        match self.question.direction {
            Direction::Before => {
                let end = leading(rows, |place| hour_of(place) <= here);
                let _ = (0..end).rev().all(&mut show);
            }
            Direction::After => {
                let start = leading(rows, |place| hour_of(place) < here);
                let _ = (start..rows).all(&mut show);
            }
        }
    }

    /// Puts a step to where it belongs among those that are nearest so far, if it does; `false`: whatever is farther away does
    /// not.
    #[inline]
    fn show(
        &self,
        steps: &Piles<'_>,
        (anchor, within): (&Anchor, u32),
        near: &mut [Near],
        mut step: Near,
    ) -> bool {
        if near.last().is_none_or(|last| last.hours < step.hours) {
            return false;
        }
        let is_edge = step.hours == 0 || step.hours == u64::from(within);
        if !self.steps.lets(&step.row.hit(0)) || is_edge && !self.is_within(steps, anchor, step) {
            return true;
        }
        for other in near {
            // The same hour is rare, and then the instant decides; otherwise either may be closer, and the processor need not
            // guess.
            let is_closer = if step.hours == other.hours {
                self.is_closer(steps, step, *other)
            } else {
                step.hours < other.hours
            };
            (*other, step) = select_unpredictable(is_closer, (step, *other), (*other, step));
        }
        true
    }

    /// Whether a step lies on the right side of an anchor, and not too far away.
    fn is_within(&self, steps: &Piles<'_>, anchor: &Anchor, step: Near) -> bool {
        let (time, arrival) = place(steps, step);
        let order = (time, arrival).cmp(&(anchor.time, anchor.arrival));
        let is_on_its_side = match self.question.direction {
            Direction::Before => order.is_lt(),
            Direction::After => order.is_gt(),
        };
        is_on_its_side && time.abs_diff(anchor.time) <= self.question.within_ms.unsigned_abs()
    }

    /// Whether of two steps within the same hour the first is closer to their anchor.
    fn is_closer(&self, steps: &Piles<'_>, one: Near, other: Near) -> bool {
        if one.row == RowOf::NOWHERE || other.row == RowOf::NOWHERE {
            return other.row == RowOf::NOWHERE && one.row != RowOf::NOWHERE;
        }
        let order = place(steps, one).cmp(&place(steps, other));
        match self.question.direction {
            Direction::Before => order.is_gt(),
            Direction::After => order.is_lt(),
        }
    }
}

/// Where a step stands in the order of rows.
fn place(steps: &Piles<'_>, step: Near) -> (i64, u64) {
    let hit = step.row.hit(0);
    let time = steps.times(Run { view: hit.view, start: hit.row, end: hit.row + 1 })[0];
    (time, steps.arrival(&hit))
}

/// Which of the runs that were dealt may have a step that is as near to an anchor as those so far.
fn meet<'c>(
    (steps, anchors): (&Piles<'_>, &Anchors),
    reach: &[Reach],
    ends: impl Fn(Run) -> (i32, i32),
    close: &'c mut Vec<Meeting>,
) -> &'c [Meeting] {
    let mut count = 0;
    for (place, run) in steps.dealt() {
        let (first, last) = ends(*run);
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
