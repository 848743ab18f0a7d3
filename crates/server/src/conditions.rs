//! A workspace's named audiences, ready to be evaluated.

use std::sync::Arc;

use audience::{Audiences, Condition, Context, many};
use columnar::Snapshot;
use jiff::tz::TimeZone;
use model::{ErrorKind, Instant, Text};
use store::Store;

use crate::engine::campaign::Resolve;
use crate::workspace::Workspace;

/// How many audiences a workspace may have.
pub const AUDIENCES_MAX: usize = 10_000;

/// A workspace's named audiences and its time zone.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// What `member of` refers to.
    pub audiences: Arc<Audiences>,
    /// Whose days and hours are meant.
    pub zone: TimeZone,
}

/// Why an audience cannot be resolved.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such audience.
    #[error("there is no such audience. audience=`{name}`")]
    NoAudience {
        /// What was asked for.
        name: Text,
    },
    /// A saved condition no longer parses.
    #[error("the saved condition of an audience cannot be read. audience=`{name}`, reason=`{reason}`")]
    Damaged {
        /// Which audience.
        name: Text,
        /// What does not fit.
        reason: String,
    },
    /// It refers to something that is not there.
    #[error("the audience cannot be resolved: {reason}")]
    Evaluation {
        /// What is wrong.
        reason: String,
    },
    /// It reads more old rows at one time than there is memory for.
    #[error(
        "this reads more old events at one time than fit into memory; ask about a shorter time, fewer events or fewer properties, or again when other questions are done. limit=`{mib_max} MiB`"
    )]
    Crowded {
        /// How much memory there is for old rows, for all questions together.
        mib_max: u64,
    },
    /// The control plane did not answer.
    #[error("control plane: {0}")]
    Store(#[from] store::Error),
}

/// Whether everything that was asked of a snapshot found room; else what was computed is no answer.
///
/// # Errors
/// [`Fault::Crowded`] with the limit.
pub fn enough_room(snapshot: &Snapshot) -> Result<(), Fault> {
    match snapshot.crowded() {
        None => Ok(()),
        Some(crowded) => Err(Fault::Crowded { mib_max: crowded.bytes_max >> 20 }),
    }
}

impl Fault {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoAudience { .. } => ErrorKind::NotFound,
            Self::Evaluation { .. } => ErrorKind::Invalid,
            Self::Crowded { .. } => ErrorKind::TooLarge,
            Self::Damaged { .. } => ErrorKind::Corrupt,
            Self::Store(error) => error.kind(),
        }
    }
}

impl Conditions {
    /// Reads the workspace's audiences.
    ///
    /// # Errors
    /// [`Fault`] when the control plane does not answer or a saved condition cannot be read.
    pub async fn load(store: &Store, workspace: &Workspace) -> Result<Self, Fault> {
        let mut audiences = Audiences::default();
        for record in store.audience_list(workspace.id, "", AUDIENCES_MAX).await? {
            let condition: Condition = record
                .text
                .text
                .parse()
                .map_err(|error| Fault::Damaged { name: record.name.clone(), reason: format!("{error}") })?;
            audiences.insert(record.name, condition);
        }
        let zone = workspace.document().document.settings.time_zone.clone();
        Ok(Self { audiences: Arc::new(audiences), zone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC) })
    }

    /// The condition of a named audience.
    ///
    /// # Errors
    /// [`Fault::NoAudience`].
    pub fn named(&self, name: &str) -> Result<Condition, Fault> {
        self.audiences.get(name).cloned().ok_or_else(|| Fault::NoAudience { name: name.into() })
    }

    /// Whether every audience that a condition names is there.
    ///
    /// # Errors
    /// [`Fault::Evaluation`] when one is not.
    pub fn resolve(&self, condition: &Condition) -> Result<(), Fault> {
        self.audiences.resolve(condition).map_err(|error| Fault::Evaluation { reason: error.to_string() })
    }

    /// Everybody who meets a condition at an instant. Takes its time: not for the runtime's threads.
    ///
    /// # Errors
    /// [`Fault::Evaluation`] when it refers to something that is not there.
    pub fn evaluate(
        &self,
        condition: &Condition,
        snapshot: &Snapshot,
        as_of: Instant,
    ) -> Result<columnar::CustomerSet, Fault> {
        let context = Context { as_of, zone: self.zone.clone(), audiences: &self.audiences };
        let found = many::evaluate(condition, snapshot, &context)
            .map_err(|error| Fault::Evaluation { reason: error.to_string() })?;
        enough_room(snapshot)?;
        Ok(found)
    }

    /// [`Self::evaluate`], for the engine.
    pub fn resolver(&self, condition: &Condition) -> Resolve {
        let (conditions, condition) = (self.clone(), condition.clone());
        Arc::new(move |snapshot, as_of| {
            conditions.evaluate(&condition, snapshot, as_of).map_err(|fault| fault.to_string())
        })
    }
}
