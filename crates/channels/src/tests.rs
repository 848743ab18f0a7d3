//! What the tests of this crate share, and the rules that every channel keeps.

use std::sync::Arc;

use delivery::channel::{Mailbox, Message};
use model::Instant;

use crate::{KINDS, KindDoors, conformance, open};

/// A plain message with this id.
pub(crate) fn message(id: &str) -> Message {
    Message {
        id: id.parse().unwrap(),
        at: Instant::from_ms(1_700_000_000_000),
        to: Mailbox::new("hanako@example.com"),
        from: Mailbox { name: Some("A shop".into()), address: "shop@example.com".into() },
        reply_to: None,
        return_path: None,
        subject: "Good morning".into(),
        text: "Good morning!\n".into(),
        html: Some("<p>Good morning!</p>".into()),
        headers: Vec::new(),
    }
}

fn settings(kind: &str) -> serde_json::Value {
    match kind {
        "smtp" => serde_json::json!({"host": "127.0.0.1", "port": 25, "security": "none"}),
        "webhook" => serde_json::json!({"url": "http://127.0.0.1/", "secret": "0123456789abcdef"}),
        _ => serde_json::json!({}),
    }
}

#[test]
fn every_kind_keeps_the_rules_of_a_channel() {
    let doors = KindDoors { mailbox: Arc::default() };
    for kind in KINDS {
        let opened = open(kind.word, settings(kind.word), &doors).unwrap();
        conformance::channel(&*opened.channel, &Arc::new(message("m7-c2a1-0")));
    }
}

#[test]
fn settings_that_do_not_fit_name_the_field() {
    let doors = KindDoors { mailbox: Arc::default() };
    let problem = |kind: &str, settings| open(kind, settings, &doors).unwrap_err().to_string();
    assert!(problem("smtp", serde_json::json!({"host": "a"})).contains("`port`"));
    assert!(
        problem("smtp", serde_json::json!({"host": "a", "port": 25, "security": "none", "pasword": "x"}))
            .contains("pasword")
    );
    assert!(
        problem("webhook", serde_json::json!({"url": "ftp://a", "secret": "0123456789abcdef"}))
            .contains("`url`")
    );
    assert!(problem("pigeon", serde_json::json!({})).contains("smtp, webhook, sandbox"));
}
