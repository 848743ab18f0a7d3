//! E-mail addresses and telephone numbers: the one form in which they identify and reach people.

use model::Text;

/// The shortest and longest numbers that the numbering plans of the world contain, in digits.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;
/// The longest address that mail servers have to accept.
const EMAIL_BYTES_MAX: usize = 254;

/// An e-mail address in lower case without surrounding blanks; `None` when it cannot be one.
///
/// The shape is checked, not the existence: one `@`, something on both sides, a
/// domain with a dot, no blanks or control characters. Only the mail server knows more.
pub fn email(text: &str) -> Option<Text> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let shape = !local.is_empty()
        && !local.contains('@')
        && text.len() <= EMAIL_BYTES_MAX
        && domain.split('.').count() > 1
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'));
    shape.then(|| text.to_lowercase().into())
}

/// A telephone number in E.164 (`+819012345678`); `None` when it is not in the international form.
///
/// `+`, then 6 to 15 digits, which blanks, dots, hyphens, slashes and brackets may
/// separate. A national number (`090-1234-5678`) would need the country, and a
/// wrong guess reaches a stranger, so it stays a trait and reaches nobody.
pub fn phone(text: &str) -> Option<Text> {
    let digits = text.trim().strip_prefix('+')?;
    let mut number = String::with_capacity(digits.len() + 1);
    number.push('+');
    for c in digits.chars() {
        match c {
            '0'..='9' => number.push(c),
            ' ' | '\u{a0}' | '.' | '-' | '/' | '(' | ')' => {}
            _ => return None,
        }
    }
    let plausible = PHONE_DIGITS.contains(&(number.len() - 1)) && !number.starts_with("+0");
    plausible.then(|| number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_one_address_in_lower_case() {
        assert_eq!(email(" Peter@Example.com ").as_deref(), Some("peter@example.com"));
        assert_eq!(email("山田@例え.jp").as_deref(), Some("山田@例え.jp"));
        for wrong in [
            "",
            "peter",
            "@example.com",
            "a@b",
            "a b@example.com",
            "a@b@c.jp",
            "a@.jp",
            "x@-a.jp",
            "<a@b.jp>",
        ] {
            assert_eq!(email(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_phone_number_needs_its_country() {
        assert_eq!(phone("+81 90-1234-5678").as_deref(), Some("+819012345678"));
        assert_eq!(phone("+1 (415) 555 1234").as_deref(), Some("+14155551234"));
        for wrong in [
            "",
            "+",
            "090-1234-5678",
            "410-555-9412",
            "+12345",
            "+0123456789",
            "+1234567890123456",
            "+1415555x",
        ] {
            assert_eq!(phone(wrong), None, "{wrong}");
        }
    }
}
