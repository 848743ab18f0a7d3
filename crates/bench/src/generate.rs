//! Events of a shop, the same for the same seed: what the side-by-side benchmarks ask about.

use model::{CustomerId, Instant, Properties, Row, Text, stream};

/// Twenty names, the frequent first, and how many of a thousand events each has.
pub const NAMES: [(&str, u64); 20] = [
    ("page_view", 300),
    ("product_view", 200),
    ("search", 100),
    ("add_to_cart", 80),
    ("app_open", 70),
    ("purchase", 50),
    ("push_received", 40),
    ("push_opened", 25),
    ("wishlist_add", 20),
    ("checkout_start", 20),
    ("remove_from_cart", 15),
    ("coupon_view", 15),
    ("review_read", 12),
    ("share", 10),
    ("login", 10),
    ("logout", 8),
    ("signup", 8),
    ("support_chat", 7),
    ("refund", 5),
    ("app_uninstall", 5),
];

/// What people buy.
pub const CATEGORIES: [&str; 12] = [
    "shoes", "shirts", "trousers", "hats", "socks", "bags", "belts", "coats", "dresses", "scarves", "gloves",
    "watches",
];

/// 2026-01-01T00:00:00Z, a Thursday.
pub const START: Instant = Instant::from_ms(1_767_225_600_000);
/// How much time the events fill.
pub const DAYS: i64 = 180;

/// The end of the last day.
pub const END: Instant = START.plus_ms(DAYS * Instant::DAY_MS);

/// Events in the order of time, of customers of whom some come far more often than others. No two happen at one instant,
/// so every engine can put them in one order.
#[derive(Debug)]
pub struct Events {
    random: u64,
    next: u64,
    events: u64,
    customers: u64,
    names: Vec<Text>,
}

impl Events {
    /// So many events of so many customers.
    ///
    /// # Panics
    /// When there are more events than milliseconds.
    pub fn new(events: u64, customers: u64) -> Self {
        assert!(
            i128::from(events) <= i128::from(DAYS * Instant::DAY_MS),
            "an event has an instant of its own"
        );
        let names = NAMES.iter().map(|(name, _)| stream::event(name)).collect();
        Self { random: 0x9E37_79B9_7F4A_7C15, next: 0, events, customers, names }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % limit
    }
}

impl Iterator for Events {
    type Item = Row;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "small numbers by construction"
    )]
    fn next(&mut self) -> Option<Row> {
        if self.next == self.events {
            return None;
        }
        let time = u128::from(self.next) * (DAYS * Instant::DAY_MS) as u128 / u128::from(self.events);
        self.next += 1;
        // The smaller of two draws: some customers come often, many seldom.
        let customer = self.below(self.customers).min(self.below(self.customers));
        let mut share = self.below(1000);
        let kind = NAMES.iter().position(|(_, weight)| {
            let here = share < *weight;
            share = share.saturating_sub(*weight);
            here
        });
        let kind = kind.unwrap_or(0);
        let mut properties = Properties::new();
        match NAMES[kind].0 {
            "purchase" | "refund" => {
                properties.insert("amount", (100 + self.below(20_000)) as f64 / 100.0);
                properties.insert("category", CATEGORIES[self.below(12) as usize]);
            }
            "product_view" | "add_to_cart" | "remove_from_cart" | "wishlist_add" => {
                properties.insert("category", CATEGORIES[self.below(12) as usize]);
            }
            "page_view" => properties.insert("page", format!("/page/{}", self.below(200)).as_str()),
            _ => {}
        }
        Some(Row {
            customer: CustomerId::from_number(customer as u32),
            at: START.plus_ms(time as i64),
            stream: self.names[kind].clone(),
            properties,
        })
    }
}
