//! Passwords: argon2id. Slow on purpose (tens of milliseconds, 19 MiB), so call it off the event loop.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::Error;

/// The shortest password, in characters.
pub const CHARACTERS_MIN: usize = 12;
/// The longest password, in bytes.
pub const BYTES_MAX: usize = 1024;

/// What is kept of a password: argon2id with its parameters and salt, as one text (PHC format).
pub fn hash(password: &str, salt: [u8; 16]) -> Result<String, Error> {
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|source| Error::Password { source })?;
    Ok(hash.to_string())
}

/// Whether `password` is the one behind `kept`.
pub fn verify(password: &str, kept: &str) -> Result<bool, Error> {
    let kept = PasswordHash::new(kept).map_err(|source| Error::Password { source: source.into() })?;
    match Argon2::default().verify_password(password.as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(source) => Err(Error::Password { source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits() {
        let kept = hash("correct horse battery", [1; 16]).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("correct horse battery", &kept).unwrap());
        assert!(!verify("correct horse batterY", &kept).unwrap());
    }

    #[test]
    fn a_damaged_hash_is_a_fault_and_not_a_wrong_password() {
        assert!(verify("x", "not a hash").is_err());
    }
}
