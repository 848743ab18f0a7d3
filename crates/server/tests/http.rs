//! The whole server over a loopback port: real engine, real SQLite file, real bytes.

mod http_support;

use expect_test::expect;
use http_support::{Shop, check, check_problem};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_link_makes_the_owner_who_signs_in_and_out() {
    let shop = Shop::open().await;
    let setup =
        json!({ "token": shop.founded.setup_token, "name": "Hanako", "password": "correct horse battery" });
    let signed = shop.post("/api/v1/setup", &setup).await;
    check(&signed, 201, "/role", "owner");
    check(&signed, 201, "/email", "a@example.com");
    let cookie = signed.cookie.clone().expect("a session cookie");
    let csrf = signed.body["csrf"].as_str().expect("a proof").to_owned();

    let again = shop.post("/api/v1/setup", &setup).await;
    check_problem(
        &again,
        expect![[
            r#"400 urn:omotenashi:invalid token: this set-up link was used, is too old, or was never made -> ask an administrator of the workspace for a new one"#
        ]],
    );

    let me = shop.with_session("GET", "/api/v1/me", (&cookie, None)).await;
    check(&me, 200, "/name", "Hanako");
    let unproven = shop.with_session("DELETE", "/api/v1/sessions/current", (&cookie, None)).await;
    check_problem(
        &unproven,
        expect![[
            r#"403 urn:omotenashi:forbidden x-csrf-token: the proof that a page of the console sends this is missing -> send the `csrf` of /api/v1/me in this header"#
        ]],
    );
    let out = shop.with_session("DELETE", "/api/v1/sessions/current", (&cookie, Some(&csrf))).await;
    assert_eq!(out.status, 204);
    let gone = shop.with_session("GET", "/api/v1/me", (&cookie, None)).await;
    check_problem(
        &gone,
        expect![[
            r#"401 urn:omotenashi:unauthorized authorization: nobody is signed in, or the token is not valid (any more) -> sign in, or send `Authorization: Bearer` with an API token"#
        ]],
    );

    let wrong = shop.post("/api/v1/sessions", &json!({ "email": "a@example.com", "password": "x" })).await;
    check_problem(
        &wrong,
        expect![
            "401 urn:omotenashi:unauthorized password: the address or the password is wrong -> try again, or ask an administrator for a link to choose a new password"
        ],
    );
    let unknown = shop.post("/api/v1/sessions", &json!({ "email": "b@example.com", "password": "x" })).await;
    check_problem(
        &unknown,
        expect![
            "401 urn:omotenashi:unauthorized password: the address or the password is wrong -> try again, or ask an administrator for a link to choose a new password"
        ],
    );
    let right = json!({ "email": "A@example.com", "password": "correct horse battery" });
    check(&shop.post("/api/v1/sessions", &right).await, 201, "/name", "Hanako");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_input_names_the_field_the_value_and_the_fix() {
    let shop = Shop::open().await;
    let unknown = shop.get("/api/v1/nothing").await;
    check_problem(
        &unknown,
        expect![[
            r#"404 urn:omotenashi:not_found path=/api/v1/nothing: there is no such route -> see /openapi.json for all there are"#
        ]],
    );
    let method = shop.request("PUT", "/api/v1/me", None).await;
    check_problem(
        &method,
        expect![[
            r#"405 urn:omotenashi:method_not_allowed method: this route does not answer this method -> use GET"#
        ]],
    );
    let short = json!({ "token": "x", "name": "H", "password": "short" });
    check_problem(
        &shop.post("/api/v1/setup", &short).await,
        expect![[
            r#"400 urn:omotenashi:invalid password: a password has at least 12 characters. characters=`5` -> choose a longer one, such as four words"#
        ]],
    );
    let missing = shop.post("/api/v1/setup", &json!({ "token": "x" })).await;
    check_problem(
        &missing,
        expect![[r#"400 urn:omotenashi:invalid name: missing field `name` -> send this field"#]],
    );
    let unknown =
        shop.post("/api/v1/data/keys", &json!({ "kind": "write_key", "name": "web", "colour": "red" })).await;
    check_problem(
        &unknown,
        expect![[
            r#"400 urn:omotenashi:invalid colour=red: unknown field `colour`, expected one of `kind`, `name`, `role` -> leave this field out, or correct its name"#
        ]],
    );
    let word =
        shop.post("/api/v1/data/keys", &json!({ "kind": "api_token", "name": "ci", "role": "king" })).await;
    check_problem(
        &word,
        expect![[
            r#"400 urn:omotenashi:invalid role=king: not a role (viewer, analyst, marketer, admin, owner). value=`king` -> send what /openapi.json says for this field"#
        ]],
    );
    let limit = shop.get("/api/v1/data/rejects?limit=many").await;
    check_problem(
        &limit,
        expect![[
            r#"400 urn:omotenashi:invalid limit=many: invalid digit found in string -> see the parameters of this route in /openapi.json"#
        ]],
    );
    let event = shop.get("/api/v1/data/events/nothing").await;
    check_problem(
        &event,
        expect![[
            r#"404 urn:omotenashi:not_found name=nothing: no event of this name was ever seen -> look at the list of names; upper and lower case differ"#
        ]],
    );
    let json = shop.raw("POST", "/api/v1/data/keys", "{").await;
    check_problem(
        &json,
        expect![[
            r#"400 urn:omotenashi:invalid body: not JSON: EOF while parsing an object at line 1 column 1 -> send one JSON document"#
        ]],
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_link_from_a_message_is_a_page_in_the_language_of_its_reader() {
    let shop = Shop::open().await;
    let read = async |method: &str, path: &str, language: &str| {
        shop.send(method, path, (&[("accept-language", language)], "")).await
    };
    for (method, path, status) in [
        ("GET", "/u", 404),
        ("GET", "/u/", 404),
        ("GET", "/p/", 404),
        ("GET", "/c/", 404),
        ("GET", "/u/AZx1", 400),
        ("POST", "/u/AZx1", 400),
        ("GET", "/p/AZx1", 400),
        ("GET", "/c/AZx1", 400),
        ("DELETE", "/c/AZx1", 405),
    ] {
        let english = read(method, path, "fr,en;q=0.8").await;
        assert_eq!(english.header("content-type"), Some("text/html; charset=utf-8"), "{method} {path}");
        assert!(english.text.contains("This link does not work"), "{method} {path}: {}", english.text);
        assert_eq!(english.status, status, "{method} {path}");
        let japanese = read(method, path, "ja-JP,en;q=0.8").await;
        assert!(japanese.text.contains("このリンクは開けません"), "{method} {path}: {}", japanese.text);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_do_what_is_below_it_and_no_more() {
    let shop = Shop::open().await;
    let token = shop
        .post("/api/v1/data/keys", &json!({ "kind": "api_token", "name": "ci", "role": "analyst" }))
        .await;
    check(&token, 201, "/role", "analyst");
    let secret = token.body["key"].as_str().expect("shown once").to_owned();
    let analyst = shop.with_token(&secret);
    assert_eq!(analyst.get("/api/v1/settings").await.status, 200);
    check_problem(
        &analyst.get("/api/v1/data/keys").await,
        expect![[
            r#"403 urn:omotenashi:forbidden: this needs a higher role. role=`analyst`, needed=`admin` -> ask an owner of the workspace for it"#
        ]],
    );
    let list = shop.get("/api/v1/data/keys").await;
    assert!(!list.body.to_string().contains(&secret), "a token is shown once");
    let id = token.body["id"].as_str().expect("an id");
    assert_eq!(shop.request("DELETE", &format!("/api/v1/data/keys?id={id}"), None).await.status, 204);
    assert_eq!(analyst.get("/api/v1/settings").await.status, 401);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_by_who_read_the_latest_and_never_show_a_secret() {
    let shop = Shop::open().await;
    let mut read = shop.get("/api/v1/settings").await.body;
    read["settings"]["time_zone"] = json!("Asia/Tokyo");
    read["settings"]["providers"] = json!([{ "kind": "smtp", "host": "mail.example", "port": 587, "security": "start_tls",
        "username": "news", "password": "secret", "connections_max": 4 }]);
    let replace = json!({ "version": read["version"], "settings": read["settings"] });
    let changed = shop.request("PUT", "/api/v1/settings", Some(&replace)).await;
    check(&changed, 200, "/settings/time_zone", "Asia/Tokyo");
    assert!(changed.body["settings"]["providers"][0]["password"].is_null(), "{}", changed.body);
    let stale = shop.request("PUT", "/api/v1/settings", Some(&replace)).await;
    check_problem(
        &stale,
        expect![[
            r#"409 urn:omotenashi:conflict version=1: settings was changed in between: read it again. name=`workspace`, version=`1` -> read it again, look at what changed, then decide"#
        ]],
    );

    let mut wrong = json!({ "version": 2, "settings": changed.body["settings"] });
    wrong["settings"]["time_zone"] = json!("Asia/Tokio");
    let zone = shop.request("PUT", "/api/v1/settings", Some(&wrong)).await;
    check_problem(
        &zone,
        expect![[
            r#"400 urn:omotenashi:invalid settings.time_zone=Asia/Tokio: not a time zone of the IANA database -> use a name like `Asia/Tokyo`"#
        ]],
    );
    check(&shop.get("/api/v1/settings/audit").await, 200, "/items/0/what", "settings_replace");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_taken_once_and_a_wrong_one_stands_under_rejects() {
    let shop = Shop::open().await;
    let event =
        json!({ "userId": "42", "event": "purchase", "messageId": "m1", "properties": { "amount": 4980 } });
    for _ in 0..2 {
        let taken = shop.ingest("/v1/track", &event).await;
        assert_eq!((taken.status, &taken.body["success"]), (200, &json!(true)));
    }
    let wrong = shop.ingest("/v1/t", &json!({ "userId": "42" })).await;
    check_problem(
        &wrong,
        expect![
            "400 urn:omotenashi:invalid event=missing: the event has no name -> send the name of the event as text"
        ],
    );
    let batch = json!({ "batch": [{ "type": "track", "userId": "1", "event": "a" }, { "type": "dance", "userId": "1" }] });
    assert_eq!(shop.ingest("/v1/batch", &batch).await.status, 200);
    let keys = shop.get("/api/v1/data/keys").await;
    assert!(keys.body["items"][0]["used_at"].is_string(), "the key that was used says when: {}", keys.body);
    let keyless = shop.with_token("none").raw("POST", "/v1/track", r#"{"userId":"1","event":"a"}"#).await;
    check_problem(
        &keyless,
        expect![[
            r#"401 urn:omotenashi:unauthorized writeKey=none: this is not a write key of ours (any more) -> copy the write key from Data → Write keys"#
        ]],
    );

    let live = shop
        .until("/api/v1/data/live", |body| body["items"].as_array().is_some_and(|items| items.len() == 2))
        .await;
    assert_eq!(live["items"][1]["name"], "purchase");
    let rejects = shop
        .until("/api/v1/data/rejects", |body| body["items"].as_array().is_some_and(|items| items.len() == 2))
        .await;
    assert_eq!(rejects["items"][0]["index"], 1);
    let entry = shop.get("/api/v1/data/events/purchase").await;
    check(&entry, 200, "/properties/0/types/0/type", "number");
    assert_eq!(entry.body["event"]["events"], 1, "told twice, counted once");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_accepted_fact_says_in_vain_stands_under_rejects_with_its_customer() {
    let shop = Shop::open().await;
    let first = json!({ "userId": "7", "messageId": "one", "traits": { "visits": "many" } });
    assert_eq!(shop.ingest("/v1/identify", &first).await.status, 200);
    let upload =
        json!({ "d": [{ "type": "profile", "identity": "7", "profileData": { "visits": { "$incr": 1 } } }] });
    let answer = shop.ingest("/1/upload", &upload).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rejects = shop.until("/api/v1/data/rejects", |it| it["items"][0]["reason"] == "not_a_number").await;
    let reject = &rejects["items"][0];
    assert_eq!((&reject["index"], &reject["record"]), (&Value::Null, &json!("user_id:7")), "{reject}");
    let customer = reject["customer"].as_str().expect("the customer it is about").to_owned();
    check(&shop.get(&format!("/api/v1/customers/{customer}")).await, 200, "/label", "7");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_held_for_one_are_taken_apart_again() {
    let shop = Shop::open().await;
    let before = json!({ "anonymousId": "a1", "event": "looked", "messageId": "one" });
    assert_eq!(shop.ingest("/v1/track", &before).await.status, 200);
    let known = json!({ "userId": "7", "messageId": "two", "traits": { "plan": "gold" } });
    assert_eq!(shop.ingest("/v1/identify", &known).await.status, 200);
    let login = json!({ "anonymousId": "a1", "userId": "7", "messageId": "three" });
    assert_eq!(shop.ingest("/v1/identify", &login).await.status, 200);
    let joined = shop.until("/api/v1/customers/user_id:7", |it| it["events"] == 1).await;
    let by = joined["merged"][0]["by"].clone();
    let wrong = shop.post("/api/v1/customers/user_id:7/unmerge", &json!({ "by": "anonymous_id:b2" })).await;
    check_problem(
        &wrong,
        expect![
            "404 urn:omotenashi:not_found by=anonymous_id:b2: nobody became part of this customer by that identifier -> use the `by` of one of the customer's `merged`"
        ],
    );
    let apart = shop.post("/api/v1/customers/user_id:7/unmerge", &json!({ "by": by })).await;
    assert_eq!(apart.status, 200, "{} of {joined}", apart.text);
    assert_eq!((&apart.body["merged"], &apart.body["events"]), (&json!([]), &json!(0)), "{}", apart.text);
    let visitor = shop.get("/api/v1/customers/anonymous_id:a1").await;
    assert_eq!((visitor.status, &visitor.body["events"]), (200, &json!(1)), "{}", visitor.text);
    assert!(visitor.body["traits"]["plan"].is_null(), "{}", visitor.text);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_may_send_events_and_nothing_else() {
    let shop = Shop::open().await;
    let preflight = shop.request("OPTIONS", "/v1/track", None).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, Some("*")));
    let control = shop.get("/api/v1/me").await;
    assert_eq!(control.header("access-control-allow-origin"), None);
    assert_eq!(control.header("x-content-type-options"), Some("nosniff"));
    assert!(
        control
            .header("content-security-policy")
            .is_some_and(|policy| policy.contains("frame-ancestors 'none'"))
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_client_needs_nothing_but_our_host() {
    let shop = Shop::open().await;
    let settings = shop.get(&format!("/v1/projects/{}/settings", shop.founded.write_key)).await;
    check(&settings, 200, "/integrations/Segment.io/apiKey", &shop.founded.write_key);
    check(&settings, 200, "/integrations/Segment.io/protocol", "http");
    assert_eq!(settings.header("access-control-allow-origin"), Some("*"));
    check_problem(
        &shop.get("/v1/projects/nobody/settings").await,
        expect![[
            r#"404 urn:omotenashi:not_found write_key=nobody: there is no such write key -> copy the write key from Data → Write keys"#
        ]],
    );
    let numbers = shop.raw("POST", "/v1/m", r#"{"series":[]}"#).await;
    assert_eq!((numbers.status, numbers.header("access-control-allow-origin")), (204, Some("*")));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_served_for_every_path_of_its_own() {
    let shop = Shop::open().await;
    for path in ["/", "/audiences/regulars"] {
        let page = shop.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.header("content-type").is_some_and(|media| media.starts_with("text/html")), "{path}");
    }
    assert_eq!(shop.get("/assets/gone-0123.js").await.status, 404);
    let health = shop.get("/healthz").await;
    check(&health, 200, "/status", "ok");
    let metrics = shop.get("/metrics").await;
    assert!(metrics.text.contains("omotenashi_http_answers_total{status=\"2xx\"}"), "{}", metrics.text);
    let described = shop.get("/openapi.json").await;
    assert_eq!(described.text, api::openapi::text());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_route_is_served_to_those_who_may_and_to_nobody_else() {
    let shop = Shop::open().await;
    let stranger = shop.with_token("nobody");
    for route in api::route::all() {
        let method = match route.method {
            api::Method::Get => "GET",
            api::Method::Post => "POST",
            api::Method::Put => "PUT",
            api::Method::Delete => "DELETE",
        };
        let path = route.path.replace(['{', '}'], "");
        for path in [Some(path.as_str()), route.also].into_iter().flatten() {
            let answer = stranger.request(method, path, None).await;
            let guarded = !matches!(route.access, api::Access::Everyone | api::Access::AnySite);
            let unknown =
                answer.body["detail"].as_str().is_some_and(|it| it.starts_with("there is no such route"));
            assert!(!unknown && answer.status != 405, "{method} {path} is not served: {}", answer.text);
            // Without a body, a write key is looked for first.
            assert!(!guarded || answer.status == 401, "{method} {path} is not guarded: {}", answer.text);
        }
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_turned_away_at_the_door_is_counted_and_shown_with_field_value_and_fix() {
    let shop = Shop::open().await;
    let event = json!({ "userId": "1", "event": "buy" });
    let stranger = shop.with_token("");
    assert_eq!(stranger.send("POST", "/v1/track", (&[], &event.to_string())).await.status, 401);
    let wrong = shop.with_token("wk_of_somebody_else");
    assert_eq!(wrong.post("/v1/track", &event).await.status, 401);
    assert_eq!(wrong.post("/v1/batch", &json!({ "batch": [event] })).await.status, 401);
    let large = json!({ "userId": "1", "event": "buy", "properties": { "note": "x".repeat(40_000) } });
    assert_eq!(shop.ingest("/v1/track", &large).await.status, 413);
    let large = json!({ "batch": vec![large; 15] });
    assert_eq!(shop.ingest("/v1/batch", &large).await.status, 413);
    assert_eq!(shop.ingest("/v1/trak", &event).await.status, 404);
    assert_eq!(shop.with_token(&shop.founded.write_key).get("/v1/track").await.status, 405);
    let key = format!("Bearer {}", shop.founded.write_key);
    let packed = [("authorization", key.as_str()), ("content-encoding", "gzip")];
    assert_eq!(shop.send("POST", "/v1/track", (&packed, "no gzip")).await.status, 400);
    assert_eq!(shop.with_token("at_made_up").get("/api/v1/home").await.status, 401);

    let refusals = shop.get("/api/v1/data/refusals").await.body;
    let mut told = Vec::new();
    for item in refusals["items"].as_array().expect("a list") {
        let first = &item["latest"][0];
        let text = |name: &str| first[name].as_str().unwrap_or("-").to_owned();
        let said = ["door", "method", "path", "field", "value", "fix"].map(text).join(" | ");
        let code = item["code"].as_str().expect("a word");
        told.push(format!("{code} {}x: {} {said}\n", item["requests"], first["status"]));
    }
    told.sort();
    expect![[r#"
        bad_encoding 1x: 400 default | POST | /v1/track | body | - | compress it as the header says, or leave the header out
        body_too_large 2x: 413 default | POST | /v1/batch | body | - | send less at once
        no_route 1x: 404 default | POST | /v1/trak | path | /v1/trak | see /openapi.json for all there are
        no_write_key 1x: 401 - | POST | /v1/track | writeKey | - | send it as the user name of Basic authentication, as Bearer token, or as `writeKey` in the body
        unauthorized 1x: 401 - | GET | /api/v1/home | authorization | - | sign in, or send `Authorization: Bearer` with an API token
        unknown_write_key 2x: 401 - | POST | /v1/batch | writeKey | wk_of_some… | copy the write key from Data → Write keys
        wrong_method 1x: 405 default | GET | /v1/track | method | - | use POST
    "#]].assert_eq(&told.concat());
    shop.until("/api/v1/data/rejects", |page| page["items"].as_array().is_some_and(Vec::is_empty)).await;
    let metrics = shop.get("/metrics").await.text;
    assert!(metrics.contains("omotenashi_requests_refused_total{code=\"unknown_write_key\"} 2"), "{metrics}");

    let shop = shop.reopen().await;
    let again = shop.get("/api/v1/data/refusals").await.body;
    assert_eq!(again["items"], refusals["items"], "a restart forgets nothing");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_the_journal_keeps_is_a_reject_and_not_told_twice() {
    let shop = Shop::open().await;
    let sender = shop.with_token(&shop.founded.write_key);
    assert_eq!(sender.raw("POST", "/v1/batch", "{\"batch\":[").await.status, 400);
    let many: Vec<Value> = (0..2_501).map(|_| json!({})).collect();
    assert_eq!(sender.post("/v1/batch", &json!({ "batch": many })).await.status, 413);
    let rejects = shop
        .until("/api/v1/data/rejects", |page| page["items"].as_array().is_some_and(|it| it.len() == 2))
        .await;
    assert_eq!(rejects["items"][0]["reason"], "too_many");
    assert_eq!(rejects["items"][1]["reason"], "malformed");
    assert_eq!(shop.get("/api/v1/data/refusals").await.body["items"], json!([]));
    shop.close().await;
}
