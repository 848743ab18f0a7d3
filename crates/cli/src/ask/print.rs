//! Answers as tables for a terminal.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use api::Time;
use api::ask::{
    CountAnswer, FunnelAnswer, PathsAnswer, RetentionAnswer, RfmAnswer, Told, TrendAnswer, Warning,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How many customers.
pub(super) fn count(answer: Value) -> Result<String> {
    let answer: CountAnswer = read(answer)?;
    let mut text = format!("{} of {} customers\n", answer.customers, answer.of);
    for reach in &answer.reach {
        writeln!(text, "  {} by {}", reach.customers, reach.channel)?;
    }
    end(text, &answer.warnings, answer.took_ms)
}

/// A row for each bucket, a column for each line.
pub(super) fn trend(answer: Value) -> Result<String> {
    let answer: TrendAnswer = read(answer)?;
    let head = |line: &api::ask::trend::TrendLine| match (&line.value, line.other) {
        (Some(value), _) => value.clone(),
        (None, true) => "other".to_owned(),
        (None, false) => line.event.clone(),
    };
    let mut table = vec![row("", answer.lines.iter().map(head))];
    for (index, bucket) in answer.buckets.iter().enumerate() {
        let points = answer.lines.iter().map(|line| number(line.points.get(index).copied().flatten()));
        table.push(row(day(*bucket, &answer.told), points));
    }
    table.push(row("total", answer.lines.iter().map(|line| number(line.total))));
    end(laid_out(&table), &answer.told.warnings, answer.told.took_ms)
}

/// A row for each step of each line.
pub(super) fn funnel(answer: Value) -> Result<String> {
    let answer: FunnelAnswer = read(answer)?;
    let mut text = String::new();
    for line in &answer.lines {
        title(&mut text, (&line.value, line.other), answer.lines.len())?;
        let head = ["customers", "of first", "of previous", "median", "9 of 10"].map(ToOwned::to_owned);
        let mut table = vec![row("", head)];
        for (index, step) in line.steps.iter().enumerate() {
            let cells = [
                step.customers.to_string(),
                percent(step.of_first),
                percent(step.of_previous),
                elapsed(step.median_ms),
                elapsed(step.p90_ms),
            ];
            table.push(row(format!("{}. {}", index + 1, step.name), cells));
        }
        text.push_str(&laid_out(&table));
    }
    end(text, &answer.told.warnings, answer.told.took_ms)
}

/// A row for each cohort, a column for each period.
pub(super) fn retention(answer: Value) -> Result<String> {
    let answer: RetentionAnswer = read(answer)?;
    let mut text = String::new();
    for line in &answer.lines {
        title(&mut text, (&line.value, line.other), answer.lines.len())?;
        let periods = (0..line.shares.len()).map(|period| period.to_string());
        let mut table = vec![row("", std::iter::once("customers".to_owned()).chain(periods))];
        for cohort in &line.cohorts {
            let cells = cohort.returned.iter().map(|returned| percent(share(*returned, cohort.customers)));
            let cells = std::iter::once(cohort.customers.to_string()).chain(cells);
            table.push(row(day(cohort.start, &answer.told), cells));
        }
        let shares = line.shares.iter().map(|share| percent(*share));
        table.push(row("all", std::iter::once(line.customers.to_string()).chain(shares)));
        text.push_str(&laid_out(&table));
    }
    end(text, &answer.told.warnings, answer.told.took_ms)
}

/// A row for each path.
pub(super) fn paths(answer: Value) -> Result<String> {
    let answer: PathsAnswer = read(answer)?;
    let mut text = format!("{} times {}, {} customers\n", answer.anchors, answer.anchor, answer.customers);
    for path in &answer.paths {
        let steps = if path.steps.is_empty() { "nothing".to_owned() } else { path.steps.join(" → ") };
        writeln!(text, "{:>10}  {:>6}  {steps}", path.anchors, percent(Some(path.share)))?;
    }
    end(text, &answer.told.warnings, answer.told.took_ms)
}

/// A row for each group.
pub(super) fn rfm(answer: Value) -> Result<String> {
    let groups = answer["groups"].clone();
    let answer: RfmAnswer = read(answer)?;
    let mut text = format!("{} customers, revenue {:.2}\n", answer.customers, answer.revenue);
    let head = ["customers", "of revenue", "days ago", "times", "amount"].map(ToOwned::to_owned);
    let mut table = vec![row("", head)];
    for (index, group) in answer.groups.iter().enumerate() {
        let numbers = &group.numbers;
        let cells = [
            numbers.customers.to_string(),
            percent(Some(numbers.revenue_share)),
            format!("{:.1}", numbers.recency_days.mean),
            format!("{:.1}", numbers.frequency.mean),
            format!("{:.2}", numbers.monetary.mean),
        ];
        table.push(row(groups[index]["group"].as_str().unwrap_or_default(), cells));
    }
    text.push_str(&laid_out(&table));
    end(text, &answer.told.warnings, answer.told.took_ms)
}

fn read<A: DeserializeOwned>(answer: Value) -> Result<A> {
    serde_json::from_value(answer).context("the answer is not understood; is the server of another version?")
}

/// What a line is about, when there are several.
fn title(text: &mut String, (value, other): (&Option<String>, bool), lines: usize) -> Result<()> {
    if lines > 1 {
        let rest = if other { "other" } else { "no value" };
        writeln!(text, "{}", value.as_deref().unwrap_or(rest))?;
    }
    Ok(())
}

fn row(first: impl Into<String>, cells: impl IntoIterator<Item = String>) -> Vec<String> {
    std::iter::once(first.into()).chain(cells).collect()
}

/// The first column to the left, numbers to the right.
fn laid_out(table: &[Vec<String>]) -> String {
    let columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        table.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    table.iter().map(line).collect()
}

fn end(mut text: String, warnings: &[Warning], took_ms: f64) -> Result<String> {
    for warning in warnings {
        let field = warning.field.as_ref().map_or_else(String::new, |field| format!(" ({field})"));
        writeln!(text, "warning: {}{field}", warning.message)?;
    }
    writeln!(text, "answered in {took_ms} ms")?;
    Ok(text)
}

/// The day in the zone of the answer.
fn day(at: Time, told: &Told) -> String {
    at.0.timestamp().in_tz(&told.time_zone).map_or_else(|_| at.to_string(), |at| at.date().to_string())
}

fn number(number: Option<f64>) -> String {
    match number {
        None => "–".to_owned(),
        Some(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Some(number) => format!("{number:.2}"),
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

#[expect(clippy::cast_precision_loss, reason = "numbers of customers are far below 2^53")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A length of time in its largest fitting unit.
fn elapsed(ms: Option<f64>) -> String {
    const UNITS: [(f64, &str); 4] =
        [(86_400_000.0, "d"), (3_600_000.0, "h"), (60_000.0, "min"), (1_000.0, "s")];
    let Some(ms) = ms else { return "–".to_owned() };
    let fitting = UNITS.iter().find(|(unit, _)| ms >= *unit);
    fitting.map_or_else(|| format!("{ms:.0} ms"), |(unit, word)| format!("{:.1} {word}", ms / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_under_one_another() {
        let table = [row("", ["customers".to_owned()]), row("1. view", ["12".to_owned()])];
        assert_eq!(laid_out(&table), "         customers\n1. view         12\n");
    }

    #[test]
    fn a_length_of_time_has_one_unit() {
        let lengths = [None, Some(30.0), Some(90_000.0), Some(129_600_000.0)];
        assert_eq!(lengths.map(elapsed), ["–", "30 ms", "1.5 min", "1.5 d"]);
    }
}
