//! An RFM group or cell as a condition: so that it becomes an audience in one click.
//!
//! A score begins at a bound, so a cell is "so many times in the range, the last
//! one in that stretch of it", and a group is some cells. The condition names
//! exactly the customers of the answer it came from.

use audience::{Condition, Did, Measure, Moment, Window};
use columnar::Span;
use model::Instant;
use questions::{Bound, Cell, Group, RfmAnswer};

use crate::http::ask::rows::Rows;

/// The condition that exactly the customers of a group meet; `None` for a group without cells that can be met.
pub(super) fn of_group(group: Group, answer: &RfmAnswer, purchases: (&Rows, Span)) -> Option<Condition> {
    let scores = |f: u8| {
        let inside = |r: &u8| Cell { r: *r, f }.group() == group;
        // The cells of a group with one score of frequency: their scores of recency follow one another.
        Some(((1..=5).find(inside)?, (1..=5).rev().find(inside)?))
    };
    let rows = (1..=5).filter_map(|f| cells(f, scores(f)?, answer, purchases));
    let mut rows: Vec<Condition> = rows.collect();
    match rows.len() {
        0 => None,
        1 => rows.pop(),
        _ => Some(Condition::Any { of: rows }),
    }
}

/// The condition that exactly the customers of a cell meet; `None` for one that cannot be met.
pub(super) fn of_cell(cell: Cell, answer: &RfmAnswer, purchases: (&Rows, Span)) -> Option<Condition> {
    cells(cell.f, (cell.r, cell.r), answer, purchases)
}

/// The cells with one score of frequency and scores of recency from `first` to `last`.
fn cells(
    f: u8,
    (first, last): (u8, u8),
    answer: &RfmAnswer,
    (rows, span): (&Rows, Span),
) -> Option<Condition> {
    let counts = counts(f, answer.frequency.bounds())?;
    let (after, until) = (span.after.plus_ms(1), span.until);
    let did = |measure: Measure, from: Instant| {
        let window = Window::Between { from: Moment::Instant(from), to: Moment::Instant(until) };
        let event = rows.event.clone()?;
        Some(Condition::Did(Did { filter: rows.filter.clone(), measure, window, event }))
    };
    let mut all = vec![did(counts, after)?];
    // The last one is not before the bound: there is one from the bound on.
    if let Some(from) = begins(first, answer.recency.bounds()) {
        all.push(did(Measure::default(), Instant::from_ms(from).max(after))?);
    }
    // The last one is before the next bound: there is none from there on.
    if let Some(next) = begins(last + 1, answer.recency.bounds()) {
        all.push(did(Measure::default(), Instant::from_ms(next).max(after))?.negated());
    }
    Some(if all.len() == 1 { all.pop()? } else { Condition::All { of: all } })
}

/// The least value that has this score; `None` for the lowest score and beyond the highest.
fn begins(score: u8, bounds: &[Bound<i64>]) -> Option<i64> {
    let bound = bounds.get(usize::from(score).checked_sub(2)?)?;
    Some(if bound.included { bound.value } else { bound.value.saturating_add(1) })
}

/// How often somebody with this score of frequency came; `None` when nobody can have it.
fn counts(score: u8, bounds: &[Bound<u32>]) -> Option<Measure> {
    let begins = |score: u8| -> Option<u32> {
        let bound = bounds.get(usize::from(score).checked_sub(2)?)?;
        Some(if bound.included { bound.value } else { bound.value.saturating_add(1) })
    };
    let from = begins(score).unwrap_or(1).max(1);
    match begins(score + 1) {
        None => Some(Measure::AtLeast { times: from }),
        Some(next) if next <= from => None,
        Some(next) if next - 1 == from => Some(Measure::Exactly { times: from }),
        Some(next) => Some(Measure::Between { from, to: next - 1 }),
    }
}
