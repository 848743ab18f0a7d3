//! The real purchase log comes in from the command line, once, however often it is told.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::{Value, json};

#[test]
fn the_real_purchase_log_is_imported_once() -> Result<()> {
    let Some(file) = dataset("online-retail/online_retail.csv.zst") else { return Ok(()) };
    let house = House::found()?;
    let totals = |accepted: u64, duplicate: u64| json!({ "rows": 541_909, "accepted": accepted, "duplicate": duplicate, "rejected": 135_080, "left_out": 0 });
    ensure!(
        import(&house, &file)? == totals(406_829, 0),
        "the first import takes every row that names a customer"
    );
    ensure!(import(&house, &file)? == totals(0, 406_829), "the second adds nothing");

    let wanted = |answer: &Value| answer["event"]["events"] == 406_829;
    house.wait("/api/v1/data/events/purchase", wanted)?;
    let count = json!({ "condition": { "text": "did \"purchase\"" } });
    let counted = house.post("/api/v1/ask/count", &count)?.body;
    ensure!(counted["customers"] == 4_372, "4,372 customers bought something: {counted}");
    Ok(())
}

/// Runs the import and returns its totals.
fn import(house: &House, file: &Path) -> Result<Value> {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/online-retail.toml");
    let rejects = house.data().join("rejects.ndjson");
    let path = |path: &Path| path.to_str().map(str::to_owned).context("the path is UTF-8");
    let (file, map, rejects) = (path(file)?, path(&map)?, path(&rejects)?);
    let output =
        house.command(&["import", "events", &file, "--map", &map, "--rejects", &rejects, "--json"])?;
    ensure!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
    let mut totals: Value = serde_json::from_slice(&output.stdout)?;
    let written = std::fs::read_to_string(&rejects)?.lines().count();
    ensure!(totals["rejected"] == written, "every rejected row is in the file");
    if let Some(fields) = totals.as_object_mut() {
        fields.remove("rejects_file");
    }
    Ok(totals)
}

/// Where the real data is, when it is there.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn dataset(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/datasets");
    let file = std::env::var_os("OMOTENASHI_DATASETS").map_or(beside, PathBuf::from).join(path);
    if !file.exists() {
        eprintln!("skipped: there is no {}", file.display());
        return None;
    }
    Some(file)
}
