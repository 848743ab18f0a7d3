//! Is there a valid yes to the message's purpose?
//!
//! A purpose that needs no yes still obeys a recorded no. A word for one
//! channel and a word for all are one history: the later one counts, and of
//! two at the same instant the no.

use model::{Channel, Instant};

use super::{Gate, Scene};
use crate::candidate::Candidate;
use crate::decision::{GateName, Reason, Seen, Sight};
use crate::purpose::rules;

pub(super) const GATE: Gate = Gate {
    name: GateName::Consent,
    at_handover: true,
    plain: || Sight::Consent { needed: false, word: None },
    check,
};

fn check(scene: &Scene<'_>) -> Seen {
    let candidate = scene.candidate;
    let needed = rules(candidate.campaign.purpose).needs_consent;
    let word = match scene.route {
        Some(route) => last_word(candidate, route.channel),
        None => best_word(candidate),
    };
    let sight = Sight::Consent { needed, word };
    match word {
        Some((true, _)) => Seen::pass(sight),
        Some((false, _)) => Seen::suppress(Reason::ConsentWithdrawn, sight),
        None if needed => Seen::suppress(Reason::NoConsent, sight),
        None => Seen::pass(sight),
    }
}

/// Whether consent lets this message go out by `channel`.
pub(crate) fn allows(candidate: &Candidate<'_>, channel: Channel) -> bool {
    let needed = rules(candidate.campaign.purpose).needs_consent;
    last_word(candidate, channel).map_or(!needed, |(given, _)| given)
}

/// What was last said about the purpose on `channel`.
fn last_word(candidate: &Candidate<'_>, channel: Channel) -> Option<(bool, Instant)> {
    let purpose = candidate.campaign.purpose;
    let words = candidate.person.consents.iter().filter(|consent| {
        consent.purpose == purpose && consent.channel.is_none_or(|stated| stated == channel)
    });
    words.max_by_key(|consent| (consent.at, !consent.given)).map(|consent| (consent.given, consent.at))
}

/// When no channel can be used: the kindest word on any of them, so that a missing address is not blamed on consent.
fn best_word(candidate: &Candidate<'_>) -> Option<(bool, Instant)> {
    let channels = candidate.campaign.channels.iter();
    channels.filter_map(|channel| last_word(candidate, *channel)).max()
}
