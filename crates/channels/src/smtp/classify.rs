//! What a mail server's words mean: taken, not now, never this message, never this address.

use delivery::channel::{Dead, Fault, SmtpStep, Verdict};
use model::Text;

/// An enhanced status code (RFC 3463): class, subject, detail, as in `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// 2: success, 4: not now, 5: never.
    pub class: u8,
    /// 1: address, 2: mailbox, 3: system, 4: network, 5: protocol, 6: content, 7: policy.
    pub subject: u16,
    /// What exactly.
    pub detail: u16,
}

impl Status {
    /// The code that `text` begins with.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.split_whitespace().next()?;
        let mut fields = word.split('.');
        let class = fields.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        let status =
            Self { class, subject: fields.next()?.parse().ok()?, detail: fields.next()?.parse().ok()? };
        fields.next().is_none().then_some(status)
    }

    /// Whether the address itself is to blame for good: it, its domain or its mailbox does not exist or is closed.
    pub fn blames_address(self) -> bool {
        self.class == 5 && matches!((self.subject, self.detail), (1, 0..=4 | 6 | 10) | (2, 1) | (4, 4))
    }
}

/// `5.1.1`.
impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Words with which servers without enhanced codes say that there is nobody.
const NOBODY: &[&str] = &[
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "does not exist",
    "doesn't exist",
    "mailbox unavailable",
    "mailbox not found",
    "recipient unknown",
    "unknown recipient",
    "invalid recipient",
    "user not found",
    "not our customer",
    "account is disabled",
];

/// What `code` and `text`, said at `step`, mean for the message.
pub(crate) fn classify(step: SmtpStep, code: u16, text: &str) -> Verdict {
    let said: Text = format!("{code} {}", text.trim()).into();
    match (code / 100, step) {
        (2, SmtpStep::Data) => Verdict::Accepted { provider_id: queue_id(text) },
        (4, _) => Verdict::Retry { after_ms: None, reason: said },
        (5, SmtpStep::To) if blames_address(code, text) => dead(Fault::Address, said),
        (5, SmtpStep::To | SmtpStep::Data) => dead(Fault::Message, said),
        // A server that refuses us altogether says nothing about this message: somebody has to mend the
        // settings, and until then nothing may be lost.
        _ => Verdict::Retry { after_ms: None, reason: said },
    }
}

fn dead(fault: Fault, reason: Text) -> Verdict {
    Verdict::Dead(Dead { fault, reason })
}

fn blames_address(code: u16, text: &str) -> bool {
    match Status::parse(text) {
        Some(status) => status.blames_address(),
        None => matches!(code, 550 | 551 | 553) && says_nobody(text),
    }
}

/// Whether a server says in words that there is nobody of this name.
pub(crate) fn says_nobody(text: &str) -> bool {
    let text = text.to_lowercase();
    NOBODY.iter().any(|words| text.contains(words))
}

/// `ABC123` of `2.0.0 Ok: queued as ABC123`, as most servers say it.
fn queue_id(text: &str) -> Option<Text> {
    let (_, id) = text.rsplit_once("queued as ")?;
    id.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').next().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(step: SmtpStep, code: u16, text: &str, expected: &str) {
        let word = match classify(step, code, text) {
            Verdict::Accepted { provider_id } => format!("accepted {}", provider_id.unwrap_or_default()),
            Verdict::Retry { .. } => "retry".to_owned(),
            Verdict::Dead(Dead { fault, .. }) => format!("dead {fault:?}"),
        };
        assert_eq!(word.trim_end(), expected, "{step:?} {code} {text}");
    }

    #[test]
    fn a_message_is_taken_when_its_last_line_is() {
        check(SmtpStep::Data, 250, "2.0.0 Ok: queued as 4XyZ12", "accepted 4XyZ12");
        check(SmtpStep::Data, 250, "OK", "accepted");
    }

    #[test]
    fn an_address_is_closed_only_when_the_server_says_that_nobody_is_there() {
        check(SmtpStep::To, 550, "5.1.1 <a@b.c>: Recipient address rejected: User unknown", "dead Address");
        check(SmtpStep::To, 550, "No such user here", "dead Address");
        check(SmtpStep::To, 550, "5.7.1 Relaying denied", "dead Message");
        check(SmtpStep::To, 554, "Blocked by our policy", "dead Message");
        check(SmtpStep::To, 552, "5.2.2 Mailbox full", "dead Message");
        check(SmtpStep::To, 450, "4.2.0 Greylisted", "retry");
    }

    #[test]
    fn a_refused_text_says_nothing_about_the_address() {
        check(SmtpStep::Data, 554, "5.6.0 Message contains a virus", "dead Message");
    }

    #[test]
    fn a_server_that_refuses_us_loses_nothing() {
        check(SmtpStep::Hello, 535, "5.7.8 Authentication failed", "retry");
        check(SmtpStep::Hello, 554, "No SMTP service here", "retry");
        check(SmtpStep::From, 553, "5.1.8 Sender rejected", "retry");
    }

    #[test]
    fn a_text_without_a_status_has_none() {
        assert_eq!(Status::parse("550 5.1.1"), None);
        assert_eq!(Status::parse("5.1"), None);
        assert_eq!(Status::parse("5.1.1.1"), None);
        assert_eq!(Status::parse(""), None);
    }
}
