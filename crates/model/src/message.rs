//! The name of a message, which is also its send key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Text};

/// One campaign of one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CampaignId(pub u32);

impl fmt::Display for CampaignId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A text that is no message id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a message id like `m1-c2a1-0`. value=`{value}`")]
pub struct BadMessageId {
    /// What stood there.
    pub value: Text,
}

/// One message: campaign × customer × occurrence (the how-manieth launch of the campaign, from 0).
///
/// The id *is* the send key: asking twice for the same message names the same
/// id, so every retry, resume and replay is harmless. It also leads straight to
/// the customer whose story holds the ledger record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId {
    /// Which campaign wants to speak.
    pub campaign: CampaignId,
    /// To whom.
    pub customer: CustomerId,
    /// Which launch of the campaign, from 0.
    pub occurrence: u32,
}

/// `m1-c2a1-0`: campaign, customer, occurrence.
impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{}-{}-{}", self.campaign, self.customer, self.occurrence)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for MessageId {
    type Err = BadMessageId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let mut fields = text.strip_prefix('m')?.split('-');
            let id = Self {
                campaign: CampaignId(fields.next()?.parse().ok()?),
                customer: fields.next()?.parse().ok()?,
                occurrence: fields.next()?.parse().ok()?,
            };
            fields.next().is_none().then_some(id)
        };
        parse().ok_or_else(|| BadMessageId { value: text.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_reads_what_it_prints() {
        let id =
            MessageId { campaign: CampaignId(7), customer: CustomerId::from_number(0x2a1), occurrence: 3 };
        assert_eq!(id.to_string(), "m7-c2a1-3");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("m7-c2a1".parse::<MessageId>().is_err());
        assert!("m7-c2a1-3-4".parse::<MessageId>().is_err());
    }
}
