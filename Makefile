# PerfFlow: `make` prints what there is to do.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help demo test lint conformance bench screenshots

PYTHON ?= python3
PORT ?= 8000
PERFFLOW_NOW ?= 2026-01-30T09:00+08:00
WORKERS ?= 2
TESTS ?= tests
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

help: ## this list
	@echo "PerfFlow. Needs python3 (3.11 or newer) with venv, make and git."
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: .venv/run.stamp ## a firm of 60 people on http://127.0.0.1:8000 (PORT=8080 for another port)
	@PERFFLOW_NOW="$(PERFFLOW_NOW)" PORT="$(PORT)" $(BIN)/python -m perfflow demo --port "$(PORT)"

test: .venv/test.stamp ## every test on SQLite and PostgreSQL, a browser included, then lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)
	@$(MAKE) --no-print-directory lint

lint: .venv/test.stamp ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy perfflow
	$(BIN)/lint-imports

conformance: .venv/test.stamp ## outside test suites, from the folder named by PERFFLOW_CORPUS
	@if [ ! -d "$${PERFFLOW_CORPUS:-}" ]; then \
	  echo "make conformance needs the folder of the outside test suites (bpmn/, dmn-tck/):" >&2; \
	  echo "  PERFFLOW_CORPUS=/path/to/corpus make conformance" >&2; exit 2; fi
	$(BIN)/python -m pytest -n $(WORKERS) tests/conformance

bench: .venv/run.stamp ## ratios over the floor, on SQLite (DATABASE_URL= for another database)
	$(BIN)/python -m bench $(if $(DATABASE_URL),--database-url $(DATABASE_URL))

screenshots: .venv/test.stamp ## every page, both languages, wide and narrow, into screenshots/
	$(BIN)/python -m tests.browser.screenshots

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "PerfFlow needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Preparing .venv ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# The demo needs no test tools: the two locks have their own stamps.
.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "Installing what PerfFlow runs on ..."
	@$(PIP) install --quiet --require-hashes -r requirements/run.txt
	@$(PIP) install --quiet --no-build-isolation --no-deps -e .
	@touch $@

.venv/test.stamp: requirements/test.txt .venv/run.stamp
	@echo "Installing the test tools ..."
	@$(PIP) install --quiet --require-hashes -r requirements/test.txt
	@touch $@
