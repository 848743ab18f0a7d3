//! The real purchase log comes in from the command line, once, however often it is told.

use std::path::{Path, PathBuf};
use std::process::Command;

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
    check_rfm(&house, &file)
}

/// RFM of what was really bought (no cancellations, nothing free), from the command line, is what DuckDB computes from the file.
fn check_rfm(house: &House, file: &Path) -> Result<()> {
    let question = json!({
        "event": "purchase",
        "amount_property": "amount",
        "where": { "text": "quantity > 0 and unit_price > 0 and not invoice starts with \"C\"" },
        "from": "1970-01-01T00:00:00Z",
        "to": "2011-12-31T00:00:00Z",
    });
    let params = house.data().join("rfm.json");
    std::fs::write(&params, question.to_string())?;
    let params = params.to_str().context("the path is UTF-8")?;
    let output = house.command(&["ask", "rfm", "--params", params, "--json"])?;
    ensure!(output.status.success(), "ask: {}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(
        answer == without_time(house.post("/api/v1/ask/rfm", &question)?.body, &answer),
        "the API answers alike"
    );
    ensure!(answer["customers"] == 4_338, "4,338 customers really bought: {}", answer["customers"]);
    let revenue = answer["revenue"].as_f64().context("a revenue")?;
    ensure!((revenue - 8_911_407.90).abs() < 0.005, "for 8,911,407.90: {revenue}");
    let mut ours = Vec::new();
    for cell in answer["cells"].as_array().context("cells")? {
        let numbers = &cell["numbers"];
        if numbers["customers"] != 0 {
            let key = [&cell["recency"], &cell["frequency"], &numbers["customers"]].map(Value::to_string);
            ours.push((key, numbers["revenue"].as_f64().context("a revenue")?));
        }
    }
    ours.sort_by(|a, b| a.0.cmp(&b.0));
    let Some(theirs) = duckdb(file)? else { return Ok(()) };
    ensure!(ours.len() == theirs.len(), "{} cells are not {}", ours.len(), theirs.len());
    for ((key, revenue), (their_key, their_revenue)) in ours.iter().zip(&theirs) {
        ensure!(key == their_key, "{key:?} is not {their_key:?}");
        ensure!((revenue - their_revenue).abs() < 0.005, "{key:?}: {revenue} is not {their_revenue}");
    }
    Ok(())
}

/// The same answer, as long as the other took.
fn without_time(mut answer: Value, other: &Value) -> Value {
    answer["took_ms"] = other["took_ms"].clone();
    answer
}

type Cell = ([String; 3], f64);

/// The cells (R, F, customers; revenue) that DuckDB computes from the file, in order.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn duckdb(file: &Path) -> Result<Option<Vec<Cell>>> {
    const SCRIPT: &str = r#"
import duckdb, json, sys
print(json.dumps(duckdb.sql(f"""
    WITH buyers AS (
        SELECT CustomerID, max(InvoiceDate) AS last, count(*) AS n, sum(Quantity * UnitPrice) AS m
        FROM read_csv('{sys.argv[1]}', compression = 'zstd', types = {{'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR'}})
        WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0 AND NOT starts_with(InvoiceNo, 'C') GROUP BY 1),
    ranks AS (
        SELECT *, count(*) OVER () AS everybody,
            rank() OVER (ORDER BY last) - 1 AS r_less, count(*) OVER (PARTITION BY last) AS r_equal,
            rank() OVER (ORDER BY n) - 1 AS f_less, count(*) OVER (PARTITION BY n) AS f_equal
        FROM buyers)
    SELECT least(5, 1 + 5 * (2 * r_less + r_equal) // (2 * everybody)) AS r,
        least(5, 1 + 5 * (2 * f_less + f_equal) // (2 * everybody)) AS f, count(*), sum(m)
    FROM ranks GROUP BY 1, 2""").fetchall()))
"#;
    let python = std::env::var("OMOTENASHI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python).args(["-c", SCRIPT]).arg(file).output()?;
    if !output.status.success() {
        eprintln!("skipped: {python} has no DuckDB: {}", String::from_utf8_lossy(&output.stderr));
        return Ok(None);
    }
    let rows: Vec<(u64, u64, u64, f64)> = serde_json::from_slice(&output.stdout)?;
    let cell = |(r, f, customers, revenue): (u64, u64, u64, f64)| {
        ([r, f, customers].map(|it| it.to_string()), revenue)
    };
    let mut cells: Vec<Cell> = rows.into_iter().map(cell).collect();
    cells.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Some(cells))
}

/// Runs the import and returns its totals.
fn import(house: &House, file: &Path) -> Result<Value> {
    let map = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../docs/examples/online-retail.toml");
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
    let beside = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../../shared/datasets");
    let file = std::env::var_os("OMOTENASHI_DATASETS").map_or(beside, PathBuf::from).join(path);
    if !file.exists() {
        eprintln!("skipped: there is no {}", file.display());
        return None;
    }
    Some(file)
}
