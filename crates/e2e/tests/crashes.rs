//! The process is killed at any moment: nothing acknowledged is lost, nothing is said twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Result, ensure};
use e2e::{House, Receiver};
use serde_json::{Value, json};

/// How often each test kills: 25 and 25 make fifty.
const KILLS: u64 = 25;

#[test]
fn nothing_acknowledged_is_lost_when_ingest_is_killed() -> Result<()> {
    let mut house = House::found()?;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let mut sent = 0_u64;
    for kill in 0..KILLS {
        let stop = Arc::new(AtomicBool::new(false));
        let sender = {
            let (url, key, stop, acknowledged) =
                (house.url.clone(), house.write_key.clone(), Arc::clone(&stop), Arc::clone(&acknowledged));
            std::thread::spawn(move || send_until(&url, &key, (sent, &stop, &acknowledged)))
        };
        // Not a time but a count: the moment differs from kill to kill because the load does.
        let wanted = acknowledged.load(Ordering::SeqCst) + 20 + kill * 13;
        while acknowledged.load(Ordering::SeqCst) < wanted && !sender.is_finished() {
            std::thread::yield_now();
        }
        house.kill()?;
        stop.store(true, Ordering::SeqCst);
        sent = sender.join().expect("the sender does not panic");
        house.start_again()?;
    }
    let expected = acknowledged.load(Ordering::SeqCst);
    let count = json!({ "condition": { "text": "did \"tick\"" } });
    let enough = |answer: &Value| answer["customers"].as_u64().unwrap_or(0) >= expected;
    let found = house.ask_until("/api/v1/ask/count", &count, enough)?["customers"].as_u64().unwrap_or(0);
    // Each acknowledged event is its own customer; those in flight at a kill may or may not be there.
    ensure!(found <= sent, "sent {sent}, found {found}");
    Ok(())
}

/// Sends one event a request, each by a customer of its own, until told to stop or the server is gone. Returns the next number.
fn send_until(url: &str, key: &str, (from, stop, acknowledged): (u64, &AtomicBool, &AtomicU64)) -> u64 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut number = from;
    while !stop.load(Ordering::SeqCst) {
        let body = json!({ "writeKey": key, "userId": format!("u{number}"), "event": "tick", "messageId": format!("m{number}") });
        let request = agent.post(format!("{url}/v1/track")).header("content-type", "application/json");
        number += 1;
        match request.send(body.to_string()) {
            Ok(response) if response.status().is_success() => {
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            Ok(_) | Err(_) => break,
        }
    }
    number
}

#[test]
fn no_marketing_mail_is_sent_twice_when_a_campaign_is_killed() -> Result<()> {
    const PEOPLE: usize = 400;
    let mut house = House::found()?;
    house.people(PEOPLE)?;
    let receiver = Receiver::start()?;
    house.use_webhook(&receiver.url, "a secret of 24 letters..")?;
    let campaign = house.launch_to_all("webhook", Some(3_000))?;
    for kill in 0..KILLS {
        let wanted = receiver.taken() + 3 + usize::try_from(kill % 7)?;
        house.wait(&format!("/api/v1/campaigns/{campaign}"), |it| {
            receiver.taken() >= wanted || it["state"] == "finished"
        })?;
        house.kill_and_restart()?;
    }
    house.wait(&format!("/api/v1/campaigns/{campaign}"), |it| it["state"] == "finished")?;
    let by_message = receiver.by_message();
    let twice: Vec<_> = by_message.iter().filter(|(_, times)| **times > 1).collect();
    ensure!(twice.is_empty(), "sent twice: {twice:?}");
    let report = house.get(&format!("/api/v1/campaigns/{campaign}/report"))?.body;
    let number = |name: &str| report["messages"][name].as_u64().unwrap_or(0);
    ensure!(number("planned") == PEOPLE as u64, "everybody is decided on once: {report}");
    ensure!(number("sent") + number("failed") == PEOPLE as u64, "every message has an end: {report}");
    ensure!(by_message.len() as u64 >= number("sent"), "what is told to be sent was sent: {report}");
    ensure!(number("sent") > PEOPLE as u64 / 2, "what no kill hit was sent: {report}");
    Ok(())
}
