# `make demo` and `make test` set everything up by themselves; nothing has to be installed by hand.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= 2

.PHONY: help setup demo test coverage mutants lint types format clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Tocsin needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo") if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (once; torch and transformers are large, this takes some minutes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --progress-bar on --editable '.[dev]'
	@touch $(READY)
	@echo "Ready."

setup: $(READY)  ## Create .venv and install everything into it

demo: $(READY)  ## Run the whole thing: feeds, engine, a Slack workspace in the browser, a crisis
	@$(BIN)/tocsin demo

test: $(READY)  ## Run the tests
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder
	@echo "All tests passed. Next: make demo"

coverage: $(READY)  ## Run the tests and show which lines none of them runs
	$(BIN)/coverage run -m pytest -q && $(BIN)/coverage combine --quiet && $(BIN)/coverage report

mutants: $(READY)  ## Put faults into the pure core and count those that its tests notice: make mutants ARGS=--all
	nice -n 15 $(BIN)/python -m tests.mutation $(ARGS)

lint: $(READY)  ## Check style, and that what is imported is declared
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/deptry bot engine

types: $(READY)  ## Check types
	$(BIN)/mypy

format: $(READY)  ## Put the code into shape
	$(BIN)/ruff check --fix-only . ; $(BIN)/ruff format .

clean:  ## Remove what was set up
	rm -rf $(VENV) .tocsin .mypy_cache .ruff_cache .pytest_cache .coverage .coverage.*
