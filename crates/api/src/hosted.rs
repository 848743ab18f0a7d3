//! What customers see: leaving with one click, preferences, tracked links. The token is the proof.

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
