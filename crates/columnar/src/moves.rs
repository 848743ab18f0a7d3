//! Who was moved to whom: a forest whose roots own the rows of everybody below.

use std::sync::Arc;

use model::CustomerId;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::cold::Owners;

/// Who was moved to whom. A row belongs to the root above the customer it arrived for.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// The root above everybody who was ever moved, for snapshots.
    owners: Arc<Owners>,
    parents: FxHashMap<CustomerId, CustomerId>,
    children: FxHashMap<CustomerId, Vec<CustomerId>>,
}

impl Moves {
    /// To whom this customer was moved.
    pub(crate) fn parent(&self, customer: CustomerId) -> Option<CustomerId> {
        self.parents.get(&customer).copied()
    }

    /// Who owns what arrived for this customer.
    pub(crate) fn root(&self, customer: CustomerId) -> CustomerId {
        std::iter::successors(Some(customer), |customer| self.parent(*customer)).last().unwrap_or(customer)
    }

    /// This customer and everybody who was moved to them, directly or through others.
    pub(crate) fn below(&self, customer: CustomerId) -> FxHashSet<CustomerId> {
        let mut below = FxHashSet::default();
        let mut open = vec![customer];
        while let Some(customer) = open.pop() {
            if below.insert(customer) {
                open.extend(self.children.get(&customer).into_iter().flatten());
            }
        }
        below
    }

    /// Everybody who was moved to this customer, directly or through others; as a rule nobody.
    pub(crate) fn moved_to(&self, customer: CustomerId) -> Vec<CustomerId> {
        if !self.children.contains_key(&customer) {
            return Vec::new();
        }
        self.below(customer).into_iter().filter(|below| *below != customer).collect()
    }

    /// `from` stands below `to` from now on. The caller has checked that it makes no circle.
    pub(crate) fn add(&mut self, from: CustomerId, to: CustomerId) {
        self.parents.insert(from, to);
        self.children.entry(to).or_default().push(from);
        self.settle(from);
    }

    /// `from` stands on its own again.
    pub(crate) fn remove(&mut self, from: CustomerId) {
        if let Some(children) = self.parents.remove(&from).and_then(|to| self.children.get_mut(&to)) {
            children.retain(|child| *child != from);
        }
        self.settle(from);
    }

    /// The root above each customer, for as long as it is held.
    pub(crate) fn owners(&self) -> Arc<Owners> {
        Arc::clone(&self.owners)
    }

    /// Everybody below `top` belongs to the root above it now.
    fn settle(&mut self, top: CustomerId) {
        let root = self.root(top);
        let below = self.below(top);
        let owners = Arc::make_mut(&mut self.owners);
        below.into_iter().for_each(|customer| owners.set(customer, root));
    }
}
