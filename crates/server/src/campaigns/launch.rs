//! Launching and steering: a person's command becomes a journal record, and is done when the fold has applied it.

use std::sync::Arc;

use api::campaigns::{CampaignDraft, ContentError};
use delivery::{Record, RunId, Runs};
use model::{CampaignId, ErrorKind, Instant};
use store::Store;

use super::compile::{Compiled, compile};
use crate::conditions;
use crate::engine::{self, Plan, World};
use crate::workspace::Workspace;

/// What a person may do with a campaign that was launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Begin nothing more for now.
    Pause,
    /// Go on where it was paused.
    Resume,
    /// Begin nothing more, ever.
    Stop,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The content does not compile.
    #[error("the content has {} fault(s); see `check`", .0.len())]
    Content(Vec<ContentError>),
    /// The draft names no audience.
    #[error("the campaign has no audience; choose one first. field=`audience`")]
    NoAudience,
    /// Nobody speaks.
    #[error(
        "the workspace has no sender address; set `sender.email` in the settings first. field=`sender.email`"
    )]
    NoSender,
    /// It was never launched.
    #[error("the campaign was never launched. campaign=`{0}`")]
    NeverLaunched(CampaignId),
    /// The campaign machine refused.
    #[error(transparent)]
    Run(#[from] delivery::Refused),
    /// The audience cannot be resolved.
    #[error(transparent)]
    Condition(#[from] conditions::Fault),
    /// The engine did not take it.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The control plane did not answer.
    #[error("control plane: {0}")]
    Store(#[from] store::Error),
}

impl Refused {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Content(_) | Self::NoAudience | Self::NoSender => ErrorKind::Invalid,
            Self::NeverLaunched(_) => ErrorKind::Conflict,
            Self::Run(refused) => refused.kind(),
            Self::Condition(fault) => fault.kind(),
            Self::Engine(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

/// Everything a run needs beyond the journal, from the draft and the workspace's settings.
///
/// # Errors
/// [`Refused`] names what is missing or wrong.
pub(super) async fn plan(
    store: &Store,
    workspace: &Workspace,
    (id, version, draft): (CampaignId, u32, &CampaignDraft),
) -> Result<(Plan, Compiled), Refused> {
    let compiled = compile(id, version, draft).map_err(Refused::Content)?;
    let audience = draft.audience.as_deref().ok_or(Refused::NoAudience)?;
    let document = workspace.document();
    let conditions = conditions::Conditions::load(store, workspace).await?;
    let plan = Plan {
        campaign: id,
        version,
        members: conditions.resolver(&conditions.named(audience)?),
        contents: compiled.contents.clone(),
        policy: document.document.policy(document.version),
        voice: document.document.voice(),
        sender: document.document.settings.sender.clone(),
    };
    Ok((plan, compiled))
}

/// Launches a campaign; returns when the launch is durable and applied.
///
/// # Errors
/// [`Refused`] says what to do first.
pub async fn launch(
    store: &Store,
    workspace: &Workspace,
    edition: (CampaignId, u32, &CampaignDraft),
) -> Result<RunId, Refused> {
    if workspace.document().document.settings.sender.email.is_empty() {
        return Err(Refused::NoSender);
    }
    let (plan, compiled) = plan(store, workspace, edition).await?;
    let now = workspace.engine.now();
    let key = (plan.campaign, plan.version);
    let plan = Arc::new(plan);
    let record = workspace
        .engine
        .ask(move |world| {
            world.plans.insert(key, plan);
            world.runs.launch(compiled.campaign, now)
        })
        .await??;
    let run = match &record {
        Record::Launched { occurrence, .. } => RunId { campaign: key.0, occurrence: *occurrence },
        Record::Page(_)
        | Record::Begun { .. }
        | Record::Ended { .. }
        | Record::Paused { .. }
        | Record::Resumed { .. }
        | Record::Stopped { .. }
        | Record::Finished { .. } => unreachable!("a launch is a launch"),
    };
    append(workspace, record).await?;
    Ok(run)
}

/// Carries out a command on the campaign's last launch.
///
/// # Errors
/// [`Refused`] when it does not stand where the command makes sense.
pub async fn command(workspace: &Workspace, campaign: CampaignId, command: Command) -> Result<(), Refused> {
    let now = workspace.engine.now();
    let record = workspace.engine.ask(move |world| steer(&world.runs, campaign, command, now)).await??;
    append(workspace, record).await
}

fn steer(runs: &Runs, campaign: CampaignId, command: Command, now: Instant) -> Result<Record, Refused> {
    let (run, _) = runs.last_run(campaign).ok_or(Refused::NeverLaunched(campaign))?;
    Ok(match command {
        Command::Pause => runs.pause(run, now)?,
        Command::Resume => runs.resume(run, now)?,
        Command::Stop => runs.stop(run, now)?,
    })
}

async fn append(workspace: &Workspace, record: Record) -> Result<(), Refused> {
    let accepted = workspace.engine.record(vec![record]).await?;
    workspace.engine.folded(accepted.position).await?;
    Ok(())
}

/// After a start: gives every run that has not ended its plan again. A run whose plan cannot be made waits, and the log says why.
///
/// # Errors
/// [`Refused`] when the control plane or the engine does not answer.
pub async fn restore(store: &Store, workspace: &Workspace) -> Result<usize, Refused> {
    let active = workspace.engine.ask(active_runs).await?;
    let mut restored = 0;
    for (campaign, version) in active {
        let record = store.campaign_fetch(workspace.id, campaign).await?;
        let draft: CampaignDraft = match serde_json::from_value(record.text.draft) {
            Ok(draft) => draft,
            Err(error) => {
                tracing::error!(campaign = %campaign, %error, "the draft of a running campaign cannot be read; the run waits");
                continue;
            }
        };
        match plan(store, workspace, (campaign, version, &draft)).await {
            Ok((plan, _)) => {
                let plan = Arc::new(plan);
                workspace.engine.ask(move |world| world.plans.insert((campaign, version), plan)).await?;
                restored += 1;
            }
            Err(refused) => {
                tracing::error!(campaign = %campaign, %refused, "a running campaign cannot be prepared again; the run waits");
            }
        }
    }
    Ok(restored)
}

fn active_runs(world: &mut World) -> Vec<(CampaignId, u32)> {
    let unfinished = |state| matches!(state, delivery::RunState::Running | delivery::RunState::Paused);
    let runs = world.runs.iter().filter(|(_, run)| unfinished(run.state));
    runs.map(|(id, run)| (id.campaign, run.campaign.version)).collect()
}
