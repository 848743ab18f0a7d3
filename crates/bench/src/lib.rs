//! Side-by-side benchmarks.

pub mod generate;
