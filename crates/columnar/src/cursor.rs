//! The rows of one lane of one table, going by customer after customer.

use std::ops::Range;

use model::{CustomerId, Lane};

use crate::table::View;

/// The rows of one lane of one table that are still to come. It only goes forward.
#[derive(Debug)]
pub struct Cursor<'v> {
    view: &'v View,
    /// The ranges after `rows`, in reverse.
    later: Vec<Range<usize>>,
    rows: Range<usize>,
}

impl<'v> Cursor<'v> {
    /// Before the first customer of `lane`.
    pub fn new(view: &'v View, lane: Lane) -> Self {
        let mut later: Vec<_> = view.lane(lane).collect();
        later.reverse();
        let rows = later.pop().unwrap_or_default();
        Self { view, later, rows }
    }

    /// The table.
    #[inline]
    pub fn view(&self) -> &'v View {
        self.view
    }

    /// The ordinal of the customer whose row comes next; `None` when there is none.
    #[inline]
    pub fn ordinal(&self) -> Option<u32> {
        let next = self.view.customers()[self.rows.clone()].first();
        next.map(|number| CustomerId::from_number(*number).ordinal())
    }

    /// The next rows of customers whose ordinals are below `end`, as far as they lie together; `None`: no such row is left.
    #[inline]
    pub fn until(&mut self, end: u32) -> Option<Range<usize>> {
        if self.ordinal()? >= end {
            return None;
        }
        let start = self.rows.start;
        let customers = &self.view.customers()[self.rows.clone()];
        self.rows.start += leading(customers, |number| CustomerId::from_number(*number).ordinal() < end);
        let rows = start..self.rows.start;
        if self.rows.is_empty() {
            self.rows = self.later.pop().unwrap_or_default();
        }
        Some(rows)
    }

    /// Goes forward to the customer with this ordinal, or to the first one after.
    #[inline]
    pub fn seek(&mut self, ordinal: u32) {
        while self.until(ordinal).is_some() {}
    }
}

/// How many of sorted `numbers` come before the first that fails: quick when they are few.
#[inline]
fn leading(numbers: &[u32], passes: impl Fn(&u32) -> bool) -> usize {
    const FEW: usize = 8;
    if let Some(few) = numbers.iter().take(FEW).position(|number| !passes(number)) {
        return few;
    }
    let mut step = FEW;
    while step < numbers.len() && passes(&numbers[step]) {
        step *= 2;
    }
    let known = (step / 2).min(numbers.len());
    known + numbers[known..step.min(numbers.len())].partition_point(passes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_numbers_before_a_bound_are_counted(mut numbers in proptest::collection::vec(0_u32..40, 0..90), end in 0_u32..42) {
            numbers.sort_unstable();
            let before = numbers.iter().filter(|number| **number < end).count();
            prop_assert_eq!(leading(&numbers, |number| *number < end), before);
        }
    }
}
