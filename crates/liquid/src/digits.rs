//! Digits of numbers, written on the stack: what a rendering does most should not go through `std::fmt`.

use crate::filters::Short;

/// Room for any `i64` with its sign, and for a point and zeros.
const ROOM: usize = 32;

/// The digits of one number.
pub(crate) struct Digits {
    bytes: [u8; ROOM],
    start: usize,
}

impl Digits {
    /// A whole number.
    #[inline]
    pub(crate) fn of_integer(number: i64) -> Self {
        let mut digits = Self { bytes: [0; ROOM], start: ROOM };
        digits.push_number(number.unsigned_abs());
        digits.push_sign(number < 0);
        digits
    }

    /// A float that has few digits behind its point, as Ruby writes it; none for all others.
    #[inline]
    pub(crate) fn of_float(number: f64) -> Option<Self> {
        let decimal = Short::of(number).filter(|_| number != 0.0)?;
        let mut digits = Self { bytes: [0; ROOM], start: ROOM };
        let mut rest = decimal.mantissa.unsigned_abs();
        if decimal.scale == 0 {
            digits.push(b'0');
        }
        for _ in 0..decimal.scale {
            digits.push(digit(rest % 10));
            rest /= 10;
        }
        digits.push(b'.');
        digits.push_number(rest);
        digits.push_sign(number < 0.0);
        Some(digits)
    }

    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..]).unwrap_or("")
    }

    /// Puts a digit in front.
    fn push(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    fn push_number(&mut self, mut number: u64) {
        while number >= 10 {
            self.push(digit(number % 10));
            number /= 10;
        }
        self.push(digit(number));
    }

    fn push_sign(&mut self, negative: bool) {
        if negative {
            self.push(b'-');
        }
    }
}

/// The letter of a number below 10.
fn digit(number: u64) -> u8 {
    b'0' | number.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_of_the_range_have_room() {
        for number in [0, 7, -7, i64::MAX, i64::MIN] {
            assert_eq!(Digits::of_integer(number).as_str(), number.to_string());
        }
    }

    proptest! {
        #[test]
        fn short_floats_are_written_as_the_standard_library_writes_them(cents in -10_000_000_000_i64..10_000_000_000, unit in 0_u32..5) {
            #[expect(clippy::cast_precision_loss, reason = "the range is exact")]
            let number = cents as f64 / f64::from(10_u32.pow(unit));
            let written = Digits::of_float(number).map(|digits| digits.as_str().to_owned());
            prop_assert_eq!(written, (number != 0.0).then(|| format!("{number:?}")));
        }
    }
}
