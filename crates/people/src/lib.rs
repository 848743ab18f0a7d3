//! One customer: identity, traits, consent, addresses.
