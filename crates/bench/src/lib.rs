//! Side-by-side benchmarks: the same events, the same questions, ours and other engines, in one run.
//!
//! `generate` makes the events; `prepare` loads them into columns and writes
//! them to Parquet for the others; `ours` asks our engine, `peers` the others
//! (each in a process of its own, one after the other); `report` compares all
//! answers, cell by cell, and prints the table. Nothing here answers a question
//! itself: what is measured is the product's own code.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

pub mod generate;
pub mod measure;
pub mod ours;
pub mod peers;
pub mod prepare;
pub mod report;
