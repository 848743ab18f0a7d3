//! What the differential tests (of audiences, too) share: events that are easy to generate, and DuckDB to ask about them.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

pub(crate) mod clicks;
pub(crate) mod retail;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use columnar::{Columns, Manifest, Options, Snapshot};
use model::{CustomerId, Instant, Lane, Properties, Row, stream};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// The variable that names a Python with `duckdb`.
const PYTHON: &str = "OMOTENASHI_PYTHON";

/// Where the real data is: `OMOTENASHI_DATASETS`, or beside the repository. `None`, with a message, when nowhere.
pub(crate) fn dataset(path: &str) -> Option<PathBuf> {
    let beside = || {
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
            .join("../../../shared/datasets")
    };
    let path = std::env::var_os("OMOTENASHI_DATASETS").map_or_else(beside, PathBuf::from).join(path);
    if path.exists() {
        return Some(path);
    }
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    {
        println!(
            "skipped: there is no {}; set OMOTENASHI_DATASETS to the folder of the data sets",
            path.display()
        );
    }
    None
}

/// Asks DuckDB, in one process for all questions of a test; each row as a list.
///
/// # Panics
/// When there is no Python with DuckDB; the message says how to get one.
pub(crate) fn duck(setup: &[String], query: &str) -> Vec<Vec<Json>> {
    static DUCK: Mutex<Option<Engine>> = Mutex::new(None);
    ask(&DUCK, "duckdb", setup, query)
}

/// The same of ClickHouse.
///
/// # Panics
/// When there is no Python with it; the message says how to get one.
pub(crate) fn clickhouse(setup: &[String], query: &str) -> Vec<Vec<Json>> {
    static CLICKHOUSE: Mutex<Option<Engine>> = Mutex::new(None);
    ask(&CLICKHOUSE, "chdb", setup, query)
}

fn ask(
    engine: &Mutex<Option<Engine>>,
    package: &'static str,
    setup: &[String],
    query: &str,
) -> Vec<Vec<Json>> {
    let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
    let engine = engine.get_or_insert_with(|| Engine::start(package));
    let request = json!({ "setup": setup, "query": query }).to_string();
    let mut reply = String::new();
    let asked = writeln!(engine.stdin, "{request}").and_then(|()| engine.stdout.read_line(&mut reply));
    assert!(asked.is_ok() && !reply.is_empty(), "{}", engine.how);
    let reply: Result<Vec<Vec<Json>>, String> = serde_json::from_str(&reply).map_err(|_| reply);
    reply.unwrap_or_else(|error| panic!("{package} says {error} to {query}"))
}

/// Another engine, in a process of its own.
struct Engine {
    how: String,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Engine {
    #[expect(clippy::zombie_processes, reason = "it ends with the test, when its input closes")]
    fn start(package: &str) -> Self {
        let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
        let how = format!(
            "{python} cannot run {package}: `python3 -m venv V && V/bin/pip install {package}`, then set {PYTHON}=V/bin/python"
        );
        let script = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
            .join("../questions/tests/support/engines.py");
        let mut command = Command::new(&python);
        command.arg(script).arg(package).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{how} ({error})"));
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { how, stdin, stdout }
    }
}

/// SQL of DuckDB that makes a table `events(customer, at_ms, arrival, name)` of these, which arrived in this order.
pub(crate) fn table_of(events: impl Iterator<Item = (u32, i64, String)>, dir: &Path) -> Vec<String> {
    let mut csv = String::from("customer,at_ms,arrival,name\n");
    for (arrival, (customer, at, name)) in events.enumerate() {
        writeln!(csv, "{customer},{at},{arrival},{name}").unwrap();
    }
    let path = dir.join("events.csv");
    std::fs::write(&path, csv).unwrap();
    let columns = "{customer: 'BIGINT', at_ms: 'BIGINT', arrival: 'BIGINT', name: 'VARCHAR'}";
    let path = path.display();
    vec![format!("CREATE TABLE events AS FROM read_csv('{path}', header = true, columns = {columns})")]
}

/// One generated event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Index of the person.
    pub(crate) person: u32,
    /// Milliseconds.
    pub(crate) at: i64,
    /// `a` to `e`.
    pub(crate) name: &'static str,
    /// A number that may be missing.
    pub(crate) amount: Option<f64>,
    /// A text that may be missing.
    pub(crate) category: Option<&'static str>,
}

pub(crate) const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const CATEGORIES: [&str; 4] = ["shoes", "shirts", "靴下", "hats"];

/// Events with ties, late arrivals and missing values, of few people on few instants. `step` apart, so that they fall on
/// and beside the edges of hours and days.
pub(crate) fn events(people: u32, steps: i64, step_ms: i64) -> impl Strategy<Value = Event> {
    let at = (0..steps, prop_oneof![8 => Just(0_i64), 1 => Just(1), 1 => Just(-1)]);
    let amount = proptest::option::weighted(0.8, (-8_i32..40).prop_map(|quarters| f64::from(quarters) / 4.0));
    let category = proptest::option::weighted(0.8, proptest::sample::select(&CATEGORIES));
    (0..people, at, proptest::sample::select(&NAMES), amount, category).prop_map(
        move |(person, (steps, beside), name, amount, category)| Event {
            person,
            at: START_MS + steps * step_ms + beside,
            name,
            amount,
            category,
        },
    )
}

/// 2026-03-07T00:00:00Z: shortly before clocks change in New York, three weeks before they do in Berlin.
pub(crate) const START_MS: i64 = 1_772_841_600_000;

/// Who is who: events of people in `moves` arrive for the first and belong to the second.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) events: Vec<Event>,
    pub(crate) moves: Vec<(u32, u32)>,
    /// After so many events the rows are sealed: a part, and recent rows beside it.
    pub(crate) seal_after: usize,
}

pub(crate) fn worlds(people: u32, steps: i64, step_ms: i64, most: usize) -> impl Strategy<Value = World> {
    let moves = proptest::collection::vec((0..people, 0..people), 0..3);
    (proptest::collection::vec(events(people, steps, step_ms), 1..most), moves, any::<prop::sample::Index>())
        .prop_map(|(events, moves, seal)| {
            let mut moves: Vec<(u32, u32)> = moves.into_iter().filter(|(from, to)| from < to).collect();
            moves.sort_unstable();
            moves.dedup_by_key(|(from, _)| *from);
            let seal_after = seal.index(events.len());
            World { events, moves, seal_after }
        })
}

impl World {
    /// Who owns what arrives for a person.
    pub(crate) fn owner(&self, person: u32) -> u32 {
        let next = self.moves.iter().find(|(from, _)| *from == person);
        next.map_or(person, |(_, to)| self.owner(*to))
    }

    /// The columns of it, after part of it was sealed and half of the moves were made before the rest came.
    pub(crate) fn snapshot(&self, dir: &Path) -> Snapshot {
        let mut columns = Columns::open(dir, &Manifest::default(), Options::default()).unwrap();
        let rows: Vec<Row> = self.events.iter().map(row).collect();
        let (sealed, recent) = rows.split_at(self.seal_after);
        columns.append(sealed.iter().cloned());
        columns.seal().unwrap();
        let half = self.moves.len() / 2;
        for (index, (from, to)) in self.moves.iter().enumerate() {
            if index == half {
                columns.append(recent.iter().cloned());
            }
            columns.move_rows(customer(*from), customer(*to)).unwrap();
        }
        if self.moves.is_empty() {
            columns.append(recent.iter().cloned());
        }
        columns.snapshot()
    }

    /// SQL that makes the table `events(customer, at_ms, arrival, name, amount, category)`.
    pub(crate) fn setup(&self, dir: &Path) -> Vec<String> {
        let mut csv = String::from("customer,at_ms,arrival,name,amount,category\n");
        for (arrival, event) in self.events.iter().enumerate() {
            let amount = event.amount.map(|amount| amount.to_string()).unwrap_or_default();
            let (customer, category) = (self.owner(event.person), event.category.unwrap_or_default());
            writeln!(csv, "{customer},{},{arrival},{},{amount},{category}", event.at, event.name).unwrap();
        }
        let path = dir.join("events.csv");
        std::fs::write(&path, csv).unwrap();
        let columns = "{customer: 'INTEGER', at_ms: 'BIGINT', arrival: 'BIGINT', name: 'VARCHAR', \
                       amount: 'DOUBLE', category: 'VARCHAR'}";
        vec![format!(
            "CREATE TABLE events AS FROM read_csv('{}', header = true, nullstr = '', columns = {columns})",
            path.display()
        )]
    }
}

/// The customer behind the index of a person: spread over two lanes, and over the blocks of customers that questions
/// look at together.
pub(crate) fn customer(person: u32) -> CustomerId {
    CustomerId::new(Lane::new(usize::from(person % 2 == 1)), person * person * 40)
}

fn row(event: &Event) -> Row {
    let mut properties = Properties::new();
    if let Some(amount) = event.amount {
        // Whole numbers come as whole numbers, so that one property has columns of two types.
        #[expect(clippy::cast_possible_truncation, reason = "a quarter of a small whole number")]
        let whole = amount as i64;
        if amount.fract() == 0.0 {
            properties.insert("amount", whole);
        } else {
            properties.insert("amount", amount);
        }
    }
    if let Some(category) = event.category {
        properties.insert("category", category);
    }
    Row {
        customer: customer(event.person),
        at: Instant::from_ms(event.at),
        stream: stream::event(event.name),
        properties,
    }
}

/// Whether two numbers are the same but for the order in which they were summed.
pub(crate) fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// Runs a property a few times: each case asks DuckDB several questions.
pub(crate) fn few() -> ProptestConfig {
    ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() }
}
