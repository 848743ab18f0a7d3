//! What real clients put on the wire, and what the specification shows, is admitted.
//!
//! The recordings are found through `OMOTENASHI_DATASETS`, or in `../shared/datasets` beside the repository.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test program, helpers included")]

use std::path::{Path, PathBuf};

use ingest::clevertap::{Options, upload};
use ingest::segment::{Call, admit, write_key};
use ingest::{Desk, Reason, phone};
use model::{Instant, SourceId};
use serde_json::Value;

fn dataset(path: &str) -> Option<String> {
    let beside = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../../shared/datasets");
    let folder = std::env::var_os("OMOTENASHI_DATASETS").map_or(beside, PathBuf::from);
    let Ok(bytes) = std::fs::read(folder.join(path)) else {
        eprintln!("skipped: there is no {}", folder.join(path).display());
        return None;
    };
    let plain = if path.ends_with(".zst") { zstd::stream::decode_all(&bytes[..]).unwrap() } else { bytes };
    Some(String::from_utf8(plain).unwrap())
}

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn desk() -> Desk {
    Desk { source: SourceId(1), received_at: "2026-11-22T04:20:30Z".parse().unwrap() }
}

#[test]
fn every_batch_that_a_real_client_sent_is_admitted_whole() {
    let Some(text) = dataset("sdk-wire/event-clients.ndjson") else { return };
    let mut clients = 0;
    for request in lines(&text).filter(|request| request["path"] == "/v1/batch") {
        let client = &request["client"];
        let body = request["body"].to_string();
        let key = write_key(request["headers"]["authorization"].as_str(), body.as_bytes());
        assert_eq!(key.as_deref(), Some("TESTKEY"), "{client}");
        let admission = admit(Call::Batch, body.as_bytes(), &desk()).unwrap();
        assert_eq!(admission.rejects, [], "{client}");
        assert_eq!(admission.facts.len(), request["body"]["batch"].as_array().unwrap().len(), "{client}");
        let again = admit(Call::Batch, body.as_bytes(), &desk()).unwrap();
        assert_eq!(again.facts, admission.facts, "{client}");
        clients += 1;
    }
    assert_eq!(clients, 8);
}

#[test]
fn a_recorded_order_keeps_its_instant_and_its_names() {
    let Some(text) = dataset("sdk-wire/event-clients.ndjson") else { return };
    let request = lines(&text).find(|request| request["client"] == "@segment/analytics-node 3.1.0").unwrap();
    let admission = admit(Call::Batch, request["body"].to_string().as_bytes(), &desk()).unwrap();
    let order = &admission.facts[1];
    // Sent 39.617 s before it arrived here: the clock of the sender is behind by as much.
    assert_eq!(order.at, "2026-01-31T12:00:39.617Z".parse::<Instant>().unwrap());
    let model::What::Did { name, properties } = &order.what[0] else { panic!("it is an event") };
    assert_eq!(
        (name.as_str(), properties.get("revenue")),
        ("Order Completed", Some(&model::Value::Float(1299.5)))
    );
}

#[test]
fn every_upload_that_clevertaps_client_sent_is_admitted_whole() {
    let Some(text) = dataset("sdk-wire/clevertap-node-client.ndjson") else { return };
    let mut uploads = 0;
    for request in lines(&text).filter(|request| request["path"] == "/1/upload") {
        let body = request["body"].to_string();
        let answer = upload(body.as_bytes(), &desk(), Options::default()).unwrap().answer;
        assert_eq!((answer.status, answer.unprocessed.len()), ("success", 0), "{}", request["call"]);
        uploads += 1;
    }
    assert_eq!(uploads, 3);
}

/// Four fragments of the specification leave out whom they are about. They are rejected for exactly that
/// reason, and admitted as soon as somebody is named.
#[test]
fn every_example_of_the_specification_is_admitted_once_it_says_whom_it_is_about() {
    let Some(text) = dataset("segment-spec-examples/examples.ndjson.zst") else { return };
    let (mut admitted, mut nobody) = (0, Vec::new());
    for example in lines(&text) {
        let place = format!("{} {}", example["page"], example["n"]);
        let mut payload = example["payload"].clone();
        let mut admission = admit_one(&payload);
        if admission.rejects.first().is_some_and(|reject| reject.reason == Reason::NoIdentifier) {
            nobody.push(example["page"].as_str().unwrap().to_owned());
            payload["anonymousId"] = "a1".into();
            admission = admit_one(&payload);
        }
        assert_eq!(admission.rejects, [], "{place}");
        assert_eq!(admission.facts.len(), 1, "{place}");
        admitted += 1;
    }
    assert_eq!(admitted, 76);
    assert_eq!(nobody, ["group.md", "page.md", "screen.md", "track.md"]);
}

fn admit_one(payload: &Value) -> ingest::Admission {
    let kind = payload["type"].as_str().or(payload["action"].as_str()).unwrap_or("track");
    let single = admit(kind.parse().unwrap(), payload.to_string().as_bytes(), &desk()).unwrap();
    let batch = serde_json::json!({ "batch": [payload] }).to_string();
    let batched = admit(Call::Batch, batch.as_bytes(), &desk()).unwrap();
    assert_eq!(single.rejects.len(), batched.rejects.len(), "one call and a batch agree");
    single
}

#[test]
fn every_number_of_the_world_is_read_in_each_international_form() {
    let Some(text) = dataset("phone-numbers/examples.tsv.zst") else { return };
    let mut numbers = 0;
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (e164, national, international, valid) =
            (columns[2], columns[3], columns[4], columns[8] == "true");
        if valid {
            assert_eq!(phone(e164).as_deref(), Some(e164));
            assert_eq!(phone(international).as_deref(), Some(e164));
            numbers += 1;
        }
        // Without its country a number is nobody's.
        assert!(national.starts_with('+') || phone(national).is_none(), "{national}");
    }
    assert_eq!(numbers, 1114);
}
