//! Filters that write text for HTML, URLs, JSON and base 64, and read it back.

use super::{Call, Filter};
use crate::context::{Buffer, Context, Outcome};
use crate::value::Value;
use crate::{Escape, display, escape};

pub(super) const FILTERS: &[Filter] = &[
    Filter::new(
        "escape",
        (0, 0),
        escape_html,
        ("{{ '<b>' | escape }}", "&lt;b&gt;"),
        "Writes `& < > \" '` as HTML references. What is escaped so is not escaped again.",
    )
    .escaping(),
    Filter::new("h", (0, 0), escape_html, ("{{ '<' | h }}", "&lt;"), "As `escape`.").escaping(),
    Filter::new(
        "escape_once",
        (0, 0),
        escape_once,
        ("{{ '&lt;b> & c' | escape_once }}", "&lt;b&gt; &amp; c"),
        "As `escape`, but leaves references as they are.",
    ),
    Filter::new(
        "raw",
        (0, 0),
        raw,
        ("{{ '<b>' | raw }}", "<b>"),
        "Says that a value is fit for the output as it is: it is not escaped.",
    )
    .own(),
    Filter::new(
        "strip_html",
        (0, 0),
        strip_html,
        ("{{ '<p>a <b>b</b></p>' | strip_html }}", "a b"),
        "Takes tags, comments, scripts and styles away.",
    ),
    Filter::new(
        "newline_to_br",
        (0, 0),
        newline_to_br,
        ("{% capture x %}a\nb{% endcapture %}{{ x | newline_to_br }}", "a<br />\nb"),
        "Puts `<br />` in front of line breaks. In HTML, the text is escaped first.",
    )
    .depends(),
    Filter::new(
        "url_encode",
        (0, 0),
        url_encode,
        ("{{ 'a b@c' | url_encode }}", "a+b%40c"),
        "Percent-encodes a text for a query; a space becomes `+`.",
    ),
    Filter::new(
        "url_param_escape",
        (0, 0),
        url_part,
        ("{{ 'a b&c' | url_param_escape }}", "a%20b%26c"),
        "Percent-encodes a text for any part of a URL.",
    )
    .compatible(),
    Filter::new(
        "url_escape",
        (0, 0),
        url_whole,
        ("{{ 'https://x.jp/a b' | url_escape }}", "https://x.jp/a%20b"),
        "Percent-encodes what cannot stand in a URL at all.",
    )
    .compatible(),
    Filter::new(
        "url_decode",
        (0, 0),
        url_decode,
        ("{{ 'a+b%40c' | url_decode }}", "a b@c"),
        "Reads a percent-encoded text.",
    )
    .uncovering(),
    Filter::new(
        "base64_encode",
        (0, 0),
        base64_encode,
        ("{{ '_#/.' | base64_encode }}", "XyMvLg=="),
        "Writes a text in base 64.",
    ),
    Filter::new(
        "base64_decode",
        (0, 0),
        base64_decode,
        ("{{ 'XyMvLg==' | base64_decode }}", "_#/."),
        "Reads a text in base 64; anything else is an error.",
    )
    .uncovering(),
    Filter::new(
        "base64_url_safe_encode",
        (0, 0),
        base64_url_safe_encode,
        ("{{ '??>' | base64_url_safe_encode }}", "Pz8-"),
        "As `base64_encode`, with `-` and `_`.",
    ),
    Filter::new(
        "base64_url_safe_decode",
        (0, 0),
        base64_url_safe_decode,
        ("{{ 'Pz8-' | base64_url_safe_decode }}", "??>"),
        "As `base64_decode`, with `-` and `_`.",
    )
    .uncovering(),
    Filter::new(
        "json",
        (0, 0),
        json,
        ("{{ 'say \"hi\"' | json }}", "\"say \\\"hi\\\"\""),
        "Writes a value as JSON, fit for a script. In HTML it is escaped as any text; `raw` leaves it as it is.",
    )
    .own(),
    Filter::new(
        "as_json_string",
        (0, 0),
        json,
        ("{{ 'say \"hi\"' | as_json_string }}", "\"say \\\"hi\\\"\""),
        "As `json`.",
    )
    .compatible(),
    Filter::new(
        "json_escape",
        (0, 0),
        json_escape,
        ("{{ 'a \"b\"' | json_escape }}", "a \\\"b\\\""),
        "Writes the inside of a JSON string.",
    )
    .compatible(),
];

fn written<'a>(
    call: &Call<'_, 'a>,
    cx: &mut Context<'a>,
    write: fn(&str, &mut String),
) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let mut out = String::new();
    write(text, &mut out);
    Ok(Value::Markup(cx.keep(&out)?))
}

fn escape_html<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    if call.input.is_nil() {
        return Ok(call.input);
    }
    written(call, cx, |text, out| escape::push(Escape::Html, text, out))
}

fn escape_once<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    written(call, cx, |text, out| {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            escape::push(Escape::Html, &rest[..at], out);
            rest = &rest[at..];
            let length = reference(rest).unwrap_or(0);
            out.push_str(if length == 0 { "&amp;" } else { &rest[..length] });
            rest = &rest[length.max(1)..];
        }
        escape::push(Escape::Html, rest, out);
    })
}

/// The length of the HTML reference at the start of a text.
fn reference(text: &str) -> Option<usize> {
    let end = text.as_bytes().iter().take(34).position(|byte| *byte == b';')?;
    let inside = text.get(1..end)?;
    let fits = match inside.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()),
        },
        None => !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    fits.then_some(end + 1)
}

fn raw<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    if call.input.is_nil() {
        return Ok(call.input);
    }
    Ok(Value::Markup(call.input_text(cx)?))
}

/// What surrounds a piece that `strip_html` takes away as a whole.
const BLOCKS: &[(&str, &str)] = &[("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>")];

fn strip_html<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let mut out = cx.buffer();
    let mut rest = text;
    // A block without its end is looked for once only: there is none further on either.
    let mut ends = [true; BLOCKS.len()];
    let mut closes = true;
    while let Some(at) = rest.find('<') {
        out.push(&rest[..at])?;
        rest = &rest[at..];
        let skipped = match block(rest, &mut ends) {
            Some(length) => Some(length),
            None if closes => {
                let end = rest.find('>').map(|end| end + 1);
                closes = end.is_some();
                end
            }
            None => None,
        };
        if skipped.is_none() {
            out.push("<")?;
        }
        rest = &rest[skipped.unwrap_or(1)..];
    }
    out.push(rest)?;
    Ok(Value::Text(out.finish()))
}

fn block(rest: &str, ends: &mut [bool; BLOCKS.len()]) -> Option<usize> {
    for ((open, close), worth) in BLOCKS.iter().zip(ends) {
        if *worth && rest.starts_with(open) {
            let end = rest.find(close).map(|end| end + close.len());
            *worth = end.is_some();
            return end;
        }
    }
    None
}

fn newline_to_br<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut text = call.input_text(cx)?;
    let mode = cx.options.escape;
    let html = matches!(mode, Escape::Html | Escape::Attribute);
    if html && matches!(call.input, Value::Text(_)) {
        let mut escaped = String::new();
        escape::push(Escape::Html, text, &mut escaped);
        text = cx.keep(&escaped)?;
    }
    let mut out = cx.buffer();
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_some() {
            out.push(line.strip_suffix('\r').unwrap_or(line))?;
            out.push("<br />\n")?;
        } else {
            out.push(line)?;
        }
    }
    let text = out.finish();
    Ok(if html { Value::Markup(text) } else { Value::Text(text) })
}

fn url_encode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    if call.input.is_nil() {
        return Ok(call.input);
    }
    written(call, cx, |text, out| {
        for (number, piece) in text.split(' ').enumerate() {
            if number > 0 {
                out.push('+');
            }
            escape::push_url(piece, out);
        }
    })
}

fn url_part<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    written(call, cx, escape::push_url)
}

fn url_whole<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let mut out = String::new();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    escape::push_percent(text, &mut out, plain);
    Ok(Value::Text(cx.keep(&out)?))
}

fn url_decode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, percent(tail)) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = &tail[2..];
            }
            (other, _) => bytes.push(*other),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| call.problem("not UTF-8"))?;
    Ok(Value::Text(cx.keep(&text)?))
}

fn percent(tail: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*tail.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64_encode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    encode(call, cx, STANDARD)
}

fn base64_url_safe_encode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    encode(call, cx, URL_SAFE)
}

fn encode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>, alphabet: &[u8; 64]) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let mut out = cx.buffer();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| usize::from(chunk.get(at).copied().unwrap_or(0));
        let sextets = [
            byte(0) >> 2,
            (byte(0) & 3) << 4 | byte(1) >> 4,
            (byte(1) & 15) << 2 | byte(2) >> 6,
            byte(2) & 63,
        ];
        for (at, sextet) in sextets.into_iter().enumerate() {
            out.push_char(if at <= chunk.len() { char::from(alphabet[sextet]) } else { '=' })?;
        }
    }
    Ok(Value::Text(out.finish()))
}

fn base64_decode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    decode(call, cx, STANDARD)
}

fn base64_url_safe_decode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    decode(call, cx, URL_SAFE)
}

fn decode<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>, alphabet: &[u8; 64]) -> Outcome<Value<'a>> {
    if !call.input.is_text() && !call.input.is_nil() {
        return Err(call.problem("not base 64"));
    }
    let text = call.input_text(cx)?;
    let bytes = decode_bytes(text, alphabet).ok_or_else(|| call.problem("not base 64"))?;
    let text = String::from_utf8(bytes).map_err(|_| call.problem("not UTF-8"))?;
    Ok(Value::Text(cx.keep(&text)?))
}

fn decode_bytes(text: &str, alphabet: &[u8; 64]) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > 2 || digits.len() % 4 == 1 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let sextet = alphabet.iter().position(|known| *known == digit)?;
        held = (held << 6 | u32::try_from(sextet).ok()?) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits).to_le_bytes()[0]);
        }
    }
    Some(bytes)
}

fn json<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut out = cx.buffer();
    write_json(call.input, cx, &mut out, 0)?;
    let text = out.finish();
    Ok(match cx.options.escape {
        Escape::Html | Escape::Attribute | Escape::Url => Value::Text(text),
        Escape::Json | Escape::Text | Escape::Off => Value::Markup(text),
    })
}

fn write_json<'a>(value: Value<'a>, cx: &mut Context<'a>, out: &mut Buffer<'a>, depth: usize) -> Outcome<()> {
    cx.charge(1)?;
    match value {
        Value::Nil | Value::Missing(_) | Value::Empty | Value::Blank => out.push("null"),
        Value::Float(number) if !number.is_finite() => out.push("null"),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            let text = cx.text(value)?;
            out.push(text)
        }
        Value::Text(_) | Value::Markup(_) | Value::Time(_) => {
            let text = cx.text(value)?;
            write_json_text(text, out)
        }
        Value::Range(..) | Value::Slice(_) | Value::List(_) | Value::Map(_)
            if depth >= display::NESTING_MAX =>
        {
            out.push("null")
        }
        Value::Range(..) | Value::Slice(_) | Value::List(_) => {
            out.push("[")?;
            for index in 0..value.list_len() {
                out.push(if index > 0 { "," } else { "" })?;
                write_json(value.item(index, cx.arena).unwrap_or_default(), cx, out, depth + 1)?;
            }
            out.push("]")
        }
        Value::Map(map) => {
            out.push("{")?;
            for index in 0..map.len() {
                let Some((name, item)) = map.entry(index, cx.arena) else { break };
                out.push(if index > 0 { "," } else { "" })?;
                write_json_text(name, out)?;
                out.push(":")?;
                write_json(item, cx, out, depth + 1)?;
            }
            out.push("}")
        }
    }
}

fn write_json_text(text: &str, out: &mut Buffer<'_>) -> Outcome<()> {
    let mut inside = String::new();
    escape::push_json(text, &mut inside);
    out.push("\"")?;
    out.push(&inside)?;
    out.push("\"")
}

fn json_escape<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    written(call, cx, escape::push_json)
}
