//! Where the SDKs put the write key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use model::Text;

use crate::wire::Field;

/// The write key of a request: the user name of Basic authentication, else `writeKey` in the body,
/// else the Bearer token. `authorization` is the value of that header.
///
/// A key that is found is not yet a key that is valid.
pub fn write_key(authorization: Option<&str>, body: &[u8]) -> Option<Text> {
    let (scheme, credentials) =
        authorization.and_then(|value| value.trim().split_once(' ')).unwrap_or_default();
    let credentials = credentials.trim();
    let basic = if scheme.eq_ignore_ascii_case("basic") { user_name(credentials) } else { None };
    let bearer =
        (scheme.eq_ignore_ascii_case("bearer") && !credentials.is_empty()).then(|| credentials.into());
    basic.or_else(|| in_body(body)).or(bearer)
}

/// The user name in the credentials of Basic authentication. One SDK sends the bare key instead.
fn user_name(credentials: &str) -> Option<Text> {
    let decoded = STANDARD.decode(credentials).or_else(|_| STANDARD_NO_PAD.decode(credentials)).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let user = match text.as_deref().and_then(|text| text.split_once(':')) {
        Some((user, _)) => user,
        None => credentials,
    };
    (!user.is_empty()).then(|| user.into())
}

fn in_body(body: &[u8]) -> Option<Text> {
    let parsed: super::wire::Keyed<'_> = serde_json::from_slice(body).ok()?;
    match parsed.write_key {
        Field::Text(key) if !key.0.is_empty() => Some(Text::from(&*key.0)),
        Field::Text(_) | Field::Missing | Field::Whole(_) | Field::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(authorization: Option<&str>, body: &str, key: Option<&str>) {
        assert_eq!(write_key(authorization, body.as_bytes()).as_deref(), key, "{authorization:?} {body}");
    }

    #[test]
    fn the_key_is_the_user_name_of_basic_authentication() {
        check(Some("Basic VEVTVEtFWTo="), "{}", Some("TESTKEY"));
        check(Some("basic VEVTVEtFWTo"), r#"{"writeKey":"other"}"#, Some("TESTKEY"));
        check(Some("Basic TESTKEY"), "{}", Some("TESTKEY"));
    }

    #[test]
    fn the_body_goes_before_the_bearer_token() {
        check(Some("Bearer token"), r#"{"batch":[{"writeKey":"inner"}],"writeKey":"k1"}"#, Some("k1"));
        check(Some("Bearer token"), "{}", Some("token"));
        check(None, r#"{"writeKey":"k1"}"#, Some("k1"));
    }

    #[test]
    fn no_key_is_no_key() {
        check(None, r#"{"writeKey":7}"#, None);
        check(Some("Basic Og=="), "not json", None);
        check(Some("Digest x"), "", None);
    }
}
