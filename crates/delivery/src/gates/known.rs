//! May the person be contacted at all?

use super::{Gate, Scene};
use crate::candidate::Standing;
use crate::decision::{GateName, Reason, Seen, Sight};

pub(super) const GATE: Gate = Gate {
    name: GateName::Known,
    at_handover: true,
    plain: || Sight::Known { standing: Standing::Known },
    check,
};

fn check(scene: &Scene<'_>) -> Seen {
    let standing = scene.candidate.person.standing;
    let sight = Sight::Known { standing };
    match standing {
        Standing::Known => Seen::pass(sight),
        Standing::Erased => Seen::suppress(Reason::Erased, sight),
        Standing::Blocked => Seen::suppress(Reason::Blocked, sight),
        Standing::Excluded => Seen::suppress(Reason::Excluded, sight),
    }
}
