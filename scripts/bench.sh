#!/usr/bin/env bash
# Measures everything that docs/performance.md states. Takes a while; run it on a quiet machine.
#   HOUSE_…           see crates/e2e/benches/house/main.rs
#   EVENTS_MILLIONS   how many events the questions are asked of (default 5), by a twenty-fifth as many customers
#   RUNS              how often at least each question is asked after a first time that does not count (default 5)
#   BENCH_FOLDER      a folder that keeps the events of the questions for the next run (default: one that goes)
#   ONLY              "questions" measures the questions beside ClickHouse and DuckDB, and nothing else
set -euo pipefail
cd "$(dirname "$0")/.."

questions() {
  printf '\n== funnels are what windowFunnel says, on real clicks too\n'
  cargo test --locked --package questions --test clickhouse -- --ignored
  printf '\n== questions, beside their peers\n'
  cargo run --release --locked --package bench --bin questions -- "${EVENTS_MILLIONS:-5}" ${BENCH_FOLDER:+"$BENCH_FOLDER"}
}

if [ "${ONLY:-}" = questions ]; then
  questions
  exit
fi

for package in ingest people audience channels; do
  printf '\n== %s\n' "$package"
  cargo bench --locked --package "$package"
done

printf '\n== the built server, from outside\n'
cargo build --release --locked --package omotenashi
cargo bench --locked --package e2e

questions

printf '\n== templates, beside their peers\n'
# LiquidJS is there after `scripts/tools.sh test`; without it the others are compared.
(cd crates/liquid/benches/compare && cargo run --release)
