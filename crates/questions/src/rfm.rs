//! RFM: who came last when (R), how often (F), for how much (M), in ten groups that a marketer knows by name.
//!
//! The groups follow from the scores of R and F; M is measured for each group
//! and cell. Equal values always get equal scores, so the answer depends on no
//! order of rows or customers.

mod groups;
mod measure;
mod scale;

use columnar::{CustomerSet, LaneSet, Snapshot, Span, for_each_lane};
use model::{Instant, Text};

pub use groups::{Cell, Group};
pub use measure::{Middle, Summary};
pub use scale::{Bound, Scale};

use crate::scope::Scope;
use measure::{Buyers, each_lane, summaries};

/// The question. Its scope names the purchases; the range of the scope is the range of the answer.
#[derive(Clone)]
pub struct Rfm<'q> {
    /// Which events count as purchases, and when.
    pub scope: Scope<'q>,
    /// Which property says for how much; without one, M is 0 for everybody.
    pub amount: Option<Text>,
    /// Whether to compare with the range of equal length right before.
    pub transitions: bool,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct RfmAnswer {
    /// Everybody together.
    pub total: Summary,
    /// The ten groups, in the order of [`Group::ALL`].
    pub groups: Vec<(Group, Summary)>,
    /// The twenty-five cells, F from 5 down, R from 1 up, as the grid is read.
    pub cells: Vec<(Cell, Summary)>,
    /// What R scores mean: last purchases in milliseconds.
    pub recency: Scale<i64>,
    /// What F scores mean.
    pub frequency: Scale<u32>,
    /// How many customers went from which group to which; `None` is "bought nothing then". Only pairs that happened.
    pub moves: Vec<Move>,
    now: Placement,
    before: Option<Placement>,
}

/// How many customers went from one group to another between two ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// In the range before; `None`: bought nothing then.
    pub from: Option<Group>,
    /// In this range; `None`: bought nothing now.
    pub to: Option<Group>,
    /// How many.
    pub customers: usize,
}

/// The cell of each customer: per lane, a code for each ordinal.
#[derive(Debug, Clone)]
struct Placement {
    lanes: Vec<Vec<u8>>,
}

/// The code of whoever bought nothing.
const NOBODY: u8 = 0;

/// Asks the question.
pub fn rfm(snapshot: &Snapshot, question: &Rfm<'_>) -> RfmAnswer {
    let span = question.scope.span;
    let (buyers, recency, frequency) = scored(snapshot, question, span);
    let now = Placement::of(snapshot, &buyers);
    // Nothing lies before a range that is open at its beginning.
    let comparable = question.transitions && span.after != Instant::MIN;
    let before = comparable.then(|| Placement::of(snapshot, &scored(snapshot, question, span.previous()).0));
    let (total, groups, cells) = summaries(&buyers);
    let moves = before.as_ref().map(|before| moves(before, &now)).unwrap_or_default();
    RfmAnswer { total, groups, cells, recency, frequency, moves, now, before }
}

/// Everybody who bought within `span`, each in their cell, and what scores mean.
fn scored(snapshot: &Snapshot, question: &Rfm<'_>, span: Span) -> (Vec<Buyers>, Scale<i64>, Scale<u32>) {
    let streams = question.scope.streams(snapshot);
    let mut buyers = for_each_lane(|lane| Buyers::of(snapshot, question, (&streams, span), lane));
    let recency = Scale::of(&each_lane(&buyers, |lane| &lane.last));
    let frequency = Scale::of(&each_lane(&buyers, |lane| &lane.count));
    let codes = for_each_lane(|lane| {
        let buyers = &buyers[lane.index()];
        let scores = recency.scores(&buyers.last).into_iter().zip(frequency.scores(&buyers.count));
        scores.map(|(r, f)| Cell { r, f }.code()).collect()
    });
    buyers.iter_mut().zip(codes).for_each(|(buyers, codes)| buyers.codes = codes);
    (buyers, recency, frequency)
}

fn moves(before: &Placement, now: &Placement) -> Vec<Move> {
    const PLACES: usize = Cell::CODES;
    let mut counts = vec![0_usize; PLACES * PLACES];
    for (before, now) in before.lanes.iter().zip(&now.lanes) {
        for (from, to) in before.iter().zip(now) {
            counts[usize::from(*from) * PLACES + usize::from(*to)] += 1;
        }
    }
    let groups = || std::iter::once(None).chain(Group::ALL.map(Some));
    let mut moves = Vec::new();
    for (from, to) in groups().flat_map(|from| groups().map(move |to| (from, to))) {
        let codes = |group: Option<Group>| {
            (0_u8..).take(PLACES).filter(move |code| Cell::from_code(*code).map(Cell::group) == group)
        };
        let pairs =
            codes(from).flat_map(|from| codes(to).map(move |to| (usize::from(from), usize::from(to))));
        let customers = pairs.map(|(from, to)| counts[from * PLACES + to]).sum();
        if customers > 0 && (from, to) != (None, None) {
            moves.push(Move { from, to, customers });
        }
    }
    moves
}

impl Placement {
    fn of(snapshot: &Snapshot, buyers: &[Buyers]) -> Self {
        let lanes = for_each_lane(|lane| {
            let buyers = &buyers[lane.index()];
            let mut codes = vec![NOBODY; snapshot.ordinals(lane)];
            for (ordinal, code) in buyers.ordinals.iter().zip(&buyers.codes) {
                codes[*ordinal as usize] = *code;
            }
            codes
        });
        Self { lanes }
    }

    fn all(&self, test: impl Fn(Option<Cell>) -> bool + Sync) -> CustomerSet {
        let mut yes = [false; Cell::CODES];
        (0_u8..).zip(&mut yes).for_each(|(code, yes)| *yes = test(Cell::from_code(code)));
        let lane = |codes: &[u8]| LaneSet::from_test(codes.len(), |ordinal| yes[usize::from(codes[ordinal])]);
        CustomerSet::from_lanes(for_each_lane(|index| lane(&self.lanes[index.index()])))
    }
}

impl RfmAnswer {
    /// Everybody in this group.
    pub fn in_group(&self, group: Group) -> CustomerSet {
        self.now.all(|cell| cell.map(Cell::group) == Some(group))
    }

    /// Everybody in this cell.
    pub fn in_cell(&self, cell: Cell) -> CustomerSet {
        self.now.all(|other| other == Some(cell))
    }

    /// Everybody who bought.
    pub fn customers(&self) -> CustomerSet {
        self.now.all(|cell| cell.is_some())
    }

    /// Everybody who went from one group (`None`: bought nothing) to another.
    pub fn moved(&self, from: Option<Group>, to: Option<Group>) -> CustomerSet {
        let Some(before) = &self.before else { return CustomerSet::new() };
        let there = self.now.all(|cell| cell.is_some() && cell.map(Cell::group) == to);
        let here = before.all(|cell| cell.is_some() && cell.map(Cell::group) == from);
        match (from, to) {
            (None, None) => CustomerSet::new(),
            (None, Some(_)) => there - &before.all(|cell| cell.is_some()),
            (Some(_), None) => here - &self.customers(),
            (Some(_), Some(_)) => here & &there,
        }
    }

    /// The cell of a customer; `None`: bought nothing.
    pub fn cell_of(&self, customer: model::CustomerId) -> Option<Cell> {
        let lane = &self.now.lanes[customer.lane().index()];
        lane.get(customer.ordinal() as usize).and_then(|code| Cell::from_code(*code))
    }
}
