//! What every channel must hold, checked in the same way for each of them.

use std::sync::Arc;

use delivery::channel::{Channel, Message, Reply, SmtpStep, Verdict};
use model::Instant;

/// Checks one channel with a message it can carry.
///
/// # Panics
/// When the channel breaks one of the rules.
pub fn channel(channel: &dyn Channel, message: &Arc<Message>) {
    let now = Instant::from_ms(1_700_000_000_000);
    let wire = channel.encode(message, now).expect("a plain message can be carried");
    assert_eq!(
        Ok(wire),
        channel.encode(message, now),
        "the same message at the same instant gives the same bytes"
    );

    let mut smuggler = Message::clone(message);
    smuggler.subject = "a\r\nBcc: b@example.com".into();
    if let Ok(wire) = channel.encode(&Arc::new(smuggler), now) {
        let shown = format!("{wire:?}");
        assert!(!shown.contains("\r\nBcc:"), "a subject must not become a header: {shown}");
    }

    for code in 100..600 {
        let text = String::from("5.1.1 nobody");
        for step in [SmtpStep::Hello, SmtpStep::From, SmtpStep::To, SmtpStep::Data] {
            taken_only_on_success(channel, &Reply::Smtp { step, code, text: text.clone() }, code);
        }
        taken_only_on_success(
            channel,
            &Reply::Http { status: code, retry_after_s: Some(1), body: text },
            code,
        );
    }
}

/// Whatever else a provider says, only a success may count as one.
fn taken_only_on_success(channel: &dyn Channel, reply: &Reply, code: u16) {
    let verdict = channel.classify(reply);
    if matches!(verdict, Verdict::Accepted { .. }) {
        assert!((200..300).contains(&code), "{reply:?} was taken for a success");
    }
    if (400..500).contains(&code) && matches!(reply, Reply::Smtp { .. }) {
        assert!(!matches!(verdict, Verdict::Dead(_)), "{reply:?} says not now, not never");
    }
}
