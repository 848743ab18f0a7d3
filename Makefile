# Two commands are the whole set-up: `make demo` and `make test`. Each installs what it needs and is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test browser lint bench fuzz format console screenshots tools

DATA ?= demo-data
LISTEN ?= 127.0.0.1:7700
CARGO := cargo
TARGET_FOLDER := $(CARGO) metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])'
BROWSER = OMOTENASHI="$$($(TARGET_FOLDER))/debug/omotenashi" npm --prefix console run e2e:built
VENV := $(HOME)/.cache/omotenashi/venv
export OMOTENASHI_PYTHON := $(VENV)/bin/python

help: ## Says what can be made.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: tools-build console ## Builds everything, starts a living shop, prints its address.
	$(CARGO) build --release --locked --package omotenashi
	$$($(TARGET_FOLDER))/release/omotenashi demo --data $(DATA) --listen $(LISTEN)

test: tools-test console ## Runs every test, those in a browser too.
	$(CARGO) build --locked --workspace --bins
	npm --prefix console test
	$(BROWSER)
	$(CARGO) test --locked --workspace --doc --quiet
	$(CARGO) nextest run --locked --workspace
	scripts/differential.sh

browser: tools-test console ## Runs only the tests in a browser: before a small shop, and before the real server.
	$(CARGO) build --locked --workspace --bins
	$(BROWSER)

lint: tools-build console ## Formatting, lints, dependency rules.
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	npm --prefix console run lint
	scripts/deny.sh

bench: tools-bench console ## Measures, beside ClickHouse and DuckDB; the tables in docs/performance.md come from here.
	scripts/bench.sh

fuzz: tools-build ## Fuzzes the template engine for an hour, or for FUZZ_SECONDS.
	scripts/fuzz.sh

format: ## Formats the sources.
	$(CARGO) fmt --all
	npm --prefix console run format

console: console/dist/index.html ## Builds the console.

console/dist/index.html: $(shell find console/src console/public console/index.html console/package.json openapi.json -type f 2>/dev/null) console/node_modules/.package-lock.json
	npm --prefix console run build
	@touch $@

console/node_modules/.package-lock.json: console/package-lock.json
	npm --prefix console ci --no-audit --no-fund
	@touch $@

screenshots: console ## Takes every page of the console in both languages and both themes.
	npm --prefix console run screenshots

.PHONY: tools-build tools-test tools-bench
tools-build:
	@scripts/tools.sh build

tools-test: tools-build
	@scripts/tools.sh test

tools-bench: tools-test
	@scripts/tools.sh bench
