//! A message as a mail: headers, a text part, a formatted part. Pure: the same message gives the same bytes.
//!
//! Everything is 7-bit: names and subjects in any script become encoded words,
//! bodies quoted-printable or base64, so no server on the way has to change a
//! byte and a signature stays valid.

use std::borrow::Cow;

use delivery::channel::{Dead, Fault, Mailbox, Message};
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

/// The longest mail, in bytes; what most servers take.
pub const MAIL_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The mail for `message`, with lines ending in CR LF.
pub fn encode(message: &Message) -> Result<Vec<u8>, Dead> {
    check(message)?;
    let mut mail = MessageBuilder::new()
        .from(address(&message.from))
        .to(address(&message.to))
        .subject(message.subject.as_str())
        .date(Date::new(message.at.ms().div_euclid(1_000)))
        .message_id(message_id(message));
    if let Some(reply_to) = &message.reply_to {
        mail = mail.reply_to(address(reply_to));
    }
    for (name, value) in &message.headers {
        mail = mail.header(name.as_str(), Raw::new(value.as_str()));
    }
    let text = MimePart::new("text/plain", message.text.as_str());
    let body = match &message.html {
        None => text,
        Some(html) => {
            let kind = ContentType::new("multipart/alternative").attribute("boundary", boundary(message));
            MimePart::new(kind, vec![text, MimePart::new("text/html", html.as_str())])
        }
    };
    let bytes = mail.body(body).write_to_vec().map_err(|error| refused(&error.to_string()))?;
    if bytes.len() > MAIL_BYTES_MAX {
        return Err(refused(&format!(
            "mail is too large. bytes=`{}`, limit=`{MAIL_BYTES_MAX}`",
            bytes.len()
        )));
    }
    Ok(bytes)
}

/// `m7-c2a1-0@example.com`: our id at the sender's domain.
pub fn message_id(message: &Message) -> String {
    let domain = message.from.address.rsplit('@').next().unwrap_or("localhost");
    format!("{}@{domain}", message.id)
}

/// A line that stands in no encoded text: `=_` occurs neither in quoted-printable nor in base64.
fn boundary(message: &Message) -> String {
    format!("=_{}", message.id)
}

fn address(mailbox: &Mailbox) -> Address<'_> {
    Address::new_address(mailbox.name.as_deref().map(Cow::from), mailbox.address.as_str())
}

/// Nothing that a person typed may start a header of its own.
pub(crate) fn check(message: &Message) -> Result<(), Dead> {
    let mailboxes = [&message.from, &message.to].into_iter().chain(&message.reply_to);
    for mailbox in mailboxes {
        check_address(&mailbox.address)?;
        if mailbox.name.as_deref().is_some_and(has_control) {
            return Err(refused(&format!("a name has a control character. address=`{}`", mailbox.address)));
        }
    }
    if has_control(&message.subject) {
        return Err(refused("the subject has a control character: write it in one line"));
    }
    for (name, value) in &message.headers {
        let token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        if !token || has_control(value) || !value.is_ascii() {
            return Err(refused(&format!("a header must be one line of ASCII. name=`{name}`")));
        }
    }
    Ok(())
}

/// What we take for an address: visible ASCII around one `@`.
pub fn check_address(address: &str) -> Result<(), Dead> {
    let plain = |part: &str| {
        let forbidden = b"<>()[],;:\\\"";
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && !forbidden.contains(&byte))
    };
    let whole = address.split_once('@').is_some_and(|(local, domain)| plain(local) && plain(domain));
    if whole && address.matches('@').count() == 1 && address.len() <= 254 {
        return Ok(());
    }
    let reason = format!("not an e-mail address like `a@example.com`. value=`{address}`").into();
    Err(Dead { fault: Fault::Address, reason })
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn refused(reason: &str) -> Dead {
    Dead { fault: Fault::Message, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    use super::*;
    use crate::tests::message;

    #[track_caller]
    fn arrives(message: &Message) {
        let bytes = encode(message).unwrap();
        assert!(bytes.is_ascii(), "7-bit safe");
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            assert!(line.len() <= 1000 && line.ends_with(b"\r\n"), "{:?}", String::from_utf8_lossy(line));
        }
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(parsed.subject(), Some(message.subject.as_str()).filter(|subject| !subject.is_empty()));
        let lines = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        assert_eq!(lines(&parsed.body_text(0).unwrap()), lines(&message.text));
        if let Some(html) = &message.html {
            assert_eq!(lines(&parsed.body_html(0).unwrap()), lines(html));
        }
        assert_eq!(bytes, encode(message).unwrap(), "the same message gives the same bytes");
    }

    #[test]
    fn a_japanese_letter_arrives_as_it_was_written() {
        let mut message = message("m7-c2a1-0");
        message.subject =
            "【冬の贈り物】田中 花子様へ、あたたかいコートのご案内です。どうぞご覧ください".into();
        message.text = "花子様\n\n冬のコートが届きました。\n".into();
        message.html = Some("<p>花子様</p><p>冬のコートが届きました。</p>".into());
        message.from.name = Some("おもてなし商店".into());
        arrives(&message);
    }

    #[test]
    fn lines_of_any_length_and_dots_survive() {
        let mut message = message("m7-c2a1-0");
        message.text = format!(".\n..\n{}\nFrom here\n--=_m7-c2a1-0\n", "x".repeat(3000));
        message.html = Some(format!("<p>{}</p>", "y".repeat(3000)));
        arrives(&message);
    }

    #[test]
    fn nobody_smuggles_a_header_in() {
        let with = |change: fn(&mut Message)| {
            let mut message = message("m7-c2a1-0");
            change(&mut message);
            encode(&message).map(|_| ()).map_err(|dead| dead.fault)
        };
        assert_eq!(with(|it| it.subject = "a\r\nBcc: b@example.com".into()), Err(Fault::Message));
        assert_eq!(with(|it| it.from.name = Some("a\nb".into())), Err(Fault::Message));
        assert_eq!(with(|it| it.headers.push(("X".into(), "a\r\nY: b".into()))), Err(Fault::Message));
        assert_eq!(with(|it| it.to.address = "a@b.c>\r\nRCPT TO:<d@e.f".into()), Err(Fault::Address));
        assert_eq!(with(|it| it.to.address = "nobody".into()), Err(Fault::Address));
    }

    proptest! {
        #[test]
        fn any_subject_and_text_arrive_as_they_were_written(
            subject in "[^\\pC]{0,120}",
            text in "[^\\pC]{0,200}",
            html in "[^\\pC]{0,200}",
        ) {
            let mut message = message("m7-c2a1-0");
            let trimmed = subject.split_whitespace().collect::<Vec<_>>().join(" ");
            message.subject = trimmed.into();
            message.text = text.trim().into();
            message.html = Some(html.trim().into());
            arrives(&message);
        }
    }
}
