//! Does the person still meet the audience?

use super::{Gate, Scene};
use crate::decision::{GateName, Reason, Seen, Sight};

pub(super) const GATE: Gate =
    Gate { name: GateName::Eligible, at_handover: false, plain: || Sight::Eligible { member: true }, check };

fn check(scene: &Scene<'_>) -> Seen {
    let member = scene.candidate.person.member;
    let sight = Sight::Eligible { member };
    if member { Seen::pass(sight) } else { Seen::suppress(Reason::NotEligible, sight) }
}
