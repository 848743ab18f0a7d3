//! How many facts a second one thread folds: `cargo bench -p people`.
//!
//! Facts are those of a shop: a page view with a user id, an anonymous id and four properties; every tenth
//! also says two traits. Customers are drawn evenly, which is the worst case for a cache. Rates are by the time
//! the thread was on a core, so that neighbours on the machine do not count; waiting for the disk is in `wall`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark measures time, prints, and stops when something is wrong"
)]

use std::time::Instant as Clock;

use model::{Fact, FactId, Identifier, Instant, SourceId, TraitChange, TraitOperation, Value, What};
use people::People;
use state::{Options, Store};

/// What the fold thread takes from the journal at once.
const BATCH: u64 = 2_000;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    if std::env::args().any(|argument| argument == "--list") {
        return; // test runners ask every target what it has
    }
    println!("{:<62} {:>9} {:>8} {:>7} {:>11}", "", "facts/s", "ns each", "wall s", "private MiB");
    if wanted.is_empty() || wanted.contains(&"active".to_owned()) {
        active(100_000, 1_000_000);
    }
    if wanted.is_empty() || wanted.contains(&"many".to_owned()) {
        many(1_000_000, 1_000_000, 100_000);
        many(1_000_000, 1_000_000, 1_000_000);
    }
}

struct Shop {
    people: People,
    store: Store,
    _folder: tempfile::TempDir,
    number: u64,
}

impl Shop {
    fn open(clean_values_max: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { clean_values_max, ..Options::default() };
        let mut store = Store::open(folder.path(), options).unwrap();
        Self { people: People::open(&mut store).unwrap(), store, _folder: folder, number: 0 }
    }

    /// Facts of `customers` drawn evenly; made before the clock runs.
    fn facts(&mut self, count: u64, customers: u64) -> Vec<Fact> {
        let facts = (self.number..self.number + count).map(|number| fact(number, mixed(number) % customers));
        self.number += count;
        facts.collect()
    }

    fn checkpoint(&mut self) -> usize {
        let position = self.store.position() + 1;
        self.store.checkpoint(position, &[], &mut self.people.tables()).unwrap()
    }

    /// Folds facts of `customers` drawn evenly; only the folding is measured, not the making of facts.
    fn fold(&mut self, (count, customers): (u64, u64), checkpoint_at: usize) -> Taken {
        let mut taken = Taken::default();
        for _ in 0..count / BATCH {
            let facts = self.facts(BATCH, customers);
            taken.add(|| {
                for fact in &facts {
                    std::hint::black_box(self.people.fold(fact).unwrap());
                    if self.people.dirty_len() >= checkpoint_at {
                        self.checkpoint();
                    }
                }
            });
        }
        taken
    }

    /// Everybody says who they are once.
    fn meet(&mut self, customers: u64, checkpoint_at: usize) -> Taken {
        let mut taken = Taken::default();
        for from in (0..customers).step_by(usize::try_from(BATCH).unwrap()) {
            let facts: Vec<Fact> =
                (from..from + BATCH).map(|customer| fact(customer * 10, customer)).collect();
            taken.add(|| {
                for fact in &facts {
                    std::hint::black_box(self.people.fold(fact).unwrap());
                }
                if self.people.dirty_len() >= checkpoint_at {
                    self.checkpoint();
                }
            });
        }
        taken
    }
}

/// Customers who are all in memory.
fn active(customers: u64, count: u64) {
    let mut shop = Shop::open(200_000);
    shop.meet(customers, usize::MAX).print(&format!("first sight of {customers} customers"), customers);
    let changed = shop.people.dirty_len();
    let mut taken = Taken::default();
    taken.add(|| assert!(shop.checkpoint() >= changed));
    taken.print(&format!("checkpoint of them, with sync ({changed} values)"), customers);
    let taken = shop.fold((count, customers), usize::MAX);
    taken.print(&format!("{customers} active customers, in memory"), count);
}

/// More customers than are remembered; checkpoints included.
fn many(customers: u64, count: u64, clean_values_max: usize) {
    let mut shop = Shop::open(clean_values_max);
    shop.meet(customers, 400_000);
    shop.checkpoint();
    let taken = shop.fold((count, customers), 400_000);
    taken.print(&format!("{customers} customers, {clean_values_max} remembered, with checkpoints"), count);
}

/// Time on a core, and time that passed.
#[derive(Default)]
struct Taken {
    core_ns: f64,
    wall_seconds: f64,
}

impl Taken {
    fn add(&mut self, work: impl FnOnce()) {
        let (clock, core) = (Clock::now(), core_ns());
        work();
        self.core_ns += core_ns() - core;
        self.wall_seconds += clock.elapsed().as_secs_f64();
    }

    fn print(&self, name: &str, count: u64) {
        let each = self.core_ns / count as f64;
        let (rate, wall, memory) = (1e9 / each, self.wall_seconds, private_mib());
        println!("{name:<62} {rate:>9.0} {each:>8.0} {wall:>7.2} {memory:>11}");
    }
}

/// Nanoseconds this thread was on a core.
fn core_ns() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split_whitespace().next().unwrap().parse().unwrap()
}

fn private_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn fact(number: u64, customer: u64) -> Fact {
    let at = Instant::from_ms(i64::try_from(1_700_000_000_000 + number * 7).unwrap());
    let mut what = vec![What::Did {
        name: ["Product Viewed", "Cart Viewed", "Order Completed"][usize::try_from(number % 3).unwrap()]
            .into(),
        properties: [
            ("product_id", Value::Int(i64::try_from(number % 5000).unwrap())),
            ("price", Value::Float(19.9)),
            ("category", Value::from("shoes")),
            ("context.page.url", Value::from("https://shop.example.com/products/running-shoes-42")),
        ]
        .into_iter()
        .collect(),
    }];
    if number.is_multiple_of(10) {
        let set = |name: &str, value: Value| TraitChange {
            name: name.into(),
            operation: TraitOperation::Set(value),
        };
        let plan = ["free", "gold"][usize::try_from(number / 10 % 2).unwrap()];
        what.push(What::Traits(vec![
            set("plan", Value::from(plan)),
            set("name", Value::from(format!("Customer {customer}").as_str())),
        ]));
    }
    let anonymous =
        format!("{:08x}-{:04x}-4000-8000-{customer:012x}", mixed(customer) >> 32, customer % 0xffff);
    Fact {
        id: FactId(number.into()),
        at,
        received_at: at,
        source: SourceId(1),
        who: vec![Identifier::user(customer.to_string()), Identifier::anonymous(anonymous)],
        what,
    }
}

fn mixed(number: u64) -> u64 {
    let mixed =
        (number ^ (number >> 30)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 8
}
