//! What every handler holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

use model::{Instant, SourceId, Text};
use store::{KeyKind, WorkspaceId};

use super::ask::Running;
use super::caller::Caller;
use super::failure::Failure;
use super::metrics::Metrics;
use super::patience::Patience;
use super::refusals::Refusals;
use crate::{House, Workspace};

/// What every handler holds: the house, and what only the HTTP side needs.
pub struct App {
    /// Records, engines, clock and chance.
    pub house: Arc<House>,
    /// What Prometheus reads.
    pub(super) metrics: Metrics,
    /// Questions under way.
    pub(super) running: Arc<Running>,
    /// Who tried to sign in too often.
    pub(super) patience: Patience,
    /// Who was turned away, and why.
    pub(super) refusals: Refusals,
    /// Write keys and what they stand for. A lock, not a channel: every event looks here, and it is held for one
    /// lookup, never across an await.
    write_keys: RwLock<HashMap<Text, (WorkspaceId, SourceId)>>,
    /// When the use of a write key was last remembered. A lock for the same reason.
    write_keys_used: Mutex<HashMap<SourceId, Instant>>,
}

impl App {
    /// Ready to serve.
    ///
    /// # Errors
    /// When the control plane does not answer.
    pub async fn open(house: Arc<House>) -> Result<Arc<Self>, store::Error> {
        let app = Self {
            refusals: Refusals::open(&house.store).await?,
            house,
            metrics: Metrics::default(),
            running: Arc::default(),
            patience: Patience::default(),
            write_keys: RwLock::default(),
            write_keys_used: Mutex::default(),
        };
        app.write_keys_reload().await?;
        Ok(Arc::new(app))
    }

    /// Keeps what only memory knows so far; the last thing before the control plane is closed.
    pub(crate) async fn close(&self) {
        self.refusals.keep(&self.house.store, self.house.now()).await;
    }

    /// The workspace and source that a write key stands for.
    pub fn write_key(&self, key: &str) -> Option<(&Arc<Workspace>, SourceId)> {
        let (workspace, source) =
            self.write_keys.read().expect("nobody panics while holding it").get(key).copied()?;
        Some((self.house.workspace(workspace)?, source))
    }

    /// Learns of new and removed write keys.
    ///
    /// # Errors
    /// When the control plane does not answer.
    pub async fn write_keys_reload(&self) -> Result<(), store::Error> {
        let mut sources = HashMap::new();
        for workspace in self.house.workspaces() {
            let keys = self.house.store.key_list(workspace.id).await?.into_iter();
            let shown = keys.filter(|key| key.kind == KeyKind::Write);
            sources.extend(shown.filter_map(|key| Some((key.shown?, (workspace.id, SourceId(key.id))))));
        }
        *self.write_keys.write().expect("nobody panics while holding it") = sources;
        Ok(())
    }

    /// Remembers, at most once an hour, that a key was used. Failing to is no reason to refuse the request.
    pub async fn touch(&self, key: u32, used_at: Option<Instant>) {
        let now = self.house.now();
        if used_at.is_none_or(|used_at| now.since_ms(used_at) > Instant::HOUR_MS)
            && let Err(error) = self.house.store.key_touch(key, now).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "a key's use was not remembered");
        }
    }

    /// Remembers, at most once an hour, that facts came with a write key.
    pub(super) async fn touch_write_key(&self, source: SourceId) {
        let now = self.house.now();
        let before = {
            let mut used = self.write_keys_used.lock().expect("nobody panics while holding it");
            let before = used.get(&source).copied();
            if before.is_none_or(|before| now.since_ms(before) > Instant::HOUR_MS) {
                used.insert(source, now);
            }
            before
        };
        self.touch(source.0, before).await;
    }

    /// How long something took, in milliseconds.
    pub(super) fn took_ms(&self, started_us: u64) -> f64 {
        let us = self.house.clock.elapsed_us().saturating_sub(started_us);
        f64::from(u32::try_from(us).unwrap_or(u32::MAX)) / 1_000.0
    }

    /// Has the engine follow the audiences as they are now.
    pub(super) async fn follow(&self, caller: &Caller) {
        crate::live::follow(&self.house.store, &caller.workspace).await;
    }

    /// Writes down what somebody did.
    ///
    /// # Errors
    /// When the control plane does not answer.
    pub(super) async fn audit(
        &self,
        caller: &Caller,
        what: api::Operation,
        subject: &str,
    ) -> Result<(), Failure> {
        let entry = (what.id(), subject, "");
        Ok(self.house.store.audit_append(caller.workspace.id, &caller.act(self), entry).await?)
    }
}
