//! Digits of numbers, written on the stack: what a rendering does most should not go through `std::fmt`.

use crate::filters::Decimal;

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
        digits.push_number(number.unsigned_abs(), 1);
        digits.push_sign(number < 0);
        digits
    }

    /// A float that has few digits behind its point, as Ruby writes it; none for all others.
    #[inline]
    pub(crate) fn of_float(number: f64) -> Option<Self> {
        let decimal = Decimal::short(number).filter(|_| number != 0.0)?;
        let mantissa = u64::try_from(decimal.mantissa.unsigned_abs()).ok()?;
        let unit = 10_u64.checked_pow(decimal.scale)?;
        let mut digits = Self { bytes: [0; ROOM], start: ROOM };
        digits.push_number(mantissa % unit, usize::try_from(decimal.scale).ok()?.max(1));
        digits.push(b'.');
        digits.push_number(mantissa / unit, 1);
        digits.push_sign(number < 0.0);
        Some(digits)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..]).unwrap_or("")
    }

    /// Puts a digit in front.
    fn push(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    fn push_number(&mut self, mut number: u64, least: usize) {
        let end = self.start;
        while number > 0 || end - self.start < least {
            self.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
            number /= 10;
        }
    }

    fn push_sign(&mut self, negative: bool) {
        if negative {
            self.push(b'-');
        }
    }
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
