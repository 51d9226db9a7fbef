# What people call; `make help` lists it.
PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test test-kafka test-containers kafka lint format schemas dashboards docs locks sbom bump coverage \
  benchmark clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/demo.installed ## see it all at work: train if need be, broker, worker, a stream of tweets, a summary
	@$(RUN) -m deploy.demo

test: $(VENV)/dev.installed ## run all tests
	@$(RUN) -m pytest

test-kafka: $(VENV)/dev.installed ## break things on Apache Kafka itself; needs Java 17 and Maven
	@$(RUN) -m deploy.kafka --fetch
	@$(RUN) -m pytest tests/kafka tests/deploy -m kafka -n 2

test-containers: $(VENV)/dev.installed ## run docker-compose.yml on Docker, breaking things; needs Docker, or root and Debian
	@$(RUN) -m deploy.containers $(RUN) -m pytest tests/containers -m containers -n 0

kafka: $(VENV)/dev.installed ## run Apache Kafka on localhost:9092 without Docker; needs Java 17 and Maven
	@$(RUN) -m deploy.kafka

lint: $(VENV)/dev.installed ## check style, formatting and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

format: $(VENV)/dev.installed ## format the code
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

schemas: $(VENV)/dev.installed ## write schemas/json from the code
	$(RUN) -m schemas

dashboards: $(VENV)/dev.installed ## write deploy/grafana/dashboards from the code
	@$(RUN) -m deploy.grafana

docs: $(VENV)/dev.installed ## write docs/settings.md from the code and build docs/ into build/site; a broken link fails
	@$(RUN) -m deploy.docs
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet

locks: $(VENV)/dev.installed ## pin again what the images install
	@$(RUN) -m deploy.docker

sbom: $(VENV)/dev.installed ## write what the images install to build/sbom, as CycloneDX
	@mkdir -p build/sbom
	@for list in deploy/docker/requirements/*.txt; do $(RUN) -W ignore -m cyclonedx_py requirements $$list \
	  --pyproject pyproject.toml --output-reproducible --output-file build/sbom/$$(basename $$list .txt).cdx.json || exit; done

bump: $(VENV)/dev.installed ## write a new version to all files that have it: make bump TO=0.2.0
	@$(RUN) -m bumpversion bump --new-version $(TO)

coverage: $(VENV)/dev.installed ## run all tests and show which lines they miss
	$(RUN) -m pytest --cov --cov-report=term-missing:skip-covered

benchmark: $(VENV)/dev.installed models/default/manifest.json ## compare the worker with its client alone and its peers
	@$(RUN) -m benchmarks.throughput

models/default/manifest.json:
	@$(RUN) -m training fit --out models/default

clean: ## remove the environment and all caches; trained models stay
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An extra is installed again when pyproject.toml changes.
$(VENV)/%.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else \
	  f"Python 3.11, 3.12 or 3.13 is needed, this is {v[0]}.{v[1]}; name another one: make PYTHON=python3.12 ...")'
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV); TensorFlow is large, this takes a minute or more ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	@touch $@
