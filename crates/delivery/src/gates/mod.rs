//! The gates: every candidate meets all of them, in this order, and the first that does not pass decides.
//!
//! Nothing else in the house may stop a message or let one through. A gate is
//! one file and one line in [`GATES`]; it is a pure function of the candidate,
//! the policy and what was chosen for it, and says what it saw.

pub(crate) mod consent;
mod content;
mod eligible;
mod holdout;
mod known;
mod quiet;
mod reachable;
mod topic;

pub use holdout::{Scope, draw};

use crate::Policy;
use crate::candidate::Candidate;
use crate::decision::{Decision, GateName, Outcome, Reason, Seen, Sight, Verdict};
use crate::route::{self, Route, Wording};

/// One gate: its name, when it is asked, and how it judges.
pub struct Gate {
    /// Its word.
    pub name: GateName,
    /// Asked once more at the moment of handing over, because people change their minds in between.
    pub at_handover: bool,
    /// What it sees when there is nothing to tell; not stored.
    pub plain: fn() -> Sight,
    /// Its judgement.
    pub check: fn(&Scene<'_>) -> Seen,
}

/// All gates, in the order in which they are asked.
pub const GATES: &[Gate] = &[
    eligible::GATE,
    known::GATE,
    consent::GATE,
    topic::GATE,
    reachable::GATE,
    holdout::GATE,
    quiet::GATE,
    content::GATE,
];

/// What a gate judges: the candidate, the rules, and what was chosen for it.
pub struct Scene<'a> {
    /// The message, the person, the instant.
    pub candidate: &'a Candidate<'a>,
    /// The rules of the workspace.
    pub policy: &'a Policy,
    /// The channel and address, when there is one.
    pub route: Option<&'a Route>,
    /// The variant, when there is one.
    pub wording: Option<&'a Wording>,
}

impl Seen {
    pub(crate) fn pass(sight: Sight) -> Self {
        Self { verdict: Verdict::Pass, sight }
    }

    pub(crate) fn suppress(reason: Reason, sight: Sight) -> Self {
        Self { verdict: Verdict::Suppress(reason), sight }
    }
}

/// Asks every gate and records what each saw.
pub fn decide(candidate: &Candidate<'_>, policy: &Policy) -> Decision {
    let route = route::route(candidate);
    let wording = route::wording(candidate);
    let scene = Scene { candidate, policy, route: route.as_ref(), wording: wording.as_ref() };
    let mut outcome = Outcome::Send;
    let mut remarkable = Vec::with_capacity(4);
    for gate in GATES {
        let seen = (gate.check)(&scene);
        if outcome == Outcome::Send {
            outcome = match seen.verdict {
                Verdict::Pass => Outcome::Send,
                Verdict::Hold(until) => Outcome::Hold { until, gate: gate.name },
                Verdict::Suppress(reason) => Outcome::Suppress { gate: gate.name, reason },
            };
        }
        if seen.verdict != Verdict::Pass || seen.sight != (gate.plain)() {
            remarkable.push(seen);
        }
    }
    Decision {
        message: candidate.message,
        at: candidate.now,
        campaign_version: candidate.campaign.version,
        policy_version: policy.version,
        purpose: candidate.campaign.purpose,
        outcome,
        route,
        wording,
        seen: remarkable,
    }
}

/// Why a message that was to be sent may not be handed over any more: somebody opted out in between.
///
/// Asks the gates with [`Gate::at_handover`] about the route that was decided on.
pub fn withdrawn(candidate: &Candidate<'_>, policy: &Policy, route: &Route) -> Option<(GateName, Reason)> {
    let scene = Scene { candidate, policy, route: Some(route), wording: None };
    let gates = GATES.iter().filter(|gate| gate.at_handover);
    let verdicts = gates.map(|gate| (gate.name, (gate.check)(&scene).verdict));
    let stopped = verdicts.filter_map(|(name, verdict)| match verdict {
        Verdict::Pass | Verdict::Hold(_) => None,
        Verdict::Suppress(reason) => Some((name, reason)),
    });
    stopped.into_iter().next().or_else(|| reachable::lost(candidate, route))
}
