//! Checks that several groups of endpoints share: raw text in, checked text out, or a problem that names its field.

use api::Problem;
use model::Text;

use super::failure::Failure;

/// The longest name of anything that people name.
pub(super) const NAME_CHARACTERS_MAX: usize = 100;

/// A name: 1 to 100 characters, without control characters or space around it.
///
/// # Errors
/// When it is none.
pub(super) fn name(field: &str, raw: &str) -> Result<Text, Failure> {
    let name = raw.trim();
    let count = name.chars().count();
    if count == 0 || count > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
        let detail =
            format!("a name has 1 to {NAME_CHARACTERS_MAX} characters, none of them control characters");
        return Err(Failure::of(Problem::invalid(field, detail).value(raw).fix("choose another name")));
    }
    Ok(name.into())
}

/// An e-mail address, lower case.
///
/// # Errors
/// When it is none.
pub(super) fn email(field: &str, raw: &str) -> Result<Text, Failure> {
    ingest::email(raw).ok_or_else(|| {
        Failure::of(
            Problem::invalid(field, "not an e-mail address").value(raw).fix("send one like `a@example.com`"),
        )
    })
}

/// A time zone of the IANA database.
///
/// # Errors
/// When there is no such zone.
pub(super) fn time_zone(field: &str, raw: &str) -> Result<jiff::tz::TimeZone, Failure> {
    jiff::tz::TimeZone::get(raw).map_err(|_| {
        Failure::of(
            Problem::invalid(field, "not a time zone of the IANA database")
                .value(raw)
                .fix("use a name like `Asia/Tokyo`"),
        )
    })
}

/// A language tag (BCP 47), checked for its shape.
///
/// # Errors
/// When it is none.
pub(super) fn language(field: &str, raw: &str) -> Result<Text, Failure> {
    let fits =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = raw.split('-').next().unwrap_or_default();
    let letters = (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters && raw.split('-').all(fits) {
        return Ok(raw.into());
    }
    Err(Failure::of(
        Problem::invalid(field, "not a language").value(raw).fix("use a tag like `ja` or `pt-BR`"),
    ))
}

/// A number from the `next` of the page before.
///
/// # Errors
/// When it is none.
pub(super) fn cursor<T: std::str::FromStr>(after: Option<&str>) -> Result<Option<T>, Failure> {
    after
        .map(|after| {
            after.parse().map_err(|_| {
                let problem = Problem::invalid("after", "not the `next` of a page").value(after);
                Failure::of(problem.fix("pass the `next` of the page before, or nothing"))
            })
        })
        .transpose()
}

/// Where the next page begins: after the last item, when this page is full.
pub(super) fn next<T>(items: &[T], limit: usize, key: impl Fn(&T) -> String) -> Option<String> {
    (items.len() == limit).then(|| items.last().map(key)).flatten()
}
