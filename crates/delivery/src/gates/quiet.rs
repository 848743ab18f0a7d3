//! Is it a time of day at which the person wants to be left alone?

use jiff::civil;
use jiff::tz::TimeZone;
use model::Instant;

use super::{Gate, Scene};
use crate::candidate::{Zone, ZoneSource};
use crate::decision::{GateName, LocalTime, Reason, Seen, Sight, Verdict};
use crate::policy::{Minute, QuietHours, QuietRule};
use crate::purpose::rules;

pub(super) const GATE: Gate =
    Gate { name: GateName::Quiet, at_handover: false, plain: || Sight::Quiet { local: None }, check };

fn check(scene: &Scene<'_>) -> Seen {
    let candidate = scene.candidate;
    let quiet = scene.policy.quiet.filter(|_| rules(candidate.campaign.purpose).keeps_quiet);
    let Some(hours) = quiet else { return Seen::pass(Sight::Quiet { local: None }) };
    let (zone, zone_name, source) = zone(candidate.person.zone.as_ref(), &scene.policy.zone);
    let local = candidate.now.timestamp().to_zoned(zone).datetime();
    let minute = minute(local);
    let sight = Sight::Quiet { local: Some(LocalTime { zone: zone_name, source, minute }) };
    match hours.rule {
        _ if !hours.contain(minute) => Seen::pass(sight),
        QuietRule::Suppress => Seen::suppress(Reason::QuietHours, sight),
        QuietRule::Hold => Seen { verdict: Verdict::Hold(edge(scene, hours, local)), sight },
    }
}

/// The person's own zone if it exists, else the workspace's, else UTC.
fn zone(own: Option<&Zone>, workspace: &model::Text) -> (TimeZone, model::Text, ZoneSource) {
    if let Some(own) = own
        && let Ok(zone) = TimeZone::get(&own.name)
    {
        return (zone, own.name.clone(), own.source);
    }
    match TimeZone::get(workspace) {
        Ok(zone) => (zone, workspace.clone(), ZoneSource::Workspace),
        Err(_) => (TimeZone::UTC, "UTC".into(), ZoneSource::Workspace),
    }
}

fn minute(local: civil::DateTime) -> Minute {
    let (hour, minute) = (local.hour().unsigned_abs(), local.minute().unsigned_abs());
    Minute::of(hour.into(), minute.into()).expect("a civil time is a minute of a day")
}

/// The first instant after `local` at which quiet hours are over there.
fn edge(scene: &Scene<'_>, hours: QuietHours, local: civil::DateTime) -> Instant {
    let (zone, ..) = zone(scene.candidate.person.zone.as_ref(), &scene.policy.zone);
    let until = i8::try_from(hours.until.number() / 60)
        .and_then(|hour| Ok((hour, i8::try_from(hours.until.number() % 60)?)))
        .map(|(hour, minute)| civil::time(hour, minute, 0, 0))
        .expect("a minute of a day is a civil time");
    let today = local.date().to_datetime(until);
    let ends = if today > local {
        today
    } else {
        today.date().tomorrow().map_or(today, |day| day.to_datetime(until))
    };
    match zone.to_ambiguous_timestamp(ends).compatible() {
        Ok(timestamp) => Instant::from(timestamp),
        Err(_) => scene.candidate.now.plus_ms(Instant::HOUR_MS),
    }
}
