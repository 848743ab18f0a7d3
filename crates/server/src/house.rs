//! Everything that runs in one process: the control plane and an engine for each workspace.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use channels::sandbox::Mailbox;
use host::{Clock, Entropy, SystemClock, SystemDisk, SystemEntropy};
use model::{Instant, Role, Text};
use store::{Act, KeyKind, KeyNew, Secret, Setup, Store, WorkspaceId};

use crate::engine::{self, Job, Threads};
use crate::live;
use crate::settings::Settings;
use crate::shelf;
use crate::workspace::{Document, Versioned, Workspace};

/// Everything that runs in one process.
pub struct House {
    /// The control plane.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Chance, for keys and tokens.
    pub entropy: Arc<dyn Entropy>,
    /// How the server was started.
    pub settings: Settings,
    /// What the sandbox provider took.
    pub mailbox: Arc<Mailbox>,
    workspaces: BTreeMap<WorkspaceId, Arc<Workspace>>,
}

/// What has to be ended with the house, and what its couriers take from.
pub struct Running {
    /// For each workspace: what its courier takes messages from.
    pub jobs: Vec<(Arc<Workspace>, tokio::sync::mpsc::Receiver<Job>)>,
    threads: Vec<(Arc<Workspace>, Threads)>,
}

/// Why a house cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The data folder.
    #[error("the data folder cannot be used. path=`{path}`")]
    Folder {
        /// Which folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nobody called `init`.
    #[error(
        "there is no workspace in this data folder; make one with `omotenashi init --data {path} --workspace NAME --owner EMAIL`"
    )]
    Empty {
        /// Which folder.
        path: String,
    },
    /// The control plane.
    #[error("control plane")]
    Store(#[from] store::Error),
    /// The settings document of a workspace.
    #[error("the settings of a workspace cannot be read. workspace=`{workspace}`")]
    Document {
        /// Which workspace.
        workspace: Text,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// The shelf of old parts.
    #[error("old parts")]
    Shelf(#[from] shelf::Fault),
    /// An engine.
    #[error("workspace `{workspace}`")]
    Engine {
        /// Which workspace.
        workspace: Text,
        /// What is wrong.
        source: Box<engine::Fault>,
    },
}

/// What `init` made; shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founded {
    /// The workspace's name.
    pub workspace: Text,
    /// Sends events.
    pub write_key: String,
    /// Uses the API as an owner.
    pub api_token: String,
    /// Makes the owner's account; works once.
    pub setup_token: String,
}

/// Makes a workspace in a data folder that no server is using, with its keys and the owner's set-up link.
///
/// # Errors
/// [`Fault`], such as a workspace of that name that exists already.
pub async fn found(data: &Path, workspace: &str, owner: &str, public_url: &str) -> Result<Founded, Fault> {
    let (clock, entropy) = (SystemClock, SystemEntropy);
    let store = open_store(data).await?;
    let now = clock.now();
    let act = Act { who: "init".into(), at: now };
    let id = store.workspace_create(workspace, now).await?;
    let document = Document::fresh(public_url, &entropy);
    let document = serde_json::to_value(&document).expect("our own types are JSON");
    store.settings_create(id, &document, &act).await?;
    let make = |prefix: &str| secret(prefix, &entropy);
    let (write_key, api_token, setup_token) = (make("wk"), make("at"), make("su"));
    for (secret, kind, name) in
        [(&write_key, KeyKind::Write, "default"), (&api_token, KeyKind::Api(Role::Owner), "init")]
    {
        store.key_create(secret, &KeyNew { workspace: id, kind, name: name.into() }, &act).await?;
    }
    let setup = Setup { workspace: id, email: owner.into(), role: Role::Owner };
    store.setup_create(&setup_token, &setup, now).await?;
    store.close().await;
    Ok(Founded {
        workspace: workspace.into(),
        write_key: write_key.reveal().to_owned(),
        api_token: api_token.reveal().to_owned(),
        setup_token: setup_token.reveal().to_owned(),
    })
}

/// Reads the control plane's file from end to end without changing it; says what is not as it should be.
///
/// # Errors
/// When it cannot be read at all.
pub async fn check_records(path: &Path) -> Result<Vec<String>, store::Error> {
    Store::check(path).await
}

/// A fresh secret.
pub fn secret(prefix: &str, entropy: &dyn Entropy) -> Secret {
    let mut random = [0; 20];
    entropy.fill(&mut random);
    Secret::new(prefix, random)
}

async fn open_store(data: &Path) -> Result<Store, Fault> {
    let folder = |source| Fault::Folder { path: data.display().to_string(), source };
    std::fs::create_dir_all(data).map_err(folder)?;
    Ok(Store::open(&data.join("control.db")).await?)
}

impl House {
    /// Opens the data folder: the control plane, then every workspace's engine.
    ///
    /// # Errors
    /// [`Fault`] says what cannot be opened and what to do.
    pub async fn open(settings: Settings, mailbox: Arc<Mailbox>) -> Result<(Arc<Self>, Running), Fault> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let store = open_store(&settings.data).await?;
        let mut running = Running { jobs: Vec::new(), threads: Vec::new() };
        let mut workspaces = BTreeMap::new();
        for record in store.workspace_list().await? {
            let document = load(&store, record.id, &record.name).await?;
            let dir = settings.data.join("workspaces").join(record.id.0.to_string());
            let shelf = shelf::open(settings.cold_store.as_deref(), &dir)?;
            let options = engine::Options {
                shelf: Some(shelf),
                cold_after_ms: settings.cold_after_days.map(|days| i64::from(days) * Instant::DAY_MS),
                ..engine::Options::new(Arc::clone(&clock), Arc::new(SystemDisk), settings.deduplication_ms())
            };
            let engine = engine::open(&dir, &options).map_err(|source| Fault::Engine {
                workspace: record.name.clone(),
                source: Box::new(source),
            })?;
            tracing::info!(workspace = %record.name, recovered = ?engine.recovered, "the engine is open");
            let (handle, jobs, threads) = engine.split();
            let workspace = Arc::new(Workspace::new((record.id, record.name), handle, document));
            running.jobs.push((Arc::clone(&workspace), jobs));
            running.threads.push((Arc::clone(&workspace), threads));
            workspaces.insert(record.id, workspace);
        }
        if workspaces.is_empty() {
            return Err(Fault::Empty { path: settings.data.display().to_string() });
        }
        for workspace in workspaces.values() {
            live::follow(&store, workspace).await;
        }
        Ok((Arc::new(Self { store, clock, entropy, settings, mailbox, workspaces }), running))
    }

    /// The workspace with this number.
    pub fn workspace(&self, id: WorkspaceId) -> Option<&Arc<Workspace>> {
        self.workspaces.get(&id)
    }

    /// All workspaces.
    pub fn workspaces(&self) -> impl Iterator<Item = &Arc<Workspace>> {
        self.workspaces.values()
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A fresh secret.
    pub fn secret(&self, prefix: &str) -> Secret {
        secret(prefix, self.entropy.as_ref())
    }
}

async fn load(store: &Store, id: WorkspaceId, name: &Text) -> Result<Versioned, Fault> {
    let document = |source| Fault::Document { workspace: name.clone(), source };
    match store.settings_fetch(id).await? {
        Some(kept) => Ok(Versioned {
            version: kept.version,
            document: serde_json::from_value(kept.document).map_err(document)?,
        }),
        None => Err(document(serde::de::Error::custom("there are none"))),
    }
}

impl Running {
    /// Appends, folds and checkpoints what waits, and ends every engine.
    ///
    /// # Errors
    /// The first engine's fault; the others are ended all the same.
    pub fn stop(self) -> Result<(), Fault> {
        let mut ended = Ok(());
        for (workspace, threads) in self.threads {
            if let Err(source) = threads.stop(&workspace.engine) {
                ended = Err(Fault::Engine { workspace: workspace.name.clone(), source: Box::new(source) });
            }
        }
        ended
    }
}
