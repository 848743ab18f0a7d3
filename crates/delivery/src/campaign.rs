//! What a campaign says about sending: everything that decisions need, nothing that rendering needs.

use std::num::NonZeroU32;

use model::{CampaignId, Channel, Instant, Purpose, Text};
use serde::{Deserialize, Serialize};

use crate::Share;

/// How many variants a campaign may have.
pub const VARIANTS_MAX: usize = 64;

/// One campaign as it was launched. The launch record keeps this, so a later edit changes nothing that runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// Which.
    pub id: CampaignId,
    /// What people call it.
    pub name: Text,
    /// Which edit of it.
    pub version: u32,
    /// Why it speaks.
    pub purpose: Purpose,
    /// What it is about; who left this topic is not contacted.
    pub topic: Option<Text>,
    /// By which channels it may speak, in the workspace's order. Not empty.
    pub channels: Vec<Channel>,
    /// What it says, by language. Not empty; the first is what everybody else gets.
    pub variants: Vec<Variant>,
    /// How many are deliberately not contacted.
    pub holdout: Share,
    /// The most messages to begin in a minute; none: as fast as the provider takes them.
    pub throttle_per_minute: Option<NonZeroU32>,
    /// Not before this instant; none: at once.
    pub starts_at: Option<Instant>,
}

/// One wording of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its number within the campaign.
    pub id: VariantId,
    /// The language it is for, as in `ja` or `pt-BR`; none: for everybody.
    pub language: Option<Text>,
}

/// The number of a variant within its campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VariantId(pub u16);

impl std::fmt::Display for VariantId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Why a campaign cannot be launched as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCampaign {
    /// Nobody could be reached.
    #[error("a campaign needs a channel: add one such as `email` to `channels`. campaign=`{campaign}`")]
    NoChannel {
        /// Which campaign.
        campaign: CampaignId,
    },
    /// Nothing to say.
    #[error(
        "a campaign needs between 1 and {VARIANTS_MAX} variants. campaign=`{campaign}`, variants=`{count}`"
    )]
    Variants {
        /// Which campaign.
        campaign: CampaignId,
        /// How many it has.
        count: usize,
    },
    /// Two wordings with one number.
    #[error("each variant needs its own id. campaign=`{campaign}`, variant=`{variant}`")]
    VariantTwice {
        /// Which campaign.
        campaign: CampaignId,
        /// The number that stands twice.
        variant: VariantId,
    },
}

impl Campaign {
    /// Says what keeps this from being launched.
    pub fn check(&self) -> Result<(), BadCampaign> {
        let (campaign, count) = (self.id, self.variants.len());
        if self.channels.is_empty() {
            return Err(BadCampaign::NoChannel { campaign });
        }
        if !(1..=VARIANTS_MAX).contains(&count) {
            return Err(BadCampaign::Variants { campaign, count });
        }
        for (index, variant) in self.variants.iter().enumerate() {
            if self.variants[..index].iter().any(|other| other.id == variant.id) {
                return Err(BadCampaign::VariantTwice { campaign, variant: variant.id });
            }
        }
        Ok(())
    }
}
