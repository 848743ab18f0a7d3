//! Are all answers equal, and who was how fast.

use serde_json::Value as Json;

use crate::measure::{Answer, Engine};

/// The questions in the order of the table: what an engine calls it, what people read, and how many times faster than the
/// fastest other we want to be.
const QUESTIONS: [(&str, &str, f64); 8] = [
    ("audience", "audience: shoes twice in 30 days, no uninstall in 90", 10.0),
    ("rfm", "RFM over 180 days", 10.0),
    ("funnel", "funnel of 4 steps in 7 days", 10.0),
    ("retention", "weekly retention, any event, 26 weeks", 20.0),
    ("daily", "daily events and customers by event, 180 days", 20.0),
    ("paths", "the three events before an uninstall, top 20", 10.0),
    ("sequence", "cart, purchase within a day, no removal; share by category", 10.0),
    ("story", "one customer's whole story", 1.0),
];

/// Sums of floating point numbers may differ by this share: engines add in different orders.
const ROUNDING: f64 = 1e-9;

/// Where two engines do not agree: the question, and the first rows that differ.
pub fn differences(ours: &Engine, other: &Engine) -> Vec<String> {
    let mut found = Vec::new();
    for (question, ..) in QUESTIONS {
        match (ours.answers.get(question), other.answers.get(question)) {
            (Some(ours), Some(theirs)) => {
                if let Some(difference) = difference(ours, theirs) {
                    found.push(format!("{question}: {} says {difference}", other.name));
                }
            }
            (None, _) | (_, None) => found.push(format!("{question}: {} did not answer", other.name)),
        }
    }
    found
}

fn difference(ours: &Answer, theirs: &Answer) -> Option<String> {
    let sorted = |answer: &Answer| {
        let mut rows = answer.rows.clone();
        rows.sort_by_cached_key(|row| row.iter().map(key).collect::<Vec<_>>());
        rows
    };
    let (a, b) = (sorted(ours), sorted(theirs));
    let same = |a: &[Json], b: &[Json]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b));
    if let Some((a, b)) = a.iter().zip(&b).find(|(a, b)| !same(a, b)) {
        return Some(format!("{} where we say {}", line(b), line(a)));
    }
    (a.len() != b.len()).then(|| format!("{} rows where we say {}", b.len(), a.len()))
}

/// Rows in one order for all engines, whatever the digits of sums.
fn key(value: &Json) -> String {
    match value {
        Json::Number(number) if number.is_f64() => String::new(),
        Json::Number(number) => format!("{number:>20}"),
        Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
    }
}

fn is_same(a: &Json, b: &Json) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= ROUNDING * a.abs().max(b.abs()),
        _ => a == b,
    }
}

fn line(row: &[Json]) -> String {
    row.iter().map(Json::to_string).collect::<Vec<_>>().join(" ")
}

/// The table, as Markdown.
pub fn table(ours: &Engine, peers: &[Engine], events: u64) -> String {
    let names: Vec<String> = peers.iter().map(|peer| format!(" {} |", peer.name)).collect();
    let mut lines = vec![
        format!("| question | ours (processor) |{} times faster than the faster | wanted |", names.concat()),
        format!("|---|---:|{}---:|---:|", "---:|".repeat(peers.len())),
    ];
    for (question, title, wanted) in QUESTIONS {
        let Some(mine) = ours.answers.get(question) else { continue };
        let theirs: Vec<Option<&Answer>> = peers.iter().map(|peer| peer.answers.get(question)).collect();
        let cells: Vec<String> = theirs.iter().map(|answer| format!(" {} |", cell(*answer))).collect();
        let fastest = theirs.iter().flatten().map(|answer| answer.ms).min_by(f64::total_cmp);
        let ratio = fastest.map_or_else(String::new, |fastest| format!("{:.1} ×", fastest / mine.ms));
        let wanted = if question == "story" { "< 1 ms".to_owned() } else { format!("{wanted} ×") };
        let processor = mine.cpu_ms.unwrap_or_default();
        lines.push(format!(
            "| {title} | {} ({processor:.0} ms) |{} {ratio} | {wanted} |",
            cell(Some(mine)),
            cells.concat()
        ));
    }
    let engines = || std::iter::once(ours).chain(peers);
    let row = |title: &str, cell: &dyn Fn(&Engine) -> String| {
        let cells: Vec<String> = engines().map(|engine| format!(" {} |", cell(engine))).collect();
        format!("| {title} |{} | |", cells.concat())
    };
    lines.push(row("peak memory, without mapped files", &|engine| format!("{} MiB", engine.memory >> 20)));
    lines.push(row("bytes an event, one copy on disk", &|engine| {
        format!("{}.{}", engine.bytes / events, engine.bytes * 10 / events % 10)
    }));
    lines.join("\n")
}

fn cell(answer: Option<&Answer>) -> String {
    let Some(answer) = answer else { return "–".to_owned() };
    let ms = answer.ms;
    let digits = if ms < 1.0 {
        3
    } else if ms < 100.0 {
        1
    } else {
        0
    };
    format!("{ms:.digits$} ms")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(ours: Json, theirs: Json, expected: Option<&str>) {
        let answer = |rows: Json| Answer {
            ms: 1.0,
            cpu_ms: None,
            form: None,
            rows: serde_json::from_value(rows).expect("rows are lists"),
        };
        assert_eq!(difference(&answer(ours), &answer(theirs)).as_deref(), expected);
    }

    #[test]
    fn rows_may_come_in_any_order_and_sums_may_round() {
        check(json!([[1, "a", 0.3], [10, "b", 1.0]]), json!([[10, "b", 1], [1, "a", 0.1 + 0.2]]), None);
    }

    #[test]
    fn a_cell_that_differs_is_shown() {
        check(json!([[1, 5], [2, 7]]), json!([[1, 5], [2, 8]]), Some("2 8 where we say 2 7"));
        check(json!([[1, 5]]), json!([[1, 5], [2, 8]]), Some("2 rows where we say 1"));
    }
}
