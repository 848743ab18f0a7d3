//! Events in, as Segment and CleverTap clients send them. The bodies are their contracts, read by the crate `ingest`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::route::{Access, Operation, Route};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    segment(Operation::SegmentTrack, "/v1/track").also("/v1/t").says("The customer did something."),
    segment(Operation::SegmentIdentify, "/v1/identify")
        .also("/v1/i")
        .says("Who the customer is and what is known."),
    segment(Operation::SegmentPage, "/v1/page").also("/v1/p").says("The customer saw a page."),
    segment(Operation::SegmentScreen, "/v1/screen").also("/v1/s").says("The customer saw a screen."),
    segment(Operation::SegmentGroup, "/v1/group").also("/v1/g").says("The customer belongs to a group."),
    segment(Operation::SegmentAlias, "/v1/alias").also("/v1/a").says("Two names are one customer."),
    segment(Operation::SegmentBatch, "/v1/batch")
        .also("/v1/b")
        .says("Several of the above at once: at most 2,500 and 500 KB."),
    segment(Operation::SegmentImport, "/v1/import").says("As `/v1/batch`, for the past: messages nobody."),
    Route::get(Operation::SegmentSettings, "/v1/projects/{write_key}/settings", Access::AnySite)
        .says("What Segment's browser client asks before it sends anything: it sends to this server, and measures nothing else.")
        .answers_media("application/json"),
    Route::post(Operation::SegmentMetrics, "/v1/m", Access::AnySite)
        .says("What Segment's browser client tells about itself; heard and forgotten.")
        .takes_media("text/plain")
        .answers_nothing(),
    Route::post(Operation::CleverTapUpload, "/1/upload", Access::WriteKey)
        .says("Events and profiles as CleverTap clients send them, with an answer for each record.")
        .takes_media("application/json")
        .answers_media("application/json"),
];

const fn segment(operation: Operation, path: &'static str) -> Route {
    Route::post(operation, path, Access::WriteKey).takes_media("application/json").answers::<Taken>(200)
}

/// What a Segment client expects to hear. It means: on disk, in order, fsynced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    /// Always true; anything else is a problem.
    #[schema(example = true)]
    pub success: bool,
}
