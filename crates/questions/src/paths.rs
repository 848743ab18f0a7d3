//! Paths: what people did in the steps before, or after, something happened.

mod nearest;
mod tally;

use std::cmp::Reverse;
use std::ops::Range;

use columnar::{BLOCK, CustomerSet, Hit, LaneSet, Members, Piles, Snapshot, Stream, for_each_lane};
use model::{Lane, Text};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::scope::{Meant, Scope};

use self::nearest::Reach;
use self::tally::{Counts, Tally};

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

/// Asks the question.
///
/// # Errors
/// When there are too many steps, or the reach is negative.
pub fn paths(snapshot: &Snapshot, question: &Paths<'_>) -> Result<PathsAnswer, Error> {
    let streams = check(snapshot, question)?;
    let lanes = for_each_lane(|lane| LanePaths::new(snapshot, question, &streams, lane).count(streams.len()));
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
    /// The tables of steps and their days, those of many days and the largest first: what is near an anchor is then mostly
    /// known after the first ones.
    by_days: Vec<(usize, Reach)>,
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
        let days = |table: usize| (table, Reach::days(steps.views[table].extent(lane)));
        let mut by_days: Vec<_> = (0..steps.views.len()).map(days).collect();
        by_days.sort_by_key(|(table, days)| {
            (Reverse(days.len()), *days, Reverse(steps.views[*table].lane_rows(lane).len()))
        });
        Self { question, lane, anchors, steps, streams: of_steps, by_days }
    }

    /// Counts the paths of all anchors, and the customers who have one.
    fn count(&self, streams: usize) -> (Counts, usize) {
        let (mut tally, mut customers, mut last) = (Tally::new(streams, self.question.steps), 0, None);
        self.each(|ordinal, path| {
            customers += usize::from(last.replace(ordinal) != Some(ordinal));
            tally.add(path);
        });
        (tally.finish(), customers)
    }

    /// Shows the path of every anchor that counts: the customer's ordinal, the nearest step first. A block of customers
    /// goes from its anchors to the steps of those who have one.
    fn each(&self, mut visit: impl FnMut(u32, &[u16])) {
        let mut piles = Piles::new(self.anchors.views.iter().copied(), self.lane);
        let mut steps = Piles::new(self.steps.views.iter().copied(), self.lane).by_the_hour();
        let (everybody, mut anchors, mut room) =
            (Members::all(), Anchors::default(), nearest::Room::default());
        while let Some(first) = piles.next(None) {
            piles.deal(first, &everybody);
            anchors.take(&piles, &self.anchors, self.question.occurrence);
            let visit = |anchor: &Anchor, path: &[u16]| visit(first + anchor.place, path);
            if self.question.collapse {
                self.collapsed((&mut steps, first), &anchors, visit);
            } else {
                self.nearest((&mut steps, first), &anchors, &mut room, visit);
            }
        }
    }

    /// Shows the path of each anchor of the block that begins with ordinal `first`, where several steps of one name in a
    /// row are one: it is not known beforehand how many steps that takes, so each customer's are put in order.
    fn collapsed(
        &self,
        (steps, first): (&mut Piles<'_>, u32),
        anchors: &Anchors,
        mut visit: impl FnMut(&Anchor, &[u16]),
    ) {
        steps.deal(first, &anchors.members());
        let (mut hits, mut path) = (Vec::new(), Vec::new());
        for anchor in &anchors.all {
            steps.rows(anchor.place, &mut hits);
            hits.retain(|hit| self.steps.lets(hit));
            let place = |hit: &Hit| (hit.time, steps.arrival(hit));
            let at = (anchor.time, anchor.arrival);
            path.clear();
            match self.question.direction {
                Direction::Before => {
                    let before = hits.partition_point(|hit| place(hit) < at);
                    self.follow(hits[..before].iter().rev(), anchor, &mut path);
                }
                Direction::After => {
                    let until = hits.partition_point(|hit| place(hit) <= at);
                    self.follow(hits[until..].iter(), anchor, &mut path);
                }
            }
            visit(anchor, &path);
        }
    }

    /// Follows the steps of an anchor, the nearest first, as long as they are within reach.
    fn follow<'h>(&self, hits: impl Iterator<Item = &'h Hit>, anchor: &Anchor, path: &mut Vec<u16>) {
        let within = |hit: &&Hit| hit.time.abs_diff(anchor.time) <= self.question.within_ms.unsigned_abs();
        let streams = hits.take_while(within).map(|hit| self.streams[hit.view as usize]);
        for step in streams {
            if path.last() == Some(&step) {
                continue;
            }
            if path.len() == self.question.steps {
                return;
            }
            path.push(step);
        }
    }
}

/// An event that paths lead to or from.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    /// Whose it is, by the place in the block.
    place: u32,
    /// In milliseconds.
    time: i64,
    arrival: u64,
}

/// The anchors of one block of customers that count.
#[derive(Debug, Default)]
struct Anchors {
    /// Customer by customer, each in order.
    all: Vec<Anchor>,
    /// Where those of each place of the block begin, and where the last one's end.
    starts: Vec<u32>,
    /// Those of one customer.
    hits: Vec<Hit>,
}

impl Anchors {
    fn take(&mut self, piles: &Piles<'_>, meant: &Meant<'_>, occurrence: Occurrence) {
        self.all.clear();
        self.starts.clear();
        for place in 0..BLOCK {
            self.starts.push(u32::try_from(self.all.len()).expect("a table has less than 2^32 rows"));
            if piles.of(place).is_empty() {
                continue;
            }
            piles.rows(place, &mut self.hits);
            self.hits.retain(|hit| meant.lets(hit));
            let counting = match occurrence {
                Occurrence::First => self.hits.get(..1),
                Occurrence::Last => self.hits.last().map(std::slice::from_ref),
                Occurrence::Each => Some(&self.hits[..]),
            };
            let anchor = |hit: &Hit| Anchor { place, time: hit.time, arrival: piles.arrival(hit) };
            self.all.extend(counting.unwrap_or_default().iter().map(anchor));
        }
        self.starts.push(u32::try_from(self.all.len()).expect("a table has less than 2^32 rows"));
    }

    /// Who has one.
    fn members(&self) -> Members {
        self.members_who(|_| true)
    }

    /// Who has one for which `test` says yes, by its place among all.
    fn members_who(&self, test: impl Fn(usize) -> bool) -> Members {
        let anchors = self.all.iter().enumerate().filter(|(index, _)| test(*index));
        let mut places: Vec<u32> = anchors.map(|(_, anchor)| anchor.place).collect();
        places.dedup();
        Members::at(places)
    }

    /// Which are those of the customer at this place of the block.
    #[inline]
    fn of(&self, place: u32) -> Range<u32> {
        self.starts[place as usize]..self.starts[place as usize + 1]
    }
}
