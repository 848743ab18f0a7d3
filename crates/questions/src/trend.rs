//! Trend: per calendar bucket, how many events, of how many customers, and what a property sums up to.

mod labels;
mod tally;

use std::iter::once;

use columnar::{Hours, Property, Snapshot, Span, Stream, View, for_each_lane};
use jiff::tz::TimeZone;
use model::{Instant, Lane, Text};

pub use labels::Label;
pub use tally::Point;

use crate::calendar::{Buckets, HourPlaces, Period};
use crate::error::Error;
use crate::scope::Scope;
use labels::{LaneLabels, Ranking};
use tally::{BLOCK, Tally};

/// The question.
#[derive(Clone)]
pub struct Trend<'q> {
    /// Which events, and when.
    pub scope: Scope<'q>,
    /// How long a bucket is.
    pub period: Period,
    /// Whose days, weeks and months.
    pub zone: TimeZone,
    /// What is measured besides numbers of events and customers.
    pub measure: Option<Measure>,
    /// Into which series the events are broken down.
    pub by: By,
}

/// A property whose numbers are summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Which; where it is missing or no number, the event counts and adds nothing.
    pub property: Text,
    /// Which percentiles are wanted, as shares: 0.5 is the median.
    pub percentiles: Vec<f64>,
}

/// Into which series events are broken down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// One series.
    Nothing,
    /// One for each stream.
    Event,
    /// One for each of the `top` most frequent values of a property; the rest together.
    Property {
        /// Which.
        name: Text,
        /// How many values.
        top: usize,
    },
    /// One for each of the `top` most frequent values of a trait, as it is at the end of the range; the rest together.
    Trait {
        /// Which.
        name: Text,
        /// How many values.
        top: usize,
    },
}

/// At most so many values of a property or trait have a series of their own.
pub const TOP_MAX: usize = 100;
/// An answer has at most so many points (series × buckets).
pub const POINTS_MAX: usize = 1_000_000;

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendAnswer {
    /// When each bucket begins. The first and the last may reach beyond the range; only events within it count.
    pub buckets: Vec<Instant>,
    /// The most frequent first; what is missing or other comes last.
    pub series: Vec<Series>,
}

/// One line of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What its events have in common.
    pub label: Label,
    /// The whole range as one bucket.
    pub total: Point,
    /// One for each bucket.
    pub points: Vec<Point>,
}

/// Asks the question.
///
/// # Errors
/// When the answer would be too large, or a percentile is no share.
pub fn trend(snapshot: &Snapshot, question: &Trend<'_>) -> Result<TrendAnswer, Error> {
    check(question)?;
    let streams = question.scope.streams(snapshot);
    let Some(span) = ordinary(question.scope.span, &streams) else {
        return Ok(TrendAnswer { buckets: Vec::new(), series: Vec::new() });
    };
    let buckets = Buckets::new(span, question.period, &question.zone)?;
    let ranking = Ranking::of(snapshot, question, &streams);
    let points = ranking.series() * buckets.len();
    if points > POINTS_MAX {
        return Err(Error::TooLarge { what: "points", number: points, limit: POINTS_MAX });
    }
    let lanes = for_each_lane(|lane| lane_tally(snapshot, question, lane, (&streams, &buckets, &ranking)));
    let mut all = Tally::new(ranking.series(), buckets.len(), question.measure.is_some());
    lanes.into_iter().for_each(|lane| all.add(lane));
    let shares = question.measure.as_ref().map_or(&[][..], |measure| &measure.percentiles);
    let series = ranking.labels().into_iter().zip(all.into_points(shares)).map(|(label, mut points)| {
        let total = points.pop().expect("the last point of a series is its total");
        Series { label, total, points }
    });
    let mut series: Vec<Series> = series.collect();
    series.sort_by_key(|series| (series.label.place(), std::cmp::Reverse(series.total.events)));
    series.retain(|series| series.total.events > 0 || matches!(series.label, Label::All | Label::Event(_)));
    Ok(TrendAnswer { buckets: buckets.starts(), series })
}

fn check(question: &Trend<'_>) -> Result<(), Error> {
    let shares = question.measure.iter().flat_map(|measure| &measure.percentiles);
    if let Some(share) = shares.into_iter().find(|share| !(0.0..=1.0).contains(*share)) {
        return Err(Error::Invalid {
            field: "percentile",
            expected: "a share from 0 to 1",
            value: share.to_string(),
        });
    }
    match &question.by {
        By::Property { top, .. } | By::Trait { top, .. } if *top > TOP_MAX => {
            Err(Error::TooLarge { what: "values", number: *top, limit: TOP_MAX })
        }
        By::Nothing | By::Event | By::Property { .. } | By::Trait { .. } => Ok(()),
    }
}

/// The span with open ends closed around the rows that there are; `None` when there are none.
fn ordinary(span: Span, streams: &[&Stream]) -> Option<Span> {
    if span.after != Instant::MIN && span.until != Instant::MAX {
        return (span.after < span.until).then_some(span);
    }
    let lanes = for_each_lane(|lane| {
        let views = streams.iter().flat_map(|stream| stream.views());
        let times = views.flat_map(|view| view.lane(lane).flatten().map(|row| view.times()[row]));
        times.filter(|ms| span.contains(*ms)).fold(None, |ends: Option<(i64, i64)>, ms| {
            Some(ends.map_or((ms, ms), |(first, last)| (first.min(ms), last.max(ms))))
        })
    });
    let first = lanes.iter().flatten().map(|(first, _)| *first).min()?;
    let last = lanes.iter().flatten().map(|(_, last)| *last).max()?;
    let after =
        if span.after == Instant::MIN { Instant::from_ms(first.saturating_sub(1)) } else { span.after };
    let until = if span.until == Instant::MAX { Instant::from_ms(last) } else { span.until };
    Some(Span { after, until })
}

/// One pass over some tables of one lane.
struct Pass<'p> {
    question: &'p Trend<'p>,
    lane: Lane,
    views: Vec<&'p View>,
    /// The measured property in each table.
    measured: Vec<Property<'p>>,
    buckets: &'p Buckets,
}

fn lane_tally(
    snapshot: &Snapshot,
    question: &Trend<'_>,
    lane: Lane,
    (streams, buckets, ranking): (&[&Stream], &Buckets, &Ranking),
) -> Tally {
    let mut tally = Tally::new(ranking.series(), buckets.len(), question.measure.is_some());
    match question.by {
        // Each stream is a series of its own: no customer has to be seen in all of them at once.
        By::Event => {
            for (series, stream) in streams.iter().enumerate() {
                let pass = Pass::new(question, lane, stream.views().iter().collect(), buckets);
                pass.one_series(&mut tally, series);
            }
        }
        By::Nothing => {
            let views = streams.iter().flat_map(|stream| stream.views()).collect();
            Pass::new(question, lane, views, buckets).one_series(&mut tally, 0);
        }
        By::Property { .. } | By::Trait { .. } => {
            let views = streams.iter().flat_map(|stream| stream.views()).collect();
            let pass = Pass::new(question, lane, views, buckets);
            let labels = LaneLabels::new(snapshot, question, lane, &pass.views);
            pass.labelled(&mut tally, labels, ranking);
        }
    }
    tally
}

impl<'p> Pass<'p> {
    fn new(question: &'p Trend<'p>, lane: Lane, views: Vec<&'p View>, buckets: &'p Buckets) -> Self {
        let measure = question.measure.as_ref();
        let measured =
            |view: &&'p View| measure.map(|measure| view.property(&measure.property)).unwrap_or_default();
        let measured = views.iter().map(measured).collect();
        Self { question, lane, views, measured, buckets }
    }

    /// Counts all rows in one series.
    fn one_series(&self, tally: &mut Tally, series: usize) {
        let places = self.buckets.places();
        let by_hour = self.places_by_hour();
        self.question.scope.each_block::<BLOCK>(&self.views, self.lane, |block, place, rows, gate| {
            if let Some((hours, places)) = by_hour.get(place).copied().flatten() {
                gate.each_by(hours.rows(rows.clone()), self.views[place], rows, |chunk| {
                    let events = chunk.events().map(|(hour, ordinal)| (places.index(hour), ordinal));
                    tally.count(series, block, events);
                });
                return;
            }
            gate.each(self.views[place], rows, |chunk| {
                let events = chunk.events().map(|(time, ordinal)| (places.index(time), ordinal));
                tally.count(series, block, events);
                if self.question.measure.is_some() {
                    let rows = chunk.rows().zip(chunk.times);
                    rows.for_each(|(row, time)| self.measure(tally, series, (place, row, *time)));
                }
            });
        });
    }

    /// For each table the hours of its rows, and which lies in which bucket; `None`: instants are needed.
    fn places_by_hour(&self) -> Vec<Option<(&'p Hours, HourPlaces<'p>)>> {
        let by_hour = self.buckets.by_hour().filter(|_| self.question.measure.is_none());
        self.views.iter().map(|view| by_hour?.of_table(view, self.lane)).collect()
    }

    /// Counts each row in the series of its label.
    fn labelled(&self, tally: &mut Tally, mut labels: LaneLabels<'_>, ranking: &Ranking) {
        let places = self.buckets.places();
        let mut series_of = Vec::new();
        self.question.scope.each_block::<BLOCK>(&self.views, self.lane, |block, place, rows, gate| {
            gate.each(self.views[place], rows, |chunk| {
                for (row, (time, ordinal)) in chunk.rows().zip(chunk.events()) {
                    let label = labels.number(place, row);
                    while series_of.len() < labels.len() {
                        series_of.push(ranking.series_of(labels.label(series_of.len())));
                    }
                    tally.count(series_of[label], block, once((places.index(time), ordinal)));
                    self.measure(tally, series_of[label], (place, row, time));
                }
            });
        });
    }

    /// Adds what a row says of the measured property: (which of the tables, row, when it happened).
    fn measure(&self, tally: &mut Tally, series: usize, (place, row, time): (usize, usize, i64)) {
        let Some(measure) = &self.question.measure else { return };
        if let Some(number) = self.measured[place].number(row) {
            tally.measure(series, self.buckets.index(time), number, !measure.percentiles.is_empty());
        }
    }
}
