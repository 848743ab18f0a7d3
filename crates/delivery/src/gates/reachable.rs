//! Does at least one allowed channel have a live address?

use model::AddressState;

use super::{Gate, Scene};
use crate::candidate::Candidate;
use crate::decision::{GateName, Reason, Seen, Sight};
use crate::route::{Route, reach};

pub(super) const GATE: Gate = Gate {
    name: GateName::Reachable,
    at_handover: false,
    plain: || Sight::Reachable { channels: Vec::new() },
    check,
};

fn check(scene: &Scene<'_>) -> Seen {
    let candidate = scene.candidate;
    let channels = candidate.campaign.channels.iter();
    let sight = Sight::Reachable {
        channels: channels.map(|channel| (*channel, reach(candidate, *channel))).collect(),
    };
    match scene.route {
        Some(_) => Seen::pass(sight),
        None => Seen::suppress(Reason::Unreachable, sight),
    }
}

/// At the moment of handing over: the very address that was decided on must still be live.
pub(super) fn lost(candidate: &Candidate<'_>, route: &Route) -> Option<(GateName, Reason)> {
    let live = candidate.person.addresses.iter().any(|it| {
        it.channel == route.channel && it.address == route.address && it.state == AddressState::Live
    });
    (!live).then_some((GateName::Reachable, Reason::Unreachable))
}
