//! Identifiers as keys: short ones as they are, long ones by their beginning and a hash.

use model::{Identifier, IdentifierKind, Text};
use smallvec::SmallVec;
use state::Key;
use xxhash_rust::xxh3::xxh3_128;

use crate::CUSTOMER_KIND;

/// An identifier's stored key: the kind's byte, for a custom kind its word, then the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct IdentifierKey(SmallVec<[u8; INLINE_BYTES]>);

/// Most identifiers fit here and need no memory of their own.
const INLINE_BYTES: usize = 64;
/// A longer key keeps this many bytes and ends in the hash of all of it.
const PREFIX_BYTES: usize = 240;
const HASH_BYTES: usize = 16;

impl From<&Identifier> for IdentifierKey {
    fn from(identifier: &Identifier) -> Self {
        let (kind, word) = kind_byte(&identifier.kind);
        let (word, end): (_, &[u8]) = (word.as_bytes(), if word.is_empty() { &[] } else { &[0] });
        let pieces = [&[kind], word, end, identifier.value.as_bytes()];
        let len = pieces.iter().map(|piece| piece.len()).sum();
        let mut inline = [0; INLINE_BYTES];
        let mut bytes = if len <= INLINE_BYTES {
            let mut at = 0;
            for piece in pieces {
                inline[at..at + piece.len()].copy_from_slice(piece);
                at += piece.len();
            }
            SmallVec::from_buf_and_len(inline, len)
        } else {
            SmallVec::from_vec(pieces.concat())
        };
        if bytes.len() > PREFIX_BYTES + HASH_BYTES {
            let hash = xxh3_128(&bytes);
            bytes.truncate(PREFIX_BYTES);
            bytes.extend_from_slice(&hash.to_be_bytes());
        }
        Self(bytes)
    }
}

impl Key for IdentifierKey {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.0);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Some(Self(SmallVec::from_slice(bytes)))
    }
}

fn kind_byte(kind: &IdentifierKind) -> (u8, &str) {
    match kind {
        IdentifierKind::UserId => (b'u', ""),
        IdentifierKind::AnonymousId => (b'a', ""),
        IdentifierKind::Email => (b'e', ""),
        IdentifierKind::Phone => (b'p', ""),
        IdentifierKind::Device => (b'd', ""),
        IdentifierKind::Custom(word) => (b'c', word),
    }
}

/// How strongly a kind names a person: smaller is stronger.
pub(crate) fn rank(kind: &IdentifierKind) -> u8 {
    match kind {
        IdentifierKind::UserId => 0,
        IdentifierKind::Custom(_) => 1,
        IdentifierKind::Email => 2,
        IdentifierKind::Phone => 3,
        IdentifierKind::AnonymousId => 4,
        IdentifierKind::Device => 5,
    }
}

pub(crate) fn is_user(identifier: &Identifier) -> bool {
    identifier.kind == IdentifierKind::UserId
}

/// Whether this is the house's own way to name a customer.
pub(crate) fn is_customer(identifier: &Identifier) -> bool {
    matches!(&identifier.kind, IdentifierKind::Custom(word) if word == CUSTOMER_KIND)
}

/// Puts `identifier` into its place by strength; says whether it was new.
pub(crate) fn attach(identifiers: &mut Vec<Identifier>, identifier: Identifier) -> bool {
    if identifiers.contains(&identifier) {
        return false;
    }
    let place = identifiers.partition_point(|it| rank(&it.kind) <= rank(&identifier.kind));
    identifiers.insert(place, identifier);
    true
}

/// The identifier as it appears in notes.
pub(crate) fn text(identifier: &Identifier) -> Text {
    identifier.to_string().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(key: &IdentifierKey) -> Vec<u8> {
        let mut bytes = Vec::new();
        key.encode(&mut bytes);
        bytes
    }

    fn identifiers() -> impl Strategy<Value = Identifier> {
        let word = prop_oneof![
            Just("user_id".to_owned()),
            Just("anonymous_id".to_owned()),
            Just("email".to_owned()),
            Just("phone".to_owned()),
            Just("device".to_owned()),
            "[a-z]{1,3}",
        ];
        let value = prop_oneof![8 => "[ab]{1,3}", 1 => "[ab]{236,244}", 1 => "a{500,600}"];
        (word, value).prop_map(|(word, value)| Identifier::new(IdentifierKind::from_word(&word), value))
    }

    proptest! {
        #[test]
        fn keys_are_as_different_as_identifiers_and_ordered_like_their_bytes(a in identifiers(), b in identifiers()) {
            let (first, second) = (IdentifierKey::from(&a), IdentifierKey::from(&b));
            prop_assert_eq!(a == b, first == second);
            prop_assert!(encoded(&first).len() <= PREFIX_BYTES + HASH_BYTES);
            prop_assert_eq!(encoded(&first).cmp(&encoded(&second)), first.cmp(&second));
            prop_assert_eq!(IdentifierKey::decode(&encoded(&first)), Some(first));
        }

        #[test]
        fn the_strongest_identifier_comes_first(mut all in proptest::collection::vec(identifiers(), 1..9)) {
            let mut attached = Vec::new();
            for identifier in all.clone() {
                attach(&mut attached, identifier);
            }
            prop_assert!(attached.is_sorted_by_key(|it| rank(&it.kind)));
            all.sort();
            all.dedup();
            attached.sort();
            prop_assert_eq!(attached, all);
        }
    }
}
