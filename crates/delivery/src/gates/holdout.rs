//! Is the person among those who are left alone, so that the difference can be measured?
//!
//! The draw is a salted hash of the customer: the same person draws the same
//! number for the same salt for ever, and no list has to be kept.

use model::{CampaignId, CustomerId};
use xxhash_rust::xxh3::xxh3_64;

use super::{Gate, Scene};
use crate::Share;
use crate::decision::{Draw, GateName, Reason, Seen, Sight};
use crate::purpose::rules;

pub(super) const GATE: Gate = Gate {
    name: GateName::Holdout,
    at_handover: false,
    plain: || Sight::Holdout { global: None, campaign: None },
    check,
};

/// What a draw is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every campaign of the workspace.
    Global,
    /// One campaign.
    Campaign(CampaignId),
}

fn check(scene: &Scene<'_>) -> Seen {
    let (candidate, salt) = (scene.candidate, scene.policy.salt.as_str());
    let customer = candidate.person.customer;
    let applies = rules(candidate.campaign.purpose).has_holdout;
    let drawn = |share: Share, scope: Scope| {
        (applies && share > Share::NONE).then(|| Draw { share, drawn: draw(salt, scope, customer) })
    };
    let global = drawn(scene.policy.holdout, Scope::Global);
    let campaign = drawn(candidate.campaign.holdout, Scope::Campaign(candidate.campaign.id));
    let sight = Sight::Holdout { global, campaign };
    if [global, campaign].into_iter().flatten().any(Draw::held_out) {
        Seen::suppress(Reason::Holdout, sight)
    } else {
        Seen::pass(sight)
    }
}

/// What `customer` draws, 0 to 9,999; the same for ever under one `salt`.
pub fn draw(salt: &str, scope: Scope, customer: CustomerId) -> u16 {
    let mut bytes = Vec::with_capacity(salt.len() + 16);
    bytes.extend_from_slice(salt.as_bytes());
    match scope {
        Scope::Global => bytes.push(0),
        Scope::Campaign(campaign) => {
            bytes.push(1);
            bytes.extend_from_slice(&campaign.0.to_le_bytes());
        }
    }
    bytes.extend_from_slice(&customer.number().to_le_bytes());
    let drawn = xxh3_64(&bytes) % u64::from(Share::WHOLE);
    u16::try_from(drawn).expect("below 10,000")
}
