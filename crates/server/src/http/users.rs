//! Console users: who has access, invitations, and links to choose a new password.
//!
//! Nobody gives more than they have, and nobody touches somebody who may do more than themselves.

use std::sync::Arc;

use api::users::{Invited, OneTimeLink, User, UserInvite, UserReplace, Users};
use api::{Operation, Problem, Word};
use axum::Json as Reply;
use axum::extract::{Path, State};
use model::{ErrorKind, Role};
use store::{Member, SETUP_MS, Setup};

use super::app::App;
use super::body::Json;
use super::caller::Caller;
use super::check;
use super::failure::{Answer, Failure};

/// How many people a workspace has at most, those who were invited among them.
const USERS_MAX: usize = 1_000;

/// Who has access, and who was invited.
pub(super) async fn user_list(State(app): State<Arc<App>>, caller: Caller) -> Answer<Users> {
    let (workspace, now) = (caller.workspace.id, app.house.now());
    let users = app.house.store.member_list(workspace).await?.into_iter().map(shown).collect();
    let invited = app.house.store.invited_list(workspace, now).await?.into_iter().map(|invited| Invited {
        email: invited.email.to_string(),
        role: Word(invited.role),
        expires_at: Word(invited.expires_at),
    });
    Ok(Reply(Users { users, invited: invited.collect() }))
}

/// Makes a one-time link for somebody.
pub(super) async fn user_invite(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(invite): Json<UserInvite>,
) -> Answer<OneTimeLink> {
    let email = check::email("email", &invite.email)?;
    may_give(&caller, invite.role.0)?;
    let (workspace, now) = (caller.workspace.id, app.house.now());
    let members = app.house.store.member_list(workspace).await?;
    if members.iter().any(|member| member.email == email) {
        let problem = Problem::new(ErrorKind::Conflict, "this person has access already").field("email");
        return Err(Failure::of(problem.value(&email).fix("change their role instead")));
    }
    if members.len() + app.house.store.invited_list(workspace, now).await?.len() >= USERS_MAX {
        let detail = format!("a workspace has at most {USERS_MAX} console users");
        return Err(Failure::of(
            Problem::new(ErrorKind::Conflict, detail).fix("take away the access of those who left"),
        ));
    }
    let token = app.house.secret("su");
    app.house.store.invited_remove(workspace, &email).await?;
    let setup = Setup { workspace, email: email.clone(), role: invite.role.0 };
    app.house.store.setup_create(&token, &setup, now).await?;
    app.audit(&caller, Operation::UserInvite, &format!("{email} as {}", invite.role.0)).await?;
    Ok(Reply(OneTimeLink {
        email: email.to_string(),
        link: link(&caller, &format!("setup?token={}", token.reveal())),
        expires_at: Word(now.plus_ms(SETUP_MS)),
    }))
}

/// Takes an invitation back.
pub(super) async fn invite_delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(email): Path<String>,
) -> Result<(), Failure> {
    if app.house.store.invited_remove(caller.workspace.id, &email).await? == 0 {
        let problem = Problem::not_found("nobody of this address is invited").field("email").value(&email);
        return Err(Failure::of(problem.fix("look at the list: they may have come already")));
    }
    app.audit(&caller, Operation::InviteDelete, &email).await
}

/// Gives somebody another role.
pub(super) async fn user_replace(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(new): Json<UserReplace>,
) -> Answer<User> {
    let member = member(&app, &caller, &id).await?;
    may_give(&caller, new.role.0)?;
    let member = app.house.store.member_role(caller.workspace.id, member.id, new.role.0).await?;
    app.audit(&caller, Operation::UserReplace, &format!("{} as {}", member.email, member.role)).await?;
    Ok(Reply(shown(member)))
}

/// Takes somebody's access away.
pub(super) async fn user_delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(), Failure> {
    let member = member(&app, &caller, &id).await?;
    app.house.store.member_remove(caller.workspace.id, member.id).await?;
    app.audit(&caller, Operation::UserDelete, &member.email).await
}

/// Makes a link with which somebody chooses a new password.
pub(super) async fn user_reset(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<OneTimeLink> {
    let member = member(&app, &caller, &id).await?;
    let token = app.house.secret("pr");
    let expires_at = app.house.store.reset_create(&token, member.id, app.house.now()).await?;
    app.audit(&caller, Operation::UserReset, &member.email).await?;
    Ok(Reply(OneTimeLink {
        email: member.email.to_string(),
        link: link(&caller, &format!("reset?token={}", token.reveal())),
        expires_at: Word(expires_at),
    }))
}

/// The member that a path names, when the caller may do something about them.
async fn member(app: &App, caller: &Caller, id: &str) -> Result<Member, Failure> {
    let Some(number) = id.strip_prefix('u').and_then(|number| number.parse().ok()) else {
        let problem = Problem::invalid("id", "not the id of a console user").value(id);
        return Err(Failure::of(problem.fix("use an id of the list, like `u3`")));
    };
    let member = app.house.store.member_fetch(caller.workspace.id, number).await?;
    if member.role > caller.role {
        let detail =
            format!("this person may do more than you. theirs=`{}`, yours=`{}`", member.role, caller.role);
        return Err(Failure::of(
            Problem::new(ErrorKind::Forbidden, detail).field("id").fix("ask an owner of the workspace"),
        ));
    }
    Ok(member)
}

/// Nobody gives more than they have.
fn may_give(caller: &Caller, role: Role) -> Result<(), Failure> {
    if role <= caller.role {
        return Ok(());
    }
    let detail = format!("nobody gives a higher role than their own. yours=`{}`", caller.role);
    let problem = Problem::new(ErrorKind::Forbidden, detail).field("role").value(role);
    Err(Failure::of(problem.fix("choose your own role or a lower one")))
}

fn link(caller: &Caller, path: &str) -> String {
    format!("{}/{path}", caller.workspace.document().document.voice().base_url)
}

fn shown(member: Member) -> User {
    User {
        id: format!("u{}", member.id),
        email: member.email.to_string(),
        name: member.name.to_string(),
        role: Word(member.role),
        created_at: Word(member.created_at),
    }
}
