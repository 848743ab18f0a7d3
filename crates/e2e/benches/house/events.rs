//! What is sent: batches of ordinary events of the Segment API, made before the clock runs.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use jiff::Timestamp;

use crate::client::post;

/// Digits of the number in a message id that makes each event new.
const DIGITS: usize = 12;
/// Digits of the number of a customer.
const CUSTOMER_DIGITS: usize = 7;
/// When a batch says that it is sent: the server dates its events by their distance from that.
const SENT: &str = "2026-03-01T12:00:00.000Z";

/// What the goods of the shop are.
pub(crate) const CATEGORIES: [&str; 5] = ["shoes", "bags", "coats", "hats", "gifts"];

/// Whom events are about, and when they happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shop {
    /// So many customers, drawn evenly.
    pub(crate) customers: u64,
    /// At most so long before they are sent, drawn evenly.
    pub(crate) ago: Duration,
}

/// A request whose events become new by writing over the numbers of their customers and message ids.
#[derive(Clone)]
pub(crate) struct Batch {
    request: Vec<u8>,
    customers: u64,
    /// Where the number of each event's customer stands, and its own.
    places: Vec<(usize, usize)>,
}

impl Batch {
    /// How many events it holds.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The request with events that were not sent before: their numbers are `first` and those after it.
    pub(crate) fn renewed(&mut self, first: u64) -> &[u8] {
        for (number, (customer, id)) in (first..).zip(&self.places) {
            write_digits(
                &mut self.request[*customer..*customer + CUSTOMER_DIGITS],
                mixed(number) % self.customers,
            );
            write_digits(&mut self.request[*id..*id + DIGITS], number);
        }
        &self.request
    }
}

fn write_digits(place: &mut [u8], number: u64) {
    let mut rest = number;
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

/// `count` batches of `events` events each.
pub(crate) fn batches(write_key: &str, (count, events): (u64, u64), shop: Shop) -> Vec<Batch> {
    (0..count).map(|batch| one(write_key, batch * events..(batch + 1) * events, shop)).collect()
}

fn one(write_key: &str, numbers: std::ops::Range<u64>, shop: Shop) -> Batch {
    let sent: Timestamp = SENT.parse().expect("it is an instant");
    let mut body = String::from("{\"batch\":[");
    let mut places = Vec::new();
    for (index, number) in numbers.enumerate() {
        if index > 0 {
            body.push(',');
        }
        let ago = Duration::from_millis(mixed(number * 8) % (shop.ago.as_millis() as u64 + 1));
        places.push(push_event(&mut body, number, sent - ago));
    }
    write!(body, "],\"sentAt\":\"{SENT}\"}}").expect("a text takes more text");
    let request = post("/v1/batch", &basic(write_key), &body);
    let head = request.len() - body.len();
    places.iter_mut().for_each(|(customer, id)| (*customer, *id) = (*customer + head, *id + head));
    Batch { request, customers: shop.customers, places }
}

/// An ordinary event of a shop: 400 bytes of JSON, its customer and the message id at its end; where these two stand.
fn push_event(body: &mut String, number: u64, at: Timestamp) -> (usize, usize) {
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
    let draw = |salt: u64, below: usize| (mixed(number * 8 + salt) % below as u64) as usize;
    let (name, category) = (NAMES[draw(1, NAMES.len())], CATEGORIES[draw(2, CATEGORIES.len())]);
    let (product, quantity) = (draw(3, 5_000), draw(4, 4) + 1);
    let price = draw(5, 900) * 10 + 99;
    write!(
        body,
        "{{\"timestamp\":\"{at:.3}\",\"integrations\":{{}},\"event\":\"{name}\",\
         \"type\":\"track\",\"properties\":{{\"sku\":\"SKU-{product:06}\",\"category\":\"{category}\",\
         \"price\":{price}.5,\"currency\":\"JPY\",\"quantity\":{quantity},\"sale\":true}},\
         \"context\":{{\"library\":{{\"name\":\"@segment/analytics-node\",\"version\":\"3.1.0\"}}}},\
         \"userId\":\"customer-"
    )
    .expect("a text takes more text");
    let customer = body.len();
    write!(body, "{:0CUSTOMER_DIGITS$}\",\"messageId\":\"node-next-1795321190376-7ce953dd-fd32-45b5-847d-{number:0DIGITS$}\"}}", 0)
        .expect("a text takes more text");
    (customer, body.len() - DIGITS - 2)
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
