//! No bytes make admission panic, and what it admits keeps its promises.

use ingest::import::{Chunk, Mapping, admit_rows, segment_row};
use ingest::segment::{Call, admit, write_key};
use ingest::{Admission, Desk, clevertap, dictionary::Dictionary};
use model::{Instant, SourceId, What, stream::message};
use proptest::prelude::*;

fn desk() -> Desk {
    Desk { source: SourceId(1), received_at: Instant::from_ms(1_772_366_400_000) }
}

/// Texts that mean something to one of the formats, more often than not.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "track",
            "identify",
            "page",
            "alias",
            "group",
            "event",
            "profile",
            "token",
            "null",
            "$message_sent",
            "a@example.com",
            "+819012345678",
            "2026-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "$D_99999999999999",
            "",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        words().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((names(), inner), 0..6)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "type",
            "userId",
            "anonymousId",
            "previousId",
            "groupId",
            "event",
            "properties",
            "traits",
            "context",
            "device",
            "externalIds",
            "page",
            "messageId",
            "timestamp",
            "sentAt",
            "identity",
            "objectId",
            "ts",
            "evtName",
            "evtData",
            "profileData",
            "tokenData",
            "$incr",
            "$add",
            "email",
            "phone",
            "id",
            "token",
        ])
        .prop_map(str::to_owned),
        "[a-z.$]{0,6}",
    ]
}

/// What holds for everything that is admitted.
fn promises(admission: &Admission, records: usize) {
    assert_eq!(admission.facts.len() + admission.rejects.len(), records);
    let mut dictionary = Dictionary::default();
    for fact in &admission.facts {
        assert!(!fact.who.is_empty() && !fact.what.is_empty());
        assert!(fact.at <= fact.received_at.plus_ms(Instant::DAY_MS));
        for what in &fact.what {
            if let What::Did { name, .. } = what {
                assert!(!name.is_empty() && !name.starts_with(message::PREFIX));
            }
        }
        let stored = postcard::to_allocvec(fact).expect("a fact can be stored");
        assert_eq!(postcard::from_bytes::<model::Fact>(&stored).expect("and read again"), *fact);
        dictionary.learn(fact);
    }
}

proptest! {
    #[test]
    fn of_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for call in Call::ALL {
            let _ = admit(*call, &bytes, &desk());
        }
        let _ = clevertap::upload(&bytes, &desk(), clevertap::Options::default());
        let _ = Chunk::decode(&bytes);
        let _ = Chunk::decode(&[b"OMI2", &bytes[..]].concat());
        let _ = write_key(Some(&String::from_utf8_lossy(&bytes)), &bytes);
    }

    #[test]
    fn of_any_text(text in "\\PC{0,60}") {
        let _ = Mapping::parse(&text);
        let _ = segment_row(1, &text);
        let _ = (ingest::email(&text), ingest::phone(&text));
    }

    #[test]
    fn of_any_json(records in prop::collection::vec(json(), 0..5)) {
        let count = records.len();
        let batch = serde_json::json!({ "batch": records }).to_string();
        promises(&admit(Call::Batch, batch.as_bytes(), &desk()).expect("it is a batch"), count);
        promises(&admit(Call::Import, batch.as_bytes(), &desk()).expect("it is a batch"), count);
        let upload = serde_json::json!({ "d": records }).to_string();
        let uploaded = clevertap::upload(upload.as_bytes(), &desk(), clevertap::Options::default());
        promises(&uploaded.expect("it is an upload").admission, count);
        for record in &records {
            promises(&admit(Call::Track, record.to_string().as_bytes(), &desk()).expect("it is JSON"), 1);
            let _ = segment_row(1, &record.to_string());
        }
    }

    #[test]
    fn of_any_rows(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let frame = zstd::bulk::compress(&bytes, 1).expect("bytes can be compressed");
        let body = [b"OMI2", &frame[..]].concat();
        if let Ok(chunk) = Chunk::decode(&body) {
            promises(&admit_rows(&body, &desk()).expect("it was decoded"), chunk.rows.len());
        }
    }
}

#[test]
fn nesting_without_end_is_rejected_and_not_followed() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
        let event = format!(
            "{{\"type\":\"track\",\"userId\":\"1\",\"event\":\"a\",\"properties\":{{\"p\":{deep}}}}}"
        );
        let batch = format!("{{\"batch\":[{event}]}}");
        let admission = admit(Call::Batch, batch.as_bytes(), &desk()).expect("the batch itself is flat");
        assert_eq!((admission.facts.len(), admission.rejects.len()), (0, 1));
        let _ = admit(Call::Track, event.as_bytes(), &desk());
    }
}
