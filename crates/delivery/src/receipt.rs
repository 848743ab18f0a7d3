//! What providers and people tell us afterwards, and the life of a message that follows from it.
//!
//! Receipts form a lattice: planned < sent < delivered < seen < acted, with
//! failed, bounced, complained and unsubscribed beside it. They may come twice,
//! late or out of order: a [`Life`] keeps the highest step and the first
//! instant of everything, so the result is the same.

use model::stream::message as names;
use model::{
    AddressState, Channel, Fact, FactId, Identifier, Instant, MessageId, Properties, Purpose, SourceId, Text,
    What,
};
use serde::{Deserialize, Serialize};

/// One thing that was told us about one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which message.
    pub message: MessageId,
    /// When it happened.
    pub at: Instant,
    /// What.
    pub news: News,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It arrived.
    Delivered,
    /// It was seen.
    Opened,
    /// A link in it was followed.
    Clicked {
        /// Where it leads.
        url: Text,
    },
    /// The address refused it.
    Bounced {
        /// What the mail system said.
        reason: Text,
        /// The address does not exist (any more), as opposed to: it was full, it was busy.
        permanent: bool,
    },
    /// Its reader called it a nuisance.
    Complained,
    /// Its reader left.
    Unsubscribed {
        /// By which door: `one_click`, `link`, `preference_page` …
        door: Text,
        /// The topic they left; none: all messages of the purpose.
        topic: Option<Text>,
    },
}

/// What is known of the message a receipt is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The campaign's name.
    pub campaign: Text,
    /// Why it spoke.
    pub purpose: Purpose,
    /// By which channel.
    pub channel: Channel,
    /// To which address, when it is still known.
    pub address: Option<Text>,
    /// Who got it: identifiers of the customer. Not empty.
    pub who: Vec<Identifier>,
}

impl Receipt {
    /// The fact to journal: the event, and what follows from it for addresses, consent and topics.
    ///
    /// The same receipt gives the same [`FactId`], so telling it twice counts once.
    pub fn fact(&self, about: About, received_at: Instant) -> Fact {
        let mut properties = Properties::new();
        properties.insert("message", self.message.to_string().as_str());
        properties.insert("campaign", about.campaign.clone());
        properties.insert("channel", about.channel.word());
        let name = self.news.tell(&mut properties);
        let mut what = vec![What::Did { name: name.into(), properties }];
        what.extend(self.news.consequence(&about));
        let detail = match &self.news {
            News::Clicked { url } => url.as_str(),
            News::Bounced { permanent: true, .. } => "permanent",
            News::Bounced { permanent: false, .. } => "temporary",
            News::Unsubscribed { topic, .. } => topic.as_deref().unwrap_or_default(),
            News::Delivered | News::Opened | News::Complained => "",
        };
        let id = FactId::of(SourceId::HOUSE, &format!("{}/{name}/{detail}", self.message));
        Fact { id, at: self.at, received_at, source: SourceId::HOUSE, who: about.who, what }
    }
}

impl News {
    /// The event's name; adds what it says to `properties`.
    fn tell(&self, properties: &mut Properties) -> &'static str {
        match self {
            Self::Delivered => names::DELIVERED,
            Self::Opened => names::OPENED,
            Self::Clicked { url } => {
                properties.insert("url", url.clone());
                names::CLICKED
            }
            Self::Bounced { reason, permanent } => {
                properties.insert("reason", reason.clone());
                properties.insert("permanent", *permanent);
                names::BOUNCED
            }
            Self::Complained => names::COMPLAINED,
            Self::Unsubscribed { door, .. } => {
                properties.insert("door", door.clone());
                names::UNSUBSCRIBED
            }
        }
    }

    /// What changes for the customer because of it.
    fn consequence(&self, about: &About) -> Vec<What> {
        let address = |state| {
            let address = about.address.clone()?;
            Some(What::Address { channel: about.channel, address, state })
        };
        let no = |channel, proof: &str| What::Consent {
            purpose: about.purpose,
            channel,
            given: false,
            proof: proof.into(),
        };
        match self {
            Self::Delivered
            | Self::Opened
            | Self::Clicked { .. }
            | Self::Bounced { permanent: false, .. } => Vec::new(),
            Self::Bounced { permanent: true, .. } => address(AddressState::Bounced).into_iter().collect(),
            Self::Complained => {
                let complained = address(AddressState::Complained);
                complained.into_iter().chain([no(Some(about.channel), "complaint")]).collect()
            }
            Self::Unsubscribed { topic: Some(topic), .. } => {
                vec![What::Topic { topic: topic.clone(), subscribed: false }]
            }
            Self::Unsubscribed { door, topic: None } => vec![no(None, door)],
        }
    }
}

crate::words::words! {
    /// How far a message came.
    Step {
        /// It was decided to be sent.
        Planned = "planned",
        /// A provider took it.
        Sent = "sent",
        /// It arrived.
        Delivered = "delivered",
        /// It was seen.
        Seen = "seen",
        /// A link in it was followed.
        Acted = "acted",
    }
}

/// What is known of a message's life. Joining two of them is the same in any order, any number of times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// When each [`Step`] was first reported, in order.
    steps: [Option<Instant>; Step::ALL.len()],
    /// When it first failed.
    pub failed: Option<Instant>,
    /// When it first bounced.
    pub bounced: Option<Instant>,
    /// When its reader first complained.
    pub complained: Option<Instant>,
    /// When its reader first left.
    pub unsubscribed: Option<Instant>,
}

impl Life {
    /// Follows an event of the house; other events say nothing.
    pub fn observe(&mut self, event: &str, at: Instant) {
        let slot = match event {
            names::SENT => &mut self.steps[Step::Sent as usize],
            names::DELIVERED => &mut self.steps[Step::Delivered as usize],
            names::OPENED => &mut self.steps[Step::Seen as usize],
            names::CLICKED => &mut self.steps[Step::Acted as usize],
            names::FAILED => &mut self.failed,
            names::BOUNCED => &mut self.bounced,
            names::COMPLAINED => &mut self.complained,
            names::UNSUBSCRIBED => &mut self.unsubscribed,
            _other => return,
        };
        *slot = earlier(*slot, Some(at));
    }

    /// It was decided to be sent.
    pub fn plan(&mut self, at: Instant) {
        let slot = &mut self.steps[Step::Planned as usize];
        *slot = earlier(*slot, Some(at));
    }

    /// Everything that either knows.
    pub fn join(self, other: Self) -> Self {
        Self {
            steps: std::array::from_fn(|step| earlier(self.steps[step], other.steps[step])),
            failed: earlier(self.failed, other.failed),
            bounced: earlier(self.bounced, other.bounced),
            complained: earlier(self.complained, other.complained),
            unsubscribed: earlier(self.unsubscribed, other.unsubscribed),
        }
    }

    /// How far it came. What was followed was seen, what was seen arrived, what arrived was sent.
    pub fn step(&self) -> Option<Step> {
        Step::ALL.iter().rev().copied().find(|step| self.steps[*step as usize].is_some())
    }

    /// Whether it came at least this far.
    pub fn reached(&self, step: Step) -> bool {
        self.step().is_some_and(|reached| reached >= step)
    }

    /// The word that matters most to a person looking at it.
    pub fn word(&self) -> &'static str {
        let beside = [
            (self.complained, "complained"),
            (self.unsubscribed, "unsubscribed"),
            (self.bounced, "bounced"),
            (self.failed, "failed"),
        ];
        let beside = beside.iter().find(|(at, _)| at.is_some()).map(|(_, word)| *word);
        beside.or(self.step().map(Step::word)).unwrap_or("unknown")
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn receipts() -> impl Strategy<Value = Vec<(&'static str, Instant)>> {
        let name = prop::sample::select(vec![
            names::SENT,
            names::DELIVERED,
            names::OPENED,
            names::CLICKED,
            names::FAILED,
            names::BOUNCED,
            names::COMPLAINED,
            names::UNSUBSCRIBED,
            "Order Completed",
        ]);
        proptest::collection::vec((name, (0..9i64).prop_map(Instant::from_ms)), 0..12)
    }

    fn life(receipts: &[(&str, Instant)]) -> Life {
        let mut life = Life::default();
        for (name, at) in receipts {
            life.observe(name, *at);
        }
        life
    }

    proptest! {
        #[test]
        fn receipts_in_any_order_and_any_number_tell_one_life(receipts in receipts(), seed in any::<u64>()) {
            let mut shuffled: Vec<_> = receipts.iter().chain(&receipts).copied().collect();
            shuffled.sort_by_key(|(name, at)| {
                xxhash_rust::xxh3::xxh3_64_with_seed(format!("{name}{at}").as_bytes(), seed)
            });
            prop_assert_eq!(life(&shuffled), life(&receipts));
        }

        #[test]
        fn joining_is_commutative_associative_and_idempotent(a in receipts(), b in receipts(), c in receipts()) {
            let (a, b, c) = (life(&a), life(&b), life(&c));
            prop_assert_eq!(a.join(b), b.join(a));
            prop_assert_eq!(a.join(b).join(c), a.join(b.join(c)));
            prop_assert_eq!(a.join(a), a);
        }

        #[test]
        fn a_life_never_goes_back(receipts in receipts(), late in receipts()) {
            let before = life(&receipts);
            let after = before.join(life(&late));
            prop_assert!(after.step() >= before.step());
        }
    }

    #[test]
    fn a_click_without_an_open_still_means_that_it_was_seen() {
        assert!(life(&[(names::CLICKED, Instant::from_ms(5))]).reached(Step::Seen));
    }

    fn about() -> About {
        About {
            campaign: "winter".into(),
            purpose: Purpose::Marketing,
            channel: Channel::Email,
            address: Some("a@example.com".into()),
            who: vec![Identifier::user("42")],
        }
    }

    #[track_caller]
    fn check(news: News, follows: &[What]) {
        let receipt = Receipt { message: "m7-c2a1-0".parse().unwrap(), at: Instant::from_ms(5), news };
        let fact = receipt.fact(about(), Instant::from_ms(6));
        assert_eq!(&fact.what[1..], follows);
        assert_eq!(receipt.fact(about(), Instant::from_ms(9)).id, fact.id, "told twice, counted once");
    }

    #[test]
    fn a_permanent_bounce_closes_the_address_and_a_temporary_one_does_not() {
        let address = "a@example.com".into();
        let closed = What::Address { channel: Channel::Email, address, state: AddressState::Bounced };
        check(News::Bounced { reason: "5.1.1".into(), permanent: true }, &[closed]);
        check(News::Bounced { reason: "4.2.2".into(), permanent: false }, &[]);
    }

    #[test]
    fn leaving_a_topic_keeps_the_other_topics() {
        let topic: Text = "offers".into();
        let left = What::Topic { topic: topic.clone(), subscribed: false };
        check(News::Unsubscribed { door: "link".into(), topic: Some(topic) }, &[left]);
    }

    #[test]
    fn one_click_withdraws_the_consent_on_every_channel() {
        let proof = "one_click".into();
        let no = What::Consent { purpose: Purpose::Marketing, channel: None, given: false, proof };
        check(News::Unsubscribed { door: "one_click".into(), topic: None }, &[no]);
    }
}
