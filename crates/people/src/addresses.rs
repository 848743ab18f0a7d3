//! Addresses: where channels reach a customer, and what speaks against it.
//!
//! What matters about an address does not depend on the order in which we hear of it: it is dead when
//! something bad was said of it after its owner or an operator last asked for it, and live otherwise.
//! That somebody merely mentions it again (an app that identifies its user at every start) is no request.

use model::{AddressState, Channel, IdentifierKind, Instant, Text, Value, stream};

use crate::ADDRESSES_MAX;
use crate::folded::Reason;
use crate::profile::{Address, Profile, Reach};
use crate::telling::Telling;

/// One statement about an address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddressSaid<'a> {
    pub(crate) channel: Channel,
    pub(crate) address: &'a Text,
    pub(crate) state: AddressState,
    /// Its owner or an operator asks for it, in so many words.
    pub(crate) opted_in: bool,
}

/// Takes in what was said of an address.
pub(crate) fn tell(profile: &mut Profile, said: AddressSaid<'_>, telling: &mut Telling<'_>) {
    let at = telling.at;
    let known = profile.addresses.iter().position(|it| is(it, said.channel, said.address));
    if known.is_none() && profile.addresses.len() >= ADDRESSES_MAX {
        return telling.refuse("address", said.address.clone(), Reason::AddressesFull);
    }
    let mut heard = Address {
        channel: said.channel,
        address: said.address.clone(),
        state: said.state,
        at,
        said_at: Instant::MIN,
        opted_in_at: Instant::MIN,
    };
    if said.state == AddressState::Live {
        heard.said_at = at;
        heard.opted_in_at = if said.opted_in { at } else { Instant::MIN };
    }
    match known {
        Some(index) => profile.addresses[index] = combined(&profile.addresses[index], &heard),
        None => profile.addresses.push(heard),
    }
    recount(profile, said.channel, telling);
}

/// What two accounts of one address say together. Neither order nor repetition matters.
pub(crate) fn combined(a: &Address, b: &Address) -> Address {
    let opted_in_at = a.opted_in_at.max(b.opted_in_at);
    let dead = [a, b].into_iter().filter(|it| it.state != AddressState::Live);
    let (state, at) = match dead.max_by_key(|it| (it.at, it.state)) {
        Some(dead) if opted_in_at <= dead.at => (dead.state, dead.at),
        Some(_) => (AddressState::Live, opted_in_at),
        None => (AddressState::Live, a.at.min(b.at)),
    };
    Address { state, at, opted_in_at, said_at: a.said_at.max(b.said_at), ..a.clone() }
}

/// A push token moved on to somebody else: nobody may be pushed on another person's device.
pub(crate) fn hand_over(profile: &mut Profile, token: &Text, telling: &mut Telling<'_>) {
    for channel in [Channel::Push, Channel::WebPush] {
        profile.addresses.retain(|it| !is(it, channel, token) || it.state != AddressState::Live);
        recount(profile, channel, telling);
    }
}

/// Whether a token of this kind is an address too.
pub(crate) fn is_token(kind: &IdentifierKind) -> bool {
    *kind == IdentifierKind::Device
}

/// Counts the live addresses of a channel again; tells columns when their number changed.
pub(crate) fn recount(profile: &mut Profile, channel: Channel, telling: &mut Telling<'_>) {
    let live = live(profile, channel);
    let known = profile.reach.iter().find(|it| it.channel == channel);
    if known.map_or(0, |it| it.live) != live {
        restate(profile, channel, Instant::MIN, telling);
    }
}

/// Tells columns how many live addresses a channel has: not before `row_at`, nor before the last time.
pub(crate) fn restate(profile: &mut Profile, channel: Channel, row_at: Instant, telling: &mut Telling<'_>) {
    let live = live(profile, channel);
    let index = match profile.reach.iter().position(|it| it.channel == channel) {
        Some(index) => index,
        None => {
            let place = profile.reach.partition_point(|it| it.channel < channel);
            profile.reach.insert(place, Reach { channel, live: 0, row_at: Instant::MIN });
            place
        }
    };
    let reach = &mut profile.reach[index];
    (reach.live, reach.row_at) = (live, reach.row_at.max(row_at).max(telling.at));
    let said = [(Text::new_static("live"), Value::Int(live.into()))];
    let (customer, at) = (profile.customer, reach.row_at);
    telling.row(customer, at, stream::address(channel), said.into_iter().collect());
}

fn live(profile: &Profile, channel: Channel) -> u32 {
    let live = profile.addresses.iter().filter(|it| it.channel == channel && it.state == AddressState::Live);
    u32::try_from(live.count()).unwrap_or(u32::MAX)
}

fn is(it: &Address, channel: Channel, address: &Text) -> bool {
    it.channel == channel && it.address == *address
}
