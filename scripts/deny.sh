#!/usr/bin/env bash
# Checks licences, bans and sources of dependencies. The checker itself is installed when it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v cargo-deny >/dev/null 2>&1; then
  echo "deny: installing cargo-deny"
  cargo install --locked --quiet cargo-deny || { echo "deny: could not install cargo-deny" >&2; exit 1; }
fi
cargo deny --offline --log-level error check licenses bans sources 2>/dev/null || cargo deny --log-level error check licenses bans sources
