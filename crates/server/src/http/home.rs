//! Home: what is happening now.

use std::sync::Arc;

use api::Word;
use api::home::{Home, MessageCounts, NextStep, Reach};
use axum::Json as Reply;
use axum::extract::State;
use columnar::{Snapshot, Span};
use model::stream::{self, message as names};
use model::{Instant, Lane};

use super::app::App;
use super::caller::Caller;
use super::failure::Answer;
use super::{blocking, campaigns, warnings};

/// How many campaigns Home shows.
const CAMPAIGNS: usize = 10;
/// How many minutes the little chart shows.
const MINUTES: i64 = 60;

/// What is happening now.
pub(super) async fn home_fetch(State(app): State<Arc<App>>, caller: Caller) -> Answer<Home> {
    let (snapshot, as_of) = caller.engine().snapshot();
    let now = caller.engine().now();
    let day_ago = now.plus_ms(-Instant::DAY_MS);
    let (counts, rejects) = caller
        .engine()
        .ask(move |world| {
            let lately = world.seen.rejects().take_while(|turned| turned.at() > day_ago).count();
            (world.people.counts(), lately)
        })
        .await?;
    let records = app.house.store.campaign_list(caller.workspace.id, None, CAMPAIGNS).await?;
    let audiences = app.house.store.audience_list(caller.workspace.id, "", 1).await?;
    let sender = caller.workspace.document().document.settings.sender.email.clone();
    let warnings = warnings::missing(&snapshot);
    let campaigns = campaigns::briefs(&caller, &records).await?;
    let lately = blocking(move || Lately::of(&snapshot, now)).await?;
    let step = |step: &str, done: bool| NextStep { step: step.to_owned(), done };
    let next_steps = vec![
        step("send_events", counts.customers > 0),
        step("make_audience", !audiences.is_empty()),
        step("set_sender", !sender.is_empty()),
        step("launch_campaign", records.iter().any(|record| record.launched_at.is_some())),
    ];
    let reach =
        counts.reachable.into_iter().map(|(channel, customers)| Reach { channel: Word(channel), customers });
    Ok(Reply(Home {
        as_of: Word(as_of),
        behind_ms: u64::try_from(now.since_ms(as_of)).unwrap_or_default(),
        customers: counts.customers,
        reach: reach.collect(),
        events_per_minute: lately.minutes,
        events_last_day: lately.day,
        events_day_before: lately.day_before,
        rejects_last_day: rejects as u64,
        messages_last_day: lately.messages,
        campaigns,
        warnings,
        next_steps,
    }))
}

/// What happened lately.
struct Lately {
    minutes: Vec<u64>,
    day: u64,
    day_before: u64,
    messages: MessageCounts,
}

impl Lately {
    fn of(snapshot: &Snapshot, now: Instant) -> Self {
        let two_days = Span::last(2 * Instant::DAY_MS, now);
        let snapshot = &snapshot.reading_since(two_days.after);
        let mut lately = Self {
            minutes: vec![0; usize::try_from(MINUTES).unwrap_or_default()],
            day: 0,
            day_before: 0,
            messages: MessageCounts::default(),
        };
        let events = snapshot.streams_of("event:").map(|stream| stream.name().clone());
        let own = stream::event(names::PREFIX);
        for name in events.filter(|name| !name.starts_with(own.as_str())) {
            each(snapshot, &name, two_days, |ms, _| lately.event(now.since_ms(Instant::from_ms(ms))));
        }
        lately.messages = messages(snapshot, Span::last(Instant::DAY_MS, now));
        lately
    }

    fn event(&mut self, age_ms: i64) {
        if age_ms >= Instant::DAY_MS {
            self.day_before += 1;
            return;
        }
        self.day += 1;
        let minute = MINUTES - 1 - age_ms / Instant::MINUTE_MS;
        if let Some(count) = usize::try_from(minute).ok().and_then(|minute| self.minutes.get_mut(minute)) {
            *count += 1;
        }
    }
}

/// Shows every row of a stream within a span: its instant and, of the decisions, their outcome.
fn each(snapshot: &Snapshot, name: &str, span: Span, mut visit: impl FnMut(i64, Option<&str>)) {
    for view in snapshot.stream(name).map_or(&[][..], |stream| stream.views()) {
        let (times, outcome) = (view.times(), view.property("outcome"));
        for row in Lane::all().flat_map(|lane| view.lane(lane)).flatten() {
            if span.contains(times[row]) {
                visit(times[row], outcome.text(row));
            }
        }
    }
}

fn messages(snapshot: &Snapshot, day: Span) -> MessageCounts {
    let mut counts = MessageCounts::default();
    each(snapshot, &stream::event(names::DECIDED), day, |_, outcome| match outcome {
        Some("send") => counts.planned += 1,
        Some("hold") => counts.held += 1,
        Some(_) | None => counts.suppressed += 1,
    });
    let count = |name: &str| {
        let mut count = 0;
        each(snapshot, &stream::event(name), day, |_, _| count += 1);
        count
    };
    let (sent, bounced) = (count(names::SENT), count(names::BOUNCED));
    MessageCounts {
        sent,
        // Of mail, only failures are told: what was taken and did not come back has arrived.
        delivered: count(names::DELIVERED).max(sent.saturating_sub(bounced)),
        opened: count(names::OPENED),
        clicked: count(names::CLICKED),
        bounced,
        failed: count(names::FAILED),
        complained: count(names::COMPLAINED),
        unsubscribed: count(names::UNSUBSCRIBED),
        ..counts
    }
}
