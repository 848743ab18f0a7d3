//! The three real clients send everything twice, with the same message ids: it is counted once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::json;

#[test]
fn what_the_node_client_sends_twice_is_counted_once() -> Result<()> {
    let client = Command::new("node");
    check(client, "node.mjs", &[("Order Completed", 1), ("group", 1), ("page", 1), ("screen", 1)])
}

#[test]
fn what_the_python_client_sends_twice_is_counted_once() -> Result<()> {
    let python = std::env::var_os("OMOTENASHI_PYTHON").unwrap_or_else(|| "python3".into());
    check(
        Command::new(python),
        "python.py",
        &[("Order Completed", 1), ("group", 1), ("page", 1), ("screen", 1)],
    )
}

#[test]
fn what_a_browser_sends_twice_is_counted_once() -> Result<()> {
    check(Command::new("node"), "browser.mjs", &[("Product Viewed", 1), ("group", 1), ("page", 1)])
}

/// Runs the client against a new house and compares how often each event happened.
fn check(mut client: Command, program: &str, expected: &[(&str, u64)]) -> Result<()> {
    let house = House::found()?;
    client.arg(clients().join(program)).args([&house.url, &house.write_key]).stdin(Stdio::null());
    let output = client.output().with_context(|| format!("{client:?} cannot be run"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {complaint} (`make test` installs the clients)");

    // What comes in is told in order, so when this is known everything before it is.
    house.track("/v1/track", &json!({ "userId": "end", "event": "end", "messageId": "end" }))?;
    house.wait("/api/v1/data/events/end", |event| event["event"]["events"] == 1)?;
    let mut counts = BTreeMap::new();
    for event in house.get("/api/v1/data/events?limit=100")?.body["items"].as_array().into_iter().flatten() {
        counts.insert(
            event["name"].as_str().unwrap_or_default().to_owned(),
            event["events"].as_u64().unwrap_or(0),
        );
    }
    counts.remove("end");
    let expected: BTreeMap<_, _> =
        expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    ensure!(counts == expected, "{program}: expected {expected:?}, counted {counts:?}");
    let rejects = house.get("/api/v1/data/rejects")?.body;
    ensure!(rejects["items"] == json!([]), "{program}: rejected {rejects}");
    Ok(())
}

fn clients() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is")).join("clients")
}
