//! The durable, ordered log of everything that was accepted.
