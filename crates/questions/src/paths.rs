//! Paths: what people did in the steps before, or after, something happened.

use columnar::{CustomerSet, Hit, LaneSet, Snapshot, Span, Stream, View, for_each_lane, gather};
use model::{Lane, Text};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::count::count;
use crate::error::Error;
use crate::scope::{Gate, Scope};

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
    let who = count(snapshot, &question.anchor).customers;
    let lanes = for_each_lane(|lane| LanePaths::new(snapshot, question, &streams, lane).count(&who));
    let mut counts = Counts::default();
    for (path, anchors) in lanes.into_iter().flatten() {
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
    found.sort_by_cached_key(|(path, anchors)| (std::cmp::Reverse(*anchors), in_time(path)));
    let name = |step: u16| streams[usize::from(step)].name().clone();
    let top = found.iter().take(question.top).map(|(path, anchors)| Path {
        steps: in_time(path).into_iter().map(name).collect(),
        anchors: *anchors,
    });
    let top = top.collect();
    found.sort_unstable();
    Ok(PathsAnswer { anchors, customers: who.len(), paths: top, tree: branches(&found, 0, &name) })
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
    let who = count(snapshot, &question.anchor).customers;
    let lanes = for_each_lane(|lane| {
        let mut customers = LaneSet::with_room(snapshot.ordinals(lane));
        LanePaths::new(snapshot, question, &streams, lane).each(&who, |ordinal, path| {
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
    branches.sort_by_key(|branch| std::cmp::Reverse(branch.anchors));
    branches
}

/// One lane: tables of anchors and steps, and what their rows may be.
struct LanePaths<'q> {
    question: &'q Paths<'q>,
    lane: Lane,
    tables: Vec<Rows<'q>>,
}

struct Rows<'q> {
    view: &'q View,
    /// The place of its stream.
    stream: u16,
    /// When its rows may be anchors: which.
    anchors: Option<Gate>,
    /// When its rows may be steps: which.
    steps: Option<Gate>,
}

impl<'q> LanePaths<'q> {
    fn new(snapshot: &'q Snapshot, question: &'q Paths<'q>, streams: &[&'q Stream], lane: Lane) -> Self {
        let is_in = |scope: &Scope<'_>, stream: &Stream| {
            scope.streams(snapshot).iter().any(|other| other.name() == stream.name())
        };
        let mut tables = Vec::new();
        for (place, stream) in (0_u16..).zip(streams) {
            let (anchor, step) = (is_in(&question.anchor, stream), is_in(&question.events, stream));
            tables.extend(stream.views().iter().map(|view| Rows {
                view,
                stream: place,
                anchors: anchor.then(|| Gate::new(&question.anchor, view, lane)),
                steps: step.then(|| Gate::new(&question.events, view, lane)),
            }));
        }
        // Nothing is an anchor or a step in them: so, too, when nobody waits any more.
        let is_open = |gate: &Option<Gate>| gate.as_ref().is_some_and(|gate| !gate.is_shut());
        tables.retain(|table| is_open(&table.anchors) || is_open(&table.steps));
        Self { question, lane, tables }
    }

    /// Counts the paths of everybody in `who`, who have an anchor.
    fn count(&self, who: &CustomerSet) -> Counts {
        let mut counts = Counts::default();
        self.each(who, |_, path| match counts.get_mut(path) {
            Some(count) => *count += 1,
            None => drop(counts.insert(path.to_vec(), 1)),
        });
        counts
    }

    /// Shows the path of every anchor that counts of everybody in `who`: the customer's ordinal, the nearest step first.
    fn each(&self, who: &CustomerSet, mut visit: impl FnMut(u32, &[u16])) {
        let (mut path, mut anchors) = (Vec::new(), Vec::new());
        let views = self.tables.iter().map(|table| table.view);
        gather(views, self.lane, who.lane(self.lane), Span::EVER, |customer, hits| {
            anchors.clear();
            anchors.extend((0..hits.len()).filter(|index| self.is_anchor(&hits[*index])));
            match self.question.occurrence {
                Occurrence::First => anchors.truncate(1),
                Occurrence::Last => drop(anchors.drain(..anchors.len().saturating_sub(1))),
                Occurrence::Each => {}
            }
            for anchor in &anchors {
                self.follow(hits, *anchor, &mut path);
                visit(customer.ordinal(), &path);
            }
        });
    }

    fn is_anchor(&self, hit: &Hit) -> bool {
        let lets = |gate: &Gate| gate.lets(hit.row as usize);
        self.tables[hit.view as usize].anchors.as_ref().is_some_and(lets)
            && self.question.anchor.span.contains(hit.time)
    }

    /// The stream of a step, when it is one.
    fn step(&self, hit: &Hit) -> Option<u16> {
        let table = &self.tables[hit.view as usize];
        let lets = |gate: &Gate| gate.lets(hit.row as usize);
        let is_step = self.question.events.span.contains(hit.time) && table.steps.as_ref().is_some_and(lets);
        is_step.then_some(table.stream)
    }

    /// The path of one anchor, the nearest step first.
    fn follow(&self, hits: &[Hit], anchor: usize, path: &mut Vec<u16>) {
        path.clear();
        let at = hits[anchor].time;
        let mut take = |hit: &Hit| {
            if hit.time.abs_diff(at) > self.question.within_ms.unsigned_abs() {
                return false;
            }
            let Some(step) = self.step(hit) else { return true };
            if self.question.collapse && path.last() == Some(&step) {
                return true;
            }
            let room = path.len() < self.question.steps;
            if room {
                path.push(step);
            }
            room
        };
        match self.question.direction {
            Direction::Before => drop(hits[..anchor].iter().rev().all(&mut take)),
            Direction::After => drop(hits[anchor + 1..].iter().all(&mut take)),
        }
    }
}
