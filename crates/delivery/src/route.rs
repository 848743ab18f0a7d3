//! By which channel, at which address, in which words: chosen before the gates, so that they judge one thing.

use model::{AddressState, Channel, Text};
use serde::{Deserialize, Serialize};

use crate::VariantId;
use crate::candidate::Candidate;
use crate::gates::consent;

/// The channel a message takes, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// By which channel.
    pub channel: Channel,
    /// Where it reaches the person.
    pub address: Text,
    /// Why this channel.
    pub why: RouteWhy,
}

crate::words::words! {
    /// Why a channel was chosen, the strongest reason first.
    RouteWhy {
        /// The person asked for it.
        Preference = "preference",
        /// It is what people of their country prefer.
        Country = "country",
        /// It comes first in the campaign's own order.
        Order = "order",
    }
}

crate::words::words! {
    /// What a channel offers for one message to one person.
    Reach {
        /// A live address, and nothing forbids it.
        Live = "live",
        /// No address is known.
        NoAddress = "no_address",
        /// There is an address, but no yes to this purpose on this channel.
        NotAllowed = "not_allowed",
        /// Every address refused mail for good.
        Bounced = "bounced",
        /// The owner called us a nuisance.
        Complained = "complained",
        /// The owner or device gave it up.
        Unregistered = "unregistered",
    }
}

/// What people of a country prefer, where surveys say it clearly. Overridden by each person's own word.
const COUNTRY_CHANNELS: &[(&str, &[Channel])] = &[
    ("JP", &[Channel::Line, Channel::Email]),
    ("BR", &[Channel::WhatsApp]),
    ("MX", &[Channel::WhatsApp]),
    ("GB", &[Channel::Sms]),
    ("US", &[Channel::Sms]),
    ("CA", &[Channel::Sms, Channel::Messenger]),
    ("AU", &[Channel::Sms]),
    ("DE", &[Channel::Email]),
    ("AE", &[Channel::Push]),
];

/// The words a message takes, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Which variant.
    pub variant: VariantId,
    /// The person's language that decided it, if one did.
    pub language: Option<Text>,
    /// Why this variant.
    pub why: WordingWhy,
}

crate::words::words! {
    /// Why a variant was chosen, the strongest reason first.
    WordingWhy {
        /// It is in exactly a language the person reads.
        Language = "language",
        /// It is in that language as spoken elsewhere.
        Relative = "relative",
        /// It is the variant for everybody.
        Default = "default",
    }
}

/// What `channel` offers for this candidate.
pub(crate) fn reach(candidate: &Candidate<'_>, channel: Channel) -> Reach {
    let mut reach = Reach::NoAddress;
    for address in candidate.person.addresses.iter().filter(|address| address.channel == channel) {
        let this = match address.state {
            AddressState::Live if consent::allows(candidate, channel) => return Reach::Live,
            AddressState::Live => Reach::NotAllowed,
            AddressState::Bounced => Reach::Bounced,
            AddressState::Complained => Reach::Complained,
            AddressState::Unregistered => Reach::Unregistered,
        };
        if reach != Reach::NotAllowed {
            reach = this;
        }
    }
    reach
}

/// The best channel with a live address: the person's own choice, then their country's, then the campaign's order.
pub(crate) fn route(candidate: &Candidate<'_>) -> Option<Route> {
    let offered = &candidate.campaign.channels;
    let live = |channel: Channel, why| {
        (offered.contains(&channel) && reach(candidate, channel) == Reach::Live)
            .then(|| address(candidate, channel))
            .flatten()
            .map(|address| Route { channel, address, why })
    };
    let preferred = candidate.person.preferred_channel.into_iter();
    let country = country_channels(candidate.person.country.as_deref()).iter().copied();
    preferred
        .map(|channel| (channel, RouteWhy::Preference))
        .chain(country.map(|channel| (channel, RouteWhy::Country)))
        .chain(offered.iter().map(|channel| (*channel, RouteWhy::Order)))
        .find_map(|(channel, why)| live(channel, why))
}

fn address(candidate: &Candidate<'_>, channel: Channel) -> Option<Text> {
    let addresses = candidate.person.addresses.iter();
    let mut live = addresses.filter(|it| it.channel == channel && it.state == AddressState::Live);
    live.next().map(|it| it.address.clone())
}

fn country_channels(country: Option<&str>) -> &'static [Channel] {
    let row = COUNTRY_CHANNELS.iter().find(|(code, _)| Some(*code) == country);
    row.map_or(&[], |(_, channels)| channels)
}

/// The variant in a language the person reads; failing that, in a relative of it; failing that, the one for everybody.
pub(crate) fn wording(candidate: &Candidate<'_>) -> Option<Wording> {
    let variants = &candidate.campaign.variants;
    let find = |matches: &dyn Fn(&str) -> bool| {
        variants.iter().find(|variant| variant.language.as_deref().is_some_and(matches))
    };
    for language in &candidate.person.languages {
        if let Some(variant) = find(&|each| each.eq_ignore_ascii_case(language)) {
            let language = Some(language.clone());
            return Some(Wording { variant: variant.id, language, why: WordingWhy::Language });
        }
        if let Some(variant) = find(&|each| root(each).eq_ignore_ascii_case(root(language))) {
            let language = Some(language.clone());
            return Some(Wording { variant: variant.id, language, why: WordingWhy::Relative });
        }
    }
    let everybody = variants.iter().find(|variant| variant.language.is_none()).or(variants.first())?;
    Some(Wording { variant: everybody.id, language: None, why: WordingWhy::Default })
}

/// `pt` of `pt-BR`.
fn root(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or(language)
}
