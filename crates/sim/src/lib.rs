//! A shop that lives: load for demonstrations and tests.
