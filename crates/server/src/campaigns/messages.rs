//! Messages and why: read out of the ledger, which is part of each customer's story.

use std::collections::BTreeMap;

use api::why::{Gate, GateResult, LifeMoment, MessageState, MessageSummary, Seen, Verdict, Why};
use columnar::Snapshot;
use delivery::why::{Language, why as explain};
use delivery::{Decision, Mark, Outcome, Reason, Ruling, Story};
use model::stream::message as names;
use model::{Channel, CustomerId, MessageId, Text};

use super::ledger::{self, LedgerRow};

/// A message, and whose it is now: customers become one after they were written to.
#[derive(Debug, Clone)]
pub struct Whose {
    /// Which message.
    pub message: MessageId,
    /// Whose story holds it.
    pub customer: CustomerId,
    /// What people call the customer.
    pub label: String,
}

/// Why a message was sent, held or suppressed, and what became of it; `None` when nobody ever decided on it.
pub fn why(snapshot: &Snapshot, whose: &Whose) -> Option<Why> {
    let rows = rows(snapshot, (whose.message, whose.customer));
    let decided = rows.iter().rfind(|row| row.event == names::DECIDED)?;
    let decision = decided.decision()?;
    let explained = explain(&decision);
    Some(Why {
        message: summary(&rows, &whose.label)?,
        purpose: decision.purpose.into(),
        topic: None,
        campaign_version: decision.campaign_version,
        until: match &decision.outcome {
            Outcome::Hold { until, .. } => Some((*until).into()),
            Outcome::Send | Outcome::Suppress { .. } => None,
        },
        sentence: explained.headline.text(Language::English),
        gates: gates(&decision),
        life: rows.iter().map(moment).collect(),
        holdout: decided.text("reason") == Some("holdout"),
        took_ms: 0.0,
    })
}

/// Where a message went, or was to go.
pub fn address(snapshot: &Snapshot, of: (MessageId, CustomerId)) -> Option<Text> {
    let decision = rows(snapshot, of).iter().rev().find_map(LedgerRow::decision)?;
    decision.route.map(|route| route.address)
}

fn rows(snapshot: &Snapshot, (message, customer): (MessageId, CustomerId)) -> Vec<LedgerRow> {
    let all = ledger::of_customer(snapshot, customer).into_iter();
    all.filter(|row| row.message == message).collect()
}

/// Why a customer did or did not get a campaign: the latest launch that decided on them.
pub fn why_customer(snapshot: &Snapshot, customer: CustomerId, campaign: &str, label: &str) -> Option<Why> {
    let rows = ledger::of_customer(snapshot, customer);
    let latest =
        rows.iter().rfind(|row| row.event == names::DECIDED && row.text("campaign") == Some(campaign))?;
    why(snapshot, &Whose { message: latest.message, customer, label: label.to_owned() })
}

/// Messages as lists show them, in the order of `page`.
pub fn summaries(snapshot: &Snapshot, page: &[Whose]) -> Vec<MessageSummary> {
    page.iter()
        .filter_map(|whose| summary(&rows(snapshot, (whose.message, whose.customer)), &whose.label))
        .collect()
}

/// The messages of one customer, the latest first.
pub fn of_customer(snapshot: &Snapshot, customer: CustomerId, label: &str) -> Vec<MessageSummary> {
    let mut by_message: BTreeMap<MessageId, Vec<LedgerRow>> = BTreeMap::new();
    for row in ledger::of_customer(snapshot, customer) {
        by_message.entry(row.message).or_default().push(row);
    }
    let mut summaries: Vec<MessageSummary> =
        by_message.values().filter_map(|rows| summary(rows, label)).collect();
    summaries.sort_by_key(|summary| std::cmp::Reverse(summary.at.0));
    summaries
}

fn summary(rows: &[LedgerRow], label: &str) -> Option<MessageSummary> {
    let decided = rows.iter().rfind(|row| row.event == names::DECIDED)?;
    let mut story = Story::default();
    rows.iter().for_each(|row| story.observe(&row.row));
    let last = story.last?;
    let failure = || rows.iter().rev().find(|row| row.event != names::DECIDED)?.text("reason");
    Some(MessageSummary {
        id: decided.message.into(),
        customer: decided.row.customer.into(),
        label: label.to_owned(),
        campaign: decided.message.campaign.0,
        campaign_name: decided.text("campaign").unwrap_or_default().to_owned(),
        channel: story.channel.unwrap_or(Channel::Email).into(),
        at: last.at.into(),
        verdict: match last.ruling {
            Ruling::Send => Verdict::Send,
            Ruling::Hold => Verdict::Hold,
            Ruling::Suppress => Verdict::Suppress,
        },
        gate: last.gate.map(|gate| gate.word().to_owned()),
        reason: last.reason.map(Reason::word).or_else(failure).map(str::to_owned),
        state: state(&story),
        variant: rows.iter().find_map(|row| row.text("language")).map(str::to_owned),
    })
}

/// The word that matters most: the strongest thing that ever happened to it, else what the policy said.
fn state(story: &Story) -> MessageState {
    match (story.life.foremost(), story.last.map(|last| last.ruling)) {
        (Some(Mark::Complained), _) => MessageState::Complained,
        (Some(Mark::Unsubscribed), _) => MessageState::Unsubscribed,
        (Some(Mark::Bounced), _) => MessageState::Bounced,
        (Some(Mark::Clicked), _) => MessageState::Clicked,
        (Some(Mark::Opened), _) => MessageState::Opened,
        (Some(Mark::Delivered), _) => MessageState::Delivered,
        (Some(Mark::Sent), _) => MessageState::Sent,
        (Some(Mark::Unknown), _) => MessageState::Unknown,
        (Some(Mark::Failed), _) => MessageState::Failed,
        (None, Some(Ruling::Send)) => MessageState::Planned,
        (None, Some(Ruling::Hold)) => MessageState::Held,
        (None, Some(Ruling::Suppress) | None) => MessageState::Suppressed,
    }
}

fn gates(decision: &Decision) -> Vec<Gate> {
    explain(decision)
        .gates
        .iter()
        .zip(decision.gates())
        .map(|(line, seen)| Gate {
            gate: line.gate.word().to_owned(),
            result: match seen.verdict {
                delivery::Verdict::Pass => GateResult::Passed,
                delivery::Verdict::Hold(_) => GateResult::Held,
                delivery::Verdict::Suppress(_) => GateResult::Suppressed,
            },
            reason: match seen.verdict {
                delivery::Verdict::Suppress(reason) => Some(reason.word().to_owned()),
                delivery::Verdict::Pass | delivery::Verdict::Hold(_) => None,
            },
            decided: line.decided,
            saw: line
                .sentence
                .values
                .iter()
                .map(|(key, value)| Seen { key: (*key).to_owned(), value: value.clone() })
                .collect(),
            sentence: line.sentence.text(Language::English),
        })
        .collect()
}

fn moment(row: &LedgerRow) -> LifeMoment {
    let what = row.event.strip_prefix(names::PREFIX).unwrap_or(row.event).to_owned();
    let detail =
        ["reason", "url", "door", "outcome"].iter().find_map(|name| row.text(name)).map(str::to_owned);
    LifeMoment { at: row.at().into(), what, detail }
}
