//! What several events become together: exact sums, chains of a sequence, identities of values.

use model::Value;

use crate::condition::Function;

/// A sum that does not depend on the order of its parts: it carries what rounding lost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        let total = self.high + value;
        let shadow = total - self.high;
        let lost = (self.high - (total - shadow)) + (value - shadow);
        self.high = total;
        self.low += lost;
    }

    pub(crate) fn get(self) -> f64 {
        self.high + self.low
    }
}

/// Numbers on their way to one number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Summary {
    sum: Sum,
    count: u32,
    extreme: f64,
}

impl Summary {
    pub(crate) const NONE: Self = Self { sum: Sum { high: 0.0, low: 0.0 }, count: 0, extreme: f64::NAN };

    #[inline]
    pub(crate) fn add(&mut self, function: Function, value: f64) {
        self.count = self.count.saturating_add(1);
        match function {
            Function::Sum | Function::Avg => self.sum.add(value),
            // The minimum and maximum of "no number" and a number is the number.
            Function::Min => self.extreme = self.extreme.min(value),
            Function::Max => self.extreme = self.extreme.max(value),
            Function::Distinct => {}
        }
    }

    /// The one number; `None` without any.
    pub(crate) fn get(&self, function: Function) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        Some(match function {
            Function::Sum => self.sum.get(),
            Function::Avg => self.sum.get() / f64::from(self.count),
            Function::Min | Function::Max => self.extreme,
            Function::Distinct => f64::from(self.count),
        })
    }
}

/// What makes two values the same value: whole and broken numbers are one kind, lists and maps are their JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'v> {
    Bool(bool),
    Number(u64),
    Text(&'v str),
    Time(i64),
    Json(String),
}

impl<'v> Key<'v> {
    /// `None`: null is no value.
    pub(crate) fn of(value: &'v Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(_) | Value::Float(_) => Self::Number(number_bits(value.number()?)),
            Value::Text(value) => Self::Text(value),
            Value::Time(value) => Self::Time(value.ms()),
            Value::List(_) | Value::Map(_) => {
                Self::Json(serde_json::to_string(value).expect("a value has text keys and finite numbers"))
            }
        })
    }
}

/// The bits that identify a number: there is one zero.
pub(crate) fn number_bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// How far a customer has come in a sequence: for each step the latest start of a chain that reached it. A later start
/// is never worse, so one chain for each step is enough.
#[derive(Debug)]
pub(crate) struct Chain {
    within_ms: i64,
    starts: Vec<Option<i64>>,
}

impl Chain {
    pub(crate) fn new(steps: usize, within_ms: Option<i64>) -> Self {
        Self { within_ms: within_ms.unwrap_or(i64::MAX), starts: vec![None; steps] }
    }

    /// Takes in the next event in order: which steps it can be, and whether it must not lie between. Whether the
    /// sequence is complete.
    pub(crate) fn take(&mut self, at: i64, is_step: impl Fn(usize) -> bool, forbidden: bool) -> bool {
        let last = self.starts.len() - 1;
        for step in (0..=last).rev() {
            let start = if step == 0 { Some(at) } else { self.starts[step - 1] };
            let reached = start.filter(|start| is_step(step) && at.saturating_sub(*start) <= self.within_ms);
            let kept = self.starts[step].filter(|_| !forbidden);
            self.starts[step] = kept.max(reached);
        }
        self.starts[last].is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tries every choice of events.
    fn exists(events: &[(i64, u8, bool)], steps: usize, within: i64, chosen: &mut Vec<usize>) -> bool {
        if let [first, .., last] = chosen.as_slice()
            && chosen.len() == steps
        {
            let between = (*first + 1..*last).filter(|index| !chosen.contains(index));
            return events[*last].0 - events[*first].0 <= within && !between.into_iter().any(|i| events[i].2);
        }
        let next = chosen.last().map_or(0, |last| last + 1);
        (next..events.len()).any(|index| {
            if events[index].1 & (1 << chosen.len()) == 0 {
                return false;
            }
            chosen.push(index);
            let found = exists(events, steps, within, chosen);
            chosen.pop();
            found
        })
    }

    proptest! {
        #[test]
        fn a_chain_finds_what_trying_everything_finds(
            mut events in proptest::collection::vec((0..12_i64, 0..8_u8, proptest::bool::weighted(0.2)), 0..9),
            steps in 2..4_usize,
            within in 0..10_i64,
        ) {
            events.sort_by_key(|event| event.0);
            let mut chain = Chain::new(steps, Some(within));
            let mut found = false;
            for (at, can_be, forbidden) in &events {
                found |= chain.take(*at, |step| can_be & (1 << step) != 0, *forbidden);
            }
            prop_assert_eq!(found, exists(&events, steps, within, &mut Vec::new()));
        }

        #[test]
        fn a_sum_does_not_depend_on_the_order(mut cents in proptest::collection::vec(-100_000..100_000_i32, 0..200)) {
            let sum = |cents: &[i32]| {
                let mut sum = Sum::default();
                cents.iter().for_each(|cent| sum.add(f64::from(*cent) / 100.0));
                sum.get()
            };
            let forward = sum(&cents);
            cents.sort_unstable();
            prop_assert_eq!(sum(&cents), forward);
        }
    }
}
