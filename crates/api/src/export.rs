//! Everything out again: events, customers and the ledger, line by line, for as long as it takes.

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::Time;
use crate::route::{Access, Operation, Route};

/// The media type of lines of JSON.
pub const LINES: &str = "application/x-ndjson";
/// The header that says about how many lines will come.
pub const LINES_HEADER: &str = "x-omotenashi-lines";
/// The header that says how many rows are missing because a part is damaged; not sent when none is.
pub const MISSING_HEADER: &str = "x-omotenashi-missing-rows";

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::ExportEvents, "/api/v1/export/events", Access::Role(model::Role::Analyst))
        .says("Events in the shape of the Segment API, customer by customer, the earliest first.")
        .queries::<EventsQuery>()
        .answers_media(LINES),
    Route::get(Operation::ExportCustomers, "/api/v1/export/customers", Access::Role(model::Role::Analyst))
        .says("Customers in the shape of the Segment API: names, traits, consents.")
        .answers_media(LINES),
    Route::get(Operation::ExportMessages, "/api/v1/export/messages", Access::Role(model::Role::Analyst))
        .says("The ledger: what was decided about each message and what became of it.")
        .queries::<MessagesQuery>()
        .answers_media(LINES),
];

/// Which events to export.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only events of this name.
    #[param(example = "purchase")]
    pub event: Option<String>,
    /// Only what happened after this instant.
    pub from: Option<Time>,
    /// Only what happened at or before this instant. Missing: everything that was told by now.
    pub to: Option<Time>,
}

/// Which part of the ledger to export.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    /// Only what happened after this instant.
    pub from: Option<Time>,
    /// Only what happened at or before this instant. Missing: everything until now.
    pub to: Option<Time>,
}
