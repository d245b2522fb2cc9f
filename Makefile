# Commands of the house. `make` prints them; each sets up what it needs from nothing.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help refresh query portal up down superset superset-down spark rebuild test test-all lint bench faults mutants audit docs replicas clean setup-run setup-dev setup-superset setup-spark

run := . ./env.sh; exec .venv/bin/python
export Q RELEASE

help: ## print what there is
	@echo "Lumbung: an open warehouse of regional indicators for Indonesia, Banten first."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

refresh: setup-run ## fetch, build, audit and release what is new
	@$(run) -m lumbung refresh

query: setup-run ## open a read-only SQL shell on the current release; Q="select ..." or N=21 (docs/gallery.md) for one answer
	@$(run) -m lumbung query $(if $(N),--question $(N))

portal: setup-run ## build the public pages of the current release into var/portal/current
	@$(run) -m portal build

up: setup-run ## start the scheduled service: Airflow, PostgreSQL and the portal, on this machine only
	@$(run) -m service up

down: setup-run ## stop it, whole
	@$(run) -m service down

superset: setup-run setup-superset ## start Superset with our dashboard in both languages, on this machine only
	@$(run) -m bi start

superset-down: setup-run ## stop Superset
	@$(run) -m bi stop

spark: setup-run setup-spark ## build the current release's marts on Apache Spark, and compare every row (docs/spark.md)
	@$(run) -m spark build
	@$(run) -m spark compare

rebuild: setup-run ## build a release again from landed bytes, and compare its tables; RELEASE=...
	@$(run) -m release rebuild "$${RELEASE:?say which: make rebuild RELEASE=ID, see python -m release list}"

test: setup-dev ## run the core tests (at most 10 minutes)
	@$(run) scripts/run_tests.py core

test-all: setup-dev ## run every test; a skipped one counts as failed
	@$(run) scripts/run_tests.py all

lint: setup-dev ## check style, types, the laws of the tree, SQL and configuration
	@. ./env.sh; sh scripts/lint.sh

bench: setup-run ## measure what it costs against its peers (docs/benchmarks.md); ONLY=decode,dbt CHECK=1 QUICK=1
	@$(run) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(if $(CHECK),--check) $(if $(BASELINE),--baseline)

replicas: setup-dev ## start servers on loopback that speak like the sources, faults included
	@$(run) -m tests.replicas

docs: setup-run ## write the tables' documentation as one page, var/docs/index.html
	@. ./env.sh; PYTHONPATH=. exec .venv/bin/python scripts/docs.py

faults: setup-dev ## break everything that can break; kill refreshes at random (N=30)
	@$(run) -m pytest -q tests/faults tests/release/test_switch_under_kill.py
	@$(run) -m benchmarks.faults --faults $(or $(N),30) --out benchmarks/results/faults.json

mutants: setup-dev ## change the code and see whether a test notices (docs/mutation.md); PART=decoder|parsers|release N=300
	@$(run) scripts/mutants.py $(or $(PART),decoder) $(if $(N),--draw $(N))

audit: setup-dev ## ask the vulnerability service about every locked package (needs the network)
	@$(run) -m pip_audit --require-hashes --disable-pip -r requirements.txt -r requirements-dev.txt
	@$(run) -m pip_audit --require-hashes --disable-pip -r requirements-superset.txt
	@$(run) -m pip_audit --require-hashes --disable-pip -r requirements-spark.txt
	@$(run) -m pip_audit --require-hashes --disable-pip -r requirements-s3.txt

clean: ## remove the environment and caches; releases in var/ stay
	@rm -rf .venv .venv-superset .venv-spark .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dbt/target dbt/logs
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed the environment and caches. Fetched bytes and releases stay in var/ (delete it to start over)."

setup-run:
	@sh scripts/setup.sh run

setup-superset:
	@sh scripts/setup.sh superset

setup-spark:
	@sh scripts/setup.sh spark

setup-dev:
	@sh scripts/setup.sh dev
