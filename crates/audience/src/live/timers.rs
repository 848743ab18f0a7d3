//! The timers of one term: when to look at a customer again. A timer may be early, never late.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use model::{CustomerId, Instant};
use rustc_hash::FxHashMap;

/// One timer for each customer who has one.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: FxHashMap<CustomerId, Instant>,
    /// In the order in which they ring. What `due` does not know (any more) is stale.
    order: BinaryHeap<Reverse<(Instant, CustomerId)>>,
}

impl Timers {
    /// Sees to it that a customer is looked at at that instant or before; whether that needs a new timer.
    pub(super) fn set(&mut self, customer: CustomerId, at: Instant) -> bool {
        // An earlier timer will look and set this one then: a regular customer's timer is not set anew by every event.
        let is_new = self.due.get(&customer).is_none_or(|due| *due > at);
        if is_new {
            self.due.insert(customer, at);
            self.order.push(Reverse((at, customer)));
        }
        is_new
    }

    /// The first one to ring.
    pub(super) fn first(&mut self) -> Option<(Instant, CustomerId)> {
        while let Some(Reverse((at, customer))) = self.order.peek().copied() {
            if self.due.get(&customer) == Some(&at) {
                return Some((at, customer));
            }
            self.order.pop();
        }
        None
    }

    /// Takes the timer that rings out, if it is there.
    pub(super) fn ring(&mut self, (at, customer): (Instant, CustomerId)) -> bool {
        let rings = self.due.get(&customer) == Some(&at);
        if rings {
            self.due.remove(&customer);
        }
        rings
    }

    /// Forgets a customer's timer.
    pub(super) fn forget(&mut self, customer: CustomerId) {
        self.due.remove(&customer);
    }
}

impl FromIterator<(CustomerId, Instant)> for Timers {
    fn from_iter<I: IntoIterator<Item = (CustomerId, Instant)>>(timers: I) -> Self {
        let due: FxHashMap<CustomerId, Instant> = timers.into_iter().collect();
        let order = due.iter().map(|(customer, at)| Reverse((*at, *customer))).collect();
        Self { due, order }
    }
}
