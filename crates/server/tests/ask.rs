//! Every question over HTTP, on a few customers whose answers can be counted by hand, and the people behind each number.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

mod http_support;

use expect_test::expect;
use http_support::{Answer, Shop, check_problem};
use serde_json::{Value, json};

/// Who did what when, in January 2026 (UTC): person, day, hour, event, category, amount.
const STORY: &[(&str, u8, u8, &str, &str, f64)] = &[
    ("ann", 1, 9, "view", "shoes", 0.0),
    ("ann", 1, 10, "cart", "shoes", 0.0),
    ("ann", 2, 9, "purchase", "shoes", 100.0),
    ("ann", 9, 9, "purchase", "hats", 20.0),
    ("bob", 1, 9, "view", "shoes", 0.0),
    ("bob", 3, 9, "wishlist", "shoes", 0.0),
    ("bob", 12, 9, "purchase", "shoes", -5.0),
    ("cem", 2, 9, "view", "hats", 0.0),
    ("cem", 2, 10, "uninstall", "", 0.0),
    ("dan", 8, 9, "view", "hats", 0.0),
    ("dan", 8, 10, "cart", "hats", 0.0),
    ("dan", 8, 11, "purchase", "hats", 30.0),
    ("dan", 20, 9, "uninstall", "", 0.0),
];

/// The range that holds all of it.
const FROM: &str = "2025-12-31T23:59:59.999Z";
const TO: &str = "2026-01-31T23:59:59.999Z";

/// A shop in which the story has happened.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    let each = STORY.iter().enumerate().map(|(index, (person, day, hour, event, category, amount))| {
        let properties =
            if category.is_empty() { json!({}) } else { json!({ "category": category, "amount": amount }) };
        json!({ "type": "track", "userId": person, "event": event, "properties": properties,
            "messageId": index.to_string(), "timestamp": format!("2026-01-{day:02}T{hour:02}:00:00Z") })
    });
    let people = ["ann", "bob", "cem"].map(|person| {
        let country = if person == "bob" { "TW" } else { "JP" };
        json!({ "type": "identify", "userId": person, "traits": { "country": country },
            "messageId": format!("i-{person}"), "timestamp": "2026-01-01T00:00:00Z" })
    });
    let batch: Vec<Value> = each.chain(people).collect();
    assert_eq!(shop.ingest("/v1/batch", &json!({ "batch": batch })).await.status, 200);
    let all = |body: &Value| body["items"].as_array().is_some_and(|items| items.len() == batch.len());
    shop.until("/api/v1/data/live?limit=100", all).await;
    let seen = |body: &Value| body["event"]["events"] == 2;
    shop.until("/api/v1/data/events/uninstall", seen).await;
    for _ in 0..200 {
        let count =
            shop.post("/api/v1/ask/count", &json!({ "condition": { "text": r#"did "uninstall""# } })).await;
        if count.body["customers"] == 2 {
            return shop;
        }
    }
    panic!("questions never saw the story");
}

/// A question over the range of the story.
fn over(mut question: Value) -> Value {
    question["from"] = json!(FROM);
    question["to"] = json!(TO);
    question
}

async fn ask(shop: &Shop, word: &str, question: &Value) -> Value {
    let answer = shop.post(&format!("/api/v1/ask/{word}"), &over(question.clone())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// The people behind a number, by name; and that the audience made of them has the same number.
async fn people(shop: &Shop, word: &str, (question, pick): (&Value, Value)) -> Vec<String> {
    let mut typed = over(question.clone());
    typed["type"] = json!(word);
    let body = json!({ "question": typed, "pick": pick });
    let answer = shop.post("/api/v1/ask/people", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut names: Vec<String> = answer.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["label"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(answer.body["customers"], names.len(), "{}", answer.body);
    let table = shop.post("/api/v1/ask/people.csv", &body).await;
    assert_eq!(table.text.lines().count(), names.len() + 1, "{}", table.text);
    let mut save = body;
    save["name"] = json!(format!("{word} {pick}").chars().take(90).collect::<String>());
    let audience = shop.post("/api/v1/ask/audience", &save).await;
    assert_eq!(audience.status, 201, "{}", audience.text);
    assert_eq!(audience.body["people"]["customers"], names.len(), "{}", audience.body);
    assert_eq!(audience.body["description"], answer.body["what"]);
    names
}

fn numbers(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|it| it[field].clone()).collect()
}

fn funnel() -> Value {
    json!({ "steps": [
        { "event": "view" },
        { "event": "cart", "or": [{ "event": "wishlist" }] },
        { "event": "purchase", "where": { "text": "amount > 0" } },
    ], "within": "7 days" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_funnel_counts_who_came_how_far_and_opens_into_them() {
    let shop = shop().await;
    let answer = ask(&shop, "funnel", &funnel()).await;
    let steps = &answer["lines"][0]["steps"];
    assert_eq!(numbers(steps, "customers"), [4, 3, 2]);
    assert_eq!(numbers(steps, "dropped"), [1, 1, 0]);
    assert_eq!(numbers(steps, "name"), ["view", "cart or wishlist", "purchase"]);
    assert_eq!(steps[1]["median_ms"], 3_600_000.0);
    let question = funnel();
    assert_eq!(
        people(&shop, "funnel", (&question, json!({ "type": "reached", "step": 3 }))).await,
        ["ann", "dan"]
    );
    assert_eq!(people(&shop, "funnel", (&question, json!({ "type": "dropped", "step": 2 }))).await, ["bob"]);
    let short = json!({ "steps": [{ "event": "view" }, { "event": "cart" }], "within": "1 days" });
    assert_eq!(
        people(&shop, "funnel", (&short, json!({ "type": "dropped", "step": 1 }))).await,
        ["bob", "cem"]
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_funnel_is_broken_down_by_property_trait_and_audience() {
    let shop = shop().await;
    let customers = |answer: &Value| -> Vec<(Value, Value)> {
        let lines = answer["lines"].as_array().unwrap().iter();
        lines.map(|line| (line["value"].clone(), line["steps"][0]["customers"].clone())).collect()
    };
    let by = |breakdown: &str| {
        let mut question = funnel();
        question["breakdown"] = json!(breakdown);
        question
    };
    let answer = ask(&shop, "funnel", &by("category")).await;
    assert_eq!(customers(&answer), [(json!("hats"), json!(2)), (json!("shoes"), json!(2))]);
    let answer = ask(&shop, "funnel", &by("trait:country")).await;
    assert_eq!(
        customers(&answer),
        [(json!("JP"), json!(2)), (json!("TW"), json!(1)), (json!(null), json!(1))]
    );
    let named = json!({ "name": "buyers", "condition": { "text": r#"did "purchase""# } });
    assert_eq!(shop.post("/api/v1/audiences", &named).await.status, 201);
    let answer = ask(&shop, "funnel", &by("audience:buyers")).await;
    assert_eq!(customers(&answer), [(json!("buyers"), json!(3)), (json!(null), json!(1))]);
    let pick = json!({ "type": "reached", "line": 1, "step": 1 });
    assert_eq!(people(&shop, "funnel", (&by("audience:buyers"), pick)).await, ["cem"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_counts_who_came_back_and_opens_into_them() {
    let shop = shop().await;
    let question = json!({ "start": { "event": "view" }, "back": { "event": "purchase" }, "period": "week", "time_zone": "UTC" });
    let answer = ask(&shop, "retention", &question).await;
    let cohorts = answer["lines"][0]["cohorts"].as_array().unwrap();
    assert_eq!(cohorts[0]["start"], "2025-12-29T00:00:00.000Z");
    assert_eq!((&cohorts[0]["customers"], &cohorts[0]["returned"]), (&json!(3), &json!([1, 1, 1, 0, 0])));
    assert_eq!((&cohorts[1]["customers"], &cohorts[1]["returned"]), (&json!(1), &json!([1, 0, 0, 0])));
    assert_eq!(answer["lines"][0]["shares"][0], 0.5);
    let pick = |kind: &str, period: u8| json!({ "type": kind, "cohort": 0, "period": period });
    assert_eq!(people(&shop, "retention", (&question, pick("returned", 1))).await, ["ann"]);
    assert_eq!(people(&shop, "retention", (&question, pick("away", 1))).await, ["bob", "cem"]);
    let anything = json!({ "period": "month", "counting": "rolling" });
    assert_eq!(
        people(&shop, "retention", (&anything, json!({ "type": "cohort", "cohort": 0 }))).await.len(),
        4
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_tell_what_came_before_and_open_into_people() {
    let shop = shop().await;
    let question = json!({ "anchor": { "event": "uninstall" }, "steps": 2, "within": "30 days" });
    let answer = ask(&shop, "paths", &question).await;
    assert_eq!((&answer["anchors"], &answer["customers"]), (&json!(2), &json!(2)));
    let mut paths = numbers(&answer["paths"], "steps");
    paths.sort_by_key(ToString::to_string);
    assert_eq!(paths, [json!(["cart", "purchase"]), json!(["view"])]);
    assert_eq!(answer["nodes"].as_array().unwrap().len(), 3);
    let pick = json!({ "type": "path", "steps": ["cart", "purchase"] });
    assert_eq!(people(&shop, "paths", (&question, pick)).await, ["dan"]);
    let pick = json!({ "type": "node", "distance": 1, "step": "view", "ended": true });
    assert_eq!(people(&shop, "paths", (&question, pick)).await, ["cem"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trend_has_lines_for_events_and_values_and_each_point_opens() {
    let shop = shop().await;
    let several = json!({ "bucket": "week", "time_zone": "UTC", "events": [
        { "event": "purchase", "where": { "json": { "type": "property", "name": "amount", "test": { "is": ">", "value": 0 } } } },
        { "event": "view" },
    ] });
    let answer = ask(&shop, "trend", &several).await;
    assert_eq!(numbers(&answer["lines"], "event"), ["purchase", "view"]);
    assert_eq!(numbers(&answer["lines"], "total"), [3.0, 4.0]);
    let point = json!({ "type": "point", "line": 0, "bucket": 1 });
    assert_eq!(people(&shop, "trend", (&several, point)).await, ["ann", "dan"]);
    let by = json!({ "event": "view", "breakdown": "category", "top": 1, "measure": "customers" });
    let answer = ask(&shop, "trend", &by).await;
    assert_eq!(numbers(&answer["lines"], "value"), [json!("hats"), json!(null)]);
    assert_eq!(people(&shop, "trend", (&by, json!({ "type": "point", "line": 1 }))).await, ["ann", "bob"]);
    let previous = json!({ "event": "purchase", "compare": "previous" });
    let answer = ask(&shop, "trend", &previous).await;
    assert_eq!(
        (&answer["lines"][0]["total"], &answer["compared"]["lines"][0]["total"]),
        (&json!(4.0), &json!(0.0))
    );
    let japan = json!({ "event": "view", "compare": { "condition": { "text": r#"trait country = "JP""# } } });
    assert_eq!(ask(&shop, "trend", &japan).await["compared"]["lines"][0]["total"], 2.0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_may_be_said_by_its_length() {
    let shop = shop().await;
    let total = async |question: Value| {
        let answer = shop.post("/api/v1/ask/trend", &question).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        (answer.body["from"].clone(), answer.body["lines"][0]["total"].clone())
    };
    let to = "2026-01-09T12:00:00.000Z";
    let last = total(json!({ "event": "purchase", "last": "2 days", "to": to })).await;
    assert_eq!(last, (json!("2026-01-07T12:00:00.000Z"), json!(2.0)));
    assert_eq!(last, total(json!({ "event": "purchase", "from": "2026-01-07T12:00:00Z", "to": to })).await);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rfm_takes_a_filter_over_rows_and_opens_groups_cells_and_moves() {
    let shop = shop().await;
    let question = json!({ "where": { "text": "amount > 0" } });
    let answer = ask(&shop, "rfm", &question).await;
    assert_eq!((&answer["customers"], &answer["revenue"]), (&json!(2), &json!(150.0)));
    for list in ["groups", "cells"] {
        for it in answer[list].as_array().unwrap().iter().filter(|it| it["numbers"]["customers"] != 0) {
            let pick = match list {
                "groups" => json!({ "type": "group", "group": it["group"] }),
                _ => json!({ "type": "cell", "recency": it["recency"], "frequency": it["frequency"] }),
            };
            let named = people(&shop, "rfm", (&question, pick)).await.len();
            assert_eq!(it["numbers"]["customers"], named);
        }
    }
    let moved = &answer["moves"][0];
    let pick = json!({ "type": "moved", "from": moved["from"], "to": moved["to"] });
    let named = people(&shop, "rfm", (&question, pick)).await.len();
    assert_eq!(moved["customers"], named);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_seen_counts_nothing_and_says_so() {
    let shop = shop().await;
    let first = |answer: &Answer, field: &str| {
        answer.body["warnings"][0][field].as_str().unwrap_or_default().to_owned()
    };
    let count = shop
        .post("/api/v1/ask/count", &json!({ "condition": { "text": r#"did "purhcase" where amuont > 1"# } }))
        .await;
    assert_eq!((&count.body["customers"], first(&count, "nearest").as_str()), (&json!(0), "purchase"));
    let questions = [
        ("trend", json!({ "event": "vew" }), "event", "view"),
        ("trend", json!({ "event": "view", "breakdown": "categroy" }), "breakdown", "category"),
        ("funnel", json!({ "steps": [{ "event": "view" }, { "event": "crat" }] }), "steps.1", "cart"),
        (
            "retention",
            json!({ "back": { "event": "purchase", "where": { "text": "amonut > 1" } } }),
            "back",
            "amount",
        ),
        ("paths", json!({ "anchor": { "event": "unistall" } }), "anchor", "uninstall"),
        ("rfm", json!({ "amount_property": "amout" }), "amount_property", "amount"),
        ("rfm", json!({ "condition": { "text": r#"trait contry = "JP""# } }), "condition", "country"),
    ];
    for (word, question, field, nearest) in questions {
        let answer = shop.post(&format!("/api/v1/ask/{word}"), &over(question)).await;
        assert_eq!((answer.status, first(&answer, "field").as_str()), (200, field), "{}", answer.text);
        assert_eq!(first(&answer, "nearest"), nearest, "{}", answer.text);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_question_is_refused_with_the_field_the_place_and_what_was_expected() {
    let shop = Shop::open().await;
    let refused = async |word: &str, question: Value, expected| {
        check_problem(&shop.post(&format!("/api/v1/ask/{word}"), &question).await, expected);
    };
    refused("rfm", json!({ "where": { "text": "amount >" } }), expect![[r#"
        400 urn:omotenashi:invalid where.text=amount >: line 1, column 9: the text ends here: expected a text in quotes, a number, a date, `true` or `false`
        amount >
                ^ -> write a text in quotes or a number or a date or `true` or `false` there"#]]).await;
    refused("funnel", json!({ "steps": [] }), expect!["400 urn:omotenashi:invalid steps: a funnel has at least one step -> send the events that follow one another"]).await;
    refused("funnel", json!({ "steps": [{ "event": "a" }], "within": "a week" }), expect!["400 urn:omotenashi:invalid within=a week: not a span like `30 days` (seconds, minutes, hours, days, weeks). value=`a week` -> send a span like `7 days` or `30 minutes`"]).await;
    let many: Vec<Value> = (0..33).map(|_| json!({ "event": "a" })).collect();
    refused("funnel", json!({ "steps": many }), expect!["413 urn:omotenashi:too_large: the answer is too large; ask for a shorter range or fewer steps. steps=`33`, limit=`32` -> ask for less at once: a shorter range, wider buckets, fewer steps or lines"]).await;
    refused("trend", json!({ "event": "a", "from": "1971-01-01T00:00:00Z" }), expect!["413 urn:omotenashi:too_large: the answer is too large; ask for a shorter range or fewer buckets. buckets=`4001`, limit=`4000` -> ask for less at once: a shorter range, wider buckets, fewer steps or lines"]).await;
    refused(
        "paths",
        json!({ "steps": 11 }),
        expect!["400 urn:omotenashi:invalid steps=11: it is 1 to 10 -> send a number between"],
    )
    .await;
    refused("trend", json!({ "last": "a month" }), expect!["400 urn:omotenashi:invalid last=a month: not a span like `30 days` (seconds, minutes, hours, days, weeks). value=`a month` -> send a span like `7 days` or `30 minutes`"]).await;
    refused("trend", json!({ "last": "7 days", "from": FROM }), expect!["400 urn:omotenashi:invalid last=7 days: the beginning of the range is there twice -> send `last` or `from`, not both"]).await;
    refused("trend", json!({ "breakdown": "audience:nobody" }), expect!["400 urn:omotenashi:invalid condition: the audience cannot be resolved: there is no such audience. audience=`nobody` -> refer only to audiences that exist"]).await;
    let question = json!({ "question": { "type": "trend" }, "pick": { "type": "reached", "step": 1 } });
    refused("people", question, expect!["400 urn:omotenashi:invalid pick.type=reached: the answer of a trend has no such number -> choose a number that the answer has"]).await;
    shop.close().await;
}
