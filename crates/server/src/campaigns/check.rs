//! Before launch: is it relevant, is it the best way, is it the best time, and for whom would it break.
//!
//! Nothing is estimated: every member of the audience is decided on as a launch would, and nothing is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::campaigns::{
    BestTime, BestWay, Broken, BrokenFor, CampaignDraft, LaunchCheck, LeftOut, Obstacle, Relevant,
};
use api::home::Reach;
use columnar::CustomerSet;
use delivery::{Decision, GateName, Outcome, RunId, Sight};
use model::{Channel, CustomerId, Instant, MessageId};
use people::Profile;
use store::Store;

use super::compile::{Compiled, content_error};
use super::launch::{Refused, plan};
use crate::engine::{Addressed, Plan, last_events};
use crate::workspace::Workspace;

/// How many customers are asked for at once.
const PAGE: usize = 1_000;
/// How many examples each reason shows.
const EXAMPLES_MAX: usize = 5;
/// How many customers for whom it breaks are listed.
const BROKEN_MAX: usize = 100;

/// Checks a draft against everybody in its audience.
///
/// # Errors
/// [`Refused`] when the engine or the control plane does not answer; what is wrong with the draft is in the answer.
pub async fn check(
    store: &Store,
    workspace: &Workspace,
    (id, version, draft): (model::CampaignId, u32, &CampaignDraft),
) -> Result<LaunchCheck, Refused> {
    let now = workspace.engine.now();
    let mut tally = Tally::new(workspace, draft, now);
    let (plan, compiled) = match plan(store, workspace, (id, version, draft)).await {
        Ok(made) => made,
        Err(refused) => return refuse(tally, version, refused),
    };
    let (plan, compiled) = (Arc::new(plan), Arc::new(compiled));
    let (snapshot, _) = workspace.engine.snapshot();
    let members = resolve(&plan, &snapshot, draft.send_at.map_or(now, |at| at.0.max(now))).await?;
    let at = tally.at;
    let mut after = None;
    loop {
        let page = members.page(after, PAGE);
        let Some(last) = page.last().copied() else { break };
        let customers = page.clone();
        let profiles = workspace
            .engine
            .ask(move |world| {
                customers.iter().map(|customer| world.people.profile(*customer).ok().flatten()).collect()
            })
            .await?;
        let (plan, compiled, snapshot) = (Arc::clone(&plan), Arc::clone(&compiled), snapshot.clone());
        tally =
            tokio::task::spawn_blocking(move || tally.page(&plan, &compiled, (&snapshot, &page, profiles)))
                .await
                .expect("the check does not panic");
        after = Some(last);
    }
    tally.at = at;
    Ok(tally.answer(version, &compiled))
}

async fn resolve(
    plan: &Arc<Plan>,
    snapshot: &columnar::Snapshot,
    at: Instant,
) -> Result<CustomerSet, Refused> {
    let (plan, snapshot) = (Arc::clone(plan), snapshot.clone());
    let members = tokio::task::spawn_blocking(move || (plan.members)(&snapshot, at)).await;
    members
        .expect("resolving an audience does not panic")
        .map_err(|reason| Refused::Condition(crate::conditions::Fault::Evaluation { reason }))
}

/// A draft that cannot be decided on: the answer says what stands in the way.
fn refuse(tally: Tally, version: u32, refused: Refused) -> Result<LaunchCheck, Refused> {
    let obstacle = |field: &str, message: String, fix: &str| Obstacle {
        field: field.to_owned(),
        message,
        fix: fix.to_owned(),
    };
    let obstacles = match refused {
        Refused::Content(errors) => errors
            .into_iter()
            .map(|error| {
                let field = format!("variants.{}.{}", error.language, error.part);
                let place = error
                    .line
                    .zip(error.column)
                    .map_or_else(String::new, |(line, column)| format!(" ({line}:{column})"));
                Obstacle {
                    field,
                    message: format!("{}{place}", error.message),
                    fix: error.fix.unwrap_or_default(),
                }
            })
            .collect(),
        Refused::NoAudience => {
            vec![obstacle("audience", "no audience is chosen".into(), "choose an audience")]
        }
        Refused::Condition(fault) => {
            vec![obstacle("audience", fault.to_string(), "choose another audience, or mend this one")]
        }
        other @ (Refused::NoSender
        | Refused::NeverLaunched(_)
        | Refused::Run(_)
        | Refused::Engine(_)
        | Refused::Store(_)) => return Err(other),
    };
    let mut answer = tally.answer(version, &Compiled::empty());
    answer.obstacles.extend(obstacles);
    answer.ready = false;
    Ok(answer)
}

/// What was seen so far.
struct Tally {
    started: Instant,
    at: Instant,
    clock: crate::engine::Handle,
    obstacles: Vec<Obstacle>,
    audience: u64,
    send: u64,
    hold: u64,
    held_quiet: u64,
    left_out: BTreeMap<(&'static str, &'static str), (u64, Vec<CustomerId>)>,
    reach: BTreeMap<Channel, u64>,
    unreachable: u64,
    consent_missing: u64,
    local_hours: [u64; 24],
    zone_unknown: u64,
    examples: Vec<CustomerId>,
    broken: u64,
    broken_for: Vec<BrokenFor>,
}

impl Tally {
    fn new(workspace: &Workspace, draft: &CampaignDraft, now: Instant) -> Self {
        let mut obstacles = Vec::new();
        if workspace.document().document.settings.sender.email.is_empty() {
            obstacles.push(Obstacle {
                field: "sender.email".into(),
                message: "the workspace has no sender address".into(),
                fix: "set it under Settings".into(),
            });
        }
        if draft.variants.is_empty() {
            obstacles.push(Obstacle {
                field: "variants".into(),
                message: "the campaign says nothing yet".into(),
                fix: "write a subject and a body".into(),
            });
        }
        Self {
            started: now,
            at: draft.send_at.map_or(now, |at| at.0.max(now)),
            clock: workspace.engine.clone(),
            obstacles,
            audience: 0,
            send: 0,
            hold: 0,
            held_quiet: 0,
            left_out: BTreeMap::new(),
            reach: BTreeMap::new(),
            unreachable: 0,
            consent_missing: 0,
            local_hours: [0; 24],
            zone_unknown: 0,
            examples: Vec::new(),
            broken: 0,
            broken_for: Vec::new(),
        }
    }

    fn page(
        mut self,
        plan: &Plan,
        compiled: &Compiled,
        (snapshot, customers, profiles): (&columnar::Snapshot, &[CustomerId], Vec<Option<Arc<Profile>>>),
    ) -> Self {
        let names = plan.last_events();
        let run = RunId { campaign: plan.campaign, occurrence: u32::MAX };
        for (customer, profile) in customers.iter().zip(profiles) {
            let message: MessageId = run.message(*customer);
            let last_events =
                if names.is_empty() { Vec::new() } else { last_events(snapshot, *customer, &names) };
            let addressed =
                Addressed { message, profile: profile.as_deref(), member: true, last_events: &last_events };
            let decision = plan.decide(&compiled.campaign, &addressed, self.at);
            self.see(&decision, compiled);
            if let Some(profile) = &profile {
                self.see_profile(profile, plan);
            }
        }
        self
    }

    fn see(&mut self, decision: &Decision, compiled: &Compiled) {
        let customer = decision.message.customer;
        self.audience += 1;
        match &decision.outcome {
            Outcome::Send => {
                self.send += 1;
                if self.examples.len() < EXAMPLES_MAX {
                    self.examples.push(customer);
                }
            }
            Outcome::Hold { gate, .. } => {
                self.hold += 1;
                self.held_quiet += u64::from(*gate == GateName::Quiet);
            }
            Outcome::Suppress { gate, reason } => {
                let (count, examples) = self.left_out.entry((gate.word(), reason.word())).or_default();
                *count += 1;
                if examples.len() < EXAMPLES_MAX {
                    examples.push(customer);
                }
                self.consent_missing += u64::from(*gate == GateName::Consent);
                self.unreachable += u64::from(*gate == GateName::Reachable);
            }
        }
        for seen in decision.gates() {
            if let Sight::Content { rendered: Some(Err(breakage)) } = &seen.sight {
                self.broken += 1;
                if self.broken_for.len() < BROKEN_MAX {
                    let language = decision.variant().and_then(|id| compiled.languages.get(&id));
                    let error = content_error(language.map_or("", String::as_str), breakage);
                    self.broken_for.push(BrokenFor { customer: customer.into(), error });
                }
            }
        }
    }

    fn see_profile(&mut self, profile: &Profile, plan: &Plan) {
        for channel in Channel::ALL {
            if !profile.live_addresses(*channel).is_empty() {
                *self.reach.entry(*channel).or_default() += 1;
            }
        }
        let zone = profile.time_zone();
        self.zone_unknown += u64::from(zone.is_none());
        let local = self.at.timestamp().in_tz(zone.unwrap_or(&plan.voice.zone));
        if let Ok(local) = local {
            self.local_hours[usize::from(local.hour().unsigned_abs()) % 24] += 1;
        }
    }

    fn answer(self, version: u32, compiled: &Compiled) -> LaunchCheck {
        let took_ms = self.clock.now().since_ms(self.started);
        let left_out: Vec<LeftOut> = self
            .left_out
            .iter()
            .map(|((gate, reason), (customers, examples))| LeftOut {
                gate: (*gate).to_owned(),
                reason: (*reason).to_owned(),
                customers: *customers,
                examples: examples.iter().map(|customer| (*customer).into()).collect(),
            })
            .collect();
        let sentence = sentence(&self, compiled);
        LaunchCheck {
            as_of: self.started.into(),
            version,
            ready: self.obstacles.is_empty() && self.send + self.hold > 0,
            sentence,
            obstacles: self.obstacles,
            relevant: Relevant {
                audience: self.audience,
                send: self.send,
                hold: self.hold,
                left_out,
                examples: self.examples.into_iter().map(Into::into).collect(),
            },
            best_way: BestWay {
                reach: self
                    .reach
                    .iter()
                    .map(|(channel, customers)| Reach { channel: (*channel).into(), customers: *customers })
                    .collect(),
                consent_missing: self.consent_missing,
                unreachable: self.unreachable,
            },
            best_time: BestTime {
                at: self.at.into(),
                local_hours: self.local_hours.to_vec(),
                in_quiet_hours: self.held_quiet,
                zone_unknown: self.zone_unknown,
            },
            broken: Broken { customers: self.broken, tried: self.audience, examples: self.broken_for },
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of one request")]
            took_ms: took_ms as f64,
        }
    }
}

fn sentence(tally: &Tally, compiled: &Compiled) -> String {
    let channel = compiled.campaign.channels.first().map_or("message", |channel| channel.word());
    let when = if tally.at > tally.started { format!("from {}", tally.at) } else { "now".to_owned() };
    format!(
        "{} of {} people get one {channel} {when}; {} wait, {} are left out.",
        tally.send,
        tally.audience,
        tally.hold,
        tally.audience - tally.send - tally.hold
    )
}
