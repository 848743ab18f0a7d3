//! The binary `omotenashi`.

fn main() {}
