//! What names mean, and whose days are meant: what is in force, and what will be once it is counted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use model::{Instant, Text};

use super::Live;
use super::record::{Change, Kept, KeptAudience};
use crate::condition::Condition;
use crate::context::Audiences;

/// All definitions together.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) zone: Text,
    /// What was defined, whether it can be followed or not.
    pub(super) audiences: BTreeMap<Text, Defined>,
}

/// An audience as it was defined.
#[derive(Debug, Clone)]
pub(super) struct Defined {
    pub(super) kept: KeptAudience,
    /// `None`: this version cannot read it.
    pub(super) condition: Option<Condition>,
}

impl Plan {
    pub(super) fn of(kept: &Kept) -> Self {
        let defined = |it: &KeptAudience| (it.name.clone(), Defined::of(it.clone()));
        Self { zone: kept.zone.clone(), audiences: kept.audiences.iter().map(defined).collect() }
    }

    pub(super) fn kept(&self, at: Instant) -> Kept {
        let audiences = self.audiences.values().map(|defined| defined.kept.clone()).collect();
        Kept { at, zone: self.zone.clone(), audiences }
    }

    /// The same with these edits, in their order, as of `at`.
    pub(super) fn edited<'e>(&self, edits: impl Iterator<Item = &'e Change>, at: Instant) -> Self {
        let mut plan = self.clone();
        edits.for_each(|edit| plan.edit(edit, at));
        plan
    }

    fn edit(&mut self, edit: &Change, at: Instant) {
        match edit {
            Change::Defined { name, condition } => self.define(name, condition, at),
            Change::Removed { name } => drop(self.audiences.remove(name)),
            Change::Zone { zone } => self.zone = zone.clone(),
            Change::Passed | Change::Counted { .. } => {}
        }
    }

    fn define(&mut self, name: &Text, condition: &Text, at: Instant) {
        let before = self.audiences.get(name);
        if before.is_none() && self.audiences.len() >= Live::AUDIENCES_MAX {
            return;
        }
        let since = before.map_or(at, |before| before.kept.since);
        let kept = KeptAudience { name: name.clone(), condition: condition.clone(), since };
        self.audiences.insert(name.clone(), Defined::of(kept));
    }

    /// A zone that this build does not know has the days of UTC, as everywhere else.
    pub(super) fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// The conditions that can be followed: they are read, and whatever they refer to is there.
    pub(super) fn followed(&self) -> BTreeMap<&Text, &Condition> {
        let read = self.audiences.iter().filter_map(|(name, it)| Some((name, it.condition.as_ref()?)));
        let read: BTreeMap<&Text, &Condition> = read.collect();
        let named: Audiences =
            read.iter().map(|(name, condition)| ((*name).clone(), (*condition).clone())).collect();
        let whole = |condition: &Condition| named.resolve(condition).is_ok();
        read.into_iter().filter(|(name, _)| whole(&Condition::Member { audience: (*name).clone() })).collect()
    }

    /// The names that mean something else than in `before`, by themselves or by what they refer to.
    pub(super) fn changed_since(&self, before: &Self) -> BTreeSet<Text> {
        let names = || before.audiences.keys().chain(self.audiences.keys());
        if before.zone != self.zone {
            return names().cloned().collect();
        }
        let meaning = |plan: &Self, name: &Text| plan.audiences.get(name).map(|it| it.kept.condition.clone());
        let differs = |name: &&Text| meaning(before, name) != meaning(self, name);
        let mut changed: BTreeSet<Text> = names().filter(differs).cloned().collect();
        // Whoever refers to a changed one is changed; at most as many rounds as names refer to one another in a row.
        loop {
            let refers = |it: &&Defined| !changed.contains(&it.kept.name) && it.refers_to(&changed);
            let more: Vec<Text> = before
                .audiences
                .values()
                .chain(self.audiences.values())
                .filter(refers)
                .map(|it| it.kept.name.clone())
                .collect();
            if more.is_empty() {
                return changed;
            }
            changed.extend(more);
        }
    }
}

impl Defined {
    fn of(kept: KeptAudience) -> Self {
        let condition = kept.condition.parse().ok();
        Self { kept, condition }
    }

    fn refers_to(&self, names: &BTreeSet<Text>) -> bool {
        let mut refers = false;
        if let Some(condition) = &self.condition {
            condition.members(&mut |name| refers |= names.contains(name));
        }
        refers
    }
}
