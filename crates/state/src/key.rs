//! Keys as bytes whose order is the order of the keys.

use std::hash::Hash;

use model::{CustomerId, Text};

/// The longest key in bytes; the store takes no longer one.
pub const KEY_BYTES_MAX: usize = 511;

/// A key of a [`Table`](crate::Table).
///
/// Two laws, held by property tests of each implementation: `decode(encode(k)) = k`,
/// and `encode(a) < encode(b)` exactly when `a < b`. An encoded key has 1 to
/// [`KEY_BYTES_MAX`] bytes; a longer one is a bug of its caller and panics.
pub trait Key: Clone + Eq + Ord + Hash + Send + 'static {
    /// Appends the bytes of this key.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// The key that has these bytes.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

impl Key for u8 {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(u8::from_be_bytes)
    }
}

impl Key for u32 {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Key for u64 {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Key for CustomerId {
    fn encode(&self, bytes: &mut Vec<u8>) {
        self.number().encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        u32::decode(bytes).map(Self::from_number)
    }
}

/// The bytes of the text; its owner keeps it within [`KEY_BYTES_MAX`] and not empty.
impl Key for Text {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(Self::new)
    }
}

/// A customer's numbered things, in their order.
impl Key for (CustomerId, u32) {
    fn encode(&self, bytes: &mut Vec<u8>) {
        self.0.encode(bytes);
        self.1.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (customer, number) = bytes.split_at_checked(4)?;
        Some((CustomerId::decode(customer)?, u32::decode(number)?))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::*;

    fn check<K: Key + Debug>(a: &K, b: &K) {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        a.encode(&mut first);
        b.encode(&mut second);
        assert_eq!(K::decode(&first).as_ref(), Some(a));
        assert_eq!(first.cmp(&second), a.cmp(b));
    }

    proptest! {
        #[test]
        fn the_order_of_bytes_is_the_order_of_keys(a: (u32, u64, String, u32), b: (u32, u64, String, u32)) {
            check(&a.0, &b.0);
            check(&a.1, &b.1);
            check(&Text::from(a.2), &Text::from(b.2));
            check(&(CustomerId::from_number(a.0), a.3), &(CustomerId::from_number(b.0), b.3));
        }
    }

    #[test]
    fn bytes_of_another_length_are_no_key() {
        assert_eq!(u32::decode(&[1, 2, 3]), None);
        assert_eq!(<(CustomerId, u32)>::decode(&[1, 2, 3]), None);
    }
}
