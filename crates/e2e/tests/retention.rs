//! A workspace keeps events for a month: it says what goes before it goes, and what went is in no answer, no file, and
//! does not come back.

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::{Value, json};

/// What one old event says, and nothing else.
const MARK: &str = "the-only-one-who-said-so";

/// Twenty purchases of two winters ago and five of now.
fn fill(house: &House) -> Result<()> {
    let purchase = |number: usize, at: Option<String>| {
        let note = if number == 0 { MARK } else { "plain" };
        json!({
            "type": "track", "event": "purchase", "messageId": format!("m{number}"), "userId": format!("u{}", number % 10),
            "timestamp": at, "properties": { "amount": 1, "note": note },
        })
    };
    let old = (0..20).map(|number| purchase(number, Some(format!("2024-0{}-11T12:00:00Z", number % 2 + 1))));
    let new = (20..25).map(|number| purchase(number, None));
    let answer = house.track("/v1/batch", &json!({ "batch": old.chain(new).collect::<Vec<_>>() }))?;
    ensure!(answer.status == 200, "{answer:?}");
    house.ask_until("/api/v1/ask/trend", &question(), |answer| purchases(answer) == Some(25.0))?;
    Ok(())
}

fn question() -> Value {
    json!({ "event": "purchase", "bucket": "month", "from": "2024-01-01T00:00:00Z" })
}

fn purchases(answer: &Value) -> Option<f64> {
    answer["lines"][0]["total"].as_f64()
}

/// Has events kept for a month; `meant`: that some go by it.
fn keep_a_month(house: &House, meant: bool) -> Result<e2e::Answer> {
    let mut settings = house.get("/api/v1/settings")?.body;
    settings["settings"]["keep_events_months"] = json!(1);
    let replace =
        json!({ "version": settings["version"], "settings": settings["settings"], "remove_events": meant });
    house.put("/api/v1/settings", &replace)
}

/// The files of parts, journal and bases in which the mark stands.
fn marked(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![house.data().join("workspaces/1")];
    while let Some(folder) = folders.pop() {
        for path in
            std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
        {
            if path.is_dir() {
                // The state shows the latest facts by number, not by age.
                folders.extend((!path.ends_with("state")).then_some(path));
            } else if std::fs::read(&path)
                .unwrap_or_default()
                .windows(MARK.len())
                .any(|bytes| bytes == MARK.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn what_is_older_than_is_kept_goes_when_it_is_meant_and_stays_gone() -> Result<()> {
    let mut house = House::found()?;
    fill(&house)?;
    let preview = house.get("/api/v1/settings/retention?months=1")?.body;
    ensure!(preview["events"] == 20, "{preview}");
    let months = json!([{ "month": "2024-01", "events": 10 }, { "month": "2024-02", "events": 10 }]);
    ensure!(preview["by_month"] == months, "{preview}");

    let refused = keep_a_month(&house, false)?;
    let detail = refused.body["detail"].as_str().context("a problem says what is wrong")?;
    ensure!(refused.status == 409 && detail.contains("20 events from `2024-01` to `2024-02`"), "{refused:?}");
    ensure!(purchases(&house.post("/api/v1/ask/trend", &question())?.body) == Some(25.0));

    ensure!(keep_a_month(&house, true)?.status == 200);
    let left = house.ask_until("/api/v1/ask/trend", &question(), |answer| purchases(answer) == Some(5.0))?;
    ensure!(left["warnings"][0]["kind"] == "not_kept" && left["warnings"][0]["field"] == "from", "{left}");
    let lately = house.post("/api/v1/ask/trend", &json!({ "event": "purchase", "last": "7 days" }))?.body;
    ensure!(lately["warnings"] == json!([]) && purchases(&lately) == Some(5.0), "{lately}");
    let ever = house.post("/api/v1/ask/count", &json!({ "condition": { "text": "did \"purchase\"" } }))?.body;
    ensure!(ever["customers"] == 5 && ever["of"] == 10, "who was seen stays: {ever}");
    ensure!(ever["warnings"][0]["kind"] == "not_kept", "{ever}");

    for _ in 0..3 {
        house.kill_and_restart()?;
        let again = house.post("/api/v1/ask/trend", &question())?.body;
        ensure!(purchases(&again) == Some(5.0), "{again}");
    }
    house.stop()?;
    let data = house.data().display().to_string();
    ensure!(house.command(&["doctor", "--data", &data, "--repair"])?.status.success());
    house.start_again()?;
    ensure!(purchases(&house.post("/api/v1/ask/trend", &question())?.body) == Some(5.0));
    // Something new has to come for a checkpoint; the second one is a base, before which the journal goes.
    for number in 0..400 {
        if marked(&house).is_empty() {
            return Ok(());
        }
        let more = json!({ "event": "page_view", "messageId": format!("v{number}"), "userId": "u1" });
        house.track("/v1/track", &more)?;
        (0..4).for_each(|_| e2e::pause());
    }
    anyhow::bail!("it is still there: {:?}", marked(&house))
}
