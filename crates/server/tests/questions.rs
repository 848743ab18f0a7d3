//! Saved questions over HTTP: for everybody in the workspace, changed by who saved them, and the board of Home.

mod http_support;

use expect_test::expect;
use http_support::{Client, Shop, check, check_problem};
use serde_json::{Value, json};

/// A shop seen by somebody with this role, under this name.
async fn as_role(shop: &Shop, name: &str, role: &str) -> Client {
    let key = json!({ "kind": "api_token", "name": name, "role": role });
    let made = shop.post("/api/v1/data/keys", &key).await;
    shop.with_token(made.body["key"].as_str().expect("a token is shown once"))
}

fn funnel() -> Value {
    let shoes = json!({ "text": r#"category = "shoes""# });
    let steps = json!([{ "event": "view", "where": shoes }, { "event": "purchase" }]);
    json!({ "type": "funnel", "steps": steps, "last": "90 days", "compare": "previous" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_question_is_everybodys_to_read_and_its_makers_to_change() {
    let shop = Shop::open().await;
    let hanako = as_role(&shop, "hanako", "analyst").await;
    let (taro, viewer) = (as_role(&shop, "taro", "analyst").await, as_role(&shop, "mio", "viewer").await);

    let made =
        hanako.post("/api/v1/questions", &json!({ "name": "to purchase", "question": funnel() })).await;
    check(&made, 201, "/created_by", "hanako");
    let path = format!("/api/v1/questions/{}", made.body["id"]);
    let seen = viewer.get("/api/v1/questions").await;
    assert_eq!(seen.body["items"][0]["mine"], false, "{}", seen.text);
    let asked = viewer
        .post(
            "/api/v1/ask/people",
            &json!({
        "question": seen.body["items"][0]["question"], "pick": { "type": "reached", "step": 1 } }),
        )
        .await;
    assert_eq!(asked.status, 200, "what was saved can be asked as it is: {}", asked.text);

    let renamed = json!({ "version": 1, "name": "view to purchase", "question": funnel() });
    check_problem(
        &taro.request("PUT", &path, Some(&renamed)).await,
        expect![
            "403 urn:omotenashi:forbidden id=1: only who saved a question, or an admin, may change it. saved_by=`hanako` -> save it under another name"
        ],
    );
    check(&hanako.request("PUT", &path, Some(&renamed)).await, 200, "/name", "view to purchase");
    assert_eq!(
        hanako.request("PUT", &path, Some(&renamed)).await.status,
        409,
        "somebody read an old version"
    );
    let again = json!({ "name": "view to purchase", "question": funnel() });
    assert_eq!(taro.post("/api/v1/questions", &again).await.status, 409, "names are unique");
    assert_eq!(taro.request("DELETE", &path, None).await.status, 403);
    assert_eq!(shop.request("DELETE", &path, None).await.status, 204, "an admin may");
    assert_eq!(viewer.get(&path).await.status, 404);

    let log = shop.get("/api/v1/settings/audit").await;
    for what in ["question_create", "question_replace", "question_delete"] {
        assert!(log.text.contains(&format!("\"{what}\"")), "{what} is not in the log: {}", log.text);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_asked_is_not_saved() {
    let shop = Shop::open().await;
    let save = async |question: Value, expected| {
        let answer = shop.post("/api/v1/questions", &json!({ "name": "a", "question": question })).await;
        check_problem(&answer, expected);
    };
    save(json!({ "type": "funnel", "steps": [] }), expect!["400 urn:omotenashi:invalid steps: a funnel has at least one step -> send the events that follow one another"]).await;
    save(json!({ "type": "trend", "event": "a", "last": "a while" }), expect!["400 urn:omotenashi:invalid last=a while: not a span like `30 days` (seconds, minutes, hours, days, weeks). value=`a while` -> send a span like `7 days` or `30 minutes`"]).await;
    save(json!({ "type": "count", "condition": { "text": "did" } }), expect![[r#"
        400 urn:omotenashi:invalid condition.text=did: line 1, column 4: the text ends here: expected `not` or an event name in quotes
        did
           ^ -> write `not` or an event name in quotes there"#]]).await;
    save(json!({ "type": "paths", "condition": { "text": r#"member of "nobody""# } }), expect!["400 urn:omotenashi:invalid condition: the audience cannot be resolved: there is no such audience. audience=`nobody` -> refer only to audiences that exist"]).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_has_the_order_into_which_people_put_it() {
    let shop = Shop::open().await;
    for name in ["a", "b", "c"] {
        let question = json!({ "name": name, "question": { "type": "trend", "event": name } });
        check(&shop.post("/api/v1/questions", &question).await, 201, "/name", name);
    }
    let place = async |method: &str, path: &str, body: Option<Value>| {
        let path = format!("/api/v1/questions/{path}");
        let answer = shop.request(method, &path, body.as_ref()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["place"].clone()
    };
    assert_eq!(place("PUT", "3/pin", None).await, 1);
    assert_eq!(place("PUT", "1/pin", None).await, 2);
    assert_eq!(place("PUT", "3/pin", None).await, 1, "what is there stays where it is");
    assert_eq!(place("PUT", "2/pin", None).await, 3);
    assert_eq!(place("PUT", "2/place", Some(json!({ "place": 1 }))).await, 1);
    assert_eq!(place("DELETE", "3/pin", None).await, Value::Null);
    let all = shop.get("/api/v1/questions").await.body;
    let places = all["items"].as_array().into_iter().flatten().map(|it| it["place"].clone());
    assert_eq!(places.collect::<Vec<_>>(), [json!(2), json!(1), Value::Null]);

    assert_eq!(shop.request("PUT", "/api/v1/questions/9/pin", None).await.status, 404);
    check_problem(
        &shop.request("PUT", "/api/v1/questions/3/place", Some(&json!({ "place": 1 }))).await,
        expect![
            "404 urn:omotenashi:not_found=3: no such board card. name=`3` -> look up the board cards there are; it may have been renamed or taken away"
        ],
    );
    check_problem(
        &shop.request("PUT", "/api/v1/questions/1/place", Some(&json!({ "place": 0 }))).await,
        expect![
            "400 urn:omotenashi:invalid place=0: places are counted from 1 -> send 1 for the first place"
        ],
    );
    let log = shop.get("/api/v1/settings/audit").await;
    assert!(log.text.contains("\"question_move\""), "{}", log.text);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_was_answered_runs_no_more_and_cannot_be_stopped() {
    let shop = Shop::open().await;
    assert_eq!(shop.post("/api/v1/ask/trend", &json!({ "event": "view" })).await.status, 200);
    assert_eq!(shop.get("/api/v1/ask/running").await.body["items"], json!([]));
    check_problem(
        &shop.request("DELETE", "/api/v1/ask/running/1", None).await,
        expect![
            "404 urn:omotenashi:not_found=1: no such question is under way -> it may have been answered; list those that run"
        ],
    );
    shop.close().await;
}
