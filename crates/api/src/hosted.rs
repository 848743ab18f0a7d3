//! What customers see: leaving with one click, preferences, tracked links. The token is the proof. What goes wrong here is
//! read by customers, too: it is a page in their language, never a problem as programs read it.

use crate::route::{Access, Operation, Route};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::UnsubscribePage, "/u/{token}", Access::Everyone)
        .says("Asks whether the customer wants to leave; changes nothing.")
        .answers_media("text/html"),
    Route::post(Operation::UnsubscribeOneClick, "/u/{token}", Access::Everyone)
        .says("The customer leaves, at once and everywhere (RFC 8058).")
        .takes_media("application/x-www-form-urlencoded")
        .answers_media("text/html"),
    Route::get(Operation::PreferencePage, "/p/{token}", Access::Everyone)
        .says("What the customer wants to hear about, and where.")
        .answers_media("text/html"),
    Route::post(Operation::PreferenceSave, "/p/{token}", Access::Everyone)
        .says("Records what the customer wants.")
        .takes_media("application/x-www-form-urlencoded")
        .answers_media("text/html"),
    Route::get(Operation::OpenPixel, "/o/{token}", Access::Everyone)
        .says("The message was seen.")
        .answers_media("image/gif"),
    Route::get(Operation::LinkFollow, "/c/{token}", Access::Everyone)
        .says("The link was followed; leads to where it points.")
        .redirects(),
];

/// Where people arrive from a message.
const DOORS: &[&str] = &["/u", "/p", "/c"];

/// Whether people arrive at this path from a message, also with half a link.
pub fn is_for_customers(path: &str) -> bool {
    let is_below =
        |door: &str| path.strip_prefix(door).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    DOORS.iter().any(|door| is_below(door))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_link_is_for_customers_and_the_console_is_not() {
        for path in ["/u/AZx1", "/p/", "/c", "/u/AZ/x1"] {
            assert!(is_for_customers(path), "{path}");
        }
        for path in ["/", "/customers", "/o/AZx1", "/api/v1/campaigns", "/users"] {
            assert!(!is_for_customers(path), "{path}");
        }
    }
}
