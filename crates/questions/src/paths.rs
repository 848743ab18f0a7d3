//! Paths: what people did in the steps before, or after, something happened.

use std::cmp::{Ordering, Reverse};

use columnar::{BLOCK, CustomerSet, Hit, LaneSet, Members, Piles, Snapshot, Stream, for_each_lane};
use model::{Lane, Text};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::scope::{Meant, Scope};

/// The question.
#[derive(Clone)]
pub struct Paths<'q> {
    /// What is looked back or forward from.
    pub anchor: Scope<'q>,
    /// Which of a customer's anchors count.
    pub occurrence: Occurrence,
    /// In which direction.
    pub direction: Direction,
    /// Which rows are steps. Their range is usually all of time: `within_ms` bounds them.
    pub events: Scope<'q>,
    /// How many steps, at most [`PATH_STEPS_MAX`].
    pub steps: usize,
    /// How far from its anchor a step may be.
    pub within_ms: i64,
    /// Whether several steps of one name in a row are one.
    pub collapse: bool,
    /// How many of the most frequent paths are told.
    pub top: usize,
}

/// Which of a customer's anchors count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occurrence {
    /// The first one.
    First,
    /// The last one.
    Last,
    /// Each.
    Each,
}

/// In which direction paths are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What came before the anchor.
    Before,
    /// What came after the anchor.
    After,
}

/// A path has at most so many steps.
pub const PATH_STEPS_MAX: usize = 10;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathsAnswer {
    /// How many anchors there were.
    pub anchors: u64,
    /// Of how many customers.
    pub customers: usize,
    /// The most frequent paths, in the order of time; of equally frequent ones the one that is first by name. A path is
    /// shorter when nothing (more) happened within reach.
    pub paths: Vec<Path>,
    /// All paths as a tree from the anchor on, the nearest step first.
    pub tree: Vec<Branch>,
}

/// One path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The streams, in the order of time.
    pub steps: Vec<Text>,
    /// How many anchors had it.
    pub anchors: u64,
}

/// One step in the tree of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The stream.
    pub step: Text,
    /// How many anchors came this way.
    pub anchors: u64,
    /// How many of them went no further.
    pub ended: u64,
    /// Where the others went, the most frequent first.
    pub next: Vec<Branch>,
}

/// Steps as places in the list of streams, the nearest to the anchor first; the number of anchors with them.
type Counts = FxHashMap<Vec<u16>, u64>;

/// Asks the question.
///
/// # Errors
/// When there are too many steps, or the reach is negative.
pub fn paths(snapshot: &Snapshot, question: &Paths<'_>) -> Result<PathsAnswer, Error> {
    let streams = check(snapshot, question)?;
    let lanes = for_each_lane(|lane| LanePaths::new(snapshot, question, &streams, lane).count());
    let customers = lanes.iter().map(|(_, customers)| customers).sum();
    let mut counts = Counts::default();
    for (path, anchors) in lanes.into_iter().flat_map(|(counts, _)| counts) {
        *counts.entry(path).or_default() += anchors;
    }
    let anchors = counts.values().sum();
    let mut found: Vec<(&Vec<u16>, u64)> = counts.iter().map(|(path, anchors)| (path, *anchors)).collect();
    let in_time = |path: &[u16]| -> Vec<u16> {
        match question.direction {
            Direction::Before => path.iter().rev().copied().collect(),
            Direction::After => path.to_vec(),
        }
    };
    found.sort_by_cached_key(|(path, anchors)| (Reverse(*anchors), in_time(path)));
    let name = |step: u16| streams[usize::from(step)].name().clone();
    let top = found.iter().take(question.top).map(|(path, anchors)| Path {
        steps: in_time(path).into_iter().map(name).collect(),
        anchors: *anchors,
    });
    let top = top.collect();
    found.sort_unstable();
    Ok(PathsAnswer { anchors, customers, paths: top, tree: branches(&found, 0, &name) })
}

/// Whose paths are `wanted`: of an anchor that counts, the streams of its path, the nearest to it first.
///
/// # Errors
/// As [`paths`].
pub fn path_customers(
    snapshot: &Snapshot,
    question: &Paths<'_>,
    wanted: impl Fn(&[&Text]) -> bool + Sync,
) -> Result<CustomerSet, Error> {
    let streams = check(snapshot, question)?;
    let lanes = for_each_lane(|lane| {
        let mut customers = LaneSet::with_room(snapshot.ordinals(lane));
        LanePaths::new(snapshot, question, &streams, lane).each(|ordinal, path| {
            let names: Vec<&Text> = path.iter().map(|step| streams[usize::from(*step)].name()).collect();
            if wanted(&names) {
                customers.insert(ordinal);
            }
        });
        customers
    });
    Ok(CustomerSet::from_lanes(lanes))
}

/// Every stream of the question, once, by name.
fn check<'s>(snapshot: &'s Snapshot, question: &Paths<'_>) -> Result<Vec<&'s Stream>, Error> {
    if question.steps > PATH_STEPS_MAX {
        return Err(Error::TooLarge { what: "steps", number: question.steps, limit: PATH_STEPS_MAX });
    }
    if question.within_ms < 0 {
        let value = question.within_ms.to_string();
        return Err(Error::Invalid { field: "within_ms", expected: "0 or more", value });
    }
    let mut streams = question.anchor.streams(snapshot);
    streams.extend(question.events.streams(snapshot));
    streams.sort_by_key(|stream| stream.name());
    streams.dedup_by_key(|stream| stream.name());
    let limit = usize::from(u16::MAX);
    if streams.len() > limit {
        return Err(Error::TooLarge { what: "streams", number: streams.len(), limit });
    }
    Ok(streams)
}

/// The branches of sorted paths that agree on their first `depth` steps.
fn branches(paths: &[(&Vec<u16>, u64)], depth: usize, name: &dyn Fn(u16) -> Text) -> Vec<Branch> {
    let longer = paths.iter().position(|(path, _)| path.len() > depth).unwrap_or(paths.len());
    let mut branches: Vec<Branch> = paths[longer..]
        .chunk_by(|(a, _), (b, _)| a[depth] == b[depth])
        .map(|same| {
            let ended =
                same.iter().filter(|(path, _)| path.len() == depth + 1).map(|(_, anchors)| anchors).sum();
            Branch {
                step: name(same[0].0[depth]),
                anchors: same.iter().map(|(_, anchors)| anchors).sum(),
                ended,
                next: branches(same, depth + 1, name),
            }
        })
        .collect();
    branches.sort_by_key(|branch| Reverse(branch.anchors));
    branches
}

/// One lane: anchors, and what may be steps of their paths.
struct LanePaths<'q> {
    question: &'q Paths<'q>,
    lane: Lane,
    anchors: Meant<'q>,
    steps: Meant<'q>,
    /// For each table of steps the place of its stream.
    streams: Vec<u16>,
}

impl<'q> LanePaths<'q> {
    fn new(snapshot: &'q Snapshot, question: &'q Paths<'q>, streams: &[&'q Stream], lane: Lane) -> Self {
        let (mut anchors, mut steps, mut of_steps) = (Meant::default(), Meant::default(), Vec::new());
        for stream in question.anchor.streams(snapshot) {
            for view in stream.views() {
                anchors.add(&question.anchor, view, lane);
            }
        }
        for stream in question.events.streams(snapshot) {
            let place = streams.iter().position(|other| other.name() == stream.name());
            let place = place.and_then(|place| u16::try_from(place).ok()).expect("there are few streams");
            for view in stream.views() {
                if steps.add(&question.events, view, lane) {
                    of_steps.push(place);
                }
            }
        }
        Self { question, lane, anchors, steps, streams: of_steps }
    }

    /// Counts the paths of all anchors, and the customers who have one.
    fn count(&self) -> (Counts, usize) {
        let (mut counts, mut customers, mut last) = (Counts::default(), 0, None);
        self.each(|ordinal, path| {
            customers += usize::from(last.replace(ordinal) != Some(ordinal));
            match counts.get_mut(path) {
                Some(count) => *count += 1,
                None => drop(counts.insert(path.to_vec(), 1)),
            }
        });
        (counts, customers)
    }

    /// Shows the path of every anchor that counts: the customer's ordinal, the nearest step first. A block of customers
    /// goes from its anchors to the steps of those who have one.
    fn each(&self, mut visit: impl FnMut(u32, &[u16])) {
        let mut anchors = Piles::new(self.anchors.views.iter().copied(), self.lane);
        let mut steps = Piles::new(self.steps.views.iter().copied(), self.lane);
        let (everybody, mut found) = (Members::all(), Anchors::default());
        let (mut near, mut path) = (Vec::new(), Vec::new());
        while let Some(first) = anchors.next() {
            anchors.deal(first, &everybody);
            found.take(&anchors, &self.anchors, self.question.occurrence);
            steps.deal(first, &Members::at(found.whose.iter().map(|(place, _)| *place).collect()));
            steps.look_ahead();
            for (place, from) in found.iter() {
                for anchor in from {
                    self.nearest(&steps, place, (anchor, anchors.arrival(anchor)), &mut near);
                    self.follow(&near, anchor.time, &mut path);
                    visit(first + place, &path);
                }
            }
        }
    }

    /// The steps nearest to an anchor, the nearest first: no more than a path can have.
    fn nearest(&self, steps: &Piles<'_>, place: u32, (anchor, arrival): (&Hit, u64), near: &mut Vec<Hit>) {
        near.clear();
        for run in steps.of(place) {
            let times = steps.times(*run);
            let hit = |(row, time): (u32, &i64)| Hit { time: *time, view: run.view, row };
            let hits = (run.start..run.end).zip(times).map(hit);
            let earlier = times.partition_point(|time| *time < anchor.time);
            let ties = hits.clone().skip(earlier).take_while(|hit| hit.time == anchor.time);
            match self.question.direction {
                Direction::Before => {
                    let before = earlier + ties.take_while(|hit| steps.arrival(hit) < arrival).count();
                    self.add_near(hits.take(before).rev(), steps, near);
                }
                Direction::After => {
                    let until = earlier + ties.take_while(|hit| steps.arrival(hit) <= arrival).count();
                    self.add_near(hits.skip(until), steps, near);
                }
            }
        }
        if self.question.collapse {
            near.sort_unstable_by(|one, other| self.closer(steps, one, other));
        }
    }

    /// Adds steps to those that are nearest so far; both have the nearest first.
    #[inline]
    fn add_near(&self, hits: impl Iterator<Item = Hit>, steps: &Piles<'_>, near: &mut Vec<Hit>) {
        let is_closer = |one: &Hit, other: &Hit| self.closer(steps, one, other).is_lt();
        for hit in hits.filter(|hit| self.steps.lets(hit)) {
            // Of steps that are told as one it is not known how many make a path: they are put in order at the end.
            if self.question.collapse {
                near.push(hit);
                continue;
            }
            let place = near.iter().rposition(|other| is_closer(other, &hit)).map_or(0, |last| last + 1);
            if place == self.question.steps {
                return;
            }
            near.truncate(self.question.steps - 1);
            near.insert(place, hit);
        }
    }

    /// Which of two steps on one side of an anchor is closer to it: that one is less.
    #[inline]
    fn closer(&self, steps: &Piles<'_>, one: &Hit, other: &Hit) -> Ordering {
        let in_time = one.time.cmp(&other.time).then_with(|| steps.arrival(one).cmp(&steps.arrival(other)));
        match self.question.direction {
            Direction::Before => in_time.reverse(),
            Direction::After => in_time,
        }
    }

    /// The path of an anchor at an instant (in milliseconds): of the steps near it, the nearest first, those within reach.
    fn follow(&self, near: &[Hit], at: i64, path: &mut Vec<u16>) {
        path.clear();
        let within = |hit: &&Hit| hit.time.abs_diff(at) <= self.question.within_ms.unsigned_abs();
        for hit in near.iter().take_while(within) {
            let step = self.streams[hit.view as usize];
            if self.question.collapse && path.last() == Some(&step) {
                continue;
            }
            if path.len() == self.question.steps {
                return;
            }
            path.push(step);
        }
    }
}

/// The anchors that count of those customers of a block who have one.
#[derive(Default)]
struct Anchors {
    /// Customer by customer, each in order.
    all: Vec<Hit>,
    /// Whose they are, by the place in the block, and where those of each end.
    whose: Vec<(u32, usize)>,
    /// Those of one customer.
    hits: Vec<Hit>,
}

impl Anchors {
    fn take(&mut self, piles: &Piles<'_>, meant: &Meant<'_>, occurrence: Occurrence) {
        self.all.clear();
        self.whose.clear();
        for place in 0..BLOCK {
            piles.rows(place, &mut self.hits);
            self.hits.retain(|hit| meant.lets(hit));
            let counting = match occurrence {
                Occurrence::First => self.hits.get(..1),
                Occurrence::Last => self.hits.last().map(std::slice::from_ref),
                Occurrence::Each => Some(&self.hits[..]),
            };
            if let Some(counting @ [_, ..]) = counting {
                self.all.extend(counting);
                self.whose.push((place, self.all.len()));
            }
        }
    }

    /// Each customer by the place in the block, and their anchors.
    fn iter(&self) -> impl Iterator<Item = (u32, &[Hit])> {
        let starts = std::iter::once(0).chain(self.whose.iter().map(|(_, end)| *end));
        starts.zip(&self.whose).map(|(start, (place, end))| (*place, &self.all[start..*end]))
    }
}
