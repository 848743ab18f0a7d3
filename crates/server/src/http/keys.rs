//! Write keys and API tokens.

use std::sync::Arc;

use api::data::{Key, KeyCreate, KeyKind, KeyQuery};
use api::{Operation, Page, Problem, Word};
use axum::Json as Reply;
use axum::extract::State;
use model::Role;
use store::KeyNew;

use super::app::App;
use super::body::{Json, Query};
use super::caller::Caller;
use super::check;
use super::failure::{Answer, Failure};

/// All keys.
pub(super) async fn key_list(State(app): State<Arc<App>>, caller: Caller) -> Answer<Page<Key>> {
    let keys = app.house.store.key_list(caller.workspace.id).await?;
    Ok(Reply(Page::whole(keys.into_iter().map(shown).collect())))
}

/// Makes a key; an API token is shown this once.
pub(super) async fn key_create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<KeyCreate>,
) -> Answer<Key> {
    let name = check::name("name", &new.name)?;
    let (prefix, kind) = match new.kind {
        KeyKind::WriteKey => ("wk", store::KeyKind::Write),
        KeyKind::ApiToken => ("at", store::KeyKind::Api(role(&caller, &new)?)),
    };
    let secret = app.house.secret(prefix);
    let new = KeyNew { workspace: caller.workspace.id, kind, name };
    let key = app.house.store.key_create(&secret, &new, &caller.act(&app)).await?;
    app.write_keys_reload().await?;
    app.audit(&caller, Operation::KeyCreate, &key.name).await?;
    Ok(Reply(Key { key: Some(secret.reveal().to_owned()), ..shown(key) }))
}

/// Takes a key away.
pub(super) async fn key_delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<KeyQuery>,
) -> Result<(), Failure> {
    let Some(id) = query.id.strip_prefix('k').and_then(|id| id.parse().ok()) else {
        let problem = Problem::invalid("id", "not the id of a key").value(&query.id);
        return Err(Failure::of(problem.fix("use an id of the list, like `k3`")));
    };
    app.house.store.key_delete(caller.workspace.id, id).await?;
    app.write_keys_reload().await?;
    app.audit(&caller, Operation::KeyDelete, &query.id).await
}

/// Nobody makes a key that may do more than themselves.
fn role(caller: &Caller, new: &KeyCreate) -> Result<Role, Failure> {
    let role = new.role.map_or(Role::Viewer, |role| role.0);
    if role > caller.role {
        let detail = format!("a token cannot have a higher role than you. yours=`{}`", caller.role);
        let problem = Problem::new(model::ErrorKind::Forbidden, detail).field("role").value(role);
        return Err(Failure::of(problem.fix("choose your own role or a lower one")));
    }
    Ok(role)
}

fn shown(key: store::Key) -> Key {
    let (kind, role) = match key.kind {
        store::KeyKind::Write => (KeyKind::WriteKey, None),
        store::KeyKind::Api(role) => (KeyKind::ApiToken, Some(Word(role))),
    };
    Key {
        id: format!("k{}", key.id),
        kind,
        name: key.name.to_string(),
        role,
        key: key.shown.map(|shown| shown.to_string()),
        prefix: key.prefix.to_string(),
        created_by: key.created_by.to_string(),
        created_at: Word(key.created_at),
        used_at: key.used_at.map(Word),
    }
}
