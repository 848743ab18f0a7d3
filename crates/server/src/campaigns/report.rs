//! What became of a campaign.

use std::collections::{BTreeMap, HashSet};

use api::campaigns::{
    CampaignBrief, CampaignReport, Comparison, Difference, LeftOut, LinkClicks, Outcome, Reading,
};
use api::home::MessageCounts;
use columnar::Snapshot;
use delivery::{ArmCounts, Brief, Conversion, Counts, Interval, Mark, Reporter, Ruling, RunId, Story};
use model::stream;
use model::{CustomerId, Instant};

use super::ledger;

/// How long after a message a purchase counts when the draft does not say.
const ATTRIBUTION_HOURS: u32 = 168;
/// How many examples each reason shows.
const EXAMPLES_MAX: usize = 5;

/// What a launch's messages came to, as lists show it.
pub fn message_counts(counts: &Counts) -> MessageCounts {
    MessageCounts {
        planned: counts.planned,
        held: counts.held.values().sum(),
        suppressed: counts.suppressed.values().sum(),
        sent: counts.of(Mark::Sent),
        delivered: counts.arrived,
        opened: counts.of(Mark::Opened),
        clicked: counts.of(Mark::Clicked),
        bounced: counts.of(Mark::Bounced),
        failed: counts.of(Mark::Failed),
        complained: counts.of(Mark::Complained),
        unsubscribed: counts.of(Mark::Unsubscribed),
    }
}

/// What is known of a launch: what its messages came to, and the story of each.
#[derive(Debug, Clone, Default)]
pub struct Launched {
    /// Of all of them.
    pub counts: Counts,
    /// One by one, with whose it is now.
    pub stories: Vec<(CustomerId, Story)>,
}

/// The report on a launch; `brief` is how lists show its campaign.
pub fn report(
    snapshot: &Snapshot,
    brief: CampaignBrief,
    (run, launched): (RunId, &Launched),
    (purchase, attribution_hours, now): ((&str, &str), Option<u32>, Instant),
) -> CampaignReport {
    let mut reporter = Reporter::default();
    launched.stories.iter().for_each(|(customer, story)| reporter.add(*customer, *story));
    let customers: HashSet<CustomerId> = reporter.customers().collect();
    let hours = attribution_hours.unwrap_or(ATTRIBUTION_HOURS);
    let purchases = purchases(snapshot, purchase, &customers);
    let report = reporter.report(purchases.iter().copied(), i64::from(hours) * Instant::HOUR_MS);
    let (suppressed, held) = (&launched.counts.suppressed, &launched.counts.held);
    CampaignReport {
        as_of: now.into(),
        messages: message_counts(&launched.counts),
        left_out: most_first(suppressed.iter().map(|((gate, reason), customers)| {
            left_out(launched, (gate.word(), reason.word()), *customers, |last| {
                (last.gate, last.reason) == (Some(*gate), Some(*reason))
            })
        })),
        held: most_first(held.iter().map(|(gate, customers)| {
            left_out(launched, (gate.word(), gate.word()), *customers, |last| {
                (last.ruling, last.gate) == (Ruling::Hold, Some(*gate))
            })
        })),
        links: links(&ledger::clicks(snapshot, run)),
        reached: outcome(report.reached),
        comparison: report.comparison.map(comparison),
        attribution_hours: hours,
        closes_at: report.closes_at.map(Into::into),
        campaign: brief,
    }
}

fn outcome(arm: ArmCounts) -> Outcome {
    Outcome { customers: arm.people, buyers: arm.converted, purchases: arm.conversions, revenue: arm.revenue }
}

fn comparison(seen: delivery::Comparison) -> Comparison {
    Comparison {
        contacted: outcome(seen.treated),
        holdout: outcome(seen.control),
        buyers: difference(seen.conversion),
        revenue_per_customer: seen.revenue_per_person.map(difference),
    }
}

fn difference(interval: Interval) -> Difference {
    let reading = match interval.reading() {
        delivery::Reading::More => Reading::More,
        delivery::Reading::Less => Reading::Less,
        delivery::Reading::Open => Reading::Open,
    };
    Difference { value: interval.value, low: interval.low, high: interval.high, reading }
}

fn purchases(
    snapshot: &Snapshot,
    (event, amount): (&str, &str),
    customers: &HashSet<CustomerId>,
) -> Vec<Conversion> {
    let Some(stream) = snapshot.stream(&stream::event(event)) else { return Vec::new() };
    let mut conversions = Vec::new();
    for view in stream.views() {
        let amount = view.property(amount);
        for customer in customers {
            for row in view.find(*customer).flatten() {
                let revenue = amount.number(row).unwrap_or(0.0);
                conversions.push(Conversion { customer: *customer, at: view.at(row), revenue });
            }
        }
    }
    conversions
}

/// Those left out for one reason, with some of them.
fn left_out(
    launched: &Launched,
    (gate, reason): (&str, &str),
    customers: u64,
    is: impl Fn(&Brief) -> bool,
) -> LeftOut {
    let of = launched.stories.iter().filter(|(_, story)| story.last.as_ref().is_some_and(&is));
    LeftOut {
        gate: gate.to_owned(),
        reason: reason.to_owned(),
        customers,
        examples: of.take(EXAMPLES_MAX).map(|(customer, _)| (*customer).into()).collect(),
    }
}

fn most_first(groups: impl Iterator<Item = LeftOut>) -> Vec<LeftOut> {
    let mut groups: Vec<LeftOut> = groups.collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.customers));
    groups
}

fn links(clicks: &[(CustomerId, String)]) -> Vec<LinkClicks> {
    let mut links: BTreeMap<&str, (HashSet<CustomerId>, u64)> = BTreeMap::new();
    for (customer, url) in clicks {
        let (customers, clicks) = links.entry(url).or_default();
        customers.insert(*customer);
        *clicks += 1;
    }
    let mut links: Vec<LinkClicks> = links
        .into_iter()
        .map(|(url, (customers, clicks))| LinkClicks {
            url: url.to_owned(),
            customers: customers.len() as u64,
            clicks,
        })
        .collect();
    links.sort_by(|left, right| right.customers.cmp(&left.customers).then_with(|| left.url.cmp(&right.url)));
    links
}
