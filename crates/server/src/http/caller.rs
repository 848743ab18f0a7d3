//! Who asks, and whether they may.

use std::sync::Arc;

use api::{Access, Problem, Route};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::{ErrorKind, Instant, Role, Text};
use store::{Act, KeyKind, SESSION_MS, Secret};

use super::app::App;
use super::failure::Failure;
use crate::Workspace;
use crate::engine::Handle;

/// The cookie that holds a session's token.
pub(super) const COOKIE: &str = "omotenashi_session";
/// The header that proves that a page of ours sends a request.
pub(super) const CSRF: &str = "x-csrf-token";

/// Who asks.
#[derive(Clone)]
pub(super) struct Caller {
    /// In which workspace.
    pub workspace: Arc<Workspace>,
    /// How the audit log names them.
    pub name: Text,
    /// What they may do.
    pub role: Role,
    /// The session, unless an API token was used.
    pub session: Option<Signed>,
}

/// A session in use.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    /// Its token.
    pub token: Secret,
    /// What requests that change something must carry.
    pub csrf: Text,
    /// What the user signs in with.
    pub email: Text,
    /// When it ends.
    pub expires_at: Instant,
}

impl Caller {
    /// The engine of the caller's workspace.
    pub(super) fn engine(&self) -> &Handle {
        &self.workspace.engine
    }

    /// What they do, for records that people edit.
    pub(super) fn act(&self, app: &App) -> Act {
        Act { who: self.name.clone(), at: app.house.now() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get().cloned().ok_or_else(unknown)
    }
}

/// Lets a request pass to its handler when whoever asks may; gives the answer the status of its route.
pub(super) async fn guard(
    State((app, route)): State<(Arc<App>, &'static Route)>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Access::Role(least) = route.access {
        match admit(&app, request.headers(), request.method(), least).await {
            Ok(caller) => drop(request.extensions_mut().insert(caller)),
            Err(failure) => return failure.into_response(),
        }
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::from_u16(route.status).unwrap_or(StatusCode::OK);
    }
    response
}

async fn admit(app: &App, headers: &HeaderMap, method: &Method, least: Role) -> Result<Caller, Failure> {
    let caller = match bearer(headers) {
        Some(token) => by_token(app, &Secret::presented(token)).await?,
        None => by_session(app, headers, method).await?,
    };
    if caller.role < least {
        let detail = format!("this needs a higher role. role=`{}`, needed=`{least}`", caller.role);
        return Err(Failure::of(
            Problem::new(ErrorKind::Forbidden, detail).fix("ask an owner of the workspace for it"),
        ));
    }
    Ok(caller)
}

async fn by_token(app: &App, token: &Secret) -> Result<Caller, Failure> {
    let Some(key) = app.house.store.key_find(token).await? else { return Err(unknown()) };
    let Some(workspace) = app.house.workspace(key.workspace).cloned() else { return Err(unknown()) };
    let KeyKind::Api(role) = key.kind else {
        return Err(Failure::of(unknown().problem().fix("this is a write key; use an API token (`at_…`)")));
    };
    app.touch(key.id, key.used_at).await;
    Ok(Caller { workspace, name: key.name, role, session: None })
}

async fn by_session(app: &App, headers: &HeaderMap, method: &Method) -> Result<Caller, Failure> {
    let Some(token) = cookie(headers) else { return Err(unknown()) };
    let now = app.house.now();
    let Some(session) = app.house.store.session_find(&token, now).await? else { return Err(unknown()) };
    let Some(workspace) = app.house.workspace(session.workspace).cloned() else { return Err(unknown()) };
    let proof = headers.get(CSRF).map(|value| value.as_bytes());
    if method != Method::GET && proof != Some(session.csrf.as_bytes()) {
        let problem =
            Problem::new(ErrorKind::Forbidden, "the proof that a page of the console sends this is missing");
        return Err(Failure::of(problem.field(CSRF).fix("send the `csrf` of /api/v1/me in this header")));
    }
    if session.expires_at.since_ms(now) < SESSION_MS - Instant::DAY_MS {
        app.house.store.session_extend(&token, now).await?;
    }
    let signed = Signed { token, csrf: session.csrf, email: session.email, expires_at: session.expires_at };
    Ok(Caller { workspace, name: session.name, role: session.role, session: Some(signed) })
}

fn unknown() -> Failure {
    Failure::of(
        Problem::new(ErrorKind::Unauthorized, "nobody is signed in, or the token is not valid (any more)")
            .field("authorization")
            .fix("sign in, or send `Authorization: Bearer` with an API token"),
    )
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<Secret> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| Secret::presented(value))
}
