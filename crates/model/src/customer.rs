//! Who, as a number: a lane and a dense ordinal within it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many lanes a workspace has. One customer lives in one lane for ever.
pub const LANES: usize = 16;

const LANE_BITS: u32 = LANES.trailing_zeros();

/// One of the [`LANES`] of a workspace. One thread at a time folds a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lane(u8);

impl Lane {
    /// The lane with this index.
    ///
    /// # Panics
    /// When `index` is not below [`LANES`].
    pub fn new(index: usize) -> Self {
        assert!(index < LANES, "a lane is below {LANES}");
        Self(u8::try_from(index).expect("LANES fits a byte"))
    }

    /// All lanes, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LANES).map(Self::new)
    }

    /// 0 to [`LANES`] − 1.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One customer of one workspace: a lane (low bits) and a dense ordinal (high bits) in 32 bits.
///
/// Ordinals are handed out one after another within a lane, so a set of
/// customers is a bitset and a number per customer is an array.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CustomerId(u32);

impl CustomerId {
    /// The largest ordinal: 2²⁸ − 1 customers per lane.
    pub const ORDINAL_MAX: u32 = u32::MAX >> LANE_BITS;

    /// The customer with this `ordinal` in this `lane`.
    ///
    /// # Panics
    /// When `ordinal` is larger than [`Self::ORDINAL_MAX`].
    pub fn new(lane: Lane, ordinal: u32) -> Self {
        assert!(ordinal <= Self::ORDINAL_MAX, "a lane is full");
        Self(ordinal << LANE_BITS | u32::from(lane.0))
    }

    /// The number that stands for lane and ordinal; stable for ever.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The customer behind [`Self::number`].
    pub fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Where this customer is folded and stored.
    pub fn lane(self) -> Lane {
        Lane::new(self.0 as usize % LANES)
    }

    /// The dense number within the lane, from 0.
    pub fn ordinal(self) -> u32 {
        self.0 >> LANE_BITS
    }
}

/// `c` and the number in hexadecimal: `c2a1`. This is the form in API, console and ledger.
impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{:x}", self.0)
    }
}

impl fmt::Debug for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for CustomerId {
    type Err = crate::BadIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('c')
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .map(Self)
            .ok_or_else(|| crate::BadIdentifier::customer(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_a_lane_and_an_ordinal() {
        let customer = CustomerId::new(Lane::new(5), 1000);
        assert_eq!((customer.lane(), customer.ordinal()), (Lane::new(5), 1000));
        assert_eq!(customer.to_string().parse::<CustomerId>(), Ok(customer));
    }

    #[test]
    fn a_text_that_is_no_customer_is_refused() {
        assert!("42".parse::<CustomerId>().is_err());
        assert!("cxyz".parse::<CustomerId>().is_err());
    }
}
