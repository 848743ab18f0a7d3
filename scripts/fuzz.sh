#!/usr/bin/env bash
# Fuzzes the template engine, both targets at once, from the cases of the golden suite on. Says what ran; fails when
# something was found, and says where the input that shows it lies.
#   FUZZ_SECONDS   how long (default 3600)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${FUZZ_SECONDS:-3600}"
fuzz=crates/liquid/fuzz

if ! command -v cargo-fuzz >/dev/null 2>&1; then
  echo "fuzz: installing cargo-fuzz"
  cargo install --locked --quiet cargo-fuzz || { echo "fuzz: could not install cargo-fuzz" >&2; exit 1; }
fi

echo "fuzz: taking seeds from the golden suite"
LIQUID_SEEDS="$PWD/$fuzz/corpus" cargo test --locked --quiet --package liquid --test suite seed_the_fuzzer

# Watching the coverage takes flags of the compiler that are not stable yet. The engine holds no unsafe code, so that
# runs are better spent without the address sanitizer: several times as many.
export RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR="$PWD/$fuzz/target"
cargo fuzz build --fuzz-dir "$fuzz" --sanitizer none

run() {
  cargo fuzz run --fuzz-dir "$fuzz" --sanitizer none "$1" -- -max_total_time="$seconds" -timeout=120 -max_len=4096 \
    -dict="$fuzz/corpus/dictionary" -print_final_stats=1 >"$fuzz/$1.log" 2>&1
}

declare -A running
for target in parse render; do
  run "$target" &
  running[$target]=$!
done
failed=0
for target in parse render; do
  if wait "${running[$target]}"; then found="nothing found"; else found="FOUND SOMETHING, see $fuzz/$target.log"; failed=1; fi
  printf 'fuzz: %s, %s seconds, %s\n' "$target" "$seconds" "$found"
  grep -E '^#[0-9]+.*DONE|^stat::' "$fuzz/$target.log" || true
done
exit $failed
