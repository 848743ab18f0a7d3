//! Funnel: how far customers come along steps.

use api::Problem;
use api::ask::funnel::{FunnelLine, FunnelOrder, FunnelReached, FunnelStep};
use api::ask::people::Pick;
use api::ask::{FunnelAnswer, FunnelQuestion};
use audience::{Condition, Sequence, Step};
use columnar::CustomerSet;
use questions::{Funnel, StepOrder, funnel};

use super::room::Room;
use super::rows::Rows;
use super::slices::{Breakdown, Slice};
use super::{Ask, Picked, words};
use crate::http::failure::Failure;

/// How many lines there are when nobody says.
const LINES: usize = 5;
/// The most events that one step may be.
const ALTERNATIVES_MAX: usize = 20;

impl Ask for FunnelQuestion {
    const WORD: &'static str = "funnel";

    type Answer = FunnelAnswer;

    fn mentions(&self, _: &Room) -> Result<Vec<(String, Condition)>, Failure> {
        let steps = steps(self)?;
        let field = |step: usize| format!("steps.{step}");
        let named = (0..).zip(&steps).flat_map(|(step, rows)| rows.iter().map(move |rows| (step, rows)));
        let mut mentions: Vec<_> = named.map(|(step, rows)| (field(step), rows.mention())).collect();
        let first = steps.first().and_then(|step| step.first()).and_then(|rows| rows.event.as_ref());
        mentions.push(("breakdown".to_owned(), breakdown(self)?.mention(first)));
        Ok(mentions)
    }

    fn answer(&self, room: &Room) -> Result<FunnelAnswer, Failure> {
        let steps = steps(self)?;
        let slices = slices(self, room, &steps)?;
        let lines = slices.into_iter().map(|slice| {
            let answer = reached(self, room, (&steps, &slice))?;
            Ok(FunnelLine { steps: numbers(self, &answer), value: slice.value, other: slice.other })
        });
        let lines = lines.collect::<Result<Vec<_>, Failure>>()?;
        Ok(FunnelAnswer { lines, compared: None, told: room.told(room.span) })
    }

    fn people(&self, room: &Room, pick: &Pick) -> Result<Picked, Failure> {
        let (Pick::Reached { line, step } | Pick::Dropped { line, step }) = *pick else {
            return Err(words::foreign(pick, "funnel"));
        };
        let dropped = matches!(pick, Pick::Dropped { .. });
        let steps = steps(self)?;
        if step == 0 || step > steps.len() {
            return Err(words::out_of_range("step", step, steps.len()));
        }
        let slices = slices(self, room, &steps)?;
        let slice = slices.get(line).ok_or_else(|| words::out_of_range("line", line, slices.len()))?;
        let answer = reached(self, room, (&steps, slice))?;
        let set =
            if dropped && step < steps.len() { answer.dropped_after(step) } else { answer.reached(step) };
        // Nobody goes further than the last step, and who came there did not drop.
        let set = if dropped && step == steps.len() { CustomerSet::new() } else { set };
        let what = format!(
            "reached step {step} ({}){}{}, {}",
            name(&self.steps[step - 1]),
            if dropped { " and went no further" } else { "" },
            words::line(slice),
            words::range(room.span, room.zone()),
        );
        let condition = words::said(room, slice, || {
            let here = came_to(self, room, &steps[..step])?;
            Some(match steps.get(..=step).filter(|_| dropped) {
                Some(further) => here.and(came_to(self, room, further)?.negated()),
                None => here,
            })
        });
        Ok(Picked { set, what, condition })
    }
}

fn name(step: &FunnelStep) -> String {
    let others = step.or.iter().map(|other| other.event.as_str());
    std::iter::once(step.event.as_str()).chain(others).collect::<Vec<_>>().join(" or ")
}

/// The steps, each the rows that will do.
fn steps(question: &FunnelQuestion) -> Result<Vec<Vec<Rows>>, Failure> {
    if question.steps.is_empty() {
        let problem = Problem::invalid("steps", "a funnel has at least one step");
        return Err(Failure::of(problem.fix("send the events that follow one another")));
    }
    let step = |(index, step): (usize, &FunnelStep)| {
        let field = format!("steps.{index}");
        if step.or.len() >= ALTERNATIVES_MAX {
            let detail = format!("a step is at most {ALTERNATIVES_MAX} events");
            let problem = Problem::new(model::ErrorKind::TooLarge, detail).field(format!("{field}.or"));
            return Err(Failure::of(problem.value(step.or.len()).fix("send fewer of them")));
        }
        let first = Rows::read(&format!("{field}."), (&step.event, &step.filter));
        let others = (0..).zip(&step.or).map(|(other, input): (usize, _)| {
            Rows::read(&format!("{field}.or.{other}."), (&input.event, &input.filter))
        });
        std::iter::once(first).chain(others).collect()
    };
    question.steps.iter().enumerate().map(step).collect()
}

fn breakdown(question: &FunnelQuestion) -> Result<Breakdown, Failure> {
    Breakdown::read(question.breakdown.as_deref(), question.top, LINES)
}

fn slices(question: &FunnelQuestion, room: &Room, steps: &[Vec<Rows>]) -> Result<Vec<Slice>, Failure> {
    breakdown(question)?.slices_of(room, &steps[0])
}

/// How far the customers of a slice came.
fn reached(
    question: &FunnelQuestion,
    room: &Room,
    (steps, slice): (&[Vec<Rows>], &Slice),
) -> Result<questions::FunnelAnswer, Failure> {
    let within = words::within(question.within.as_deref())?;
    let (context, among) = (room.context(), slice.among(room)?);
    let sliced = |(index, step): (usize, &Vec<Rows>)| -> Vec<Rows> {
        let filter = slice.filter.as_ref().filter(|_| index == 0);
        step.iter().map(|rows| rows.clone().and(filter)).collect()
    };
    let steps: Vec<Vec<Rows>> = steps.iter().enumerate().map(sliced).collect();
    let ready: Vec<Vec<_>> =
        steps.iter().map(|step| step.iter().map(|rows| rows.ready(room, &context)).collect()).collect();
    let asked = Funnel {
        steps: ready
            .iter()
            .map(|step| step.iter().map(|rows| rows.scope(room.span, None)).collect())
            .collect(),
        span: room.span,
        among: among.as_ref(),
        window_ms: within.ms(),
        order: match question.order {
            FunnelOrder::Ordered => StepOrder::Ordered,
            FunnelOrder::Strict => StepOrder::Strict,
            FunnelOrder::Any => StepOrder::Any,
        },
    };
    Ok(funnel(&room.snapshot, &asked)?)
}

fn numbers(question: &FunnelQuestion, answer: &questions::FunnelAnswer) -> Vec<FunnelReached> {
    let first = answer.steps.first().map_or(0, |step| step.customers);
    let each = answer.steps.iter().zip(&question.steps).enumerate().map(|(index, (step, asked))| {
        let next = answer.steps.get(index + 1).map_or(step.customers, |next| next.customers);
        let before = index.checked_sub(1).map_or(first, |before| answer.steps[before].customers);
        FunnelReached {
            name: name(asked),
            customers: step.customers as u64,
            dropped: (step.customers - next) as u64,
            of_first: words::share(step.customers, first),
            of_previous: words::share(step.customers, before),
            median_ms: step.median_ms,
            p90_ms: step.p90_ms,
        }
    });
    each.collect()
}

/// "Came along these steps", where the language can say it: in order, each step one event.
fn came_to(question: &FunnelQuestion, room: &Room, steps: &[Vec<Rows>]) -> Option<Condition> {
    let simple = question.order == FunnelOrder::Ordered && steps.iter().all(|step| step.len() == 1);
    let each = steps.iter().filter(|_| simple).filter_map(|step| step.first());
    let mut each: Vec<Step> = each
        .filter_map(|rows| Some(Step { event: rows.event.clone()?, filter: rows.filter.clone() }))
        .collect();
    match each.len() {
        0 => None,
        1 => each.pop().map(|step| words::did(&step.event, step.filter.as_ref(), room.span)),
        _ => Some(Condition::Sequence(Sequence {
            steps: each,
            within: Some(words::within(question.within.as_deref()).ok()?),
            without: None,
            window: words::window(room.span),
        })),
    }
}
