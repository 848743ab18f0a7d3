//! Files of the past: rows a second through `omotenashi import events`, from the command to its last word.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::Value;

use crate::events::mixed;
use crate::{line, process, setting};

/// How many people the rows of a generated file are about, for each million of rows.
const CUSTOMERS_A_MILLION: u64 = 50_000;

/// How the columns of a generated file become orders.
const MAP: &str = r#"
[identifiers]
user_id = "customer"

[time]
column = "at"
format = "unix_ms"

[event]
column = "event"

[derived]
amount = "quantity * price"

[properties]
amount = "amount"
sku = "sku"
category = "category"
quantity = { column = "quantity", type = "int" }
price = { column = "price", type = "float" }
"#;

/// A generated file of orders.
pub(crate) fn generated() -> Result<()> {
    let rows = setting("HOUSE_ROWS", 3_000_000)?;
    let folder = tempfile::tempdir()?;
    let (file, map) = (folder.path().join("orders.csv"), folder.path().join("map.toml"));
    std::fs::write(&map, MAP)?;
    write_orders(&file, rows)?;
    let house = House::found()?;
    let totals = import(&house, "import of generated orders", (&file, &map))?;
    ensure!(totals["accepted"] == rows, "every row is accepted: {totals}");
    process::show_memory(&format!("private memory after an import of {rows} rows"), &house)
}

/// The real purchase log, when it is there.
pub(crate) fn online_retail() -> Result<()> {
    let Some(datasets) = std::env::var_os("OMOTENASHI_DATASETS").map(PathBuf::from) else {
        line("import of online-retail", "–", "OMOTENASHI_DATASETS names no folder");
        return Ok(());
    };
    let map = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../docs/examples/online-retail.toml");
    let house = House::found()?;
    let file = datasets.join("online-retail/online_retail.csv.zst");
    import(&house, "import of online-retail", (&file, &map)).map(drop)
}

/// Imports a file and prints how fast that was; returns the totals.
fn import(house: &House, what: &str, (file, map): (&Path, &Path)) -> Result<Value> {
    let text = |path: &Path| path.to_str().map(str::to_owned).context("the path is UTF-8");
    let (file, map, rejects) = (text(file)?, text(map)?, text(&house.data().join("rejects.ndjson"))?);
    let begun_cores = process::cores(house.process())?;
    let begun = Instant::now();
    let output =
        house.command(&["import", "events", &file, "--map", &map, "--rejects", &rejects, "--json"])?;
    let took = begun.elapsed().as_secs_f64();
    ensure!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
    let totals: Value = serde_json::from_slice(&output.stdout)?;
    let rows = totals["rows"].as_u64().context("the import counts rows")? as f64;
    let used = (process::cores(house.process())? - begun_cores).as_secs_f64();
    line(
        &format!("{what}, {rows} rows"),
        &format!("{:.0}/s", rows / took),
        &format!("{:.2} µs a row; {took:.2} s in all", used * 1e6 / rows),
    );
    let begun = Instant::now();
    let accepted = totals["accepted"].as_u64();
    let told = |page: &Value| {
        let items = page["items"].as_array().into_iter().flatten();
        Some(items.filter_map(|it| it["events"].as_u64()).sum::<u64>())
    };
    house.wait("/api/v1/data/events?limit=1000", |page| told(page) == accepted)?;
    line(
        "  until the dictionary has counted all of them",
        &format!("{:.2} s", begun.elapsed().as_secs_f64()),
        "",
    );
    Ok(totals)
}

fn write_orders(path: &Path, rows: u64) -> Result<()> {
    const NAMES: [&str; 4] = ["product_viewed", "product_viewed", "product_added", "purchase"];
    const CATEGORIES: [&str; 5] = ["shoes", "bags", "coats", "hats", "gifts"];
    const FIRST_MS: u64 = 1_767_225_600_000;
    let customers = (rows / 1_000_000).max(1) * CUSTOMERS_A_MILLION;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "customer,at,event,sku,category,quantity,price")?;
    for number in 0..rows {
        let drawn = mixed(number);
        let (customer, at) = (drawn % customers, FIRST_MS + number * 90 * 86_400_000 / rows);
        let (name, category) = (NAMES[(drawn >> 3) as usize % 4], CATEGORIES[(drawn >> 5) as usize % 5]);
        let (sku, quantity, price) = ((drawn >> 8) % 5_000, drawn % 4 + 1, (drawn >> 11) % 900 * 10 + 99);
        writeln!(file, "c{customer:07},{at},{name},SKU-{sku:06},{category},{quantity},{price}.5")?;
    }
    Ok(file.flush()?)
}
