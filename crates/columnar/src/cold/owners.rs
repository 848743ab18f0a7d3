//! To whom each customer was moved in the end: an array per lane, in chunks that snapshots share.

use std::sync::Arc;

use model::{CustomerId, LANES};

const CHUNK: usize = 1024;

/// The root above each customer who was moved. A clone shares every chunk; a change copies one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Owners {
    lanes: [Vec<Option<Arc<[u32; CHUNK]>>>; LANES],
}

impl Owners {
    /// To whom the rows that arrived for `origin` belong.
    #[inline]
    pub(crate) fn of(&self, origin: CustomerId) -> CustomerId {
        let (chunk, place) = place(origin);
        match self.lanes[origin.lane().index()].get(chunk) {
            Some(Some(roots)) => CustomerId::from_number(roots[place]),
            Some(None) | None => origin,
        }
    }

    /// They belong to `root` from now on.
    pub(crate) fn set(&mut self, origin: CustomerId, root: CustomerId) {
        let (chunk, place) = place(origin);
        let chunks = &mut self.lanes[origin.lane().index()];
        if chunks.len() <= chunk {
            chunks.resize(chunk + 1, None);
        }
        let themselves = || {
            let ordinal = |place| u32::try_from(chunk * CHUNK + place).expect("an ordinal is below 2^28");
            Arc::new(std::array::from_fn(|place| CustomerId::new(origin.lane(), ordinal(place)).number()))
        };
        Arc::make_mut(chunks[chunk].get_or_insert_with(themselves))[place] = root.number();
    }

    /// Whether nobody was ever moved.
    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.iter().all(Vec::is_empty)
    }
}

fn place(customer: CustomerId) -> (usize, usize) {
    let ordinal = customer.ordinal() as usize;
    (ordinal / CHUNK, ordinal % CHUNK)
}
