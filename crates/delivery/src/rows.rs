//! The ledger as rows: what each record says to columns, questions and conditions.

use model::stream::{self, message as names};
use model::{Instant, MessageId, Properties, Row};

use crate::Campaign;
use crate::decision::{Arm, Decision, Outcome};
use crate::outbox::Outgoing;
use crate::record::Ending;

/// What a failed message says when nobody knows how its only attempt ended.
pub const REASON_UNKNOWN: &str = "unknown";
/// What a failed message says when its run was stopped before it could begin.
pub const REASON_STOPPED: &str = "stopped";

/// `$message_decided`.
pub(crate) fn decided(campaign: &Campaign, decision: &Decision) -> Row {
    let mut properties = about(campaign, decision.message);
    if let Some(variant) = decision.variant() {
        properties.insert("variant", i64::from(variant.0));
        let wording = campaign.variants.iter().find(|each| each.id == variant);
        if let Some(language) = wording.and_then(|wording| wording.language.clone()) {
            properties.insert("language", language);
        }
    }
    if let Some(route) = &decision.route {
        properties.insert("channel", route.channel.word());
    }
    properties.insert("outcome", decision.outcome.word());
    if let Some(gate) = decision.outcome.gate() {
        properties.insert("gate", gate.word());
    }
    match &decision.outcome {
        Outcome::Send => {}
        Outcome::Hold { until, .. } => properties.insert("until", *until),
        Outcome::Suppress { reason, .. } => properties.insert("reason", reason.word()),
    }
    match decision.arm() {
        Arm::Everyone => {}
        arm @ (Arm::Treated(_) | Arm::Control(_)) => properties.insert("arm", arm.word()),
    }
    let record = serde_json::to_string(decision).expect("a decision has only what JSON can say");
    properties.insert("record", record.as_str());
    row(decision.message, decision.at, names::DECIDED, properties)
}

/// `$message_sent`, `$message_failed`, `$message_bounced`, or once more `$message_decided` for a late opt-out.
pub(crate) fn ended(campaign: &Campaign, outgoing: &Outgoing, at: Instant, ending: &Ending) -> Row {
    let mut properties = about(campaign, outgoing.message);
    properties.insert("variant", i64::from(outgoing.variant.0));
    properties.insert("channel", outgoing.route.channel.word());
    let name = match ending {
        Ending::Sent { provider_id } => {
            if let Some(provider_id) = provider_id {
                properties.insert("provider_id", provider_id.clone());
            }
            names::SENT
        }
        Ending::Deferred { reason, .. } | Ending::Failed { reason } => {
            properties.insert("reason", reason.clone());
            names::FAILED
        }
        Ending::Unknown => {
            properties.insert("reason", REASON_UNKNOWN);
            names::FAILED
        }
        Ending::Cancelled => {
            properties.insert("reason", REASON_STOPPED);
            names::FAILED
        }
        Ending::Bounced { reason } => {
            properties.insert("reason", reason.clone());
            properties.insert("permanent", true);
            names::BOUNCED
        }
        Ending::Withdrawn { gate, reason } => {
            properties.insert("outcome", "suppress");
            properties.insert("gate", gate.word());
            properties.insert("reason", reason.word());
            names::DECIDED
        }
    };
    row(outgoing.message, at, name, properties)
}

/// `$message_failed` for somebody held when the run was stopped.
pub(crate) fn cancelled(campaign: &Campaign, message: MessageId, at: Instant) -> Row {
    let mut properties = about(campaign, message);
    properties.insert("reason", REASON_STOPPED);
    row(message, at, names::FAILED, properties)
}

fn about(campaign: &Campaign, message: MessageId) -> Properties {
    let mut properties = Properties::new();
    properties.insert("message", message.to_string().as_str());
    properties.insert("campaign", campaign.name.clone());
    properties
}

fn row(message: MessageId, at: Instant, name: &str, properties: Properties) -> Row {
    Row { customer: message.customer, at, stream: stream::event(name), properties }
}
