//! What goes out can come in again, and other tools count the same in it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::{Value, json};

const CUSTOMERS: u64 = 60;
/// Each asks about what an export could lose: names, order within one instant, types, lists, traits, consents.
const CONDITIONS: &[&str] = &[
    "did \"purchase\"",
    "did \"purchase\" with sum of amount >= 100",
    "did \"purchase\" where category = \"shoes\" at least 2 times",
    "did \"purchase\" where gift = true",
    "did \"purchase\" where due >= 2026-01-04",
    "sequence \"look\" then \"purchase\" within 1 second",
    "trait country = \"JP\"",
    "trait level > 3",
    "consented to marketing",
    "everyone",
];

#[test]
fn an_export_that_is_imported_elsewhere_answers_the_same() -> Result<()> {
    let house = House::found()?;
    fill(&house)?;
    let other = House::found()?;
    for what in ["customers", "events"] {
        let file = export(&house, &[what], &format!("{what}.ndjson"))?;
        let totals = import(&other, &file)?;
        ensure!(totals["rejected"] == 0 && totals["accepted"] == totals["rows"], "{what}: {totals}");
        let again = import(&other, &file)?;
        ensure!(again["accepted"] == 0, "{what} told twice count once: {again}");
    }
    let bought = json!({ "condition": { "text": "did \"purchase\"" } });
    other.ask_until("/api/v1/ask/count", &bought, |answer| answer["customers"] == CUSTOMERS)?;
    for text in CONDITIONS {
        let question = json!({ "condition": { "text": text } });
        let count =
            |house: &House| anyhow::Ok(house.post("/api/v1/ask/count", &question)?.body["customers"].clone());
        let expected = count(&house)?;
        ensure!(expected.as_u64().is_some_and(|customers| customers > 0), "{text}: {expected}");
        ensure!(count(&other)? == expected, "{text}: {expected} before, {} after", count(&other)?);
    }
    let rfm = json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z" });
    let groups = |house: &House| anyhow::Ok(house.post("/api/v1/ask/rfm", &rfm)?.body["groups"].clone());
    ensure!(without_conditions(groups(&house)?) == without_conditions(groups(&other)?), "RFM is the same");
    Ok(())
}

#[test]
fn duckdb_counts_the_same_in_the_parquet_files() -> Result<()> {
    let house = House::found()?;
    fill(&house)?;
    let folder = house.data().join("out");
    std::fs::create_dir_all(&folder)?;
    let out = folder.to_str().context("the path is UTF-8")?;
    run(&house, &["export", "events", "--format", "parquet", "--out", out])?;
    export(&house, &["customers", "--format", "parquet"], "customers.parquet")?;
    let whole = export(&house, &["events", "--format", "parquet"], "events.parquet")?;
    for (text, sql) in [
        ("did \"purchase\"", "select count(distinct customer) from 'out/purchase.parquet'".to_owned()),
        ("did \"purchase\"", format!("select count(distinct customer) from '{whole}' where event = 'purchase'")),
        (
            "did \"purchase\" with sum of amount >= 100",
            "select count(*) from (select customer from 'out/purchase.parquet' group by 1 having sum(amount) >= 100)".to_owned(),
        ),
        (
            "did \"purchase\" where gift = true and due >= 2026-01-04",
            "select count(distinct customer) from 'out/purchase.parquet' where gift and due >= timestamptz '2026-01-04 00:00:00+00'".to_owned(),
        ),
        ("trait level > 3", "select count(*) from 'customers.parquet' where level > 3".to_owned()),
    ] {
        let asked = house.post("/api/v1/ask/count", &json!({ "condition": { "text": text } }))?.body;
        let counted = duckdb(house.data(), &sql)?;
        ensure!(asked["customers"] == counted && counted > 0, "{text}: {} here, {counted} there", asked["customers"]);
    }
    Ok(())
}

/// Customers with every kind of value, events of one instant in both orders, two names that are one person.
fn fill(house: &House) -> Result<()> {
    let mut batch = Vec::new();
    for n in 0..CUSTOMERS {
        let at = |second: u64| format!("2026-01-{:02}T10:00:{second:02}.000Z", 1 + n % 9);
        let who = if n % 3 == 0 {
            json!({ "anonymousId": format!("a{n}") })
        } else {
            json!({ "userId": format!("u{n}") })
        };
        let mut tell = |kind: &str, rest: Value| {
            let mut event = json!({ "type": kind });
            for part in [&who, &rest] {
                event.as_object_mut().into_iter().for_each(|event| {
                    event.extend(part.as_object().cloned().unwrap_or_default());
                });
            }
            batch.push(event);
        };
        let traits = json!({ "country": if n % 2 == 0 { "JP" } else { "TW" }, "level": n % 7, "email": format!("u{n}@example.com") });
        tell(
            "identify",
            json!({ "traits": traits, "timestamp": at(0), "context": { "consent": { "categoryPreferences": { "marketing": n % 4 == 0 } } } }),
        );
        let purchase = json!({ "amount": n as f64 * 1.5, "category": if n % 5 < 3 { "shoes" } else { "hats" }, "gift": n % 2 == 1, "due": at(30), "sizes": [1, n] });
        let look =
            json!({ "event": "look", "timestamp": at(10), "properties": { "page": { "path": "/shoes" } } });
        let buy = json!({ "event": "purchase", "timestamp": at(10), "properties": purchase });
        // Both at one instant: only the order of arrival says which came first.
        let (first, second) = if n % 2 == 0 { (&look, &buy) } else { (&buy, &look) };
        tell("track", first.clone());
        tell("track", second.clone());
        let before = json!({ "event": "purchase", "timestamp": at(1), "properties": buy["properties"] });
        tell("track", before);
    }
    let merged = json!({ "type": "alias", "userId": "u1", "previousId": "a3000" });
    batch.insert(0, json!({ "type": "track", "anonymousId": "a3000", "event": "look", "timestamp": "2026-01-02T09:00:00Z" }));
    batch.push(merged);
    let told = house.track("/v1/import", &json!({ "batch": batch, "writeKey": house.write_key }))?;
    ensure!(told.status == 200, "{told:?}");
    let everyone = json!({ "condition": { "text": "everyone" } });
    house.ask_until("/api/v1/ask/count", &everyone, |answer| answer["customers"] == CUSTOMERS)?;
    Ok(())
}

fn run(house: &House, args: &[&str]) -> Result<Vec<u8>> {
    let output = house.command(args)?;
    ensure!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

/// Exports into a file beside the data; returns its path.
fn export(house: &House, args: &[&str], file: &str) -> Result<String> {
    let path = house.data().join(file);
    let path = path.to_str().context("the path is UTF-8")?;
    run(house, &[&["export"], args, &["--out", path]].concat())?;
    Ok(path.to_owned())
}

fn import(house: &House, file: &str) -> Result<Value> {
    let rejects = format!("{file}.rejects");
    Ok(serde_json::from_slice(&run(house, &["import", "events", file, "--rejects", &rejects, "--json"])?)?)
}

/// How many customers each group has and what they spent.
fn without_conditions(mut groups: Value) -> Value {
    for group in groups.as_array_mut().into_iter().flatten() {
        group.as_object_mut().into_iter().for_each(|group| drop(group.remove("condition")));
    }
    groups
}

/// The one number that a statement answers with.
fn duckdb(dir: &Path, sql: &str) -> Result<u64> {
    let python = std::env::var_os("OMOTENASHI_PYTHON").unwrap_or_else(|| "python3".into());
    let program = "import duckdb, sys; print(duckdb.sql(sys.argv[1]).fetchall()[0][0])";
    let output =
        Command::new(python).args(["-c", program, sql]).current_dir(dir).stdin(Stdio::null()).output()?;
    ensure!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
