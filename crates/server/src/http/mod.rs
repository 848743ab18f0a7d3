//! The HTTP side: one router from the table of routes, one file for each group of endpoints.
//!
//! ```text
//! request → surround (number, log, problem's body, safe headers) → guard (who asks, may they; the route's status)
//!         → handler (raw body → checked → records or engine → answer)
//! ```
//!
//! Invariant: a handler never decides anything about customers; it asks the engine or the records.

mod app;
mod ask;
mod audiences;
mod body;
mod browser;
mod caller;
mod campaigns;
mod check;
mod clevertap;
mod condition;
mod console;
mod customers;
mod data;
mod draft;
mod export;
mod failure;
mod home;
mod hosted;
mod imports;
mod ingest;
mod keeping;
mod keys;
mod membership;
mod metrics;
mod operate;
mod page;
mod patience;
mod people;
mod questions;
mod refusals;
mod requests;
mod sandbox;
mod session;
mod settings;
mod table;
mod trial;
mod users;
mod warnings;
mod why;

use std::sync::Arc;

use api::{Method, Operation, Problem, ProblemCode, Route};
use axum::Router;
use axum::extract::MatchedPath;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

pub use app::App;
use failure::Failure;
pub(crate) use refusals::keep as refusals_keep;

/// The router of the whole server.
pub fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new();
    for route in api::route::all() {
        let guard = middleware::from_fn_with_state((Arc::clone(app), route), caller::guard);
        let mut methods = handler(route).layer(guard);
        if route.access.is_shared() {
            methods = methods
                .on(MethodFilter::OPTIONS, ingest::preflight)
                .layer(middleware::from_fn(ingest::share));
        }
        for path in [Some(route.path), route.also].into_iter().flatten() {
            router = router.route(path, methods.clone());
        }
    }
    router
        .fallback(console::page)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(app), requests::surround))
        .with_state(Arc::clone(app))
}

/// Serves until `stop` resolves, then lets running requests end.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: &Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(app)).with_graceful_shutdown(stop).await
}

async fn method_not_allowed(path: Option<MatchedPath>) -> Response {
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    let here = api::route::all().filter(|route| route.path == path || route.also == Some(path));
    let allowed = here.map(|route| word(route.method)).collect::<Vec<_>>().join(", ");
    let problem = Problem {
        kind: "urn:omotenashi:method_not_allowed".to_owned(),
        title: "This cannot be done here".to_owned(),
        status: 405,
        code: ProblemCode::WrongMethod,
        ..Problem::invalid("method", "this route does not answer this method").fix(format!("use {allowed}"))
    };
    let mut response = Failure::of(problem).into_response();
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// The handler of each operation: one line each, none missing.
#[expect(clippy::too_many_lines, reason = "one line for each operation")]
fn handler(route: &Route) -> MethodRouter<Arc<App>> {
    let method = filter(route.method);
    match route.operation {
        Operation::SetupFinish => on(method, session::setup_finish),
        Operation::SessionCreate => on(method, session::session_create),
        Operation::SessionEnd => on(method, session::session_end),
        Operation::MeFetch => on(method, session::me_fetch),
        Operation::DictionaryList => on(method, data::dictionary_list),
        Operation::DictionaryFetch => on(method, data::dictionary_fetch),
        Operation::TraitList => on(method, data::trait_list),
        Operation::LiveTail => on(method, data::live_tail),
        Operation::RejectList => on(method, data::reject_list),
        Operation::RefusalList => on(method, data::refusal_list),
        Operation::KeyList => on(method, keys::key_list),
        Operation::KeyCreate => on(method, keys::key_create),
        Operation::KeyDelete => on(method, keys::key_delete),
        Operation::ExportEvents => on(method, export::export_events),
        Operation::ExportCustomers => on(method, export::export_customers),
        Operation::ExportMessages => on(method, export::export_messages),
        Operation::ImportList => on(method, imports::import_list),
        Operation::ImportCreate => on(method, imports::import_create),
        Operation::ImportRows => on(method, imports::import_rows),
        Operation::ImportFinish => on(method, imports::import_finish),
        Operation::SettingsFetch => on(method, settings::settings_fetch),
        Operation::SettingsReplace => on(method, settings::settings_replace),
        Operation::SettingsRetention => on(method, keeping::settings_retention),
        Operation::AuditList => on(method, settings::audit_list),
        Operation::UserList => on(method, users::user_list),
        Operation::UserInvite => on(method, users::user_invite),
        Operation::InviteDelete => on(method, users::invite_delete),
        Operation::UserReplace => on(method, users::user_replace),
        Operation::UserDelete => on(method, users::user_delete),
        Operation::UserReset => on(method, users::user_reset),
        Operation::PasswordReset => on(method, session::password_reset),
        Operation::SegmentTrack => on(method, ingest::track),
        Operation::SegmentIdentify => on(method, ingest::identify),
        Operation::SegmentPage => on(method, ingest::page),
        Operation::SegmentScreen => on(method, ingest::screen),
        Operation::SegmentGroup => on(method, ingest::group),
        Operation::SegmentAlias => on(method, ingest::alias),
        Operation::SegmentBatch => on(method, ingest::batch),
        Operation::SegmentImport => on(method, ingest::import),
        Operation::SegmentSettings => on(method, browser::settings),
        Operation::SegmentMetrics => on(method, browser::metrics),
        Operation::HealthFetch => on(method, operate::health_fetch),
        Operation::MetricsFetch => on(method, operate::metrics_fetch),
        Operation::OpenApiFetch => on(method, operate::openapi_fetch),
        Operation::HomeFetch => on(method, home::home_fetch),
        Operation::CustomerList => on(method, customers::customer_list),
        Operation::CustomerFetch => on(method, customers::customer_fetch),
        Operation::CustomerTimeline => on(method, customers::customer_timeline),
        Operation::CustomerMessages => on(method, customers::customer_messages),
        Operation::CustomerErase => on(method, customers::customer_erase),
        Operation::CustomerConsent => on(method, customers::customer_consent),
        Operation::CustomerUnmerge => on(method, customers::customer_unmerge),
        Operation::AudienceList => on(method, audiences::audience_list),
        Operation::AudienceCreate => on(method, audiences::audience_create),
        Operation::AudienceFetch => on(method, audiences::audience_fetch),
        Operation::AudienceReplace => on(method, audiences::audience_replace),
        Operation::AudienceDelete => on(method, audiences::audience_delete),
        Operation::AudienceMembers => on(method, audiences::audience_members),
        Operation::AudienceMembersCsv => on(method, audiences::audience_members_csv),
        Operation::AudienceLive => on(method, membership::audience_live),
        Operation::AudiencePassages => on(method, membership::audience_passages),
        Operation::AudienceSizes => on(method, membership::audience_sizes),
        Operation::ConditionCheck => on(method, audiences::condition_check),
        Operation::AskCount => on(method, ask::ask_count),
        Operation::AskTrend => on(method, ask::ask::<api::ask::TrendQuestion>),
        Operation::AskFunnel => on(method, ask::ask::<api::ask::FunnelQuestion>),
        Operation::AskRetention => on(method, ask::ask::<api::ask::RetentionQuestion>),
        Operation::AskPaths => on(method, ask::ask::<api::ask::PathsQuestion>),
        Operation::AskRfm => on(method, ask::ask::<api::ask::RfmQuestion>),
        Operation::AskPeople => on(method, ask::ask_people),
        Operation::AskPeopleCsv => on(method, ask::ask_people_csv),
        Operation::AskAudience => on(method, ask::ask_audience),
        Operation::RunningList => on(method, ask::running_list),
        Operation::RunningStop => on(method, ask::running_stop),
        Operation::QuestionList => on(method, questions::question_list),
        Operation::QuestionCreate => on(method, questions::question_create),
        Operation::QuestionFetch => on(method, questions::question_fetch),
        Operation::QuestionReplace => on(method, questions::question_replace),
        Operation::QuestionDelete => on(method, questions::question_delete),
        Operation::QuestionPin => on(method, questions::question_pin),
        Operation::QuestionUnpin => on(method, questions::question_unpin),
        Operation::QuestionMove => on(method, questions::question_move),
        Operation::CampaignList => on(method, campaigns::campaign_list),
        Operation::CampaignCreate => on(method, campaigns::campaign_create),
        Operation::CampaignFetch => on(method, campaigns::campaign_fetch),
        Operation::CampaignReplace => on(method, campaigns::campaign_replace),
        Operation::CampaignPreview => on(method, campaigns::campaign_preview),
        Operation::CampaignTest => on(method, campaigns::campaign_test),
        Operation::CampaignCheck => on(method, campaigns::campaign_check),
        Operation::CampaignBroken => on(method, campaigns::campaign_broken),
        Operation::CampaignLaunch => on(method, campaigns::campaign_launch),
        Operation::CampaignPause => on(method, campaigns::campaign_pause),
        Operation::CampaignResume => on(method, campaigns::campaign_resume),
        Operation::CampaignStop => on(method, campaigns::campaign_stop),
        Operation::CampaignReport => on(method, campaigns::campaign_report),
        Operation::CampaignMessages => on(method, campaigns::campaign_messages),
        Operation::MessageWhy => on(method, why::message_why),
        Operation::WhyFetch => on(method, why::why_fetch),
        Operation::SandboxList => on(method, sandbox::sandbox_list),
        Operation::SandboxFetch => on(method, sandbox::sandbox_fetch),
        Operation::UnsubscribePage => on(method, hosted::unsubscribe_page),
        Operation::UnsubscribeOneClick => on(method, hosted::unsubscribe_one_click),
        Operation::PreferencePage => on(method, hosted::preference_page),
        Operation::PreferenceSave => on(method, hosted::preference_save),
        Operation::OpenPixel => on(method, hosted::open_pixel),
        Operation::LinkFollow => on(method, hosted::link_follow),
        Operation::CleverTapUpload => on(method, clevertap::clever_tap_upload),
    }
}

/// Runs what takes its time beside the event loop.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "work beside the event loop ended early");
        let problem = Problem::new(model::ErrorKind::Unavailable, "the work ended early");
        Failure::of(problem.fix("try again; when it lasts, see the server's log"))
    })
}

const fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    }
}

const fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Delete => MethodFilter::DELETE,
    }
}
