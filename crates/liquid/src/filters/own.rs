//! Filters beyond Shopify's: money, numbers, translations, catalogues, links, width.

use super::number::{Decimal, Number};
use super::{Call, Filter};
use crate::context::{Context, Outcome};
use crate::locale::{CURRENCIES, Locale};
use crate::value::Value;
use crate::{Escape, Why, escape, width};

pub(super) const FILTERS: &[Filter] = &[
    Filter::new(
        "money",
        (1, 1),
        money,
        ("{{ 1234.5 | money: 'EUR', locale: 'de' }}", "1.234,50\u{a0}€"),
        "Writes an amount in a currency as the locale does, rounded to the digits the currency has.",
    )
    .named(&["locale"])
    .own()
    .depends(),
    Filter::new(
        "number",
        (0, 1),
        number,
        ("{{ 1234567.891 | number: 2 }}", "1,234,567.89"),
        "Writes a number as the locale does, with so many digits behind the point, or as many as it has.",
    )
    .named(&["locale"])
    .own()
    .depends(),
    Filter::new(
        "number_with_delimiter",
        (0, 0),
        number,
        ("{{ 123456 | number_with_delimiter }}", "123,456"),
        "As `number`.",
    )
    .named(&["locale"])
    .compatible()
    .depends(),
    Filter::new(
        "t",
        (0, 0),
        translate,
        ("{{ 'greeting' | t: name: 'Aiko' }}", "greeting"),
        "The text that belongs to a key in the locale. Named arguments fill its `{{ name }}`; with `count:`, `key.zero`, `key.one` or `key.other` is taken. Without such a text the key itself is written, and reported.",
    )
    .named(&["*"])
    .own()
    .depends(),
    Filter::new(
        "catalogue",
        (1, 1),
        catalogue,
        ("{% assign item = 'sku-1' | catalogue: 'products' %}{{ item.name | default: 'none' }}", "none"),
        "The item of a catalogue that has this key.",
    )
    .own()
    .depends(),
    Filter::new(
        "url",
        (0, 1),
        url,
        ("{{ 'https://example.com' | url: 'hero' }}", "https://example.com"),
        "The address to put instead of this one, so that a click is known; what it is called may be said.",
    )
    .own()
    .depends(),
    Filter::new(
        "width",
        (0, 0),
        columns,
        ("{{ '日本語' | width }}", "6"),
        "How many columns a text takes; Japanese letters take two.",
    )
    .own(),
    Filter::new(
        "truncate_width",
        (1, 2),
        truncate_width,
        ("{{ 'おもてなしの心' | truncate_width: 9 }}", "おもてな…"),
        "At most so many columns, an ellipsis (`…`) of one's choice included.",
    )
    .own(),
];

fn locale<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<&'static Locale> {
    let code = call.named("locale").map_or(Ok(cx.options.locale), |code| cx.text(code))?;
    Ok(Locale::find(code))
}

/// The digits of a number, rounded; nothing when it is no number.
fn digits<'a>(value: Value<'a>, behind: Option<i64>, cx: &mut Context<'a>) -> Option<String> {
    let (number, fit) = Number::of(value);
    let decimal = Decimal::of(number).filter(|_| fit && !value.is_nil());
    let Some(decimal) = decimal else {
        if !value.is_nil() {
            cx.unfit(Why::WrongType);
        }
        return None;
    };
    let behind = behind.unwrap_or(i64::from(decimal.scale)).clamp(0, 12);
    let rounded = decimal.round(behind);
    let places = usize::try_from(behind).unwrap_or(0);
    let scale = usize::try_from(rounded.scale).unwrap_or(0);
    let written = format!("{:0>width$}", rounded.mantissa.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = written.split_at(written.len() - scale);
    let sign = if rounded.mantissa < 0 { "-" } else { "" };
    Some(if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction:0<places$}") })
}

fn money<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let locale = locale(call, cx)?;
    let code = call.argument_text(0, cx)?;
    let known = CURRENCIES.iter().find(|currency| currency.code.eq_ignore_ascii_case(code));
    let (sign, places) = known.map_or((code, 2), |currency| (currency.sign, i64::from(currency.digits)));
    let Some(digits) = digits(call.input, Some(places), cx) else { return Ok(call.input) };
    let mut out = String::new();
    locale.money(&digits, sign, &mut out);
    Ok(Value::Text(cx.keep(&out)?))
}

fn number<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let locale = locale(call, cx)?;
    let behind = if call.given(0).is_some() { Some(call.integer(0)?) } else { None };
    let Some(digits) = digits(call.input, behind, cx) else { return Ok(call.input) };
    let mut out = String::new();
    locale.number(&digits, &mut out);
    Ok(Value::Text(cx.keep(&out)?))
}

fn translate<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let key = call.input_text(cx)?;
    let code = call.named("locale").map_or(Ok(cx.options.locale), |code| cx.text(code))?;
    let source = cx.options.translations;
    let find = |key: &str| source.and_then(|source| source.text(key, code));
    let counted = match call.named("count") {
        Some(Value::Int(0)) => find(&format!("{key}.zero")).or_else(|| find(&format!("{key}.other"))),
        Some(Value::Int(1)) => find(&format!("{key}.one")).or_else(|| find(&format!("{key}.other"))),
        Some(_) => find(&format!("{key}.other")),
        None => None,
    };
    let Some(text) = counted.or_else(|| find(key)) else {
        cx.unfit(Why::NoTranslation);
        return Ok(call.input);
    };
    fill(text, call, cx)
}

/// Puts named arguments into the places of a translated text, made harmless; the text itself is the author's.
fn fill<'a>(text: &str, call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = inside.split_once("}}") else {
            out.push_str("{{");
            rest = inside;
            continue;
        };
        rest = after;
        if let Some(value) = call.named(name.trim()) {
            let text = cx.text(value)?;
            let mode = if matches!(value, Value::Markup(_)) { Escape::Off } else { cx.options.escape };
            escape::push(mode, text, &mut out);
        }
        cx.charge_bytes(out.len())?;
    }
    out.push_str(rest);
    Ok(Value::Markup(cx.keep(&out)?))
}

fn catalogue<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    if call.input.is_nil() {
        return Ok(Value::Nil);
    }
    let (key, name) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    let item = cx.options.catalogues.and_then(|catalogues| catalogues.item(name, key, cx.arena));
    if item.is_none() {
        cx.unfit(Why::NoItem);
    }
    Ok(item.unwrap_or_default())
}

fn url<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let Some(links) = cx.options.links.filter(|_| !call.input.is_nil()) else { return Ok(call.input) };
    let (address, label) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    let mut out = String::new();
    links.link(address, label, &mut out);
    Ok(Value::Text(cx.keep(&out)?))
}

fn columns<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    cx.charge(text.len() / 4)?;
    Ok(super::math::size(width::of_text(text)))
}

fn truncate_width<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    let most = usize::try_from(call.integer(0)?).unwrap_or(0);
    let ellipsis = call.given(1).map_or(Ok("…"), |ellipsis| cx.text(ellipsis))?;
    cx.charge(text.len() / 4)?;
    if width::of_text(text) <= most {
        return Ok(call.input);
    }
    let mut out = cx.buffer();
    out.push(width::front(text, most.saturating_sub(width::of_text(ellipsis))))?;
    out.push(ellipsis)?;
    Ok(Value::Text(out.finish()))
}
