//! How many facts a second one thread folds: `cargo bench -p people`.
//!
//! Facts are those of a shop: a page view with a user id, an anonymous id and four properties; every tenth
//! also says two traits. Customers are drawn evenly, which is the worst case for a cache.

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

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return; // test runners ask every target what it has
    }
    println!("{:<58} {:>10} {:>9} {:>12}", "", "facts/s", "ns each", "private MiB");
    active(100_000, 2_000_000);
    many(1_000_000, 2_000_000, 100_000);
    many(1_000_000, 2_000_000, 1_000_000);
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

    fn fold(&mut self, facts: &[Fact], checkpoint_at: usize) {
        for fact in facts {
            std::hint::black_box(self.people.fold(fact).unwrap());
            if self.people.dirty_len() >= checkpoint_at {
                self.checkpoint();
            }
        }
    }

    /// Everybody says who they are once.
    fn meet(&mut self, customers: u64) {
        for customer in 0..customers {
            self.people.fold(&fact(customer * 10, customer)).unwrap();
            if self.people.dirty_len() >= 400_000 {
                self.checkpoint();
            }
        }
        self.checkpoint();
    }
}

/// Customers who are all in memory.
fn active(customers: u64, count: u64) {
    let mut shop = Shop::open(200_000);
    let name = format!("first sight of {customers} customers");
    let met = (0..customers).map(|customer| fact(customer * 10, customer)).collect::<Vec<_>>();
    measure(&name, customers, || shop.fold(&met, usize::MAX));
    let changed = shop.people.dirty_len();
    measure(&format!("checkpoint of them, with sync ({changed} values)"), customers, || {
        shop.checkpoint();
    });
    let facts = shop.facts(count, customers);
    measure(&format!("{customers} active customers, in memory"), count, || shop.fold(&facts, usize::MAX));
}

/// More customers than are remembered; checkpoints included.
fn many(customers: u64, count: u64, clean_values_max: usize) {
    let mut shop = Shop::open(clean_values_max);
    shop.meet(customers);
    let facts = shop.facts(count, customers);
    let name = format!("{customers} customers, {clean_values_max} remembered, with checkpoints");
    measure(&name, count, || shop.fold(&facts, 400_000));
    measure("  of which the last checkpoint", count, || {
        shop.checkpoint();
    });
}

fn measure(name: &str, count: u64, work: impl FnOnce()) {
    let clock = Clock::now();
    work();
    let seconds = clock.elapsed().as_secs_f64();
    let (rate, each) = (count as f64 / seconds, seconds * 1e9 / count as f64);
    println!("{name:<58} {rate:>10.0} {each:>9.0} {:>12}", private_mib());
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
    if number % 10 == 0 {
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
