//! From events to a message and back, as a marketer goes: audience, questions, draft, check, launch, why, departure.

mod http_support;

use expect_test::expect;
use http_support::{Answer, Shop, check, check_problem};
use serde_json::{Value, json};

const BUYERS: &str = "did \"purchase\"";

/// Three customers who bought; the first two may be written to.
async fn shop_with_customers() -> Shop {
    let shop = Shop::open().await;
    for (user, amount) in [("1", 100), ("2", 250), ("3", 40)] {
        let email = format!("u{user}@example.com");
        let identify = json!({ "userId": user, "messageId": format!("i{user}"), "traits": { "email": email, "name": format!("User {user}") } });
        assert_eq!(shop.ingest("/v1/identify", &identify).await.status, 200);
        let bought = json!({ "userId": user, "event": "purchase", "messageId": format!("p{user}"), "properties": { "amount": amount } });
        assert_eq!(shop.ingest("/v1/track", &bought).await.status, 200);
    }
    shop.until("/api/v1/data/live", |live| live["position"] == 6).await;
    for user in ["1", "2"] {
        let consent = json!({ "purpose": "marketing", "given": true, "proof": "said so in the shop" });
        let told = shop.post(&format!("/api/v1/customers/user_id:{user}/consents"), &consent).await;
        check(&told, 200, "/consents/0/purpose", "marketing");
    }
    shop
}

async fn audience(shop: &Shop) {
    let audience = json!({ "name": "buyers", "condition": { "text": BUYERS } });
    let made = shop.post("/api/v1/audiences", &audience).await;
    check(&made, 201, "/text", BUYERS);
    shop.until("/api/v1/audiences/buyers", |it| it["people"]["customers"] == 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_what_they_did() {
    let shop = shop_with_customers().await;
    audience(&shop).await;
    let count = shop
        .post(
            "/api/v1/ask/count",
            &json!({ "condition": { "text": "did \"purchase\" with sum of amount >= 100" } }),
        )
        .await;
    assert_eq!(
        (count.status, &count.body["customers"], &count.body["of"]),
        (200, &json!(2), &json!(3)),
        "{}",
        count.text
    );
    assert_eq!(count.body["reach"], json!([{ "channel": "email", "customers": 2 }]));

    let rfm = shop.post("/api/v1/ask/rfm", &json!({})).await;
    assert_eq!((&rfm.body["customers"], &rfm.body["revenue"]), (&json!(3), &json!(390.0)), "{}", rfm.text);
    assert_eq!(rfm.body["cells"].as_array().map(Vec::len), Some(25));
    for group in rfm.body["groups"].as_array().expect("ten groups") {
        let Some(text) = group["condition"].as_str() else { continue };
        let asked = shop
            .post("/api/v1/ask/count", &json!({ "condition": { "text": text }, "as_of": rfm.body["to"] }))
            .await;
        assert_eq!(asked.body["customers"], group["numbers"]["customers"], "{text}");
    }
    let trend = shop
        .post("/api/v1/ask/trend", &json!({ "event": "purchase", "measure": "sum", "property": "amount" }))
        .await;
    assert_eq!((trend.status, &trend.body["lines"][0]["total"]), (200, &json!(390.0)), "{}", trend.text);

    let members = shop.get("/api/v1/audiences/buyers/members?limit=2").await;
    let next = members.body["next"].as_str().expect("a second page").to_owned();
    let rest = shop.get(&format!("/api/v1/audiences/buyers/members?limit=2&after={next}")).await;
    assert_eq!(rest.body["items"].as_array().map(Vec::len), Some(1));
    let table = shop.get("/api/v1/audiences/buyers/members.csv").await;
    assert_eq!(table.text.lines().count(), 4, "{}", table.text);
    let customer = shop.get("/api/v1/customers/email:U1@example.com").await;
    check(&customer, 200, "/label", "User 1");
    assert_eq!(customer.body["audiences"], json!(["buyers"]));
    let story = shop.get("/api/v1/customers/user_id:1/timeline").await;
    assert!(story.text.contains("\"purchase\"") && story.text.contains("\"consent\""), "{}", story.text);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_is_read_in_both_forms_or_the_place_is_named() {
    let shop = shop_with_customers().await;
    let read = shop
        .post("/api/v1/conditions/check", &json!({ "text": "did \"purchase\" and not did \"refund\"" }))
        .await;
    assert_eq!(read.body["warnings"][0]["message"], "no event is called `refund` so far");
    let back = shop.post("/api/v1/conditions/check", &json!({ "json": read.body["json"] })).await;
    assert_eq!(back.body["text"], read.body["text"]);
    let wrong = shop.post("/api/v1/conditions/check", &json!({ "text": "did purchase" })).await;
    assert_eq!(
        (&wrong.body["errors"][0]["line"], &wrong.body["errors"][0]["column"]),
        (&json!(1), &json!(5)),
        "{}",
        wrong.text
    );

    audience(&shop).await;
    let both = json!({ "name": "x", "condition": { "text": "everyone", "json": {} } });
    check_problem(
        &shop.post("/api/v1/audiences", &both).await,
        expect![
            "400 urn:omotenashi:invalid condition: the condition is there twice -> send `text` or `json`, not both"
        ],
    );
    let unknown = json!({ "name": "x", "condition": { "text": "member of \"nobody\"" } });
    check_problem(
        &shop.post("/api/v1/audiences", &unknown).await,
        expect![
            "400 urn:omotenashi:invalid condition: there is no such audience. audience=`nobody` -> refer only to audiences that exist and do not lead back here"
        ],
    );
    let inside = json!({ "name": "inner", "condition": { "text": "member of \"buyers\"" } });
    assert_eq!(shop.post("/api/v1/audiences", &inside).await.status, 201);
    check_problem(
        &shop.request("DELETE", "/api/v1/audiences/buyers", None).await,
        expect![
            "409 urn:omotenashi:conflict=buyers: audience is in use. name=`buyers`, by=`inner` -> this audience cannot change while it is used by `inner`"
        ],
    );
    let stale = json!({ "version": 9, "condition": { "text": "everyone" } });
    check_problem(
        &shop.request("PUT", "/api/v1/audiences/buyers", Some(&stale)).await,
        expect![
            "409 urn:omotenashi:conflict version=9: audience was changed in between: read it again. name=`buyers`, version=`9` -> read it again, look at what changed, then decide"
        ],
    );
    check_problem(
        &shop.get("/api/v1/customers/nobody").await,
        expect![
            "400 urn:omotenashi:invalid id=nobody: not a customer -> use a customer id like `c2a1`, or an identifier like `user_id:42`"
        ],
    );
    check_problem(
        &shop.get("/api/v1/customers/user_id:99").await,
        expect![
            "404 urn:omotenashi:not_found id=user_id:99: no customer of this name is known -> search for the customer; it may have been erased"
        ],
    );
    shop.close().await;
}

fn draft() -> Value {
    json!({
        "name": "autumn shoes", "audience": "buyers", "purpose": "marketing", "channel": "email",
        "variants": [{ "language": "en", "subject": "Hello {{ customer.name }}", "format": "html",
            "body": "<p>Hello {{ customer.name }}</p><a href=\"https://shop.example/shoes\">shoes</a>" }]
    })
}

async fn with_sender(shop: &Shop) {
    let mut settings = shop.get("/api/v1/settings").await.body;
    settings["settings"]["sender"] =
        json!({ "name": "Shop", "email": "news@shop.example", "postal_address": "Tokyo" });
    let replace = json!({ "version": settings["version"], "settings": settings["settings"] });
    assert_eq!(shop.request("PUT", "/api/v1/settings", Some(&replace)).await.status, 200);
}

/// The link in the header `List-Unsubscribe` of the letter to the first customer.
async fn way_to_leave(shop: &Shop, letters: &[Value]) -> String {
    let letter = letters.iter().find(|it| it["to"] == "u1@example.com").expect("a letter to the first");
    let letter =
        shop.get(&format!("/api/v1/sandbox/messages/{}", letter["id"].as_str().expect("an id"))).await;
    let headers = letter.body["headers"].as_array().expect("headers").clone();
    let leave = headers.iter().find(|it| it["name"] == "List-Unsubscribe").expect("a way to leave");
    let leave = leave["value"]
        .as_str()
        .and_then(|it| it.split('>').next())
        .and_then(|it| it.split("127.0.0.1").nth(1));
    leave.expect("a link of ours").to_owned()
}

/// One of its readers buys twice; the report tells buyers from purchases.
async fn bought_twice(shop: &Shop, report: &str) -> Answer {
    for bought in ["b1", "b2"] {
        let again = json!({ "userId": "2", "event": "purchase", "messageId": bought, "properties": { "amount": 30 } });
        assert_eq!(shop.ingest("/v1/track", &again).await.status, 200);
    }
    shop.until(report, |it| it["reached"]["purchases"] == 2).await;
    let report = shop.get(report).await;
    let reached = json!({ "customers": 2, "buyers": 1, "purchases": 2, "revenue": 60.0 });
    assert_eq!(report.body["reached"], reached, "{}", report.text);
    report
}

/// The two who were written to, one on each page.
async fn two_pages_of_sent(shop: &Shop, first: &str) {
    let one = shop.get(first).await;
    check(&one, 200, "/items/0/variant", "en");
    let next = one.body["next"].as_str().expect("a second page").to_owned();
    let two = shop.get(&format!("{first}&after={next}")).await;
    check(&two, 200, "/items/0/state", "sent");
    assert_ne!(one.body["items"][0]["id"], two.body["items"][0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_goes_only_to_those_who_may_get_it_and_says_why() {
    let shop = shop_with_customers().await;
    audience(&shop).await;
    with_sender(&shop).await;
    let made = shop.post("/api/v1/campaigns", &draft()).await;
    check(&made, 201, "/state", "draft");
    let id = made.body["id"].clone();
    let path = |rest: &str| format!("/api/v1/campaigns/{id}{rest}");

    let preview = shop.post(&path("/preview"), &json!({ "customer": "user_id:1" })).await;
    check(&preview, 200, "/subject", "Hello User 1");
    let test = shop.post(&path("/test"), &json!({ "to": "me@shop.example", "customer": "user_id:1" })).await;
    assert_eq!((test.status, &test.body["sent"]), (200, &json!(1)), "{}", test.text);
    let checked = shop.post(&path("/check"), &json!({})).await;
    assert_eq!(
        (&checked.body["relevant"]["send"], &checked.body["ready"]),
        (&json!(2), &json!(true)),
        "{}",
        checked.text
    );
    assert_eq!(checked.body["relevant"]["left_out"][0]["reason"], "no_consent");

    let launched = shop.post(&path("/launch"), &json!({ "version": 1 })).await;
    assert_eq!(launched.status, 202, "{}", launched.text);
    let again = shop.post(&path("/launch"), &json!({ "version": 9 })).await;
    check_problem(
        &again,
        expect![
            "409 urn:omotenashi:conflict version=9: campaign was changed in between: read it again. name=`autumn shoes`, version=`9` -> read it again, look at what changed, then decide"
        ],
    );
    shop.until(&path(""), |it| it["state"] == "finished").await;

    let mailbox = shop.get("/api/v1/sandbox/messages").await;
    let letters = mailbox.body["items"].as_array().expect("letters").clone();
    assert_eq!(letters.len(), 3, "two and the test: {}", mailbox.text);
    let why = "/api/v1/why?customer=user_id:3&campaign=autumn%20shoes";
    shop.until(why, |it| it["message"]["reason"] == "no_consent").await;
    let left_out = shop.get(&path("/messages?outcome=suppress")).await;
    check(&left_out, 200, "/items/0/label", "User 3");
    two_pages_of_sent(&shop, &path("/messages?outcome=sent&limit=1")).await;

    let leave = way_to_leave(&shop, &letters).await;
    assert!(shop.get(&leave).await.text.contains("<form"), "a machine that follows the link changes nothing");
    let left = shop.raw("POST", &leave, "List-Unsubscribe=One-Click").await;
    assert!(left.status == 200 && left.text.contains("unsubscribed"), "{}", left.text);
    let customer = shop.get("/api/v1/customers/user_id:1").await;
    assert!(
        customer.body["consents"].as_array().is_some_and(|it| it.iter().any(|it| it["given"] == false)),
        "{}",
        customer.text
    );
    let report = bought_twice(&shop, &path("/report")).await;
    assert_eq!(report.body["comparison"], Value::Null, "nobody was left alone");
    assert_eq!(
        (&report.body["messages"]["sent"], &report.body["messages"]["unsubscribed"]),
        (&json!(2), &json!(1)),
        "{}",
        report.text
    );
    check(&shop.get("/api/v1/home").await, 200, "/campaigns/0/state", "finished");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_for_whom_the_content_would_break_is_listed_page_by_page() {
    let shop = shop_with_customers().await;
    audience(&shop).await;
    with_sender(&shop).await;
    let mut sized = draft();
    sized["variants"][0]["subject"] = json!("Size {{ customer.shoe_size }}");
    let made = shop.post("/api/v1/campaigns", &sized).await;
    let path = format!("/api/v1/campaigns/{}", made.body["id"]);
    let checked = shop.post(&format!("{path}/check"), &json!({})).await;
    assert_eq!(checked.body["broken"]["customers"], 2, "{}", checked.text);
    let one = shop.get(&format!("{path}/broken?limit=1")).await;
    check(&one, 200, "/items/0/error/part", "subject");
    let after = one.body["next"].as_str().expect("a second page").to_owned();
    let rest = shop.get(&format!("{path}/broken?limit=5&after={after}")).await;
    assert_eq!((rest.body["items"].as_array().map(Vec::len), &rest.body["next"]), (Some(1), &Value::Null));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_cannot_be_is_refused_at_its_field() {
    let shop = Shop::open().await;
    let with = |field: &str, value: Value| {
        let mut draft = draft();
        draft[field] = value;
        draft
    };
    check_problem(
        &shop.post("/api/v1/campaigns", &draft()).await,
        expect![
            "404 urn:omotenashi:not_found audience=buyers: no such audience. name=`buyers` -> choose one of the audiences there are"
        ],
    );
    check_problem(
        &shop.post("/api/v1/campaigns", &with("name", json!(""))).await,
        expect![
            "400 urn:omotenashi:invalid name=: a name has 1 to 100 characters, none of them control characters -> choose another name"
        ],
    );
    check_problem(
        &shop.post("/api/v1/campaigns", &with("holdout_percent", json!(70))).await,
        expect![
            "400 urn:omotenashi:invalid holdout_percent=70: a holdout is 0 to 50 percent -> choose a number between"
        ],
    );
    check_problem(
        &shop.post("/api/v1/campaigns", &with("channel", json!("sms"))).await,
        expect![
            "400 urn:omotenashi:invalid channel=sms: campaigns speak by e-mail or webhook -> choose `email` or `webhook`"
        ],
    );
    let twice = with("variants", json!([draft()["variants"][0], draft()["variants"][0]]));
    check_problem(
        &shop.post("/api/v1/campaigns", &twice).await,
        expect![
            "400 urn:omotenashi:invalid variants[1].language=en: two variants have one language -> give each variant a language of its own"
        ],
    );
    shop.close().await;
}
