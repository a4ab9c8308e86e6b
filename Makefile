# `make run` is all that a fresh checkout needs; everything is installed into .venv, and only when setup.cfg has changed.

PYTHON ?= python3
VENV ?= .venv
SCENARIO ?= msc-sle
BIN := $(VENV)/bin
LOWEST := $(VENV)-lowest

.DEFAULT_GOAL := help
.PHONY: help lab run report test slow lint coverage lowest bench figures rules sensitivity tables notebooks equality clean

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.installed: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "trialsim needs Python 3.11 or later: make run PYTHON=...")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV), once: it takes a minute or two."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

$(LOWEST)/.installed: setup.cfg .ci/lowest.py
	@test -d $(LOWEST) || $(PYTHON) -m venv $(LOWEST)
	$(PYTHON) .ci/lowest.py fast tests >$(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet --only-binary :all: --constraint $(LOWEST)/constraints.txt \
		--editable '.[fast,tests]'
	@touch $@

lab: $(VENV)/.installed  ## Open the notebooks
	$(BIN)/python -m pip install --quiet --editable '.[lab]'
	$(BIN)/jupyter lab notebooks

run: $(VENV)/.installed  ## Simulate the trial that ships (another one: SCENARIO=...)
	$(BIN)/trialsim run $(SCENARIO)

report: $(VENV)/.installed  ## Write the report of the trial that ships into outputs/, as a page and a PDF (SCENARIO=...)
	$(BIN)/python -m pip install --quiet --editable '.[report]'
	@mkdir -p outputs
	$(BIN)/trialsim report $(SCENARIO) -o outputs/$(SCENARIO).html -o outputs/$(SCENARIO).pdf --stress

test: $(VENV)/.installed-dev  ## Run the tests, without the big ones
	$(BIN)/python -m pytest -n 2 --dist loadgroup

slow: $(VENV)/.installed-dev  ## Run the big checks
	$(BIN)/python -m pytest -n 2 -m slow

equality: $(VENV)/.installed-dev  ## Look for a difference between the engines in random scenarios (how many: TRIALSIM_EQUALITY=...)
	TRIALSIM_EQUALITY=$${TRIALSIM_EQUALITY:-3000} $(BIN)/python -m pytest -n 2 -m "" tests/engines -k "other_random or thousand_replications"

lint: $(VENV)/.installed-dev  ## Style, types, and which room may import which
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

coverage: $(VENV)/.installed-dev  ## Measure which lines and branches the tests run, the kernel's as plain Python
	@rm -f .coverage .coverage.*
	TRIALSIM_KERNEL=python $(BIN)/coverage run -m pytest -n 2 -m "not slow and not compiled and not undisturbed" \
		tests/unit tests/cli tests/engines/test_equality.py
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lowest: $(LOWEST)/.installed  ## Test with the lowest versions that setup.cfg promises (needs Python 3.11 or 3.12)
	$(LOWEST)/bin/python -m pytest -n 2 --dist loadgroup tests/unit tests/cli tests/engines

bench: $(VENV)/.installed-dev  ## Measure SimPy's engine beside a bare SimPy loop, and the compiled one beside it
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/engines.py
	$(BIN)/python benchmarks/elsewhere.py

figures: $(VENV)/.installed  ## Draw all figures of all that ships onto one sheet, in outputs/figures
	$(BIN)/python docs/make_figures.py

rules: $(VENV)/.installed  ## Write the tables of docs/rules.md anew
	$(BIN)/python docs/make_rules.py

sensitivity: $(VENV)/.installed  ## Write the tables and the figure of docs/sensitivity.md anew
	$(BIN)/python docs/make_sensitivity.py

tables: $(VENV)/.installed  ## Write the columns of all tables in docs/outputs.md anew
	$(BIN)/python docs/make_tables.py

notebooks: $(VENV)/.installed-dev  ## Write the notebooks anew from the scripts beside them
	$(BIN)/jupytext --quiet --update --to ipynb notebooks/*.py

clean:  ## Remove the environment, caches and builds (results in outputs/ stay)
	rm -rf $(VENV) $(LOWEST) .coverage .coverage.* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
