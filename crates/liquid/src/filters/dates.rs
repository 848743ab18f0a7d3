//! Filters for dates and times.

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::{Call, Filter};
use crate::context::{Context, Outcome};
use crate::locale::{Locale, STYLES};
use crate::value::Value;
use crate::{Why, moment};

pub(super) const FILTERS: &[Filter] = &[
    Filter::new(
        "date",
        (1, 1),
        date,
        ("{{ 'March 14, 2016' | date: '%b %-d, %y' }}", "Mar 14, 16"),
        "Writes a date as strftime says. The input is a time, seconds since 1970, `now`, `today`, or a date as people or machines write it; what is no date stays as it is. `zone:` and `locale:` say where and for whom.",
    )
    .named(&["zone", "locale"])
    .depends(),
    Filter::new(
        "local_date",
        (0, 1),
        local_date,
        ("{{ '2016-03-14' | local_date: 'long', locale: 'ja' }}", "2016年3月14日"),
        "Writes a date as it is customary in the locale: `short`, `medium` (unless said otherwise), `long`, `full`, or only the `time`.",
    )
    .named(&["zone", "locale"])
    .own()
    .depends(),
    Filter::new(
        "time_zone",
        (1, 1),
        time_zone,
        ("{{ 0 | time_zone: 'Asia/Tokyo' | date: '%H:%M' }}", "09:00"),
        "The same moment as clocks in another time zone show it.",
    )
    .compatible()
    .depends(),
];

/// The moment that a filter was given.
fn input<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Option<Zoned>> {
    let zone = cx.zone();
    let now = cx.options.now_ms;
    Ok(match call.input {
        Value::Time(instant_ms) => moment::at(instant_ms, zone),
        Value::Int(seconds) => moment::at(seconds.saturating_mul(1_000), zone),
        Value::Text(text) | Value::Markup(text) => {
            cx.charge_bytes(text.len())?;
            match text {
                "" => None,
                "now" | "today" | "Now" | "Today" => moment::at(now, zone),
                text if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < 16 => {
                    let seconds: i64 = text.parse().unwrap_or(0);
                    moment::at(seconds.saturating_mul(1_000), zone)
                }
                text => {
                    let today = moment::at(now, zone.clone()).map(|now| now.date()).unwrap_or_default();
                    moment::read(text, &zone, today)
                }
            }
        }
        Value::Nil
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Range(..)
        | Value::Slice(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Empty
        | Value::Blank
        | Value::Missing(_) => None,
    })
}

fn named_zone<'a>(name: Value<'a>, call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<TimeZone> {
    let name = cx.text(name)?;
    TimeZone::get(name).map_err(|_| call.problem(format!("unknown time zone. zone=`{name}`")))
}

fn locale<'a>(
    call: &Call<'_, 'a>,
    cx: &mut Context<'a>,
    otherwise: &'static str,
) -> Outcome<&'static Locale> {
    match call.named("locale") {
        Some(code) => Ok(Locale::find(cx.text(code)?)),
        None if otherwise.is_empty() => Ok(Locale::find(cx.options.locale)),
        None => Ok(Locale::find(otherwise)),
    }
}

fn written<'a>(
    call: &Call<'_, 'a>,
    cx: &mut Context<'a>,
    format: &str,
    locale: &Locale,
) -> Outcome<Value<'a>> {
    let Some(mut moment) = input(call, cx)? else {
        if !call.input.is_nil() && call.input.as_text() != Some("") {
            cx.unfit(Why::WrongType);
        }
        return Ok(call.input);
    };
    if let Some(zone) = call.named("zone") {
        moment = moment.with_time_zone(named_zone(zone, call, cx)?);
    }
    cx.charge(format.len() / 4)?;
    let mut out = cx.buffer();
    let whole = moment::write(&moment, format, locale, &mut out).is_ok();
    if whole { Ok(Value::Text(out.finish())) } else { Err(call.problem("the date is too long")) }
}

fn date<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let format = call.argument_text(0, cx)?;
    if format.is_empty() {
        return Ok(call.input);
    }
    // The names in `%B` and `%A` are English, as everywhere, unless the template asks for others.
    let locale = locale(call, cx, "en")?;
    written(call, cx, format, locale)
}

fn local_date<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let style = call.given(0).map_or(Ok("medium"), |style| cx.text(style))?;
    let Some(style) = STYLES.iter().position(|known| *known == style) else {
        return Err(
            call.problem(format!("unknown style, expected one of {}. style=`{style}`", STYLES.join(", ")))
        );
    };
    let locale = locale(call, cx, "")?;
    written(call, cx, locale.dates[style], locale)
}

fn time_zone<'a>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let zone = named_zone(call.argument(0), call, cx)?;
    let Some(moment) = input(call, cx)? else {
        if !call.input.is_nil() {
            cx.unfit(Why::WrongType);
        }
        return Ok(call.input);
    };
    let mut out = cx.buffer();
    let format = "%Y-%m-%d %H:%M:%S %z";
    let whole = moment::write(&moment.with_time_zone(zone), format, Locale::english(), &mut out).is_ok();
    if whole { Ok(Value::Text(out.finish())) } else { Err(call.problem("the date is too long")) }
}
