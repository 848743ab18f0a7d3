//! A hundred live audiences beside a steady pace of events: how long they take to be in force, what they cost then, and whether
//! anything waits while one more is made.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::House;
use serde_json::{Value, json};

use crate::events::CATEGORIES;
use crate::ingest::{Load, load, nothing, settle};
use crate::{line, setting};

/// The pace that has to be kept with a hundred live audiences.
const EVENTS_PER_SECOND: u64 = 50_000;
/// Over how long the events before are spread, and how late those are that come while we look.
const HISTORY: Duration = Duration::from_secs(90 * 86_400);
const DELAY: Duration = Duration::from_secs(5);
/// How long events go on without audiences, and with all of them.
const A_WHILE: Duration = Duration::from_secs(20);

/// Loads events and makes the audiences over them, then measures a steady pace with all of them, and while one more is made.
pub(crate) fn beside_ingest() -> Result<()> {
    let events = setting("HOUSE_EVENTS", 5_000_000)?;
    let house = House::found()?;
    let history = Load { first: 0, events, per_second: None, ago: HISTORY };
    load(&house, "of 90 days, as fast as they are answered", &history, nothing)?;
    settle(&house, events)?;
    let far = |part: u64| Load {
        first: events + part * (1 << 32),
        events: u64::MAX,
        per_second: Some(EVENTS_PER_SECOND),
        ago: DELAY,
    };
    load(&house, "at 50,000 a second, no audience", &far(1), for_a_while)?;
    let (one_more, all) = {
        let mut all = audiences();
        (all.pop().into_iter().collect::<Vec<_>>(), all)
    };
    define(&house, &all)?;
    let before = passages(&house, &all)?;
    load(&house, "at 50,000 a second, with a hundred audiences", &far(2), for_a_while)?;
    line("  entries and exits", &(passages(&house, &all)? - before).to_string(), "");
    load(&house, "at 50,000 a second, while one more is counted", &far(3), |house, enough| {
        define(house, &one_more)?;
        enough.store(true, Ordering::SeqCst);
        Ok(())
    })
}

fn for_a_while(_: &House, enough: &AtomicBool) -> Result<()> {
    std::thread::sleep(A_WHILE);
    enough.store(true, Ordering::SeqCst);
    Ok(())
}

/// Makes audiences and waits until the last of them is in force.
fn define(house: &House, audiences: &[(String, String)]) -> Result<()> {
    let (begun, mut longest) = (Instant::now(), Duration::ZERO);
    for (name, condition) in audiences {
        let asked = Instant::now();
        let new = json!({ "name": name, "condition": { "text": condition } });
        let answer = house.post("/api/v1/audiences", &new)?;
        ensure!(answer.status == 201, "{answer:?}");
        longest = longest.max(asked.elapsed());
    }
    let made = begun.elapsed();
    // They come into force in the order in which they were made.
    let last = format!("/api/v1/audiences/{}/live", audiences.last().map_or("", |(name, _)| name));
    while house.get(&last)?.body["since"].is_null() {
        std::thread::sleep(Duration::from_millis(50));
    }
    line(
        &format!("  {} made, until all are in force", audiences.len()),
        &format!("{:.1} s", begun.elapsed().as_secs_f64()),
        &format!("made in {:.1} s, the slowest answer {:.2} s", made.as_secs_f64(), longest.as_secs_f64()),
    );
    Ok(())
}

/// How often somebody entered or left.
fn passages(house: &House, audiences: &[(String, String)]) -> Result<u64> {
    let mut passages = 0;
    for (name, _) in audiences {
        let sizes = house.get(&format!("/api/v1/audiences/{name}/sizes?days=2"))?.body;
        let days = sizes["days"].as_array().into_iter().flatten();
        let number = |day: &Value, of: &str| day[of].as_u64().unwrap_or(0);
        passages += days.map(|day| number(day, "entered") + number(day, "left")).sum::<u64>();
    }
    Ok(passages)
}

/// A hundred audiences as marketers make them, and one more.
fn audiences() -> Vec<(String, String)> {
    let mut made = of_categories();
    made.extend(of_habits());
    made.push(("one-more".into(), "did \"Product Added\" at least 2 times in last 30 days".into()));
    made
}

/// What people buy, look at, leave and like.
fn of_categories() -> Vec<(String, String)> {
    let mut made = Vec::new();
    for category in CATEGORIES {
        let of = |event: &str| format!("\"{event}\" where category = \"{category}\"");
        let (ordered, viewed) = (of("Order Completed"), of("Product Viewed"));
        let mut add = |name: &str, condition: String| made.push((format!("{name}-{category}"), condition));
        add(
            "buys",
            format!(
                "did {ordered} at least 2 times in last 30 days and did not \"Checkout Started\" in last 1 hour"
            ),
        );
        add(
            "looks",
            format!("did {viewed} at least 3 times in last 7 days and not did {ordered} in last 7 days"),
        );
        add(
            "left",
            format!(
                "sequence {} then \"Checkout Started\" within 1 day without \"Order Completed\" between in last 14 days",
                of("Product Added")
            ),
        );
        add("taste", format!("mostly category of \"Product Viewed\" = \"{category}\" in last 90 days"));
    }
    made
}

/// How often people come for goods of a kind, for how much, and since when they do not.
fn of_habits() -> Vec<(String, String)> {
    let mut made = Vec::new();
    for category in CATEGORIES {
        for days in [7, 30, 60, 90] {
            let (of, within) = (format!("where category = \"{category}\""), format!("in last {days} days"));
            let mut add =
                |name: &str, condition: String| made.push((format!("{name}-{category}-{days}"), condition));
            add(
                "silent",
                format!("did \"Order Completed\" {of} and did not \"Order Completed\" {of} {within}"),
            );
            add("spent", format!("did \"Order Completed\" {of} with sum of price >= 9000 {within}"));
            add("came", format!("did \"Product Viewed\" {of} {within}"));
            add("browsed", format!("did \"Product List Viewed\" {of} at least 8 times {within}"));
        }
    }
    made
}
