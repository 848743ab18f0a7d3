//! Tells a workspace's engine which audiences there are, so that it keeps them up to date.
//!
//! The control plane says what an audience means; the journal says from when on it was followed. This is the one bridge
//! between the two: it compares, and has what differs written into the journal. Doing it twice does nothing.

use std::collections::BTreeMap;

use audience::live::{Change, Kept, Live, Record};
use model::{Instant, Text};
use store::Store;

use crate::conditions::{self, Conditions};
use crate::engine;
use crate::workspace::Workspace;

/// Two who save at the same moment may each bring what the other has replaced: look again, this often at most.
const ROUNDS_MAX: usize = 4;

/// Why the engine could not be told.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// The audiences cannot be read.
    #[error(transparent)]
    Conditions(#[from] conditions::Fault),
    /// The engine did not take it.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

/// Has the journal say what the control plane says, and waits until the engine has heard it. What is new is counted then, beside
/// everything else; until it is followed, it is evaluated when somebody asks. So it is when this cannot be done now, until
/// the next change or the next start does it.
pub async fn follow(store: &Store, workspace: &Workspace) {
    if let Err(fault) = reconcile(store, workspace).await {
        tracing::warn!(workspace = %workspace.name, %fault, "audiences are not kept up to date until the next change or start");
    }
}

async fn reconcile(store: &Store, workspace: &Workspace) -> Result<(), Fault> {
    for _ in 0..ROUNDS_MAX {
        let conditions = Conditions::load(store, workspace).await?;
        let zone = workspace.document().document.settings.time_zone.as_str().into();
        let kept = workspace.engine.ask(|world| world.live.wanted()).await?;
        let records = differences(&kept, &wanted(&conditions), zone, workspace.engine.now());
        if records.is_empty() {
            break;
        }
        let accepted = workspace.engine.decide(records).await?;
        workspace.engine.folded(accepted.position).await?;
    }
    Ok(())
}

/// What each name means; as many as can be followed.
fn wanted(conditions: &Conditions) -> BTreeMap<Text, Text> {
    let audiences = &conditions.audiences;
    let meaning = |name: &str| Some((Text::from(name), audiences.get(name)?.to_string().into()));
    audiences.names().filter_map(meaning).collect()
}

fn differences(kept: &Kept, wanted: &BTreeMap<Text, Text>, zone: Text, at: Instant) -> Vec<Record> {
    let mut changes = Vec::new();
    if kept.zone != zone {
        changes.push(Change::Zone { zone });
    }
    let followed: BTreeMap<&Text, &Text> =
        kept.audiences.iter().map(|it| (&it.name, &it.condition)).collect();
    let removed: Vec<&Text> = followed.keys().copied().filter(|name| !wanted.contains_key(*name)).collect();
    let room = Live::AUDIENCES_MAX + removed.len() - followed.len();
    changes.extend(removed.into_iter().map(|name| Change::Removed { name: name.clone() }));
    let new = wanted.iter().filter(|(name, _)| !followed.contains_key(name)).take(room);
    let changed = wanted.iter().filter(|(name, meaning)| followed.get(name).is_some_and(|it| it != meaning));
    changes.extend(
        changed
            .chain(new)
            .map(|(name, meaning)| Change::Defined { name: name.clone(), condition: meaning.clone() }),
    );
    changes.into_iter().map(|change| Record { at, change }).collect()
}

#[cfg(test)]
mod tests {
    use audience::live::KeptAudience;
    use expect_test::{Expect, expect};

    use super::*;

    fn check(kept: &[(&str, &str)], wanted: &[(&str, &str)], expected: &Expect) {
        let audience = |(name, condition): &(&str, &str)| KeptAudience {
            name: (*name).into(),
            condition: (*condition).into(),
            since: Instant::default(),
        };
        let kept = Kept { audiences: kept.iter().map(audience).collect(), ..Kept::default() };
        let wanted = wanted.iter().map(|(name, meaning)| ((*name).into(), (*meaning).into())).collect();
        let records = differences(&kept, &wanted, "UTC".into(), Instant::default());
        expected.assert_debug_eq(&records.into_iter().map(|record| record.change).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_followed_already_is_not_said_again() {
        check(
            &[("a", "everyone")],
            &[("a", "everyone")],
            &expect![[r#"
            []
        "#]],
        );
    }

    #[test]
    fn what_is_new_changed_or_gone_is_said() {
        check(
            &[("gone", "everyone"), ("changed", "everyone")],
            &[("changed", "reachable"), ("new", "everyone")],
            &expect![[r#"
                [
                    Removed {
                        name: "gone",
                    },
                    Defined {
                        name: "changed",
                        condition: "reachable",
                    },
                    Defined {
                        name: "new",
                        condition: "everyone",
                    },
                ]
            "#]],
        );
    }

    #[test]
    fn no_more_are_followed_than_the_limit() {
        let names: Vec<String> = (0..=Live::AUDIENCES_MAX).map(|number| format!("{number:03}")).collect();
        let wanted = names.iter().map(|name| (Text::from(name.as_str()), Text::from("everyone"))).collect();
        let records = differences(&Kept::default(), &wanted, "UTC".into(), Instant::default());
        assert_eq!(records.len(), Live::AUDIENCES_MAX);
    }
}
