//! What providers and people tell us afterwards, and the life of a message that follows from it.
//!
//! Receipts form a lattice: planned < sent < delivered < seen < acted, with
//! failed, bounced, complained and unsubscribed beside it. They may come twice,
//! late or out of order: a [`Life`] only ever learns, so the result is the same.

use model::stream::message as names;
use model::{
    AddressState, Channel, Fact, FactId, Identifier, Instant, MessageId, Properties, Purpose, SourceId, Text,
    What,
};
use serde::{Deserialize, Serialize};

use crate::rows::REASON_UNKNOWN;

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
    /// Something that was told of a message. What was clicked was opened, what was opened arrived, what arrived was
    /// sent; and an attempt of which nobody knows the end has failed.
    Mark {
        /// A provider took it.
        Sent = "sent",
        /// It arrived.
        Delivered = "delivered",
        /// It was seen.
        Opened = "opened",
        /// A link in it was followed.
        Clicked = "clicked",
        /// It failed for good.
        Failed = "failed",
        /// Nobody knows how its only attempt ended.
        Unknown = "unknown",
        /// The address refused it.
        Bounced = "bounced",
        /// Its reader called it a nuisance.
        Complained = "complained",
        /// Its reader left.
        Unsubscribed = "unsubscribed",
    }
}

impl Mark {
    /// What an event of the house says of its message; other events, and decisions, say nothing.
    pub fn of(event: &str, reason: Option<&str>) -> Option<Self> {
        Some(match event {
            names::SENT => Self::Sent,
            names::DELIVERED => Self::Delivered,
            names::OPENED => Self::Opened,
            names::CLICKED => Self::Clicked,
            names::FAILED if reason == Some(REASON_UNKNOWN) => Self::Unknown,
            names::FAILED => Self::Failed,
            names::BOUNCED => Self::Bounced,
            names::COMPLAINED => Self::Complained,
            names::UNSUBSCRIBED => Self::Unsubscribed,
            _other => return None,
        })
    }

    /// The marks from which it follows, itself among them.
    fn implied_by(self) -> &'static [Self] {
        const STEPS: &[Mark] = &[Mark::Sent, Mark::Delivered, Mark::Opened, Mark::Clicked];
        match self {
            Self::Sent | Self::Delivered | Self::Opened | Self::Clicked => &STEPS[self as usize..],
            Self::Failed => &[Self::Failed, Self::Unknown],
            Self::Unknown => &[Self::Unknown],
            Self::Bounced => &[Self::Bounced],
            Self::Complained => &[Self::Complained],
            Self::Unsubscribed => &[Self::Unsubscribed],
        }
    }
}

/// What was told of a message. Joining two of them is the same in any order, any number of times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// One bit for each [`Mark`].
    told: u16,
}

impl Life {
    /// Learns one thing.
    pub fn learn(&mut self, mark: Mark) {
        self.told |= 1 << mark as u16;
    }

    /// Everything that either knows.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self { told: self.told | other.told }
    }

    /// Whether this is so: it was told, or follows from what was.
    pub fn has(self, mark: Mark) -> bool {
        mark.implied_by().iter().any(|mark| self.told & (1 << *mark as u16) != 0)
    }

    /// What matters most to a person looking at it.
    pub fn foremost(self) -> Option<Mark> {
        const STRONGEST_FIRST: &[Mark] = &[
            Mark::Complained,
            Mark::Unsubscribed,
            Mark::Bounced,
            Mark::Clicked,
            Mark::Opened,
            Mark::Delivered,
            Mark::Sent,
            Mark::Unknown,
            Mark::Failed,
        ];
        STRONGEST_FIRST.iter().copied().find(|mark| self.has(*mark))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks() -> impl Strategy<Value = Vec<Mark>> {
        proptest::collection::vec(prop::sample::select(Mark::ALL), 0..12)
    }

    fn life(marks: &[Mark]) -> Life {
        let mut life = Life::default();
        marks.iter().for_each(|mark| life.learn(*mark));
        life
    }

    proptest! {
        #[test]
        fn receipts_in_any_order_and_any_number_tell_one_life(marks in marks()) {
            let again: Vec<Mark> = marks.iter().rev().chain(&marks).copied().collect();
            prop_assert_eq!(life(&again), life(&marks));
        }

        #[test]
        fn joining_is_commutative_associative_and_idempotent(a in marks(), b in marks(), c in marks()) {
            let (a, b, c) = (life(&a), life(&b), life(&c));
            prop_assert_eq!(a.join(b), b.join(a));
            prop_assert_eq!(a.join(b).join(c), a.join(b.join(c)));
            prop_assert_eq!(a.join(a), a);
        }

        #[test]
        fn a_life_never_goes_back(before in marks(), late in marks()) {
            let (before, after) = (life(&before), life(&before).join(life(&late)));
            prop_assert!(Mark::ALL.iter().all(|mark| after.has(*mark) || !before.has(*mark)));
        }
    }

    #[test]
    fn a_click_without_an_open_still_means_that_it_was_opened_and_sent() {
        let clicked = life(&[Mark::Clicked]);
        assert!(clicked.has(Mark::Opened) && clicked.has(Mark::Delivered) && clicked.has(Mark::Sent));
        assert!(!life(&[Mark::Opened]).has(Mark::Clicked));
        assert_eq!(life(&[Mark::Bounced, Mark::Opened]).foremost(), Some(Mark::Bounced));
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
