# Two commands on a fresh machine: make demo, make test. Every target that needs the environment
# makes it first, from the locks. PYTHON=/path/to/python3.12 names the interpreter to make it with.
SHELL := /bin/sh
BIN := .venv/bin
PY := $(BIN)/python

# Where the caller has it set, every start would compile thousands of modules anew.
unexport PYTHONDONTWRITEBYTECODE

# A worker that has done its half takes over what the other has not begun, so that both end together.
# That splits files: each worker has a server of its own, and no test leaves anything for another.
TESTS := $(PY) -m pytest -n 2 --dist worksteal

# Not with --quiet, which also silences what --strict counts.
SITE := out=$$(NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict 2>&1) || { echo "$$out"; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help demo ui test test-fast test-thorough test-long check format up down golden site dist sbom bench lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: .venv/.done ## set everything up, run five of the six flows through Airflow, show the result
	@$(PY) scripts/local_airflow.py

ui: .venv/.done ## start Airflow with the officer's page on the demo's data
	@$(PY) -m scripts.local_ui

test: .venv/.done ## run the tests, without the thorough and the long ones
	@$(TESTS) -m "not long and not thorough"

test-fast: .venv/.done ## run the tests that start nothing, or with P=plan those of one part
	@$(TESTS) -m "not long$(if $(P),, and not thorough and not starts)" $(if $(P),tests/$(P))

test-thorough: .venv/.done ## run what `make test` leaves out and every change has to pass: further cases, slow ones
	@$(TESTS) -m "thorough and not long"

test-long: .venv/.done ## run all tests, with all examples of each property
	@$(TESTS) --hypothesis-profile=all

check: .venv/.done ## formatting, lint, types, import contracts, the site, and that every test can be imported
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@for folder in dags plugins; do \
	    [ ! -d $$folder ] || $(BIN)/ruff check --select AIR --preview $$folder || exit 1; \
	done
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@out=$$($(PY) -m pytest --collect-only -q 2>&1) || { echo "$$out" | tail -30; exit 1; }
	@$(SITE)

format: .venv/.done ## format the code and make the safe lint fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

up: .venv/.done ## start the database and bring its schemas up to date
	@$(BIN)/lacuna up

down: .venv/.done ## stop the database
	@$(BIN)/lacuna down

golden: .venv/.done ## rewrite the golden files; review the difference before you commit it
	@LACUNA_GOLDEN=update $(TESTS) -m "not long"

site: .venv/.done ## build the documentation as a site; a dead link or a page that nothing leads to fails
	@$(SITE)
	@echo "Open site/index.html"

dist: .venv/.done ## build the wheels into dist/; the same source gives the same bytes
	@for folder in . models/names; do \
	    (cd $$folder && $(CURDIR)/$(PY) -m hatchling build -t wheel -d $(CURDIR)/dist) || exit 1; \
	done

# In an environment of its own: what it needs is nothing that Lacuna runs with.
sbom: .venv/.done ## list every package of the image, as CycloneDX, in dist/sbom.json
	@mkdir -p dist
	@$(BIN)/uv venv -q --clear --python $(PY) dist/.sbom
	@$(BIN)/uv --system-certs pip install -q --python dist/.sbom/bin/python --no-deps --require-hashes \
	    -r requirements-sbom.lock
	@dist/.sbom/bin/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --mc-type application \
	    --output-reproducible -o dist/sbom.json requirements-image.lock

bench: .venv/.done ## say what the benchmarks measure, and how to run each
	@$(PY) -m benchmarks

# The site's lock has what the one of everything else lacks.
COMPILE := $(BIN)/uv --system-certs pip compile -q --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-annotate --no-header --no-emit-package lacuna-names --extra cluster --extra s3
lock: .venv/.done ## renew the locks after a change of the dependencies
	@$(COMPILE) --extra dev pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml -o requirements-image.lock
	@$(COMPILE) --extra dev --extra site -c requirements.lock pyproject.toml -o requirements-site.lock \
	    $$(sed -nE 's/^([A-Za-z0-9._-]+)==.*/--no-emit-package \1/p' requirements.lock)
	@sed -nE 's/^sbom = \["(.*)"\]/\1/p' pyproject.toml | $(BIN)/uv --system-certs pip compile -q --universal \
	    --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements.lock \
	    - -o requirements-sbom.lock

clean: ## stop the database, then remove .venv, ./var with all its data, and the caches
	@[ ! -x $(BIN)/lacuna ] || $(BIN)/lacuna down
	rm -rf .venv var dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.done: pyproject.toml models/names/pyproject.toml requirements.lock requirements-model.lock requirements-axe.lock requirements-site.lock requirements-uv.lock scripts/venv.sh
	@sh scripts/venv.sh
