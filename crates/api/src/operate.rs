//! Health, metrics, and this description.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::route::{Access, Operation, Route};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::HealthFetch, "/healthz", Access::Everyone)
        .says("Whether the server can take events and answer questions.")
        .answers::<Health>(200),
    Route::get(Operation::MetricsFetch, "/metrics", Access::Everyone)
        .says("Numbers for Prometheus.")
        .answers_media("text/plain"),
    Route::get(Operation::OpenApiFetch, "/openapi.json", Access::Everyone)
        .says("This description.")
        .answers_media("application/json"),
];

/// Whether the server works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or what is wrong.
    #[schema(example = "ok")]
    pub status: String,
    /// The version of the server.
    #[schema(example = "0.1.0")]
    pub version: String,
    /// How far what is shown lies behind what was accepted, in milliseconds.
    #[schema(example = 140)]
    pub behind_ms: u64,
}
