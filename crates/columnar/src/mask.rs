//! Bits for rows: which of them pass a test.

use arrow_buffer::{BooleanBuffer, Buffer};

/// A bit for each of these values, 64 to a word, the lowest first: set where `test` says yes.
#[inline]
pub fn row_bits<T>(values: &[T], test: impl Fn(&T) -> bool) -> Vec<u64> {
    let mut words = Vec::with_capacity(values.len().div_ceil(64));
    let (whole, rest) = values.as_chunks::<64>();
    // A test without branches is asked of many values by one instruction, but only when each answer has a byte.
    let mut answers = [0; 64];
    for values in whole {
        for (answer, value) in answers.iter_mut().zip(values) {
            *answer = u8::from(test(value));
        }
        words.push(pack(&answers));
    }
    if !rest.is_empty() {
        let bit = |(at, value)| u64::from(test(value)) << at;
        words.push(rest.iter().enumerate().map(bit).fold(0, std::ops::BitOr::bitor));
    }
    words
}

/// These bits, of so many rows.
pub fn row_mask(words: Vec<u64>, len: usize) -> BooleanBuffer {
    BooleanBuffer::new(Buffer::from_vec(words), 0, len)
}

/// 64 bytes that are 0 or 1 as bits, the first one lowest.
#[inline]
fn pack(answers: &[u8; 64]) -> u64 {
    // Each bit that is set here moves one of eight bytes to its place in the highest byte.
    const TO_HIGHEST: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = answers.as_chunks::<8>();
    let byte = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(TO_HIGHEST) >> 56;
    eights.iter().zip((0..64).step_by(8)).fold(0, |word, (eight, shift)| word | byte(eight) << shift)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_row_that_passes_has_its_bit(passes in proptest::collection::vec(any::<bool>(), 0..300)) {
            let mask = row_mask(row_bits(&passes, |passes| *passes), passes.len());
            prop_assert!(mask.iter().eq(passes));
        }
    }
}
