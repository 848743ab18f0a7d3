//! Before launch: is it relevant, is it the best way, is it the best time, and for whom would it break.
//!
//! Nothing is estimated: every member of the audience is decided on as a launch would, and nothing is written.

use std::collections::BTreeMap;

use api::campaigns::{
    BestTime, BestWay, Broken, BrokenFor, CampaignDraft, LaunchCheck, LeftOut, Obstacle, ObstacleCode,
    Relevant,
};
use api::home::Reach;
use delivery::{Decision, GateName, Outcome, Sight};
use model::{CampaignId, Channel, CustomerId, Instant};
use people::Profile;
use store::Store;

use super::compile::{Compiled, content_error};
use super::launch::Refused;
use super::walk::{Met, Walk};
use crate::engine::Plan;
use crate::workspace::Workspace;

/// How many examples each reason shows.
const EXAMPLES_MAX: usize = 5;

/// Checks a draft against everybody in its audience.
///
/// # Errors
/// [`Refused`] when the engine or the control plane does not answer; what is wrong with the draft is in the answer.
pub async fn check(
    store: &Store,
    workspace: &Workspace,
    (id, version, draft): (CampaignId, u32, &CampaignDraft),
) -> Result<LaunchCheck, Refused> {
    let mut tally = Tally::new(workspace, draft, workspace.engine.now());
    let mut walk = match Walk::begin(store, workspace, (id, version, draft), (tally.at, None)).await {
        Ok(walk) => walk,
        Err(refused) => return refuse(tally, version, refused),
    };
    loop {
        let page = walk.next().await?;
        if page.is_empty() {
            return Ok(tally.answer(version, &walk.compiled));
        }
        for met in &page {
            tally.see(met, (&walk.plan, &walk.compiled));
        }
    }
}

/// Those for whom the content would break, in the order of customers, at most `limit` after one of them; and after whom
/// to go on.
///
/// # Errors
/// [`Refused`] says what is wrong with the draft, or who does not answer.
pub async fn broken(
    store: &Store,
    workspace: &Workspace,
    (id, version, draft): (CampaignId, u32, &CampaignDraft),
    (after, limit): (Option<CustomerId>, usize),
) -> Result<(Vec<BrokenFor>, Option<CustomerId>), Refused> {
    let now = workspace.engine.now();
    let at = draft.send_at.map_or(now, |at| at.0.max(now));
    let mut walk = Walk::begin(store, workspace, (id, version, draft), (at, after)).await?;
    let mut found = Vec::new();
    loop {
        let page = walk.next().await?;
        if page.is_empty() {
            return Ok((found, None));
        }
        for met in &page {
            found.extend(breaks(&met.decision, &walk.compiled));
            if found.len() >= limit {
                return Ok((found, Some(met.decision.message.customer)));
            }
        }
    }
}

/// Where the content breaks for the one who was decided on, if it does.
fn breaks(decision: &Decision, compiled: &Compiled) -> Option<BrokenFor> {
    for seen in decision.gates() {
        if let Sight::Content { rendered: Some(Err(breakage)) } = &seen.sight {
            let language = decision.variant().and_then(|id| compiled.languages.get(&id));
            let error = content_error(language.map_or("", String::as_str), breakage);
            return Some(BrokenFor { customer: decision.message.customer.into(), error });
        }
    }
    None
}

/// A draft that cannot be decided on: the answer says what stands in the way.
fn refuse(tally: Tally, version: u32, refused: Refused) -> Result<LaunchCheck, Refused> {
    let audience = |code, message: String, fix: &str| {
        vec![Obstacle { code, field: "audience".to_owned(), message, fix: fix.to_owned() }]
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
                    code: ObstacleCode::BadContent,
                    field,
                    message: format!("{}{place}", error.message),
                    fix: error.fix.unwrap_or_default(),
                }
            })
            .collect(),
        Refused::NoAudience => {
            audience(ObstacleCode::NoAudience, "no audience is chosen".into(), "choose an audience")
        }
        Refused::Condition(fault) => {
            let fix = "choose another audience, or mend this one";
            audience(ObstacleCode::BadAudience, fault.to_string(), fix)
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
                code: ObstacleCode::NoSender,
                field: "sender.email".into(),
                message: "the workspace has no sender address".into(),
                fix: "set it under Settings".into(),
            });
        }
        if draft.variants.is_empty() {
            obstacles.push(Obstacle {
                code: ObstacleCode::NothingSaid,
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

    fn see(&mut self, Met { profile, decision }: &Met, (plan, compiled): (&Plan, &Compiled)) {
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
        if let Some(broken) = breaks(decision, compiled) {
            self.broken += 1;
            if self.broken_for.len() < EXAMPLES_MAX {
                self.broken_for.push(broken);
            }
        }
        if let Some(profile) = profile {
            self.see_reach(profile);
            match decision.outcome {
                Outcome::Send | Outcome::Hold { .. } => self.see_time(profile, plan),
                Outcome::Suppress { .. } => {}
            }
        }
    }

    fn see_reach(&mut self, profile: &Profile) {
        for channel in Channel::ALL {
            if !profile.live_addresses(*channel).is_empty() {
                *self.reach.entry(*channel).or_default() += 1;
            }
        }
    }

    /// What hour it will be where somebody is who gets it.
    fn see_time(&mut self, profile: &Profile, plan: &Plan) {
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
