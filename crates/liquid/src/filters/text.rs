//! Filters for text.

use super::math::size as sized;
use super::{Call, Filter};
use crate::compare::is_empty;
use crate::context::{Context, Outcome};
use crate::value::Value;

pub(super) const FILTERS: &[Filter] = &[
    Filter::new("append", (1, 1), append, ("{{ 'a' | append: 'b' }}", "ab"), "Puts a text behind."),
    Filter::new("prepend", (1, 1), prepend, ("{{ 'a' | prepend: 'b' }}", "ba"), "Puts a text in front."),
    Filter::new(
        "capitalize",
        (0, 0),
        capitalize,
        ("{{ 'hello World' | capitalize }}", "Hello world"),
        "The first letter large, all others small.",
    ),
    Filter::new("upcase", (0, 0), upcase, ("{{ 'straße' | upcase }}", "STRASSE"), "All letters large."),
    Filter::new("downcase", (0, 0), downcase, ("{{ 'ABC' | downcase }}", "abc"), "All letters small."),
    Filter::new(
        "default",
        (0, 1),
        default,
        ("{{ nickname | default: 'friend' }}", "friend"),
        "What to say instead of nothing, `false` or something empty. With `allow_false: true`, `false` stays.",
    )
    .named(&["allow_false"])
    .guarding(),
    Filter::new("strip", (0, 0), strip, ("[{{ ' a ' | strip }}]", "[a]"), "Takes white space away at both ends."),
    Filter::new("lstrip", (0, 0), lstrip, ("[{{ ' a ' | lstrip }}]", "[a ]"), "Takes white space away in front."),
    Filter::new("rstrip", (0, 0), rstrip, ("[{{ ' a ' | rstrip }}]", "[ a]"), "Takes white space away behind."),
    Filter::new(
        "strip_newlines",
        (0, 0),
        strip_newlines,
        ("{% capture x %}a\nb{% endcapture %}{{ x | strip_newlines }}", "ab"),
        "Takes line breaks away.",
    ),
    Filter::new(
        "remove",
        (1, 1),
        remove,
        ("{{ 'banana' | remove: 'an' }}", "ba"),
        "Takes every occurrence of a text away.",
    ),
    Filter::new(
        "remove_first",
        (1, 1),
        remove_first,
        ("{{ 'banana' | remove_first: 'an' }}", "bana"),
        "Takes the first occurrence away.",
    ),
    Filter::new(
        "remove_last",
        (1, 1),
        remove_last,
        ("{{ 'banana' | remove_last: 'an' }}", "bana"),
        "Takes the last occurrence away.",
    ),
    Filter::new(
        "replace",
        (1, 2),
        replace,
        ("{{ 'banana' | replace: 'a', 'o' }}", "bonono"),
        "Puts a text in the place of every occurrence of another.",
    ),
    Filter::new(
        "replace_first",
        (1, 2),
        replace_first,
        ("{{ 'banana' | replace_first: 'a', 'o' }}", "bonana"),
        "Puts a text in the place of the first occurrence.",
    ),
    Filter::new(
        "replace_last",
        (2, 2),
        replace_last,
        ("{{ 'banana' | replace_last: 'a', 'o' }}", "banano"),
        "Puts a text in the place of the last occurrence.",
    ),
    Filter::new(
        "size",
        (0, 0),
        size,
        ("{{ 'こんにちは' | size }}", "5"),
        "How many characters, items or names there are.",
    ),
    Filter::new(
        "slice",
        (1, 2),
        slice,
        ("{{ 'Liquid' | slice: -3, 2 }}", "ui"),
        "So many characters or items from a place on; a negative place counts from the end.",
    ),
    Filter::new(
        "split",
        (1, 1),
        split,
        ("{{ 'a-b-c' | split: '-' | last }}", "c"),
        "A list of the pieces between the occurrences of a text; `''` gives single characters.",
    ),
    Filter::new(
        "truncate",
        (0, 2),
        truncate,
        ("{{ 'Ground control to Major Tom' | truncate: 17 }}", "Ground control..."),
        "At most so many characters (50), an ellipsis of one's choice included.",
    ),
    Filter::new(
        "truncatewords",
        (0, 2),
        truncatewords,
        ("{{ 'one two three' | truncatewords: 2 }}", "one two..."),
        "At most so many words (15), then an ellipsis of one's choice.",
    ),
];

fn append<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (front, back) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    join(front, back, cx)
}

fn prepend<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (back, front) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    join(front, back, cx)
}

fn join<'a>(front: &str, back: &str, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut out = cx.buffer();
    out.push(front)?;
    out.push(back)?;
    Ok(Value::Text(out.finish()))
}

fn capitalize<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let mut out = cx.buffer();
    let mut letters = text.chars();
    for letter in letters.next().into_iter().flat_map(char::to_uppercase) {
        out.push_char(letter)?;
    }
    for letter in letters.flat_map(char::to_lowercase) {
        out.push_char(letter)?;
    }
    Ok(Value::Text(out.finish()))
}

fn upcase<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    Ok(Value::Text(cx.keep(&text.to_uppercase())?))
}

fn downcase<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    Ok(Value::Text(cx.keep(&text.to_lowercase())?))
}

fn default<'a>(call: &Call<'_, 'a>, _: &mut Context<'a>) -> Outcome<Value<'a>> {
    let allow_false = call.named("allow_false").is_some_and(|value| value.is_true());
    let input = call.input;
    let untrue = matches!(input, Value::Bool(false)) && !allow_false;
    let absent = untrue || input.is_nil() || is_empty(input) || matches!(input, Value::Empty);
    Ok(if absent { call.given(0).unwrap_or(Value::Markup("")) } else { call.input })
}

fn is_space(letter: char) -> bool {
    letter.is_ascii_whitespace() || matches!(letter, '\0' | '\x0b')
}

fn strip<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(Value::Text(call.input_text(cx)?.trim_matches(is_space)))
}

fn lstrip<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(Value::Text(call.input_text(cx)?.trim_start_matches(is_space)))
}

fn rstrip<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(Value::Text(call.input_text(cx)?.trim_end_matches(is_space)))
}

fn strip_newlines<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let mut out = cx.buffer();
    for line in text.split('\n') {
        out.push(line.strip_suffix('\r').unwrap_or(line))?;
    }
    Ok(Value::Text(out.finish()))
}

fn remove<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, part) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    exchange_all(text, part, "", cx)
}

fn remove_first<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, part) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    exchange(text, text.find(part), (part, ""), cx)
}

fn remove_last<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, part) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    exchange(text, text.rfind(part), (part, ""), cx)
}

fn replace<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, part) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    let instead = call.argument_text(1, cx)?;
    exchange_all(text, part, instead, cx)
}

fn replace_first<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, part) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    let instead = call.argument_text(1, cx)?;
    exchange(text, text.find(part), (part, instead), cx)
}

fn replace_last<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, part) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    let instead = call.argument_text(1, cx)?;
    exchange(text, text.rfind(part), (part, instead), cx)
}

fn exchange_all<'a>(text: &str, part: &str, instead: &str, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut out = cx.buffer();
    let mut copied = 0;
    for (at, found) in text.match_indices(part) {
        cx.charge(1)?;
        out.push(&text[copied..at])?;
        out.push(instead)?;
        copied = at + found.len();
    }
    out.push(&text[copied..])?;
    Ok(Value::Text(out.finish()))
}

fn exchange<'a>(
    text: &'a str,
    at: Option<usize>,
    (part, instead): (&str, &str),
    cx: &mut Context<'a>,
) -> Outcome<Value<'a>> {
    let Some(at) = at else { return Ok(Value::Text(text)) };
    let mut out = cx.buffer();
    out.push(&text[..at])?;
    out.push(instead)?;
    out.push(&text[at + part.len()..])?;
    Ok(Value::Text(out.finish()))
}

fn size<'a>(call: &Call<'_, 'a>, _: &mut Context<'a>) -> Outcome<Value<'a>> {
    Ok(match call.input {
        Value::Text(text) | Value::Markup(text) => sized(text.chars().count()),
        Value::Slice(_) | Value::List(_) | Value::Range(..) => sized(call.input.list_len()),
        Value::Map(map) => sized(map.len()),
        Value::Int(_) => Value::Int(8),
        Value::Nil
        | Value::Missing(_)
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Empty
        | Value::Blank => Value::Int(0),
    })
}

fn slice<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let from = call.integer(0)?;
    let length = if call.argument(1).is_nil() { 1 } else { call.integer(1)? };
    if matches!(call.input, Value::Slice(_) | Value::List(_)) {
        let items = cx.items(call.input, crate::context::Flat::No)?;
        let (start, end) = bounds(from, length, items.len()).unwrap_or((0, 0));
        return Ok(Value::Slice(&items[start..end]));
    }
    let text = call.input_text(cx)?;
    let (start, end) = bounds(from, length, text.chars().count()).unwrap_or((0, 0));
    Ok(Value::Text(characters(text, start, end)))
}

/// The start and end of a slice, or nothing when it lies outside.
fn bounds(from: i64, length: i64, total: usize) -> Option<(usize, usize)> {
    let start = if from < 0 {
        total.checked_sub(usize::try_from(from.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(from).ok()?
    };
    let length = usize::try_from(length).ok()?;
    (start <= total).then(|| (start, start.saturating_add(length).min(total)))
}

/// The part of a text between two characters.
fn characters(text: &str, start: usize, end: usize) -> &str {
    let byte = |index| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    &text[byte(start)..byte(end)]
}

fn split<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, by) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    cx.charge(text.len() / 4)?;
    cx.demand_values(if by.is_empty() { text.len() } else { text.matches(by).count() })?;
    let mut pieces: Vec<Value<'a>> = match by {
        " " => text.split(is_space).filter(|piece| !piece.is_empty()).map(Value::Text).collect(),
        "" => {
            text.char_indices().map(|(at, letter)| Value::Text(&text[at..at + letter.len_utf8()])).collect()
        }
        by => text.split(by).map(Value::Text).collect(),
    };
    while pieces.last().is_some_and(|piece| is_empty(*piece)) {
        pieces.pop();
    }
    Ok(Value::Slice(cx.keep_values(&pieces)?))
}

fn truncate<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    if call.input.is_nil() {
        return Ok(Value::Nil);
    }
    let text = call.input_text(cx)?;
    let most = if call.given(0).is_none() { 50 } else { call.integer(0)? };
    let most = usize::try_from(most).unwrap_or(0);
    let ellipsis = ellipsis(call, cx)?;
    if text.chars().count() <= most {
        return Ok(Value::Text(text));
    }
    let kept = most.saturating_sub(ellipsis.chars().count());
    join(characters(text, 0, kept), ellipsis, cx)
}

fn ellipsis<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<&'a str> {
    call.given(1).map_or(Ok("..."), |ellipsis| cx.text(ellipsis))
}

fn truncatewords<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    if call.input.is_nil() {
        return Ok(Value::Nil);
    }
    let text = call.input_text(cx)?;
    let most = if call.given(0).is_none() { 15 } else { call.integer(0)? };
    let most = usize::try_from(most).unwrap_or(0).max(1);
    let ellipsis = ellipsis(call, cx)?;
    let mut words = text.split(is_space).filter(|word| !word.is_empty());
    let mut out = cx.buffer();
    for word in words.by_ref().take(most) {
        if !out.is_empty() {
            out.push(" ")?;
        }
        out.push(word)?;
    }
    if words.next().is_none() {
        return Ok(Value::Text(text));
    }
    out.push(ellipsis)?;
    Ok(Value::Text(out.finish()))
}
