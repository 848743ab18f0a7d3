//! Retention: who comes back.

use api::Word;
use api::ask::people::Pick;
use api::ask::retention::{RetentionCohort, RetentionCounting, RetentionLine};
use api::ask::{RetentionAnswer, RetentionQuestion};
use audience::Condition;
use columnar::Span;
use model::Text;
use questions::{Cohort, Counting, Retention, retention};

use super::room::Room;
use super::rows::Rows;
use super::slices::{Breakdown, Slice};
use super::trend::period;
use super::{Ask, Picked, words};
use crate::http::failure::Failure;

/// How many lines there are when nobody says.
const LINES: usize = 5;

/// What begins, what counts as coming back, and when.
struct Ends {
    start: Rows,
    back: Rows,
    span: Span,
}

impl Ask for RetentionQuestion {
    const WORD: &'static str = "retention";

    type Answer = RetentionAnswer;

    fn mentions(&self, room: &Room) -> Result<Vec<(String, Condition)>, Failure> {
        let ends = ends(self, room)?;
        let breakdown = breakdown(self)?.mention(ends.start.event.as_ref());
        let mentions =
            [("start", ends.start.mention()), ("back", ends.back.mention()), ("breakdown", breakdown)];
        Ok(mentions.map(|(field, condition)| (field.to_owned(), condition)).to_vec())
    }

    fn answer(&self, room: &Room) -> Result<RetentionAnswer, Failure> {
        let ends = ends(self, room)?;
        let slices = breakdown(self)?.slices_of(room, std::slice::from_ref(&ends.start))?;
        let lines = slices.into_iter().map(|slice| {
            let answer = came_back(self, room, (&ends, &slice))?;
            Ok(line(slice, &answer.cohorts))
        });
        let lines = lines.collect::<Result<Vec<_>, Failure>>()?;
        Ok(RetentionAnswer { lines, compared: None, told: room.told(ends.span) })
    }

    fn people(&self, room: &Room, pick: &Pick) -> Result<Picked, Failure> {
        let (line, cohort, back) = if let Pick::Cohort { line, cohort } = *pick {
            (line, cohort, None)
        } else if let Pick::Returned { line, cohort, period } | Pick::Away { line, cohort, period } = *pick {
            (line, cohort, Some((period, matches!(pick, Pick::Returned { .. }))))
        } else {
            return Err(words::foreign(pick, "retention"));
        };
        let ends = ends(self, room)?;
        let slices = breakdown(self)?.slices_of(room, std::slice::from_ref(&ends.start))?;
        let slice = slices.get(line).ok_or_else(|| words::out_of_range("line", line, slices.len()))?;
        let answer = came_back(self, room, (&ends, slice))?;
        let told = answer
            .cohorts
            .get(cohort)
            .ok_or_else(|| words::out_of_range("cohort", cohort, answer.cohorts.len()))?;
        let mut what =
            format!("began {}", words::range(period_span(&answer.cohorts, cohort, ends.span), room.zone()));
        let mut set = answer.cohort(cohort);
        if let Some((period, came)) = back {
            if period >= told.returned.len() {
                return Err(words::out_of_range("period", period, told.returned.len()));
            }
            let returned = answer.returned(cohort, period);
            set = if came { returned } else { set - &returned };
            let did = if came { "came back" } else { "did not come back" };
            what = format!("{what} and {did} {period} {}(s) later", word(self));
        }
        what.push_str(&words::line(slice));
        let condition = words::said(room, slice, || say(self, (&ends, &answer.cohorts), (cohort, back)));
        Ok(Picked { set, what, condition })
    }
}

const fn word(question: &RetentionQuestion) -> &'static str {
    match question.period {
        api::ask::Period::Day => "day",
        api::ask::Period::Week => "week",
        api::ask::Period::Month => "month",
    }
}

fn ends(question: &RetentionQuestion, room: &Room) -> Result<Ends, Failure> {
    let start = Rows::read_or_anything("start.", question.start.as_ref(), &room.snapshot)?;
    let back = Rows::read_or_anything("back.", question.back.as_ref(), &room.snapshot)?;
    let span = room.span_since_first(start.streams());
    Ok(Ends { start, back, span })
}

fn breakdown(question: &RetentionQuestion) -> Result<Breakdown, Failure> {
    Breakdown::read(question.breakdown.as_deref(), question.top, LINES)
}

fn came_back(
    question: &RetentionQuestion,
    room: &Room,
    (ends, slice): (&Ends, &Slice),
) -> Result<questions::RetentionAnswer, Failure> {
    let (context, among) = (room.context(), slice.among(room)?);
    let start = ends.start.clone().and(slice.filter.as_ref());
    let (start, back) = (start.ready(room, &context), ends.back.ready(room, &context));
    let asked = Retention {
        start: start.scope(ends.span, among.as_ref()),
        back: back.scope(ends.span, among.as_ref()),
        period: period(question.period),
        zone: room.zone().clone(),
        counting: match question.counting {
            RetentionCounting::Calendar => Counting::Calendar,
            RetentionCounting::OnOrAfter => Counting::OnOrAfter,
            RetentionCounting::Rolling => Counting::Rolling,
        },
    };
    Ok(retention(&room.snapshot, &asked)?)
}

fn line(slice: Slice, cohorts: &[Cohort]) -> RetentionLine {
    let customers = cohorts.iter().map(|cohort| cohort.customers).sum::<usize>();
    let periods = cohorts.iter().map(|cohort| cohort.returned.len()).max().unwrap_or(0);
    let share = |k: usize| {
        let could = cohorts.iter().filter(|cohort| cohort.returned.len() > k);
        let (returned, of) = could
            .fold((0, 0), |(returned, of), cohort| (returned + cohort.returned[k], of + cohort.customers));
        words::share(returned, of)
    };
    let told = cohorts.iter().map(|cohort| RetentionCohort {
        start: Word(cohort.start),
        customers: cohort.customers as u64,
        returned: cohort.returned.iter().map(|returned| *returned as u64).collect(),
    });
    RetentionLine {
        value: slice.value,
        other: slice.other,
        customers: customers as u64,
        cohorts: told.collect(),
        shares: (0..periods).map(share).collect(),
    }
}

/// The part of the range in the period with this place.
fn period_span(cohorts: &[Cohort], place: usize, span: Span) -> Span {
    let after = cohorts[place].start.plus_ms(-1).max(span.after);
    let until = cohorts.get(place + 1).map_or(span.until, |next| next.start.plus_ms(-1));
    Span { after, until: until.min(span.until) }
}

/// Who is meant, where the language can say it: both events named, calendar periods.
fn say(
    question: &RetentionQuestion,
    (ends, cohorts): (&Ends, &[Cohort]),
    (cohort, back): (usize, Option<(usize, bool)>),
) -> Option<Condition> {
    let did = |rows: &Rows, span: Span| -> Option<Condition> {
        let event: &Text = rows.event.as_ref()?;
        Some(words::did(event, rows.filter.as_ref(), span))
    };
    let here = period_span(cohorts, cohort, ends.span);
    let mut all = did(&ends.start, here)?;
    if here.after > ends.span.after {
        all = all.and(did(&ends.start, Span { after: ends.span.after, until: here.after })?.negated());
    }
    let Some((period, came)) = back else { return Some(all) };
    let later = period_span(cohorts, cohort + period, ends.span);
    let returned = match question.counting {
        RetentionCounting::Calendar => did(&ends.back, later)?,
        RetentionCounting::OnOrAfter => did(&ends.back, Span { until: ends.span.until, ..later })?,
        RetentionCounting::Rolling => return None,
    };
    Some(all.and(if came { returned } else { returned.negated() }))
}
