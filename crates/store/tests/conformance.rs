//! What any control plane must do, shown on a real SQLite file.

use model::{Instant, Role};
use store::{
    Act, AudienceText, CampaignText, Error, ImportEnd, ImportProgress, ImportStart, KeyKind, KeyNew,
    QuestionText, RESET_MS, SESSION_MS, SETUP_MS, Secret, SessionNew, Setup, Store, UserNew, WorkspaceId,
};

const NOW: Instant = Instant::from_ms(1_769_860_800_000);

struct Plane {
    store: Store,
    workspace: WorkspaceId,
    dir: tempfile::TempDir,
}

async fn plane() -> Plane {
    let dir = tempfile::tempdir().expect("a folder can be made");
    let store = Store::open(&dir.path().join("control.db")).await.expect("the file opens");
    let workspace = store.workspace_create("shop", NOW).await.expect("the first workspace");
    Plane { store, workspace, dir }
}

fn act() -> Act {
    Act { who: "Hanako".into(), at: NOW }
}

fn user(email: Option<&str>) -> UserNew {
    UserNew { email: email.map(Into::into), name: "Hanako".into(), password: "kept".into() }
}

#[tokio::test]
async fn what_was_written_is_there_after_the_file_is_opened_again() {
    let Plane { store, dir, .. } = plane().await;
    store.close().await;
    let again = Store::open(&dir.path().join("control.db")).await.unwrap();
    assert_eq!(again.workspace_list().await.unwrap()[0].name, "shop");
    assert!(matches!(again.workspace_create("shop", NOW).await, Err(Error::Taken { what: "workspace", .. })));
}

#[tokio::test]
async fn a_file_of_a_later_version_is_refused() {
    let Plane { store, dir, .. } = plane().await;
    store.close().await;
    let path = dir.path().join("control.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&pool).await.unwrap();
    pool.close().await;
    assert!(matches!(Store::open(&path).await, Err(Error::Newer { found: 99, .. })));
}

#[tokio::test]
async fn a_setup_link_works_once_and_not_after_its_time() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let (first, late) = (Secret::new("st", [1; 20]), Secret::new("st", [2; 20]));
    let setup = Setup { workspace, email: "A@example.com".into(), role: Role::Owner };
    store.setup_create(&first, &setup, NOW).await.unwrap();
    store.setup_create(&late, &setup, NOW).await.unwrap();

    let made = store.setup_use(&first, &user(None), NOW).await.unwrap().unwrap();
    assert_eq!((made.email.as_str(), made.role), ("a@example.com", Role::Owner));
    assert!(store.setup_use(&first, &user(None), NOW).await.unwrap().is_none());
    let after = NOW.plus_ms(SETUP_MS);
    assert!(store.setup_use(&late, &user(Some("b@example.com")), after).await.unwrap().is_none());
    assert_eq!(store.user_find("A@EXAMPLE.com").await.unwrap().unwrap().id, made.id);
}

#[tokio::test]
async fn a_link_that_cannot_make_its_user_is_not_used_up() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let (one, two) = (Secret::new("st", [1; 20]), Secret::new("st", [2; 20]));
    let setup = Setup { workspace, email: "a@example.com".into(), role: Role::Owner };
    store.setup_create(&one, &setup, NOW).await.unwrap();
    store.setup_create(&two, &setup, NOW).await.unwrap();
    store.setup_use(&one, &user(None), NOW).await.unwrap().unwrap();
    assert!(matches!(store.setup_use(&two, &user(None), NOW).await, Err(Error::Taken { .. })));
    assert!(store.setup_use(&two, &user(Some("b@example.com")), NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let link = Secret::new("st", [1; 20]);
    let setup = Setup { workspace, email: "a@example.com".into(), role: Role::Admin };
    store.setup_create(&link, &setup, NOW).await.unwrap();
    let made = store.setup_use(&link, &user(None), NOW).await.unwrap().unwrap();

    let token = Secret::new("s", [3; 20]);
    let new = SessionNew { user: made.id, workspace, csrf: "c".into() };
    store.session_create(&token, &new, NOW).await.unwrap();
    let session = store.session_find(&token, NOW).await.unwrap().unwrap();
    assert_eq!((session.role, session.csrf.as_str()), (Role::Admin, "c"));
    assert!(store.session_find(&Secret::new("s", [4; 20]), NOW).await.unwrap().is_none());

    let end = NOW.plus_ms(SESSION_MS);
    assert!(store.session_find(&token, end).await.unwrap().is_none());
    store.session_extend(&token, NOW.plus_ms(1)).await.unwrap();
    assert!(store.session_find(&token, end).await.unwrap().is_some());
    store.session_end(&token).await.unwrap();
    assert!(store.session_find(&token, NOW).await.unwrap().is_none());
}

/// A member with this role, by way of a set-up link.
async fn member(plane: &Plane, number: u8, role: Role) -> i64 {
    let token = Secret::new("su", [number; 20]);
    let setup = Setup { workspace: plane.workspace, email: format!("u{number}@example.com").into(), role };
    plane.store.setup_create(&token, &setup, NOW).await.expect("the link is kept");
    let used = plane.store.setup_use(&token, &user(None), NOW).await.expect("the link is looked at");
    used.expect("the link works once").id
}

#[tokio::test]
async fn who_is_removed_is_signed_out_at_once_and_may_be_invited_again() {
    let plane = plane().await;
    let (owner, guest) = (member(&plane, 1, Role::Owner).await, member(&plane, 2, Role::Marketer).await);
    let token = Secret::new("se", [9; 20]);
    let new = SessionNew { user: guest, workspace: plane.workspace, csrf: "c".into() };
    plane.store.session_create(&token, &new, NOW).await.unwrap();
    let changed = plane.store.member_role(plane.workspace, guest, Role::Viewer).await.unwrap();
    assert_eq!(changed.role, Role::Viewer);
    let session = plane.store.session_find(&token, NOW).await.unwrap().unwrap();
    assert_eq!(session.role, Role::Viewer, "a new role counts at once");

    plane.store.reset_create(&Secret::new("pr", [8; 20]), guest, NOW).await.unwrap();
    plane.store.member_remove(plane.workspace, guest).await.unwrap();
    assert_eq!(plane.store.session_find(&token, NOW).await.unwrap(), None);
    assert!(plane.store.user_find("u2@example.com").await.unwrap().is_none());
    let left = plane.store.member_list(plane.workspace).await.unwrap();
    assert_eq!(left.iter().map(|member| member.id).collect::<Vec<_>>(), [owner]);
    assert!(matches!(plane.store.member_remove(plane.workspace, guest).await, Err(Error::NotFound { .. })));
    let again = Setup { workspace: plane.workspace, email: "u2@example.com".into(), role: Role::Analyst };
    let token = Secret::new("su", [7; 20]);
    plane.store.setup_create(&token, &again, NOW).await.unwrap();
    assert!(plane.store.setup_use(&token, &user(None), NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn a_workspace_keeps_an_owner() {
    let plane = plane().await;
    let owner = member(&plane, 1, Role::Owner).await;
    assert!(matches!(plane.store.member_remove(plane.workspace, owner).await, Err(Error::LastOwner)));
    let lower = plane.store.member_role(plane.workspace, owner, Role::Admin).await;
    assert!(matches!(lower, Err(Error::LastOwner)));
    assert_eq!(plane.store.member_fetch(plane.workspace, owner).await.unwrap().role, Role::Owner);
    member(&plane, 2, Role::Owner).await;
    plane.store.member_remove(plane.workspace, owner).await.unwrap();
}

#[tokio::test]
async fn an_invitation_stands_in_the_list_until_it_is_used_or_taken_back() {
    let plane = plane().await;
    let setup = Setup { workspace: plane.workspace, email: "B@example.com".into(), role: Role::Analyst };
    plane.store.setup_create(&Secret::new("su", [1; 20]), &setup, NOW).await.unwrap();
    let invited = plane.store.invited_list(plane.workspace, NOW).await.unwrap();
    assert_eq!((invited[0].email.as_str(), invited[0].role), ("b@example.com", Role::Analyst));
    assert!(plane.store.invited_list(plane.workspace, NOW.plus_ms(SETUP_MS)).await.unwrap().is_empty());
    assert_eq!(plane.store.invited_remove(plane.workspace, "b@example.com").await.unwrap(), 1);
    let used = plane.store.setup_use(&Secret::new("su", [1; 20]), &user(None), NOW).await.unwrap();
    assert!(used.is_none(), "a link that was taken back makes nobody");
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_its_link_works_once() {
    let plane = plane().await;
    let owner = member(&plane, 1, Role::Owner).await;
    let (session, first, second) =
        (Secret::new("se", [3; 20]), Secret::new("pr", [4; 20]), Secret::new("pr", [5; 20]));
    let new = SessionNew { user: owner, workspace: plane.workspace, csrf: "c".into() };
    plane.store.session_create(&session, &new, NOW).await.unwrap();
    plane.store.reset_create(&first, owner, NOW).await.unwrap();
    plane.store.reset_create(&second, owner, NOW).await.unwrap();
    assert!(plane.store.reset_use(&first, "new", NOW).await.unwrap().is_none(), "only the latest link works");
    let late = plane.store.reset_use(&second, "new", NOW.plus_ms(RESET_MS)).await.unwrap();
    assert!(late.is_none(), "not after its time");
    let user = plane.store.reset_use(&second, "new", NOW).await.unwrap().unwrap();
    assert_eq!((user.id, user.password.as_str()), (owner, "new"));
    assert_eq!(plane.store.session_find(&session, NOW).await.unwrap(), None);
    assert!(plane.store.reset_use(&second, "again", NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn a_write_key_is_shown_again_and_an_api_token_is_not() {
    let Plane { store, workspace, dir } = plane().await;
    let (write, api) = (Secret::new("wk", [1; 20]), Secret::new("at", [2; 20]));
    let new = |kind, name: &str| KeyNew { workspace, kind, name: name.into() };
    store.key_create(&write, &new(KeyKind::Write, "web"), &act()).await.unwrap();
    let token = store.key_create(&api, &new(KeyKind::Api(Role::Analyst), "ci"), &act()).await.unwrap();

    let list = store.key_list(workspace).await.unwrap();
    assert_eq!(list[0].shown.as_deref(), Some(write.reveal()));
    assert_eq!((list[1].shown.as_deref(), list[1].kind), (None, KeyKind::Api(Role::Analyst)));
    assert_eq!(store.key_find(&api).await.unwrap().unwrap().id, token.id);
    store.close().await;
    let bytes = std::fs::read(dir.path().join("control.db")).unwrap();
    let kept = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(kept(write.reveal()) && !kept(api.reveal()), "an API token is kept only as its hash");
}

#[tokio::test]
async fn a_key_that_was_taken_away_is_not_found_and_its_number_never_returns() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let new = KeyNew { workspace, kind: KeyKind::Write, name: "web".into() };
    let first = store.key_create(&Secret::new("wk", [1; 20]), &new, &act()).await.unwrap();
    store.key_touch(first.id, NOW).await.unwrap();
    store.key_delete(workspace, first.id).await.unwrap();
    assert!(store.key_find(&Secret::new("wk", [1; 20])).await.unwrap().is_none());
    assert!(matches!(store.key_delete(workspace, first.id).await, Err(Error::NotFound { .. })));
    let second = store.key_create(&Secret::new("wk", [2; 20]), &new, &act()).await.unwrap();
    assert_ne!(first.id, second.id, "facts of the old key must not become the new one's");
}

fn audience(text: &str) -> AudienceText {
    AudienceText { description: "d".into(), text: text.into(), json: serde_json::json!({ "did": text }) }
}

#[tokio::test]
async fn an_audience_is_replaced_only_by_who_read_the_latest() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let made = store.audience_create(workspace, "regulars", &audience("a"), &act()).await.unwrap();
    assert_eq!(made.edited.version, 1);
    let changed = store.audience_replace(workspace, ("regulars", 1), &audience("b"), &act()).await.unwrap();
    assert_eq!((changed.edited.version, changed.text.text.as_str()), (2, "b"));
    let stale = store.audience_replace(workspace, ("regulars", 1), &audience("c"), &act()).await;
    assert!(matches!(stale, Err(Error::Stale { version: 1, .. })));
    let missing = store.audience_replace(workspace, ("nobody", 1), &audience("c"), &act()).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })));
    let twice = store.audience_create(workspace, "regulars", &audience("a"), &act()).await;
    assert!(matches!(twice, Err(Error::Taken { .. })));
}

#[tokio::test]
async fn audiences_page_by_name() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    for name in ["c", "a", "b"] {
        store.audience_create(workspace, name, &audience(name), &act()).await.unwrap();
    }
    let page = store.audience_list(workspace, "a", 1).await.unwrap();
    assert_eq!(page.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["b"]);
}

fn campaign(name: &str, audience: Option<&str>) -> CampaignText {
    CampaignText {
        name: name.into(),
        audience: audience.map(Into::into),
        draft: serde_json::json!({ "n": name }),
    }
}

#[tokio::test]
async fn an_audience_that_a_campaign_names_stays() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    store.audience_create(workspace, "regulars", &audience("a"), &act()).await.unwrap();
    let draft =
        store.campaign_create(workspace, &campaign("autumn", Some("regulars")), &act()).await.unwrap();
    let refused = store.audience_delete(workspace, "regulars").await;
    assert!(matches!(refused, Err(Error::InUse { ref by, .. }) if by == "autumn"));
    store.campaign_replace(workspace, (draft.id, 1), &campaign("autumn", None), &act()).await.unwrap();
    store.audience_delete(workspace, "regulars").await.unwrap();
}

#[tokio::test]
async fn a_campaign_is_launched_once_and_then_no_longer_edited() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let draft = store.campaign_create(workspace, &campaign("autumn", None), &act()).await.unwrap();
    assert!(matches!(
        store.campaign_launch(workspace, (draft.id, 7), &act()).await,
        Err(Error::Stale { .. })
    ));
    let launched = store.campaign_launch(workspace, (draft.id, 1), &act()).await.unwrap();
    assert_eq!(launched.launched_at, Some(NOW));
    assert!(matches!(
        store.campaign_launch(workspace, (draft.id, 1), &act()).await,
        Err(Error::InUse { .. })
    ));
    let edit = store.campaign_replace(workspace, (draft.id, 1), &campaign("x", None), &act()).await;
    assert!(matches!(edit, Err(Error::InUse { .. })));
    assert_eq!(store.campaign_find(workspace, "autumn").await.unwrap().id, draft.id);
    store.campaign_launch_undo(workspace, draft.id).await.unwrap();
    assert_eq!(store.campaign_fetch(workspace, draft.id).await.unwrap().launched_at, None);
}

#[tokio::test]
async fn settings_are_replaced_only_by_who_read_the_latest() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    assert!(store.settings_fetch(workspace).await.unwrap().is_none());
    store.settings_create(workspace, &serde_json::json!({ "a": 1 }), &act()).await.unwrap();
    let two = store.settings_replace((workspace, 1), &serde_json::json!({ "a": 2 }), &act()).await.unwrap();
    assert_eq!((two.version, &two.document["a"]), (2, &2.into()));
    let stale = store.settings_replace((workspace, 1), &serde_json::json!({}), &act()).await;
    assert!(matches!(stale, Err(Error::Stale { .. })));
}

#[tokio::test]
async fn an_import_begun_twice_is_one_import() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let start = ImportStart { key: "9f".into(), file: "a.csv".into(), rows: Some(10) };
    let first = store.import_start(workspace, &start, &act()).await.unwrap();
    let more = ImportProgress { position: 4, accepted: 3, duplicate: 0, rejected: 1 };
    store.import_advance(first.id, more, NOW).await.unwrap();
    let again = store.import_start(workspace, &start, &act()).await.unwrap();
    assert_eq!((again.id, again.progress), (first.id, more));
    assert!(again.source().0 > u32::MAX / 2, "an import is no key");
    for (position, known) in [(None, 4), (Some(11), 11), (None, 11)] {
        let end = ImportEnd { rows: 10, rejected: 2, position };
        let done = store.import_finish(first.id, end, NOW).await.unwrap();
        assert_eq!((done.finished, done.progress.rejected, done.progress.position), (true, 3, known));
    }
    assert_eq!(store.import_list(workspace, None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_audit_log_reads_backwards() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    for name in ["one", "two", "three"] {
        store.audit_append(workspace, &act(), ("key_create", name, "")).await.unwrap();
    }
    let first = store.audit_list(workspace, None, 2).await.unwrap();
    assert_eq!(first.iter().map(|it| it.subject.as_str()).collect::<Vec<_>>(), ["three", "two"]);
    let rest = store.audit_list(workspace, Some(first[1].id), 2).await.unwrap();
    assert_eq!(rest[0].subject, "one");
}

fn question(name: &str, event: &str) -> QuestionText {
    QuestionText { name: name.into(), question: serde_json::json!({ "type": "trend", "event": event }) }
}

#[tokio::test]
async fn a_saved_question_is_replaced_only_by_who_read_the_latest_and_keeps_its_number() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let made = store.question_create(workspace, &question("sales", "purchase"), &act()).await.unwrap();
    store.question_create(workspace, &question("other", "purchase"), &act()).await.unwrap();
    let changed = store.question_replace(workspace, (made.id, 1), &question("Sales", "order"), &act()).await;
    let changed = changed.unwrap();
    assert_eq!((changed.id, changed.edited.version, changed.text.name.as_str()), (made.id, 2, "Sales"));
    assert_eq!(store.question_fetch(workspace, made.id).await.unwrap(), changed);
    let stale = store.question_replace(workspace, (made.id, 1), &question("a", "b"), &act()).await;
    assert!(matches!(stale, Err(Error::Stale { what: "question", version: 1, .. })));
    let taken = store.question_replace(workspace, (made.id, 2), &question("other", "b"), &act()).await;
    assert!(matches!(taken, Err(Error::Taken { what: "question", .. })));
    store.question_delete(workspace, made.id).await.unwrap();
    assert!(matches!(store.question_delete(workspace, made.id).await, Err(Error::NotFound { .. })));
    let left = store.question_list(workspace).await.unwrap();
    assert_eq!(left.iter().map(|it| it.text.name.as_str()).collect::<Vec<_>>(), ["other"]);
}

#[tokio::test]
async fn the_board_is_in_the_order_in_which_people_put_it() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let made = store.question_create(workspace, &question(name, "purchase"), &act()).await.unwrap();
        assert_eq!(made.place, None);
        ids.push(made.id);
    }
    let [a, b, c, d] = ids[..] else { panic!("four questions: {ids:?}") };
    let board = async || {
        let mut all = store.question_list(workspace).await.unwrap();
        all.retain(|it| it.place.is_some());
        all.sort_by_key(|it| it.place);
        assert!((1..).zip(&all).all(|(place, it)| it.place == Some(place)), "places have no gaps: {all:?}");
        all.into_iter().map(|it| it.text.name.to_string()).collect::<String>()
    };
    for id in [c, a, b, c] {
        store.question_pin(workspace, id).await.unwrap();
    }
    assert_eq!(board().await, "cab", "what is there stays where it is");
    for (id, place, expected) in [(b, 1, "bca"), (b, 2, "cba"), (c, 99, "bac"), (a, 0, "abc"), (a, 1, "abc")]
    {
        let moved = store.question_move(workspace, id, place).await.unwrap();
        assert_eq!((board().await.as_str(), moved.edited.version), (expected, 1), "id {id} to {place}");
    }
    assert!(matches!(store.question_move(workspace, d, 1).await, Err(Error::NotFound { .. })));
    store.question_unpin(workspace, a).await.unwrap();
    store.question_pin(workspace, d).await.unwrap();
    assert_eq!(board().await, "bcd");
    store.question_delete(workspace, c).await.unwrap();
    assert_eq!(board().await, "bd");
    assert!(matches!(store.question_pin(workspace, 99).await, Err(Error::NotFound { .. })));
    assert!(matches!(store.question_unpin(workspace, 99).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn tallies_of_what_was_turned_away_are_kept_as_they_were_said_last() {
    let Plane { store, workspace, dir: _dir } = plane().await;
    let tally = |workspace, code: &str, requests: u32| store::Refusal {
        workspace,
        code: code.into(),
        tally: serde_json::json!({ "requests": requests }),
    };
    let first = [tally(None, "no_route", 1), tally(Some(workspace), "no_route", 2)];
    store.refusals_replace(&first).await.unwrap();
    assert_eq!(store.refusal_list().await.unwrap(), first);
    let second = [tally(Some(workspace), "overloaded", 3)];
    store.refusals_replace(&second).await.unwrap();
    assert_eq!(store.refusal_list().await.unwrap(), second);
}
