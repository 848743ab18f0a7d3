//! What went wrong, as RFC 9457 problem details.

use model::ErrorKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong and how to mend it. Media type: `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The kind of problem: `urn:omotenashi:` and one of `invalid`, `unauthorized`, `forbidden`, `not_found`,
    /// `conflict`, `too_large`, `overloaded`, `unavailable`, `corrupt`, `method_not_allowed`, `unfinished`.
    #[serde(rename = "type")]
    #[schema(example = "urn:omotenashi:invalid")]
    pub kind: String,
    /// The same for people, in a few words; the same for every problem of this type.
    #[schema(example = "The input is wrong")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What is wrong, as a word that programs and translations can rely on.
    pub code: ProblemCode,
    /// What exactly happened this time.
    #[schema(example = "not a time zone of the IANA database")]
    pub detail: String,
    /// The field at fault, as a path from the top of the body; or a header, query or path parameter.
    #[schema(example = "workspace.time_zone")]
    pub field: Option<String>,
    /// What stood there, shortened to 200 characters.
    #[schema(example = "Asia/Tokio")]
    pub value: Option<String>,
    /// What to do about it.
    #[schema(example = "use a name like `Asia/Tokyo`")]
    pub fix: Option<String>,
    /// The number of this request, also in the header `x-request-id` and in the log.
    #[schema(example = "r18f2c")]
    pub request_id: Option<String>,
}

/// Declares the codes: one table for the API, the console's texts and the counts of what was turned away.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// What is wrong, as one word; the same word for the same mistake, whatever the details say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemCode { $($(#[$doc])* $variant),+ }

        impl ProblemCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in API, console and metrics.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

codes! {
    /// The input is wrong in a way that no other code names.
    Invalid = "invalid",
    /// Who asks is not known, or shows a token that is not valid (any more).
    Unauthorized = "unauthorized",
    /// Who asks may not do this.
    Forbidden = "forbidden",
    /// There is no such thing.
    NotFound = "not_found",
    /// It contradicts what is already there.
    Conflict = "conflict",
    /// The input is too large.
    TooLarge = "too_large",
    /// Too much at once.
    Overloaded = "overloaded",
    /// Something we need is away.
    Unavailable = "unavailable",
    /// Something stored is damaged.
    Corrupt = "corrupt",
    /// Nothing is served at this path.
    NoRoute = "no_route",
    /// Something is served at this path, but not for this method.
    WrongMethod = "wrong_method",
    /// Nobody said whose events these are.
    NoWriteKey = "no_write_key",
    /// No workspace has this write key (any more).
    UnknownWriteKey = "unknown_write_key",
    /// The body is larger than its limit.
    BodyTooLarge = "body_too_large",
    /// The body has more records than the limit.
    TooManyRecords = "too_many_records",
    /// The body is no JSON document.
    BadJson = "bad_json",
    /// The body ended before it was whole.
    BodyBrokenOff = "body_broken_off",
    /// The body is compressed in a way that is not understood, or is not what its header says.
    BadEncoding = "bad_encoding",
    /// The journal cannot take anything: its disk is full or failed.
    JournalFull = "journal_full",
}

/// The longest value that is repeated to its sender.
pub const VALUE_CHARACTERS_MAX: usize = 200;

impl Problem {
    /// A problem of this `kind` with these details.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let (code, title) = words(kind);
        Self {
            kind: format!("urn:omotenashi:{}", code.word()),
            title: title.to_owned(),
            status: status(kind),
            code,
            detail: detail.into(),
            field: None,
            value: None,
            fix: None,
            request_id: None,
        }
    }

    /// The input is wrong at `field`.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(ErrorKind::Invalid, detail) }
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, detail)
    }

    /// Says more exactly than its kind what is wrong.
    #[must_use]
    pub fn code(self, code: ProblemCode) -> Self {
        Self { code, ..self }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Repeats the value at fault, shortened.
    #[must_use]
    pub fn value(self, value: impl std::fmt::Display) -> Self {
        Self { value: Some(value.to_string().chars().take(VALUE_CHARACTERS_MAX).collect()), ..self }
    }

    /// Says how to mend it.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

/// The one place where a kind of error becomes an HTTP status.
pub const fn status(kind: ErrorKind) -> u16 {
    match kind {
        ErrorKind::Invalid => 400,
        ErrorKind::Unauthorized => 401,
        ErrorKind::Forbidden => 403,
        ErrorKind::NotFound => 404,
        ErrorKind::Conflict => 409,
        ErrorKind::TooLarge => 413,
        ErrorKind::Overloaded => 429,
        ErrorKind::Corrupt => 500,
        ErrorKind::Unavailable => 503,
    }
}

const fn words(kind: ErrorKind) -> (ProblemCode, &'static str) {
    match kind {
        ErrorKind::Invalid => (ProblemCode::Invalid, "The input is wrong"),
        ErrorKind::Unauthorized => (ProblemCode::Unauthorized, "Who asks is not known"),
        ErrorKind::Forbidden => (ProblemCode::Forbidden, "Who asks may not do this"),
        ErrorKind::NotFound => (ProblemCode::NotFound, "There is no such thing"),
        ErrorKind::Conflict => (ProblemCode::Conflict, "It contradicts what is already there"),
        ErrorKind::TooLarge => (ProblemCode::TooLarge, "The input is too large"),
        ErrorKind::Overloaded => (ProblemCode::Overloaded, "Too much at once"),
        ErrorKind::Unavailable => (ProblemCode::Unavailable, "Something we need is away"),
        ErrorKind::Corrupt => (ProblemCode::Corrupt, "Something stored is damaged"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_field_value_and_fix() {
        let problem = Problem::invalid("time_zone", "not a time zone").value("Mars").fix("use `Asia/Tokyo`");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["type"], "urn:omotenashi:invalid");
        assert_eq!((&json["field"], &json["value"]), (&"time_zone".into(), &"Mars".into()));
        assert_eq!(json["status"], 400);
    }

    #[test]
    fn a_code_is_written_as_its_word() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.word());
        }
    }

    #[test]
    fn a_long_value_is_shortened() {
        let problem = Problem::invalid("a", "b").value("x".repeat(5000));
        assert_eq!(problem.value.map(|value| value.len()), Some(VALUE_CHARACTERS_MAX));
    }
}
