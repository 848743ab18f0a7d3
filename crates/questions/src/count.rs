//! Count: how many rows, of how many customers.

use columnar::{CustomerSet, LaneSet, Snapshot, for_each_lane};

use crate::scope::Scope;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// How many rows.
    pub events: u64,
    /// Whose.
    pub customers: CustomerSet,
}

/// How many rows a scope has, and of whom.
pub fn count(snapshot: &Snapshot, scope: &Scope<'_>) -> Count {
    let streams = scope.streams(snapshot);
    let lanes = for_each_lane(|lane| {
        let mut customers = LaneSet::with_room(snapshot.ordinals(lane));
        let mut events = 0;
        for view in streams.iter().flat_map(|stream| stream.views()) {
            scope.each_chunk(view, lane, |chunk| {
                events += chunk.customers.len() as u64;
                customers.insert_all(chunk.customers);
            });
        }
        (events, customers)
    });
    let events = lanes.iter().map(|(events, _)| events).sum();
    Count {
        events,
        customers: CustomerSet::from_lanes(lanes.into_iter().map(|(_, customers)| customers).collect()),
    }
}
