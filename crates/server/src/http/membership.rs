//! Who is in an audience, who was, who came and went: read from what live audiences told.

use std::sync::Arc;

use api::audiences::{AudienceLive, AudienceSize, AudienceSizes, Passage, PassagesQuery, SizesQuery};
use api::{Page, Problem, Word};
use audience::live::Standing;
use audience::live::history::{self, Passages};
use axum::Json as Reply;
use axum::extract::{Path, State};
use columnar::{CustomerSet, Span};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use model::{CustomerId, Instant, Text, stream};

use super::app::App;
use super::body::Query;
use super::caller::Caller;
use super::failure::{Answer, Failure};
use super::{blocking, check, customers, people as shown};
use crate::conditions::Conditions;

/// How many people are in an audience at this moment.
pub(super) async fn audience_live(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer<AudienceLive> {
    let (asked, now) = (Text::from(name.as_str()), caller.engine().now());
    let live = caller.engine().ask(move |world| {
        let standing = world.live.standing(&asked).ok_or_else(|| world.live.counted_percent(&asked))?;
        // Nothing is due: what was true when it last heard of the world is true now.
        let due = world.live.next_wake().is_some_and(|wake| wake <= now);
        Ok((standing, if due { world.live.at() } else { now }))
    });
    Ok(Reply(match live.await? {
        Ok((Standing { members, since }, as_of)) => AudienceLive {
            as_of: Word(as_of),
            customers: members as u64,
            since: Some(Word(since)),
            counted_percent: None,
        },
        Err(counted_percent) => AudienceLive {
            as_of: Word(caller.engine().snapshot().1),
            customers: members(&app, &caller, (&name, None)).await?.len() as u64,
            since: None,
            counted_percent,
        },
    }))
}

async fn standing(caller: &Caller, name: &str) -> Result<Option<Standing>, Failure> {
    let name = Text::from(name);
    Ok(caller.engine().ask(move |world| world.live.standing(&name)).await?)
}

/// Who is in an audience, or was at an instant.
pub(super) async fn members(
    app: &App,
    caller: &Caller,
    (name, as_of): (&str, Option<Instant>),
) -> Result<CustomerSet, Failure> {
    let asked = Text::from(name);
    let live = caller.engine().ask(move |world| {
        let since = world.live.standing(&asked)?.since;
        Some((since, as_of.is_none().then(|| world.live.members(&asked).cloned()).flatten()))
    });
    let (snapshot, now) = match live.await? {
        Some((_, Some(members))) => return Ok(members),
        Some((since, None)) if as_of.is_some_and(|as_of| as_of >= since) => {
            let (snapshot, _) = caller.engine().snapshot();
            let (stream, as_of) = (stream::audience(name), as_of.unwrap_or(since));
            let members = move || snapshot.stream(&stream).map(|rows| history::members(rows, as_of));
            return Ok(blocking(members).await?.unwrap_or_default());
        }
        Some((_, None)) | None => caller.engine().snapshot(),
    };
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let condition = conditions.named(name)?;
    let as_of = as_of.map_or(now, |as_of| as_of.min(now));
    Ok(blocking(move || conditions.evaluate(&condition, &snapshot, as_of)).await??)
}

/// Who entered and left, the latest first.
pub(super) async fn audience_passages(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<PassagesQuery>,
) -> Answer<Page<Passage>> {
    app.house.store.audience_fetch(caller.workspace.id, &name).await?;
    let limit = api::page::limit(query.limit);
    let asked = Passages {
        span: Span { after: query.after.map_or(Instant::MIN, |after| after.0), until: Instant::MAX },
        entered: query.direction.as_deref().map(direction).transpose()?,
        before: query.before.as_deref().map(customers::place).transpose()?,
        limit,
    };
    let (snapshot, _) = caller.engine().snapshot();
    let stream = stream::audience(&name);
    let told = blocking(move || snapshot.stream(&stream).map(|rows| history::passages(rows, &asked))).await?;
    let told = told.unwrap_or_default();
    let next = check::next(&told, limit, |it| customers::mark(it.place));
    let ids: Vec<CustomerId> = told.iter().map(|it| it.customer).collect();
    let profiles = caller.engine().ask(move |world| shown::profiles(world, &ids)).await??;
    // Somebody who was erased since the snapshot has no profile; they are left out.
    let items = told.into_iter().filter_map(|it| {
        let profile = profiles.iter().find(|profile| profile.customer == it.customer)?;
        let customer = shown::summary(profile);
        Some(Passage {
            at: Word(it.place.at),
            customer,
            entered: it.entered,
            because: it.because.to_string(),
        })
    });
    Ok(Reply(Page { items: items.collect(), next }))
}

fn direction(word: &str) -> Result<bool, Failure> {
    match word {
        "entered" => Ok(true),
        "left" => Ok(false),
        other => {
            let problem = Problem::invalid("direction", "not a direction").value(other);
            Err(Failure::of(problem.fix("send `entered` or `left`, or nothing for both")))
        }
    }
}

/// How large an audience was at the end of each of the last days.
pub(super) async fn audience_sizes(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<SizesQuery>,
) -> Answer<AudienceSizes> {
    app.house.store.audience_fetch(caller.workspace.id, &name).await?;
    let (snapshot, as_of) = caller.engine().snapshot();
    let time_zone = caller.workspace.document().document.settings.time_zone.clone();
    let zone = TimeZone::get(&time_zone).unwrap_or(TimeZone::UTC);
    let since = standing(&caller, &name).await?.map_or(as_of, |standing| standing.since);
    let midnights = midnights(&zone, as_of, query.days());
    let stream = stream::audience(&name);
    let days = blocking(move || {
        let Some(rows) = snapshot.stream(&stream) else { return Vec::new() };
        // The last instant before each day, then now: between two of them lies a day.
        let before = midnights.iter().map(|midnight| midnight.plus_ms(-1));
        let instants: Vec<Instant> = before.chain([as_of]).collect();
        let sizes = history::sizes(rows, &instants);
        let days = midnights.iter().zip(sizes.iter().skip(1));
        let followed = days.filter(|(_, size)| size.at >= since);
        followed
            .map(|(midnight, size)| AudienceSize {
                day: Word(*midnight),
                customers: size.members,
                entered: size.entered,
                left: size.left,
            })
            .collect()
    })
    .await?;
    Ok(Reply(AudienceSizes { as_of: Word(as_of), time_zone, days }))
}

/// The beginnings of the last `days` days of the zone, the earliest first, today's the last.
fn midnights(zone: &TimeZone, as_of: Instant, days: usize) -> Vec<Instant> {
    let today = as_of.timestamp().to_zoned(zone.clone()).date();
    let back = (0..i64::try_from(days).unwrap_or(i64::MAX)).rev();
    let midnight = |back: i64| {
        let day = today.saturating_sub(back.days()).to_zoned(zone.clone()).ok()?;
        Some(Instant::from_ms(day.timestamp().as_millisecond()))
    };
    back.filter_map(midnight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_of_the_zone_also_when_its_clocks_change() {
        let zone = TimeZone::get("America/New_York").expect("it is in the database");
        let days = midnights(&zone, "2026-03-09T12:00:00Z".parse().expect("an instant"), 3);
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        assert_eq!(
            days,
            ["2026-03-07T05:00:00.000Z", "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"]
        );
    }
}
