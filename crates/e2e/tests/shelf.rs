//! Events of months long past: kept as Parquet in a folder or a bucket, read by the same questions and by other tools.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use e2e::House;
use serde_json::{Value, json};

/// Fewer old rows of a stream stay hot.
const EVENTS: usize = 70_000;
/// A request holds so many.
const BATCH: usize = 2_500;

/// Brings purchases of two years ago, and waits until they are on the shelf.
fn fill(house: &House) -> Result<Value> {
    for first in (0..EVENTS).step_by(BATCH) {
        let events = (first..(first + BATCH).min(EVENTS)).map(|number| {
            let (month, day) = (number % 2 + 1, number % 28 + 1);
            json!({
                "type": "track",
                "event": "purchase",
                "messageId": format!("m{number}"),
                "userId": format!("u{}", number % 1_000),
                "timestamp": format!("2024-{month:02}-{day:02}T{:02}:00:00Z", number % 24),
                "properties": { "amount": number % 100, "category": (["shoes", "hats", "belts"][number % 3]) },
            })
        });
        let answer = house.track("/v1/batch", &json!({ "batch": events.collect::<Vec<_>>() }))?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let expected: f64 = (0..EVENTS).map(|number| f64::from(u8::try_from(number % 100).unwrap_or(0))).sum();
    house.ask_until("/api/v1/ask/trend", &question(), |answer| (total(answer) - expected).abs() < 0.5)
}

fn question() -> Value {
    json!({
        "event": "purchase", "measure": "sum", "property": "amount", "breakdown": "category", "bucket": "month",
        "from": "2023-12-31T23:59:59Z", "to": "2024-03-01T00:00:00Z",
    })
}

/// The sum over all lines.
fn total(answer: &Value) -> f64 {
    let lines = answer["lines"].as_array().into_iter().flatten();
    lines.filter_map(|line| line["total"].as_f64()).sum()
}

/// The numbers of an answer; not how long it took.
fn numbers(answer: &Value) -> (Value, Value) {
    (answer["buckets"].clone(), answer["lines"].clone())
}

/// How many files in a folder of the first workspace end so.
fn files(house: &House, folder: &str, suffix: &str) -> usize {
    let dir = house.data().join("workspaces/1").join(folder);
    let names =
        std::fs::read_dir(dir).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name()));
    names.filter(|name| name.to_string_lossy().ends_with(suffix)).count()
}

/// Starts again until old events are on the shelf and nowhere else.
fn age(house: &mut House) -> Result<()> {
    for _ in 0..10 {
        house.stop()?;
        if files(house, "parts", "event-purchase.arrow") == 0 {
            return house.start_again();
        }
        house.start_again()?;
        // It is due at the start; a stop commits what has become of it until then.
        (0..80).take_while(|_| files(house, "parts", ".cold") < 2).for_each(|_| e2e::pause());
        (0..20).for_each(|_| e2e::pause());
    }
    anyhow::bail!("no old part was made")
}

#[test]
fn old_events_answer_as_before_and_duckdb_reads_them() -> Result<()> {
    let mut house = House::found_with(&["--cold-after-days", "30"])?;
    let before = fill(&house)?;
    age(&mut house)?;
    ensure!((files(&house, "cold", ".parquet"), files(&house, "parts", ".cold")) == (2, 2));
    let after = house.post("/api/v1/ask/trend", &question())?.body;
    ensure!(numbers(&before) == numbers(&after), "{before} before, {after} after");
    ensure!(after["warnings"] == json!([]), "{after}");
    leftovers_go_when_the_doctor_is_told_to(&mut house)?;
    let dir = house.data().join("workspaces/1/cold");
    let sql = r#"select count(*) || ' ' || sum("amount:int") || ' ' || count(distinct customer) from '*.parquet'
                 where "at" < '2024-03-01' and "category:text" in ('shoes', 'hats', 'belts')"#;
    let sum: usize = (0..EVENTS).map(|number| number % 100).sum();
    ensure!(duckdb(&dir, sql)? == format!("{EVENTS} {sum} 1000"), "{}", duckdb(&dir, sql)?);
    std::fs::remove_dir_all(&dir)?;
    house.kill_and_restart()?;
    let without = house.post("/api/v1/ask/trend", &question())?.body;
    ensure!(without["warnings"][0]["kind"] == "missing_rows", "{without}");
    Ok(())
}

/// What a server left there that died on its way is named, and removed when it is asked for; nothing else is.
fn leftovers_go_when_the_doctor_is_told_to(house: &mut House) -> Result<()> {
    house.stop()?;
    let data = house.data().display().to_string();
    let leftover = house.data().join("workspaces/1/cold/00009999-event-purchase-2024-01.parquet");
    std::fs::write(&leftover, "half an object")?;
    let found = house.command(&["doctor", "--data", &data])?;
    let said = String::from_utf8_lossy(&found.stdout).into_owned();
    ensure!(!found.status.success() && said.contains("nobody names. object=`00009999-"), "{said}");
    ensure!(leftover.exists());
    ensure!(house.command(&["doctor", "--data", &data, "--repair"])?.status.success());
    ensure!(!leftover.exists() && files(house, "cold", ".parquet") == 2);
    house.start_again()
}

#[test]
fn old_events_in_a_bucket_answer_as_before() -> Result<()> {
    let service = Bucket::open()?;
    let environment = [
        ("AWS_ENDPOINT", service.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
    ];
    let options = ["--cold-after-days", "30", "--cold-store", "s3://old/shop"];
    let mut house = House::found_in(&environment, &options)?;
    let before = fill(&house)?;
    age(&mut house)?;
    ensure!((files(&house, "cold", ".parquet"), files(&house, "parts", ".cold")) == (0, 2));
    let after = house.post("/api/v1/ask/trend", &question())?.body;
    ensure!(numbers(&before) == numbers(&after), "{before} before, {after} after");
    drop(service);
    house.kill_and_restart()?;
    let without = house.post("/api/v1/ask/trend", &question())?.body;
    ensure!(without["warnings"][0]["kind"] == "missing_rows", "a bucket out of reach is said: {without}");
    Ok(())
}

#[test]
fn an_object_says_to_other_tools_what_its_rows_say() -> Result<()> {
    let golden = std::path::PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?)
        .join("../columnar/tests/golden/old-v1");
    let sql = r#"select string_agg(concat_ws(' ', customer, origin, strftime("at" at time zone 'UTC', '%d %H:%M'),
                 arrival_step, coalesce("amount:int"::text, "amount:float"::text), "category:text", "gift:bool",
                 strftime("due:time" at time zone 'UTC', '%Y-%m-%d'), "tags:json"), '; ') from '*.parquet'"#;
    let expected = r#"16 50 01 05:00 3 false [1,"x"]; 16 16 01 10:00 -2 12.5 靴; 16 16 01 10:00 1 hats 2025-01-01; 33 33 01 20:00 -2 5 true"#;
    let said = duckdb(&golden, sql)?;
    ensure!(said == expected, "{said}");
    Ok(())
}

/// A service that speaks S3, with the bucket `old`.
struct Bucket {
    server: Child,
    url: String,
}

impl Bucket {
    fn open() -> Result<Self> {
        let program = "
import sys, boto3
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
server.start()
url = 'http://%s:%d' % server.get_host_and_port()
s3 = boto3.client('s3', endpoint_url=url, region_name='us-east-1', aws_access_key_id='key', aws_secret_access_key='secret')
s3.create_bucket(Bucket='old')
print(url, flush=True)
sys.stdin.read()
";
        let mut server = Command::new(python())
            .args(["-c", program])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = BufReader::new(server.stdout.take().context("its output is piped")?);
        let url = output.lines().map_while(Result::ok).find(|line| line.starts_with("http://"));
        let url = url.context("moto did not start; `scripts/tools.sh test` installs it")?;
        Ok(Self { server, url })
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

fn python() -> std::ffi::OsString {
    std::env::var_os("OMOTENASHI_PYTHON").unwrap_or_else(|| "python3".into())
}

/// The one value that a statement answers with.
fn duckdb(dir: &std::path::Path, sql: &str) -> Result<String> {
    let program = "import duckdb, sys; print(duckdb.sql(sys.argv[1]).fetchall()[0][0])";
    let output =
        Command::new(python()).args(["-c", program, sql]).current_dir(dir).stdin(Stdio::null()).output()?;
    ensure!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
