# Two commands for a fresh machine: `make run` and `make test`. Both prepare what they need first.
.DEFAULT_GOAL := help
.PHONY: help setup likeness run test services fingerprint train compare comparison accuracy bench readers fuzz fuzz-parsers lock clean
MANIFEST ?= ../shared/data/headshots/manifest.csv
C2PA ?= ../shared/data/c2pa
MINUTES ?= 30
WEIGHTS ?= detector/weights
COUNT ?= 10000
SEED ?= 8
RUNS ?= 200000
UV := uv==0.13.9

help:
	@echo "make run       start the site here (PORT=8000), with a demo to look at; Ctrl-C stops it"
	@echo "make test      linters, checks and all tests (make test TESTS=tests/detector for some)"
	@echo "make setup     the virtual environment, pinned packages and face models alone"
	@echo "make likeness  the packages and the model of the optional likeness score of the booth check"
	@echo "make services  Redis, PostgreSQL and Chromium for the tests that need them, where packages may be installed"
	@echo "make fingerprint  train the networks on labelled headshots (MANIFEST=list.csv MINUTES=30 each; WEIGHTS=folder)"
	@echo "make train     train the signs, and fit what all scores mean (MANIFEST=list.csv; kept in var/training)"
	@echo "make compare   own networks beside the shipped ones (MANIFEST=list.csv WEIGHTS=folder)"
	@echo "make accuracy  measure them again and write docs/accuracy.md"
	@echo "make comparison  measure how well a comparison with an original tells what was changed (MANIFEST=list.csv)"
	@echo "make bench     what each check costs beside decoding a photo"
	@echo "make readers   two readers of Content Credentials beside each other, and what reading costs (C2PA=folder)"
	@echo "make fuzz      broken files through the examination and the site (COUNT=10000 SEED=8); what fails stays in var/fuzz"
	@echo "make fuzz-parsers  coverage-guided fuzzing of our own parsers, on Linux (RUNS=200000 each)"
	@echo "make lock      pin the newest versions that requirements*.in allow"
	@echo "make clean     remove the virtual environment and caches; var/ with photos and rows stays"

setup:
	@tools/setup.sh

likeness:
	@tools/setup.sh likeness

run:
	@tools/setup.sh demo
	@exec .venv/bin/python manage.py run

test:
	@tools/setup.sh demo dev
	@tools/services.sh
	@tools/check.sh $(TESTS)

services:
	@tools/services.sh

fingerprint: setup
	@tools/training.sh
	@.venv-training/bin/python -m detector.training.fingerprint $(MANIFEST) --minutes $(MINUTES) --weights $(WEIGHTS)

compare: setup
	@.venv/bin/python -m detector.training.compare $(MANIFEST) $(WEIGHTS)

train: setup
	@.venv/bin/python -m detector.training.signs $(MANIFEST)

accuracy: setup
	@.venv/bin/python -m detector.training.accuracy $(MANIFEST) --out docs/accuracy.md

comparison: setup
	@.venv/bin/python -m detector.training.comparison $(MANIFEST)

bench:
	@tools/setup.sh demo
	@.venv/bin/python -m tools.bench

readers:
	@tools/setup.sh
	@.venv/bin/python -m tools.readers $(C2PA)

fuzz:
	@tools/setup.sh demo dev
	@.venv/bin/python -m tools.fuzz --count $(COUNT) --seed $(SEED)

fuzz-parsers:
	@tools/setup.sh demo dev fuzz
	@.venv/bin/python -m tools.fuzz_parsers --runs $(RUNS) --seed $(SEED)

lock: setup
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	@for part in "" -demo -dev -likeness -fuzz; do \
		.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
			requirements$$part.in --output-file requirements$$part.txt || exit 1; \
	done

clean:
	rm -rf .venv .venv-training .mypy_cache .ruff_cache .pytest_cache .import_linter_cache detector/models
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
