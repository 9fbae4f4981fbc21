# The newcomer's two commands are `make demo` and `make test`. Everything else is for those who stay.
PYTHON ?= python3
BIN := .venv/bin
CALLS := tests/calls
PHONES := tests/integration/sip tests/browser/test_whole_call.py

.PHONY: help demo serve test check bench clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: .venv/installed ## hear, see and inspect one real call being answered
	@$(BIN)/aicc demo

serve: .venv/installed ## the same, staying up
	@$(BIN)/aicc serve --tenant examples/hanbit-store --with-services

test: .venv/installed-dev ## all tests
	$(BIN)/python -m pytest -n auto --dist loadgroup $(addprefix --ignore ,$(CALLS) $(PHONES))
	@echo "Now whole calls at the pace of speech, many at once, by themselves: they need the cores."
	$(BIN)/python -m pytest $(CALLS)
	@echo "Now real telephones and whole calls in browsers: they mostly wait for one another."
	$(BIN)/python -m pytest -n 3 --dist loadgroup $(PHONES)

check: .venv/installed-dev ## ruff, mypy --strict, import-linter, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: .venv/installed-dev ## the benchmarks: calls on one core, speed, accuracy, each against a baseline in the same run
	$(BIN)/aicc bench capacity
	$(BIN)/aicc bench turns
	$(BIN)/python -m tests.benchmarks

clean: ## forget what was installed
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make demo PYTHON=python3.12"; exit 1; }
	@echo "Making a virtual environment in .venv …"
	@$(PYTHON) -m venv .venv || { echo "python3 -m venv failed: on Debian and Ubuntu, install the package python3-venv"; exit 1; }

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing pinned dependencies (once; a few minutes, about 2.5 GB) …"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt -e '.[espeak,sip]' \
	  | $(BIN)/python -u -c 'import sys; [print("  " + l.split()[1], flush=True) for l in sys.stdin if l.startswith("Collecting ")]'
	@$(BIN)/python -c 'import gateway, fastapi, psycopg' || { echo "The installation did not succeed; run 'make clean' and try again."; exit 1; }
	@touch $@

.venv/installed-dev: .venv/installed
	@$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[espeak,sip,dev]'
	@touch $@
