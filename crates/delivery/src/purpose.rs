//! What each purpose demands: one table, so that nobody decides it in passing.

use model::Purpose;

/// What a message of some purpose needs and what it is spared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// A recorded yes is needed; without one, a recorded no still forbids.
    pub needs_consent: bool,
    /// Some people are deliberately not contacted, to measure the difference.
    pub has_holdout: bool,
    /// It keeps away from people's quiet hours.
    pub keeps_quiet: bool,
    /// An attempt whose outcome is not known is made again. Otherwise it never is.
    pub repeats_unknown: bool,
}

/// The row of the table for `purpose`.
pub const fn rules(purpose: Purpose) -> Rules {
    let (needs_consent, has_holdout, keeps_quiet, repeats_unknown) = match purpose {
        Purpose::Marketing => (true, true, true, false),
        Purpose::Research => (true, true, true, false),
        Purpose::Location => (true, false, true, false),
        Purpose::Service => (false, false, true, false),
        Purpose::Transactional => (false, false, false, true),
        Purpose::Security => (false, false, false, true),
    };
    Rules { needs_consent, has_holdout, keeps_quiet, repeats_unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_never_be_lost_is_repeated_after_an_unknown_outcome() {
        let repeated: Vec<Purpose> =
            Purpose::ALL.iter().copied().filter(|purpose| rules(*purpose).repeats_unknown).collect();
        assert_eq!(repeated, [Purpose::Transactional, Purpose::Security]);
    }

    #[test]
    fn what_must_never_be_lost_has_no_holdout_and_waits_for_no_morning() {
        for purpose in [Purpose::Transactional, Purpose::Security] {
            assert!(!rules(purpose).has_holdout && !rules(purpose).keeps_quiet);
        }
    }
}
