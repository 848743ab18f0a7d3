//! The seam to the network: what carries bytes to a provider and brings its reply back.

use std::pin::Pin;

use delivery::channel::{Reply, Wire};

/// A reply, or how it was lost; later.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<Reply, Lost>> + Send + 'a>>;

/// Makes lines to a provider. One kind for each protocol, and one for tests.
pub trait Transport: Send + Sync {
    /// A line of its own for one worker of the driver. It connects when it is first used.
    fn line(&self) -> Box<dyn Line>;
}

/// A connection to a provider, or the promise of one. It heals by itself: after a loss the next
/// delivery connects anew.
pub trait Line: Send {
    /// Carries `wire` there and the reply back.
    fn deliver<'a>(&'a mut self, wire: &'a Wire) -> Delivery<'a>;
}

/// No reply came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The provider cannot have taken the message: it was not yet told the whole of it.
    #[error("provider was not reached: {reason}")]
    Before {
        /// What happened.
        reason: String,
    },
    /// The provider may have taken the message: it was told, and did not answer.
    #[error("provider did not answer: {reason}")]
    After {
        /// What happened.
        reason: String,
    },
}

impl Lost {
    /// Before the provider was told the whole message.
    pub fn before(reason: impl ToString) -> Self {
        Self::Before { reason: reason.to_string() }
    }

    /// After that.
    pub fn after(reason: impl ToString) -> Self {
        Self::After { reason: reason.to_string() }
    }
}
