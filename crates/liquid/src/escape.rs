//! Makes text from people harmless in the output it goes into.

use crate::Escape;

/// Appends `text` to `out`, made harmless.
#[inline]
pub(crate) fn push(escape: Escape, text: &str, out: &mut String) {
    match escape {
        Escape::Html => push_html(text, out),
        Escape::Attribute => push_replaced(text, out, &ATTRIBUTE, html),
        Escape::Json => push_json(text, out),
        Escape::Url => push_url(text, out),
        Escape::Text => push_printable(text, out),
        Escape::Off => out.push_str(text),
    }
}

/// Which bytes must not stay as they are.
type Table = [bool; 256];

const ATTRIBUTE: Table = table(b"&<>\"'=` \t\n\r\x0c");

const fn table(special: &[u8]) -> Table {
    let mut table = [false; 256];
    let mut at = 0;
    while at < special.len() {
        table[special[at] as usize] = true;
        at += 1;
    }
    table
}

const fn html(byte: u8) -> &'static str {
    match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        b'\'' => "&#39;",
        b'=' => "&#61;",
        b'`' => "&#96;",
        b' ' => "&#32;",
        b'\t' => "&#9;",
        b'\n' => "&#10;",
        b'\r' => "&#13;",
        _ => "&#12;",
    }
}

/// Bytes that are looked at as one: while there are many, when there are few, and the bytes of a word.
const BLOCK: usize = 32;
const SMALL_BLOCK: usize = 16;
const WORD: usize = 8;

/// Copies runs of harmless text as a whole.
#[inline]
fn push_replaced(text: &str, out: &mut String, table: &Table, replacement: fn(u8) -> &'static str) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if table[usize::from(byte)] {
            out.push_str(&text[copied..at]);
            out.push_str(replacement(byte));
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

/// As [`push_replaced`] with the letters of [`Escape::Html`], but looks at many bytes at once.
#[inline]
pub(crate) fn push_html(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        if let Some(block) = bytes[at..].first_chunk::<BLOCK>()
            && !is_suspicious(block)
        {
            at += BLOCK;
            continue;
        }
        if let Some(block) = bytes[at..].first_chunk::<SMALL_BLOCK>()
            && !is_suspicious(block)
        {
            at += SMALL_BLOCK;
            continue;
        }
        let mut found = suspicious(word(bytes, at));
        while found != 0 {
            let place = at + found.trailing_zeros() as usize / 8;
            found &= found - 1;
            // One letter is suspected for its looks only.
            if bytes[place] != b'#' {
                out.push_str(&text[copied..place]);
                out.push_str(html(bytes[place]));
                copied = place + 1;
            }
        }
        at += WORD;
    }
    out.push_str(&text[copied..]);
}

/// Whether a block may hold `"`, `&`, `'` (and `#`, which differs from them in one bit), `<` or `>`.
/// Without a branch, so that the compiler looks at all bytes at once.
#[inline]
fn is_suspicious<const N: usize>(block: &[u8; N]) -> bool {
    block.iter().fold(false, |found, byte| found | (byte & !0x05 == 0x22) | (byte & !0x02 == 0x3c))
}

/// The bytes from `at` on as one number; zeros behind the end.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    if let Some(word) = bytes[at..].first_chunk::<WORD>() {
        return u64::from_le_bytes(*word);
    }
    match bytes.last_chunk::<WORD>() {
        // The last word of the text, without the bytes in front of `at`.
        Some(last) => u64::from_le_bytes(*last) >> (8 * (WORD + at - bytes.len())),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// The highest bit of every byte of `word` that [`is_suspicious`].
#[inline]
fn suspicious(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = 0x7f * EACH;
    let zeros = |bytes: u64| !(((bytes & LOW) + LOW) | bytes | LOW);
    zeros((word & !(0x05 * EACH)) ^ (0x22 * EACH)) | zeros((word & !(0x02 * EACH)) ^ (0x3c * EACH))
}

/// The inside of a JSON string. `<`, `>`, `&` and line separators are written so that a script stays one.
pub(crate) fn push_json(text: &str, out: &mut String) {
    let mut copied = 0;
    for (at, letter) in text.char_indices() {
        let short = match letter {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '<' => "\\u003c",
            '>' => "\\u003e",
            '&' => "\\u0026",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            control if control < ' ' => "",
            _ => continue,
        };
        out.push_str(&text[copied..at]);
        if short.is_empty() {
            out.push_str("\\u00");
            push_hex(u32::from(letter).to_le_bytes()[0], *b"0123456789abcdef", out);
        } else {
            out.push_str(short);
        }
        copied = at + letter.len_utf8();
    }
    out.push_str(&text[copied..]);
}

fn push_hex(byte: u8, digits: [u8; 16], out: &mut String) {
    out.push(char::from(digits[usize::from(byte >> 4)]));
    out.push(char::from(digits[usize::from(byte & 15)]));
}

/// Percent-encodes everything but letters, digits and `- . _ ~`.
pub(crate) fn push_url(text: &str, out: &mut String) {
    push_percent(text, out, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
}

/// Percent-encodes every byte that is not `plain`.
pub(crate) fn push_percent(text: &str, out: &mut String, plain: impl Fn(u8) -> bool) {
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            push_hex(byte, *b"0123456789ABCDEF", out);
        }
    }
}

fn push_printable(text: &str, out: &mut String) {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        out.extend(text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\t' | '\n')));
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(escape: Escape, text: &str, expected: &str) {
        let mut out = String::new();
        push(escape, text, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn html_leaves_no_way_out_of_text_or_a_quoted_attribute() {
        check(Escape::Html, "<b a=\"x\" c='y'>&", "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
        check(Escape::Html, "日本語 a=b", "日本語 a=b");
    }

    #[test]
    fn long_text_is_escaped_wherever_the_letter_stands() {
        for at in 0..100 {
            let (front, back) = ("x".repeat(at), "é".repeat(50));
            for (letter, reference) in
                [("<", "&lt;"), ("'", "&#39;"), ("#", "#"), ("&>\"#", "&amp;&gt;&quot;#")]
            {
                let text = format!("{front}{letter}{back}");
                check(Escape::Html, &text, &format!("{front}{reference}{back}"));
            }
        }
    }

    #[test]
    fn an_attribute_needs_no_quotes() {
        check(Escape::Attribute, "x onload=`y`", "x&#32;onload&#61;&#96;y&#96;");
    }

    #[test]
    fn a_part_of_a_url_is_percent_encoded() {
        check(Escape::Url, "a b/c?é~", "a%20b%2Fc%3F%C3%A9~");
    }

    #[test]
    fn a_json_string_stays_a_string_and_a_script_a_script() {
        check(Escape::Json, "\"\\\n\u{1}</script>", "\\\"\\\\\\n\\u0001\\u003c/script\\u003e");
    }

    #[test]
    fn plain_text_has_no_control_characters() {
        check(Escape::Text, "a\r\nb\u{0}\tc<", "a\nb\tc<");
    }
}
