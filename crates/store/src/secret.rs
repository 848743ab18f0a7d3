//! Tokens: long random texts that are kept as hashes.

use std::fmt;

use sha2::{Digest, Sha256};

/// A token in the clear: shown to its owner once, then only its hash is kept. It never prints itself.
///
/// 160 random bits need no slow hash: nobody can try them all.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new token: a prefix that says what it is for, then the random bytes.
    pub fn new(prefix: &str, random: [u8; 20]) -> Self {
        Self(format!("{prefix}_{}", hex::encode(random)))
    }

    /// A token as somebody presented it.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The token itself, to be handed to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// Its first characters, to tell tokens apart.
    pub fn prefix(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new("at", [7; 20]);
        assert_eq!(format!("{secret:?}"), "Secret");
        assert!(secret.reveal().starts_with("at_0707"));
        assert_eq!(secret.prefix(), "at_07070");
    }

    #[test]
    fn a_presented_secret_has_the_hash_of_the_one_that_was_made() {
        let secret = Secret::new("at", [7; 20]);
        assert_eq!(Secret::presented(secret.reveal()).hash(), secret.hash());
        assert_ne!(Secret::new("at", [8; 20]).hash(), secret.hash());
    }
}
