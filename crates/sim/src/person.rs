//! Somebody who shops: a name, habits, and how much mail they bear.

use serde_json::{Value, json};

use crate::chance::Chance;

/// Somebody who shops.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Their number in the shop, from 0.
    pub number: u32,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) home: &'static Home,
    /// Which category they like, as an index into the catalogue.
    pub(crate) favourite: usize,
    /// At which hour of their day they usually shop.
    pub(crate) hour: f64,
    /// How often they visit in a day, while they are interested.
    pub(crate) visits_per_day: f64,
    /// How likely a visit ends in a purchase.
    pub(crate) buys: f64,
    /// How likely they open a mail when they are fresh.
    pub(crate) opens: f64,
    /// How many mails in a week they bear.
    pub(crate) patience: f64,
    /// On which day of the past they came, counted from its beginning.
    pub(crate) came_on_day: f64,
    /// On which day they lost interest; beyond the past for most.
    pub(crate) lost_on_day: f64,
    /// Whether they said yes to marketing.
    pub(crate) consents: bool,
    /// Whether they have the app.
    pub(crate) app: bool,
    /// How likely a bad experience drives them away.
    pub(crate) touchy: f64,
    /// Whether they looked around before they said who they are.
    pub(crate) strolls: bool,
    /// Whether the shop knows their e-mail address.
    mail: bool,
    /// Whether the shop knows their telephone number.
    phone: bool,
}

/// Where somebody lives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) country: &'static str,
    pub(crate) city: &'static str,
    pub(crate) locale: &'static str,
    pub(crate) zone: &'static str,
    japanese: bool,
}

const HOMES: &[Home] = &[
    home(("JP", "東京"), "ja-JP", "Asia/Tokyo", true),
    home(("JP", "大阪"), "ja-JP", "Asia/Tokyo", true),
    home(("JP", "福岡"), "ja-JP", "Asia/Tokyo", true),
    home(("JP", "札幌"), "ja-JP", "Asia/Tokyo", true),
    home(("JP", "京都"), "ja-JP", "Asia/Tokyo", true),
    home(("JP", "名古屋"), "ja-JP", "Asia/Tokyo", true),
    home(("US", "Portland"), "en-US", "America/Los_Angeles", false),
    home(("US", "New York"), "en-US", "America/New_York", false),
    home(("GB", "London"), "en-GB", "Europe/London", false),
    home(("AU", "Melbourne"), "en-AU", "Australia/Melbourne", false),
];

const fn home(
    (country, city): (&'static str, &'static str),
    locale: &'static str,
    zone: &'static str,
    japanese: bool,
) -> Home {
    Home { country, city, locale, zone, japanese }
}

const JAPANESE_FIRST: &[&str] = &[
    "葵",
    "陽葵",
    "結衣",
    "凛",
    "紬",
    "芽依",
    "美咲",
    "さくら",
    "花子",
    "由美",
    "蓮",
    "陽翔",
    "湊",
    "樹",
    "悠真",
    "大和",
    "健太",
    "翔太",
    "直樹",
    "誠",
];
const JAPANESE_LAST: &[&str] = &[
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "斎藤",
    "清水",
];
const ENGLISH_FIRST: &[&str] = &[
    "Olivia", "Amelia", "Isla", "Ava", "Grace", "Mia", "Ruby", "Chloe", "Nora", "Zoe", "Oliver", "George",
    "Arthur", "Noah", "Leo", "Oscar", "Henry", "Jack", "Felix", "Theo",
];
const ENGLISH_LAST: &[&str] = &[
    "Smith", "Jones", "Taylor", "Brown", "Wilson", "Evans", "Thomas", "Roberts", "Walker", "Wright",
    "Hughes", "Green", "Hall", "Wood", "Clarke", "Baker", "Carter", "Turner", "Parker", "Cooper",
];

impl Person {
    /// The person with this number; the same for the same seed.
    pub(crate) fn new(seed: u64, number: u32, days: u32) -> Self {
        let mut chance = Chance::new(seed, u64::from(number));
        let home = chance.pick(HOMES);
        let (first, last) =
            if home.japanese { (JAPANESE_FIRST, JAPANESE_LAST) } else { (ENGLISH_FIRST, ENGLISH_LAST) };
        let days = f64::from(days);
        let came_on_day = if chance.happens(0.6) { 0.0 } else { chance.unit() * days };
        let stays = chance.wait(1.0 / 140.0);
        Self {
            number,
            first_name: first[chance.below(first.len())],
            last_name: last[chance.below(last.len())],
            home,
            favourite: chance.below(crate::catalogue::CATALOGUE.len()),
            hour: if chance.happens(0.65) { 20.5 + chance.spread() } else { 12.5 + chance.spread() },
            // Most come seldom and some very often: without that, nobody would be a champion.
            visits_per_day: (0.06 * (1.5 * chance.spread()).exp()).clamp(0.004, 1.5),
            buys: (0.6 * chance.unit().powi(2)).clamp(0.01, 0.5),
            opens: (0.35 + 0.18 * chance.spread()).clamp(0.02, 0.9),
            patience: (2.5 + 1.3 * chance.spread()).clamp(0.3, 7.0),
            came_on_day,
            lost_on_day: came_on_day + stays,
            consents: chance.happens(0.72),
            app: chance.happens(0.45),
            touchy: (0.25 + 0.15 * chance.spread()).clamp(0.0, 0.8),
            strolls: chance.happens(0.3),
            // Who signed up in the store left a number, not an address.
            mail: chance.happens(0.92),
            phone: home.japanese && chance.happens(0.4),
        }
    }

    /// What the shop calls them.
    pub fn user_id(&self) -> String {
        format!("p{:05}", self.number)
    }

    /// Where mail reaches them.
    pub fn email(&self) -> String {
        format!("p{:05}@people.example", self.number)
    }

    /// Whom an address belongs to.
    pub fn number_of(email: &str) -> Option<u32> {
        email.strip_prefix('p')?.strip_suffix("@people.example")?.parse().ok()
    }

    /// What they tell the shop when they sign up.
    pub(crate) fn identify(&self, at: &str) -> Value {
        let name = if self.home.japanese {
            format!("{} {}", self.last_name, self.first_name)
        } else {
            format!("{} {}", self.first_name, self.last_name)
        };
        let mut traits = json!({
            "name": name, "first_name": self.first_name, "last_name": self.last_name,
            "country": self.home.country, "city": self.home.city,
        });
        if self.mail {
            traits["email"] = json!(self.email());
        }
        if self.phone {
            traits["phone"] = json!(self.phone());
        }
        json!({
            "type": "identify", "userId": self.user_id(), "anonymousId": self.anonymous_id(), "timestamp": at,
            "traits": traits,
            "context": {
                "locale": self.home.locale, "timezone": self.home.zone,
                "consent": { "categoryPreferences": { "marketing": self.consents } },
            },
        })
    }

    /// Takes their name off an event: they have not said it yet.
    pub(crate) fn hide(&self, event: &mut Value) {
        if let Some(fields) = event.as_object_mut() {
            fields.remove("userId");
            fields.insert("anonymousId".to_owned(), json!(self.anonymous_id()));
        }
    }

    /// What their browser calls them before they sign in.
    fn anonymous_id(&self) -> String {
        format!("browser-{:05}", self.number)
    }

    /// A number in a range that is given to nobody.
    fn phone(&self) -> String {
        format!("+8190{:08}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_person() {
        let person = Person::new(1, 42, 90);
        assert_eq!(Person::number_of(&person.email()), Some(42));
        assert_eq!(Person::number_of("a@example.com"), None);
    }

    #[test]
    fn the_same_seed_makes_the_same_person() {
        assert_eq!(Person::new(7, 3, 90), Person::new(7, 3, 90));
    }
}
