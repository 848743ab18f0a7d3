//! Where a customer's number leads: to a profile, on to another customer, or nowhere any more.

use std::sync::Arc;

use model::CustomerId;
use serde::{Deserialize, Serialize};
use state::Record;

use crate::profile::Profile;

/// What stands behind a customer's number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Person {
    /// They are here.
    Here(Arc<Profile>),
    /// They became part of another customer.
    Merged(CustomerId),
    /// They were erased; the number leads nowhere for ever.
    Erased,
}

impl Record for Person {
    const VERSION: u8 = 1;
}

impl Person {
    pub(crate) fn here(profile: Profile) -> Self {
        Self::Here(Arc::new(profile))
    }

    /// The profile of somebody who is here.
    pub(crate) fn profile(&self) -> Option<&Arc<Profile>> {
        match self {
            Self::Here(profile) => Some(profile),
            Self::Merged(_) | Self::Erased => None,
        }
    }
}
