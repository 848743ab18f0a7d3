//! What customers have to spare: how much has to come of them before what a term says can change. It is used up row by row, and
//! known anew when the term is asked. It may be less than it could be, never more.

use model::CustomerId;
use rustc_hash::FxHashMap;

/// Of each customer who has any.
#[derive(Debug, Default)]
pub(super) struct Spare {
    left: FxHashMap<CustomerId, f32>,
}

impl Spare {
    /// This customer was asked: so much is there from now on.
    pub(super) fn set(&mut self, customer: CustomerId, spare: f64) {
        // Whoever has no more than one row to spare is asked at the next one, or at the one after.
        if spare > 1.0 {
            self.left.insert(customer, rounded_down(spare));
        } else {
            self.left.remove(&customer);
        }
    }

    /// So much came: whether there was enough.
    pub(super) fn use_up(&mut self, customer: CustomerId, weight: f64) -> bool {
        let Some(left) = self.left.get_mut(&customer) else { return false };
        *left = rounded_down(f64::from(*left) - weight);
        let is_enough = *left > 0.0;
        if !is_enough {
            self.left.remove(&customer);
        }
        is_enough
    }

    /// Nothing is known of this customer any more.
    pub(super) fn forget(&mut self, customer: CustomerId) {
        self.left.remove(&customer);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the rounding is made good")]
fn rounded_down(spare: f64) -> f32 {
    (spare as f32).next_down()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(spare: f64, weight: f64) -> usize {
        let (mut spares, customer) = (Spare::default(), CustomerId::from_number(7));
        spares.set(customer, spare);
        std::iter::from_fn(|| spares.use_up(customer, weight).then_some(())).count()
    }

    #[test]
    fn who_lacks_three_rows_is_asked_at_the_third() {
        assert_eq!(uses(3.0, 1.0), 2);
        assert_eq!(uses(1.0, 1.0), 0);
    }

    #[test]
    fn of_a_sum_nothing_is_rounded_in_its_favour() {
        assert_eq!(uses(90.0, 0.1), 899);
        assert!(uses(1e12, 1e4) < 100_000_000);
    }
}
