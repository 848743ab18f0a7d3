//! Messages and why: read out of the ledger, which is part of each customer's story.

use std::collections::BTreeMap;

use api::why::{Gate, GateResult, LifeMoment, MessageState, MessageSummary, Seen, Verdict, Why};
use columnar::Snapshot;
use delivery::why::{Language, why as explain};
use delivery::{Decision, Outcome};
use model::stream::message as names;
use model::{CustomerId, MessageId};

use super::ledger::{self, LedgerRow};

/// Why a message was sent, held or suppressed, and what became of it; `None` when nobody ever decided on it.
///
/// `label` is what people call the customer.
pub fn why(snapshot: &Snapshot, message: MessageId, label: &str) -> Option<Why> {
    let rows: Vec<LedgerRow> = ledger::of_customer(snapshot, message.customer)
        .into_iter()
        .filter(|row| row.message == message)
        .collect();
    let decided = rows.iter().rfind(|row| row.event == names::DECIDED)?;
    let decision = decided.decision()?;
    let explained = explain(&decision);
    Some(Why {
        message: summary(&rows, label)?,
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

/// Why a customer did or did not get a campaign: the latest launch that decided on them.
pub fn why_customer(snapshot: &Snapshot, customer: CustomerId, campaign: &str, label: &str) -> Option<Why> {
    let rows = ledger::of_customer(snapshot, customer);
    let latest =
        rows.iter().rfind(|row| row.event == names::DECIDED && row.text("campaign") == Some(campaign))?;
    why(snapshot, latest.message, label)
}

/// A campaign's messages, one line each in the order of customers; `outcome` and `reason` filter.
pub fn list(
    snapshot: &Snapshot,
    campaign: &str,
    (outcome, reason): (Option<&str>, Option<&str>),
    (after, limit): (Option<CustomerId>, usize),
) -> Vec<MessageSummary> {
    let mut by_message: BTreeMap<(CustomerId, MessageId), Vec<LedgerRow>> = BTreeMap::new();
    for row in ledger::of_campaign(snapshot, campaign) {
        by_message.entry((row.row.customer, row.message)).or_default().push(row);
    }
    let mut summaries = Vec::new();
    for ((customer, _), mut rows) in by_message {
        if after.is_some_and(|after| customer <= after) || summaries.len() >= limit {
            continue;
        }
        rows.sort_by_key(LedgerRow::at);
        let Some(decided) = rows.iter().rfind(|row| row.event == names::DECIDED) else { continue };
        let fits = |wanted: Option<&str>, name: &str| wanted.is_none() || decided.text(name) == wanted;
        if fits(outcome, "outcome") && fits(reason, "reason") {
            summaries.extend(summary(&rows, &customer.to_string()));
        }
    }
    summaries
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
    let channel =
        rows.iter().find_map(|row| row.text("channel")?.parse().ok()).unwrap_or(model::Channel::Email);
    Some(MessageSummary {
        id: decided.message.into(),
        customer: decided.row.customer.into(),
        label: label.to_owned(),
        campaign: decided.message.campaign.0,
        campaign_name: decided.text("campaign").unwrap_or_default().to_owned(),
        channel: channel.into(),
        at: decided.at().into(),
        verdict: match decided.text("outcome") {
            Some("send") => Verdict::Send,
            Some("hold") => Verdict::Hold,
            _ => Verdict::Suppress,
        },
        gate: decided.text("gate").map(str::to_owned),
        reason: decided.text("reason").map(str::to_owned),
        state: state(rows, decided),
        variant: decided
            .row
            .properties
            .get("variant")
            .and_then(model::Value::number)
            .map(|id| id.to_string()),
    })
}

/// The word that matters most: the strongest thing that ever happened to it.
fn state(rows: &[LedgerRow], decided: &LedgerRow) -> MessageState {
    const STRONGEST_FIRST: &[(&str, MessageState)] = &[
        (names::COMPLAINED, MessageState::Complained),
        (names::UNSUBSCRIBED, MessageState::Unsubscribed),
        (names::BOUNCED, MessageState::Bounced),
        (names::CLICKED, MessageState::Clicked),
        (names::OPENED, MessageState::Opened),
        (names::DELIVERED, MessageState::Delivered),
        (names::SENT, MessageState::Sent),
    ];
    let happened = |event: &str| rows.iter().any(|row| row.event == event);
    if let Some((_, state)) = STRONGEST_FIRST.iter().find(|(event, _)| happened(event)) {
        return *state;
    }
    if let Some(failed) = rows.iter().find(|row| row.event == names::FAILED) {
        let unknown = failed.text("reason") == Some(delivery::REASON_UNKNOWN);
        return if unknown { MessageState::Unknown } else { MessageState::Failed };
    }
    match decided.text("outcome") {
        Some("send") => MessageState::Planned,
        Some("hold") => MessageState::Held,
        _ => MessageState::Suppressed,
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
