//! Errors on their way out: every one becomes a problem that names the field, the value and the fix.

use api::{Problem, ProblemCode};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::ErrorKind;

use crate::{campaigns, conditions, engine, receipts};

/// What a handler answers when it cannot do what was asked.
///
/// It travels as an extension of the response; [`super::requests`] writes the body,
/// because only there the number of the request is known.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    problem: Box<Problem>,
    /// Whether the journal has what was refused, so that it stands under Data, rejects.
    is_kept: bool,
}

/// What a handler answers.
pub(super) type Answer<T> = Result<axum::Json<T>, Failure>;

impl Failure {
    /// The answer that says this.
    pub(super) fn of(problem: Problem) -> Self {
        Self { problem: Box::new(problem), is_kept: false }
    }

    /// The problem itself.
    pub(super) fn problem(self) -> Problem {
        *self.problem
    }

    /// The journal has what was refused.
    #[must_use]
    pub(super) fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// Whether the journal has what was refused.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Who asks may not.
    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::of(Problem::new(ErrorKind::Forbidden, detail))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::of(problem)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let problem = Problem::new(error.kind(), error.to_string());
        Self::of(match &error {
            store::Error::NotFound { what, name } => problem
                .value(name)
                .fix(format!("look up the {what}s there are; it may have been renamed or taken away")),
            store::Error::Taken { what, name } => {
                problem.field("name").value(name).fix(format!("choose a name that no other {what} has"))
            }
            store::Error::Stale { version, .. } => problem
                .field("version")
                .value(version)
                .fix("read it again, look at what changed, then decide"),
            store::Error::InUse { what, name, by } => {
                problem.value(name).fix(format!("this {what} cannot change while it is used by `{by}`"))
            }
            store::Error::LastOwner => problem.field("id").fix("make somebody else an owner first"),
            store::Error::Newer { .. } | store::Error::Damaged { .. } | store::Error::Password { .. } => {
                problem.fix("run `omotenashi doctor`")
            }
            store::Error::Database { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "the control plane failed");
                problem.fix("try again; when it lasts, see the server's log and its disk")
            }
        })
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        let problem = Problem::new(error.kind(), error.to_string());
        Self::of(match &error {
            engine::Error::Overloaded => problem.fix("send it again after a moment; nothing of it was taken"),
            engine::Error::Journal { .. } => {
                problem.code(ProblemCode::JournalFull).fix("send it again when the server's disk has room")
            }
            engine::Error::Stopped => problem.fix("send it again; when it lasts, see the server's log"),
        })
    }
}

impl From<people::Error> for Failure {
    fn from(error: people::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "customers cannot be read");
        Self::of(Problem::new(error.kind(), error.to_string()).fix("run `omotenashi doctor`"))
    }
}

impl From<conditions::Fault> for Failure {
    fn from(error: conditions::Fault) -> Self {
        let problem = Problem::new(error.kind(), error.to_string());
        match error {
            conditions::Fault::NoAudience { name } => {
                Self::of(problem.field("audience").value(name).fix("choose one of the audiences there are"))
            }
            conditions::Fault::Damaged { name, .. } => {
                Self::of(problem.field("audience").value(name).fix("write its condition anew"))
            }
            conditions::Fault::Evaluation { .. } => {
                Self::of(problem.field("condition").fix("refer only to audiences that exist"))
            }
            conditions::Fault::Crowded { .. } => {
                Self::of(problem.field("from").fix("ask about a shorter time, or fewer events"))
            }
            conditions::Fault::Store(error) => error.into(),
        }
    }
}

impl From<campaigns::Refused> for Failure {
    fn from(refused: campaigns::Refused) -> Self {
        let problem = Problem::new(refused.kind(), refused.to_string());
        match refused {
            campaigns::Refused::Content(errors) => Self::of(content(problem, &errors)),
            campaigns::Refused::NoAudience => {
                Self::of(problem.field("draft.audience").fix("choose one of the audiences there are"))
            }
            campaigns::Refused::NoSender => Self::of(
                problem.field("settings.sender.email").fix("set the sender's address under Settings"),
            ),
            campaigns::Refused::NeverLaunched(_) => Self::of(problem.fix("launch it first")),
            campaigns::Refused::Run(_) => {
                Self::of(problem.fix("look at where the campaign stands, then decide"))
            }
            campaigns::Refused::Condition(fault) => fault.into(),
            campaigns::Refused::Engine(error) => error.into(),
            campaigns::Refused::Store(error) => error.into(),
        }
    }
}

/// The first thing that is wrong with a content.
fn content(problem: Problem, errors: &[api::campaigns::ContentError]) -> Problem {
    let Some(first) = errors.first() else { return problem };
    let place = first.line.zip(first.column);
    let place = place.map_or_else(String::new, |(line, column)| format!(" line {line}, column {column}:"));
    let field = format!("draft.variants.{}.{}", first.language, first.part);
    let fix = first.fix.clone().unwrap_or_else(|| "correct it there; the check lists all places".to_owned());
    Problem {
        detail: format!("the content has {} fault(s);{place} {}", errors.len(), first.message),
        ..problem
    }
    .field(field)
    .fix(fix)
}

impl From<receipts::Fault> for Failure {
    fn from(error: receipts::Fault) -> Self {
        let problem = Problem::new(error.kind(), error.to_string());
        match error {
            receipts::Fault::Token(_) => {
                Self::of(problem.field("token").fix("copy the whole link from the message"))
            }
            receipts::Fault::NoMessage(_) => {
                Self::of(problem.field("token").fix("use the link of a newer message"))
            }
            receipts::Fault::Engine(error) => error.into(),
        }
    }
}

impl From<questions::Error> for Failure {
    fn from(error: questions::Error) -> Self {
        let problem = Problem::new(error.kind(), error.to_string());
        match error {
            questions::Error::TooLarge { .. } => Self::of(
                problem.fix("ask for less at once: a shorter range, wider buckets, fewer steps or lines"),
            ),
            questions::Error::Invalid { field, expected, value } => {
                Self::of(problem.field(field).value(value).fix(format!("send {expected}")))
            }
        }
    }
}

/// The words of a problem for an answer that only the framework gave.
pub(super) fn of_status(status: StatusCode, detail: &str) -> Problem {
    let kind = match status.as_u16() {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        413 => ErrorKind::TooLarge,
        429 => ErrorKind::Overloaded,
        503 => ErrorKind::Unavailable,
        500..=599 => ErrorKind::Corrupt,
        _ => ErrorKind::Invalid,
    };
    Problem { status: status.as_u16(), ..Problem::new(kind, detail) }
}
