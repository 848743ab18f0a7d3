//! Settings, wiring, the fold loop, the handlers.
