//! Customers as a table that a spreadsheet opens.

use api::Problem;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use columnar::CustomerSet;
use model::{ErrorKind, IdentifierKind};
use people::Profile;

use super::caller::Caller;
use super::failure::Failure;
use super::people as shown;

/// The largest list that is handed out as one table.
const CSV_ROWS_MAX: usize = 1_000_000;
/// How many customers are asked for at once.
const PAGE: usize = 1_000;

/// These customers, by id.
///
/// # Errors
/// When there are too many, or they cannot be read.
pub(super) async fn of_customers(caller: &Caller, set: &CustomerSet) -> Result<Response, Failure> {
    if set.len() > CSV_ROWS_MAX {
        let detail = format!("the list is too large for one table. customers=`{}`", set.len());
        return Err(Failure::of(Problem::new(ErrorKind::TooLarge, detail).fix("narrow the audience")));
    }
    let mut table = String::from("customer,label,user_id,email,phone,first_seen,last_seen,events\r\n");
    let mut after = None;
    loop {
        let page = set.page(after, PAGE);
        let Some(last) = page.last().copied() else { break };
        let profiles = caller.engine().ask(move |world| shown::profiles(world, &page)).await??;
        profiles.iter().for_each(|profile| row(&mut table, profile));
        after = Some(last);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"members.csv\""),
    ];
    Ok((headers, table).into_response())
}

fn row(table: &mut String, profile: &Profile) {
    let of_kind = |kind| shown::identifier(profile, &kind).unwrap_or_default().to_owned();
    let cells = [
        profile.customer.to_string(),
        shown::label(profile),
        of_kind(IdentifierKind::UserId),
        of_kind(IdentifierKind::Email),
        of_kind(IdentifierKind::Phone),
        profile.first_seen.to_string(),
        profile.last_seen.to_string(),
        shown::events(profile).to_string(),
    ];
    table.push_str(&cells.map(|text| cell(&text)).join(","));
    table.push_str("\r\n");
}

/// Quoted when it must be; what a spreadsheet would run as a formula is made a text.
fn cell(text: &str) -> String {
    let phone = text.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let text = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !phone {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_when_it_must_be_and_never_runs() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("+819012345678"), "+819012345678");
    }
}
