//! A file is damaged: answers say what they lack, everything else goes on, and the doctor says what it is, where, what is
//! lost and what to do, and brings back what can be brought back.

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

/// Twenty customers who bought; the server is stopped, so that all of them are in a checkpoint.
fn stopped() -> Result<House> {
    let mut house = House::found()?;
    for n in 0..BUYERS {
        let bought = json!({ "userId": format!("u{n}"), "event": "purchase" });
        ensure!(house.track("/v1/track", &bought)?.status == 200);
    }
    buyers(&house)?;
    house.stop()?;
    Ok(house)
}

/// What the doctor says; whether it found all well.
fn doctor(house: &House, further: &[&str]) -> Result<(bool, String)> {
    let data = house.data().to_str().context("the path is UTF-8")?;
    let output = house.command(&[&["doctor", "--data", data], further].concat())?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), said.into_owned()))
}

/// The doctor names the damage with these words, and says what is lost and what to do.
fn check(house: &House, words: &[&str]) -> Result<()> {
    let (well, said) = doctor(house, &[])?;
    ensure!(!well, "it finds the damage: {said}");
    for word in words.iter().chain(&["  lost   ", "  do     "]) {
        ensure!(said.contains(word), "{word:?} is missing: {said}");
    }
    Ok(())
}

/// After a repair all is well, the server starts, and nobody who bought is missing.
fn repaired(house: &mut House, words: &str) -> Result<()> {
    let (well, said) = doctor(house, &["--repair"])?;
    ensure!(well && said.contains(words), "{said}");
    house.start_again()?;
    buyers(house)?;
    let more = json!({ "userId": "u0", "event": "purchase", "messageId": "one more" });
    ensure!(house.track("/v1/track", &more)?.status == 200, "it takes events again");
    house.kill_and_restart()?;
    let purchases = |page: &Value| page["event"]["events"].as_u64().unwrap_or_default() > BUYERS;
    house.wait("/api/v1/data/events/purchase", purchases)?;
    house.stop()
}

fn journal_of(house: &House) -> Result<PathBuf> {
    let journal = house.data().join("workspaces/1/journal");
    let mut files = std::fs::read_dir(journal)?.collect::<std::io::Result<Vec<_>>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    Ok(files.pop().context("there is a journal")?.path())
}

#[test]
fn a_checkpoint_that_cannot_be_read_is_folded_again_and_nothing_is_lost() -> Result<()> {
    let mut house = stopped()?;
    let state = house.data().join("workspaces/1/state");
    std::fs::write(state.join("data.mdb"), vec![7; 40_000])?;
    check(&house, &["state", "MDB_", "nothing: the checkpoint is folded from the journal", "--repair"])?;
    repaired(&mut house, "state.damaged")?;
    std::fs::remove_dir_all(&state)?;
    let (well, said) = doctor(&house, &[])?;
    ensure!(well && said.contains("records folded again"), "a checkpoint that is gone is made again: {said}");
    Ok(())
}

#[test]
fn a_damaged_journal_goes_on_from_the_checkpoint() -> Result<()> {
    let mut house = stopped()?;
    let journal = journal_of(&house)?;
    let mut bytes = std::fs::read(&journal)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, bytes)?;
    check(&house, &["the journal is damaged", "offset=`", ".journal`", "journal.damaged", "back-up"])?;
    ensure!(house.start_again().is_err(), "a server does not skip what is damaged");
    repaired(&mut house, "journal.damaged")
}

#[test]
fn a_journal_that_is_gone_or_cut_is_not_taken_for_an_empty_one() -> Result<()> {
    let mut house = stopped()?;
    let journal = journal_of(&house)?;
    let bytes = std::fs::read(&journal)?;
    std::fs::write(&journal, &bytes[..bytes.len() / 2])?;
    check(&house, &["the journal ends before the checkpoint", "journal`", "back-up"])?;
    ensure!(house.start_again().is_err(), "new events would stand where old ones stood");
    std::fs::remove_file(&journal)?;
    check(&house, &["the journal ends before the checkpoint", "end=`0`"])?;
    repaired(&mut house, "journal.damaged")
}

#[test]
fn a_torn_tail_is_cut_and_said() -> Result<()> {
    let house = stopped()?;
    let journal = journal_of(&house)?;
    let mut bytes = std::fs::read(&journal)?;
    bytes.extend_from_slice(b"half a write");
    std::fs::write(&journal, bytes)?;
    let (well, said) = doctor(&house, &[])?;
    ensure!(well && said.contains("12 bytes cut from the journal's end"), "{said}");
    Ok(())
}

#[test]
fn a_damaged_or_missing_control_plane_is_named_with_what_hangs_on_it() -> Result<()> {
    let house = stopped()?;
    let path = house.data().join("control.db");
    let whole = std::fs::read(&path)?;
    let (head, tail) = whole.split_at(whole.len() / 2);
    std::fs::write(&path, [head, &vec![7; tail.len()]].concat())?;
    check(&house, &["control plane", "control.db`", "users, keys, audiences, campaigns", "back-up"])?;
    std::fs::write(&path, "no database at all")?;
    check(&house, &["control.db`", "not a database"])?;
    std::fs::remove_file(&path)?;
    check(&house, &["the file is gone", "control.db`"])?;
    std::fs::write(&path, whole)?;
    ensure!(doctor(&house, &[])?.0, "back from a back-up all is well");
    Ok(())
}

#[test]
fn a_folder_in_use_or_out_of_reach_is_said_to_be_so() -> Result<()> {
    let mut house = stopped()?;
    house.start_again()?;
    let pid = format!("pid=`{}`", house.process());
    check(&house, &["in use by another process", &pid, "  lost   nothing", "stop the other process"])?;
    ensure!(house.get("/healthz")?.status == 200, "the server goes on");
    house.stop()?;
    let state = house.data().join("workspaces/1/state");
    std::fs::rename(&state, house.data().join("elsewhere"))?;
    std::fs::write(&state, "a file where a folder has to be")?;
    check(&house, &["cannot be used", "workspaces/1/state`", "read and write the folder"])
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
