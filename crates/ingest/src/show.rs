//! How tests read an admission: one line per statement.

use std::fmt::Write as _;

use model::{TraitChange, TraitOperation, Value, What};

use crate::desk::Admission;

/// Facts and rejects as text.
pub(crate) fn admission(admission: &Admission) -> String {
    let mut text = String::new();
    for fact in &admission.facts {
        let who: Vec<_> = fact.who.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "{} {}", fact.at, who.join(" "));
        for what in &fact.what {
            let _ = writeln!(text, "  {}", said(what));
        }
    }
    for reject in &admission.rejects {
        let _ = writeln!(text, "#{} {} {}=`{}`", reject.index, reject.reason, reject.field, reject.value);
    }
    text
}

/// One statement as text.
pub(crate) fn said(what: &What) -> String {
    match what {
        What::Did { name, properties } => format!("did {name} {}", json(properties)),
        What::Traits(changes) => {
            format!("traits {}", changes.iter().map(change).collect::<Vec<_>>().join(", "))
        }
        What::Alias { previous } => format!("alias {previous}"),
        What::Consent { purpose, channel, given, proof } => {
            let channel = channel.map_or("every channel", model::Channel::word);
            format!("consent {purpose} on {channel}: {given} ({proof})")
        }
        What::Topic { topic, subscribed } => format!("topic {topic}: {subscribed}"),
        What::Address { channel, address, state } => format!("address {channel} {address} {state}"),
        What::Block(blocked) => format!("block {blocked}"),
        What::Erase => "erase".to_owned(),
        What::Unmerge { absorbed } => format!("unmerge {absorbed}"),
    }
}

fn change(change: &TraitChange) -> String {
    let name = &change.name;
    match &change.operation {
        TraitOperation::Set(value) => format!("{name}={}", json(value)),
        TraitOperation::Unset => format!("{name} unset"),
        TraitOperation::Increment(by) => format!("{name}+={by}"),
        TraitOperation::Add(values) => format!("{name} adds {}", json(&Value::List(values.clone()))),
        TraitOperation::Remove(values) => format!("{name} removes {}", json(&Value::List(values.clone()))),
    }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}
