//! Customers become one, become two again, and are forgotten: merges, unmerges, erasure over the tables.

use std::sync::Arc;

use model::{AddressState, CustomerId, Fact, Identifier, Instant, What};
use serde::{Deserialize, Serialize};
use state::Record;

use crate::folded::{Folded, Merge, MergeNote, Reason};
use crate::identifiers::text;
use crate::merge::{merge, rebase, restate};
use crate::people::{People, apply};
use crate::person::Person;
use crate::profile::{Address, Profile};
use crate::resolve::refused;
use crate::telling::{Telling, quietly};
use crate::{Error, IDENTIFIERS_MAX, addresses};

/// How many merges that were undone a profile remembers.
const UNDONE_MAX: usize = 64;

/// What an unmerge needs: both profiles as they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MergeRecord {
    pub(crate) at: Instant,
    pub(crate) ours: Arc<Profile>,
    pub(crate) theirs: Arc<Profile>,
}

impl Record for MergeRecord {
    const VERSION: u8 = 1;
}

impl People {
    /// Makes `from` part of `to`. `false`: there was no room.
    pub(crate) fn absorb(
        &mut self,
        (from, to): (CustomerId, CustomerId),
        by: &Identifier,
        (fact, folded): (&Fact, &mut Folded),
    ) -> Result<bool, Error> {
        let (ours, theirs) = (self.profile_arc(to)?, self.profile_arc(from)?);
        if ours.identifiers.len() + theirs.identifiers.len() > IDENTIFIERS_MAX {
            folded.refused.push(refused("who", by, Reason::IdentifiersFull));
            return Ok(false);
        }
        let mut telling =
            Telling { at: fact.at, source: fact.source, streams: &mut self.streams, folded: &mut *folded };
        let mut merged = merge(&ours, &theirs, &mut telling);
        let number = ours.history.iter().map(|note| note.number + 1).max().unwrap_or(0);
        merged.history.push(MergeNote { number, absorbed: from, at: fact.at, by: text(by), undone_at: None });
        for identifier in &theirs.identifiers {
            self.identifiers.put(identifier.into(), to);
        }
        self.replace(Some(&theirs), None);
        self.replace(Some(&ours), Some(merged));
        self.persons.put(from, Person::Merged(to));
        self.merges.put((to, number), MergeRecord { at: fact.at, ours, theirs });
        folded.merges.push(Merge { from, to });
        Ok(true)
    }

    /// Undoes the last merge that brought `absorbed` into `customer`.
    pub(crate) fn unmerge(
        &mut self,
        customer: CustomerId,
        absorbed: &Identifier,
        (fact, folded): (&Fact, &mut Folded),
    ) -> Result<(), Error> {
        let current = self.profile_arc(customer)?;
        let Some((number, record)) = self.merge_that_brought(&current, absorbed)? else {
            folded.refused.push(refused("unmerge", absorbed, Reason::NeverMerged));
            return Ok(());
        };
        let (from, to) = self.redo_later_merges(&current, number, &record)?;
        let mut telling =
            Telling { at: fact.at, source: fact.source, streams: &mut self.streams, folded: &mut *folded };
        let mut rest = rebase(&current, &from, &to);
        restate(&mut rest, &record.theirs, &mut telling);
        let again = on_their_own(&record.theirs, &current, &mut telling);
        rest.identifiers.retain(|it| !again.identifiers.contains(it));
        note_undone(&mut rest.history, number, fact.at);
        for identifier in &again.identifiers {
            self.identifiers.put(identifier.into(), again.customer);
        }
        self.merges.remove(&(customer, number));
        folded.unmerged.push(Merge { from: again.customer, to: customer });
        self.replace(Some(&current), Some(rest));
        self.replace(None, Some(again));
        Ok(())
    }

    /// Takes a late word also into what an unmerge would give back: it may lose against what a merge brought,
    /// and must come to light when that goes.
    pub(crate) fn tell_late(&mut self, customer: CustomerId, what: &What, fact: &Fact) -> Result<(), Error> {
        let profile = self.profile_arc(customer)?;
        for note in profile.history.iter().filter(|note| note.undone_at.is_none()) {
            if let Some(record) = self.merges.get_mut(&(customer, note.number))? {
                let ours = Arc::make_mut(&mut record.ours);
                quietly(fact.at, |telling| apply(ours, what, (fact, telling)));
            }
        }
        Ok(())
    }

    fn merge_that_brought(
        &self,
        current: &Profile,
        absorbed: &Identifier,
    ) -> Result<Option<(u32, MergeRecord)>, Error> {
        for note in current.history.iter().rev().filter(|note| note.undone_at.is_none()) {
            if let Some(record) = self.merges.read(&(current.customer, note.number))?
                && record.theirs.identifiers.contains(absorbed)
            {
                return Ok(Some((note.number, record)));
            }
        }
        Ok(None)
    }

    /// Does the merges after `number` again as if that one had never been. Answers the state that the last of
    /// them led to, and the state that it would have led to.
    fn redo_later_merges(
        &mut self,
        current: &Profile,
        number: u32,
        undone: &MergeRecord,
    ) -> Result<(Profile, Profile), Error> {
        let mut from = quietly(undone.at, |telling| merge(&undone.ours, &undone.theirs, telling));
        let mut to = Profile::clone(&undone.ours);
        let later = |note: &&MergeNote| note.number > number && note.undone_at.is_none();
        for note in current.history.iter().filter(later) {
            let key = (current.customer, note.number);
            let Some(record) = self.merges.get_mut(&key)? else { continue };
            let mut ours = rebase(&record.ours, &from, &to);
            quietly(record.at, |telling| restate(&mut ours, &undone.theirs, telling));
            from = quietly(record.at, |telling| merge(&record.ours, &record.theirs, telling));
            to = quietly(record.at, |telling| merge(&ours, &record.theirs, telling));
            record.ours = Arc::new(ours);
        }
        Ok((from, to))
    }

    /// Forgets `customer` and everybody who became part of them. Their names lead nowhere from now on.
    pub(crate) fn erase(&mut self, customer: CustomerId, folded: &mut Folded) -> Result<(), Error> {
        let profile = self.profile_arc(customer)?;
        for identifier in &profile.identifiers {
            self.identifiers.remove(&identifier.into());
        }
        self.replace(Some(&profile), None);
        self.forget(profile)?;
        folded.erased = Some(customer);
        Ok(())
    }

    fn forget(&mut self, profile: Arc<Profile>) -> Result<(), Error> {
        let mut forgotten = vec![profile];
        while let Some(profile) = forgotten.pop() {
            for note in profile.history.iter().filter(|note| note.undone_at.is_none()) {
                let key = (profile.customer, note.number);
                forgotten.extend(self.merges.read(&key)?.map(|record| record.theirs));
                self.merges.remove(&key);
            }
            self.persons.put(profile.customer, Person::Erased);
        }
        Ok(())
    }
}

/// Who was absorbed, as they were; with the names they still have, and with what became known of their addresses.
fn on_their_own(theirs: &Profile, current: &Profile, telling: &mut Telling<'_>) -> Profile {
    let mut again = theirs.clone();
    again.identifiers.retain(|it| current.identifiers.contains(it));
    for address in &mut again.addresses {
        let here = |it: &&Address| (it.channel, &it.address) == (address.channel, &address.address);
        if let Some(now) = current.addresses.iter().find(here).filter(|it| it.state != AddressState::Live) {
            *address = Address { said_at: address.said_at, ..addresses::combined(address, now) };
        }
    }
    for channel in theirs.reach.iter().map(|it| it.channel) {
        addresses::recount(&mut again, channel, telling);
    }
    again
}

fn note_undone(history: &mut Vec<MergeNote>, number: u32, at: Instant) {
    for note in history.iter_mut().filter(|note| note.number == number) {
        note.undone_at = Some(at);
    }
    let mut surplus =
        history.iter().filter(|note| note.undone_at.is_some()).count().saturating_sub(UNDONE_MAX);
    history.retain(|note| {
        let goes = surplus > 0 && note.undone_at.is_some();
        surplus -= usize::from(goes);
        !goes
    });
}
