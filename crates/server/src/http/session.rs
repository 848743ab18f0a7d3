//! Setting up, signing in, signing out, who am I.

use std::sync::Arc;

use api::session::{Me, SessionCreate, SetupFinish, WorkspaceBrief};
use api::users::PasswordReset;
use api::{Operation, Problem, Word};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use model::{ErrorKind, Instant, Text};
use store::{SESSION_MS, Secret, SessionNew, User, UserNew, password};

use super::app::App;
use super::body::Json;
use super::caller::{COOKIE, Caller, Signed};
use super::failure::{Answer, Failure};
use super::{blocking, check};

/// A hash that belongs to nobody: whoever tries an unknown address waits as long as for a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$0123456789abcdef0123456789abcdef0123456789a";

/// Uses a one-time link and signs in.
pub(super) async fn setup_finish(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(setup): Json<SetupFinish>,
) -> Result<Response, Failure> {
    let name = check::name("name", &setup.name)?;
    let email = setup.email.as_deref().map(|email| check::email("email", email)).transpose()?;
    let password = hashed(&app, setup.password).await?;
    let new = UserNew { email, name, password };
    let used = app.house.store.setup_use(&Secret::presented(setup.token), &new, app.house.now()).await?;
    let Some(user) = used else {
        let detail = "this set-up link was used, is too old, or was never made";
        return Err(Failure::of(
            Problem::invalid("token", detail).fix("ask an administrator of the workspace for a new one"),
        ));
    };
    let (caller, response) = sign_in(&app, &headers, &user).await?;
    app.audit(&caller, Operation::SetupFinish, &user.email).await?;
    Ok(response)
}

/// Uses a link to choose a new password, and signs in.
pub(super) async fn password_reset(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(reset): Json<PasswordReset>,
) -> Result<Response, Failure> {
    let password = hashed(&app, reset.password).await?;
    let token = Secret::presented(reset.token);
    let Some(user) = app.house.store.reset_use(&token, &password, app.house.now()).await? else {
        let detail = "this link was used, is too old, or was never made";
        return Err(Failure::of(
            Problem::invalid("token", detail).fix("ask an administrator of the workspace for a new one"),
        ));
    };
    app.patience.forget(&user.email);
    let (caller, response) = sign_in(&app, &headers, &user).await?;
    app.audit(&caller, Operation::PasswordReset, &user.email).await?;
    Ok(response)
}

/// What is kept of a password, when it is one.
async fn hashed(app: &App, password: String) -> Result<String, Failure> {
    let length = password.chars().count();
    if length < password::CHARACTERS_MIN || password.len() > password::BYTES_MAX {
        let detail =
            format!("a password has at least {} characters. characters=`{length}`", password::CHARACTERS_MIN);
        return Err(Failure::of(
            Problem::invalid("password", detail).fix("choose a longer one, such as four words"),
        ));
    }
    let mut salt = [0; 16];
    app.house.entropy.fill(&mut salt);
    Ok(blocking(move || password::hash(&password, salt)).await??)
}

/// Signs in.
pub(super) async fn session_create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(session): Json<SessionCreate>,
) -> Result<Response, Failure> {
    if let Err(seconds) = app.patience.try_once(&session.email, app.house.now()) {
        let detail = format!("too many wrong passwords for this address. seconds=`{seconds}`");
        let mut response =
            Failure::of(Problem::new(ErrorKind::Overloaded, detail).fix("wait, then try again"))
                .into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let user = app.house.store.user_find(&session.email).await?;
    let kept = user.as_ref().map_or_else(|| NOBODY.to_owned(), |user| user.password.clone());
    let fits = blocking(move || password::verify(&session.password, &kept)).await?;
    match (user, fits) {
        (Some(user), Ok(true)) => {
            app.patience.forget(&session.email);
            sign_in(&app, &headers, &user).await.map(|(_, response)| response)
        }
        (Some(_), Err(error)) => Err(error.into()),
        (Some(_) | None, _) => {
            let problem = Problem::new(ErrorKind::Unauthorized, "the address or the password is wrong");
            Err(Failure::of(
                problem
                    .field("password")
                    .fix("try again, or ask an administrator for a link to choose a new password"),
            ))
        }
    }
}

/// Signs out.
pub(super) async fn session_end(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Failure> {
    if let Some(session) = &caller.session {
        app.house.store.session_end(&session.token).await?;
    }
    Ok(with_cookie(().into_response(), "", 0, false))
}

/// Who is signed in.
pub(super) async fn me_fetch(caller: Caller) -> Answer<Me> {
    Ok(axum::Json(me(&caller)))
}

fn me(caller: &Caller) -> Me {
    let settings = &caller.workspace.document().document.settings;
    Me {
        name: caller.name.to_string(),
        email: caller.session.as_ref().map(|session| session.email.to_string()),
        role: Word(caller.role),
        workspace: WorkspaceBrief {
            name: caller.workspace.name.to_string(),
            time_zone: settings.time_zone.clone(),
            language: settings.language.clone(),
            currency: settings.currency.clone(),
        },
        csrf: caller.session.as_ref().map(|session| session.csrf.to_string()),
        expires_at: caller.session.as_ref().map(|session| Word(session.expires_at)),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

async fn sign_in(app: &App, headers: &HeaderMap, user: &User) -> Result<(Caller, Response), Failure> {
    let Some(workspace) = app.house.workspace(user.workspace).cloned() else {
        return Err(Failure::forbidden("the workspace of this console user is not served here"));
    };
    let (token, csrf) = (app.house.secret("se"), app.house.secret("csrf"));
    let csrf = Text::from(csrf.reveal());
    let new = SessionNew { user: user.id, workspace: user.workspace, csrf: csrf.clone() };
    let expires_at = app.house.store.session_create(&token, &new, app.house.now()).await?;
    let session = Some(Signed { token: token.clone(), csrf, email: user.email.clone(), expires_at });
    let caller = Caller { workspace, name: user.name.clone(), role: user.role, session };
    let secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https");
    let response = axum::Json(me(&caller)).into_response();
    Ok((caller, with_cookie(response, token.reveal(), SESSION_MS / Instant::SECOND_MS, secure)))
}

fn with_cookie(mut response: Response, token: &str, age_s: i64, secure: bool) -> Response {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_s}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
