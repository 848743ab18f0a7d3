//! What mail systems send back: delivery status (RFC 3464) and complaints (RFC 5965).

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use model::Text;

use crate::smtp::{Status, says_nobody};

/// The longest mail that is read, in bytes.
pub const RETURNED_BYTES_MAX: usize = 1024 * 1024;

/// A mail that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// A mail system says what became of a message.
    Status(Vec<Recipient>),
    /// A reader called a message a nuisance.
    Complaint {
        /// Who, when the report says so.
        address: Option<Text>,
    },
    /// Neither: an answer by a person or a machine.
    Other,
}

/// What became of a message for one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Which address.
    pub address: Text,
    /// What the mail system did.
    pub action: Action,
    /// Its code, when it gave one.
    pub status: Option<Status>,
    /// What the last server said.
    pub diagnostic: Option<Text>,
}

/// What a mail system did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It gave up.
    Failed,
    /// It still tries.
    Delayed,
    /// It delivered, or passed the message on.
    Delivered,
}

impl Recipient {
    /// Whether nothing should be sent there any more: it failed, and the address is to blame.
    ///
    /// Without a status, or with the one that says nothing (`5.0.0`), the diagnosis must say that nobody is there.
    pub fn is_permanent(&self) -> bool {
        let blamed = match self.status {
            Some(Status { class: 5, subject: 0, detail: 0 }) | None => {
                self.diagnostic.as_deref().is_some_and(says_nobody)
            }
            Some(status) => status.blames_address(),
        };
        self.action == Action::Failed && blamed
    }

    /// Status and diagnosis in one line.
    pub fn reason(&self) -> Text {
        let status = self.status.map(|status| status.to_string());
        let parts: Vec<&str> = status.as_deref().into_iter().chain(self.diagnostic.as_deref()).collect();
        parts.join(" ").into()
    }
}

/// Reads a mail that came back.
pub fn read(mail: &[u8]) -> Returned {
    let Some(message) = MessageParser::default().parse(mail) else { return Returned::Other };
    if let Some(report) = part(&message, "feedback-report") {
        return complaint(&report);
    }
    match part(&message, "delivery-status") {
        Some(report) => Returned::Status(recipients(&report)),
        None => Returned::Other,
    }
}

/// The text of the part `message/SUBTYPE`; failing that, of a mail within the mail: some filters wrap what passes them.
fn part(message: &Message<'_>, subtype: &str) -> Option<String> {
    let own = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && kind.subtype().is_some_and(|each| each.eq_ignore_ascii_case(subtype))
        })
    });
    let Some(own) = own else { return wrapped(message).find_map(|inner| part(inner, subtype)) };
    match &own.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.to_string()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        PartType::Message(inner) => Some(String::from_utf8_lossy(&inner.raw_message).into_owned()),
        PartType::Multipart(_) => None,
    }
}

/// The mails within a mail.
fn wrapped<'a, 'b>(message: &'b Message<'a>) -> impl Iterator<Item = &'b Message<'a>> {
    message.parts.iter().filter_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        PartType::Text(_)
        | PartType::Html(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Multipart(_) => None,
    })
}

/// The groups of a report: fields separated by empty lines. Folded lines are joined.
fn groups(report: &str) -> Vec<Vec<(String, String)>> {
    let mut groups = vec![Vec::<(String, String)>::new()];
    for line in report.lines() {
        let last = groups.last_mut().expect("there is always a group");
        if line.trim().is_empty() {
            if !last.is_empty() {
                groups.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = last.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            last.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    groups
}

fn recipients(report: &str) -> Vec<Recipient> {
    let groups = groups(report);
    groups.iter().filter_map(|group| recipient(group)).collect()
}

fn recipient(group: &[(String, String)]) -> Option<Recipient> {
    let field = |name: &str| group.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str());
    let status = field("status").and_then(Status::parse);
    let action = action(field("action")?, status)?;
    let address =
        field("original-recipient").and_then(address).or_else(|| address(field("final-recipient")?))?;
    Some(Recipient { address, action, status, diagnostic: field("diagnostic-code").map(Into::into) })
}

/// The action by its first word; a word of a system's own invention means what its status says.
fn action(words: &str, status: Option<Status>) -> Option<Action> {
    let word = words.split_whitespace().next()?.to_ascii_lowercase();
    match (word.as_str(), status.map(|status| status.class)) {
        ("failed" | "failure", _) => Some(Action::Failed),
        ("delayed", _) => Some(Action::Delayed),
        ("delivered" | "relayed" | "expanded", _) => Some(Action::Delivered),
        (_, Some(5)) => Some(Action::Failed),
        (_, Some(4)) => Some(Action::Delayed),
        (_, Some(_) | None) => None,
    }
}

/// `a@example.com` of `rfc822; <a@example.com>`.
fn address(field: &str) -> Option<Text> {
    let address = field.split_once(';').map_or(field, |(_, address)| address).trim();
    let address = address.trim_start_matches('<').trim_end_matches('>').trim();
    let address = address.split(' ').next().unwrap_or(address);
    address.contains('@').then(|| address.into())
}

fn complaint(report: &str) -> Returned {
    let groups = groups(report);
    let field = |name: &str| {
        let mut fields = groups.iter().flatten();
        fields.find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    };
    match field("feedback-type").map(str::to_ascii_lowercase).as_deref() {
        None | Some("not-spam") => Returned::Other,
        Some(_nuisance) => Returned::Complaint { address: field("original-rcpt-to").and_then(address) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: &str, permanent: bool) {
        let mail = format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n\
             Final-Recipient: rfc822; a@example.com\r\n{fields}\r\n--b--\r\n"
        );
        let Returned::Status(recipients) = read(mail.as_bytes()) else { panic!("no status in {mail}") };
        assert_eq!(recipients[0].address, "a@example.com");
        assert_eq!(recipients[0].is_permanent(), permanent, "{recipients:?}");
    }

    #[test]
    fn an_address_is_closed_only_when_it_is_to_blame() {
        check("Action: failed\r\nStatus: 5.1.1\r\n", true);
        check("Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 No such user\r\n", true);
        check("Action: failed\r\nStatus: 5.7.1\r\n", false);
        check("Action: failed\r\nStatus: 553 too large\r\n", false);
        check("Action: failed\r\nStatus: 4.4.7\r\n", false);
        check("Action: delayed\r\nStatus: 5.1.1\r\n", false);
    }

    #[test]
    fn a_complaint_names_who_complained() {
        let mail = b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
            --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\
            Version: 1\r\nOriginal-Rcpt-To: <a@example.com>\r\n\r\n--b--\r\n";
        assert_eq!(read(mail), Returned::Complaint { address: Some("a@example.com".into()) });
    }

    #[test]
    fn an_answer_from_a_holiday_is_neither() {
        assert_eq!(read(b"Subject: I am away\r\n\r\nBack on Monday.\r\n"), Returned::Other);
        assert_eq!(read(b""), Returned::Other);
    }
}
