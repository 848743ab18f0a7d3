//! Console users: invited, given another role, taken away; and every route refuses whoever may not.

mod http_support;

use expect_test::expect;
use http_support::{Answer, Shop, check, check_problem};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// The token at the end of a one-time link.
fn token(answer: &Answer) -> Value {
    let link = answer.body["link"].as_str().unwrap_or_else(|| panic!("no link: {}", answer.text));
    json!(link.split_once("token=").expect("a link has a token").1)
}

/// The cookie that comes with a session.
fn session(answer: &Answer) -> String {
    answer.cookie.clone().unwrap_or_else(|| panic!("no session: {}", answer.text))
}

/// Invites somebody, who comes and chooses a password.
async fn join(shop: &Shop, email: &str, role: &str) -> Answer {
    let invited = shop.post("/api/v1/users/invites", &json!({ "email": email, "role": role })).await;
    check(&invited, 201, "/email", email);
    let come = json!({ "token": token(&invited), "name": email, "password": PASSWORD });
    let joined = shop.post("/api/v1/setup", &come).await;
    check(&joined, 201, "/role", role);
    joined
}

/// The id of a console user.
async fn id(shop: &Shop, email: &str) -> String {
    let users = shop.get("/api/v1/users").await.body;
    let user = users["users"].as_array().into_iter().flatten().find(|user| user["email"] == email);
    user.and_then(|user| user["id"].as_str()).unwrap_or_else(|| panic!("no {email} in {users}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_invited_comes_in_by_a_link_and_who_is_removed_is_out_at_once() {
    let shop = Shop::open().await;
    join(&shop, "owner@example.com", "owner").await;
    let cookie = session(&join(&shop, "guest@example.com", "marketer").await);
    let me = || shop.with_session("GET", "/api/v1/me", (&cookie, None));
    check(&me().await, 200, "/role", "marketer");
    let guest = id(&shop, "guest@example.com").await;
    let path = format!("/api/v1/users/{guest}");
    let lower = shop.request("PUT", &path, Some(&json!({ "role": "viewer" }))).await;
    check(&lower, 200, "/role", "viewer");
    check(&me().await, 200, "/role", "viewer");

    let link = shop.post(&format!("{path}/reset"), &json!({})).await;
    let choose = json!({ "token": token(&link), "password": "four other words here" });
    check(&shop.post("/api/v1/password", &choose).await, 201, "/email", "guest@example.com");
    assert_eq!(me().await.status, 401, "a new password ends every session");
    let old = json!({ "email": "guest@example.com", "password": PASSWORD });
    assert_eq!(shop.post("/api/v1/sessions", &old).await.status, 401);
    let new = json!({ "email": "guest@example.com", "password": "four other words here" });
    let cookie = session(&shop.post("/api/v1/sessions", &new).await);
    assert_eq!(shop.request("DELETE", &path, None).await.status, 204);
    assert_eq!(shop.with_session("GET", "/api/v1/me", (&cookie, None)).await.status, 401);
    assert_eq!(shop.post("/api/v1/sessions", &new).await.status, 401);

    let log = shop.get("/api/v1/settings/audit").await;
    for what in ["user_invite", "setup_finish", "user_replace", "user_reset", "password_reset", "user_delete"]
    {
        assert!(log.text.contains(&format!("\"{what}\"")), "{what} is not in the log: {}", log.text);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_more_than_they_have_and_an_owner_stays() {
    let shop = Shop::open().await;
    join(&shop, "owner@example.com", "owner").await;
    let owner = format!("/api/v1/users/{}", id(&shop, "owner@example.com").await);
    check_problem(
        &shop.request("DELETE", &owner, None).await,
        expect![
            "409 urn:omotenashi:conflict id: a workspace needs an owner -> make somebody else an owner first"
        ],
    );
    let key = json!({ "kind": "api_token", "name": "ci", "role": "admin" });
    let key = shop.post("/api/v1/data/keys", &key).await.body["key"].as_str().expect("shown once").to_owned();
    let admin = shop.with_token(&key);
    check_problem(
        &admin.request("PUT", &owner, Some(&json!({ "role": "viewer" }))).await,
        expect![
            "403 urn:omotenashi:forbidden id: this person may do more than you. theirs=`owner`, yours=`admin` -> ask an owner of the workspace"
        ],
    );
    check_problem(
        &admin.post("/api/v1/users/invites", &json!({ "email": "x@example.com", "role": "owner" })).await,
        expect![
            "403 urn:omotenashi:forbidden role=owner: nobody gives a higher role than their own. yours=`admin` -> choose your own role or a lower one"
        ],
    );
    check_problem(
        &shop.post("/api/v1/users/invites", &json!({ "email": "owner@example.com", "role": "viewer" })).await,
        expect![
            "409 urn:omotenashi:conflict email=owner@example.com: this person has access already -> change their role instead"
        ],
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once_and_can_be_taken_back() {
    let shop = Shop::open().await;
    let invite = json!({ "email": "b@example.com", "role": "analyst" });
    let first = shop.post("/api/v1/users/invites", &invite).await;
    let second = shop.post("/api/v1/users/invites", &invite).await;
    let come = |answer: &Answer| json!({ "token": token(answer), "name": "B", "password": PASSWORD });
    assert_eq!(shop.post("/api/v1/setup", &come(&first)).await.status, 400, "only the latest link works");
    let users = shop.get("/api/v1/users").await.body;
    let listed = users["invited"].as_array().into_iter().flatten();
    assert_eq!(listed.filter(|invited| invited["email"] == "b@example.com").count(), 1, "{users}");
    let path = "/api/v1/users/invites/b@example.com";
    assert_eq!(shop.request("DELETE", path, None).await.status, 204);
    assert_eq!(shop.request("DELETE", path, None).await.status, 404);
    assert_eq!(shop.post("/api/v1/setup", &come(&second)).await.status, 400);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_whoever_may_do_less_than_it_asks() {
    let shop = Shop::open().await;
    let roles = ["viewer", "analyst", "marketer", "admin", "owner"];
    for (index, role) in roles.into_iter().enumerate() {
        let key = json!({ "kind": "api_token", "name": role, "role": role });
        let key = shop.post("/api/v1/data/keys", &key).await.body["key"].as_str().expect("shown").to_owned();
        let caller = shop.with_token(&key);
        // Asked without a body, or about nobody: whoever is let through changes nothing.
        for route in api::route::all() {
            let api::Access::Role(least) = route.access else { continue };
            let least = roles.iter().position(|role| *role == least.word()).expect("a role");
            let method = match route.method {
                api::Method::Get => "GET",
                api::Method::Post => "POST",
                api::Method::Put => "PUT",
                api::Method::Delete => "DELETE",
            };
            let answer = caller.request(method, &route.path.replace(['{', '}'], ""), None).await;
            let refused =
                answer.body["detail"].as_str().is_some_and(|it| it.starts_with("this needs a higher role"));
            assert_eq!(refused, index < least, "{role} {method} {}: {}", route.path, answer.text);
        }
    }
    shop.close().await;
}
