//! Where a question is asked: over which snapshot, of whom, when, in which zone.

use std::sync::Arc;

use api::ask::{About, Compare, Told, Warning, WarningKind};
use api::{Problem, Word};
use audience::{Condition, Context, Warning as Doubt, check as doubts};
use columnar::{CustomerSet, Snapshot, Span, Stream};
use jiff::tz::TimeZone;
use model::{ErrorKind, Instant, Text};
use questions::Pace;

use super::words;
use crate::conditions::Conditions;
use crate::http::app::App;
use crate::http::caller::Caller;
use crate::http::failure::Failure;
use crate::http::warnings::{missed, not_kept};
use crate::http::{check, condition};

/// How far back a question goes when nobody says.
const RANGE_MS: i64 = 30 * Instant::DAY_MS;

/// Where a question is asked.
#[derive(Clone)]
pub(in crate::http) struct Room {
    /// What it reads.
    pub(super) snapshot: Snapshot,
    /// Named audiences, and whose days are meant.
    pub(super) conditions: Conditions,
    /// When.
    pub(super) span: Span,
    /// Of whom.
    pub(super) condition: Condition,
    /// Who they are; `None`: everybody.
    pub(super) among: Option<CustomerSet>,
    /// The event that the workspace calls a purchase.
    pub(super) purchase_event: String,
    /// The property that says for how much.
    pub(super) amount_property: String,
    /// Whether anybody still waits, and how far it is.
    pub(super) pace: Arc<Pace>,
    zone: String,
}

impl Room {
    /// Reads whom the question is about, and when. Nobody is looked up yet: see [`Self::enter`].
    pub(super) async fn open(app: &App, caller: &Caller, about: &About<'_>) -> Result<Self, Failure> {
        let document = caller.workspace.document();
        let settings = &document.document.settings;
        let zone = about.time_zone.unwrap_or(&settings.time_zone);
        let time_zone = check::time_zone("time_zone", zone)?;
        let condition = condition::read("condition", about.condition, Some(Condition::Everyone))?;
        let (snapshot, now) = caller.engine().snapshot();
        let span = range(about, now)?;
        let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
        Ok(Self {
            snapshot,
            conditions: Conditions { zone: time_zone, ..conditions },
            span,
            condition,
            among: None,
            purchase_event: settings.purchase_event.clone(),
            amount_property: settings.amount_property.clone(),
            pace: Arc::default(),
            zone: zone.to_owned(),
        })
    }

    /// Looks up who is meant. Takes its time, like all that follows: not for the runtime's threads.
    pub(super) fn enter(self) -> Result<Self, Failure> {
        let everybody = self.condition == Condition::Everyone;
        let among = if everybody { None } else { Some(self.evaluate(&self.condition)?) };
        Ok(Self { among, ..self })
    }

    /// The same, of the last instant of the range alone.
    pub(super) fn at_its_end(self) -> Self {
        let span = Span { after: self.span.until.plus_ms(-1), ..self.span };
        Self { span, ..self }
    }

    /// Where the same question is asked again for comparison.
    pub(super) fn beside(&self, compare: Option<&Compare>) -> Result<Option<Self>, Failure> {
        let other = match compare {
            None => return Ok(None),
            Some(Compare::Previous) => Self { span: self.span.previous(), ..self.clone() },
            Some(Compare::Condition(input)) => {
                Self { condition: condition::read("compare.condition", input, None)?, ..self.clone() }
            }
        };
        other.enter().map(Some)
    }

    /// Everybody who meets a condition at the end of the range.
    pub(super) fn evaluate(&self, condition: &Condition) -> Result<CustomerSet, Failure> {
        self.go_on()?;
        Ok(self.conditions.evaluate(condition, &self.snapshot, self.span.until)?)
    }

    /// Ends the work when nobody waits for it any more: what was found so far lacks rows.
    pub(super) fn go_on(&self) -> Result<(), Failure> {
        if !self.pace.is_stopped() {
            return Ok(());
        }
        let problem = Problem::new(ErrorKind::Conflict, "the question was stopped");
        Err(Failure::of(problem.fix("ask it again")))
    }

    /// The pace of a pass over these streams, which is announced with it.
    pub(super) fn pace_over(&self, streams: &[Text]) -> &Pace {
        let streams = streams.iter().filter_map(|name| self.snapshot.stream(name));
        self.pace.expect(streams.map(Stream::rows).sum());
        &self.pace
    }

    /// Against what filters are evaluated.
    pub(super) fn context(&self) -> Context<'_> {
        Context { as_of: self.span.until, zone: self.zone().clone(), audiences: &self.conditions.audiences }
    }

    /// Whose days, weeks and months are meant.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.conditions.zone
    }

    /// Whether it is about everybody, so that a condition need not say of whom.
    pub(super) fn is_about_everybody(&self) -> bool {
        self.condition == Condition::Everyone
    }

    /// The range without the time before the first row of these streams, when it begins before computers had clocks.
    pub(super) fn span_since_first(&self, streams: &[Text]) -> Span {
        if self.span.after > Instant::from_ms(0) {
            return self.span;
        }
        let streams = streams.iter().filter_map(|name| self.snapshot.stream(name));
        let firsts = streams.filter_map(|stream| Some(stream.ends()?.0));
        match firsts.min().filter(|first| *first <= self.span.until) {
            Some(first) => Span { after: first.plus_ms(-1).max(self.span.after), ..self.span },
            None => Span { after: self.span.until.plus_ms(-RANGE_MS), ..self.span },
        }
    }

    /// What an answer over `span` says about itself; how long it took is not known yet.
    pub(super) fn told(&self, span: Span) -> Told {
        Told {
            from: Word(span.after),
            to: Word(span.until),
            time_zone: self.zone.clone(),
            warnings: Vec::new(),
            took_ms: 0.0,
        }
    }

    /// What is doubtful about the range of a question and about what it mentions; `compared` is where it was asked for
    /// comparison.
    pub(super) fn warnings(&self, mentions: &[(String, Condition)], compared: Option<Span>) -> Vec<Warning> {
        let about = [("condition".to_owned(), self.condition.clone())];
        let mut said = warnings(&self.snapshot, &self.conditions, about.iter().chain(mentions));
        let ranges = [("from", Some(self.span)), ("compare", compared)];
        let range =
            |(field, span): (&str, Option<Span>)| not_kept(&self.snapshot, field, span?.after.plus_ms(1));
        // Once is enough: the range says it for the condition, too.
        let range = ranges.into_iter().find_map(range);
        said.extend(range.or_else(|| looks_back(&self.snapshot, &self.condition, &self.context())));
        said
    }
}

/// The range of a question.
fn range(about: &About<'_>, now: Instant) -> Result<Span, Failure> {
    let until = about.to.map_or(now, |to| to.0);
    let after = match (about.from, about.last) {
        (None, None) => until.plus_ms(-RANGE_MS),
        (Some(from), None) => from.0,
        (None, Some(last)) => until.plus_ms(-words::span("last", last)?.ms()),
        (Some(_), Some(last)) => {
            let problem = Problem::invalid("last", "the beginning of the range is there twice").value(last);
            return Err(Failure::of(problem.fix("send `last` or `from`, not both")));
        }
    };
    if after >= until {
        let detail = format!("the range ends before it begins. from=`{after}`, to=`{until}`");
        return Err(Failure::of(
            Problem::invalid("from", detail).value(after).fix("send a `from` before `to`"),
        ));
    }
    Ok(Span { after, until })
}

/// Whether a condition looks back further than events are kept.
pub(super) fn looks_back(
    snapshot: &Snapshot,
    condition: &Condition,
    context: &Context<'_>,
) -> Option<Warning> {
    not_kept(snapshot, "condition", condition.reads_events_since(context))
}

/// What the questions asked of this snapshot could not see; then names that nobody has ever seen, and where each stands.
pub(in crate::http) fn warnings<'m>(
    snapshot: &Snapshot,
    conditions: &Conditions,
    mentions: impl IntoIterator<Item = &'m (String, Condition)> + Clone,
) -> Vec<Warning> {
    // First, because looking names up asks for more than the question did.
    let mut warnings = missed(snapshot);
    let mentioned = mentions.clone().into_iter().map(|(_, condition)| condition);
    let known = condition::known(&snapshot.for_question(), conditions, mentioned);
    let each = mentions.into_iter().flat_map(|(field, mention)| {
        let doubtful = doubts(mention, &known).into_iter().filter(condition::is_doubtful);
        doubtful.map(move |doubt| unknown_name(field, &doubt))
    });
    for warning in each {
        if !warnings.iter().any(|other| other.message == warning.message) {
            warnings.push(warning);
        }
    }
    warnings
}

fn unknown_name(field: &str, doubt: &Doubt) -> Warning {
    let nearest = doubt.nearest.as_ref().map(ToString::to_string);
    Warning {
        kind: WarningKind::UnknownName,
        message: doubt.to_string(),
        fix: nearest.as_ref().map(|name| format!("write `{name}` if that is what you mean")),
        field: Some(field.to_owned()),
        nearest,
        stream: None,
        rows: None,
        from: None,
        to: None,
    }
}
