# `make` alone lists the targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TOOLS := $(CURDIR)/.tools
export PATH := $(CURDIR)/$(BIN):$(PATH):$(TOOLS)

# Folder of real documents for tests; if it is empty, the tests that need them are skipped.
MIRAGE_TEST_DATA ?= $(wildcard $(CURDIR)/../shared/data)
export MIRAGE_TEST_DATA

IMAGE ?= mirage:latest
REGISTRY ?= localhost:5000
HELM_VERSION := v3.19.0
CT_VERSION := v3.14.0
KUBECONFORM_VERSION := v0.7.0
KUBE_SCORE_VERSION := v1.20.0
CHECKOV_VERSION := 3.3.30
ACTIONLINT_VERSION := v1.7.8
KIND_VERSION := v0.30.0
K3D_VERSION := v5.8.3
HELM_SOURCE := helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)
# The Kubernetes that this Helm was made for, as its own release is built; else it renders for 1.20.
HELM_FLAGS_OF_GO := -ldflags "$(foreach package,chartutil lint/rules,$(foreach part,Major=1 Minor=34, \
  -X helm.sh/helm/v3/pkg/$(package).k8sVersion$(part)))"
KUBECONFORM_SOURCE := github.com/yannh/kubeconform/cmd/kubeconform@$(KUBECONFORM_VERSION)

KUBE_SCORE_SOURCE := github.com/zegl/kube-score/cmd/kube-score@$(KUBE_SCORE_VERSION)

VERSION ?= $(shell sed -n 's/^version: //p' charts/mirage/Chart.yaml)
CHART_IMAGE := ghcr.io/mirage-rag/mirage:$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help demo picture up fast test test-all lint types borders unit coverage chaos bench mutants schema image e2e chart-lint scan chart-install \
  cluster-kind cluster-k3d load-kind load-k3d release-check publish verify-release tools test-tools lock clean

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9 -]+:.*## / {sub(/:.*/, "", $$1); printf "  \033[1m%-25s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.embedded  ## Index a small library on this machine and ask it three questions
	@$(BIN)/python demo/run.py

picture: $(VENV)/.embedded  ## Draw the picture in the README from a run of the demo
	$(BIN)/python demo/run.py | $(BIN)/python demo/picture.py

up: $(VENV)/.embedded  ## Run everything on this machine until Ctrl-C
	@$(BIN)/mirage up

fast: lint types  ## Lint, types, and tests without a database or real documents: while you write
	$(PYTEST) -m "not slow" --durations=5 --durations-min=0.5 --ignore=tests/unit/parse/test_library.py \
	  tests/unit tests/schema $(ARGS)

test: MARKS ?= not exhaustive
test: lint types borders unit  ## All that needs no cluster: lint, types, borders, tests on PostgreSQL 18

test-all:  ## The same on every supported PostgreSQL, as CI does
	@$(MAKE) test MARKS= MIRAGE_TEST_POSTGRES="16 18" MIRAGE_TEST_GENERATED=1000

lint: $(VENV)/.dev
	ruff format --check .
	ruff check .

types: $(VENV)/.dev
	mypy

borders: $(VENV)/.dev
	lint-imports

# One process per core: psutil would make `auto` count cores without their second threads.
PYTEST = pytest -n logical --dist loadgroup

unit: $(VENV)/.dev test-tools
	$(PYTEST) --ignore=tests/cluster -m "$(MARKS)" $(ARGS)

coverage: $(VENV)/.dev test-tools
	$(PYTEST) --ignore=tests/cluster --cov $(ARGS)

# Each scenario is compared with an undisturbed run. To repeat a failure, pass its SEED=...
chaos: $(VENV)/.dev  ## Kill indexers, PostgreSQL and the embedder while they work (KILLS=30)
	@python -m tests.chaos $(or $(KILLS),30) $(SEED)

bench: $(VENV)/.dev  ## Compare speed, memory and ranking with other ways, as ratios (ARGS="memory")
	@python -m tests.bench $(ARGS)

# A test that cannot fail is a defect: each of these mistakes must be noticed by the tests it names.
mutants: $(VENV)/.dev test-tools  ## Make known mistakes in a copy, and list those that no test notices (ARGS="bm25-without-idf")
	@nice -n 5 python -m tests.mutants $(ARGS)

schema: $(VENV)/.dev  ## Generate files from the code: chart values and the pages in docs/
	python -m schema write
	python -m reference write

image:  ## Build the container image
	docker build -t $(IMAGE) .

e2e: $(VENV)/.dev tools  ## Build, push, install and test on the cluster of KUBECONFIG
	pytest -p no:randomly -p helm-charts --durations=0 -s tests/cluster $(ARGS)

chart-lint: $(VENV)/.dev tools  ## Lint chart and workflows
	ct lint --config ct.yaml
	actionlint

# In an environment of its own, because it fixes the versions of half a hundred packages.
scan: $(VENV)/.dev test-tools  ## Scan the renders of all values files with checkov
	@test -x $(TOOLS)/checkov/bin/checkov || { $(PYTHON) -m venv $(TOOLS)/checkov && \
	  $(TOOLS)/checkov/bin/pip install -q --disable-pip-version-check checkov==$(CHECKOV_VERSION); }
	PATH="$(PATH):$(TOOLS)/checkov/bin" python -m tests.chart.scanners

# What the chart's tests need; without it they are skipped, and with MIRAGE_TEST_STRICT they fail.
test-tools:
	@for tool in helm kubeconform kube-score; do \
	  command -v $$tool >/dev/null || command -v go >/dev/null || \
	    echo "$$tool is missing, and so is Go to build it: the tests that need it are skipped" >&2; done
	@! command -v go >/dev/null || { $(call tool,helm,$(HELM_SOURCE),$(HELM_FLAGS_OF_GO)); }
	@! command -v go >/dev/null || { $(call tool,kubeconform,$(KUBECONFORM_SOURCE)); }
	@! command -v go >/dev/null || { $(call tool,kube-score,$(KUBE_SCORE_SOURCE)); }

tools:  ## Build Helm, chart-testing, kubeconform and actionlint where they are missing
	@$(call tool,helm,$(HELM_SOURCE),$(HELM_FLAGS_OF_GO))
	@$(call tool,ct,github.com/helm/chart-testing/v3/ct@$(CT_VERSION))
	@$(call tool,kubeconform,$(KUBECONFORM_SOURCE))
	@$(call tool,actionlint,github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION))

cluster-kind cluster-k3d: cluster-%:  ## Create a temporary cluster with kind or k3d
	@$(if $(filter kind,$*),$(call tool,kind,sigs.k8s.io/kind@$(KIND_VERSION)),$(call tool,k3d,github.com/k3d-io/k3d/v5@$(K3D_VERSION)))
	$* $(if $(filter kind,$*),create cluster --name mirage --wait 180s,cluster create mirage --wait)

# Use the image name of the chart, so that nothing is pulled.
load-kind load-k3d: load-%:  ## Load the image into that cluster
	docker tag $(IMAGE) $(CHART_IMAGE)
	$(if $(filter kind,$*),kind load docker-image --name mirage,k3d image import --cluster mirage) $(CHART_IMAGE)

chart-install: $(VENV)/.dev tools  ## Install and test the chart with chart-testing on the current cluster
	ct install --config ct.yaml

release-check: tools  ## Check that VERSION is the version of chart and program
	test "$$(helm show chart charts/mirage | sed -n 's/^version: //p')" = "$(VERSION)"
	test "$$(helm show chart charts/mirage | sed -n 's/^appVersion: //p' | tr -d '\"')" = "$(VERSION)"
	grep -qx '__version__ = "$(VERSION)"' mirage/__init__.py

publish: tools  ## Push image and chart of VERSION to REGISTRY, unless that version is there
	@! helm show chart oci://$(REGISTRY)/charts/mirage --version $(VERSION) $(HELM_FLAGS) >/dev/null 2>&1 || \
	  { echo "$(VERSION) is published already: a published version never changes; raise the version" >&2; exit 1; }
	docker tag $(IMAGE) $(REGISTRY)/mirage:$(VERSION)
	docker push $(REGISTRY)/mirage:$(VERSION)
	helm package charts/mirage --destination dist
	helm push dist/mirage-$(VERSION).tgz oci://$(REGISTRY)/charts $(HELM_FLAGS)

verify-release: tools  ## Install VERSION from REGISTRY on the current cluster and test it
	helm install mirage oci://$(REGISTRY)/charts/mirage --version $(VERSION) $(HELM_FLAGS) \
	  --namespace mirage --create-namespace --values charts/mirage/ci/default-values.yaml \
	  --set image.registry=$(firstword $(subst /, ,$(REGISTRY))) \
	  --set image.repository=$(subst $() ,/,$(wordlist 2,9,$(subst /, ,$(REGISTRY))) mirage) \
	  --wait --wait-for-jobs --timeout 15m
	helm test mirage --namespace mirage --logs

lock:  ## Resolve all dependencies again and write the lock files
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install -q uv
	$(COMPILE) pyproject.toml -o requirements/base.txt
	$(COMPILE) --extra embedded pyproject.toml -o requirements/embedded.txt
	$(COMPILE) --extra embedded --group dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) requirements/build.in -o requirements/build.txt
	rm -rf $(VENV)-lock

clean:  ## Remove generated files and environments
	rm -rf $(VENV) $(TOOLS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage build dist

# A development environment includes all dependencies of the embedded mode.
$(VENV)/.embedded: requirements/embedded.txt requirements/build.txt
	@test -e $(VENV)/.dev || { $(call install,embedded); }
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/build.txt
	@$(call install,dev)
	@touch $@

COMPILE = $(VENV)-lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 \
  --generate-hashes --no-annotate --custom-compile-command "make lock"

install = $(PYTHON) -c 'import sys; sys.exit("miRAGe needs Python 3.11 to 3.13") if not (3, 11) <= sys.version_info < (3, 14) else None' \
  && echo "creating the environment in $(VENV) (about a minute)" \
  && $(PYTHON) -m venv $(VENV) \
  && $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/$(1).txt -r requirements/build.txt \
  && $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --editable .

tool = command -v $(1) >/dev/null || { \
  command -v go >/dev/null || { echo "$(1) and Go are missing: install $(1), or Go to build it" >&2; exit 1; }; \
  echo "building $(2)"; GOBIN=$(TOOLS) GOFLAGS=-trimpath CGO_ENABLED=0 go install $(3) $(2); }
