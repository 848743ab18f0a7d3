//! Whom a fact is about: from identifiers to one customer.
//!
//! The rules, in the words of `docs/identity.md`:
//! - the strongest identifier decides (user id, custom, e-mail, phone, anonymous id, device);
//! - whoever of the others is nobody known yet becomes part of that customer;
//! - a known customer is never merged: with a user id in the fact, what is shared moves on to that person
//!   for what comes later; without one it stays;
//! - `alias` merges as told.

use model::{CustomerId, Fact, Identifier, LANES, Lane, SourceId, What};
use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_64;

use crate::folded::{Folded, Reason, Refused};
use crate::identifiers::{IdentifierKey, attach, is_customer, is_user, rank, text};
use crate::people::People;
use crate::person::Person;
use crate::profile::Profile;
use crate::telling::Telling;
use crate::{Error, IDENTIFIERS_MAX, addresses};

/// One identifier of a fact, and who has it.
#[derive(Debug)]
struct Claim<'f> {
    identifier: &'f Identifier,
    key: IdentifierKey,
    holder: Option<CustomerId>,
}

type Claims<'f> = SmallVec<[Claim<'f>; 4]>;

impl People {
    /// Whom the fact is about, after all that it says of who is who. `None`: nobody.
    pub(crate) fn resolve(&mut self, fact: &Fact, folded: &mut Folded) -> Result<Option<CustomerId>, Error> {
        let customer = match &fact.who[..] {
            [named, ..] if is_customer(named) && fact.source == SourceId::HOUSE => self.house_named(named)?,
            _ => self.resolve_claims(fact, folded)?,
        };
        let Some(mut customer) = customer else { return Ok(None) };
        for what in &fact.what {
            if let What::Alias { previous } = what {
                customer = self.alias(customer, previous, (fact, folded))?;
            }
        }
        Ok(Some(customer))
    }

    /// The customer behind `$customer:c2a1`, when they are still here.
    pub(crate) fn house_named(&mut self, named: &Identifier) -> Result<Option<CustomerId>, Error> {
        let Ok(mut customer) = named.value.parse::<CustomerId>() else { return Ok(None) };
        loop {
            match self.persons.get(&customer)? {
                Some(Person::Here(_)) => return Ok(Some(customer)),
                Some(Person::Merged(into)) => customer = *into,
                Some(Person::Erased) | None => return Ok(None),
            }
        }
    }

    fn resolve_claims(&mut self, fact: &Fact, folded: &mut Folded) -> Result<Option<CustomerId>, Error> {
        let mut claims = claims(fact, folded);
        for claim in &mut claims {
            claim.holder = self.identifiers.get(&claim.key)?.copied();
        }
        if let Some(customer) = undisputed(&claims) {
            return Ok(Some(customer));
        }
        let Some(customer) = self.choose(fact, &claims, folded)? else { return Ok(None) };
        for claim in &claims {
            // Again from the table: an earlier claim may have brought this one along.
            match self.identifiers.get(&claim.key)?.copied() {
                None => self.attach(customer, claim.identifier, (fact, folded))?,
                Some(holder) if holder == customer => {}
                Some(holder) if self.known(holder)? => {
                    if has_user(&claims) && !is_user(claim.identifier) {
                        self.move_on(claim.identifier, (holder, customer), (fact, folded))?;
                    }
                }
                Some(holder) => {
                    self.absorb((holder, customer), claim.identifier, (fact, folded))?;
                }
            }
        }
        Ok(Some(customer))
    }

    /// Who of those named the fact is about; somebody new when nobody is.
    fn choose(
        &mut self,
        fact: &Fact,
        claims: &Claims<'_>,
        folded: &mut Folded,
    ) -> Result<Option<CustomerId>, Error> {
        let Some(strongest) = claims.first() else { return Ok(None) };
        if has_user(claims) {
            if strongest.holder.is_some() {
                return Ok(strongest.holder);
            }
            if let Some(previous) = self.previous(fact)? {
                return Ok(Some(previous));
            }
            for holder in claims.iter().filter_map(|claim| claim.holder) {
                if !self.known(holder)? {
                    return Ok(Some(holder));
                }
            }
        } else {
            let mut holders = claims.iter().filter_map(|claim| claim.holder);
            if let Some(first) = holders.next() {
                if self.known(first)? {
                    return Ok(Some(first));
                }
                for holder in holders {
                    if self.known(holder)? {
                        return Ok(Some(holder));
                    }
                }
                return Ok(Some(first));
            }
            if let Some(previous) = self.previous(fact)? {
                return Ok(Some(previous));
            }
        }
        if fact.what.iter().all(|what| matches!(what, What::Erase | What::Unmerge { .. })) {
            return Ok(None);
        }
        folded.created = true;
        self.create(strongest.identifier, fact).map(Some)
    }

    /// Who has the name that the fact says is another name of its customer.
    fn previous(&mut self, fact: &Fact) -> Result<Option<CustomerId>, Error> {
        let alias = fact.what.iter().find_map(|what| match what {
            What::Alias { previous } => Some(previous),
            What::Did { .. }
            | What::Traits(_)
            | What::Consent { .. }
            | What::Topic { .. }
            | What::Address { .. }
            | What::Block(_)
            | What::Erase
            | What::Unmerge { .. } => None,
        });
        match alias {
            Some(previous) => Ok(self.identifiers.get(&previous.into())?.copied()),
            None => Ok(None),
        }
    }

    /// Somebody new, in the lane of their first identifier.
    fn create(&mut self, first: &Identifier, fact: &Fact) -> Result<CustomerId, Error> {
        let hash = xxh3_64(first.to_string().as_bytes());
        let lane = usize::try_from(hash % LANES as u64).expect("a remainder of LANES is small");
        let ordinal = &mut self.counts.next_ordinals[lane];
        let customer = CustomerId::new(Lane::new(lane), *ordinal);
        *ordinal += 1;
        self.counts.customers += 1;
        self.persons.put(customer, Person::here(Profile::new(customer, fact.at)));
        Ok(customer)
    }

    /// Gives `identifier`, which nobody has, to `customer`.
    fn attach(
        &mut self,
        customer: CustomerId,
        identifier: &Identifier,
        (_, folded): (&Fact, &mut Folded),
    ) -> Result<(), Error> {
        let profile = self.profile_mut(customer)?;
        if profile.identifiers.len() >= IDENTIFIERS_MAX {
            folded.refused.push(refused("who", identifier, Reason::IdentifiersFull));
            return Ok(());
        }
        attach(&mut profile.identifiers, identifier.clone());
        self.identifiers.put(identifier.into(), customer);
        self.index(customer, identifier);
        Ok(())
    }

    /// Hands a shared identifier on to the person who came with it last; what it told before stays where it is.
    fn move_on(
        &mut self,
        identifier: &Identifier,
        (holder, customer): (CustomerId, CustomerId),
        (fact, folded): (&Fact, &mut Folded),
    ) -> Result<(), Error> {
        if self.profile_mut(customer)?.identifiers.len() >= IDENTIFIERS_MAX {
            folded.refused.push(refused("who", identifier, Reason::IdentifiersFull));
            return Ok(());
        }
        let before = self.profile_arc(holder)?;
        let mut after = Profile::clone(&before);
        after.identifiers.retain(|it| it != identifier);
        if addresses::is_token(&identifier.kind) {
            let (at, source) = (fact.at, fact.source);
            let mut telling = Telling { at, source, streams: &mut self.streams, folded: &mut *folded };
            addresses::hand_over(&mut after, &identifier.value, &mut telling);
        }
        self.replace(Some(&before), Some(after));
        self.attach(customer, identifier, (fact, folded))
    }

    fn alias(
        &mut self,
        customer: CustomerId,
        previous: &Identifier,
        (fact, folded): (&Fact, &mut Folded),
    ) -> Result<CustomerId, Error> {
        let Some(holder) = self.identifiers.get(&previous.into())?.copied() else {
            self.attach(customer, previous, (fact, folded))?;
            return Ok(customer);
        };
        if holder == customer {
            return Ok(customer);
        }
        let (from, to) = if self.known(holder)? && !self.known(customer)? {
            (customer, holder)
        } else {
            (holder, customer)
        };
        let absorbed = self.absorb((from, to), previous, (fact, folded))?;
        Ok(if absorbed { to } else { customer })
    }

    fn known(&mut self, customer: CustomerId) -> Result<bool, Error> {
        Ok(self.profile_ref(customer)?.known())
    }
}

/// The identifiers of a fact that count, the strongest first.
fn claims<'f>(fact: &'f Fact, folded: &mut Folded) -> Claims<'f> {
    let mut claims = Claims::new();
    let mut user: Option<&Identifier> = None;
    for identifier in &fact.who {
        if is_customer(identifier) {
            folded.refused.push(refused("who", identifier, Reason::HouseOnly));
            continue;
        }
        if is_user(identifier) {
            if user.is_some_and(|user| user != identifier) {
                folded.refused.push(refused("who", identifier, Reason::SecondUserId));
                continue;
            }
            user = Some(identifier);
        }
        claims.push(Claim { identifier, key: identifier.into(), holder: None });
    }
    claims.sort_by_key(|claim| rank(&claim.identifier.kind));
    claims
}

/// The one customer who has every identifier of the fact: the case of nearly every fact.
fn undisputed(claims: &Claims<'_>) -> Option<CustomerId> {
    let customer = claims.first()?.holder?;
    claims.iter().all(|claim| claim.holder == Some(customer)).then_some(customer)
}

fn has_user(claims: &Claims<'_>) -> bool {
    claims.first().is_some_and(|claim| is_user(claim.identifier))
}

pub(crate) fn refused(field: &'static str, identifier: &Identifier, reason: Reason) -> Refused {
    Refused { field, value: text(identifier), reason }
}
