#!/usr/bin/env bash
# Measures everything that docs/performance.md states. Takes a while; run it on a quiet machine.
#   HOUSE_…           see crates/e2e/benches/house/main.rs
#   EVENTS_MILLIONS   how many events the questions are asked of (default 5)
set -euo pipefail
cd "$(dirname "$0")/.."

for package in ingest people audience channels; do
  printf '\n== %s\n' "$package"
  cargo bench --locked --package "$package"
done

printf '\n== the built server, from outside\n'
cargo build --release --locked --package omotenashi
cargo bench --locked --package e2e

printf '\n== questions\n'
cargo run --release --locked --package bench --bin questions -- "${EVENTS_MILLIONS:-5}"

printf '\n== templates, beside their peers\n'
compare=crates/liquid/benches/compare
npm --prefix "$compare" ci --ignore-scripts --no-audit --no-fund --silent
(cd "$compare" && cargo run --release)
