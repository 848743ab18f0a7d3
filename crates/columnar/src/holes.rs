//! Rows of a table that no longer count: moved to another customer, or hidden.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Rows of one table that no longer count, as sorted ranges that do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holes {
    ranges: Vec<Range<u32>>,
}

impl Holes {
    /// How many rows they swallow.
    pub fn rows(&self) -> usize {
        self.ranges.iter().map(ExactSizeIterator::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether this row no longer counts.
    pub fn contains(&self, row: usize) -> bool {
        let next = self.ranges.partition_point(|hole| hole.end as usize <= row);
        self.ranges.get(next).is_some_and(|hole| hole.start as usize <= row)
    }

    /// The ranges, in order.
    pub fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.ranges.iter().map(|hole| hole.start as usize..hole.end as usize)
    }

    /// These rows no longer count either.
    pub fn add(&mut self, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let row = |row: usize| u32::try_from(row).expect("a table has less than 2^32 rows");
        let mut hole = row(rows.start)..row(rows.end);
        let first = self.ranges.partition_point(|other| other.end < hole.start);
        let last = self.ranges.partition_point(|other| other.start <= hole.end);
        for other in &self.ranges[first..last] {
            hole = hole.start.min(other.start)..hole.end.max(other.end);
        }
        self.ranges.splice(first..last, [hole]);
    }

    /// What is left of `rows`: the ranges between the holes, in order.
    pub fn between(&self, rows: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut at = rows.start;
        let mut next = self.ranges.partition_point(|hole| hole.end as usize <= rows.start);
        std::iter::from_fn(move || {
            while at < rows.end {
                let Some(hole) = self.ranges.get(next).filter(|hole| (hole.start as usize) < rows.end) else {
                    return Some(std::mem::replace(&mut at, rows.end)..rows.end);
                };
                next += 1;
                let live = at..hole.start as usize;
                at = hole.end as usize;
                if !live.is_empty() {
                    return Some(live);
                }
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_a_set_of_rows(
            holes in proptest::collection::vec((0usize..60, 0usize..9), 0..12),
            start in 0usize..60,
            len in 0usize..60,
        ) {
            let mut set = Holes::default();
            let mut rows = [false; 128];
            for (start, len) in holes {
                set.add(start..start + len);
                rows[start..start + len].fill(true);
            }
            prop_assert_eq!(set.rows(), rows.iter().filter(|hole| **hole).count());
            prop_assert!((0..128).all(|row| set.contains(row) == rows[row]));
            prop_assert!(set.ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
            let left: Vec<usize> = set.between(start..start + len).flatten().collect();
            let expected: Vec<usize> = (start..start + len).filter(|row| !rows[*row]).collect();
            prop_assert_eq!(left, expected);
        }
    }
}
