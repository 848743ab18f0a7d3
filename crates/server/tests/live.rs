//! Live audiences in the whole house: through the door, by the passing of time, across a restart, and folded anew.
#![expect(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

mod http_support;

use std::path::Path;
use std::sync::Arc;

use audience::live::{Change, Record};
use columnar::{Order, Span, Story};
use host::{Clock, ManualClock, SystemDisk};
use http_support::Shop;
use model::{CustomerId, Fact, FactId, Identifier, Instant, Properties, SourceId, What, stream};
use serde_json::{Value, json};
use server::engine::{self, Handle, Threads};

const NOON: Instant = Instant::from_ms(1_772_971_200_000);
const BUYERS: &str = r#"did "purchase" in last 30 days"#;

/// An engine whose clock stands until it is moved.
struct House {
    clock: Arc<ManualClock>,
    handle: Handle,
    threads: Threads,
}

impl House {
    fn open(dir: &Path, now: Instant) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let time = Arc::clone(&clock) as Arc<dyn Clock>;
        let options = engine::Options::new(time, Arc::new(SystemDisk), Instant::DAY_MS);
        let (handle, _, threads) = engine::open(dir, &options).unwrap().split();
        Self { clock, handle, threads }
    }

    async fn define(&self, name: &str, condition: &str) {
        let change = Change::Defined { name: name.into(), condition: condition.into() };
        let records = vec![Record { at: self.clock.now(), change }];
        self.handle.decide(records).await.unwrap();
    }

    async fn bought(&self, user: &str, at: Instant) {
        let fact = Fact {
            id: FactId::of(SourceId(1), &format!("{user} {at}")),
            at,
            received_at: self.clock.now(),
            source: SourceId(1),
            who: vec![Identifier::user(user)],
            what: vec![What::Did { name: "purchase".into(), properties: Properties::new() }],
        };
        self.handle.accept(vec![fact]).await.unwrap();
    }

    /// How many are in an audience, asked until it is so many: the fold takes its turn on a thread of its own.
    async fn until(&self, name: &'static str, members: usize) {
        for _ in 0..400 {
            let standing = self.handle.ask(move |world| world.live.standing(name)).await.unwrap();
            if standing.is_some_and(|standing| standing.members == members) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("`{name}` never had {members} members");
    }

    /// What stands in the stories about audiences: instant, audience, entered or left, why.
    async fn told(&self) -> Vec<(CustomerId, Instant, String, Properties)> {
        let snapshot = self.handle.ask(|world| world.columns.snapshot()).await.unwrap();
        let whole = Story { span: Span::EVER, order: Order::OldestFirst, after: None, limit: usize::MAX };
        let everybody: Vec<CustomerId> = snapshot.customers(Instant::MAX).iter().collect();
        let stories = everybody.into_iter().flat_map(|customer| snapshot.story(customer, &whole));
        let rows = stories.map(|told| told.row).filter(|row| row.stream.starts_with("audience:"));
        rows.map(|row| (row.customer, row.at, row.stream.to_string(), row.properties)).collect()
    }

    fn close(self) {
        self.threads.stop(&self.handle).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_alone_lets_them_leave_at_their_own_instant_also_after_a_restart_and_when_folded_anew() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    house.define("buyers", BUYERS).await;
    house.define("lapsed", r#"did "purchase" and not member of "buyers""#).await;
    house.bought("1", NOON.plus_ms(-Instant::DAY_MS)).await;
    house.bought("2", NOON).await;
    house.until("buyers", 2).await;
    house.clock.advance_ms(29 * Instant::DAY_MS + 5_000);
    house.until("buyers", 1).await;
    house.until("lapsed", 1).await;
    house.close();

    let late = NOON.plus_ms(31 * Instant::DAY_MS);
    let house = House::open(dir.path(), late);
    house.until("buyers", 0).await;
    house.until("lapsed", 2).await;
    let told = house.told().await;
    let left = |(_, at, stream, properties): &(CustomerId, Instant, String, Properties)| {
        (*stream == stream::audience("buyers") && properties.get(stream::MEMBER) == Some(&false.into()))
            .then_some(*at)
    };
    let mut left: Vec<Instant> = told.iter().filter_map(left).collect();
    left.sort();
    assert_eq!(left, [29, 30].map(|days| NOON.plus_ms(days * Instant::DAY_MS)));
    house.close();

    for folder in ["state", "parts"] {
        std::fs::remove_dir_all(dir.path().join(folder)).unwrap();
    }
    let house = House::open(dir.path(), late);
    assert_eq!(house.told().await, told);
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audience_says_who_came_and_went_when_and_why() {
    let shop = Shop::open().await;
    let audience =
        json!({ "name": "just bought", "condition": { "text": "did \"purchase\" in last 1 second" } });
    assert_eq!(shop.post("/api/v1/audiences", &audience).await.status, 201);
    let path = "/api/v1/audiences/just%20bought";
    let is_followed = |live: &Value| live["since"].is_string() && live["counted_percent"].is_null();
    let before = shop.until(&format!("{path}/live"), is_followed).await;
    assert_eq!(before["customers"], json!(0), "{before}");

    let bought = json!({ "userId": "7", "event": "purchase", "messageId": "p" });
    assert_eq!(shop.ingest("/v1/track", &bought).await.status, 200);
    let both = |page: &Value| page["items"].as_array().is_some_and(|items| items.len() == 2);
    let passages = shop.until(&format!("{path}/passages"), both).await;
    let told = |index: usize| {
        let it = &passages["items"][index];
        (it["entered"].as_bool(), it["because"].as_str(), it["customer"]["label"].as_str())
    };
    assert_eq!(told(0), (Some(false), Some("time"), Some("7")), "{passages}");
    assert_eq!(told(1), (Some(true), Some("event:purchase"), Some("7")), "{passages}");

    let entered = passages["items"][1]["at"].as_str().unwrap();
    let then = shop.get(&format!("{path}/members?as_of={entered}")).await;
    assert_eq!(then.body["items"][0]["label"], json!("7"), "{}", then.text);
    let now = shop.get(&format!("{path}/members")).await;
    assert_eq!(now.body["items"], json!([]), "{}", now.text);
    let first = shop.get(&format!("{path}/passages?limit=1")).await;
    let next = first.body["next"].as_str().unwrap();
    let second = shop.get(&format!("{path}/passages?limit=1&before={next}")).await;
    assert_eq!(second.body["items"][0], passages["items"][1], "{}", second.text);
    let sizes = shop.get(&format!("{path}/sizes?days=2")).await;
    let today = sizes.body["days"].as_array().and_then(|days| days.last()).unwrap();
    assert_eq!((&today["entered"], &today["left"], &today["customers"]), (&json!(1), &json!(1), &json!(0)));
    let story = shop.get("/api/v1/customers/user_id:7/timeline").await;
    assert!(story.text.contains("\"just bought\""), "{}", story.text);
}
