//! What came of a campaign: counts of people, and what it changed against those left alone.
//!
//! The comparison is by intention: the treated arm is everybody who passed all
//! gates before the holdout, whether or not the message reached them, because
//! the control arm is made of exactly such people. The window of each person
//! begins when the policy first decided on them.

use std::collections::{BTreeMap, HashMap};

use model::stream::{self, message as names};
use model::{Channel, CustomerId, Instant, MessageId, Row};

use crate::RunId;
use crate::decision::GateName;
use crate::receipt::{Life, Step};
use crate::statistics::{self, Interval, Sample};

/// Something a campaign hopes for: a purchase, a visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conversion {
    /// By whom.
    pub customer: CustomerId,
    /// When.
    pub at: Instant,
    /// How much it brought in, in the workspace's currency.
    pub revenue: f64,
}

/// Takes in rows in any order, any number of times, and says what came of one launch.
#[derive(Debug, Clone)]
pub struct Reporter {
    run: RunId,
    people: HashMap<CustomerId, Story>,
}

/// What is known of one person in a launch.
#[derive(Debug, Clone, Default)]
struct Story {
    first: Option<Verdict>,
    last: Option<Verdict>,
    life: Life,
    channel: Option<Channel>,
}

/// One `$message_decided` row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Verdict {
    at: Instant,
    outcome: model::Text,
    gate: Option<GateName>,
    reason: Option<model::Text>,
    arm: Option<model::Text>,
}

/// What came of one launch. People are counted, each once, not messages or clicks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The policy decided on them.
    pub decided: u64,
    /// They were to be sent the message.
    pub planned: u64,
    /// They wait to be decided on again.
    pub held: u64,
    /// They were not to be sent it, by reason.
    pub suppressed: BTreeMap<model::Text, u64>,
    /// A provider took it.
    pub sent: u64,
    /// It arrived; by e-mail, where only failures are told: it was taken and did not come back.
    pub delivered: u64,
    /// The address refused it.
    pub bounced: u64,
    /// It failed otherwise.
    pub failed: u64,
    /// They saw it (or a machine did for them: mail programs fetch pictures in advance).
    pub opened: u64,
    /// They followed a link.
    pub clicked: u64,
    /// They called it a nuisance.
    pub complained: u64,
    /// They left.
    pub unsubscribed: u64,
    /// Those whose message a provider took, and what they did within the window.
    pub reached: ArmCounts,
    /// When the last person's window ends, and the numbers with it; none: nobody was decided on.
    pub closes_at: Option<Instant>,
    /// Against those left alone; none: nobody was.
    pub comparison: Option<Comparison>,
}

/// The two arms and how sure the difference between them is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Who might be contacted.
    pub treated: ArmCounts,
    /// Who was left alone.
    pub control: ArmCounts,
    /// How much larger the share of people who converted is among the treated.
    pub conversion: Interval,
    /// How much more a treated person brought in on average; none: too few people to say.
    pub revenue_per_person: Option<Interval>,
}

/// A group of people and what they did within the window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ArmCounts {
    /// How many people.
    pub people: u64,
    /// How many of them converted, once or more.
    pub converted: u64,
    /// How often they did, all together.
    pub conversions: u64,
    /// What they brought in.
    pub revenue: f64,
}

/// What one person did within the window.
#[derive(Debug, Clone, Copy, Default)]
struct Gain {
    conversions: u64,
    revenue: f64,
}

impl Reporter {
    /// Nothing is known yet of this launch.
    pub fn new(run: RunId) -> Self {
        Self { run, people: HashMap::new() }
    }

    /// Follows a row; rows about anything else than this launch say nothing.
    pub fn observe(&mut self, row: &Row) {
        let Some(event) = stream::event_name(&row.stream).filter(|name| name.starts_with(names::PREFIX))
        else {
            return;
        };
        let text = |name: &str| row.properties.get(name).and_then(model::Value::text);
        let message = text("message").and_then(|text| text.parse::<MessageId>().ok());
        if message.map(RunId::of) != Some(self.run) {
            return;
        }
        let story = self.people.entry(row.customer).or_default();
        if let Some(channel) = text("channel").and_then(|word| word.parse().ok()) {
            story.channel = Some(channel);
        }
        if event == names::DECIDED {
            story.decide(Verdict {
                at: row.at,
                outcome: text("outcome").unwrap_or_default().into(),
                gate: text("gate").and_then(GateName::from_word),
                reason: text("reason").map(Into::into),
                arm: text("arm").map(Into::into),
            });
        } else {
            story.life.observe(event, row.at);
        }
    }

    /// Whom the launch decided on: whose conversions matter.
    pub fn customers(&self) -> impl Iterator<Item = CustomerId> + '_ {
        self.people.keys().copied()
    }

    /// What came of it, counting conversions up to `window_ms` after each person was first decided on.
    pub fn report(&self, conversions: impl Iterator<Item = Conversion>, window_ms: i64) -> Report {
        let mut gains: HashMap<CustomerId, Gain> = HashMap::new();
        for conversion in conversions {
            let first = self.people.get(&conversion.customer).and_then(|story| story.first.as_ref());
            if first.is_some_and(|first| (0..=window_ms).contains(&conversion.at.since_ms(first.at))) {
                let gain = gains.entry(conversion.customer).or_default();
                gain.conversions += 1;
                gain.revenue += conversion.revenue;
            }
        }
        let mut report = Report::default();
        let (mut reached, mut treated, mut control) = <(Arm, Arm, Arm)>::default();
        for (customer, story) in &self.people {
            let gain = gains.get(customer).copied().unwrap_or_default();
            story.count(&mut report);
            if story.life.reached(Step::Sent) {
                reached.add(gain);
            }
            match story.arm() {
                Some(Side::Treated) => treated.add(gain),
                Some(Side::Control) => control.add(gain),
                None => {}
            }
        }
        let firsts = self.people.values().filter_map(|story| Some(story.first.as_ref()?.at));
        report.closes_at = firsts.max().map(|at| at.plus_ms(window_ms));
        report.reached = reached.counts();
        report.comparison = compare(&treated, &control);
        report
    }
}

enum Side {
    Treated,
    Control,
}

impl Story {
    fn decide(&mut self, verdict: Verdict) {
        if self.first.as_ref().is_none_or(|first| verdict < *first) {
            self.first = Some(verdict.clone());
        }
        if self.last.as_ref().is_none_or(|last| verdict > *last) {
            self.last = Some(verdict);
        }
    }

    /// By the first decision, so that what happened later cannot move anybody between the arms.
    fn arm(&self) -> Option<Side> {
        let first = self.first.as_ref()?;
        match (first.arm.as_deref()?, first.gate) {
            ("control", Some(GateName::Holdout)) => Some(Side::Control),
            ("treated", None) => Some(Side::Treated),
            ("treated", Some(gate)) if gate > GateName::Holdout => Some(Side::Treated),
            _ => None,
        }
    }

    fn count(&self, report: &mut Report) {
        let Some(last) = &self.last else { return };
        report.decided += 1;
        match (last.outcome.as_str(), &last.reason) {
            ("send", _) => report.planned += 1,
            ("hold", _) => report.held += u64::from(self.life.failed.is_none()),
            (_, Some(reason)) => *report.suppressed.entry(reason.clone()).or_default() += 1,
            (_, None) => {}
        }
        let (life, step) = (&self.life, |step| u64::from(self.life.reached(step)));
        let told = self.channel == Some(Channel::Email) && life.reached(Step::Sent) && life.bounced.is_none();
        report.sent += step(Step::Sent);
        report.delivered += u64::from(told || life.reached(Step::Delivered));
        report.opened += step(Step::Seen);
        report.clicked += step(Step::Acted);
        report.bounced += u64::from(life.bounced.is_some());
        report.failed += u64::from(life.failed.is_some());
        report.complained += u64::from(life.complained.is_some());
        report.unsubscribed += u64::from(life.unsubscribed.is_some());
    }
}

#[derive(Debug, Default)]
struct Arm {
    converted: u64,
    conversions: u64,
    revenue: Sample,
}

impl Arm {
    fn add(&mut self, gain: Gain) {
        self.converted += u64::from(gain.conversions > 0);
        self.conversions += gain.conversions;
        self.revenue.add(gain.revenue);
    }

    fn counts(&self) -> ArmCounts {
        ArmCounts {
            people: self.revenue.count,
            converted: self.converted,
            conversions: self.conversions,
            revenue: self.revenue.sum,
        }
    }
}

fn compare(treated: &Arm, control: &Arm) -> Option<Comparison> {
    let share = |arm: &Arm| statistics::proportion(arm.converted, arm.revenue.count);
    Some(Comparison {
        treated: treated.counts(),
        control: control.counts(),
        conversion: statistics::difference(share(treated)?, share(control)?),
        revenue_per_person: statistics::mean_difference(&treated.revenue, &control.revenue),
    })
}
