//! Does the message render for this person?

use super::{Gate, Scene};
use crate::candidate::Standing;
use crate::decision::{GateName, Reason, Seen, Sight};

pub(super) const GATE: Gate =
    Gate { name: GateName::Content, at_handover: false, plain: || Sight::Content { rendered: None }, check };

fn check(scene: &Scene<'_>) -> Seen {
    let candidate = scene.candidate;
    let (Some(route), Some(wording), Standing::Known) =
        (scene.route, scene.wording, candidate.person.standing)
    else {
        return Seen::pass(Sight::Content { rendered: None });
    };
    let rendered = (candidate.content)(wording.variant, route.channel);
    let broken = rendered.is_err();
    let sight = Sight::Content { rendered: Some(rendered) };
    if broken { Seen::suppress(Reason::ContentFailed, sight) } else { Seen::pass(sight) }
}
