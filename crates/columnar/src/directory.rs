//! Where the rows of each customer begin in one lane of a table.
//!
//! It says nothing that the rows do not say: whoever asks a table customer by
//! customer has it made once, and need not go through the rows of all others.

use std::ops::Range;

use model::CustomerId;

use crate::set::LaneSet;

const WORD_BITS: usize = u64::BITS as usize;
/// A lane in which fewer than one of so many customers has a row is gone through row by row: its rows are fewer than the
/// words of this.
const CUSTOMERS_A_ROW: usize = 16;

/// Where the rows of each customer begin. Two million customers are 375 KB, and four bytes for each who has rows.
#[derive(Debug)]
pub(crate) struct Directory {
    who: LaneSet,
    /// For each 64 ordinals, how many customers have rows before them.
    before: Vec<u32>,
    /// The first row of each customer who has rows, and at the end the row after the last.
    starts: Vec<u32>,
}

impl Directory {
    /// Of the rows of one lane, which belong to these `customers` of all rows; `None`: they are too few.
    pub(crate) fn of(customers: &[u32], rows: Range<usize>) -> Option<Self> {
        let last = CustomerId::from_number(customers[rows.clone().next_back()?]).ordinal() as usize;
        if rows.len() * CUSTOMERS_A_ROW < last {
            return None;
        }
        let starts = starts(&customers[rows.clone()], row_number(rows.start));
        let mut who = LaneSet::with_room(last + 1);
        starts[..starts.len() - 1].iter().for_each(|start| {
            who.insert(CustomerId::from_number(customers[*start as usize]).ordinal());
        });
        let mut sum = 0;
        let before = (0..=last / WORD_BITS).map(|word| {
            let before = sum;
            sum += who.word(word).count_ones();
            before
        });
        let before = before.collect();
        Some(Self { who, before, starts })
    }

    /// Who has rows.
    pub(crate) fn who(&self) -> &LaneSet {
        &self.who
    }

    /// Shows whoever has rows among those of 64 customers whose bits are `wanted`: the bit, and the rows.
    #[inline]
    pub(crate) fn each(&self, word: usize, wanted: u64, mut visit: impl FnMut(u32, Range<u32>)) {
        let who = self.who.word(word);
        let mut left = who & wanted;
        let first = self.before.get(word).map_or(0, |before| *before as usize);
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let place = first + (who & ((1 << bit) - 1)).count_ones() as usize;
            visit(bit, self.starts[place]..self.starts[place + 1]);
        }
    }
}

/// Where the customer changes among rows that lie together, the first of which is `first`; at the end the row after the
/// last.
fn starts(customers: &[u32], first: u32) -> Vec<u32> {
    let mut starts = vec![0; customers.len() + 1];
    let (mut count, mut before) = (0, None);
    let mut row = first;
    for customer in customers {
        // Written whether it is wanted or not, and kept when it is: nothing to guess for the processor.
        starts[count] = row;
        count += usize::from(before != Some(customer));
        before = Some(customer);
        row += 1;
    }
    starts[count] = row;
    starts.truncate(count + 1);
    starts.shrink_to_fit();
    starts
}

fn row_number(row: usize) -> u32 {
    u32::try_from(row).expect("a table has less than 2^32 rows")
}

#[cfg(test)]
mod tests {
    use model::Lane;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_says_of_each_customer_which_rows_are_theirs(
            counts in proptest::collection::vec(0_usize..4, 1..300),
            before in 0_usize..9,
            wanted in any::<u64>(),
        ) {
            let number = |ordinal| CustomerId::new(Lane::new(5), ordinal).number();
            let mut customers = vec![0; before];
            let mut expected = Vec::new();
            for (ordinal, count) in (0_u32..).zip(&counts) {
                let start = row_number(customers.len());
                customers.resize(customers.len() + count, number(ordinal));
                if *count > 0 && wanted & 1 << (ordinal % 64) != 0 {
                    expected.push((ordinal, start..row_number(customers.len())));
                }
            }
            let rows = before..customers.len();
            let Some(directory) = Directory::of(&customers, rows.clone()) else {
                prop_assert!(rows.len() * CUSTOMERS_A_ROW < counts.len());
                return Ok(());
            };
            let mut found = Vec::new();
            for word in 0..6 {
                directory.each(word, wanted, |bit, rows| found.push((row_number(word * WORD_BITS) + bit, rows)));
            }
            prop_assert_eq!(found, expected);
            let has_rows = (0..counts.len()).filter(|ordinal| counts[*ordinal] > 0).map(row_number);
            prop_assert!(directory.who().iter().eq(has_rows));
        }
    }
}
