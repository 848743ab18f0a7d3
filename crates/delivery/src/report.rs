//! What a campaign brought about: what people did within the window, against those left alone.
//!
//! The comparison is by intention: the treated arm is everybody who passed all
//! gates before the holdout, whether or not the message reached them, because
//! the control arm is made of exactly such people. The window of each person
//! begins when the policy first decided on them.

use std::collections::HashMap;

use model::{CustomerId, Instant};

use crate::receipt::Mark;
use crate::statistics::{self, Interval, Sample};
use crate::story::{Side, Story};

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

/// The stories of one launch, from which its report is made.
#[derive(Debug, Clone, Default)]
pub struct Reporter {
    people: HashMap<CustomerId, Story>,
}

/// What a launch brought about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
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
    /// Adds what is known of the message to one customer.
    pub fn add(&mut self, customer: CustomerId, story: Story) {
        self.people.insert(customer, story);
    }

    /// Whose conversions matter.
    pub fn customers(&self) -> impl Iterator<Item = CustomerId> + '_ {
        self.people.keys().copied()
    }

    /// What came of it, counting conversions up to `window_ms` after each person was first decided on.
    pub fn report(&self, conversions: impl Iterator<Item = Conversion>, window_ms: i64) -> Report {
        let firsts = self.people.values().filter_map(|story| story.first);
        let closes_at = firsts.map(|first| first.at.plus_ms(window_ms)).max();
        let gains = self.gains(conversions, window_ms);
        let (mut reached, mut treated, mut control) = <(Arm, Arm, Arm)>::default();
        for (customer, story) in &self.people {
            let gain = gains.get(customer).copied().unwrap_or_default();
            if story.life.has(Mark::Sent) {
                reached.add(gain);
            }
            match story.side() {
                Some(Side::Treated) => treated.add(gain),
                Some(Side::Control) => control.add(gain),
                None => {}
            }
        }
        Report { reached: reached.counts(), closes_at, comparison: compare(&treated, &control) }
    }

    fn gains(
        &self,
        conversions: impl Iterator<Item = Conversion>,
        window_ms: i64,
    ) -> HashMap<CustomerId, Gain> {
        let mut gains: HashMap<CustomerId, Gain> = HashMap::new();
        for conversion in conversions {
            let first = self.people.get(&conversion.customer).and_then(|story| story.first);
            if first.is_some_and(|first| (0..=window_ms).contains(&conversion.at.since_ms(first.at))) {
                let gain = gains.entry(conversion.customer).or_default();
                gain.conversions += 1;
                gain.revenue += conversion.revenue;
            }
        }
        gains
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
