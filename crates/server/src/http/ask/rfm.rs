//! RFM: who bought lately, often, for how much.

mod group;

use api::Problem;
use api::ask::people::Pick;
use api::ask::rfm::{MeanMedian, RfmCell, RfmGroup, RfmGroupName, RfmMove, RfmNumbers};
use api::ask::{RfmAnswer, RfmQuestion};
use audience::Condition;
use columnar::{CustomerSet, Span};
use model::{Channel, Instant, Text};
use questions::{Cell, Group, Rfm, Summary, rfm};

use super::room::Room;
use super::rows::Rows;
use super::slices::Slice;
use super::trend::summed;
use super::{Ask, Picked, words};
use crate::http::condition;
use crate::http::failure::Failure;

impl Ask for RfmQuestion {
    const WORD: &'static str = "rfm";

    type Answer = RfmAnswer;

    fn mentions(&self, room: &Room) -> Result<Vec<(String, Condition)>, Failure> {
        let (rows, amount) = rows(self, room)?;
        let amount = rows.event.as_ref().map_or(Condition::Everyone, |event| summed(event, &amount));
        Ok(vec![("event".to_owned(), rows.mention()), ("amount_property".to_owned(), amount)])
    }

    fn answer(&self, room: &Room) -> Result<RfmAnswer, Failure> {
        let (rows, amount) = rows(self, room)?;
        let asked = scored(room, (&rows, &amount));
        let reaching = condition::reaching(&room.conditions, &room.snapshot, room.span.until)?;
        let groups = asked.groups.iter().map(|(group, summary)| RfmGroup {
            group: name(*group),
            numbers: numbers(summary, room.span, (&asked.in_group(*group), &reaching)),
            condition: said(room, || group::of_group(*group, &asked, (&rows, room.span)))
                .map(|condition| condition.to_string()),
        });
        let groups = groups.collect();
        let cells = asked.cells.iter().map(|(cell, summary)| RfmCell {
            recency: cell.r,
            frequency: cell.f,
            group: name(cell.group()),
            numbers: numbers(summary, room.span, (&asked.in_cell(*cell), &reaching)),
        });
        let cells = cells.collect();
        let moves = asked.moves.iter().map(|it| RfmMove {
            from: it.from.map(name),
            to: it.to.map(name),
            customers: it.customers as u64,
        });
        Ok(RfmAnswer {
            event: rows.event.as_deref().unwrap_or_default().to_owned(),
            amount_property: amount.to_string(),
            customers: asked.total.customers as u64,
            revenue: asked.total.revenue,
            groups,
            cells,
            moves: moves.collect(),
            compared: None,
            told: room.told(room.span),
        })
    }

    fn people(&self, room: &Room, pick: &Pick) -> Result<Picked, Failure> {
        let (rows, amount) = rows(self, room)?;
        let asked = scored(room, (&rows, &amount));
        let (set, who, condition) = if *pick == Pick::Everybody {
            let did = rows.event.as_ref().map(|event| words::did(event, rows.filter.as_ref(), room.span));
            (asked.customers(), "everybody".to_owned(), did)
        } else if let Pick::Group { group } = *pick {
            let group = engine_name(group);
            let condition = group::of_group(group, &asked, (&rows, room.span));
            (asked.in_group(group), group.to_string(), condition)
        } else if let Pick::Cell { recency, frequency } = *pick {
            let cell = cell(recency, frequency)?;
            let condition = group::of_cell(cell, &asked, (&rows, room.span));
            (asked.in_cell(cell), format!("R{recency} F{frequency}"), condition)
        } else if let Pick::Moved { from, to } = *pick {
            let (from, to) = (from.map(engine_name), to.map(engine_name));
            let word = |group: Option<Group>| group.map_or("nothing", Group::word);
            (asked.moved(from, to), format!("{} → {}", word(from), word(to)), None)
        } else {
            return Err(words::foreign(pick, "rfm"));
        };
        let event = rows.event.as_deref().unwrap_or_default();
        let what = format!("{who} by {event}, {}", words::range(room.span, room.zone()));
        Ok(Picked { set, what, condition: said(room, || condition) })
    }
}

/// The condition, where the question is about everybody.
fn said(room: &Room, condition: impl FnOnce() -> Option<Condition>) -> Option<Condition> {
    words::said(room, &Slice::default(), condition)
}

/// Which rows are purchases, and the property that says for how much.
fn rows(question: &RfmQuestion, room: &Room) -> Result<(Rows, Text), Failure> {
    let event = question.event.as_deref().unwrap_or(&room.purchase_event);
    let amount = question.amount_property.as_deref().unwrap_or(&room.amount_property);
    Ok((Rows::read("", (event, &question.filter))?, amount.into()))
}

fn scored(room: &Room, (rows, amount): (&Rows, &Text)) -> questions::RfmAnswer {
    let context = room.context();
    let ready = rows.ready(room, &context);
    let scope = ready.scope(room.span, room.among.as_ref());
    rfm(&room.snapshot, &Rfm { scope, amount: Some(amount.clone()), transitions: true })
}

fn cell(r: u8, f: u8) -> Result<Cell, Failure> {
    let cell = Cell::all().find(|cell| (cell.r, cell.f) == (r, f));
    cell.ok_or_else(|| {
        let problem = Problem::invalid("pick", "the scores of a cell are 1 to 5");
        Failure::of(problem.value(format!("{r}, {f}")).fix("choose one of the 25 cells"))
    })
}

const fn engine_name(group: RfmGroupName) -> Group {
    match group {
        RfmGroupName::Champions => Group::Champions,
        RfmGroupName::Loyal => Group::Loyal,
        RfmGroupName::PotentialLoyalists => Group::PotentialLoyalists,
        RfmGroupName::New => Group::New,
        RfmGroupName::Promising => Group::Promising,
        RfmGroupName::NeedsAttention => Group::NeedsAttention,
        RfmGroupName::AboutToSleep => Group::AboutToSleep,
        RfmGroupName::AtRisk => Group::AtRisk,
        RfmGroupName::CannotLose => Group::CannotLose,
        RfmGroupName::Hibernating => Group::Hibernating,
    }
}

#[expect(clippy::cast_precision_loss, reason = "days need no more than 53 bits of milliseconds")]
fn numbers(
    summary: &Summary,
    span: Span,
    (set, reaching): (&CustomerSet, &[(Channel, CustomerSet)]),
) -> RfmNumbers {
    if summary.customers == 0 {
        return RfmNumbers { reach: condition::reach(set, reaching), ..RfmNumbers::default() };
    }
    let days = |last: Instant| span.until.since_ms(last) as f64 / Instant::DAY_MS as f64;
    RfmNumbers {
        customers: summary.customers as u64,
        recency_days: MeanMedian { mean: days(summary.recency.mean), median: days(summary.recency.median) },
        frequency: MeanMedian { mean: summary.frequency.mean, median: summary.frequency.median },
        monetary: MeanMedian { mean: summary.monetary.mean, median: summary.monetary.median },
        revenue: summary.revenue,
        revenue_share: summary.revenue_share,
        reach: condition::reach(set, reaching),
    }
}

const fn name(group: Group) -> RfmGroupName {
    match group {
        Group::Champions => RfmGroupName::Champions,
        Group::Loyal => RfmGroupName::Loyal,
        Group::PotentialLoyalists => RfmGroupName::PotentialLoyalists,
        Group::New => RfmGroupName::New,
        Group::Promising => RfmGroupName::Promising,
        Group::NeedsAttention => RfmGroupName::NeedsAttention,
        Group::AboutToSleep => RfmGroupName::AboutToSleep,
        Group::AtRisk => RfmGroupName::AtRisk,
        Group::CannotLose => RfmGroupName::CannotLose,
        Group::Hibernating => RfmGroupName::Hibernating,
    }
}
