//! Dates and times: read from whatever a template has, written as strftime says, in a locale and a time zone.

use std::fmt::{self, Write};

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::locale::Locale;

/// The moment so many milliseconds after 1970-01-01T00:00:00Z, as clocks in `zone` show it.
pub(crate) fn at(instant_ms: i64, zone: TimeZone) -> Option<Zoned> {
    Timestamp::from_millisecond(instant_ms).ok().map(|instant| instant.to_zoned(zone))
}

/// Reads a date, a time or both. What names no offset is meant in `zone`; what names no date is meant on `today`.
pub(crate) fn read(text: &str, zone: &TimeZone, today: Date) -> Option<Zoned> {
    let mut reader = Reader::default();
    for word in text.split([' ', ',', '\t', '\n']).filter(|word| !word.is_empty()) {
        reader.word(word)?;
    }
    let date = reader.date(today)?;
    let time = reader.time.unwrap_or(Time::midnight());
    let time = match reader.afternoon {
        Some(true) if time.hour() < 12 => time.with().hour(time.hour() + 12).build().ok()?,
        Some(false) if time.hour() == 12 => time.with().hour(0).build().ok()?,
        Some(_) | None => time,
    };
    let zone = reader.offset.map_or_else(|| zone.clone(), offset_zone);
    date.to_datetime(time).to_zoned(zone).ok()
}

fn offset_zone(offset: Offset) -> TimeZone {
    if offset == Offset::UTC { TimeZone::UTC } else { TimeZone::fixed(offset) }
}

/// What was understood so far.
#[derive(Default)]
struct Reader {
    whole: Option<Date>,
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<Time>,
    afternoon: Option<bool>,
    offset: Option<Offset>,
}

impl Reader {
    /// Understands one word, or gives up.
    fn word(&mut self, word: &str) -> Option<()> {
        let lower = word.to_lowercase();
        match lower.trim_end_matches('.') {
            "am" => self.afternoon = Some(false),
            "pm" => self.afternoon = Some(true),
            "z" | "utc" | "gmt" => self.offset = Some(Offset::UTC),
            "at" | "of" | "the" => {}
            _ if lower.starts_with(['+', '-']) && self.time.is_some() => self.offset = Some(offset(&lower)?),
            _ if lower.contains(':') => self.clock(&lower)?,
            _ if lower.starts_with(|first: char| first.is_ascii_digit()) => self.digits(&lower)?,
            name => self.name(name)?,
        }
        Some(())
    }

    /// `2016-03-14T15:04:05.123+09:00`, `15:04`, `3:04pm`.
    fn clock(&mut self, word: &str) -> Option<()> {
        let mut word = word;
        if let Some((date, time)) = word.split_once('t') {
            self.digits(date)?;
            word = time;
        }
        let end = word.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ':' | '.'));
        let (clock, rest) = word.split_at(end.unwrap_or(word.len()));
        self.time = Some(clock_time(clock)?);
        match rest {
            "" => {}
            "z" => self.offset = Some(Offset::UTC),
            "am" => self.afternoon = Some(false),
            "pm" => self.afternoon = Some(true),
            rest => self.offset = Some(offset(rest)?),
        }
        Some(())
    }

    /// `2016-03-14`, `2016/03/14`, `20160314`, `14.03.2016`, `14th`, `2016`.
    fn digits(&mut self, word: &str) -> Option<()> {
        let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
        match parts.as_slice() {
            [year, month, day] if year.len() == 4 => {
                self.whole =
                    Some(Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?);
            }
            [day, month, year] if year.len() == 4 && word.contains('.') => {
                self.whole =
                    Some(Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?);
            }
            [day, month, year] if month.starts_with(|first: char| first.is_alphabetic()) => {
                self.day = Some(day.parse().ok()?);
                self.name(month)?;
                self.year = Some(year.parse().ok()?);
            }
            [year, month] if year.len() == 4 => {
                self.whole = Some(Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?);
            }
            [digits] if digits.len() == 8 => {
                let part = |from: usize, to: usize| digits.get(from..to);
                let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
                self.whole =
                    Some(Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?);
            }
            [year] if year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.year = Some(year.parse().ok()?);
            }
            [day] => {
                let end = day.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(day.len());
                let (day, suffix) = day.split_at(end);
                if !matches!(suffix, "" | "st" | "nd" | "rd" | "th") || self.day.is_some() {
                    return None;
                }
                self.day = Some(day.parse().ok()?);
            }
            _ => return None,
        }
        Some(())
    }

    /// The name of a month or of a day of the week, in English, whole or shortened to three letters and more.
    fn name(&mut self, name: &str) -> Option<()> {
        let english = Locale::english();
        let known = |names: &[&str]| {
            let same = |full: &&str| name.len() >= 3 && full.to_lowercase().starts_with(name);
            names.iter().position(same)
        };
        if let Some(month) = known(&english.months) {
            self.month = Some(i8::try_from(month + 1).ok()?);
            return Some(());
        }
        known(&english.days).map(|_| ())
    }

    fn date(&self, today: Date) -> Option<Date> {
        if let Some(whole) = self.whole {
            return Some(whole);
        }
        match (self.year, self.month, self.day) {
            (None, None, None) => self.time.map(|_| today),
            (year, Some(month), day) => Date::new(year.unwrap_or(today.year()), month, day.unwrap_or(1)).ok(),
            (_, None, _) => None,
        }
    }
}

fn clock_time(clock: &str) -> Option<Time> {
    let mut parts = clock.split(':');
    let hour = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let (second, fraction) = match parts.next() {
        Some(second) => second.split_once('.').unwrap_or((second, "")),
        None => ("0", ""),
    };
    let nanosecond = format!("{:0<9}", fraction.get(..9).unwrap_or(fraction)).parse().ok()?;
    Time::new(hour, minute, second.parse().ok()?, nanosecond).ok()
}

/// `+09:00`, `-0730`, `+09`.
fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.strip_prefix(['+', '-'])?.chars().filter(|letter| *letter != ':').collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = if digits.len() > 2 { digits.get(2..4)?.parse().ok()? } else { 0 };
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

/// Writes a moment as strftime says, with the names of a locale.
pub(crate) fn write(moment: &Zoned, format: &str, locale: &Locale, out: &mut dyn Write) -> fmt::Result {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.write_str(&rest[..at])?;
        rest = &rest[at..];
        let directive = Directive::read(rest);
        match directive.value(moment, locale) {
            Some(value) => directive.pad(value, out)?,
            None => out.write_str(&rest[..directive.length])?,
        }
        rest = &rest[directive.length..];
    }
    out.write_str(rest)
}

/// `%-d`, `%^b`, `%03d`, `%:z`.
struct Directive {
    letter: char,
    flags: Flags,
    width: Option<usize>,
    length: usize,
}

#[derive(Default)]
struct Flags {
    bare: bool,
    spaced: bool,
    large: bool,
    colons: usize,
}

/// What a directive stands for, how wide it is, and what fills it up.
struct Field {
    text: String,
    width: usize,
    fill: char,
}

/// The widest field; whoever asks for more does not get it.
const WIDTH_MAX: usize = 100;

impl Directive {
    fn read(text: &str) -> Self {
        let mut directive = Self { letter: '%', flags: Flags::default(), width: None, length: text.len() };
        for (at, letter) in text.char_indices().skip(1) {
            match letter {
                '-' => directive.flags.bare = true,
                '_' => directive.flags.spaced = true,
                '^' | '#' => directive.flags.large = true,
                ':' => directive.flags.colons += 1,
                digit if digit.is_ascii_digit() => {
                    let digit = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or(0);
                    let width = directive.width.unwrap_or(0).saturating_mul(10).saturating_add(digit);
                    directive.width = Some(width.min(WIDTH_MAX));
                }
                letter => {
                    directive.letter = letter;
                    directive.length = at + letter.len_utf8();
                    break;
                }
            }
        }
        directive
    }

    fn value(&self, moment: &Zoned, locale: &Locale) -> Option<Field> {
        let hour = i64::from(moment.hour());
        let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
        let iso = moment.date().iso_week_date();
        let day_of_year = i64::from(moment.day_of_year());
        let from_sunday = i64::from(moment.weekday().to_sunday_zero_offset());
        let from_monday = i64::from(moment.weekday().to_monday_zero_offset());
        let month = usize::try_from(moment.month() - 1).ok()?;
        let weekday = usize::try_from(from_sunday).ok()?;
        let nested = |format: &str| {
            let mut text = String::new();
            write(moment, format, locale, &mut text).ok().map(|()| word(&text))
        };
        Some(match self.letter {
            'Y' => number(i64::from(moment.year()), 1),
            'C' => number(i64::from(moment.year()).div_euclid(100), 2),
            'y' => number(i64::from(moment.year()).rem_euclid(100), 2),
            'G' => number(i64::from(iso.year()), 1),
            'g' => number(i64::from(iso.year()).rem_euclid(100), 2),
            'm' => number(i64::from(moment.month()), 2),
            'B' => word(locale.months[month]),
            'b' | 'h' => word(locale.months_short[month]),
            'd' => number(i64::from(moment.day()), 2),
            'e' => spaced(i64::from(moment.day())),
            'j' => number(day_of_year, 3),
            'H' => number(hour, 2),
            'k' => spaced(hour),
            'I' => number(twelve, 2),
            'l' => spaced(twelve),
            'M' => number(i64::from(moment.minute()), 2),
            'S' => number(i64::from(moment.second()), 2),
            'L' => self.fraction(moment, 3),
            'N' => self.fraction(moment, 9),
            'p' => word(if hour < 12 { locale.noon.0 } else { locale.noon.1 }),
            'P' => word(&if hour < 12 { locale.noon.0 } else { locale.noon.1 }.to_lowercase()),
            'A' => word(locale.days[weekday]),
            'a' => word(locale.days_short[weekday]),
            'u' => number(from_monday + 1, 1),
            'w' => number(from_sunday, 1),
            'U' => number((day_of_year + 6 - from_sunday) / 7, 2),
            'W' => number((day_of_year + 6 - from_monday) / 7, 2),
            'V' => number(i64::from(iso.week()), 2),
            's' => number(moment.timestamp().as_second(), 1),
            'z' => word(&self.offset(moment)),
            'Z' => word(&zone_name(moment)),
            'c' => return nested("%a %b %e %H:%M:%S %Y"),
            'D' | 'x' => return nested("%m/%d/%y"),
            'F' => return nested("%Y-%m-%d"),
            'T' | 'X' => return nested("%H:%M:%S"),
            'R' => return nested("%H:%M"),
            'r' => return nested("%I:%M:%S %p"),
            'v' => return nested("%e-%^b-%Y"),
            'n' => word("\n"),
            't' => word("\t"),
            '%' if self.length > 1 => word("%"),
            _ => return None,
        })
    }

    /// Digits of the second; the width says how many.
    fn fraction(&self, moment: &Zoned, digits: usize) -> Field {
        let nanosecond = format!("{:09}", moment.subsec_nanosecond());
        let digits = self.width.unwrap_or(digits).min(9);
        Field { text: nanosecond[..digits].to_owned(), width: 0, fill: '0' }
    }

    fn offset(&self, moment: &Zoned) -> String {
        let seconds = moment.offset().seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        let colon = if self.flags.colons > 0 { ":" } else { "" };
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }

    fn pad(&self, field: Field, out: &mut dyn Write) -> fmt::Result {
        let text = if self.flags.large { field.text.to_uppercase() } else { field.text };
        let fill = if self.flags.spaced { ' ' } else { field.fill };
        let width = match (self.flags.bare, self.letter) {
            (true, _) => 0,
            (false, 'N' | 'L') => 0,
            (false, _) => self.width.unwrap_or(field.width),
        };
        for _ in text.chars().count()..width {
            out.write_char(fill)?;
        }
        out.write_str(&text)
    }
}

fn zone_name(moment: &Zoned) -> String {
    moment.time_zone().to_offset_info(moment.timestamp()).abbreviation().to_owned()
}

fn number(number: i64, width: usize) -> Field {
    Field { text: number.to_string(), width, fill: '0' }
}

fn spaced(number: i64) -> Field {
    Field { text: number.to_string(), width: 2, fill: ' ' }
}

fn word(text: &str) -> Field {
    Field { text: text.to_owned(), width: 0, fill: ' ' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, format: &str, expected: &str) {
        let today = Date::constant(2026, 11, 22);
        let mut out = String::new();
        match read(text, &TimeZone::UTC, today) {
            Some(moment) => write(&moment, format, Locale::english(), &mut out).expect("a String takes all"),
            None => out.push_str("not a date"),
        }
        assert_eq!(out, expected, "{text}");
    }

    #[test]
    fn dates_are_read_as_people_and_machines_write_them() {
        for text in [
            "March 14, 2016 15:04",
            "Mar 14 2016 3:04pm",
            "14 March 2016 15:04",
            "Mon, 14 Mar 2016 15:04:00 GMT",
            "2016-03-14T15:04:00Z",
            "2016-03-14 15:04:00 +0000",
            "2016/03/14 15:04",
            "20160314 15:04",
            "14.03.2016 15:04",
            "14-Mar-2016 15:04",
            "March 14th, 2016 03:04 PM",
        ] {
            check(text, "%Y-%m-%d %H:%M", "2016-03-14 15:04");
        }
        check("15:04", "%F %R", "2026-11-22 15:04");
        check("tomorrow, perhaps", "%F", "not a date");
        check("2016-13-44", "%F", "not a date");
    }

    #[test]
    fn an_offset_that_is_named_is_kept() {
        check("2016-03-14T15:04:05.678+09:00", "%H:%M:%S.%L %z %:z", "15:04:05.678 +0900 +09:00");
    }

    #[test]
    fn strftime_knows_flags_and_widths() {
        check(
            "2016-03-04 05:06:07",
            "%-d/%-m %e %^b %05d %_m %l %P %j %U %V %u",
            "4/3  4 MAR 00004  3  5 am 064 09 09 5",
        );
        check("2016-03-04", "%%%b %Q %", "%Mar %Q %");
    }
}
