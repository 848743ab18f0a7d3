//! The process is killed at any moment: nothing acknowledged is lost, nothing is said twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Result, ensure};
use e2e::House;
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
    with_sender(&house)?;
    people(&house, PEOPLE)?;
    let receiver = Receiver::start()?;
    use_webhook(&house, &receiver.url)?;
    let campaign = launch(&house)?;
    for kill in 0..KILLS {
        let wanted = receiver.len() + 3 + usize::try_from(kill % 7)?;
        house.wait(&format!("/api/v1/campaigns/{campaign}"), |it| {
            receiver.len() >= wanted || it["state"] == "finished"
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
    Ok(())
}

fn with_sender(house: &House) -> Result<()> {
    let mut settings = house.get("/api/v1/settings")?.body;
    settings["settings"]["sender"]["email"] = json!("news@shop.example");
    replace_settings(house, &settings)
}

fn replace_settings(house: &House, settings: &Value) -> Result<()> {
    let body = json!({ "version": settings["version"], "settings": settings["settings"] });
    let answer = house.put("/api/v1/settings", &body)?;
    ensure!(answer.status == 200, "{answer:?}");
    Ok(())
}

fn use_webhook(house: &House, url: &str) -> Result<()> {
    let mut settings = house.get("/api/v1/settings")?.body;
    settings["settings"]["providers"] = json!([{ "kind": "webhook", "url": url, "secret": "s3cret" }]);
    replace_settings(house, &settings)
}

/// People who said yes to marketing.
fn people(house: &House, count: usize) -> Result<()> {
    let batch: Vec<Value> = (0..count)
        .flat_map(|n| {
            let user = format!("p{n}");
            [
                json!({
                    "type": "identify", "userId": user, "traits": { "email": format!("{user}@example.com"), "first_name": "Aiko" },
                    "context": { "consent": { "categoryPreferences": { "marketing": true } } },
                }),
                json!({ "type": "track", "userId": user, "event": "signed_up" }),
            ]
        })
        .collect();
    for chunk in batch.chunks(500) {
        ensure!(house.track("/v1/batch", &json!({ "batch": chunk }))?.status == 200);
    }
    house.wait("/api/v1/customers?limit=1000", |page| {
        page["items"].as_array().is_some_and(|items| items.len() == count)
    })?;
    Ok(())
}

fn launch(house: &House) -> Result<u64> {
    let audience = json!({ "name": "all", "condition": { "text": "did \"signed_up\"" } });
    let answer = house.post("/api/v1/audiences", &audience)?;
    ensure!(answer.status == 201, "{answer:?}");
    let draft = json!({
        "name": "hello", "audience": "all", "purpose": "marketing", "channel": "webhook",
        "variants": [{ "language": "en", "subject": "Hello {{ customer.first_name }}", "format": "text", "body": "Hi {{ customer.first_name }}" }],
        "messages_per_minute_max": 3000,
    });
    let answer = house.post("/api/v1/campaigns", &draft)?;
    ensure!(answer.status == 201, "{answer:?}");
    let id = answer.body["id"].as_u64().unwrap_or_default();
    let answer = house
        .post(&format!("/api/v1/campaigns/{id}/launch"), &json!({ "version": answer.body["version"] }))?;
    ensure!(answer.status == 202, "{answer:?}");
    Ok(id)
}

/// Takes webhooks on a port of its own, outside the process that is killed, and remembers every one.
struct Receiver {
    url: String,
    seen: Arc<std::sync::Mutex<BTreeMap<String, usize>>>,
}

impl Receiver {
    fn start() -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let seen = Arc::new(std::sync::Mutex::new(BTreeMap::new()));
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(stream, &kept));
            }
        });
        Ok(Self { url, seen })
    }

    fn len(&self) -> usize {
        self.seen.lock().expect("nobody panics").len()
    }

    fn by_message(&self) -> BTreeMap<String, usize> {
        self.seen.lock().expect("nobody panics").clone()
    }
}

/// A small HTTP/1.1 server: enough to take POSTs on a kept-alive connection.
fn serve(stream: std::net::TcpStream, seen: &std::sync::Mutex<BTreeMap<String, usize>>) {
    use std::io::{BufRead, BufReader, Read, Write};
    let Ok(mut writer) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let id = body["id"].as_str().unwrap_or("?").to_owned();
        *seen.lock().expect("nobody panics").entry(id).or_default() += 1;
        if writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}
