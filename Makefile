# Every target makes what it needs, in .venv, on a machine that has git, make and Python >= 3.11.
# Another interpreter has an environment of its own: `make test PYTHON=python3.13`.
PYTHON ?= python3
VENV   ?= .venv$(if $(filter-out python3,$(PYTHON)),/$(notdir $(PYTHON)))
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
JOBS   ?= 2
PACKAGES := funcpipe_lint funcpipe_laws funcpipe_gate reference/funcpipe_streams
TYPED    := funcpipe.py $(PACKAGES) tests benchmarks examples docs

.DEFAULT_GOAL := help
.PHONY: help check format ruff mypy lint test docs docs-check site wheel demo bench bench-lint bench-memory bench-leaks bench-laws field-study reliability reliability-all clean

help:  ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "funcpipe needs Python 3.11 or later; name one: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

check: ruff mypy lint docs-check site wheel test  ## everything that must hold before a change lands

ruff: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

mypy: $(STAMP)
	$(BIN)/mypy $(TYPED)

lint: $(STAMP)
	$(BIN)/funcpipe-lint check $(PACKAGES) tests benchmarks docs examples/orders.py examples/demo.py examples/rag

test: $(STAMP)  ## run the tests
	$(BIN)/python -m pytest --strict-config -n $(JOBS) --stream-leaks=error

docs: $(STAMP)  ## write the generated pages of docs/ anew
	$(BIN)/python docs/programs/generate.py

docs-check: $(STAMP)
	$(BIN)/python docs/programs/generate.py --check

site: $(STAMP)  ## build the pages as a site, in build/site; a link that leads nowhere fails
	# Not --quiet: it counts no warnings, and then nothing fails.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

wheel: $(STAMP)  ## build both distributions, the wheels from their sdists, and check what is in them
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist . >/dev/null
	$(BIN)/python -m build --no-isolation --outdir dist reference >/dev/null
	$(BIN)/python tests/check_wheel.py dist

DEMO := $(VENV)/demo

# Not in the environment of the developers: that is twenty times the size of what is shown.
$(DEMO)/.installed: pyproject.toml
	test -x $(DEMO)/bin/python || $(PYTHON) -m venv $(DEMO)
	@echo 'installing funcpipe-kit[laws] into $(DEMO)'
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[laws]'
	touch $@

demo: $(DEMO)/.installed  ## lint and test real streams, and show what is found
	$(DEMO)/bin/python examples/demo.py

bench: $(STAMP)  ## the reference against hand-written generators
	$(BIN)/python benchmarks/bench_streams.py

bench-lint: $(STAMP)  ## the linter against ruff, libcst and flake8-async, on 20,000 files
	$(BIN)/python benchmarks/bench_lint.py $(ARGS)

bench-memory: $(STAMP)  ## peak memory of 10,000,000 items against 10,000
	$(BIN)/python benchmarks/bench_streams.py --only 'peak memory' --memory 10000000

bench-leaks: $(STAMP)  ## what --stream-leaks costs on public suites
	$(BIN)/python benchmarks/bench_leaks.py $(ARGS)

bench-laws: $(STAMP)  ## the laws: runs a second, time of the suites, examples until mutants are caught
	$(BIN)/python benchmarks/bench_laws.py --ci

field-study: $(STAMP)  ## run published packages' own tests under --stream-leaks: an hour
	$(BIN)/python docs/studies/field_study.py --run
	$(BIN)/python docs/programs/generate.py

reliability: $(STAMP)  ## run the linter over CPython's tests, packages, generated code and traps
	$(BIN)/python docs/studies/reliability.py --jobs $(JOBS)

reliability-all: $(STAMP)  ## the same, the screens compared on every file: hours
	$(BIN)/python docs/studies/reliability.py --jobs $(JOBS) --compare all

format: $(STAMP)  ## format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean:  ## remove what the targets made
	rm -rf $(VENV) .cache dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
