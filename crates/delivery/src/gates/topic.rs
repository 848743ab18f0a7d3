//! Did the person leave the topic of the message?

use super::{Gate, Scene};
use crate::decision::{GateName, Reason, Seen, Sight};

pub(super) const GATE: Gate =
    Gate { name: GateName::Topic, at_handover: true, plain: || Sight::Topic { word: None }, check };

fn check(scene: &Scene<'_>) -> Seen {
    let topic = scene.candidate.campaign.topic.as_ref();
    let words = scene.candidate.person.topics.iter().filter(|word| Some(&word.topic) == topic);
    let word = words.max_by_key(|word| (word.at, !word.subscribed)).map(|word| (word.subscribed, word.at));
    let sight = Sight::Topic { word };
    match word {
        Some((false, _)) => Seen::suppress(Reason::TopicUnsubscribed, sight),
        Some((true, _)) | None => Seen::pass(sight),
    }
}
