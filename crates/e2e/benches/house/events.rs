//! What is sent: batches of ordinary events of the Segment API, made before the clock runs.

use std::fmt::Write as _;

use base64::Engine as _;

use crate::client::post;

/// Digits of the number in a message id that makes each event new.
const DIGITS: usize = 12;

/// A request whose events become new by writing over the numbers in their message ids.
#[derive(Clone)]
pub(crate) struct Batch {
    request: Vec<u8>,
    /// Where the number of each event stands.
    places: Vec<usize>,
}

impl Batch {
    /// How many events it holds.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The request with events that were not sent before: their numbers are `first` and those after it.
    pub(crate) fn renewed(&mut self, first: u64) -> &[u8] {
        for (number, place) in (first..).zip(&self.places) {
            let mut rest = number;
            for digit in self.request[*place..*place + DIGITS].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        &self.request
    }
}

/// `count` batches of `events` events each, by `customers` customers drawn evenly.
pub(crate) fn batches(write_key: &str, (count, events): (u64, u64), customers: u64) -> Vec<Batch> {
    (0..count).map(|batch| one(write_key, batch * events..(batch + 1) * events, customers)).collect()
}

fn one(write_key: &str, numbers: std::ops::Range<u64>, customers: u64) -> Batch {
    let mut body = String::from("{\"batch\":[");
    let mut places = Vec::new();
    for (index, number) in numbers.enumerate() {
        if index > 0 {
            body.push(',');
        }
        push_event(&mut body, number, mixed(number) % customers);
        places.push(body.len() - DIGITS - 2);
    }
    body.push_str("],\"sentAt\":\"2026-03-01T12:00:00.000Z\"}");
    let request = post("/v1/batch", &basic(write_key), &body);
    let head = request.len() - body.len();
    places.iter_mut().for_each(|place| *place += head);
    Batch { request, places }
}

/// An ordinary event of a shop: 400 bytes of JSON, the message id at its end.
fn push_event(body: &mut String, number: u64, customer: u64) {
    const NAMES: [&str; 8] = [
        "Product Viewed",
        "Product Viewed",
        "Product Viewed",
        "Product List Viewed",
        "Product List Viewed",
        "Product Added",
        "Checkout Started",
        "Order Completed",
    ];
    const CATEGORIES: [&str; 5] = ["shoes", "bags", "coats", "hats", "gifts"];
    let draw = |salt: u64, below: usize| (mixed(number * 8 + salt) % below as u64) as usize;
    let (name, category) = (NAMES[draw(1, NAMES.len())], CATEGORIES[draw(2, CATEGORIES.len())]);
    let (product, quantity) = (draw(3, 5_000), draw(4, 4) + 1);
    let (price, minute, second) = (draw(5, 900) * 10 + 99, draw(6, 60), draw(7, 60));
    write!(
        body,
        "{{\"timestamp\":\"2026-03-01T11:{minute:02}:{second:02}.375Z\",\"integrations\":{{}},\"event\":\"{name}\",\
         \"type\":\"track\",\"properties\":{{\"sku\":\"SKU-{product:06}\",\"category\":\"{category}\",\
         \"price\":{price}.5,\"currency\":\"JPY\",\"quantity\":{quantity},\"sale\":true}},\
         \"context\":{{\"library\":{{\"name\":\"@segment/analytics-node\",\"version\":\"3.1.0\"}}}},\
         \"userId\":\"customer-{customer:07}\",\
         \"messageId\":\"node-next-1795321190376-7ce953dd-fd32-45b5-847d-{number:012}\"}}"
    )
    .expect("a text takes more text");
}

/// The value of the header by which Segment's clients bring their write key.
pub(crate) fn basic(write_key: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{write_key}:")))
}

/// A number that looks drawn by chance, the same each time.
pub(crate) fn mixed(number: u64) -> u64 {
    let mixed =
        (number ^ (number >> 30)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 8
}
