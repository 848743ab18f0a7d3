//! A file is damaged: answers say what they lack, everything else goes on, and the doctor brings it back.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::{Value, json};

const BUYERS: u64 = 20;

#[test]
fn a_damaged_file_is_said_in_answers_and_mended_by_the_doctor() -> Result<()> {
    let mut house = House::found()?;
    for n in 0..BUYERS {
        for event in ["purchase", "look"] {
            let told = json!({ "userId": format!("u{n}"), "event": event, "writeKey": house.write_key });
            ensure!(house.track("/v1/track", &told)?.status == 200);
        }
    }
    ensure!(buyers(&house)?["warnings"] == json!([]), "nothing is missing yet");
    house.stop()?;
    let parts = parts_of(&house, "event-purchase")?;
    parts.iter().try_for_each(|part| std::fs::write(part, "not a part"))?;
    house.start_again()?;

    let count = json!({ "condition": { "text": "did \"purchase\"" } });
    let counted = house.post("/api/v1/ask/count", &count)?.body;
    let missing: u64 =
        counted["warnings"].as_array().into_iter().flatten().filter_map(|it| it["rows"].as_u64()).sum();
    ensure!(counted["customers"] == 0 && missing == BUYERS, "{counted}");
    ensure!(counted["warnings"][0]["kind"] == "missing_rows", "{counted}");
    let trend = |event: &str| anyhow::Ok(house.post("/api/v1/ask/trend", &json!({ "event": event }))?.body);
    ensure!(trend("purchase")?["warnings"][0]["stream"] == "event:purchase");
    ensure!(trend("look")?["warnings"] == json!([]), "what is whole is answered without a word");
    ensure!(house.get("/api/v1/home")?.body["warnings"][0]["rows"].is_u64(), "Home says it");
    ensure!(house.get("/healthz")?.body["status"] != "ok", "so does the health");

    house.stop()?;
    let data = house.data().to_str().context("the path is UTF-8")?.to_owned();
    let found = house.command(&["doctor", "--data", &data])?;
    ensure!(!found.status.success() && String::from_utf8_lossy(&found.stdout).contains("event:purchase"));
    let mended = house.command(&["doctor", "--data", &data, "--repair"])?;
    ensure!(mended.status.success(), "{}", String::from_utf8_lossy(&mended.stdout));
    ensure!(parts.iter().all(|part| part.with_extension("arrow.damaged").exists()), "nothing is thrown away");
    house.start_again()?;
    ensure!(buyers(&house)?["warnings"] == json!([]));
    Ok(())
}

/// The answer about who bought, as soon as all of them are there.
fn buyers(house: &House) -> Result<Value> {
    let count = json!({ "condition": { "text": "did \"purchase\"" } });
    house.ask_until("/api/v1/ask/count", &count, |answer| answer["customers"] == BUYERS)
}

fn parts_of(house: &House, stream: &str) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for workspace in std::fs::read_dir(house.data().join("workspaces"))? {
        for entry in std::fs::read_dir(workspace?.path().join("parts"))? {
            parts.push(entry?.path());
        }
    }
    parts.retain(|path| path.to_string_lossy().contains(stream));
    ensure!(!parts.is_empty(), "there is a part of {stream}");
    Ok(parts)
}
