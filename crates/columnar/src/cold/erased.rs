//! Who was erased, for rows in which nothing can be changed any more.

use model::CustomerId;
use rustc_hash::FxHashMap;

/// Up to which place in the order of arrival the rows of each erased customer are gone. It is kept by whom rows arrived
/// for: who is separated from an erased customer later comes back without what was erased.
#[derive(Debug, Clone, Default)]
pub(crate) struct Erased {
    until: FxHashMap<CustomerId, u64>,
}

impl Erased {
    /// What arrived for these before `arrival` is gone.
    pub(crate) fn erase(&mut self, origins: impl IntoIterator<Item = CustomerId>, arrival: u64) {
        self.until.extend(origins.into_iter().map(|origin| (origin, arrival)));
    }

    /// Whether the row that arrived so for `origin` is gone.
    #[inline]
    pub(crate) fn contains(&self, origin: CustomerId, arrival: u64) -> bool {
        self.until.get(&origin).is_some_and(|until| arrival < *until)
    }

    /// Whether nobody was ever erased.
    pub(crate) fn is_empty(&self) -> bool {
        self.until.is_empty()
    }
}
