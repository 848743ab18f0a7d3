//! The questions, asked of our own engine as the server asks it.

use std::collections::BTreeMap;
use std::path::Path;

use audience::{Audiences, Condition, Context, many};
use columnar::{Columns, CustomerSet, Options, Order, Snapshot, Span, Story};
use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Text, Value, stream};
use questions::{
    By, Counting, Direction, Funnel, Label, Occurrence, Paths, Period, Retention, Rfm, Scope, StepOrder,
    Streams, Trend, funnel, paths, retention, rfm, trend,
};
use serde_json::{Value as Json, json};

use crate::generate::{END, START};
use crate::measure::{Answer, Engine, fastest, memory_peak};
use crate::prepare::Prepared;

/// Who bought shoes lately and stayed.
const AUDIENCE: &str = r#"did "purchase" where category = "shoes" at least 2 times in last 30 days and did not "app_uninstall" in last 90 days"#;
/// Who bought soon after filling the cart, without second thoughts.
const SEQUENCE: &str =
    r#"sequence "add_to_cart" then "purchase" within 1 day without "remove_from_cart" between"#;
const FUNNEL: [&str; 4] = ["product_view", "add_to_cart", "checkout_start", "purchase"];
const WEEK_MS: i64 = 7 * Instant::DAY_MS;

type Rows = Vec<Vec<Json>>;

/// Opens the parts and asks everything, or only one question.
///
/// # Errors
/// When a part cannot be read, or a question is refused.
pub fn ask(folder: &Path, prepared: &Prepared, only: Option<&str>) -> anyhow::Result<Engine> {
    let mut columns = Columns::open(folder.join("parts"), &prepared.manifest, Options::default())?;
    let snapshot = columns.snapshot();
    let shop = Shop { snapshot: &snapshot, customer: CustomerId::from_number(prepared.customer) };
    let mut answers = Answers { only, told: BTreeMap::new() };
    shop.audiences(&mut answers)?;
    shop.counts(&mut answers)?;
    shop.journeys(&mut answers)?;
    Ok(Engine {
        name: "ours".to_owned(),
        bytes: prepared.manifest.parts.iter().map(|part| part.bytes).sum(),
        memory: memory_peak(),
        answers: answers.told,
    })
}

/// What was asked so far.
struct Answers<'o> {
    /// The one question that is asked; `None`: all are.
    only: Option<&'o str>,
    told: BTreeMap<String, Answer>,
}

impl Answers<'_> {
    fn time<T, E: Into<anyhow::Error>>(
        &mut self,
        question: &str,
        run: impl Fn() -> Result<T, E>,
        rows: impl FnOnce(T) -> anyhow::Result<Rows>,
    ) -> anyhow::Result<()> {
        if self.only.is_some_and(|only| only != question) {
            return Ok(());
        }
        let (best, spent, answer) = fastest(run);
        let rows = rows(answer.map_err(Into::into)?)?;
        let (ms, cpu_ms) = (best.as_secs_f64() * 1e3, Some(spent.as_secs_f64() * 1e3));
        self.told.insert(question.to_owned(), Answer { ms, cpu_ms, form: None, rows });
        Ok(())
    }
}

struct Shop<'s> {
    snapshot: &'s Snapshot,
    customer: CustomerId,
}

/// Everything that was generated.
fn all_time() -> Span {
    Span { after: START.plus_ms(-1), until: END.plus_ms(-1) }
}

impl Shop<'_> {
    fn audiences(&self, answers: &mut Answers<'_>) -> anyhow::Result<()> {
        let context = Context { as_of: END, zone: TimeZone::UTC, audiences: Audiences::NONE };
        let audience: Condition = AUDIENCE.parse()?;
        let who = |condition: &Condition| many::evaluate(condition, self.snapshot, &context);
        let size = |set: CustomerSet| Ok(vec![vec![json!(set.len()), json!(numbers(&set))]]);
        answers.time("audience", || who(&audience), size)?;
        let sequence: Condition = SEQUENCE.parse()?;
        let bought = |set: &CustomerSet| {
            trend(
                self.snapshot,
                &Trend {
                    scope: Scope::of("event:purchase", all_time()).among(set),
                    period: Period::Month,
                    zone: TimeZone::UTC,
                    measure: None,
                    by: By::Property { name: "category".into(), top: 20 },
                },
            )
        };
        let share = || {
            let set = who(&sequence)?;
            anyhow::Ok((bought(&set)?, set))
        };
        let rows = |(trend, set): (questions::TrendAnswer, CustomerSet)| {
            let shares = trend.series.into_iter().filter_map(|series| match series.label {
                Label::Value(Value::Text(category)) => Some((category, series.total.customers)),
                Label::Value(_) | Label::All | Label::Event(_) | Label::Missing | Label::Other => None,
            });
            let everybody = (Text::default(), set.len() as u64);
            Ok(shares
                .chain([everybody])
                .map(|(label, customers)| vec![json!(label), json!(customers)])
                .collect())
        };
        answers.time("sequence", share, rows)?;
        Ok(())
    }

    fn counts(&self, answers: &mut Answers<'_>) -> anyhow::Result<()> {
        let purchases = Rfm {
            scope: Scope::of("event:purchase", all_time()),
            amount: Some("amount".into()),
            transitions: false,
        };
        let cells = |answer: questions::RfmAnswer| {
            let cells = answer.cells.iter().filter(|(_, summary)| summary.customers > 0);
            Ok(cells
                .map(|(cell, summary)| {
                    vec![json!(cell.r), json!(cell.f), json!(summary.customers), json!(summary.revenue)]
                })
                .collect())
        };
        answers.time("rfm", || anyhow::Ok(rfm(self.snapshot, &purchases)), cells)?;
        let daily = Trend {
            scope: Scope::any_event(all_time()),
            period: Period::Day,
            zone: TimeZone::UTC,
            measure: None,
            by: By::Event,
        };
        answers.time("daily", || trend(self.snapshot, &daily), |answer| Ok(days(&answer)))?;
        // 26 weeks from the Monday before the first event.
        let monday = START.plus_ms(-3 * Instant::DAY_MS);
        let weeks = Scope::any_event(Span::between(monday, monday.plus_ms(26 * WEEK_MS)));
        let weekly = Retention {
            start: weeks.clone(),
            back: weeks,
            period: Period::Week,
            zone: TimeZone::UTC,
            counting: Counting::Calendar,
        };
        let cells = |answer: questions::RetentionAnswer| {
            let mut rows = Rows::new();
            for (cohort, of) in answer.cohorts.iter().enumerate() {
                let returned = of.returned.iter().enumerate().filter(|(_, customers)| **customers > 0);
                rows.extend(returned.map(|(k, customers)| vec![json!(cohort), json!(k), json!(customers)]));
            }
            Ok(rows)
        };
        answers.time("retention", || retention(self.snapshot, &weekly), cells)?;
        Ok(())
    }

    fn journeys(&self, answers: &mut Answers<'_>) -> anyhow::Result<()> {
        let steps = FUNNEL.map(|name| vec![Scope::of(stream::event(name), Span::EVER)]).to_vec();
        let convert =
            Funnel { steps, span: all_time(), among: None, window_ms: WEEK_MS, order: StepOrder::Ordered };
        let reached = |answer: questions::FunnelAnswer| {
            Ok(vec![answer.steps.iter().map(|step| json!(step.customers)).collect()])
        };
        answers.time("funnel", || funnel(self.snapshot, &convert), reached)?;
        let before = Paths {
            anchor: Scope::of("event:app_uninstall", all_time()),
            occurrence: Occurrence::Each,
            direction: Direction::Before,
            events: Scope { streams: Streams::AnyEvent, ..Scope::any_event(Span::EVER) },
            steps: 3,
            within_ms: i64::MAX,
            collapse: false,
            top: 20,
        };
        let told = |answer: questions::PathsAnswer| Ok(answer.paths.iter().map(path).collect());
        answers.time("paths", || paths(self.snapshot, &before), told)?;
        let story = Story { span: Span::EVER, order: Order::OldestFirst, after: None, limit: usize::MAX };
        let whole = || anyhow::Ok(self.snapshot.story(self.customer, &story));
        answers.time("story", whole, |told| Ok(told.iter().map(chapter).collect()))?;
        Ok(())
    }
}

/// A sum that differs when another customer is in the set.
fn numbers(set: &CustomerSet) -> u64 {
    set.iter().map(|customer| u64::from(customer.number())).sum()
}

fn days(answer: &questions::TrendAnswer) -> Rows {
    let mut rows = Rows::new();
    for series in &answer.series {
        let Label::Event(name) = &series.label else { continue };
        let points = answer.buckets.iter().zip(&series.points).filter(|(_, point)| point.events > 0);
        rows.extend(points.map(|(day, point)| {
            let day = day.since_ms(START) / Instant::DAY_MS;
            vec![json!(day), json!(stream::event_name(name)), json!(point.events), json!(point.customers)]
        }));
    }
    rows
}

/// Three steps in the order of time, empty where nothing (more) happened before, and how many went so.
fn path(path: &questions::Path) -> Vec<Json> {
    let names = path.steps.iter().map(|step| json!(stream::event_name(step)));
    let missing = std::iter::repeat_n(json!(""), 3 - path.steps.len());
    missing.chain(names).chain([json!(path.anchors)]).collect()
}

/// When, what, and the three properties that events may have; 0 and "" where they are missing.
fn chapter(told: &columnar::Told) -> Vec<Json> {
    let property = |name: &str, missing: Json| {
        told.row.properties.get(name).map_or(missing, |value| serde_json::to_value(value).unwrap_or_default())
    };
    vec![
        json!(told.place.at.ms()),
        json!(stream::event_name(&told.row.stream)),
        property("amount", json!(0)),
        property("category", json!("")),
        property("page", json!("")),
    ]
}
