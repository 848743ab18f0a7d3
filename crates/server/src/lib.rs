//! Settings, wiring, the fold loop, the handlers.

pub mod engine;
