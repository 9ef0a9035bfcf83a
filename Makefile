# What people run. `make help` lists it. Everything is made once and again only when what it is made of has changed:
# the stamps (.venv/.runtime and such) say when that was.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
# The first Python that is new enough. Say PYTHON=... to choose.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)

# The real tools. Those whose libraries do not bear each other's versions have a module of their own below tools/.
GO_TEST_TOOLS := github.com/open-policy-agent/opa github.com/open-policy-agent/conftest \
	github.com/yannh/kubeconform/cmd/kubeconform sigs.k8s.io/kustomize/kustomize/v5 \
	$(patsubst tools/%/main.go,./%,$(wildcard tools/*/main.go))
GO_BUILD := go build -buildvcs=false -trimpath

# Tests share nothing but what they only read, or build once under a lock.
PYTEST_ARGS ?= -n 2 --dist worksteal
BENCH_ARGS ?=

.PHONY: help demo test lint format bench bench-tools tools node-tools lock clean docs

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | \
		while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: $(VENV)/.runtime ## install karlint into .venv, lint examples/clusters, write karlint.sarif
	@rm -f karlint.sarif
	@$(PY) -m karlint check --format sarif --output karlint.sarif examples/clusters || { code=$$?; \
		[ $$code -eq 1 ] || { echo "karlint ended with exit code $$code, which is not about findings" >&2; exit $$code; }; }
	@test -s karlint.sarif || { echo "karlint wrote no SARIF report" >&2; exit 1; }
	@echo
	@echo "The same findings as SARIF: $(CURDIR)/karlint.sarif"

test: $(VENV)/.dev $(VENV)/wheels/.stamp tools node-tools lint ## lint, then run every test (Go and Node are used where there are any)
	$(PY) -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev ## check style, types and the map of the house
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy benchmarks requirements
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## let ruff format and fix
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

tools: tools/bin/.test ## build the real tools that tests compare with into tools/bin (needs Go)

node-tools: tests/node/node_modules/.stamp

docs: $(VENV)/.dev ## write docs/ anew from the rules and schemas
	$(PY) -m karlint dev docs

bench: $(VENV)/.dev bench-tools ## time karlint and its peers on the same tree (BENCH_ARGS="--help")
	$(PY) benchmarks/bench.py $(BENCH_ARGS)
	$(PY) benchmarks/rules.py | tail -2

bench-tools: tools/bin/.test tools/bin/.bench benchmarks/.work/checkov/.stamp

lock: ## write requirements/*.lock anew from pyproject.toml (needs Python 3.11)
	$(PYTHON) requirements/lock.py

clean: ## remove everything that was made
	rm -rf $(VENV) tools/bin benchmarks/.work tests/node/node_modules dist build karlint.sarif
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# ---- what the above is made of ----

$(VENV)/.created:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "karlint needs Python 3.11 or newer; $(if $(PYTHON),$(PYTHON) is not,none is on the PATH)." \
		"Install one, or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) could not make a virtual environment; on Debian and Ubuntu its venv module is a package of its own" \
		"(python3-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.created requirements/runtime.lock pyproject.toml
	@echo "Installing karlint into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.lock
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.lock
	@echo "Installing the development tools into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

# What tests install from, so that the tests themselves need no network.
$(VENV)/wheels/.stamp: $(VENV)/.created requirements/runtime.lock requirements/unsaid.lock
	@echo "Fetching what tests install into $(@D) ..."
	@rm -rf $(@D) && $(PIP) download --require-hashes -r requirements/runtime.lock -r requirements/unsaid.lock --dest $(@D)
	@touch $@

# $(call build_or_skip,what,commands,stamp): without Go it fails in CI, where nothing may be skipped, and says so elsewhere.
define build_or_skip
	@if command -v go >/dev/null 2>&1; then \
		echo "Building in tools/bin: $(1)"; mkdir -p tools/bin; (cd tools && $(2)) && touch $(3); \
	elif [ -n "$$CI" ]; then echo "Go is missing, and CI must not skip: $(1)" >&2; exit 1; \
	else echo "SKIPPED: Go is missing, so tests that need these tools are skipped: $(1)" >&2; fi
endef

tools/bin/.test: tools/go.mod tools/go.sum tools/gator/go.mod tools/gator/go.sum $(wildcard tools/*/*.go)
	$(call build_or_skip,opa conftest gator kubeconform kustomize helm helm3 and references,\
		$(GO_BUILD) -o bin/ $(GO_TEST_TOOLS) && \
		$(GO_BUILD) -o bin/helm helm.sh/helm/v4/cmd/helm && \
		$(GO_BUILD) -o bin/helm3 helm.sh/helm/v3/cmd/helm && \
		cd gator && $(GO_BUILD) -o ../bin/ github.com/open-policy-agent/gatekeeper/v3/cmd/gator,$@)

tools/bin/.bench: tools/peers/go.mod tools/peers/go.sum
	$(call build_or_skip,kube-linter,cd peers && $(GO_BUILD) -o ../bin/ golang.stackrox.io/kube-linter/cmd/kube-linter,$@)

# The validator comes as a binary for Linux only.
tests/node/node_modules/.stamp: tests/node/package.json tests/node/package-lock.json
	@if [ "$$(uname -s)" != Linux ]; then echo "SKIPPED: the SARIF validator is built for Linux only" >&2; \
	elif command -v npm >/dev/null 2>&1; then \
		echo "Installing the SARIF validator in tests/node"; (cd tests/node && npm ci --no-audit --no-fund --silent) && touch $@; \
	elif [ -n "$$CI" ]; then echo "npm is missing, and CI must not skip the SARIF validator" >&2; exit 1; \
	else echo "SKIPPED: npm is missing, so the SARIF validator is not run" >&2; fi

benchmarks/.work/checkov/.stamp: benchmarks/checkov.txt
	@echo "Installing checkov into benchmarks/.work/checkov ..."
	@test -n "$(PYTHON)" && { test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D); }
	@$(@D)/bin/python -m pip --disable-pip-version-check --quiet install -r benchmarks/checkov.txt
	@touch $@
