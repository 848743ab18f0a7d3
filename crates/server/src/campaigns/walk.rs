//! A walk over an audience that decides on everybody as a launch would, a page at a time; nothing is written.

use std::sync::Arc;

use api::campaigns::CampaignDraft;
use columnar::{CustomerSet, Snapshot};
use delivery::{Decision, RunId};
use model::{CampaignId, CustomerId, Instant};
use people::Profile;
use store::Store;

use super::compile::Compiled;
use super::launch::{Refused, plan};
use crate::conditions::Fault;
use crate::engine::{Addressed, Plan, last_events};
use crate::workspace::Workspace;

/// How many customers are asked for at once.
const PAGE: usize = 1_000;

/// Where a walk stands.
pub(super) struct Walk<'w> {
    workspace: &'w Workspace,
    /// What decides.
    pub(super) plan: Arc<Plan>,
    /// What is said.
    pub(super) compiled: Arc<Compiled>,
    snapshot: Snapshot,
    members: CustomerSet,
    at: Instant,
    after: Option<CustomerId>,
}

/// One person of the audience, and what a launch would do.
pub(super) struct Met {
    pub(super) profile: Option<Arc<Profile>>,
    pub(super) decision: Decision,
}

impl<'w> Walk<'w> {
    /// Ready to meet everybody in the draft's audience after a customer, as if it were sent at `at`.
    pub(super) async fn begin(
        store: &Store,
        workspace: &'w Workspace,
        edition: (CampaignId, u32, &CampaignDraft),
        (at, after): (Instant, Option<CustomerId>),
    ) -> Result<Self, Refused> {
        let (plan, compiled) = plan(store, workspace, edition).await?;
        let plan = Arc::new(plan);
        let (snapshot, _) = workspace.engine.snapshot();
        let members = resolve(&plan, &snapshot, at).await?;
        Ok(Self { workspace, plan, compiled: Arc::new(compiled), snapshot, members, at, after })
    }

    /// The next page, in the order of customers; empty when everybody was met.
    pub(super) async fn next(&mut self) -> Result<Vec<Met>, Refused> {
        let page = self.members.page(self.after, PAGE);
        let Some(last) = page.last().copied() else { return Ok(Vec::new()) };
        self.after = Some(last);
        let customers = page.clone();
        let profiles: Vec<Option<Arc<Profile>>> = self
            .workspace
            .engine
            .ask(move |world| {
                customers.iter().map(|customer| world.people.profile(*customer).ok().flatten()).collect()
            })
            .await?;
        let (plan, compiled) = (Arc::clone(&self.plan), Arc::clone(&self.compiled));
        let (snapshot, at) = (self.snapshot.clone(), self.at);
        let met = tokio::task::spawn_blocking(move || {
            let met = page.into_iter().zip(profiles);
            met.map(|(customer, profile)| meet((&plan, &compiled, &snapshot), (customer, profile), at))
                .collect()
        });
        Ok(met.await.expect("deciding does not panic"))
    }
}

fn meet(
    (plan, compiled, snapshot): (&Plan, &Compiled, &Snapshot),
    (customer, profile): (CustomerId, Option<Arc<Profile>>),
    at: Instant,
) -> Met {
    let names = plan.last_events();
    let last_events = if names.is_empty() { Vec::new() } else { last_events(snapshot, customer, &names) };
    let message = RunId { campaign: plan.campaign, occurrence: u32::MAX }.message(customer);
    let addressed =
        Addressed { message, profile: profile.as_deref(), member: true, last_events: &last_events };
    let decision = plan.decide(&compiled.campaign, &addressed, at);
    Met { profile, decision }
}

async fn resolve(plan: &Arc<Plan>, snapshot: &Snapshot, at: Instant) -> Result<CustomerSet, Refused> {
    let (plan, snapshot) = (Arc::clone(plan), snapshot.clone());
    let members = tokio::task::spawn_blocking(move || (plan.members)(&snapshot, at)).await;
    members
        .expect("resolving an audience does not panic")
        .map_err(|reason| Refused::Condition(Fault::Evaluation { reason }))
}
