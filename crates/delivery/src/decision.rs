//! What the contact policy said about one message, with everything it saw: the ledger record.

use model::{Channel, Instant, MessageId, Purpose, Text};
use serde::{Deserialize, Serialize};

use crate::candidate::{Breakage, RenderHash, Standing, ZoneSource};
use crate::route::{Reach, Route, Wording};
use crate::{Minute, Share, VariantId};

crate::words::words! {
    /// The gates that exist, in the order in which they are asked.
    GateName {
        /// Still meets the audience.
        Eligible = "eligible",
        /// May be contacted at all.
        Known = "known",
        /// Said yes to this purpose.
        Consent = "consent",
        /// Did not leave the topic.
        Topic = "topic",
        /// Has a live address on an allowed channel.
        Reachable = "reachable",
        /// Is not among those left alone to measure the difference.
        Holdout = "holdout",
        /// Is not in quiet hours.
        Quiet = "quiet",
        /// The message renders for this person.
        Content = "content",
    }
}

crate::words::words! {
    /// Why a message was suppressed.
    Reason {
        /// Left the audience since it was resolved.
        NotEligible = "not_eligible",
        /// Asked to be forgotten.
        Erased = "erased",
        /// Is blocked from all contact.
        Blocked = "blocked",
        /// Is kept out of campaigns.
        Excluded = "excluded",
        /// Never said yes.
        NoConsent = "no_consent",
        /// Said no.
        ConsentWithdrawn = "consent_withdrawn",
        /// Left the topic.
        TopicUnsubscribed = "topic_unsubscribed",
        /// No allowed channel has a live address.
        Unreachable = "unreachable",
        /// Counts in the control arm.
        Holdout = "holdout",
        /// Came in quiet hours, and the rule is not to wait.
        QuietHours = "quiet_hours",
        /// Does not render for this person.
        ContentFailed = "content_failed",
    }
}

/// What came of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It goes out by the decision's route, in its wording.
    Send,
    /// It is decided anew at this instant.
    Hold {
        /// When.
        until: Instant,
        /// Which gate asked for it.
        gate: GateName,
    },
    /// It is never sent.
    Suppress {
        /// Which gate stopped it.
        gate: GateName,
        /// Why.
        reason: Reason,
    },
}

impl Outcome {
    /// `send`, `hold` or `suppress`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Hold { .. } => "hold",
            Self::Suppress { .. } => "suppress",
        }
    }

    /// The gate that decided, unless all passed.
    pub fn gate(&self) -> Option<GateName> {
        match self {
            Self::Send => None,
            Self::Hold { gate, .. } | Self::Suppress { gate, .. } => Some(*gate),
        }
    }

    /// Why it was suppressed, if it was.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Send | Self::Hold { .. } => None,
            Self::Suppress { reason, .. } => Some(*reason),
        }
    }
}

/// What one gate said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing against it.
    Pass,
    /// Not now.
    Hold(Instant),
    /// Not at all.
    Suppress(Reason),
}

/// What one gate said and the numbers it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What it said.
    pub verdict: Verdict,
    /// What it saw. Each gate has one kind of sight.
    pub sight: Sight,
}

/// What a gate saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// Whether the person met the audience.
    Eligible {
        /// They did.
        member: bool,
    },
    /// Whether the person may be contacted at all.
    Known {
        /// Their standing.
        standing: Standing,
    },
    /// The word on record for the purpose.
    Consent {
        /// Whether a yes is needed.
        needed: bool,
        /// The last word, and since when; none: nothing was ever said.
        word: Option<(bool, Instant)>,
    },
    /// The word on record for the topic; none: never joined, never left (or no topic).
    Topic {
        /// Joined or left, and since when.
        word: Option<(bool, Instant)>,
    },
    /// What each channel of the campaign offers, in its order.
    Reachable {
        /// Channel by channel.
        channels: Vec<(Channel, Reach)>,
    },
    /// The draws for those left alone.
    Holdout {
        /// For all campaigns together; none: nobody is held out.
        global: Option<Draw>,
        /// For this campaign; none: nobody is held out.
        campaign: Option<Draw>,
    },
    /// The person's local time against quiet hours; none: there are none for this message.
    Quiet {
        /// When it is there, and how the zone is known.
        local: Option<LocalTime>,
    },
    /// What came of rendering; none: there was nothing to render, or nobody to render it for.
    Content {
        /// The hash, or where it breaks.
        rendered: Option<Result<RenderHash, Breakage>>,
    },
}

impl Sight {
    /// Which gate sees this.
    pub fn gate(&self) -> GateName {
        match self {
            Self::Eligible { .. } => GateName::Eligible,
            Self::Known { .. } => GateName::Known,
            Self::Consent { .. } => GateName::Consent,
            Self::Topic { .. } => GateName::Topic,
            Self::Reachable { .. } => GateName::Reachable,
            Self::Holdout { .. } => GateName::Holdout,
            Self::Quiet { .. } => GateName::Quiet,
            Self::Content { .. } => GateName::Content,
        }
    }
}

/// One draw: who falls below the share is left alone. The same person draws the same number for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// How many are left alone.
    pub share: Share,
    /// What this person drew, 0 to 9,999.
    pub drawn: u16,
}

impl Draw {
    /// Whether this person is left alone.
    pub fn held_out(self) -> bool {
        self.drawn < self.share.basis_points()
    }
}

/// The time of day where the person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTime {
    /// The zone.
    pub zone: Text,
    /// How it is known.
    pub source: ZoneSource,
    /// The time of day.
    pub minute: Minute,
}

/// Which arm of the comparison a person is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// Nobody was held out: there is no comparison.
    Everyone,
    /// May be contacted; the probability of that was this share.
    Treated(Share),
    /// Left alone; the probability of that was this share.
    Control(Share),
}

impl Arm {
    /// `everyone`, `treated` or `control`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Treated(_) => "treated",
            Self::Control(_) => "control",
        }
    }
}

/// The ledger record of one message, kept for ever.
///
/// What a gate passes without having seen anything remarkable is not stored:
/// [`Decision::gates`] says it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which message: campaign, customer, occurrence.
    pub message: MessageId,
    /// When it was decided.
    pub at: Instant,
    /// Which edit of the campaign.
    pub campaign_version: u32,
    /// Which edit of the policy.
    pub policy_version: u32,
    /// Why the campaign speaks.
    pub purpose: Purpose,
    /// What came of it.
    pub outcome: Outcome,
    /// The channel and address, when there is one.
    pub route: Option<Route>,
    /// The variant, when there is one.
    pub wording: Option<Wording>,
    /// What gates saw, in their order, leaving out the unremarkable.
    pub seen: Vec<Seen>,
}

impl Decision {
    /// What every gate said, in order.
    pub fn gates(&self) -> impl Iterator<Item = Seen> + '_ {
        crate::gates::GATES.iter().map(|gate| {
            let stored = self.seen.iter().find(|seen| seen.sight.gate() == gate.name);
            stored.cloned().unwrap_or_else(|| Seen { verdict: Verdict::Pass, sight: (gate.plain)() })
        })
    }

    /// What one gate said.
    pub fn gate(&self, name: GateName) -> Option<Seen> {
        self.gates().find(|seen| seen.sight.gate() == name)
    }

    /// What names exactly the text that was decided on.
    pub fn render_hash(&self) -> Option<RenderHash> {
        self.seen.iter().find_map(|seen| match &seen.sight {
            Sight::Content { rendered: Some(Ok(hash)) } => Some(*hash),
            Sight::Content { .. }
            | Sight::Eligible { .. }
            | Sight::Known { .. }
            | Sight::Consent { .. }
            | Sight::Topic { .. }
            | Sight::Reachable { .. }
            | Sight::Holdout { .. }
            | Sight::Quiet { .. } => None,
        })
    }

    /// The variant, when there is one.
    pub fn variant(&self) -> Option<VariantId> {
        self.wording.as_ref().map(|wording| wording.variant)
    }

    /// Which arm of the comparison this person is in, and with which probability they came there.
    pub fn arm(&self) -> Arm {
        let Some(Seen { sight: Sight::Holdout { global, campaign }, .. }) = self.gate(GateName::Holdout)
        else {
            return Arm::Everyone;
        };
        let draws = [global, campaign];
        if draws.iter().all(Option::is_none) {
            return Arm::Everyone;
        }
        let whole = u32::from(Share::WHOLE);
        let spared = draws
            .iter()
            .flatten()
            .fold(whole, |spared, draw| spared * (whole - u32::from(draw.share.basis_points())) / whole);
        let share = |basis_points: u32| {
            let basis_points = u16::try_from(basis_points).expect("a product of shares is at most the whole");
            Share::from_basis_points(basis_points).expect("a product of shares is at most the whole")
        };
        if draws.iter().flatten().any(|draw| draw.held_out()) {
            Arm::Control(share(whole - spared))
        } else {
            Arm::Treated(share(spared))
        }
    }
}
