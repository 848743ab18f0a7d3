//! One bit for each row of a range of a table.

use std::ops::Range;

use columnar::{RowMask, Span, View, row_bits, row_mask};
use model::Lane;

/// One bit for each of `len` rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mask {
    words: Vec<u64>,
    len: usize,
}

impl Mask {
    pub(super) fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    pub(super) fn every(len: usize) -> Self {
        let mut mask = Self::none(len);
        mask.invert();
        mask
    }

    /// The rows for which `test` says yes; asked once for each, in order.
    pub(super) fn from_fn(len: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut mask = Self::none(len);
        (0..len).for_each(|row| mask.words[row / 64] |= u64::from(test(row)) << (row % 64));
        mask
    }

    /// The rows whose values pass.
    #[inline]
    pub(super) fn of<T>(values: &[T], test: impl Fn(&T) -> bool) -> Self {
        Self { words: row_bits(values, test), len: values.len() }
    }

    /// The rows of one lane of a table that happened within `span`.
    pub(super) fn within(view: &View, lane: Lane, rows: Range<usize>, span: Span) -> Self {
        Self { len: rows.len(), words: view.within(lane, rows, span) }
    }

    /// The same, as questions take it.
    pub(super) fn into_rows(self) -> RowMask {
        row_mask(self.words, self.len)
    }

    pub(super) fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    pub(super) fn invert(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        if let Some(last) = self.words.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }

    /// Takes out the rows for which `test` says no; asked for those that are in.
    pub(super) fn retain(&mut self, mut test: impl FnMut(usize) -> bool) {
        for (index, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !test(index * 64 + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    #[inline]
    pub(super) fn contains(&self, row: usize) -> bool {
        self.words[row / 64] & (1 << (row % 64)) != 0
    }

    /// Calls `each` with every row that is in, in order.
    #[inline]
    pub(super) fn for_each(&self, mut each: impl FnMut(usize)) {
        for (index, word) in self.words.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                each(index * 64 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mask_answers_like_a_list_of_bools(a in proptest::collection::vec(any::<bool>(), 0..200), seed in any::<u64>()) {
            let b: Vec<bool> = (0..a.len()).map(|row| seed >> (row % 64) & 1 == 1).collect();
            let mask = |bits: &[bool]| Mask::from_fn(bits.len(), |row| bits[row]);
            let same = |mask: &Mask, bits: &dyn Fn(usize) -> bool| {
                let mut rows = Vec::new();
                mask.for_each(|row| rows.push(row));
                prop_assert_eq!(rows, (0..a.len()).filter(|row| bits(*row)).collect::<Vec<_>>());
                prop_assert!((0..a.len()).all(|row| mask.contains(row) == bits(row)));
                Ok(())
            };
            let mut both = mask(&a);
            both.keep(&mask(&b));
            same(&both, &|row| a[row] && b[row])?;
            let mut either = mask(&a);
            either.join(&mask(&b));
            same(&either, &|row| a[row] || b[row])?;
            either.invert();
            same(&either, &|row| !a[row] && !b[row])?;
            let mut kept = mask(&a);
            kept.retain(|row| b[row]);
            prop_assert_eq!(kept, both);
        }
    }
}
