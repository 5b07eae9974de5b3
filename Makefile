# One word does one thing; `make` alone says which words there are.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TOOLS := $(CURDIR)/.tools
export PATH := $(CURDIR)/$(BIN):$(PATH):$(TOOLS)

# Where tests find real documents; the tests that need them say so when it is empty.
MIRAGE_TEST_DATA ?= $(wildcard $(CURDIR)/../shared/data)
export MIRAGE_TEST_DATA

IMAGE ?= mirage:latest
REGISTRY ?= localhost:5000
HELM_VERSION := v3.19.0
CT_VERSION := v3.14.0
KUBECONFORM_VERSION := v0.7.0
ACTIONLINT_VERSION := v1.7.8
KIND_VERSION := v0.30.0
K3D_VERSION := v5.8.3

VERSION ?= $(shell sed -n 's/^version: //p' charts/mirage/Chart.yaml)
CHART_IMAGE := ghcr.io/mirage-rag/mirage:$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help demo up test lint types borders drift unit chaos bench mutants schema image e2e chart-lint chart-install \
  cluster-kind cluster-k3d load-kind load-k3d release-check publish verify-release tools lock clean

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9 -]+:.*## / {sub(/:.*/, "", $$1); printf "  \033[1m%-25s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.embedded  ## Index a small library on this machine and ask it three questions
	@$(BIN)/python demo/run.py

up: $(VENV)/.embedded  ## Run everything on this machine until Ctrl-C
	@$(BIN)/mirage up

test: lint types borders drift unit  ## All that needs no cluster: lint, types, borders, tests on PostgreSQL 16 and 18

lint: $(VENV)/.dev
	ruff format --check .
	ruff check .

types: $(VENV)/.dev
	mypy

borders: $(VENV)/.dev
	lint-imports

drift: $(VENV)/.dev
	python -m schema check
	python -m reference check

unit: $(VENV)/.dev tools
	pytest --ignore=tests/cluster $(ARGS)

# Each scenario is compared with an undisturbed run; a seed that failed is SEED=... the next time.
chaos: $(VENV)/.dev  ## Kill indexers, PostgreSQL and the embedder while they work (KILLS=30)
	@python -m tests.chaos $(or $(KILLS),30) $(SEED)

bench: $(VENV)/.dev  ## Compare speed, memory and ranking with other ways, as ratios (ARGS="memory")
	@python -m tests.bench $(ARGS)

# A test that cannot fail is a defect: each of these mistakes must be noticed by the tests it names.
mutants: $(VENV)/.dev tools  ## Make known mistakes in a copy, and list those that no test notices (ARGS="bm25-without-idf")
	@nice -n 5 python -m tests.mutants $(ARGS)

schema: $(VENV)/.dev  ## Write anew what is made from the code: chart values and the pages in docs/
	python -m schema write
	python -m reference write

image:  ## Build the container image
	docker build -t $(IMAGE) .

e2e: $(VENV)/.dev tools  ## Build, push, install and test on the Kubernetes that KUBECONFIG names
	pytest -p no:randomly --durations=0 -s tests/cluster $(ARGS)

chart-lint: $(VENV)/.dev tools  ## Lint chart and workflows
	ct lint --config ct.yaml
	actionlint

tools:  ## Build Helm, chart-testing, kubeconform and actionlint where they are missing
	@$(call tool,helm,helm.sh/helm/v3/cmd/helm@$(HELM_VERSION))
	@$(call tool,ct,github.com/helm/chart-testing/v3/ct@$(CT_VERSION))
	@$(call tool,kubeconform,github.com/yannh/kubeconform/cmd/kubeconform@$(KUBECONFORM_VERSION))
	@$(call tool,actionlint,github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION))

cluster-kind cluster-k3d: cluster-%:  ## Make a throw-away cluster with kind or k3d
	@$(if $(filter kind,$*),$(call tool,kind,sigs.k8s.io/kind@$(KIND_VERSION)),$(call tool,k3d,github.com/k3d-io/k3d/v5@$(K3D_VERSION)))
	$* $(if $(filter kind,$*),create cluster --name mirage --wait 180s,cluster create mirage --wait)

# Under the name that the chart asks for, so that nothing is pulled.
load-kind load-k3d: load-%:  ## Load the image into that cluster
	docker tag $(IMAGE) $(CHART_IMAGE)
	$(if $(filter kind,$*),kind load docker-image --name mirage,k3d image import --cluster mirage) $(CHART_IMAGE)

chart-install: $(VENV)/.dev tools  ## Install and test the chart with chart-testing on the current cluster
	ct install --config ct.yaml

release-check: tools  ## Check that VERSION is what chart and program say
	test "$$(helm show chart charts/mirage | sed -n 's/^version: //p')" = "$(VERSION)"
	test "$$(helm show chart charts/mirage | sed -n 's/^appVersion: //p' | tr -d '\"')" = "$(VERSION)"
	grep -qx '__version__ = "$(VERSION)"' mirage/__init__.py

publish: tools  ## Push image and chart of VERSION to REGISTRY
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

lock:  ## Resolve all dependencies anew and write the lock files
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install -q uv
	$(COMPILE) pyproject.toml -o requirements/base.txt
	$(COMPILE) --extra embedded pyproject.toml -o requirements/embedded.txt
	$(COMPILE) --extra embedded --group dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) requirements/build.in -o requirements/build.txt
	rm -rf $(VENV)-lock

clean:  ## Remove what was made here
	rm -rf $(VENV) $(TOOLS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

# A development environment holds all that the embedded mode needs.
$(VENV)/.embedded: requirements/embedded.txt requirements/build.txt
	@test -e $(VENV)/.dev || { $(call install,embedded); }
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/build.txt
	@$(call install,dev)
	@touch $@

COMPILE = $(VENV)-lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 \
  --generate-hashes --no-annotate --custom-compile-command "make lock"

install = $(PYTHON) -c 'import sys; sys.exit("miRAGe needs Python 3.11 to 3.13") if not (3, 11) <= sys.version_info < (3, 14) else None' \
  && echo "making the environment in $(VENV) (about a minute)" \
  && $(PYTHON) -m venv $(VENV) \
  && $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/$(1).txt -r requirements/build.txt \
  && $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --editable .

tool = command -v $(1) >/dev/null || { \
  command -v go >/dev/null || { echo "$(1) is missing, and so is Go to build it: install one of them" >&2; exit 1; }; \
  echo "building $(2)"; GOBIN=$(TOOLS) GOFLAGS=-trimpath CGO_ENABLED=0 go install $(2); }
