//! What became of a campaign.

use std::collections::{BTreeMap, HashSet};

use api::campaigns::{CampaignReport, Comparison, Difference, LeftOut, LinkClicks, Outcome, Reading};
use api::home::MessageCounts;
use columnar::Snapshot;
use delivery::{ArmCounts, Conversion, Interval, Report, Reporter, RunId};
use model::stream::{self, message as names};
use model::{CustomerId, Instant};

use super::ledger::{self, LedgerRow};

/// How long after a message a purchase counts when the draft does not say.
const ATTRIBUTION_HOURS: u32 = 168;

/// The counts of a campaign's last launch.
pub fn counts(snapshot: &Snapshot, campaign: &str, run: RunId) -> MessageCounts {
    let mut reporter = Reporter::new(run);
    ledger::of_campaign(snapshot, campaign).iter().for_each(|row| reporter.observe(&row.row));
    message_counts(&reporter.report(std::iter::empty(), 0))
}

/// When the last message of a launch had its outcome.
pub fn last_outcome(snapshot: &Snapshot, campaign: &str, run: RunId) -> Option<Instant> {
    let outcome = |row: &LedgerRow| matches!(row.event, names::SENT | names::FAILED | names::BOUNCED);
    let rows = ledger::of_campaign(snapshot, campaign).into_iter();
    rows.filter(|row| RunId::of(row.message) == run && outcome(row)).map(|row| row.at()).max()
}

/// The report on a campaign's last launch; `brief` is how lists show it.
pub fn report(
    snapshot: &Snapshot,
    brief: api::campaigns::CampaignBrief,
    run: RunId,
    (purchase, attribution_hours, now): ((&str, &str), Option<u32>, Instant),
) -> CampaignReport {
    let rows = ledger::of_campaign(snapshot, &brief.name);
    let rows: Vec<LedgerRow> = rows.into_iter().filter(|row| RunId::of(row.message) == run).collect();
    let mut reporter = Reporter::new(run);
    rows.iter().for_each(|row| reporter.observe(&row.row));
    let customers: HashSet<CustomerId> = reporter.customers().collect();
    let hours = attribution_hours.unwrap_or(ATTRIBUTION_HOURS);
    let purchases = purchases(snapshot, purchase, &customers);
    let report = reporter.report(purchases.iter().copied(), i64::from(hours) * Instant::HOUR_MS);
    CampaignReport {
        as_of: now.into(),
        messages: message_counts(&report),
        left_out: left_out(&rows, "suppress"),
        held: left_out(&rows, "hold"),
        links: links(&rows),
        reached: outcome(report.reached),
        comparison: report.comparison.map(comparison),
        attribution_hours: hours,
        closes_at: report.closes_at.map(Into::into),
        campaign: brief,
    }
}

fn message_counts(report: &Report) -> MessageCounts {
    MessageCounts {
        planned: report.planned,
        held: report.held,
        suppressed: report.suppressed.values().sum(),
        sent: report.sent,
        delivered: report.delivered,
        opened: report.opened,
        clicked: report.clicked,
        bounced: report.bounced,
        failed: report.failed,
        complained: report.complained,
        unsubscribed: report.unsubscribed,
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

/// The latest decision about each customer, counted by gate and reason.
fn left_out(rows: &[LedgerRow], wanted: &str) -> Vec<LeftOut> {
    let mut latest: BTreeMap<CustomerId, &LedgerRow> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.event == names::DECIDED) {
        let slot = latest.entry(row.row.customer).or_insert(row);
        if row.at() >= slot.at() {
            *slot = row;
        }
    }
    let mut groups: BTreeMap<(String, String), (u64, Vec<CustomerId>)> = BTreeMap::new();
    for (customer, row) in latest {
        if row.text("outcome") == Some(wanted) {
            let gate = row.text("gate").unwrap_or_default().to_owned();
            let reason = row.text("reason").unwrap_or(&gate).to_owned();
            let (count, examples) = groups.entry((gate, reason)).or_default();
            *count += 1;
            if examples.len() < 5 {
                examples.push(customer);
            }
        }
    }
    groups
        .into_iter()
        .map(|((gate, reason), (customers, examples))| LeftOut {
            gate,
            reason,
            customers,
            examples: examples.into_iter().map(Into::into).collect(),
        })
        .collect()
}

fn links(rows: &[LedgerRow]) -> Vec<LinkClicks> {
    let mut links: BTreeMap<&str, (HashSet<CustomerId>, u64)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.event == names::CLICKED) {
        let (customers, clicks) = links.entry(row.text("url").unwrap_or_default()).or_default();
        customers.insert(row.row.customer);
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
