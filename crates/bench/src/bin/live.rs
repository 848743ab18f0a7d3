//! What a hundred live audiences cost the fold: `cargo run --release -p bench --bin live -- 2` for two million events.
//!
//! The same events go twice through what the fold does with an entry of the journal (people, live audiences, columns,
//! a snapshot a quarter of a second, a seal every quarter of a million rows): without and with the audiences. One thread;
//! times are processor time.
#![expect(clippy::print_stdout, reason = "the table is the product")]

use std::time::Duration;

use audience::live::{Change, Kept, Live, Record};
use bench::generate::{CATEGORIES, Events, NAMES, START};
use columnar::{Columns, Manifest, Options, Snapshot};
use model::{Fact, FactId, Identifier, Row, SourceId, TraitChange, TraitOperation, What, stream};
use people::People;
use state::Store;

/// Events of one request, or of a group of requests that came together.
const ENTRY: usize = 50;
/// What comes in a quarter of a second at 50,000 a second: then questions get a new snapshot.
const SNAPSHOT: usize = 12_500;
/// The fold makes a checkpoint then.
const SEAL: usize = 250_000;
/// How many customers there are.
const CUSTOMERS: u64 = 200_000;

fn main() -> anyhow::Result<()> {
    let millions: u64 = std::env::args().nth(1).map_or(Ok(2), |text| text.parse())?;
    let audiences = audiences();
    println!(
        "{millions} million events, {CUSTOMERS} customers, entries of {ENTRY}, {} audiences",
        audiences.len()
    );
    let without = run(millions, &[])?;
    let with = run(millions, &audiences)?;
    for (what, run) in [("without", &without), ("with", &with)] {
        let events = (millions * 1_000_000) as f64;
        println!(
            "{what:<8} {:>9.0} events/s {:>7.0} ns/event {:>9} entered or left",
            events / run.took.as_secs_f64(),
            run.took.as_secs_f64() * 1e9 / events,
            run.told
        );
    }
    println!(
        "defined in {:.1} s, found again in {:.1} s",
        with.defined.as_secs_f64(),
        with.opened.as_secs_f64()
    );
    Ok(())
}

/// What a run took.
struct Run {
    took: Duration,
    /// How many entered or left, audience by audience.
    told: usize,
    /// How long it took to define the audiences over half of the events.
    defined: Duration,
    /// How long it took to find everything again at the end, as a restart does.
    opened: Duration,
}

/// The first half of the events is there already; the audiences are defined; the second half is measured.
fn run(millions: u64, audiences: &[(String, String)]) -> anyhow::Result<Run> {
    let dir = tempfile::tempdir()?;
    let mut fold = Fold::open(dir.path())?;
    let events = millions * 1_000_000;
    let mut facts = Events::new(2 * events, CUSTOMERS).enumerate().map(|(number, row)| fact(number, row));
    fold.take(facts.by_ref().take(usize::try_from(events)?))?;
    let before = cpu();
    for (name, condition) in audiences {
        let change = Change::Defined { name: name.as_str().into(), condition: condition.as_str().into() };
        let rows = fold.live.take(&Record { at: fold.live.at(), change }, &mut fold.columns);
        fold.columns.append(rows);
    }
    let defined = cpu() - before;
    fold.told = 0;
    let took = fold.take(facts)?;
    let kept: Kept = fold.live.kept();
    let before = cpu();
    let found = Live::open(&kept, &mut fold.columns);
    let opened = cpu() - before;
    for (name, _) in audiences {
        anyhow::ensure!(
            found.members(name) == fold.live.members(name),
            "`{name}` is not what the columns say"
        );
        println!("{name:<28} {:>7} members", fold.live.members(name).map_or(0, columnar::CustomerSet::len));
    }
    Ok(Run { took, told: fold.told, defined, opened })
}

/// What the fold owns, and what it does with an entry.
struct Fold {
    people: People,
    columns: Columns,
    live: Live,
    snapshot: Snapshot,
    told: usize,
    /// Keeps the tables that people live in.
    _store: Store,
}

impl Fold {
    fn open(dir: &std::path::Path) -> anyhow::Result<Self> {
        let mut store = Store::open(&dir.join("state"), state::Options::default())?;
        let mut columns = Columns::open(dir.join("parts"), &Manifest::default(), Options::default())?;
        let live = Live::open(&Kept { at: START, ..Kept::default() }, &mut columns);
        let snapshot = columns.snapshot();
        Ok(Self { people: People::open(&mut store)?, columns, live, snapshot, told: 0, _store: store })
    }

    /// Takes facts in entries; how long it took, without making them.
    fn take(&mut self, facts: impl Iterator<Item = Fact>) -> anyhow::Result<Duration> {
        let (mut took, mut facts, mut snapshot, mut seal) = (Duration::ZERO, facts.peekable(), 0, 0);
        while facts.peek().is_some() {
            let chunk: Vec<Fact> = facts.by_ref().take(SNAPSHOT).collect();
            (snapshot, seal) = (snapshot + chunk.len(), seal + chunk.len());
            let before = cpu();
            for entry in chunk.chunks(ENTRY) {
                self.entry(entry)?;
            }
            self.snapshot = self.columns.snapshot();
            if seal >= SEAL {
                let manifest = self.columns.seal()?;
                while let Some(plan) = self.columns.plan_compaction() {
                    self.columns.adopt(plan.run()?);
                }
                self.columns.sweep(&manifest);
                seal = 0;
            }
            took += cpu() - before;
        }
        Ok(took)
    }

    fn entry(&mut self, facts: &[Fact]) -> anyhow::Result<()> {
        if let Some(heard) = facts.iter().map(|fact| fact.received_at).max() {
            let rows = self.live.advance(heard, &mut self.columns);
            self.say(rows);
        }
        for fact in facts {
            let folded = self.people.fold(fact)?;
            folded.rows.iter().for_each(|row| self.live.note(row, &self.columns));
            self.columns.append(folded.rows);
        }
        let rows = self.live.settle(&mut self.columns);
        self.say(rows);
        Ok(())
    }

    fn say(&mut self, rows: Vec<Row>) {
        self.told += rows.len();
        self.columns.append(rows);
    }
}

/// The event of a row as a fact; every thirtieth says a trait as well.
fn fact(number: usize, row: Row) -> Fact {
    const COUNTRIES: [&str; 4] = ["JP", "US", "DE", "TW"];
    let name = stream::event_name(&row.stream).unwrap_or_default().into();
    let user = row.customer.number();
    let mut what = vec![What::Did { name, properties: row.properties }];
    if number.is_multiple_of(30) {
        let country = TraitOperation::Set(COUNTRIES[user as usize % 4].into());
        let age = TraitOperation::Set(i64::from(18 + user % 60).into());
        what.push(What::Traits(vec![
            TraitChange { name: "country".into(), operation: country },
            TraitChange { name: "age".into(), operation: age },
        ]));
    }
    Fact {
        id: FactId(number as u128),
        at: row.at,
        received_at: row.at.plus_ms(200),
        source: SourceId(1),
        who: vec![Identifier::user(user.to_string())],
        what,
    }
}

/// A hundred audiences as marketers make them, over all twenty events and two traits.
fn audiences() -> Vec<(String, String)> {
    let mut made = of_categories();
    made.extend(of_habits());
    made
}

/// What people buy, look at and leave.
fn of_categories() -> Vec<(String, String)> {
    let mut made = Vec::new();
    let mut add = |name: String, condition: String| made.push((name, condition));
    for category in CATEGORIES {
        let bought = format!(r#"did "purchase" where category = "{category}""#);
        add(
            format!("buys {category}"),
            format!(
                r#"{bought} at least 2 times in last 30 days and did not "app_uninstall" in last 90 days"#
            ),
        );
        add(
            format!("looks at {category}"),
            format!(
                r#"did "product_view" where category = "{category}" at least 3 times in last 7 days and not {bought} in last 7 days"#
            ),
        );
        add(
            format!("left {category}"),
            format!(
                r#"sequence "add_to_cart" where category = "{category}" then "checkout_start" within 1 day without "purchase" between in last 14 days"#
            ),
        );
        add(
            format!("taste {category}"),
            format!(
                r#"mostly category of "purchase" = "{category}" in last 90 days and trait country = "JP""#
            ),
        );
    }
    made
}

/// How often people come, from where, and when.
fn of_habits() -> Vec<(String, String)> {
    let mut made = Vec::new();
    let mut add = |name: String, condition: String| made.push((name, condition));
    for days in [7, 14, 30, 45, 60, 90] {
        add(
            format!("silent for {days}"),
            format!(r#"did "purchase" and did not "purchase" in last {days} days"#),
        );
        add(
            format!("spent in {days}"),
            format!(r#"did "purchase" with sum of amount >= 300 in last {days} days"#),
        );
        add(format!("came in {days}"), format!(r#"did "page_view" in last {days} days and trait age < 30"#));
        add(format!("searched in {days}"), format!(r#"did "search" at least 5 times in last {days} days"#));
    }
    for country in ["JP", "US", "DE", "TW"] {
        add(
            format!("new in {country}"),
            format!(r#"first did "signup" in last 14 days and trait country = "{country}""#),
        );
        add(
            format!("regulars in {country}"),
            format!(r#"did "app_open" at least 4 times in last 28 days and trait country = "{country}""#),
        );
        add(
            format!("buyers in {country}"),
            format!(r#"did "purchase" in last 60 days and trait country = "{country}""#),
        );
    }
    for (name, _) in &NAMES[6..16] {
        add(format!("lately {name}"), format!(r#"did "{name}" in last 7 days"#));
    }
    for hour in [7, 12, 20] {
        add(
            format!("at {hour}"),
            format!(r#"usual hour of "app_open" between {hour} and {} in last 30 days"#, hour + 2),
        );
    }
    for category in ["shoes", "bags", "coats"] {
        add(
            format!("silent with {category}"),
            format!(r#"member of "buys {category}" and did not "login" in last 7 days"#),
        );
    }
    made
}

/// What this process has used of all cores so far, to ten milliseconds.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}
