//! What the rows of an audience say of its past: who was in it, how large it was, who entered and left.
//!
//! It is the past as it was known: a row that came late changes who is in an audience from the moment it came.
//! Two customers who turned out to be one have one past, the rows of both in one order.

use columnar::{CustomerSet, LaneSet, Place, Span, Stream, Walk, for_each_lane};
use model::{CustomerId, Instant, Lane, Text, stream};

/// How large an audience was, and how it came to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// When.
    pub at: Instant,
    /// How many were in it.
    pub members: u64,
    /// How many entered since the instant before.
    pub entered: u64,
    /// How many left since the instant before.
    pub left: u64,
}

/// Somebody entered or left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// When, and which of those at one instant.
    pub place: Place,
    /// Who.
    pub customer: CustomerId,
    /// Entered, or left.
    pub entered: bool,
    /// Why: see [`super::Because::text`]; empty when nothing that the condition reads made it so.
    pub because: Text,
}

/// Which passages to tell.
#[derive(Debug, Clone, Copy)]
pub struct Passages {
    /// Only those that happened then.
    pub span: Span,
    /// Only who entered, or only who left; `None`: both.
    pub entered: Option<bool>,
    /// Go on before this place, which an earlier page ended with.
    pub before: Option<Place>,
    /// At most so many.
    pub limit: usize,
}

/// Who was in the audience at an instant.
pub fn members(audience: &Stream, as_of: Instant) -> CustomerSet {
    CustomerSet::from_lanes(for_each_lane(|lane| {
        let mut members = LaneSet::new();
        let latest = audience.latest(lane, as_of);
        for (ordinal, (view, row)) in latest.iter() {
            if audience.views()[view].property(stream::MEMBER).bool(row) == Some(true) {
                members.insert(ordinal);
            }
        }
        members
    }))
}

/// How large the audience was at each of these instants, which go forward. What entered and left before the first of
/// them is told by none.
pub fn sizes(audience: &Stream, instants: &[Instant]) -> Vec<Size> {
    let Some(last) = instants.last() else { return Vec::new() };
    let counts = for_each_lane(|lane| {
        let mut counts = vec![(0_u64, 0_u64); instants.len()];
        each_change(audience, lane, *last, |place, _, member, _| {
            let (entered, left) = &mut counts[instants.partition_point(|at| *at < place.at)];
            *if member { entered } else { left } += 1;
        });
        counts
    });
    let mut members = 0;
    let size = |(index, at): (usize, &Instant)| {
        let lanes = counts.iter().map(|lane| lane[index]);
        let (entered, left) = lanes.fold((0, 0), |sum, lane| (sum.0 + lane.0, sum.1 + lane.1));
        members = members + entered - left;
        let (entered, left) = if index == 0 { (0, 0) } else { (entered, left) };
        Size { at: *at, members, entered, left }
    };
    instants.iter().enumerate().map(size).collect()
}

/// Who entered and left, the latest first.
pub fn passages(audience: &Stream, asked: &Passages) -> Vec<Passage> {
    let wanted = |place: Place, entered: bool| {
        asked.span.contains(place.at.ms())
            && asked.entered.is_none_or(|wanted| wanted == entered)
            && asked.before.is_none_or(|before| place < before)
    };
    let lanes = for_each_lane(|lane| {
        let mut found = Vec::new();
        each_change(audience, lane, asked.span.until, |place, customer, entered, row| {
            if wanted(place, entered) {
                found.push((place, customer, entered, row));
            }
        });
        latest(&mut found, asked.limit);
        found
    });
    let mut found: Vec<_> = lanes.into_iter().flatten().collect();
    latest(&mut found, asked.limit);
    let tell = |(place, customer, entered, (view, row)): Found| {
        let because = audience.views()[view].property(stream::BECAUSE).text(row).unwrap_or_default();
        Passage { place, customer, entered, because: because.into() }
    };
    found.into_iter().map(tell).collect()
}

/// A passage, and where its row stands: (which view, row).
type Found = (Place, CustomerId, bool, (usize, usize));

fn latest(found: &mut Vec<Found>, limit: usize) {
    found.sort_unstable_by_key(|(place, ..)| std::cmp::Reverse(*place));
    found.truncate(limit);
}

/// Calls `each` whenever somebody of the lane entered or left up to `until`, customer by customer.
fn each_change(
    audience: &Stream,
    lane: Lane,
    until: Instant,
    mut each: impl FnMut(Place, CustomerId, bool, (usize, usize)),
) {
    let views = audience.views();
    let members: Vec<_> = views.iter().map(|view| view.property(stream::MEMBER)).collect();
    let mut walk = Walk::new(views, lane, Span::until(until));
    while let Some((customer, hits)) = walk.next() {
        let mut was = false;
        for hit in hits {
            let (view, row) = (hit.view as usize, hit.row as usize);
            let member = members[view].bool(row) == Some(true);
            if member != was {
                let place = Place { at: Instant::from_ms(hit.time), arrival: views[view].arrival(row) };
                each(place, customer, member, (view, row));
            }
            was = member;
        }
    }
}
