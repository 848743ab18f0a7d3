//! Bodies and queries on their way in: decompressed, limited, read with the path of whatever is wrong.

use std::io::Read;

use api::{Problem, ProblemCode};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Query as AxumQuery, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use model::ErrorKind;
use serde::de::DeserializeOwned;

use super::failure::Failure;

/// The largest body of the control API, after decompression: a campaign with a dozen languages fits.
pub(super) const CONTROL_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A JSON body.
pub(super) struct Json<T>(pub T);

/// Query parameters.
pub(super) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, CONTROL_BYTES_MAX).await?;
        parse(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + 'static> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let rejection = match AxumQuery::<T>::from_request_parts(parts, state).await {
            Ok(AxumQuery(query)) => return Ok(Self(query)),
            Err(rejection) => rejection.body_text(),
        };
        let detail = rejection.strip_prefix("Failed to deserialize query string: ").unwrap_or(&rejection);
        let (field, detail) = match detail.split_once(": ") {
            Some((field, detail)) => (field.to_owned(), detail),
            None => (quoted(detail).unwrap_or("query").to_owned(), detail),
        };
        let value = asked(parts.uri.query().unwrap_or_default(), &field);
        let problem =
            Problem::invalid(field, detail).fix("see the parameters of this route in /openapi.json");
        Err(Failure::of(Problem { value, ..problem }))
    }
}

/// What a query says for a parameter.
fn asked(query: &str, field: &str) -> Option<String> {
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(field)?.strip_prefix('='))?;
    Some(pair.chars().take(api::problem::VALUE_CHARACTERS_MAX).collect())
}

/// The whole body, decompressed as `Content-Encoding` says (gzip, deflate, zstd), at most `bytes_max` long.
///
/// # Errors
/// When it is larger, broken off, or compressed in another way.
pub(super) async fn read(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Bytes, Failure> {
    let bytes = axum::body::to_bytes(body, bytes_max).await.map_err(|error| {
        let text = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        if text.contains("length limit") { too_large(bytes_max) } else { broken_off() }
    })?;
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim());
    match encoding {
        None | Some("" | "identity") => Ok(bytes),
        Some("gzip" | "x-gzip") => inflate(flate2::read::MultiGzDecoder::new(&bytes[..]), bytes_max),
        Some("deflate") => inflate(flate2::read::ZlibDecoder::new(&bytes[..]), bytes_max),
        Some("zstd") => match zstd::stream::read::Decoder::new(&bytes[..]) {
            Ok(decoder) => inflate(decoder, bytes_max),
            Err(_) => Err(undecodable()),
        },
        Some(other) => Err(Failure::of(
            Problem::invalid("content-encoding", "a body cannot be compressed in this way")
                .code(ProblemCode::BadEncoding)
                .value(other)
                .fix("use gzip, deflate or zstd, or send it as it is"),
        )),
    }
}

fn inflate(decoder: impl Read, bytes_max: usize) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(limit).read_to_end(&mut bytes).map_err(|_| undecodable())?;
    if bytes.len() > bytes_max { Err(too_large(bytes_max)) } else { Ok(bytes.into()) }
}

fn too_large(bytes_max: usize) -> Failure {
    let problem =
        Problem::new(ErrorKind::TooLarge, format!("the body is too large. limit_bytes=`{bytes_max}`"));
    Failure::of(problem.code(ProblemCode::BodyTooLarge).field("body").fix("send less at once"))
}

fn broken_off() -> Failure {
    let problem = Problem::invalid("body", "the body broke off").code(ProblemCode::BodyBrokenOff);
    Failure::of(problem.fix("send it again"))
}

fn undecodable() -> Failure {
    Failure::of(
        Problem::invalid("body", "the body is not what content-encoding says")
            .code(ProblemCode::BadEncoding)
            .fix("compress it as the header says, or leave the header out"),
    )
}

/// Reads JSON; what is wrong is named by its path.
///
/// # Errors
/// When it is no JSON, or not the JSON that this route takes.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = match serde_path_to_error::deserialize(&mut deserializer) {
        Ok(value) => value,
        Err(error) => return Err(Failure::of(misread(bytes, &error))),
    };
    deserializer.end().map_err(|error| Failure::of(malformed(&error)))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let problem = Problem::invalid("body", format!("not JSON: {error}")).code(ProblemCode::BadJson);
    problem.fix("send one JSON document")
}

fn misread(bytes: &[u8], error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if inner.is_syntax() || inner.is_eof() || inner.is_io() {
        return malformed(inner);
    }
    let text = inner.to_string();
    let detail = in_words(text.split(" at line ").next().unwrap_or(&text));
    let path = error.path().to_string();
    let (field, fix) = if detail.starts_with("missing field") {
        let missing = quoted(&detail).unwrap_or_default();
        let field = if path == "." { missing.to_owned() } else { format!("{path}.{missing}") };
        (field, "send this field")
    } else if detail.starts_with("unknown field") {
        let field = if path == "." { quoted(&detail).unwrap_or_default().to_owned() } else { path };
        (field, "leave this field out, or correct its name")
    } else {
        (if path == "." { "body".to_owned() } else { path }, "send what /openapi.json says for this field")
    };
    let value = value_at(bytes, &field);
    Problem { value, ..Problem::invalid(field, detail).fix(fix) }
}

/// What was expected, in the words of JSON instead of those of our types.
fn in_words(detail: &str) -> String {
    let Some((said, expected)) = detail.rsplit_once(", expected ") else { return detail.to_owned() };
    let expected = match expected {
        "f32" | "f64" => "a number",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "a sequence" => "a list",
        "a map" => "an object",
        name if name.starts_with("struct ") => "an object",
        other => other,
    };
    format!("{said}, expected {expected}")
}

/// The first text in backticks.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

/// What stands at a path like `draft.variants[0].language`.
fn value_at(bytes: &[u8], path: &str) -> Option<String> {
    let whole: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let mut value = &whole;
    for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
        value = match step.strip_suffix(']') {
            Some(index) => value.get(index.parse::<usize>().ok()?)?,
            None => value.get(step)?,
        };
    }
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    Some(text.chars().take(api::problem::VALUE_CHARACTERS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, field: &str, value: Option<&str>) {
        let problem = parse::<api::audiences::AudienceCreate>(json.as_bytes()).unwrap_err().problem();
        assert_eq!((problem.field.as_deref(), problem.value.as_deref()), (Some(field), value), "{problem:?}");
        assert!(problem.fix.is_some());
    }

    #[test]
    fn a_missing_field_is_named_with_its_path() {
        check(r#"{"condition":{}}"#, "name", None);
    }

    #[test]
    fn what_was_expected_is_said_in_words_of_json() {
        for (detail, said) in [
            ("invalid type: null, expected f64", "invalid type: null, expected a number"),
            ("invalid type: map, expected a sequence", "invalid type: map, expected a list"),
            ("invalid length 0, expected struct AudienceCreate", "invalid length 0, expected an object"),
            ("missing field `name`", "missing field `name`"),
        ] {
            assert_eq!(in_words(detail), said);
        }
    }

    #[test]
    fn a_wrong_type_is_shown_with_its_value() {
        check(r#"{"name":7,"condition":{}}"#, "name", Some("7"));
    }

    #[test]
    fn an_unknown_field_is_named_with_its_path() {
        check(r#"{"name":"a","condition":{"txt":"x"}}"#, "condition.txt", Some("x"));
    }

    #[test]
    fn what_is_no_json_says_where() {
        check("{", "body", None);
        check(r#"{"name":"a","condition":{}} x"#, "body", None);
    }

    #[test]
    fn a_small_body_that_unpacks_to_a_large_one_is_refused() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &[b' '; 100_000]).unwrap();
        let bytes = encoder.finish().unwrap();
        let failure = inflate(flate2::read::MultiGzDecoder::new(&bytes[..]), 1000).unwrap_err();
        let problem = failure.problem();
        assert_eq!(problem.status, 413);
    }
}
