//! What an error asks its reader to do. Each crate has a precise error of its own with a `kind()`.

/// The coarse kind of an error: what the caller should do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input is wrong: correct it; the message names the field, the value and the fix.
    Invalid,
    /// Who asks is not known: sign in, or send a valid key.
    Unauthorized,
    /// Who asks is known and may not: ask somebody who may.
    Forbidden,
    /// There is no such thing (any more).
    NotFound,
    /// It contradicts what is already there: read it again, then decide.
    Conflict,
    /// The input is larger than its limit: send less.
    TooLarge,
    /// Too much at once: try again a little later.
    Overloaded,
    /// Something we need is away (disk full, provider down): try again when it is back.
    Unavailable,
    /// Bytes on disk do not say what was written: run `omotenashi doctor`.
    Corrupt,
}
