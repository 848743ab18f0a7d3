//! A visit and what follows from it: the events that the shop's own code would send.

use model::Instant;
use serde_json::{Value, json};

use crate::catalogue::{CATALOGUE, Category, Product};
use crate::chance::Chance;
use crate::person::Person;

/// How a visit goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    /// When it begins.
    pub(crate) at: Instant,
    /// The mean time between two of its events.
    pub(crate) gap_ms: i64,
    /// How much likelier than usual it ends in a purchase.
    pub(crate) appetite: f64,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ended {
    /// Nothing was bought.
    Looked,
    /// The shop failed at the checkout: a bad experience.
    Failed(Instant),
    /// This was bought.
    Bought(Purchase),
}

/// What was bought, and when.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Purchase {
    /// When.
    pub(crate) at: Instant,
    order: String,
    sku: &'static str,
    amount: i64,
}

/// Something that follows a purchase after a while.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sequel {
    /// How long after the purchase.
    pub(crate) after_ms: i64,
    /// The event.
    pub(crate) name: &'static str,
    /// What it says.
    pub(crate) properties: Value,
}

impl Sequel {
    /// Whether it is a bad experience, which somebody may answer by leaving.
    pub(crate) fn hurts(&self) -> bool {
        matches!(self.name, "delivery_late" | "purchase_returned")
    }
}

/// A track event of somebody.
pub(crate) fn event(person: &Person, name: &str, at: Instant, properties: Value) -> Value {
    json!({ "type": "track", "userId": person.user_id(), "event": name, "timestamp": at.to_string(), "properties": properties })
}

impl Visit {
    /// Writes the events of the visit: products are looked at, perhaps one is put into the cart, perhaps it is bought.
    pub(crate) fn run(mut self, person: &Person, chance: &mut Chance, out: &mut Vec<Value>) -> Ended {
        let mut write = |visit: &mut Self, chance: &mut Chance, name: &str, properties: Value| {
            out.push(event(person, name, visit.at, properties));
            visit.at = visit.at.plus_ms(whole_ms(chance.unit() * 2.0 * visit.gap_ms as f64) + 1);
        };
        let touchpoint = if person.app && chance.happens(0.6) { "app" } else { "web" };
        write(&mut self, chance, "shop_visited", json!({ "touchpoint": touchpoint }));
        let (mut category, mut product) = choose(person, chance);
        if chance.happens(0.25) {
            write(
                &mut self,
                chance,
                "searched",
                json!({ "term": category.name, "results": category.products.len() }),
            );
        }
        for _ in 0..=chance.below(3) {
            (category, product) = choose(person, chance);
            write(
                &mut self,
                chance,
                "product_viewed",
                json!({ "sku": product.sku, "name": product.name, "category": category.name, "price": product.price_yen }),
            );
        }
        let buys = (person.buys * self.appetite).min(0.9);
        if !chance.happens((buys * 2.2).min(0.95)) {
            return Ended::Looked;
        }
        write(
            &mut self,
            chance,
            "cart_added",
            json!({ "sku": product.sku, "category": category.name, "price": product.price_yen }),
        );
        if !chance.happens(0.65) {
            return Ended::Looked;
        }
        write(
            &mut self,
            chance,
            "checkout_started",
            json!({ "price": product.price_yen, "touchpoint": touchpoint }),
        );
        if !chance.happens(0.7) {
            if !chance.happens(0.12) {
                return Ended::Looked;
            }
            let reason = *chance.pick(&["card_declined", "payment_timeout", "out_of_stock"]);
            write(
                &mut self,
                chance,
                "checkout_failed",
                json!({ "reason": reason, "touchpoint": touchpoint }),
            );
            return Ended::Failed(self.at);
        }
        let purchase = buy(person, product, self.at, chance);
        let quantity = purchase.amount / product.price_yen;
        write(
            &mut self,
            chance,
            "purchase",
            json!({
                "order_id": purchase.order, "sku": product.sku, "product": product.name, "category": category.name,
                "quantity": quantity, "amount": purchase.amount, "currency": "JPY", "touchpoint": touchpoint,
            }),
        );
        Ended::Bought(purchase)
    }
}

fn choose(person: &Person, chance: &mut Chance) -> (&'static Category, &'static Product) {
    let category = if chance.happens(0.7) { &CATALOGUE[person.favourite] } else { chance.pick(CATALOGUE) };
    (category, chance.pick(category.products))
}

fn buy(person: &Person, product: &Product, at: Instant, chance: &mut Chance) -> Purchase {
    let quantity = if chance.happens(0.25) { 2 } else { 1 };
    Purchase {
        at,
        order: format!("o{}-{}", person.number, at.ms()),
        sku: product.sku,
        amount: product.price_yen * quantity,
    }
}

impl Purchase {
    /// What follows: it is delivered, sometimes late; some is reviewed, some comes back.
    pub(crate) fn sequels(&self, chance: &mut Chance) -> Vec<Sequel> {
        let about =
            |days: f64, chance: &mut Chance| whole_ms((0.6 + 0.8 * chance.unit()) * days * 86_400_000.0);
        let late = chance.happens(0.07);
        let arrival_ms = about(if late { 6.0 } else { 2.0 }, chance);
        let order = &self.order;
        let mut sequels = Vec::new();
        if late {
            sequels.push(Sequel {
                after_ms: arrival_ms / 2,
                name: "delivery_late",
                properties: json!({ "order_id": order }),
            });
        }
        sequels.push(Sequel {
            after_ms: arrival_ms,
            name: "delivery_arrived",
            properties: json!({ "order_id": order, "late": late }),
        });
        if chance.happens(0.12) {
            let rating = if late { 1 + chance.below(3) } else { 3 + chance.below(3) };
            let properties = json!({ "sku": self.sku, "rating": rating });
            sequels.push(Sequel {
                after_ms: arrival_ms + about(2.0, chance),
                name: "product_reviewed",
                properties,
            });
        }
        if chance.happens(0.04) {
            let properties = json!({ "order_id": order, "sku": self.sku, "amount": self.amount });
            sequels.push(Sequel {
                after_ms: arrival_ms + about(3.0, chance),
                name: "purchase_returned",
                properties,
            });
        }
        sequels
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a few months")]
pub(crate) fn whole_ms(ms: f64) -> i64 {
    ms as i64
}
