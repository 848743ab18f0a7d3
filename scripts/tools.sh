#!/usr/bin/env bash
# Installs what building (`build`), testing (`test`) or measuring (`bench`) needs and is missing; says what it could not get.
set -euo pipefail

VENV="${OMOTENASHI_VENV:-$HOME/.cache/omotenashi/venv}"

say() { printf 'tools: %s\n' "$*"; }
fail() { printf 'tools: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Some build scripts, run as root, replace the null device by a plain file, and every later program
# that reads "nothing" reads that file. Keep the device in place.
keep_null_device() {
  [ "$(id -u)" = 0 ] || return 0
  if [ ! -c /dev/null ]; then
    rm -f /dev/null && mknod -m 666 /dev/null c 1 3 || fail "the null device is a plain file and cannot be restored"
  fi
  grep -q ' /dev/null ' /proc/mounts || mount --bind /dev/null /dev/null 2>/dev/null || true
}

debian() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  has apt-get || fail "please install: ${missing[*]} (no apt-get on this machine)"
  [ "$(id -u)" = 0 ] || fail "please install as root: apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "could not install: ${missing[*]}"
}

python_packages() {
  local wanted="$1" installed
  installed="$VENV/installed-$(basename "$wanted")"
  if ! { [ -x "$VENV/bin/python" ] && cmp -s "$wanted" "$installed"; }; then
    say "installing Python packages of $wanted"
    python3 -m venv "$VENV" && "$VENV/bin/pip" install -q -r "$wanted" || fail "could not install $wanted"
    cp "$wanted" "$installed"
  fi
}

node_packages() {
  local folder="$1"
  if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/installed.json"; then
    say "installing Node.js packages of $folder"
    npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund --silent || fail "could not install the packages of $folder"
    cp "$folder/package-lock.json" "$folder/node_modules/installed.json"
  fi
}

build() {
  has cargo || fail "please install Rust 1.90 or later (cargo is missing)"
  has cc || debian gcc libc6-dev
  has npm || fail "please install Node.js 20 or later with npm"
  has python3 || debian python3
}

tests() {
  has cargo-nextest || { say "installing cargo-nextest"; cargo install --locked --quiet cargo-nextest || fail "could not install cargo-nextest"; }
  python_packages "$(dirname "$0")/requirements-test.txt"
  node_packages "$(dirname "$0")/../crates/e2e/clients"
  node_packages "$(dirname "$0")/../crates/liquid/benches/compare"
  browser
  # The mail tests run a postfix of their own, which only root can; without it they say so and are skipped.
  [ "$(id -u)" != 0 ] || debian postfix openssl
}

# The console is driven in a real browser: the one that CHROMIUM names, else Debian's.
browser() {
  if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || fail "CHROMIUM names no program: $CHROMIUM"
    return
  fi
  [ -x /usr/bin/chromium ] || has apt-get || fail "please install Chromium, or name a browser like it with CHROMIUM=/path/to/it"
  [ -x /usr/bin/chromium ] || debian chromium fonts-noto-cjk
}

# Other engines to measure beside: half a gigabyte, so only measuring installs them.
bench() {
  python_packages "$(dirname "$0")/requirements-bench.txt"
}

keep_null_device
case "${1:-}" in
  build) build ;;
  test) tests ;;
  bench) bench ;;
  *) fail "usage: $0 build|test|bench" ;;
esac
