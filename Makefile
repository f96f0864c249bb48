# `make run` starts the server, `make test` runs the tests, `make check` does all that CI does.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help run test check lint types floors bench schema browser clean

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.run  ## Start the server on http://localhost:8080/
	@$(BIN)/ouistop serve

test: $(VENV)/.dev browser  ## Run every test
	@$(BIN)/pytest -n 2

check: lint types floors test  ## Everything CI checks

lint: $(VENV)/.dev  ## Style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: run $(BIN)/ruff format ."; exit 1; }

types: $(VENV)/.dev  ## Types
	@$(BIN)/mypy

floors: $(VENV)/.dev  ## Imports go down, never up or sideways
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.bench  ## Measure, and print the table of benchmarks/README.md
	@$(BIN)/python -m benchmarks

schema: $(VENV)/.run  ## Write keywords.schema.json again
	@$(BIN)/ouistop schema > keywords.schema.json

# Debian's Chromium and its driver, for the tests that look at the pages.
browser:
	@command -v chromedriver >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq chromium chromium-driver >/dev/null; \
	  else \
	    echo "The tests of the pages need Chromium and its driver: install the packages chromium and chromium-driver."; \
	    exit 1; \
	  fi; }

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Ouistop needs Python 3.11 or newer: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing: on Debian, install python3-venv"; exit 1; }

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	@echo "Installing, once: a minute or two…"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need, once…"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.bench: $(VENV)/.dev
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,bench]'
	@touch $@

clean:  ## Remove what was installed and what tests left
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
